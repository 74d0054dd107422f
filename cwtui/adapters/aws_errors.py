"""Turns what the SDK raises into cwtui's errors. Imports no SDK: exceptions are known by their names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.access.error_rows import TABLE
from cwtui.access.regions import known_regions
from cwtui.core.errors import CwtuiError, Renewal
from cwtui.explain.redact import redact

_UNREACHED = {"EndpointConnectionError", "ClientConnectorError", "ConnectTimeoutError"}
_OF_A_FILE = {"FileNotFoundError", "HTTPClientError", "SSLError"}
_SOURCES = {"Ec2InstanceMetadata", "EcsContainer", "Environment", "container-role"}
"""What a `credential_source` may be, and the container's own provider."""
_TAIL = 300
"""Characters of what a program said that are passed on."""
_PASSWORD = re.compile(r"(://)[^/@\s:]*:[^/@\s]*@")
_FOREIGN = {"botocore", "aiobotocore", "aiohttp", "urllib3", "ssl"}
_SIGNING_IN = {
    "AssumeRole": "sts",
    "AssumeRoleWithWebIdentity": "sts",
    "GetCallerIdentity": "sts",
    "GetRoleCredentials": "sso",
    "CreateToken": "sso",
}
_STALE = "refreshed credentials are still expired"


def _no_renewal(failure: Failure) -> Renewal | None:
    return None


@contextmanager
def translated(about: Failure, renewal: Callable[[Failure], Renewal | None] = _no_renewal) -> Iterator[None]:
    """Raises a `CwtuiError` from whatever the SDK or the network raises inside; bugs pass through.

    `about` says what is being done; its `name` and `message` are filled in from the exception. `renewal`
    says how the credentials in use are renewed after a failure.
    """
    try:
        yield
    except CwtuiError:
        raise
    except Exception as error:
        if not _foreign(error):
            raise
        failure = describe(error, about)
        raise explain_error(replace(failure, renewal=renewal(failure))) from error


def describe(error: Exception, about: Failure) -> Failure:
    """What the exception says, added to what was being done."""
    response = getattr(error, "response", None)
    if not isinstance(response, Mapping) or "Error" not in response:
        name = _known_name(error)
        if name in _UNREACHED and _is_no_region(about):
            name = "UnknownRegionError"
        if name == "CredentialRetrievalError" and _provider(error) in _SOURCES:
            name = "NoSourceCredentials"
        bundle = os.environ.get("AWS_CA_BUNDLE")
        if bundle and name in _OF_A_FILE and not os.path.exists(bundle):
            name = "InvalidCaBundle"
        return replace(about, name=name, message=_words(error))
    details, metadata = response["Error"], response.get("ResponseMetadata", {})
    headers = metadata.get("HTTPHeaders", {})
    # A call made on the way (a role to assume, an SSO token to swap) fails under its own name.
    operation = getattr(error, "operation_name", "") or about.operation
    service = _SIGNING_IN.get(operation, about.service)
    if service != about.service:
        about = replace(about, service=service, resource="", stream="")
    return replace(
        about,
        name=_code(details, error),
        operation=operation,
        message=str(details.get("Message") or details.get("message") or ""),
        status=int(metadata.get("HTTPStatusCode", 0)),
        request_id=str(metadata.get("RequestId") or headers.get("x-amzn-requestid", "")),
        server_date=_date(headers.get("date", "")),
        bucket_region=str(headers.get("x-amz-bucket-region", "")),
    )


def _foreign(error: Exception) -> bool:
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return bool(modules & _FOREIGN) or isinstance(error, OSError) or _is_stale(error)


def _is_stale(error: Exception) -> bool:
    # botocore has no class of its own for credentials that had expired when they came.
    return isinstance(error, RuntimeError) and _STALE in str(error)


def _known_name(error: Exception) -> str:
    if _is_stale(error):
        return "StaleCredentials"
    # The nearest ancestor that the catalogue knows, so that a new subclass is not a new failure.
    for kind in type(error).__mro__:
        if kind.__name__ in TABLE:
            return kind.__name__
    return type(error).__name__


def _code(details: Mapping[str, Any], error: Exception) -> str:
    code = str(details.get("Code") or "")
    return code if code in TABLE or type(error).__name__ not in TABLE else type(error).__name__


def _provider(error: Exception) -> str:
    details = getattr(error, "kwargs", None)
    return str(details.get("provider", "")) if isinstance(details, Mapping) else ""


def _words(error: Exception) -> str:
    details = getattr(error, "kwargs", None)
    if isinstance(details, Mapping) and "provider" in details and "error_msg" in details:
        # What a credential_process wrote: the reason stands at its end, and a secret may stand anywhere.
        said = " ".join(redact(str(details["error_msg"])).split())
        said = said if len(said) <= _TAIL else f"…{said[-_TAIL:]}"
        return f"{details['provider']}: {said or 'it failed without a word'}"
    return _PASSWORD.sub(r"\1", " ".join(str(error).split()))


def _is_no_region(about: Failure) -> bool:
    # A host that cannot be found is how the SDK meets a region that does not exist.
    regions = known_regions()
    return "://" not in about.endpoint and bool(regions) and about.region not in regions


def _date(header: str) -> int | None:
    try:
        return int(parsedate_to_datetime(header).timestamp() * 1000)
    except (TypeError, ValueError):
        return None
