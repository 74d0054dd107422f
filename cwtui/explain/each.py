"""Which pattern each event belongs to: what a grouping is scored by."""

from __future__ import annotations

from collections.abc import Iterable

from cwtui.core.models import Columns
from cwtui.explain.findings import ranked_patterns
from cwtui.explain.templates import Miner


def pattern_of_each(chunks: Iterable[Columns]) -> list[str]:
    """For every event, in the order given, the id that a digest of the same events gives its pattern."""
    miner = Miner()
    for chunk in chunks:
        miner.add(chunk)
    patterns, place = miner.assigned()
    ids = {id(ranked.pattern): ranked.id for ranked in ranked_patterns(patterns)}
    names = [ids[id(pattern)] for pattern in patterns]
    return [names[position] for position in place.tolist()]
