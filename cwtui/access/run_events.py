"""Events as runs are found in them: of each line its row, time, stream, and numbers for the ids it names."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from cwtui.access.run_lines import Line, line_of
from cwtui.access.run_table import By, Place, Rows
from cwtui.access.stream_names import stream_name
from cwtui.core.models import Columns, Level
from cwtui.explain.lambda_report import Report

NAMED = (By.REQUEST, By.JOB, By.SESSION, By.TRACE)
"""What lines name by an id."""


class RunEvents:
    """Grows line by line. What is given out as an array is only for use before the next `add`."""

    def __init__(self) -> None:
        self.ids, self.stamps = array("q"), array("q")
        self.stream_numbers = array("i")
        self.marks, self.grave = bytearray(), bytearray()
        self.named = {by: array("i") for by in NAMED}
        """The number of the id that each line names, in `names`; 0: none."""
        self.names = [""]
        self.places: list[Place] = []
        self.reports: dict[int, Report] = {}
        self.failures: dict[int, str] = {}
        self._numbers = {"": 0}
        self._place_of: dict[tuple[str, str, str, str], int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, events: Columns) -> None:
        """Takes events, whole columns at a time."""
        self.ids.extend(events.ids)
        self.stamps.extend(events.timestamps)
        self.grave.extend(level >= Level.ERROR for level in events.levels)
        for where in zip(events.accounts, events.regions, events.groups, events.streams, strict=True):
            number = self._place_of.get(where)
            if number is None:
                number = self._place_of[where] = len(self.places)
                self.places.append(Place(*where[:3], stream_name(where[3], where[2])))
            self.stream_numbers.append(number)
        for message in events.messages:
            self._take(line_of(message))

    def _take(self, line: Line) -> None:
        at = len(self.marks)
        self.marks.append(line.mark)
        for by, name in zip(NAMED, (line.request, line.job, line.session, line.trace), strict=True):
            self.named[by].append(self.number(name) if name else 0)
        if line.report is not None:
            self.reports[at] = line.report
        if line.failure:
            self.failures[at] = line.failure

    def number(self, name: str) -> int:
        """The number of an id, old or new."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    @property
    def times(self) -> Rows:
        """ms UTC."""
        return np.frombuffer(self.stamps, np.int64) if len(self) else np.zeros(0, np.int64)

    @property
    def streams(self) -> NDArray[np.int32]:
        """Places in `places`."""
        return np.frombuffer(self.stream_numbers, np.int32) if len(self) else np.zeros(0, np.int32)

    def column(self, by: By) -> NDArray[np.int32]:
        """The numbers of the ids of one kind."""
        return np.frombuffer(self.named[by], np.int32) if len(self) else np.zeros(0, np.int32)

    def rows(self, places: Rows) -> Rows:
        """The row ids at places, by time; those of one moment as they are given."""
        ids = np.frombuffer(self.ids, np.int64) if len(self) else np.zeros(0, np.int64)
        found: Rows = ids[places[np.argsort(self.times[places], kind="stable")]]
        return found

    def positions(self, wanted: Rows | None) -> Rows:
        """The places of rows, stream by stream and else in the order given; unknown ones are left out."""
        if wanted is None or not len(self):
            places: Rows = np.arange(len(self))
        else:
            ids = np.frombuffer(self.ids, np.int64)
            sorter = np.argsort(ids, kind="stable")
            near = np.minimum(np.searchsorted(ids, wanted, sorter=sorter), len(ids) - 1)
            places = sorter[near]
            places = places[ids[places] == wanted]
        return places[np.argsort(self.streams[places], kind="stable")]

    def sources(self) -> Rows:
        """For every stream a number that those of one group share."""
        numbers: dict[tuple[str, str, str], int] = {}
        return np.array(
            [numbers.setdefault(place[:3], len(numbers)) for place in self.places] or [0], np.int64
        )
