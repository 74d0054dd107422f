"""The miner: lines to patterns with counts, incrementally and the same on every run.

    message -> body -> folded, masked tokens -> signature -> number   (per event, a few microseconds)
    signatures -> one-slot neighbours merged -> patterns              (when asked)

Per event only six numbers are kept (row id, time, signature, stream, level, kind: 26 bytes); counts,
first and last, buckets and streams of a pattern are computed from these columns when asked. Some
messages of each signature are kept for their values, chosen by a hash of the event's position, so that
the choice does not depend on how the input was cut into chunks.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, Level
from cwtui.explain.body import body_of, headline
from cwtui.explain.collapse import collapse
from cwtui.explain.folding import LOOKED_AT, Folding
from cwtui.explain.masks import (
    MAX_CHARACTERS,
    MAX_TOKENS,
    WILDCARD,
    Signature,
    TokenMemo,
    fold,
    without_digits,
)
from cwtui.explain.merging import merge
from cwtui.explain.records import Settled
from cwtui.explain.reservoir import DRAWN, SAMPLES, Drawn, draw, in_order, pour, priorities, trimmed
from cwtui.lang.traces import Trace

_BLOCK = 4_096
_LINES = 30_000
"""Whole messages, digits aside, that are known by heart; up to 10 MB."""
MAX_SIGNATURES = 20_000
"""Above this the signatures are merged and the lightest put together as "other: ..."."""
_KEPT = 10_000
_BUCKETS = 1_000
_OTHER = "other:"
_STREAMS = 1_000
_TRACED = 5_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events that say the same but for the values in their slots."""

    text: str
    """The template: words and `<*>`, cut at `MAX_CHARACTERS`; foreign text."""
    level: Level
    ids: NDArray[np.int64]
    """Row ids of its events, in the order they came; continuation lines folded into it are not here."""
    times: NDArray[np.int64]
    """Their timestamps, ms UTC."""
    streams: tuple[tuple[str, str, int], ...]
    """(group, stream, events), most events first; at most 1,000."""
    samples: tuple[tuple[int, str], ...]
    """(row id, message cut at `MAX_CHARACTERS`) of a few events: the first, and others drawn evenly."""
    overflow: bool = False
    """A bucket of patterns too many to tell apart."""
    drawn: tuple[tuple[int, str], ...] = ()
    """(row id, message cut at `MAX_CHARACTERS`) of events to learn values from: all, or some drawn evenly."""
    traces: tuple[tuple[int, Trace], ...] = ()
    """(row id, trace) of the first 5,000 of its events that have a stack trace."""

    @property
    def count(self) -> int:
        return len(self.ids)


class _Node:
    """One signature: what does not depend on time."""

    __slots__ = ("level", "overflow", "reservoir", "signature")

    def __init__(self, level: int, signature: Signature, overflow: bool = False) -> None:
        self.level = level
        self.signature = signature
        self.overflow = overflow
        self.reservoir: list[Drawn] = []


