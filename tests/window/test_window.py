from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cwtui.core.errors import InputError, NotFound
from cwtui.core.models import Level, LogEvent
from cwtui.lang.condition import Condition
from cwtui.window.stop import Stop
from cwtui.window.store import Store
from cwtui.window.texts import utf8
from cwtui.window.window import Window
from tests.window.events import batches, event, lines, order

TEXT = st.text(st.characters(codec=None, categories=None) | st.sampled_from("\x00\ud800a"), max_size=3)
EVENTS = st.lists(
    st.builds(
        event,
        st.integers(0, 3),
        TEXT,
        stream=st.sampled_from(["b", "a"]),
        group=st.sampled_from(["/y", "/x"]),
        ingestion=st.integers(0, 1),
        account=st.sampled_from(["2", "1"]),
        event_id=st.just("") | st.integers(0, 10**9).map("{:056d}".format),
    ),
    max_size=25,
    unique_by=lambda one: one.event_id or object(),
)


def has(text: str) -> Condition:
    return Condition("contains(message, ?)", (text,))


def exact(found: LogEvent) -> str:
    return found.message if found.raw is None else found.raw.decode("utf-8", "surrogatepass")


async def shown(window: Window) -> list[LogEvent]:
    """What is shown, whole, with the message as it came."""
    events = []
    for columns in await asyncio.to_thread(lambda: list(window.columns(window.view.rows, 10))):
        for at in range(len(columns)):
            raw = columns.raws[at]
            message = columns.messages[at] if raw is None else raw.decode("utf-8", "surrogatepass")
            events.append(
                event(
                    columns.timestamps[at],
                    message,
                    columns.streams[at],
                    columns.groups[at],
                    columns.ingestion_times[at],
                    columns.accounts[at],
                    event_id=columns.event_ids[at],
                )
            )
    return events


async def messages(window: Window) -> list[str]:
    return [row.message for row in await window.rows(window.view.rows)]


class Gate(Store):
    """A store whose searches wait, each to be let through by the test: before they begin, or once done."""

    def __init__(self, folder: Path) -> None:
        super().__init__("256MB", folder)
        self.closed = False
        self.when_done = False
        self.waiting = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._open = threading.Semaphore(0)

    def let_through(self) -> None:
        self.waiting.clear()
        self._open.release()

    def matching(
        self, condition: Condition, first_row: int = 0, stop_row: int | None = None, stop: Stop | None = None
    ) -> NDArray[np.int64]:
        if not self.when_done:
            self._wait()
        found = super().matching(condition, first_row, stop_row, stop)
        if self.when_done:
            self._wait()
        return found

    def _wait(self) -> None:
        if self.closed:
            self._loop.call_soon_threadsafe(self.waiting.set)
            self._open.acquire()


async def gated(folder: Path, count: int) -> tuple[Window, Gate]:
    store = Gate(folder)
    window = Window(store, first_part=100)
    await window.append([lines([f"m{at} {'odd' if at % 2 else 'even'}" for at in range(count)])])
    return window, store


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, data=st.data())
async def test_any_order_of_arrival_shows_the_same_and_loses_and_doubles_nothing(
    window: Window, events: list[LogEvent], data: st.DataObject
) -> None:
    twins = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    arriving = data.draw(st.permutations(events + twins))
    await window.clear()
    rest = arriving
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        await window.append(batches(rest[:size]))
        rest = rest[size:]
    # Python's sort is stable: events without an id stay as they came.
    seen = await shown(window)
    assert seen == sorted(arriving, key=order)
    await window.clear()
    backwards = seen[::-1]
    for one in backwards:
        await window.append(batches([one]))
    again = await shown(window)
    assert again == sorted(backwards, key=order)
    assert [one for one in again if one.event_id] == [one for one in seen if one.event_id]


async def test_a_stack_trace_sent_in_one_call_reads_as_it_was_sent(window: Window) -> None:
    trace = ["Traceback (most recent call last):", "  File a", "    raise E", "  again", "E: boom"]
    named = [event(5, line, event_id=f"{at:056d}") for at, line in enumerate(trace)]
    await window.append(batches(named[3:]))
    await window.append(batches(named[:3]))
    assert await messages(window) == trace
    await window.clear()
    await window.append(batches([event(5, line) for line in trace]))
    assert await messages(window) == trace


