"""The path of failed requests against the usual one: the step at which they part.

A request's path is the patterns of its lines in order, repeats left out. A failed request is compared with
the usual path that it followed furthest, so that each function and each route has its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cwtui.core.models import Columns
from cwtui.lang.envelope import request_id_of

READ = 100_000
"""Events that are read for the requests they belong to."""
_LEAST_USUAL = 3
_USUAL = 0.1
"""The part of the requests that begin alike and went well which take a path that is usual."""
_LEAST_FAILED = 2
_LONGEST = 200
"""Lines of one request beyond which it is no request."""

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parting:
    """Where failed requests leave the usual path; patterns by their number."""

    after: int
    """The last step in common."""
    usually: int | None
    """What follows it in requests that go well; None where they end there."""
    instead: int | None
    """What follows it in these; None where they end there."""
    failed: int
    """Failed requests that part so."""
    failed_in_all: int
    """Failed requests that followed the same usual path furthest."""
    usual: int
    """Requests that took the usual path."""
    events: tuple[int, ...]
    """Positions of the first line of each of these requests that is off the path, or of its last."""


@dataclass(slots=True)
class Requests:
    """The lines of each request, by position among the events of a window."""

    rows: list[int] = field(default_factory=list)
    """Row ids of the events read, by position."""
    lines: dict[str, list[int]] = field(default_factory=dict)
    cut: bool = False
    """Whether there were more than `READ`."""

    def add(self, chunk: Columns) -> None:
        """Takes a chunk, up to `READ` events in all."""
        room = READ - len(self.rows)
        self.cut = self.cut or len(chunk) > room
        for position, message in enumerate(chunk.messages[:room], len(self.rows)):
            if request := request_id_of(message):
                self.lines.setdefault(request, []).append(position)
        self.rows += chunk.ids[:room]


def partings(
    requests: Mapping[str, Sequence[int]], pattern_of: Sequence[int], grave: Collection[int]
) -> list[Parting]:
    """Where failed requests part from the usual path, most requests first.

    `pattern_of[position]` is the number of the pattern of an event, `grave` are those that are errors.
    """
    well: dict[int, Counter[Path]] = defaultdict(Counter)
    failed: dict[int, list[tuple[Path, list[int]]]] = defaultdict(list)
    for lines in requests.values():
        if 2 <= len(lines) <= _LONGEST:
            path, places = _path(lines, pattern_of)
            if any(step in grave for step in path):
                failed[path[0]].append((path, places))
            else:
                well[path[0]][path] += 1
    found = []
    for start, bad in failed.items():
        usual = {path: times for path, times in well[start].items() if _is_usual(times, well[start].total())}
        followed: dict[Path, list[tuple[Path, list[int]]]] = defaultdict(list)
        for path, places in bad:
            if usual:
                followed[_furthest(path, usual)].append((path, places))
        found += [_parting(path, usual[path], ways) for path, ways in followed.items()]
    told = [parting for parting in found if parting.failed >= _LEAST_FAILED]
    return sorted(told, key=lambda parting: (-parting.failed, parting.events))


def _is_usual(times: int, of: int) -> bool:
    return times >= _LEAST_USUAL and times >= _USUAL * of


def _furthest(path: Path, usual: Mapping[Path, int]) -> Path:
    return min(usual, key=lambda other: (-_together(path, other), -usual[other], other))


def _together(path: Path, other: Path) -> int:
    """How many steps two paths have in common from their beginning."""
    return next(
        (place for place, (one, two) in enumerate(zip(path, other, strict=False)) if one != two),
        min(len(path), len(other)),
    )


def _path(lines: Sequence[int], pattern_of: Sequence[int]) -> tuple[Path, list[int]]:
    """The steps of a request, and the position of the line that made each."""
    steps: list[int] = []
    places: list[int] = []
    for position in lines:
        if not steps or pattern_of[position] != steps[-1]:
            steps.append(pattern_of[position])
            places.append(position)
    return tuple(steps), places


def _parting(usual: Path, times: int, bad: Sequence[tuple[Path, list[int]]]) -> Parting:
    """The commonest way in which failed requests leave a usual path."""
    ways: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    for path, places in bad:
        step = _together(path, usual)
        way = (step, path[step] if step < len(path) else None)
        ways[way].append(places[min(step, len(places) - 1)])
    (step, instead), events = min(ways.items(), key=lambda item: (-len(item[1]), item[1]))
    return Parting(
        after=usual[step - 1],
        usually=usual[step] if step < len(usual) else None,
        instead=instead,
        failed=len(events),
        failed_in_all=len(bad),
        usual=times,
        events=tuple(events),
    )
