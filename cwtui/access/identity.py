"""Who AWS says is asking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """GetCallerIdentity's answer, and how the credentials were found."""

    account: str
    arn: str
    region: str
    provider: str = ""
    """The credential provider's name, such as `sso` or `env`."""
    profile: str = ""
