"""From a question in plain English to a plan that code can carry out, or to nothing.

The whole question must be understood: a word that has no part in the plan makes it None, and the question
goes to retrieval. Half an answer looks like a whole one; that is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cwtui.explain.ask.forms import (
    Asked,
    Form,
    against,
    baseline,
    before_first,
    common,
    counting,
    different,
    edge,
    error_rate,
    figure,
    follow,
    longer,
    memory,
    most,
    rate,
    slowest,
)
from cwtui.explain.ask.questions import Plan, Subject, Verb, Vocabulary
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
            plan = form(Asked(found, reading))
            if plan is not None:
                return _timed(plan, start, end)
    return None


def _timed(plan: Plan, start: int | None, end: int | None) -> Plan:
    if start is None and end is None:
        return plan
    other = plan.other.within(start, end) if plan.other is not None else None
    return replace(plan, subject=plan.subject.within(start, end), other=other)


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


def _compiled(*forms: tuple[str, Form]) -> tuple[tuple[re.Pattern[str], Form], ...]:
    return tuple((re.compile(pattern), form) for pattern, form in forms)


_EDGE = r"(?P<edge>first|earliest|oldest|last|latest|newest|most recent)"
_COUNT_HEAD = (
    r"(?:how many|(?:what is |give me |show me )?the (?:total )?(?:number|count) of|(?:total )?number of"
    r"|count(?: of| up)?)(?: the| all(?: the)?| of the)?"
)

_FORMS = _compiled(
    # A request or trace id, and what became of it.
    (rf"{_REQUEST}(?P<id>\S+)", follow),
    (
        rf"(?:show|trace|follow|find|get|give|look up|look for|search(?: for)?|grep(?: for)?|list"
        rf"|display)(?: me)?"
        rf"(?: (?:all |the )*(?:events|lines|logs|messages|log lines)(?: of| for| with"
        rf"| from))? {_REQUEST}(?P<id>\S+)",
        follow,
    ),
    (
        rf"(?:what (?:has )?happened (?:to|with|in|during|for|on) |what did |what about |where is "
        rf"|where was |where does )"
        rf"{_REQUEST}(?P<id>\S+)(?: do| appear| show up| occur)?",
        follow,
    ),
    (rf"how long did {_REQUEST}(?P<id>\S+) (?:take|last|run)", follow),
    # Per unit of time, and shares.
    (rf"{_COUNT_HEAD} (?P<s>.+?) (?:per|a|an|each|every) {_UNIT}{_THERE}{_TAIL}", rate),
    (rf"(?:what (?:is|was) )?(?:the )?(?:rate of )?(?P<s>.+?) (?:per|a|an|each|every) {_UNIT}{_TAIL}", rate),
    (r"(?:what (?:is|was) )?(?:the )?error (?:rate|ratio)(?: (?:in|of|for|on) (?P<who>.+))?", error_rate),
    # By something.
    (
        rf"{_COUNT_HEAD} (?:different|distinct|unique) (?P<by>.+?)(?: (?:{_HAS}|with) (?P<s>.+))?{_THERE}",
        different,
    ),
    (
        rf"{_COUNT_HEAD} (?P<s>.+?){_THERE} (?:per|by|for each|in each|for every|in every|grouped by) "
        rf"(?P<by>.+?){_TAIL}",
        most,
    ),
    (
        rf"(?:show |list )?(?:me )?(?P<s>.+?) (?:per|by|for each|grouped by|broken down by) "
        rf"(?P<by>.+?){_TAIL}",
        most,
    ),
    (
        rf"(?:which|what) {_TOP}(?P<by>.+?){_LAZY_TAIL} {_HAS} "
        r"(?:the )?(?P<extreme>most|fewest|least) (?P<s>.+)",
        most,
    ),
    (rf"(?:which|what) {_TOP}(?P<by>.+?){_LAZY_TAIL} {_HAS} (?P<s>.+)", most),
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:the )?{_TOP}(?P<by>.+?) (?:with|by) (?:the )?"
        rf"(?P<extreme>most|fewest|least)?(?: (?:number|count) of)? ?(?P<s>.+)",
        most,
    ),
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:the )?{_TOP}(?:busiest|noisiest|loudest|chattiest)"
        rf" (?P<by>.+?)",
        most,
    ),
    (rf"which (?P<by>.+?) (?:is|was|are|were) (?:the )?{_TOP}(?:busiest|noisiest|loudest|chattiest)", most),
    (r"which (?P<by>.+?) (?:logs?|logged) (?:the )?(?P<extreme>most|least)", most),
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:the )?{_TOP}most (?:common|frequent) (?P<s>.+)",
        common,
    ),
    (r"(?:show me |list |what are )?(?:the )?top (?:(?P<top>\d{1,2}) )?(?P<s>.+)", common),
    # The first and the last, and what came before.
    (
        rf"(?:(?:what|which|when|where|who) (?:is|was|are|were|did|does|do) )?(?:show |find |get |give "
        rf"|list )?(?:me )?"
        rf"(?:the )?(?:time of the )?{_EDGE} (?:(?P<top>\d{{1,2}}) )?(?P<s>.+?)(?: {_OCCUR})?",
        edge,
    ),
    (rf"when (?:was|were|is|are) (?P<s>.+?) {_EDGE} (?:seen|logged|reported)", edge),
    (rf"when did (?P<s>.+?) {_EDGE} {_OCCUR}", edge),
    (
        rf"what (?:happened|came|was logged|is logged|is|was|were the (?:lines|events))(?: right| just"
        rf"| immediately| shortly)?"
        rf" before (?:the )?{_EDGE} (?P<s>.+)",
        before_first,
    ),
    (rf"what (?:preceded|precedes) (?:the )?{_EDGE} (?P<s>.+)", before_first),
    # Begin and end.
    (
        r"(?:when|at what time|what time) (?:did|do|does) (?P<s>.+?) (?:begin|start|first start"
        r"|start happening|"
        r"start occurring)",
        counting(Verb.BEGAN),
    ),
    (
        r"since when (?:do|did|are|have|has|is) (?:we (?:have|had|see|seen) )?(?P<s>.+?)(?: there"
        r"| happening)?",
        counting(Verb.BEGAN),
    ),
    (
        r"(?:when|at what time|what time) (?:did|do|does) (?P<s>.+?) (?:stop|end|cease|finish"
        r"|stop happening)",
        counting(Verb.ENDED),
    ),
    (r"(?:has|have|did) (?P<s>.+?) (?:stop|stopped|end|ended|ceased?)", counting(Verb.ENDED)),
    (
        r"(?:is|are) (?P<s>.+?) still (?:happening|occurring|there|coming|coming in|going on|being logged)",
        counting(Verb.ENDED),
    ),
    (r"(?:is|are) there still (?:any )?(?P<s>.+)", counting(Verb.ENDED)),
    # Slowest and biggest.
    (
        rf"(?:(?:what|which) (?:is|are|was|were) )?(?:show |list |find |give )?(?:me )?(?:the )?{_TOP}"
        rf"(?:slowest|longest)(?: running|-running)?(?: (?P<top2>\d{{1,2}}))? {_SLOW}(?: (?:in|of|for|on"
        rf"|from) (?P<who>.+))?",
        slowest,
    ),
    (
        rf"(?:what|which) {_TOP}{_SLOW} (?:(?:took|take|takes|ran|run) (?:the )?longest|(?:is|are|was"
        rf"|were) (?:the )?slowest)"
        r"(?: (?:in|of|for|on|from) (?P<who>.+))?",
        slowest,
    ),
    (
        rf"how long did (?:the )?(?P<top>)(?:slowest|longest) {_SLOW} (?:take|run)(?: (?:in|of|on) "
        rf"(?P<who>.+))?",
        slowest,
    ),
    (
        r"(?:(?:what|which) (?:is|was) )?(?:show me )?(?:the )?(?:highest|biggest|max|maximum|peak"
        r"|largest|most) memory"
        r"(?: (?:use|usage|used|consumption|footprint))?(?: (?:in|of|for|on|by) (?P<who>.+))?",
        memory,
    ),
    (
        r"(?:who|what|which(?: (?:request|invocation|function|lambda))?) (?:used|uses|is using|needed"
        r"|needs|took|takes|"
        r"has|had|consumed|consumes) (?:the )?most memory(?: in (?P<who>.+))?",
        memory,
    ),
    (
        r"(?:what (?:is|was) )?(?:the )?(?:request|invocation|function|lambda) (?:with|using) the (?:most"
        r"|highest|biggest)"
        r" memory(?: (?:use|usage|consumption))?(?: in (?P<who>.+))?",
        memory,
    ),
    # Durations in figures.
    (
        r"(?:what (?:is|was) )?(?:the )?(?P<figure>p\d\d(?:\.\d)?|median|average|avg|mean|typical|max|min"
        r"|maximum|minimum)"
        r" (?:request |response )?(?P<what>(?:lambda|invocation|function) )?(?:duration|latency"
        r"|response time|run ?time)s?"
        r"(?: (?:in|of|for|on|from) (?P<who>.+))?",
        figure,
    ),
    (
        rf"{_COUNT_HEAD} (?P<what>requests?|calls?|(?:lambda |function )?invocations?) (?:that |which )?"
        rf"(?:took|take|taking|ran|"
        r"were|are|lasted|lasting)? ?(?:longer|slower|more|over|above)(?: than)? (?P<over>\d{1,6}"
        r"(?:\.\d+)?) ?"
        r"(?P<per>ms|milliseconds?|s|secs?|seconds?|min|minutes?)(?: (?:in|of|for|on|from) (?P<who>.+))?",
        longer,
    ),
    # Compare.
    (
        r"(?:compare|diff|what (?:has |is )?(?:changed|different|new)|how does (?:this|it) compare)(?: "
        r"(?:with|to|against|from|"
        r"since|compared (?:to|with)) (?P<what>the baseline|baseline|before|the (?:previous )?window"
        r"(?: before)?|"
        r"previous|previous window|the window before|yesterday|last week|last-week"
        r"|the same time last week))?",
        baseline,
    ),
    (
        r"compare (?P<s>.+?) (?:in|of|between|for) (?P<one>\S+(?: \S+)?) (?:and|with|to|vs\.?|versus"
        r"|against) (?P<other>.+)",
        against,
    ),
    (r"(?:compare|diff) (?P<one>.+?) (?:and|with|to|vs\.?|versus|against) (?P<other>.+)", against),
    (r"(?P<one>.+?) (?:vs\.?|versus|compared (?:to|with)) (?P<other>.+)", against),
    # How many, whether any, which.
    (
        r"(?:what|which) (?P<s>.+?) (?:did|does|do|has|have) (?P<who>.+?) (?:have|had|get|log|logged"
        r"|throw|thrown|"
        r"report|reported|show|see|seen)",
        counting(Verb.COUNT),
    ),
    (
        rf"how (?:many times|often) (?:did|does|do|has|have|was|were|is) (?P<s>.+?)(?: been)?(?: {_OCCUR}"
        rf"| occurred| happened)?{_TAIL}",
        counting(Verb.COUNT),
    ),
    (
        rf"{_COUNT_HEAD} (?P<s>.+?) (?:did|does|do|has|have|had) (?P<who>.+?) (?:have|had|get|got|log"
        rf"|logged|throw|thrown|"
        r"produce|produced|report|reported|see|seen|raise|raised|hit)",
        counting(Verb.COUNT),
    ),
    (rf"{_COUNT_HEAD} (?P<s>.+?){_THERE}", counting(Verb.COUNT)),
    (r"(?:is|are|was|were) there (?:any |an |a |some )?(?P<s>.+)", counting(Verb.ANY)),
    (
        r"(?:do|did|have|can) (?:we|you|i) (?:have|get|got|see|seen|had|find) (?:any |some )?(?P<s>.+)",
        counting(Verb.ANY),
    ),
    (r"(?:did|do|does) (?:any |some )?(?P<s>.+?) (?:occur|happen|appear|show up|come)", counting(Verb.ANY)),
    (
        r"(?:have|has) (?:there been )?(?:any |some |an |a )?(?P<s>.+?)(?: (?:occurred|happened|appeared"
        r"|been logged))",
        counting(Verb.ANY),
    ),
    (r"(?:have|has) there been (?:any |some |an |a )?(?P<s>.+)", counting(Verb.ANY)),
    (r"any (?P<s>.+)", counting(Verb.ANY)),
    (
        r"(?:show|list|find|get|give|display|grep|search)(?: me)?(?: for)?(?: all| every)?(?: the"
        r"| of the)? (?P<s>.+)",
        counting(Verb.COUNT),
    ),
    (r"(?:what|which) (?:are|were) (?:all )?(?:the )?(?P<s>.+)", counting(Verb.COUNT)),
    (rf"(?:what|which) (?:kinds? of |types? of |sorts? of )?(?P<s>.+?){_THERE}", counting(Verb.COUNT)),
    (r"(?P<s>.+)", counting(Verb.COUNT)),
)
