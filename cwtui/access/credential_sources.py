"""Where AWS's SDK looks for credentials, in its order, and what stands there: names only, never a value.

https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cwtui.access.renewal import Profiles

SERVICE_ACCOUNT_TOKEN = "eks.amazonaws.com"
"""Part of the token's path where EKS put it there for a service account (IRSA)."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that has, or could have, credentials."""

    provider: str
    """botocore's name of the provider that reads it: `env`, `sso`, `assume-role`, ..."""
    words: str
    """What it is and where it stands; foreign text (names of profiles and files)."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The credentials in use, without a secret."""

    provider: str
    """botocore's name of the provider that won."""
    key_kind: str
    """The first four characters of the key id: `AKIA` lasts until it is deleted, `ASIA` is temporary."""
    key_end: str
    """The last four."""
    expires: int | None = None
    """ms UTC; None where they do not end or do not say when."""
    profile: str = ""
    sources: tuple[Source, ...] = ()
    """Every place that has some, in the order in which the SDK asks."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the calls go."""

    region: str
    partition: str
    known: bool
    """Whether the SDK lists the region, and does not merely find its name well formed."""
    endpoint: str = ""
    """The URL of CloudWatch Logs; empty where no client could be made."""
    custom: bool = False
    """The endpoint was set, and is not the SDK's own for the region."""
    fips: bool = False
    dual_stack: bool = False
    proxy: str = ""
    """Host and port of an HTTPS proxy; no name and no password."""


def sources(environ: Mapping[str, str], profiles: Profiles, profile: str, explicit: bool) -> list[Source]:
    """What there is for a profile, in the SDK's order; `explicit`: it was named, so keys in the
    environment do not count."""
    return [*_given(environ, profiles.get(profile, {}), profile, explicit)]


def _given(
    environ: Mapping[str, str], section: Mapping[str, object], profile: str, explicit: bool
) -> Iterator[Source]:
    named = f"profile '{profile}'"
    if environ.get("AWS_ACCESS_KEY_ID") and not explicit:
        yield Source("env", "AWS_ACCESS_KEY_ID in the environment")
    if role := section.get("role_arn"):
        if "web_identity_token_file" in section:
            yield Source("assume-role-with-web-identity", f"{named}: role {role} by a web identity token")
        else:
            by = section.get("source_profile") or section.get("credential_source") or "?"
            yield Source("assume-role", f"{named}: role {role} over '{by}'")
    elif (token := environ.get("AWS_WEB_IDENTITY_TOKEN_FILE")) and not explicit:
        of_eks = " (an EKS service account)" if SERVICE_ACCOUNT_TOKEN in token else ""
        yield Source(
            "assume-role-with-web-identity",
            f"AWS_WEB_IDENTITY_TOKEN_FILE for {environ.get('AWS_ROLE_ARN', 'no AWS_ROLE_ARN')}{of_eks}",
        )
    if "sso_session" in section or "sso_start_url" in section:
        through = section.get("sso_session") or section.get("sso_start_url")
        yield Source("sso", f"{named}: SSO by '{through}'")
    if "aws_access_key_id" in section:
        yield Source("shared-credentials-file", f"{named}: keys in a file")
    if "login_session" in section:
        yield Source("login", f"{named}: aws login")
    if "credential_process" in section:
        yield Source("custom-process", f"{named}: its credential_process")
    if environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") or environ.get(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    ):
        yield Source("container-role", "the container's role (ECS task or EKS Pod Identity)")
