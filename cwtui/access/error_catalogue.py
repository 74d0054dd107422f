"""What every AWS failure means and what to do about it: one table, no SDK.

Keys are AWS error codes and the class names of botocore, aiohttp and the standard library; source of
their wording: knowledge/cloudwatch-api.md section 14. `explain_error` turns a name, the service's own
words and what was being done into the error to raise. Those words are foreign text: a face makes
them printable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cwtui.access.denied import hint_for, read_denial
from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    DataError,
    InputError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
    ServiceError,
)
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
    """What was asked for: a log group, a stream, a role."""
    profile: str = ""
    region: str = ""
    endpoint: str = ""
    status: int = 0
    request_id: str = ""
    server_date: int | None = None
    """The answer's Date header, ms UTC."""
    now: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What to say: templates that `explain_error` fills in."""

    kind: type[CwtuiError]
    code: str
    sentence: str
    hint: str


_LOGIN = "aws sso login{profile_flag}"
_SSO = Row(
    CredentialsError,
    "sso",
    "The SSO session{of_profile} has expired or was never begun.",
    f"Run: {_LOGIN}, and then the same again.",
)
_EXPIRED = Row(
    CredentialsError,
    "expired",
    "The AWS credentials{of_profile} have expired.",
    f"Renew them ({_LOGIN}, or whatever issued them) and go on.",
)
_WRONG_KEY = Row(
    CredentialsError,
    "rejected",
    "AWS does not know these credentials{of_profile}.",
    "The key may be deleted or mistyped, of another partition, or the region {region} not enabled.",
)
_SKEW = Row(
    CredentialsError,
    "signature",
    "AWS rejected the request's signature{of_profile}.",
    "The secret key is wrong, or this machine's clock is.",
)
_DENIED = Row(PermissionDenied, "denied", "You may not {feature}{on_resource}.", "")
_THROTTLED = Row(
    LimitReached,
    "throttled",
    "AWS asks for fewer requests ({operation}{on_resource}): the quota is shared by the account.",
    "Wait a moment, or narrow the window, the groups or the streams.",
)
_UNAVAILABLE = Row(
    ServiceError,
    "unavailable",
    "CloudWatch Logs failed to answer {operation}{on_resource}.",
    "It is usually brief: try again. If it lasts, see https://health.aws.amazon.com.",
)
_TIMEOUT = Row(
    NetworkError,
    "timeout",
    "No answer came in time from {endpoint}.",
    "Check the network, the VPN, the proxy or the VPC endpoint.",
)
_UNREACHABLE = Row(
    NetworkError,
    "unreachable",
    "{endpoint} cannot be reached.",
    "Check the network, the VPN or the proxy, the region ({region}) and --endpoint-url.",
)
_CUT = Row(
    NetworkError,
    "cut",
    "The connection was cut during {operation}{on_resource}.",
    "Try again; nothing shown so far is lost.",
)
_CONFIG = Row(
    CredentialsError,
    "config",
    "The AWS configuration{of_profile} cannot be used: {message}.",
    "Mend ~/.aws/config, or choose another --profile.",
)
_STREAM_FAULT = Row(
    ServiceError, "live", "The live tail{on_resource} broke off on the service's side.", "It is opened again."
)

NOT_CLOUDWATCH = Row(
    DataError,
    "not-cloudwatch",
    "The answer to {operation}{on_resource} did not come from CloudWatch.",
    "A proxy or a captive portal may have answered in its place; check {endpoint}.",
)

TABLE: dict[str, Row] = {
    # Who is asking
    "NoCredentialsError": Row(
        CredentialsError,
        "missing",
        "No AWS credentials were found.",
        "Give --profile NAME, run `aws configure sso`, set AWS_ACCESS_KEY_ID, or try `cwtui --mock`.",
    ),
    "PartialCredentialsError": _CONFIG,
    "ProfileNotFound": Row(
        CredentialsError,
        "profile",
        "The AWS profile '{profile}' does not exist.",
        "List them with: aws configure list-profiles",
    ),
    "InvalidConfigError": _CONFIG,
    "InfiniteLoopConfigError": _CONFIG,
    "ConfigParseError": Row(
        InputError, "aws-config", "The AWS configuration cannot be read: {message}.", "Mend that file."
    ),
    "SSOTokenLoadError": _SSO,
    "UnauthorizedSSOTokenError": _SSO,
    "TokenRetrievalError": _SSO,
    "SSOError": _SSO,
    "LoginRefreshRequired": Row(
        CredentialsError, "login", "The AWS login{of_profile} has expired.", "Run: aws login{profile_flag}"
    ),
    "LoginTokenLoadError": Row(
        CredentialsError, "login", "There is no AWS login{of_profile}.", "Run: aws login{profile_flag}"
    ),
    "MissingDependencyException": Row(
        CredentialsError,
        "dependency",
        "These credentials need a library that is missing: {message}.",
        "Run: pip install 'botocore[crt]'",
    ),
    "CredentialRetrievalError": Row(
        CredentialsError,
        "process",
        "The credentials{of_profile} could not be fetched: {message}.",
        "Run the profile's credential_process by hand to see why.",
    ),
    "MfaNeeded": Row(
        CredentialsError,
        "mfa",
        "The profile '{profile}' asks for an MFA code, which cwtui does not prompt for.",
        "Begin a session elsewhere (aws sso login, aws-vault exec, aws sts get-session-token) and use that.",
    ),
    "RefreshWithMFAUnsupportedError": _EXPIRED,
    "MetadataRetrievalError": Row(
        CredentialsError,
        "metadata",
        "The instance metadata gave no credentials.",
        "Give --profile NAME; AWS_EC2_METADATA_DISABLED=true skips the attempt.",
    ),
    "FileNotFoundError": Row(
        CredentialsError,
        "token-file",
        "The web identity token file does not exist.",
        "Check AWS_WEB_IDENTITY_TOKEN_FILE and the pod's service account.",
    ),
    "ExpiredTokenException": _EXPIRED,
    "ExpiredToken": _EXPIRED,
    "RequestExpired": _EXPIRED,
    "UnrecognizedClientException": _WRONG_KEY,
    "InvalidClientTokenId": _WRONG_KEY,
    "InvalidAccessKeyId": _WRONG_KEY,
    "MissingAuthenticationTokenException": _WRONG_KEY,
    "IncompleteSignature": _SKEW,
    "InvalidSignatureException": _SKEW,
    "SignatureDoesNotMatch": _SKEW,
    "RequestTimeTooSkewed": _SKEW,
    "OptInRequired": Row(
        CredentialsError, "opt-in", "The region {region} is not enabled for this account.", "Enable it first."
    ),
    "SubscriptionRequiredException": Row(
        CredentialsError, "subscription", "This account cannot use the service.", "Is it suspended?"
    ),
    # What they may
    "AccessDeniedException": _DENIED,
    "AccessDenied": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "UnauthorizedException": _DENIED,
    "ForbiddenException": Row(
        PermissionDenied,
        "sso-role",
        "SSO gives you no access to that role{of_profile}.",
        "The permission set is not assigned to you in that account.",
    ),
    # What they asked for
    "NoRegionError": Row(
        InputError,
        "region",
        "No AWS region is set.",
        "Give --region, or set AWS_REGION or the profile's region.",
    ),
    "InvalidRegionError": Row(InputError, "region", "'{region}' is not an AWS region.", "Correct --region."),
    "UnknownRegionError": Row(InputError, "region", "'{region}' is not an AWS region.", "Correct --region."),
    "InvalidEndpoint": Row(
        InputError,
        "endpoint",
        "'{endpoint}' is not a URL that AWS calls can go to.",
        "Correct --endpoint-url.",
    ),
    "ResourceNotFoundException": Row(
        NotFound,
        "group",
        "{Resource} does not exist here.",
        "Check the name, the region ({region}) and the account; `cwtui groups` lists what there is.",
    ),
    "InvalidParameterException": Row(
        InputError,
        "parameter",
        "CloudWatch refuses {operation}{on_resource}: {message}.",
        "Correct the request.",
    ),
    "ValidationException": Row(
        InputError,
        "parameter",
        "CloudWatch refuses {operation}{on_resource}: {message}.",
        "Correct the request.",
    ),
    "ParamValidationError": Row(
        InputError,
        "parameter",
        "The request {operation}{on_resource} is not valid: {message}.",
        "Correct it.",
    ),
    "InvalidOperationException": Row(
        InputError,
        "log-class",
        "The class of {resource} does not allow {operation}.",
        "Infrequent Access and Delivery groups can be read with Logs Insights only.",
    ),
    # Limits
    "ThrottlingException": _THROTTLED,
    "Throttling": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "SlowDown": _THROTTLED,
    "LimitExceededException": Row(
        LimitReached,
        "quota",
        "The account's quota for {operation} is used up.",
        "Close other live tails or queries, or wait.",
    ),
    "SessionTimeoutException": Row(
        LimitReached,
        "live-timeout",
        "The live tail{on_resource} ended after three hours.",
        "It is opened again.",
    ),
    # The service
    "ServiceUnavailableException": _UNAVAILABLE,
    "ServiceUnavailable": _UNAVAILABLE,
    "InternalServerException": _UNAVAILABLE,
    "InternalFailure": _UNAVAILABLE,
    "InternalServerError": _UNAVAILABLE,
    "SessionStreamingException": _STREAM_FAULT,
    "InternalStreamingException": _STREAM_FAULT,
    "EventStreamError": _STREAM_FAULT,
    # The way there
    "EndpointConnectionError": _UNREACHABLE,
    "ClientConnectorError": _UNREACHABLE,
    "ConnectTimeoutError": _TIMEOUT,
    "ReadTimeoutError": _TIMEOUT,
    "SocketTimeoutError": _TIMEOUT,
    "ServerTimeoutError": _TIMEOUT,
    "TimeoutError": _TIMEOUT,
    "ConnectionClosedError": _CUT,
    "ClientPayloadError": _CUT,
    "ServerDisconnectedError": _CUT,
    "ClientOSError": _CUT,
    "HTTPClientError": _CUT,
    "StreamEnded": _CUT,
    "SSLError": Row(
        NetworkError,
        "tls",
        "The certificate of {endpoint} cannot be trusted.",
        "A proxy may present its own: set AWS_CA_BUNDLE to it. cwtui never switches the check off.",
    ),
    "ProxyConnectionError": Row(
        NetworkError, "proxy", "The proxy cannot be reached.", "Check HTTPS_PROXY and NO_PROXY."
    ),
    "InvalidProxiesConfigError": Row(
        NetworkError, "proxy", "The proxy settings cannot be used.", "Check HTTPS_PROXY and NO_PROXY."
    ),
    # The answer
    "NotCloudWatch": NOT_CLOUDWATCH,
    "ResponseParserError": NOT_CLOUDWATCH,
    "ChecksumMismatch": Row(
        DataError, "checksum", "The live tail{on_resource} arrived damaged.", "It is opened again."
    ),
}

_TOKEN = Row(
    DataError,
    "token",
    "CloudWatch no longer knows how far {operation}{on_resource} had come.",
    "Its page tokens live for 24 hours; load again.",
)
_PATTERN = Row(
    InputError,
    "pattern",
    "CloudWatch does not accept the filter pattern.",
    'Write terms, "a phrase", ?either ?or, -without, {{ $.field = "x" }} or [a, b, ...].',
)
_STREAM_GONE = Row(
    NotFound,
    "stream",
    "{Resource} does not exist here.",
    "It may have been deleted; `cwtui streams` lists them.",
)
_OTHER_NETWORK = Row(
    NetworkError, "failed", "The call {operation} failed on the way: {message}.", "Try again."
)
_OTHER = Row(ServiceError, "failed", "AWS answered {operation}{on_resource} with {name}: {message}.", "")
_STAMP = re.compile(r"(\d{8}T\d{6}Z)")
_WORTH_SAYING_MS = 60_000


def row_for(failure: Failure) -> Row:
    """The row of a failure, by its name, its message and its status."""
    message = failure.message.lower()
    if failure.name == "InvalidParameterException":
        if "token" in message:
            return _TOKEN
        if "pattern" in message:
            return _PATTERN
    if failure.name == "ResourceNotFoundException" and "stream" in message:
        return _STREAM_GONE
    if row := TABLE.get(failure.name):
        return row
    if failure.status >= 500:
        return _UNAVAILABLE
    if failure.status == 429:
        return _THROTTLED
    if failure.status == 403:
        return _DENIED
    return _OTHER if failure.status else _OTHER_NETWORK


def explain_error(failure: Failure) -> CwtuiError:
    """The error to raise for a failure, with its sentence, hint, code and request id."""
    row = row_for(failure)
    told = permission(failure.service, failure.operation)
    about = f"'{failure.resource}'" if failure.resource else ""
    words = {
        "name": failure.name,
        "message": failure.message.strip().removesuffix(".") or "it gave no reason",
        "operation": failure.operation or "the call",
        "feature": told.feature if told else f"call {failure.operation}",
        "resource": about or "what was asked for",
        "Resource": about or "What was asked for",
        "on_resource": f" on {about}" if about else "",
        "profile": failure.profile,
        "of_profile": f" of profile '{failure.profile}'" if failure.profile else "",
        "profile_flag": f" --profile {failure.profile}" if failure.profile else "",
        "region": failure.region or "none",
        "endpoint": failure.endpoint or "AWS",
    }
    sentence, hint = row.sentence.format_map(words), row.hint.format_map(words)
    if row is _DENIED:
        denial = read_denial(failure.message)
        if denial is not None:
            sentence = (
                f"{denial.principal} may not {words['feature']}{words['on_resource']} ({denial.action})."
            )
        hint = hint_for(denial, failure.service, failure.operation, failure.resource)
    if row is _SKEW and (off := clock_error(failure)):
        ahead = "ahead" if off > 0 else "behind"
        sentence = (
            f"This machine's clock is {human_duration(abs(off))} {ahead}, and AWS refuses its signature."
        )
        return row.kind(
            sentence, "Set the clock (timedatectl, sntp).", code="clock", request_id=failure.request_id
        )
    return row.kind(sentence, hint, code=row.code, request_id=failure.request_id)


def clock_error(failure: Failure) -> int | None:
    """How far this machine's clock is ahead of AWS's in ms (negative: behind); None within a minute."""
    stamps = [
        int(datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp() * 1000)
        for stamp in _STAMP.findall(failure.message)
    ]
    if len(stamps) >= 3:
        off = stamps[0] - stamps[2]
    elif failure.server_date is not None and failure.now:
        off = failure.now - failure.server_date
    else:
        return None
    return off if abs(off) >= _WORTH_SAYING_MS else None
