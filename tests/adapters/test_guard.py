"""The write guard, on the clients that really run."""

from __future__ import annotations

import boto3
import pytest
from aiobotocore.session import AioSession

from cwtui.adapters.guard import check, guard
from cwtui.core.errors import PermissionDenied

DEAD = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.parametrize("allow_write", [False, True])
def test_an_operation_that_stands_in_no_row_is_never_issued(allow_write: bool) -> None:
    with pytest.raises(PermissionDenied, match="s3:DeleteObject") as refused:
        check("s3", "DeleteObject", allow_write)
    assert refused.value.code == "cwtui.perm.unlisted"


def test_reading_and_signing_in_need_no_leave() -> None:
    check("logs", "FilterLogEvents", allow_write=False)
    check("sso", "GetRoleCredentials", allow_write=False)


def test_a_boto3_client_may_not_write_before_a_byte_is_sent() -> None:
    session = boto3.Session()
    guard(session.events, allow_write=False)
    client = session.client("s3", endpoint_url=DEAD)
    with pytest.raises(PermissionDenied, match="export to S3") as refused:
        client.put_object(Bucket="b", Key="k", Body=b"")
    assert refused.value.code == "cwtui.perm.read-only"
    assert "--allow-write" in refused.value.hint
    with pytest.raises(PermissionDenied):
        client.generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"})


def test_the_stricter_of_two_guards_wins() -> None:
    session = boto3.Session()
    guard(session.events, allow_write=False)
    guard(session.events, allow_write=True)
    with pytest.raises(PermissionDenied):
        session.client("s3", endpoint_url=DEAD).put_object(Bucket="b", Key="k", Body=b"")


async def test_an_aiobotocore_client_is_guarded_too() -> None:
    session = AioSession()
    guard(session.get_component("event_emitter"), allow_write=False)
    async with session.create_client("logs", region_name="us-east-1", endpoint_url=DEAD) as client:
        with pytest.raises(PermissionDenied, match="logs:DeleteLogGroup"):
            await client.delete_log_group(logGroupName="g")