async def test_pages_read_newest_first_and_without_ids_read_forward(window: Window) -> None:
    lines_sent = [event(5, f"line {at}") for at in range(7)]
    for page in (lines_sent[4:6], lines_sent[:4]):
        await window.append(batches(page[::-1]), newest_first=True)
    await window.append(batches(lines_sent[6:]))
    assert await messages(window) == [one.message for one in lines_sent]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, more=EVENTS, level=st.integers(0, 3))
async def test_a_narrowed_view_is_the_naive_filter_of_everything(
    window: Window, events: list[LogEvent], more: list[LogEvent], level: int
) -> None:
    await window.narrow(None)
    await window.clear()
    await window.append(batches(events))
    assert await window.narrow(Condition("(ts >= ? AND contains(message, 'a'))", (level,)))
    fresh = await window.append(batches(more))
    narrowed = await shown(window)
    assert window.view.level_counts == window.level_counts
    await window.narrow(None)
    everything = await shown(window)
    assert len(everything) == len(events) + len(more) == window.loaded

    def naively(one: LogEvent) -> bool:
        # What UTF-8 cannot hold is looked for as it is shown: `\\udd9a` has an a.
        return one.timestamp >= level and "a" in utf8(one.message)

    assert narrowed == [one for one in everything if naively(one)]
    assert fresh == sum(map(naively, more))


async def test_what_comes_in_is_shown_at_once_and_every_change_counts(window: Window) -> None:
    assert (window.loaded, window.span, len(window.view)) == (0, None, 0)
    before = window.revision
    assert await window.append([lines(["b"], 5), lines(["ERROR a"], 3)]) == 2
    assert window.revision > before
    assert (window.loaded, window.span) == (2, (3, 5))
    assert window.level_counts[Level.ERROR] == 1
    assert await messages(window) == ["ERROR a", "b"]
    before = window.revision
    assert await window.append([]) == 0
    assert window.revision == before


async def test_find_says_where_in_the_view_the_hits_stand(window: Window) -> None:
    await window.append([lines([f"m{at} {'odd' if at % 2 else 'even'}" for at in range(500)])])
    assert (await window.find(has("odd"))).tolist() == list(range(1, 500, 2))
    await window.narrow(has("m49"))
    assert (await window.find(has("odd"))).tolist() == [0, 2, 4, 6, 8, 10]  # of m49, m490 to m499
    assert (await window.find(has("none"))).tolist() == []


async def test_the_histogram_counts_what_is_shown(window: Window) -> None:
    await window.append([lines([f"{'ERROR' if at % 4 == 0 else 'INFO'} {at}" for at in range(100)])])
    assert (await window.histogram(0, 100, 10)).totals.tolist() == [10] * 10
    await window.narrow(Condition("level >= ?", (int(Level.ERROR),)))
    made = await window.histogram(0, 100, 4)
    assert made.counts[:, Level.ERROR].tolist() == [7, 6, 6, 6]


async def test_a_pattern_that_cannot_be_read_leaves_the_view_as_it_was(window: Window) -> None:
    await window.append([lines(["a", "b"])])
    await window.narrow(has("a"))
    with pytest.raises(InputError):
        await window.narrow(Condition("regexp_matches(message, ?)", ("(",)))
    assert await messages(window) == ["a"]
    assert window.condition == has("a")


async def test_the_newest_hits_are_shown_while_the_rest_is_searched(tmp_path: Path) -> None:
    window, store = await gated(tmp_path, 1000)
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    await store.waiting.wait()
    assert (len(window.view), window.condition) == (1000, None)
    for step in range(4):
        store.let_through()  # the part
        await store.waiting.wait()
        store.let_through()  # what came meanwhile
        if step == 3:
            break
        await store.waiting.wait()
        assert window.searched == 100 * (2 ** (step + 1) - 1)
        assert len(window.view) == window.searched // 2
        assert window.view.rows.tolist() == list(range(1001 - window.searched, 1000, 2))
    assert await narrowing
    assert (len(window.view), window.searched) == (500, 1000)
    store.closed = False
    await window.aclose()


