"""What the user asks for becomes the right files, redacted where they leave the machine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from cwtui.core.errors import InputError
from cwtui.core.models import Columns
from cwtui.deliver.encode import FORMATS
from cwtui.deliver.export import ExportRequest, export_request, parts_of, suggested_target
from cwtui.deliver.manifest import About
from tests.deliver.support import columns_of, event, joined

SECRET = "password=hunter2"


def black(text: str) -> str:
    return text.replace("hunter2", "‹secret›")


def files(request: ExportRequest) -> dict[str, bytes]:
    about = About(created=1, query=SECRET, partial=(SECRET,))
    events = [columns_of([event(1, SECRET)])]
    return {part.name: joined(part.chunks) for part in parts_of(request, events, about, f"# {SECRET}", black)}


@pytest.mark.parametrize(
    ("target", "form"),
    [
        ("incident", "recording"),
        ("./2026.11.22", "recording"),
        ("folder/", "recording"),
        ("a.dir/incident", "recording"),
        (".hidden", "recording"),
        ("out.jsonl", "jsonl"),
        ("OUT.NDJSON", "jsonl"),
        ("out.jsonl.gz", "jsonl"),
        ("out.csv", "csv"),
        ("out.parquet", "parquet"),
        ("out.md", "md"),
        ("s3://bucket.name.md", "recording"),
        ("s3://bucket/prefix", "recording"),
        ("s3://bucket/prefix/out.csv", "csv"),
    ],
)
def test_the_target_tells_the_format(target: str, form: str) -> None:
    assert export_request(target).format == form


@pytest.mark.parametrize("target", ["out.txt", "out.gz", "out.xlsx", "  ", "s3://b/x.html"])
def test_an_ending_that_names_no_format_is_refused(target: str) -> None:
    with pytest.raises(InputError):
        export_request(target)


def test_a_format_given_wins_and_must_exist() -> None:
    assert export_request("out.log", "jsonl").format == "jsonl"
    with pytest.raises(InputError, match="'xml' is not a format"):
        export_request("out", "xml")
    with pytest.raises(InputError, match="cannot be gzip"):
        export_request("out.parquet.gz", "parquet")


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_leaves_for_s3_unredacted_unless_asked(form: str) -> None:
    for name, content in files(export_request("s3://b/prefix", form)).items():
        text = gzip.decompress(content) if name.endswith(".gz") else content
        assert b"hunter2" not in text, name
    exact = b"".join(files(export_request("s3://b/prefix", form, no_redact=True)).values())
    assert form == "parquet" or b"hunter2" in exact


@pytest.mark.parametrize("form", FORMATS)
def test_on_the_disk_all_but_a_report_is_exact(form: str) -> None:
    assert export_request("out", form).redact == (form == "md")
    assert export_request("out", form, pii=True).redact
    assert not export_request("out", form, no_redact=True).redact


def test_a_redacted_recording_says_so() -> None:
    manifest = json.loads(files(export_request("s3://b/prefix"))["manifest.json"])
    assert manifest["redacted"] is True
    assert manifest["query"] == "password=‹secret›"
    assert json.loads(files(export_request("here"))["manifest.json"])["redacted"] is False


def test_a_file_stands_at_the_target_itself_and_in_a_folder_by_its_own_name() -> None:
    assert list(files(export_request("out.csv"))) == [""]
    assert list(files(export_request("out", "csv"))) == [""]
    assert list(files(export_request("out/", "csv"))) == ["events.csv"]
    assert list(files(export_request("s3://b/prefix", "csv"))) == ["events.csv"]
    assert list(files(export_request("s3://b", "csv"))) == ["events.csv"]
    assert list(files(export_request("s3://b/prefix/out.csv"))) == [""]
    assert list(files(export_request("r"))) == ["events.jsonl.gz", "manifest.json"]


def test_a_name_that_ends_in_gz_is_gzip() -> None:
    for target in ("out.jsonl.gz", "OUT.CSV.GZ", "out.md.gz"):
        assert b"password" in gzip.decompress(files(export_request(target))[""])


def test_a_report_holds_the_digest_and_the_events() -> None:
    request = export_request("out.md")
    assert request.wants_digest
    text = files(request)[""].decode()
    assert text.startswith("# password=‹secret›")
    assert text.count("‹secret›") == 2


def test_parts_are_made_as_they_are_taken() -> None:
    def never() -> Iterator[Columns]:
        raise AssertionError("read too early")
        yield

    parts = parts_of(export_request("r"), never(), About(created=1))
    assert next(parts).name == "events.jsonl.gz"


def test_a_suggested_target_is_a_plain_name() -> None:
    at = 1_795_298_400_000
    assert suggested_target(["/aws/lambda/x"], at) == "aws-lambda-x-20261121T220000Z"
    assert suggested_target(["/a", "/b", "/a"], at) == "2-groups-20261121T220000Z"
    assert suggested_target(["../../etc\x1b[2J"], at) == "etc-2J-20261121T220000Z"
    assert suggested_target(["con"], at) == "logs-con-20261121T220000Z"
    assert suggested_target(["//"], at) == "logs--20261121T220000Z"
