from __future__ import annotations

import json

import pytest
from textual.pilot import Pilot

from cwtui.core.models import LogEvent, Row
from cwtui.ui.widgets.row_markers import GAP, Mark
from tests.ui.event_rows import ListApp, row, screen_text, view_of
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, many, until

TRACE = ["ERROR boom java.lang.IllegalStateException", *(f"\tat a.B.c{n}(B.java:{n})" for n in range(12))]
STRIPPED = [line.strip() for line in TRACE]


def lines_in(app: EventsApp) -> list[str]:
    return [line.strip() for line in app.clipboard.splitlines()]


def traced() -> list[LogEvent]:
    """Thirty events, one of them with twelve lines that were sent alone, another between them."""
    lines = [event(20.5 - number / 1_000, text) for number, text in enumerate(TRACE)]
    other = event(20.5 - 0.0035, "elsewhere")
    other = LogEvent(
        other.timestamp, other.ingestion_time, other.group, "other", other.message, other.event_id
    )
    return [*fine(30), *lines, other]


def fine(count: int) -> list[LogEvent]:
    return [event(count - number, f"INFO fine {number}") for number in range(count)]


def number_of(app: EventsApp, text: str) -> int:
    lines = screen_text(app).splitlines()
    found = [number for number, line in enumerate(lines) if text in line]
    assert len(found) == 1, (text, lines)
    return found[0]


async def at_the_trace(app: EventsApp, pilot: Pilot[int]) -> None:
    await loaded(app, pilot)
    await until(pilot, lambda: app.view.ready and len(app.view.event_list.view) == 44)
    await pilot.press("E")
    await until(pilot, lambda: "+12 lines" in screen_text(app))


async def test_lines_of_a_trace_are_one_row_that_unfolds_and_all_are_counted() -> None:
    app = EventsApp(ScriptedReader(traced()))
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_trace(app, pilot)
        assert "a.B.c3" not in screen_text(app)
        assert number_of(app, "elsewhere") == number_of(app, "boom") + 1
        assert "44" in screen_text(app)
        await pilot.press("o")
        await until(pilot, lambda: "a.B.c11" in screen_text(app))
        head = number_of(app, "boom")
        assert [number_of(app, f"a.B.c{n}(") - head for n in range(12)] == list(range(1, 13))
        assert number_of(app, "elsewhere") == head + 13
        await pilot.press("j")
        assert app.view.event_list.row is not None
        assert app.view.event_list.row.message == "elsewhere"
        await pilot.press("k", "o")
        await until(pilot, lambda: "a.B.c11" not in screen_text(app))


async def test_a_key_draws_each_line_alone_and_joins_them_again() -> None:
    app = EventsApp(ScriptedReader(traced()))
    async with app.run_test(size=(120, 50)) as pilot:
        await at_the_trace(app, pilot)
        await pilot.press("J")
        await until(pilot, lambda: "a.B.c11" in screen_text(app))
        assert "+12 lines" not in screen_text(app)
        assert number_of(app, "elsewhere") < number_of(app, "a.B.c11")
        await pilot.press("J")
        await until(pilot, lambda: "+12 lines" in screen_text(app))


async def test_a_line_whose_event_is_filtered_out_stays_a_row_and_one_shown_has_all_its_lines() -> None:
    app = EventsApp(ScriptedReader(traced()))
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_trace(app, pilot)
        await pilot.press("&", *"c7", "enter")
        await until(pilot, lambda: len(app.view.event_list.view) == 1)
        await until(pilot, lambda: "a.B.c7(" in screen_text(app))
        assert app.view.event_list.row_id is not None
        app.view.apply_filters(app.view.filters.__class__())
        await until(pilot, lambda: len(app.view.event_list.view) == 44)
        await pilot.press("L", "L", "L")
        await until(pilot, lambda: len(app.view.event_list.view) == 1)
        await until(pilot, lambda: "+12 lines" in screen_text(app))
        await pilot.press("o")
        await until(pilot, lambda: "a.B.c11" in screen_text(app))