async def test_where_pages_came_newest_first_the_latest_hits_are_shown_first_all_the_same(
    tmp_path: Path,
) -> None:
    store = Gate(tmp_path)
    window = Window(store, first_part=100)
    for first in range(900, -1, -100):
        page = lines([f"m{first + at} {'even' if at % 2 else 'odd'}" for at in reversed(range(100))], first)
        await window.append([page], newest_first=True)
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    for _ in range(2):
        await store.waiting.wait()
        store.let_through()
    await store.waiting.wait()
    assert window.searched == 100
    assert window.span is not None
    assert (len(window.view), window.view.span) == (50, (window.span[1] - 98, window.span[1]))
    store.closed = False
    store.let_through()
    assert await narrowing
    assert (len(window.view), window.searched) == (500, 1000)
    await window.aclose()


async def test_what_comes_while_a_filter_is_worked_out_is_in_the_view_once(tmp_path: Path) -> None:
    window, store = await gated(tmp_path, 150)
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    await store.waiting.wait()
    await window.append([lines(["late odd", "late even"], 40)])
    store.let_through()
    await store.waiting.wait()
    store.closed = False
    store.let_through()
    await window.append([lines(["later odd", "later even"], 41)])
    assert await narrowing
    found = await messages(window)
    assert sorted(found) == sorted([f"m{at} odd" for at in range(1, 150, 2)] + ["late odd", "later odd"])
    assert window.view.times.tolist() == sorted(window.view.times.tolist())
    await window.aclose()


async def test_a_newer_filter_takes_over_and_the_stale_call_says_so(tmp_path: Path) -> None:
    window, store = await gated(tmp_path, 1000)
    store.closed = True
    stale = asyncio.create_task(window.narrow(has("odd")))
    await store.waiting.wait()
    newer = asyncio.create_task(window.narrow(has("even")))
    await asyncio.sleep(0)
    store.closed = False
    for _ in range(2):
        store.let_through()
    assert [await stale, await newer] == [False, True]
    assert all("even" in message for message in await messages(window))
    assert window.condition == has("even")
    await window.aclose()


@pytest.mark.parametrize("how", ["cancelled", "widened"])
async def test_a_filter_given_up_half_way_brings_back_a_whole_view(tmp_path: Path, how: str) -> None:
    window, store = await gated(tmp_path, 1000)
    await window.narrow(has("m1"))
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    for _ in range(2):
        await store.waiting.wait()
        store.let_through()
    await store.waiting.wait()
    assert window.searched == 100
    store.closed = False
    if how == "cancelled":
        narrowing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await narrowing
        store.let_through()
        await window.append([lines(["m1 at last", "else"], 5000)])
        assert (len(window.view), window.condition) == (112, has("m1"))
    else:
        assert await window.narrow(None)
        store.let_through()
        assert not await narrowing
        assert (len(window.view), window.condition) == (1000, None)
    assert window.searched == window.loaded
    await window.aclose()


async def test_what_a_superseded_filter_still_finds_is_not_shown_after_the_newer_one_was_refused(
    tmp_path: Path,
) -> None:
    window, store = await gated(tmp_path, 1000)
    store.closed = store.when_done = True
    stale = asyncio.create_task(window.narrow(has("odd")))
    await store.waiting.wait()
    store.let_through()
    await store.waiting.wait()  # it is about to show its first part
    store.closed = False
    with pytest.raises(InputError):
        await window.narrow(Condition("regexp_matches(message, ?)", ("(",)))
    store.let_through()
    assert not await stale
    assert (len(window.view), window.condition, window.searched) == (1000, None, 1000)
    await window.aclose()


