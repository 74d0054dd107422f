from __future__ import annotations

from cwtui.ui.screens.bookmarks import BookmarksScreen
from cwtui.ui.widgets.summary import DigestList
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, many, until


async def test_a_bookmark_is_set_found_again_and_taken_off() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("g", "j", "j", "m")
        events = app.view.event_list
        await until(pilot, lambda: "●" in screen_text(app))
        await pilot.press("G", "U")
        assert events.cursor == 2
        await pilot.press("m")
        assert app.view.bookmarks == {}


async def test_bookmarks_with_their_notes_are_listed_and_enter_goes_there() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("g")
        app.view.note("here it [/b] begins")
        await pilot.press("G")
        app.view.commands()["marks"]("")
        await until(pilot, lambda: isinstance(app.screen, BookmarksScreen))
        assert "here it [/b] begins" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.view.event_list.cursor == 0)


async def test_a_range_is_what_is_copied_and_summarised() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("g", "v", "j", "j", "j")
        chosen = app.view.chosen_ids()
        assert chosen is not None
        assert len(chosen) == 4
        await pilot.press("y")
        await until(pilot, lambda: len(app.clipboard.splitlines()) == 4)
        await pilot.press("a")
        await until(pilot, lambda: "4 events" in screen_text(app))
        await until(pilot, lambda: app.screen.query_one(DigestList).option_count > 0)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.view.chosen_ids() is None)


async def test_a_silence_is_told_above_the_event_that_ends_it() -> None:
    quiet = [event(700 - number, f"m{number}") for number in range(100)]
    app = EventsApp(ScriptedReader([*quiet, event(5, "back again")]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "nothing for" in screen_text(app))
        lines = screen_text(app).splitlines()
        place = next(number for number, line in enumerate(lines) if "nothing for" in line)
        assert "back again" in lines[place + 1]
