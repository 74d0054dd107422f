"""The shipped recordings: they repeat to the byte, and they hold what the demo and the safety tests need."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cwtui.core.shipped import shipped

FIXTURES = shipped("fixtures")
MINUTE = 60_000
START = 1_795_298_400_000
DEPLOY = START + 58 * MINUTE
ROLLBACK = START + 85 * MINUTE

Record = Mapping[str, Any]


def read(folder: Path) -> list[Record]:
    with gzip.open(folder / "events.jsonl.gz", "rb") as stream:
        return [json.loads(line) for line in stream]


@pytest.fixture(scope="module")
def demo() -> list[Record]:
    return read(FIXTURES / "demo")


@pytest.fixture(scope="module")
def hostile() -> list[Record]:
    return read(FIXTURES / "hostile")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the generator writes now."""
    folder = tmp_path_factory.mktemp("fixtures")
    subprocess.run([sys.executable, str(FIXTURES / "generate.py"), str(folder)], check=True, timeout=60)
    return folder


def of(events: Sequence[Record], group: str, text: str = "") -> list[Record]:
    return [event for event in events if event["logGroup"] == group and text in event["message"]]


def minutes(events: Sequence[Record]) -> list[float]:
    return [(event["timestamp"] - START) / MINUTE for event in events]


@pytest.mark.parametrize("name", ["demo", "hostile"])
def test_the_generator_writes_what_is_committed(again: Path, name: str) -> None:
    assert (again / name / "manifest.json").read_bytes() == (FIXTURES / name / "manifest.json").read_bytes()
    committed = (FIXTURES / name / "events.jsonl.gz").read_bytes()
    written = (again / name / "events.jsonl.gz").read_bytes()
    # Compared unpacked: another build of zlib may pack the same text otherwise.
    assert gzip.decompress(written) == gzip.decompress(committed)
    assert written[4:8] == committed[4:8] == bytes(4), "the gzip header holds a time"


def test_the_demo_is_of_a_size_that_ships(demo: list[Record]) -> None:
    assert 30_000 <= len(demo) <= 60_000
    assert sum(file.stat().st_size for file in (FIXTURES / "demo").iterdir()) < 3_000_000
    manifest = json.loads((FIXTURES / "demo" / "manifest.json").read_text())
    counts = Counter(event["logGroup"] for event in demo)
    assert {group["name"]: group["events"] for group in manifest["groups"]} == counts
    assert manifest["events"] == len(demo)
    assert len(counts) >= 6
    assert manifest["live"]
    assert manifest["first"] < manifest["replay_from"] < manifest["end"]
    assert all(event["timestamp"] < manifest["end"] for event in demo)


def test_records_hold_the_keys_of_a_recording_and_unique_ids(demo: list[Record]) -> None:
    keys = {"timestamp", "ingestionTime", "logGroup", "logStream", "message", "eventId", "account", "region"}
    assert all(event.keys() == keys for event in demo)
    assert len({event["eventId"] for event in demo}) == len(demo)
    assert all(left["timestamp"] <= right["timestamp"] for left, right in pairwise(demo))


def test_events_arrive_after_they_happen_and_a_few_arrive_late(demo: list[Record]) -> None:
    delays = [event["ingestionTime"] - event["timestamp"] for event in demo]
    assert min(delays) > 0
    late = sum(delay > 50_000 for delay in delays)
    assert 10 <= late <= 100
    assert max(delays) < 120_000


def test_the_story_runs_from_the_deployment_over_slow_pages_and_timeouts_to_the_rollback(
    demo: list[Record],
) -> None:
    cart = of(demo, "/ecs/cart")
    starts = [event for event in cart if "starting cart" in event["message"]]
    bad = [event for event in starts if "starting cart 1.4.2 pool_size=5" in event["message"]]
    good = [event for event in starts if "starting cart 1.4.1 pool_size=20" in event["message"]]
    assert len(bad) == 3
    assert all(DEPLOY < event["timestamp"] < DEPLOY + 2 * MINUTE for event in bad)
    assert len(good) == 3
    assert all(ROLLBACK < event["timestamp"] < ROLLBACK + 2 * MINUTE for event in good)

    slow = minutes(of(demo, "/ecs/cart", "slow connection acquire"))
    exhausted = minutes(of(demo, "/ecs/cart", "connection pool exhausted"))
    timeouts = minutes(of(demo, "/aws/lambda/checkout", "Task timed out after 3.00 seconds"))
    bursts = minutes(
        [event for event in of(demo, "/shop/nginx/access") if re.search('" 50[24] ', event["message"])]
    )
    assert 58 < slow[0] < exhausted[0] < bursts[0]
    assert exhausted[0] < timeouts[0]
    for moments in (slow, exhausted, timeouts, bursts):
        assert len(moments) >= 30
        assert 58 < moments[0] < moments[-1] < 92
    assert of(demo, "/aws/lambda/checkout", "Status: timeout")
    assert of(demo, "/ecs/cart", "Traceback (most recent call last):\n")


