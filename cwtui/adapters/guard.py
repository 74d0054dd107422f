"""The write guard: no client of ours issues an AWS operation that the permissions table does not allow.

It hangs on botocore's events, so that it holds for every client of a session, whoever makes it, sync or
async, and before a byte is sent. Presigned URLs of an operation pass it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cwtui.adapters.call_log import call_log
from cwtui.core.errors import PermissionDenied
from cwtui.core.permissions import SDK_OPERATIONS, permission


class EventHooks(Protocol):
    """What botocore calls an event emitter: a session's, boto3's or aiobotocore's."""

    def register_first(self, event_name: str, handler: _Handler) -> None: ...


class OperationModel(Protocol):
    """The part of botocore's OperationModel that names a call."""

    @property
    def name(self) -> str: ...
    @property
    def service_model(self) -> ServiceModel: ...


class ServiceModel(Protocol):
    @property
    def service_name(self) -> str: ...


class _Handler(Protocol):
    def __call__(
        self,
        model: OperationModel,
        params: Mapping[str, object],
        context: Mapping[str, object],
        **kwargs: object,
    ) -> None: ...


def guard(session_events: EventHooks, allow_write: bool, *, calls: str = "") -> None:
    """Refuse what is not allowed; call it before the session makes its first client.

    `session_events` is `boto3.Session().events`, or `session.get_component("event_emitter")` of botocore
    and aiobotocore: clients copy it when they are made. Guarding twice is safe: the stricter one wins.
    The refused call raises PermissionDenied (`cwtui.perm.read-only`, `cwtui.perm.unlisted`).
    `calls` names a file in which each call that passes is recorded; InputError where it cannot be written.
    """
    record = call_log(calls) if calls else None

    def refuse(
        model: OperationModel, params: Mapping[str, object], context: Mapping[str, object], **kwargs: object
    ) -> None:
        service = model.service_model.service_name
        check(service, model.name, allow_write)
        if record is not None:
            record.note(service, model.name, str(context.get("client_region") or ""), params)

    session_events.register_first("before-parameter-build", refuse)


def check(service: str, operation: str, allow_write: bool) -> None:
    """Raise PermissionDenied where the operation may not be issued."""
    if (service, operation) in SDK_OPERATIONS:
        return
    row = permission(service, operation)
    if row is None:
        raise PermissionDenied(
            f"cwtui does not issue {service}:{operation}.",
            "This is a guard of cwtui's own, not an answer from AWS; please report it.",
            code="unlisted",
        )
    if row.writes and not allow_write:
        raise PermissionDenied(
            f"cwtui is read-only here, and to {row.feature} ({row.action}) writes.",
            "Add --allow-write, or set allow_write = true under [safety] in config.toml.",
            code="read-only",
        )
