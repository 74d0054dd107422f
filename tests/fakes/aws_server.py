"""The fake AWS as a process of its own, for programs and benchmarks: prints its URL and serves until killed.

    python -m tests.fakes.aws_server --events 200000 --group /bench

The process that talks to it gives any access key and the region eu-west-1.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from tests.fakes.aws import FakeAws


def _now() -> int:
    return time.time_ns() // 1_000_000


async def _serve(group: str, events: int) -> None:
    async with FakeAws(clock=_now) as fake:
        first = _now() - events - 1_000
        for number in range(events):
            text = f"INFO request {number:08} served in {number % 997} ms by node {number % 7} {'x' * 50}"
            fake.logs.put(group, f"web/{number % 20}", first + number, text, first + number)
        print(fake.url, flush=True)  # noqa: T201  the caller reads it from the pipe
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", default="/shop/api")
    parser.add_argument("--events", type=int, default=1_000)
    given = parser.parse_args()
    asyncio.run(_serve(given.group, given.events))


if __name__ == "__main__":
    main()
