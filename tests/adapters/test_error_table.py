"""Every row of the error catalogue that concerns what cwtui does, from the exceptions the libraries raise.

The rows and their words are those of knowledge/cloudwatch-api.md section 14. Left out are SNS, EventBridge,
Slack, Lambda, SSM and Logs Insights, which cwtui does not call.
"""

from __future__ import annotations

import ssl
from typing import Any

import aiohttp
import pytest
from botocore import eventstream, exceptions
from botocore.exceptions import ClientError

from cwtui.access.error_catalogue import Failure
from cwtui.access.error_rows import S3, TABLE
from cwtui.adapters.aws_errors import translated
from cwtui.core.errors import Act, CwtuiError

LOGS = Failure(
    "", operation="FilterLogEvents", resource="/shop", profile="dev", region="eu-west-1",
    endpoint="logs in eu-west-1", now=1_795_350_000_000,
)  # fmt: skip
UPLOAD = Failure("", service="s3", operation="PutObject", resource="s3://logs/cases/x.gz", region="eu-west-1")
IAM = Failure("", service="iam", operation="GetRolePolicy", resource="reader")
TARGETS = {"logs": LOGS, "s3": UPLOAD, "iam": IAM}


def answer(
    code: str, message: str = "", status: int = 400, operation: str = "", **headers: str
) -> ClientError:
    said: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1", "HTTPHeaders": headers},
    }
    return ClientError(said, operation or "FilterLogEvents")


