"""Limits, failures of the service itself, and answers that are none."""

from __future__ import annotations

from cwtui.access.error_rows.row import Row
from cwtui.core.errors import Act, DataError, LimitReached, ServiceError

_QUOTAS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
_LIVE = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html"

THROTTLED = Row(
    LimitReached,
    "throttled",
    "AWS asks for fewer requests ({operation}{on_resource}): the quota is shared by the account.",
    "Wait a moment, or narrow the window, the groups or the streams.",
    why="{operation} has a quota of calls a second, which everybody in the account and region draws from. "
    "cwtui slows down and tries again before it says so.",
    fix="aws service-quotas list-service-quotas --service-code logs{region_flag}{profile_flag} "
    "--query 'Quotas[].[QuotaName,Value]' --output text",
    docs=_QUOTAS,
)
UNAVAILABLE = Row(
    ServiceError,
    "unavailable",
    "{of_service} failed to answer {operation}{on_resource}.",
    "It is usually brief: try again. If it lasts, see https://health.aws.amazon.com.",
    docs="https://health.aws.amazon.com",
)
OTHER = Row(
    ServiceError,
    "failed",
    "AWS answered {operation}{on_resource} with {name}: {message}.",
    "cwtui does not know this answer: copy the card into a report.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html",
)
_STREAM_FAULT = Row(
    ServiceError,
    "live",
    "The live tail{on_resource} broke off on the service's side.",
    "It is opened again.",
    docs=_LIVE,
)
_NOT_CLOUDWATCH = Row(
    DataError,
    "not-cloudwatch",
    "The answer to {operation}{on_resource} did not come from {aws}.",
    "A proxy or a captive portal may have answered in its place; check {endpoint}.",
    why="It came with success, and holds nothing that {aws} answers with.",
    fix="curl -sSi {url}",
    act=Act.RETRY,
)

SERVICE: dict[str, Row] = {
    "ThrottlingException": THROTTLED,
    "Throttling": THROTTLED,
    "ThrottledException": THROTTLED,
    "TooManyRequestsException": THROTTLED,
    "RequestLimitExceeded": THROTTLED,
    "RequestThrottled": THROTTLED,
    "SlowDown": THROTTLED,
    "LimitExceededException": Row(
        LimitReached,
        "quota",
        "The account's quota for {operation} is used up.",
        "Close other live tails or queries, or wait.",
        why="So many of them may run at once in the account and region: 15 live tails, 100 queries.",
        fix="aws service-quotas list-service-quotas --service-code logs{region_flag}{profile_flag} "
        "--query 'Quotas[].[QuotaName,Value]' --output text",
        docs=_QUOTAS,
    ),
    "SessionTimeoutException": Row(
        LimitReached,
        "live-timeout",
        "The live tail{on_resource} ended after three hours.",
        "It is opened again.",
        why="CloudWatch ends every live tail after three hours.",
        docs=_LIVE,
    ),
    "ServiceUnavailableException": UNAVAILABLE,
    "ServiceUnavailable": UNAVAILABLE,
    "InternalServerException": UNAVAILABLE,
    "InternalFailure": UNAVAILABLE,
    "InternalServerError": UNAVAILABLE,
    "InternalError": UNAVAILABLE,
    "ServiceFailure": UNAVAILABLE,
    "ServiceFailureException": UNAVAILABLE,
    "SessionStreamingException": _STREAM_FAULT,
    "InternalStreamingException": _STREAM_FAULT,
    "EventStreamError": _STREAM_FAULT,
    "NotCloudWatch": _NOT_CLOUDWATCH,
    "ResponseParserError": _NOT_CLOUDWATCH,
    "ChecksumMismatch": Row(
        DataError,
        "checksum",
        "The live tail{on_resource} arrived damaged.",
        "It is opened again.",
        why="A frame's checksum is not that of its bytes.",
        act=Act.RETRY,
    ),
}
