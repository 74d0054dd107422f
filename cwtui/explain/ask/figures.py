"""The slowest requests and the most memory: from Lambda's reports, or from fields that hold durations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cwtui.core.models import Columns
from cwtui.explain.ask.questions import AnswerLine, Counted
from cwtui.explain.ask.working import Working, said
from cwtui.explain.findings import many
from cwtui.explain.lambda_report import quantile, report_of
from cwtui.explain.values import spread
from cwtui.lang.envelope import fields_of, flatten

_REPORTS = "Lambda's REPORT lines"
_NAME = re.compile(
    r"(?i)^(?:request|response|total|execution|processing|query|upstream|http|api)?[_.-]?"
    r"(?:duration|elapsed|latency|took|responsetime|response_time|elapsedtime|elapsed_time|request_time|requesttime|rt)"
    r"[_.-]?(?P<unit>ms|millis|milliseconds|s|sec|secs|seconds|us|micros|ns|nanos)?$"
)
_HINT = re.compile(r"(?i)duration|elapsed|latency|took|response_?time|request_?time|\brt=")
_VALUE = re.compile(r"(\d{1,12}(?:\.\d{1,9})?) ?(ms|s|us|µs|ns|sec|seconds?|m|min)?")
_MS = {
    "ms": 1.0, "millis": 1.0, "milliseconds": 1.0, "s": 1e3, "sec": 1e3, "secs": 1e3, "second": 1e3,
    "seconds": 1e3, "us": 1e-3, "µs": 1e-3, "micros": 1e-3, "ns": 1e-6, "nanos": 1e-6, "m": 6e4, "min": 6e4,
}  # fmt: skip


@dataclass(slots=True)
class _Source:
    """Where durations come from, and the greatest of them."""

    name: str
    unit: str
    """`ms`, or empty where nothing says what they are counted in."""
    count: int = 0
    best: list[tuple[float, int, AnswerLine]] = field(default_factory=list)
    """(value below zero, its place among all, line): of equal ones the first comes first."""

    def add(self, value: float, line: AnswerLine, most: int) -> None:
        self.count += 1
        self.best.append((-value, self.count, line))
        if len(self.best) > 20 * most:
            self.trim(most)

    def trim(self, most: int) -> None:
        self.best.sort(key=lambda item: item[:2])
        del self.best[most:]

    def written(self, value: float) -> str:
        if not self.unit:
            return f"{value:g}"
        return f"{value / 1000:,.2f} s" if value >= 1000 else f"{value:,.4g} ms"


def typical(chunks: Iterable[Columns], working: Working) -> Counted | None:
    """A quantile or the mean of the durations of each source, or how many are longer than so much."""
    plan = working.plan
    values: dict[tuple[str, str], list[tuple[float, int, int]]] = {}
    for chunk in working.matching.all(chunks):
        for row, message in zip(chunk.ids, chunk.messages, strict=True):
            for name, unit, value in _durations(message, lambda_only=plan.by == "lambda"):
                found = values.setdefault((name, unit), [])
                found.append((value, len(found), row))
    # How long is longer than three seconds, where nothing says what is counted?
    known = {source: found for source, found in values.items() if plan.figure or source[1]}
    if not known:
        return None
    ordered = sorted(known, key=lambda source: (source[0] != _REPORTS, -len(known[source]), source))[:5]
    rows = []
    for name, unit in ordered:
        found = known[name, unit]
        source = _Source(name, unit, len(found))
        if not plan.figure:
            over = [row for value, _, row in found if value > plan.over]
            said = f"{len(over):,} of {len(found):,} took longer than {source.written(plan.over)}, by {name}"
            rows.append(AnswerLine(said, spread(over)))
            continue
        value = _figure(sorted(value for value, _, _ in found), plan.figure)
        near = min((abs(one - value), place, row) for one, place, row in found)[2]
        told = f"{plan.figure} {source.written(value)} by {name} ({len(found):,} of them)"
        rows.append(AnswerLine(told, (near,)))
    limits = list(working.limits)
    if len(known) < len(values):
        others = ", ".join(name for name, unit in sorted(values) if (name, unit) not in known)
        limits.append(f"Not looked at, for nothing says what they are counted in: {others}.")
    elif any(not unit for _, unit in ordered):
        limits.append("Nothing says what the figures without a unit are counted in.")
    if len(rows) > 1:
        limits.append("What different logs measure is not the same thing, and is not put together.")
    told = working.told().strip()
    headline = f"{f'{told}: ' if told else ''}{'; '.join(row.text for row in rows)}."
    ids = [row for line in rows for row in line.events]
    return Counted(
        AnswerLine(headline[0].upper() + headline[1:], spread(list(dict.fromkeys(ids)))),
        tuple(rows) if len(rows) > 1 else (),
        tuple(limits),
    )


def _figure(ordered: list[float], figure: str) -> float:
    if figure == "mean":
        return sum(ordered) / len(ordered)
    if figure in ("min", "max"):
        return ordered[0 if figure == "min" else -1]
    return quantile(ordered, float(figure[1:]) / 100)


def slowest(chunks: Iterable[Columns], working: Working) -> Counted | None:
    """The longest durations of each source; None where nothing tells of durations."""
    plan = working.plan
    sources: dict[tuple[str, str], _Source] = {}
    for chunk in working.matching.all(chunks):
        for place, message in enumerate(chunk.messages):
            found = _durations(message, lambda_only=plan.by == "lambda")
            for name, unit, value in found:
                source = sources.setdefault((name, unit), _Source(name, unit))
                line = AnswerLine(
                    f"{source.written(value)}  {working.at(chunk.timestamps[place])} {chunk.groups[place]}: "
                    f"{said(message)}",
                    (chunk.ids[place],),
                )
                source.add(value, line, plan.top)
    if not sources:
        return None
    ordered = sorted(
        sources.values(), key=lambda source: (source.name != _REPORTS, -source.count, source.name)
    )
    told, rows = list[str](), list[AnswerLine]()
    ids: list[int] = []
    for source in ordered[:3]:
        source.trim(plan.top)
        value, _, line = source.best[0]
        told.append(f"{source.written(-value)} by {source.name} ({source.count:,} of them)")
        ids += line.events
        if len(ordered) > 1:
            rows.append(AnswerLine(f"by {source.name}:"))
        rows += [line for _, _, line in source.best]
    limits = list(working.limits)
    if any(not source.unit for source in ordered[:3]):
        limits.append("Nothing says what the figures without a unit are counted in.")
    if len(ordered) > 3:
        limits.append(f"Also told, but not listed: {', '.join(source.name for source in ordered[3:8])}.")
    if len(ordered) > 1:
        limits.append("What different logs measure is not the same thing, and is not put in one order.")
    headline = AnswerLine(f"The slowest{working.told()}: {'; '.join(told)}.", tuple(ids))
    return Counted(headline, tuple(rows), tuple(limits))


def _durations(message: str, *, lambda_only: bool) -> list[tuple[str, str, float]]:
    """(where it stands, `ms` or nothing, value) for each duration of a message."""
    if (report := report_of(message)) is not None:
        return [(_REPORTS, "ms", report.duration)] if report.duration else []
    if lambda_only or _HINT.search(message) is None:
        return []
    found = []
    for path, value in flatten(fields_of(message) or {}).items():
        name = _NAME.match(path.rpartition(".")[2])
        if name is None or isinstance(value, bool):
            continue
        number = _VALUE.fullmatch(str(value).strip())
        if number is None:
            continue
        unit = (number[2] or name["unit"] or "").lower()
        found.append((f"field {path}", "ms" if unit else "", float(number[1]) * _MS.get(unit, 1.0)))
    return found


def biggest(chunks: Iterable[Columns], working: Working) -> Counted | None:
    """The invocations that used the most memory; None where no REPORT line tells of it."""
    best: list[tuple[int, int, AnswerLine]] = []
    count = 0
    for chunk in working.matching.all(chunks):
        for place, message in enumerate(chunk.messages):
            report = report_of(message)
            if report is None or not report.memory_used:
                continue
            count += 1
            line = AnswerLine(
                f"{report.memory_used} of {report.memory_size} MB  {working.at(chunk.timestamps[place])} "
                f"{chunk.groups[place]}: {report.request or said(message)}",
                (chunk.ids[place],),
            )
            best.append((-report.memory_used, count, line))
            if len(best) > 200:
                best = sorted(best, key=lambda item: item[:2])[: working.plan.top]
    if not best:
        return None
    best.sort(key=lambda item: item[:2])
    best = best[: working.plan.top]
    headline = AnswerLine(
        f"The most memory{working.told()}: {-best[0][0]} MB, of "
        f"{many(count, 'invocation')} that Lambda reports.",
        best[0][2].events,
    )
    return Counted(headline, tuple(line for _, _, line in best), working.limits)
