"""Exports to S3, against moto's server."""

from __future__ import annotations

import hashlib
import random
import socket
import uuid
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import boto3
import pytest

from cwtui.adapters.s3 import S3Exporter
from cwtui.core.errors import (
    CredentialsError,
    InputError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
)
from cwtui.core.ports import ExportProgress, Part
from cwtui.deliver.manifest import About
from cwtui.deliver.recording import read_events, read_manifest, recording_parts
from cwtui.settings import Settings
from tests.deliver.support import columns_of, event
from tests.fakes.moto_server import moto_server

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

__all__ = ["moto_server"]
MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def settings(moto_server: str) -> Settings:
    return Settings(region="us-east-1", endpoint_url=moto_server, allow_write=True)


@pytest.fixture
def unguarded(moto_server: str, keys: None) -> S3Client:
    client: S3Client = boto3.client("s3", endpoint_url=moto_server, region_name="us-east-1")
    return client


@pytest.fixture
def bucket(unguarded: S3Client) -> str:
    name = f"logs-{uuid.uuid4().hex[:12]}"
    unguarded.create_bucket(Bucket=name)
    return name


def keys_in(client: S3Client, bucket: str) -> list[str]:
    return [item["Key"] for item in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def ignore(progress: ExportProgress) -> None:
    """A report that nobody reads."""


def megabytes(count: int) -> Iterator[bytes]:
    source = random.Random(7)
    for _ in range(count):
        yield source.randbytes(MEGABYTE)


class Cancelled(Exception):
    """Raised by a report to stop the export."""


def test_a_recording_goes_up_and_comes_back_the_same(
    settings: Settings, bucket: str, unguarded: S3Client, tmp_path: Path
) -> None:
    events = [event(1_795_298_400_000 + n, f"line {n} \ud800") for n in range(500)]
    seen: list[ExportProgress] = []
    result = S3Exporter(settings).export(
        recording_parts([columns_of(events)], About(created=1)), f"s3://{bucket}/team/incident/", seen.append
    )
    assert result.target == f"s3://{bucket}/team/incident"
    assert keys_in(unguarded, bucket) == ["team/incident/events.jsonl.gz", "team/incident/manifest.json"]
    assert seen[-1].bytes_done == result.bytes_written
    for key in keys_in(unguarded, bucket):
        unguarded.download_file(bucket, key, str(tmp_path / key.rpartition("/")[2]))
    read = [found for batch in read_events(tmp_path) for found in batch.events()]
    assert read == events
    assert read_manifest(tmp_path).events == 500


def test_a_part_without_a_name_is_the_address_itself(
    settings: Settings, bucket: str, unguarded: S3Client
) -> None:
    S3Exporter(settings).export([Part("", [b"a,b\r\n"])], f"s3://{bucket}/out.csv", ignore)
    head = unguarded.head_object(Bucket=bucket, Key="out.csv", ChecksumMode="ENABLED")
    assert head["ContentType"].startswith("text/csv")
    assert head["ChecksumSHA256"]


def test_a_large_object_goes_up_in_parts(settings: Settings, bucket: str, unguarded: S3Client) -> None:
    S3Exporter(settings, part_bytes=5 * MEGABYTE).export(
        [Part("big.jsonl", megabytes(11))], f"s3://{bucket}/x", ignore
    )
    body = unguarded.get_object(Bucket=bucket, Key="x/big.jsonl")
    assert body["ETag"].endswith('-3"')
    assert hashlib.sha256(body["Body"].read()).digest() == hashlib.sha256(b"".join(megabytes(11))).digest()


@pytest.mark.parametrize("count", [1, 30])
def test_a_cancelled_upload_leaves_nothing_in_the_bucket(
    settings: Settings, bucket: str, unguarded: S3Client, count: int
) -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for chunk in megabytes(count):
            taken.append(chunk)
            yield chunk

    def cancel(progress: ExportProgress) -> None:
        if progress.bytes_done >= min(count, 12) * MEGABYTE:
            raise Cancelled

    with pytest.raises(Cancelled):
        S3Exporter(settings, part_bytes=5 * MEGABYTE).export(
            [Part("big", chunks())], f"s3://{bucket}/x", cancel
        )
    assert len(taken) == min(count, 12)
    assert keys_in(unguarded, bucket) == []
    assert unguarded.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_what_the_events_raise_is_told_as_it_is(settings: Settings, bucket: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise LimitReached("the window is gone")

    with pytest.raises(LimitReached, match="the window is gone"):
        S3Exporter(settings).export([Part("x", chunks())], f"s3://{bucket}/x", ignore)


def test_an_object_that_stands_there_is_not_overwritten(
    settings: Settings, bucket: str, unguarded: S3Client
) -> None:
    unguarded.put_object(Bucket=bucket, Key="x/events", Body=b"mine")
    with pytest.raises(InputError, match="exists; nothing is overwritten"):
        S3Exporter(settings).export([Part("events", [b"x"])], f"s3://{bucket}/x", ignore)
    assert unguarded.get_object(Bucket=bucket, Key="x/events")["Body"].read() == b"mine"


def test_without_leave_to_write_nothing_is_encoded_nor_sent(settings: Settings) -> None:
    def chunks() -> Iterator[bytes]:
        raise AssertionError("encoded")
        yield b""

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(PermissionDenied, match="read-only") as refused:
            S3Exporter(replace(settings, allow_write=False, endpoint_url=endpoint)).export(
                [Part("x", chunks())], "s3://bucket/x", ignore
            )
        assert "--allow-write" in refused.value.hint
        with pytest.raises(BlockingIOError):
            server.accept()


class Refusing(BaseHTTPRequestHandler):
    """S3 as it answers those who may not write."""

    def refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = (
            b"<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/x is not authorized to "
            b"perform: s3:PutObject</Message><RequestId>R1</RequestId></Error>"
        )
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_DELETE = refuse

    def log_message(self, *arguments: object) -> None:
        """Tests are quiet."""


def test_a_denied_upload_stops_at_once_and_says_what_to_allow(settings: Settings) -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for chunk in megabytes(40):
            taken.append(chunk)
            yield chunk

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(PermissionDenied, match="s3:PutObject") as denied:
            S3Exporter(replace(settings, endpoint_url=endpoint), part_bytes=5 * MEGABYTE).export(
                [Part("big", chunks())], "s3://theirs/x", ignore
            )
        server.shutdown()
    assert "arn:aws:s3:::theirs/x/big" in denied.value.card.fix
    assert len(taken) <= 10


def test_a_missing_bucket_is_named(settings: Settings) -> None:
    with pytest.raises(NotFound, match="no bucket 'nobody-has-this'"):
        S3Exporter(settings).export([Part("x", [b"x"])], "s3://nobody-has-this/x", ignore)


def test_an_endpoint_where_nothing_listens_is_a_network_error(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1"):
        S3Exporter(replace(settings, endpoint_url=endpoint)).export(
            [Part("x", [b"x"])], "s3://bucket/x", ignore
        )


@pytest.mark.parametrize(
    "target", ["s3://", "s3:///key", "s3://bucket", "s3://bucket/a//b", "s3://bucket/../b"]
)
def test_an_address_that_names_no_object_is_refused(settings: Settings, target: str) -> None:
    with pytest.raises(InputError):
        S3Exporter(settings).export([Part("", [b"x"])], target, ignore)


CODED = (
    "[profile keys]\naws_access_key_id = test\naws_secret_access_key = test\n"
    "[profile oncall]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\nmfa_serial = m\n"
)


def test_a_profile_that_takes_a_code_exports_with_lent_keys(
    settings: Settings, bucket: str, unguarded: S3Client, isolated_home: Path
) -> None:
    (isolated_home / "aws-config").write_text(CODED)
    exporter = S3Exporter(replace(settings, profile="oncall"), lend_keys=lambda: ("test", "test", "token"))
    exporter.export([Part("a", [b"x"])], f"s3://{bucket}/out", ignore)
    assert len(keys_in(unguarded, bucket)) == 1


def test_a_profile_that_takes_a_code_is_refused_before_the_terminal_is_touched(
    settings: Settings, bucket: str, isolated_home: Path
) -> None:
    (isolated_home / "aws-config").write_text(CODED)
    with pytest.raises(CredentialsError, match="MFA code"):
        S3Exporter(replace(settings, profile="oncall")).export(
            [Part("a", [b"x"])], f"s3://{bucket}/out", ignore
        )
