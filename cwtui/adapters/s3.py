"""Exports to S3 through boto3's managed transfer: streamed, checked, never over an object that stands there.

Only with `allow_write`: the guard hangs on the session, and an export that may not write fails before its
first event is encoded. Importing this module imports boto3 (0.3 s): do it in a thread.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

import boto3
import botocore.session
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError

from cwtui import __version__
from cwtui.access.error_catalogue import Failure, mfa_needed
from cwtui.access.renewal import needs_a_code
from cwtui.adapters.aws_errors import translated
from cwtui.adapters.guard import check, guard
from cwtui.core.errors import InputError
from cwtui.core.ports import ExportProgress, ExportReport, ExportResult, LendKeys, Part
from cwtui.deliver.encode import FORMATS
from cwtui.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 8 << 20
"""Memory of an upload; S3 takes 10,000 parts, so this carries 80 GB."""
_KEY_BYTES = 1024
_TYPES = {form.extension: form.content_type for form in FORMATS.values() if form.extension}


class S3Exporter:
    """Uploads parts one after another; the last one, a recording's manifest, says that all are there.

    An upload that fails or is cancelled is aborted, so that no part of an object stays (nor is billed). Of
    several objects those already whole stay: cwtui deletes nothing in a bucket.
    """

    def __init__(
        self, settings: Settings, *, lend_keys: LendKeys | None = None, part_bytes: int = PART_BYTES
    ) -> None:
        """`lend_keys` signs in where that takes an MFA code, which nobody can be asked for from here."""
        self._settings = settings
        self._lend_keys = lend_keys
        # The classic client: the CRT one sends around botocore, and so around the guard. One thread: parts
        # are read, sent and reported in order, in the thread that called.
        self._transfer = TransferConfig(
            multipart_threshold=part_bytes,
            multipart_chunksize=part_bytes,
            use_threads=False,
            preferred_transfer_client="classic",
        )

    def export(self, parts: Iterable[Part], target: str, report: ExportReport) -> ExportResult:
        """Blocking. Raises any `CwtuiError` of a failed upload, and whatever `report` raises."""
        bucket, prefix = _address(target)
        check("s3", "PutObject", self._settings.allow_write)
        about = Failure(
            "",
            service="s3",
            operation="PutObject",
            resource=f"s3://{bucket}/{prefix}",
            profile=self._settings.profile,
            region=self._settings.region,
            endpoint=self._endpoint() or f"s3 in {self._settings.region or 'the default region'}",
        )
        with translated(about):
            client = self._client()
        files: list[str] = []
        total = 0
        for part in parts:
            key = _key(prefix, part.name)
            with contextlib.closing(_Stream(part, key, total, report)) as stream:
                there = replace(about, resource=f"s3://{bucket}/{key}", region=client.meta.region_name)
                self._upload(client, stream, bucket, key, there)
                total = stream.bytes_done
            files.append(f"s3://{bucket}/{key}")
        return ExportResult(f"s3://{bucket}/{prefix}", tuple(files), total)

    def _upload(self, client: S3Client, stream: _Stream, bucket: str, key: str, about: Failure) -> None:
        arguments = {"ChecksumAlgorithm": "SHA256", "ContentType": _content_type(key)}
        try:
            with translated(about), _heeded(client, stream):
                client.upload_fileobj(
                    cast(IO[bytes], stream), bucket, key, ExtraArgs=arguments, Config=self._transfer
                )
        except Exception:
            # What the events' source or the report raised is theirs to tell, not a failure of S3.
            if stream.error is not None:
                raise stream.error from None
            raise

    def _client(self) -> S3Client:
        settings = self._settings
        session = _Session(profile=settings.profile or None)
        profile = settings.profile or session.profile or "default"
        guard(session.get_component("event_emitter"), settings.allow_write, calls=settings.calls)
        profiles = session.full_config.get("profiles", {})
        if needs_a_code(profiles, profile, settings.role_arn, settings.mfa_serial):
            if self._lend_keys is None:
                raise mfa_needed(profile)
            session.set_credentials(*self._lend_keys())
        elif settings.role_arn:
            session.assume(settings)
        endpoint = self._endpoint()
        client: S3Client = boto3.Session(
            botocore_session=session, region_name=settings.region or None
        ).client(
            "s3",
            endpoint_url=endpoint,
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": 3},
                user_agent_extra=f"cwtui/{__version__}",
                # A stand-in or a VPC endpoint seldom has a name for every bucket.
                s3={"addressing_style": "path"} if endpoint else {},
            ),
        )
        for operation in ("PutObject", "CompleteMultipartUpload"):
            client.meta.events.register(f"provide-client-params.s3.{operation}", _only_if_absent)
        return client

    def _endpoint(self) -> str | None:
        """The endpoint meant for S3: one that the environment gives for CloudWatch Logs alone is not."""
        own = os.environ.get("AWS_ENDPOINT_URL_S3")
        given = self._settings.endpoint_url
        if own or not given or given == os.environ.get("AWS_ENDPOINT_URL_LOGS"):
            return own or os.environ.get("AWS_ENDPOINT_URL") or None
        return given


class _Stream:
    """A part's chunks as the file that boto3 reads, once and forward."""

    def __init__(self, part: Part, key: str, done_before: int, report: ExportReport) -> None:
        self._chunks = iter(part.chunks)
        self._rest = bytearray()
        self._key = key
        self._report = report
        self._failed = False
        self.bytes_done = done_before
        self.error: BaseException | None = None
        """What the chunks or the report raised."""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        if self._failed:
            # The transfer has its error already, but would go on reading to the end of the events.
            raise EOFError("the upload failed")
        try:
            while size < 0 or len(self._rest) < size:
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                self._rest += chunk
                self.bytes_done += len(chunk)
                self._report(ExportProgress(self._key, self.bytes_done))
        except BaseException as error:
            self.error = error
            raise
        taken = bytes(self._rest if size < 0 else self._rest[:size])
        del self._rest[: len(taken)]
        return taken

    def heed(self, *, http_response: Any, **kwargs: Any) -> None:
        """Hook of botocore: an answer after its last retry."""
        self._failed = self._failed or http_response.status_code >= 300

    def give_up(self, **kwargs: Any) -> None:
        """Hook of botocore: no answer, after its last retry."""
        self._failed = True

    def close(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()


def _only_if_absent(params: dict[str, object], **kwargs: Any) -> None:
    """Hook of botocore: the managed transfer does not know this argument, S3 does."""
    params["IfNoneMatch"] = "*"


class _Session(botocore.session.Session):
    """A session that may take on a role over the credentials it finds."""

    _role: DeferredRefreshableCredentials | None = None

    def assume(self, settings: Settings) -> None:
        """Takes the role on with the first call, and again before each expiry."""
        source = super().get_credentials()
        if source is None:
            raise NoCredentialsError
        extra: dict[str, str | int] = {"RoleSessionName": settings.session_name or "cwtui-export"}
        if settings.external_id:
            extra["ExternalId"] = settings.external_id
        if settings.duration:
            extra["DurationSeconds"] = settings.duration
        sts = partial(self.create_client, endpoint_url=settings.endpoint_url or None)
        fetcher = AssumeRoleCredentialFetcher(sts, source, settings.role_arn, extra_args=extra)
        self._role = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    def get_credentials(self) -> Any:
        return self._role or super().get_credentials()


@contextlib.contextmanager
def _heeded(client: S3Client, stream: _Stream) -> Iterator[None]:
    """Tells the stream when a piece of it could not be sent."""
    events = client.meta.events
    operations = ("s3.CreateMultipartUpload", "s3.UploadPart")
    for operation in operations:
        events.register(f"after-call.{operation}", stream.heed)
        events.register(f"after-call-error.{operation}", stream.give_up)
    try:
        yield
    finally:
        for operation in operations:
            events.unregister(f"after-call.{operation}", stream.heed)
            events.unregister(f"after-call-error.{operation}", stream.give_up)


def _address(target: str) -> tuple[str, str]:
    """Bucket and prefix (which may be empty) of an address. Raises InputError."""
    bucket, _, prefix = target.removeprefix("s3://").partition("/")
    if not target.startswith("s3://") or not bucket:
        raise InputError(
            f"'{target}' is no S3 address.", "Write it like s3://bucket/prefix.", code="s3-address"
        )
    return bucket, prefix.strip("/")


def _key(prefix: str, name: str) -> str:
    key = "/".join(piece for piece in (prefix, name) if piece)
    if not key:
        raise InputError(
            "The S3 address names no object.", "Write it like s3://bucket/prefix.", code="s3-key"
        )
    if len(key.encode("utf-8", "surrogatepass")) > _KEY_BYTES or not key.isprintable():
        raise InputError(
            f"S3 cannot keep an object named '{key[:80]}'.",
            "A key has at most 1,024 bytes and no control characters.",
            code="s3-key",
        )
    if ".." in key.split("/") or "//" in key:
        raise InputError(
            f"'{key}' is no key that every tool can read.", "Leave out '..' and '//'.", code="s3-key"
        )
    return key


def _content_type(key: str) -> str:
    if key.endswith(".gz"):
        return "application/gzip"
    if key.endswith(".json"):
        return "application/json"
    return _TYPES.get(f".{key.rpartition('.')[2]}", "application/octet-stream")
