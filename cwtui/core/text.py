"""The one door from foreign text to a screen.

Foreign is everything cwtui did not write itself: messages, group and stream names, error texts,
file and profile names, model answers. What passes here holds no byte that a terminal obeys: what
could act is made visible, not removed (C0 as control pictures, the rest as escapes), and nothing
of it is ever parsed as markup, because widgets get `Content`/`Text`, never a `str` to parse.

The raw text stays raw in the window and in exports.
"""

from __future__ import annotations

import re
from typing import NewType

SafeText = NewType("SafeText", str)
"""A string without a character that a terminal obeys; made here only."""

LIST_LIMIT = 4096
"""Characters of one message that a list ever looks at."""

# Everything a terminal, a screen grid or a reader's eye can be steered with: C0, DEL and C1,
# soft hyphen and Arabic letter mark, zero-width and bidi controls, line and paragraph separators,
# invisible operators, interlinear and tag characters, variation selectors' supplement, surrogates,
# noncharacters and the private planes (whose width nobody knows).
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_EMOJI_JOINER = re.compile(
    "(?<=[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d(?=[\U0001f000-\U0001faff\u2600-\u27bf])"
)
_TAB = "    "


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\t":
        return _TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that was no UTF-8, as `surrogateescape` keeps it: its reader knows it as the byte.
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    return f"\\U{code:08x}"


def printable(text: str) -> SafeText:
    """One line, safe to show: newlines become `␊`, tabs four spaces, controls their pictures."""
    if text.isascii() and text.isprintable():
        return SafeText(text)
    if "\u200d" in text:
        # A joiner between two pictographs is part of one glyph; anywhere else it hides things.
        pieces = _EMOJI_JOINER.split(text)
        return SafeText("\u200d".join(_UNSAFE.sub(_visible, piece) for piece in pieces))
    return SafeText(_UNSAFE.sub(_visible, text))


def printable_lines(text: str) -> list[SafeText]:
    """Several lines, each safe to show. Only `\\n` and `\\r\\n` break lines."""
    return [printable(line) for line in text.replace("\r\n", "\n").split("\n")]


def printable_block(text: str) -> SafeText:
    """Text of several lines, safe to show, newlines kept."""
    return SafeText("\n".join(printable_lines(text)))


def excerpt(text: str, limit: int = LIST_LIMIT) -> SafeText:
    """The beginning of a message for a list, saying how much is not shown."""
    if len(text) <= limit:
        return printable(text)
    return SafeText(f"{printable(text[:limit])} … +{human_bytes(len(text) - limit)}")


def middle(text: str, width: int) -> SafeText:
    """A name cut in its middle to `width` characters, so that its end still tells it apart."""
    safe = printable(text)
    if len(safe) <= width:
        return safe
    if width <= 1:
        return SafeText("…"[:width])
    head = (width - 1) // 2
    return SafeText(f"{safe[:head]}…{safe[len(safe) - (width - 1 - head) :]}")


def human_bytes(count: int) -> str:
    """`812 B`, `18.2 KB`, `1.4 GB` (powers of 1024)."""
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"
