"""Everything that the AWS configuration offers to sign in with and to go by works, or says what is wrong."""

from __future__ import annotations

import asyncio
import shlex
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from botocore.exceptions import EndpointConnectionError

from cwtui.access.error_catalogue import Failure
from cwtui.adapters.aws_errors import translated
from cwtui.adapters.aws_session import AwsSession
from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import CredentialsError, CwtuiError, InputError, NetworkError, PermissionDenied
from cwtui.settings import Settings, load_settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault

ROLE = "arn:aws:iam::123456789012:role/{}"
KEYS = "[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n"
SIGNED_IN = {
    "AccessKeyId": "ASIAMETADATA",
    "SecretAccessKey": "s",
    "Token": "t",
    "Expiration": "2999-01-01T00:00:00Z",
}


@pytest.fixture
def config(fake_aws: FakeAws, isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes the AWS configuration; STS and CloudWatch are the fake."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake_aws.url)

    def write(text: str) -> None:
        (isolated_home / "aws-config").write_text(text)

    return write


def settings(profile: str = "", **values: object) -> Settings:
    return Settings(**({"profile": profile, "region": "eu-west-1"} | values))  # type: ignore[arg-type]


async def keys_used(fake: FakeAws, chosen: Settings) -> str:
    """The access key that a listing was signed with."""
    async with aclosing(CloudWatchReader(chosen, attempts=1)) as reader:
        await reader.groups_page("", None)
    return next(call.access_key for call in fake.calls if call.operation == "DescribeLogGroups")


async def failure_of(chosen: Settings, keys: tuple[str, str] | None = None) -> CwtuiError:
    async with aclosing(CloudWatchReader(chosen, attempts=1, keys=keys)) as reader:
        with pytest.raises(CwtuiError) as caught:
            await reader.groups_page("", None)
    return caught.value


@asynccontextmanager
async def serving(paths: dict[str, object]) -> AsyncIterator[str]:
    """A metadata service: JSON, or text, by path; PUT gives a token."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "PUT":
            return web.Response(text="a-token")
        body = paths.get(request.path)
        if body is None:
            return web.Response(status=404)
        return web.Response(text=body) if isinstance(body, str) else web.json_response(body)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def imds() -> dict[str, object]:
    path = "/latest/meta-data/iam/security-credentials/"
    return {path: "worker", f"{path}worker": SIGNED_IN | {"Code": "Success"}}


# Roles over roles -----------------------------------------------------------------------------------


async def test_a_chain_of_source_profiles_is_taken_on_from_its_end(
    fake_aws: FakeAws, config: Callable[[str], None]
) -> None:
    config(
        f"{KEYS}[profile hub]\nrole_arn = {ROLE.format('hub')}\nsource_profile = keys\nexternal_id = x-7\n"
        f"[profile leaf]\nrole_arn = {ROLE.format('leaf')}\nsource_profile = hub\n"
        "role_session_name = me\nduration_seconds = 900\n"
    )
    assert await keys_used(fake_aws, settings("leaf")) == fake_aws.sts.issued[1]
    hub, leaf = fake_aws.called("AssumeRole")
    assert (hub["RoleArn"], hub["ExternalId"]) == (ROLE.format("hub"), "x-7")
    assert (leaf["RoleArn"], leaf["RoleSessionName"], leaf["DurationSeconds"]) == (
        ROLE.format("leaf"), "me", "900",
    )  # fmt: skip


async def test_a_context_names_its_session_and_how_long_it_lasts(fake_aws: FakeAws) -> None:
    chosen = settings(
        endpoint_url=fake_aws.url, role_arn=ROLE.format("r"), session_name="cwtui-ana", duration=1800
    )
    async with aclosing(CloudWatchReader(chosen, attempts=1, keys=FAKE_KEYS)) as reader:
        assert reader.expires is None
        await reader.groups_page("", None)
        assert reader.expires is not None
        assert abs(reader.expires - (time.time() + 3600) * 1000) < 60_000
        assert reader.context.provider == "assume-role"
    (assumed,) = fake_aws.called("AssumeRole")
    assert (assumed["RoleSessionName"], assumed["DurationSeconds"]) == ("cwtui-ana", "1800")


@pytest.mark.parametrize(
    ("message", "sent", "said"),
    [
        ("", "x-1", "it must be the one that was sent"),
        ("", "", "none was sent (--external-id)"),
        (" because no identity-based policy allows the sts:AssumeRole action", "", "your side"),
        (" because the role trust policy does not allow the action", "x-1", "the other side"),
        (" because no resource-based policy allows the sts:AssumeRole action", "", "the other side"),
    ],
)
async def test_a_refused_role_says_which_side_refused_where_aws_tells(
    fake_aws: FakeAws, message: str, sent: str, said: str
) -> None:
    words = (
        f"User: arn:aws:iam::1:user/ana is not authorized to perform: sts:AssumeRole on resource: "
        f"{ROLE.format('r')}{message}"
    )
    fake_aws.script("AssumeRole", Fault.refuse("AccessDenied", words, 403, times=9))
    chosen = settings(endpoint_url=fake_aws.url, role_arn=ROLE.format("r"), external_id=sent)
    error = await failure_of(chosen, FAKE_KEYS)
    assert isinstance(error, PermissionDenied)
    assert said in error.hint
    assert error.exit_code == 4
    assert ROLE.format("r") in error.message
    assert ("sts:ExternalId" in error.card.fix) == bool(sent)


async def test_a_role_is_named_by_its_arn(fake_aws: FakeAws) -> None:
    error = await failure_of(settings(endpoint_url=fake_aws.url, role_arn="oncall"), FAKE_KEYS)
    assert (error.exit_code, error.code) == (2, "cwtui.input.role")
    assert "'oncall' is no ARN of a role" in error.message
    assert not fake_aws.calls


async def test_half_a_key_is_completed_where_it_stands(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFAKEFAKEFAKEFAKE")
    error = await failure_of(settings(endpoint_url=fake_aws.url))
    assert (error.exit_code, error.code) == (3, "cwtui.auth.config")
    assert "found in env, missing: AWS_SECRET_ACCESS_KEY" in error.message
    assert "Complete it there" in error.hint
    assert "~/.aws" not in error.hint


async def test_a_profile_without_a_region_is_given_one(config: Callable[[str], None]) -> None:
    config("[profile bare]\naws_access_key_id = AKIAFAKEFAKEFAKEFAKE\naws_secret_access_key = x\n")
    error = await failure_of(settings("bare", region=""))
    assert error.card.fix.endswith("--profile bare")


async def test_a_role_of_another_partition_is_refused_before_any_call(fake_aws: FakeAws) -> None:
    role = "arn:aws-cn:iam::123456789012:role/r"
    error = await failure_of(settings(role_arn=role, region="eu-west-1"), FAKE_KEYS)
    assert isinstance(error, CredentialsError)
    assert "aws-cn" in error.message
    assert "eu-west-1 in aws" in error.message


# Where credentials come from ------------------------------------------------------------------------


async def test_a_role_over_the_environments_keys(
    fake_aws: FakeAws, config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    config(f"[profile r]\nrole_arn = {ROLE.format('r')}\ncredential_source = Environment\n")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    assert await keys_used(fake_aws, settings("r")) == fake_aws.sts.issued[0]
    assert next(call for call in fake_aws.calls if call.operation == "AssumeRole").access_key == "AKIAENV"


async def test_a_role_over_a_containers_credentials(
    fake_aws: FakeAws, config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    config(f"[profile r]\nrole_arn = {ROLE.format('r')}\ncredential_source = EcsContainer\n")
    async with serving({"/creds": SIGNED_IN}) as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/creds")
        assert await keys_used(fake_aws, settings("r")) == fake_aws.sts.issued[0]
    taking = next(call for call in fake_aws.calls if call.operation == "AssumeRole")
    assert taking.access_key == "ASIAMETADATA"


async def test_a_containers_own_credentials(
    fake_aws: FakeAws, config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving({"/creds": SIGNED_IN}) as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/creds")
        assert await keys_used(fake_aws, settings()) == "ASIAMETADATA"


@pytest.mark.parametrize("profile", ["", "r"])
async def test_an_instances_credentials_and_a_role_over_them(
    fake_aws: FakeAws, config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    config(f"[profile r]\nrole_arn = {ROLE.format('r')}\ncredential_source = Ec2InstanceMetadata\n")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    async with serving(imds()) as url:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        used = await keys_used(fake_aws, settings(profile))
    assert used == (fake_aws.sts.issued[0] if profile else "ASIAMETADATA")


async def test_without_an_instance_nobody_waits_for_its_metadata(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    with socket.socket() as silent:
        # A queue that is full swallows what comes, as a network without the service does.
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        address = silent.getsockname()
        queued = [socket.socket() for _ in range(3)]
        for each in queued:
            each.setblocking(False)
            each.connect_ex(address)
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{address[1]}")
        chosen = settings(endpoint_url=fake_aws.url)
        session = await asyncio.to_thread(AwsSession, chosen, clock=fake_aws.clock)
        began = time.monotonic()
        async with aclosing(session):
            with pytest.raises(CredentialsError, match="No AWS credentials were found"):
                await session.call("logs", "DescribeLogGroups", {})
        took = time.monotonic() - began
        for each in queued:
            each.close()
    assert took < 1.2


async def test_a_source_that_has_no_credentials_is_named(config: Callable[[str], None]) -> None:
    config(f"[profile r]\nrole_arn = {ROLE.format('r')}\ncredential_source = Ec2InstanceMetadata\n")
    error = await failure_of(settings("r"))
    assert (error.exit_code, error.code) == (3, "cwtui.auth.source")
    assert "Ec2InstanceMetadata" in error.message


async def test_a_web_identity(
    fake_aws: FakeAws, config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE.format("pod"))
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "pod")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    error = await failure_of(settings())
    assert isinstance(error, CredentialsError)
    assert "web identity token file" in error.message
    (tmp_path / "token").write_text("a-token")
    assert await keys_used(fake_aws, settings()) == fake_aws.sts.issued[0]
    (called,) = fake_aws.called("AssumeRoleWithWebIdentity")
    assert called["WebIdentityToken"] == "a-token"


async def test_a_credential_process_that_fails_shows_the_end_of_what_it_said_without_secrets(
    config: Callable[[str], None], tmp_path: Path
) -> None:
    script = tmp_path / "idp.py"
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    script.write_text(
        "import sys\n"
        "print('line\\n' * 400, file=sys.stderr)\n"
        f"print('aws_access_key_id={key} password=hunter2secret', file=sys.stderr)\n"
        "print('the identity provider says no', file=sys.stderr)\n"
        "sys.exit(3)\n"
    )
    config(f"[profile idp]\ncredential_process = {shlex.quote(sys.executable)} {shlex.quote(str(script))}\n")
    error = await failure_of(settings("idp"))
    assert isinstance(error, CredentialsError)
    assert "the identity provider says no" in error.message
    assert len(error.message) < 500
    assert key not in error.message
    assert "hunter2secret" not in error.message


@pytest.mark.parametrize(
    ("environ", "section", "said"),
    [
        (
            {"AWS_SECRET_ACCESS_KEY": "s"},
            "",
            "AWS_SECRET_ACCESS_KEY is set in the environment, but not AWS_A",
        ),
        ({"AWS_SESSION_TOKEN": "t"}, "", "but not AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, "", "AWS_SECRET_ACCESS_KEY"),
        ({}, "aws_access_key_id = AKIA", "aws_secret_access_key"),
        ({}, "aws_secret_access_key = s", "aws_secret_access_key, but not aws_access_key_id"),
        ({}, "aws_session_token = t", "aws_session_token, but not aws_access_key_id and aws_secret"),
    ],
)
async def test_credentials_that_are_half_there_say_which_half(
    config: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    section: str,
    said: str,
) -> None:
    config(f"[profile half]\n{section}\n")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    error = await failure_of(settings("half" if section else ""))
    assert isinstance(error, CredentialsError)
    assert said in error.message
    assert error.exit_code == 3


# Where calls go -------------------------------------------------------------------------------------


async def endpoint_of(chosen: Settings, service: str = "logs") -> str:
    session = await asyncio.to_thread(AwsSession, chosen, keys=FAKE_KEYS, clock=lambda: 0)
    async with aclosing(session):
        return str((await session.client(service)).meta.endpoint_url)


async def test_each_service_may_have_an_endpoint_of_its_own(
    isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (isolated_home / "aws-config").write_text(
        "[profile p]\nservices = local\nendpoint_url = http://127.0.0.1:3\n"
        "[services local]\ncloudwatch_logs =\n  endpoint_url = http://127.0.0.1:1\n"
    )
    assert await endpoint_of(settings("p")) == "http://127.0.0.1:1"
    assert await endpoint_of(settings("p"), "sts") == "http://127.0.0.1:3"
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://127.0.0.1:2")
    assert await endpoint_of(settings("p")) == "http://127.0.0.1:2"


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("use_fips_endpoint = true", "https://logs-fips.us-east-1.amazonaws.com"),
        ("use_dualstack_endpoint = true", "https://logs.us-east-1.api.aws"),
        ("", "https://logs.us-east-1.amazonaws.com"),
    ],
)
async def test_fips_and_dual_stack(isolated_home: Path, line: str, host: str) -> None:
    (isolated_home / "aws-config").write_text(f"[profile p]\n{line}\n")
    assert await endpoint_of(settings("p", region="us-east-1")) == host


async def test_a_proxy_that_is_gone_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://ana:hunter2@127.0.0.1:{port}")
    error = await failure_of(settings(), FAKE_KEYS)
    assert isinstance(error, NetworkError)
    told = repr((error.message, error.hint, error.card))
    assert "hunter2" not in told
    assert "proxy" in told.lower()


async def test_a_bundle_of_certificates_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    error = await failure_of(settings(), FAKE_KEYS)
    assert isinstance(error, NetworkError)
    assert "AWS_CA_BUNDLE" in error.message


@pytest.mark.parametrize("region", ["eu-west1", "EU-West-1"])
async def test_a_region_that_cannot_be_names_the_nearest(region: str) -> None:
    error = await failure_of(settings(region=region), FAKE_KEYS)
    assert isinstance(error, InputError)
    assert "Did you mean 'eu-west-1'?" in error.hint


@pytest.mark.parametrize(
    ("region", "endpoint", "kind"),
    [
        ("eu-wset-1", "logs in eu-wset-1", InputError),
        ("eu-west-1", "logs in eu-west-1", NetworkError),
        ("eu-wset-1", "http://127.0.0.1:1", NetworkError),
    ],
)
def test_a_host_that_cannot_be_found_is_a_region_that_is_not_there(
    region: str, endpoint: str, kind: type[CwtuiError]
) -> None:
    about = Failure("", operation="DescribeLogGroups", region=region, endpoint=endpoint)
    with pytest.raises(kind) as caught, translated(about):
        raise EndpointConnectionError(endpoint_url=f"https://logs.{region}.amazonaws.com/")
    assert ("'eu-west-1'" in caught.value.hint) == (kind is InputError)


async def test_a_profile_that_does_not_exist_names_the_nearest(config: Callable[[str], None]) -> None:
    config(KEYS)
    error = await failure_of(settings("kyes"))
    assert error.exit_code == 3
    assert "Did you mean 'keys'?" in error.hint


async def test_keys_in_the_environment_win_over_its_profile(
    fake_aws: FakeAws, config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    config(KEYS)
    for name, value in {
        "AWS_PROFILE": "keys",
        "AWS_ACCESS_KEY_ID": "AKIAENV",
        "AWS_SECRET_ACCESS_KEY": "s",
    }.items():
        monkeypatch.setenv(name, value)
    assert await keys_used(fake_aws, load_settings({"region": "eu-west-1"})) == "AKIAENV"
    fake_aws.calls.clear()
    assert await keys_used(fake_aws, load_settings({"region": "eu-west-1", "profile": "keys"})) == "AKIAKEYS"
