"""What changed against a baseline, one sentence each, and the patterns that only the baseline has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cwtui.core.timespec import human_duration
from cwtui.explain.beside import Parted, sliced
from cwtui.explain.bursts import bounds, bucket_counts, find_burst
from cwtui.explain.changed_fields import FIELDS_TOLD, FieldChange
from cwtui.explain.compare import CHANGED, STRONG, Exposure, Kind, Verdict, judge
from cwtui.explain.findings import LISTED, Ranked, many, quote, ranked_patterns, times_of
from cwtui.explain.paths import Parting
from cwtui.explain.slots import slot_values
from cwtui.explain.times import Moments
from cwtui.explain.values import BUCKETS, Baseline, Finding, PatternSummary, Scope, spread

CHANGES_TOLD = 12
WEAK_TOLD = 6
PATHS_TOLD = 2
_MOST = 0.6
"""The part of a pattern's events that a burst must hold to be called its change."""


@dataclass(slots=True)
class Changes:
    """Verdicts on the patterns of a window and of its baseline."""

    scope: Scope
    baseline: Baseline
    here: dict[str, Verdict] = field(default_factory=dict)
    """By id of the window's pattern."""
    gone: list[tuple[Ranked, Verdict]] = field(default_factory=list)
    """Patterns of the baseline alone, gravest first, numbered B1, B2, ..."""

    def rows(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Row ids of a few events of the baseline, as a digest names them."""
        chosen = spread(list(ids))
        return chosen if self.baseline.elsewhere else tuple(~row for row in chosen)

    def vanished(self, listed: int) -> tuple[PatternSummary, ...]:
        """The baseline's own patterns, as rows of the list, at most so many."""
        baseline = self.baseline
        start, end = (
            (baseline.start, baseline.end) if baseline.elsewhere else (self.scope.start, self.scope.end)
        )
        return tuple(
            PatternSummary(
                id=ranked.id,
                text=ranked.pattern.text,
                level=ranked.pattern.level,
                severity=ranked.severity,
                count=0,
                share=0.0,
                first=int(ranked.pattern.times.min()),
                last=int(ranked.pattern.times.max()),
                events=self.rows(ranked.pattern.ids.tolist()),
                per_bucket=tuple(bucket_counts(ranked.pattern.times, start, end).tolist()),
                slots=slot_values(ranked.pattern) if place < LISTED else (),
                change=verdict.kind,
                evidence=verdict.evidence,
            )
            for place, (ranked, verdict) in enumerate(self.gone[:listed])
        )


def changes_of(parts: Sequence[Parted], ranked: Sequence[Ranked], scope: Scope, before: int) -> Changes:
    """Judges every pattern; `before` is how many events the baseline has."""
    assert scope.baseline is not None
    baseline = replace(scope.baseline, events=before)
    result = Changes(scope, baseline)
    old_times = [part.before.times for part in parts if part.before is not None]
    start, end = baseline.start, baseline.end
    if not baseline.elsewhere and old_times:
        start = min(int(times.min()) for times in old_times)
        end = max(int(times.max()) for times in old_times) + 1
    exposure = Exposure(
        sum(part.counts[0] for part in parts),
        sum(part.counts[1] for part in parts),
        scope.end - scope.start if baseline.elsewhere else 0,
        baseline.end - baseline.start,
    )
    verdicts = judge(
        [part.counts[0] for part in parts],
        [part.counts[1] for part in parts],
        exposure,
        sliced(list(parts), (scope.start, scope.end), (start, end)),
    )
    names: Mapping[int, str] = {id(each.pattern): each.id for each in ranked}
    verdict_of_gone: dict[int, Verdict] = {}
    for part, verdict in zip(parts, verdicts, strict=True):
        if part.here is not None:
            result.here[names[id(part.here)]] = _bursting(part, verdict, scope)
        elif part.before is not None:
            verdict_of_gone[id(part.before)] = verdict
    gone = ranked_patterns([part.before for part in parts if part.before and not part.here])
    result.gone = [
        (replace(each, id=f"B{number}"), verdict_of_gone[id(each.pattern)])
        for number, each in enumerate(gone, 1)
    ]
    return result


def _bursting(part: Parted, verdict: Verdict, scope: Scope) -> Verdict:
    """The verdict, named a burst where most of what is more came in one stretch."""
    if verdict.kind is not Kind.MORE or part.here is None:
        return verdict
    burst = find_burst(bucket_counts(part.here.times, scope.start, scope.end))
    if burst is None or burst.events < _MOST * part.here.count:
        return verdict
    return replace(verdict, kind=Kind.BURSTING)


def change_findings(changes: Changes, ranked: Sequence[Ranked]) -> Iterable[Finding]:
    """The gravest changes, then what is new on little evidence, gravest first."""
    told: list[tuple[Ranked, Verdict]] = [
        *((each, changes.here[each.id]) for each in ranked if each.id in changes.here),
        *changes.gone,
    ]
    claimed = [item for item in told if item[1].kind in CHANGED]
    claimed.sort(key=lambda item: (-_severity(*item), -item[0].severity, item[1].evidence.p))
    weak = [item for item in told if item[1].kind is Kind.NEW_WEAK]
    weak.sort(key=lambda item: (-item[0].severity, -item[1].evidence.count))
    at = Moments(changes.scope.start, changes.scope.end)
    for each, verdict in [*claimed[:CHANGES_TOLD], *weak[:WEAK_TOLD]]:
        rows = each.pattern.ids.tolist()
        gone = verdict.kind is Kind.VANISHED
        yield Finding(
            str(verdict.kind),
            _severity(each, verdict),
            _sentence(each, verdict, changes, at),
            (each.id,) if int(each.id[1:]) <= LISTED and not gone else (),
            changes.rows(rows) if gone else spread(rows),
            verdict.evidence,
        )


def field_findings(
    fields: Sequence[FieldChange], baseline: Baseline, ranked: Sequence[Ranked]
) -> Iterable[Finding]:
    """The fields that differ most, and the numbers in slots of patterns."""
    there, here = baseline.spoken, baseline.counterpart
    ids = {each.pattern.text: each.id for each in ranked[:LISTED]}
    for change in fields[:FIELDS_TOLD]:
        evidence = change.evidence
        if change.quantiles is not None and change.quantiles_before is not None:
            now, then = (
                [f"{number:,.4g}{f' {change.unit}' if change.unit else ''}" for number in side]
                for side in (change.quantiles, change.quantiles_before)
            )
            said = f"p50 {then[0]} {there}, {now[0]} {here}; p95 {then[1]} {there}, {now[1]} {here}"
        else:
            value = quote(change.value or "", 60)
            said = (
                f"{value} in {change.share:.1%} of the lines that have it, {change.share_before:.1%} {there}"
            )
        subject = f"Field {change.path}"
        if change.template:
            behind = f' behind "{change.path}"' if change.path else ""
            subject = f"Numbers{behind} in {quote(change.template, 80)}"
        named = ids.get(change.template)
        yield Finding(
            "field",
            2,
            f"{subject}: {said} ({evidence.grade} evidence, {_p(evidence.p)}).",
            (named,) if named else (),
            change.events,
            evidence,
        )


def path_findings(
    parted: Sequence[Parting], steps: Mapping[int, Ranked], rows: Sequence[int]
) -> Iterable[Finding]:
    """Where failed requests leave the usual path; `steps` are the patterns by number, `rows` by position."""
    for parting in parted[:PATHS_TOLD]:
        after = steps[parting.after]
        named = [after]
        said = []
        for step in (parting.usually, parting.instead):
            said.append(quote(steps[step].pattern.text, 80) if step is not None else "nothing")
            named += [steps[step]] if step is not None else []
        yield Finding(
            "path",
            3,
            f"After {quote(after.pattern.text, 80)}, {said[0]} follows usually ({parting.usual:,} requests); "
            f"in {parting.failed:,} of {many(parting.failed_in_all, 'failed request')} {said[1]} came.",
            tuple(each.id for each in named if int(each.id[1:]) <= LISTED),
            spread([rows[position] for position in parting.events]),
        )


def untold(changes: Changes) -> tuple[int, int]:
    """How many changes, and how many weak ones, there are beyond those told."""
    verdicts = [*changes.here.values(), *(verdict for _, verdict in changes.gone)]
    claimed = sum(verdict.kind in CHANGED for verdict in verdicts)
    weak = sum(verdict.kind is Kind.NEW_WEAK for verdict in verdicts)
    return max(0, claimed - CHANGES_TOLD), max(0, weak - WEAK_TOLD)


def headline(changes: Changes) -> str:
    """How many patterns changed, in a clause; and how many events there were before."""
    baseline = changes.baseline
    kinds = [verdict.kind for verdict in changes.here.values()]
    kinds += [verdict.kind for _, verdict in changes.gone]
    more = sum(kind in (Kind.MORE, Kind.BURSTING) for kind in kinds)
    earlier = baseline.spoken == "before"
    counted = (
        (kinds.count(Kind.NEW), "new" if earlier else f"only {baseline.counterpart}"),
        (more, "more frequent"),
        (kinds.count(Kind.FEWER), "less frequent"),
        (kinds.count(Kind.VANISHED), "gone" if earlier else f"only {baseline.spoken}"),
        (kinds.count(Kind.NEW_WEAK), f"{'new' if earlier else 'only here'} on little evidence"),
    )
    said = ", ".join(f"{count:,} {word}" for count, word in counted if count)
    return f"against {described(baseline)}: {said or 'no pattern changed'}"


def described(baseline: Baseline) -> str:
    """`previous (12,000 events in 1h 00m)`."""
    events = many(baseline.events, "event")
    if not baseline.elsewhere:
        return f"the rest of what is loaded ({events})"
    return f"{baseline.name} ({events} in {human_duration(max(0, baseline.end - baseline.start))})"


def _severity(each: Ranked, verdict: Verdict) -> int:
    """An error that went away is good news; a change is worth a glance whatever it is."""
    if verdict.kind is Kind.NEW_WEAK:
        return max(1, each.severity - 1)
    if verdict.kind in (Kind.VANISHED, Kind.FEWER):
        return 2
    return max(2, each.severity)


def _sentence(each: Ranked, verdict: Verdict, changes: Changes, at: Moments) -> str:
    pattern, evidence, baseline = each.pattern, verdict.evidence, changes.baseline
    said = quote(pattern.text)
    first = at(int(pattern.times.min()))
    times, before = times_of(evidence.count), times_of(evidence.before)
    there, here = baseline.spoken, baseline.counterpart
    earlier = there == "before"
    grade = f"{evidence.grade} evidence"
    sure = f"({grade}, {_p(evidence.p)})."
    match verdict.kind:
        case Kind.NEW if earlier:
            return f"New: {said}, {times} since {first}, never before {sure}"
        case Kind.NEW:
            return f"Only {here}: {said}, {times} since {first}, not once {there} {sure}"
        case Kind.NEW_WEAK:
            why = (
                "a few may be chance"
                if evidence.count < STRONG
                else "what is here comes in bursts: it may be chance"
            )
            return f"Not seen {there}: {said}, {times} since {first} ({grade}: {why})."
        case Kind.VANISHED if earlier:
            return f"Gone: {said}, {before} before, not once now {sure}"
        case Kind.VANISHED:
            return f"Not {here}: {said}, {before} {there} {sure}"
        case Kind.BURSTING:
            scope = changes.scope
            counts = bucket_counts(pattern.times, scope.start, scope.end)
            burst = find_burst(counts)
            assert burst is not None
            start, end = bounds(scope.start, scope.end, burst.first, burst.last)
            width = human_duration(max(1, (scope.end - scope.start) // BUCKETS))
            return (
                f"Burst: {said}, {times}, {before} {there}; {burst.events:,} "
                f"of them from {at(start)} to {at(end)}, up to {burst.peak:,} in {width} {sure}"
            )
        case Kind.MORE:
            return f"More: {said}, {times}, {before} {there}, {evidence.ratio:.3g} times as often {sure}"
        case _:
            return f"Fewer: {said}, {times}, {before} {there}, 1/{1 / evidence.ratio:.3g} as often {sure}"


def _p(p: float) -> str:
    return f"p {p:.0e}" if p >= 1e-99 else "p < 1e-99"
