"""The cases are the examples of the user guide's page FilterAndPatternSyntax, and what it leaves open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from time import perf_counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import InputError
from cwtui.lang.filter_pattern import parse_pattern, phrase

TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "ThisFlag": True,
    }
)
USERS = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
        "cluster.name": "c",
        "status": 404,
        "text": "404",
        "nan": "NaN",
        "latency": 55.5,
    }
)
ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'

CASES: tuple[tuple[str, str, bool], ...] = (
    ("", "anything", True),
    ("  ", "", True),
    # terms
    ("ERROR", "[ERROR] A fatal exception has occurred", True),
    ("ERROR", "Exiting with ERRORCODE: -1", True),
    ("ERROR", "an error", False),
    ('"ERROR" -"Exiting"', "Exiting with ERRORCODE: -1", False),
    ('"ERROR" - "Exiting"', "Exiting with ERRORCODE: -1", False),
    ("ERROR Exception", "[ERROR] Caught IllegalArgumentException", True),
    ("ERROR Exception", "[ERROR] Caught it", False),
    ("Failed to process the request", "[ERROR] Unable to continue: Failed to process the request", True),
    ('"INTERNAL SERVER ERROR"', "500 INTERNAL SERVER ERROR", True),
    ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR SERVER", False),
    ('"say \\"hi\\""', 'to say "hi" to', True),
    ("?ERROR ?WARN", "ERROR message", True),
    ("?ERROR ?WARN", "WARN message", True),
    ("?ERROR ?WARN", "INFO message", False),
    ("ERROR WARN", "ERROR WARN message", True),
    ("ERROR WARN", "WARN message", False),
    ("ERROR -WARN", "ERROR message", True),
    ("ERROR -WARN", "ERROR WARN message", False),
    ("-WARN", "INFO message", True),
    ("?INFO ?ERROR REQUEST", "[WARN] UNAUTHORIZED REQUEST", True),
    ("?INFO ?ERROR REQUEST", "[INFO] started", False),
    # regular expressions
    ("%ERROR%", "an ERROR", True),
    ("%^[hc]at%", "cat sat", True),
    ("%^[hc]at%", "a cat", False),
    ("%[hc]at$%", "a hat", True),
    ("%[hc]at$%", "a hat\n", False),
    ("%colou?r%", "color", True),
    ("%a{3,5}%", "aa", False),
    ("%gray|grey%", "grey", True),
    ("%10\\.10\\.0\\.1%", "from 10.10.0.1", True),
    ("%10\\.10\\.0\\.1%", "from 10x10.0.1", False),
    ("%\\d{3}\\s%", "code 404 x", True),
    ("ERROR -%time[ds]?out%", "ERROR timeout", False),
    # JSON
    ('{ $.eventType = "UpdateTrail" }', TRAIL, True),
    ('{ $.eventType = "updatetrail" }', TRAIL, False),
    ("{ $.eventType = Update* }", TRAIL, True),
    ("{ $.eventType = *Trail }", TRAIL, True),
    ("{ $.eventType = *dateT* }", TRAIL, True),
    ("{ $.eventType = Up*Trail }", TRAIL, False),
    ("{ $.eventType = * }", TRAIL, True),
    ("{ $.eventType = %^Upd.*l$% }", TRAIL, True),
    ("{ $.sourceIPAddress != 123.123.* }", TRAIL, True),
    ("{ $.sourceIPAddress != 111.111.* }", TRAIL, False),
    ('{ $.arrayKey[0] = "value" }', TRAIL, True),
    ('{ $.arrayKey[1] = "value" }', TRAIL, False),
    ("{ $.objectList[1].id = 2 }", TRAIL, True),
    ("{ $.objectList[*].id = 2 }", TRAIL, True),
    ("{ $.objectList[*].id = 3 }", TRAIL, False),
    ('{ $.objectList[*].name = "b" && $.* = UpdateTrail }', TRAIL, True),
    ("{ $.SomeObject IS NULL }", TRAIL, True),
    ("{ $.eventType IS NULL }", TRAIL, False),
    ("{ $.SomeOtherObject IS NULL }", TRAIL, False),
    ("{ $.SomeOtherObject NOT EXISTS }", TRAIL, True),
    ("{ $.SomeObject NOT EXISTS }", TRAIL, False),
    ("{ $.ThisFlag IS TRUE }", TRAIL, True),
    ("{ $.ThisFlag is false }", TRAIL, False),
    ("{ $.ThisFlag = true }", TRAIL, False),
    ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', USERS, True),
    ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', USERS, False),
    (
        '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = no }',
        USERS,
        True,
    ),
    (
        '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = non) && $.actions[2] = no }',
        USERS,
        False,
    ),
    ("{ $.users = 1 }", '{"users": [1, 2, 3]}', False),
    ("{ $.users != 1 }", '{"users": [1, 2, 3]}', False),
    ("{ $.missing != 1 }", USERS, False),
    ("{ $.['cluster.name'] = c }", USERS, True),
    ("{ $.cluster.name = c }", USERS, False),
    ("{ $.status = 4* }", USERS, True),
    ("{ $.status = 404 }", USERS, True),
    ("{ $.status = 4.04e2 }", USERS, True),
    ('{ $.status = "404" }', USERS, True),
    ("{ $.text = 404 }", USERS, True),
    ("{ $.text > 5 }", USERS, False),
    ("{ $.nan > 5 }", USERS, False),
    ("{ $.latency <= 55.5 }", USERS, True),
    ("{ $.latency > +1000 }", USERS, False),
    ("{ $.latency < 10e3 }", USERS, True),
    ("{ $.latency > 10e-3 }", USERS, True),
    ("{ $.coordinates[2][0] >= 7 }", USERS, True),
    ("{ $.a = 1 }", "not JSON", False),
    ("{ $.a NOT EXISTS }", "not JSON", False),
    ("{ $.a = 1 }", '{"a": 1', False),
    ("{ $.a = 1 }", ' {"a": 1}', True),
    ("{ $.a = 1 }", '{"n": NaN, "a": 1}', True),
    # columns
    ("[ip, id, user, timestamp, request, status_code, bytes]", ACCESS, True),
    ("[ip, user, timestamp, request, status_code, bytes]", ACCESS, False),
    ("[ip, id, user, timestamp, request, status_code, bytes > 1000]", ACCESS, True),
    ("[ip, id, user, timestamp, request, status_code = 200, bytes]", ACCESS, False),
    ("[ip, id, user, timestamp, request, status_code = 4*, bytes]", ACCESS, True),
    ("[ip, id, user, timestamp, request = *html*, status_code = 4*, bytes]", ACCESS, True),
    ("[ip, id, user, timestamp, request, status_code = 4* && status_code != 403, bytes]", ACCESS, True),
    ("[ip, id, user, timestamp, request, status_code = 4* && status_code != 404, bytes]", ACCESS, False),
    ("[..., status_code=404, bytes]", ACCESS, True),
    ("[ip, id, ..., bytes < 10]", ACCESS, False),
    ("[ip=127.0.0.1, ...]", ACCESS, True),
    ("[..., request=*.html*, status_code=4*,]", ACCESS, True),
    ('[..., request="GET /index.html HTTP/1.0", s, b]', ACCESS, True),
    ("[..., t=10/Oct/2000*, r, s, b=%^15\\d\\d$%]", ACCESS, True),
    ("[a, b, c, d, e, f, g, h, ...]", ACCESS, False),
    ("[w1=ERROR, w2]", "ERROR message", True),
    ("[w1=ERROR, w2]", "ERROR WARN message", False),
    ("[w1=ERROR || w1=WARN, w2]", "WARN message", True),
    ("[w1=!ERROR&&w1=!WARN, w2]", "WARN message", False),
    ("[w1=!ERROR&&w1=!WARN, w2]", "INFO message", True),
    ("[(w1=a || w1=b) && w1!=b, w2]", "b x", False),
    ('[a, b=""]', 'x ""', True),
    ("[a, b>5]", "x nan", False),
)

WRONG: tuple[tuple[str, int, str], ...] = (
    ("foo.bar", 4, "quotes"),
    ("foo-bar", 4, "quotes"),
    ('"open', 1, "expected"),
    ("{ $.a = }", 9, "a number"),
    ("{ $.a", 6, "IS NULL"),
    ("{ a = 1 }", 3, "$.name"),
    ("{ $.a = 1 && }", 14, "$.name"),
    ("{ $.a = 1 } x", 13, "the end"),
    ("{ $.a < x }", 9, "a number"),
    ("{ $.a[*] NOT EXISTS }", 3, "a property without *"),
    ("[a, b", 6, "comma"),
    ("[..., ...]", 7, "only one"),
    ("[a=1 && b=2]", 1, "two names"),
    ("%a(b)%", 3, "parentheses"),
    ("%a!%", 3, "not supported"),
    ("%ü%", 2, "ASCII"),
    ("%[ab%", 2, "expected ]"),
    ("%a**%", 4, "multiple repeat"),
    ("%\\bx%", 2, "escape"),
    ("%a% %b% %c%", 9, "at most 2"),
    ("\x1b[31m", 1, "expected"),
)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def by_sql(
    database: duckdb.DuckDBPyConnection, patterns: Sequence[str], messages: list[str]
) -> list[tuple[bool, ...]]:
    """For every message, which patterns hold; one query, so that shared parts are computed together."""
    conditions = [parse_pattern(pattern).condition() for pattern in patterns]
    sql = ", ".join(condition.sql for condition in conditions)
    params = [value for condition in conditions for value in condition.params]
    rows = database.execute(
        f"SELECT {sql} FROM (SELECT unnest(?::VARCHAR[]) AS message)", [*params, messages]
    ).fetchall()
    return [tuple(row) for row in rows]


def by_matches(patterns: Sequence[str], messages: list[str]) -> list[tuple[bool, ...]]:
    parsed = [parse_pattern(pattern) for pattern in patterns]
    return [tuple(pattern.matches(message) for pattern in parsed) for message in messages]


def differences(
    database: duckdb.DuckDBPyConnection, patterns: Sequence[str], messages: list[str]
) -> list[tuple[str, str, bool]]:
    """Pattern, message and what the condition said, where the two ways differ."""
    pairs = zip(messages, by_sql(database, patterns, messages), by_matches(patterns, messages), strict=True)
    return [
        (pattern, message, said)
        for message, sql, python in pairs
        for pattern, said, right in zip(patterns, sql, python, strict=True)
        if said is not right
    ]


@pytest.mark.parametrize(("pattern", "message", "matches"), CASES)
def test_a_pattern_means_what_the_guide_says(pattern: str, message: str, matches: bool) -> None:
    assert parse_pattern(pattern).matches(message) is matches


def test_the_condition_means_the_same_on_every_line(database: duckdb.DuckDBPyConnection) -> None:
    messages = sorted({message for _, message, _ in CASES})
    assert differences(database, sorted({pattern for pattern, _, _ in CASES}), messages) == []


@pytest.mark.parametrize(("pattern", "column", "words"), WRONG)
def test_an_error_names_the_column_and_what_was_expected(pattern: str, column: int, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_pattern(pattern)
    assert f"column {column}:" in caught.value.message
    assert words in caught.value.message
    shown, caret = caught.value.hint.splitlines()
    assert caret.strip() == "^"
    assert "\x1b" not in shown + caught.value.message


def test_a_pattern_has_1024_characters_at_most() -> None:
    assert parse_pattern("a" * 1024).matches("a" * 1024)
    with pytest.raises(InputError, match="1025"):
        parse_pattern("a" * 1025)


def test_the_text_of_a_pattern_is_the_pattern() -> None:
    assert parse_pattern(str(parse_pattern(" { $.a = 1 } "))) == parse_pattern("{ $.a = 1 }")


@given(st.text(min_size=1, max_size=200))
def test_a_phrase_is_found_as_it_stands_whatever_its_characters(text: str) -> None:
    assert parse_pattern(phrase(text)).matches(f"before {text} after")
    assert not parse_pattern(phrase(f"{text}!")).matches("nothing of it")


def test_nesting_as_deep_as_a_pattern_can_hold_is_read() -> None:
    pattern = "{" + "(" * 500 + "$.a=1" + ")" * 500 + "}"
    assert parse_pattern(pattern).matches('{"a":1}')


PATTERNS = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.sampled_from(
            (
                *(
                    "{",
                    "}",
                    "[",
                    "]",
                    "(",
                    ")",
                    "$.a",
                    "$.b[0]",
                    "$.*",
                    "=",
                    "!=",
                    ">",
                    "IS NULL",
                    "&&",
                    "||",
                ),
                *(
                    "NOT EXISTS",
                    '"x*"',
                    "5",
                    "4*",
                    "%a.b%",
                    "%[%",
                    "...",
                    ",",
                    "-",
                    "?",
                    "ERROR",
                    "%",
                    '"',
                    "\\",
                ),
            )
        ),
        max_size=14,
    ).map(" ".join),
)
HOSTILE = (
    '{"a":' * 200 + "1" + "}" * 200,
    '{"a":' * 100_000 + "1" + "}" * 100_000,
    '{"a":NaN,"b":[NaN]}',
    '{"a":"\ud800"}',
    '{"a":' + "9" * 5000 + "}",
    "x" * 1_000_000,
    '"' * 100_000,
    "[" * 100_000,
    "",
    "\x00 \x1b[31m",
)


@settings(max_examples=120, deadline=None)
@given(PATTERNS)
def test_any_text_is_a_pattern_or_an_input_error(text: str) -> None:
    try:
        pattern = parse_pattern(text)
    except InputError:
        return
    for message in HOSTILE[:5] + HOSTILE[8:]:
        assert pattern.matches(message) in (True, False)


@pytest.mark.parametrize("pattern", ["ERROR", "{ $.a = 1 }", "{ $.*[*].b = 1 }", "[a, ..., b>5]", "%[ab]+$%"])
def test_no_message_is_too_much(pattern: str) -> None:
    for message in HOSTILE:
        assert parse_pattern(pattern).matches(message) in (True, False)


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        ("%a*a*a*a*a*a*a*a*[bc]%", "a" * 3_000, False),
        ("%a*a*a*a*a*a*a*a*[bc]%", "a" * 3_000 + "c", True),
        ("%a{0,9}a{0,9}a{0,9}a{0,9}a{0,9}a{0,9}a{0,9}[bc]%", "a" * 3_000, False),
        (f"%{'a?' * 40}{'a' * 40}%", "a" * 39, False),
        ("%\\S+\\S+[bc]%", "caf\udce9" * 5_000, True),
        ("{ $.a = %a*a*a*a*a*a*a*a*[bc]% }", json.dumps({"a": "a" * 3_000}), False),
    ],
)
def test_a_regular_expression_that_could_go_back_for_ever_is_read_by_an_engine_that_does_not(
    pattern: str, line: str, found: bool
) -> None:
    begun = perf_counter()
    assert parse_pattern(pattern).matches(line) is found
    assert perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("pattern", "line"),
    [("%ab*%", "a"), ("%ab?c|d%", "d"), ("%ab{0,2}%", "a"), ("%a[bc]d%", "acd"), ("%a\\.b%", "a.b")],
)
def test_what_a_regular_expression_may_leave_out_is_not_asked_for(pattern: str, line: str) -> None:
    assert parse_pattern(pattern).matches(line)


LINES = st.one_of(
    st.text(alphabet='ab 5"[]{}:,.xERO\t-', max_size=30),
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["x", "xy", "5", "a.b", "", "404"])
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
        ),
        max_leaves=6,
    ).map(json.dumps),
)
AGREED = (
    "ERROR",
    "-ERROR x",
    "?a ?b",
    "%a.b%",
    "%^[^ab]+$%",
    "%\\S\\s%",
    "{ $.a = 5 }",
    "{ $.a != 5 }",
    '{ $.a = "5" }',
    "{ $.a = x* }",
    '{ $.a != "*y" }',
    "{ $.b[0] > 3 }",
    "{ $.a > -3 && $.a < 3 }",
    "{ $.* = 5 }",
    "{ $.a[*].b = x }",
    "{ $.a IS NULL }",
    "{ $.a.b IS TRUE }",
    "{ $.a NOT EXISTS }",
    "{ $.b[*] IS TRUE }",
    "[a, b]",
    "[a=5, ...]",
    "[..., b>3]",
    "[a!=x, ..., b=*5]",
    "[a=%[ab]%]",
)


@settings(max_examples=25, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=20))
def test_the_condition_agrees_on_any_line(database: duckdb.DuckDBPyConnection, lines: list[str]) -> None:
    assert differences(database, AGREED, lines) == []
