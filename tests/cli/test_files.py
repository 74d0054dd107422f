"""Files that no recording made: text logs, standard input, folders of an export task."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

from tests.cli.conftest import cwtui
from tests.fakes.terminal import CWTUI, LEAVE, Terminal

LOG = (
    b"Nov 22 10:00:00 host app: caf\xe9\n  at x\n"
    b"Nov 22 10:00:01 host app: same\n"
    b"Nov 22 10:00:01 host app: same\n"
)


def piped(data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*CWTUI, *arguments], input=data, capture_output=True, env=dict(os.environ), check=False
    )


def test_a_log_that_is_piped_in_comes_out_byte_for_byte_twins_included() -> None:
    done = piped(LOG, "events", "--from", "-", "-o", "raw")
    assert (done.returncode, done.stdout) == (0, LOG)
    assert b"tell no zone" in done.stderr


def test_packed_input_is_read_from_a_pipe_too() -> None:
    assert piped(gzip.compress(LOG), "events", "--from", "-", "-o", "raw").stdout == LOG


def test_nothing_piped_in_is_one_sentence() -> None:
    done = piped(b"", "events", "--from", "-")
    assert (done.returncode, done.stdout, done.stderr.splitlines()[0]) == (9, b"", b"cwtui: stdin is empty.")


async def test_several_files_merge_by_time_and_each_is_a_group(tmp_path: Path) -> None:
    one, two = tmp_path / "a.log", tmp_path / "prose.txt"
    one.write_bytes(b"2026-11-22T10:00:00Z 1\n2026-11-22T10:00:02Z 3\n")
    two.write_bytes(b"22/Nov/2026\n[22/Nov/2026:10:00:01 +0000] 2\n  more\n")
    ended = await cwtui("events", "--from", str(one), "--from", str(two))
    assert [item["message"][-6:] for item in ended.records] == [":00Z 1", "v/2026", "  more", ":02Z 3"]
    assert [item["logGroup"] for item in ended.records] == [str(one), str(two), str(two), str(one)]


async def test_an_export_tasks_folder_opens_and_its_recording_is_the_same(tmp_path: Path) -> None:
    part = tmp_path / "out" / "task" / "stream" / "000000.gz"
    part.parent.mkdir(parents=True)
    part.write_bytes(gzip.compress(b"2026-11-22T10:00:00.000Z a\n\tb\n2026-11-22T10:00:00.000Z a\n\tb\n"))
    ended = await cwtui("events", "--from", str(tmp_path / "out"))
    assert [item["message"] for item in ended.records] == ["a\n\tb"] * 2
    await cwtui("export", "--from", str(tmp_path / "out"), "--to", str(tmp_path / "kept"))
    again = await cwtui("events", "--from", str(tmp_path / "kept"))
    assert again.records == ended.records


async def test_records_that_are_the_same_and_have_no_name_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "twins.jsonl"
    path.write_text('{"timestamp": 5, "ingestionTime": 7, "logStream": "s", "message": "m"}\n' * 3)
    assert len((await cwtui("events", "--from", str(path))).records) == 3


def test_the_explorer_opens_on_a_pipe_and_takes_its_keys_from_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"2025-11-22T10:00:00Z one\n2025-11-22T10:00:01Z farewell\n")
    command = f"cat {tmp_path / 'a.log'} | {' '.join(CWTUI)} open -"
    with Terminal(["/bin/sh", "-c", command], cwd=Path.cwd()) as terminal:
        terminal.wait_for("farewell")
        terminal.send(LEAVE)
        assert terminal.wait_for_end() == 0


def test_a_pipe_without_a_terminal_beside_it_is_one_sentence() -> None:
    done = subprocess.run(
        [*CWTUI, "open", "-"],
        input=LOG,
        capture_output=True,
        env=dict(os.environ),
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 2
    assert b"no terminal to read keys from" in done.stderr


def test_a_field_that_no_event_has_is_said_where_nothing_comes_out() -> None:
    lines = b'{"timestamp":"2026-11-22T10:00:00Z","status":200}\n'
    for flag in ((), ("--latest", "5")):
        done = piped(lines, "events", "--from", "-", "--where", "statuss >= 500", *flag)
        assert (done.returncode, done.stdout) == (0, b"")
        assert b"no event has the field statuss, which the filter speaks of." in done.stderr
    done = piped(lines, "events", "--from", "-", "--where", "status >= 500")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
