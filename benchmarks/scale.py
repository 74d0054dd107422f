"""Ten million events in a small memory: opened, filtered, scrolled, and read back to the last byte.

    python -m benchmarks.scale                            10,000,000 events, the whole process within 1 GiB
    python -m benchmarks.scale --newest-first             as CloudWatch is read: the newest page first
    python -m benchmarks.scale --events 1000000 --process 512 --memory 128MB
    python -m benchmarks.scale --program              the program itself, in a pty, over a log file

True or false: the exit code is 1 when an event is lost or changed, a filter counts wrongly, or the process
was ever larger than it may be. What is measured is the process as a whole, Python, the views and DuckDB
together, as the kernel saw it at its largest (VmHWM). RLIMIT_AS and RLIMIT_DATA count what DuckDB and
NumPy only reserve. The machine's page cache for what is spilled is not the process's.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks import scale_program
from benchmarks.window import FIELD, LITERAL, REGEX, Stall, first_hits, make, quantile
from cwtui.core.models import EventBatch
from cwtui.window.window import Window

PAGE = 10_000
SCREEN = 120
SCROLLS = 200
CHECKED = 50_000
"""Rows of one read when everything is read back."""


class Account:
    """What was put in: the sum over times and messages in the order of arrival, and the true counts."""

    def __init__(self) -> None:
        self.sum = hashlib.blake2b()
        self.count = self.text = self.literal = 0
        self.first, self.last = 2**63, 0

    def add(self, batch: EventBatch) -> None:
        self.count += len(batch)
        self.first = min(self.first, *batch.timestamps)
        self.last = max(self.last, *batch.timestamps)
        everything = "\n".join(batch.messages)
        self.text += len(everything)
        self.literal += sum("id=77" in message for message in batch.messages)
        self.took(batch.timestamps, batch.messages)

    def took(self, times: Sequence[int], messages: Sequence[str]) -> None:
        self.sum.update(np.asarray(times, np.int64).tobytes())
        self.sum.update("\n".join(messages).encode())


def resident() -> tuple[int, int]:
    """MB of this process now, and at most so far."""
    status = Path("/proc/self/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return int(fields["VmRSS"].split()[0]) // 1024, int(fields["VmHWM"].split()[0]) // 1024


class Report:
    """Lines as they are measured, and what was false."""

    def __init__(self) -> None:
        self.false: list[str] = []

    def line(self, what: str, value: str, note: str = "") -> None:
        now, most = resident()
        print(f"  {what:<30} {value:>14}  {now:>5} MB, most {most:>5} MB  {note}", flush=True)

    def claim(self, what: str, holds: bool) -> None:
        print(f"  {'true ' if holds else 'FALSE'} {what}", flush=True)
        if not holds:
            self.false.append(what)


def pages(count: int, *, newest_first: bool) -> Iterator[EventBatch]:
    """The events in pages of one group each, in time order or backwards in blocks of a hundred pages."""
    made = make(count, 4, PAGE)
    if not newest_first:
        yield from made
        return
    shift = 0
    while block := list(islice(made, 4)):
        # Pages backwards without holding them all: each block is moved to before the one that came last.
        shift += 1
        for page in reversed(block):
            moved = np.asarray(page.timestamps, np.int64) - shift * 4 * PAGE
            yield EventBatch(
                page.account,
                page.region,
                page.group,
                type(page.timestamps)("q", moved[::-1].tobytes()),
                type(page.timestamps)("q", moved[::-1].tobytes()),
                page.streams[::-1],
                page.messages[::-1],
                page.event_ids,
            )


async def fill(window: Window, count: int, report: Report, *, newest_first: bool) -> Account:
    account = Account()
    seconds, longest, slowest = 0.0, 0.0, 0.0
    for number, batch in enumerate(pages(count, newest_first=newest_first), 1):
        account.add(batch)
        async with Stall() as stall:
            before = time.perf_counter()
            await window.append([batch], newest_first=newest_first)
            took = time.perf_counter() - before
        seconds, slowest, longest = seconds + took, max(slowest, took), max(longest, stall.longest)
        if number * PAGE % 2_000_000 == 0:
            report.line(f"{window.loaded:,} in", f"{window.loaded / seconds:,.0f} /s")
    report.line(
        "all in",
        f"{seconds:.1f} s",
        f"{account.text / 2**20:,.0f} MB of text; slowest page {slowest * 1e3:.0f} ms, "
        f"stall {longest * 1e3:.0f} ms",
    )
    return account


async def filters(window: Window, account: Account, report: Report) -> None:
    for name, condition in (("literal", LITERAL), ("regex", REGEX), ("JSON field", FIELD)):
        first = await first_hits(window, condition)
        await window.narrow(None)
        async with Stall() as stall:
            before = time.perf_counter()
            await window.narrow(condition)
            seconds = time.perf_counter() - before
        report.line(
            f"filter: {name}",
            f"{seconds:.2f} s",
            f"{len(window.view):,} hits, the first after {first * 1e3:.0f} ms, "
            f"stall {stall.longest * 1e3:.0f} ms",
        )
        if name == "literal":
            report.claim("the literal filter shows what Python counted", len(window.view) == account.literal)
        await scroll(window, report, f"within {name}")
    await window.narrow(None)
    report.claim("without a filter everything is shown", len(window.view) == account.count)


async def scroll(window: Window, report: Report, where: str) -> None:
    view, chance = window.view, np.random.default_rng(3)
    spans = []
    for _ in range(SCROLLS):
        place = int(chance.integers(0, max(1, len(view) - SCREEN)))
        before = time.perf_counter()
        await window.rows(view.slice(place, place + SCREEN))
        spans.append((time.perf_counter() - before) * 1e3)
    spans.sort()
    ends = []
    for place in (0, len(view) - SCREEN) * 5:
        before = time.perf_counter()
        await window.rows(view.slice(place, place + SCREEN))
        ends.append((time.perf_counter() - before) * 1e3)
    report.line(
        f"a screen, {where}",
        f"{quantile(spans, 0.5):.1f} ms",
        f"p95 {quantile(spans, 0.95):.1f} ms, most {spans[-1]:.0f} ms; home and end {max(ends):.1f} ms",
    )


def read_back(window: Window) -> Account:
    account = Account()
    for first in range(0, window.loaded, CHECKED):
        ids = np.arange(first, min(first + CHECKED, window.loaded))
        for columns in window.columns(ids, PAGE):
            account.count += len(columns)
            account.took(columns.timestamps, columns.messages)
    return account


def in_order(window: Window) -> bool:
    """Whether the view has every row once, by time."""
    there = np.zeros(window.loaded, np.bool_)
    last = -(2**63)
    for piece in window.view.stretches():
        if piece.times[0] < last or (np.diff(piece.times) < 0).any():
            return False
        last = int(piece.times[-1])
        there[piece.rows] = True
    return bool(there.all())


async def run(chosen: argparse.Namespace, report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="cwtui-scale-") as folder:
        window = await Window.open(chosen.memory, Path(folder))
        print(f"{chosen.events:,} events, setting {chosen.memory}, the process within {chosen.process} MB")
        report.line("an empty window", "")
        account = await fill(window, chosen.events, report, newest_first=chosen.newest_first)
        spilled = sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())
        report.line("spilled", f"{spilled / 2**20:,.0f} MB")
        report.claim("the window counts what was put in", window.loaded == account.count)
        report.claim("its span is theirs", window.span == (account.first, account.last))
        await scroll(window, report, "everything")
        await filters(window, account, report)
        before = time.perf_counter()
        found = await asyncio.to_thread(read_back, window)
        report.line("all read back", f"{time.perf_counter() - before:.1f} s")
        report.claim("every time and message is what it was", found.sum.digest() == account.sum.digest())
        report.claim("the view has every event once, by time", in_order(window))
        await window.aclose()
        report.claim("no spill folder is left", not any(Path(folder).iterdir()))
    most = resident()[1]
    report.claim(f"the process was never over {chosen.process} MB: {most} MB", most <= chosen.process)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--memory", default="1GiB", help="the setting: beyond it the window spills")
    parser.add_argument("--process", type=int, default=1024, metavar="MB", help="what the process may take")
    parser.add_argument("--newest-first", action="store_true")
    parser.add_argument("--program", action="store_true", help="`cwtui open` and `cwtui events --from`")
    parser.add_argument("--headless", action="store_true", help="with --program: only the latter")
    chosen = parser.parse_args()
    report = Report()
    if chosen.program:
        scale_program.run(
            chosen.events, chosen.memory, chosen.process, report.claim, headless_only=chosen.headless
        )
    else:
        asyncio.run(run(chosen, report))
    sys.exit(1 if report.false else 0)


if __name__ == "__main__":
    main()
