"""Every place that has credentials, in the SDK's own order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cwtui.access.credential_sources import sources

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
TOKEN = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"


def found(
    environ: Mapping[str, str], section: Mapping[str, Any] | None = None, *, explicit: bool = False
) -> list[str]:
    return [one.provider for one in sources(environ, {"dev": section or {}}, "dev", explicit)]


def test_keys_of_the_environment_come_first_unless_a_profile_was_named() -> None:
    section = {"sso_session": "corp", "aws_access_key_id": "AKIA"}
    assert found(KEYS, section) == ["env", "sso", "shared-credentials-file"]
    assert found(KEYS, section, explicit=True) == ["sso", "shared-credentials-file"]


@pytest.mark.parametrize(
    ("section", "provider"),
    [
        ({"role_arn": "arn:r", "source_profile": "hub"}, "assume-role"),
        ({"role_arn": "arn:r", "credential_source": "Ec2InstanceMetadata"}, "assume-role"),
        ({"role_arn": "arn:r", "web_identity_token_file": "/t"}, "assume-role-with-web-identity"),
        ({"sso_start_url": "https://x"}, "sso"),
        ({"login_session": "x"}, "login"),
        ({"credential_process": "get --secret s3cr3t"}, "custom-process"),
    ],
)
def test_a_profile_says_who_reads_it(section: Mapping[str, Any], provider: str) -> None:
    assert found({}, section) == [provider]


def test_a_web_identity_of_eks_is_recognised_and_the_container_comes_last() -> None:
    environ = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": TOKEN,
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
    }
    identity, container = sources(environ, {}, "default", False)
    assert "arn:aws:iam::1:role/pod (an EKS service account)" in identity.words
    assert container.provider == "container-role"


def test_no_value_of_a_secret_is_told() -> None:
    section = {"aws_access_key_id": "AKIA1", "aws_secret_access_key": "hush", "credential_process": "p hush"}
    told = " ".join(one.words for one in sources(KEYS, {"dev": section}, "dev", False))
    assert "hush" not in told
    assert "secret" not in told
