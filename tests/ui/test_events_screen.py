from __future__ import annotations

import pytest
from textual import events

from cwtui.core.errors import NotFound, PermissionDenied
from cwtui.settings import Settings
from cwtui.ui.widgets.detail import DetailPane
from cwtui.wiring import Start
from tests.ui.event_rows import screen_text
from tests.ui.scripted import GROUP, EventsApp, ScriptedReader, event, loaded, many, until

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_a_group_opens_at_its_newest_events_and_follows(size: tuple[int, int]) -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=size) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "LIVE" in screen_text(app) and "number 299" in screen_text(app))
        text = screen_text(app)
        assert "last 15m (UTC)" in text
        assert "300" in text
        assert app.view.event_list.following
        assert len(app.view.event_list.view) == 300


async def test_new_events_wait_while_the_screen_is_scrolled_up() -> None:
    reader = ScriptedReader(many(200))
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.follow_state.following)
        await pilot.press("k")
        reader.events += [event(0.5 - number / 100, f"INFO fresh {number}") for number in range(14)]
        app.scripted.tick()
        await until(pilot, lambda: "follow off, 14 new" in screen_text(app))
        assert "fresh 13" not in screen_text(app)
        await pilot.press("G")
        await until(pilot, lambda: "fresh 13" in screen_text(app))
        assert "new" not in app.view._follow_words()


async def test_frozen_the_view_stays_while_the_intake_goes_on() -> None:
    reader = ScriptedReader(many(100))
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.follow_state.following)
        await pilot.press("=")
        reader.events.append(event(0.5, "INFO fresh"))
        app.scripted.tick()
        await until(pilot, lambda: "1 new" in screen_text(app))
        assert "FROZEN" in screen_text(app)
        await pilot.press("=")
        await until(pilot, lambda: " fresh" in screen_text(app))


async def test_a_filter_previews_and_escape_takes_it_back() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("&", *"upstream")
        await until(pilot, lambda: len(app.view.event_list.view) == 30)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.view.event_list.view) == 300)
        assert app.view.prompt is None


async def test_a_filter_that_is_entered_becomes_a_chip_and_a_click_on_its_cross_takes_it_off() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("&", *"upstream", "enter")
        await until(pilot, lambda: "local ×]" in screen_text(app))
        assert "30 shown" in screen_text(app)
        line = screen_text(app).splitlines()[1]
        await pilot.click(offset=(line.index("×"), 1))
        await until(pilot, lambda: len(app.view.event_list.view) == 300)


async def test_a_filter_that_cannot_be_read_keeps_the_view_and_says_why() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("&")
        # At once: letter by letter, a slow machine would preview the word `level` in between.
        app.post_message(events.Paste("level >="))
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be read" in screen_text(app))
        assert len(app.view.event_list.view) == 300
        assert app.view.prompt is not None
        await pilot.press("escape")
        await until(pilot, lambda: app.view.prompt is None)


async def test_a_filter_that_cannot_be_read_takes_back_what_its_beginning_hid() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("&", "l")
        await until(pilot, lambda: len(app.view.event_list.view) == 60)
        await pilot.press(*"evel >=", "enter")
        await until(pilot, lambda: "cannot be read" in screen_text(app))
        await until(pilot, lambda: len(app.view.event_list.view) == 300)
        assert "cannot be read" in screen_text(app)


async def test_the_level_floor_goes_round() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        for shown in (300, 60, 30, 300):
            await pilot.press("L")
            await until(pilot, lambda shown=shown: len(app.view.event_list.view) == shown)  # type: ignore[misc]


async def test_search_finds_without_hiding_and_goes_round() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await loaded(app, pilot)
        await pilot.press("/", *"upstream")
        await until(pilot, lambda: app.view.hits is not None and len(app.view.hits) == 30)
        await pilot.press("enter")
        await until(pilot, lambda: "hit 1 of 30" in screen_text(app))
        assert len(app.view.event_list.view) == 300
        await pilot.press("N")
        await until(pilot, lambda: "hit 30 of 30" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: "hit 1 of 30" in screen_text(app))
        assert "from the other end" in screen_text(app)


