"""Takes roles on with a code of an MFA device, asked of whoever drives cwtui.

The SDK would ask with getpass, straight on the terminal and in the middle of the event loop; it would
not ask twice, and not again when the session it got has ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials
from botocore.exceptions import ClientError

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.core.errors import CwtuiError, Renewal, RenewalKind
from cwtui.core.ports import AskMfa, MfaQuestion

TRIES = 3
"""How many codes a sign-in takes."""
_DIGITS = 6

TakeOn = Callable[[str], Awaitable[Mapping[str, Any]]]
"""Takes the role on with a code; gives the credentials as botocore keeps them."""


@dataclass(slots=True)
class MfaDoor:
    """One session's way to the user. What was given up stays so: calls in line ask nothing more."""

    ask: AskMfa | None
    session: int = 0
    """Which session of the reader this is, for the renewals it offers."""
    _taken_on: set[str] = field(default_factory=set, init=False)
    """Roles that a code was taken for: their credentials are not renewed without another."""
    _over: CwtuiError | ClientError | None = field(default=None, init=False)

    @property
    def used(self) -> bool:
        """Whether a code was taken."""
        return bool(self._taken_on)

    async def through(self, profile: str, device: str, role: str, take_on: TakeOn) -> Mapping[str, Any]:
        """The credentials of a role, asking for up to three codes. Raises CredentialsError."""
        if self._over is None and role in self._taken_on:
            self._over = self._failure("RefreshWithMFAUnsupportedError", profile)
        if self._over is None and self.ask is None:
            self._over = self._failure("MfaNeeded", profile)
        if self._over is not None:
            raise self._over
        try:
            credentials = await self._asked(profile, device, role, take_on)
        except (CwtuiError, ClientError) as error:
            self._over = error
            raise
        self._taken_on.add(role)
        return credentials

    async def _asked(self, profile: str, device: str, role: str, take_on: TakeOn) -> Mapping[str, Any]:
        assert self.ask is not None
        refused = ""
        for tries_left in range(TRIES, 0, -1):
            code = (await self.ask(MfaQuestion(profile, device, role, refused, tries_left))).strip()
            if not code:
                raise self._failure("MfaGivenUp", profile)
            if not (len(code) == _DIGITS and code.isascii() and code.isdecimal()):
                refused = f"A code is {_DIGITS} digits."
                continue
            try:
                return await take_on(code)
            except ClientError as error:
                refused = _refusal(error)
                if not refused:
                    raise
        raise self._failure("MfaRefused", profile, refused)

    def _failure(self, name: str, profile: str, message: str = "") -> CwtuiError:
        renewal = Renewal(RenewalKind.MFA, profile, session=self.session)
        return explain_error(Failure(name, message, profile=profile, renewal=renewal))


def _refusal(error: ClientError) -> str:
    """What STS says where another code may be right; empty where none will be."""
    message = str(error.response.get("Error", {}).get("Message", ""))
    told = message.lower()
    return message if "one time pass code" in told or "tokencode" in told else ""


class MfaCredentials(AioDeferredRefreshableCredentials):
    """Credentials that a person renews: used up to their last minute, and not asked for early."""

    _advisory_refresh_timeout = 60
    _mandatory_refresh_timeout = 60


def ask_at(provider: Any, door: MfaDoor) -> None:
    """Puts the door into botocore's `assume-role` provider, for every profile with an `mfa_serial`."""
    plain = provider._load_creds_via_assume_role

    async def load(profile_name: str) -> Any:
        role = provider._get_role_config(profile_name)
        if (device := role.get("mfa_serial")) is None:
            return await plain(profile_name)
        source = await provider._resolve_source_credentials(role, profile_name)

        async def found() -> Any:
            return source

        arguments = {
            "RoleSessionName": role.get("role_session_name"),
            "ExternalId": role.get("external_id"),
            "DurationSeconds": role.get("duration_seconds"),
            "SerialNumber": device,
        }
        given = {name: value for name, value in arguments.items() if value is not None}
        return behind_a_code(door, profile_name, provider._client_creator, found, role["role_arn"], given)

    # It calls itself by this name for the profile below.
    provider._load_creds_via_assume_role = load


def behind_a_code(
    door: MfaDoor,
    profile: str,
    sts: Callable[..., Any],
    source: Callable[[], Awaitable[Any]],
    role_arn: str,
    arguments: Mapping[str, Any],
) -> MfaCredentials:
    """Credentials of a role that is taken on with a code, once they are needed.

    `sts` makes an STS client, `source` finds the credentials that take the role on, `arguments` those of
    AssumeRole, SerialNumber among them.
    """

    async def take_on(code: str) -> Mapping[str, Any]:
        fetcher = AioAssumeRoleCredentialFetcher(
            sts, await source(), role_arn, extra_args=dict(arguments), mfa_prompter=lambda prompt: code
        )
        credentials: Mapping[str, Any] = await fetcher.fetch_credentials()
        return credentials

    async def fetch() -> Mapping[str, Any]:
        return await door.through(profile, str(arguments["SerialNumber"]), role_arn, take_on)

    return MfaCredentials(method="assume-role", refresh_using=fetch)
