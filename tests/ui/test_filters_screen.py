from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from cwtui.core.errors import InputError
from cwtui.investigation.saved_filters import save_filters, saved_filters_file
from cwtui.lang.where import FilterStack, from_bar
from cwtui.ui.screens.filters import FiltersScreen
from cwtui.ui.screens.pick import PickScreen
from cwtui.ui.widgets.prompt import Prompt, pointing
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, many, until

JSON = [event(9 - number, f'{{"status": {500 + number % 2}, "user": "Ann"}}') for number in range(8)]


def app_of(*more: Any) -> EventsApp:
    return EventsApp(ScriptedReader([*many(100), *more]))


async def begin(app: EventsApp, pilot: Pilot[Any], *filters: str) -> None:
    """At the screen of a stack of these filters."""
    await loaded(app, pilot)
    app.view.apply_filters(FilterStack(tuple(map(from_bar, filters))))
    await until(pilot, lambda: len(app.view.filters) == len(filters))
    await pilot.press("W")
    await until(pilot, lambda: isinstance(app.screen, FiltersScreen))


def shown(app: EventsApp) -> list[str]:
    return [f"{'' if item.enabled else 'off '}{item}" for item in app.view.stack.filters]


async def settled(app: EventsApp, pilot: Pilot[Any], count: int) -> None:
    """Waits until so many events are shown, below and in the title."""
    await until(pilot, lambda: len(app.view.investigation.view) == count)
    await until(pilot, lambda: f"{count:,} of {app.view.investigation.loaded:,} events" in screen_text(app))


async def test_filters_are_switched_inverted_moved_and_taken_off() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(app, pilot, "upstream", "number 9")
        await settled(app, pilot, 1)
        await pilot.press("space")
        await settled(app, pilot, 11)
        assert shown(app) == ['off "upstream"', '"number 9"']
        await pilot.press("J")
        assert shown(app) == ['"number 9"', 'off "upstream"']
        await pilot.press("space", "!")
        await settled(app, pilot, 10)
        assert shown(app) == ['"number 9"', 'not "upstream"']
        await pilot.press("K", "x")
        await settled(app, pilot, 11)
        assert shown(app) == ['"number 9"']
        await pilot.press("x", "x")
        await until(pilot, lambda: "There is no filter yet" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.view)


async def test_a_filter_added_before_the_last_one_is_through_adds_to_it() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        app.view.filter_written("upstream")
        app.view.filter_written("number 9")
        assert shown(app) == ['"upstream"', '"number 9"']
        await until(pilot, lambda: len(app.view.event_list.view) == 1)
        assert app.view.filters == app.view.stack


async def test_editing_previews_and_escape_takes_it_back() -> None:
    app = app_of()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(app, pilot, "upstream")
        await settled(app, pilot, 10)
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query(Prompt)))
        assert app.screen.query_one(Prompt).text == '"upstream"'
        await pilot.press("ctrl+u", *"slow")
        await until(pilot, lambda: [str(item) for item in app.view.filters.filters] == ['"slow"'])
        await pilot.press("escape")
        await until(pilot, lambda: shown(app) == ['"upstream"'])
        await pilot.press("enter", "ctrl+u", *"level >= warn", "enter")
        await settled(app, pilot, 20)
        assert shown(app) == ["level >= warn"]


async def test_a_filter_that_cannot_be_read_points_at_the_place_and_changes_nothing() -> None:
    app = app_of(*JSON)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(app, pilot, "upstream")
        await pilot.press("a", *"{ $.status >= }", "enter")
        await until(pilot, lambda: "^ expected" in screen_text(app) or "^ The filter" in screen_text(app))
        lines = screen_text(app).splitlines()
        caret = next(number for number, line in enumerate(lines) if "^" in line)
        assert lines[caret - 1][lines[caret].index("^")] == "}"
        assert shown(app) == ['"upstream"']


async def test_a_stack_is_saved_loaded_and_forgotten() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot, "upstream", "level >= warn")
        await pilot.press("s", *"errors", "enter")
        await until(pilot, lambda: saved_filters_file().exists() and not app.screen.query(Prompt))
        await pilot.press("x", "x")
        await settled(app, pilot, 100)
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, PickScreen) and "errors" in screen_text(app))
        await pilot.press("enter")
        await settled(app, pilot, 10)
        assert shown(app) == ['"upstream"', "level >= warn"]
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, FiltersScreen))
        await pilot.press("l")
        await until(pilot, lambda: "No filters are saved yet" in screen_text(app))


