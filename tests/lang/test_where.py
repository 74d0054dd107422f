from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import InputError
from cwtui.core.models import Level
from cwtui.lang.expression import (
    And,
    Chosen,
    Comparison,
    Contains,
    Everything,
    Exists,
    Expression,
    LevelIs,
    Like,
    Match,
    Not,
    Number,
    Or,
    Pattern,
    Regex,
    TimeIs,
)
from cwtui.lang.field_path import FieldPath
from cwtui.lang.filter_pattern import parse_pattern
from cwtui.lang.where import (
    Filter,
    FilterStack,
    containing,
    from_bar,
    in_group,
    in_stream,
    inverted,
    level_floor,
    parse_where,
    regex,
)

MESSAGES = (
    '{"level":"info","status":503,"user":"bob","error":{"code":5},"path":"/v1/pay","msg":"Paid"}',
    '{"status":"200","user":"Ann Lee","error.code":7,"tags":[{"name":"x"}],"gone":null,"ok":true}',
    'level=warn status=404 user="bob \\"b\\"" error.code=5 path=/v2/cart empty=',
    "plain TIMEOUT of 100% in a_b after 3 tries\nand a second line",
    '{"status": 503, broken',
    '{"status": NaN, "big": 12345678901234567890}',
    "",
    'it\'s "quoted"; DROP TABLE events; -- \\ \x00 é',
    '{"a/b":{"c~d":1},"odd name":2}',
)
"""Row n has level n mod 7, time n * 1000, and stream n mod 2."""

HOLDS: tuple[tuple[str, set[int]], ...] = (
    ("", set(range(9))),
    ("~timeout", {3}),
    ('"TIMEOUT"', {3}),
    ('"Timeout"', set()),
    ('"100%"', {3}),
    ('"a_b"', {3}),
    ('"a%b"', set()),
    ("/TIME.*of/", {3}),
    ("/time.*OF/i", {3}),
    ("/time/", set()),
    ("level >= error", {5, 6}),
    ("level < debug", {0, 1, 7, 8}),
    ("level = unknown", {0, 7}),
    ("level != INFO", {0, 1, 2, 4, 5, 6, 7, 8}),
    ("time >= 1970-01-01T00:00:07Z", {7, 8}),
    ('time < "1970-01-01 00:00:01"', {0}),
    ('stream = "web/1"', {1, 3, 5, 7}),
    ('stream ~ "WEB/*"', set()),
    ('stream ~ "web/*" and stream ~ "*/0"', {0, 2, 4, 6, 8}),
    ('stream ~ "eb/1"', {1, 3, 5, 7}),
    ('group = "/app"', set(range(9))),
    ("group =~ /^.app$/ and not group != \"/app\"", set(range(9))),
    ('account = "1" and region = "eu-west-1"', set(range(9))),
    ('message ~ "plain*line"', {3}),
    ('message = ""', {6}),
    ("status >= 500", {0}),
    ("status >= 200 and status < 500", {1, 2}),
    ("status = 503", {0}),
    ('status = "503"', {0}),
    ("status != 503", {1, 2, 5}),
    ("status < 1e999", {0, 1, 2}),
    ("status > -1", {0, 1, 2}),
    ("not status = 503", set(range(1, 9))),
    ("user = bob", {0}),
    ('user = "bob \\"b\\""', {2}),
    ('user ~ "bob"', {0, 2}),
    ('user !~ "bob"', {1, 3, 4, 5, 6, 7, 8}),
    ("user ~ ann*", {1}),
    ("error.code = 5", {0, 2}),
    ("error.code > 5", {1}),
    ("path =~ /v[12]/", {0, 2}),
    ("path =~ /V1/i", {0}),
    ("tags[0].name = x", {1}),
    ("gone exists", {1}),
    ("gone = null", set()),
    ("ok = true", {1}),
    ("empty exists", {2}),
    ('empty = ""', {2}),
    ("nothing exists", set()),
    ("big = 12345678901234567890", {5}),
    ("$.level = info", {0}),
    ("`odd name` = 2", {8}),
    ("`a/b`.`c~d` = 1", {8}),
    ("~paid or ~plain", {0, 3}),
    ("~paid || status = 404 && user exists", {0, 2}),
    ("(~paid or ~plain) and not level = unknown", {3}),
    ("!(~paid) and ! ~plain", {1, 2, 4, 5, 6, 7, 8}),
    ('pattern "{ $.status = 5* }"', {0}),
    ('pattern "%TIME%" or pattern "?Paid"', {0, 3}),
)  # fmt: skip

