"""Each failure has its class, its code, a sentence and a way out."""

from __future__ import annotations

import pytest

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.access.error_rows import TABLE
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

NOW = 1_795_350_000_000


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_makes_a_whole_sentence_and_a_hint(name: str) -> None:
    full = Failure(
        name,
        "why",
        operation="FilterLogEvents",
        resource="/shop",
        profile="dev",
        region="eu-west-1",
        endpoint="http://x",
        status=400,
        request_id="id-1",
    )
    for failure in (full, Failure(name)):
        error = explain_error(failure)
        assert error.message[0].isupper() or error.message[0] in "'/h"
        assert "{" not in error.message
        assert "''" not in error.message + error.hint or not failure.profile
        assert error.hint
        assert error.code == f"cwtui.{error.kind}.{error.code.rpartition('.')[2]}"
    assert explain_error(full).request_id == "id-1"


@pytest.mark.parametrize(
    ("name", "message", "kind", "code"),
    [
        ("NoCredentialsError", "Unable to locate credentials", CredentialsError, "missing"),
        ("ProfileNotFound", "The config profile (nope) could not be found", CredentialsError, "profile"),
        ("SSOTokenLoadError", "Token for my does not exist", CredentialsError, "sso"),
        ("ExpiredTokenException", "expired", CredentialsError, "expired"),
        ("UnrecognizedClientException", "invalid", CredentialsError, "rejected"),
        ("AccessDeniedException", "Access Denied", PermissionDenied, "denied"),
        ("ResourceNotFoundException", "The specified log group does not exist.", NotFound, "group"),
        ("ResourceNotFoundException", "The specified log stream does not exist.", NotFound, "stream"),
        ("InvalidParameterException", "Invalid filter pattern", InputError, "pattern"),
        ("InvalidParameterException", "The specified nextToken is invalid.", DataError, "token"),
        ("InvalidParameterException", "1 validation error", InputError, "parameter"),
        ("InvalidOperationException", "not valid", WrongLogClass, "log-class"),
        ("ValidationException", "Only supported on the Standard log class", WrongLogClass, "log-class"),
        ("InvalidParameterException", "not for this Log Group Class", WrongLogClass, "log-class"),
        ("ThrottlingException", "Rate exceeded", LimitReached, "throttled"),
        ("LimitExceededException", "", LimitReached, "quota"),
        ("EndpointConnectionError", "", NetworkError, "unreachable"),
        ("ReadTimeoutError", "", NetworkError, "timeout"),
        ("SSLError", "CERTIFICATE_VERIFY_FAILED", NetworkError, "tls"),
        ("ServiceUnavailableException", "", ServiceError, "unavailable"),
        ("NotCloudWatch", "", DataError, "not-cloudwatch"),
    ],
)
def test_a_failure_is_told_apart(name: str, message: str, kind: type[CwtuiError], code: str) -> None:
    error = explain_error(Failure(name, message, operation="FilterLogEvents", resource="/shop"))
    assert type(error) is kind
    assert error.code.endswith(f".{code}")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(502, ServiceError), (429, LimitReached), (403, PermissionDenied), (418, ServiceError)],
)
def test_an_unknown_code_is_told_by_its_status(status: int, kind: type[CwtuiError]) -> None:
    assert type(explain_error(Failure(str(status), "Bad", status=status))) is kind


def test_the_login_command_names_the_profile() -> None:
    assert "aws sso login --profile dev" in explain_error(Failure("TokenRetrievalError", profile="dev")).hint


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Signature expired: 20261122T050000Z is now earlier than 20261122T050500Z "
            "(20261122T051000Z - 5 min.)",
            "10m 00s behind",
        ),
        (
            "Signature not yet current: 20261122T051400Z is still later than 20261122T050500Z "
            "(20261122T050000Z + 5 min.)",
            "14m 00s ahead",
        ),
    ],
)
def test_a_wrong_clock_is_measured_from_the_words(message: str, told: str) -> None:
    error = explain_error(Failure("InvalidSignatureException", message))
    assert told in error.message
    assert error.code == "cwtui.auth.clock"


def test_a_wrong_clock_is_measured_from_the_date_header() -> None:
    error = explain_error(Failure("RequestTimeTooSkewed", now=NOW, server_date=NOW - 400_000))
    assert "6m 40s ahead" in error.message


def test_a_wrong_secret_is_not_taken_for_a_wrong_clock() -> None:
    error = explain_error(Failure("SignatureDoesNotMatch", "does not match", now=NOW, server_date=NOW))
    assert error.code == "cwtui.auth.signature"


def test_foreign_words_with_braces_are_only_data() -> None:
    error = explain_error(Failure("ValidationException", "got {resource!r} {0}", resource="/{a}"))
    assert "got {resource!r} {0}" in error.message
    assert "/{a}" in error.message


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "https://iam.amazonaws.com"),
        ("cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn"),
        ("us-gov-east-1", "https://iam.us-gov.amazonaws.com"),
    ],
)
def test_iam_is_tried_where_a_partition_has_it(region: str, host: str) -> None:
    error = explain_error(Failure("EndpointConnectionError", service="iam", region=region))
    assert error.card.fix.endswith(host)
