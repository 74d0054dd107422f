"""What was called is recorded once, on what, and nothing besides."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from cwtui.adapters.call_log import CallLog
from cwtui.adapters.guard import guard
from cwtui.core.errors import DataError, InputError, PermissionDenied

DEAD = "http://127.0.0.1:9"


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("params", "resources"),
    [
        ({"logGroupName": "/a", "filterPattern": "secret"}, ["/a"]),
        (
            {"logGroupIdentifier": "arn:aws:logs:eu-west-1:1:log-group:/a"},
            ["arn:aws:logs:eu-west-1:1:log-group:/a"],
        ),
        ({"logGroupIdentifiers": ["/a", "/b"]}, ["/a", "/b"]),
        ({"logGroupIdentifiers": []}, [""]),
        ({"Bucket": "b", "Key": "x/y/z.gz", "Body": b"secret"}, ["b/x/y/"]),
        ({"Bucket": "b", "Key": "z.gz"}, ["b/"]),
        ({"Bucket": "b"}, ["b/"]),
        ({"RoleArn": "arn:aws:iam::1:role/x", "ExternalId": "secret"}, ["arn:aws:iam::1:role/x"]),
        ({"RoleName": "x"}, ["x"]),
        ({"limit": 50}, [""]),
    ],
)
def test_a_call_is_told_by_what_it_is_about(
    params: dict[str, object], resources: list[str], tmp_path: Path
) -> None:
    CallLog(tmp_path / "calls").note("logs", "Op", "eu-west-1", params)
    told = lines(tmp_path / "calls")
    assert [one["resource"] for one in told] == resources
    assert all(one.keys() == {"service", "operation", "region", "resource"} for one in told)
    assert "secret" not in (tmp_path / "calls").read_text()


def test_the_same_call_is_told_once_whatever_threads_make_it(tmp_path: Path) -> None:
    log = CallLog(tmp_path / "calls")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.note("logs", "Op", "r", {"logGroupName": f"/{n % 5}"}), range(200)))
    assert sorted(one["resource"] for one in lines(tmp_path / "calls")) == ["/0", "/1", "/2", "/3", "/4"]


def test_a_second_session_appends(tmp_path: Path) -> None:
    for name in ("/a", "/b"):
        CallLog(tmp_path / "calls").note("logs", "Op", "r", {"logGroupName": name})
    assert [one["resource"] for one in lines(tmp_path / "calls")] == ["/a", "/b"]


def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        CallLog(tmp_path)
    assert refused.value.code == "cwtui.input.calls"


def test_a_file_that_goes_away_is_no_silent_loss(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    log = CallLog(folder / "calls")
    (folder / "calls").unlink()
    folder.rmdir()
    with pytest.raises(DataError, match="logs:Op"):
        log.note("logs", "Op", "r", {})


def test_a_guarded_client_s_calls_are_recorded_and_what_was_refused_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    session = boto3.Session()
    guard(session.events, allow_write=False, calls=str(tmp_path / "calls"))
    once = Config(retries={"total_max_attempts": 1})
    s3 = session.client("s3", region_name="eu-west-1", endpoint_url=DEAD, config=once)
    with pytest.raises(PermissionDenied):
        s3.put_object(Bucket="b", Key="k", Body=b"")
    assert lines(tmp_path / "calls") == []
    with pytest.raises(EndpointConnectionError):
        s3.head_bucket(Bucket="b")
    assert lines(tmp_path / "calls") == [
        {"service": "s3", "operation": "HeadBucket", "region": "eu-west-1", "resource": "b/"}
    ]
