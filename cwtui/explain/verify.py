"""Whether what a model says of a digest is so. Every rule is code; what fails one is not shown.

A claim rests on what it cites: patterns (`P1`) and findings (`F1`) as the model was shown them. It must
be about them (their words, not those of others), and every number, time, name, direction, order and
share in it must be theirs. That one thing caused another is said only where the cited text says it.
What cannot be told is rejected: a true sentence lost costs less than a false one shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cwtui.explain import claim_words as words
from cwtui.explain.claim_words import stem, words_of
from cwtui.explain.grounds import (
    CLOCK,
    DATE,
    NUMBER,
    Ground,
    Shown,
    clock_is,
    equal,
    grounds_of,
    measure,
    named,
    within,
)
from cwtui.explain.injection import addresses_ai
from cwtui.explain.times import Moments
from cwtui.explain.values import Digest, PatternSummary

MAX_CITES = 4
_MAX_CLAIM = 400
_LEAD = 40
"""Characters before a time in which it is said whether it is a first or a last one."""
_PLACEHOLDER = re.compile(r"\{\s*(P\d+)\.(count|share|first|last)\s*\}")
_COUNTED = re.compile(
    r"(?:times?|x|events?|errors?|lines?|messages?|failures?|warnings?|occurrences?|exceptions?|requests?|"
    r"invocations?|calls?|attempts?|retries|timeouts?|entries)$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|close to)\s*$", re.IGNORECASE
)
_TOKEN = re.compile(r"[^\s,;\"“”'’()\[\]]+")
_QUOTED = re.compile(r"[\"“”`]([^\"“”`]{1,200})[\"“”`]|(?<!\w)'([^']{2,200})'(?!\w)")
_NAMELIKE = re.compile(
    r"(?=.*[A-Za-z])(?=.*\d)[\w-]+|.*[/_@\\#=<>‹›$|~^*{}].*|\w[\w-]*(?:[.:]\w[\w-]*)+|[a-z]+[A-Z]\w*|"
    r"[A-Z][a-z]+[A-Z]\w*|[A-Z]{2,}\w*"
)
_OPEN_ENDINGS = ("ing", "ed")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_DENIED = re.compile(
    r"\b(could not|couldn't|cannot|can't|can not|unable to|not able to|failed to|fails to|\w+n't|not|never)"
    r"\s+(?:be\s+|been\s+)?([a-z]+)",
    re.IGNORECASE,
)
_ABSENT = re.compile(r"\b(?:no|without|none|nothing|nobody|neither)\s+[a-z]+")
_SINCE = re.compile(
    r"\b(?:since|began|begins?|start(?:s|ed|ing)?|first|from|onset|appeared)\b", re.IGNORECASE
)
_UNTIL = re.compile(r"\b(?:until|till|last|latest|ended|ends|stopped)\b", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:when(?:ever)?|while|once|as soon as|right after|immediately)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|preceded?s?|preceding|ahead of|prior to)\b", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|followed|follows|following)\b", re.IGNORECASE)
_RISING = {"more", "bursting", "burst"}
_FALLING = {"fewer", "vanished"}
_BEGINNING = {"new", "new_weak", "first_error", "onset"}
_ENDING = {"vanished"}


class Flaw(StrEnum):
    """Why a claim is not shown."""

    FORM = "not one plain sentence"
    UNCITED = "it cites nothing that was shown"
    SUBJECT = "it is about something else than it cites"
    NUMBER = "a number or time in it is not that of what it cites"
    NAME = "a name or word in it is not in what it cites"
    POLARITY = "it says the contrary, or a change that was not found"
    CAUSE = "it says a cause that was not found"


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a model with what it rests on; foreign text."""

    text: str
    cites: tuple[str, ...]


class Verifier:
    """Checks claims about one digest, of which a model was shown `shown` by id (`P1`, `F1`, ...)."""

    def __init__(self, digest: Digest, shown: Mapping[str, Shown]) -> None:
        self._at = Moments(digest.scope.start, digest.scope.end)
        self._patterns = {pattern.id: pattern for pattern in digest.patterns}
        self._groups = "\n".join(digest.scope.groups)
        self._errors = any(pattern.severity >= 4 for pattern in digest.patterns)
        self._grounds = grounds_of(digest, shown)

    @property
    def ids(self) -> tuple[str, ...]:
        """What may be cited."""
        return tuple(self._grounds)

    def rendered(self, claim: Claim) -> str:
        """The claim with `{P1.count}` and its like filled in."""
        return _PLACEHOLDER.sub(lambda match: self._figure(match[1], match[2]), claim.text)

    def flaw(self, claim: Claim) -> Flaw | None:
        """The first rule that the claim breaks; None where it may be shown."""
        if not claim.text.strip() or len(claim.text) > _MAX_CLAIM or _CONTROL.search(claim.text):
            return Flaw.FORM
        if addresses_ai(claim.text):
            return Flaw.FORM
        if (
            not claim.cites
            or len(claim.cites) > MAX_CITES
            or any(cite not in self._grounds for cite in claim.cites)
        ):
            return Flaw.UNCITED
        ground = Ground()
        for cite in dict.fromkeys(claim.cites):
            ground.add(self._grounds[cite])
        for match in _PLACEHOLDER.finditer(claim.text):
            lead = claim.text[max(0, match.start() - _LEAD) : match.start()]
            contrary = {"first": _UNTIL, "last": _SINCE}.get(match[2])
            meant = {"first": _SINCE, "last": _UNTIL}.get(match[2])
            if match[1] not in ground.patterns or (
                contrary and meant and contrary.search(lead) and not meant.search(lead)
            ):
                return Flaw.NUMBER
        text = _PLACEHOLDER.sub(" ", claim.text)
        if words.ADVICE.search(text) and not words.ADVICE.search(ground.text):
            return Flaw.FORM
        if words.CAUSAL.search(text) and not words.CAUSAL.search(ground.text):
            return Flaw.CAUSE
        return (
            self._names(text, ground)
            or self._times(text, ground)
            or self._numbers(text, ground)
            or self._subject(text, claim.cites, ground)
            or self._polarity(text, ground)
            or self._order(text, claim.cites)
        )

    def _figure(self, name: str, what: str) -> str:
        pattern = self._patterns.get(name)
        if pattern is None:
            return "?"
        if what == "count":
            return f"{pattern.count:,}"
        if what == "share":
            return f"{pattern.share:.1%}"
        return self._at(pattern.first if what == "first" else pattern.last)

    # ------------------------------------------------------------------ the rules

    def _names(self, text: str, ground: Ground) -> Flaw | None:
        known = f"{ground.text}\n{self._groups}".lower()
        flat = " ".join(known.split())
        for double, single in _QUOTED.findall(text):
            if " ".join((double or single).lower().split()).strip(" .,…") not in flat:
                return Flaw.NAME
        plain = DATE.sub(" ", CLOCK.sub(" ", text))
        for raw in _TOKEN.findall(plain):
            token = raw.strip(".:!?-–—…`")
            if not _NAMELIKE.fullmatch(token) or re.fullmatch(
                r"[\d.,]+(?:ms|s|m|h|x|%|[kmg]b)?", token, re.I
            ):
                continue
            if token in ("UTC", "AI", "ID") or named(token.lower(), known):
                continue
            return Flaw.NAME
        return None

    def _times(self, text: str, ground: Ground) -> Flaw | None:
        for match in CLOCK.finditer(text):
            lead = text[max(0, match.start() - _LEAD) : match.start()]
            allowed = [*ground.moments, *ground.first, *ground.last]
            if _UNTIL.search(lead):
                allowed = [*ground.moments, *ground.last] if not ground.last else ground.last
            elif _SINCE.search(lead) and ground.first:
                allowed = [*ground.first, *(ground.moments if "from" in lead.lower() else ())]
            if not any(clock_is(match[1], moment) for moment in allowed) and not within(
                match[1].lower(), ground.text.lower()
            ):
                return Flaw.NUMBER
        for date in DATE.findall(text):
            if not any(date in moment for moment in (*ground.first, *ground.last, ground.text)):
                return Flaw.NUMBER
        return None

    def _numbers(self, text: str, ground: Ground) -> Flaw | None:
        plain = DATE.sub(" ", CLOCK.sub(" ", text))
        for match in NUMBER.finditer(plain):
            value, dimension, grain = measure(match)
            near = _ABOUT.search(plain[: match.start()]) is not None
            bare = not dimension
            counted = bare and _COUNTED.match(match[3] or "") is not None
            # "50 orders" is how many came, whatever else in a line is 50; "10 messages" as the line has it.
            much = bare and (counted or (match[3] or "").endswith("s"))
            allowed = ground.figures if much else [*ground.figures, *ground.numbers]
            if any(equal(value, grain, near, each) for each in allowed if each[1] == dimension):
                continue
            if bare and within(f"{match[1]} {match[3]}".lower() if much else match[1], ground.text.lower()):
                continue
            return Flaw.NUMBER
        for word in re.findall(r"[a-z]+", plain.lower()):
            number = words.NUMBERS.get(word)
            if number and not any(value == number for value, _ in (*ground.figures, *ground.numbers)):
                return Flaw.NUMBER
        if re.search(r"\b(?:twice|doubled?|tripled?|halved|half)\b", plain, re.IGNORECASE) and not any(
            value in (2, 3, 0.5) for value, _ in ground.figures
        ):
            return Flaw.NUMBER
        return self._shares(plain, ground)

    def _shares(self, text: str, ground: Ground) -> Flaw | None:
        cited = [self._patterns[name] for name in ground.patterns]
        share = sum(pattern.share for pattern in cited)
        most = max((pattern.count for pattern in cited), default=0)
        least = min((pattern.count for pattern in cited), default=0)
        if words.ABSOLUTE.search(text) and share < 0.999 and not words.ABSOLUTE.search(ground.text):
            return Flaw.NUMBER
        if (rate := words.RATE.search(text)) and not within(rate[0].lower(), ground.text.lower()):
            return Flaw.NUMBER
        if any(most < least for word, least in words.LEAST.items() if word in text.lower().split()):
            return Flaw.NUMBER
        if words.MAJORITY.search(text) and share < 0.5:
            return Flaw.NUMBER
        if cited and words.OFTEN.search(text) and most < 3 and not words.OFTEN.search(ground.text):
            return Flaw.NUMBER
        if cited and words.SELDOM.search(text) and least > 5 and not words.SELDOM.search(ground.text):
            return Flaw.NUMBER
        if cited and re.search(r"\bonce\b", text) and least > 1:
            return Flaw.NUMBER
        return None

    def _subject(self, text: str, cites: Sequence[str], ground: Ground) -> Flaw | None:
        said = {stem(word) for word in words_of(text) if word.lower() not in words.LITTLE}
        supported = said & ground.stems
        telling = supported - words.NARRATOR
        if not supported:
            return Flaw.SUBJECT
        for cite in cites:
            own = self._grounds[cite].stems
            rest = {word for other in cites if other != cite for word in self._grounds[other].stems}
            # A citation is there for a word that tells something, or for one that no other has.
            if not (own & telling if telling else own & supported) and not (own & supported) - rest:
                return Flaw.SUBJECT
        for name, other in self._grounds.items():
            # What is told by others and not by what is cited was said of them.
            if name not in cites and (said & other.stems) - ground.stems - words.NARRATOR:
                return Flaw.SUBJECT
        return self._unknown(text, ground.stems)

    def _unknown(self, text: str, known: Collection[str]) -> Flaw | None:
        """Words that are neither the cited text's nor a narrator's: a thing named so was invented."""
        loose = 0
        for place, word in enumerate(words_of(text)):
            short = stem(word)
            if word.lower() in words.LITTLE or short in known:
                continue
            if short in words.COMPONENTS:
                return Flaw.NAME
            if short in words.NARRATOR or word.lower() in words.NUMBERS:
                continue
            if (word[0].isupper() and place) or not word.lower().endswith(_OPEN_ENDINGS):
                return Flaw.NAME
            loose += 1
        return Flaw.NAME if loose > 1 else None

    def _polarity(self, text: str, ground: Ground) -> Flaw | None:
        said = {stem(word) for word in words_of(text)}
        kinds = ground.kinds
        for group, against, needed in (
            (words.ROSE, words.FELL, _RISING),
            (words.FELL, words.ROSE, _FALLING),
            (words.BEGAN, words.ENDED, _BEGINNING),
            (words.ENDED, words.BEGAN, _ENDING),
        ):
            used = said & group
            if group is words.ROSE and words.MORE_OFTEN.search(text):
                used = used | {"more"}
            if group is words.FELL and words.LESS_OFTEN.search(text):
                used = used | {"less"}
            if not used - ground.stems or kinds & needed:
                continue
            if group is words.BEGAN and not (ground.stems & against) and not _newness(text):
                continue
            return Flaw.POLARITY
        ill = words.ILL.search(ground.text) is not None or any(
            self._patterns[name].severity >= 4 for name in ground.patterns
        )
        for left, right in words.OPPOSITES:
            for one, other in ((left, right), (right, left)):
                if one in said and one not in ground.stems and other in ground.stems:
                    return Flaw.POLARITY
        negated = words.NEGATION.search(text) is not None
        failing = words.ILL.search(text) is not None
        if said & words.WELL - ground.stems and not (negated and ill):
            return Flaw.POLARITY
        if failing and not ill:
            return Flaw.POLARITY
        if negated and not self._may_deny(text, ground, failing, ill):
            return Flaw.POLARITY
        denied = {verb.lower() for _, verb in _DENIED.findall(text)}
        for _, verb in _DENIED.findall(ground.text):
            if verb.endswith("ed") and verb not in denied and within(verb.lower(), text.lower()):
                return Flaw.POLARITY
        if not negated and not failing:
            refused = {stem(verb) for _, verb in _DENIED.findall(ground.text)}
            if said & refused:
                return Flaw.POLARITY
        return None

    def _may_deny(self, text: str, ground: Ground, failing: bool, ill: bool) -> bool:
        if re.search(r"\b(?:not|never) (?:seen )?(?:before|in the baseline)\b", text, re.IGNORECASE):
            return bool(ground.kinds & {"new", "new_weak"})
        if re.search(r"\bno longer\b", text, re.IGNORECASE):
            return bool(ground.kinds & _ENDING)
        if failing and re.search(r"\bno (?:errors?|failures?)\b", text, re.IGNORECASE):
            return not self._errors
        known = " ".join(ground.text.lower().split())
        for absent in _ABSENT.findall(text.lower()):
            if not within(" ".join(absent.split()), known):
                return False
        denied = {stem(verb) for _, verb in _DENIED.findall(ground.text)}
        for how, verb in _DENIED.findall(text):
            if stem(verb) in denied:
                continue
            # That something "could not be" done says in other words that it failed.
            able = how.lower() not in ("not", "never") and how.lower()[:3] in (
                "cou",
                "can",
                "una",
                "not",
                "fai",
            )
            if not (able and ill) or words.ILL.search(verb):
                return False
        return ill or words.NEGATION.search(ground.text) is not None

    def _order(self, text: str, cites: Sequence[str]) -> Flaw | None:
        """Of "A before B" and "A after B", each side told by one cited pattern: whether A came first.

        That one came just when another did is more than the digest says.
        """
        if (match := _WHEN.search(text)) is not None:
            left, right = self._side(text[: match.start()], cites), self._side(text[match.end() :], cites)
            if left is not None and right is not None and left.id != right.id:
                return Flaw.POLARITY
        for pattern, earlier in ((_BEFORE, True), (_AFTER, False)):
            if (match := pattern.search(text)) is None:
                continue
            passive = bool(re.search(r"\b(?:was|were|is|are) (?:followed|preceded)", text[: match.end()]))
            if match[0].lower() == "followed" and passive:
                earlier = True
            elif match[0].lower() == "preceded" and passive:
                earlier = False
            left, right = self._side(text[: match.start()], cites), self._side(text[match.end() :], cites)
            if not text[: match.start()].strip():
                head, _, tail = text[match.end() :].partition(",")
                right, left = self._side(head, cites), self._side(tail, cites)
            if left is None or right is None or left.id == right.id:
                continue
            if (left.first < right.first) is not earlier and left.first != right.first:
                return Flaw.POLARITY
        return None

    def _side(self, text: str, cites: Sequence[str]) -> PatternSummary | None:
        """The one cited pattern whose words a part of a sentence uses most."""
        said = {stem(word) for word in words_of(text)} - words.LITTLE
        scored = sorted(
            (
                (len(said & self._grounds[name].stems), name)
                for name in {name for cite in cites for name in self._grounds[cite].patterns}
            ),
            reverse=True,
        )
        if not scored or not scored[0][0] or (len(scored) > 1 and scored[0][0] == scored[1][0]):
            return None
        return self._patterns[scored[0][1]]


def _newness(text: str) -> bool:
    return re.search(r"\bnew(?:ly)?\b", text, re.IGNORECASE) is not None
