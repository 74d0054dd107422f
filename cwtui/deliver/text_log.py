"""Plain text logs as events: a line with a timestamp begins one, lines without join the one before.

The message is the text of the lines as it stands, timestamp included; only line ends go. Bytes that UTF-8
cannot hold become lone surrogates (`surrogateescape`), so that an export can write them again. A text has
no ingestion time: `ingestionTime` holds the number of the event's first line, which keeps the order of the
file among events of one moment and tells true twins apart.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import EventBatch
from cwtui.deliver.lines import LineBlock, ReadReport, line_blocks
from cwtui.deliver.timestamps import PADDING, STAMP, Bools, Ints, Rule, rules_of, sample

BATCH = 10_000
MOST_JOINED = 1 << 20
"""Characters of one event that are joined of lines; what follows is an event of its own."""
_BINARY_SAMPLE = 1 << 16
_CONTROLS = bytes(set(range(1, 32)) - set(b"\a\b\t\n\v\f\r\x1b")) + b"\x7f"
_MANY = 50
"""Lines in a row without a time, from which on a change of format is looked for."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where a text comes from, and how its events are called."""

    name: str
    """For sentences."""
    group: str
    stream: str
    modified: int
    """ms UTC of its last change: the time of what tells none, and the latest that can be meant."""
    first_line: int = 1
    stamped: bool = False
    """Each event begins with the service's own timestamp and a space, which are not part of the message."""


def is_binary(start: bytes) -> bool:
    """Whether a text's beginning is none: control characters that no log has, or mostly NUL."""
    start = start[:_BINARY_SAMPLE]
    odd = len(start) - len(start.translate(None, _CONTROLS))
    # A log that was truncated under its writer begins with a hole of NULs.
    body = start.lstrip(b"\x00")
    return odd * 50 > len(start) or body.count(0) * 10 > len(body)


def text_events(text: Iterable[bytes], source: TextSource, report: ReadReport) -> Iterator[EventBatch]:
    """The events of a text that comes in pieces, in batches of at most 10,000."""
    reading = _Reading(source, report)
    for block in line_blocks(text):
        yield from reading.block(block)
    yield from reading.end()


