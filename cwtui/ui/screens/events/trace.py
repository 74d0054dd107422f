"""The trail of a request: every event that holds one value, of several groups, merged by time."""

from __future__ import annotations

from cwtui.core.models import TimeWindow
from cwtui.core.text import middle
from cwtui.lang.filter_pattern import phrase
from cwtui.ui.screens.events.screen import EventsScreen
from cwtui.ui.screens.events.words import Asked
from cwtui.wiring import Services, Start

_SHOWN = 40
"""Cells of the value in the breadcrumb at most."""


class TraceScreen(EventsScreen):
    """The service finds the value; nothing of what it finds is hidden."""

    def __init__(self, services: Services, groups: tuple[str, ...], value: str, window: TimeWindow) -> None:
        super().__init__(services, groups, start=Start(pattern=phrase(value)))
        self.asked = Asked(window=window)
        self._value = value

    def crumb_path(self) -> tuple[str, ...]:
        one = len(self.groups) == 1
        where = self.group_path() if one else (f"{len(self.groups)} groups",)
        return (*where, f"trace {middle(self._value, _SHOWN)}")
