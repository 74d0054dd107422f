"""The values of cwtui, in CloudWatch's own names.

Times are integers: milliseconds since 1970-01-01 UTC. A window is half-open, `[start, end)`; the
adapter alone knows that FilterLogEvents counts its end in and GetLogEvents does not.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cwtui.core.errors import CredentialsError, CwtuiError
from cwtui.core.naming import told


class Level(IntEnum):
    """How grave a line says it is; `UNKNOWN` where it does not say."""

    UNKNOWN = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


@dataclass(frozen=True, slots=True)
class Context:
    """Where log groups are read: one account and region, or recordings."""

    name: str
    region: str = ""
    account: str = ""
    profile: str = ""
    principal: str = ""
    """The caller's ARN once known, else empty."""
    offline: bool = False
    live: bool = True
    """Whether new events can come; a recording that is over has none."""
    allow_write: bool = False
    members: tuple[Context, ...] = ()
    """What is read at once, where that is more than one account and region; `name` is that of a label."""
    alias: str = ""
    """The account's own name, once known and where it has one."""
    provider: str = ""
    """What gave the credentials, as the SDK calls it, once known: `sso`, `env`, `assume-role`, ..."""
    expires: int | None = None
    """When the credentials in use end, ms UTC; None: never, or not known."""
    colour: str = ""
    """What the user gave it to be told apart by; empty: nothing."""
    production: bool | None = None
    """Whether mistakes cost most here; None: as its name says."""

    @property
    def guarded(self) -> bool:
        """Whether it is shown as production."""
        return "prod" in self.name.lower() if self.production is None else self.production

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts of the members, as far as they are known; each once."""
        return tuple(dict.fromkeys(member.account for member in self.members if member.account))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the members; each once."""
        return tuple(dict.fromkeys(member.region for member in self.members if member.region))


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group as DescribeLogGroups tells it; `None` where the service did not say."""

    name: str
    arn: str = ""
    stored_bytes: int | None = None
    retention_days: int | None = None
    creation_time: int | None = None
    log_class: str = ""
    account: str = ""
    region: str = ""
    by_arn: bool = False
    """It lies outside the one account and region of its reader, so calls name it by its ARN."""
    described: bool = True
    """False: only its name, ARN and class are known, and the rest can be asked for."""
    kms_key: str = ""
    """The ARN of the key that encrypts it; empty where CloudWatch's own does."""
    masking: str = ""
    """`ACTIVATED` where a data protection policy masks what it finds; else what became of one."""
    metric_filters: int | None = None
    """How many metric filters watch it."""

    @property
    def identifier(self) -> str:
        """What names the group in a `Query` and in every request (`core.naming`)."""
        return self.arn if self.by_arn and self.arn else self.name


