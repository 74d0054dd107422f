"""What CloudWatch Logs does with groups, streams and events, as far as cwtui can see it.

Pages, ends, tokens and refusals follow knowledge/cloudwatch-api.md sections 2 to 5. Nothing here
knows HTTP: an operation takes the request's members and gives the answer's, or raises `Refusal`.
"""

from __future__ import annotations

import base64
import uuid
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from cwtui.core.errors import InputError

Params = Mapping[str, Any]
Key = tuple[int, int, int]
"""Order of the service: timestamp, ingestion time, order of arrival."""

PAGE_BYTES = 1_048_576
TOKEN_LIFE_MS = 24 * 3_600_000
NEWEST_FIRST_SINCE = 1_704_067_200_000
_FIRST: Key = (-(2**62), 0, 0)
_LAST: Key = (2**62, 0, 0)


class Refusal(Exception):
    """An error answer: the service's code, its message and the HTTP status."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the service keeps it; visible once `ingestion` has passed on the clock."""

    timestamp: int
    ingestion: int
    number: int
    stream: str
    message: str

    @property
    def key(self) -> Key:
        return (self.timestamp, self.ingestion, self.number)

    @property
    def event_id(self) -> str:
        return f"{max(self.timestamp, 0):020d}{self.number:036d}"

    @property
    def size(self) -> int:
        return len(self.message.encode("utf-8", "surrogatepass")) + 26


@dataclass(slots=True)
class StoredStream:
    name: str
    creation: int
    first: int | None = None
    last: int | None = None
    last_ingestion: int | None = None


@dataclass(slots=True)
class StoredGroup:
    """A log group with its events in the service's order."""

    name: str
    account: str
    region: str
    creation: int
    log_class: str = "STANDARD"
    retention: int | None = None
    kms_key: str = ""
    masking: str = ""
    metric_filters: int = 0
    streams: dict[str, StoredStream] = field(default_factory=dict)
    events: list[StoredEvent] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """Without the `:*` that DescribeLogGroups' `arn` ends in."""
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.name}"


