"""CloudWatch Logs as a `LogReader`: one call, one answer. Promises about loss and order are made in `fetch`.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cwtui.access.aws_profiles import supposed_account
from cwtui.access.error_catalogue import Failure, explain_error, mfa_needed
from cwtui.access.identity import Identity
from cwtui.adapters.aws_calls import SessionCalls
from cwtui.adapters.by_stream import ByStream
from cwtui.adapters.event_columns import EventColumns
from cwtui.adapters.live_tail import live_tail
from cwtui.adapters.log_shapes import batch_of, given, group_of, named, stream_of
from cwtui.core.errors import CredentialsError, CwtuiError, Renewal
from cwtui.core.models import (
    Context,
    EventBatch,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    StreamPage,
    StreamRequest,
    StreamsRequest,
)
from cwtui.core.naming import Place
from cwtui.core.ports import AskMfa, Clock
from cwtui.settings import Settings

if TYPE_CHECKING:
    from cwtui.adapters.aws_session import AwsSession

_MOST_EVENTS = 10_000
_MOST_NAMES = 1_000
_IDENTITY_SECONDS = 3.0
_NUMBERS = itertools.count(1)
"""Of sessions, over all readers: what ends is told by its number whose it was."""


class CloudWatchReader:
    """One account and region. Making it costs nothing; the first call opens the session."""

    def __init__(
        self,
        settings: Settings,
        *,
        keys: tuple[str, str] | None = None,
        clock: Clock = lambda: time.time_ns() // 1_000_000,
        attempts: int = 2,
        live_silence_seconds: float = 15,
        ask_mfa: AskMfa | None = None,
    ) -> None:
        """`keys` are an access key and its secret, instead of the SDK's search for credentials.

        `attempts` are tries of one call within the SDK; patience and pacing are the business of `fetch`.
        A live tail that says nothing for `live_silence_seconds` is dead: an update is due every second.
        `ask_mfa` is asked for the codes of a profile or role with an `mfa_serial`, one question at a time.
        """
        self._settings = settings
        self._open = partial(
            open_session,
            settings,
            keys=keys,
            clock=clock,
            attempts=attempts,
            live_silence_seconds=live_silence_seconds,
            ask_mfa=ask_mfa,
        )
        self._context = Context(
            settings.context or settings.profile or "default",
            region=settings.region,
            profile=settings.profile,
            allow_write=settings.allow_write,
            colour=settings.colour,
            production=settings.production,
        )
        self._by_stream = ByStream(self._filtered_page, self.stream_page)
        self._opening = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: AwsSession | None = None
        self.number = next(_NUMBERS)
        """Of the session in use, or of the next one."""
        self.refused = False
        """Whether the last call found the credentials wanting."""
        self._asking: asyncio.Task[Identity | None] | None = None

    @property
    def context(self) -> Context:
        """Account and principal are empty until the first call, and where AWS would not say."""
        return self._context

    @property
    def expires(self) -> int | None:
        """When the credentials in use end, ms UTC; None: never, or nobody has signed in."""
        return self._session.expires if self._session is not None else None

    @property
    def notes(self) -> Sequence[str]:
        """None: a service has no file that could be cut."""
        return ()

    async def renew(self, ended: Renewal | None = None) -> None:
        """The next call looks for credentials afresh, and asks for a code again where one is needed.

        Call it before trying again what raised a CredentialsError. Calls in flight end on what they began
        with. `ended` is the error's renewal: where that session was replaced since, nothing happens.
        """
        async with self._opening:
            if not self.is_current(ended):
                return
            session, self._session = self._session, None
            asking, self._asking = self._asking, None
            self.number = next(_NUMBERS)
            self.refused = False
        self._by_stream.forget()
        if asking is not None:
            asking.cancel()
            await asyncio.wait([asking])
        if session is not None:
            await session.retire()

    def is_current(self, ended: Renewal | None) -> bool:
        """Whether the session that ended is still the one in use, so that somebody must renew it."""
        return ended is None or ended.session in (0, self.number)

    def lend_keys(self) -> tuple[str, str, str]:
        """Access key, secret and session token of who reads here. Blocking: for threads, not for the loop."""
        if self._loop is None:
            raise mfa_needed(self._settings.profile)

        async def keys() -> tuple[str, str, str]:
            return await (await self._opened()).keys()

        return asyncio.run_coroutine_threadsafe(keys(), self._loop).result()

    @property
    def calls(self) -> SessionCalls:
        """The same session's door to everything that is not reading logs."""

        def note(refused: bool) -> None:
            self.refused = refused

        return SessionCalls(self._opened, note)

    async def whoami(self) -> Identity:
        """Asks STS who is calling."""
        return await (await self._opened()).identity()

    async def place(self) -> Place:
        """The account and the region that are read; the account as AWS says it, else as the settings do.

        Raises CwtuiError where no session can be opened.
        """
        await self._opened()
        account = await self._account()
        if not account:
            account = await asyncio.to_thread(
                supposed_account, self._settings.role_arn, self._context.profile
            )
        return Place(account, self._context.region)

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        """DescribeLogGroups; a pattern makes the service leave out size, class and retention.

        Of a monitoring account (`linked`) the groups of all accounts that are linked to it.
        """
        params = given(logGroupNamePattern=pattern, nextToken=token)
        return GroupPage(*await self._listed("DescribeLogGroups", params, pattern))

    async def group_names_page(self, token: str | None) -> GroupPage:
        """ListLogGroups: a thousand a call, of each name, ARN and class."""
        return GroupPage(*await self._listed("ListLogGroups", given(nextToken=token, limit=_MOST_NAMES)))

    async def group_facts(self, groups: Sequence[str]) -> Sequence[LogGroup]:
        """DescribeLogGroups of at most 50 groups, by ARN."""
        return (await self._listed("DescribeLogGroups", {"logGroupIdentifiers": list(groups)}))[0]

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        """DescribeLogStreams, latest event first where asked (by a clock that lags by an hour and more)."""
        params = named(request.group) | given(logStreamNamePrefix=request.prefix, nextToken=token)
        if request.newest_first:
            params |= {"orderBy": "LastEventTime", "descending": True}
        answer = await self._call("DescribeLogStreams", params, "logStreams", request.group)
        streams = [stream_of(item, request.group) for item in answer["logStreams"]]
        return StreamPage(streams, answer.get("nextToken"))

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        """FilterLogEvents; of one stream GetLogEvents, where that alone is allowed."""
        return await self._by_stream.page(request, token)

    @property
    def remarks(self) -> Sequence[str]:
        """What is read otherwise than asked for, a sentence each."""
        return self._by_stream.remarks

    async def _filtered_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        params = named(request.group) | given(
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
        params = named(request.group) | given(
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

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        """StartLiveTail. Ends only by being closed, or with the error that ended it."""
        session = await self._opened()
        async with aclosing(live_tail(session, await self._account(), request)) as updates:
            async for update in updates:
                yield update

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
        # Whoever comes while the user is being asked for a code waits here for the one answer.
        self._loop = asyncio.get_running_loop()
        async with self._opening:
            if self._session is None:
                self._session = await asyncio.to_thread(self._open, number=self.number)
                self._context = replace(
                    self._context, region=self._session.region, profile=self._session.profile
                )
            if self._asking is None:
                if self._session.needs_a_code:
                    # However signing in fails, it stays so until somebody asks for another try.
                    self.refused = True
                    await self._session.sign_in()
                self._asking = asyncio.create_task(self._ask(self._session))
            return self._session

    async def _call(
        self, operation: str, params: Mapping[str, object], member: str, resource: str, stream: str = ""
    ) -> Mapping[str, Any]:
        try:
            answer = await (await self._opened()).call("logs", operation, params, resource, stream)
        except CredentialsError:
            self.refused = True
            raise
        self.refused = False
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
        self._context = replace(
            self._context, account=identity.account, principal=identity.arn, provider=identity.provider
        )
        return identity

    async def _account(self) -> str:
        if self._asking is not None:
            await asyncio.wait([self._asking])
        return self._context.account

    async def _listed(
        self, operation: str, params: dict[str, Any], about: str = ""
    ) -> tuple[list[LogGroup], str | None]:
        """Groups and the next token, of either operation that lists groups."""
        if self._settings.linked:
            params["includeLinkedAccounts"] = True
        answer = await self._call(operation, params, "logGroups", about)
        account = await self._account()
        groups = [group_of(item, account, self._context.region) for item in answer["logGroups"]]
        return groups, answer.get("nextToken")

    async def _batch(self, events: EventColumns, group: str, stream: str = "") -> EventBatch:
        return batch_of(events, await self._account(), self._context.region, group, stream)


def open_session(settings: Settings, **options: Any) -> AwsSession:
    """Blocking: imports the SDK and loads its models; for a thread. Options as of `AwsSession`."""
    from cwtui.adapters.aws_session import AwsSession

    return AwsSession(settings, **options)
