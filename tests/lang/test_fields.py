from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.errors import InputError
from cwtui.core.models import EventBatch, Level, LogEvent
from cwtui.lang.envelope import fields_of, message_of
from cwtui.lang.field_path import FieldPath
from cwtui.lang.field_values import value_of
from cwtui.lang.fields import field_equals, leaves, logfmt_path, paths_in, texts_in, written_value
from cwtui.lang.where import (
    Filter,
    FilterStack,
    containing,
    from_bar,
    from_edit,
    inverted,
    level_floor,
    parse_where,
)
from cwtui.window.store import Store

LINE: dict[str, Any] = {
    "status": 502,
    "took": 1.5,
    "user": "Ann * O'Neil",
    "quoted": 'a "b" \\ c\nd',
    "ok": True,
    "nothing": None,
    "error": {"code": "E1", "odd.key": 1, "list": [{"id": 7}]},
    "long": "x" * 900,
    "level": "error",
}


def holding(expression: Any, *messages: str) -> list[bool]:
    """Which of the messages the expression lets through, as the window sees it."""
    store = Store("200MB")
    try:
        store.append(
            EventBatch.of([LogEvent(n, n, "/g", "s", message, str(n)) for n, message in enumerate(messages)])
        )
        hits = set(store.matching(expression.condition()).tolist())
        return [number in hits for number in range(len(messages))]
    finally:
        store.close()


@pytest.mark.parametrize(("steps", "value"), leaves(LINE), ids=lambda each: str(each)[:30])
def test_a_field_filtered_in_finds_its_own_line_and_no_other(steps: Any, value: object) -> None:
    expression = field_equals(FieldPath(steps), value)
    assert parse_where(str(expression)) == expression
    assert holding(expression, json.dumps(LINE), '{"status":1}', "plain text") == [True, False, False]
    assert holding(inverted(expression), json.dumps(LINE), '{"status":1}', "plain") == [False, True, True]


def test_a_value_of_logfmt_is_typed_by_its_looks() -> None:
    assert [written_value(text) for text in ("500", "1.5", "007", "abc", "-3", "")] == [
        500,
        1.5,
        "007",
        "abc",
        -3,
        "",
    ]
    expression = field_equals(logfmt_path("http.status"), written_value("500"))
    assert str(expression) == "http.status = 500"
    assert holding(expression, "a=1 http.status=500", "a=1 http.status=501") == [True, False]


BEFORE = (
    "2026-01-02T03:04:05Z INFO ",
    "2026-01-02T03:04:05.000Z\t5b0e8a52-1111-4222-8333-abcdefabcdef\tINFO\t",
    "INFO:root:",
    "[main] paid \u00e9\u0301\U0001f600 {some} user=bob took=5 ",
)


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_behind_a_prefix_has_fields_in_filters_and_in_columns(before: str, indent: int | None) -> None:
    line = before + json.dumps({"status": 500, "error": {"code": "E1"}}, indent=indent)
    other = before + json.dumps({"status": 200, "error.code": "E2"}, indent=indent)
    for text in ("status >= 500", "error.code = E1", "not status < 500", "status = 500 and status exists"):
        assert holding(parse_where(text), line, other) == [True, False], text
    assert holding(parse_where("error.code exists"), line, other, before + "{") == [True, True, False]
    assert (value_of(line, "status"), value_of(line, "error.code")) == (500, "E1")


def test_words_and_pairs_before_json_stay_readable_and_filterable() -> None:
    line = 'paid in full user=bob took=5 {"status":500,"took":7,"msg":"x"}'
    assert fields_of(line) == {"user": "bob", "took": 7, "status": 500, "msg": "x"}
    assert holding(parse_where("user = bob and took = 7"), line) == [True]
    assert message_of(line) == line
    assert message_of('2026-01-02T03:04:05Z INFO {"msg":"x"}') == "x"


@pytest.mark.parametrize("line", ['body={"a":1}', 'x {"a":1} y', 'x {"a":', "x {a:1}", 'x "{"a":1}"'])
def test_what_only_looks_like_json_behind_text_has_no_fields(line: str) -> None:
    assert fields_of(line) is None
    assert holding(parse_where("a exists"), line) == [False]


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                (
                    *BEFORE,
                    " ",
                    "=",
                    "\n",
                    "{",
                    "}",
                    '"',
                    '{"a":1}',
                    '{ "a":2}',
                    '{"b":{"a":3}}',
                    '{\n"a":4}',
                    "é",
                )
            ),
            max_size=5,
        ).map("".join),
        min_size=1,
        max_size=30,
    )
)
def test_the_store_and_python_see_the_same_fields_behind_text(lines: list[str]) -> None:
    texts = [line for line in lines if not line.lstrip().startswith("{")]
    expected = ["a" in (fields_of(line) or {}) for line in texts]
    assert holding(parse_where("a exists"), *texts) == expected


def test_leaves_are_bounded_and_outer_ones_come_first() -> None:
    assert [steps for steps, _ in leaves({"a": {"b": 1}, "c": 2})] == [("c",), ("a", "b")]
    assert len(leaves({"list": list(range(10_000))})) == 40


def test_the_fields_that_filters_speak_of_are_found_in_patterns_too() -> None:
    expression = parse_where('(a.b = 1 or not c exists) and pattern "{ $.d > 1 && $.e[*] = 1 }" and ~f')
    assert [str(path) for path in paths_in(expression)] == ["a.b", "c", "d"]


def test_what_is_excluded_is_not_lit() -> None:
    found = texts_in(parse_where('~time and not ~fine and path =~ /v[12]/ and user = "Ann" and group = "g"'))
    assert [str(each) for each in found] == ['"time"', "/v[12]/", '"Ann"']


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{ $.a >= }", 10),
        ("  !{ $.a >= }", 13),
        ("{ $.a = 5", 10),
        ("[ip, x>]", 8),
        ("!level >=", 10),
        (" /ab(/", 5),
        ('pattern "{ $.a > }"', 18),
    ],
)
def test_an_error_names_the_column_of_the_text_as_it_was_typed(text: str, column: int) -> None:
    with pytest.raises(InputError) as caught:
        from_bar(text)
    assert caught.value.column == column


@pytest.mark.parametrize("text", ["{oops", "{", "a [b", "why?"])
def test_a_text_with_brackets_is_still_a_text(text: str) -> None:
    assert from_bar(text) == Filter(containing(text))


def test_what_is_edited_means_what_it_said() -> None:
    for text in ("/abc/", "/abc/i", 'not "x"', 'pattern "{ $.a = 1 }"'):
        assert str(from_edit(text)) == text
    assert str(from_edit("healthcheck")) == '"healthcheck"'


EXPRESSIONS = st.sampled_from(
    [Filter(level_floor(Level.WARN)), from_bar("!cart"), from_bar("/x/"), from_bar("{ $.a = 1 }")]
)


@given(st.lists(EXPRESSIONS, min_size=1, max_size=6), st.data())
def test_moving_and_switching_keep_every_filter(filters: list[Filter], data: st.DataObject) -> None:
    stack = FilterStack(tuple(filters))
    places = st.integers(0, len(filters) - 1)
    index, to = data.draw(places), data.draw(places)
    moved = stack.move(index, to)
    assert moved.filters[to] == filters[index]
    assert moved.move(to, index) == stack
    assert stack.toggle(index).toggle(index) == stack
    twice = stack.replace(index, filters[index].inverted().inverted())
    assert twice.condition() == stack.condition()
    assert len(stack.remove(index)) == len(stack) - 1
    if where := moved.where():
        assert parse_where(where).condition() == moved.condition()