class FakeLogs:
    """The state of one account and region, and the operations on it."""

    def __init__(self, clock: Callable[[], int], account: str, region: str) -> None:
        self.clock = clock
        self.account = account
        self.region = region
        self.groups: dict[str, StoredGroup] = {}
        self._tokens: dict[str, tuple[int, Key]] = {}
        self._stream_tokens: dict[str, int] = {}
        self._number = 0

    # What a test puts in ------------------------------------------------------------------------

    def group(self, name: str, *, log_class: str = "STANDARD", account: str = "") -> StoredGroup:
        """The group of that name, made when there is none; one of a linked account where that is told.

        Where two accounts have one of a name, the second is known here by its ARN.
        """
        if name not in self.groups or (account and self.groups[name].account != account):
            made = StoredGroup(name, account or self.account, self.region, self.clock(), log_class)
            return self.groups.setdefault(made.arn if name in self.groups else name, made)
        return self.groups[name]

    def stream(self, group: str, name: str) -> StoredStream:
        """The stream of that name, made when there is none."""
        return self.group(group).streams.setdefault(name, StoredStream(name, self.clock()))

    def put(
        self, group: str, stream: str, timestamp: int, message: str, ingestion: int | None = None
    ) -> StoredEvent:
        """Stores one event, visible from `ingestion` on (default: at once)."""
        kept = self.stream(group, stream)
        self._number += 1
        arrived = self.clock() if ingestion is None else ingestion
        event = StoredEvent(timestamp, arrived, self._number, stream, message)
        events = self.groups[group].events
        if events and event.key < events[-1].key:
            insort(events, event, key=attrgetter("key"))
        else:
            events.append(event)
        kept.first = timestamp if kept.first is None else min(kept.first, timestamp)
        kept.last = timestamp if kept.last is None else max(kept.last, timestamp)
        kept.last_ingestion = max(kept.last_ingestion or 0, arrived)
        return event

    def delete_stream(self, group: str, name: str) -> None:
        kept = self.groups[group]
        del kept.streams[name]
        kept.events = [event for event in kept.events if event.stream != name]

    # Operations ---------------------------------------------------------------------------------

    def describe_log_groups(self, params: Params) -> dict[str, Any]:
        prefix, pattern = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
        if prefix and pattern:
            raise _invalid("logGroupNamePrefix and logGroupNamePattern are mutually exclusive.")
        wanted = params.get("logGroupIdentifiers")
        if wanted is not None and (prefix or pattern or not 1 <= len(wanted) <= 50):
            raise _invalid("logGroupIdentifiers takes 1 to 50 groups, and neither prefix nor pattern.")
        found = [
            group
            for name, group in self._visible(params)
            if name.startswith(prefix or "")
            and (pattern or "") in name
            and (wanted is None or name in wanted or group.arn in wanted)
        ]
        page, token = self._listed(found, params, 50)
        answer = [_short_group(group) if pattern else _group(group) for group in page]
        return {"logGroups": answer} | token

    def _visible(self, params: Params) -> list[tuple[str, StoredGroup]]:
        """Name and group of what may be listed: linked accounts' only where the call asks for them."""
        linked = bool(params.get("includeLinkedAccounts"))
        groups = (group for group in self.groups.values() if linked or group.account == self.account)
        return sorted(((group.name, group) for group in groups), key=lambda item: (item[0], item[1].account))

    def describe_metric_filters(self, params: Params) -> dict[str, Any]:
        """No group has any."""
        self.resolve(str(params["logGroupName"]))
        return {"metricFilters": []}

    def get_data_protection_policy(self, params: Params) -> dict[str, Any]:
        """No group masks anything."""
        return {"logGroupIdentifier": self.resolve(str(params["logGroupIdentifier"])).arn}

    def list_log_groups(self, params: Params) -> dict[str, Any]:
        pattern = str(params.get("logGroupNamePattern", ""))
        parts = pattern.split("|") if pattern else [""]
        found = [
            group
            for name, group in self._visible(params)
            if any(name.startswith(part[1:]) if part.startswith("^") else part in name for part in parts)
        ]
        page, token = self._listed(found, params, 1_000)
        summaries = [
            {"logGroupName": group.name, "logGroupArn": group.arn, "logGroupClass": group.log_class}
            for group in page
        ]
        return {"logGroups": summaries} | token

    def describe_log_streams(self, params: Params) -> dict[str, Any]:
        group = self._group_of(params)
        order = params.get("orderBy", "LogStreamName")
        prefix = params.get("logStreamNamePrefix", "")
        if order == "LastEventTime" and prefix:
            raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        streams = [stream for name, stream in group.streams.items() if name.startswith(prefix)]
        if order == "LastEventTime":
            streams.sort(key=lambda stream: (stream.last or 0, stream.name))
        else:
            streams.sort(key=lambda stream: stream.name)
        if params.get("descending"):
            streams.reverse()
        page, token = self._listed(streams, params, 50)
        return {"logStreams": [_stream(group, stream) for stream in page]} | token

    def filter_log_events(self, params: Params) -> dict[str, Any]:
        group = self._group_of(params)
        _readable(group, "FilterLogEvents")
        from_head = params.get("startFromHead", True)
        start = int(params.get("startTime", 0))
        if not from_head and start < NEWEST_FIRST_SINCE:
            raise _invalid("startFromHead=false needs a startTime on or after 2024-01-01T00:00:00Z.")
        names = params.get("logStreamNames")
        if names is not None and not 1 <= len(names) <= 100:
            raise _invalid("logStreamNames must have 1 to 100 members.")
        if names and params.get("logStreamNamePrefix"):
            raise _invalid("logStreamNames and logStreamNamePrefix are mutually exclusive.")
        for name in names or ():
            if name not in group.streams:
                raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        matches = matcher(str(params.get("filterPattern", "")))
        prefix = str(params.get("logStreamNamePrefix", ""))
        limit = _limit(params, 10_000)
        low: Key = (start, 0, 0)
        # The end counts in here, and only here.
        high: Key = (int(params["endTime"]) + 1, 0, 0) if "endTime" in params else _LAST
        if "nextToken" in params:
            position = self._position(params["nextToken"])
            low, high = (max(low, position), high) if from_head else (low, min(high, position))
        page: list[StoredEvent] = []
        size = 0
        following: Key | None = None
        for event in self._walk(group, low, high, forward=from_head):
            if len(page) >= limit or (page and size + event.size > PAGE_BYTES):
                last = page[-1].key
                following = (last[0], last[1], last[2] + 1) if from_head else last
                break
            if (names and event.stream not in names) or not event.stream.startswith(prefix):
                continue
            if not matches(event.message):
                continue
            page.append(event)
            size += event.size
        answer: dict[str, Any] = {
            "events": [
                {
                    "logStreamName": event.stream,
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingestion,
                    "eventId": event.event_id,
                }
                for event in page
            ],
            "searchedLogStreams": [],
        }
        if following is not None:
            answer["nextToken"] = self.token(following)
        return answer

    def get_log_events(self, params: Params) -> dict[str, Any]:
        group = self._group_of(params)
        _readable(group, "GetLogEvents")
        name = params["logStreamName"]
        if name not in group.streams:
            raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        limit = _limit(params, 10_000)
        low: Key = (int(params.get("startTime", 0)), 0, 0)
        high: Key = (int(params["endTime"]), 0, 0) if "endTime" in params else _LAST
        sent = params.get("nextToken")
        forward = bool(params.get("startFromHead", False))
        here: Key | None = None
        if sent is not None:
            forward, here = self._stream_position(sent)
            low, high = (max(low, here), high) if forward else (low, min(high, here))
        page: list[StoredEvent] = []
        size = 0
        for event in self._walk(group, low, high, forward=forward):
            if event.stream != name:
                continue
            if len(page) >= limit or (page and size + event.size > PAGE_BYTES):
                break
            page.append(event)
            size += event.size
        if not forward:
            page.reverse()
        if page:
            last = page[-1].key
            after, before = (last[0], last[1], last[2] + 1), page[0].key
        else:
            after = before = here if here is not None else (low if forward else high)
        return {
            "events": [
                {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion}
                for event in page
            ],
            "nextForwardToken": self._stream_token("f", after),
            "nextBackwardToken": self._stream_token("b", before),
        }

    def create_log_group(self, params: Params) -> dict[str, Any]:
        if params["logGroupName"] in self.groups:
            raise Refusal("ResourceAlreadyExistsException", "The specified log group already exists")
        self.group(params["logGroupName"])
        return {}

    def create_log_stream(self, params: Params) -> dict[str, Any]:
        group = self._group_of(params)
        if params["logStreamName"] in group.streams:
            raise Refusal("ResourceAlreadyExistsException", "The specified log stream already exists")
        self.stream(group.name, params["logStreamName"])
        return {}

    def put_log_events(self, params: Params) -> dict[str, Any]:
        """Two hours ahead is the most that is kept; what is later is named in a 200."""
        group = self._group_of(params)
        if params["logStreamName"] not in group.streams:
            raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        events = params["logEvents"]
        late = [n for n, event in enumerate(events) if event["timestamp"] > self.clock() + 7_200_000]
        for event in events[: late[0] if late else None]:
            self.put(group.name, params["logStreamName"], event["timestamp"], event["message"])
        return {"rejectedLogEventsInfo": {"tooNewLogEventStartIndex": late[0]}} if late else {}

    def arrived(
        self, groups: Iterable[StoredGroup], since: int, until: int
    ) -> Iterator[tuple[StoredGroup, StoredEvent]]:
        """Events ingested in `(since, until]`, for live tail."""
        for group in groups:
            for event in group.events:
                if since < event.ingestion <= until:
                    yield group, event

    def resolve(self, identifier: str) -> StoredGroup:
        """The group of a name of this account, or of an ARN of any; a trailing `:*` is refused."""
        if identifier.endswith("*"):
            raise _invalid("The identifier must not end with an asterisk.")
        for group in self.groups.values():
            own = group.account == self.account
            if identifier == group.arn or (own and identifier == group.name):
                return group
        raise Refusal("ResourceNotFoundException", "The specified log group does not exist.")

    # Tokens -------------------------------------------------------------------------------------

    def token(self, position: Key) -> str:
        """A fresh opaque token that goes on at `position`."""
        token = base64.urlsafe_b64encode(uuid.uuid4().bytes * 4).decode()
        self._tokens[token] = (self.clock(), position)
        return token

    def again(self, params: Params) -> str:
        """A fresh token that goes on exactly where this FilterLogEvents request would begin."""
        if "nextToken" in params:
            return self.token(self._position(params["nextToken"]))
        return self.token(_FIRST if params.get("startFromHead", True) else _LAST)

    def _position(self, token: str) -> Key:
        if token not in self._tokens:
            raise _invalid("The specified nextToken is invalid.")
        issued, position = self._tokens[token]
        if self.clock() - issued > TOKEN_LIFE_MS:
            raise _invalid("The specified nextToken is expired.")
        return position

    def _stream_token(self, direction: str, position: Key) -> str:
        # The same position gives the same token: equal tokens are how a reader knows the end.
        text = "/".join(str(part) for part in position)
        token = f"{direction}/{base64.urlsafe_b64encode(text.encode()).decode()}/s"
        self._stream_tokens.setdefault(token, self.clock())
        return token

    def _stream_position(self, token: str) -> tuple[bool, Key]:
        issued = self._stream_tokens.get(token)
        if issued is None:
            raise _invalid("The specified nextToken is invalid.")
        if self.clock() - issued > TOKEN_LIFE_MS:
            raise _invalid("The specified nextToken is expired.")
        direction, encoded, _ = token.split("/")
        timestamp, ingestion, number = base64.urlsafe_b64decode(encoded).decode().split("/")
        return direction == "f", (int(timestamp), int(ingestion), int(number))

    # Parts --------------------------------------------------------------------------------------

    def _group_of(self, params: Params) -> StoredGroup:
        name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
        if bool(name) == bool(identifier):
            raise _invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")
        return self.resolve(name or identifier)  # type: ignore[arg-type]

    def _listed(self, found: list[Any], params: Params, most: int) -> tuple[list[Any], dict[str, str]]:
        limit = _limit(params, most)
        start = self._position(params["nextToken"])[0] if "nextToken" in params else 0
        end = start + limit
        return found[start:end], {"nextToken": self.token((end, 0, 0))} if end < len(found) else {}

    def _walk(self, group: StoredGroup, low: Key, high: Key, *, forward: bool) -> Iterator[StoredEvent]:
        """Visible events with `low <= key < high`, in either direction."""
        now = self.clock()
        first = bisect_left(group.events, low, key=attrgetter("key"))
        end = bisect_left(group.events, high, key=attrgetter("key"))
        for index in range(first, end) if forward else range(end - 1, first - 1, -1):
            event = group.events[index]
            if event.ingestion <= now:
                yield event


