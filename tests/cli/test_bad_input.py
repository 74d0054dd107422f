"""Each wrong input gives one clear sentence, a hint, the exit code of DESIGN.md, and no traceback."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import cwtui, process, record, write_lines
from tests.fakes.terminal import CWTUI, Terminal


async def refused(*arguments: str, code: int, saying: str, env: dict[str, str] | None = None) -> str:
    ended = await cwtui(*arguments, env=env)
    assert (ended.code, ended.out) == (code, ""), ended
    assert ended.err.startswith("cwtui: ")
    assert saying in ended.err
    sentence, hint = ended.err.splitlines()[0], "".join(ended.err.splitlines()[1:])
    assert len(sentence) < 300
    return hint


async def test_an_unknown_group_is_named_with_what_is_near(recording: Path) -> None:
    hint = await refused("events", "/shop/crat", "--from", str(recording), code=5, saying="/shop/crat")
    assert "/shop/cart" in hint


async def test_the_shell_gets_the_same_sentence_and_exit_code(recording: Path) -> None:
    arguments = ("events", "/shop/crat", "--from", str(recording))
    assert await process(*arguments) == await cwtui(*arguments)


@pytest.mark.parametrize("word", ["ap.log", "./ap.log", "no.jsonl.gz", "logs/app.txt"])
async def test_a_mistyped_path_is_no_log_group(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").write_text("2026-11-22T10:00:00Z one\n")
    hint = await refused("open", word, code=5, saying=f"There is no file or folder {word}.")
    assert ("app.log?" in hint) is ("ap.log" in word)
    assert ("folder logs does not exist" in hint) is word.startswith("logs/")


async def test_a_word_beside_text_files_is_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("2026-11-22T10:00:00Z one\n")
    await refused("open", str(path), "nofile", code=5, saying="There is no file or folder nofile.")


async def test_a_group_that_is_called_after_a_file_is_a_group(recording: Path, tmp_path: Path) -> None:
    # What is no terminal is told only once the words are understood.
    await refused("open", "/nowhere/on/disk/access.log", code=2, saying="needs a terminal")
    await refused("open", str(recording), "/shop/cart", code=2, saying="needs a terminal")
    await refused("open", "/aws/lambda/checkout", code=2, saying="needs a terminal")


async def test_a_bad_time(recording: Path) -> None:
    await refused(
        "events", "--from", str(recording), "--since", "soon", code=2, saying="'soon' is not a time"
    )


async def test_a_window_that_ends_before_it_begins(recording: Path) -> None:
    arguments = ("events", "--from", str(recording), "--since", "5s", "--until", "50s")
    await refused(*arguments, code=2, saying="window is empty")


async def test_a_bad_filter_pattern_names_its_column(recording: Path) -> None:
    hint = await refused("events", "--from", str(recording), "--filter", "{ $.a = ", code=2, saying="column")
    assert "^" in hint


async def test_a_bad_regular_expression(recording: Path) -> None:
    await refused("events", "--from", str(recording), "--grep", "(unclosed", code=2, saying="unclosed")


async def test_a_bad_where_expression(recording: Path) -> None:
    await refused("events", "--from", str(recording), "--where", "level >=", code=2, saying="level >=")


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    await refused("events", "--from", str(tmp_path / "none.jsonl"), code=5, saying="none.jsonl")


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.jsonl", b""), ("binary.jsonl", bytes(range(256)) * 9), ("prose.jsonl", b"no json here\n" * 3)],
)
async def test_a_file_that_holds_no_events(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    await refused("events", "--from", str(tmp_path / name), code=9, saying=name)


async def test_a_folder_that_is_no_recording(tmp_path: Path) -> None:
    ended = await cwtui("events", "--from", str(tmp_path))
    assert ended.code in (5, 9)
    assert str(tmp_path) in ended.err


async def test_a_recording_cut_in_its_last_line_gives_what_is_whole_and_says_so(tmp_path: Path) -> None:
    lines = [json.dumps(record(number, f"m{number}")) for number in range(5)]
    path = tmp_path / "cut.jsonl"
    path.write_text("\n".join(lines)[:-30])
    ended = await cwtui("events", "--from", str(path))
    assert [item["message"] for item in ended.records] == ["m0", "m1", "m2", "m3"]
    assert "cut" in ended.err


async def test_a_packed_recording_cut_in_the_middle_gives_what_came(tmp_path: Path) -> None:
    text = "".join(
        json.dumps(record(number, f"m{number} {number * 7919 % 997}")) + "\n" for number in range(5000)
    )
    path = tmp_path / "cut.jsonl.gz"
    packed = gzip.compress(text.encode())
    path.write_bytes(packed[: len(packed) // 2])
    ended = await cwtui("events", "--from", str(path))
    assert 100 < len(ended.records) < 5000
    assert "cut" in ended.err


async def test_no_credentials_and_no_region() -> None:
    await refused("groups", "--region", "eu-west-1", code=3, saying="redentials")
    await refused(
        "groups", code=2, saying="region", env={"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    )


async def test_an_unknown_profile() -> None:
    await refused("groups", "--profile", "nope", "--region", "eu-west-1", code=3, saying="nope")


async def test_half_a_key() -> None:
    env = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_REGION": "eu-west-1"}
    await refused("groups", code=3, saying="AWS_SECRET_ACCESS_KEY", env=env)


async def test_a_dead_endpoint() -> None:
    env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
    await refused("groups", "--endpoint-url", "http://127.0.0.1:9", code=7, saying="127.0.0.1:9", env=env)


async def test_a_group_is_asked_for_on_aws() -> None:
    await refused("events", code=2, saying="Which log group", env={"AWS_REGION": "eu-west-1"})


async def test_an_unknown_flag_and_an_unknown_command() -> None:
    await refused("events", "--sinse", "5m", code=2, saying="--sinse")
    await refused("evnets", code=2, saying="evnets")


async def test_an_export_never_writes_over_what_is_there(recording: Path, tmp_path: Path) -> None:
    target = tmp_path / "there.jsonl"
    target.write_text("precious")
    await refused("export", "--from", str(recording), "--to", str(target), code=2, saying="there.jsonl")
    assert target.read_text() == "precious"


async def test_an_export_to_a_full_disk(recording: Path) -> None:
    ended = await cwtui("export", "--from", str(recording), "--to", "/dev/full", "--format", "jsonl")
    assert ended.code in (2, 9)
    assert "/dev/full" in ended.err


async def test_s3_is_refused_without_allow_write(recording: Path) -> None:
    hint = await refused("export", "--from", str(recording), "--to", "s3://b/p", code=4, saying="s3")
    assert "--allow-write" in hint


async def test_output_to_a_full_disk_is_said(recording: Path, tmp_path: Path) -> None:
    import os
    import subprocess

    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*CWTUI, "events", "--from", str(recording)],
            stdout=full,
            stderr=subprocess.PIPE,
            env=dict(os.environ),
            check=False,
        )
    assert done.returncode == 9
    assert b"disk is full" in done.stderr


def test_foreign_text_is_inert_on_a_terminal_headless_too(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "h.jsonl",
        [record(0, "\x1b]52;c;QUJD\x07\x1b[2Jgone\x9b2J \u202eabc [/b]", stream="2026/[$LATEST]\x1b[31m")],
    )
    for form in ("text", "raw"):
        with Terminal([*CWTUI, "events", "--from", str(path), "-o", form, "--color", "never"]) as terminal:
            assert terminal.wait_for_end() == 0
            assert b"\x1b" not in terminal.raw
            assert b"\xc2\x9b" not in terminal.raw
            assert "␛]52;c;QUJD␇␛[2Jgone\\x9b2J \\u202eabc [/b]" in terminal.raw.decode()
