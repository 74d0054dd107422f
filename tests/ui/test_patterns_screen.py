from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from cwtui.lang.where import FilterStack, from_bar, parse_where
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.screens.patterns import PatternsScreen
from cwtui.ui.screens.patterns_words import ORDERS
from cwtui.ui.widgets.chips import ChipsRow
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, until

HOSTILE = "alarm \x1b]52;c;aGk=\x07 [red]raised[/red] in zone"
LINES = [
    *(event(9 - n / 10, f"INFO order {n} paid by card") for n in range(20)),
    *(event(6 - n / 10, f"ERROR payment {n} failed: gateway refused") for n in range(12)),
    *(event(4 - n / 10, f"WARN retry {n} of job backup") for n in range(4)),
    event(0.1, f"INFO {HOSTILE}"),
]


def app_of(lines: list[Any] | None = None) -> EventsApp:
    return EventsApp(ScriptedReader(LINES if lines is None else lines))


def patterns(app: EventsApp) -> PatternsScreen:
    screen = app.screen
    assert isinstance(screen, PatternsScreen)
    return screen


async def begin(app: EventsApp, pilot: Pilot[Any]) -> PatternsScreen:
    """At the patterns of all that is loaded."""
    await loaded(app, pilot)
    await pilot.press("P")
    await until(pilot, lambda: isinstance(app.screen, PatternsScreen) and bool(app.screen.patterns.places()))
    await until(pilot, lambda: said(app) != [])
    return patterns(app)


def said(app: EventsApp) -> list[tuple[str, int]]:
    """The templates and counts, as listed."""
    return [(line.row.text, line.row.count) for line in patterns(app).patterns.places()]


async def test_what_the_events_say_is_listed_with_its_figures_and_the_values_of_its_slots() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await begin(app, pilot)
        assert said(app)[:3] == [
            ("payment <*> failed: gateway refused", 12),
            ("retry <*> of job backup", 4),
            ("order <*> paid by card", 20),
        ]
        await until(pilot, lambda: "0..11 (median" in screen_text(app))
        text = screen_text(app)
        assert "4 patterns in 37 events" in text
        assert "32.4%" in text
        assert "[red]raised" in text
        assert "\x1b" not in text
        assert "\x07" not in text


async def test_enter_shows_only_the_events_of_the_pattern_and_names_the_chip_by_it() -> None:
    app = app_of()
    async with app.run_test(size=(160, 30)) as pilot:
        await begin(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.view and len(app.view.investigation.view) == 12)
        assert (
            str(app.view.stack.filters[0])
            == "level = error and /payment\\s+.*\\s+failed:\\s+gateway\\s+refused/"
        )
        await until(pilot, lambda: "ERROR payment <*>" in screen_text(app))
        assert app.view.query_one(ChipsRow)
        line = app.view.investigation.open_line()
        assert parse_where(app.view.stack.where()) == app.view.stack.filters[0].expression
        assert "--where" in line
        await pilot.press("P")
        await until(pilot, lambda: said(app) == [("payment <*> failed: gateway refused", 12)])


async def test_the_filter_lets_new_events_of_the_pattern_through() -> None:
    reader = ScriptedReader(LINES)
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await begin(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: len(app.view.investigation.view) == 12)
        await until(pilot, lambda: app.view.follow_state.following)
        reader.events += [
            event(0, "ERROR payment 99 failed: gateway refused"),
            event(0, "INFO order 99 paid by card"),
        ]
        app.scripted.tick()
        await until(pilot, lambda: len(app.view.investigation.view) == 13)


async def test_an_exclamation_mark_hides_the_events_and_the_list_goes_on() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await begin(app, pilot)
        await pilot.press("j", "!")
        view = app.screen_stack[-2]
        assert isinstance(view, EventsScreen)
        await until(pilot, lambda: len(view.investigation.view) == 33)
        await until(pilot, lambda: "3 patterns in 33 events" in screen_text(app))
        assert ("retry <*> of job backup", 4) not in said(app)
        assert str(view.stack.filters[0]).startswith("not (level = warn and /retry")
        await pilot.press("escape")
        await until(pilot, lambda: "[not WARN retry" in screen_text(app))


async def test_new_events_are_counted_while_the_tail_runs_and_the_cursor_keeps_its_pattern() -> None:
    reader = ScriptedReader(LINES)
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.follow_state.following)
        screen = await begin(app, pilot)
        await pilot.press("j", "j")
        assert screen.patterns.current is not None
        assert screen.patterns.current.row.text == "order <*> paid by card"
        reader.events += [event(0, f"ERROR disk {n} is full") for n in range(30)]
        app.scripted.tick()
        await until(pilot, lambda: ("disk <*> is full", 30) in said(app))
        assert screen.patterns.current.row.text == "order <*> paid by card"
        assert "LIVE" in screen_text(app)


async def test_the_list_is_sorted_by_number_first_and_last() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await begin(app, pilot)
        for _, order in (*ORDERS[1:], ORDERS[0]):
            await pilot.press("o")
            rows = [line.row for line in screen.patterns.places()]
            assert rows == sorted(rows, key=order)
            assert len(rows) == 4


async def test_a_slash_narrows_and_escape_widens_then_leaves_with_the_cursor_kept() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await begin(app, pilot)
        await pilot.press("slash", *"card paid", "enter")
        assert said(app) == [("order <*> paid by card", 20)]
        await pilot.press("escape")
        assert len(said(app)) == 4
        await pilot.press("G", "escape")
        await until(pilot, lambda: app.screen is app.view)
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.screen, PatternsScreen) and bool(said(app)))
        assert patterns(app).patterns.cursor == 3
        await pilot.press("slash", *"nosuch", "enter")
        assert "No pattern says nosuch" in screen_text(app)


async def test_e_goes_from_error_to_error() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await begin(app, pilot)
        await pilot.press("o", "g")
        assert screen.patterns.cursor == 0
        await pilot.press("e")
        assert screen.patterns.current is not None
        assert screen.patterns.current.row.text == "payment <*> failed: gateway refused"


async def test_where_nothing_is_shown_it_says_so() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        app.view.apply_filters(FilterStack((from_bar("no such text"),)))
        await until(pilot, lambda: not len(app.view.investigation.view))
        await pilot.press(":", *"patterns", "enter")
        await until(pilot, lambda: "No events are shown" in screen_text(app))


async def test_mining_that_ended_is_told_and_begun_again() -> None:
    reader = ScriptedReader(LINES)
    app = EventsApp(reader)
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.follow_state.following)
        screen = await begin(app, pilot)
        assert screen._source is not None
        await screen._source._mining.aclose()
        reader.events.append(event(0, "INFO one more"))
        app.scripted.tick()
        await until(pilot, lambda: "has ended" in screen_text(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "5 patterns in 38 events" in screen_text(app))


async def test_it_fits_small_and_plain_screens() -> None:
    for size in ((40, 12), (60, 16), (80, 24), (200, 60)):
        app = app_of()
        async with app.run_test(size=size) as pilot:
            await begin(app, pilot)
            lines = screen_text(app).splitlines()
            assert any("payment" in line or "paymen" in line for line in lines), size
            assert all(len(line) <= size[0] for line in lines)