ROWS: list[tuple[str, Exception, str, int, Act]] = [
    ("logs", exceptions.NoCredentialsError(), "auth.missing", 3, Act.STOP),
    (
        "logs",
        exceptions.PartialCredentialsError(provider="config-file", cred_var="aws_secret_access_key"),
        "auth.config",
        3,
        Act.STOP,
    ),
    ("logs", exceptions.ProfileNotFound(profile="nope"), "auth.profile", 3, Act.STOP),
    ("logs", exceptions.NoRegionError(), "input.region", 2, Act.STOP),
    ("logs", exceptions.InvalidRegionError(region_name="eu west"), "input.region", 2, Act.STOP),
    (
        "logs",
        exceptions.InvalidConfigError(
            error_msg='The source_profile "missing" referenced in the profile "chain" does not exist.'
        ),
        "auth.config",
        3,
        Act.STOP,
    ),
    (
        "logs",
        exceptions.InfiniteLoopConfigError(source_profile="a", visited_profiles=["a", "b"]),
        "auth.config",
        3,
        Act.STOP,
    ),
    ("logs", exceptions.ConfigParseError(path="/home/x/.aws/config"), "input.aws-config", 2, Act.STOP),
    ("logs", exceptions.SSOTokenLoadError(error_msg="Token for my does not exist"), "auth.sso", 3, Act.STOP),
    ("logs", exceptions.UnauthorizedSSOTokenError(), "auth.sso", 3, Act.STOP),
    (
        "logs",
        exceptions.TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
        "auth.sso",
        3,
        Act.STOP,
    ),
    (
        "logs",
        answer("ForbiddenException", "No access", 403, "GetRoleCredentials"),
        "perm.sso-role",
        4,
        Act.STOP,
    ),
    ("logs", exceptions.LoginRefreshRequired(), "auth.login", 3, Act.STOP),
    ("logs", exceptions.LoginTokenLoadError(error_msg="gone"), "auth.login", 3, Act.STOP),
    (
        "logs",
        exceptions.MissingDependencyException(
            msg="Using the login credential provider requires an additional dependency: botocore[crt]"
        ),
        "auth.dependency",
        3,
        Act.STOP,
    ),
    (
        "logs",
        exceptions.CredentialRetrievalError(provider="custom-process", error_msg="exit 1"),
        "auth.process",
        3,
        Act.STOP,
    ),
    ("logs", exceptions.RefreshWithMFAUnsupportedError(), "auth.mfa-ended", 3, Act.STOP),
    (
        "logs",
        FileNotFoundError(2, "No such file or directory", "/var/run/token"),
        "auth.token-file",
        3,
        Act.STOP,
    ),
    ("logs", exceptions.MetadataRetrievalError(error_msg="timed out"), "auth.metadata", 3, Act.STOP),
    ("logs", answer("ExpiredTokenException", "expired"), "auth.expired", 3, Act.STOP),
    ("logs", answer("ExpiredToken", "expired", 403, "AssumeRole"), "auth.expired", 3, Act.STOP),
    ("logs", answer("RequestExpired", "Request has expired."), "auth.expired", 3, Act.STOP),
    (
        "logs",
        answer("UnrecognizedClientException", "The security token included in the request is invalid."),
        "auth.rejected",
        3,
        Act.STOP,
    ),
    (
        "logs",
        answer("InvalidClientTokenId", "invalid", 403, "GetCallerIdentity"),
        "auth.rejected",
        3,
        Act.STOP,
    ),
    (
        "logs",
        answer(
            "InvalidSignatureException",
            "Signature not yet current: 20261122T051400Z is still later than 20261122T050500Z "
            "(20261122T050000Z + 5 min.)",
        ),
        "auth.clock",
        3,
        Act.STOP,
    ),
    ("logs", answer("SignatureDoesNotMatch", "does not match", 403), "auth.signature", 3, Act.STOP),
    (
        "s3",
        answer("RequestTimeTooSkewed", "too large", 403, "PutObject", date="Sun, 22 Nov 2026 05:00:00 GMT"),
        "auth.signature",
        3,
        Act.STOP,
    ),
    ("logs", answer("OptInRequired", "subscribe", 403), "auth.opt-in", 3, Act.STOP),
    ("logs", answer("SubscriptionRequiredException", "suspended"), "auth.subscription", 3, Act.STOP),
    ("logs", answer("AccessDeniedException", "Access denied"), "perm.denied", 4, Act.STOP),
    ("logs", answer("AccessDenied", "Access denied", 403, "AssumeRole"), "perm.denied", 4, Act.STOP),
    (
        "logs",
        answer(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist in this "
            "region, or you are not allowed to access.",
        ),
        "perm.key",
        4,
        Act.STOP,
    ),
    (
        "logs",
        answer("UnauthorizedOperation", f"Encoded authorization failure message: {'A1-_' * 9}", 403),
        "perm.denied",
        4,
        Act.STOP,
    ),
    (
        "logs",
        answer("ResourceNotFoundException", "The specified log group does not exist."),
        "notfound.group",
        5,
        Act.STOP,
    ),
    (
        "logs",
        answer("ResourceNotFoundException", "The specified log stream does not exist."),
        "notfound.stream",
        5,
        Act.STOP,
    ),
    ("logs", answer("InvalidParameterException", "Invalid filter pattern"), "input.pattern", 2, Act.STOP),
    (
        "logs",
        answer("InvalidParameterException", "The specified nextToken is invalid."),
        "data.token",
        9,
        Act.STOP,
    ),
    (
        "logs",
        answer("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."),
        "input.parameter",
        2,
        Act.STOP,
    ),
    (
        "logs",
        answer("InvalidParameterException", "logGroupIdentifiers failed", operation="StartLiveTail"),
        "input.parameter",
        2,
        Act.STOP,
    ),
    ("logs", exceptions.ParamValidationError(report="Unknown parameter: x"), "input.parameter", 2, Act.STOP),
    ("logs", answer("LimitExceededException", operation="StartLiveTail"), "limit.quota", 6, Act.RETRY),
    (
        "logs",
        answer("ThrottlingException", "(reached max retries: 4): Rate exceeded"),
        "limit.throttled",
        6,
        Act.RETRY,
    ),
    ("logs", answer("TooManyRequestsException"), "limit.throttled", 6, Act.RETRY),
    ("logs", answer("RequestLimitExceeded"), "limit.throttled", 6, Act.RETRY),
    ("logs", answer("ServiceUnavailableException", "", 503), "server.unavailable", 8, Act.RETRY),
    ("logs", answer("InternalServerException", "", 500), "server.unavailable", 8, Act.RETRY),
    ("logs", answer("502", "Bad Gateway", 502), "server.unavailable", 8, Act.RETRY),
    (
        "logs",
        answer("InvalidOperationException", "The operation is not valid on the specified resource"),
        "input.log-class",
        2,
        Act.STOP,
    ),
    ("logs", answer("SessionTimeoutException", "over"), "limit.live-timeout", 6, Act.RETRY),
    (
        "logs",
        exceptions.EventStreamError({"Error": {"Code": "SessionStreamingException"}}, "StartLiveTail"),
        "server.live",
        8,
        Act.RETRY,
    ),
    (
        "logs",
        exceptions.EventStreamError({"Error": {"Code": "SomethingNew"}}, "StartLiveTail"),
        "server.live",
        8,
        Act.RETRY,
    ),
    ("logs", eventstream.ChecksumMismatch(1, 2), "data.checksum", 9, Act.RETRY),
    ("logs", aiohttp.ClientPayloadError("not completed"), "net.cut", 7, Act.RETRY),
    ("logs", aiohttp.SocketTimeoutError("Timeout on reading data"), "net.timeout", 7, Act.RETRY),
    ("logs", aiohttp.ServerDisconnectedError(), "net.cut", 7, Act.RETRY),
    ("logs", exceptions.EndpointConnectionError(endpoint_url="https://x"), "net.unreachable", 7, Act.RETRY),
    ("logs", exceptions.ConnectTimeoutError(endpoint_url="https://x"), "net.timeout", 7, Act.RETRY),
    ("logs", exceptions.ReadTimeoutError(endpoint_url="https://x"), "net.timeout", 7, Act.RETRY),
    ("logs", exceptions.ConnectionClosedError(endpoint_url="https://x"), "net.cut", 7, Act.RETRY),
    (
        "logs",
        exceptions.SSLError(endpoint_url="https://x", error=ssl.SSLError(1, "CERTIFICATE_VERIFY_FAILED")),
        "net.tls",
        7,
        Act.STOP,
    ),
    ("logs", ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "net.tls", 7, Act.STOP),
    ("logs", exceptions.ProxyConnectionError(proxy_url="http://p"), "net.proxy", 7, Act.RETRY),
    ("logs", exceptions.InvalidProxiesConfigError(), "net.proxy", 7, Act.STOP),
    ("logs", answer("DataAlreadyAcceptedException", operation="PutLogEvents"), "data.sequence", 9, Act.STOP),
    ("logs", answer("InvalidSequenceTokenException", operation="PutLogEvents"), "data.sequence", 9, Act.STOP),
    ("s3", answer("NoSuchBucket", "gone", 404, "PutObject"), "notfound.bucket", 5, Act.STOP),
    ("s3", answer("AccessDenied", "Access Denied", 403, "PutObject"), "perm.denied", 4, Act.STOP),
    ("s3", answer("AccessDenied", "Access Denied", 403, "UploadPart"), "perm.denied", 4, Act.STOP),
    (
        "s3",
        answer("PermanentRedirect", "", 301, "PutObject", **{"x-amz-bucket-region": "us-west-2"}),
        "input.bucket-region",
        2,
        Act.STOP,
    ),
    ("s3", answer("AuthorizationHeaderMalformed", "", 400, "PutObject"), "input.bucket-region", 2, Act.STOP),
    (
        "s3",
        answer("IllegalLocationConstraintException", "", 400, "PutObject"),
        "input.bucket-region",
        2,
        Act.STOP,
    ),
    ("s3", answer("AccessControlListNotSupported", "", 400, "PutObject"), "input.acl", 2, Act.STOP),
    ("s3", answer("PreconditionFailed", "", 412, "PutObject"), "input.exists", 2, Act.STOP),
    ("s3", answer("ConditionalRequestConflict", "", 409, "PutObject"), "data.conflict", 9, Act.RETRY),
    ("s3", answer("BadDigest", "", 400, "PutObject"), "data.digest", 9, Act.RETRY),
    ("s3", answer("XAmzContentSHA256Mismatch", "", 400, "PutObject"), "data.digest", 9, Act.RETRY),
    ("s3", answer("InvalidDigest", "", 400, "PutObject"), "data.digest", 9, Act.RETRY),
    (
        "s3",
        answer("SlowDown", "Please reduce your request rate.", 503, "PutObject"),
        "limit.throttled",
        6,
        Act.RETRY,
    ),
    ("s3", answer("RequestTimeout", "", 400, "PutObject"), "net.timeout", 7, Act.RETRY),
    ("s3", answer("EntityTooLarge", "", 400, "PutObject"), "input.too-large", 2, Act.STOP),
    ("s3", answer("InvalidPart", "", 400, "CompleteMultipartUpload"), "data.upload", 9, Act.RETRY),
    ("s3", answer("KMS.NotFoundException", "Invalid keyId 'x'", 400, "PutObject"), "perm.key", 4, Act.STOP),
    ("s3", answer("KMS.DisabledException", "disabled", 400, "PutObject"), "perm.key", 4, Act.STOP),
    ("s3", answer("KMS.KMSInvalidStateException", "pending", 400, "PutObject"), "perm.key", 4, Act.STOP),
    (
        "iam",
        answer(
            "NoSuchEntity",
            "The role policy with name ObservabilityAccess cannot be found.",
            404,
            "GetRolePolicy",
        ),
        "notfound.iam-entity",
        5,
        Act.STOP,
    ),
    (
        "iam",
        answer("InvalidInput", "Invalid Entity Arn: x", 400, "SimulatePrincipalPolicy"),
        "input.iam-arn",
        2,
        Act.STOP,
    ),
]


