"""How credentials are renewed is read from the chain of profiles, and put in a command that can be run."""

from __future__ import annotations

from typing import Any

import pytest

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.access.renewal import mfa_profile, renewal_of, way_on
from cwtui.core.errors import CredentialsError, Renewal, RenewalKind

ROLE = "arn:aws:iam::1:role/r"
PROFILES: dict[str, dict[str, Any]] = {
    "corp": {"sso_session": "my", "sso_account_id": "1", "sso_role_name": "r"},
    "old-sso": {"sso_start_url": "https://corp.example/start"},
    "default": {"sso_session": "my"},
    "over-corp": {"role_arn": ROLE, "source_profile": "corp"},
    "console": {"login_session": "arn:aws:iam::1:user/ana"},
    "process": {"credential_process": "/opt/idp --account 'shop one'"},
    "keys": {"aws_access_key_id": "AKIA", "aws_secret_access_key": "s"},
    "coded": {"role_arn": ROLE, "source_profile": "keys", "mfa_serial": "arn:aws:iam::1:mfa/ana"},
    "over-coded": {"role_arn": ROLE, "source_profile": "coded"},
    "coded-corp": {"role_arn": ROLE, "source_profile": "corp", "mfa_serial": "arn:aws:iam::1:mfa/ana"},
    "own": {"role_arn": ROLE, "source_profile": "own", "aws_access_key_id": "AKIA"},
    "ec2": {"role_arn": ROLE, "credential_source": "Ec2InstanceMetadata"},
    "odd": {"credential_process": "say 'never closed"},
}


@pytest.mark.parametrize(
    ("name", "profile", "kind", "of", "command"),
    [
        ("UnauthorizedSSOTokenError", "corp", "login", "corp", "aws sso login --profile corp"),
        ("SSOTokenLoadError", "old-sso", "login", "old-sso", "aws sso login --profile old-sso"),
        ("SSOTokenLoadError", "default", "login", "default", "aws sso login"),
        ("TokenRetrievalError", "over-corp", "login", "corp", "aws sso login --profile corp"),
        ("ExpiredTokenException", "over-corp", "login", "corp", "aws sso login --profile corp"),
        ("LoginRefreshRequired", "console", "login", "console", "aws login --profile console"),
        ("CredentialRetrievalError", "process", "process", "process", "/opt/idp --account 'shop one'"),
        ("CredentialRetrievalError", "odd", "process", "odd", ""),
        ("ExpiredToken", "keys", "file", "keys", ""),
        ("ExpiredTokenException", "own", "file", "own", ""),
        ("RefreshWithMFAUnsupportedError", "coded", "mfa", "coded", ""),
        ("ExpiredTokenException", "over-coded", "mfa", "coded", ""),
        ("UnauthorizedSSOTokenError", "coded-corp", "login", "corp", "aws sso login --profile corp"),
    ],
)
def test_each_kind_of_profile_has_its_own_way(
    name: str, profile: str, kind: str, of: str, command: str
) -> None:
    renewal = renewal_of(name, PROFILES, profile)
    assert renewal is not None
    assert (renewal.kind.value, renewal.profile) == (kind, of)
    assert explain_error(Failure(name, "why", profile=profile, renewal=renewal)).hint == way_on(renewal)
    assert command in way_on(renewal)
    assert bool(command) == bool(renewal.command)


def test_keys_in_the_environment_need_a_new_start() -> None:
    renewal = renewal_of("ExpiredTokenException", PROFILES, "coded", from_environment=True)
    assert renewal == Renewal(RenewalKind.RESTART, "")
    assert "start cwtui again" in way_on(renewal)


def test_a_role_given_by_itself_and_taken_on_with_a_code_ends_with_the_code() -> None:
    renewal = renewal_of("ExpiredTokenException", PROFILES, "keys", mfa=True)
    assert renewal == Renewal(RenewalKind.MFA, "")


@pytest.mark.parametrize("profile", ["ec2", "nowhere"])
def test_what_no_profile_tells_is_not_made_up(profile: str) -> None:
    assert renewal_of("ExpiredTokenException", PROFILES, profile) is None


def test_what_new_credentials_do_not_mend_offers_none() -> None:
    renewal = Renewal(RenewalKind.FILE, "keys")
    error = explain_error(Failure("SignatureDoesNotMatch", renewal=renewal))
    assert isinstance(error, CredentialsError)
    assert error.renewal is None


def test_a_loop_of_profiles_has_an_end() -> None:
    loop = {"a": {"role_arn": ROLE, "source_profile": "b"}, "b": {"role_arn": ROLE, "source_profile": "a"}}
    assert mfa_profile(loop, "a") == ""
    assert renewal_of("ExpiredTokenException", loop, "a") is None