def test_pages_take_longer_in_the_storm_and_recover(demo: list[Record]) -> None:
    def median(first: int, last: int) -> float:
        taken = sorted(
            float(event["message"].split(" rt=")[1].split(" ")[0])
            for event in of(demo, "/shop/nginx/access", "/cart")
            if START + first * MINUTE <= event["timestamp"] < START + last * MINUTE
        )
        return taken[len(taken) // 2]

    assert median(66, 84) > 5 * median(0, 58)
    assert median(92, 120) < 1.5 * median(0, 58)


def test_functions_write_what_the_runtime_writes(demo: list[Record]) -> None:
    for group in ("/aws/lambda/checkout", "/aws/lambda/payment-webhook"):
        own = of(demo, group)
        assert all(re.fullmatch(r"2026/11/2\d/\[\$LATEST\][0-9a-f]{32}", event["logStream"]) for event in own)
        for kind in ("START RequestId: ", "END RequestId: ", "REPORT RequestId: "):
            assert sum(event["message"].startswith(kind) for event in own) > 1_000
        cold = sum(event["message"].startswith("INIT_START ") for event in own)
        assert cold == sum("\tInit Duration: " in event["message"] for event in own) > 2


def test_request_ids_run_through_the_groups(demo: list[Record]) -> None:
    groups: dict[str, set[str]] = {}
    pattern = re.compile(r'(?:rid=|request=|"requestId":")([0-9a-f-]{36})')
    for event in demo:
        for found in pattern.findall(event["message"]):
            groups.setdefault(found, set()).add(event["logGroup"])
    whole = {"/shop/nginx/access", "/ecs/cart", "/aws/lambda/checkout", "/aws/lambda/payment-webhook"}
    assert sum(seen == whole for seen in groups.values()) > 500


def test_one_change_is_dangerous_and_the_deployment_is_on_the_trail(demo: list[Record]) -> None:
    trail = [json.loads(event["message"]) for event in of(demo, "aws-cloudtrail-logs-shop")]
    writes = [record for record in trail if not record["readOnly"]]
    dangerous = [record for record in writes if record["eventSource"] == "iam.amazonaws.com"]
    assert [record["eventName"] for record in dangerous] == ["AttachRolePolicy"]
    assert dangerous[0]["requestParameters"]["policyArn"].endswith("/AdministratorAccess")
    assert Counter(record["eventName"] for record in writes) == {
        "RegisterTaskDefinition": 1,
        "UpdateFunctionConfiguration20150331v2": 1,
        "UpdateService": 2,
        "AttachRolePolicy": 1,
    }
    usual = {record["userIdentity"]["arn"] for record in trail if record is not dangerous[0]}
    assert dangerous[0]["userIdentity"]["arn"] not in usual


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J",
        "\x1b]0;",
        "\x1b]52;",
        "\x1b]8;;",
        "\x1bP",
        "\x1bc",
        "\u009b",
        "\u009d",
        "\x00",
        "[/b]",
        "[@click=app.quit]",
        "[TODO]",
        "\\[x]",
        "\u202e",
        "\u200b",
        "\U000e0069",
        "\u200d\U0001f469",
        "\u6d88",
        "\u0300\u0301\u0302",
        "\ud800",
        "NaN",
        '=cmd|"/C calc"',
        "```",
        "Ignore all previous instructions",
        "AKIA",
    ],
)
def test_the_hostile_recording_holds(hostile: list[Record], text: str) -> None:
    assert any(text in event["message"] for event in hostile if isinstance(event.get("message"), str))


def test_the_hostile_recording_holds_extremes(hostile: list[Record]) -> None:
    messages = [event["message"] for event in hostile if isinstance(event.get("message"), str)]
    assert max(map(len, messages)) >= 1_000_000
    assert any(message.startswith('{"a":' * 200) for message in messages)
    names = {event["logGroup"] for event in hostile} | {event["logStream"] for event in hostile}
    assert sum(len(name) == 512 for name in names) == 2
    assert any(" " in name for name in names)
    assert any("[$LATEST]" in name for name in names)


def test_the_hostile_recording_holds_records_that_no_service_should_send(hostile: list[Record]) -> None:
    times = [event.get("timestamp", "missing") for event in hostile]
    assert "missing" in times
    assert any(isinstance(time, float) and time != time for time in times)
    assert any(isinstance(time, int) and time < 0 for time in times)
    assert any(isinstance(time, str) and time.isdigit() for time in times)
    assert any("message" not in event for event in hostile)
    twins = Counter(
        (event["timestamp"], event["message"], "eventId" in event)
        for event in hostile
        if "twice" in str(event.get("message")) or "twins" in str(event.get("message"))
    )
    assert [count for key, count in twins.items() if not key[2]] == [2]
    assert 2 in [count for key, count in twins.items() if key[2]]
    delays = [
        event["ingestionTime"] - event["timestamp"]
        for event in hostile
        if isinstance(event.get("timestamp"), int) and isinstance(event["ingestionTime"], int)
    ]
    assert 90_000 in delays, "an event that came 90 s late"
    assert any(-90 * MINUTE <= delay <= -89 * MINUTE for delay in delays), "an event 90 min ahead"


def test_no_file_of_the_fixtures_looks_like_a_leak() -> None:
    for file in FIXTURES.rglob("*.py"):
        assert not re.search(r"AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}", file.read_text()), file
