"""Which of many comes most, or least: log groups, streams, levels, minutes, or the values of a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cwtui.core.models import Columns, Level
from cwtui.explain.ask.matching import Matching, value_at
from cwtui.explain.ask.questions import AnswerLine, Counted, Subject
from cwtui.explain.ask.working import Working
from cwtui.explain.findings import many
from cwtui.explain.values import spread

UNIT_MS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000}
_VALUES = 20_000
"""Different values that are counted of a field."""


def ranked(chunks: Iterable[Columns], working: Working) -> Counted | None:
    """How many of the events each has; None where none of them has what they are to be counted by."""
    plan = working.plan
    counts: Counter[str] = Counter()
    ids: dict[str, list[int]] = {}
    without = 0
    known: set[str] = set()
    # Those with none at all have the fewest: they are learned from all events of the place and time.
    subject = plan.subject
    around = Matching(
        Subject(groups=subject.groups, streams=subject.streams).within(subject.start, subject.end)
    )
    for chunk in chunks:
        if plan.by == "function":
            known.update(filter(_is_function, chunk.groups))
        elif plan.fewest:
            nearby = around.of(chunk)
            met = (_named(nearby, place, plan.by, working) for place in range(len(nearby)))
            known.update(name for name in met if name is not None)
        hits = working.matching.of(chunk)
        for place in range(len(hits)):
            name = _named(hits, place, plan.by, working)
            if name is None or (name not in counts and len(counts) >= _VALUES):
                without += 1
                continue
            counts[name] += 1
            ids.setdefault(name, []).append(hits.ids[place])
    if plan.by == "function" and not known:
        return None
    total = sum(counts.values())
    if not total:
        return working.none() if not without else None
    if plan.fewest:
        if len(known) > _VALUES:
            return None
        for name in known:
            counts.setdefault(name, 0)
    sign = 1 if plan.fewest else -1
    ordered = sorted(counts, key=lambda name: (sign * counts[name], name))
    best = [name for name in ordered if counts[name] == counts[ordered[0]]]
    what = {"group": "log group", "function": "Lambda function"}.get(plan.by, plan.by)
    shown = ", ".join(best[:3]) + (f" and {len(best) - 3} more" if len(best) > 3 else "")
    shown += f", {'each ' if len(best) > 1 else ''}{counts[best[0]]:,}"
    extreme = "fewest" if plan.fewest else "most"
    of = f"{many(total + without, 'event')}{working.told()}"
    if plan.figure:
        have = f"{total:,} of {of} have {what}; " if without else f"{of}; "
        said = f"{have}{many(len(counts), 'different value')} of {what}, most often {shown}."
    elif without:
        said = f"Of {of} only {total:,} have {what}; among these the {extreme}: {shown}."
    else:
        said = f"The {extreme} by {what}, of {len(counts):,}: {shown} of {of}."
    cited = [row for name in best for row in ids.get(name, ())]
    rows = [
        AnswerLine(f"{counts[name]:,}x {name}", spread(ids.get(name, []))) for name in ordered[: plan.top]
    ]
    limits = list(working.limits)
    if len(ordered) > plan.top:
        limits.append(f"{len(ordered) - plan.top:,} more are not listed.")
    return Counted(AnswerLine(said, spread(cited)), tuple(rows), tuple(limits))


def _is_function(group: str) -> bool:
    return "/aws/lambda/" in group


def _named(chunk: Columns, place: int, by: str, working: Working) -> str | None:
    """What an event is counted under; None where it has no such thing."""
    if by == "function":
        group = chunk.groups[place]
        return group if _is_function(group) else None
    if by == "group":
        return chunk.groups[place]
    if by == "stream":
        return chunk.streams[place]
    if by == "level":
        return Level(chunk.levels[place]).name
    if by in UNIT_MS:
        unit = UNIT_MS[by]
        return working.at(chunk.timestamps[place] // unit * unit)
    return value_at(chunk.messages[place], by)
