"""The runs of a window as values: what tells them apart, how each ended, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cwtui.access.stream_names import StreamKind, StreamName
from cwtui.core.timespec import human_duration
from cwtui.explain.lambda_report import Report

Rows = NDArray[np.int64]


class By(StrEnum):
    """What tells one run from another."""

    REQUEST = "request"
    JOB = "job"
    SESSION = "session"
    TRACE = "trace"
    STREAM = "stream"


class Status(IntEnum):
    """How a run ended, as far as the lines tell."""

    OK = 0
    ERROR = 1
    TIMEOUT = 2
    OPEN = 3
    """Lambda began it, and neither END nor REPORT is among the lines."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Ids and names are foreign text; times are ms UTC."""

    key: int
    """Its number in the table it is of."""
    id: str
    by: By
    attempt: int
    """1, or more where Lambda ran the request again in the same stream."""
    kind: StreamKind
    account: str
    region: str
    group: str
    streams: tuple[str, ...]
    start: int
    end: int
    events: int
    errors: int
    """Events of level ERROR and graver."""
    bracketed: int
    """How many of its events name no id, and are its because they stand between its START and REPORT."""
    shown: int
    """How many of its events the view shows."""
    status: Status
    report: Report | None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Account, region, log group and first stream."""
        return self.account, self.region, self.group, self.streams[0]

    @property
    def cold(self) -> bool:
        """Whether an execution environment had to begin for it."""
        return self.report is not None and self.report.cold

    @property
    def duration(self) -> float:
        """Milliseconds: what REPORT says, else from its first event to its last."""
        return self.report.duration if self.report is not None else float(self.end - self.start)


FIGURES = ("duration", "billed", "init", "restore", "memory_used", "memory_size", "cold")
"""Of a `Report`, what is a number."""


class Place(NamedTuple):
    """A stream."""

    account: str
    region: str
    group: str
    parsed: StreamName


@dataclass(frozen=True, slots=True, eq=False)
class RunTable:
    """Runs as columns, in the order in which they began; `at` makes one whole."""

    by: By = By.REQUEST
    choices: tuple[tuple[By, int], ...] = ()
    """What the runs may be told apart by, and how many there are then."""
    events: int = 0
    """How many events were looked at."""
    alone: int = 0
    """How many of them belong to no run."""
    mixed: int = 0
    """How many streams more than one run shares."""
    ids: Sequence[str] = ()
    starts: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    ends: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    counts: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    errors: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    bracketed: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    shown: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    statuses: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    attempts: Sequence[int] = ()
    figures: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, len(FIGURES))))
    """`FIGURES` of the REPORT of each; NaN where there is none."""
    words: Sequence[tuple[str, str, str] | None] = ()
    """Its status, type of error and trace; None where there is none."""
    streams: Sequence[tuple[int, ...]] = ()
    """Places in `places`."""
    places: Sequence[Place] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def durations(self) -> NDArray[np.float64]:
        """Milliseconds: what REPORT says, else from the first event to the last."""
        told = self.figures[:, 0]
        return np.where(np.isnan(told), self.ends - self.starts, told)

    def at(self, key: int) -> Run:
        """One run whole."""
        places = [self.places[number] for number in self.streams[key]]
        first = places[0]
        return Run(
            key,
            self.ids[key],
            self.by,
            self.attempts[key],
            first.parsed.kind,
            first.account,
            first.region,
            first.group,
            tuple(place.parsed.name for place in places),
            int(self.starts[key]),
            int(self.ends[key]),
            int(self.counts[key]),
            int(self.errors[key]),
            int(self.bracketed[key]),
            int(self.shown[key]),
            Status(int(self.statuses[key])),
            self._report(key),
        )

    def _report(self, key: int) -> Report | None:
        words = self.words[key]
        if words is None:
            return None
        duration, billed, init, restore, used, size, cold = self.figures[key].tolist()
        return Report(
            self.ids[key], duration, billed, init, restore, int(used), int(size), bool(cold), *words
        )


def took(milliseconds: float) -> str:
    """`12.5 ms`, `269 ms`, `3.21 s`, `4m 10s`."""
    if milliseconds < 100 and milliseconds != round(milliseconds):
        return f"{milliseconds:.1f} ms"
    if milliseconds < 1_000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.2f} s" if milliseconds < 60_000 else human_duration(round(milliseconds))