@dataclass(frozen=True, slots=True)
class LogStream:
    """A log stream; `last_event` lags behind by an hour and more, never conclude from it."""

    name: str
    group: str
    first_event: int | None = None
    last_event: int | None = None
    last_ingestion: int | None = None
    creation_time: int | None = None


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """`[start, end)` in ms UTC; `end=None` is open: up to now, and on."""

    start: int
    end: int | None = None

    def holds(self, timestamp: int) -> bool:
        """Whether the timestamp lies in the window."""
        return self.start <= timestamp and (self.end is None or timestamp < self.end)


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event, whole. Only what is shown or written out exists in this form."""

    timestamp: int
    ingestion_time: int
    group: str
    stream: str
    message: str
    event_id: str = ""
    """Only FilterLogEvents gives one."""
    account: str = ""
    region: str = ""
    level: Level = Level.UNKNOWN
    raw: bytes | None = None
    """The exact bytes where UTF-8 cannot hold the message (lone surrogates, as surrogatepass)."""


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events of one group as columns of equal length: how events travel."""

    account: str
    region: str
    group: str
    timestamps: array[int]
    ingestion_times: array[int]
    streams: Sequence[str]
    messages: Sequence[str]
    event_ids: Sequence[str]
    """Empty strings where the call gives none."""
    malformed: int = 0
    """How many of them lacked a timestamp or a message and were kept as far as they go."""

    def __len__(self) -> int:
        return len(self.timestamps)

    def events(self) -> Iterator[LogEvent]:
        """One object an event; for tests and small outputs."""
        for timestamp, ingestion, stream, message, event_id in zip(
            self.timestamps, self.ingestion_times, self.streams, self.messages, self.event_ids, strict=True
        ):
            yield LogEvent(
                timestamp, ingestion, self.group, stream, message, event_id, self.account, self.region
            )

    def take(self, rows: Sequence[int]) -> EventBatch:
        """The same columns at the given positions, in the given order."""
        return EventBatch(
            self.account,
            self.region,
            self.group,
            array("q", [self.timestamps[i] for i in rows]),
            array("q", [self.ingestion_times[i] for i in rows]),
            [self.streams[i] for i in rows],
            [self.messages[i] for i in rows],
            [self.event_ids[i] for i in rows],
            self.malformed,
        )

    @classmethod
    def of(cls, events: Sequence[LogEvent]) -> EventBatch:
        """A batch from event objects of one group; for tests and small inputs."""
        first = events[0] if events else LogEvent(0, 0, "", "", "")
        return cls(
            first.account,
            first.region,
            first.group,
            array("q", [event.timestamp for event in events]),
            array("q", [event.ingestion_time for event in events]),
            [event.stream for event in events],
            [event.message for event in events],
            [event.event_id for event in events],
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """Events of the window, of any groups, as columns in display order: what explain and deliver read."""

    ids: Sequence[int]
    """Row ids: stable names of events for as long as the window lives."""
    timestamps: Sequence[int]
    ingestion_times: Sequence[int]
    levels: Sequence[int]
    """Values of `Level`."""
    accounts: Sequence[str]
    regions: Sequence[str]
    groups: Sequence[str]
    streams: Sequence[str]
    messages: Sequence[str]
    """The printable form; `raws` holds the bytes of those that UTF-8 cannot hold."""
    event_ids: Sequence[str]
    raws: Sequence[bytes | None]

    def __len__(self) -> int:
        return len(self.ids)

    def events(self) -> Iterator[LogEvent]:
        """One whole object an event; for what is printed or opened."""
        columns = (self.timestamps, self.ingestion_times, self.groups, self.streams, self.messages)
        more = (self.event_ids, self.accounts, self.regions, self.levels, self.raws)
        for timestamp, ingestion, group, stream, message, name, account, region, level, raw in zip(
            *columns, *more, strict=True
        ):
            yield LogEvent(
                timestamp, ingestion, group, stream, message, name, account, region, Level(level), raw
            )


@dataclass(frozen=True, slots=True)
class Row:
    """One event as a list shows it: the message is cut at `core.text.LIST_LIMIT` characters."""

    id: int
    timestamp: int
    ingestion_time: int
    level: Level
    account: str
    region: str
    group: str
    stream: str
    message: str
    length: int
    """Characters of the whole message."""
    event_id: str


EARLIEST_INGESTION = 100_000_000_000
"""What is below is no moment: a text has no ingestion time, and the number of the line stands there."""


def has_ingestion(event: LogEvent | Row) -> bool:
    """Whether an event's `ingestion_time` is a moment."""
    return event.ingestion_time >= EARLIEST_INGESTION


@dataclass(frozen=True, slots=True)
class Query:
    """What to load or follow: groups, a window, and what the service filters by."""

    groups: tuple[str, ...]
    window: TimeWindow
    stream_prefix: str = ""
    streams: tuple[str, ...] = ()
    """Exact names; up to 100, and not together with `stream_prefix` (FilterLogEvents)."""
    pattern: str = ""
    """A CloudWatch filter pattern, run by the service (locally on files)."""


@dataclass(frozen=True, slots=True)
class StreamsRequest:
    group: str
    prefix: str = ""
    """Not together with `newest_first`: the service refuses it; sort locally."""
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """FilterLogEvents over one group."""

    group: str
    window: TimeWindow
    stream_prefix: str = ""
    streams: tuple[str, ...] = ()
    pattern: str = ""
    limit: int = 10_000
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """GetLogEvents over one stream."""

    group: str
    stream: str
    window: TimeWindow
    from_head: bool = False
    limit: int = 10_000


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """StartLiveTail over one to ten groups."""

    groups: tuple[LogGroup, ...]
    pattern: str = ""
    stream_prefix: str = ""
    """Of one group only, as are `streams`."""
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupPage:
    groups: Sequence[LogGroup]
    token: str | None


@dataclass(frozen=True, slots=True)
class StreamPage:
    streams: Sequence[LogStream]
    token: str | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """A page of events. FilterLogEvents ends with `token=None`, and only so: a page may be empty.

    GetLogEvents never gives None: it ends when the token equals the one sent.
    """

    batch: EventBatch
    token: str | None
    back_token: str | None = None


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """One second of a live tail."""

    batches: Sequence[EventBatch]
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of a window that has not been read, of all streams of the query or of some."""

    window: TimeWindow
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """How far one group of a load has come."""

    group: str
    pages: int = 0
    events: int = 0
    done: bool = False
    reached: int | None = None
    """The time (ms) up to which, in the direction of the load, all has come; None before the first event."""
    incomplete: str = ""
    """Why the service stopped short (repeated tokens), or empty."""
    error: str = ""
    """Why this group gave nothing more, or empty; the others go on."""
    cause: CwtuiError | None = field(default=None, compare=False)
    """The error itself, for its card."""
    renewable: CredentialsError | None = field(default=None, compare=False)
    """The error itself where credentials ended: whoever renews them may go on with the load."""
    rest: tuple[Missing, ...] = ()
    """What a load that ended before its end would still have to read."""

    @property
    def missing(self) -> tuple[TimeWindow, ...]:
        """The parts of the window that are not complete, by time and without overlap."""
        windows: list[TimeWindow] = []
        for each in sorted((part.window for part in self.rest), key=lambda window: window.start):
            last = windows[-1] if windows else None
            if last is None or (last.end is not None and last.end < each.start):
                windows.append(each)
            elif last.end is not None and (each.end is None or each.end > last.end):
                windows[-1] = TimeWindow(last.start, each.end)
        return tuple(windows)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load has come, over all its groups."""

    groups: tuple[GroupProgress, ...] = field(default=())

    @property
    def events(self) -> int:
        return sum(group.events for group in self.groups)

    @property
    def done(self) -> bool:
        return all(group.done for group in self.groups)

    @property
    def partial(self) -> tuple[str, ...]:
        """One sentence for each group that is not whole."""
        return tuple(
            f"{told(group.group)}: {group.error or group.incomplete}"
            for group in self.groups
            if group.error or group.incomplete
        )
