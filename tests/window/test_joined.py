from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.models import EventBatch, LogEvent
from cwtui.lang.condition import Condition
from cwtui.lang.continuation import kind_of
from cwtui.lang.envelope import level_of
from cwtui.window.joined import JOIN_MS, Joined
from cwtui.window.stretch import Stretch
from cwtui.window.view import View
from cwtui.window.window import Window
from tests.window.events import event

JAVA = ["ERROR it failed java.lang.IllegalStateException: no", "\tat a.B.c(B.java:1)", "\t... 3 more"]
PYTHON = ["Traceback (most recent call last):", '  File "a.py", line 1', "    f()", "ValueError: bad"]


def settled(messages: Sequence[str], times: Sequence[int] = (), streams: Sequence[int] = ()) -> list[int]:
    """For each message the place of the one it belongs to, or -1."""
    return _joined(messages, times or range(len(messages)), streams or [0] * len(messages))[0]


def _joined(
    messages: Sequence[str], times: Sequence[int], streams: Sequence[int], cuts: Sequence[int] = ()
) -> tuple[list[int], list[int]]:
    numbers = np.array(streams, np.uint32)
    joined = Joined(lambda ids: numbers[ids])
    view = View.empty()
    for first, last in zip([0, *cuts], [*cuts, len(messages)], strict=True):
        chosen = messages[first:last]
        new = Stretch(
            np.arange(first, last, dtype=np.int64),
            np.array(times[first:last], np.int64),
            np.array([level_of(message) for message in chosen], np.uint8),
        )
        view = view.merged(new, lambda ids, at: np.lexsort((ids, at)))
        joined.settle(view, new, np.array([kind_of(message) for message in chosen], np.uint8))
    rows = np.arange(len(messages), dtype=np.int64)
    return joined.heads(rows).tolist(), [joined.count(row) for row in rows.tolist()]


def test_the_lines_of_a_trace_belong_to_the_event_before_them() -> None:
    assert settled(["INFO one", *JAVA, "INFO two"]) == [-1, -1, 1, 1, -1]


def test_a_trace_of_python_belongs_to_the_error_that_was_logged_or_begins_with_its_own_first_line() -> None:
    assert settled(["ERROR failed", *PYTHON]) == [-1, 0, 0, 0, 0]
    assert settled(["INFO at work", *PYTHON, "INFO done"]) == [-1, -1, 1, 1, 1, -1]


def test_a_trace_of_go_is_one_event() -> None:
    go = ["panic: boom", "", "goroutine 1 [running]:", "main.f(0x1)", "\t/a.go:3 +0x1d", "exit status 2"]
    assert settled(["INFO up", *go]) == [-1, -1, 1, 1, 1, 1, 1]


def test_a_trace_whose_lines_each_carry_a_time_is_one_event() -> None:
    stamp = "2026-11-22T10:09:41.{}56789Z "
    lines = [stamp.format(number) + line for number, line in enumerate([*JAVA, "Caused by: x.Y: no", *JAVA])]
    assert settled(lines) == [-1, 0, 0, 0, -1, 4, 4]


def test_two_exceptions_in_a_row_stay_two() -> None:
    twice = ["java.lang.Error: a", "\tat a.B(C.java:1)", "java.lang.Error: b", "\tat a.B(C.java:1)"]
    assert settled(twice) == [-1, 0, -1, 2]


def test_another_stream_between_the_lines_does_not_part_them() -> None:
    messages = [JAVA[0], "INFO elsewhere", JAVA[1], "\tat d.E(F.java:1)", JAVA[2]]
    assert settled(messages, streams=[0, 1, 0, 1, 0]) == [-1, -1, 0, 1, 0]


def test_a_line_long_after_its_event_stands_alone() -> None:
    assert settled(JAVA, times=[0, JOIN_MS, JOIN_MS + 1]) == [-1, 0, -1]


def test_a_line_before_which_nothing_began_stands_alone() -> None:
    assert settled(JAVA[1:]) == [-1, -1]


def test_an_error_never_hides_beneath_a_line_that_is_none() -> None:
    assert settled(["INFO at work", "    {", "    [ERROR] cannot"]) == [-1, 0, -1]


def test_what_comes_late_takes_its_lines_over() -> None:
    messages = ["ERROR first", *JAVA[1:], "ERROR late"]
    assert _joined(messages, [0, 10, 20, 5], [0] * 4, [3])[0] == [-1, 3, 3, -1]
    assert _joined(messages, [0, 10, 20, 5], [0] * 4, [3])[1] == [0, 0, 0, 2]


_MESSAGES = st.sampled_from(["INFO a", "ERROR b", *JAVA, *PYTHON, "", "}", "  x", "  [WARN] y"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(_MESSAGES, st.integers(0, 14), st.integers(0, 2)), min_size=1, max_size=40),
    st.sets(st.integers(1, 39), max_size=6),
)
def test_however_events_come_the_same_belong_together(
    events: list[tuple[str, int, int]], cuts: set[int]
) -> None:
    messages = [message for message, _, _ in events]
    times = [400 * time for _, time, _ in events]
    streams = [stream for _, _, stream in events]
    parts = sorted(cut for cut in cuts if cut < len(events))
    heads, counts = _joined(messages, times, streams, parts)
    assert (heads, counts) == _joined(messages, times, streams)
    assert counts == [heads.count(row) for row in range(len(events))]


def _trace(at: int) -> list[LogEvent]:
    return [event(at, message) for message in JAVA]


async def test_a_filter_hides_lines_only_beneath_an_event_that_it_shows() -> None:
    window = await Window.open()
    try:
        await window.append([EventBatch.of([event(1, "INFO a"), *_trace(2), event(9, "INFO b")])])
        assert window.joined.hidden(window.view, 0, 5).tolist() == [False, False, True, True, False]
        assert window.joined.lines(window.everything, 1, 2).tolist() == [2, 3]
        await window.narrow(Condition("message not like 'ERROR%'"))
        assert window.joined.hidden(window.view, 0, 4).tolist() == [False, False, False, False]
        await window.narrow(Condition("level >= 5"))
        assert window.view.rows.tolist() == [1]
        assert window.joined.count(1) == 2
        await window.clear()
        assert not window.joined
    finally:
        await window.aclose()


async def test_many_at_once_are_told_apart_as_few_are() -> None:
    window = await Window.open()
    try:
        many = [event(10 * number, message) for number in range(1_000) for message in JAVA]
        await window.append([EventBatch.of(many)])
        assert [window.joined.count(row) for row in (0, 1, 2, 2_997)] == [2, 0, 0, 2]
    finally:
        await window.aclose()