def matcher(pattern: str) -> Callable[[str], bool]:
    """What a filter pattern lets through, or the service's refusal of it."""
    if len(pattern) > 1_024:
        raise _invalid("filterPattern must have length less than or equal to 1024.")
    if not pattern:
        return lambda message: True
    from cwtui.lang.filter_pattern import parse_pattern

    try:
        return parse_pattern(pattern).matches
    except InputError as error:
        raise _invalid("Invalid filter pattern") from error


def _readable(group: StoredGroup, operation: str) -> None:
    if group.log_class != "STANDARD":
        raise Refusal("InvalidOperationException", f"{operation} is not supported for this log class")


def _limit(params: Params, most: int) -> int:
    limit = int(params.get("limit", most))
    if not 1 <= limit <= most:
        raise _invalid(f"limit must be between 1 and {most}.")
    return limit


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def _group(group: StoredGroup) -> dict[str, Any]:
    answer = _short_group(group) | {
        "logGroupArn": group.arn,
        "logGroupClass": group.log_class,
        "metricFilterCount": group.metric_filters,
        "storedBytes": sum(event.size for event in group.events[:1000]),
    }
    told = {
        "retentionInDays": group.retention,
        "kmsKeyId": group.kms_key,
        "dataProtectionStatus": group.masking,
    }
    return answer | {name: value for name, value in told.items() if value}


def _short_group(group: StoredGroup) -> dict[str, Any]:
    return {"logGroupName": group.name, "arn": f"{group.arn}:*", "creationTime": group.creation}


def _stream(group: StoredGroup, stream: StoredStream) -> dict[str, Any]:
    known = {
        "firstEventTimestamp": stream.first,
        "lastEventTimestamp": stream.last,
        "lastIngestionTime": stream.last_ingestion,
    }
    return {
        "logStreamName": stream.name,
        "creationTime": stream.creation,
        "arn": f"{group.arn}:log-stream:{stream.name}",
        "storedBytes": 0,
    } | {name: value for name, value in known.items() if value is not None}
