from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import cwtui, process


async def test_a_summary_cites_events_that_are_there(recording: Path) -> None:
    events = await cwtui("events", "--from", str(recording))
    names = {item["eventId"] for item in events.records}
    ended = await cwtui("summarize", "--from", str(recording), "-o", "json")
    digest = json.loads(ended.out)
    assert {"schema", "scope", "headline", "findings", "patterns", "limits"} <= digest.keys()
    assert digest["findings"]
    for finding in digest["findings"]:
        assert finding["events"]
        assert set(finding["events"]) <= names


async def test_the_same_events_give_the_same_bytes(recording: Path) -> None:
    once = await process("summarize", "--from", str(recording), "-o", "json", env={"PYTHONHASHSEED": "1"})
    again = await process("summarize", "--from", str(recording), "-o", "json", env={"PYTHONHASHSEED": "2"})
    assert once.out == again.out


async def test_patterns_count_every_event_once(recording: Path) -> None:
    ended = await cwtui("patterns", "--from", str(recording))
    assert sum(item["count"] for item in ended.records) == 100
    assert ended.records[0]["level"] == "ERROR"


async def test_without_a_model_the_digest_stands_and_one_line_says_what_mends_it(recording: Path) -> None:
    env = {"OLLAMA_HOST": "http://127.0.0.1:9"}
    ended = await cwtui("summarize", "--from", str(recording), "--llm", env=env)
    assert ended.code == 0
    assert "error" in ended.out
    assert "ollama serve" in ended.err


async def test_what_was_exported_opens_again_the_same(recording: Path, tmp_path: Path) -> None:
    before = await cwtui("events", "--from", str(recording))
    for target in ("kept", "kept.jsonl", "kept.jsonl.gz", "kept.parquet"):
        path = tmp_path / target
        ended = await cwtui("export", "--from", str(recording), "--to", str(path))
        assert ended.code == 0, ended
        assert ended.records[0]["events"] == 100
        again = await cwtui("events", "--from", str(path))
        assert again.out == before.out, target


async def test_an_export_holds_what_the_filters_left(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    await cwtui("export", "--from", str(recording), "--where", "level >= error", "--to", str(path))
    assert len(path.read_text().splitlines()) == 11


async def test_who_keys_themes_and_config_answer_offline() -> None:
    who = await cwtui("whoami", "--mock")
    assert who.records[0]["offline"] is True
    keys = await cwtui("keys")
    assert {"id", "keys", "where", "help"} == set(keys.records[0])
    themes = await cwtui("themes")
    assert len(themes.records) >= 5
    config = await cwtui("config", "--region", "eu-west-1")
    assert {"name": "region", "value": "eu-west-1"} in config.records


async def test_no_secret_stands_in_what_is_given_out_to_read(tmp_path: Path) -> None:
    secrets = (
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "s3cr3t_pw",
        "session_1_xyz",
        "sk_live_abcdefgh1234",
    )
    said = (
        f"clone failed with {secrets[0]} for repo",
        f"connect postgres://app_user:{secrets[1]}@db.internal:5432/x refused",
        json.dumps({"headers": {"Cookie": f"sid={secrets[2]}; theme=dark"}}),
        f"{'refused ' * 17}{json.dumps({'api_key': secrets[3]})} {'again ' * 9}",
    )
    log = tmp_path / "app.log"
    log.write_text(
        "".join(f"2026-11-22T10:00:0{n}.000Z ERROR {line}\n" for n, line in enumerate(said)), "utf-8"
    )
    report = tmp_path / "report.md"
    commands = (
        ("summarize",),
        ("summarize", "-o", "json"),
        ("summarize", "--ask", "show all errors"),
        ("summarize", "--ask", "last 4 errors", "-o", "json"),
        ("patterns", "-o", "text"),
        ("export", "--to", str(report)),
    )
    given = [await cwtui(*command, "--from", str(log)) for command in commands]
    for text in (*(ended.out for ended in given), report.read_text("utf-8")):
        assert not [secret for secret in secrets if secret[:9] in text.replace("\\", "")], text
    assert "‹token-1›" in report.read_text("utf-8")
