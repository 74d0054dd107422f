"""How well and how fast lines are grouped into patterns, beside drain3, on labelled logs given by path.

    .venv/bin/python -m benchmarks.patterns /work/shared/data/loghub --drain3 /tmp/drain3/bin/python

The folder holds LogHub's `*_structured.csv` files (github.com/logpai/loghub; for research and benchmarks).
One configuration for all systems, on both sides. GA: the share of lines whose group holds exactly the
lines of one true group; FGA: F1 over groups; pF1: F1 over pairs of lines that stand together. `content`
is the column of that name, `raw` the line as its program wrote it, rebuilt from all columns. Speed is of
lines whose digits are drawn anew, so that no cache of whole lines helps. drain3 runs in a process of
its own, under the interpreter of an environment in which it is installed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cwtui.core.models import Columns
from cwtui.explain.templates import Miner
from cwtui.lang.envelope import level_of

START = 1_767_225_600_000
DEFAULT_FOLDER = Path("/work/shared/data/loghub")
# How each system writes its lines: what LogHub cut the columns from.
LAYOUTS: Mapping[str, str] = {
    "Android": "{Date} {Time}  {Pid}  {Tid} {Level} {Component}: {Content}",
    "Apache": "[{Time}] [{Level}] {Content}",
    "BGL": "{Label} {Timestamp} {Date} {Node} {Time} {NodeRepeat} {Type} {Component} {Level} {Content}",
    "HDFS": "{Date} {Time} {Pid} {Level} {Component}: {Content}",
    "HPC": "{LogId} {Node} {Component} {State} {Time} {Flag} {Content}",
    "Hadoop": "{Date} {Time} {Level} [{Process}] {Component}: {Content}",
    "HealthApp": "{Time}|{Component}|{Pid}|{Content}",
    "Linux": "{Month} {Date:>2} {Time} {Level} {Component}[{PID}]: {Content}",
    "Mac": "{Month} {Date:>2} {Time} {User} {Component}[{PID}] ({Address}): {Content}",
    "OpenSSH": "{Date} {Day:>2} {Time} {Component} sshd[{Pid}]: {Content}",
    "OpenStack": "{Logrecord} {Date} {Time} {Pid} {Level} {Component} [{ADDR}] {Content}",
    "Proxifier": "[{Time}] {Program} - {Content}",
    "Spark": "{Date} {Time} {Level} {Component}: {Content}",
    "Thunderbird": (
        "{Label} {Timestamp} {Date} {User} {Month} {Day:>2} {Time} {Location} {Component}[{PID}]: {Content}"
    ),
    "Windows": "{Date} {Time}, {Level}                  {Component}    {Content}",
    "Zookeeper": "{Date} {Time} - {Level}  [{Node}:{Component}@{Id}] - {Content}",
}
_ABOUT = ("LineId", "EventId", "EventTemplate", "Content")
_HEX = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b")
_DIGITS = re.compile(r"\d")
_DRAIN3 = """
import json, sys, time
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig
from drain3.masking import MaskingInstruction
MASKS = [
    (r"\\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\\b", "UUID"),
    (r"\\b\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d+)?\\b", "IP"),
    (r"\\b0x[0-9a-fA-F]+\\b", "HEX"),
    (r"(?<![\\w<])(?:/[\\w.@-]+)+/?", "PATH"),
    (r"\\b[0-9a-fA-F]{16,}\\b", "HEX"),
    (r"(?<![\\w.])[-+]?\\d+(?:\\.\\d+)?(?![\\w.])", "NUM"),
]
for request in sys.stdin:
    lines, budget = json.loads(request)
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in MASKS]
    miner = TemplateMiner(config=config)
    started, groups = time.process_time(), []
    for line in lines:
        groups.append(miner.add_log_message(line)["cluster_id"])
        if time.process_time() - started > budget:
            break
    print(json.dumps([groups, time.process_time() - started]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class System:
    """One labelled log."""

    name: str
    content: tuple[str, ...]
    raw: tuple[str, ...]
    truth: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a grouping is worth, each 0..1."""

    ga: float
    fga: float
    pf1: float

    def __str__(self) -> str:
        return f"{self.ga:5.3f} {self.fga:5.3f} {self.pf1:5.3f}"


Grouped = tuple[Sequence[object], float]
"""For each line its group (fewer where the time was up), and the seconds of CPU it took."""


def score(found: Sequence[object], truth: Sequence[object]) -> Score:
    """GA, FGA and pairwise F1 of a grouping against the true one."""
    pairs = Counter(zip(found, truth, strict=True))
    ours, theirs = Counter(found), Counter(truth)
    exact = {group: n for (group, true), n in pairs.items() if n == ours[group] == theirs[true]}
    together = sum(n * (n - 1) for n in pairs.values())
    claimed = sum(n * (n - 1) for n in ours.values())
    real = sum(n * (n - 1) for n in theirs.values())
    return Score(
        ga=sum(exact.values()) / max(1, len(truth)),
        fga=2 * len(exact) / max(1, len(ours) + len(theirs)),
        pf1=2 * together / (claimed + real) if claimed + real else 1.0,
    )


def load(path: Path) -> System:
    """One system from its structured file."""
    name = path.name.split("_")[0]
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [{key: value or "" for key, value in row.items()} for row in csv.DictReader(file)]
    return System(
        name,
        tuple(row["Content"] for row in rows),
        tuple(_raw(name, row) for row in rows),
        tuple(row["EventId"] for row in rows),
    )


def _raw(name: str, row: Mapping[str, str]) -> str:
    """The line as it was written; of a system not known here, its columns with blanks between."""
    if (layout := LAYOUTS.get(name)) is None:
        return " ".join([*(value for key, value in row.items() if key not in _ABOUT), row["Content"]])
    # Programs without a process id are written without its brackets.
    return layout.format(**row).replace("[]:", ":").replace(" ():", ":")


def perturbed(lines: Sequence[str], count: int) -> list[str]:
    """`count` lines, the given ones over and over with every digit and every hex id drawn anew."""
    chance = random.Random(11)

    def digit(_: re.Match[str]) -> str:
        return chance.choice("0123456789")

    def identifier(found: re.Match[str]) -> str:
        return "0" + "".join(chance.choices("0123456789abcdef", k=len(found.group()) - 1))

    out: list[str] = []
    while len(out) < count:
        out += [_DIGITS.sub(digit, _HEX.sub(identifier, line)) for line in lines[: count - len(out)]]
    return out


def columns(lines: Sequence[str]) -> Columns:
    """Lines as the window hands them over, with the levels it finds in them."""
    count = len(lines)
    blank = [""] * count
    return Columns(
        ids=range(count),
        timestamps=range(START, START + 1000 * count, 1000),
        ingestion_times=range(START, START + 1000 * count, 1000),
        levels=[int(level_of(line)) for line in lines],
        accounts=blank,
        regions=blank,
        groups=blank,
        streams=blank,
        messages=lines,
        event_ids=blank,
        raws=[None] * count,
    )


def ours(lines: Sequence[str]) -> Grouped:
    """Our miner; levels are found at intake and are not in the time."""
    events = columns(lines)
    started = time.process_time()
    miner = Miner()
    miner.add(events)
    assigned = miner.assigned()[1]
    return assigned.tolist(), time.process_time() - started


class Drain3:
    """drain3 with the usual masks, in a process of its own; `None` where it cannot be run."""

    def __init__(self, python: str, budget: float) -> None:
        self._budget = budget
        self._process = subprocess.Popen(
            [python, "-c", _DRAIN3], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @classmethod
    def found(cls, python: str, budget: float) -> Drain3 | None:
        """The baseline, or None with a sentence that says why not."""
        try:
            probe = subprocess.run([python, "-c", "import drain3"], capture_output=True, check=False)
        except OSError as error:
            print(f"drain3 is not compared: {python} cannot be run ({error.strerror}).")
            return None
        if probe.returncode:
            print(f"drain3 is not compared: {python} does not have it (pip install drain3, --drain3 PYTHON).")
            return None
        return cls(python, budget)

    def __call__(self, lines: Sequence[str]) -> Grouped:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([list(lines), self._budget]) + "\n")
        self._process.stdin.flush()
        groups, seconds = json.loads(self._process.stdout.readline())
        return groups, seconds

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def _accuracy(systems: Sequence[System], miners: Mapping[str, Callable[[Sequence[str]], Grouped]]) -> None:
    for what in ("content", "raw"):
        print(f"\n{what:14}" + "".join(f"{name:>12}:  GA   FGA   pF1" for name in miners))
        scores: dict[str, list[Score]] = {name: [] for name in miners}
        for system in systems:
            lines = system.content if what == "content" else system.raw
            for name, miner in miners.items():
                groups = miner(lines)[0]
                # Lines not come to in time stand alone.
                groups = [*groups, *(f"left {place}" for place in range(len(groups), len(lines)))]
                scores[name].append(score(groups, system.truth))
            print(f"{system.name:14}" + "".join(f"{scores[name][-1]!s:>30}" for name in miners))
        means = {
            name: Score(
                *(statistics.fmean(getattr(one, part) for one in all_) for part in ("ga", "fga", "pf1"))
            )
            for name, all_ in scores.items()
        }
        print(f"{'mean':14}" + "".join(f"{means[name]!s:>30}" for name in miners))
        worst = {name: min(one.pf1 for one in all_) for name, all_ in scores.items()}
        print(f"{'worst pF1':14}" + "".join(f"{worst[name]:30.3f}" for name in miners))


def _speed(
    systems: Sequence[System],
    miners: Mapping[str, Callable[[Sequence[str]], Grouped]],
    count: int,
    times: int,
) -> None:
    print(f"\nlines a second of CPU, {count:,} perturbed lines each, best of {times}")
    print(f"{'':14}" + "".join(f"{name:>14}" for name in miners))
    seconds = dict.fromkeys(miners, 0.0)
    read = dict.fromkeys(miners, 0)
    for what in ("content", "raw"):
        for system in systems:
            lines = perturbed(system.content if what == "content" else system.raw, count)
            told = f"{system.name[:8]} {what[:7]}"
            for name, miner in miners.items():
                runs = [miner(lines) for _ in range(times if name == "cwtui" else 1)]
                groups, best = min(runs, key=lambda run: run[1])
                seconds[name] += best
                read[name] += len(groups)
                told += " " * max(0, 14 - len(told)) if name == "cwtui" else ""
                told += f"{len(groups) / best:14,.0f}"
            print(told)
    print(f"{'together':14}" + "".join(f"{read[name] / seconds[name]:14,.0f}" for name in miners))


def main() -> None:
    parser = argparse.ArgumentParser(description="Patterns: grouping and speed, beside drain3.")
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("--drain3", metavar="PYTHON", default=sys.executable, help="a Python that has drain3")
    parser.add_argument(
        "--lines", type=int, default=100_000, help="perturbed lines a system (default 100,000)"
    )
    parser.add_argument("--times", type=int, default=3, help="runs of which the best counts (default 3)")
    parser.add_argument(
        "--budget", type=float, default=20.0, help="seconds drain3 gets for one log (default 20)"
    )
    parser.add_argument("--no-speed", action="store_true")
    arguments = parser.parse_args()
    files = sorted(arguments.folder.rglob("*_structured.csv"))
    if not files:
        print(f"Patterns are not measured: no *_structured.csv file in {arguments.folder}.")
        return
    systems = [load(path) for path in files]
    load_now = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{len(systems)} systems, {sum(len(s.truth) for s in systems):,} lines; machine load {load_now}")
    miners: dict[str, Callable[[Sequence[str]], Grouped]] = {"cwtui": ours}
    if (baseline := Drain3.found(arguments.drain3, arguments.budget)) is not None:
        miners["drain3"] = baseline
    _accuracy(systems, miners)
    if not arguments.no_speed:
        _speed(systems, miners, arguments.lines, arguments.times)
    if baseline is not None:
        baseline.close()


if __name__ == "__main__":
    main()
