from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import START, cwtui, process, process_until, record, write_lines


async def test_events_come_in_order_as_records_and_nothing_else(recording: Path) -> None:
    ended = await process("events", "--from", str(recording))
    assert (ended.code, ended.err) == (0, "")
    assert [item["eventId"] for item in ended.records] == [f"id-{number}" for number in range(100)]
    assert list(ended.records[0]) == [
        "timestamp",
        "ingestionTime",
        "logGroup",
        "logStream",
        "message",
        "eventId",
        "account",
        "region",
    ]


async def test_groups_and_streams_are_listed(recording: Path) -> None:
    groups = await cwtui("groups", "cart", "--from", str(recording))
    assert [item["logGroupName"] for item in groups.records] == ["/shop/cart"]
    streams = await cwtui("streams", "/shop/cart", "--from", str(recording))
    assert [item["logStreamName"] for item in streams.records] == ["one"]


async def test_times_count_from_the_last_event_of_a_recording(recording: Path) -> None:
    ended = await cwtui("events", "--from", str(recording), "--since", "10s")
    assert [item["eventId"] for item in ended.records] == [f"id-{number}" for number in range(89, 100)]
    until = await cwtui("events", "--from", str(recording), "--until", str(START + 2_000))
    assert [item["eventId"] for item in until.records] == ["id-0", "id-1"]


async def test_filters_of_every_kind_narrow_together(recording: Path) -> None:
    ended = await cwtui(
        "events",
        "/shop/pay",
        "--from",
        str(recording),
        "--filter",
        "ERROR",
        "--grep",
        "payment [2-8]0",
        "--exclude",
        " 40 ",
        "--where",
        "level >= error",
        "--limit",
        "3",
    )
    assert [item["message"] for item in ended.records] == [
        "ERROR payment 20 failed",
        "ERROR payment 30 failed",
        "ERROR payment 50 failed",
    ]


async def test_the_latest_events_are_found_however_old(recording: Path) -> None:
    ended = await cwtui("events", "--from", str(recording), "--latest", "3")
    assert [item["eventId"] for item in ended.records] == ["id-97", "id-98", "id-99"]


async def test_the_lines_around_an_event_ignore_every_filter(recording: Path) -> None:
    by_name = await cwtui(
        "events", "--from", str(recording), "--around", "id-50", "--lines", "2", "--grep", "nothing"
    )
    assert [item["eventId"] for item in by_name.records] == ["id-46", "id-48", "id-50", "id-52", "id-54"]
    place = f"one@{START + 50_000}"
    by_place = await cwtui("events", "/shop/pay", "--from", str(recording), "--around", place, "--lines", "2")
    assert by_place.out == by_name.out
    missing = await cwtui("events", "--from", str(recording), "--around", "id-999")
    assert (missing.code, missing.out) == (5, "")


@pytest.mark.parametrize("form", ["json", "csv", "raw", "text"])
async def test_the_same_events_in_every_format(recording: Path, form: str) -> None:
    ended = await cwtui("events", "--from", str(recording), "--limit", "2", "-o", form)
    assert ended.code == 0
    match form:
        case "json":
            messages = [item["message"] for item in json.loads(ended.out)]
        case "csv":
            messages = [item["message"] for item in csv.DictReader(io.StringIO(ended.out))]
        case "raw":
            messages = ended.out.splitlines()
        case _:
            messages = [re.split(r" +", line, maxsplit=4)[4] for line in ended.out.splitlines()]
    assert messages == ["ERROR payment 0 failed", "INFO request 1 done in 1 ms"]


async def test_an_empty_result_is_empty_json_and_no_failure(recording: Path) -> None:
    ended = await cwtui("events", "--from", str(recording), "--grep", "nowhere", "-o", "json")
    assert (ended.code, json.loads(ended.out)) == (0, [])


async def test_flags_may_stand_before_the_command(recording: Path) -> None:
    ended = await cwtui("--from", str(recording), "-o", "jsonl", "events", "--limit", "1")
    assert len(ended.records) == 1


async def test_hostile_text_is_ascii_in_json_and_inert_in_text(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "h.jsonl", [record(0, "a\x1b]0;t\x07 \u202e é \x9b2J")])
    plain = await cwtui("events", "--from", str(path))
    assert plain.out.isascii()
    assert plain.records[0]["message"] == "a\x1b]0;t\x07 \u202e é \x9b2J"
    text = await cwtui("events", "--from", str(path), "-o", "text")
    assert "a␛]0;t␇ \\u202e é \\x9b2J" in text.out


async def test_a_reader_that_leaves_early_ends_the_command_quietly() -> None:
    process = await asyncio.create_subprocess_shell(
        f"{sys.executable} -m cwtui events --mock | head -n 1; exit ${{PIPESTATUS[0]}}",
        executable="/bin/bash",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0
    assert err == b""
    assert len(out.splitlines()) == 1


async def test_tail_prints_what_came_before_and_ends_by_itself(recording: Path) -> None:
    command = ("tail", "/shop/pay", "--from", str(recording), "--since", "10s")
    ended = await process_until(*command, lines=6)
    assert (ended.code, ended.err) == (0, "")
    assert [item["eventId"] for item in ended.records] == [f"id-{number}" for number in range(88, 100, 2)]
    assert (await process(*command, "--for", "1s")).code == 0


async def test_the_demo_goes_on_producing_while_it_is_followed() -> None:
    ended = await process_until("tail", "--mock", lines=2)
    assert ended.code == 0
    names = [item["eventId"] for item in ended.records]
    assert names
    assert len(set(names)) == len(names)


async def test_an_interrupt_ends_a_tail_with_130_after_flushing(recording: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cwtui",
        "tail",
        "--from",
        str(recording),
        "--since",
        "5s",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    first = await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, err = await process.communicate()
    assert process.returncode == 130
    assert json.loads(first)["eventId"] == "id-94"
    assert b"Traceback" not in err
    assert all(json.loads(line) for line in rest.splitlines())
