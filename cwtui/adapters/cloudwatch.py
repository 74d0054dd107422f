"""CloudWatch Logs as a `LogReader`: one call, one answer. Promises about loss and order are made in `fetch`.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.access.identity import Identity
from cwtui.adapters.event_columns import EventColumns, columns
from cwtui.core.errors import CwtuiError
from cwtui.core.models import (
    Context,
    EventBatch,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    LogStream,
    StreamPage,
    StreamRequest,
    StreamsRequest,
)
from cwtui.core.ports import Clock
from cwtui.settings import Settings

if TYPE_CHECKING:
    from cwtui.adapters.aws_session import AwsSession

_MOST_EVENTS = 10_000
_IDENTITY_SECONDS = 3.0


class CloudWatchReader:
    """One account and region. Making it costs nothing; the first call opens the session."""

    def __init__(
        self,
        settings: Settings,
        *,
        keys: tuple[str, str] | None = None,
        clock: Clock = lambda: time.time_ns() // 1_000_000,
        attempts: int = 2,
    ) -> None:
        """`keys` are an access key and its secret, instead of the SDK's search for credentials.

        `attempts` are tries of one call within the SDK; patience and pacing are the business of `fetch`.
        """
        self._settings = settings
        self._keys = keys
        self._clock = clock
        self._attempts = attempts
        self._context = Context(
            settings.profile or "default",
            region=settings.region,
            profile=settings.profile,
            allow_write=settings.allow_write,
        )
        self._opening = asyncio.Lock()
        self._session: AwsSession | None = None
        self._asking: asyncio.Task[Identity | None] | None = None

    @property
    def context(self) -> Context:
        """Account and principal are empty until the first call, and where AWS would not say."""
        return self._context

    async def whoami(self) -> Identity:
        """Asks STS who is calling."""
        return await (await self._opened()).identity()

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        """DescribeLogGroups; a pattern makes the service leave out size, class and retention."""
        params = _given(logGroupNamePattern=pattern, nextToken=token)
        answer = await self._call("DescribeLogGroups", params, "logGroups", pattern)
        account = await self._account()
        groups = [self._group(item, account) for item in answer["logGroups"]]
        return GroupPage(groups, answer.get("nextToken"))

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        """DescribeLogStreams, latest event first where asked (by a clock that lags by an hour and more)."""
        params = _group_of(request.group) | _given(logStreamNamePrefix=request.prefix, nextToken=token)
        if request.newest_first:
            params |= {"orderBy": "LastEventTime", "descending": True}
        answer = await self._call("DescribeLogStreams", params, "logStreams", request.group)
        streams = [_stream(item, request.group) for item in answer["logStreams"]]
        return StreamPage(streams, answer.get("nextToken"))

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        """FilterLogEvents."""
        params = _group_of(request.group) | _given(
            startTime=max(0, request.window.start),
            # This call counts its end in.
            endTime=None if request.window.end is None else request.window.end - 1,
            logStreamNamePrefix=request.stream_prefix,
            logStreamNames=list(request.streams),
            filterPattern=request.pattern,
            nextToken=token,
        )
        params["limit"] = min(request.limit, _MOST_EVENTS)
        if request.newest_first:
            params["startFromHead"] = False
        answer = await self._call("FilterLogEvents", params, "events", request.group)
        batch = await self._batch(answer["events"], request.group)
        return EventsPage(batch, answer.get("nextToken"))

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        """GetLogEvents; `token` goes on in the direction of the request, `back_token` always back."""
        params = _group_of(request.group) | _given(
            logStreamName=request.stream,
            startTime=max(0, request.window.start),
            endTime=request.window.end,
            nextToken=token,
        )
        params |= {"startFromHead": request.from_head, "limit": min(request.limit, _MOST_EVENTS)}
        answer = await self._call("GetLogEvents", params, "events", request.group, request.stream)
        batch = await self._batch(answer["events"], request.group, request.stream)
        back = answer.get("nextBackwardToken")
        return EventsPage(batch, answer.get("nextForwardToken") if request.from_head else back, back)

    async def live(self, request: LiveRequest) -> AsyncIterator[LiveUpdate]:
        """StartLiveTail. Ends only by being closed, or with the error that ended it."""
        session = await self._opened()
        account = await self._account()
        names = [group.name for group in request.groups]
        about = ", ".join(names)
        params: dict[str, Any] = {
            "logGroupIdentifiers": [self._arn(group, account, session.partition) for group in request.groups]
        }
        params |= _given(
            logEventFilterPattern=request.pattern,
            logStreamNamePrefixes=[request.stream_prefix] if request.stream_prefix else [],
        )
        with session.translated("logs", "StartLiveTail", about):
            client = await session.live_client()
            stream = (await client.start_live_tail(**params))["responseStream"]
            try:
                async for item in stream:
                    if "sessionUpdate" in item:
                        yield self._update(item["sessionUpdate"], names, account, about)
            finally:
                stream.close()
            # The service never ends a session in silence: it was cut, perhaps in mid-frame.
            raise explain_error(Failure("StreamEnded", operation="StartLiveTail", resource=about))

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        """Unknown beforehand."""
        return None

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        if self._session is not None:
            await self._session.aclose()

    async def _opened(self) -> AwsSession:
        async with self._opening:
            if self._session is None:
                self._session = await asyncio.to_thread(
                    open_session, self._settings, self._keys, self._clock, self._attempts
                )
                self._context = replace(
                    self._context, region=self._session.region, profile=self._session.profile
                )
                self._asking = asyncio.create_task(self._ask(self._session))
            return self._session

    async def _call(
        self, operation: str, params: Mapping[str, object], member: str, resource: str, stream: str = ""
    ) -> Mapping[str, Any]:
        session = await self._opened()
        answer = await session.call("logs", operation, params, resource, stream)
        if member not in answer:
            # A 200 whose body is no such answer parses to nothing: that is not an empty page.
            request_id = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
            endpoint = self._settings.endpoint_url or "the network"
            raise explain_error(
                Failure(
                    "NotCloudWatch",
                    operation=operation,
                    resource=resource,
                    stream=stream,
                    endpoint=endpoint,
                    request_id=request_id,
                )
            )
        return answer

    async def _ask(self, session: AwsSession) -> Identity | None:
        try:
            async with asyncio.timeout(_IDENTITY_SECONDS):
                identity = await session.identity()
        except (CwtuiError, TimeoutError):
            # Logs can be read without STS: the account then stays unnamed, for this reader's whole life.
            return None
        self._context = replace(self._context, account=identity.account, principal=identity.arn)
        return identity

    async def _account(self) -> str:
        if self._asking is not None:
            await asyncio.wait([self._asking])
        return self._context.account

    async def _batch(self, events: EventColumns, group: str, stream: str = "") -> EventBatch:
        return _batch(events, await self._account(), self._context.region, group, stream)

    def _group(self, item: Mapping[str, Any], account: str) -> LogGroup:
        arn = str(item.get("logGroupArn") or item.get("arn", "")).removesuffix(":*")
        return LogGroup(
            item["logGroupName"],
            arn,
            item.get("storedBytes"),
            item.get("retentionInDays"),
            item.get("creationTime"),
            item.get("logGroupClass", ""),
            arn.split(":")[4] if arn.count(":") >= 6 else account,
            self._context.region,
        )

    def _arn(self, group: LogGroup, account: str, partition: str) -> str:
        if group.arn:
            return group.arn.removesuffix(":*")
        return (
            f"arn:{partition}:logs:{self._context.region}:{group.account or account}:log-group:{group.name}"
        )

    def _update(
        self, update: Mapping[str, Any], names: Sequence[str], account: str, about: str
    ) -> LiveUpdate:
        if "sessionResults" not in update:
            raise explain_error(Failure("NotCloudWatch", operation="StartLiveTail", resource=about))
        of_group: dict[str, list[Any]] = {}
        for event in update["sessionResults"]:
            identifier = str(event.get("logGroupIdentifier", ""))
            name = next((name for name in names if f":{identifier}".endswith(f":{name}")), identifier)
            of_group.setdefault(name, []).append(event)
        return LiveUpdate(
            [
                _batch(columns(events), account, self._context.region, name)
                for name, events in of_group.items()
            ],
            bool(update.get("sessionMetadata", {}).get("sampled")),
        )


def open_session(settings: Settings, keys: tuple[str, str] | None, clock: Clock, attempts: int) -> AwsSession:
    """Blocking: imports the SDK and loads its models; for a thread."""
    from cwtui.adapters.aws_session import AwsSession

    return AwsSession(settings, keys=keys, clock=clock, attempts=attempts)


def _batch(events: EventColumns, account: str, region: str, group: str, stream: str = "") -> EventBatch:
    if group.startswith("arn:"):
        account, group = group.split(":")[4], _name(group)
    return EventBatch(
        account,
        region,
        group,
        events.timestamps,
        events.ingestion_times,
        [stream] * len(events) if stream else events.streams,
        events.messages,
        events.event_ids,
        events.malformed,
    )


def _stream(item: Mapping[str, Any], group: str) -> LogStream:
    return LogStream(
        item["logStreamName"],
        _name(group),
        item.get("firstEventTimestamp"),
        item.get("lastEventTimestamp"),
        item.get("lastIngestionTime"),
        item.get("creationTime"),
    )


def _name(group: str) -> str:
    return group.partition(":log-group:")[2].removesuffix(":*") if group.startswith("arn:") else group


def _group_of(group: str) -> dict[str, Any]:
    # A group of another account is known by its ARN only.
    if group.startswith("arn:"):
        return {"logGroupIdentifier": group.removesuffix(":*")}
    return {"logGroupName": group}


def _given(**params: object) -> dict[str, Any]:
    """What is neither None nor empty: the service refuses empty lists and names."""
    return {name: value for name, value in params.items() if value not in (None, "", [])}
