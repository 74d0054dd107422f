"""Collections of garbage: off while the program starts, then without what stays."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.events import EventsScreen
from cwtui.wiring import Services, Start


@pytest.fixture
def starting() -> Iterator[None]:
    """As `cwtui.__main__` starts the app; all as it was afterwards."""
    gc.collect()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


async def until(condition: Callable[[], bool]) -> None:
    limit = monotonic() + 20
    while not condition():
        assert monotonic() < limit
        await asyncio.sleep(0.01)


def app_on(path: Path) -> CwtuiApp:
    path.write_text("".join(f"2026-11-22T10:00:00.{at:03}Z line {at}\n" for at in range(900)))
    return CwtuiApp(Services(Settings(from_paths=(str(path),))), Start(everything=True))


async def test_what_stays_is_left_out_of_collections(tmp_path: Path, starting: None) -> None:
    app = app_on(tmp_path / "a.log")
    async with app.run_test():
        await until(
            lambda: isinstance(app.screen, EventsScreen) and app.screen.load_state.kind.value == "loaded"
        )
        await until(gc.isenabled)
        await until(lambda: gc.get_freeze_count() > 10_000)


async def test_where_the_start_switched_nothing_off_nothing_is_left_out(tmp_path: Path) -> None:
    kept = gc.get_freeze_count()
    app = app_on(tmp_path / "a.log")
    async with app.run_test():
        await until(
            lambda: isinstance(app.screen, EventsScreen) and app.screen.load_state.kind.value == "loaded"
        )
    assert gc.isenabled()
    assert gc.get_freeze_count() == kept
