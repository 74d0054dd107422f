"""Accounts and regions, a fake AWS each, as a process to try cwtui on: writes a contexts file and serves.

python -m tests.fakes.aws_estate FOLDER [--accounts 5] [--denied shop-2]
echo shop-3 > FOLDER/expired        # whose login has ended, from now on; an empty file: nobody's
CWTUI_CONTEXTS=FOLDER/contexts.toml AWS_SHARED_CREDENTIALS_FILE=FOLDER/credentials cwtui --context estate
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.fakes.aws import FakeAws, Fault

REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
SERVICES = ("checkout", "cart", "search", "mail")


def now() -> int:
    return time.time_ns() // 1_000_000


def groups_of(number: int, region: int) -> list[str]:
    """Forty groups over five accounts and three regions, two of them called the same in all."""
    own = [f"/aws/lambda/{SERVICES[(number + region) % len(SERVICES)]}"] if (number + region) % 3 else []
    return ["/shared/api", "/shared/worker", *own]


def contexts_file(fakes: Sequence[Sequence[FakeAws]]) -> str:
    """One context for each account, in each region by itself, and `estate` over all."""
    tables, members = [], []
    for number, account in enumerate(fakes, 1):
        for fake in account:
            name = f"shop-{number}-{fake.region}"
            members.append(name)
            tables.append(
                f'[contexts.{name}]\nregion = "{fake.region}"\nendpoint_url = "{fake.url}"\n'
                f'profile = "shop-{number}"\n'
            )
    names = ", ".join(f'"{name}"' for name in members)
    return "\n".join([*tables, f"[contexts.estate]\nmembers = [{names}]\n"])


def key_of(number: int) -> str:
    return f"AKIAFAKEFAKEFAKESHO{number}"


async def serve(folder: Path, accounts: int, denied: str) -> None:
    async with AsyncExitStack() as stack:
        fakes: list[list[FakeAws]] = []
        for number in range(1, accounts + 1):
            fakes.append([])
            for place, region in enumerate(REGIONS):
                fake = FakeAws(clock=now, account=f"{number}" * 12, region=region)
                fakes[-1].append(await stack.enter_async_context(fake))
                for group in groups_of(number, place):
                    fake.logs.put(group, "web/1", now() - 600_000, "INFO begins")
                if f"shop-{number}" == denied:
                    fake.script("FilterLogEvents", Fault.refuse("AccessDeniedException", "no", times=10**6))
                    fake.script("DescribeLogGroups", Fault.refuse("AccessDeniedException", "no", times=10**6))
        (folder / "contexts.toml").write_text(contexts_file(fakes), encoding="utf-8")
        keys = (
            f"[shop-{number}]\naws_access_key_id = {key_of(number)}\naws_secret_access_key = not-a-secret\n"
            for number in range(1, accounts + 1)
        )
        (folder / "credentials").write_text("\n".join(keys), encoding="utf-8")
        print(folder / "contexts.toml", flush=True)  # noqa: T201  the caller reads it from the pipe
        count, expired = 0, folder / "expired"
        while True:
            ended = expired.read_text(encoding="utf-8").split() if expired.exists() else []
            for number, account in enumerate(fakes, 1):
                for fake in account:
                    fake.sts.ended = {key_of(number)} if f"shop-{number}" in ended else set()
                    for group in fake.logs.groups:
                        count += 1
                        level = "ERROR" if count % 17 == 0 else "INFO"
                        text = f"{level} {group} request {count} served in {count % 97} ms"
                        fake.logs.put(group, "web/1", now(), text)
            await asyncio.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accounts", type=int, default=5)
    parser.add_argument("--denied", default="")
    given = parser.parse_args()
    asyncio.run(serve(given.folder, given.accounts, given.denied))


if __name__ == "__main__":
    main()
