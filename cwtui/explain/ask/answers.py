"""Answers that code works out: counts, first and last, begin and end, which most, the way of an id.

One pass over the events in display order. Every line names its events, and the headline says what was
counted and where, so that a question understood otherwise than it was meant can be seen to be.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

from cwtui.core.models import Columns
from cwtui.core.timespec import human_duration
from cwtui.explain.ask.comparing import compared
from cwtui.explain.ask.figures import biggest, slowest, typical
from cwtui.explain.ask.matching import Matching
from cwtui.explain.ask.questions import ERRORS, AnswerLine, Counted, Plan, Subject, Verb
from cwtui.explain.ask.rankings import UNIT_MS, ranked
from cwtui.explain.ask.working import Working
from cwtui.explain.findings import many, quote
from cwtui.explain.templates import Miner
from cwtui.explain.values import Scope, spread

_ROWS = 5
_BEFORE = 5
_FOLLOWED = 10
_QUIET_MS = 60_000
_FAILED_REPORT = ("REPORT Status:", "platform.report status ")


def counted(chunks: Iterable[Columns], scope: Scope, plan: Plan) -> Counted | None:
    """The answer to a plan over events in display order; None where they lack what it needs.

    Pure and deterministic; call it off the event loop.
    """
    working = Working(plan, scope)
    found = _VERBS[plan.verb](chunks, working)
    unclear = working.matching.unclear
    if found is None or not unclear:
        return found
    if not found.headline.events:
        # "200" may be a status in a form that is not known: that there is none cannot be said.
        return None
    limit = (
        f'{many(unclear, "more event")} hold "{plan.subject.status.replace("xx", "..")}", but tell no status '
        "in a form that is known; not counted."
    )
    return replace(found, limits=(*found.limits, limit))


class _Tally:
    """What is kept of the events that are counted."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.times: list[int] = []
        self.groups: Counter[str] = Counter()
        self.miner = Miner()

    def add(self, chunk: Columns) -> None:
        self.ids += chunk.ids
        self.groups.update(chunk.groups)
        self.times += chunk.timestamps
        self.miner.add(chunk)

    def __len__(self) -> int:
        return len(self.ids)

    def limits(self) -> tuple[str, ...]:
        """That the same thing may be told twice: by Lambda, too, or in several logs."""
        patterns = self.miner.patterns()
        reports = sum(each.count for each in patterns if each.text.startswith(_FAILED_REPORT))
        if 0 < reports < len(self):
            doubled = many(reports, "Lambda report") + " of failed invocations"
            return (f"Among them are {doubled}, of which other lines may tell, too.", *self._several())
        return self._several()

    def _several(self) -> tuple[str, ...]:
        if len(self.groups) < 2:
            return ()
        most = ", ".join(f"{count:,} in {group}" for group, count in self.groups.most_common(4))
        more = f" and {len(self.groups) - 4} more" if len(self.groups) > 4 else ""
        return (f"From {len(self.groups)} log groups, which may tell of the same request: {most}{more}.",)

    def rows(self, at_most: int = _ROWS) -> tuple[AnswerLine, ...]:
        """What they say, most met first; of one single pattern its line says it too."""
        patterns = self.miner.patterns()
        lines = [
            AnswerLine(f"{pattern.count:,}x {quote(pattern.text)}", spread(pattern.ids.tolist()))
            for pattern in patterns[:at_most]
        ]
        if len(patterns) > at_most:
            rest = sum(pattern.count for pattern in patterns[at_most:])
            lines.append(AnswerLine(f"{rest:,}x in {many(len(patterns) - at_most, 'more pattern')}"))
        return tuple(lines)


def _count(chunks: Iterable[Columns], working: Working) -> Counted:
    tally = _tallied(chunks, working)
    if not tally:
        return working.none()
    yes = "Yes: " if working.plan.verb is Verb.ANY else ""
    return Counted(_headline(tally, working, yes), tally.rows(), (*working.limits, *tally.limits()))


def _tallied(chunks: Iterable[Columns], working: Working) -> _Tally:
    tally = _Tally()
    for chunk in working.matching.all(chunks):
        tally.add(chunk)
    return tally


