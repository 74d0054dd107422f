"""Files that are opened: rows while they are read, how far reading is, and stopping it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.words import reading_words
from cwtui.wiring import Services, Start

LINES = 150_000


def log_of(path: Path, count: int = LINES) -> Path:
    path.write_text(
        "".join(
            f"2026-11-22T10:{at // 60_000:02}:{at // 1000 % 60:02}.{at % 1000:03}Z line {at}\n"
            for at in range(count)
        )
    )
    return path


async def until(condition: Callable[[], bool]) -> None:
    limit = monotonic() + 20
    while not condition():
        assert monotonic() < limit
        await asyncio.sleep(0.01)


def app_on(*paths: Path) -> CwtuiApp:
    services = Services(Settings(from_paths=tuple(map(str, paths))))
    return CwtuiApp(services, Start(everything=True))


async def test_all_of_two_files_is_shown_once_and_in_order(tmp_path: Path) -> None:
    paths = (log_of(tmp_path / "a.log", 30_000), log_of(tmp_path / "b.log", 20))
    app = app_on(*paths)
    async with app.run_test(size=(120, 40)):
        await until(lambda: isinstance(app.screen, EventsScreen) and app.screen.ready)
        screen = app.screen
        assert isinstance(screen, EventsScreen)
        await until(lambda: screen.load_state.kind.value == "loaded")
        await until(lambda: len(screen.event_list.view) == 30_020)
        times = screen.investigation.view.times
        assert (times[1:] >= times[:-1]).all()
        await until(lambda: set(screen.groups) == {str(path) for path in paths})
        query = screen.investigation.query
        assert query is not None
        assert query.window.start == times[0]


async def test_stopping_keeps_what_was_read_and_says_how_far_it_came(tmp_path: Path) -> None:
    app = app_on(log_of(tmp_path / "a.log"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.services.reading is not None)
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, EventsScreen) and app.screen.ready)
        screen = app.screen
        assert isinstance(screen, EventsScreen)
        await until(lambda: screen.load_state.kind.value == "partial")
        assert 0 < screen.investigation.loaded < LINES
        assert "Reading was stopped at" in screen.load_state.partial[0]


def test_how_far_reading_is_in_words() -> None:
    assert reading_words(45, 100, ascii_only=False) == "READING 45 % of 100 B ▰▰▱▱▱"
    assert reading_words(100, 100, ascii_only=True) == "READING 100 % of 100 B #####"
    assert reading_words(45, 0, ascii_only=True) == "READING 45 B"
