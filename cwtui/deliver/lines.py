"""Text as blocks of whole lines, whatever the size of the blocks it came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class ReadReport:
    """What reading found out, filled as it goes."""

    records: int = 0
    malformed: int = 0
    """Records without a usable timestamp or message, kept as far as they go."""
    notes: list[str] = field(default_factory=list)
    """Sentences for a person: what is cut or damaged, and where."""
    remarks: list[str] = field(default_factory=list)
    """Sentences for a person: how what is whole was understood (a zone, a year, bytes that are no UTF-8)."""
    bytes_read: int = field(default=0, compare=False)
    """Bytes taken from the file so far, packed ones where it is packed."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Whole lines that stand together in a file."""

    first_line: int
    """Number of the first of them, from 1."""
    text: bytes
    """The lines, without the end of the last one."""
    cut: bool = False
    """The last line has no line end: nobody knows whether it is whole."""

    @property
    def lines(self) -> list[bytes]:
        return self.text.split(b"\n")


def line_blocks(text: Iterable[bytes]) -> Iterator[LineBlock]:
    """The lines of a text that comes in pieces, about a piece at a time."""
    number = 1
    pieces: list[bytes] = []
    for piece in text:
        head, newline, tail = piece.rpartition(b"\n")
        if not newline:
            pieces.append(piece)
            continue
        block = b"".join((*pieces, head))
        pieces = [tail] if tail else []
        yield LineBlock(number, block)
        number += block.count(b"\n") + 1
    if pieces:
        yield LineBlock(number, b"".join(pieces), cut=True)