async def test_a_search_goes_from_line_to_line_beneath_an_event_and_on() -> None:
    app = EventsApp(ScriptedReader(traced()))
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_trace(app, pilot)
        await pilot.press("/", *"B.java", "enter")
        await until(pilot, lambda: app.view.hits is not None and len(app.view.hits) == 12)
        await until(pilot, lambda: "a.B.c11" in screen_text(app))
        words = [app.view.hit_words()]
        for _ in range(3):
            await pilot.press("n")
            words.append(app.view.hit_words())
        assert words == [f"hit {number} of 12" for number in (1, 2, 3, 4)]
        assert app.view.event_list.row is not None
        assert "boom" in app.view.event_list.row.message


async def test_a_copy_and_the_detail_have_the_whole() -> None:
    app = EventsApp(ScriptedReader(traced()))
    async with app.run_test(size=(120, 60)) as pilot:
        await at_the_trace(app, pilot)
        await pilot.press("y")
        await until(pilot, lambda: lines_in(app) == STRIPPED)
        await pilot.press("Y")
        await until(pilot, lambda: app.clipboard.count('"timestamp"') == 13)
        await pilot.press("enter")
        app.view.detail.text.scroll_end(animate=False)
        await until(pilot, lambda: "a.B.c11" in screen_text(app))


async def test_a_range_takes_the_lines_of_its_last_event_along() -> None:
    plain = [item for item in traced() if item.message != "elsewhere"]
    app = EventsApp(ScriptedReader(plain))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: len(app.view.event_list.view) == 43)
        await pilot.press("E", "k", "v", "j", "y")
        await until(pilot, lambda: lines_in(app)[1:] == STRIPPED)


async def test_the_cursor_walks_and_pages_over_lines_that_are_not_drawn() -> None:
    app = EventsApp(ScriptedReader(traced()))
    async with app.run_test(size=(120, 16)) as pilot:
        await at_the_trace(app, pilot)
        events = app.view.event_list
        await pilot.press("g")
        seen = []
        for _ in range(40):
            assert events.row_id is not None
            seen.append(events.row_id)
            events.action_cursor_down()
        assert len(dict.fromkeys(seen)) == 32
        assert events.at_end
        await pilot.press("g", "space", "space", "space", "space", "space")
        assert events.at_end
        for _ in range(9):
            events.action_page_up()
        assert events.cursor == 0
        await pilot.press("G")
        assert events.following


async def test_at_the_end_a_trace_that_grows_is_followed_and_unfolded_shows_what_came() -> None:
    head = [event(0.5 - number / 1_000, text) for number, text in enumerate(TRACE[:5])]
    reader = ScriptedReader([*fine(30), *head])
    app = EventsApp(reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "+4 lines" in screen_text(app))
        events = app.view.event_list
        assert events.following
        assert events.row is not None
        assert "boom" in events.row.message
        await pilot.press("o")
        await until(pilot, lambda: "a.B.c3(" in screen_text(app))
        more = [event(0.49 - number / 1_000, text, lag=42_000) for number, text in enumerate(TRACE[5:])]
        reader.events.extend([*more, event(0, "WARN late, and after it", lag=42_000)])
        app.scripted.tick()
        await until(pilot, lambda: "a.B.c11(" in screen_text(app))
        assert events.following
        assert events.row is not None
        assert events.row.message == "WARN late, and after it"
        await until(pilot, lambda: "late 42 s" in screen_text(app))
        assert screen_text(app).count("late 42 s") == 1


def rows_from(start: int, count: int) -> list[Row]:
    return [row(number) for number in range(start, start + count)]


async def shown(app: ListApp, pilot: Pilot[None]) -> list[str]:
    await pilot.pause()
    await pilot.pause()
    return screen_text(app).splitlines()


async def test_marks_are_lines_between_events_and_the_cursor_goes_over_them() -> None:
    rows = rows_from(0, 100)
    app = ListApp(rows)
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.marks = [Mark(rows[95].timestamp, GAP, "not read: 10:01:30-10:01:34 · throttled")]
        lines = await shown(app, pilot)
        place = next(number for number, line in enumerate(lines) if "throttled" in line)
        assert "event 94" in lines[place - 1]
        assert "event 95" in lines[place + 1]
        assert "event 99" in lines[-1]
        app.list.move_to(95)
        await pilot.press("k")
        assert app.list.row_id == 94
        await pilot.click(type(app.list), offset=(10, place))
        assert app.list.row_id == 95


