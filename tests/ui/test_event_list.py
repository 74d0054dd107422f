from __future__ import annotations

import pytest
from textual.pilot import Pilot

from cwtui.core.models import Level, Row
from tests.ui.event_rows import ListApp, Rows, row, screen_text, view_of


def hundred() -> list[Row]:
    return [row(number) for number in range(100)]


async def shown(app: ListApp, pilot: Pilot[None]) -> str:
    await pilot.pause()
    await pilot.pause()
    return screen_text(app)


def without_scrollbar(text: str) -> list[str]:
    return [line[:-1] for line in text.splitlines()]


async def test_the_list_opens_at_its_end_and_reads_what_is_visible_first() -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        text = await shown(app, pilot)
        assert "event 99" in text
        assert "event 80" in text
        assert "event 79" not in text
        assert app.rows.asked[0] == list(range(80, 100))
        assert app.list.following


async def test_rows_that_are_not_read_yet_are_dots_and_come_without_a_key() -> None:
    app = ListApp(hundred())
    app.rows.gate.clear()
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        assert "···" in await shown(app, pilot)
        app.rows.gate.set()
        text = await shown(app, pilot)
        assert "···" not in text
        assert "event 99" in text


async def test_moving_up_stops_following_and_counts_what_comes() -> None:
    rows = hundred()
    app = ListApp(rows[:50])
    app.rows.by_id = Rows(rows).by_id
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        await pilot.press("k")
        assert not app.list.following
        before = await shown(app, pilot)
        app.list.show(view_of(rows[:70]))
        assert without_scrollbar(await shown(app, pilot)) == without_scrollbar(before)
        assert app.list.unseen == 20
        await pilot.press("G")
        assert app.list.following
        assert app.list.unseen == 0
        assert "event 69" in await shown(app, pilot)


async def test_at_the_end_new_events_move_into_sight() -> None:
    rows = hundred()
    app = ListApp(rows[:50])
    app.rows.by_id = Rows(rows).by_id
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.show(view_of(rows))
        assert "event 99" in await shown(app, pilot)
        assert app.list.cursor == 99


async def test_a_late_event_above_leaves_the_event_under_the_cursor_on_its_line() -> None:
    rows = hundred()
    app = ListApp(rows)
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.move_to(50, middle=True)
        await shown(app, pilot)
        place = app.list.cursor - app.list.top
        early = row(500, "late comer", at=rows[10].timestamp + 1)
        app.rows.by_id[500] = early
        app.list.show(view_of([*rows, early]))
        await shown(app, pilot)
        assert app.list.row_id == 50
        assert app.list.cursor - app.list.top == place


@pytest.mark.parametrize("size", [(80, 12), (120, 40), (50, 8)])
async def test_a_resize_keeps_the_event_under_the_cursor_in_sight(size: tuple[int, int]) -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.move_to(50, middle=True)
        await shown(app, pilot)
        place = app.list.cursor - app.list.top
        await pilot.resize_terminal(*size)
        text = await shown(app, pilot)
        assert app.list.row_id == 50
        assert "event 50" in text
        assert app.list.cursor - app.list.top == min(place, size[1] - 1)


async def test_an_event_that_a_filter_hides_gives_the_cursor_to_the_next_in_time() -> None:
    rows = hundred()
    app = ListApp(rows)
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.move_to(51)
        app.list.show(view_of(rows[::2]))
        await shown(app, pilot)
        assert app.list.row_id == 52


async def test_pages_home_and_end_go_where_they_say() -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        await pilot.press("g")
        assert (app.list.cursor, app.list.top) == (0, 0)
        await pilot.press("space")
        assert (app.list.cursor, app.list.top) == (20, 20)
        await pilot.press("b")
        assert (app.list.cursor, app.list.top) == (0, 0)
        await pilot.press("ctrl+d")
        assert app.list.cursor == 10
        await pilot.press("end")
        assert (app.list.cursor, app.list.top) == (99, 80)


async def test_the_wheel_scrolls_three_rows_and_takes_the_cursor_along() -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        await pilot.pause()
        app.list.scroll_rows(-3)
        await pilot.pause()
        assert app.list.top == 77
        assert app.list.cursor == 96
        assert not app.list.following
        app.list.scroll_rows(3)
        assert app.list.following


async def test_a_click_moves_the_cursor_and_a_second_opens_the_event() -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        await pilot.pause()
        await pilot.click(app.list, offset=(10, 5), times=2)
        await pilot.pause()
        assert app.list.cursor == 85
        assert type(app.events[-1]).__name__ == "Opened"


async def test_hostile_messages_are_literal_and_bring_no_control_character() -> None:
    hostile = [
        row(0, "[TODO] q [/x] \x1b]0;PWNED\x07 \x9b31m"),
        row(1, "2026/08/22/[$LATEST]a \u202egnp.exe"),
        row(2, '{"msg":"[bold]\\u001b[2J","level":"error"}', level=Level.ERROR),
    ]
    app = ListApp(hostile)
    async with app.run_test(size=(100, 10)) as pilot:
        app.list.show(app.view)
        text = await shown(app, pilot)
        assert "[TODO] q [/x] ␛]0;PWNED␇ \\x9b31m" in text
        assert "[$LATEST]a \\u202egnp.exe" in text
        assert "[bold]␛[2J" in text
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)


async def test_wrapped_events_show_whole_and_the_end_stays_at_the_bottom() -> None:
    long = [row(number, f"{number} " + "word " * 60 + f"tail{number}") for number in range(30)]
    app = ListApp(long)
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        await shown(app, pilot)
        app.list.restyle(wrap=40)
        text = await shown(app, pilot)
        lines = text.splitlines()
        assert "tail29" in "".join(lines[-2:])
        await pilot.press("g")
        text = await shown(app, pilot)
        assert "tail0" in text
        assert text.splitlines()[0].lstrip("▌ ").startswith("10:00:00.000")


async def test_an_empty_list_says_what_its_owner_gave_it() -> None:
    app = ListApp([])
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.placeholder = ("No events in the last 15m", "press 8 for 24 h")
        text = await shown(app, pilot)
        assert "No events in the last 15m" in text
        assert "press 8 for 24 h" in text
        await pilot.press("j", "k", "g", "G", "space", "b", "enter")


async def test_a_cursor_move_repaints_two_lines_only() -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.move_to(90)
        await shown(app, pilot)
        painted: list[int] = []
        app.painted = painted
        app.list.move_to(91)
        await shown(app, pilot)
        assert sorted(set(painted)) == [10, 11]


async def test_another_window_forgets_the_rows_of_the_last() -> None:
    app = ListApp(hundred())
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        await shown(app, pilot)
        app.rows.by_id = {number: row(number, f"other {number}") for number in range(100)}
        app.list.reset(app.view)
        text = await shown(app, pilot)
        assert "other 99" in text
        assert "event" not in text
