"""What was open is offered at the next start, and comes back as it was left; never by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from cwtui.core.errors import DataError
from cwtui.settings import Settings
from cwtui.ui.last_session import LastSession, read_session, session_file, write_session
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.widgets.row_look import TimeFormat
from cwtui.wiring import Start
from tests.ui.event_rows import screen_text
from tests.ui.scripted import GROUP, EventsApp, ScriptedReader, loaded, many, until

FULL = LastSession(
    ("/a", "/b"),
    ("s",),
    "",
    "?ERROR",
    (("level >= warn", True), ('"x"', False)),
    start=1_000,
    end=2_000,
    at=1_500,
    at_id="e1",
    wrap=True,
    times="ingestion lag",
)


def test_a_session_comes_back_as_it_was_written_for_its_own_context_only() -> None:
    staging, production = Settings(profile="staging"), Settings(profile="prod")
    write_session(staging, FULL)
    write_session(production, LastSession(("/p",), last_ms=900_000))
    assert read_session(staging) == FULL
    assert read_session(production) == LastSession(("/p",), last_ms=900_000)
    assert read_session(Settings()) is None
    assert session_file().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 7, "sessions": []}',
        '{"version": 1, "sessions": [{}]}',
        '{"version": 1, "sessions": 5}',
        "\x00" * 100,
        "[" * 100_000,
    ],
)
def test_a_broken_file_is_told_and_the_next_session_is_written_all_the_same(text: str) -> None:
    session_file().parent.mkdir(parents=True)
    session_file().write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        read_session(Settings())
    write_session(Settings(), FULL)
    assert read_session(Settings()) == FULL


@pytest.mark.parametrize(
    ("good", "bad"),
    [('"/a"', "5"), ("1000", '"x"'), ("true", "1"), ('"?ERROR"', "null"), ('"start": 1000,', "")],
)
def test_a_field_of_another_kind_is_no_session(good: str, bad: str) -> None:
    write_session(Settings(), FULL)
    text = session_file().read_text(encoding="utf-8")
    assert good in text
    session_file().write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(DataError):
        read_session(Settings())


def test_a_folder_that_cannot_be_written_costs_the_session_only(isolated_home: Path) -> None:
    (isolated_home / "state").write_text("in the way")
    write_session(Settings(), FULL)


async def listed(app: EventsApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: "1 group" in screen_text(app))


async def test_leaving_keeps_the_view_and_a_key_goes_on_with_it() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        app.run_command("level warn")
        await until(pilot, lambda: len(app.view.event_list.view) == 60)
        await pilot.press("t", "w")
        app.run_command("17")
        await until(pilot, lambda: app.view.event_list.row is not None)
        there = app.view.event_list.timestamp
        app.exit(0)

    again = EventsApp(ScriptedReader(many(300)), Start())
    async with again.run_test(size=(120, 30)) as pilot:
        await listed(again, pilot)
        assert f"last time: {GROUP}, 1 filter   . goes on" in screen_text(again)
        assert not any(isinstance(screen, EventsScreen) for screen in again.screen_stack)
        await pilot.press(".")
        await loaded(again, pilot)
        events = again.view.event_list
        await until(pilot, lambda: events.timestamp == there and not events.following)
        assert len(events.view) == 60
        assert events.look.time is TimeFormat.DATE
        assert events.look.wrap
        assert "last 15m (UTC)" in screen_text(again)


async def test_a_view_that_was_left_for_the_list_is_offered_there_too() -> None:
    app = EventsApp(ScriptedReader(many(30)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("q")
        await until(pilot, lambda: "last time: " in screen_text(app))
        await pilot.press("a", ".")
        assert app.groups_screen.field.value == "a.", "a dot within a name is a dot"
        app.exit(0)
    session = read_session(Settings())
    assert session is not None
    assert session.groups == (GROUP,)


async def test_a_broken_file_is_one_note_and_nothing_is_offered() -> None:
    session_file().parent.mkdir(parents=True)
    session_file().write_text("{", encoding="utf-8")
    app = EventsApp(ScriptedReader(many(3)), Start())
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await listed(app, pilot)
        assert ["is not offered" in note.message for note in app._notifications] == [True]
        assert "goes on" not in screen_text(app)
        await pilot.press(".")
        assert app.groups_screen.field.value == "."


async def test_a_filter_of_another_version_costs_the_filters_not_the_events() -> None:
    write_session(Settings(), LastSession((GROUP,), filters=(("level >>> 5", True),), last_ms=900_000))
    app = EventsApp(ScriptedReader(many(30)), Start())
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await listed(app, pilot)
        await pilot.press(".")
        await loaded(app, pilot)
        assert len(app.view.event_list.view) == 30
        assert not app.view.filters.filters
