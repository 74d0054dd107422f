"""What an AWS failure means and what to do about it, without an SDK.

`explain_error` turns a name, the service's own words and what was being done into the error to raise.
Those words are foreign text: a face makes them printable.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime

from cwtui.access.console import insights_url
from cwtui.access.denied import read_denial
from cwtui.access.error_rows import (
    DENIED,
    LOG_CLASS,
    OTHER,
    OTHER_NETWORK,
    PATTERN,
    SIGNATURE,
    STREAM_GONE,
    TABLE,
    THROTTLED,
    TOKEN,
    UNAVAILABLE,
    Row,
)
from cwtui.access.remedies import remedy
from cwtui.access.renewal import way_on
from cwtui.core.errors import CredentialsError, CwtuiError, Renewal, WrongLogClass
from cwtui.core.permissions import permission
from cwtui.core.timespec import human_duration


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call as the SDK tells it."""

    name: str
    """The AWS error code, or the exception's class name."""
    message: str = ""
    service: str = "logs"
    operation: str = ""
    resource: str = ""
    """What was asked for: a log group, a role."""
    stream: str = ""
    """The log stream of that group, where one was asked for."""
    profile: str = ""
    region: str = ""
    endpoint: str = ""
    status: int = 0
    request_id: str = ""
    server_date: int | None = None
    """The answer's Date header, ms UTC."""
    now: int = 0
    renewal: Renewal | None = None
    """How the credentials in use can be renewed."""


_OF_A_CLASS = {"ValidationException", "InvalidParameterException"}
_STAMP = re.compile(r"(\d{8}T\d{6}Z)")
_WORTH_SAYING_MS = 60_000


def row_for(failure: Failure) -> Row:
    """The row of a failure, by its name, its message and its status."""
    message = failure.message.lower()
    if failure.name == "InvalidParameterException":
        if "token" in message:
            return TOKEN
        if "pattern" in message:
            return PATTERN
    if failure.name == "ResourceNotFoundException" and "stream" in message:
        return STREAM_GONE
    # Which exception a class is refused with differs between operations, and is not documented.
    if failure.name in _OF_A_CLASS and ("log class" in message or "log group class" in message):
        return LOG_CLASS
    if row := TABLE.get(failure.name):
        return row
    if failure.status >= 500:
        return UNAVAILABLE
    if failure.status == 429:
        return THROTTLED
    if failure.status == 403:
        return DENIED
    return OTHER if failure.status else OTHER_NETWORK


def explain_error(failure: Failure) -> CwtuiError:
    """The error to raise for a failure, with its sentence, hint, code and request id."""
    row = row_for(failure)
    told = permission(failure.service, failure.operation)
    about = f"'{failure.resource}'" if failure.resource else ""
    if failure.stream:
        about = f"the stream '{failure.stream}' of {about}"
    words = {
        "name": failure.name,
        "message": failure.message.strip().removesuffix(".") or "it gave no reason",
        "operation": failure.operation or "the call",
        "feature": told.feature if told else f"call {failure.operation}",
        "resource": about or "what was asked for",
        "group": f"'{failure.resource}'" if failure.resource else "the group",
        "Resource": about[:1].upper() + about[1:] or "What was asked for",
        "on_resource": f" on {about}" if about else "",
        "profile": failure.profile,
        "of_profile": f" of profile '{failure.profile}'" if failure.profile else "",
        "for_profile": f" for profile '{failure.profile}'" if failure.profile else "",
        "profile_flag": f" --profile {shlex.quote(failure.profile)}" if failure.profile else "",
        "region": failure.region or "none",
        "endpoint": failure.endpoint or "AWS",
    }
    sentence, hint = row.sentence.format_map(words), row.hint.format_map(words)
    if row is DENIED:
        denial = read_denial(failure.message)
        if denial is not None:
            sentence = (
                f"{denial.principal} may not {words['feature']}{words['on_resource']} ({denial.action})."
            )
        told_how = remedy(denial, failure.service, failure.operation, group=failure.resource)
        hint = f"{told_how.hint} {told_how.fix}".strip()
    if (row is SIGNATURE or failure.name == "RequestExpired") and (off := clock_error(failure)):
        ahead = "ahead of" if off > 0 else "behind"
        sentence = (
            f"This machine's clock is {human_duration(abs(off))} {ahead} AWS's, which refuses its signature."
        )
        return CredentialsError(
            sentence, "Set the clock (timedatectl, sntp).", code="clock", request_id=failure.request_id
        )
    return _made(row, sentence, hint, failure)


def _made(row: Row, sentence: str, hint: str, failure: Failure) -> CwtuiError:
    if issubclass(row.kind, WrongLogClass):
        return row.kind(
            sentence,
            hint,
            request_id=failure.request_id,
            group=failure.resource,
            operation=failure.operation,
            link=insights_url(failure.region, [failure.resource]) if failure.region else "",
        )
    if issubclass(row.kind, CredentialsError) and row.renews and failure.renewal is not None:
        return row.kind(
            sentence,
            way_on(failure.renewal),
            code=row.code,
            request_id=failure.request_id,
            renewal=failure.renewal,
        )
    return row.kind(sentence, hint, code=row.code, request_id=failure.request_id)


def mfa_needed(profile: str) -> CwtuiError:
    """Where there is nobody to ask for a code."""
    return explain_error(Failure("MfaNeeded", profile=profile))


def clock_error(failure: Failure) -> int | None:
    """How far this machine's clock is ahead of AWS's in ms (negative: behind); None within a minute."""
    stamps = _STAMP.findall(failure.message)
    if len(stamps) >= 3:
        off = _milliseconds(stamps[0]) - _milliseconds(stamps[2])
    elif failure.server_date is not None and failure.now:
        off = failure.now - failure.server_date
    else:
        return None
    return off if abs(off) >= _WORTH_SAYING_MS else None


def _milliseconds(stamp: str) -> int:
    try:
        return int(datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return 0
