from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.explain.body import body_of
from cwtui.explain.masks import mask_token
from cwtui.explain.templates import MAX_SIGNATURES, Miner, Pattern
from tests.explain.events import ERROR, INFO, START, UNKNOWN, columns, cut


def _mine(messages: list[str], **options: object) -> list[Pattern]:
    miner = Miner()
    miner.add(columns(messages, **options))  # type: ignore[arg-type]
    return miner.patterns()


def test_lines_that_differ_in_ids_and_numbers_are_one_pattern() -> None:
    patterns = _mine([f"order {i} for 10.0.0.{i} took {i}.5 ms" for i in range(30)])
    assert [(pattern.text, pattern.count) for pattern in patterns] == [("order <*> for <*> took <*>", 30)]


def test_lines_that_differ_in_a_word_of_meaning_stay_apart() -> None:
    patterns = _mine(["service cart started", "service cart stopped", "service cart failed"] * 5)
    assert sorted(pattern.text for pattern in patterns) == [
        "service cart failed",
        "service cart started",
        "service cart stopped",
    ]


def test_values_after_a_slot_word_become_a_slot() -> None:
    patterns = _mine([f"login refused for user {name}" for name in ("ada", "bob", "cyd", "dan")])
    assert [pattern.text for pattern in patterns] == ["login refused for user <*>"]


def test_levels_are_never_merged() -> None:
    lines = [f"cache miss {i}" for i in range(6)]
    patterns = _mine(lines, levels=[INFO, ERROR] * 3)
    assert sorted((pattern.level, pattern.count) for pattern in patterns) == [(INFO, 3), (ERROR, 3)]


def test_a_pattern_knows_its_events_streams_and_samples() -> None:
    miner = Miner()
    miner.add(columns(["a one 1", "b other", "a one 2"], streams=["x", "x", "y"]))
    pattern = miner.patterns()[0]
    assert pattern.ids.tolist() == [0, 2]
    assert pattern.times.tolist() == [START, START + 2000]
    assert pattern.streams == (("/app/orders", "x", 1), ("/app/orders", "y", 1))
    assert [text for _, text in pattern.samples] == ["a one 1", "a one 2"]


def test_every_event_is_assigned_to_a_listed_pattern() -> None:
    miner = Miner()
    lines = [f"kind {word} number {i}" for i in range(200) for word in ("alpha", "beta")]
    miner.add(columns(lines))
    patterns, assigned = miner.assigned()
    assert len(assigned) == len(lines)
    for place, pattern in enumerate(patterns):
        assert [i for i, of in enumerate(assigned.tolist()) if of == place] == pattern.ids.tolist()


def test_lines_of_a_stack_trace_belong_to_their_head() -> None:
    lines = ["java.io.IOException: broken", "\tat a.B.c(B.java:1)", "\tat d.E.f(E.java:2)", "next request"]
    times = [START, START + 1, START + 2, START + 3]
    patterns = _mine(lines, times=times)
    assert sorted((pattern.text, pattern.count) for pattern in patterns) == [
        ("java.io.IOException: broken", 1),
        ("next request", 1),
    ]


def test_a_trace_line_of_another_stream_is_not_folded() -> None:
    patterns = _mine(["boom", "\tat a.B.c(B.java:1)"], times=[START, START + 1], streams=["one", "two"])
    assert len(patterns) == 2


def test_the_exception_names_a_python_traceback() -> None:
    text = (
        "ERROR worker died\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\nKeyError: 'id'"
    )
    assert _mine([text])[0].text == "worker died KeyError: 'id'"


def test_more_signatures_than_can_be_told_apart_go_into_an_overflow_bucket() -> None:
    chooser = random.Random(5)
    words = ["".join(chooser.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(4000)]
    lines = [" ".join(chooser.choices(words, k=8)) for _ in range(MAX_SIGNATURES + 4200)]
    lines += ["the same line again and again"] * 50
    miner = Miner()
    miner.add(columns(lines, levels=[UNKNOWN] * len(lines)))
    patterns = miner.patterns()
    assert miner.overflowed
    assert len(patterns) <= MAX_SIGNATURES // 2 + 1000 + 4096
    assert sum(pattern.count for pattern in patterns) == len(lines)
    assert any(pattern.overflow for pattern in patterns)
    assert any(
        pattern.text == "the same line again and again" and pattern.count == 50 for pattern in patterns
    )


@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(1, 900), max_size=8))
def test_how_the_input_is_cut_into_chunks_changes_nothing(sizes: list[int]) -> None:
    lines = [f"job {i % 7} of {name} ended with {i}" for i in range(300) for name in ("ada", "bob", "eve")]
    whole, parts = Miner(), Miner()
    whole.add(columns(lines))
    for chunk in cut(columns(lines), sizes):
        parts.add(chunk)
    assert repr(parts.patterns()) == repr(whole.patterns())


@given(st.text(max_size=200))
def test_no_message_breaks_the_miner(message: str) -> None:
    assert sum(pattern.count for pattern in _mine([message, message])) == 2


def test_masks_keep_words_and_replace_instances() -> None:
    masked = {
        "checkout": "checkout",
        "blk_-1608999687919862906": "<*>",
        "10.0.0.1:8080,": "<*>,",
        "https://shop.example/cart?id=7": "<*>",
        "user=ada@example.org;": "user=<*>;",
        "java.lang.NullPointerException:": "java.lang.NullPointerException:",
        "id=7f3a": "id=<*>",
        "/var/log/app.log": "<*>",
    }
    assert {token: mask_token(token) for token in masked} == masked


def test_bodies_are_what_the_line_says_behind_its_wrapping() -> None:
    uuid = "8f6c2d1e-1111-2222-3333-444455556666"
    bodies = {
        '{"level":"error","msg":"pool exhausted"}': "pool exhausted",
        f"2026-11-22T10:09:41.305Z\t{uuid}\tERROR\tcart refused": "cart refused",
        f"[ERROR]\t2026-11-22T10:09:41.305Z\t{uuid}\tcart refused": "cart refused",
        "2026-11-22 10:09:41,305 INFO started": "started",
        "[WARN] slow": "slow",
        "Nov 22 10:09:41 web-1 sshd[231]: Accepted": "sshd: Accepted",
        "INFO": "INFO",
        '10.0.0.9 - - [22/Nov/2026:10:09:41 +0000] "GET /a/7?x=1 HTTP/1.1" 502 12': (
            "GET /a/<*> answered server-error bytes <*>"
        ),
        '{"eventSource":"iam.amazonaws.com","eventName":"CreateUser"}': "iam CreateUser",
        '{"a":1,"b":2}': "{a, b}",
        '{"msg":"failed","error":{"type":"PoolTimeout","message":"no connection"}}': (
            "failed: PoolTimeout: no connection"
        ),
        "plain words": "plain words",
    }
    assert {message: body_of(message) for message in bodies} == bodies
