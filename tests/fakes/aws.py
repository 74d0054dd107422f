"""The fake AWS: an aiohttp application on loopback that speaks the real wire formats.

JSON 1.1 for CloudWatch Logs, the event-stream encoding for Live Tail, the query protocol for STS and IAM,
REST for what is asked of an S3 bucket.
Time is `fake.clock`; faults are scripted with `fake.script`; what was asked stands in `fake.calls`.

    async with FakeAws() as fake:
        fake.logs.put("/aws/lambda/shop", "stream", timestamp, "message")
        fake.script("FilterLogEvents", Fault.throttle(2), when=only_group("/aws/lambda/shop"))
        CloudWatchReader(AwsSession(endpoint_url=fake.url, region=fake.region, credentials=FAKE_KEYS))
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Self
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import orjson
from aiohttp import web

from tests.fakes import aws_eventstream
from tests.fakes.aws_faults import Fault, only_group
from tests.fakes.aws_iam import FakeIam
from tests.fakes.aws_logs import FakeLogs, Refusal, matcher
from tests.fakes.aws_s3 import FakeS3
from tests.fakes.aws_sts import FakeSts

__all__ = ["FAKE_KEYS", "Call", "FakeAws", "Fault", "VirtualClock", "only_group"]

FAKE_KEYS = ("AKIAFAKEFAKEFAKEFAKE", "not-a-secret")
"""Access key and secret that the fake takes; it verifies that a request is signed, not the signature."""

LIVE_SESSIONS = 15
LIVE_EVENTS = 500
_TARGET = "Logs_20140328."
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


class VirtualClock:
    """A clock that only a test moves; ms UTC."""

    def __init__(self, now: int = 1_795_350_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, milliseconds: int) -> None:
        self.now += milliseconds


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached the fake, faulted or not."""

    operation: str
    params: Mapping[str, Any]
    region: str
    access_key: str
    user_agent: str


@dataclass(slots=True)
class _Scripted:
    fault: Fault
    when: Callable[[Mapping[str, Any]], bool]
    left: int


