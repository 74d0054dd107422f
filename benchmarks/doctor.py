"""How long `doctor` takes before an endpoint that answers each call after a while.

    .venv/bin/python -m benchmarks.doctor [milliseconds ...]

Each figure is the best and the worst of five rounds, each with a session of its own: opening it, every
check, closing it. Beside it the number of calls, and how often the time of one call it takes: that is how
many of them wait for one another.
"""

from __future__ import annotations

import asyncio
import sys
import time

from aiohttp import web

from cwtui.access.doctor.exam import Bench
from cwtui.access.doctor.plan import plan
from cwtui.access.doctor.rounds import examine
from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws

ROUNDS = 5
LATENCIES = (20, 100, 300)


class DistantAws(FakeAws):
    """Answers after `latency` seconds."""

    latency = 0.0

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.latency)
        return await super()._answer(request)


def now() -> int:
    return time.time_ns() // 1_000_000


async def seconds(aws: FakeAws) -> float:
    """One round, from nothing to the report."""
    settings = Settings(endpoint_url=aws.url, region=aws.region)
    began = time.perf_counter()
    reader = CloudWatchReader(settings, keys=FAKE_KEYS, attempts=1)
    bench = Bench(reader.calls, reader, settings, now)
    report = await examine(bench, plan(bench))
    await reader.aclose()
    assert report.exit_code == 0, report
    return time.perf_counter() - began


async def main(latencies: tuple[int, ...]) -> None:
    async with DistantAws(clock=now) as aws:
        for number in range(200):
            aws.logs.put(f"/bench/{number:03}", "one", now(), "hello")
        await seconds(aws)
        print(f"{'a call takes':>14} {'doctor, best':>14} {'worst':>9} {'calls':>7} {'in a row':>9}")
        for latency in latencies:
            aws.latency = latency / 1000
            aws.calls.clear()
            taken = [await seconds(aws) for _ in range(ROUNDS)]
            calls = len(aws.calls) // ROUNDS
            row = min(taken) / aws.latency if latency else 0.0
            print(f"{latency:>11} ms {min(taken):>12.2f} s {max(taken):>7.2f} s {calls:>7} {row:>9.1f}")


if __name__ == "__main__":
    asyncio.run(main(tuple(map(int, sys.argv[1:])) or LATENCIES))
