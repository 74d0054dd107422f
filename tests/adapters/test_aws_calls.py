"""The guarded door to all of AWS, over the session that the reader reads with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader, open_session
from cwtui.core.errors import CredentialsError, NotFound, PermissionDenied
from cwtui.core.ports import MfaQuestion
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault
from tests.fakes.aws_iam import FakeRole
from tests.fakes.aws_s3 import FakeBucket

DEVICE = "arn:aws:iam::123456789012:mfa/ana"
ROLE = "arn:aws:iam::123456789012:role/oncall"


async def test_one_session_asks_each_service_at_the_endpoint_that_was_set(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    fake_aws.iam.roles["app"] = FakeRole("/team/")
    fake_aws.s3.buckets["exports"] = FakeBucket(fake_aws.account)
    calls = cloudwatch.calls
    role = await calls.call("iam", "GetRole", {"RoleName": "app"})
    assert role["Role"]["Path"] == "/team/"  # type: ignore[index]  # an answer of AWS
    bucket = await calls.call("s3", "GetBucketLocation", {"Bucket": "exports"})
    assert bucket["LocationConstraint"] == "eu-west-1"
    await cloudwatch.groups_page("", None)
    by_operation = {call.operation: call for call in fake_aws.calls}
    assert by_operation["GetBucketLocation"].params == {"Bucket": "exports"}
    assert {call.access_key for call in fake_aws.calls} == {FAKE_KEYS[0]}


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("eu-west-1", "https://iam.amazonaws.com"),
        ("cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn"),
        ("us-gov-east-1", "https://iam.us-gov.amazonaws.com"),
    ],
)
async def test_iam_is_asked_at_the_one_endpoint_of_the_partition(region: str, endpoint: str) -> None:
    session = open_session(Settings(region=region), keys=FAKE_KEYS, clock=lambda: 0)
    assert (await session.client("iam")).meta.endpoint_url == endpoint
    await session.aclose()


async def test_the_guard_holds_at_this_door_too(fake_aws: FakeAws, cloudwatch: CloudWatchReader) -> None:
    for service, operation in (("iam", "PutRolePolicy"), ("s3", "PutObject"), ("logs", "DeleteLogGroup")):
        with pytest.raises(PermissionDenied):
            await cloudwatch.calls.call(service, operation, {})
    assert not {"PutRolePolicy", "PutObject", "DeleteLogGroup"} & {call.operation for call in fake_aws.calls}


async def test_an_error_names_what_the_call_was_about(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    with pytest.raises(NotFound, match="nobody"):
        await cloudwatch.calls.call("iam", "GetRole", {"RoleName": "nobody"})
    fake_aws.script("GetRole", Fault.access_denied("iam:GetRole", ROLE))
    with pytest.raises(PermissionDenied) as denied:
        await cloudwatch.calls.call("iam", "GetRole", {"RoleName": "oncall"})
    assert dict(denied.value.card.facts)["policy"] == "identity-based"


async def test_the_session_tells_key_and_place_and_no_secret(cloudwatch: CloudWatchReader) -> None:
    signed = await cloudwatch.calls.signed_in()
    assert (signed.key_kind, signed.key_end, signed.expires) == ("AKIA", "FAKE", None)
    assert FAKE_KEYS[1] not in repr(signed)
    place = await cloudwatch.calls.place()
    assert (place.region, place.partition, place.known, place.custom) == ("eu-west-1", "aws", True, True)
    assert place.endpoint.startswith("http://127.0.0.1:")


async def test_a_code_is_asked_for_once_for_reading_and_this_door_together(
    fake_aws: FakeAws, isolated_home: Path
) -> None:
    (isolated_home / "aws-credentials").write_text(
        "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n"
    )
    fake_aws.sts.codes[DEVICE] = "123456"
    asked: list[MfaQuestion] = []

    async def ask(question: MfaQuestion) -> str:
        asked.append(question)
        return "123456"

    settings = Settings(endpoint_url=fake_aws.url, region="eu-west-1", role_arn=ROLE, mfa_serial=DEVICE)
    reader = CloudWatchReader(settings, attempts=1, ask_mfa=ask)
    signed = await reader.calls.signed_in()
    await reader.groups_page("", None)
    await reader.calls.call("sts", "GetCallerIdentity", {})
    await reader.aclose()
    assert len(asked) == 1
    assert signed.provider == "assume-role"
    assert signed.expires is not None
    assert signed.sources[0].words == f"--role-arn {ROLE}"


async def test_without_credentials_the_door_says_so(fake_aws: FakeAws) -> None:
    reader = CloudWatchReader(Settings(endpoint_url=fake_aws.url, region="eu-west-1"), attempts=1)
    with pytest.raises(CredentialsError):
        await reader.calls.signed_in()
    assert (await reader.calls.place()).region == "eu-west-1"
    await reader.aclose()


async def test_credentials_that_end_at_this_door_are_looked_for_afresh_by_the_next_try(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    fake_aws.script("GetCallerIdentity", Fault.expired(times=2))
    with pytest.raises(CredentialsError):
        await cloudwatch.calls.call("sts", "GetCallerIdentity", {})
    assert cloudwatch.refused
    await cloudwatch.renew()
    await cloudwatch.calls.call("sts", "GetCallerIdentity", {})
    assert not cloudwatch.refused
