"""What a claim may rest on: the words, figures, times and kinds of what a model was shown, by id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cwtui.core.timespec import iso
from cwtui.explain.claim_words import stem, words_of
from cwtui.explain.values import Digest, Finding, PatternSummary

CLOCK = re.compile(r"(?<![\w:])(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?Z?(?![\w:-])")
DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
NUMBER = re.compile(
    r"(?<![\w.:/-])(\d[\d,]*(?:\.\d+)?)\s*"
    r"(%|percent\b|milliseconds?\b|ms\b|seconds?\b|secs?\b|s\b|minutes?\b|min\b|m\b|hours?\b|h\b|"
    r"kb\b|mb\b|gb\b|bytes?\b|x\b)?(?!\w)(?:\s+([a-z]+))?",
    re.IGNORECASE,
)
_UNITS = {
    "%": ("%", 1.0), "percent": ("%", 1.0), "ms": ("t", 1.0), "millisecond": ("t", 1.0), "s": ("t", 1e3),
    "sec": ("t", 1e3), "second": ("t", 1e3), "m": ("t", 6e4), "min": ("t", 6e4), "minute": ("t", 6e4),
    "h": ("t", 3.6e6), "hour": ("t", 3.6e6), "kb": ("b", 1e3), "mb": ("b", 1e6), "gb": ("b", 1e9),
    "byte": ("b", 1.0),
}  # fmt: skip
_QUOTES = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing a model was shown, redacted as it was."""

    text: str
    values: str = ""
    exemplar: str = ""


@dataclass(slots=True)
class Ground:
    """What one citation, or several together, support."""

    texts: list[str] = field(default_factory=list)
    stems: set[str] = field(default_factory=set)
    figures: list[tuple[float, str]] = field(default_factory=list)
    numbers: list[tuple[float, str]] = field(default_factory=list)
    """Those that stand in the log text itself: not how often anything came."""
    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)

    def add(self, other: Ground) -> None:
        for name in ("texts", "figures", "numbers", "first", "last", "moments"):
            getattr(self, name).extend(getattr(other, name))
        self.stems |= other.stems
        self.kinds |= other.kinds
        self.patterns |= other.patterns

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def grounds_of(digest: Digest, shown: Mapping[str, Shown]) -> dict[str, Ground]:
    """What each thing shown (`P1`, `F1`, ...) supports."""
    patterns = {pattern.id: pattern for pattern in digest.patterns}
    findings = {f"F{number}": finding for number, finding in enumerate(digest.findings, 1)}
    grounds = {name: _of_pattern(patterns[name], what) for name, what in shown.items() if name in patterns}
    for name, what in shown.items():
        if (finding := findings.get(name)) is not None:
            grounds[name] = _of_finding(finding, what, grounds)
            _lend(finding, what, grounds)
    return grounds


def _of_pattern(pattern: PatternSummary, shown: Shown) -> Ground:
    ground = Ground(texts=[shown.text, shown.values, shown.exemplar, pattern.level.name])
    ground.stems = {stem(word) for text in ground.texts for word in words_of(text)}
    ground.figures = [(pattern.count, ""), (100 * pattern.share, "%")]
    if pattern.evidence is not None:
        ground.figures += [(pattern.evidence.before, ""), (pattern.evidence.ratio, "")]
    ground.numbers = [value for text in (shown.text, shown.values) for value in values_in(text)]
    ground.first, ground.last = [iso(pattern.first)], [iso(pattern.last)]
    ground.patterns = {pattern.id}
    if pattern.change is not None:
        ground.kinds = {str(pattern.change)}
    return ground


def _of_finding(finding: Finding, shown: Shown, grounds: Mapping[str, Ground]) -> Ground:
    said = _QUOTES.sub(" ", shown.text)
    ground = Ground(texts=[shown.text], kinds={finding.kind})
    ground.stems = {stem(word) for word in words_of(shown.text)}
    ground.figures = values_in(CLOCK.sub(" ", DATE.sub(" ", said)))
    ground.numbers = values_in(shown.text)
    ground.moments = CLOCK.findall(said)
    for name in finding.patterns:
        if name in grounds:
            ground.add(grounds[name])
    return ground


def _lend(finding: Finding, shown: Shown, grounds: Mapping[str, Ground]) -> None:
    """A pattern may be said to do what a finding of it alone says."""
    name = finding.patterns[0] if finding.patterns else ""
    if (ground := grounds.get(name)) is None:
        return
    ground.kinds.add(finding.kind)
    if len(finding.patterns) == 1:
        said = _QUOTES.sub(" ", shown.text)
        ground.texts.append(said)
        ground.figures += values_in(CLOCK.sub(" ", DATE.sub(" ", said)))
        ground.moments += CLOCK.findall(said)


def named(name: str, text: str) -> bool:
    """Whether a text has a name, also as the last part of a dotted one, or the singular of it."""
    if within(name, text):
        return True
    part = name.removesuffix("s") if name.endswith(("exceptions", "errors", "timeouts")) else name
    return any(map(str.isalpha, part)) and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def within(token: str, text: str) -> bool:
    """Whether a token stands by itself in a text."""
    return re.search(rf"(?<![\w.]){re.escape(token)}(?![\w])", text) is not None


def clock_is(said: str, moment: str) -> bool:
    """Whether `10:12` or `10:12:30` is the clock of a moment, which may carry its date."""
    clock = moment.partition("T")[2] or moment
    return clock.startswith(said.zfill(5) if len(said) < 6 else said.zfill(8))


def values_in(text: str) -> list[tuple[float, str]]:
    """The numbers of a text with their dimension: time in ms, size in bytes, % or none."""
    return [measure(match)[:2] for match in NUMBER.finditer(text)]


def measure(match: re.Match[str]) -> tuple[float, str, float]:
    """(value, dimension, the grain it is written to), all in the dimension's own unit."""
    digits = match[1].replace(",", "")
    unit = (match[2] or "").lower()
    dimension, factor = _UNITS.get(unit) or _UNITS.get(unit.rstrip("s")) or ("", 1.0)
    decimals = len(digits.partition(".")[2])
    return float(digits) * factor, dimension, factor * 10.0**-decimals


def equal(value: float, grain: float, near: bool, known: tuple[float, str]) -> bool:
    """Whether a number is the known one, as far as it is written; "about" allows two percent."""
    number, dimension = known
    slack = 0.02 * number if near else grain / 2 if dimension or grain < 1 else 0.0
    return abs(value - number) <= slack + 1e-9
