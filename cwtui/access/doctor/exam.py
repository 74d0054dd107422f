"""What a round of checks works on: what is examined, and the calls that several checks share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from cwtui.access.credential_sources import Place, SignedIn
from cwtui.access.doctor.door import AwsDoor
from cwtui.access.doctor.findings import Finding
from cwtui.access.doctor.fixes import of_group
from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.core.errors import CwtuiError
from cwtui.core.ports import ChatModel, Clock, LogReader
from cwtui.settings import Settings

_CHECK_SECONDS = 10.0
"""After so long a check ends as unknown: the others' answers are worth more than waiting."""
GROUPS_A_PAGE = 50

Answer = Mapping[str, Any]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Bench:
    """What is examined, and with what."""

    door: AwsDoor
    reader: LogReader
    settings: Settings
    clock: Clock
    chat: ChatModel | None = None
    group: str = ""
    """The log group to probe with; empty: the first that is listed."""
    bucket: str = ""
    """An export bucket to look at; empty: none."""
    features: frozenset[str] = field(default_factory=frozenset)
    """Probe these only, by the names of the permissions table; empty: all."""
    live: bool = False
    """Open a live tail for a moment, which is billed."""
    simulate: bool = False
    seconds: float = _CHECK_SECONDS


class Exam:
    """A round. Its shared calls are tasks of the group that runs the checks, begun by whoever asks first."""

    def __init__(self, bench: Bench, tasks: asyncio.TaskGroup) -> None:
        self.bench = bench
        self._tasks = tasks
        self._calls: dict[tuple[str, str, str], asyncio.Task[Answer | CwtuiError]] = {}
        self._begun: list[asyncio.Task[Any]] = []

    def end(self) -> None:
        """Cancels what is still asked for and nobody waits for any more."""
        for task in self._begun:
            task.cancel()

    async def call(self, service: str, operation: str, **params: object) -> Answer:
        """One call through the guarded door. Raises CwtuiError."""
        return await self.bench.door.call(service, operation, params)

    async def member(self, service: str, operation: str, member: str, **params: object) -> Answer:
        """One call whose answer must have this member, else it is not AWS's: a 200 of a proxy parses to
        nothing. Raises CwtuiError."""
        answer = await self.call(service, operation, **params)
        if member not in answer:
            told = Failure("NotCloudWatch", service=service, operation=operation, endpoint="the network")
            with suppress(CwtuiError):
                place = await self.place()
                # Where nothing was set, the service's own address is told by the region.
                custom = place.endpoint if place.custom else f"{service} in {place.region}"
                told = replace(told, region=place.region, endpoint=custom)
            raise explain_error(told)
        return answer

    async def once(self, service: str, operation: str, member: str, **params: object) -> Answer:
        """`member`, made once a round however many ask; the answer also says when it came (`cwtuiNow`)."""

        async def ask() -> Answer:
            answer = await self.member(service, operation, member, **params)
            return {**answer, "cwtuiNow": self.bench.clock()}

        key = (service, operation, repr(sorted(params.items())))
        if key not in self._calls:
            self._calls[key] = self._shared(ask())
        return _value(await asyncio.shield(self._calls[key]))

    async def caller(self) -> Answer:
        """GetCallerIdentity."""
        return await self.once("sts", "GetCallerIdentity", "Account")

    async def signed_in(self) -> SignedIn:
        """The credentials in use."""
        return _value(await asyncio.shield(self._signed_in))

    async def place(self) -> Place:
        """Where calls go."""
        return _value(await asyncio.shield(self._place))

    async def first_groups(self) -> Answer:
        """The first page of DescribeLogGroups."""
        return await self.once("logs", "DescribeLogGroups", "logGroups", limit=GROUPS_A_PAGE)

    async def first_streams(self) -> Answer:
        """The stream of the probed group that wrote last."""
        params = named_group(await self.group())
        params |= {"orderBy": "LastEventTime", "descending": True, "limit": 1}
        return await self.once("logs", "DescribeLogStreams", "logStreams", **params)

    async def group(self) -> str:
        """The log group to probe with: the one named, else the first one; empty where there is none."""
        if self.bench.group:
            return self.bench.group
        try:
            listed = (await self.first_groups())["logGroups"]
        except CwtuiError:
            return ""
        # Of the other classes no events can be read, whatever is allowed.
        readable = [one for one in listed if one.get("logGroupClass", "STANDARD") == "STANDARD"]
        return str((readable or listed)[0]["logGroupName"]) if listed else ""

    async def account(self) -> str:
        """The account's number, or empty where STS does not say."""
        try:
            return str((await self.caller()).get("Account", ""))
        except CwtuiError:
            return ""

    async def names(self, group: str = "") -> dict[str, str]:
        """What the permissions table's templates need, as far as it is known."""
        known = {"account": await self.account(), "bucket": self.bench.bucket}
        with suppress(CwtuiError):
            place = await self.place()
            known |= {"partition": place.partition, "region": place.region}
        return known | of_group(group)

    @cached_property
    def _signed_in(self) -> asyncio.Task[SignedIn | CwtuiError]:
        return self._shared(self.bench.door.signed_in())

    @cached_property
    def _place(self) -> asyncio.Task[Place | CwtuiError]:
        return self._shared(self.bench.door.place())

    def _shared(self, asking: Awaitable[Value]) -> asyncio.Task[Value | CwtuiError]:
        async def settled() -> Value | CwtuiError:
            try:
                return await asking
            except CwtuiError as error:
                return error

        task = self._tasks.create_task(settled())
        self._begun.append(task)
        return task


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to find out. It raises nothing but `CwtuiError`, which then is what was found out."""

    id: str
    title: str
    run: Callable[[Exam], Awaitable[Finding]]
    feature: str = ""


def named_group(group: str) -> dict[str, object]:
    """The parameter that names a group: an ARN, of another account, goes by another name."""
    return {"logGroupIdentifier" if group.startswith("arn:") else "logGroupName": group}


def _value(settled: Value | CwtuiError) -> Value:
    if isinstance(settled, CwtuiError):
        raise settled
    return settled
