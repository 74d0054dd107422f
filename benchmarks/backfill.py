"""How fast a window is loaded under a quota: cwtui's backfill, a boto3 paginator, awslogs.

    .venv/bin/python -m benchmarks.backfill [--events 200000] [--awslogs PATH] [--rounds 3] [--burst 10]

The fake AWS runs in a process of its own; a page takes 0.3 s beside the fake's own work, and what comes
faster than 10 calls a second (a token bucket that holds `--burst`) is throttled. All read the same group
whole; the best round of each counts. awslogs is the program at PATH, or else its loop in a few lines: one
page after the other, each event's id looked up in a queue of the last 10,000, each event printed and flushed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cwtui.adapters.cloudwatch import CloudWatchReader  # noqa: E402
from cwtui.core.models import EventBatch, Query, TimeWindow  # noqa: E402
from cwtui.fetch.backfill import backfill  # noqa: E402
from cwtui.fetch.budget import Budget  # noqa: E402
from cwtui.fetch.paced import Paced  # noqa: E402
from cwtui.settings import Settings  # noqa: E402
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault  # noqa: E402

GROUP, REGION = "/bench", "eu-west-1"
PAGE_SECONDS, QUOTA = 0.3, 10.0
_OPERATION = "FilterLogEvents"


# The service ------------------------------------------------------------------------------------


class SlowAws(FakeAws):
    """Takes its time over a page, and throttles beyond the quota."""

    burst = QUOTA

    def begin(self, events: int, first: int) -> None:
        """Holds so many events, one a millisecond, and counts calls from now on."""
        self.logs.group(GROUP)
        self.moments = range(first, first + events)
        self.encoded = [
            orjson.dumps(
                {
                    "logStreamName": f"web/{number % 20}",
                    "timestamp": first + number,
                    # 10,000 of them just fit in a page of 1 MB.
                    "message": f"INFO request {number:08} served by node {number % 7}".ljust(78, "x"),
                    "ingestionTime": first + number,
                    "eventId": f"{first + number:020d}{number:036d}",
                }
            )
            for number in range(events)
        ]
        self._left, self._at, self._refused = self.burst, time.monotonic(), 0
        self.script(_OPERATION, Fault.throttle(1 << 30), when=self._too_fast)

    def _too_fast(self, _: object) -> bool:
        now = time.monotonic()
        self._left = min(self.burst, self._left + (now - self._at) * QUOTA)
        self._at = now
        if self._left < 1:
            self._refused += 1
            return True
        self._left -= 1
        return False

    def _logs(self, operation: str, params: dict[str, Any], fault: Fault | None) -> bytes:
        """Pages put together from encoded events: what the fake computes, its readers would wait for."""
        if operation != _OPERATION:
            return super()._logs(operation, params, fault)
        at = self.moments
        here = bisect_left(at, params["startTime"])
        if "nextToken" in params:
            here = int(params["nextToken"])
        end = bisect_right(at, params["endTime"])
        following = b',"nextToken":"%d"' % (here + 10_000) if here + 10_000 < end else b""
        events = b",".join(self.encoded[here : min(end, here + 10_000)])
        return b'{"events":[%s],"searchedLogStreams":[]%s}' % (events, following)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/counts":
            counts = {"calls": len(self.called(_OPERATION)), "throttled": self._refused}
            self.calls.clear()
            self._refused = 0
            return web.json_response(counts)
        answer = await super()._answer(request)
        if answer.status == 200 and _OPERATION in request.headers.get("X-Amz-Target", ""):
            await asyncio.sleep(PAGE_SECONDS)
        return answer


async def serve(events: int, burst: float) -> None:
    async with SlowAws(clock=lambda: time.time_ns() // 1_000_000) as fake:
        fake.burst = burst
        first = time.time_ns() // 1_000_000 - events - 1_000
        fake.begin(events, first)
        print(f"{fake.url} {first} {first + events}", flush=True)
        await asyncio.Event().wait()


# Those who read ---------------------------------------------------------------------------------


async def ours(url: str, start: int, end: int) -> int:
    # Tries within the SDK would be calls that no budget knows of.
    reader = CloudWatchReader(Settings(endpoint_url=url, region=REGION), keys=FAKE_KEYS, attempts=1)
    async with aclosing(reader):
        await reader.groups_page("", None)
        began = time.perf_counter()
        count = 0
        paced = Paced(reader, Budget(lambda: {_OPERATION: QUOTA}))
        load = backfill(
            paced, Query((GROUP,), TimeWindow(start, end)), clock=lambda: time.time_ns() // 1_000_000
        )
        async with aclosing(load):
            async for item in load:
                count += len(item) if isinstance(item, EventBatch) else 0
        told(began, count)
    return count


def paginator(client: Any, start: int, end: int) -> int:
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, startTime=start, endTime=end
    )
    return sum(len(page["events"]) for page in pages)


def awslogs_loop(client: Any, start: int, end: int) -> int:
    lately: deque[str] = deque(maxlen=10_000)
    asked: dict[str, Any] = {"logGroupName": GROUP, "interleaved": True, "startTime": start, "endTime": end}
    count = 0
    with open(os.devnull, "w", encoding="utf-8") as out:
        while True:
            answer = client.filter_log_events(**asked)
            for event in answer.get("events", []):
                if event["eventId"] not in lately:
                    lately.append(event["eventId"])
                    count += 1
                    print(GROUP, event["logStreamName"], event["message"].rstrip(), file=out)
                    out.flush()
            if "nextToken" not in answer:
                return count
            asked["nextToken"] = answer["nextToken"]


def awslogs_program(path: str, url: str, start: int, end: int) -> None:
    moments = [time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) for at in (start // 1000, end // 1000 + 1)]
    keys = ["--aws-access-key-id", FAKE_KEYS[0], "--aws-secret-access-key", FAKE_KEYS[1]]
    where = ["--aws-region", REGION, "--aws-endpoint-url", url]
    command = [path, "get", GROUP, "ALL", "-s", moments[0], "-e", moments[1], *keys, *where]
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told(began, done.stdout.count("\n"))


def boto3_side(read: Callable[[Any, int, int], int], url: str, start: int, end: int) -> None:
    import boto3

    client = boto3.client(
        "logs",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=FAKE_KEYS[0],
        aws_secret_access_key=FAKE_KEYS[1],
    )
    client.describe_log_groups()
    began = time.perf_counter()
    told(began, read(client, start, end))


def told(began: float, events: int) -> None:
    print(json.dumps({"seconds": time.perf_counter() - began, "events": events}), flush=True)


# The comparison ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    seconds: float
    events: int
    calls: int
    throttled: int


def turn(side: str, given: argparse.Namespace, url: str, start: str, end: str) -> Turn:
    """One reading in a process of its own, without what its start takes."""
    command = [sys.executable, __file__, "--side", side, url, start, end]
    if given.awslogs:
        command += ["--awslogs", given.awslogs]
    counts_of(url)
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    counts = counts_of(url)
    return Turn(answer["seconds"], answer["events"], counts["calls"], counts["throttled"])


def counts_of(url: str) -> dict[str, int]:
    with urllib.request.urlopen(f"{url}/counts") as answer:
        counts: dict[str, int] = json.load(answer)
        return counts


def compare(given: argparse.Namespace) -> None:
    command = [
        sys.executable,
        __file__,
        "--serve",
        "--events",
        str(given.events),
        "--burst",
        str(given.burst),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url, start, end = server.stdout.readline().split()
            best: dict[str, Turn] = {}
            rounds = {"cwtui": given.rounds, "boto3": given.rounds, "awslogs": 1}
            for number in range(given.rounds):
                for side in (side for side, most in rounds.items() if number < most):
                    took = turn(side, given, url, start, end)
                    print(f"  round {number + 1} {side:>8}: {took.seconds:6.2f} s")
                    best[side] = min(best.get(side, took), took, key=lambda each: each.seconds)
        finally:
            server.kill()
    for side, took in best.items():
        print(
            f"{side:>8}: {took.events:,} events in {took.seconds:.2f} s, {took.calls} calls, "
            f"{took.throttled} throttled ({took.throttled / took.calls:.0%})"
        )
    own = best["cwtui"].seconds
    print(
        f"   ratio: {best['boto3'].seconds / own:.1f} x boto3, {best['awslogs'].seconds / own:.1f} x awslogs"
    )
    pages = -(-given.events // 10_000)
    print(f"   bound: {(pages - 1) / QUOTA + PAGE_SECONDS:.1f} s by the quota itself")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--burst", type=float, default=QUOTA)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--awslogs", default="")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--side", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.events, given.burst))
    elif given.side:
        side, url, start, end = given.side
        sides: dict[str, Callable[[str, int, int], object]] = {
            "cwtui": lambda *where: asyncio.run(ours(*where)),
            "boto3": partial(boto3_side, paginator),
            "awslogs": partial(awslogs_program, given.awslogs)
            if given.awslogs
            else partial(boto3_side, awslogs_loop),
        }
        sides[side](url, int(start), int(end))
    else:
        compare(given)


if __name__ == "__main__":
    main()
