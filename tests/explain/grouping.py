"""Kinds of logs grouped by hand, and how near a grouping comes to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cwtui.explain.templates import Miner, Pattern
from tests.explain.events import START, columns

KINDS = Path(__file__).parent / "kinds"


@dataclass(frozen=True, slots=True)
class Kind:
    """The lines of one file, their groups, and when they came, in ms."""

    name: str
    messages: tuple[str, ...]
    groups: tuple[str, ...]
    times: tuple[int, ...]


def kind(name: str) -> Kind:
    """One file of `kinds/`."""
    messages, groups, times = [], [], []
    now = START
    for line in (KINDS / f"{name}.txt").read_text(encoding="utf-8").split("\n")[:-1]:
        group, message = line.split(" ", 1)
        now += 0 if group.startswith("+") else 1000
        messages.append(message.replace("␤", "\n"))
        groups.append(group.removeprefix("+"))
        times.append(now)
    return Kind(name, tuple(messages), tuple(groups), tuple(times))


def mined(lines: Kind) -> tuple[list[Pattern], list[int]]:
    """The patterns of a kind, and for each line the position of its own."""
    miner = Miner()
    miner.add(columns(lines.messages, times=lines.times))
    patterns, assigned = miner.assigned()
    return patterns, assigned.tolist()


def score(found: Sequence[object], truth: Sequence[object]) -> tuple[float, float, float]:
    """GA (share of lines in an exact group), F1 over groups, F1 over pairs of lines that stand together."""
    pairs = Counter(zip(found, truth, strict=True))
    ours, theirs = Counter(found), Counter(truth)
    exact = [count for (group, true), count in pairs.items() if count == ours[group] == theirs[true]]
    together, claimed, real = (
        sum(count * (count - 1) for count in counts.values()) for counts in (pairs, ours, theirs)
    )
    return (
        sum(exact) / len(truth),
        2 * len(exact) / (len(ours) + len(theirs)),
        2 * together / (claimed + real) if claimed + real else 1.0,
    )
