"""How fast CloudWatchReader pages events, beside aiobotocore's own paginator on the same fake AWS.

    .venv/bin/python -m benchmarks.cloudwatch [events]

The fake runs in a process of its own. Both read every page of the same group in turns, three times;
the best turn of each counts. `stall` is the longest time in which the event loop did nothing else.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cwtui.adapters.cloudwatch import CloudWatchReader  # noqa: E402
from cwtui.core.models import EventsRequest, TimeWindow  # noqa: E402
from cwtui.settings import Settings  # noqa: E402

GROUP, REGION, KEYS = "/bench", "eu-west-1", ("AKIAFAKEFAKEFAKEFAKE", "not-a-secret")
ROUNDS = 3
_BEAT = 0.001


@dataclass(slots=True)
class Turn:
    events: int = 0
    seconds: float = 0.0
    stalls: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.events / self.seconds


@asynccontextmanager
async def watched(turn: Turn) -> AsyncIterator[None]:
    """Times the block, and how long the loop was away in it."""

    async def beat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(_BEAT)
            now = time.perf_counter()
            turn.stalls.append(now - last - _BEAT)
            last = now

    pulse = asyncio.create_task(beat())
    began = time.perf_counter()
    try:
        yield
    finally:
        turn.seconds = time.perf_counter() - began
        pulse.cancel()


async def ours(url: str) -> Turn:
    turn = Turn()
    async with aclosing(CloudWatchReader(Settings(endpoint_url=url, region=REGION), keys=KEYS)) as reader:
        await reader.groups_page("", None)
        request, token = EventsRequest(GROUP, TimeWindow(0)), None
        async with watched(turn):
            while True:
                page = await reader.events_page(request, token)
                turn.events += len(page.batch)
                if (token := page.token) is None:
                    return turn


async def botocore(url: str) -> Turn:
    """The paginator, and the same columns from its pages."""
    from aiobotocore.session import AioSession

    turn = Turn()
    async with AioSession().create_client(
        "logs",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
    ) as client:
        await client.describe_log_groups()
        async with watched(turn):
            async for page in client.get_paginator("filter_log_events").paginate(logGroupName=GROUP):
                events = page["events"]
                array("q", [event["timestamp"] for event in events])
                array("q", [event["ingestionTime"] for event in events])
                [(event["logStreamName"], event["message"], event["eventId"]) for event in events]
                turn.events += len(events)
    return turn


async def wire(url: str) -> Turn:
    """The pages fetched and thrown away: what the fake and the connection take by themselves."""
    import aiohttp

    turn = Turn()
    headers = {
        "X-Amz-Target": "Logs_20140328.FilterLogEvents",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={KEYS[0]}/20261122/{REGION}/logs/aws4_request",
    }
    question: dict[str, object] = {"logGroupName": GROUP}
    async with aiohttp.ClientSession(headers=headers) as session, watched(turn):
        while True:
            async with session.post(url, json=question) as response:
                body = await response.read()
            turn.events += body.count(b'"eventId"')
            token = re.search(rb'"nextToken":"([^"]+)"', body[-300:])
            if token is None:
                return turn
            question["nextToken"] = token[1].decode()


async def compare(url: str) -> None:
    turns: dict[str, list[Turn]] = {"cwtui": [], "botocore": [], "wire": []}
    sides: dict[str, Callable[[str], Awaitable[Turn]]] = {"cwtui": ours, "botocore": botocore, "wire": wire}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            turns[name].append(await side(url))
    best = {name: max(taken, key=lambda turn: turn.rate) for name, taken in turns.items()}
    for name, turn in best.items():
        stalls = [max(turn.stalls) for turn in turns[name]]
        print(
            f"{name:>9}: {turn.events:,} events in {turn.seconds:.2f} s = {turn.rate:,.0f} events/s, "
            f"longest stall {min(stalls) * 1000:.1f} ms (worst round {max(stalls) * 1000:.1f} ms)"
        )
    floor = best["wire"].seconds
    own = {name: max(best[name].seconds - floor, 1e-9) for name in sides}
    print(f"    ratio: {best['cwtui'].rate / best['botocore'].rate:.2f} in all")
    print(f"           {own['botocore'] / own['cwtui']:.2f} without what the wire takes")


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    command = [sys.executable, "-m", "tests.fakes.aws_server", "--group", GROUP, "--events", str(events)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            asyncio.run(compare(server.stdout.readline().strip()))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
