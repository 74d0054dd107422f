"""The few events and patterns of a window that speak of a question, as a digest of their own.

Patterns are ranked first: by how rare the question's words are that their events hold, by how grave and
how rare they are themselves; then the events within them. The digest keeps the figures of the whole
window, so that whatever is said of a pattern is true of all its events, not of the few chosen.
"""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns
from cwtui.explain.ask.matching import Matching
from cwtui.explain.ask.questions import AnswerLine, Subject
from cwtui.explain.ask.terms import Term
from cwtui.explain.ask.working import said
from cwtui.explain.claim_words import stem
from cwtui.explain.digest import digest_and_patterns
from cwtui.explain.findings import GRAVE, many
from cwtui.explain.times import Moments
from cwtui.explain.values import Digest, PatternSummary, Scope

MOST_EVENTS = 20
MOST_PATTERNS = 12
_WORDS = 12
"""Words of a question that are looked for."""
_NEAR = 0.4
"""Patterns below this part of the best score are left out."""
_WORD = re.compile(r"[a-z0-9][a-z0-9']*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STOP = _words(
    "a about above after again all also am an and any are as at be because been before being below "
    "between both but by can cannot could did do does doing done down during each few for from further "
    "get gets give going got had has have having he her here him his how i if in into is it its just know "
    "let like log logs line lines event events message messages many me more most much my need no nor not "
    "now of off on once only or other our out over own please same say see seen she should show so some "
    "such tell than thank thanks that the their them then there these they thing things this those "
    "through time times to today too under until up us use used using very was we were what when where "
    "which while who whom why will with without would yes you your happen happened happening happens "
    "occur occurred look looks looking affected affect cause caused causes reason explain summary "
    "summarise summarize last first recent recently lately minute minutes hour hours ago since anything "
    "something everything nothing make made went wait start started long take took someone somebody "
    "anyone anybody ok okay fine still every compare compared count number unique different rate longest "
    "slowest fewest 5xx 4xx "
)
_GRAVE = _words(
    "wrong bad broken break broke problem problems issue issues fail failed failing fails failure "
    "failures error errors down outage incident crash crashed why cause caused "
)
"""Words that ask for what is grave."""
_ALIKE = {
    stem(word): tuple(alike)
    for word, alike in {
        "fail": ("fail", "error", "exception"),
        "timeout": ("timeout", "timed out"),
        "slow": ("slow", "latency", "timeout", "timed out"),
        "crash": ("crash", "panic", "fatal", "segfault", "exited"),
        "memory": ("memory", "oom"),
        "database": ("database", "postgres", "mysql", "db"),
        "deploy": ("deploy", "rollout", "updatefunctioncode", "updateservice"),
        "restart": ("restart", "started", "starting", "shutdown", "sigterm"),
        "permission": ("permission", "denied", "unauthorized", "forbidden"),
        "password": ("password", "login", "authentication"),
        "connect": ("connect", "refused", "unreachable"),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question."""

    headline: AnswerLine
    rows: tuple[AnswerLine, ...]
    digest: Digest | None
    """Of the patterns chosen, with the figures of the whole window; None where nothing speaks of it."""
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for."""

    words: tuple[str, ...]
    """As the question has them, for telling."""
    forms: tuple[tuple[str, ...], ...]
    """For each word what it may look like in a lower-case message."""
    grave: bool
    """Whether what is grave is asked for."""


def wanted_of(text: str, terms: Iterable[Term]) -> Wanted:
    """The words of a question, as `subjects.read` gives it, that tell one event from another."""
    found: dict[str, tuple[str, ...]] = {}
    for term in terms:
        name = f"{term.path}={term.text}" if term.kind == "pair" else term.text
        found[name] = (term.text.lower(),)
    text = re.sub(r"tim(?:ed|ing|e) out", "timeout", re.sub(r"«\d+»", " ", text))
    for word in _WORD.findall(text):
        if word in _STOP or word in _GRAVE or len(word) < 2:
            continue
        short = stem(word) if len(stem(word)) >= 4 else word.removesuffix("s")
        if not any(form.startswith(short) for forms in found.values() for form in forms):
            found[word] = _ALIKE.get(stem(word), tuple(dict.fromkeys((short, word))))
    words = dict(list(found.items())[:_WORDS])
    grave = any(word in _GRAVE for word in _WORD.findall(text))
    if not words:
        return Wanted((), (), True)
    return Wanted(tuple(words), tuple(words.values()), grave)


def retrieved(chunks: Iterable[Columns], scope: Scope, wanted: Wanted, within: Subject) -> Evidence:
    """The evidence for a question among the events of a time. Pure and deterministic."""
    looking = _Looking(wanted)
    start = scope.start if within.start is None else max(scope.start, within.start)
    end = scope.end if within.end is None else min(scope.end, within.end)
    if start < end:
        scope = replace(scope, start=start, end=end)
    elif scope.end:
        note = "The time that the question speaks of lies outside the window: all of the window was searched."
        within, scope = Subject(), replace(scope, notes=(*scope.notes, note))
    sifted = Matching(Subject().within(within.start, within.end)).all(chunks)
    digest, pattern_of = digest_and_patterns(looking.through(sifted), scope, sys.maxsize)
    if not digest.scope.events:
        return Evidence(AnswerLine("There are no events to look at."), (), None, digest.limits)
    chosen = _chosen(digest, pattern_of, looking)
    if not chosen:
        return Evidence(AnswerLine(_nothing(wanted, digest)), (), None, scope.notes)
    return _evidence(digest, chosen, looking, wanted)


class _Looking:
    """Reads the words each event holds while the events pass by."""

    def __init__(self, wanted: Wanted) -> None:
        self._tests = [_test(forms) for forms in wanted.forms]
        self._of_group: dict[str, int] = {}
        self.grave = wanted.grave
        self.masks = array("i")
        self.rows = array("q")

    def through(self, chunks: Iterable[Columns]) -> Iterator[Columns]:
        """The same chunks."""
        for chunk in chunks:
            for message, group in zip(chunk.messages, chunk.groups, strict=True):
                if (mask := self._of_group.get(group)) is None:
                    mask = self._of_group[group] = self._mask(group)
                self.masks.append(mask | self._mask(message))
            self.rows.extend(chunk.ids)
            yield chunk

    def _mask(self, text: str) -> int:
        lowered, mask = text.lower(), 0
        for bit, test in enumerate(self._tests):
            if test(lowered):
                mask |= 1 << bit
        return mask

    def weights(self) -> NDArray[np.float64]:
        """For every event the sum of the rarity of its words."""
        masks = np.array(self.masks, dtype=np.int64)
        weights = np.zeros(len(masks))
        for bit in range(len(self._tests)):
            held = (masks >> bit) & 1
            count = int(held.sum())
            # As BM25 has it, never below zero: a word in every event tells nothing.
            rarity = math.log(1 + (len(masks) - count + 0.5) / (count + 0.5))
            weights += held * rarity
        # Two words of a question beside each other tell more than each in a line of its own.
        held_words = sum(((masks >> bit) & 1 for bit in range(len(self._tests))), np.zeros(len(masks)))
        return weights * np.sqrt(held_words / max(1, len(self._tests)))


def _test(forms: tuple[str, ...]) -> Callable[[str], bool]:
    short = [form for form in forms if len(form) < 4]
    long = [form for form in forms if len(form) >= 4]
    pattern = (
        re.compile("|".join(rf"(?<![a-z0-9]){re.escape(form)}(?![a-z0-9])" for form in short))
        if short
        else None
    )

    def test(lowered: str) -> bool:
        return any(form in lowered for form in long) or (
            pattern is not None and pattern.search(lowered) is not None
        )

    return test


def _chosen(
    digest: Digest, pattern_of: NDArray[np.int64], looking: _Looking
) -> list[tuple[PatternSummary, list[int]]]:
    """The patterns that answer best, each with the positions of its best events, in their order."""
    weights = looking.weights()
    best = np.zeros(len(digest.patterns) + 1)
    np.maximum.at(best, pattern_of, weights)
    worded = bool(len(looking.masks)) and bool(np.any(weights > 0))
    if not worded and not looking.grave:
        return []
    scored = []
    for number, pattern in enumerate(digest.patterns, 1):
        held = float(best[number])
        if worded and held <= 0:
            continue
        gravity = max(0, pattern.severity - 2) * (1.0 if looking.grave else 0.5)
        rare = 0.1 * math.log(max(1, digest.scope.events) / max(1, pattern.count))
        scored.append((held + gravity + rare, number, pattern))
    scored.sort(key=lambda item: (-item[0], item[1]))
    if not worded and any(pattern.severity >= GRAVE - 1 for _, _, pattern in scored):
        scored = [item for item in scored if item[2].severity >= GRAVE - 1]
    if not scored:
        return []
    least = _NEAR * scored[0][0]
    kept = [item for item in scored if item[0] >= least][:MOST_PATTERNS]
    order = np.lexsort((np.arange(len(weights)), -weights))
    return _shared(kept, pattern_of[order], order, weights)


def _shared(
    kept: list[tuple[float, int, PatternSummary]],
    numbers: NDArray[np.int64],
    order: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> list[tuple[PatternSummary, list[int]]]:
    """Gives each pattern one event in turn, until there are enough: its best, first those far apart."""
    offers: list[list[int]] = []
    for _, number, _ in kept:
        mine = order[numbers == number]
        top = mine[weights[mine] >= weights[mine[0]] - 1e-9] if len(mine) else mine
        top = np.sort(top)
        ends = [int(top[0]), int(top[-1])] if len(top) else []
        between = [int(top[round(step * (len(top) - 1) / 6)]) for step in range(1, 6)] if len(top) else []
        # What holds none of the words speaks of nothing that was asked, though it says the same otherwise.
        speaking = [place for place in mine[:MOST_EVENTS] if weights[place] > 0]
        rest = [int(place) for place in (speaking or mine[:MOST_EVENTS])]
        offers.append(list(dict.fromkeys((*ends, *between, *rest))))
    taken: list[list[int]] = [[] for _ in kept]
    count, turn = 0, 0
    while count < MOST_EVENTS and any(len(offer) > turn for offer in offers):
        for mine_, offer in zip(taken, offers, strict=True):
            if count < MOST_EVENTS and len(offer) > turn:
                mine_.append(offer[turn])
                count += 1
        turn += 1
    return [(pattern, sorted(places)) for (_, _, pattern), places in zip(kept, taken, strict=True) if places]


def _evidence(
    digest: Digest, chosen: list[tuple[PatternSummary, list[int]]], looking: _Looking, wanted: Wanted
) -> Evidence:
    names = {pattern.id for pattern, _ in chosen}
    patterns = tuple(
        replace(pattern, events=tuple(looking.rows[place] for place in places)) for pattern, places in chosen
    )
    findings = tuple(
        finding for finding in digest.findings if finding.patterns and names.issuperset(finding.patterns)
    )
    rows = tuple(looking.rows[place] for place in sorted(place for _, places in chosen for place in places))
    count = len(rows)
    at = Moments(digest.scope.start, digest.scope.end)
    missing = _missing(looking, wanted)
    spoken = [word for word in wanted.words if word not in missing]
    those = "this line" if count == 1 else f"these {count} lines"
    found = f"({many(len(patterns), 'pattern')})"
    if spoken:
        said_so = f"No counted answer; {those} speak{'s' if count == 1 else ''} of {_listed(spoken)} {found}."
    else:
        nothing = f", and no event speaks of {_listed(missing)}" if missing else ""
        said_so = f"No counted answer{nothing}; the gravest of the time: {those} {found}."
    headline = AnswerLine(said_so, rows)
    lines = tuple(
        AnswerLine(
            f"{pattern.id} {pattern.count:,}x, {at(pattern.first)} to {at(pattern.last)}: "
            f"{said(pattern.text)}",
            pattern.events,
        )
        for pattern in patterns
    )
    matched = sum(1 for mask in looking.masks if mask)
    limits = [*digest.scope.notes]
    if matched > count:
        limits.append(f"{many(matched, 'event')} hold some of these words; {count} were chosen.")
    if missing and spoken:
        limits.append(f"No event speaks of {_listed(missing)}.")
    fresh = replace(
        digest,
        headline=headline.text,
        findings=findings,
        patterns=patterns,
        functions=(),
        limits=(*digest.limits, *limits),
        vanished=(),
    )
    return Evidence(headline, lines, fresh, tuple(limits))


def _missing(looking: _Looking, wanted: Wanted) -> tuple[str, ...]:
    held = 0
    for mask in set(looking.masks):
        held |= mask
    return tuple(word for bit, word in enumerate(wanted.words) if not held >> bit & 1)


def _nothing(wanted: Wanted, digest: Digest) -> str:
    among = many(digest.scope.events, "event")
    return f"No counted answer, and none of {among} speaks of {_listed(wanted.words)}."


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
