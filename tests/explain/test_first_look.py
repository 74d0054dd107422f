from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cwtui.core.models import Columns, Level
from cwtui.explain.digest import build_digest
from cwtui.explain.first_look import drawn, first_look, numbers
from cwtui.explain.values import Digest, Scope
from tests.explain.events import columns

COUNT = 12_000


def lines(errors: int, unknown: int = 0) -> list[str]:
    """Lines of which so many are errors, evenly, and so many say no level."""
    said = [f"INFO order {n} paid" if n % 4 else f"INFO cart {n} kept" for n in range(COUNT)]
    for at in range(errors):
        said[at * (COUNT // errors)] = f"ERROR disk {at} is full"
    return said + [f"order {n} failed" for n in range(unknown)]


def look(messages: Sequence[str]) -> tuple[Digest, Columns]:
    every = columns(messages)
    levels = np.array(every.levels, dtype=np.uint8)
    places = drawn(levels)
    few = columns([messages[at] for at in places], times=[every.timestamps[at] for at in places])
    few = Columns(**{**{name: getattr(few, name) for name in few.__slots__}, "ids": places.tolist()})
    counts = np.bincount(levels, minlength=len(Level)).tolist()
    return first_look([few], Scope(), counts, (every.timestamps[0], every.timestamps[-1])), every


def test_a_level_that_was_read_whole_is_told_as_the_whole_digest_tells_it() -> None:
    first, every = look(lines(errors=500))
    whole = build_digest([every], Scope())
    assert first.levels == whole.levels
    assert first.scope.events == COUNT
    errors = [finding for finding in first.findings if finding.kind == "errors"]
    assert errors == [finding for finding in whole.findings if finding.kind == "errors"]
    assert [finding.kind for finding in first.findings if "error" in finding.kind][:1] == ["first_error"]


def test_numbers_of_other_levels_are_estimates_and_are_said_to_be() -> None:
    first, every = look(lines(errors=500))
    whole = {pattern.text: pattern.count for pattern in build_digest([every], Scope()).patterns}
    for pattern in first.patterns:
        assert abs(pattern.count - whole[pattern.text]) <= 0.1 * whole[pattern.text] + 1
    assert "A first look at 800 of 12,000 events" in first.limits[0]
    assert "estimates" in first.limits[0]


def test_of_a_level_that_was_read_in_part_no_finding_is_told() -> None:
    first, _ = look(lines(errors=5_000))
    assert first.findings == ()
    # A line without a level may be an error too: the first one is not known before all are read.
    first, _ = look(lines(errors=500, unknown=2_000))
    assert {finding.kind for finding in first.findings} <= {"errors", "burst"}


def test_the_same_events_give_the_same_first_look() -> None:
    assert look(lines(errors=500))[0] == look(lines(errors=500))[0]


def test_before_any_event_is_read_the_numbers_are_told() -> None:
    counts = [0] * len(Level)
    counts[Level.INFO], counts[Level.ERROR] = 49_000, 1_000
    bare = numbers(Scope(), counts, (0, 3_599_999))
    assert bare.headline == "50,000 events in 1h 00m; 1,000 errors."
    assert bare.limits == ("None of 50,000 events is read yet.",)