async def test_marks_at_the_end_and_of_an_empty_list_are_seen() -> None:
    rows = rows_from(0, 50)
    app = ListApp(rows)
    async with app.run_test(size=(60, 20)) as pilot:
        late = Mark(rows[-1].timestamp + 1, GAP, "not read: denied")
        app.list.marks = [late]
        assert "denied" in (await shown(app, pilot))[0]
        app.list.show(app.view)
        lines = await shown(app, pilot)
        assert "denied" in lines[-1]
        assert "event 49" in lines[-2]
        await pilot.press("g")
        assert not any("denied" in line for line in await shown(app, pilot))
        await pilot.press("G")
        assert "denied" in (await shown(app, pilot))[-1]
        assert app.list.following


@pytest.mark.parametrize("height", [1, 3, 5, 12])
async def test_on_any_height_the_event_under_the_cursor_is_seen(height: int) -> None:
    rows = rows_from(0, 60)
    app = ListApp(rows)
    async with app.run_test(size=(60, height)) as pilot:
        app.list.show(app.view)
        app.list.marks = [Mark(item.timestamp, GAP, "gap") for item in rows[::2]]
        for key in ("k", "k", "b", "j", "space", "g", "j", "j", "ctrl+d", "G", "k"):
            await pilot.press(key)
            lines = await shown(app, pilot)
            assert any(f"event {app.list.row_id} " in f"{line} " for line in lines), (key, lines)


async def test_a_late_event_above_marks_leaves_the_cursor_on_its_line() -> None:
    rows = rows_from(0, 100)
    app = ListApp(rows)
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.marks = [Mark(rows[50].timestamp, GAP, "gap"), Mark(rows[52].timestamp, GAP, "gap")]
        app.list.centre(55)
        before = [n for n, line in enumerate(await shown(app, pilot)) if "event 55" in line]
        early = row(500, "late comer", at=rows[51].timestamp + 1)
        app.rows.by_id[500] = early
        app.list.show(view_of([*rows, early]))
        lines = await shown(app, pilot)
        assert [n for n, line in enumerate(lines) if "event 55" in line] == before


async def test_columns_of_a_message_too_long_for_the_list_are_read_from_the_whole() -> None:
    long = json.dumps({"filler": ["x" * 40] * 200, "order": {"id": 4711}})
    app = EventsApp(ScriptedReader([*many(20), event(1, long)]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        app.view.columns_written("order.id")
        await until(pilot, lambda: "4711" in screen_text(app))


async def test_what_is_searched_for_is_lit_in_the_detail_too() -> None:
    app = EventsApp(ScriptedReader([*many(5), event(0.1, "a needle in hay")]))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.view.detail_open)
        await pilot.press("escape", "/", *"needle", "enter")
        await until(pilot, lambda: app.view.hits is not None and len(app.view.hits) == 1)
        await pilot.press("enter")
        text = app.view.detail.text

        def lit() -> list[str]:
            match = text.get_component_rich_style("detail--match").bgcolor
            segments = [segment for strip in text._strips for segment in strip]
            return [part.text for part in segments if part.style is not None and part.style.bgcolor == match]

        await until(pilot, lambda: lit() == ["needle"])


async def test_scrolling_right_ends_with_the_longest_line_and_says_how_far() -> None:
    app = EventsApp(ScriptedReader([*many(20), event(1, "long " + "x" * 300 + " END")]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.event_list.row is not None)
        for _ in range(30):
            app.view.action_scroll_right()
        await until(pilot, lambda: "END" in screen_text(app))
        left = app.view.event_list.look.left
        assert 200 < left < 300
        await until(pilot, lambda: f"scrolled {left}" in screen_text(app))
        for _ in range(30):
            app.view.action_scroll_left()
        await until(pilot, lambda: "scrolled" not in screen_text(app))
