"""What an AWS failure means and what to do about it, without an SDK.

`explain_error` turns a name, the service's own words and what was being done into the error to raise.
Those words are foreign text: a face makes them printable.
"""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from cwtui.access.aws_profiles import read_profiles
from cwtui.access.console import insights_url
from cwtui.access.denied import Denial, read_denial
from cwtui.access.error_rows import (
    CLOCK,
    DENIED,
    KEY,
    LOG_CLASS,
    OTHER,
    OTHER_NETWORK,
    PATTERN,
    S3,
    S3_DENIED,
    SIGNATURE,
    STREAM_GONE,
    TABLE,
    THROTTLED,
    TOKEN,
    UNAVAILABLE,
    Row,
)
from cwtui.access.regions import nearest_region
from cwtui.access.remedies import DOCS, remedy, who
from cwtui.access.renewal import way_on
from cwtui.core.errors import Card, CredentialsError, CwtuiError, Renewal, WrongLogClass
from cwtui.core.permissions import permission
from cwtui.core.timespec import human_duration, iso


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call as the SDK tells it."""

    name: str
    """The AWS error code, or the exception's class name."""
    message: str = ""
    service: str = "logs"
    operation: str = ""
    resource: str = ""
    """What was asked for: a log group, a role, `s3://bucket/key`."""
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
    external_id: bool | None = None
    """Whether an ExternalId is sent with the role; None: the role, if any, is a profile's own matter."""
    bucket_region: str = ""
    """The region that S3 says the bucket is in."""


_OF_A_CLASS = {"ValidationException", "InvalidParameterException"}
_SERVICES = {"logs": "CloudWatch Logs", "sso": "IAM Identity Center"}
_STAMP = re.compile(r"(\d{8}T\d{6}Z)")
_WORTH_SAYING_MS = 60_000
_SET_CLOCK = {"darwin": "sudo sntp -sS time.apple.com", "win32": "w32tm /resync"}


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
    row = (S3.get(failure.name) if failure.service == "s3" else None) or TABLE.get(failure.name)
    if row is DENIED and "ciphertext" in message and read_denial(failure.message) is None:
        return KEY
    if row:
        return row
    if failure.status >= 500:
        return UNAVAILABLE
    if failure.status == 429:
        return THROTTLED
    if failure.status == 403:
        return SIGNATURE if message.startswith("signature ") else DENIED
    return OTHER if failure.status else OTHER_NETWORK


def explain_error(failure: Failure) -> CwtuiError:
    """The error to raise for a failure, with its sentence, hint, code, request id and card."""
    row = row_for(failure)
    off = clock_error(failure) if row is SIGNATURE or failure.name == "RequestExpired" else None
    if off:
        row = CLOCK
    words = _words(failure, off or 0)
    sentence, hint = row.sentence.format_map(words), row.hint.format_map(words)
    why, fix = row.why.format_map(words), row.fix.format_map(words)
    docs, denial = row.docs, None
    if row in (DENIED, S3_DENIED):
        denial = read_denial(failure.message)
        if denial is not None and denial.action:
            asker = who(denial.principal)
            sentence = (
                f"{asker[:1].upper()}{asker[1:]} may not {words['feature']}{words['on_resource']} "
                f"({denial.action}{_of_a_role(denial, failure)})."
            )
        told = remedy(denial, failure.service, failure.operation, **_names(failure))
        why, hint, fix, docs = told.why, told.hint, told.fix, docs or DOCS
    elif row.renews and failure.renewal is not None:
        hint, fix = way_on(failure.renewal), shlex.join(failure.renewal.command)
    if not why and failure.message.strip():
        why = f"{'AWS' if failure.status else 'The failed call'} says: {words['message']}."
    card = Card(why, fix, _facts(failure, denial, off or 0), docs, row.act)
    return _made(row, sentence, hint, failure).with_card(card)


def _of_a_role(denial: Denial, failure: Failure) -> str:
    """The role that was to be taken on, where the call that needed it is not about it."""
    return f" on {denial.resource}" if denial.resource and failure.operation == "AssumeRole" else ""


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
        return row.kind(sentence, hint, code=row.code, request_id=failure.request_id, renewal=failure.renewal)
    return row.kind(sentence, hint, code=row.code, request_id=failure.request_id)


