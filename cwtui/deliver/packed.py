"""Events as they are kept in memory and sent between processes: bytes that stand together, not an object
each (50 bytes more, and as many steps to take over)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from cwtui.core.models import EventBatch

_BROKEN = "surrogatepass"
_NAME = 64
"""Bytes of a stream's or an event's name, about: streams repeat, ids are 56 digits."""


class Texts:
    """Some thousand messages in UTF-8; what it cannot hold keeps its surrogates."""

    __slots__ = ("_ascii", "_edges", "_gap", "_text")

    def __init__(self, messages: Sequence[str]) -> None:
        together = "\n".join(messages)
        # Lines can be cut apart again in one go, four times as fast as by their edges.
        self._gap = int(together.count("\n") + 1 == len(messages))
        if not self._gap:
            together = "".join(messages)
        self._ascii = together.isascii()
        self._text = together.encode("utf-8", _BROKEN)
        if self._ascii or not self._gap:
            texts = messages if self._ascii else [each.encode("utf-8", _BROKEN) for each in messages]
            sizes = (len(each) + self._gap for each in texts)
            self._edges = np.fromiter(accumulate(sizes, initial=0), np.int64, len(messages) + 1)
        else:
            breaks = np.flatnonzero(np.frombuffer(self._text, np.uint8) == ord("\n")) + 1
            self._edges = np.concatenate(([0], breaks, [len(self._text) + 1])).astype(np.int64)

    def __len__(self) -> int:
        return len(self._edges) - 1

    @property
    def size(self) -> int:
        """Bytes that they take in memory."""
        return len(self._text) + self._edges.nbytes

    def one(self, row: int) -> str:
        first, after = self._edges[row : row + 2].tolist()
        return self._text[first : after - self._gap].decode("utf-8", _BROKEN)

    def between(self, first: int, after: int) -> list[str]:
        """The messages `[first, after)`."""
        if first >= after:
            return []
        if self._gap:
            start, end = int(self._edges[first]), int(self._edges[after])
            return self._text[start : end - 1].decode("utf-8", _BROKEN).split("\n")
        edges = self._edges[first : after + 1].tolist()
        if self._ascii:
            start = edges[0]
            text = self._text[start : edges[-1]].decode("ascii")
            return [text[low - start : high - start] for low, high in pairwise(edges)]
        return [self._text[low:high].decode("utf-8", _BROKEN) for low, high in pairwise(edges)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A batch with its messages as bytes, and one text for what is the same of all."""

    account: str
    region: str
    group: str
    timestamps: array[int]
    ingestion_times: array[int]
    streams: Sequence[str]
    texts: Texts
    event_ids: Sequence[str]
    malformed: int

    @classmethod
    def of(cls, batch: EventBatch) -> Kept:
        return cls(
            batch.account,
            batch.region,
            batch.group,
            batch.timestamps,
            batch.ingestion_times,
            _narrow(batch.streams),
            Texts(batch.messages),
            _narrow(batch.event_ids),
            batch.malformed,
        )

    def __len__(self) -> int:
        return len(self.timestamps)

    @property
    def all_streams(self) -> Sequence[str]:
        """The stream of each event."""
        return _wide(self.streams, len(self))

    @property
    def all_event_ids(self) -> Sequence[str]:
        """The id of each event."""
        return _wide(self.event_ids, len(self))

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        names = len(self.streams) + len(self.event_ids)
        return self.texts.size + 16 * len(self) + _NAME * names

    def batch(self) -> EventBatch:
        """The batch it was made of."""
        return self.rows(0, len(self), self.malformed)

    def rows(self, first: int, after: int, malformed: int = 0) -> EventBatch:
        """The events `[first, after)` as a batch."""
        return EventBatch(
            self.account,
            self.region,
            self.group,
            self.timestamps[first:after],
            self.ingestion_times[first:after],
            self.all_streams[first:after],
            self.texts.between(first, after),
            self.all_event_ids[first:after],
            malformed,
        )


def _narrow(texts: Sequence[str]) -> Sequence[str]:
    """One text where all are the same."""
    return texts[:1] if len(set(texts)) == 1 else texts


def _wide(texts: Sequence[str], count: int) -> Sequence[str]:
    """What `_narrow` made narrow."""
    return [texts[0]] * count if len(texts) == 1 else texts
