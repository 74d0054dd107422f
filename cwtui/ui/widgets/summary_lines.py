"""A digest as lines to choose from: what each says, and the events that Enter jumps to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from textual.content import Content

from cwtui.core.models import Level
from cwtui.core.text import middle, printable
from cwtui.core.timespec import human_duration
from cwtui.explain.compare import Kind
from cwtui.explain.narrate import Sentence
from cwtui.explain.values import Digest, Finding, FunctionSummary, PatternSummary

_MARKS = {5: ("▲", "$level-fatal"), 4: ("▲", "$level-error"), 3: ("△", "$level-warn")}
_QUIET_MARK = ("·", "$muted")
_ASCII_MARKS = {"▲": "!", "△": "*", "·": "-"}
_LEVELS = {
    Level.FATAL: "$level-fatal",
    Level.ERROR: "$level-error",
    Level.WARN: "$level-warn",
    Level.INFO: "$level-info",
}
_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " .:-=+*#@"
_SPARK = 16
"""Cells of a pattern's sparkline."""
PATTERNS_SHOWN = 16
_OF_PATTERNS = frozenset({"errors", "burst", "new", "new_weak", "more", "fewer", "bursting"})
"""Kinds of findings that tell of all events of their patterns; the others are about the events they cite."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the pane; a heading or a note cites nothing and cannot be chosen."""

    content: Content
    events: tuple[int, ...] = ()
    """Row ids, in the order in which Enter visits them."""
    before: tuple[int, ...] = ()
    """Those that lie in the window compared with, as `~id`: Enter shows them apart."""
    patterns: tuple[str, ...] = ()
    """Ids of the patterns of which it tells all events; empty where it is about `events` alone."""
    stretch: bool = False
    """It tells of these patterns only from the first of `events` to the last."""
    section: str = ""
    """`finding`, `function`, `pattern` or `said`."""
    key: str = ""
    """The same for what says the same in a digest that is made anew; foreign text."""

    @property
    def chosen(self) -> bool:
        """Whether it can be: there is something that it leads to."""
        return bool(self.events or self.before)


def digest_lines(digest: Digest, zone: tzinfo, *, ascii_only: bool = False) -> Iterator[Line]:
    """The whole pane, from the headline to what is missing."""
    yield Line(Content.styled(printable(digest.headline), "bold"))
    yield Line(Content.styled(_scope(digest, zone), "$muted"))
    if digest.findings:
        yield _heading("WHAT STANDS OUT")
        texts = {pattern.id: pattern.text for pattern in digest.patterns}
        for finding in digest.findings:
            yield _finding(finding, texts, ascii_only)
    if digest.functions:
        yield _heading("LAMBDA")
        for function in digest.functions:
            yield from _function(function, ascii_only)
    if digest.patterns:
        yield _heading(f"PATTERNS  {min(len(digest.patterns), PATTERNS_SHOWN)} of {digest.patterns_found}")
        for pattern in digest.patterns[:PATTERNS_SHOWN]:
            yield _pattern(pattern, ascii_only)
    if digest.limits:
        yield _heading("LIMITS")
        for limit in digest.limits:
            yield Line(Content.styled(printable(limit), "$muted"))


def _scope(digest: Digest, zone: tzinfo) -> str:
    scope = digest.scope
    if not scope.events:
        return ""
    start, end = (_clock(moment, zone) for moment in (scope.start, scope.end))
    said = f"{start} – {end}, {human_duration(max(0, scope.end - scope.start))}"
    return f"{said}, {printable(scope.filters)}" if scope.filters else said


def _heading(text: str) -> Line:
    return Line(Content.assemble("\n", (text, "bold $accent")))


