from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.explain.body import body_of
from cwtui.explain.masks import mask_token
from cwtui.explain.templates import MAX_SIGNATURES, Miner, Pattern
from cwtui.lang.traces import trace_of
from tests.explain.events import ERROR, INFO, START, UNKNOWN, columns, cut
from tests.explain.grouping import kind


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


def test_a_digit_that_says_something_is_not_taken_for_another() -> None:
    requests = [f'10.0.0.{i} - - [22/Nov/2026:10:09:4{i} +0000] "GET /cart HTTP/1.1" {i % 2 + 2}00 512'
                for i in range(8)]  # fmt: skip
    names = [rf'{{"message": "caf\u00e{i} opened"}}' for i in (8, 9)] * 2
    counts = {pattern.text: pattern.count for pattern in _mine([*requests, *names])}
    assert counts["GET /cart answered ok bytes <*>"] == counts["GET /cart answered redirect bytes <*>"] == 4
    assert counts["cafè opened"] == counts["café opened"] == 2


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


def test_a_trace_line_of_a_stream_of_the_same_name_in_another_account_is_not_folded() -> None:
    miner = Miner()
    events = columns(["boom", "\tat a.B.c(B.java:1)"], times=[START, START + 1])
    miner.add(replace(events, accounts=["1", "2"]))
    assert len(miner.patterns()) == 2
    assert all(len(pattern.streams[0]) == 3 for pattern in miner.patterns())


def test_the_exception_names_a_python_traceback() -> None:
    text = (
        "ERROR worker died\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\nKeyError: 'id'"
    )
    assert _mine([text])[0].text == "worker died KeyError: 'id'"


def test_more_signatures_than_can_be_told_apart_go_into_an_overflow_bucket() -> None:
    chooser = random.Random(5)
    words = ["".join(chooser.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(4000)]
    lines = [" ".join(chooser.choices(words, k=8)) for _ in range(MAX_SIGNATURES + 4200)]
    again = ["the same line again and again"] * 25
    lines = [*lines[:100], *again, *lines[100:], *again]
    miner = Miner()
    miner.add(columns(lines, levels=[UNKNOWN] * len(lines)))
    patterns = miner.patterns()
    assert miner.overflowed
    assert len(patterns) <= MAX_SIGNATURES // 2 + 1000 + 4096
    assert sum(pattern.count for pattern in patterns) == len(lines)
    assert any(pattern.overflow for pattern in patterns)
    assert any(pattern.text == again[0] and pattern.count == 50 for pattern in patterns)


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


def test_lines_of_a_trace_sent_one_by_one_give_their_head_a_fingerprint() -> None:
    def sent(i: int) -> list[str]:
        return [
            f"ERROR task {i} failed",
            "Traceback (most recent call last):",
            f'  File "/srv/shop/tasks.py", line {i}, in run',
            "    charge(order)",
            f"ValueError: amount {i}",
        ]

    lines = [*sent(7), *sent(8)]
    times = [START] * 5 + [START + 60_000] * 5
    (pattern,) = _mine(lines, times=times)
    assert (pattern.text, pattern.count) == ("task <*> failed", 2)
    assert [row for row, _ in pattern.traces] == [0, 5]
    assert {trace for _, trace in pattern.traces} == {trace_of("\n".join(lines[:5]))}


def test_an_error_does_not_hide_beneath_a_line_that_is_none() -> None:
    patterns = _mine(["all is well", " ERROR and then it was not"], times=[START, START])
    assert len(patterns) == 2


def test_lines_of_another_stream_between_do_not_part_a_trace() -> None:
    lines = ["java.io.IOException: broken", "other words", "\tat a.B.c(B.java:1)", "other words"]
    patterns = _mine(lines, times=[START] * 4, streams=["one", "two", "one", "two"])
    assert sorted((pattern.text, pattern.count) for pattern in patterns) == [
        ("java.io.IOException: broken", 1),
        ("other words", 2),
    ]


@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), max_size=30))
def test_how_traces_are_cut_into_chunks_changes_nothing(sizes: list[int]) -> None:
    lines = kind("python_tracebacks")
    events = columns(lines.messages, times=lines.times)
    whole, parts = Miner(), Miner()
    whole.add(events)
    for chunk in cut(events, sizes):
        parts.add(chunk)
        parts.patterns()
    assert repr(parts.patterns()) == repr(whole.patterns())


