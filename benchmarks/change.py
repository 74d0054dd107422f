"""Change detection: how often it cries wolf, and what it finds of what was planted.

    python -m benchmarks.change                       logs made here
    python -m benchmarks.change shared/data/loghub    also LogHub samples (*.log_structured.csv) in a folder

Lines go through the miner as in the program; nothing is tuned to a data set. What each part prints:

null       two windows of one source. Flags a window called changed: of logs made here with lines that come
           singly or in bursts; of a data set, lines drawn with replacement, and neighbouring windows cut at
           random (real logs drift: those flags need not be false).
planted    a pattern added k times, one removed, one at a multiple of its rate: how many are found.
alerts     BGL's labelled alert patterns in the order of the patterns list: average precision, recall in 30.

The exit code is 1 when logs made here give more than 0.2 false flags a window, or less than 0.95 of what
is new twelve times in a thousand lines is found.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cwtui.core.models import Columns
from cwtui.explain.beside import marked, parted
from cwtui.explain.changes import changes_of
from cwtui.explain.compare import CHANGED, Kind, Verdict
from cwtui.explain.findings import ranked_patterns
from cwtui.explain.templates import Miner
from cwtui.explain.values import Baseline, Scope
from cwtui.lang.envelope import level_of

WINDOW_MS = 3_600_000
LINES = 1_000
FLOOR_FLAGS, FLOOR_FOUND = 0.2, 0.95
PLANTED = "ERROR planted failure of unit {n} while rotating shards"

Line = tuple[float, str]
"""When, as a part of the window, and what."""


@dataclass(frozen=True)
class Compared:
    """Verdicts by the text of the pattern."""

    verdicts: dict[str, Verdict]

    def flags(self) -> int:
        return sum(verdict.kind in CHANGED for verdict in self.verdicts.values())

    def weak(self) -> int:
        return sum(verdict.kind is Kind.NEW_WEAK for verdict in self.verdicts.values())

    def of(self, word: str) -> set[Kind]:
        return {verdict.kind for text, verdict in self.verdicts.items() if word in text}


def columns(lines: Sequence[Line], start: int) -> Columns:
    ordered = sorted(lines)
    times = [start + int(at * (WINDOW_MS - 1)) for at, _ in ordered]
    count = len(ordered)
    messages = [message for _, message in ordered]
    return Columns(
        ids=range(count),
        timestamps=times,
        ingestion_times=times,
        levels=[int(level_of(message)) for message in messages],
        accounts=[""] * count,
        regions=[""] * count,
        groups=["g"] * count,
        streams=["s"] * count,
        messages=messages,
        event_ids=[""] * count,
        raws=[None] * count,
    )


def compare(before: Sequence[Line], after: Sequence[Line]) -> Compared:
    miner = Miner()
    for chunk in marked([columns(before, 0)]):
        miner.add(chunk)
    miner.add(columns(after, WINDOW_MS))
    parts = [parted(pattern) for pattern in miner.patterns()]
    ranked = ranked_patterns([part.here for part in parts if part.here is not None])
    scope = Scope(start=WINDOW_MS, end=2 * WINDOW_MS, baseline=Baseline("previous", 0, WINDOW_MS))
    changes = changes_of(parts, ranked, scope, len(before))
    texts = {each.id: each.pattern.text for each in ranked}
    verdicts = {f"{name} {texts[name]}": verdict for name, verdict in changes.here.items()}
    verdicts |= {f"{each.id} {each.pattern.text}": verdict for each, verdict in changes.gone}
    return Compared(verdicts)


# ------------------------------------------------------------------ logs made here

VERBS = ("opened", "closed", "moved", "stored", "parsed", "sent", "dropped", "queued", "merged", "signed")
NOUNS = ("session", "order", "basket", "invoice", "shard", "lease", "ticket", "parcel")


def steady(source: np.random.Generator, burst: float, lines: int = LINES) -> Callable[[], list[Line]]:
    """A log of 80 patterns of very different rates; each comes in bursts of that many lines on average."""
    texts = [f"{noun} {{n}} {verb} by worker pool" for verb in VERBS for noun in NOUNS]
    rates = source.pareto(1.0, len(texts)) + 0.1
    shares = rates / rates.sum()

    def window() -> list[Line]:
        made: list[Line] = []
        for text, share in zip(texts, shares, strict=True):
            for _ in range(source.poisson(lines * share / burst)):
                at = source.random()
                size = 1 if burst == 1 else source.geometric(1 / burst)
                made += [
                    (min(0.999, at + 0.01 * source.random()), "INFO " + text.format(n=source.integers(10**6)))
                    for _ in range(size)
                ]
        return made

    return window


def nulls_made_here(windows: int) -> float:
    worst = 0.0
    print(f"\nnull, logs made here: {windows} pairs of windows of about {LINES:,} lines")
    print(f"{'lines a burst':>14} {'false flags/window':>19} {'new by chance, weak':>20}")
    for burst in (1.0, 3.0, 10.0, 30.0):
        source = np.random.default_rng(1)
        flags = weak = 0
        for number in range(windows):
            if number % 10 == 0:
                window = steady(source, burst)
            found = compare(window(), window())
            flags, weak = flags + found.flags(), weak + found.weak()
        worst = max(worst, flags / windows)
        print(f"{burst:>14g} {flags / windows:>19.3f} {weak / windows:>20.1f}")
    return worst


def planted(name: str, window: Callable[[], list[Line]], source: np.random.Generator, rounds: int) -> float:
    """Prints what is found; gives the part of those new twelve times that are."""

    def lines(count: int) -> list[Line]:
        return [(float(source.random()), PLANTED.format(n=source.integers(10**6))) for _ in range(count)]

    def found(before: int, after: int, kinds: set[Kind]) -> float:
        hits = sum(
            bool(compare([*window(), *lines(before)], [*window(), *lines(after)]).of("planted") & kinds)
            for _ in range(rounds)
        )
        return hits / rounds

    more, new, gone = {Kind.MORE, Kind.BURSTING}, {Kind.NEW}, {Kind.VANISHED}
    news = {count: found(0, count, new) for count in (3, 5, 8, 12, 20, 50)}
    gones = {count: found(count, 0, gone) for count in (8, 12, 20)}
    mores = {(40, factor): found(40, 40 * factor, more) for factor in (2, 3, 5)}
    print(
        f"{name:<14} new "
        + " ".join(f"x{count} {part:.2f}" for count, part in news.items())
        + " | gone "
        + " ".join(f"x{count} {part:.2f}" for count, part in gones.items())
        + " | rate (40 before) "
        + " ".join(f"x{factor} {part:.2f}" for (_, factor), part in mores.items())
    )
    return news[12]


# ------------------------------------------------------------------ LogHub


def messages_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return [row["Content"] for row in csv.DictReader(file)]


def on_data_set(path: Path, rounds: int) -> None:
    source = np.random.default_rng(2)
    messages = messages_of(path)

    def drawn() -> list[Line]:
        chosen = source.integers(0, len(messages), LINES)
        return [(place / LINES, messages[line]) for place, line in enumerate(chosen.tolist())]

    def neighbours() -> tuple[list[Line], list[Line]]:
        size = len(messages) // 4
        first = int(source.integers(0, len(messages) - 2 * size + 1))
        middle = first + size
        return (
            [(place / size, line) for place, line in enumerate(messages[first:middle])],
            [(place / size, line) for place, line in enumerate(messages[middle : middle + size])],
        )

    null = [compare(drawn(), drawn()) for _ in range(rounds)]
    cut = [compare(*neighbours()).flags() for _ in range(rounds)]
    flags = np.mean([one.flags() for one in null])
    print(
        f"{path.name.split('_')[0]:<14} drawn: {flags:.3f} false flags/window, "
        f"{np.mean([one.weak() for one in null]):.1f} weak | neighbours: {np.mean(cut):.2f} flags (median "
        f"{np.median(cut):.0f}) | {len(null[0].verdicts)} patterns"
    )
    planted("", drawn, source, max(5, rounds // 2))


def alerts(path: Path) -> None:
    """BGL: the patterns list against the labels of its lines."""
    with path.open(encoding="utf-8", errors="replace") as file:
        rows = list(csv.DictReader(file))
    words = {"INFO": 3, "WARNING": 4, "ERROR": 5, "SEVERE": 5, "FAILURE": 5, "FATAL": 6}
    events = columns([(place / len(rows), row["Content"]) for place, row in enumerate(rows)], 0)
    events = replace(events, levels=[words.get(row["Level"], 0) for row in rows])
    miner = Miner()
    miner.add(events)
    labelled = {place for place, row in enumerate(rows) if row["Label"] != "-"}
    hits = [bool(labelled & set(each.pattern.ids.tolist())) for each in ranked_patterns(miner.patterns())]
    precisions = [sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit]
    print(
        f"\nalerts, BGL: {sum(hits)} of {len(hits)} patterns; AP {np.mean(precisions):.3f}, "
        f"P@10 {sum(hits[:10]) / 10:.2f}, recall in 30 {sum(hits[:30]) / sum(hits):.2f}"
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("folder", nargs="?", type=Path, help="a folder of LogHub samples")
    arguments.add_argument("--windows", type=int, default=100)
    given = arguments.parse_args()
    began = time.perf_counter()
    flags = nulls_made_here(given.windows)
    print("\nplanted, found of all")
    source = np.random.default_rng(3)
    found = planted("made here", steady(source, 1.0), source, max(10, given.windows // 4))
    planted("in bursts of 3", steady(source, 3.0), source, max(10, given.windows // 4))
    if given.folder is not None:
        paths = sorted(given.folder.glob("*.log_structured.csv"))
        print(f"\nLogHub: {len(paths)} sets")
        for path in paths:
            on_data_set(path, max(10, given.windows // 5))
        for path in paths:
            if path.name.startswith("BGL"):
                alerts(path)
    print(f"\n{time.perf_counter() - began:.0f} s")
    return int(flags > FLOOR_FLAGS or found < FLOOR_FOUND)


if __name__ == "__main__":
    sys.exit(main())