def _words(failure: Failure, off: int) -> dict[str, str]:
    """What the templates of the rows may name. `..._arg` and `..._flag` are quoted for a shell."""
    told = permission(failure.service, failure.operation)
    about = f"'{failure.resource}'" if failure.resource else ""
    if failure.stream:
        about = f"the stream '{failure.stream}' of {about}"
    bucket, _key = _address(failure)
    there = failure.bucket_region
    return {
        "aws": "CloudWatch" if failure.service == "logs" else "AWS",
        "of_service": _SERVICES.get(failure.service, failure.service.upper()),
        "name": failure.name,
        "message": " ".join(failure.message.split()).removesuffix(".") or "it gave no reason",
        "operation": failure.operation or "the call",
        "feature": told.feature if told else f"call {failure.operation}",
        "resource": about or "what was asked for",
        "group": f"'{failure.resource}'" if failure.resource else "the group",
        "group_arg": shlex.quote(failure.resource) if failure.resource else "GROUP",
        "Resource": about[:1].upper() + about[1:] or "What was asked for",
        "on_resource": f" on {about}" if about else "",
        "profile": failure.profile,
        "of_profile": f" of profile '{failure.profile}'" if failure.profile else "",
        "for_profile": f" for profile '{failure.profile}'" if failure.profile else "",
        "profile_flag": f" --profile {shlex.quote(failure.profile)}" if failure.profile else "",
        "region": failure.region or "none",
        "nearest": f" Did you mean '{near}'?" if (near := _nearest(failure)) else "",
        "region_arg": shlex.quote(failure.region) if failure.region else "REGION",
        "region_flag": f" --region {shlex.quote(failure.region)}" if failure.region else "",
        "endpoint": failure.endpoint or "AWS",
        "url": shlex.quote(_url(failure)),
        "bucket": bucket,
        "bucket_arg": shlex.quote(bucket) if bucket else "BUCKET",
        "path": failure.resource or "the object",
        "path_arg": shlex.quote(failure.resource) if failure.resource else "s3://BUCKET/PREFIX",
        "in_there": f" but in {there}" if there else "",
        "there_flag": f"--region {there}" if there else "the bucket's --region",
        "clock": f"{human_duration(abs(off))} {'ahead of' if off > 0 else 'behind'}",
        "set_clock": _SET_CLOCK.get(sys.platform, "sudo timedatectl set-ntp true"),
    }


def _facts(failure: Failure, denial: Denial | None, off: int) -> tuple[tuple[str, str], ...]:
    """The evidence, without what is empty."""
    told = denial or Denial()
    bucket, key = _address(failure)
    facts = {
        "principal": told.principal,
        "action": told.action,
        "resource": told.resource,
        "policy": told.policy,
        "policyArn": told.policy_arn,
        "through": told.through,
        "explicit": "true" if told.explicit else "",
        "service": failure.service,
        "operation": failure.operation,
        "logGroup": failure.resource if failure.service == "logs" else "",
        "logStream": failure.stream,
        "bucket": bucket,
        "key": key,
        "bucketRegion": failure.bucket_region,
        "profile": failure.profile,
        "region": failure.region,
        "endpoint": failure.endpoint,
        "clockAheadMs": str(off) if off else "",
        "at": iso(failure.now, UTC) if failure.now else "",
        "awsCode": failure.name,
        "status": str(failure.status) if failure.status else "",
        "awsMessage": " ".join(failure.message.split()),
    }
    return tuple((name, value) for name, value in facts.items() if value)


def _names(failure: Failure) -> dict[str, str]:
    """What a statement names where the denial itself names nothing."""
    bucket, key = _address(failure)
    names = {"bucket": bucket, "prefix": key, "region": failure.region}
    if failure.service == "logs":
        names["group"] = failure.resource
    if failure.service == "sts":
        names["role"] = failure.resource
        if failure.external_id is not None:
            names["external_id"] = "sent" if failure.external_id else "none"
    return names


def _nearest(failure: Failure) -> str:
    """What was probably meant by the region or profile that is not there, or empty."""
    if failure.name in ("UnknownRegionError", "InvalidRegionError"):
        return nearest_region(failure.region)
    if failure.name == "ProfileNotFound":
        return next(iter(get_close_matches(failure.profile, read_profiles(), 1, 0.6)), "")
    return ""


def _address(failure: Failure) -> tuple[str, str]:
    """Bucket and key of an S3 address."""
    if failure.service != "s3":
        return "", ""
    bucket, _, key = failure.resource.removeprefix("s3://").partition("/")
    return bucket, key


_IAM = {"cn-": "https://iam.cn-north-1.amazonaws.com.cn", "us-gov-": "https://iam.us-gov.amazonaws.com"}


def _url(failure: Failure) -> str:
    if "://" in failure.endpoint:
        return failure.endpoint
    if failure.service == "iam":
        # One for a whole partition.
        return next(
            (url for prefix, url in _IAM.items() if failure.region.startswith(prefix)),
            "https://iam.amazonaws.com",
        )
    tail = "amazonaws.com.cn" if failure.region.startswith("cn-") else "amazonaws.com"
    return f"https://{failure.service}.{failure.region}.{tail}" if failure.region else f"https://{tail}"


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