def _finding(finding: Finding, texts: Mapping[str, str], ascii_only: bool) -> Line:
    mark, style = _MARKS.get(min(finding.severity, 5), _QUIET_MARK)
    shown = _ASCII_MARKS[mark] if ascii_only else mark
    events = tuple(row for row in finding.events if row >= 0)
    before = tuple(row for row in finding.events if row < 0)
    cited = " ".join(filter(None, (_cited(events, ascii_only), _cited(before, ascii_only, " before"))))
    return Line(
        Content.assemble((f"{shown} ", style), printable(finding.text), (f" {cited}", "$faint")),
        events,
        before,
        finding.patterns if finding.kind in _OF_PATTERNS else (),
        finding.kind == "burst",
        "finding",
        f"{finding.kind} {texts.get(finding.patterns[0], '') if finding.patterns else finding.text}",
    )


def _function(function: FunctionSummary, ascii_only: bool) -> Iterator[Line]:
    figures = [f"{function.invocations:,} invocations", f"p50 {function.p50:,.0f} ms"]
    figures += [f"p95 {function.p95:,.0f} ms", f"max {function.slowest:,.0f} ms"]
    figures.append(f"memory {function.memory_max}/{function.memory_size} MB")
    slowest = function.worst[0][2] if function.worst else ()
    name = middle(function.group, 40)
    yield Line(
        Content.assemble((f"{name}  ", "bold"), (" · ".join(figures), "$muted")),
        slowest,
        section="function",
        key=f"function {function.group}",
    )
    told = (
        ("timed out", function.timeouts, function.timeout_events, "$level-error"),
        ("failed", function.errors, function.error_events, "$level-error"),
        ("cold starts", function.cold_starts, function.cold_events, "$muted"),
    )
    for words, count, events, style in told:
        if count:
            yield Line(
                Content.assemble(
                    ("  ", ""), (f"{count:,} {words} ", style), (_cited(events, ascii_only), "$faint")
                ),
                events,
                section="function",
                key=f"{words} {function.group}",
            )


def _pattern(pattern: PatternSummary, ascii_only: bool) -> Line:
    style = _LEVELS.get(pattern.level, "$muted")
    spark = _sparkline(pattern.per_bucket, _ASCII_BARS if ascii_only else _BARS)
    return Line(
        Content.assemble(
            (f"{pattern.count:>6,} ", "bold"),
            (f"{spark} ", style),
            printable(pattern.text),
            (f" {pattern.id}", "$faint"),
            (_change(pattern), "$accent"),
        ),
        pattern.events,
        patterns=(pattern.id,),
        section="pattern",
        key=f"pattern {pattern.level} {pattern.text}",
    )


def said_lines(sentences: Sequence[Sentence]) -> Iterator[Line]:
    """A model's verified sentences, each with what it rests on."""
    for sentence in sentences:
        cites = f" [{', '.join(sentence.cites)}]" if sentence.cites else ""
        yield Line(
            Content.assemble(printable(sentence.text.strip()), (cites, "$faint")),
            tuple(row for row in sentence.events if row >= 0),
            tuple(row for row in sentence.events if row < 0),
            sentence.cites,
            section="said",
            key=sentence.text,
        )


def _change(pattern: PatternSummary) -> str:
    """How it stands to the baseline, in a word; nothing where it is as it was."""
    if pattern.change is None or pattern.change is Kind.SAME:
        return ""
    return " new?" if pattern.change is Kind.NEW_WEAK else f" {pattern.change}"


def _cited(events: Sequence[int], ascii_only: bool, where: str = "") -> str:
    """How many lines Enter goes through, as one word: a no-break space is measured otherwise than wrapped."""
    return f"{'>' if ascii_only else '→'}{len(events)}{where}" if events else ""


def _sparkline(buckets: Sequence[int], bars: str) -> str:
    width = max(1, len(buckets) // _SPARK)
    sums = [sum(buckets[place : place + width]) for place in range(0, len(buckets), width)][:_SPARK]
    top = max(sums, default=0) or 1
    return "".join(bars[0 if not value else max(1, round(value / top * (len(bars) - 1)))] for value in sums)


def _clock(moment: int, zone: tzinfo) -> str:
    try:
        return f"{datetime.fromtimestamp(moment / 1000, tz=zone):%d %b %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return str(moment)
