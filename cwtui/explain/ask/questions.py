"""What a question asks, as values: a verb over a subject. `plans` reads them, `answers` works them out.

A subject holds only what code can decide of an event by itself. It tells in words what it takes in, so
that every answer says how the question was understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from enum import StrEnum

from cwtui.core.models import Level
from cwtui.explain.times import Moments

MAX_QUESTION = 300
"""Characters of a question; a longer one is refused."""
ERRORS = (Level.ERROR, Level.FATAL)


class Verb(StrEnum):
    """What is to be told of the subject."""

    COUNT = "count"
    ANY = "any"
    RATE = "rate"
    FIRST = "first"
    LAST = "last"
    BEGAN = "began"
    ENDED = "ended"
    SLOWEST = "slowest"
    DURATION = "duration"
    MEMORY = "memory"
    MOST = "most"
    COMPARE = "compare"
    BASELINE = "baseline"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Subject:
    """The events that a question is about: those that meet every part that is not empty."""

    levels: tuple[Level, ...] = ()
    texts: tuple[str, ...] = ()
    """Each is in the message, in any case."""
    kinds: tuple[str, ...] = ()
    """Names of `KINDS`."""
    fields: tuple[tuple[str, str], ...] = ()
    """(path, value) of JSON or key=value lines."""
    status: str = ""
    """An HTTP status: `503`, or `5xx`."""
    groups: tuple[str, ...] = ()
    """Any of these log groups."""
    streams: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    """Each stands by itself in the message."""
    start: int | None = None
    end: int | None = None
    """`[start, end)` in ms UTC, as far as the question says."""

    @property
    def bare(self) -> bool:
        """Whether it takes in every event of its time."""
        return replace(self, start=None, end=None) == Subject()

    def within(self, start: int | None, end: int | None) -> Subject:
        return replace(self, start=start, end=end)

    def merged(self, other: Subject) -> Subject | None:
        """Events that meet both; None where both name a level, groups, streams or a status.

        A name and a place that several groups have leave those that have both.
        """
        groups = self.groups or other.groups
        if self.groups and other.groups:
            groups = tuple(group for group in self.groups if group in other.groups)
            if not groups:
                return None
        for name in ("levels", "streams", "status"):
            mine, others = getattr(self, name), getattr(other, name)
            if mine and others and mine != others:
                return None
        return Subject(
            self.levels or other.levels,
            (*self.texts, *other.texts),
            (*self.kinds, *other.kinds),
            (*self.fields, *other.fields),
            self.status or other.status,
            groups,
            self.streams or other.streams,
            (*self.ids, *other.ids),
            self.start if other.start is None else other.start,
            self.end if other.end is None else other.end,
        )

    def told(self, at: Moments) -> str:
        """What follows "12 events": ` of level ERROR or FATAL containing "x" in /a since 10:00:00Z`."""
        said = f" of level {' or '.join(level.name for level in self.levels)}" if self.levels else ""
        held = [f'"{text}"' for text in self.texts] + [KINDS[kind][0] for kind in self.kinds]
        if held:
            said += f" containing {' and '.join(held)}"
        having = [f"{path}={value}" for path, value in self.fields]
        if self.status:
            having.append(f"HTTP status {self.status}")
        if having:
            said += f" with {' and '.join(having)}"
        if self.ids:
            said += f" with the id {' and '.join(self.ids)}"
        if self.groups:
            few = len(self.groups) <= 3
            said += f" in {' or '.join(self.groups) if few else f'{len(self.groups)} log groups'}"
        if self.streams:
            said += f" in stream {' or '.join(self.streams)}"
        return said + self._when(at)

    def _when(self, at: Moments) -> str:
        if self.start is not None and self.end is not None:
            return f" between {at(self.start)} and {at(self.end)}"
        if self.start is not None:
            return f" since {at(self.start)}"
        return f" before {at(self.end)}" if self.end is not None else ""


KINDS: Mapping[str, tuple[str, str]] = {
    "timeouts": ('"timeout" or "timed out"', r"tim(?:e|ed|es|ing)[- _]?out"),
    "lambda timeouts": (
        '"Task timed out after" or a platform.report of status timeout',
        r"task timed out after|\"platform\.report\"(?=.*\"status\": ?\"timeout\")",
    ),
    "exceptions": ('"exception"', r"exception"),
    "retries": ('"retry" or a form of it', r"retr(?:y|ie)"),
    "panics": ('"panic"', r"panic"),
    "throttles": ('"throttl" or "rate exceeded"', r"throttl|rate exceeded|toomanyrequests"),
    "cold starts": ('"Init Duration" or "Restore Duration"', r"init ?duration|restore ?duration"),
    "invocations": ("a Lambda REPORT", r"^report requestid:|\"platform\.report\""),
    "out of memory": (
        '"out of memory" or a form of it',
        r"out ?of ?memory|\boom(?:kill\w*)?\b|runtime exited with error: signal: killed",
    ),
}
"""Families of words, by name: what is told of them, and a regular expression over lower-case text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A question that code can answer, the whole of it."""

    verb: Verb
    subject: Subject = Subject()
    other: Subject | None = None
    """What the subject is compared with."""
    by: str = ""
    """MOST: group, function, stream, level, pattern, minute, hour, or the path of a field.
    RATE: second, minute or hour. SLOWEST: empty, or `lambda` for Lambda's own figures alone."""
    top: int = 5
    split: int = 0
    """COMPARE: the moment (ms UTC) before and after which; 0: the subject against `other`."""
    figure: str = ""
    """DURATION: p50, p95, ..., mean, min or max; empty: how many took longer than `over`."""
    over: float = 0.0
    """Milliseconds."""
    fewest: bool = False
    before: bool = False
    """FIRST: what came before it is asked for too."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What names in a question can mean: those of the window it is asked of."""

    groups: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """Paths of fields met in a sample of the events, most frequent first."""
    values: Mapping[str, str] = field(default_factory=dict)
    """By value, in lower case: the one field that was seen to have it."""
    start: int = 0
    end: int = 0
    """The window, ms UTC; "the last five minutes" end at its end."""
    zone: tzinfo = UTC
    baseline: str = ""
    """The name of what is loaded to compare with, or empty."""

    def group(self, name: str) -> tuple[str, ...]:
        """The log group of that name, or whose path ends in or has such a part, where there is one only.

        Of several accounts and regions, where groups are `NAME in PLACE`, all of that name or place.
        """
        wanted = name.lower().strip("/")
        places = [(*group.lower().partition(" in ")[::2], group) for group in self.groups if " in " in group]
        named = tuple(group for plain_name, _, group in places if plain_name.strip("/") == wanted)
        there = tuple(
            group for _, place, group in places if wanted in (*place.split(" "), place.replace(" ", "-"))
        )
        if named or there:
            return named or there
        exact = [group for group in self.groups if group.lower().strip("/") == wanted]
        ending = [group for group in self.groups if group.lower().endswith("/" + wanted)]
        part = [group for group in self.groups if wanted in _parts(group)]
        for found in (exact, ending, part):
            if found:
                return tuple(found) if len(found) == 1 else ()
        return ()

    def stream(self, name: str) -> tuple[str, ...]:
        """The stream of that name; a beginning or an end of eight characters and more will do."""
        wanted = name.lower()
        found = [stream for stream in self.streams if stream.lower() == wanted]
        if not found and len(wanted) >= 8:
            found = [
                stream
                for stream in self.streams
                if stream.lower().endswith(wanted) or stream.lower().startswith(wanted)
            ]
        return tuple(found) if len(found) == 1 else ()

    def field(self, name: str) -> str:
        """The path of the field that a name means, or empty: `user id` means `user_id` and `ctx.userId`."""
        wanted = plain(name)
        if not wanted:
            return ""
        whole = [path for path in self.fields if plain(path) == wanted]
        last = [path for path in self.fields if plain(path.rpartition(".")[2]) == wanted]
        return next(iter(whole), "") or (last[0] if len(last) == 1 else "")


def plain(name: str) -> str:
    """A field's name without case and joints."""
    return "".join(filter(str.isalnum, name.lower()))


def _parts(group: str) -> set[str]:
    return set(group.lower().strip("/").split("/"))


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line of an answer, with its events."""

    text: str
    """Foreign text."""
    events: tuple[int, ...] = ()
    """Row ids, at most `values.MAX_EVENTS`; below zero `~id` of the baseline's window."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What code found out: a sentence, the lines under it, and what must be known to trust them."""

    headline: AnswerLine
    rows: tuple[AnswerLine, ...] = ()
    limits: tuple[str, ...] = field(default=())
