"""Which events a question is about: quoted text, ids, names and levels, read off its words.

The parts of a sentence are taken off one by one from its beginning; where one is not known, there is no
subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cwtui.core.models import Level
from cwtui.explain.ask.questions import ERRORS, Subject, Vocabulary, plain
from cwtui.explain.ask.terms import MARK, STATUS, Term, marked_text

_LEVELS: dict[str, tuple[Level, ...]] = {
    **dict.fromkeys(("error", "errors", "errs", "err"), ERRORS),
    **dict.fromkeys(("warning", "warnings", "warn", "warns"), (Level.WARN,)),
    **dict.fromkeys(("fatal", "fatals", "critical"), (Level.FATAL,)),
    **dict.fromkeys(("info", "infos"), (Level.INFO,)),
    **dict.fromkeys(("debug",), (Level.DEBUG,)),
}
_LEVEL = re.compile(
    r"(?:level )?(errors?|errs?|warnings?|warns?|fatals?|critical|infos?|debug)(?:[- ]level)?\b"
    r"(?:(?<=fatal) errors?\b|(?<=critical) errors?\b)?"
)
_NOUN = re.compile(
    r"(?:(?:log )?(?:events?|lines?|messages?|entry|entries|records?)|logs?|occurrences?(?: of)?|hits?"
    r"|matches|"
    r"responses?|instances?(?: of)?)\b"
)
_ARTICLE = re.compile(r"(?:the|a|an|any|all|some|these|those|of|different|kinds? of|types? of|log)\b")
_KIND: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words + r"\b"), kind)
    for words, kind in (
        (
            r"(?:(?:lambda|function|invocation) time[- ]?outs?|timed[- ]out (?:lambdas?|invocations?)|"
            r"(?:lambda )?invocations? (?:that |which )?(?:have |had )?tim(?:ed|ing) out)",
            "lambda timeouts",
        ),
        (r"(?:time[- ]?outs?|timed[- ]out requests?|timing out)", "timeouts"),
        (r"exceptions?", "exceptions"),
        (r"retr(?:y|ies)(?: attempts?)?", "retries"),
        (r"panics?", "panics"),
        (r"throttl(?:es?|ing|ed)(?: (?:errors?|exceptions?|requests?))?", "throttles"),
        (r"cold[- ]?starts?", "cold starts"),
        (r"(?:lambda )?invocations?", "invocations"),
        (r"(?:out[- ]of[- ]memory|oom)(?: (?:errors?|kills?|killed))?", "out of memory"),
    )
)
_HARMLESS = frozenset(("invocations", "cold starts", "retries"))
"""Kinds that are no errors: "invocation errors" are not the invocations."""
_CONTAINING = re.compile(
    r"(?:(?:that|which) )?(?:contain(?:ing|s)?|mention(?:ing|s)?|includ(?:ing|es?)|saying|says?|match"
    r"(?:ing|es)?)"
    r"(?: the)?(?: (?:word|text|string|phrase|term))? "
)
_WITH = re.compile(
    r"(?:with|having|of|for|about|where|whose|that (?:have|has)|which (?:have|has))(?: the| a| an)?"
    r"(?: (?:word|text|string|phrase|value))? "
)
_IN = re.compile(
    r"(?:in|from|on|of|for|by|at|inside)(?: the)?(?: (?:log )?(?:group|stream)| function| lambda| service)? "
)
_TWO_WORDS = re.compile(r"[a-z0-9]+ [a-z0-9]+(?= |$)")
_OR_PLACE = re.compile(r" (?:and|or)(?: in)?(?: the)? («\d+»|[a-z0-9/][\w./$\[\]-]*)(?= |$)")
_PLACE_NOUN = re.compile(r"(?: (?:log )?(?:group|stream)| function| lambda| service| logs)(?= |$)")
_ID = re.compile(
    r"(?:(?:with|for|of|in|from|by|having)(?: the)? )?(?:(?:request|trace|correlation|invocation|order"
    r"|session|user|id)"
    r"(?: ?id)? )?«(\d+)»"
)
_NUMBERED = re.compile(
    r"(?:(?:with|where|for|of|having|by|from)(?: the| a)? )?([a-z][\w. -]{0,40}?) (?:is |of |= ?)?"
    r"(\d[\w.-]*|«\d+»)(?= |$)"
)
_VALUED = re.compile(
    r"(?:with|where|for|of|by|from|in)(?: the)? ([a-z][\w.-]*(?: id)?) (?:is )?([a-z][\w-]*)(?= |$)"
)
# What is an error by its name.
_WRONG = re.compile(
    r"(?i)error|exception|timed?[- ]?out|fail|fault|refus|den(?:y|ied)|exhaust|reject|panic|abort|lost"
    r"|broken|cannot|could not|unable|invalid|missing|not found|unavailable|crash|killed"
)
_REGION = re.compile(r"(?i)(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-[a-z]+-\d")
# Fields that hold sentences: a word behind their name is none of their values.
_PROSE = frozenset(("message", "msg", "error", "err", "log", "text", "event", "exception", "body"))
# And those that the words of a question speak of anyway.
_SPOKEN = _PROSE | {"level", "severity", "lvl", "loglevel", "levelname", "status", "type", "kind"}
_JOINTS = frozenset((
    "in", "on", "of", "for", "from", "with", "by", "at", "to", "and", "or", "not", "the", "a", "an", "is",
    "are", "was", "were", "that", "which", "has", "have", "had", "level", "id", "field",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A question in lower case, marks in the places of its terms."""

    text: str
    terms: tuple[Term, ...]
    vocabulary: Vocabulary

    def an_id(self, said: str) -> str:
        """The id that a mark stands for, or empty."""
        found = MARK.fullmatch(said.strip())
        term = self.terms[int(found[1])] if found else None
        if term is None or term.kind not in ("id", "term"):
            return ""
        # `req-01501` is an id by itself, `v2` and `web-1` need not be.
        numbered = sum(map(str.isdigit, term.text)) >= 3 and not self.vocabulary.group(term.text)
        return term.text if term.kind == "id" or (numbered and "/" not in term.text) else ""

    def place(self, said: str) -> Subject | None:
        """Where: a log group, a stream, or a field that has that value."""
        said = re.sub(r"^(?:in |from |of |on |for |the )+", "", said.strip())
        said = _PLACE_NOUN.sub("", f" {said}").strip()
        said = re.sub(r"^(?:(?:log )?(?:group|stream)|function|lambda|service) ", "", said)
        term = self._term(said)
        if term is not None and term.kind == "pair":
            return self._pair(term)
        name = term.text if term is not None else said
        # "the payment webhook" is `payment-webhook`.
        name = name.replace(" ", "-")
        if not name:
            return None
        if groups := self.vocabulary.group(name):
            return Subject(groups=groups)
        if _REGION.fullmatch(name):
            # A stream may be named by it; what was meant is where all of it comes from.
            return None
        if streams := self.vocabulary.stream(name):
            return Subject(streams=streams)
        return self._valued(name)

    def _valued(self, name: str) -> Subject | None:
        """The events of which one field, and no other, has that value: "errors for acme"."""
        path = self.vocabulary.values.get(name.lower(), "")
        named = path and name.lower() not in _JOINTS and plain(path.rpartition(".")[2]) not in _SPOKEN
        return Subject(fields=((path, name),)) if named else None

    def dimension(self, said: str) -> str:
        """What to count by: group, function, stream, level, pattern, minute, hour, or a field's path."""
        name = re.sub(r"^(?:the|each|every|single|log|different) ", "", said.strip())
        for words, dimension in _DIMENSIONS:
            if words.fullmatch(name):
                return dimension
        term = self._term(name)
        name = term.text if term is not None else name
        return self.vocabulary.field(name) or (
            self.vocabulary.field(name.removesuffix("es")) or self.vocabulary.field(name.removesuffix("s"))
        )

    def subject(self, said: str) -> Subject | None:
        """The events that words name, all of the words; None where some of them say something else."""
        rest, subject, nouns = said.strip(), Subject(), 0
        while rest:
            step = self._step(rest, subject, first=nouns == 0)
            if step is None:
                return None
            rest, subject = step[0].strip(), step[1]
            nouns += 1
        return subject if nouns else None

    def _step(self, rest: str, so_far: Subject, *, first: bool) -> tuple[str, Subject] | None:
        """Takes the next words off; what is left, and the subject with what they say."""
        for taken, said in self._readings(rest, so_far):
            merged = so_far.merged(said)
            if merged is not None:
                return rest[taken:], merged
        if not first and (joined := re.match(r"(?:and|or) ", rest)):
            # Of the joints of a sentence only this one is simple: one level or another.
            found = _LEVEL.match(rest, joined.end())
            if found is not None and so_far.levels:
                both = tuple(sorted({*so_far.levels, *_LEVELS[found[1]]}))
                return rest[found.end() :], replace(so_far, levels=both)
        return None

    def _readings(self, rest: str, so_far: Subject) -> list[tuple[int, Subject]]:
        """What the first words may say, the likeliest first: how many characters, and what they add."""
        found: list[tuple[int, Subject]] = []
        if (match := re.match(r"«(\d+)»", rest)) is not None:
            found += self._of_term(match.end(), self.terms[int(match[1])], rest)
        if (match := _ID.match(rest)) is not None and self.terms[int(match[1])].kind == "id":
            found.append((match.end(), Subject(ids=(self.terms[int(match[1])].text,))))
        for words, kind in _KIND:
            if (match := words.match(rest)) is not None:
                end = _apposed(rest, match.end(), errors=kind not in _HARMLESS)
                found.append((end, Subject(kinds=(kind,))))
        if (match := STATUS.match(rest)) is not None and _at_end(rest, match.end()):
            end = match.end()
            noun = re.match(r" (?:errors?|responses?|status(?: codes?)?|answers?|requests?)\b", rest[end:])
            if noun is not None or not match[0].isdigit() or not so_far.bare:
                found.append((end + (noun.end() if noun else 0), Subject(status=match[1])))
        if (match := _LEVEL.match(rest)) is not None and not so_far.levels:
            found.append((match.end(), Subject(levels=_LEVELS[match[1]])))
        if (match := _NOUN.match(rest)) or (match := _ARTICLE.match(rest)):
            found.append((match.end(), Subject()))
        if (match := _CONTAINING.match(rest)) is not None:
            found += self._held(rest, match.end())
        if (match := _WITH.match(rest)) is not None:
            found += self._having(rest, match.end())
        if (match := _IN.match(rest)) is not None:
            found += self._placed(rest, match.end())
        if (match := _NUMBERED.match(rest)) is not None and (path := self.vocabulary.field(match[1])):
            term = self._term(match[2])
            found.append((match.end(), Subject(fields=((path, term.text if term else match[2]),))))
        if (match := _VALUED.match(rest)) is not None and match[2] not in _JOINTS:
            path = self.vocabulary.field(match[1])
            if path and plain(path.rpartition(".")[2]) not in _PROSE:
                found.append((match.end(), Subject(fields=((path, match[2]),))))
        found += self._named(rest)
        return found

    def _of_term(self, end: int, term: Term, rest: str) -> list[tuple[int, Subject]]:
        if term.kind == "pair":
            pair = self._pair(term)
            return [(_apposed(rest, end, errors=False), pair)] if pair is not None else []
        if term.kind == "id":
            return [(end, Subject(ids=(term.text,)))]
        if term.kind == "term" and (groups := self.vocabulary.group(term.text)):
            return [(end, Subject(groups=groups))]
        if term.kind == "term" and _REGION.fullmatch(term.text):
            # No line need say where it was sent from.
            return []
        wrong = _WRONG.search(term.text) is not None
        return [(_apposed(rest, end, errors=wrong), Subject(texts=(term.text,)))]

    def _held(self, rest: str, start: int) -> list[tuple[int, Subject]]:
        match = re.compile(r"«(\d+)»|([a-z][a-z0-9-]*)").match(rest, start)
        if match is None:
            return []
        if match[1] is not None:
            return self._of_text(match.end(), self.terms[int(match[1])])
        # One bare word: of two, nobody knows whether they are a phrase or the sentence goes on.
        return [(match.end(), Subject(texts=(match[2],)))]

    def _of_text(self, end: int, term: Term) -> list[tuple[int, Subject]]:
        if term.kind == "pair":
            return [(end, Subject(texts=(f"{term.path}={term.text}",)))]
        return [(end, Subject(texts=(term.text,)))]

    def _having(self, rest: str, start: int) -> list[tuple[int, Subject]]:
        if (match := re.compile(r"«(\d+)»").match(rest, start)) is not None:
            term = self.terms[int(match[1])]
            if term.kind == "term" and self.vocabulary.group(term.text):
                return []
            return self._of_term(match.end(), term, "")
        if (match := STATUS.match(rest, start)) is not None and _at_end(rest, match.end()):
            return [(match.end(), Subject(status=match[1]))]
        if (match := _LEVEL.match(rest, start)) is not None and match[0].startswith("level "):
            return [(match.end(), Subject(levels=_LEVELS[match[1]]))]
        if (match := _NUMBERED.match(rest, start)) is not None and (path := self.vocabulary.field(match[1])):
            term_ = self._term(match[2])
            return [(match.end(), Subject(fields=((path, term_.text if term_ else match[2]),)))]
        return []

    def _placed(self, rest: str, start: int) -> list[tuple[int, Subject]]:
        match = re.compile(r"(«\d+»|[a-z0-9/][\w./$\[\]-]*)").match(rest, start)
        if match is None:
            return []
        two = _TWO_WORDS.match(rest, start)
        if two is not None and (named := self.vocabulary.group(two[0].replace(" ", "-"))):
            noun = _PLACE_NOUN.match(rest, two.end())
            return [(noun.end() if noun else two.end(), Subject(groups=named))]
        place = self.place(match[1])
        if place is None:
            whole = re.compile(r"(?:the )?(?:window|logs?|groups|all groups|here)\b").match(rest, start)
            return [(whole.end(), Subject())] if whole is not None else []
        end = match.end()
        # One group or another: of the joints of a sentence this one can be told.
        while place.groups and (more := _OR_PLACE.match(rest, end)) is not None:
            other = self.place(more[1])
            if other is None or not other.groups:
                return []
            place, end = Subject(groups=tuple(dict.fromkeys((*place.groups, *other.groups)))), more.end()
        noun = _PLACE_NOUN.match(rest, end)
        return [(noun.end() if noun else end, place)]

    def _named(self, rest: str) -> list[tuple[int, Subject]]:
        """`checkout errors`: a log group's name before a noun."""
        match = re.match(
            r"([a-z][\w-]*)(?= (?:errors?|warnings?|events?|lines?|logs?|messages?|timeouts?|exceptions?)\b)",
            rest,
        )
        if match is None:
            return []
        if groups := self.vocabulary.group(match[1]):
            return [(match.end(), Subject(groups=groups))]
        valued = self._valued(match[1])
        return [(match.end(), valued)] if valued is not None else []

    def _pair(self, term: Term) -> Subject | None:
        if term.path.lower() in ("level", "severity") and (levels := _LEVELS.get(term.text.lower())):
            return Subject(levels=levels)
        path = self.vocabulary.field(term.path)
        return Subject(fields=((path, term.text),)) if path else None

    def _term(self, said: str) -> Term | None:
        found = MARK.fullmatch(said.strip())
        return self.terms[int(found[1])] if found else None


_DIMENSIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words), dimension)
    for words, dimension in (
        (r"(?:log )?groups?", "group"),
        (r"(?:lambda )?functions?|lambdas?", "function"),
        (r"(?:log )?streams?", "stream"),
        (r"(?:log )?levels?|severity", "level"),
        (
            r"(?:log )?(?:patterns?|templates?|messages?)|(?:kinds?|types?) of (?:messages?|errors?"
            r"|lines?|events?)",
            "pattern",
        ),
        (r"minutes?", "minute"),
        (r"hours?", "hour"),
    )
)


def read(question: str, vocabulary: Vocabulary) -> Reading:
    """A question with its terms marked and the rest in lower case, without what ends a sentence."""
    text, terms = marked_text(question, vocabulary)
    return Reading(text, terms, vocabulary)


def _apposed(rest: str, end: int, *, errors: bool = True) -> int:
    """Behind a noun that only says what a term is: of "NullPointerException errors" the errors, but not of
    "POST errors", which are those among all with POST.
    """
    said = "errors?|exceptions?|failures?|" if errors else ""
    noun = re.match(rf" (?:{said}events?|lines?|messages?|entries)\b", rest[end:])
    return end + (noun.end() if noun else 0)


def _at_end(rest: str, end: int) -> bool:
    return end == len(rest) or rest[end] == " "