class Miner:
    """Takes events in any number of chunks; `patterns()` may be asked at any time, at a cost of its own."""

    def __init__(self) -> None:
        self._memo = TokenMemo()
        self._raw: list[dict[Signature, int]] = [{} for _ in Level]
        """By level: the number of a signature by its uncollapsed form, a shortcut to the index."""
        self._lines: list[dict[bytes, int]] = [{} for _ in Level]
        """By level: the number of a signature by the whole message without its digits, a shortcut, too."""
        self._index: dict[tuple[int, Signature], int] = {}
        self._nodes: list[_Node] = []
        self._numbers = array("i")
        self._ids = array("q")
        self._times = array("q")
        self._stream_of = array("i")
        self._most = DRAWN
        self._folding = Folding(self._stream_of, self._times)
        # By account and region, too: no line continues one of a group of the same name elsewhere.
        self._streams: dict[tuple[str, ...], int] = {}
        self._block: list[str] = []
        self.overflowed = 0
        """How often the signatures had to be cut down."""
        self.cut = 0
        """Messages longer than what is mined."""

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def drawn(self) -> int:
        """Messages that are kept of each signature at most."""
        return self._most

    def add(self, events: Columns) -> None:
        """Takes a chunk. The cost is a few microseconds an event; call it off the event loop."""
        start = 0
        while start < len(events):
            # Blocks end at fixed positions, whatever the chunks: so does everything done between them.
            end = min(len(events), start + _BLOCK - len(self._ids) % _BLOCK)
            self._add_block(events, start, end)
            start = end
            if len(self._ids) % _BLOCK == 0:
                if len(self._nodes) > MAX_SIGNATURES:
                    self._compact()
                if sum(map(len, self._lines)) > _LINES:
                    self._forget_lines()
                self._most = trimmed([node.reservoir for node in self._nodes], self._most)

    def _add_block(self, events: Columns, start: int, end: int) -> None:
        first = len(self._ids)
        messages = events.messages[start:end]
        self._ids.extend(events.ids[start:end])
        self._times.extend(events.timestamps[start:end])
        known = self._streams
        columns = (events.groups, events.streams, events.accounts, events.regions)
        parts = (column[start:end] for column in columns)
        self._stream_of.extend([known.setdefault(place, len(known)) for place in zip(*parts, strict=True)])
        memo_get, shortcuts, lines = self._memo.__getitem__, self._raw, self._lines
        numbers, folding = self._numbers, self._folding
        levels = [level if 0 <= level <= Level.FATAL else 0 for level in events.levels[start:end]]
        folding.begin(levels)
        for position, (message, level) in enumerate(zip(messages, levels, strict=True), first):
            if (
                position <= folding.watch
                or level >= Level.ERROR
                or message[:1] in LOOKED_AT
                or "\n" in message
            ) and (head := folding.head(position, message)) != position:
                numbers.append(numbers[head])
                continue
            if len(message) <= MAX_CHARACTERS:
                line = without_digits(message)
                if (met := lines[level].get(line)) is not None:
                    numbers.append(met)
                    continue
            else:
                line = b""
                self.cut += 1
            body = body_of(message)
            if type(body) is Settled:
                raw = tuple(body.split(maxsplit=MAX_TOKENS)[:MAX_TOKENS])
            else:
                if "\n" in body:
                    body = headline(body)
                raw = tuple(map(memo_get, fold(body).split(maxsplit=MAX_TOKENS)[:MAX_TOKENS]))
            number = shortcuts[level].get(raw)
            if number is None:
                number = self._number(level, raw)
            numbers.append(number)
            if line and type(body) is not Settled and rb"\u" not in line:
                # What is settled may rest on a digit (the status of a request), and so may an escape.
                lines[level][line] = number
        self._sample(first, messages)

    def _number(self, level: int, raw: Signature) -> int:
        """The number of a form not met yet on this level."""
        shortcut = self._raw[level]
        if len(shortcut) >= 4 * MAX_SIGNATURES:
            shortcut.clear()
        key = (level, collapse(raw))
        number = self._index.get(key)
        if number is None:
            number = self._index[key] = len(self._nodes)
            self._nodes.append(_Node(level, key[1]))
        shortcut[raw] = number
        return number

    def _sample(self, first: int, messages: Sequence[str]) -> None:
        numbers = np.frombuffer(self._numbers, dtype=np.int32)[first:]
        chances = priorities(first, len(numbers))
        cutoffs = np.full(len(self._nodes), np.iinfo(np.int64).max, dtype=np.int64)
        for number in np.unique(numbers).tolist():
            reservoir = self._nodes[number].reservoir
            if len(reservoir) >= self._most:
                cutoffs[number] = -reservoir[0][0]
        chosen = np.flatnonzero(chances < cutoffs[numbers])
        del numbers  # an array cannot grow while it is looked at
        alone = self._folding.kinds
        for offset in chosen.tolist():
            position = first + offset
            if alone[position] >= 0:
                continue
            row, message = self._ids[position], messages[offset][:MAX_CHARACTERS]
            item = (-int(chances[offset]), -position, row, message)
            draw(self._nodes[self._numbers[position]].reservoir, item, self._most)

    def _compact(self) -> None:
        """Merges the signatures; if still too many, the lightest are put together by their beginning."""
        self.overflowed += 1
        nodes, target = self._merged()
        mapping = np.array(target, dtype=np.int32)
        numbers = mapping[np.frombuffer(self._numbers, dtype=np.int32)]
        if len(nodes) > _KEPT:
            counts = np.bincount(numbers, minlength=len(nodes))
            order = np.argsort(-counts, kind="stable").tolist()
            depth = _bucket_depth([nodes[number] for number in order[_KEPT:]])
            kept: dict[tuple[int, Signature], int] = {}
            renumber = np.zeros(len(nodes), dtype=np.int32)
            fewer: list[_Node] = []
            for rank, number in enumerate(order):
                node = nodes[number]
                overflow = node.overflow or rank >= _KEPT
                signature = _bucket(node, depth) if overflow else node.signature
                place = kept.setdefault((node.level, signature), len(fewer))
                if place == len(fewer):
                    fewer.append(_Node(node.level, signature, overflow))
                fewer[place].reservoir = pour(node.reservoir, fewer[place].reservoir, self._most)
                renumber[number] = place
            nodes, numbers = fewer, renumber[numbers]
        self._nodes = nodes
        self._numbers = array("i", numbers.tobytes())
        self._index = {(node.level, node.signature): number for number, node in enumerate(nodes)}
        for shortcut in self._raw:
            shortcut.clear()
        self._forget_lines()

    def _forget_lines(self) -> None:
        for known in self._lines:
            known.clear()

    def _merged(self) -> tuple[list[_Node], list[int]]:
        """Nodes after merging within each level, and for each old node its new position."""
        target = [0] * len(self._nodes)
        nodes: list[_Node] = []
        for level in sorted({node.level for node in self._nodes}):
            members = [number for number, node in enumerate(self._nodes) if node.level == level]
            buckets = [number for number in members if self._nodes[number].overflow]
            plain = [number for number in members if not self._nodes[number].overflow]
            signatures, moved = merge([self._nodes[number].signature for number in plain])
            base = len(nodes)
            nodes += [_Node(level, signature) for signature in signatures]
            for number, place in zip(plain, moved, strict=True):
                target[number] = base + place
            for number in buckets:
                target[number] = len(nodes)
                nodes.append(_Node(level, self._nodes[number].signature, overflow=True))
        for number, node in enumerate(self._nodes):
            into = nodes[target[number]]
            into.reservoir = pour(node.reservoir, into.reservoir, self._most)
        return nodes, target

    def patterns(self) -> list[Pattern]:
        """The patterns so far, most events first, then by first event; every event is in one of them."""
        return self._patterns()[0]

    def assigned(self) -> tuple[list[Pattern], NDArray[np.int32]]:
        """The patterns, and for every event in the order it came the position of its pattern in that list."""
        return self._patterns()

    def _patterns(self) -> tuple[list[Pattern], NDArray[np.int32]]:
        if not self._ids:
            return [], np.zeros(0, dtype=np.int32)
        nodes, target = self._merged()
        # Looked at where they are: arrays cannot grow meanwhile, and at a million events copies are dear.
        of_event = np.array(target, dtype=np.int32)[np.frombuffer(self._numbers, dtype=np.int32)]
        ids, times = np.frombuffer(self._ids, dtype=np.int64), np.frombuffer(self._times, dtype=np.int64)
        stream_of = np.frombuffer(self._stream_of, dtype=np.int32)
        heads = np.flatnonzero(np.frombuffer(self._folding.kinds, dtype=np.int8) < 0).astype(np.int32)
        order = heads[np.argsort(of_event[heads], kind="stable")]
        del heads
        edges = np.searchsorted(of_event[order], np.arange(len(nodes) + 1))
        names = list(self._streams)
        traces = self._traces(of_event)
        found: list[tuple[int, int, int, Pattern]] = []
        for number, node in enumerate(nodes):
            rows = order[edges[number] : edges[number + 1]]
            if not len(rows):
                continue
            streams = Counter(
                dict(
                    zip(
                        *(part.tolist() for part in np.unique(stream_of[rows], return_counts=True)),
                        strict=True,
                    )
                )
            )
            pattern = Pattern(
                text=_text(node),
                level=Level(node.level),
                ids=ids[rows],
                times=times[rows],
                streams=tuple((*names[stream][:2], count) for stream, count in streams.most_common(_STREAMS)),
                samples=in_order(node.reservoir, SAMPLES),
                overflow=node.overflow,
                drawn=in_order(node.reservoir, self._most),
                traces=tuple(traces.get(number, ())),
            )
            found.append((-pattern.count, int(rows[0]), number, pattern))
        found.sort(key=lambda item: item[:3])
        place = np.zeros(len(nodes), dtype=np.int32)
        for rank, item in enumerate(found):
            place[item[2]] = rank
        return [item[3] for item in found], place[of_event]

    def _traces(self, of_event: NDArray[np.int32]) -> dict[int, list[tuple[int, Trace]]]:
        """By number of a node: the row ids of its events that have a trace, and these."""
        found: defaultdict[int, list[tuple[int, Trace]]] = defaultdict(list)
        for position, trace in self._folding.traces():
            rows = found[int(of_event[position])]
            if len(rows) < _TRACED:
                rows.append((self._ids[position], trace))
        return found


def _bucket(node: _Node, depth: int) -> Signature:
    """The overflow bucket of a signature: its first `depth` constant words."""
    words = node.signature[1:-1] if node.overflow else node.signature
    constants = [token for token in words if WILDCARD not in token][:depth]
    return (_OTHER, *constants, "…")


def _bucket_depth(nodes: Sequence[_Node]) -> int:
    """How many words the buckets may be told apart by, so that there are not too many of them."""
    for depth in (2, 1):
        if len({(node.level, _bucket(node, depth)) for node in nodes}) <= _BUCKETS:
            return depth
    return 0


def _text(node: _Node) -> str:
    return " ".join(node.signature)[:MAX_CHARACTERS] or "(empty message)"
