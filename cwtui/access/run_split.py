"""Lines to runs: Lambda's brackets, ids that lines name, ids that always come together, names of streams."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from cwtui.access.run_events import NAMED, RunEvents
from cwtui.access.run_lines import Mark
from cwtui.access.run_table import FIGURES, By, Rows, RunTable, Status
from cwtui.explain.lambda_report import Report

# An enumeration's members are slow to look up, and there are millions of lines.
_GOES_ON, _INIT, _START, _END, _REPORT = (
    int(mark) for mark in (Mark.GOES_ON, Mark.INIT, Mark.START, Mark.END, Mark.REPORT)
)


class Split:
    """Lines, each given to a run. `order` holds their places, stream by stream, in display order."""

    def __init__(
        self, events: RunEvents, order: Rows, by: By = By.REQUEST, requests: Split | None = None
    ) -> None:
        self._events = events
        self._order = order
        self._by = by
        self.owners = np.full(len(events), -1, np.int64)
        """The run of each line, by its place; -1: none."""
        self.names: list[str] = []
        """The id of each run."""
        self._attempts: list[int] = []
        self._began: list[bool] = []
        """START was seen, as opposed to an id alone."""
        self._ended: list[bool] = []
        self._report_at: dict[int, int] = {}
        self._of: dict[tuple[int, int], int] = {}
        """The run of a source and the number of an id."""
        self._sources = events.sources()
        for stream, places in self._by_stream():
            if by is By.STREAM:
                parsed = events.places[stream].parsed
                self.owners[places] = self._new(parsed.run or parsed.name)
            elif by is By.REQUEST and _begins_or_ends(events.marks, places):
                self._bracketed(places)
            else:
                self._identified(stream, places)
        if by is not By.STREAM:
            self._linked(requests)
            self._going_on()

    def _by_stream(self) -> list[tuple[int, list[int]]]:
        order = self._order
        if not len(order):
            return []
        streams = self._events.streams[order]
        cuts = np.flatnonzero(np.diff(streams)) + 1
        return [
            (int(streams[first]), part.tolist())
            for first, part in zip([0, *cuts.tolist()], np.split(order, cuts), strict=True)
        ]

    def _new(self, name: str, attempt: int = 1) -> int:
        self.names.append(name)
        self._attempts.append(attempt)
        self._began.append(False)
        self._ended.append(False)
        return len(self.names) - 1

    # ------------------------------------------------------------------ Lambda

    def _bracketed(self, places: list[int]) -> None:
        """A stream in which Lambda says where each run begins and ends."""
        events, owners = self._events, self.owners
        marks, named = events.marks, events.named[By.REQUEST]
        first_start: dict[int, int] = {}
        last_end: dict[int, int] = {}
        for at, place in enumerate(places):
            if marks[place] == _START:
                first_start.setdefault(named[place], at)
            elif marks[place] in (_END, _REPORT):
                last_end[named[place]] = at
        latest: dict[int, int] = {}
        running: dict[int, int] = {}
        # What ends before anything begins was running already when the window began.
        began = min(first_start.values(), default=len(places))
        before = next((request for request, at in last_end.items() if at < began), None)
        if before is not None:
            latest[before] = running[before] = self._new(events.names[before])
        waiting: list[int] | None = None
        previous = -1
        for at, place in enumerate(places):
            mark, request = marks[place], named[place]
            run = latest.get(request, -1) if request else -1
            if mark == _START:
                # A run that never ends was cut short by this one; others run beside it.
                running = {each: own for each, own in running.items() if last_end.get(each, -1) > at}
                if run < 0 or self._began[run]:
                    run = self._new(events.names[request], 1 if run < 0 else self._attempts[run] + 1)
                self._began[run] = True
                latest[request] = running[request] = run
                if waiting:
                    owners[waiting] = run
                waiting = None
            elif mark in (_END, _REPORT):
                if run < 0:
                    run = latest[request] = self._new(events.names[request])
                self._ended[run] = True
                if mark == _REPORT:
                    running.pop(request, None)
                    self._report_at[run] = place
            elif mark == _INIT:
                running = {each: own for each, own in running.items() if last_end.get(each, -1) > at}
                run = next(iter(running.values())) if len(running) == 1 else -1
                if run < 0:
                    waiting = []
            elif run < 0 and (request in first_start or request in last_end):
                run = latest[request] = self._new(events.names[request])
            elif run < 0 and len(running) == 1:
                run = next(iter(running.values()))
            elif run < 0 and request and waiting is None:
                run = latest[request] = self._new(events.names[request])
            elif run < 0 and mark == _GOES_ON:
                run = previous
            if run < 0 and waiting is not None:
                waiting.append(place)
            owners[place] = previous = run

    # ------------------------------------------------------------------ ids

    def _identified(self, stream: int, places: list[int]) -> None:
        """A stream whose lines name what they belong to, or whose name does."""
        events = self._events
        named, source = events.named[self._by], int(self._sources[stream])
        session = events.places[stream].parsed.session if self._by is By.SESSION else ""
        whole = events.number(session) if session else 0
        for place in places:
            if number := named[place] or whole:
                self.owners[place] = self._run_of(source, number)

    def _run_of(self, source: int, number: int) -> int:
        run = self._of.get((source, number))
        if run is None:
            run = self._of[source, number] = self._new(self._events.names[number])
        return run

    def _linked(self, requests: Split | None) -> None:
        """Lines that name another id, one that is only ever named together with one run's."""
        events = self._events
        if not len(events):
            return
        streams = events.streams
        sources = self._sources[streams]
        free = self.owners < 0
        links = [(sources, events.column(by)) for by in NAMED if by is not self._by]
        if requests is not None:
            # Of a run of Lambda's, lines without any id are linked too.
            links.insert(0, (np.zeros_like(sources), (requests.owners + 1).astype(np.int32)))
        for scope, column in links:
            open_lines = np.flatnonzero(free & (column > 0))
            if not len(open_lines):
                continue
            known: dict[tuple[int, int], set[int]] = defaultdict(set)
            wanted = set(zip(scope[open_lines].tolist(), column[open_lines].tolist(), strict=True))
            asked = np.unique(column[open_lines])
            told = np.flatnonzero((self.owners >= 0) & np.isin(column, asked))
            for where, number, owner in zip(
                scope[told].tolist(), column[told].tolist(), self.owners[told].tolist(), strict=True
            ):
                if (where, number) in wanted:
                    known[where, number].add(owner)
            for place in open_lines.tolist():
                found = known.get((int(scope[place]), int(column[place])), ())
                if len(found) == 1:
                    self.owners[place] = next(iter(found))
                    free[place] = False

    def _going_on(self) -> None:
        """Lines of a stack trace, each sent alone, belong to the run of the line before them."""
        order, streams = self._order, self._events.streams
        marks = np.frombuffer(bytes(self._events.marks), np.uint8)[order]
        beside = streams[order][1:] == streams[order][:-1]
        for at in (np.flatnonzero((marks[1:] == Mark.GOES_ON) & beside) + 1).tolist():
            place = order[at]
            if self.owners[place] < 0:
                self.owners[place] = self.owners[order[at - 1]]

    # ------------------------------------------------------------------ figures

    def table(self, choices: tuple[tuple[By, int], ...], visible: Rows) -> RunTable:
        """The runs with their figures, in the order in which they began."""
        events, size = self._events, len(self.names)
        order = self._order
        owned = order[self.owners[order] >= 0]
        owner = self.owners[owned]
        if not len(owned):
            return RunTable(self._by, choices, len(order), len(order))
        times = events.times[owned]
        starts, ends = np.full(size, np.iinfo(np.int64).max), np.full(size, np.iinfo(np.int64).min)
        np.minimum.at(starts, owner, times)
        np.maximum.at(ends, owner, times)
        counts = np.bincount(owner, minlength=size)
        grave = np.frombuffer(bytes(events.grave), np.uint8)[owned] > 0
        nameless = np.ones(len(owned), np.bool_)
        for by in NAMED:
            nameless &= events.column(by)[owned] == 0
        seen = self.owners[visible]
        streams = events.streams[owned].astype(np.int64)
        pairs = np.unique(owner * len(events.places) + streams)
        of_run: list[list[int]] = [[] for _ in range(size)]
        for pair in pairs.tolist():
            of_run[pair // len(events.places)].append(pair % len(events.places))
        shared = np.bincount(pairs % len(events.places))
        there = np.flatnonzero(counts)
        by_start = there[np.lexsort((there, starts[there]))]
        renumbered = np.full(size, -1, np.int64)
        renumbered[by_start] = np.arange(len(by_start))
        reports = [self._report(run) for run in by_start.tolist()]
        errors = np.bincount(owner[grave], minlength=size)
        table = RunTable(
            self._by,
            choices,
            len(order),
            len(order) - len(owned),
            int(np.count_nonzero(shared > 1)),
            [self.names[run] for run in by_start.tolist()],
            starts[by_start],
            ends[by_start],
            counts[by_start],
            errors[by_start],
            np.bincount(owner[nameless], minlength=size)[by_start],
            np.bincount(seen[seen >= 0], minlength=size)[by_start],
            self._statuses(errors)[by_start],
            [self._attempts[run] for run in by_start.tolist()],
            np.array([_figures(report) for report in reports], np.float64).reshape(-1, len(FIGURES)),
            [_words(report) for report in reports],
            [tuple(of_run[run]) for run in by_start.tolist()],
            tuple(events.places),
        )
        self.owners = np.where(self.owners >= 0, renumbered[self.owners], -1)
        return table

    def _report(self, run: int) -> Report | None:
        at = self._report_at.get(run)
        return None if at is None else self._events.reports.get(at)

    def _statuses(self, errors: NDArray[np.int64]) -> NDArray[np.uint8]:
        statuses = np.zeros(len(self.names), np.uint8)
        if self._by is not By.REQUEST:
            statuses[errors > 0] = Status.ERROR
            return statuses
        for run, began in enumerate(self._began):
            report = self._report(run)
            if report is not None and report.status == "timeout":
                statuses[run] = Status.TIMEOUT
            elif report is not None and report.status in ("error", "failure"):
                statuses[run] = Status.ERROR
            elif began and not self._ended[run]:
                statuses[run] = Status.OPEN
            elif not began and not self._ended[run] and errors[run]:
                # Nothing but its lines says how it ended.
                statuses[run] = Status.ERROR
        for at, failure in self._events.failures.items():
            run = int(self.owners[at])
            if run >= 0 and statuses[run] != Status.TIMEOUT:
                statuses[run] = Status.TIMEOUT if failure == "timeout" else Status.ERROR
        return statuses


def _begins_or_ends(marks: bytearray, places: list[int]) -> bool:
    return any(marks[place] >= _START for place in places)


def _figures(report: Report | None) -> tuple[float, ...]:
    if report is None:
        return (math.nan,) * len(FIGURES)
    return tuple(float(getattr(report, name)) for name in FIGURES)


def _words(report: Report | None) -> tuple[str, str, str] | None:
    return None if report is None else (report.status, report.error_type, report.trace)
