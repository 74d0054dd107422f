from __future__ import annotations

import json
import random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.models import Level
from cwtui.explain.pattern_expression import pattern_name
from cwtui.explain.pattern_filter import pattern_filter
from cwtui.explain.templates import Miner, Pattern
from cwtui.lang.expression import And, Expression, LevelIs, Not
from cwtui.lang.where import parse_where
from tests.explain.events import columns


def held(expression: Expression, messages: list[str], levels: list[int]) -> list[int]:
    """The positions of the messages that an expression holds for, by the engine that filters."""
    condition = expression.condition()
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT place FROM (SELECT unnest(?) AS place, unnest(?::VARCHAR[]) AS message, "
            f"unnest(?::TINYINT[]) AS level) WHERE {condition.sql} ORDER BY place",
            [list(range(len(messages))), messages, levels, *condition.params],
        ).fetchall()
    return [row[0] for row in rows]


def filters(messages: list[str]) -> tuple[list[Pattern], list[Expression], list[int]]:
    """The patterns of messages, a filter of each, and the levels."""
    events = columns(messages)
    miner = Miner()
    miner.add(events)
    patterns = miner.patterns()
    made = []
    for pattern in patterns:
        own = [messages[row] for row in pattern.ids.tolist()]
        others = [
            (each.text, text) for each in patterns if each is not pattern and each.level == pattern.level
            for _, text in each.samples
        ]  # fmt: skip
        made.append(
            pattern_filter(pattern.text, pattern.level, own, others, overflow=pattern.overflow).expression
        )
    return patterns, made, list(events.levels)


WORDS = st.sampled_from(
    ["order", "cart", "refused", "for", "user", "user=ada", "took", "12", "0.5", "ms", "(x)", '"q"', "a/b",
     "é", "[7]", "key=5,", "10.0.0.1", "https://a.b/c?d=1", "ERROR", "0xff", "\\n", "<*>", "|", "$5", "2026",
     "()", "{", "}", "*", "^", "a|b", "日本", "\u00a0", "\t", "{\"", "Jun", "MB.", "%", "=\"x y\""]
)  # fmt: skip
LINE = st.lists(WORDS, min_size=0, max_size=8).map(" ".join)
EVENT = st.one_of(
    LINE,
    LINE.map(lambda line: json.dumps({"level": "info", "msg": line, "code": 5})),
    LINE.map(lambda line: json.dumps({"code": 5, "msg": line}, ensure_ascii=False)),
    LINE.map(lambda line: f"2026-11-22T10:00:00.000Z\tabc-1\tINFO\t{line}\n"),
    LINE.map(lambda line: f"{line}\n  at x.y(Z.java:5)\nCaused by: {line}"),
    LINE.map(lambda line: f"Traceback (most recent call last):\n  File x\nBad: {line}"),
    st.text(max_size=30).filter(lambda text: "\x00" not in text),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=8))
def test_the_filter_of_a_pattern_holds_for_at_least_all_of_its_events(messages: list[str]) -> None:
    patterns, made, levels = filters(messages)
    for pattern, expression in zip(patterns, made, strict=True):
        assert set(pattern.ids.tolist()) <= set(held(expression, messages, levels))
        assert parse_where(str(expression)) == expression


EVERYDAY = (
    "connection {}",
    "connection {} refused",
    "connection {} refused by 10.0.{}.9: timeout",
    "[WARNING]\t2026-11-22T09:32:32.519Z\t7f85fa7d-8910\tcart answered {} after {} ms",
    '{{"level": "error", "msg": "GET /cart {} failed", "error": "PoolTimeout"}}',
    '{{"level": "error", "msg": "GET /cart {}", "requestId": "{}"}}',
    '81.47.206.82 - - [22/Nov/2026:08:30:00 +0000] "GET /cart HTTP/1.1" 200 {} "-" "M"',
    '81.47.206.82 - - [22/Nov/2026:08:30:00 +0000] "GET /cart HTTP/1.1" 503 {} "-" "M"',
    "Task timed out after {}.00 seconds",
    'level=info msg="paid order {}" user=u{}',
    "ERROR payment {} failed\n  at com.shop.Pay.run(Pay.java:{})",
)


def everyday(count: int) -> list[str]:
    """Lines of the kinds that services write, values drawn anew in each."""
    draw = random.Random(5)
    return [draw.choice(EVERYDAY).format(draw.randrange(10_000), draw.randrange(256)) for _ in range(count)]


def test_the_filters_of_everyday_lines_hold_for_exactly_their_patterns_events() -> None:
    messages = everyday(600)
    patterns, made, levels = filters(messages)
    assert len(patterns) >= 10
    for pattern, expression in zip(patterns, made, strict=True):
        assert held(expression, messages, levels) == pattern.ids.tolist(), str(expression)


def test_a_filter_holds_for_new_events_of_its_pattern() -> None:
    messages = everyday(1_200)
    patterns, made, _ = filters(messages[:600])
    assigned = Miner()
    assigned.add(columns(messages))
    found, of_event = assigned.assigned()
    levels = [int(level) for level in columns(messages).levels]
    for pattern, expression in zip(patterns, made, strict=True):
        place = next(place for place, each in enumerate(found) if int(each.ids[0]) == int(pattern.ids[0]))
        new = [event for event in range(600, 1_200) if of_event[event] == place]
        assert set(new) <= set(held(expression, messages, levels))


def test_a_filter_is_no_closer_than_it_has_to_be() -> None:
    own = [f"connection {n}" for n in range(3)]
    assert str(pattern_filter("connection <*>", Level.INFO, own).expression) == (
        "level = info and /connection/"
    )
    closer = pattern_filter(
        "connection <*>", Level.INFO, own, [("connection <*> refused", "connection 5 refused")]
    )
    assert (str(closer.expression), closer.strays) == (
        r"level = info and /connection\s+\S*\s*(?:\n|$)/", 0,
    )  # fmt: skip


def test_what_reads_alike_in_another_pattern_is_counted() -> None:
    found = pattern_filter(
        "GET <*>", Level.INFO, ["GET a b", "GET c"], [("GET <*>", "GET d e"), ("POST <*>", "POST f")]
    )
    assert found.strays == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("order <*> for <*> took", "order 1 for a took 5"),
        ("s3 GetObject", '{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}'),
        ('path <*> "é" a/b <x> (foo.bar) 5', json.dumps({"m": 'path 5 "é" a/b <x> (foo.bar) 5'})),
        (r"a\b {c} $d ^e |f", r"a\b {c} $d ^e |f"),
    ],
)
def test_a_filter_is_named_by_its_template_however_it_comes_back(text: str, message: str) -> None:
    made = pattern_filter(text, Level.ERROR, [message]).expression
    again = parse_where(str(made))
    assert pattern_name(again) == f"ERROR {text}"
    assert pattern_name(Not(again)) == f"not ERROR {text}"


def test_filters_of_other_makes_keep_their_own_words() -> None:
    for text in (
        "level = error and /a (b|c)/",
        "level = error",
        "/timeout/",
        '"x"',
        "level >= error and /x/",
    ):
        assert pattern_name(parse_where(text)) is None


def test_where_no_word_of_the_template_stands_in_the_messages_the_level_is_left() -> None:
    made = pattern_filter("nothing alike", Level.WARN, ["<|>"], [("a", "a")])
    assert made.expression == LevelIs("=", Level.WARN)
    assert made.strays == 1
    assert not isinstance(made.expression, And)
