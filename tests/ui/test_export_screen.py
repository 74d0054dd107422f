"""The export dialog over a real window: what it writes opens again."""

from __future__ import annotations

from pathlib import Path

from cwtui.deliver.recording import read_events
from cwtui.ui.screens.confirm import ConfirmScreen
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.screens.export import ExportScreen
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, loaded, many, until


async def test_what_is_shown_is_written_and_opens_again(tmp_path: Path) -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(140, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press(*":level error", "enter")
        await until(pilot, lambda: len(app.view.event_list.view) == 30)
        app.view.export_to(str(tmp_path / "incident"))
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "written to" in screen_text(app))
        assert "cwtui open" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, EventsScreen))
    assert sum(len(batch) for batch in read_events(tmp_path / "incident")) == 30


async def test_tab_goes_through_the_forms_and_a_failure_leaves_the_dialog_open(tmp_path: Path) -> None:
    app = EventsApp(ScriptedReader(many(20)))
    async with app.run_test(size=(140, 40)) as pilot:
        await loaded(app, pilot)
        app.view.export_to(str(tmp_path / "missing" / "incident"))
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        await pilot.press("tab", "tab")
        await until(pilot, lambda: "JSON lines" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "mkdir" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, EventsScreen))
    assert not list(tmp_path.iterdir())


async def test_quitting_asks_while_an_export_is_written_but_not_for_following_alone(tmp_path: Path) -> None:
    app = EventsApp(ScriptedReader(many(20)))
    async with app.run_test(size=(140, 40)) as pilot:
        await loaded(app, pilot)
        assert app.view.follow_state.following
        assert app.view.running() == ""
        app.view.export_to(str(tmp_path / "incident"))
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        assert isinstance(app.screen, ExportScreen)
        app.screen._writing = True
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "An export of 20 events is being written" in screen_text(app)
