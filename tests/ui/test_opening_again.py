"""Files that are opened again: what was left of them last time is offered, and is not lost unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.last_session import LastSession, read_session, write_session
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.screens.events.trace import TraceScreen
from cwtui.wiring import Services, Start
from tests.ui.event_rows import screen_text

NOW = 1_795_168_860_000 + 2 * 86_400_000


def log_of(path: Path, count: int = 300) -> Path:
    lines = (f"2026-11-20T10:{at // 60:02}:{at % 60:02}Z line {at}\n" for at in range(count))
    path.write_text("".join(lines))
    return path


async def until(condition: Callable[[], bool]) -> None:
    limit = monotonic() + 20
    while not condition():
        assert monotonic() < limit
        await asyncio.sleep(0.01)


def settings_of(*paths: Path) -> Settings:
    return Settings(from_paths=tuple(map(str, paths)))


def app_on(*paths: Path) -> CwtuiApp:
    return CwtuiApp(Services(settings_of(*paths), clock=lambda: NOW), Start(everything=True))


async def shown(app: CwtuiApp, rows: int) -> EventsScreen:
    """The view once it is loaded and shows so many rows."""
    await until(lambda: isinstance(app.screen, EventsScreen) and app.screen.ready)
    screen = app.screen
    assert isinstance(screen, EventsScreen)
    await until(lambda: screen.load_state.kind.value == "loaded" and len(screen.event_list.view) == rows)
    screen.repaint_now()
    return screen


async def leave_narrowed(*paths: Path) -> LastSession:
    """Opens files, chooses a window and a filter, moves, leaves; what was kept."""
    app = app_on(*paths)
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 300 * len(paths))
        app.run_command("time 2026-11-20T10:01:00 2026-11-20T10:02:00")
        await shown(app, 60 * len(paths))
        app.run_command("filter 1")
        screen = app.screen
        assert isinstance(screen, EventsScreen)
        await until(lambda: len(screen.filters.filters) == 1)
        app.run_command("5")
        await until(lambda: not screen.event_list.following and screen.event_list.row is not None)
        await pilot.press("ctrl+q")
    kept = read_session(settings_of(*paths))
    assert kept is not None
    assert (kept.start, len(kept.filters)) == (1_795_168_860_000, 1)
    return kept


async def test_the_same_files_offer_to_go_on_and_a_key_does(tmp_path: Path) -> None:
    paths = (log_of(tmp_path / "a.log"), log_of(tmp_path / "b.log"))
    kept = await leave_narrowed(*paths)
    app = app_on(*reversed(paths))
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 600)
        text = screen_text(app)
        assert "last time: 11-20 10:01-10:02 (UTC), 1 filter, at 10:01:" in text
        assert "   . goes on" in text
        await pilot.press(".")
        await until(lambda: isinstance(app.screen, EventsScreen) and len(app.screen.filters.filters) == 1)
        screen = app.screen
        assert isinstance(screen, EventsScreen)
        await until(lambda: screen.ready and screen.event_list.timestamp == kept.at)
        screen.repaint_now()
        await pilot.pause()
        assert "goes on" not in screen_text(app)


async def test_what_was_left_stays_until_something_is_changed(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.log")
    kept = await leave_narrowed(path)
    app = app_on(path)
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 300)
        await pilot.press("k", "k", "ctrl+q")
    assert read_session(settings_of(path)) == kept

    app = app_on(path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(app, 300)
        app.run_command("filter 2")
        await until(lambda: len(screen.filters.filters) == 1)
        screen.repaint_now()
        await pilot.pause()
        assert "goes on" not in screen_text(app)
        await pilot.press("ctrl+q")
    left = read_session(settings_of(path))
    assert left is not None
    assert left.start is None
    assert left.filters != kept.filters


async def test_leaving_before_anything_is_read_loses_nothing(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.log")
    kept = await leave_narrowed(path)
    app = app_on(path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+q")
    assert read_session(settings_of(path)) == kept


async def test_a_view_in_which_nothing_was_done_is_not_offered(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.log")
    write_session(settings_of(path), LastSession((str(path),)))
    app = app_on(path)
    async with app.run_test(size=(120, 40)):
        await shown(app, 300)
        assert "last time" not in screen_text(app)


async def test_a_place_alone_gives_way_to_another_place(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.log")
    write_session(settings_of(path), LastSession((str(path),), at=1_795_168_860_000))
    app = app_on(path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(app, 300)
        assert "last time: at 10:01:00" in screen_text(app)
        app.run_command("7")
        await until(lambda: not screen.event_list.following and screen.event_list.row is not None)
        await pilot.press("ctrl+q")
    left = read_session(settings_of(path))
    assert left is not None
    assert left.at == 1_795_168_806_000


async def test_ctrl_r_reads_a_file_that_changed_anew_and_keeps_one_that_is_gone(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.log")
    app = app_on(path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:

        def told() -> list[str]:
            return [note.message for note in app._notifications]

        await shown(app, 300)
        log_of(path, 310)
        await pilot.press("ctrl+r")
        await shown(app, 310)
        assert "a.log changed: it is read anew." in told()
        path.unlink()
        await pilot.press("ctrl+r")
        await until(lambda: "a.log is gone: what was read stays." in told())
        await shown(app, 310)


async def test_the_latest_few_of_a_file_are_what_is_loaded_and_shown(tmp_path: Path) -> None:
    app = app_on(log_of(tmp_path / "a.log"), log_of(tmp_path / "b.log", 299))
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 599)
        app.run_command("latest 5")
        screen = await shown(app, 5)
        await pilot.pause()
        assert screen.investigation.loaded == 5
        assert "latest 5 (UTC)" in screen_text(app)
        app.run_command("latest 4")
        # Two lines bear the time of the fourth.
        screen = await shown(app, 5)
        await until(lambda: "latest 5 (UTC)" in screen_text(app))


async def test_a_trace_through_files_ran_here(tmp_path: Path) -> None:
    app = app_on(log_of(tmp_path / "a.log"))
    async with app.run_test(size=(140, 40)) as pilot:
        await shown(app, 300)
        app.run_command("trace 299")
        await until(lambda: isinstance(app.screen, TraceScreen))
        await shown(app, 1)
        await pilot.pause()
        text = screen_text(app)
        assert '["299" local ×]' in text or "[299 local ×]" in text
        assert "server" not in text


async def test_the_whole_of_an_old_file_names_its_day(tmp_path: Path) -> None:
    app = app_on(log_of(tmp_path / "a.log"))
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 300)
        await pilot.pause()
        assert "from 11-20 10:00 (UTC)" in screen_text(app)


def streamed(path: Path, *streams: str) -> Path:
    line = '{{"timestamp": {}, "logStream": "{}", "message": "m"}}\n'
    path.write_text("".join(line.format(at, name) for at, name in enumerate(streams)))
    return path


@pytest.mark.parametrize("streams", [("", ""), ("lines", "lines")])
async def test_one_stream_takes_no_column(streams: tuple[str, ...], tmp_path: Path) -> None:
    app = app_on(streamed(tmp_path / "a.jsonl", *streams))
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 2)
        await pilot.pause()
        text = screen_text(app)
        assert "STRM" not in text
        assert "LVL MESSAGE" in text


async def test_several_streams_have_a_column_and_names_that_can_be_read(tmp_path: Path) -> None:
    app = app_on(streamed(tmp_path / "a.jsonl", "lines", "stdin", "web-17"))
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, 3)
        await pilot.pause()
        await until(lambda: all(word in screen_text(app) for word in (" line m", " stdi m", " b-17 m")))
        assert "STRM MESSAGE" in screen_text(app)
