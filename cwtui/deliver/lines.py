"""Bytes of a file as blocks of whole lines: plain or gzip, sound or cut, and nothing but text.

What a crash or a full disk left behind is read as far as it goes; what is wrong with it goes into the
report. A file that is no text at all is refused in one sentence.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cwtui.core.errors import DataError

_BLOCK = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class ReadReport:
    """What reading found out, filled as it goes."""

    records: int = 0
    malformed: int = 0
    """Records without a usable timestamp or message, kept as far as they go."""
    notes: list[str] = field(default_factory=list)
    """Sentences for a person: what is cut or damaged, and where."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Whole lines that stand together in a file."""

    first_line: int
    """Number of the first of them, from 1."""
    lines: list[bytes]
    cut: bool = False
    """The last line has no line end: nobody knows whether it is whole."""


def line_blocks(file: BinaryIO, name: str, report: ReadReport) -> Iterator[LineBlock]:
    """The lines of `file`, a block at a time. Raises DataError for what is not text."""
    number = 1
    pieces: list[bytes] = []
    for block in _text(file, name, report):
        head, newline, tail = block.rpartition(b"\n")
        if not newline:
            pieces.append(block)
            continue
        lines = b"".join((*pieces, head)).split(b"\n")
        pieces = [tail] if tail else []
        yield LineBlock(number, lines)
        number += len(lines)
    if pieces:
        yield LineBlock(number, [b"".join(pieces)], cut=True)


def _text(file: BinaryIO, name: str, report: ReadReport) -> Iterator[bytes]:
    first = file.read(_BLOCK)
    if not first:
        raise DataError(f"{name} is empty.", "There is nothing to open in it.", code="empty")
    blocks = _blocks(first, file)
    if first.startswith(_GZIP_MAGIC):
        blocks = _unpacked(blocks, name, report)
    started = False
    for block in blocks:
        if not started:
            block = block.removeprefix(_BOM)
            started = True
        if b"\x00" in block:
            raise DataError(
                f"{name} is not text: it holds binary data.",
                "cwtui opens recordings, JSON lines and the JSON of `aws logs`, gzip or plain.",
                code="binary",
            )
        yield block


def _blocks(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield first
    while block := file.read(_BLOCK):
        yield block


def _unpacked(blocks: Iterator[bytes], name: str, report: ReadReport) -> Iterator[bytes]:
    """gzip, of one member or several, as far as it is sound."""
    unpacker = zlib.decompressobj(31)
    read = 0
    for packed in blocks:
        while packed:
            try:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(31)
                text = unpacker.decompress(packed, _BLOCK)
            except zlib.error as error:
                if not read:
                    raise DataError(
                        f"{name} looks like gzip but cannot be unpacked: {error}.", code="gzip"
                    ) from error
                report.notes.append(f"{name} is damaged after {read:,} bytes of text; the rest is lost.")
                return
            if text:
                read += len(text)
                yield text
            packed = unpacker.unconsumed_tail or unpacker.unused_data
    # What the limit held back inside the unpacker.
    if text := unpacker.flush():
        yield text
    if not unpacker.eof:
        report.notes.append(f"{name} is cut: its gzip data ends early.")
