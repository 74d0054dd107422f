"""The profiles of the AWS configuration files, as far as a list of them and a check need it; no SDK.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
"""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

_SESSION_TOKEN = ("aws_session_token", "aws_security_token")
_ROLE_ACCOUNT = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/")


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile: what the config file and the credentials file say of it together."""

    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    """Every key but the secret ones, those of an sso-session among them."""
    has_key: bool = False
    has_secret: bool = False
    has_token: bool = False

    @property
    def kind(self) -> str:
        """How its credentials come: sso, role, process, web identity, login or keys; else `profile`."""
        for key, kind in _KINDS:
            if key in self.keys:
                return kind
        return "keys" if self.has_key else "profile"

    @property
    def region(self) -> str:
        return self.keys.get("region", "")

    @property
    def account(self) -> str:
        """The account it leads to where the files say so, else empty."""
        told = _ROLE_ACCOUNT.match(self.keys.get("role_arn", ""))
        return told[1] if told else self.keys.get("sso_account_id", "")


_KINDS = (
    ("role_arn", "role"),
    ("sso_session", "sso"),
    ("sso_start_url", "sso"),
    ("login_session", "login"),
    ("credential_process", "process"),
    ("web_identity_token_file", "web identity"),
)


def config_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()


def credentials_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()


def read_profiles(environ: Mapping[str, str] | None = None) -> dict[str, Profile]:
    """Every profile by its name. A file that is absent or broken has none: the SDK says what is wrong."""
    environ = os.environ if environ is None else environ
    config = _sections(config_path(environ))
    sections: dict[str, dict[str, str]] = {}
    for title, keys in config.items():
        kind, _, name = title.partition(" ")
        if title == "default":
            sections[title] = dict(keys)
        elif kind == "profile" and name.strip():
            sections[_bare(name)] = dict(keys)
    for title, keys in _sections(credentials_path(environ)).items():
        sections[title] = sections.get(title, {}) | keys
    sessions = {
        _bare(title.partition(" ")[2]): keys
        for title, keys in config.items()
        if title.startswith("sso-session ")
    }
    return {
        name: _profile(name, sessions.get(keys.get("sso_session", ""), {}) | keys)
        for name, keys in sections.items()
    }


def supposed_account(role_arn: str, profile: str) -> str:
    """The account that a role lies in, else the one that a profile leads to; empty where nothing says so."""
    if told := _ROLE_ACCOUNT.match(role_arn):
        return told[1]
    found = read_profiles().get(profile)
    return found.account if found is not None else ""


def sso_expiry(profile: Profile, home: Path | None = None) -> int | None:
    """When the SSO login behind a profile ends, in ms UTC, as its cached token says; None: nobody logged in.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
    """
    about = profile.keys.get("sso_session") or profile.keys.get("sso_start_url")
    if not about:
        return None
    folder = (home or Path.home()) / ".aws/sso/cache"
    name = hashlib.sha1(about.encode("utf-8"), usedforsecurity=False).hexdigest()
    try:
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        ends = datetime.fromisoformat(str(document["expiresAt"]).replace("UTC", "+00:00"))
        return int(ends.timestamp() * 1000)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def half_there(environ: Mapping[str, str], profile: Profile | None = None) -> str:
    """A sentence's worth of what is missing from keys that stand in the environment or a profile; or empty.

    The SDK names only a missing secret: without the access key it looks elsewhere, in silence.
    """
    found = {name: bool(environ.get(f"AWS_{name}")) for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    token = bool(environ.get("AWS_SESSION_TOKEN") or environ.get("AWS_SECURITY_TOKEN"))
    if not found["ACCESS_KEY_ID"] and (found["SECRET_ACCESS_KEY"] or token):
        there = "AWS_SECRET_ACCESS_KEY" if found["SECRET_ACCESS_KEY"] else "AWS_SESSION_TOKEN"
        missing = [f"AWS_{name}" for name, there_too in found.items() if not there_too]
        return f"{there} is set in the environment, but not {' and '.join(missing)}"
    if profile is not None and not profile.has_key and (profile.has_secret or profile.has_token):
        there = "aws_secret_access_key" if profile.has_secret else "aws_session_token"
        missing = ["aws_access_key_id", *([] if profile.has_secret else ["aws_secret_access_key"])]
        return f"the profile '{profile.name}' has {there}, but not {' and '.join(missing)}"
    return ""


def _profile(name: str, keys: Mapping[str, str]) -> Profile:
    secret = {"aws_access_key_id", "aws_secret_access_key", *_SESSION_TOKEN}
    return Profile(
        name,
        {key: value for key, value in keys.items() if key not in secret},
        has_key=bool(keys.get("aws_access_key_id")),
        has_secret=bool(keys.get("aws_secret_access_key")),
        has_token=any(keys.get(key) for key in _SESSION_TOKEN),
    )


def _sections(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(default_section="\0", strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    return {title: dict(parser[title]) for title in parser.sections()}


def _bare(name: str) -> str:
    return name.strip().strip("\"'")