WRONG: tuple[tuple[str, int, str], ...] = (
    ("status >=", 10, "a word"),
    ("x y", 3, "exists"),
    ("(~a", 4, "expected )"),
    ("level > foo", 9, "expected a level"),
    ("level ~ foo", 1, "holds no text"),
    ("level exists", 1, "$.level"),
    ("time > tomorrow", 8, "a time like"),
    ("time > 2026-99-99", 8, "a time like"),
    ("stream > 5", 8, "no order"),
    ("~a and /b(/", 8, "missing )"),
    ("x =~ /(?=a)/", 6, "wrong"),
    ('pattern "{"', 11, "expected"),
    ("(" * 100 + "~a" + ")" * 100, 65, "at most 64"),
    ("not " * 100 + "~a", 257, "at most 64"),
    ("a = b \x1b", 7, "expected"),
)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(
            "CREATE TABLE sources AS SELECT 0::USMALLINT source_id, '1' account, 'eu-west-1' region,"
            " '/app' log_group"
        )
        connection.execute(
            "CREATE TABLE streams AS SELECT n::UINTEGER stream_id, 0::USMALLINT source_id,"
            " 'web/' || n AS name FROM range(2) t(n)"
        )
        connection.execute(
            "CREATE TABLE events AS SELECT (n * 1000)::BIGINT ts, 0::BIGINT ingestion,"
            " (n % 7)::UTINYINT AS level, message, '' event_id, 0::USMALLINT source_id,"
            " (n % 2)::UINTEGER stream_id, n"
            " FROM (SELECT unnest(?::VARCHAR[]) message, unnest(range(?)) n)",
            [list(MESSAGES), len(MESSAGES)],
        )
        yield connection


def rows(database: duckdb.DuckDBPyConnection, expression: Expression) -> set[int]:
    condition = expression.condition()
    found = database.execute(f"SELECT n FROM events WHERE {condition.sql}", condition.params).fetchall()
    return {row[0] for row in found}


@pytest.mark.parametrize(("text", "expected"), HOLDS, ids=[text for text, _ in HOLDS])
def test_an_expression_finds_its_rows(
    database: duckdb.DuckDBPyConnection, text: str, expected: set[int]
) -> None:
    expression = parse_where(text)
    assert rows(database, expression) == expected
    assert rows(database, Not(expression)) == set(range(len(MESSAGES))) - expected
    assert parse_where(str(expression)) == expression


@pytest.mark.parametrize(("text", "column", "words"), WRONG, ids=[text[:30] for text, _, _ in WRONG])
def test_an_error_names_the_column_and_what_was_expected(text: str, column: int, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_where(text)
    assert f"column {column}:" in caught.value.message
    assert words in caught.value.message
    assert "\x1b" not in caught.value.message + caught.value.hint


def test_the_hint_shows_the_place() -> None:
    with pytest.raises(InputError) as caught:
        parse_where("status >= 500 und ~x")
    assert caught.value.hint == "status >= 500 und ~x\n              ^"


NAMES = st.one_of(
    st.sampled_from(["a", "user-id", "level", "Stream", "exists", "odd name", "1", "é", "not", "`", "."])
)
TEXTS = st.text(max_size=8)
PATHS = st.builds(
    lambda first, rest: FieldPath((first, *rest)),
    NAMES,
    st.lists(st.one_of(NAMES, st.integers(0, 99)), max_size=3),
)
OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
REGEXES = st.builds(
    regex, st.sampled_from(["a", "a/b", "\\/", "[/]", "\\\\", '"', "x|y", "\n", "\\d+", " "]), st.booleans()
)
SUBJECTS = st.one_of(st.sampled_from(["message", "stream", "group", "account", "region"]), PATHS)
NUMBERS = st.one_of(
    st.integers().map(lambda n: Number(str(n))), st.floats(0, 1e9).map(lambda n: Number(repr(n)))
)
LEAVES: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Contains, TEXTS),
    REGEXES,
    st.builds(
        Comparison, st.sampled_from(["message", "stream", "group"]), st.sampled_from(["=", "!="]), TEXTS
    ),
    st.builds(Comparison, PATHS, OPERATORS, st.one_of(TEXTS, NUMBERS)),
    st.builds(Match, SUBJECTS, st.one_of(st.builds(Like, TEXTS), REGEXES)),
    st.builds(Exists, PATHS),
    st.builds(LevelIs, OPERATORS, st.sampled_from(Level)),
    st.builds(TimeIs, OPERATORS, st.integers(0, 253_370_764_800_000 - 1)),
    st.sampled_from(['{ $.a = "x\\"y" }', "ERROR -x", "[a, b=5*]"]).map(
        lambda text: Pattern(parse_pattern(text))
    ),
)
EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS)
def test_every_expression_parses_back_from_its_text(expression: Expression) -> None:
    assert parse_where(str(expression)) == expression


@settings(max_examples=30, deadline=None)
@given(EXPRESSIONS)
def test_every_expression_runs_and_its_negation_is_the_rest(
    database: duckdb.DuckDBPyConnection, expression: Expression
) -> None:
    assert rows(database, Not(expression)) == set(range(len(MESSAGES))) - rows(database, expression)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text(alphabet="ab.[]`\"'/\\~!=<>&|() \x00", max_size=20)))