async def test_a_broken_file_of_saved_filters_is_said_and_kept() -> None:
    save_filters("a", FilterStack((from_bar("x"),)))
    saved_filters_file().write_text("{broken")
    app = app_of()
    async with app.run_test(size=(200, 40)) as pilot:
        await begin(app, pilot, "upstream")
        await pilot.press("l")
        # Not the text of the screen: where it breaks its lines hangs on how long the path is.
        await until(pilot, lambda: "cannot be read" in str(app.screen.query_one("#said", Static).render()))
        assert saved_filters_file().read_text() == "{broken"


async def test_a_pattern_goes_to_the_service_and_comes_back() -> None:
    app = app_of(*JSON)
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(app, pilot, "{ $.status = 501 }", "level >= warn")
        assert "local" in screen_text(app)
        query = app.view.investigation.query
        await pilot.press("S")
        await until(pilot, lambda: "service" in screen_text(app).replace("local/service", ""))
        await until(pilot, lambda: app.view.investigation.query is not query)
        assert app.view.investigation.query is not None
        assert app.view.investigation.query.pattern == "{ $.status = 501 }"
        assert shown(app) == ["level >= warn"]
        await until(pilot, lambda: app.view.load_state.kind.value == "loaded")
        await pilot.press("g", "S")
        await until(pilot, lambda: app.view.pattern == "")
        await until(pilot, lambda: len(shown(app)) == 2)
        assert shown(app)[1] == 'pattern "{ $.status = 501 }"'


async def test_only_a_pattern_can_be_sent() -> None:
    app = app_of()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(app, pilot, "upstream")
        await pilot.press("S")
        await until(pilot, lambda: "runs CloudWatch patterns only" in screen_text(app))
        assert app.view.pattern == ""


async def test_a_pattern_is_sent_by_name_and_a_broken_one_leaves_the_view() -> None:
    app = app_of(*JSON)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        query = app.view.investigation.query
        await pilot.press(":", *"pattern { $.status = }", "enter")
        await until(pilot, lambda: "^ " in screen_text(app))
        lines = screen_text(app).splitlines()
        caret = next(number for number, line in enumerate(lines) if "^ " in line)
        assert lines[caret - 1][lines[caret].index("^")] == "}"
        assert app.view.investigation.query is query
        await pilot.press("escape", ":", *"pattern ERROR", "enter")
        await until(pilot, lambda: "[ERROR server ×]" in screen_text(app))
        await until(pilot, lambda: app.view.investigation.query is not query)
        await pilot.press(":", *"pattern", "enter")
        await until(pilot, lambda: "server" not in screen_text(app))


async def test_the_shared_line_goes_to_the_clipboard() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(app, pilot, "upstream", "level >= warn")
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard.startswith("cwtui open /aws/lambda/checkout --since "))
        assert app.clipboard.endswith("""--where '"upstream" and level >= warn'""")


async def test_a_click_on_a_chip_opens_it() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        app.view.apply_filters(FilterStack((from_bar("upstream"), from_bar("level >= warn"))))
        await until(pilot, lambda: "[level >= warn local ×]" in screen_text(app))
        column = screen_text(app).splitlines()[1].index("level")
        await pilot.click(offset=(column, 1))
        await until(pilot, lambda: isinstance(app.screen, FiltersScreen))
        await pilot.press("space")
        assert shown(app) == ['"upstream"', "off level >= warn"]


async def test_a_field_that_no_event_has_is_said_and_one_that_some_have_is_not() -> None:
    app = app_of(*JSON)
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("&", *"statu >= 500")
        await until(pilot, lambda: "no event has the field statu" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "No event has the field statu." in screen_text(app))
        await pilot.press("W", "x", "a", *"status >= 900", "enter", "escape")
        await until(pilot, lambda: app.screen is app.view and "None of 108" in screen_text(app))
        await pilot.pause(0.1)
        assert "has the field" not in screen_text(app)


def test_a_caret_line_keeps_to_its_width_and_to_its_place() -> None:
    message = "The filter cannot be read at column 3: expected a number."
    for width in (10, 20, 40, 80):
        for place in range(0, 90, 3):
            line = pointing(message, place, width)
            assert len(line) <= width
            assert line.index("^") == min(place, width - 1) or width < 40
    assert pointing(message, 4, 80) == f"    ^ {message}"
    assert pointing("bad \x1b[2J: x", 0, 80).isprintable()


def test_an_error_without_a_place_has_no_column() -> None:
    assert InputError("no").column == 0