def test_a_long_message_is_cut_between_words() -> None:
    tail = " ".join(f"blk_{'7' * 17}" for _ in range(200))
    texts = {
        pattern.text for length in range(30) for pattern in _mine([f"ask {'x' * length} to delete {tail}"])
    }
    assert {text.rsplit(maxsplit=1)[1] for text in texts} == {"<*>"}


def test_bodies_in_prefixes_of_many_programs_are_alike() -> None:
    prefixes = [
        "2026-11-22T10:09:41.305123Z stdout F ",
        "2026-11-22T10:09:41Z stderr F 2026-11-22 10:09:41,305 INFO ",
        "I1122 10:09:41.305123       1 proxier.go:123] ",
        "11-22 10:09:41.305  1702  2395 I ",
        "[Sun Nov 22 10:09:41.305123 2026] [core:error] [pid 35708:tid 4328636416] ",
        "2026/11/22 10:09:41 [error] 31#31: *123 ",
        "22 Nov 2026 10:09:41.305 ",
        "081109 203615 148 INFO ",
        "26/11/22 10:09:41 INFO ",
        "2026-11-22 10:09:41,305 - WARN  [main-EventThread] - ",
        "2026-11-22 10:09:41 UTC:10.0.0.1(4000):app@shop:[2112]:ERROR:  ",
        "[10:09:41] [main/INFO]: ",
        "10:09:41.305 [http-nio-1] DEBUG ",
        "2026-11-22 04:30:30, Info                  ",
        "WARNING:root:",
        "I, [2026-11-22T10:09:41.305123 #8]  INFO -- : ",
    ]
    bodies = {prefix: body_of(f"{prefix}replica lost its leader") for prefix in prefixes}
    assert bodies == dict.fromkeys(prefixes, "replica lost its leader")
    named = [
        "Nov 22 10:09:41 web-1 app[231]: ",
        "<34>1 2026-11-22T10:09:41.305Z host-1 app 231 ID47 - ",
        "2026-11-22 10:09:41.305  INFO 1 --- [main] app                  : ",
        "2026-11-22 10:09:41,305 - app - INFO - ",
        "INFO:app:",
        "info: app[14]\n      ",
        "Nov 22, 2026 10:09:41 AM app run\nINFO: ",
        "2026-11-22 10:09:41,305 INFO [main] app - ",
    ]
    assert {body_of(f"{prefix}lost it") for prefix in named} == {"app: lost it"}


def test_words_of_meaning_stay_apart_even_where_names_are_expected() -> None:
    lines = [f"gate of the host {word}" for word in ("opened", "closed", "failed")] * 3
    assert len(_mine(lines)) == 3
    lines = [f"state of node is {state} now" for state in ("failed", "7", "8")]
    assert sorted(pattern.text for pattern in _mine(lines)) == [
        "state of node is <*> now",
        "state of node is failed now",
    ]


def test_values_with_and_without_brackets_are_one_slot() -> None:
    assert len(_mine(["moved 7", "moved (8)", "moved [9]"])) == 1


def test_two_slots_full_of_words_are_found_where_they_vary_independently() -> None:
    names, places = ("ada", "bob", "cyd", "dan", "eve"), ("roof", "yard", "hall", "attic", "porch")
    lines = [
        f"door {places[(i + j) % 5]} left open by {name}" for i, name in enumerate(names) for j in (0, 1)
    ]
    assert [pattern.text for pattern in _mine(lines)] == ["door <*> left open by <*>"]


def test_the_same_sentence_of_several_writers_is_one_pattern_and_an_error_is_no_writer() -> None:
    lines = [f"{writer}: lost the lease again today" for writer in ("cart", "mail", "pay")]
    assert [pattern.text for pattern in _mine(lines)] == ["<*>: lost the lease again today"]
    lines = [f"{error}: lost the lease again today" for error in ("ValueError", "KeyError", "OSError")]
    assert len(_mine(lines)) == 3
