"""The window under load: intake, filters, screenfuls, histogram, late events, beside plain Python lists.

    .venv/bin/python -m benchmarks.window --events 1000000

Every figure is of this run on this machine; where others use it too, the seconds of CPU (of all
threads, the probe's too) tell more than those of the clock. `stall` is the longest time the event
loop could not run while the work went on; the bar is 30 ms. The baseline is
`[m for m in messages if word in m]`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import sys
import time
from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from cwtui.core.models import EventBatch
from cwtui.lang.condition import Condition
from cwtui.window.window import Window

START = 1_767_225_600_000
SCREEN = 120
LITERAL = Condition("contains(message, ?)", ("id=77",))
REGEX = Condition("regexp_matches(message, ?)", (r"user-\d+7 .*took 9\d\d ms",))
FIELD = Condition(
    "(CASE WHEN json_valid(message) THEN json_extract_string(message, '$.status') = ? ELSE FALSE END)",
    ("500",),
)


def make(count: int, groups: int, size: int) -> Iterator[EventBatch]:
    """Batches as pages come in: each of one group, in time order, several events a millisecond."""
    chance = random.Random(7)
    paths = [f"/api/v1/{chance.choice(['orders', 'carts', 'users'])}/{number:04}" for number in range(997)]
    for first in range(0, count, size):
        group = (first // size) % groups
        times = [START + (first // (size * groups) * size * groups + at * groups) // 2 for at in range(size)]
        messages = [line(first + at, paths[(first + at) % 997]) for at in range(min(size, count - first))]
        streams = [f"stream-{at % 8}" for at in range(len(messages))]
        stamps = array("q", times[: len(messages)])
        blank = [""] * len(messages)
        yield EventBatch("1", "eu-west-1", f"/shop/{group}", stamps, stamps, streams, messages, blank)


def line(number: int, path: str) -> str:
    if number % 5 == 0:
        status = 500 if number % 95 == 0 else 200
        return (
            f'{{"level":"info","status":{status},"path":"{path}","id":"id={number}","user":'
            f'"user-{number % 1013}","took":{number % 1009},"shop":"north"}}'
        )
    level = "ERROR" if number % 97 == 0 else "INFO"
    return (
        f"{level} GET {path} user-{number % 1013} took {number % 1009} ms, "
        f"handled by worker {number % 31} in zone eu-west-1b, id={number}"
    )


class Stall:
    """The longest time between two turns of the event loop."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> Stall:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0.02)
        self.longest = 0.0
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.002)
            self.longest = max(self.longest, time.perf_counter() - before - 0.002)


def report(what: str, value: str, note: str = "") -> None:
    print(f"  {what:<34} {value:>16}  {note}")


async def timed(work: Callable[[], Awaitable[object]], repeat: int = 3) -> tuple[list[float], float]:
    """Seconds of each run, ascending, and the longest stall of them all."""
    seconds = []
    async with Stall() as stall:
        for _ in range(repeat):
            before = time.perf_counter()
            await work()
            seconds.append(time.perf_counter() - before)
    return sorted(seconds), stall.longest


def quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def memory() -> int:
    """Resident memory now, in bytes (the peak where /proc is not there)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


async def run(count: int, groups: int, limit: str) -> None:
    window = await Window.open(limit)
    empty = memory()
    text, seconds, busy, worst = 0, 0.0, 0.0, 0.0
    for batch in make(count, groups, 10_000):
        text += sum(len(message) for message in batch.messages)
        async with Stall() as stall:
            before, used = time.perf_counter(), time.process_time()
            await window.append([batch])
            seconds, busy = seconds + time.perf_counter() - before, busy + time.process_time() - used
        worst = max(worst, stall.longest)
    print(f"{count:,} events of {text / count:.0f} characters in {groups} groups, limit {limit}")
    report(
        "append, 10,000 a batch",
        f"{count / seconds:,.0f} /s",
        f"{seconds:.2f} s, {busy:.2f} s of CPU, stall {worst * 1e3:.0f} ms",
    )
    report(
        "RSS above an empty window", f"{(memory() - empty) / 2**20:,.0f} MB", f"text {text / 2**20:.0f} MB"
    )

    await other_intakes(count, limit)

    messages = [message for batch in make(count, groups, 10_000) for message in batch.messages]
    before = time.perf_counter()
    baseline_hits = len([message for message in messages if "id=77" in message])
    baseline = time.perf_counter() - before
    del messages
    report(
        "baseline: literal in a Python list",
        f"{baseline * 1e3:.0f} ms",
        f"{baseline_hits:,} hits, all of it a stall",
    )
    for name, condition in (("literal", LITERAL), ("regex", REGEX), ("JSON field", FIELD)):
        spans, longest = await timed(lambda chosen=condition: window.narrow(chosen))  # type: ignore[misc]
        report(
            f"filter: {name}",
            f"{spans[len(spans) // 2] * 1e3:.0f} ms",
            f"{len(window.view):,} hits, {spans[len(spans) // 2] / baseline:.2f} x baseline, "
            f"stall {longest * 1e3:.0f} ms",
        )
        first = await first_hits(window, condition)
        report(f"  first hits of {name}", f"{first * 1e3:.0f} ms")
    spans, longest = await timed(lambda: window.find(LITERAL))
    report("find a literal", f"{spans[1] * 1e3:.0f} ms", f"stall {longest * 1e3:.0f} ms")
    await window.narrow(None)

    chance = np.random.default_rng(3)
    for name, ids in (
        ("contiguous row ids", lambda: np.arange(SCREEN) + chance.integers(0, count - SCREEN)),
        (
            "a screen of the view",
            lambda: window.view.slice(place := int(chance.integers(0, count)), place + SCREEN),
        ),
        ("sparse row ids", lambda: chance.integers(0, count, SCREEN)),
    ):
        spans, _ = await timed(lambda chosen=ids: window.rows(chosen()), 200)  # type: ignore[misc]
        report(
            f"{SCREEN} rows: {name}",
            f"{quantile(spans, 0.5) * 1e3:.1f} ms",
            f"p95 {quantile(spans, 0.95) * 1e3:.1f} ms",
        )

    span = window.span or (0, 1)
    spans, longest = await timed(lambda: window.histogram(span[0], span[1] + 1, 120), 10)
    report(
        "histogram, 120 buckets x 7 levels",
        f"{quantile(spans, 0.5) * 1e3:.0f} ms",
        f"stall {longest * 1e3:.0f} ms",
    )

    for name, late in (
        ("2 s late", 2_000),
        ("1 min late", 60_000),
        ("at the very beginning", span[1] - span[0]),
    ):
        spans, longest = await timed(lambda ms=late: window.append([few(span[1] - ms)]), 20)  # type: ignore[misc]
        report(
            f"append of 20, {name}",
            f"{quantile(spans, 0.5) * 1e3:.1f} ms",
            f"p95 {quantile(spans, 0.95) * 1e3:.1f} ms, stall {longest * 1e3:.0f} ms",
        )
    await window.narrow(REGEX)
    spans, longest = await timed(lambda: window.append([few(span[1] - 2_000)]), 20)
    report(
        "append of 20, narrowed by a regex",
        f"{quantile(spans, 0.5) * 1e3:.1f} ms",
        f"stall {longest * 1e3:.0f} ms",
    )
    await window.narrow(None)
    before = time.perf_counter()
    whole = len(window.view.rows)
    report(
        "view.rows whole, once a revision",
        f"{(time.perf_counter() - before) * 1e3:.1f} ms",
        f"{whole:,} rows",
    )
    report("RSS at the end, above empty", f"{(memory() - empty) / 2**20:,.0f} MB")
    await window.aclose()


async def other_intakes(count: int, limit: str) -> None:
    """Many batches in one call; lines that all share one millisecond, without and with event ids."""
    at_once = min(count, 100_000)
    alike = [line(number, "/api") for number in range(10_000)]
    calls: dict[str, list[list[EventBatch]]] = {
        f"append, {at_once:,} a call": [list(make(at_once, 1, 10_000))]
    }
    for name, step in (("append, one millisecond", 0), ("append, one millisecond, ids", 1)):
        calls[name] = []
        for first in range(0, count // 5, 10_000):
            ids = [f"{at:056d}" if step else "" for at in range(first, first + 10_000)]
            same = array("q", [START] * 10_000)
            calls[name].append([EventBatch("1", "eu-west-1", "/g", same, same, ["s"] * 10_000, alike, ids)])
    for name, appends in calls.items():
        window = await Window.open(limit)
        async with Stall() as stall:
            before = time.perf_counter()
            for batches in appends:
                await window.append(batches)
            seconds = time.perf_counter() - before
        report(
            name, f"{window.loaded / seconds:,.0f} /s", f"{seconds:.2f} s, stall {stall.longest * 1e3:.0f} ms"
        )
        await window.aclose()


def few(moment: int) -> EventBatch:
    """A poll's worth of one stream, ingested now."""
    times = array("q", range(moment, moment + 20))
    ingested = array("q", [time.time_ns() // 1000] * 20)
    return EventBatch(
        "1", "eu-west-1", "/shop/0", times, ingested, ["late"] * 20, ["a late line"] * 20, [""] * 20
    )


async def first_hits(window: Window, condition: Condition) -> float:
    """Seconds until the view first changes after a filter is asked for."""
    await window.narrow(None)
    revision, before = window.revision, time.perf_counter()
    narrowing = asyncio.create_task(window.narrow(condition))
    while window.revision == revision:
        await asyncio.sleep(0.001)
    seconds = time.perf_counter() - before
    await narrowing
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=4, help="log groups whose pages interleave")
    parser.add_argument("--memory", default="2GB", help="DuckDB's limit before it spills")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.events, arguments.groups, arguments.memory))


if __name__ == "__main__":
    main()