def _headline(tally: _Tally, working: Working, before: str = "") -> AnswerLine:
    first, last = min(tally.times), max(tally.times)
    when = f"at {working.at(first)}" if first == last else f"{working.at(first)} to {working.at(last)}"
    return AnswerLine(f"{before}{many(len(tally), 'event')}{working.told()}; {when}.", spread(tally.ids))


def _rate(chunks: Iterable[Columns], working: Working) -> Counted | None:
    plan = working.plan
    unit = UNIT_MS[plan.by]
    # Of the same place and time, whatever the level: what the share is of.
    subject = plan.subject
    around = Subject(groups=subject.groups, streams=subject.streams).within(subject.start, subject.end)
    whose = replace(subject, levels=(), status="", texts=(), kinds=(), ids=())
    if whose != subject:
        # Of the errors with tenant=acme the share in all with tenant=acme.
        around = whose
    all_of = Matching(around)
    there = working.told(Subject(fields=around.fields))
    tally, everything = _Tally(), 0
    for chunk in chunks:
        everything += len(all_of.of(chunk))
        tally.add(working.matching.of(chunk))
    if not tally:
        return working.none()
    start, end = working.span
    by_unit = Counter(moment // unit for moment in tally.times)
    peak, most = max(by_unit.items(), key=lambda item: (item[1], -item[0]))
    peak_ids = [row for row, moment in zip(tally.ids, tally.times, strict=True) if moment // unit == peak]
    rate = len(tally) * unit / max(1, end - start)
    headline = AnswerLine(
        f"{rate:,.3g} a {plan.by}: {many(len(tally), 'event')}{working.told()} in "
        f"{human_duration(max(0, end - start))}; {100 * len(tally) / everything:.3g} % of "
        f"{many(everything, 'event')} there{there}.",
        spread(tally.ids),
    )
    top = AnswerLine(f"most in one {plan.by}: {most:,}, from {working.at(peak * unit)}", spread(peak_ids))
    return Counted(headline, (top, *tally.rows()), working.limits)


def _edge(chunks: Iterable[Columns], working: Working) -> Counted:
    """The first or the last few, and of the stream of the very one what came before it."""
    plan = working.plan
    first = plan.verb is Verb.FIRST
    kept: deque[AnswerLine] = deque(maxlen=plan.top)
    seen = 0
    times: list[int] = []
    ways: dict[tuple[str, str], deque[AnswerLine]] = {}
    before: list[AnswerLine] = []
    for chunk in chunks:
        hits = working.matching.of(chunk)
        met = set(hits.ids) if plan.before else set()
        for place in range(len(hits)):
            seen += 1
            if not first or len(kept) < plan.top:
                kept.append(working.line(hits, place))
                times.append(hits.timestamps[place])
        if not plan.before or (first and before):
            continue
        for place, row in enumerate(chunk.ids):
            way = ways.setdefault((chunk.groups[place], chunk.streams[place]), deque(maxlen=_BEFORE))
            if row in met:
                before = [*way]
                if first:
                    break
            way.append(working.line(chunk, place))
    if not kept:
        return working.none()
    rows = list(kept) if first else list(reversed(kept))
    limits = list(working.limits)
    if first and working.at_start(times[0]):
        limits.append("It stands at the very beginning of the window: there may be earlier ones before that.")
    of = f"of {many(seen, 'event')}{working.told()}"
    name = "first" if first else "last"
    if len(rows) > 1:
        ids = tuple(row for line in rows for row in line.events)
        return Counted(AnswerLine(f"The {name} {len(rows)} {of}:", ids), tuple(rows), tuple(limits))
    headline = AnswerLine(f"The {name} {of}: {rows[0].text}", rows[0].events)
    if not plan.before:
        return Counted(headline, (), tuple(limits))
    told = [AnswerLine(f"before it: {line.text}", line.events) for line in before]
    if not told:
        limits.append("Nothing stands before it in its stream.")
    elif len(ways) > 1:
        limits.append("What came before is told of its own stream.")
    return Counted(headline, tuple(told), tuple(limits))


def _began(chunks: Iterable[Columns], working: Working) -> Counted:
    tally = _tallied(chunks, working)
    if not tally:
        return working.none()
    first = min(tally.times)
    if working.at_start(first):
        said = (
            f"It was there already when the window begins, at {working.at(working.span[0])}: the first of "
            f"{many(len(tally), 'event')}{working.told()} came at {working.at(first)}."
        )
    else:
        said = f"At {working.at(first)} came the first of {many(len(tally), 'event')}{working.told()}."
    place = tally.times.index(first)
    return Counted(AnswerLine(said, (tally.ids[place],)), tally.rows(), working.limits)


def _ended(chunks: Iterable[Columns], working: Working) -> Counted:
    tally = _tallied(chunks, working)
    if not tally:
        return working.none()
    times = sorted(tally.times)
    last = times[-1]
    end = working.span[1]
    quiet = max(0, end - last)
    usual = max((later - earlier for earlier, later in pairwise(times)), default=0)
    of = f"of {many(len(tally), 'event')}{working.told()} came at {working.at(last)}"
    if quiet > max(_QUIET_MS, 2 * usual):
        said = f"The last {of}; none in the {human_duration(quiet)} from there to the end, {working.at(end)}."
    else:
        said = f"It cannot be said to have stopped: the last {of}, {human_duration(quiet)} before the end."
    place = len(tally.times) - 1 - tally.times[::-1].index(last)
    return Counted(AnswerLine(said, (tally.ids[place],)), tally.rows(), working.limits)


def _ranked(chunks: Iterable[Columns], working: Working) -> Counted | None:
    return _common(chunks, working) if working.plan.by == "pattern" else ranked(chunks, working)


def _common(chunks: Iterable[Columns], working: Working) -> Counted:
    tally = _tallied(chunks, working)
    if not tally:
        return working.none()
    patterns = tally.miner.patterns()
    top = patterns[0]
    said = (
        f"{quote(top.text)}: {top.count:,} of {many(len(tally), 'event')}{working.told()}, the most of "
        f"{many(len(patterns), 'pattern')}."
    )
    headline = AnswerLine(said, spread(top.ids.tolist()))
    return Counted(headline, tally.rows(working.plan.top), working.limits)


def _follow(chunks: Iterable[Columns], working: Working) -> Counted:
    """The events of an id in order, and the first error among them."""
    ids: list[int] = []
    times: list[int] = []
    groups: dict[str, int] = {}
    lines: list[AnswerLine] = []
    wrong: list[AnswerLine] = []
    bad = 0
    for hits in working.matching.all(chunks):
        ids += hits.ids
        times += hits.timestamps
        for place in range(len(hits)):
            groups[hits.groups[place]] = groups.get(hits.groups[place], 0) + 1
            if len(lines) < _FOLLOWED:
                lines.append(working.line(hits, place))
            if hits.levels[place] in ERRORS:
                bad += 1
                if not wrong:
                    wrong.append(working.line(hits, place))
    if not ids:
        return working.none()
    where = f"in {', '.join(groups)}" if len(groups) <= 3 else f"in {len(groups)} log groups"
    errors = f"{bad:,} of level ERROR or FATAL" if bad else "none of level ERROR or FATAL"
    said = (
        f"{many(len(ids), 'event')}{working.told()} {where}, {working.at(min(times))} to "
        f"{working.at(max(times))} ({human_duration(max(times) - min(times))} between first and last); "
        f"{errors}."
    )
    first = [AnswerLine(f"first error: {line.text}", line.events) for line in wrong]
    limits = list(working.limits)
    if len(ids) > len(lines):
        limits.append(f"The first {len(lines)} of {len(ids):,} events are listed.")
    return Counted(AnswerLine(said, spread(ids)), (*first, *lines), tuple(limits))


_VERBS: dict[Verb, Callable[[Iterable[Columns], Working], Counted | None]] = {
    Verb.COUNT: _count,
    Verb.ANY: _count,
    Verb.RATE: _rate,
    Verb.FIRST: _edge,
    Verb.LAST: _edge,
    Verb.BEGAN: _began,
    Verb.ENDED: _ended,
    Verb.SLOWEST: slowest,
    Verb.DURATION: typical,
    Verb.MEMORY: biggest,
    Verb.MOST: _ranked,
    Verb.COMPARE: compared,
    Verb.FOLLOW: _follow,
}