class _Reading:
    """One text while it is read."""

    def __init__(self, source: TextSource, report: ReadReport) -> None:
        self._source = source
        self._report = report
        self._rules: list[Rule] = [STAMP] if source.stamped else []
        self._line = source.first_line
        self._crlf: bool | None = None
        self._open: list[str] = []
        """Lines of the event that the next block may go on with."""
        self._open_size = 0
        self._open_time = 0
        self._open_line = 0
        self._last = source.modified
        self._undated = self._escaped = 0
        self._split = False
        self._zoneless = self._yearless = False

    def block(self, block: LineBlock) -> Iterator[EventBatch]:
        text = block.text
        if self._crlf is None:
            self._crlf = text.split(b"\n", 1)[0].endswith(b"\r")
        if self._crlf:
            text = text.replace(b"\r\n", b"\n").removesuffix(b"\r")
        lines = text.decode("utf-8", "surrogateescape").split("\n")
        times, dated = self._dates(text, len(lines))
        if self._source.stamped:
            lines = [
                line.partition(" ")[2] if stamped else line
                for line, stamped in zip(lines, dated.tolist(), strict=True)
            ]
        first = self._line
        self._line += len(lines)
        self._escaped += _escaped_lines(text, lines)
        if not self._rules:
            self._undated += len(lines)
            yield from self._batches([self._last] * len(lines), range(first, self._line), lines)
            return
        yield from self._joined(lines, times, np.flatnonzero(dated), first)

    def _joined(
        self, lines: list[str], times: Ints, heads: NDArray[np.intp], first: int
    ) -> Iterator[EventBatch]:
        head = int(heads[0]) if len(heads) else len(lines)
        if self._open:
            self._extend(lines[:head])
            if not len(heads):
                yield from self._overlong()
                return
            yield from self.end(final=False)
        elif head:
            # Nothing stands before them that they could belong to.
            self._undated += head
            early = int(times[head]) if len(heads) else self._last
            yield from self._batches([early] * head, range(first, first + head), lines[:head])
            if not len(heads):
                return
        tail = int(heads[-1])
        edges = heads.tolist()
        messages = [lines[at] for at in edges[:-1]]
        for place in np.flatnonzero(np.diff(heads) > 1).tolist():
            messages[place] = "\n".join(lines[edges[place] : edges[place + 1]])
        yield from self._batches(times[heads[:-1]].tolist(), (heads[:-1] + first).tolist(), messages)
        self._open_time = self._last = int(times[tail])
        self._open_line = first + tail
        self._extend(lines[tail:])
        yield from self._overlong()

    def _extend(self, lines: list[str]) -> None:
        self._open += lines
        self._open_size += sum(map(len, lines)) + len(lines)

    def _overlong(self) -> Iterator[EventBatch]:
        """Hands over what is open once it is too long to be one event; its lines stay whole."""
        if self._open_size <= MOST_JOINED or len(self._open) == 1:
            return
        self._split = True
        kept: list[str] = []
        size = 0
        opened = self._open_line
        parts: list[tuple[int, str]] = []
        for number, line in enumerate(self._open, opened):
            if kept and size + len(line) > MOST_JOINED:
                parts.append((opened, "\n".join(kept)))
                kept, size, opened = [], 0, number
            kept.append(line)
            size += len(line) + 1
        yield from self._batches(
            [self._open_time] * len(parts), [line for line, _ in parts], [message for _, message in parts]
        )
        self._open, self._open_size, self._open_line = kept, size, opened

    def end(self, *, final: bool = True) -> Iterator[EventBatch]:
        """The event that was still open; when `final`, the report gets what there is to say of the text."""
        if self._open:
            yield from self._overlong()
            message = "\n".join(self._open)
            self._open, self._open_size = [], 0
            yield from self._batches([self._open_time], [self._open_line], [message])
        if final:
            self._remark()

    def _dates(self, text: bytes, count: int) -> tuple[Ints, Bools]:
        times = np.zeros(count, np.int64)
        dated = np.zeros(count, np.bool_)
        if not self._rules:
            self._rules = self._found(text)
            if not self._rules:
                return times, dated
        buffer = np.frombuffer(text + PADDING, np.uint8)
        breaks = np.flatnonzero(buffer[: len(text)] == ord("\n"))
        starts = np.append(0, breaks + 1)
        ends = np.append(breaks, len(text))
        for rule in self._rules:
            self._apply(rule, text, buffer, starts, ends, times, dated)
        if not self._source.stamped:
            self._notice_change(text, buffer, starts, ends, times, dated)
        return times, dated

    def _notice_change(
        self,
        text: bytes,
        buffer: NDArray[np.uint8],
        starts: Ints,
        ends: Ints,
        times: Ints,
        dated: Bools,
    ) -> None:
        """Looks at the longest run of lines without a time: a log may go on in another format."""
        edges = np.concatenate(([-1], np.flatnonzero(dated), [len(dated)]))
        longest = int(np.argmax(np.diff(edges)))
        low, high = int(edges[longest]) + 1, int(edges[longest + 1])
        if high - low < _MANY:
            return
        lines = sample(text[starts[low] : ends[high - 1]].split(b"\n"))
        known = {rule.form for rule in self._rules}
        for rule in rules_of(lines):
            if rule.form in known or not rule.is_plain:
                continue
            _, there, _ = rule.dates(text, buffer, starts[low:high], ends[low:high], self._source.modified)
            if there.sum() * 2 > high - low:
                self._rules.append(rule)
                self._apply(rule, text, buffer, starts, ends, times, dated)

    def _apply(
        self,
        rule: Rule,
        text: bytes,
        buffer: NDArray[np.uint8],
        starts: Ints,
        ends: Ints,
        times: Ints,
        dated: Bools,
    ) -> None:
        rows = np.flatnonzero(~dated)
        if not len(rows):
            return
        found, there, zoned = rule.dates(text, buffer, starts[rows], ends[rows], self._source.modified)
        times[rows], dated[rows] = np.where(there, found, 0), there
        if there.any():
            self._zoneless |= not zoned
            self._yearless |= rule.form.yearless

    def _found(self, text: bytes) -> list[Rule]:
        lines = sample(text.split(b"\n"))
        # A file that has begun without times seldom gets any.
        return rules_of(lines[::10] if self._undated else lines)

    def _batches(
        self, times: Iterable[int], numbers: Iterable[int], messages: list[str]
    ) -> Iterator[EventBatch]:
        stamps, positions = array("q", times), array("q", numbers)
        if len(stamps):
            self._last = stamps[-1]
        source = self._source
        for start in range(0, len(messages), BATCH):
            part = messages[start : start + BATCH]
            yield EventBatch(
                "",
                "",
                source.group,
                stamps[start : start + BATCH],
                positions[start : start + BATCH],
                [source.stream] * len(part),
                part,
                [""] * len(part),
            )

    def _remark(self) -> None:
        name, remarks = self._source.name, self._report.remarks
        if not self._rules:
            remarks.append(f"{name}: no line tells a time; all stand at the time of the file, in its order.")
        elif self._undated:
            remarks.append(
                f"{name}: what precedes the first timestamp ({_lines(self._undated)}) took its time."
            )
        if self._yearless:
            remarks.append(f"{name}: its times tell no year; the latest that fits the file's own was taken.")
        if self._zoneless:
            remarks.append(f"{name}: its times tell no zone; they were read as UTC.")
        if self._escaped:
            remarks.append(f"{name}: bytes that are no UTF-8 ({_lines(self._escaped)}) are kept as they are.")
        if self._split:
            remarks.append(
                f"{name}: {self._split:,} times more than 1 MB followed one timestamp; it was split."
            )


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


_ESCAPED = re.compile("[\udc80-\udcff]")


def _escaped_lines(text: bytes, lines: list[str]) -> int:
    if text.isascii():
        return 0
    try:
        text.decode()
    except UnicodeDecodeError:
        return sum(_ESCAPED.search(line) is not None for line in lines)
    return 0
