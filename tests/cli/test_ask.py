from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import cwtui, process


async def test_a_counted_answer_is_one_object_whose_events_are_there(recording: Path) -> None:
    events = await cwtui("events", "--from", str(recording))
    errors = {item["eventId"] for item in events.records if "ERROR" in item["message"]}
    ended = await cwtui("summarize", "--from", str(recording), "--ask", "how many errors?", "-o", "json")
    answer = json.loads(ended.out)
    assert list(answer) == [
        "schema", "scope", "question", "answeredBy", "answer", "rows", "events", "patterns", "limits",
    ]  # fmt: skip
    assert (ended.code, answer["schema"], answer["answeredBy"]) == (0, "cwtui.answer/1", "code")
    assert answer["answer"].startswith(f"{len(errors)} events of level ERROR or FATAL")
    assert set(answer["events"]) == errors


async def test_the_answer_is_the_same_in_every_process(recording: Path) -> None:
    asking = ("summarize", "--from", str(recording), "--ask", "what went wrong?", "-o", "json")
    once = await process(*asking, env={"PYTHONHASHSEED": "1"})
    again = await process(*asking, env={"PYTHONHASHSEED": "2"})
    assert once.out == again.out
    assert json.loads(once.out)["answeredBy"] == "evidence"


async def test_without_a_model_the_evidence_is_the_answer_and_its_lines_are_quoted(recording: Path) -> None:
    env = {"OLLAMA_HOST": "http://127.0.0.1:9"}
    ended = await cwtui("summarize", "--from", str(recording), "--ask", "why did it fail?", "--llm", env=env)
    assert ended.code == 0
    assert ended.out.startswith("# why did it fail?\n\nNo counted answer")
    assert "## Events" in ended.out
    assert "ollama serve" in ended.err


async def test_a_question_that_is_none_is_bad_input(recording: Path) -> None:
    for question in ("", "  ", "x" * 400):
        ended = await cwtui("summarize", "--from", str(recording), "--ask", question)
        assert ended.code == 2
        assert "question" in ended.err


async def test_what_changed_needs_a_baseline(recording: Path) -> None:
    ended = await cwtui("summarize", "--from", str(recording), "--ask", "what changed?")
    assert "There is nothing to compare with" in ended.out
