"""One AWS session: where credentials come from, which clients stand open, who is asking.

Importing this module imports the SDK (0.3 s), and making an `AwsSession` loads its models (0.2 s):
do both in a thread, see `open_session` in cloudwatch.py. Clients belong to the loop that opened them
and are closed by `aclose`.
"""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession
from botocore import xform_name
from botocore.exceptions import NoCredentialsError
from botocore.loaders import Loader, create_loader

from cwtui import __version__
from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.access.identity import Identity
from cwtui.adapters.aws_errors import translated
from cwtui.adapters.aws_parser import PageParserFactory
from cwtui.adapters.guard import check, guard
from cwtui.settings import Settings

_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_CONNECTIONS = 32
_AWS_HOST = re.compile(
    r"[\w-]+\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)"
)


class AwsSession:
    """The door to AWS for one profile, role and region. Raises only `CwtuiError`."""

    def __init__(
        self,
        settings: Settings,
        *,
        keys: tuple[str, str] | None = None,
        clock: Callable[[], int],
        attempts: int = 2,
        live_silence_seconds: float = 15,
    ) -> None:
        """Blocking. `keys` are an access key and its secret, instead of looking for credentials."""
        self._settings = settings
        self._clock = clock
        self._attempts = attempts
        self._live_silence = live_silence_seconds
        self._stack = AsyncExitStack()
        self._clients: dict[str, Any] = {}
        self._opening = asyncio.Lock()
        self.region = settings.region
        with self.translated("sts", "sign in"):
            self._session = _Session(profile=settings.profile or None)
            data_path = self._session.get_config_variable("data_path")
            self._session.register_component("data_loader", _loader(data_path))
            if keys is not None:
                self._session.set_credentials(*keys)
            self.region = settings.region or self._session.get_config_variable("region") or ""
            self._refuse_what_cannot_work()
            if settings.role_arn:
                sts = partial(self._session.create_client, **self._options())
                self._session.assume(settings.role_arn, settings.external_id, sts)
            self._session.register_component("response_parser_factory", PageParserFactory())
            guard(self._session.get_component("event_emitter"), settings.allow_write)
            for service in ("logs", "sts"):
                _warm(self._session, service)

    async def client(self, service: str) -> Any:
        """The open client of a service, made on the first call."""
        return await self._client(service, service, self._config())

    async def live_client(self) -> Any:
        """A logs client for live tails: an update is due every second, so silence is a dead connection."""
        host = urlsplit((await self.client("logs")).meta.endpoint_url).hostname or ""
        config = self._config(read_timeout=self._live_silence, inject_host_prefix=_is_aws(host))
        return await self._client("live", "logs", config)

    async def call(
        self, service: str, operation: str, params: Mapping[str, object], resource: str = "", stream: str = ""
    ) -> Mapping[str, Any]:
        """One call by its API name; errors name `resource`, a log group, and the stream."""
        check(service, operation, self._settings.allow_write)
        with self.translated(service, operation, resource, stream):
            client = await self.client(service)
            answer: Mapping[str, Any] = await getattr(client, xform_name(operation))(**params)
            return answer

    async def identity(self) -> Identity:
        """GetCallerIdentity, and which provider gave the credentials."""
        answer = await self.call("sts", "GetCallerIdentity", {})
        credentials = await self._session.get_credentials()
        provider = str(getattr(credentials, "method", ""))
        return Identity(answer["Account"], answer["Arn"], self.region, provider, self.profile)

    @property
    def profile(self) -> str:
        return self._settings.profile or self._session.profile or ""

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`, ...: the second part of its ARNs."""
        for partition in self._session.get_component("data_loader").load_data("partitions")["partitions"]:
            if re.match(partition["regionRegex"], self.region):
                return str(partition["id"])
        return "aws"

    def translated(
        self, service: str, operation: str, resource: str = "", stream: str = ""
    ) -> AbstractContextManager[None]:
        """Turns the SDK's exceptions into ours, told with this session's profile, region and endpoint."""
        endpoint = self._settings.endpoint_url or f"{service} in {self.region}"
        return translated(
            Failure(
                "",
                service=service,
                operation=operation,
                resource=resource,
                stream=stream,
                profile=self._settings.profile,
                region=self.region,
                endpoint=endpoint,
                now=self._clock(),
            )
        )

    async def aclose(self) -> None:
        """Closes every client; the session cannot be used again."""
        self._clients.clear()
        await self._stack.aclose()

    async def _client(self, key: str, service: str, config: AioConfig) -> Any:
        async with self._opening:
            if key not in self._clients:
                opened = self._session.create_client(service, **self._options(), config=config)
                self._clients[key] = await self._stack.enter_async_context(opened)
            return self._clients[key]

    def _options(self) -> dict[str, Any]:
        return {"region_name": self.region, "endpoint_url": self._settings.endpoint_url or None}

    def _config(self, *, read_timeout: float = _READ_SECONDS, inject_host_prefix: bool = True) -> AioConfig:
        return AioConfig(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=read_timeout,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            user_agent_extra=f"cwtui/{__version__}",
            inject_host_prefix=inject_host_prefix,
        )

    def _refuse_what_cannot_work(self) -> None:
        if profile := mfa_profile(self._session.full_config, self.profile or "default"):
            raise explain_error(Failure("MfaNeeded", profile=profile))
        if not self.region:
            raise explain_error(Failure("NoRegionError"))
        if endpoint := self._settings.endpoint_url:
            if not re.match(r"https?://[^/\s]+", endpoint, re.IGNORECASE):
                raise explain_error(Failure("InvalidEndpoint", endpoint=endpoint))
        else:
            partitions = self._session.get_component("data_loader").load_data("partitions")["partitions"]
            if not any(re.match(partition["regionRegex"], self.region) for partition in partitions):
                raise explain_error(Failure("UnknownRegionError", region=self.region))


def mfa_profile(config: Mapping[str, Any], profile: str) -> str:
    """The profile in the chain of source profiles that would ask for an MFA code, or empty.

    The SDK asks with getpass, straight on the terminal that a full-screen program owns.
    """
    profiles = config.get("profiles", {})
    seen: set[str] = set()
    while profile and profile not in seen:
        seen.add(profile)
        section = profiles.get(profile, {})
        if "role_arn" in section and "mfa_serial" in section:
            return profile
        profile = section.get("source_profile", "")
    return ""


class _Session(AioSession):
    """A session that may take on a role over the credentials it finds."""

    _role: AioDeferredRefreshableCredentials | None = None

    def assume(self, role_arn: str, external_id: str, sts: Callable[..., Any]) -> None:
        """Takes the role on with the first call, and again before each expiry."""
        arguments = {"RoleSessionName": _session_name()} | (
            {"ExternalId": external_id} if external_id else {}
        )

        async def fetch() -> Any:
            source = await super(_Session, self).get_credentials()
            if source is None:
                raise NoCredentialsError
            fetcher = AioAssumeRoleCredentialFetcher(sts, source, role_arn, extra_args=arguments)
            return await fetcher.fetch_credentials()

        self._role = AioDeferredRefreshableCredentials(refresh_using=fetch, method="assume-role")

    async def get_credentials(self) -> Any:  # type: ignore[override]  # the stubs show the blocking one
        return self._role or await super().get_credentials()


@cache
def _loader(data_path: str | None) -> Loader:
    # One for the process: every session would read the same 2 MB of JSON again.
    return create_loader(data_path)


def _warm(session: AioSession, service: str) -> None:
    """Loads the JSON that making a client reads, so that the loop does not wait for it."""
    loader = session.get_component("data_loader")
    for name in ("_retry", "endpoints", "partitions", "sdk-default-configuration"):
        loader.load_data(name)
    for kind in ("service-2", "endpoint-rule-set-1"):
        loader.load_service_model(service, kind)


def _session_name() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return "cwtui-" + re.sub(r"[^\w+=,.@-]", "-", user, flags=re.ASCII)[:50]


def _is_aws(host: str) -> bool:
    # A VPC endpoint's own name or a stand-in has no `stream-` twin.
    return _AWS_HOST.fullmatch(host) is not None
