"""The words a checked claim may use: how they are reduced to stems, and what some of them commit it to.

A claim speaks of what it cites, in that text's own words and in a narrator's (`NARRATOR`). Words that
name a thing which could be at fault (`COMPONENTS`) are never a narrator's.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ENDINGS = (
    "ations", "ation", "ities", "itions", "ition", "ments", "ment", "ions", "ion", "ings", "ing", "ures",
    "ure", "ance", "ers", "er", "ies", "ied", "ity", "ed", "es", "ly", "or", "s", "e", "y",
)  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SAME = {
    "db": "database", "conn": "connection", "req": "request", "msg": "message", "auth": "authentication",
    "authenticate": "authentication", "cert": "certificate", "config": "configuration", "mem": "memory",
    "oom": "memory", "err": "error", "exc": "exception", "fn": "function", "txn": "transaction",
    "ran": "run", "sent": "send", "lost": "loss", "lose": "loss", "losing": "loss", "broke": "break",
    "broken": "break", "began": "begin", "begun": "begin", "thrown": "throw", "threw": "throw",
    "took": "take", "taken": "take", "denied": "deny", "denies": "deny", "tries": "retry", "tried": "retry",
    "retries": "retry", "retried": "retry", "warn": "warning", "timeout": "timeout", "timeouts": "timeout",
    "written": "write", "wrote": "write", "found": "find", "kept": "keep", "hit": "hit", "gone": "go",
    "killed": "kill", "dropped": "drop", "exceeded": "exceed", "invoked": "invoke", "invocation": "invoke",
    "invocations": "invoke", "failure": "fail", "failures": "fail", "refusal": "refuse", "deploy": "deploy",
    "deployment": "deploy", "deployments": "deploy", "latency": "slow", "expiry": "expire",
    "expiration": "expire", "authorization": "authorize", "authorised": "authorize", "queries": "query",
}  # fmt: skip


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """A word without its endings, so that "failed" and "fails" are one."""
    word = word.lower()
    word = _SAME.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word


def words_of(text: str) -> list[str]:
    """The words of a text: of `PoolExhausted` and `pool_exhausted` both; "timed out" is one."""
    text = re.sub(r"(?i)\btim(?:e[sd]?|ing)[- ]outs?\b", "timeout", text)
    return [word for word in _WORD.findall(text) if len(word) > 1 and not word.isdigit()]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


LITTLE = _words(
    """
    a an the this that these those it its they them their there here of in on at to from for with within
    into onto over under by as and or but nor yet so if than then while when where which who whom whose
    what how is are was were be been being am has have had having do does did done will would can could
    may might must should shall i we you he she us our your not no nor also again still just very too
    more most less least same such some any each every all both few many much other another one up down
    out off per via between among during after before since until upon about around near against through
    across along once ever never only own itself themselves
    """
)
"""Words that say nothing by themselves; those that commit a claim to something are checked elsewhere."""

NARRATOR = _stems(
    """
    log logs line lines entry entries message messages event events pattern patterns window period time
    times moment start begin end stop occur occurs occurrence happen happened appear appears seen see
    saw show shows report reports reported record recorded say says said note state states stating tell
    indicate suggest mention give given get got use used using unknown unclear cause reason possible
    possibly likely probably perhaps maybe seem apparently look looks check inspect investigate review
    first last next later earlier previous previously prior subsequent subsequently follow followed
    following precede preceded come came go went arrive arrived continue continued keep persist remain
    repeat repeated repeatedly frequent frequently often rare rarely occasional occasionally several
    multiple various number count total amount kind kinds type types case cases part set group groups
    way place point problem problems issue issues trouble incident difficulty symptom sign error errors
    failure failures fail failed failing warning warnings exception exceptions severe severity serious
    grave gravest worst main mainly chief most notable notably important new newly old same different
    single whole entire almost nearly roughly approximately about around early late short shortly soon
    long brief briefly quick quickly sudden suddenly steady steadily throughout meanwhile together
    alongside beside besides additionally include includes including involve involved involves
    affect affected affects concern concerns relate related hit hits meet met face faced encounter
    encountered invocation request requests call calls operation operations attempt attempts attempted try try
    process processed processing handle handled handling service services application app system
    component code program run runs running ran work works worked working make makes made take takes
    took taken need needs needed want wanted return returns returned produce produced produces emit
    emitted write written send sent receive received complete completed succeed success successful
    normal normally usual usually ordinary regular regularly routine healthy fine ok okay good well bad
    badly able unable cannot could impossible refuse reject deny high low large small big little great
    heavy heavily rise rose risen rising increase increased increasing grow grew climb climbed spike
    spiked jump jumped surge surged burst bursts fall fell fallen drop dropped dropping decrease
    decreased decreasing decline declined shrink higher lower fewer more less twice double doubled
    halved cease ceased vanish vanished disappear disappeared gone recover recovered resume resumed
    resolve resolved emerge emerged change changed changes baseline before than compare compared
    comparison rate share average median typical typically maximum minimum level duration limit near
    nearly reach reached exceed value values field fields evidence strong weak suspicious text
    instruction instructions ai data quiet silent silence second seconds minute minutes hour hours day
    days percent millisecond milliseconds two three four five six seven eight nine ten eleven twelve
    dozen dozens hundred hundreds thousand thousands identical similar consistent consistently
    concurrent simultaneously otherwise however although though despite because due result trigger lead
    root therefore thus hence consequence always entire entirely solely exclusively majority mostly
    minority half
    """
)
"""Stems that any claim may use without the cited text holding them."""

COMPONENTS = _stems(
    """
    database disk storage network networking memory heap cpu cache queue dns certificate tls
    ssl firewall deployment release rollout upgrade migration configuration permission credential
    credentials token password key secret proxy gateway balancer router switch cable kernel filesystem
    volume bucket table index cluster node pod container host server client browser user customer tenant
    account region zone datacenter thread pool socket port connection session transaction lock deadlock
    replica replication backup scheduler cron worker job broker topic stream partition shard consumer
    producer api endpoint webhook plugin driver library dependency provider vendor attacker hacker
    malware intrusion attack human operator redis kafka postgres postgresql mysql oracle mongo mongodb
    cassandra dynamo dynamodb elasticsearch rabbitmq nginx apache envoy kubernetes docker lambda
    terraform cloudfront payment billing checkout inventory shipping order cart login signup email sms
    search
    """
)

OPPOSITES = tuple(
    (stem(left), stem(right))
    for left, right in (
        pair.split("/")
        for pair in """
        open/closed accept/refuse accept/reject allow/deny connect/disconnect valid/invalid enable/disable
        online/offline start/stop create/delete add/remove lock/unlock acquire/release mount/unmount
        attach/detach healthy/unhealthy available/unavailable reachable/unreachable known/unknown
        full/empty success/fail login/logout increase/decrease grow/shrink before/after grant/deny
        exceed/respect
        """.split()  # noqa: SIM905
    )
)
"""What a claim may not turn round."""

CAUSAL = re.compile(
    r"\b(?:because|caus(?:e[sd]?|ing) (?!is (?:unknown|unclear|not))|(?:was|were|is|are|been) caused|caused|"
    r"due to|owing to|thanks to|root[- ]cause|led to|leads? to|leading to|result(?:s|ed|ing)? (?:in|from|of)|"
    r"as a (?:result|consequence)|consequence of|consequently|therefore|thus|hence|trigger(?:s|ed|ing)?|"
    r"stem(?:s|med|ming)? from|originat(?:es?|ed|ing) (?:from|in)|the reason|why|responsible for|to blame|"
    r"culprit|explain(?:s|ed)? (?:the|why|by)|brought (?:about|down|on)|"
    r"provok(?:es?|ed|ing)|induced|forc(?:es|ed|ing)|made|mak(?:es|ing)|prevent(?:s|ed|ing)?|"
    r"enabl(?:es|ed|ing)|contribut(?:es|ed|ing) to|so(?! far| many| often)|attribut(?:ed|able) to|"
    r"arises? from|arose from|driven by|blam(?:e|ed)|since the|from the lack of|in turn)\b",
    re.IGNORECASE,
)
"""Words that say what caused what."""

ROSE = _stems(
    """
    rise rose risen rising increase increased increasing grow grew grown climb climbed spike spiked jump
    jumped surge surged burst bursting soar soared escalate escalated worsen worsened double doubled
    triple multiplied skyrocketed accelerated flood flooded higher
    """
)
FELL = _stems(
    """
    fall fell fallen falling drop dropped decrease decreased decreasing decline declined shrink shrank
    dwindle dwindled lower fewer reduce reduced reduction halved subside subsided eased slowed rarer
    improve improved
    """
)
BEGAN = _stems("start started begin began begun appear appeared emerge emerged new newly onset")
ENDED = _stems(
    """
    stop stopped end ended cease ceased vanish vanished disappear disappeared gone halt halted recover
    recovered resolve resolved finish finished
    """
)
WELL = _stems(
    """
    succeed succeeded success successful successfully healthy fine ok okay well normal normally good
    working complete completed clean cleanly stable pass passed
    """
)
ILL = re.compile(
    r"\b(?:fail\w*|errors?|exceptions?|crash\w*|refus\w+|reject\w*|den(?:y|ied|ies)|timed? ?outs?|timeouts?|"
    r"exhaust\w*|lost|unreachable|abort\w*|panic\w*|fatal|broken?|invalid|unable|cannot|kill\w*|unauthori\w+|"
    r"throttl\w+|exceed\w*|full|corrupt\w*)\b|\w+(?:Error|Exception|Timeout)\b|error|time[- ]?out",
    re.IGNORECASE,
)
"""Words of failure, in a claim or in a log."""
NEGATION = re.compile(r"\b(?:not|no|never|none|nothing|nobody|neither|without|cannot)\b|n't\b|n’t\b", re.I)
ABSOLUTE = re.compile(
    r"\b(?:all|(?:every|each)(?! time)|always|entire(?:ly)?|only|solely|exclusively|none|whole|everything)\b",
    re.I,
)
ADVICE = re.compile(
    r"\b(?:should|must|ought|need(?:s|ed)? to|please|you|your|we|let us|recommend\w*|advis\w+|consider\w*|"
    r"ignor\w+|safe(?:ly)? to|worth)\b",
    re.IGNORECASE,
)
"""What to do is no fact of a log."""
RATE = re.compile(r"\b(?:per|an?|each|every) (?:second|minute|hour|day)\b", re.IGNORECASE)
LEAST = {"dozens": 24, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000}
MORE_OFTEN = re.compile(r"\bmore\b(?! than \d)", re.I)
LESS_OFTEN = re.compile(r"\bless\b(?! than \d)", re.I)
MAJORITY = re.compile(
    r"\b(?:most(?! (?:severe|grave|serious|notable|important|recent))|"
    r"mostly|majority|mainly|predominant\w*|half)\b",
    re.I,
)
OFTEN = re.compile(
    r"\b(?:often|frequent(?:ly)?|repeated(?:ly)?|many|numerous|several|multiple|hundreds|thousands|dozens)\b",
    re.I,
)
SELDOM = re.compile(r"\b(?:once|rare(?:ly)?|single|occasional(?:ly)?|isolated|sporadic(?:ally)?)\b", re.I)
NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "dozen": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "hundred": 100, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip
