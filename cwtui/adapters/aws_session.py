"""One AWS session: where credentials come from, which clients stand open, who is asking.

Importing this module imports the SDK (0.3 s), and making an `AwsSession` loads its models (0.2 s):
do both in a thread, see `open_session` in cloudwatch.py. Clients belong to the loop that opened them
and are closed by `aclose`.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from botocore import xform_name
from botocore.exceptions import NoCredentialsError

from cwtui import __version__
from cwtui.access.arns import is_role
from cwtui.access.credential_sources import Place, SignedIn, Source, sources
from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.access.identity import Identity
from cwtui.access.renewal import chain, device_of, needs_a_code, renewal_of
from cwtui.adapters.aws_errors import translated
from cwtui.adapters.aws_mfa import MfaDoor
from cwtui.adapters.aws_parser import PageParserFactory
from cwtui.adapters.aws_roles import RoleSession, expiry_of, shared_loader, warm
from cwtui.adapters.guard import check, guard
from cwtui.core.errors import CwtuiError, Renewal
from cwtui.core.ports import AskMfa
from cwtui.settings import Settings

_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_CONNECTIONS = 32
_SERVICE_IDS = {"logs": "CLOUDWATCH_LOGS"}
"""Services whose variable `AWS_ENDPOINT_URL_<ID>` does not end as botocore names them."""
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
        ask_mfa: AskMfa | None = None,
        number: int = 0,
    ) -> None:
        """Blocking. `keys` are an access key and its secret, instead of looking for credentials.

        `ask_mfa` is asked for codes; without it a profile that needs one raises CredentialsError.
        `number` tells this session from the others of its reader in the renewals it offers.
        """
        self._settings = settings
        self.number = number
        self._door = MfaDoor(ask_mfa, number)
        self._profiles: Mapping[str, Mapping[str, Any]] = {}
        self._in_use = 0
        self._retired = False
        self._clock = clock
        self._attempts = attempts
        self._live_silence = live_silence_seconds
        self._stack = AsyncExitStack()
        self._clients: dict[str, Any] = {}
        self._opening = asyncio.Lock()
        self.region = settings.region
        with translated(self._about("sts", "sign in")):
            self._session = RoleSession(self._door, profile=settings.profile or None)
            data_path = self._session.get_config_variable("data_path")
            self._session.register_component("data_loader", shared_loader(data_path))
            if keys is not None:
                self._session.set_credentials(*keys)
            self.region = settings.region or self._session.get_config_variable("region") or ""
            self._profiles = self._session.full_config.get("profiles", {})
            self._refuse_what_cannot_work()
            # Where a role is taken on before the first client is made, its STS client needs one too.
            self._session.set_config_variable("region", self.region)
            if settings.role_arn:
                self._take_on_the_role()
            self._session.register_component("response_parser_factory", PageParserFactory())
            guard(self._session.get_component("event_emitter"), settings.allow_write, calls=settings.calls)
            for service in ("logs", "sts"):
                warm(self._session, service)

    @property
    def needs_a_code(self) -> bool:
        """Whether signing in may ask for an MFA code."""
        settings = self._settings
        return needs_a_code(self._profiles, self._profile_name, settings.role_arn, settings.mfa_serial)

    async def sign_in(self) -> None:
        """Comes by the credentials now, asking for a code where one is needed."""
        with self.translated("sts", "AssumeRole", self._settings.role_arn):
            credentials = await self._session.get_credentials()
            if credentials is not None:
                await credentials.get_frozen_credentials()

    async def keys(self) -> tuple[str, str, str]:
        """Access key, secret and session token, for a door to AWS that cannot ask for a code itself."""
        with self.translated("sts", "AssumeRole", self._settings.role_arn):
            credentials = await self._session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            held = await credentials.get_frozen_credentials()
            return held.access_key, held.secret_key, held.token or ""

    async def client(self, service: str) -> Any:
        """The open client of a service, made on the first call."""
        config = self._config()
        if service == "s3" and self._endpoint(service):
            # A stand-in or a VPC endpoint seldom has a name for every bucket.
            config = config.merge(AioConfig(s3={"addressing_style": "path"}))
        return await self._client(service, service, config)

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
            async with self.in_use():
                client = await self.client(service)
                answer: Mapping[str, Any] = await getattr(client, xform_name(operation))(**params)
                return answer

    async def identity(self) -> Identity:
        """GetCallerIdentity, and which provider gave the credentials."""
        answer = await self.call("sts", "GetCallerIdentity", {})
        credentials = await self._session.get_credentials()
        provider = str(getattr(credentials, "method", ""))
        return Identity(answer["Account"], answer["Arn"], self.region, provider, self.profile)

    async def signed_in(self) -> SignedIn:
        """The credentials in use, without a secret, and every place that has some."""
        with self.translated("sts", "AssumeRole", self._settings.role_arn):
            credentials = await self._session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            key = (await credentials.get_frozen_credentials()).access_key
        profile = self._profile_name
        found = sources(os.environ, self._profiles, profile, bool(self._settings.profile))
        if self._settings.role_arn:
            found.insert(0, Source("assume-role", f"--role-arn {self._settings.role_arn}"))
        return SignedIn(
            provider=str(credentials.method or ""),
            key_kind=key[:4],
            key_end=key[-4:],
            expires=expiry_of(credentials),
            profile=profile,
            sources=tuple(found),
        )

    async def place(self) -> Place:
        """Where the calls of this session go; the endpoint is empty where no client can be made."""
        partitions = self._session.get_component("data_loader").load_data("partitions")["partitions"]
        endpoint = self._settings.endpoint_url
        with suppress(CwtuiError), self.translated("logs", "DescribeLogGroups"):
            endpoint = (await self.client("logs")).meta.endpoint_url
        proxy = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or "")
        return Place(
            self.region,
            self.partition,
            known=any(self.region in partition["regions"] for partition in partitions),
            endpoint=endpoint,
            custom=not _is_aws(urlsplit(endpoint).hostname or ""),
            fips=bool(self._session.get_config_variable("use_fips_endpoint")),
            dual_stack=bool(self._session.get_config_variable("use_dualstack_endpoint")),
            proxy=proxy.netloc.rpartition("@")[2],
        )

    @property
    def expires(self) -> int | None:
        """When the credentials in use end, ms UTC; None: never, not known, or nobody asked for any yet."""
        return expiry_of(self._session.held)

    @property
    def provider(self) -> str:
        """botocore's name of what gave the credentials; empty as long as nobody asked for any."""
        return str(getattr(self._session.held, "method", "") or "")

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
        return translated(self._about(service, operation, resource, stream), self._renewal)

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[None]:
        """What runs inside keeps its connections, even when the session is retired meanwhile."""
        self._in_use += 1
        try:
            yield
        finally:
            self._in_use -= 1
            if self._retired and not self._in_use:
                await self.aclose()

    async def retire(self) -> None:
        """Closes the session once nothing runs on it any more."""
        self._retired = True
        if not self._in_use:
            await self.aclose()

    async def aclose(self) -> None:
        """Closes every client; the session cannot be used again."""
        self._clients.clear()
        await self._stack.aclose()

    async def _client(self, key: str, service: str, config: AioConfig) -> Any:
        async with self._opening:
            if key not in self._clients:
                opened = self._session.create_client(service, **self._options(service), config=config)
                self._clients[key] = await self._stack.enter_async_context(opened)
            return self._clients[key]

    def _options(self, service: str) -> dict[str, Any]:
        return {"region_name": self.region, "endpoint_url": self._endpoint(service)}

    def _endpoint(self, service: str) -> str | None:
        # One that the environment gives for a service of its own wins over the general one, as in the SDK.
        given = self._settings.endpoint_url
        if given and given == os.environ.get("AWS_ENDPOINT_URL"):
            given = os.environ.get(f"AWS_ENDPOINT_URL_{_SERVICE_IDS.get(service, service.upper())}") or given
        return given or None

    def _config(self, *, read_timeout: float = _READ_SECONDS, inject_host_prefix: bool = True) -> AioConfig:
        return AioConfig(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=read_timeout,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            user_agent_extra=f"cwtui/{__version__}",
            inject_host_prefix=inject_host_prefix,
        )

    @property
    def _profile_name(self) -> str:
        return self.profile or "default"

    @property
    def _from_environment(self) -> bool:
        # An explicit profile wins over keys in the environment, which win over AWS_PROFILE and the default.
        return not self._settings.profile and bool(os.environ.get("AWS_ACCESS_KEY_ID"))

    def _take_on_the_role(self) -> None:
        device = device_of(self._profiles, self._profile_name, self._settings.mfa_serial)
        arguments: dict[str, str | int] = {
            "RoleSessionName": self._settings.session_name or _session_name(),
            "ExternalId": self._settings.external_id,
            "DurationSeconds": self._settings.duration,
            "SerialNumber": device,
        }
        given = {name: value for name, value in arguments.items() if value}
        sts = partial(self._session.create_client, **self._options("sts"))
        if device:
            self._session.take_on_by_code(self._settings.role_arn, given, sts, self.profile)
        else:
            self._session.take_on(self._settings.role_arn, given, sts)

    def _about(self, service: str, operation: str, resource: str = "", stream: str = "") -> Failure:
        return Failure(
            "",
            service=service,
            operation=operation,
            resource=resource,
            stream=stream,
            profile=self._settings.profile,
            region=self.region,
            external_id=bool(self._settings.external_id) if self._settings.role_arn else None,
            endpoint=self._settings.endpoint_url or f"{service} in {self.region}",
            now=self._clock(),
        )

    def _renewal(self, failure: Failure) -> Renewal | None:
        found = renewal_of(
            failure.name,
            self._profiles,
            self._profile_name,
            from_environment=self._from_environment,
            mfa=self._door.used,
        )
        if found is None:
            return None
        return replace(found, session=self.number, context=self._settings.context)

    def _refuse_what_cannot_work(self) -> None:
        if not self.region:
            raise explain_error(Failure("NoRegionError", profile=self._settings.profile))
        role = self._settings.role_arn
        if role and not is_role(role):
            raise explain_error(Failure("NoRoleArn", resource=role, profile=self._settings.profile))
        if endpoint := self._settings.endpoint_url:
            if not re.match(r"https?://[^/\s]+", endpoint, re.IGNORECASE):
                raise explain_error(Failure("InvalidEndpoint", endpoint=endpoint))
        else:
            partitions = self._session.get_component("data_loader").load_data("partitions")["partitions"]
            if not any(re.match(partition["regionRegex"], self.region) for partition in partitions):
                raise explain_error(Failure("UnknownRegionError", region=self.region))
            self._refuse_another_partition()

    def _refuse_another_partition(self) -> None:
        # Nothing crosses a partition: STS would answer that it does not know the key, or the role.
        roles = [self._settings.role_arn]
        roles += [
            str(section.get("role_arn", "")) for _, section in chain(self._profiles, self._profile_name)
        ]
        for role in filter(None, roles):
            partition = role.split(":")[1] if role.count(":") >= 5 else ""
            if partition and partition != self.partition:
                about = f"{self.region} in {self.partition}"
                raise explain_error(Failure("PartitionMix", partition, resource=role, region=about))


def _session_name() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return "cwtui-" + re.sub(r"[^\w+=,.@-]", "-", user, flags=re.ASCII)[:50]


def _is_aws(host: str) -> bool:
    # A VPC endpoint's own name or a stand-in has no `stream-` twin.
    return _AWS_HOST.fullmatch(host) is not None
