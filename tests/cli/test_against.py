from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from cwtui.core.errors import InputError
from cwtui.investigation.against import baseline_window
from tests.cli.conftest import START, Ended, cwtui, process, record, write_lines

NOW = ("--since", "10m")


@pytest.fixture
def before_and_after(tmp_path: Path) -> Path:
    """Ten minutes as usual with one thing that ends, then ten with one that begins and one that grows."""
    lines: list[dict[str, Any]] = []
    for second in range(1200):
        lines.append(record(second, f"INFO request {second} done in {second % 90} ms"))
        later = second >= 600
        if later and second % 20 == 0:
            lines.append(record(second, f"ERROR gateway refused card {second}"))
        if not later and second % 25 == 0:
            lines.append(record(second, f"INFO cache warmed in {second} ms"))
        if second % (10 if later else 60) == 0:
            lines.append(record(second, f"WARN slow query took {second} ms"))
    lines.append(record(1100, "FATAL \x1b[31mdisk [bold]full[/bold]"))
    named = [{**line, "eventId": f"id-{place}"} for place, line in enumerate(lines)]
    return write_lines(tmp_path / "shop.jsonl", named)


def changes(ended: Ended) -> dict[str, str]:
    words = ("request", "refused", "warmed", "slow", "full")
    return {next(word for word in words if word in item["text"]): item["change"] for item in ended.records}


async def test_patterns_against_the_window_before_name_what_changed(before_and_after: Path) -> None:
    ended = await cwtui("patterns", "--from", str(before_and_after), *NOW, "--against", "previous")
    assert changes(ended) == {
        "refused": "new",
        "warmed": "vanished",
        "slow": "more",
        "full": "new_weak",
        "request": "same",
    }
    refused = next(item for item in ended.records if "refused" in item["text"])
    assert (refused["count"], refused["before"], refused["grade"]) == (30, 0, "strong")
    assert refused["p"] < 0.001
    warmed = next(item for item in ended.records if "warmed" in item["text"])
    assert (warmed["count"], warmed["before"]) == (0, 24)
    events = await cwtui("events", "--from", str(before_and_after), "--grep", "warmed")
    assert set(warmed["events"]) <= {item["eventId"] for item in events.records}
    assert "633 events" in ended.err


async def test_a_written_baseline_and_filters_hold_for_both_sides(before_and_after: Path) -> None:
    written = await cwtui(
        "patterns", "--from", str(before_and_after), *NOW, "--against", "20m,10m", "--exclude", "request"
    )
    assert changes(written) == {"refused": "new", "warmed": "vanished", "slow": "more", "full": "new_weak"}


async def test_the_summary_tells_changes_with_evidence_in_words_and_numbers(before_and_after: Path) -> None:
    arguments = ("summarize", "--from", str(before_and_after), *NOW, "--against", "previous")
    digest = json.loads((await cwtui(*arguments, "-o", "json")).out)
    found = {item["kind"]: item for item in digest["findings"] if "evidence" in item}
    assert set(found) == {"new", "vanished", "more", "new_weak"}
    assert all(item["events"] for item in found.values())
    assert found["new"]["evidence"]["count"] == 30
    assert "strong evidence" in found["new"]["text"]
    assert digest["scope"]["baseline"]["name"] == "previous"
    assert digest["scope"]["baseline"]["end"] == digest["scope"]["start"]
    assert not any("No baseline" in limit for limit in digest["limits"])
    text = await cwtui(*arguments)
    assert "Gone:" in text.out
    assert "cache warmed in 0 ms" in text.out
    assert "\x1b" not in text.out


async def test_a_recording_without_anything_before_is_not_all_new(before_and_after: Path) -> None:
    ended = await cwtui("patterns", "--from", str(before_and_after), "--against", "previous")
    assert ended.code == 0
    assert "nothing to compare with" in ended.err
    assert set(changes(ended).values()) == {"same"}


@pytest.mark.parametrize("against", ["sometime", "rest", "1m"])
async def test_what_is_no_baseline_is_refused(before_and_after: Path, against: str) -> None:
    ended = await cwtui("patterns", "--from", str(before_and_after), *NOW, "--against", against)
    assert ended.code == 2
    assert "against" in ended.err or "baseline" in ended.err


async def test_each_names_the_pattern_of_every_event_in_order(before_and_after: Path) -> None:
    each = (await cwtui("patterns", "--from", str(before_and_after), "--each")).records
    patterns = {
        item["id"]: item for item in (await cwtui("patterns", "--from", str(before_and_after))).records
    }
    events = (await cwtui("events", "--from", str(before_and_after))).records
    assert [item["n"] for item in each] == list(range(len(events)))
    for name, pattern in patterns.items():
        assert sum(item["pattern"] == name for item in each) == pattern["count"]
    for item, event in zip(each, events, strict=True):
        first = patterns[item["pattern"]]["text"].split()[1]
        assert first in event["message"] or "<*>" in first


async def test_the_same_windows_give_the_same_bytes(before_and_after: Path) -> None:
    arguments = ("summarize", "--from", str(before_and_after), *NOW, "--against", "previous", "-o", "json")
    once = await process(*arguments, env={"PYTHONHASHSEED": "1"})
    again = await process(*arguments, env={"PYTHONHASHSEED": "2"})
    assert once.out == again.out


HOUR, DAY = 3_600_000, 86_400_000
SPAN = (START, START + HOUR)


@pytest.mark.parametrize(
    ("what", "start", "end"),
    [
        ("previous", START - HOUR, START),
        ("yesterday", START - DAY, START - DAY + HOUR),
        ("last-week", START - 7 * DAY, START - 7 * DAY + HOUR),
        ("3h,2h", START - 2 * HOUR, START - HOUR),
        ("3h", START - 2 * HOUR, START),
    ],
)
def test_a_name_means_a_window(what: str, start: int, end: int) -> None:
    window = baseline_window(what, SPAN, START + HOUR, UTC)
    assert (window.start, window.end) == (start, end)


def test_a_baseline_never_reaches_into_a_window_longer_than_its_shift() -> None:
    window = baseline_window("yesterday", (START, START + 3 * DAY), START + 3 * DAY, UTC)
    assert (window.start, window.end) == (START - DAY, START)
    with pytest.raises(InputError):
        baseline_window("1h,2h", SPAN, START + HOUR, UTC)
