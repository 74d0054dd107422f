"""Rows in memory and the smallest app around a list, for tests of widgets alone."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from numpy.typing import NDArray
from textual.app import App, ComposeResult
from textual.strip import Strip

from cwtui.core.models import Level, Row
from cwtui.ui.themes import LOG_COLORS
from cwtui.ui.widgets.event_list import EventList
from cwtui.window.stretch import Stretch
from cwtui.window.view import View

START = 1_763_805_600_000


def row(
    row_id: int, message: str = "", *, level: Level = Level.INFO, late: int = 40, at: int | None = None
) -> Row:
    timestamp = START + row_id * 1_000 if at is None else at
    text = message or f"event {row_id}"
    stream = "2025/11/22/[$LATEST]b77c0d1e"
    return Row(
        row_id,
        timestamp,
        timestamp + late,
        level,
        "",
        "",
        "/aws/lambda/checkout",
        stream,
        text,
        len(text),
        "",
    )


def view_of(rows: list[Row]) -> View:
    """Those rows, in the order of their times."""
    new = Stretch(
        np.array([item.id for item in rows], np.int64),
        np.array([item.timestamp for item in rows], np.int64),
        np.array([item.level for item in rows], np.uint8),
    )
    return View.empty().merged(new, lambda ids, _: np.arange(len(ids)))


class Rows:
    """Gives rows by id; `gate` holds reads back until it is set."""

    def __init__(self, rows: list[Row]) -> None:
        self.by_id = {item.id: item for item in rows}
        self.asked: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, ids: NDArray[np.int64]) -> list[Row]:
        self.asked.append([int(row_id) for row_id in ids])
        await self.gate.wait()
        return [self.by_id[int(row_id)] for row_id in ids]


class PaintedList(EventList):
    """A list that tells its app which lines it painted."""

    def render_line(self, y: int) -> Strip:
        app = self.app
        assert isinstance(app, ListApp)
        app.painted.append(y)
        return super().render_line(y)


class ListApp(App[None]):
    """An app that is one list."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self.rows = Rows(rows)
        self.view = view_of(rows)
        self.events: list[object] = []
        self.painted: list[int] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(LOG_COLORS)

    def compose(self) -> ComposeResult:
        yield PaintedList(self.rows.read, View.empty())

    def on_mount(self) -> None:
        self.list.focus()

    @property
    def list(self) -> EventList:
        return self.query_one(EventList)

    def on_event_list_cursor_moved(self, message: EventList.CursorMoved) -> None:
        self.events.append(message)

    def on_event_list_opened(self, message: EventList.Opened) -> None:
        self.events.append(message)


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
