"""How much a follow loop loses, how late it shows, and what it holds after an hour.

    .venv/bin/python -m benchmarks.tail [lost] [latency] [soak]

`lost`: the loops of other tools, a few lines each from their description in their code, beside both engines
of `tail` on the same scripts of events and faults on virtual time: events lost, events shown twice.
`latency`: from an event's ingestion to its delivery, over the wire of the fake AWS in real time.
`soak`: an hour of virtual time at 500 events a second; what the process holds at minute 10 and 60.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import time
from array import array
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cwtui.adapters.cloudwatch import CloudWatchReader  # noqa: E402
from cwtui.core.errors import CwtuiError, LimitReached, NetworkError, ServiceError  # noqa: E402
from cwtui.core.models import EventBatch, EventsPage, EventsRequest, LogEvent, Query, TimeWindow  # noqa: E402
from cwtui.fetch.identity import Seen  # noqa: E402
from cwtui.fetch.tail import TailControl, TailKind, tail  # noqa: E402
from cwtui.settings import Settings  # noqa: E402
from tests.fakes.aws import FAKE_KEYS, FakeAws  # noqa: E402
from tests.fakes.virtual_logs import NOW, Content, Death, Follower, VirtualLogs, content  # noqa: E402
from tests.fakes.virtual_loop import run_virtually  # noqa: E402

GROUP = "/a"
MINUTES = 10
QUIET_S = 400
"""After the last event, for whoever catches up late."""

# Other tools' loops ---------------------------------------------------------------------------------

Show = Callable[[LogEvent], None]
Loop = Callable[[VirtualLogs, Show], Coroutine[Any, Any, None]]


async def page_of(
    logs: VirtualLogs, start: int, token: str | None, *, tries: int = 3, limit: int = 0
) -> EventsPage:
    """FilterLogEvents as an SDK calls it: throttles and failures of the service are tried again."""
    request = EventsRequest(GROUP, TimeWindow(start), limit=limit or 10_000)
    for attempt in count(1):
        try:
            return await logs.events_page(request, token)
        except (LimitReached, ServiceError):
            if attempt == tries:
                raise
            await asyncio.sleep(0.5 * 2**attempt)
    raise AssertionError


async def events_from(logs: VirtualLogs, start: int) -> AsyncGenerator[LogEvent, None]:
    """All pages, as a paginator reads them: a token that repeats ends it with an error or in silence."""
    token = None
    while True:
        page = await page_of(logs, start, token)
        for event in page.batch.events():
            yield event
        if page.token is None or page.token == token:
            return
        token = page.token


async def aws_logs_tail(logs: VirtualLogs, show: Show) -> None:
    """aws logs tail 2.36: from the largest timestamp seen, with the ids at that timestamp; every 5 s."""
    start, at_start = NOW, set[str]()
    while True:
        async for event in events_from(logs, start):
            if event.event_id in at_start:
                continue
            show(event)
            if event.timestamp > start:
                start, at_start = event.timestamp, set()
            if event.timestamp == start:
                at_start.add(event.event_id)
        await asyncio.sleep(5)


async def saw(logs: VirtualLogs, show: Show) -> None:
    """saw: from the last timestamp seen, ids cleared when it advances; every second; any error ends it."""
    start, seen = NOW, set[str]()
    while True:
        async for event in events_from(logs, start):
            if event.timestamp > start:
                start, seen = event.timestamp, set()
            if event.event_id not in seen:
                seen.add(event.event_id)
                show(event)
        await asyncio.sleep(1)


async def cw(logs: VirtualLogs, show: Show) -> None:
    """cw: from the last printed event, ids for 60 s; every 250 ms; one throttle is waited out, once."""
    start, seen = NOW, dict[str, float]()
    loop = asyncio.get_running_loop()
    while True:
        token: str | None = None
        while True:
            try:
                page = await page_of(logs, start, token, tries=1)
            except LimitReached:
                await asyncio.sleep(0.25)
                page = await page_of(logs, start, token, tries=1)
            for event in page.batch.events():
                if seen.get(event.event_id, 0.0) < loop.time():
                    seen[event.event_id] = loop.time() + 60
                    start = event.timestamp
                    show(event)
            token = page.token
            if token is None:
                break
        await asyncio.sleep(0.25)


async def cwl(logs: VirtualLogs, show: Show) -> None:
    """cwl: from a millisecond after the last event, no ids; every second."""
    start = NOW
    while True:
        async for event in events_from(logs, start):
            show(event)
            start = event.timestamp + 1
        await asyncio.sleep(1)


async def claws(logs: VirtualLogs, show: Show) -> None:
    """claws: 100 events from a millisecond after the last, no token; every 3 s; a throttle doubles that."""
    start, pause = NOW, 3.0
    while True:
        try:
            page = await page_of(logs, start, None, tries=1)
            pause = 3.0
        except LimitReached:
            pause = min(30.0, pause * 2)
        else:
            for event in list(page.batch.events())[:100]:
                show(event)
                start = event.timestamp + 1
        await asyncio.sleep(pause)


def ours(*, live: bool = False, switching: bool = False) -> Loop:
    """Both engines, and a hand that switches between them every half minute."""

    async def follow(logs: VirtualLogs, show: Show) -> None:
        control = TailControl(live=live)
        query = Query((GROUP,), TimeWindow(NOW - 600_000))
        updates = tail(logs, query, since=NOW, clock=logs.clock, control=control)
        switched = 0.0
        async with aclosing(updates):
            async for update in updates:
                for batch in update.batches:
                    for event in batch.events():
                        show(event)
                if switching and asyncio.get_running_loop().time() - switched > 30:
                    switched = asyncio.get_running_loop().time()
                    control.live(not control.wants_live)

    return follow


LOOPS: dict[str, Loop] = {
    "aws logs tail": aws_logs_tail,
    "saw": saw,
    "cw": cw,
    "cwl": cwl,
    "claws": claws,
    "cwtui": ours(),
    "cwtui --live": ours(live=True),
    "cwtui switching": ours(switching=True),
}

# Scripts --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Script:
    """What is produced in ten minutes, and what goes wrong meanwhile."""

    name: str
    rate: int = 5
    late: float = 0.0
    """The share that comes up to two minutes late."""
    burst: int = 1
    """Events that share a millisecond, half of them ingested a second later."""
    future: bool = False
    throttles: int = 0
    """In a row, every two minutes."""
    outage_s: int = 0
    dying: bool = False
    """Live sessions die and drop seconds, pages are slow."""


SCRIPTS = [
    Script("within a second"),
    Script("late (5 %)", late=0.05),
    Script("same ms", burst=6),
    Script("one in the future", future=True),
    Script("busy (60/s)", rate=60),
    Script("throttled", throttles=4),
    Script("cut for 1 min", outage_s=60),
    Script("all of it", 20, 0.05, 4, True, 4, 60, True),
]


async def play(script: Script, logs: VirtualLogs) -> None:
    """Produces the script's events in real order of arrival."""
    dice = random.Random(7)
    arrivals: list[tuple[int, int]] = []
    for number in range(MINUTES * 60 * script.rate // script.burst):
        at = NOW + number * 1000 * script.burst // script.rate + dice.randrange(40)
        for each in range(script.burst):
            delay = dice.randrange(100, 900) + 1_000 * (each % 2)
            if dice.random() < script.late:
                delay = dice.randrange(5_000, 119_000)
            arrivals.append((at + delay, at))
    if script.future:
        arrivals.append((NOW + 60_000, NOW + 60_000 + 3_600_000))
    loop = asyncio.get_running_loop()
    minute = 0
    for ingestion, timestamp in sorted(arrivals):
        await asyncio.sleep(max(0.0, (ingestion - logs.clock()) / 1000))
        logs.put(timestamp, f"{dice.randrange(3)}")
        if loop.time() >= 60 * (minute + 1):
            minute += 1
            if minute % 2 == 0:
                logs.faults.extend([LimitReached("Rate exceeded", code="throttled")] * script.throttles)
            if minute == 5 and script.outage_s:
                logs.down = NetworkError("cut")
                loop.call_later(script.outage_s, setattr, logs, "down", None)
            if script.dying:
                logs.live_faults.extend([NetworkError("cut"), None, Death.DROPS, None, Death.SAMPLES])
    await asyncio.sleep(QUIET_S)


async def lost_and_twice(script: Script, follow: Loop) -> tuple[int, int, str]:
    """Events lost and shown twice, and when the loop ended itself."""
    logs = VirtualLogs((GROUP,), page_size=500)
    shown: Counter[Content] = Counter()

    def show(event: LogEvent) -> None:
        shown[content(event)] += 1

    ended = ""

    async def run() -> None:
        nonlocal ended
        try:
            await follow(logs, show)
        except CwtuiError:
            ended = f" ended {asyncio.get_running_loop().time() / 60:.0f}m"

    task = asyncio.create_task(run())
    await play(script, logs)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return (logs.produced - shown).total(), (shown - logs.produced).total(), ended


def lost() -> None:
    print("lost / shown twice, of the events of ten minutes\n")
    print(f"{'':18}" + "".join(f"{name:>22}" for name in LOOPS))
    for script in SCRIPTS:
        cells = []
        for follow in LOOPS.values():
            missing, twice, ended = run_virtually(lost_and_twice(script, follow))
            cells.append(f"{missing} / {twice}{ended}")
        print(f"{script.name:18}" + "".join(f"{cell:>22}" for cell in cells), flush=True)


# Latency --------------------------------------------------------------------------------------------


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def following(aws: FakeAws, control: TailControl) -> AsyncGenerator[Follower, None]:
    settings = Settings(endpoint_url=aws.url, region=aws.region)
    async with aclosing(CloudWatchReader(settings, keys=FAKE_KEYS)) as reader:
        query = Query((GROUP,), TimeWindow(milliseconds() - 60_000))
        updates = tail(reader, query, since=milliseconds(), clock=milliseconds, control=control)
        follower = Follower(updates, clock=milliseconds)
        yield follower
        await follower.stop()


async def measure_latency(*, live: bool, seconds: float) -> None:
    async with FakeAws(clock=milliseconds) as aws:
        aws.logs.stream(GROUP, "s")
        async with following(aws, TailControl(live=live)) as follower:
            wanted = TailKind.LIVE if live else TailKind.POLLING
            while not follower.updates or follower.states[-1].kind is not wanted:
                await asyncio.sleep(0.1)
            until = time.monotonic() + seconds
            produced = 0
            while time.monotonic() < until:
                aws.logs.put(GROUP, "s", milliseconds(), f"{milliseconds()}", milliseconds() + 2)
                produced += 1
                await asyncio.sleep(0.137)
            await asyncio.sleep(4)
            delays = sorted(shown - int(message) for message, shown in follower.delays)
            interval = max(state.interval_ms for state in follower.states)
    bound = 1_500 if live else interval + 1_000
    print(
        f"{'live' if live else 'polling':8} {produced} events, {len(delays)} shown: "
        f"p50 {delays[len(delays) // 2]} ms, p95 {delays[len(delays) * 95 // 100]} ms, most {delays[-1]} ms"
        f" (promised: {bound} ms)"
    )


def latency() -> None:
    print("from ingestion to delivery, over the wire, in real time\n")
    asyncio.run(measure_latency(live=False, seconds=20))
    asyncio.run(measure_latency(live=True, seconds=20))


# Soak -----------------------------------------------------------------------------------------------

RATE = 500
LAG_MS = 300


class Endless(VirtualLogs):
    """An event every 2 ms, made when it is read, so that the service itself holds nothing."""

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        await asyncio.sleep(self.latency)
        step = 1000 // RATE
        first = int(token) if token else max(NOW, request.window.start + step - 1) // step
        visible = (self.clock() - LAG_MS) // step
        last = min(visible, (request.window.end - 1) // step if request.window.end else visible)
        numbers = range(first, min(last + 1, first + request.limit))
        times = array("q", [number * step for number in numbers])
        batch = EventBatch(
            "1",
            "here",
            request.group,
            times,
            array("q", [moment + LAG_MS for moment in times]),
            ["web/1"] * len(numbers),
            [f"INFO request {number} served in 12 ms by node 3" for number in numbers],
            [f"{number:056d}" for number in numbers],
        )
        return EventsPage(batch, str(numbers.stop) if numbers.stop <= last else None)


def resident() -> float:
    """MB of this process in memory."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def minutes(until: int) -> Iterator[int]:
    yield from range(1, until + 1)


async def hour() -> None:
    logs, seen = Endless((GROUP,), latency=0.2), Seen()
    query = Query((GROUP,), TimeWindow(NOW - 600_000))
    shown = 0
    held: dict[int, tuple[float, int]] = {}
    due = minutes(60)
    minute = next(due)
    began = time.perf_counter()
    updates = tail(logs, query, since=NOW, clock=logs.clock, seen=seen)
    async with aclosing(updates):
        async for update in updates:
            shown += sum(map(len, update.batches))
            if logs.clock() - NOW >= minute * 60_000:
                held[minute] = (resident(), len(seen))
                if minute % 10 == 0:
                    print(
                        f"minute {minute}: {held[minute][0]:.1f} MB, {held[minute][1]:,} identities",
                        flush=True,
                    )
                if minute == 60:
                    break
                minute = next(due)
    # The most around each, for a sweep comes and goes.
    early = max(held[each][0] for each in range(8, 13))
    late = max(held[each][0] for each in range(56, 61))
    print(
        f"{shown:,} events in {time.perf_counter() - began:.0f} s; minute 10 to 60: "
        f"{early:.1f} to {late:.1f} MB, {100 * (late / early - 1):+.1f} % (promised: below 5 %)"
    )


def soak() -> None:
    print(f"an hour at {RATE} events a second\n")
    run_virtually(hour())


def main() -> None:
    parts = {"lost": lost, "latency": latency, "soak": soak}
    for name in sys.argv[1:] or parts:
        parts[name]()
        print()


if __name__ == "__main__":
    main()
