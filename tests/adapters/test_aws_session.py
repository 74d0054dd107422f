"""Where credentials, region and endpoint come from; what is refused; who is asking."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from cwtui.adapters.aws_session import AwsSession
from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import CredentialsError, InputError, NetworkError, PermissionDenied
from cwtui.core.models import EventsRequest, TimeWindow
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault

WINDOW = TimeWindow(0, 1_000)


def settings(fake: FakeAws, **values: str) -> Settings:
    return Settings(**({"endpoint_url": fake.url, "region": fake.region} | values))  # type: ignore[arg-type]


def write_config(home: Path, text: str) -> None:
    (home / "aws-config").write_text(text)


async def failing(reader: CloudWatchReader) -> BaseException:
    """What listing groups raises."""
    async with aclosing(reader):
        with pytest.raises(Exception) as caught:  # noqa: PT011  the callers look at its type
            await reader.groups_page("", None)
    return caught.value


async def test_whoami_names_account_principal_region_and_provider(fake_aws: FakeAws) -> None:
    async with aclosing(CloudWatchReader(settings(fake_aws), keys=FAKE_KEYS)) as reader:
        identity = await reader.whoami()
    assert identity.account == "123456789012"
    assert identity.arn == "arn:aws:sts::123456789012:assumed-role/oncall/ana"
    assert (identity.region, identity.provider) == ("eu-west-1", "explicit")


async def test_the_context_learns_the_account_with_the_first_call(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    assert cloudwatch.context.account == ""
    await cloudwatch.groups_page("", None)
    assert (cloudwatch.context.account, cloudwatch.context.region) == ("123456789012", "eu-west-1")


async def test_credentials_and_region_of_a_profile_are_used(fake_aws: FakeAws, isolated_home: Path) -> None:
    write_config(
        isolated_home,
        "[profile dev]\nregion = eu-central-1\naws_access_key_id = AKIADEV\naws_secret_access_key = s\n",
    )
    async with aclosing(CloudWatchReader(settings(fake_aws, profile="dev", region=""))) as reader:
        await reader.groups_page("", None)
        identity = await reader.whoami()
    call = fake_aws.calls[0]
    assert (call.region, call.access_key) == ("eu-central-1", "AKIADEV")
    assert (identity.profile, identity.provider) == ("dev", "config-file")


async def test_the_endpoint_of_the_environment_is_honoured(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake_aws.url)
    async with aclosing(CloudWatchReader(Settings(region="eu-west-1"), keys=FAKE_KEYS)) as reader:
        await reader.groups_page("", None)
    assert fake_aws.called("DescribeLogGroups") == [{}]


async def test_requests_say_that_they_are_ours(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    await cloudwatch.groups_page("", None)
    assert "cwtui/" in fake_aws.calls[0].user_agent


async def test_a_role_is_taken_on_once_with_its_external_id(fake_aws: FakeAws) -> None:
    role = "arn:aws:iam::999999999999:role/reader"
    reader = CloudWatchReader(settings(fake_aws, role_arn=role, external_id="x-1"), keys=FAKE_KEYS)
    async with aclosing(reader):
        await reader.groups_page("", None)
        await reader.groups_page("", None)
    (assumed,) = fake_aws.called("AssumeRole")
    assert (assumed["RoleArn"], assumed["ExternalId"]) == (role, "x-1")
    assert assumed["RoleSessionName"].startswith("cwtui-")
    listing = [call for call in fake_aws.calls if call.operation == "DescribeLogGroups"]
    assert {call.access_key for call in listing} == {fake_aws.sts.issued[0]}


async def test_a_role_that_may_not_be_taken_on_says_so(fake_aws: FakeAws) -> None:
    role = "arn:aws:iam::999999999999:role/reader"
    fake_aws.script("AssumeRole", Fault.access_denied("sts:AssumeRole", role))
    error = await failing(CloudWatchReader(settings(fake_aws, role_arn=role), keys=FAKE_KEYS, attempts=1))
    assert isinstance(error, PermissionDenied)
    assert "assume a role" in error.message
    assert f'"Resource": "{role}"' in error.card.fix
    assert "must trust you" in error.hint


# Bad input -----------------------------------------------------------------------------------------


async def test_missing_credentials(fake_aws: FakeAws) -> None:
    error = await failing(CloudWatchReader(settings(fake_aws)))
    assert isinstance(error, CredentialsError)
    assert (error.exit_code, error.code) == (3, "cwtui.auth.missing")
    assert "--profile" in error.hint


async def test_half_of_the_credentials(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    error = await failing(CloudWatchReader(settings(fake_aws)))
    assert isinstance(error, CredentialsError)
    assert "AWS_SECRET_ACCESS_KEY" in error.message


async def test_an_unknown_profile(fake_aws: FakeAws) -> None:
    error = await failing(CloudWatchReader(settings(fake_aws, profile="nope")))
    assert isinstance(error, CredentialsError)
    assert "'nope'" in error.message
    assert "list-profiles" in error.hint


async def test_no_region(fake_aws: FakeAws) -> None:
    error = await failing(CloudWatchReader(settings(fake_aws, region=""), keys=FAKE_KEYS))
    assert isinstance(error, InputError)
    assert (error.exit_code, "--region" in error.hint) == (2, True)


async def test_a_region_that_does_not_exist() -> None:
    error = await failing(CloudWatchReader(Settings(region="eu-wset-1x"), keys=FAKE_KEYS))
    assert isinstance(error, InputError)
    assert "'eu-wset-1x'" in error.message


async def test_a_broken_config_file(fake_aws: FakeAws, isolated_home: Path) -> None:
    write_config(isolated_home, "[profile dev\nregion")
    error = await failing(CloudWatchReader(settings(fake_aws)))
    assert isinstance(error, InputError)
    assert "aws-config" in error.message


async def test_a_profile_that_points_nowhere(fake_aws: FakeAws, isolated_home: Path) -> None:
    role = "arn:aws:iam::1:role/r"
    write_config(isolated_home, f"[profile chain]\nrole_arn = {role}\nsource_profile = missing\n")
    error = await failing(CloudWatchReader(settings(fake_aws, profile="chain")))
    assert isinstance(error, CredentialsError)
    assert "missing" in error.message


async def test_an_sso_profile_without_a_login(fake_aws: FakeAws, isolated_home: Path) -> None:
    write_config(
        isolated_home,
        "[profile corp]\nsso_session = my\nsso_account_id = 123456789012\nsso_role_name = r\n"
        "[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n",
    )
    error = await failing(CloudWatchReader(settings(fake_aws, profile="corp")))
    assert isinstance(error, CredentialsError)
    assert "aws sso login --profile corp" in error.hint


async def test_a_dead_endpoint() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    reader = CloudWatchReader(
        Settings(endpoint_url=f"http://127.0.0.1:{port}", region="eu-west-1"), keys=FAKE_KEYS, attempts=1
    )
    error = await failing(reader)
    assert isinstance(error, NetworkError)
    assert (error.exit_code, str(port) in error.message) == (7, True)
    assert "--endpoint-url" in error.hint


async def test_an_endpoint_that_is_no_url() -> None:
    error = await failing(
        CloudWatchReader(Settings(endpoint_url="not a url", region="eu-west-1"), keys=FAKE_KEYS)
    )
    assert isinstance(error, InputError)
    assert "'not a url'" in error.message


async def test_an_operation_outside_the_table_never_reaches_the_wire(fake_aws: FakeAws) -> None:
    session = await asyncio.to_thread(AwsSession, settings(fake_aws), keys=FAKE_KEYS, clock=fake_aws.clock)
    async with aclosing(session):
        with pytest.raises(PermissionDenied):
            await session.call("logs", "DeleteLogGroup", {"logGroupName": "/x"})
        client = await session.client("logs")
        with pytest.raises(PermissionDenied):
            await client.delete_log_group(logGroupName="/x")
    assert fake_aws.calls == []


async def test_making_and_closing_a_reader_calls_nobody(fake_aws: FakeAws) -> None:
    reader = CloudWatchReader(settings(fake_aws))
    await reader.aclose()
    await reader.aclose()
    assert fake_aws.calls == []


async def test_callers_at_once_share_one_session(fake_aws: FakeAws) -> None:
    fake_aws.logs.group("/a")
    async with aclosing(CloudWatchReader(settings(fake_aws), keys=FAKE_KEYS)) as reader:
        await asyncio.gather(*(reader.events_page(EventsRequest("/a", WINDOW), None) for _ in range(8)))
    assert len(fake_aws.called("GetCallerIdentity")) == 1


def test_importing_the_reader_does_not_import_the_sdk() -> None:
    code = (
        "import sys, cwtui.adapters.cloudwatch; "
        "sys.exit(any(name in sys.modules for name in ('botocore', 'aiobotocore', 'aiohttp')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