def error_of(kind: str, raised: Exception) -> CwtuiError:
    with pytest.raises(CwtuiError) as caught, translated(TARGETS[kind]):
        raise raised
    return caught.value


def name_of(row: Any) -> str:
    return f"{row[0]}-{type(row[1]).__name__}-{row[2]}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_row_of_the_catalogue_is_told_whole(row: tuple[str, Exception, str, int, Act]) -> None:
    kind, raised, code, exit_code, act = row
    error = error_of(kind, raised)
    assert (error.code, error.exit_code, error.act) == (f"cwtui.{code}", exit_code, act)
    assert error.message
    assert error.hint
    # Whoever reads it learns why, and where somebody must act, what to run, paste or read.
    assert error.card.why or isinstance(raised, ClientError)
    assert error.card.fix or error.card.docs or error.act is Act.RETRY
    assert dict(error.card.facts)["operation"]
    if isinstance(raised, ClientError) and "ResponseMetadata" in raised.response:
        assert error.request_id == "r-1"
    for text in (error.message, error.hint, error.card.why, error.card.fix):
        assert "{" not in text.replace('{"', "").replace("{http_code}", "").replace("{ $", "")


def test_every_row_of_the_tables_has_a_way_out() -> None:
    for name, row in {**TABLE, **S3}.items():
        denied = row.code == "denied"
        assert row.hint or denied, name
        assert row.fix or row.docs or denied or (row.act or row.kind.act_of_kind) is Act.RETRY, name


def test_a_bucket_elsewhere_is_named_with_its_region() -> None:
    elsewhere = answer("PermanentRedirect", "", 301, "PutObject", **{"x-amz-bucket-region": "us-west-2"})
    error = error_of("s3", elsewhere)
    assert "in us-west-2" in error.message
    assert "--region us-west-2" in error.hint


def test_a_call_made_on_the_way_is_told_under_its_own_name() -> None:
    error = error_of("logs", answer("AccessDenied", "Access denied", 403, "AssumeRole"))
    facts = dict(error.card.facts)
    assert (facts["service"], facts["operation"]) == ("sts", "AssumeRole")
    assert "logGroup" not in facts


def test_evidence_names_who_what_where_and_when() -> None:
    facts = dict(error_of("logs", answer("ThrottlingException", "Rate exceeded")).card.facts)
    assert facts["logGroup"] == "/shop"
    assert facts["profile"] == "dev"
    assert facts["region"] == "eu-west-1"
    assert facts["awsCode"] == "ThrottlingException"
    assert facts["awsMessage"] == "Rate exceeded"
    assert facts["at"].startswith("2026-11-2")
