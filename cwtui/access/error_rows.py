"""The table of AWS failures: error code or exception class name to what to say. Data only.

Source of the codes and their wording: knowledge/cloudwatch-api.md section 14, the service models and
botocore's, aiohttp's and the standard library's exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    WrongLogClass,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What to say: templates that `error_catalogue.explain_error` fills in."""

    kind: type[CwtuiError]
    code: str
    sentence: str
    hint: str
    renews: bool = False
    """New credentials mend it: where their profile says how to get them, that is the hint."""


_LOGIN = "aws sso login{profile_flag}"
_SSO = Row(
    CredentialsError,
    "sso",
    "The SSO session{of_profile} has expired or was never begun.",
    f"Run: {_LOGIN}, and then the same again.",
    renews=True,
)
_EXPIRED = Row(
    CredentialsError,
    "expired",
    "The AWS credentials{of_profile} have expired.",
    f"Renew them ({_LOGIN}, or whatever issued them) and go on.",
    renews=True,
)
_MFA_ENDED = Row(
    CredentialsError,
    "mfa-ended",
    "The MFA session{of_profile} has ended.",
    "Try again, with a new code of the MFA device.",
    renews=True,
)
_LOGGED_OUT = Row(
    CredentialsError,
    "login",
    "The AWS login{of_profile} has ended: {message}.",
    "Run: aws login{profile_flag}",
    renews=True,
)
_WRONG_KEY = Row(
    CredentialsError,
    "rejected",
    "AWS does not know these credentials{of_profile}.",
    "The key may be deleted or mistyped, of another partition, or the region {region} not enabled.",
)
SIGNATURE = Row(
    CredentialsError,
    "signature",
    "AWS rejected the request's signature{of_profile}.",
    "The secret key is wrong, or this machine's clock is.",
)
DENIED = Row(PermissionDenied, "denied", "You may not {feature}{on_resource}.", "")
THROTTLED = Row(
    LimitReached,
    "throttled",
    "AWS asks for fewer requests ({operation}{on_resource}): the quota is shared by the account.",
    "Wait a moment, or narrow the window, the groups or the streams.",
)
UNAVAILABLE = Row(
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

LOG_CLASS = Row(
    WrongLogClass,
    "log-class",
    "The log class of {group} does not allow {operation}.",
    "Infrequent Access groups are read with Logs Insights, in the console; Delivery groups not at all.",
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
    "LoginRefreshRequired": _LOGGED_OUT,
    "LoginTokenLoadError": _LOGGED_OUT,
    "LoginError": _LOGGED_OUT,
    "LoginInsufficientPermissions": Row(
        PermissionDenied,
        "login",
        "Your AWS login{of_profile} may not be refreshed.",
        "It lacks signin:CreateOAuth2Token.",
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
        renews=True,
    ),
    "MfaNeeded": Row(
        CredentialsError,
        "mfa",
        "An MFA code is needed{for_profile}, and there is nobody to ask for it.",
        "Run cwtui on a terminal, or begin a session elsewhere (aws-vault exec, aws sts get-session-token).",
    ),
    "MfaGivenUp": Row(
        CredentialsError,
        "mfa",
        "No MFA code was given{for_profile}.",
        "Try again with the six digits that the device shows.",
    ),
    "MfaRefused": Row(
        CredentialsError,
        "mfa-refused",
        "The MFA code{for_profile} was refused: {message}.",
        "Each code works once: wait for the next. If none does, the device or mfa_serial is the wrong one.",
    ),
    "RefreshWithMFAUnsupportedError": _MFA_ENDED,
    "StaleCredentials": Row(
        CredentialsError,
        "stale",
        "The credentials{of_profile} had already expired when they came.",
        "This machine's clock may be ahead; or what issues them gives old ones.",
    ),
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
    "IncompleteSignature": SIGNATURE,
    "InvalidSignatureException": SIGNATURE,
    "SignatureDoesNotMatch": SIGNATURE,
    "RequestTimeTooSkewed": SIGNATURE,
    "OptInRequired": Row(
        CredentialsError, "opt-in", "The region {region} is not enabled for this account.", "Enable it first."
    ),
    "SubscriptionRequiredException": Row(
        CredentialsError, "subscription", "This account cannot use the service.", "Is it suspended?"
    ),
    # What they may
    "AccessDeniedException": DENIED,
    "AccessDenied": DENIED,
    "UnauthorizedOperation": DENIED,
    "UnauthorizedException": DENIED,
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
    "InvalidOperationException": LOG_CLASS,
    # Limits
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
    ),
    "SessionTimeoutException": Row(
        LimitReached,
        "live-timeout",
        "The live tail{on_resource} ended after three hours.",
        "It is opened again.",
    ),
    # The service
    "ServiceUnavailableException": UNAVAILABLE,
    "ServiceUnavailable": UNAVAILABLE,
    "InternalServerException": UNAVAILABLE,
    "InternalFailure": UNAVAILABLE,
    "InternalServerError": UNAVAILABLE,
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

TOKEN = Row(
    DataError,
    "token",
    "CloudWatch no longer knows how far {operation}{on_resource} had come.",
    "Its page tokens live for 24 hours; load again.",
)
PATTERN = Row(
    InputError,
    "pattern",
    "CloudWatch does not accept the filter pattern.",
    'Write terms, "a phrase", ?either ?or, -without, {{ $.field = "x" }} or [a, b, ...].',
)
STREAM_GONE = Row(
    NotFound,
    "stream",
    "{Resource} does not exist here.",
    "It may have been deleted; `cwtui streams` lists them.",
)
OTHER_NETWORK = Row(
    NetworkError, "failed", "The call {operation} failed on the way: {message}.", "Try again."
)
OTHER = Row(ServiceError, "failed", "AWS answered {operation}{on_resource} with {name}: {message}.", "")
