"""botocore's session as cwtui needs it: roles over the credentials it finds, codes from the user."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession
from botocore.exceptions import NoCredentialsError
from botocore.loaders import Loader, create_loader

from cwtui.access.aws_profiles import half_there, read_profiles
from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.adapters.aws_imds import knock_at
from cwtui.adapters.aws_mfa import MfaDoor, ask_at, behind_a_code


class RoleSession(AioSession):
    """A session that may take on a role over the credentials it finds."""

    _role: AioDeferredRefreshableCredentials | None = None

    def __init__(self, door: MfaDoor, **options: Any) -> None:
        super().__init__(**options)
        self._door = door

    def _create_credential_resolver(self) -> Any:
        resolver: Any = super()._create_credential_resolver()  # type: ignore[misc]  # not in the stubs
        ask_at(resolver.get_provider("assume-role"), self._door)
        knock_at(resolver.get_provider("iam-role"))
        return resolver

    def take_on(self, role_arn: str, arguments: Mapping[str, Any], sts: Callable[..., Any]) -> None:
        """Takes the role on with the first call, and again before each expiry."""

        async def fetch() -> Any:
            fetcher = AioAssumeRoleCredentialFetcher(
                sts, await self._source(), role_arn, extra_args=dict(arguments)
            )
            return await fetcher.fetch_credentials()

        self._role = AioDeferredRefreshableCredentials(refresh_using=fetch, method="assume-role")

    def take_on_by_code(
        self, role_arn: str, arguments: Mapping[str, Any], sts: Callable[..., Any], profile: str
    ) -> None:
        """Takes the role on with a code, asked for when the first call is made."""
        self._role = behind_a_code(self._door, profile, sts, self._source, role_arn, arguments)

    async def _source(self) -> Any:
        source = await self._found()
        if source is None:
            raise NoCredentialsError
        return source

    async def get_credentials(self) -> Any:  # type: ignore[override]  # the stubs show the blocking one
        return self._role or await self._found()

    async def _found(self) -> Any:
        credentials = await super().get_credentials()
        if credentials is None:
            name = self.profile or "default"
            if half := half_there(os.environ, read_profiles().get(name)):
                raise explain_error(Failure("PartialCredentialsError", half, profile=self.profile or ""))
        return credentials

    @property
    def held(self) -> Any:
        """The credentials in use; None as long as nobody asked for any."""
        return self._role or getattr(self, "_credentials", None)


def expiry_of(credentials: Any) -> int | None:
    """When credentials end, ms UTC; None where they do not, or do not say when."""
    ends = getattr(credentials, "_expiry_time", None)
    return None if ends is None else int(ends.timestamp() * 1000)


@cache
def shared_loader(data_path: str | None) -> Loader:
    """The reader of the SDK's models, one for the process: every session would read the same 2 MB again."""
    return create_loader(data_path)


def warm(session: AioSession, service: str) -> None:
    """Loads the JSON that making a client reads, so that the loop does not wait for it."""
    loader = session.get_component("data_loader")
    for name in ("_retry", "endpoints", "partitions", "sdk-default-configuration"):
        loader.load_data(name)
    for kind in ("service-2", "endpoint-rule-set-1"):
        loader.load_service_model(service, kind)
