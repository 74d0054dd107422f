"""What each form of question asks for: from its parts, as an expression found them, to a plan or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from cwtui.explain.ask.questions import ERRORS, Plan, Subject, Verb
from cwtui.explain.ask.subjects import Reading


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form of question has to work with."""

    found: re.Match[str]
    reading: Reading

    def subject(self, name: str = "s") -> Subject | None:
        """The subject that a part of the question names; None where it names none, or not only one."""
        said = self.found[name] or ""
        # "errors per minute in checkout": what stands behind the middle belongs to the events too.
        tail = self.found.groupdict().get("tail") or "" if name == "s" else ""
        return self.reading.subject(f"{said}{tail}")

    def top(self, otherwise: int = 5) -> int:
        """How many are asked for; a hundred at most are looked at."""
        return max(1, min(20, int(self.found["top"]))) if self.found["top"] else otherwise


Form = Callable[[Asked], Plan | None]


def counting(verb: Verb) -> Form:
    def form(asked: Asked) -> Plan | None:
        subject = asked.subject()
        if subject is not None and "who" in asked.found.groupdict() and asked.found["who"]:
            named = asked.reading.place(asked.found["who"])
            subject = subject.merged(named) if named is not None else None
        return Plan(verb, subject) if subject is not None else None

    return form


def rate(asked: Asked) -> Plan | None:
    subject = asked.subject()
    return Plan(Verb.RATE, subject, by=asked.found["unit"]) if subject is not None else None


def error_rate(asked: Asked) -> Plan | None:
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    if place is None:
        return None
    subject = place.merged(Subject(levels=ERRORS))
    return Plan(Verb.RATE, subject, by="minute") if subject is not None else None


def edge(asked: Asked) -> Plan | None:
    subject = asked.subject()
    if subject is None:
        return None
    verb = Verb.FIRST if asked.found["edge"] in ("first", "earliest", "oldest") else Verb.LAST
    return Plan(verb, subject, top=asked.top(1) if "top" in asked.found.groupdict() else 1)


def before_first(asked: Asked) -> Plan | None:
    subject = asked.subject()
    verb = Verb.LAST if asked.found["edge"] in ("last", "latest", "most recent", "newest") else Verb.FIRST
    return Plan(verb, subject, top=1, before=True) if subject is not None else None


def slowest(asked: Asked) -> Plan | None:
    what = asked.found["what"] or "requests"
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    if place is None:
        return None
    by = "" if what.startswith("request") else "lambda"
    return Plan(Verb.SLOWEST, place, by=by, top=asked.top())


_FIGURES = {
    "median": "p50", "average": "mean", "avg": "mean", "typical": "p50", "maximum": "max", "minimum": "min",
}  # fmt: skip


def figure(asked: Asked) -> Plan | None:
    groups = asked.found.groupdict()
    place = asked.reading.place(groups["who"]) if groups.get("who") else Subject()
    figure = groups["figure"]
    by = "lambda" if groups.get("what") else ""
    return (
        Plan(Verb.DURATION, place, by=by, figure=_FIGURES.get(figure, figure)) if place is not None else None
    )


def longer(asked: Asked) -> Plan | None:
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    if place is None:
        return None
    unit = asked.found["per"]
    scale = 1.0 if unit.startswith("m") and unit[:3] != "min" else 60_000.0 if unit[0] == "m" else 1000.0
    by = "" if asked.found["what"].startswith(("request", "call")) else "lambda"
    return Plan(Verb.DURATION, place, by=by, over=float(asked.found["over"]) * scale)


def memory(asked: Asked) -> Plan | None:
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    return Plan(Verb.MEMORY, place) if place is not None else None


def most(asked: Asked) -> Plan | None:
    groups = asked.found.groupdict()
    subject = asked.subject() if "s" in groups else Subject()
    by = asked.reading.dimension(asked.found["by"])
    if subject is None or not by:
        return None
    extreme = groups.get("extreme") or "most"
    return Plan(
        Verb.MOST, subject, by=by, top=asked.top() if "top" in groups else 5, fewest=extreme != "most"
    )


def different(asked: Asked) -> Plan | None:
    subject = asked.subject() if asked.found["s"] else Subject()
    by = asked.reading.dimension(asked.found["by"])
    return Plan(Verb.MOST, subject, by=by, figure="different") if subject is not None and by else None


def common(asked: Asked) -> Plan | None:
    subject = asked.subject()
    return Plan(Verb.MOST, subject, by="pattern", top=asked.top()) if subject is not None else None


def against(asked: Asked) -> Plan | None:
    """Two subjects; what only one of them says of levels and words holds for both."""
    one, other = asked.subject("one"), asked.subject("other")
    common = asked.subject("s") if "s" in asked.found.groupdict() and asked.found["s"] else None
    if other is None or one is None:
        places = (asked.reading.place(asked.found["one"]), asked.reading.place(asked.found["other"]))
        if other is None:
            other = places[1]
            if one is not None and other is not None:
                # "errors in cart and checkout": the place of the second, the rest of the first.
                other = replace(one, groups=other.groups, streams=other.streams, fields=other.fields)
        if one is None and places[0] is not None and other is not None:
            one = places[0]
    if one is None or other is None or one == other:
        return None
    if common is not None:
        one, other = common.merged(one) or one, common.merged(other) or other
    return Plan(Verb.COMPARE, one, other)


def baseline(asked: Asked) -> Plan | None:
    what = asked.found["what"] or ""
    named = asked.reading.vocabulary.baseline
    same = what in ("", "the baseline", "baseline", named) or (
        named == "previous"
        and what in ("before", "the window before", "the previous window", "previous window")
    )
    last_week = named == "last-week" and what in ("last week", "the same time last week")
    return Plan(Verb.BASELINE) if (same or last_week or not named) else None


def follow(asked: Asked) -> Plan | None:
    id_ = asked.reading.an_id(asked.found["id"])
    return Plan(Verb.FOLLOW, Subject(ids=(id_,))) if id_ else None
