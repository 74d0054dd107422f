"""Reading text logs into events beside `wc -l` and Python's lines, on the same files.

    .venv/bin/python -m benchmarks.reading --lines 1000000

Every figure is of this run on this machine, best of three. `events` reads a file into batches;
`opened` has them sorted and ready to be paged. Beside other viewers: `benchmarks.files`.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import zstandard

from cwtui.adapters.recorded_files import RecordedFiles
from cwtui.deliver.recording import read_events

KINDS = ("iso", "syslog", "access", "traces")
ROUNDS = 3


def lines(kind: str, count: int) -> Iterator[str]:
    """Lines of about 90 bytes, 10 ms apart; of `traces`, nine in ten are those of a stack."""
    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    for number in range(count):
        moment += timedelta(milliseconds=10)
        text = f"host-{number % 8} GET /v1/orders/{number % 99_991} took {number % 1009} ms, all well here"
        if kind == "access":
            yield (
                f"10.0.{number % 256}.7 - - [{moment:%d/%b/%Y:%H:%M:%S} +0000] "
                f'"GET /v1/orders/{number % 99_991} HTTP/1.1" 200 {number % 4096} "-" "curl/8.5.0"'
            )
        elif kind == "syslog":
            yield f"{moment:%b %d %H:%M:%S} {text} and now"
        elif kind == "traces" and number % 10:
            yield f"    at com.example.shop.cart.CartService.step{number % 10}(Cart.java:{number % 997})"
        else:
            level = "ERROR" if number % 97 == 0 else "INFO"
            yield f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z {level} {text}"


def best(work: Callable[[], object]) -> float:
    """The shortest of a few runs, seconds."""
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return min(took)


def run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def read(path: Path) -> int:
    return sum(len(batch) for batch in read_events(path))


def count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def measure(path: Path, count: int, label: str) -> None:
    size = path.stat().st_size
    events = read(path)
    figures = {
        "wc -l": best(lambda: run("wc", "-l", str(path))),
        "Python lines": best(lambda: count_lines(path)),
        "events": best(lambda: read(path)),
        "opened": best(lambda: RecordedFiles([path], 0).read()),
    }
    ours = figures["events"]
    print(f"{label}: {size / 1e6:.0f} MB, {count:,} lines, {events:,} events")
    for name, took in figures.items():
        print(
            f"  {name:<14} {took:7.2f} s  {count / took / 1000:8.0f} k lines/s  {took / ours:6.2f} x events"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    count: int = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            path = Path(folder, f"{kind}.log")
            path.write_text("".join(f"{line}\n" for line in lines(kind, count)))
            measure(path, count, kind)
        plain = Path(folder, "iso.log").read_bytes()
        Path(folder, "iso.log.gz").write_bytes(gzip.compress(plain, 6))
        Path(folder, "iso.log.zst").write_bytes(zstandard.compress(plain))
        for packed in ("iso.log.gz", "iso.log.zst"):
            took = best(partial(read, Path(folder, packed)))
            print(f"{packed}: {took:.2f} s, {count / took / 1000:.0f} k lines/s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process (all kinds, opened): {peak:.0f} MB")


if __name__ == "__main__":
    main()
