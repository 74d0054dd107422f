"""From a statement to its events: keys of the list and of the summary that narrow, hide or show apart."""

from __future__ import annotations

from cwtui.ui.widgets.summary import DigestList
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, loaded, many, until
from tests.ui.test_comparing import QUIET, command, with_an_hour_before


async def test_the_pattern_of_an_event_is_hidden_and_the_filter_can_be_taken_off() -> None:
    app = EventsApp(ScriptedReader(many(100)), settings=QUIET)
    async with app.run_test(size=(140, 40)) as pilot:
        await loaded(app, pilot)
        view = app.view
        await pilot.press("E", "exclamation_mark")
        await until(pilot, lambda: len(view.investigation.view) == 90)
        assert "upstream failed" not in screen_text(app).partition("local ×")[2]
        await pilot.press("W", "x", "escape")
        await until(pilot, lambda: len(view.investigation.view) == 100)


async def test_a_line_narrows_to_exactly_its_events_or_hides_them() -> None:
    app = EventsApp(ScriptedReader(many(100)), settings=QUIET)
    async with app.run_test(size=(160, 50)) as pilot:
        await loaded(app, pilot)
        view = app.view
        await pilot.press("a")
        await until(pilot, lambda: any(found.option_count for found in app.screen.query(DigestList)))
        lines = view.query_one(DigestList)
        while lines.line is None or lines.line.key != "errors upstream failed number <*>":
            await pilot.press("j")
        await pilot.press("plus")
        await until(pilot, lambda: len(view.investigation.view) == 10)
        await pilot.press("minus")
        await until(pilot, lambda: len(view.stack) == 2)
        await command(app, pilot, "filter")
        await until(pilot, lambda: len(view.investigation.view) == 100)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: view.summary is not None and view.summary.outdated)
        await loaded(app, pilot)
        lines.focus()
        await pilot.press("plus")
        await until(pilot, lambda: any("loaded anew" in note.message for note in app._notifications))
        assert not view.stack.filters


async def test_events_that_are_gone_now_are_shown_apart_and_d_compares_with_the_rest() -> None:
    app = EventsApp(with_an_hour_before(), settings=QUIET)
    async with app.run_test(size=(160, 50)) as pilot:
        await loaded(app, pilot)
        await command(app, pilot, "against previous")
        await until(pilot, lambda: any(found.option_count for found in app.screen.query(DigestList)))
        lines = app.view.query_one(DigestList)
        while lines.line is None or not lines.line.before:
            await pilot.press("j")
        await pilot.press("enter")
        await until(pilot, lambda: "what was compared with (previous)" in screen_text(app))
        assert "cache warmed in" in screen_text(app)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.view.summary is None)
        await command(app, pilot, "level error")
        await until(pilot, lambda: len(app.view.investigation.view) == 44)
        await pilot.press("D")
        await until(pilot, lambda: "44 events against rest" in screen_text(app))
