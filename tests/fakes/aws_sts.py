"""What STS and the SSO portal do, as far as cwtui sees it: who is asking, roles, codes, ended sessions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from tests.fakes.aws_logs import Refusal


@dataclass(slots=True)
class FakeSts:
    """Issues numbered keys; what a test puts into `ended` is refused from then on."""

    account: str
    codes: dict[str, str] = field(default_factory=dict)
    """MFA device to the code it shows: roles are then taken on with that code only, which works once."""
    ended: set[str] = field(default_factory=set)
    """Access keys that have expired."""
    sso_tokens: set[str] = field(default_factory=set)
    """Tokens of SSO logins that last."""
    lifetime: float = 3600
    """Seconds that issued keys say they last."""
    issued: list[str] = field(default_factory=list)
    """Access keys given out, in order."""

    def answer(self, operation: str, params: Mapping[str, Any]) -> str:
        """The XML of one call of the query protocol."""
        if operation == "GetCallerIdentity":
            arn = f"arn:aws:sts::{self.account}:assumed-role/oncall/ana"
            inner = f"<Arn>{arn}</Arn><UserId>AROAFAKE:ana</UserId><Account>{self.account}</Account>"
        elif operation in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            inner = self._assume_role(params)
        else:
            raise Refusal("InvalidAction", f"{operation} is not known.")
        return (
            f'<{operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            f"<{operation}Result>{inner}</{operation}Result>"
            f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
        )

    def sso_credentials(self) -> dict[str, Any]:
        """GetRoleCredentials' answer."""
        return {
            "roleCredentials": {
                "accessKeyId": self._issue("ASIASSO"),
                "secretAccessKey": "not-a-secret",
                "sessionToken": "token",
                "expiration": int((time.time() + self.lifetime) * 1000),
            }
        }

    def _assume_role(self, params: Mapping[str, Any]) -> str:
        role, session = str(params["RoleArn"]), str(params["RoleSessionName"])
        if self.codes:
            self._check_code(str(params.get("SerialNumber", "")), str(params.get("TokenCode", "")), role)
        expiry = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.lifetime))
        return (
            f"<AssumedRoleUser><AssumedRoleId>AROAFAKE:{escape(session)}</AssumedRoleId>"
            f"<Arn>{escape(role.replace(':role/', ':assumed-role/'))}/{escape(session)}</Arn>"
            f"</AssumedRoleUser><Credentials><AccessKeyId>{self._issue('ASIAASSUMED')}</AccessKeyId>"
            f"<SecretAccessKey>not-a-secret</SecretAccessKey><SessionToken>token</SessionToken>"
            f"<Expiration>{expiry}</Expiration></Credentials>"
        )

    def _check_code(self, device: str, code: str, role: str) -> None:
        if not code:
            raise Refusal(
                "AccessDenied",
                f"User: arn:aws:iam::{self.account}:user/ana is not authorized to perform: sts:AssumeRole "
                f"on resource: {role}",
            )
        if device not in self.codes:
            raise Refusal(
                "AccessDenied",
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA "
                "serial number is valid and associated with this user.",
            )
        if code != self.codes[device]:
            raise Refusal(
                "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "
            )
        # A code works once.
        self.codes[device] = ""

    def _issue(self, prefix: str) -> str:
        key = f"{prefix}{len(self.issued):0{20 - len(prefix)}d}"
        self.issued.append(key)
        return key