@dataclass(slots=True)
class FakeAws:
    """The server; use it as an async context manager."""

    clock: Callable[[], int] = field(default_factory=VirtualClock)
    account: str = "123456789012"
    region: str = "eu-west-1"
    live_interval: float = 1.0
    """Real seconds between two updates of a live tail."""
    calls: list[Call] = field(default_factory=list)
    url: str = ""
    live_sessions: int = 0
    """Live tails open now."""
    logs: FakeLogs = field(init=False)
    sts: FakeSts = field(init=False)
    iam: FakeIam = field(init=False)
    s3: FakeS3 = field(default_factory=FakeS3)
    _script: dict[str, list[_Scripted]] = field(default_factory=dict)
    _answers: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.logs = FakeLogs(lambda: self.clock(), self.account, self.region)
        self.sts = FakeSts(self.account)
        self.iam = FakeIam(self.account)

    def script(
        self,
        operation: str,
        *faults: Fault,
        when: Callable[[Mapping[str, Any]], bool] = lambda params: True,
    ) -> None:
        """These faults meet the next requests of an operation that `when` picks, one after another."""
        self._script.setdefault(operation, []).extend(_Scripted(fault, when, fault.times) for fault in faults)

    def called(self, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of every call of one operation, in order."""
        return [call.params for call in self.calls if call.operation == operation]

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=64 * 1_048_576)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    # One request --------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if request.path == "/federation/credentials":
            return self._sso(request)
        target = request.headers.get("X-Amz-Target", "")
        query = not target
        if query:
            params: dict[str, Any] = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            operation = str(params.get("Action", ""))
        else:
            params = json.loads(raw or b"{}")
            operation = target.removeprefix(_TARGET)
        signed = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        if signed and signed[3] == "s3":
            operation = self.s3.operation(request.method, request.query)
            params = {"Bucket": request.path.strip("/").partition("/")[0]}
        key, region = (signed[1], signed[2]) if signed else ("", "")
        self.calls.append(Call(operation, params, region, key, request.headers.get("User-Agent", "")))
        fault = self._next_fault(operation, params)
        headers = self._headers(fault)
        if fault is not None and fault.gate is not None:
            await fault.gate.wait()
        try:
            if fault is not None and fault.refusal is not None:
                raise fault.refusal(self.logs)
            if not signed and operation != "AssumeRoleWithWebIdentity":
                raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
            if key in self.sts.ended:
                raise Refusal(
                    "ExpiredTokenException", "The security token included in the request is expired"
                )
            if signed and signed[3] == "s3":
                owner = request.headers.get("x-amz-expected-bucket-owner", "")
                text, more = self.s3.answer(operation, params["Bucket"], owner)
                return web.Response(text=text, headers=headers | dict(more), content_type="application/xml")
            if query:
                service = self.iam if signed and signed[3] == "iam" else self.sts
                return web.Response(
                    text=service.answer(operation, params), headers=headers, content_type="text/xml"
                )
            if operation == "StartLiveTail":
                return await self._live_tail(request, params, headers)
            body = self._logs(operation, params, fault)
        except Refusal as refusal:
            if signed and signed[3] == "s3":
                return _refused_by_s3(refusal, headers, body=request.method != "HEAD")
            return _refused(refusal, headers, query=query)
        content_type = (fault and fault.content_type) or "application/x-amz-json-1.1"
        if fault is not None and fault.drop_after is not None:
            return await _cut(request, headers | {"Content-Type": content_type}, body, fault.drop_after)
        return web.Response(body=body, headers=headers | {"Content-Type": content_type})

    def _next_fault(self, operation: str, params: Mapping[str, Any]) -> Fault | None:
        waiting = self._script.get(operation, [])
        for scripted in waiting:
            if scripted.when(params):
                scripted.left -= 1
                if scripted.left <= 0:
                    waiting.remove(scripted)
                return scripted.fault
        return None

    def _headers(self, fault: Fault | None) -> dict[str, str]:
        offset = fault.date_offset_ms if fault is not None else 0
        return {
            "x-amzn-requestid": str(uuid.uuid4()),
            "Date": formatdate((self.clock() + offset) / 1000, usegmt=True),
        }

    def _logs(self, operation: str, params: dict[str, Any], fault: Fault | None) -> bytes:
        operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "DescribeLogGroups": self.logs.describe_log_groups,
            "ListLogGroups": self.logs.list_log_groups,
            "DescribeLogStreams": self.logs.describe_log_streams,
            "FilterLogEvents": self.logs.filter_log_events,
            "GetLogEvents": self.logs.get_log_events,
            "CreateLogGroup": self.logs.create_log_group,
            "CreateLogStream": self.logs.create_log_stream,
            "PutLogEvents": self.logs.put_log_events,
            "DescribeMetricFilters": self.logs.describe_metric_filters,
            "GetDataProtectionPolicy": self.logs.get_data_protection_policy,
        }
        if operation not in operations:
            raise Refusal("UnknownOperationException", f"{operation} is not known.")
        answer = operations[operation](params)
        about = (operation, str(params.get("logGroupName") or params.get("logGroupIdentifier")))
        # Of several chains of tokens at once each has its own answers before.
        chain = (*about, str((params.get("startTime"), params.get("endTime"))))
        if fault is not None and fault.reshape is not None:
            before = self._answers.get(chain if "nextToken" in params else about)
            answer = fault.reshape(self.logs, params, answer, before)
        self._answers[about] = self._answers[chain] = answer
        try:
            body = orjson.dumps(answer)
        except TypeError:
            body = json.dumps(answer).encode()
        return fault.spoil(body) if fault is not None and fault.spoil is not None else body

    def _sso(self, request: web.Request) -> web.Response:
        """GetRoleCredentials of the SSO portal, which takes a bearer token and no signature."""
        self.calls.append(Call("GetRoleCredentials", dict(request.query), "", "", ""))
        headers = self._headers(None)
        if request.headers.get("x-amz-sso_bearer_token", "") not in self.sts.sso_tokens:
            return web.json_response(
                {"message": "Session token not found or invalid"},
                status=401,
                headers=headers | {"x-amzn-errortype": "UnauthorizedException"},
            )
        return web.json_response(self.sts.sso_credentials(), headers=headers)

    # Live tail ----------------------------------------------------------------------------------

    async def _live_tail(
        self, request: web.Request, params: dict[str, Any], headers: dict[str, str]
    ) -> web.StreamResponse:
        identifiers = params.get("logGroupIdentifiers") or []
        if not 1 <= len(identifiers) <= 10:
            raise Refusal("InvalidParameterException", "logGroupIdentifiers must have 1 to 10 members.")
        if any(not identifier.startswith("arn:") for identifier in identifiers):
            raise Refusal("InvalidParameterException", "logGroupIdentifiers must be ARNs.")
        groups = [self.logs.resolve(identifier) for identifier in identifiers]
        if any(group.log_class != "STANDARD" for group in groups):
            message = "The operation is not valid on the specified resource"
            raise Refusal("InvalidOperationException", message)
        prefixes = tuple(params.get("logStreamNamePrefixes") or ())
        names = params.get("logStreamNames") or ()
        if (prefixes or names) and len(groups) != 1:
            raise Refusal("InvalidParameterException", "Stream filters need exactly one log group.")
        if self.live_sessions >= LIVE_SESSIONS:
            raise Refusal("LimitExceededException", "Rate exceeded")
        matches = matcher(str(params.get("logEventFilterPattern", "")))
        response = web.StreamResponse(
            headers=headers | {"Content-Type": "application/vnd.amazon.eventstream"}
        )
        await response.prepare(request)
        self.live_sessions += 1
        try:
            await response.write(aws_eventstream.event("initial-response", {}))
            await response.write(aws_eventstream.event("sessionStart", dict(params) | {"sessionId": "live"}))
            since = self.clock()
            while not self._closing.is_set():
                await asyncio.sleep(self.live_interval)
                until = self.clock()
                events = [
                    {
                        "logStreamName": event.stream,
                        "logGroupIdentifier": f"{group.account}:{group.name}",
                        "message": event.message,
                        "timestamp": event.timestamp,
                        "ingestionTime": event.ingestion,
                    }
                    for group, event in self.logs.arrived(groups, since, until)
                    if matches(event.message)
                    and event.stream.startswith(prefixes or ("",))
                    and (not names or event.stream in names)
                ]
                since = until
                update = aws_eventstream.event(
                    "sessionUpdate",
                    {
                        "sessionMetadata": {"sampled": len(events) > LIVE_EVENTS},
                        "sessionResults": events[:LIVE_EVENTS],
                    },
                )
                if not await self._deliver(request, response, update):
                    break
        finally:
            self.live_sessions -= 1
        return response

    async def _deliver(self, request: web.Request, response: web.StreamResponse, update: bytes) -> bool:
        """Sends an update, or what the script says instead; False when the session is over."""
        fault = self._next_fault("LiveTailUpdate", {})
        if request.transport is None:
            return False
        if fault is None:
            await response.write(update)
            return True
        if fault.live == "frame":
            await response.write(fault.frame)
            return True
        if fault.live == "silence":
            while not self._closing.is_set() and request.transport is not None:
                await asyncio.sleep(0.01)
            return False
        await response.write(update[: len(update) // 2])
        if fault.live == "cut":
            request.transport.abort()
        return False


async def _cut(request: web.Request, headers: dict[str, str], body: bytes, after: int) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers | {"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[:after])
    if request.transport is not None:
        request.transport.close()
    return response


def _refused(refusal: Refusal, headers: dict[str, str], *, query: bool) -> web.Response:
    if not refusal.code:
        return web.Response(status=refusal.status, text="<html>unavailable</html>", headers=headers)
    if query:
        text = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
            f"<Code>{refusal.code.removesuffix('Exception')}</Code><Message>{escape(refusal.message)}</Message>"
            f"</Error><RequestId>{headers['x-amzn-requestid']}</RequestId></ErrorResponse>"
        )
        status = 404 if refusal.status == 404 else 403
        return web.Response(status=status, text=text, headers=headers, content_type="text/xml")
    body = {"__type": refusal.code, "message": refusal.message}
    return web.json_response(
        body, status=refusal.status, headers=headers, content_type="application/x-amz-json-1.1"
    )


def _refused_by_s3(refusal: Refusal, headers: dict[str, str], *, body: bool) -> web.Response:
    text = f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
    return web.Response(
        status=refusal.status, text=text if body else None, headers=headers, content_type="application/xml"
    )
