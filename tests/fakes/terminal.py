"""The real program in a real pty: keys in, every byte it writes out, and the screen they make."""

from __future__ import annotations

import base64
import binascii
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pyte

CWTUI = (sys.executable, "-m", "cwtui")

ENTER, ESC, TAB, UP, DOWN, RIGHT, LEFT = "\r", "\x1b", "\t", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
PALETTE, LEAVE = "\x10", "\x11"

PATIENCE = 60.0
"""Seconds until a wait gives up: far more than anything takes, for machines that are busy."""

_ASKS_FOR_SYNC = b"\x1b[?2026$p"
_FRAME_BEGINS, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"

Wanted = str | Callable[[str], bool]


_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A program in a pty of the given size. `raw` is every byte it wrote so far.

    It says that it knows synchronised output, as terminals of today do, so that the program marks where
    its frames end: a half-drawn screen is never looked at.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.raw = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        # Workers of pytest-xdist carry these; a program believes them more than its terminal.
        environment = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
        environment.update(env or {})
        self._fd, theirs = pty.openpty()
        _set_size(theirs, columns, rows)
        # No `pty.fork`: a test may call this in a thread, where Python code in a forked child is not safe.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL, *argv],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)
        self.exit_code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.exit_code is None:
            self._process.kill()
            self._process.wait()
        os.close(self._fd)

    # ------------------------------------------------------------------ what it shows

    @property
    def text(self) -> str:
        """What the screen shows now."""
        return "\n".join(self.rows)

    @property
    def rows(self) -> list[str]:
        """The rows of the screen, each as wide as it is."""
        # Not `Screen.display`: it fails on a combining mark behind a wide character.
        columns = range(self._screen.columns)
        return [
            "".join(self._screen.buffer[row][column].data for column in columns)
            for row in range(self._screen.lines)
        ]

    @property
    def said_at_the_end(self) -> str:
        """What was written to the shell's screen after leaving the program's own."""
        after = self.raw.rpartition(b"\x1b[?1049l")[2].decode(errors="replace")
        return re.sub(r"\x1b(\[[0-9;?<>=]*[A-Za-z]|[=>78])", "", after).strip()

    @property
    def is_restored(self) -> bool:
        """The terminal is as a shell wants it: main screen, cursor, no mouse reports, echo, signals."""
        switched = {
            mode: on
            for modes, on in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.raw)
            for mode in modes.split(b";")
        }
        local_flags = termios.tcgetattr(self._fd)[3]
        wanted = termios.ECHO | termios.ICANON | termios.ISIG
        off = (b"1049", b"1000", b"1003", b"1006", b"1004", b"2004")
        return (
            local_flags & wanted == wanted
            and switched.get(b"25", b"h") == b"h"
            and all(switched.get(mode, b"l") == b"l" for mode in off)
        )

    # ------------------------------------------------------------------ what is done to it

    def send(self, keys: str) -> None:
        data = keys.encode()
        while data:
            data = data[os.write(self._fd, data) :]

    def press(self, keys: str, then: Wanted, seconds: float = PATIENCE) -> str:
        """Sends keys and waits for what they bring, which must not be there already."""
        assert not _pleases(then)(self.text), f"{then!r} is there already; {self._state()}"
        self.send(keys)
        return self.wait_for(then, seconds)

    def click(self, text: str) -> None:
        """Presses and lets go the left button in the middle of a text on the screen."""
        row, line = next((number, line) for number, line in enumerate(self.rows) if text in line)
        column = line.index(text) + len(text) // 2
        self.send(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def resize(self, columns: int, rows: int) -> None:
        """Changes the size, which the kernel tells the program by SIGWINCH."""
        self._screen.resize(rows, columns)
        _set_size(self._fd, columns, rows)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def hang_up(self) -> int:
        """The terminal goes away, as when its window is closed; the exit code of the program then."""
        os.close(self._fd)
        self._fd = os.open(os.devnull, os.O_RDWR)
        given_up = threading.Timer(PATIENCE, self._process.kill)
        given_up.start()
        self.exit_code = self._process.wait()
        given_up.cancel()
        return self.exit_code

    # ------------------------------------------------------------------ waiting

    def wait_for(self, wanted: Wanted, seconds: float = PATIENCE) -> str:
        """Reads until the screen holds the text (or pleases the function); its text then."""
        pleases = _pleases(wanted)
        end = time.monotonic() + seconds
        while self._in_frame or not pleases(self.text):
            if not self._read(max(0.0, end - time.monotonic())):
                raise AssertionError(f"never came: {wanted!r}; {self._state()}")
        return self.text

    def wait_for_end(self, seconds: float = PATIENCE) -> int:
        """Reads to the program's end; its exit code."""
        end = time.monotonic() + seconds
        while self._read(max(0.0, end - time.monotonic())):
            pass
        if time.monotonic() >= end:
            raise AssertionError(f"the program did not end; {self._state()}")
        self.exit_code = self._process.wait()
        return self.exit_code

    @property
    def _in_frame(self) -> bool:
        return self.raw.rfind(_FRAME_BEGINS) > self.raw.rfind(_FRAME_ENDS)

    def _state(self) -> str:
        log = Path(os.environ["XDG_STATE_HOME"], "cwtui", "cwtui.log")
        said = log.read_text()[-3000:] if log.exists() else ""
        return f"ended: {self._process.poll()}, the screen:\n{self.text}\n{said}"

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65_536)
        except OSError as error:
            if error.errno == errno.EIO:  # Linux says so when the child has gone
                return False
            raise
        self.raw += data
        if _ASKS_FOR_SYNC in data:
            self.send("\x1b[?2026;2$y")
        # pyte takes ESC[>...m (a question about the keyboard) for colours; a terminal does not.
        self._stream.feed(re.sub(rb"\x1b\[[>=?<][0-9;]*[mu]", b"", data))
        return bool(data)


