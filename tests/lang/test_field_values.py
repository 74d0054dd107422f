from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.lang.envelope import without_pairs
from cwtui.lang.field_values import fields_seen, text_of, value_of, without_fields

LINE = json.dumps(
    {"status": 200, "error": {"code": "E1", "deep": {"x": 1}}, "tags": ["a"], "ok": True, "no": None}
)


def test_fields_are_offered_by_how_many_lines_have_them() -> None:
    seen = fields_seen(["plain", '{"a": 1, "b": {"c": 2}}', '{"b": {"c": 3}}', "a=7 d=8"])
    assert [(field.path, field.count, field.example) for field in seen] == [
        ("a", 2, "1"),
        ("b.c", 2, "2"),
        ("d", 1, "8"),
    ]
    assert len(fields_seen([json.dumps({f"k{n}": n for n in range(200)})])) == 60


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("status", "200"),
        ("error.code", "E1"),
        ("error", '{"code":"E1","deep":{"x":1}}'),
        ("tags", '["a"]'),
        ("tags[0]", "a"),
        ("ok", "true"),
        ("no", "null"),
        ("error.none", ""),
        ("stat", ""),
    ],
)
def test_a_value_is_found_by_its_dotted_path(path: str, text: str) -> None:
    assert text_of(value_of(LINE, path)) == text


def test_a_key_that_holds_dots_is_found_as_a_path_is() -> None:
    assert value_of('{"error.code": 5}', "error.code") == 5
    assert value_of("error.code=5 x=1", "error.code") == "5"


def test_what_has_a_column_leaves_the_line() -> None:
    fields = {"a": 1, "b": {"c": 2, "d": 3}, "e": {"f": 1}, "g.h": 4, "i": [1]}
    assert without_fields(fields, ("a", "b.c", "e.f", "g.h", "i[0]", "zzz.y")) == {"b": {"d": 3}, "i": [1]}
    assert fields["b"] == {"c": 2, "d": 3}, "the line itself stays as it is"
    assert without_pairs('level=info msg="a b" status=200 user=7', ("msg", "status")) == "level=info user=7"


@given(st.text(max_size=60), st.text(max_size=12))
def test_no_message_and_no_path_raises(message: str, path: str) -> None:
    text_of(value_of(message, path))
    text_of(value_of(json.dumps({path: {path: message}}), path))
    fields_seen([message])
    without_pairs(message, (path,))
