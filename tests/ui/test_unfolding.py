from __future__ import annotations

import json

from textual.pilot import Pilot

from cwtui.core.models import Row
from cwtui.ui.widgets.row_look import TimeFormat
from tests.ui.event_rows import ListApp, row, screen_text, view_of
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, many, until

TRACE = "ValueError: boom\n  File a.py\n  File b.py\n  File c.py\n  File d.py"


def rows_with(place: int, message: str, count: int = 100) -> list[Row]:
    return [row(number, message if number == place else "") for number in range(count)]


async def shown(app: ListApp, pilot: Pilot[None]) -> list[str]:
    await pilot.pause()
    await pilot.pause()
    return screen_text(app).splitlines()


def line_of(lines: list[str], text: str) -> int:
    found = [number for number, line in enumerate(lines) if text in line]
    assert len(found) == 1, (text, lines)
    return found[0]


async def unfold_at(app: ListApp, pilot: Pilot[None], place: int) -> list[str]:
    app.list.show(app.view)
    app.list.move_to(place, middle=True)
    await shown(app, pilot)
    assert app.list.row is not None
    app.list.unfold(app.list.row)
    return await shown(app, pilot)


async def test_an_unfolded_event_shows_its_lines_in_place_and_the_others_keep_one() -> None:
    app = ListApp(rows_with(50, TRACE))
    async with app.run_test(size=(80, 20)) as pilot:
        app.list.show(app.view)
        app.list.move_to(50, middle=True)
        before = line_of(await shown(app, pilot), "ValueError")
        assert app.list.row is not None
        app.list.unfold(app.list.row)
        lines = await shown(app, pilot)
        place = line_of(lines, "ValueError")
        assert place == before
        assert line_of(lines, "event 49") == place - 1
        assert line_of(lines, "  File d.py") == place + 4
        assert line_of(lines, "event 51") == place + 5
        app.list.fold()
        assert line_of(await shown(app, pilot), "event 51") == before + 1


async def test_json_is_laid_out_below_its_summary_and_never_taller_than_the_screen() -> None:
    app = ListApp(rows_with(50, json.dumps({"msg": "paid", "order": {"id": 7}, "items": list(range(30))})))
    async with app.run_test(size=(80, 20)) as pilot:
        lines = await unfold_at(app, pilot, 50)
        place = line_of(lines, "paid order=")
        assert line_of(lines, '"id": 7') > place
        assert line_of(lines, "... Enter shows all") == 19
        assert place == 0


async def test_below_an_unfolded_event_the_cursor_pages_and_clicks_land_on_what_is_seen() -> None:
    app = ListApp(rows_with(50, TRACE))
    async with app.run_test(size=(80, 20)) as pilot:
        lines = await unfold_at(app, pilot, 50)
        await pilot.click(type(app.list), offset=(30, line_of(lines, "File b.py")))
        assert app.list.row_id == 50
        await pilot.click(type(app.list), offset=(30, line_of(lines, "event 53")))
        assert app.list.row_id == 53
        app.list.move_to(app.list.top)
        top, last = (
            app.list.top,
            max(number for number in range(100) if any(f"event {number}" in x for x in lines)),
        )
        await pilot.press("space")
        lines = await shown(app, pilot)
        assert app.list.top == last + 1, "a page is as many events as stood on the screen"
        await pilot.press("b")
        assert app.list.top <= top
        for _ in range(25):
            await pilot.press("j")
            lines = await shown(app, pilot)
            name = "ValueError" if app.list.row_id == 50 else f"event {app.list.row_id} "
            line_of(lines, name)
            if app.list.row_id == 50:
                line_of(lines, "File d.py")


async def test_at_the_end_an_unfolded_event_is_whole_and_what_comes_is_followed() -> None:
    rows = rows_with(49, TRACE)
    app = ListApp(rows[:50])
    app.rows.by_id = {item.id: item for item in rows}
    async with app.run_test(size=(80, 20)) as pilot:
        lines = await unfold_at(app, pilot, 49)
        assert line_of(lines, "File d.py") == 19
        assert app.list.following
        app.list.show(view_of(rows[:53]))
        lines = await shown(app, pilot)
        assert line_of(lines, "event 52") == 19
        assert line_of(lines, "File d.py") == 16


async def test_a_late_event_above_leaves_the_cursor_below_an_unfolded_event_on_its_line() -> None:
    rows = rows_with(50, TRACE)
    app = ListApp(rows)
    async with app.run_test(size=(80, 20)) as pilot:
        await unfold_at(app, pilot, 50)
        app.list.move_to(53)
        before = line_of(await shown(app, pilot), "event 53")
        early = row(500, "late comer", at=rows[51].timestamp + 1)
        app.rows.by_id[500] = early
        app.list.show(view_of([*rows, early]))
        lines = await shown(app, pilot)
        assert line_of(lines, "event 53") == before
        assert line_of(lines, "late comer") == before - 2


async def test_moving_beside_an_unfolded_event_paints_the_lines_of_two_events_only() -> None:
    app = ListApp(rows_with(50, TRACE))
    async with app.run_test(size=(80, 20)) as pilot:
        await unfold_at(app, pilot, 50)
        app.painted.clear()
        await pilot.press("j")
        await shown(app, pilot)
        assert len(set(app.painted)) == 6


async def test_the_key_unfolds_an_event_longer_than_a_list_shows_and_escape_folds_it() -> None:
    long = json.dumps({"msg": "long", "filler": ["x" * 40] * 120, "seen": "no"})
    app = EventsApp(ScriptedReader([*many(30), event(-0.0, long)]))
    async with app.run_test(size=(100, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.event_list.row is not None)
        await pilot.press("o")
        await until(pilot, lambda: '"filler": [' in screen_text(app))
        assert "... Enter shows all" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "... Enter shows all" not in screen_text(app))
        assert app.view.event_list.look.time is TimeFormat.TIME
        await pilot.press("o", "o")
        await until(pilot, lambda: not app.view.event_list.unfolded)
