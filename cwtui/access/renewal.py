"""How the credentials of a profile are renewed: read from the AWS configuration, without an SDK.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from cwtui.core.errors import Renewal, RenewalKind

Profiles = Mapping[str, Mapping[str, Any]]
"""Sections of ~/.aws/config and ~/.aws/credentials, by profile name."""

_OF_A_CODE = {"MfaNeeded", "MfaRefused", "RefreshWithMFAUnsupportedError"}
_OF_THE_TOP = {"ExpiredTokenException", "ExpiredToken", "RequestExpired"}


def chain(profiles: Profiles, profile: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A profile and those whose credentials it takes a role on with, down to the one that has its own."""
    seen: set[str] = set()
    while profile and profile not in seen:
        seen.add(profile)
        section = profiles.get(profile, {})
        yield profile, section
        profile = str(section.get("source_profile", "")) if "role_arn" in section else ""


def mfa_profile(profiles: Profiles, profile: str) -> str:
    """The profile in the chain of source profiles that asks for an MFA code, or empty."""
    for name, section in chain(profiles, profile):
        if "role_arn" in section and "mfa_serial" in section:
            return name
    return ""


def needs_a_code(profiles: Profiles, profile: str, role_arn: str = "", device: str = "") -> bool:
    """Whether signing in takes an MFA code: for the profile's own chain, or for a role given by itself."""
    return bool((role_arn and device_of(profiles, profile, device)) or mfa_profile(profiles, profile))


def device_of(profiles: Profiles, profile: str, device: str = "") -> str:
    """The MFA device of a role given by itself: `device`, else that of a profile which takes no role on."""
    own = profiles.get(profile, {})
    return device or ("" if "role_arn" in own else str(own.get("mfa_serial", "")))


def renewal_of(
    name: str, profiles: Profiles, profile: str, *, from_environment: bool = False, mfa: bool = False
) -> Renewal | None:
    """How to go on after a failure of that name; None where the configuration tells no way.

    `from_environment`: the keys came from environment variables. `mfa`: a role given by itself was taken
    on with a code. An expired token is that of the role where a code was needed for it, else the login's.
    """
    asking = mfa_profile(profiles, profile)
    if name in _OF_A_CODE or (name in _OF_THE_TOP and (mfa or (asking and not from_environment))):
        return Renewal(RenewalKind.MFA, asking)
    if from_environment:
        return Renewal(RenewalKind.RESTART, "")
    root, section = list(chain(profiles, profile))[-1]
    to_root = ("--profile", root) if root != "default" else ()
    if "sso_session" in section or "sso_start_url" in section:
        return Renewal(RenewalKind.LOGIN, root, ("aws", "sso", "login", *to_root))
    if "login_session" in section:
        return Renewal(RenewalKind.LOGIN, root, ("aws", "login", *to_root))
    if process := str(section.get("credential_process", "")):
        return Renewal(RenewalKind.PROCESS, root, _words(process))
    if "aws_access_key_id" in section:
        return Renewal(RenewalKind.FILE, root)
    return None


def way_on(renewal: Renewal) -> str:
    """One sentence: what to do to go on."""
    match renewal.kind:
        case RenewalKind.LOGIN:
            return f"Run: {shlex.join(renewal.command)}, and then the same again."
        case RenewalKind.PROCESS:
            return f"Run the profile's credential_process to see why: {shlex.join(renewal.command)}"
        case RenewalKind.MFA:
            return "Try again, with a new code of the MFA device."
        case RenewalKind.FILE:
            return f"Have whatever issues the keys of profile '{renewal.profile}' write new ones; try again."
        case RenewalKind.RESTART:
            return "They stand in the environment (AWS_SESSION_TOKEN): set new ones, and start cwtui again."


def _words(process: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(process))
    except ValueError:
        return ()