def test_any_text_is_an_expression_or_an_input_error(text: str) -> None:
    for read in (parse_where, lambda written: from_bar(written).expression):
        try:
            expression = read(text)
        except InputError:
            continue
        assert parse_where(str(expression)) == expression


@pytest.mark.parametrize("text", ["'; DROP TABLE events; --", '" OR 1=1 --', "?", "{0}", "%s", "\x00", "$1"])
def test_hostile_text_stays_text(database: duckdb.DuckDBPyConnection, text: str) -> None:
    path = FieldPath((text, text))
    for expression in (
        containing(text),
        in_stream(text),
        Comparison(path, "=", text),
        Exists(path),
        Match(path, Like(f"{text}*")),
    ):
        condition = expression.condition()
        assert text == "?" or text not in condition.sql
        rows(database, expression)
    assert rows(database, Everything()) == set(range(len(MESSAGES)))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("connection refused", '"connection refused"'),
        ("!refused", 'not "refused"'),
        ("!", '"!"'),
        ("/Time/", "/Time/"),
        ("/time\\D/", "/time\\D/i"),
        ("/Time/i", "/Time/i"),
        ("!/x/", "not /x/i"),
        ("/api/v1", '"/api/v1"'),
        ("status >= 500", "status >= 500"),
        ("!status = 5", "not status = 5"),
        ("user=bob", 'user = "bob"'),
        ("~a and ~b", '"a" and "b"'),
        ("!~a and ~b", 'not ("a" and "b")'),
        ("{ $.a = 1 }", 'pattern "{ $.a = 1 }"'),
        ("[a, b=5*]", 'pattern "[a, b=5*]"'),
        ("f(x", '"f(x"'),
        ("error: x=5 failed", '"error: x=5 failed"'),
        ("", ""),
    ],
)
def test_the_bar_takes_what_people_type(text: str, canonical: str) -> None:
    assert str(from_bar(text)) == canonical


@pytest.mark.parametrize("text", ["status >=", "level > foo", "/a(/", "{ $.a }", "[a=, b]"])
def test_the_bar_refuses_what_was_meant_as_more_than_text(text: str) -> None:
    with pytest.raises(InputError):
        from_bar(text)


def test_events_picked_out_are_exactly_those_until_others_come(database: duckdb.DuckDBPyConnection) -> None:
    every = set(range(len(MESSAGES)))
    chosen = Chosen("run 1", (0, 2), 4, containing("a"))
    later = {row for row in rows(database, containing("a")) if row > 4}
    assert rows(database, chosen) == {0, 2} | later
    assert rows(database, Not(chosen)) == every - {0, 2} - later
    assert rows(database, Chosen("none", (), max(every), containing("a"))) == set()
    either = Or((containing("b"), containing("c")))
    stack = FilterStack((Filter(Chosen("run 2", (1,), 4, either)), Filter(Not(chosen), enabled=False)))
    assert stack.where() == '"b" or "c"'
    assert stack.add(Filter(containing("x"))).where() == '("b" or "c") and "x"'
    assert str(Not(stack.filters[0].expression)) == 'not ("b" or "c")'
    assert stack.settled() == FilterStack((Filter(either), Filter(Not(containing("a")), enabled=False)))


def test_a_stack_is_one_expression_of_what_is_switched_on() -> None:
    stack = (
        FilterStack()
        .add(Filter(containing("a")))
        .add(Filter(level_floor(Level.WARN)))
        .add(from_bar("~b or ~c"))
    )
    assert stack.where() == '"a" and level >= warn and ("b" or "c")'
    off = stack.toggle(0)
    assert off.where() == 'level >= warn and ("b" or "c")'
    assert off.filters[0].enabled is False
    assert off.remove(1).where() == '"b" or "c"'
    assert stack.move(2, 0).where() == '("b" or "c") and "a" and level >= warn'
    assert (
        stack.replace(1, Filter(in_group("g")).inverted()).where()
        == '"a" and not group = "g" and ("b" or "c")'
    )
    condition = stack.condition()
    assert condition is not None
    assert condition.params == ("a", 4, "b", "c")


def test_a_stack_that_narrows_nothing_has_no_condition() -> None:
    assert FilterStack().condition() is None
    assert FilterStack().add(Filter(containing("a"), enabled=False)).condition() is None
    assert FilterStack().add(from_bar("")).where() == ""


def test_inverting_twice_is_the_beginning() -> None:
    assert inverted(inverted(containing("a"))) == containing("a")


def test_a_regular_expression_is_checked_by_the_engine_that_runs_it() -> None:
    assert regex("a/b") == regex("a\\/b") == Regex("a/b")
    for wrong in ("", "(", "(?=x)", "\\1", "a{9999}"):
        with pytest.raises(InputError):
            regex(wrong)


def test_an_expression_has_10_000_characters_at_most() -> None:
    with pytest.raises(InputError, match="10001"):
        parse_where("a" * 10_001)
