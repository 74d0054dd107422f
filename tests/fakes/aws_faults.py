"""What can go wrong on the way, as a script for the fake AWS: one `Fault` an operation, in order.

A fault refuses a request, reshapes the answer, spoils its bytes, or spoils a live tail. It counts
down with every request it meets and then steps aside for the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes import aws_eventstream
from tests.fakes.aws_logs import FakeLogs, Params, Refusal

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of, or to, the next `times` answers."""

    times: int = 1
    refusal: Callable[[FakeLogs], Refusal] | None = None
    reshape: Callable[[FakeLogs, Params, Answer, Answer | None], Answer] | None = None
    """Gets the state, the request, the right answer and the one before it."""
    spoil: Callable[[bytes], bytes] | None = None
    content_type: str = ""
    drop_after: int | None = None
    """The connection is cut after this many bytes of the body."""
    gate: asyncio.Event | None = None
    """The answer waits for it."""
    date_offset_ms: int = 0
    """How far the server's clock runs ahead of ours, in its Date header."""
    live: str = ""
    """For live tail updates: `frame` (sent instead), `cut`, `silence` or `end`."""
    frame: bytes = b""

    @classmethod
    def throttle(cls, times: int = 1) -> Fault:
        return cls(times, refusal=lambda _: Refusal("ThrottlingException", "Rate exceeded"))

    @classmethod
    def refuse(cls, code: str, message: str = "", status: int = 400, times: int = 1) -> Fault:
        return cls(times, refusal=lambda _: Refusal(code, message, status))

    @classmethod
    def status(cls, status: int, times: int = 1) -> Fault:
        """A bare HTTP status with no JSON, as a load balancer answers."""
        return cls(times, refusal=lambda _: Refusal("", "", status))

    @classmethod
    def access_denied(
        cls,
        action: str,
        resource: str,
        *,
        policy: str = "identity-based",
        explicit: bool = False,
        times: int = 1_000_000,
    ) -> Fault:
        reason = (
            f"with an explicit deny in an {policy} policy"
            if explicit
            else f"because no {policy} policy allows the {action} action"
        )
        message = (
            "User: arn:aws:sts::123456789012:assumed-role/oncall/ana is not authorized to perform: "
            f"{action} on resource: {resource} {reason}"
        )
        return cls.refuse("AccessDeniedException", message, times=times)

    @classmethod
    def expired(cls, times: int = 1_000_000) -> Fault:
        return cls.refuse(
            "ExpiredTokenException", "The security token included in the request is expired", times=times
        )

    @classmethod
    def skew(cls, milliseconds: int, times: int = 1_000_000) -> Fault:
        """The server's clock is `milliseconds` ahead of ours: signatures are too old."""

        def refusal(state: FakeLogs) -> Refusal:
            server = datetime.fromtimestamp((state.clock() + milliseconds) / 1000, tz=UTC)
            signed = datetime.fromtimestamp(state.clock() / 1000, tz=UTC)
            late, edge = f"{signed:%Y%m%dT%H%M%SZ}", f"{server - timedelta(minutes=5):%Y%m%dT%H%M%SZ}"
            told = (
                f"Signature expired: {late} is now earlier than {edge} ({server:%Y%m%dT%H%M%SZ} - 5 min.)"
                if milliseconds > 0
                else f"Signature not yet current: {late} is still later than "
                f"{server + timedelta(minutes=5):%Y%m%dT%H%M%SZ} ({server:%Y%m%dT%H%M%SZ} + 5 min.)"
            )
            return Refusal("InvalidSignatureException", told)

        return cls(times, refusal=refusal, date_offset_ms=milliseconds)

    @classmethod
    def html_200(cls, times: int = 1) -> Fault:
        """A captive portal or a proxy that answers everything itself."""
        page = b"<!doctype html><html><body>Please sign in to the network.</body></html>"
        return cls(times, spoil=lambda _: page, content_type="text/html")

    @classmethod
    def empty_json(cls, times: int = 1) -> Fault:
        return cls(times, spoil=lambda _: b"{}")

    @classmethod
    def cut_json(cls, times: int = 1) -> Fault:
        return cls(times, spoil=lambda body: body[: len(body) // 2])

    @classmethod
    def body(cls, spoil: Callable[[bytes], bytes], times: int = 1) -> Fault:
        """Any change to the bytes of the answer."""
        return cls(times, spoil=spoil)

    @classmethod
    def empty_page(cls, times: int = 1) -> Fault:
        """FilterLogEvents: no events, and a token that goes on where this request began."""
        return cls(times, reshape=lambda state, params, _, __: _nothing(state.again(params)))

    @classmethod
    def repeat_token(cls, times: int) -> Fault:
        """FilterLogEvents: an empty page with the very token that was sent."""
        return cls(
            times,
            reshape=lambda state, params, _, __: _nothing(params.get("nextToken") or state.again(params)),
        )

    @classmethod
    def duplicate_last_page(cls, times: int = 1) -> Fault:
        """FilterLogEvents: the answer before this one once more, then on from where this one began."""

        def reshape(state: FakeLogs, params: Params, answer: Answer, before: Answer | None) -> Answer:
            return answer if before is None else before | {"nextToken": state.again(params)}

        return cls(times, reshape=reshape)

    @classmethod
    def odd(cls, at: int = 0, times: int = 1, **values: object) -> Fault:
        """Sets members of the event at position `at` of the page; `...` takes the member away."""

        def reshape(_: FakeLogs, __: Params, answer: Answer, ___: Answer | None) -> Answer:
            events = [dict(event) for event in answer["events"]]
            for name, value in values.items():
                if value is ...:
                    events[at].pop(name, None)
                else:
                    events[at][name] = value
            return answer | {"events": events}

        return cls(times, reshape=reshape)

    @classmethod
    def drop(cls, after_bytes: int, times: int = 1) -> Fault:
        return cls(times, drop_after=after_bytes)

    @classmethod
    def stall(cls, gate: asyncio.Event, times: int = 1) -> Fault:
        return cls(times, gate=gate)

    # Live tail, scripted under the operation name "LiveTailUpdate" -------------------------------

    @classmethod
    def stream_exception(cls, kind: str = "SessionTimeoutException", message: str = "It timed out.") -> Fault:
        return cls(live="frame", frame=aws_eventstream.exception(kind, message))

    @classmethod
    def stream_error(cls, code: str, message: str = "") -> Fault:
        return cls(live="frame", frame=aws_eventstream.error(code, message))

    @classmethod
    def bad_crc(cls) -> Fault:
        return cls(live="frame", frame=aws_eventstream.spoilt(aws_eventstream.event("sessionUpdate", {})))

    @classmethod
    def cut_frame(cls) -> Fault:
        """Half an update, then the connection is reset."""
        return cls(live="cut")

    @classmethod
    def end(cls) -> Fault:
        """The connection ends cleanly in the middle of a frame."""
        return cls(live="end")

    @classmethod
    def silence(cls) -> Fault:
        """No further update; the connection stays open."""
        return cls(live="silence")


def only_group(name: str) -> Callable[[Mapping[str, Any]], bool]:
    """A predicate for requests about one group."""

    def about(params: Mapping[str, Any]) -> bool:
        told = str(params.get("logGroupName") or params.get("logGroupIdentifier") or "")
        return told == name or told.endswith(f":log-group:{name}")

    return about


def _nothing(token: str) -> Answer:
    return {"events": [], "searchedLogStreams": [], "nextToken": token}
