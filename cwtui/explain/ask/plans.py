"""From a question in plain English to a plan that code can carry out, or to nothing.

The whole question must be understood: a word that has no part in the plan makes it None, and the question
goes to retrieval. Half an answer looks like a whole one; that is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from cwtui.explain.ask.questions import ERRORS, Plan, Subject, Verb, Vocabulary
from cwtui.explain.ask.subjects import Reading, read
from cwtui.explain.ask.times import MOMENT, moment, time_of

_POLITE = re.compile(
    r"^(?:(?:please|hey|hi|ok|okay|so|and|now|just|quickly|"
    r"(?:can|could|would|will) you(?: please)?(?: tell me)?|(?:please )?tell me|do you know|"
    r"i (?:want|need|would like) to know|i wonder)\b,? ?)+"
)
_TRAILING = re.compile(r"(?: (?:please|thanks|thank you|in total|altogether|overall|so far|exactly))+$")
# "How many errors were there in checkout" asks for no more than "how many errors in checkout".
_EXISTS = re.compile(
    r"(?<=\w|») (?:(?:are|were|is|was) there|(?:do|did|have|can) (?:we|i|you) (?:have|get|got|see|seen"
    r"|had|find)|"
    r"(?:have |has )?(?:occurr?ed|happened|appeared)|(?:have |has )?been (?:logged|seen))"
    r"(?= (?:in|from|of|for|at|on|with|between|since|after|before|during|over|containing|per|by) )"
    r"(?<!what happened)"
)
_TOP = r"(?:top )?(?:(?P<top>\d{1,2}) )?"
_THERE = (
    r"(?: (?:are|were|is|was) (?:there|logged|seen|found|recorded)| (?:do|did|have|can) (?:we|i|you) "
    r"(?:have|get|got|see|seen|had|log|find)| (?:have |has )?(?:occurr?ed|happened|appeared|been "
    r"(?:logged|seen)))?"
)
_OCCUR = r"(?:occur|happen|appear|come|show up|logged|seen|reported|get logged)"
_HAS = (
    r"(?:has|had|have|logs?|logged|throws?|threw|throwing|produces?|produced|shows?|showed|gets?|got|saw"
    r"|sees?|reports?|"
    r"reported|raises?|raised|is (?:throwing|logging|producing|having)|are (?:throwing|logging|producing"
    r"|having)|hits?)"
)
_TAIL = r"(?P<tail> (?:in|of|from|for|on) .+)?"
_LAZY_TAIL = r"(?P<tail> (?:in|of|from|for|on) .+?)?"
_UNIT = r"(?P<unit>second|minute|hour)"
_REQUEST = (
    r"(?:(?:the )?(?:request|trace|invocation|correlation|call|transaction|lambda)(?: ?id)? |(?:the )?id )?"
)
_SLOW = r"(?P<what>requests?|invocations?|(?:lambda|function) (?:requests?|invocations?|calls?)|lambdas?)"


@dataclass(frozen=True, slots=True)
class _Asked:
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


_Form = Callable[[_Asked], Plan | None]


def within_of(reading: Reading) -> tuple[str, Subject]:
    """The words of a question without the time that it speaks of, and that time."""
    timed = time_of(reading.text, reading.vocabulary.end, reading.vocabulary.zone)
    if timed is None:
        return reading.text, Subject()
    text, start, end, _ = timed
    return text, Subject(start=start, end=_end(end, reading.vocabulary))


def _end(end: int | None, vocabulary: Vocabulary) -> int | None:
    """Of the first minutes of a window, given below zero, the moment in which they end."""
    return vocabulary.start - end if end is not None and end < 0 else end


def plan_of(question: str, vocabulary: Vocabulary) -> Plan | None:
    """What code has to work out to answer a question; None where it does not understand all of it."""
    reading = read(question, vocabulary)
    text = _TRAILING.sub("", _POLITE.sub("", reading.text)).strip()
    text = _EXISTS.sub("", text, count=1)
    if (plan := _before_and_after(text, reading)) is not None:
        return plan
    timed = time_of(text, vocabulary.end, vocabulary.zone)
    if timed is None:
        return None
    text, start, end, _ = timed
    end = _end(end, vocabulary)
    text = " ".join(text.split())
    for pattern, form in _FORMS:
        if (found := pattern.fullmatch(text)) is not None:
            plan = form(_Asked(found, reading))
            if plan is not None:
                return _timed(plan, start, end)
    return None


def _timed(plan: Plan, start: int | None, end: int | None) -> Plan:
    if start is None and end is None:
        return plan
    other = plan.other.within(start, end) if plan.other is not None else None
    return replace(plan, subject=plan.subject.within(start, end), other=other)


def _counted(verb: Verb) -> _Form:
    def form(asked: _Asked) -> Plan | None:
        subject = asked.subject()
        if subject is not None and "who" in asked.found.groupdict() and asked.found["who"]:
            named = asked.reading.place(asked.found["who"])
            subject = subject.merged(named) if named is not None else None
        return Plan(verb, subject) if subject is not None else None

    return form


def _rate(asked: _Asked) -> Plan | None:
    subject = asked.subject()
    return Plan(Verb.RATE, subject, by=asked.found["unit"]) if subject is not None else None


def _error_rate(asked: _Asked) -> Plan | None:
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    if place is None:
        return None
    subject = place.merged(Subject(levels=ERRORS))
    return Plan(Verb.RATE, subject, by="minute") if subject is not None else None


def _edge(asked: _Asked) -> Plan | None:
    subject = asked.subject()
    if subject is None:
        return None
    verb = Verb.FIRST if asked.found["edge"] in ("first", "earliest", "oldest") else Verb.LAST
    return Plan(verb, subject, top=asked.top(1) if "top" in asked.found.groupdict() else 1)


def _before_first(asked: _Asked) -> Plan | None:
    subject = asked.subject()
    verb = Verb.LAST if asked.found["edge"] in ("last", "latest", "most recent", "newest") else Verb.FIRST
    return Plan(verb, subject, top=1, before=True) if subject is not None else None


def _slowest(asked: _Asked) -> Plan | None:
    what = asked.found["what"] or "requests"
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    if place is None:
        return None
    by = "" if what.startswith("request") else "lambda"
    return Plan(Verb.SLOWEST, place, by=by, top=asked.top())


_FIGURES = {
    "median": "p50", "average": "mean", "avg": "mean", "typical": "p50", "maximum": "max", "minimum": "min",
}  # fmt: skip


def _figure(asked: _Asked) -> Plan | None:
    groups = asked.found.groupdict()
    place = asked.reading.place(groups["who"]) if groups.get("who") else Subject()
    figure = groups["figure"]
    by = "lambda" if groups.get("what") else ""
    return (
        Plan(Verb.DURATION, place, by=by, figure=_FIGURES.get(figure, figure)) if place is not None else None
    )


def _longer(asked: _Asked) -> Plan | None:
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    if place is None:
        return None
    unit = asked.found["per"]
    scale = 1.0 if unit.startswith("m") and unit[:3] != "min" else 60_000.0 if unit[0] == "m" else 1000.0
    by = "" if asked.found["what"].startswith(("request", "call")) else "lambda"
    return Plan(Verb.DURATION, place, by=by, over=float(asked.found["over"]) * scale)


def _memory(asked: _Asked) -> Plan | None:
    place = asked.reading.place(asked.found["who"]) if asked.found["who"] else Subject()
    return Plan(Verb.MEMORY, place) if place is not None else None


def _most(asked: _Asked) -> Plan | None:
    groups = asked.found.groupdict()
    subject = asked.subject() if "s" in groups else Subject()
    by = asked.reading.dimension(asked.found["by"])
    if subject is None or not by:
        return None
    extreme = groups.get("extreme") or "most"
    return Plan(
        Verb.MOST, subject, by=by, top=asked.top() if "top" in groups else 5, fewest=extreme != "most"
    )


def _different(asked: _Asked) -> Plan | None:
    subject = asked.subject() if asked.found["s"] else Subject()
    by = asked.reading.dimension(asked.found["by"])
    return Plan(Verb.MOST, subject, by=by, figure="different") if subject is not None and by else None


def _common(asked: _Asked) -> Plan | None:
    subject = asked.subject()
    return Plan(Verb.MOST, subject, by="pattern", top=asked.top()) if subject is not None else None


def _against(asked: _Asked) -> Plan | None:
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


def _baseline(asked: _Asked) -> Plan | None:
    what = asked.found["what"] or ""
    named = asked.reading.vocabulary.baseline
    same = what in ("", "the baseline", "baseline", named) or (
        named == "previous"
        and what in ("before", "the window before", "the previous window", "previous window")
    )
    last_week = named == "last-week" and what in ("last week", "the same time last week")
    return Plan(Verb.BASELINE) if (same or last_week or not named) else None


def _follow(asked: _Asked) -> Plan | None:
    id_ = asked.reading.an_id(asked.found["id"])
    return Plan(Verb.FOLLOW, Subject(ids=(id_,))) if id_ else None


_SPLIT = re.compile(
    rf"(?:compare|show|how do|how does|how did|what is the difference (?:between|in))?(?: me)? ?(?P<s>.*?)"
    rf" ?(?:compare |change |differ |look )?(?:the time |from )?"
    rf"before (?:and|vs\.?|versus|with|to|against) (?:the time )?after (?P<at>{MOMENT})"
)
_SINCE = re.compile(
    rf"what (?:has |is |was )?(?:changed|different|new)(?: in the logs)? (?:since|after|at) (?P<at>{MOMENT})"
)
_GREW = re.compile(
    rf"(?:are|were|is|was) there (?:more|fewer|less) (?P<s>.+?) (?:after|since) (?P<at>{MOMENT})"
    rf"(?: than before)?"
    rf"|did (?:the )?(?:number of |rate of )?(?P<s2>.+?) (?:increase|decrease|go up|go down|rise|fall"
    rf"|grow|change|"
    rf"drop) (?:after|since|at) (?P<at2>{MOMENT})"
)


def _before_and_after(text: str, reading: Reading) -> Plan | None:
    text = " ".join(text.split())
    for pattern in (_SPLIT, _SINCE, _GREW):
        if (found := pattern.fullmatch(text)) is None:
            continue
        parts = found.groupdict()
        said = (parts.get("s") or parts.get("s2") or "").strip()
        subject: Subject | None = Subject()
        if said and said not in ("the logs", "it", "things"):
            subject = reading.subject(said) or reading.place(said)
        at = moment(
            parts.get("at") or parts.get("at2") or "", reading.vocabulary.end, reading.vocabulary.zone
        )
        if subject is not None and at is not None:
            return Plan(Verb.COMPARE, subject, split=at)
    return None


def _compiled(*forms: tuple[str, _Form]) -> tuple[tuple[re.Pattern[str], _Form], ...]:
    return tuple((re.compile(pattern), form) for pattern, form in forms)


_EDGE = r"(?P<edge>first|earliest|oldest|last|latest|newest|most recent)"
_COUNT_HEAD = (
    r"(?:how many|(?:what is |give me |show me )?the (?:total )?(?:number|count) of|(?:total )?number of"
    r"|count(?: of| up)?)(?: the| all(?: the)?| of the)?"
)

_FORMS = _compiled(
    # A request or trace id, and what became of it.
    (rf"{_REQUEST}(?P<id>\S+)", _follow),
    (
        rf"(?:show|trace|follow|find|get|give|look up|look for|search(?: for)?|grep(?: for)?|list"
        rf"|display)(?: me)?"
        rf"(?: (?:all |the )*(?:events|lines|logs|messages|log lines)(?: of| for| with"
        rf"| from))? {_REQUEST}(?P<id>\S+)",
        _follow,
    ),
    (
        rf"(?:what (?:has )?happened (?:to|with|in|during|for|on) |what did |what about |where is "
        rf"|where was |where does )"
        rf"{_REQUEST}(?P<id>\S+)(?: do| appear| show up| occur)?",
        _follow,
    ),
    (rf"how long did {_REQUEST}(?P<id>\S+) (?:take|last|run)", _follow),
    # Per unit of time, and shares.
    (rf"{_COUNT_HEAD} (?P<s>.+?) (?:per|a|an|each|every) {_UNIT}{_THERE}{_TAIL}", _rate),
    (rf"(?:what (?:is|was) )?(?:the )?(?:rate of )?(?P<s>.+?) (?:per|a|an|each|every) {_UNIT}{_TAIL}", _rate),
    (r"(?:what (?:is|was) )?(?:the )?error (?:rate|ratio)(?: (?:in|of|for|on) (?P<who>.+))?", _error_rate),
    # By something.
    (
        rf"{_COUNT_HEAD} (?:different|distinct|unique) (?P<by>.+?)(?: (?:{_HAS}|with) (?P<s>.+))?{_THERE}",
        _different,
    ),
    (
        rf"{_COUNT_HEAD} (?P<s>.+?){_THERE} (?:per|by|for each|in each|for every|in every|grouped by) "
        rf"(?P<by>.+?){_TAIL}",
        _most,
    ),
    (
        rf"(?:show |list )?(?:me )?(?P<s>.+?) (?:per|by|for each|grouped by|broken down by) "
        rf"(?P<by>.+?){_TAIL}",
        _most,
    ),
    (
        rf"(?:which|what) {_TOP}(?P<by>.+?){_LAZY_TAIL} {_HAS} "
        r"(?:the )?(?P<extreme>most|fewest|least) (?P<s>.+)",
        _most,
    ),
    (rf"(?:which|what) {_TOP}(?P<by>.+?){_LAZY_TAIL} {_HAS} (?P<s>.+)", _most),
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:the )?{_TOP}(?P<by>.+?) (?:with|by) (?:the )?"
        rf"(?P<extreme>most|fewest|least)?(?: (?:number|count) of)? ?(?P<s>.+)",
        _most,
    ),
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:the )?{_TOP}(?:busiest|noisiest|loudest|chattiest)"
        rf" (?P<by>.+?)",
        _most,
    ),
    (rf"which (?P<by>.+?) (?:is|was|are|were) (?:the )?{_TOP}(?:busiest|noisiest|loudest|chattiest)", _most),
    (r"which (?P<by>.+?) (?:logs?|logged) (?:the )?(?P<extreme>most|least)", _most),
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:the )?{_TOP}most (?:common|frequent) (?P<s>.+)",
        _common,
    ),
    (r"(?:show me |list |what are )?(?:the )?top (?:(?P<top>\d{1,2}) )?(?P<s>.+)", _common),
    # The first and the last, and what came before.
    (
        rf"(?:(?:what|which|when|where|who) (?:is|was|are|were|did|does|do) )?(?:show |find |get |give "
        rf"|list )?(?:me )?"
        rf"(?:the )?(?:time of the )?{_EDGE} (?:(?P<top>\d{{1,2}}) )?(?P<s>.+?)(?: {_OCCUR})?",
        _edge,
    ),
    (rf"when (?:was|were|is|are) (?P<s>.+?) {_EDGE} (?:seen|logged|reported)", _edge),
    (rf"when did (?P<s>.+?) {_EDGE} {_OCCUR}", _edge),
    (
        rf"what (?:happened|came|was logged|is logged|is|was|were the (?:lines|events))(?: right| just"
        rf"| immediately| shortly)?"
        rf" before (?:the )?{_EDGE} (?P<s>.+)",
        _before_first,
    ),
    (rf"what (?:preceded|precedes) (?:the )?{_EDGE} (?P<s>.+)", _before_first),
    # Begin and end.
    (
        r"(?:when|at what time|what time) (?:did|do|does) (?P<s>.+?) (?:begin|start|first start"
        r"|start happening|"
        r"start occurring)",
        _counted(Verb.BEGAN),
    ),
    (
        r"since when (?:do|did|are|have|has|is) (?:we (?:have|had|see|seen) )?(?P<s>.+?)(?: there"
        r"| happening)?",
        _counted(Verb.BEGAN),
    ),
    (
        r"(?:when|at what time|what time) (?:did|do|does) (?P<s>.+?) (?:stop|end|cease|finish"
        r"|stop happening)",
        _counted(Verb.ENDED),
    ),
    (r"(?:has|have|did) (?P<s>.+?) (?:stop|stopped|end|ended|ceased?)", _counted(Verb.ENDED)),
    (
        r"(?:is|are) (?P<s>.+?) still (?:happening|occurring|there|coming|coming in|going on|being logged)",
        _counted(Verb.ENDED),
    ),
    (r"(?:is|are) there still (?:any )?(?P<s>.+)", _counted(Verb.ENDED)),
    # Slowest and biggest.
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:show |list |find |give )?(?:me )?(?:the )?{_TOP}"
        rf"(?:slowest|longest)(?: running|-running)?(?: (?P<top2>\d{{1,2}}))? {_SLOW}(?: (?:in|of|for|on"
        rf"|from) (?P<who>.+))?",
        _slowest,
    ),
    (
        rf"(?:what|which) {_TOP}{_SLOW} (?:(?:took|take|takes|ran|run) (?:the )?longest|(?:is|are|was"
        rf"|were) (?:the )?slowest)"
        r"(?: (?:in|of|for|on|from) (?P<who>.+))?",
        _slowest,
    ),
    (
        rf"how long did (?:the )?(?P<top>)(?:slowest|longest) {_SLOW} (?:take|run)(?: (?:in|of|on) "
        rf"(?P<who>.+))?",
        _slowest,
    ),
    (
        r"(?:(?:what|which) (?:is|was) )?(?:show me )?(?:the )?(?:highest|biggest|max|maximum|peak"
        r"|largest|most) memory"
        r"(?: (?:use|usage|used|consumption|footprint))?(?: (?:in|of|for|on|by) (?P<who>.+))?",
        _memory,
    ),
    (
        r"(?:who|what|which(?: (?:request|invocation|function|lambda))?) (?:used|uses|is using|needed"
        r"|needs|took|takes|"
        r"has|had|consumed|consumes) (?:the )?most memory(?: in (?P<who>.+))?",
        _memory,
    ),
    (
        r"(?:what (?:is|was) )?(?:the )?(?:request|invocation|function|lambda) (?:with|using) the (?:most"
        r"|highest|biggest)"
        r" memory(?: (?:use|usage|consumption))?(?: in (?P<who>.+))?",
        _memory,
    ),
    # Durations in figures.
    (
        r"(?:what (?:is|was) )?(?:the )?(?P<figure>p\d\d(?:\.\d)?|median|average|avg|mean|typical|max|min"
        r"|maximum|minimum)"
        r" (?:request |response )?(?P<what>(?:lambda|invocation|function) )?(?:duration|latency"
        r"|response time|run ?time)s?"
        r"(?: (?:in|of|for|on|from) (?P<who>.+))?",
        _figure,
    ),
    (
        rf"{_COUNT_HEAD} (?P<what>requests?|calls?|(?:lambda |function )?invocations?) (?:that |which )?"
        rf"(?:took|take|taking|ran|"
        r"were|are|lasted|lasting)? ?(?:longer|slower|more|over|above)(?: than)? (?P<over>\d{1,6}"
        r"(?:\.\d+)?) ?"
        r"(?P<per>ms|milliseconds?|s|secs?|seconds?|min|minutes?)(?: (?:in|of|for|on|from) (?P<who>.+))?",
        _longer,
    ),
    # Compare.
    (
        r"(?:compare|diff|what (?:has |is )?(?:changed|different|new)|how does (?:this|it) compare)(?: "
        r"(?:with|to|against|from|"
        r"since|compared (?:to|with)) (?P<what>the baseline|baseline|before|the (?:previous )?window"
        r"(?: before)?|"
        r"previous|previous window|the window before|yesterday|last week|last-week"
        r"|the same time last week))?",
        _baseline,
    ),
    (
        r"compare (?P<s>.+?) (?:in|of|between|for) (?P<one>\S+(?: \S+)?) (?:and|with|to|vs\.?|versus"
        r"|against) (?P<other>.+)",
        _against,
    ),
    (r"(?:compare|diff) (?P<one>.+?) (?:and|with|to|vs\.?|versus|against) (?P<other>.+)", _against),
    (r"(?P<one>.+?) (?:vs\.?|versus|compared (?:to|with)) (?P<other>.+)", _against),
    # How many, whether any, which.
    (
        r"(?:what|which) (?P<s>.+?) (?:did|does|do|has|have) (?P<who>.+?) (?:have|had|get|log|logged|throw|thrown|"
        r"report|reported|show|see|seen)",
        _counted(Verb.COUNT),
    ),
    (
        rf"how (?:many times|often) (?:did|does|do|has|have|was|were|is) (?P<s>.+?)(?: been)?(?: {_OCCUR}"
        rf"| occurred| happened)?{_TAIL}",
        _counted(Verb.COUNT),
    ),
    (
        rf"{_COUNT_HEAD} (?P<s>.+?) (?:did|does|do|has|have|had) (?P<who>.+?) (?:have|had|get|got|log"
        rf"|logged|throw|thrown|"
        r"produce|produced|report|reported|see|seen|raise|raised|hit)",
        _counted(Verb.COUNT),
    ),
    (rf"{_COUNT_HEAD} (?P<s>.+?){_THERE}", _counted(Verb.COUNT)),
    (r"(?:is|are|was|were) there (?:any |an |a |some )?(?P<s>.+)", _counted(Verb.ANY)),
    (
        r"(?:do|did|have|can) (?:we|you|i) (?:have|get|got|see|seen|had|find) (?:any |some )?(?P<s>.+)",
        _counted(Verb.ANY),
    ),
    (r"(?:did|do|does) (?:any |some )?(?P<s>.+?) (?:occur|happen|appear|show up|come)", _counted(Verb.ANY)),
    (
        r"(?:have|has) (?:there been )?(?:any |some |an |a )?(?P<s>.+?)(?: (?:occurred|happened|appeared"
        r"|been logged))",
        _counted(Verb.ANY),
    ),
    (r"(?:have|has) there been (?:any |some |an |a )?(?P<s>.+)", _counted(Verb.ANY)),
    (r"any (?P<s>.+)", _counted(Verb.ANY)),
    (
        r"(?:show|list|find|get|give|display|grep|search)(?: me)?(?: for)?(?: all| every)?(?: the"
        r"| of the)? (?P<s>.+)",
        _counted(Verb.COUNT),
    ),
    (r"(?:what|which) (?:are|were) (?:all )?(?:the )?(?P<s>.+)", _counted(Verb.COUNT)),
    (rf"(?:what|which) (?:kinds? of |types? of |sorts? of )?(?P<s>.+?){_THERE}", _counted(Verb.COUNT)),
    (r"(?P<s>.+)", _counted(Verb.COUNT)),
)
