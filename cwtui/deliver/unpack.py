"""The text inside a file: plain, gzip or zstd, UTF-8 or UTF-16, told by content, as far as it is sound.

What a crash or a full disk left behind, and a file that vanishes or shrinks while it is read, is read as
far as it goes; what is wrong goes into the report.
"""

from __future__ import annotations

import codecs
import os
import stat
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cwtui.core.errors import DataError
from cwtui.deliver.lines import ReadReport

BLOCK = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_BOM = b"\xef\xbb\xbf"
_ZSTD_PIECE = 1 << 14
"""zstd unpacks all it is given at once, and a log to a hundredfold: so it is given little."""


def text_of(file: BinaryIO, name: str, report: ReadReport) -> Iterator[bytes]:
    """The text of an open file as UTF-8, in pieces of about a MB. Raises DataError where there is none."""
    blocks = _blocks(file, name, report)
    first = next(blocks, b"")
    if not first:
        raise DataError(f"{name} is empty.", "There is nothing to open in it.", code="empty")
    blocks = _after(first, blocks)
    if first.startswith(_GZIP_MAGIC):
        blocks = _gunzipped(blocks, name, report)
    elif first.startswith(_ZSTD_MAGIC):
        blocks = _gathered(_unzstd(blocks, name, report))
    start = next(blocks, b"")
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return _from_utf16(_after(start[2:], blocks), encoding, name, report)
    return _after(start.removeprefix(_BOM), blocks)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _blocks(file: BinaryIO, name: str, report: ReadReport) -> Iterator[bytes]:
    size = _size(file)
    read = 0
    while True:
        try:
            block = file.read(BLOCK)
        except OSError as error:
            if not read:
                raise
            report.notes.append(
                f"{name} could be read up to byte {read:,} only ({error.strerror}); the rest is missing."
            )
            return
        if not block:
            break
        read += len(block)
        report.bytes_read += len(block)
        yield block
    if read < size:
        report.notes.append(f"{name} became shorter while it was read; {size - read:,} bytes are missing.")


def _size(file: BinaryIO) -> int:
    """Bytes of an ordinary file at the moment of opening; 0 for what has no size (a pipe, a buffer)."""
    try:
        found = os.fstat(file.fileno())
    except OSError:  # io.UnsupportedOperation is one: a buffer has no descriptor
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _gunzipped(blocks: Iterator[bytes], name: str, report: ReadReport) -> Iterator[bytes]:
    """gzip, of one member or several, as far as it is sound."""
    unpacker = zlib.decompressobj(31)
    read = 0
    for packed in blocks:
        while packed:
            try:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(31)
                text = unpacker.decompress(packed, BLOCK)
            except zlib.error as error:
                report.notes.append(_damaged(name, "gzip", read, error))
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


def _unzstd(blocks: Iterator[bytes], name: str, report: ReadReport) -> Iterator[bytes]:
    """zstd, of one frame or several, as far as it is sound."""
    import zstandard

    reader = zstandard.ZstdDecompressor(max_window_size=1 << 31)
    frame = reader.decompressobj()
    read = 0
    for block in blocks:
        for at in range(0, len(block), _ZSTD_PIECE):
            packed = block[at : at + _ZSTD_PIECE]
            while packed:
                if frame.eof:
                    frame = reader.decompressobj()
                try:
                    text = frame.decompress(packed)
                except zstandard.ZstdError as error:
                    report.notes.append(_damaged(name, "zstd", read, error))
                    return
                read += len(text)
                yield text
                packed = frame.unused_data if frame.eof else b""
    if not frame.eof:
        report.notes.append(f"{name} is cut: its zstd data ends early.")


def _damaged(name: str, kind: str, read: int, error: Exception) -> str:
    if read:
        return f"{name} is damaged after {read:,} bytes of text; the rest is lost."
    raise DataError(f"{name} looks like {kind} but cannot be unpacked: {error}.", code=kind) from error


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about a MB."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


def _from_utf16(blocks: Iterator[bytes], encoding: str, name: str, report: ReadReport) -> Iterator[bytes]:
    report.remarks.append(f"{name} is UTF-16; its text is kept as UTF-8.")
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        report.notes.append(f"{name} is cut within its last character.")