def _pleases(wanted: Wanted) -> Callable[[str], bool]:
    return wanted if callable(wanted) else lambda screen: wanted in screen


def _set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


# ---------------------------------------------------------------------- what may be in the bytes

_MOUSE_ON = b"\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"
_MOUSE_OFF = b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
BEGINNING = (
    b"\x1b[?1049h" + _MOUSE_ON + b"\x1b[?25l\x1b[?1004h\x1b[>25u\x1b[?2026$p\x1b[?2048$p\x1b[?2004h\x1b[?7l"
) + _MOUSE_ON
"""What Textual 8.2.8 writes first: `LinuxDriver.start_application_mode`."""
ENDING = b"\x1b[?2004l\x1b[?7h" + _MOUSE_OFF + b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l" + _MOUSE_OFF
"""What it writes last: `LinuxDriver.stop_application_mode`, then `disable_input` once more."""

# Between the two it writes only these: marks around a frame, `Control.move_to`, `Strip.render` (text with a
# style before it and a reset behind it, no control in between), the line ends of a whole screen, the shape
# of the pointer, and `App.copy_to_clipboard`. Whatever else there is came from a log line: even a colour,
# which would stand inside a styled text, and even text without a style, which a foreign reset would make.
_FRAME = re.compile(
    rb"(?P<styled>\x1b\[[0-9;]+m(?P<text>[^\x00-\x1f\x7f]*)\x1b\[0m)"
    rb"|\x1b\[\?2026[hl]"
    rb"|\x1b\[[0-9]+;[0-9]+H"
    rb"|\r\n"
    rb"|\x1b\]22;[a-z-]+\x07"
    rb"|\x1b\]52;c;(?P<copied>[A-Za-z0-9+/=]*)\x07"
    rb"|(?P<foreign>[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)


class Foreign(NamedTuple):
    """A byte sequence or a character that the program should not have written."""

    what: str
    near: str


def foreign_controls(raw: bytes) -> list[Foreign]:
    """What the bytes of a whole run of the terminal face hold that Textual did not write by itself."""
    if not raw.startswith(BEGINNING):
        return [Foreign("the beginning", repr(raw[: len(BEGINNING)]))]
    body, ending, after = raw[len(BEGINNING) :].rpartition(ENDING)
    if not ending:
        return [Foreign("the ending", repr(raw[-len(ENDING) :]))]
    return [*_foreign_in_frames(body), *foreign_in_text(after)]


def foreign_in_text(raw: bytes) -> list[Foreign]:
    """What the bytes of a command that prints plain text hold beyond printable text and line ends."""
    return list(_foreign_characters(raw.replace(b"\r\n", b"")))


def _foreign_in_frames(body: bytes) -> Iterator[Foreign]:
    for match in _FRAME.finditer(body):
        if match["foreign"] is not None:
            start = match.start()
            yield Foreign(repr(match["foreign"][:20]), repr(body[max(0, start - 60) : start + 60]))
        elif match["text"]:
            yield from _foreign_characters(match["text"])
        elif match["copied"]:
            yield from _foreign_copy(match["copied"])


def _foreign_copy(copied: bytes) -> Iterator[Foreign]:
    try:
        text = base64.b64decode(copied, validate=True)
    except binascii.Error:
        yield Foreign("a clipboard that is no base64", repr(copied[:60]))
        return
    yield from _foreign_characters(text.replace(b"\n", b""))


def _foreign_characters(data: bytes) -> Iterator[Foreign]:
    if data.isascii() and not re.search(rb"[\x00-\x1f\x7f]", data):
        return
    text = data.decode("utf-8", "surrogateescape")
    for place, character in enumerate(text):
        # Controls, format characters (bidi, zero width, tags), what is no UTF-8, line and paragraph ends.
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            continue
        if character == "\u200d" and _joins_pictures(text, place):
            continue
        yield Foreign(ascii(character), ascii(text[max(0, place - 30) : place + 30]))


def _joins_pictures(text: str, place: int) -> bool:
    around = (text[place - 1 : place], text[place + 1 : place + 2])
    return all(character and unicodedata.category(character) in ("So", "Sk", "Mn") for character in around)