async def test_an_append_under_way_does_not_bring_back_a_filter_that_was_given_up(tmp_path: Path) -> None:
    window, store = await gated(tmp_path, 1000)
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    for _ in range(2):
        await store.waiting.wait()
        store.let_through()
    await store.waiting.wait()
    assert (window.searched, window.condition) == (100, has("odd"))
    store.waiting.clear()
    appending = asyncio.create_task(window.append([lines(["late odd", "late even"], 40)]))
    await store.waiting.wait()
    narrowing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await narrowing
    assert (len(window.view), window.condition) == (1000, None)
    store.closed = False
    for _ in range(2):
        store.let_through()
    await appending
    assert (len(window.view), window.condition, window.searched) == (1002, None, 1002)
    await window.aclose()


async def test_a_filter_cancelled_in_its_last_step_leaves_the_view_as_it_was(tmp_path: Path) -> None:
    window, store = await gated(tmp_path, 50)
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    await store.waiting.wait()
    store.let_through()
    await store.waiting.wait()
    narrowing.cancel()
    await asyncio.sleep(0)
    store.closed = False
    store.let_through()
    with pytest.raises(asyncio.CancelledError):
        await narrowing
    assert (len(window.view), window.condition) == (50, None)
    await window.aclose()


async def test_a_cancelled_append_is_in_all_the_same(window: Window) -> None:
    task = asyncio.create_task(window.append([lines([f"m{at}" for at in range(5000)])]))
    while not window._lock.locked():
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert window.loaded == 5000
    await window.append([lines(["more"], 9999)])
    assert window.loaded == len(window.view) == len(window._store)


async def test_clearing_keeps_the_filter(window: Window) -> None:
    await window.append([lines(["a", "b"])])
    await window.narrow(has("a"))
    await window.clear()
    assert (window.loaded, len(window.view), window.span) == (0, 0, None)
    assert await window.append([lines(["b", "a", "aa"])]) == 2
    assert await messages(window) == ["a", "aa"]
    with pytest.raises(NotFound):
        await window.event(77)


async def test_clearing_takes_a_filter_that_is_worked_out_as_done(tmp_path: Path) -> None:
    window, store = await gated(tmp_path, 500)
    store.closed = True
    narrowing = asyncio.create_task(window.narrow(has("odd")))
    await store.waiting.wait()
    await window.clear()
    store.closed = False
    store.let_through()
    assert await narrowing
    assert (window.condition, len(window.view), window.searched) == (has("odd"), 0, 0)
    assert await window.append([lines(["odd", "even"])]) == 1
    await window.aclose()


async def test_many_at_once_leave_one_consistent_window(window: Window) -> None:
    async def fill(start: int) -> None:
        for at in range(5):
            await window.append(
                [lines([f"{start} {'odd' if i % 2 else 'even'}" for i in range(50)], at * 7 + start)]
            )

    async def filters() -> None:
        for text in ("odd", "even", "3", "odd"):
            await window.narrow(has(text))

    await asyncio.gather(fill(0), fill(3), fill(11), filters(), *(window.find(has("odd")) for _ in range(3)))
    assert window.loaded == 750
    assert sorted(window.everything.rows.tolist()) == list(range(750))
    assert len(window.view) == 375
    assert window.view.times.tolist() == sorted(window.view.times.tolist())


async def test_a_window_opens_and_frees_its_folder(tmp_path: Path) -> None:
    window = await Window.open("256MB", tmp_path)
    await window.append([lines(["a"])])
    assert exact(await window.event(0)) == "a"
    await window.aclose()
    assert list(tmp_path.iterdir()) == []


async def test_a_filter_that_was_through_as_its_events_were_forgotten_shows_nothing(window: Window) -> None:
    await window.append([lines(["a", "b", "c"])])
    async with window._lock:
        cleared = asyncio.create_task(window.clear())
        await asyncio.sleep(0)
        # Its part is found while the lock is held, so that it comes to be shown right behind the clearing.
        narrowed = asyncio.create_task(window.narrow(has("")))
        while len(window._lock._waiters or ()) < 2:
            await asyncio.sleep(0)
    await cleared
    assert await narrowed
    assert len(window.view) == window.loaded == 0
    assert window.condition == has("")
