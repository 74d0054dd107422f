from __future__ import annotations

import re

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cwtui.lang.fields import texts_in
from cwtui.lang.where import parse_where
from cwtui.ui.screens.events.picking import values_of
from cwtui.ui.screens.pick import PickScreen
from cwtui.ui.widgets.chips import Counters
from cwtui.ui.widgets.detail import DetailText
from cwtui.ui.widgets.detail_layout import body_of
from cwtui.ui.widgets.lighting import highlighter, light_up, lights_of
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, many, until

ONE, TWO = Style(bgcolor="red"), Style(bgcolor="blue")
LINES = [
    event((9 - number) / 10, f'{{"status":{500 + number % 2},"user":"Ann","error":{{"code":"E{number}"}}}}')
    for number in range(8)
]


def app_of() -> EventsApp:
    return EventsApp(ScriptedReader([*many(100), *LINES]))


def stack(app: EventsApp) -> list[str]:
    return [str(item) for item in app.view.stack.filters]


async def test_a_field_under_the_cursor_is_filtered_in_and_out() -> None:
    app = app_of()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: '"code": "E7"' in screen_text(app))
        app.view.query_one(DetailText).focus()
        await pilot.pause()
        await pilot.press("+")
        await until(pilot, lambda: stack(app) == ["status = 501"])
        await until(pilot, lambda: len(app.view.event_list.view) == 4)
        await pilot.press("j", "j", "j", "-")
        assert stack(app) == ["status = 501", 'not error.code = "E7"']
        await until(pilot, lambda: len(app.view.event_list.view) == 3)
        await pilot.press("k", "k", "k", "k", "+")
        assert stack(app)[-1] == 'stream = "2025/11/22/[$LATEST]b77c0d1e"'


async def test_the_value_of_a_field_is_searched_and_lit() -> None:
    app = app_of()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: '"code": "E7"' in screen_text(app))
        app.view.query_one(DetailText).focus()
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.view.search_text == "501" and app.view.hits is not None)
        assert not app.view.terms
        await pilot.press("j", "*")
        await until(pilot, lambda: app.view.search_text == "Ann" and "hit 8 of 8" in screen_text(app))
        assert app.view.terms == ("Ann",)
        assert len(app.view.event_list.view) == 108


async def test_the_fields_of_logfmt_have_a_cursor_too() -> None:
    app = EventsApp(
        ScriptedReader([event(2, "a=1 http.status=500 x=y"), event(1, "a=1 http.status=404 x=y")])
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "http.status  404" in screen_text(app))
        app.view.query_one(DetailText).focus()
        await pilot.pause()
        await pilot.press("j", "-")
        assert stack(app) == ["not http.status = 404"]
        await until(pilot, lambda: len(app.view.event_list.view) == 1)


async def test_a_value_of_the_event_is_picked_in_the_list() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        await pilot.press("+")
        await until(pilot, lambda: isinstance(app.screen, PickScreen) and "error.code" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.view)
        assert stack(app) == []
        await pilot.press("-")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("j", "enter")
        await until(pilot, lambda: stack(app) == ["not status = 501"])
        await until(pilot, lambda: len(app.view.event_list.view) == 104)


async def test_terms_stay_lit_while_something_else_is_searched() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press(":", *"highlight slow", "enter", ":", *"highlight fine", "enter")
        await pilot.press("/", *"upstream", "enter")
        await until(pilot, lambda: "hit 1 of 10" in screen_text(app))
        look = app.view.event_list.look
        assert [term.pattern for term in look.terms] == ["slow", "fine"]
        assert look.highlight is not None
        assert look.highlight.pattern == "upstream"
        assert "/upstream slow fine" in screen_text(app)
        await pilot.press(":", *"highlight", "enter")
        await until(pilot, lambda: app.view.event_list.look.terms == ())


async def test_a_filter_lights_what_it_looks_for_while_it_is_written() -> None:
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("/", *"fine", "enter")
        await pilot.press("&", *"upstream")
        await until(pilot, lambda: "10 of 108  Enter keeps it" in screen_text(app))
        look = app.view.event_list.look.highlight
        assert look is not None
        assert look.search("UPSTREAM")
        assert not look.search("fine")
        await pilot.press("escape")
        look = app.view.event_list.look.highlight
        assert look is not None
        assert look.pattern == "fine"


def test_where_two_lights_overlap_the_earlier_is_seen() -> None:
    strip = Strip([Segment("ab 界 cd", Style())])
    lit = light_up(strip, [(re.compile("b 界"), ONE), (re.compile("界 cd"), TWO)])
    assert lit.text == strip.text
    assert lit.cell_length == strip.cell_length
    assert "".join(part.text for part in lit if part.style == ONE) == "b 界"
    assert "".join(part.text for part in lit if part.style == TWO) == " cd"


def test_an_expression_that_could_take_python_long_is_not_lit() -> None:
    assert highlighter("(a+)+b") is None
    assert lights_of(texts_in(parse_where("/(a+)+b/"))) is None
    light = lights_of(texts_in(parse_where("/x.*y/ or ~Warn or /(a+)+b/")))
    assert light is not None
    assert [bool(light.search(text)) for text in ("x--y", "X--Y", "Warn", "warn")] == [
        True,
        False,
        True,
        False,
    ]


def test_the_counters_say_how_far_a_filter_has_come() -> None:
    counters = Counters(3, 1_000_000, searched=245_760)
    assert counters.text() == "3 shown │ searching 245,760 of 1,000,000"
    assert counters.text(short=True) == "searching 245,760 of 1,000,000"


def test_the_json_behind_a_prefix_is_laid_out_and_its_values_can_be_picked() -> None:
    line = '2026-01-02T03:04:05Z INFO user=bob paid {"status":500,"error":{"code":"007"}}'
    values = {value.name: str(value.expression) for value in values_of(event(0, line), several_groups=False)}
    assert values["status"] == "status = 500"
    assert values["error.code"] == 'error.code = "007"'
    laid = ["".join(text for text, _ in each.pieces) for each in body_of(line, raw=False, limit=10_000)]
    assert laid[0] == "2026-01-02T03:04:05Z INFO user=bob paid"
    assert any('"status": 500' in each for each in laid)
    assert sum("500" in each for each in laid) == 1