async def test_errors_are_a_key_apart() -> None:
    app = EventsApp(ScriptedReader(many(100)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("E")
        assert app.view.event_list.cursor == 90
        await pilot.press("E")
        assert app.view.event_list.cursor == 80
        await pilot.press("e")
        assert app.view.event_list.cursor == 90
        await until(pilot, lambda: "▌10:14:50.000 ERR" in screen_text(app))


@pytest.mark.parametrize("size", SIZES)
async def test_the_detail_opens_closes_and_leaves_the_cursor_alone(size: tuple[int, int]) -> None:
    hostile = '{"msg":"[bold]x[/x] \\u001b]0;T\\u0007","nested":{"code":502}}'
    app = EventsApp(ScriptedReader([*many(50), event(0.1, hostile)]))
    async with app.run_test(size=size) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: '"code": 502' in screen_text(app))
        text = screen_text(app)
        assert "[bold]x[/x] ␛]0;T␇" in text
        assert "[$LATEST]b77c0d1e" in text
        assert "\x1b" not in text
        await pilot.press("escape")
        assert not app.view.query_one(DetailPane).display
        assert app.view.event_list.cursor == 50
        assert app.view.event_list.has_focus


async def test_a_line_of_a_megabyte_opens_cut_and_says_so() -> None:
    app = EventsApp(ScriptedReader([event(1, "x" * 1_000_000)]))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "+972.6 KB" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "x" * 100 in screen_text(app))
        app.view.detail.text.action_last()
        await until(pilot, lambda: "the event has 976.6 KB" in screen_text(app))


async def test_an_empty_window_says_what_to_press() -> None:
    app = EventsApp(ScriptedReader([]))
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "press 8 for 24 h" in screen_text(app))
        assert "No events in the last 15m" in screen_text(app)


async def test_a_preset_loads_another_window() -> None:
    app = EventsApp(ScriptedReader([event(7_200, "INFO long ago"), *many(10)]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        assert len(app.view.event_list.view) == 10
        await pilot.press("8")
        await until(pilot, lambda: len(app.view.event_list.view) == 11)
        assert "last 24h (UTC)" in screen_text(app)
        await pilot.press("9", *"-1m", "enter")
        await until(pilot, lambda: "from 10:14 (UTC)" in screen_text(app))


async def test_a_failed_load_says_what_was_wrong_and_a_key_tries_again() -> None:
    reader = ScriptedReader(many(10))
    reader.failures[GROUP] = NotFound("There is no such group here.", "Check the region.")
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "ctrl+r tries again" in screen_text(app))
        assert "There is no such group here." in screen_text(app)
        assert "FAILED" in screen_text(app)
        reader.failures.clear()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "number 9" in screen_text(app))


async def test_a_denied_group_is_named_while_the_other_shows() -> None:
    reader = ScriptedReader(many(10))
    reader.failures["/secret"] = PermissionDenied("You may not read /secret.", "Ask for it.")
    app = EventsApp(reader, Start(groups=(GROUP, "/secret")))
    async with app.run_test(size=(160, 40)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "1 group not whole" in screen_text(app))
        assert "You may not read" in screen_text(app)
        assert "≥ 10 in range" in screen_text(app)


async def test_leaving_cancels_what_runs() -> None:
    reader = ScriptedReader(many(10))
    reader.gate.clear()
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: reader.open_calls > 0)
        await pilot.press("q")
        await until(pilot, lambda: reader.open_calls == 0)
        assert len(app.screen_stack) == 1


async def test_while_loading_the_status_counts() -> None:
    reader = ScriptedReader(many(300))
    reader.gate.clear()
    app = EventsApp(reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "LOADING 0/1 group" in screen_text(app))
        assert "Loading…" in screen_text(app)
        reader.gate.set()
        await loaded(app, pilot)


async def test_copying_is_printable_and_says_how_much() -> None:
    app = EventsApp(ScriptedReader([event(1, "run \x1b[31m me\n")]))
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await loaded(app, pilot)
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == "run ␛[31m me")
        await pilot.press("Y")
        await until(pilot, lambda: '"logGroup": "/aws/lambda/checkout"' in app.clipboard)


async def test_commands_of_the_line_reach_the_view() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        app.run_command("42")
        assert app.view.event_list.cursor == 41
        app.run_command("level error")
        await until(pilot, lambda: len(app.view.event_list.view) == 30)
        app.run_command("out number 100")
        await until(pilot, lambda: len(app.view.event_list.view) == 29)
        app.run_command("goto 10:14")
        assert (app.view.event_list.timestamp or 0) >= 1_763_806_440_000


async def test_ascii_terminals_get_ascii() -> None:
    app = EventsApp(ScriptedReader(many(300)), settings=Settings(ascii_only=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "peak" in screen_text(app))
        rows = [line[:-1] for line in screen_text(app).splitlines()[1:-1]]
        assert all(line.isascii() for line in rows), [line for line in rows if not line.isascii()]


async def test_resizing_through_every_layout_keeps_the_event_under_the_cursor() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        app.view.event_list.move_to(150)
        row_id = app.view.event_list.row_id
        for size in ((80, 24), (50, 12), (200, 60), (110, 36), (60, 16)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: "number 150" in screen_text(app))
            assert app.view.event_list.row_id == row_id


async def test_a_long_hint_goes_on_in_the_next_line() -> None:
    reader = ScriptedReader([])
    reader.failures[GROUP] = NotFound("It is not there.", "Check the spelling, " * 6 + "the end", code="x")
    app = EventsApp(reader)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "the end" in screen_text(app))
