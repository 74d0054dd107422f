from __future__ import annotations

import json
import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cwtui.core.models import LogEvent
from cwtui.ui.column_memory import columns_file, read_columns, write_columns
from cwtui.ui.screens.columns import ColumnsScreen
from cwtui.ui.widgets.column_titles import ColumnTitles
from cwtui.ui.widgets.field_columns import WIDEST, FieldColumn, columns_of, titles_of, values_of
from cwtui.ui.widgets.field_columns import cells_of as cells_of_values
from cwtui.ui.widgets.field_columns import widened as widened_by
from cwtui.ui.widgets.lighting import highlighter
from cwtui.ui.widgets.row_look import RowLook
from cwtui.ui.widgets.row_paint import paint
from cwtui.wiring import Start
from tests.ui.event_rows import row, screen_text
from tests.ui.scripted import GROUP, EventsApp, ScriptedReader, event, loaded, many, until
from tests.ui.test_row_paint import MATCH, STYLES

OTHER = "/aws/lambda/other"


def widened(columns: Sequence[FieldColumn], messages: Sequence[str]) -> tuple[FieldColumn, ...]:
    return widened_by(columns, [values_of(message, columns) for message in messages])


def cells_of(message: str, columns: Sequence[FieldColumn]) -> str:
    return cells_of_values(values_of(message, columns), columns)


def look_with(*paths: str, messages: list[str], **changes: object) -> RowLook:
    return RowLook(width=100, columns=widened(columns_of(paths), messages), **changes)  # type: ignore[arg-type]


def body(message: str, look: RowLook) -> str:
    return paint(row(1, message), look, STYLES)[0].text[23:].rstrip()


def test_columns_stand_before_the_message_which_leaves_them_out() -> None:
    served = '{"msg": "served", "http": {"status": 200, "verb": "GET"}, "user": "ada"}'
    failed = 'msg=failed user=grace.hopper retry="yes no"'
    look = look_with("http.status", "user", messages=[served, failed])
    assert titles_of(look.columns) == "status user         "
    assert body(served, look) == '   200 ada          served http={"verb":"GET"}'
    assert body(failed, look) == '       grace.hopper msg=failed retry="yes no"'
    assert body("plain words", look) == " " * 20 + "plain words"


def test_the_text_for_people_leaves_the_message_too_and_a_raw_line_stays_as_it_came() -> None:
    line = '{"msg": "served", "user": "ada"}'
    assert body(line, look_with("msg", messages=[line])) == "served user=ada"
    assert body(line, look_with("msg", messages=[line], fields=False)) == f"served {line}"


def test_a_column_grows_with_what_is_read_and_stands_left_once_a_word_came() -> None:
    columns = widened(columns_of(("code",)), ['{"code": 7}', '{"code": 123456}'])
    assert cells_of('{"code": 7}', columns) == "     7 "
    columns = widened(columns, ['{"code": "none"}'])
    assert cells_of('{"code": 7}', columns) == "7      "
    long = json.dumps({"code": "begin" + "x" * 50 + "end"})
    columns = widened(columns, [long])
    assert columns[0].cells == WIDEST
    assert re.fullmatch(r"begin\S*…\S*end ", cells_of(long, columns))


@given(st.text(max_size=60), st.text(min_size=1, max_size=40))
def test_cells_are_as_wide_as_their_titles_and_printable_whatever_is_in_them(value: str, path: str) -> None:
    message = json.dumps({path: value})
    columns = widened(columns_of((path, "other")), [message])
    shown = cells_of(message, columns)
    assert cell_len(shown) == cell_len(titles_of(columns)) == sum(column.cells + 1 for column in columns)
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)


def test_columns_are_searched_and_scroll_with_the_message() -> None:
    line = '{"msg": "served", "user": "ada"}'
    look = look_with("user", messages=[line], highlight=highlighter("ada"))
    lit = [part.text for part in paint(row(1, line), look, STYLES)[0] if part.style == MATCH]
    assert lit == ["ada"]
    assert body(line, look_with("user", messages=[line], left=5)) == "served"


def test_what_is_remembered_belongs_to_exactly_these_groups_and_survives_a_broken_file() -> None:
    write_columns(("b", "a"), ("status", "user"))
    write_columns(("a",), ("x",))
    assert read_columns(("b", "a")) == read_columns(("a", "b")) == ("status", "user")
    assert read_columns(("a",)) == ("x",)
    assert read_columns(("b",)) == ()
    write_columns(("a",), ())
    assert read_columns(("a",)) == ()
    columns_file().write_text('{"version": 1, "columns": [{"groups": "a"')
    write_columns(("a",), ("y",))
    assert read_columns(("a",)) == ("y",)


def served(count: int) -> list[LogEvent]:
    return [
        event(count - n, json.dumps({"msg": f"served {n}", "status": 200 + n, "user": f"u{n}"}))
        for n in range(count)
    ]


async def test_columns_are_chosen_from_the_fields_there_are_ordered_and_remembered() -> None:
    app = EventsApp(ScriptedReader(served(20)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, ColumnsScreen))
        await until(pilot, lambda: re.search(r"status\s+100%  2\d\d", screen_text(app)) is not None)
        # msg, status, user: the last two, then user before status.
        await pilot.press("j", "space", "j", "space", "K")
        assert "Columns: user  status" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: re.search(r"u19\s+219 served 19\s", screen_text(app)) is not None)
        assert re.search(r"LVL user\s+status MESSAGE", screen_text(app))
        assert read_columns((GROUP,)) == ("user", "status")
    again = EventsApp(ScriptedReader(served(20)))
    async with again.run_test(size=(120, 20)) as pilot:
        await loaded(again, pilot)
        await until(pilot, lambda: re.search(r"u19\s+219 served 19\s", screen_text(again)) is not None)
        assert again.view.query_one(ColumnTitles).display, "columns of fields show their names"
        again.run_command("cols none")
        await until(pilot, lambda: "served 19 status=219" in screen_text(again))
        assert read_columns((GROUP,)) == ()


async def test_written_columns_are_shown_and_a_field_that_nothing_has_is_named() -> None:
    write_columns((GROUP, OTHER), ("user",))
    app = EventsApp(ScriptedReader(served(20)))
    told: list[str] = []
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await loaded(app, pilot)
        assert not app.view.event_list.look.columns, "another set of groups has its own"
        await until(pilot, lambda: app.view.event_list.row is not None)
        app.run_command("cols status,nope")
        await until(pilot, lambda: "No event at hand has nope" in screen_text(app))
        assert [column.path for column in app.view.event_list.look.columns] == ["status", "nope"]
        await pilot.press("l", "l")
        assert not told


async def test_a_broken_memory_is_said_and_a_window_without_fields_says_so() -> None:
    columns_file().parent.mkdir(parents=True, exist_ok=True)
    columns_file().write_text("broken")
    app = EventsApp(ScriptedReader(many(20)), Start(groups=(GROUP,)))
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "remembered columns cannot be read" in screen_text(app))
        await pilot.press("K")
        await until(pilot, lambda: "No event here has fields" in screen_text(app))


async def test_lines_that_are_too_long_for_a_list_offer_their_fields_too() -> None:
    lines = [f'{{"status": {at}, "big": "{"x" * 5_000}", "user": "Ann"}}' for at in range(3)]
    app = EventsApp(ScriptedReader([event(9 - at, line) for at, line in enumerate(lines)]))
    async with app.run_test(size=(100, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, ColumnsScreen))
        await until(pilot, lambda: re.search(r"user +100% +Ann", screen_text(app)) is not None)
