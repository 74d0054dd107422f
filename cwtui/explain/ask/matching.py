"""The events that a question's subject takes in, chunk by chunk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from cwtui.core.models import Columns
from cwtui.explain.ask.questions import KINDS, Subject, plain
from cwtui.lang.envelope import fields_of, flatten

_COLUMNS = (
    "ids", "timestamps", "ingestion_times", "levels", "accounts", "regions", "groups", "streams", "messages",
    "event_ids", "raws",
)  # fmt: skip
_STATUS_KEYS = frozenset((
    "status", "statuscode", "httpstatus", "httpstatuscode", "responsestatus", "responsecode",
    "responsestatuscode", "httpresponsestatuscode", "elbstatuscode", "code",
))  # fmt: skip
# What an access log says was answered: common and combined form; of a load balancer the client's status.
_ACCESS = re.compile(
    r'\] "[A-Z]+ [^"]*" (\d{3})\b|^(?:INFO: +)?[\d.:a-f]+:\d+ - "[A-Z]+ [^"]*HTTP/[^"]*" (\d{3})\b'
)
_BALANCER = re.compile(
    r"(?:https?|h2|grpcs|wss?) \d{4}-[0-9T:.-]+Z \S+ \S+ \S+ [\d.-]+ [\d.-]+ [\d.-]+ (\d{3}) "
)

_Test = Callable[[int, Columns], bool]


def take(chunk: Columns, places: Sequence[int]) -> Columns:
    """The events at some positions of a chunk."""
    if len(places) == len(chunk):
        return chunk
    return Columns(*([getattr(chunk, name)[place] for place in places] for name in _COLUMNS))


class Matching:
    """Sifts chunks; counts on the way how many events were looked at."""

    def __init__(self, subject: Subject) -> None:
        self.looked_at = 0
        self.first = 0
        self.last = 0
        """Times (ms) of the first and last event looked at."""
        self.unclear = 0
        """Events that hold the number of the status asked for, but tell no status that is known as one."""
        self._tests = list(_tests(subject, self._told_unclear))

    def _told_unclear(self) -> None:
        self.unclear += 1

    def of(self, chunk: Columns) -> Columns:
        """The events of a chunk that the subject takes in."""
        if not len(chunk):
            return chunk
        start, end = min(chunk.timestamps), max(chunk.timestamps)
        self.first = min(self.first, start) if self.looked_at else start
        self.last = max(self.last, end) if self.looked_at else end
        self.looked_at += len(chunk)
        places: Iterable[int] = range(len(chunk))
        for test in self._tests:
            places = [place for place in places if test(place, chunk)]
        return take(chunk, list(places))

    def all(self, chunks: Iterable[Columns]) -> Iterator[Columns]:
        """The same of each chunk; those that hold nothing are left out."""
        for chunk in chunks:
            if len(found := self.of(chunk)):
                yield found


def _tests(subject: Subject, unclear: Callable[[], None]) -> Iterator[_Test]:
    """The cheapest first."""
    if subject.start is not None or subject.end is not None:
        start = -(2**62) if subject.start is None else subject.start
        end = 2**62 if subject.end is None else subject.end
        yield lambda place, chunk: start <= chunk.timestamps[place] < end
    if subject.levels:
        levels = frozenset(map(int, subject.levels))
        yield lambda place, chunk: chunk.levels[place] in levels
    if subject.groups:
        groups = frozenset(subject.groups)
        yield lambda place, chunk: chunk.groups[place] in groups
    if subject.streams:
        streams = frozenset(subject.streams)
        yield lambda place, chunk: chunk.streams[place] in streams
    for text in subject.texts:
        yield _holding(text)
    for kind in subject.kinds:
        yield _searching(re.compile(KINDS[kind][1]))
    for name in subject.ids:
        yield _alone(name)
    for path, value in subject.fields:
        yield _having(path, value)
    if subject.status:
        yield _answering(subject.status, unclear)


def _holding(text: str) -> _Test:
    wanted = text.lower()
    return lambda place, chunk: wanted in chunk.messages[place].lower()


def _searching(pattern: re.Pattern[str]) -> _Test:
    return lambda place, chunk: pattern.search(chunk.messages[place].lower()) is not None


def _alone(name: str) -> _Test:
    wanted = name.lower()
    pattern = re.compile(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])")

    def test(place: int, chunk: Columns) -> bool:
        message = chunk.messages[place].lower()
        return wanted in message and pattern.search(message) is not None

    return test


def _having(path: str, value: str) -> _Test:
    wanted = value.lower()
    # Lines of text name a thing too: `order=7:`, `order 7`, `"order": 7`.
    written = re.compile(
        rf"(?<![a-z0-9_.]){re.escape(_last(path).lower())}[\"']?(?:\s*[=:]\s*|\s+)[\"']?{re.escape(wanted)}"
        r"(?![a-z0-9_-]|\.[a-z0-9])"
    )

    def test(place: int, chunk: Columns) -> bool:
        message = chunk.messages[place]
        lowered = message.lower()
        if wanted not in lowered:
            return False
        if written.search(lowered) is not None:
            return True
        found = value_at(message, path)
        return found is not None and found.lower() == wanted

    return test


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def value_at(message: str, path: str) -> str | None:
    """What a JSON or key=value line holds in a field, as text; None where it has no such field."""
    fields = fields_of(message)
    if not fields:
        found = re.search(rf"(?<![\w.]){re.escape(_last(path))}=([\w./@+-]+)", message)
        return found[1].rstrip(".") if found is not None else None
    value = fields.get(path)
    if value is None or isinstance(value, dict | list):
        value = flatten(fields).get(path)
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answering(wanted: str, unclear: Callable[[], None]) -> _Test:
    family = wanted[0] if wanted.endswith("xx") else ""
    number = rf"{family}\d\d" if family else wanted
    hint, alone = re.compile(number), re.compile(rf"(?<![\w.:-]){number}(?![\w.:-])")

    def test(place: int, chunk: Columns) -> bool:
        message = chunk.messages[place]
        if hint.search(message) is None:
            return False
        status = status_of(message)
        if not status and alone.search(message) is not None:
            unclear()
        return status[:1] == family if family else status == wanted

    return test


def status_of(message: str) -> str:
    """The HTTP status that a line of an access log, or a JSON or key=value line, tells of; or empty."""
    if (found := _ACCESS.search(message)) is not None:
        return found[1] or found[2]
    if (found := _BALANCER.match(message)) is not None:
        return found[1]
    for path, value in flatten(fields_of(message) or {}).items():
        if plain(_last(path)) in _STATUS_KEYS:
            said = str(value)
            if len(said) == 3 and said.isdigit() and "100" <= said < "600":
                return said
    return ""
