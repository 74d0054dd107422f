"""How long the whole summary of a window takes, beside what a shell does with the same lines.

    .venv/bin/python -m benchmarks.summary 10000 100000 1000000

The events are the kinds of `tests/explain/kinds` over and over, digits and hex ids drawn anew. `summary`
begins when all are loaded and ends with the digest; `above` is the memory that took beyond the loaded
window, here and in the process that reads, each at its largest. The peer is
`sed -E 's/[0-9]+/N/g' | sort | uniq -c | sort -rn`, which counts the lines that are alike but for numbers.
Every size runs in a process of its own; every figure is of this run on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.patterns import perturbed
from cwtui.core.models import Query
from cwtui.settings import Settings
from cwtui.wiring import Services
from tests.explain.grouping import KINDS, kind

START = 1_767_225_600_000
GROUP = "/bench/mixed"
PEER = "sed -E 's/[0-9]+/N/g' | LC_ALL=C sort | uniq -c | sort -rn"
MEMORY = "4GB"


def messages(count: int) -> list[str]:
    """`count` messages of all kinds, in turn."""
    kinds = [kind(path.stem).messages for path in sorted(KINDS.glob("*.txt"))]
    longest = max(map(len, kinds))
    mixed = [lines[at % len(lines)] for at in range(longest) for lines in kinds]
    return perturbed(mixed, count)


def write(path: Path, lines: list[str]) -> None:
    """The messages as JSON lines, ten a second."""
    with path.open("w", encoding="utf-8") as file:
        for number, message in enumerate(lines):
            at = START + number * 100
            record = {"timestamp": at, "ingestionTime": at, "logGroup": GROUP, "message": message}
            file.write(json.dumps({**record, "logStream": f"s/{number % 20}", "eventId": str(number)}) + "\n")


async def summarise(path: Path) -> dict[str, float]:
    """Loads a file, summarises it: seconds, MB above the loaded window, patterns."""
    services = Services(Settings(from_paths=(str(path),), memory_limit=MEMORY, use_llm=False))
    investigation = services.investigation()
    try:
        window = await investigation.default_window((GROUP,))
        await investigation.open(Query((GROUP,), window))
        loaded, burned = _resident(os.getpid()), _burned()
        with _Watch() as watch:
            begun = time.perf_counter()
            digest = await investigation.digest()
            took = time.perf_counter() - begun
        return {
            "events": float(len(investigation.view)),
            "summary": took,
            "cpu": _burned() - burned,
            "above": watch.most - loaded,
            "patterns": float(len(digest.patterns)),
        }
    finally:
        await investigation.aclose()
        await services.aclose()


class _Watch:
    """The most memory of this process and its children together, looked at fifty times a second."""

    def __init__(self) -> None:
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            family = [os.getpid(), *map(int, " ".join(_children()).split())]
            self.most = max(self.most, sum(map(_resident, family)))


def _children() -> list[str]:
    return [task.read_text() for task in Path("/proc/self/task").glob("*/children")]


def _resident(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / 1_048_576


def _burned() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def shell(lines: list[str]) -> float:
    """Seconds that the peer takes for the same lines."""
    text = "".join(line.replace("\n", " ") + "\n" for line in lines).encode()
    begun = time.perf_counter()
    subprocess.run(["bash", "-c", PEER], input=text, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.file is not None:
        print(json.dumps(asyncio.run(summarise(given.file))))
        return
    heads = ("events", "summary s", "CPU s", "above MB", "patterns", "sed|sort|uniq s", "ratio")
    print("".join(f"{head:>16}" for head in heads))
    for count in given.events:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "mixed.jsonl")
            lines = messages(count)
            write(path, lines)
            command = [sys.executable, "-m", "benchmarks.summary", "--file", str(path)]
            told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        peer = shell(lines)
        figures = [
            told["summary"],
            told["cpu"],
            told["above"],
            told["patterns"],
            peer,
            told["summary"] / peer,
        ]
        print(f"{told['events']:>16,.0f}" + "".join(f"{figure:>16.2f}" for figure in figures))


if __name__ == "__main__":
    main()
