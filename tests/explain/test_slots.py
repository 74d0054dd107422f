from __future__ import annotations

import json
import random

from cwtui.core.models import Level
from cwtui.explain.digest import build_digest
from cwtui.explain.render import digest_json
from cwtui.explain.reservoir import BUDGET, DRAWN
from cwtui.explain.slot import Slot
from cwtui.explain.slots import slots_of
from cwtui.explain.templates import Miner, Pattern
from cwtui.explain.values import Scope
from tests.explain.events import columns


def _slots(lines: list[str]) -> tuple[Slot, ...]:
    miner = Miner()
    miner.add(columns(lines))
    return slots_of(miner.patterns()[0])


def test_numbers_are_told_by_their_spread() -> None:
    (slot,) = _slots([f"took {value} ms" for value in range(1, 101)])
    assert (slot.name, slot.kind, slot.unit, slot.exact) == ("took", "duration", "ms", True)
    assert (slot.low, slot.p50, slot.p95, slot.high) == (1, 50, 95, 100)
    assert (slot.seen, slot.distinct, slot.top) == (100, 100, ())


def test_durations_in_several_units_are_told_in_one() -> None:
    (slot,) = _slots(["done in 900us", "done in 12ms", "done in 1.5s", "done in 3ms"])
    assert (slot.unit, slot.low, slot.high) == ("ms", 0.9, 1500)


def test_what_is_no_number_is_told_by_the_values_met_most() -> None:
    (slot,) = _slots([f"login refused for user {name}" for name in ["ada"] * 3 + ["bob"] * 2 + ["cyd"]])
    assert slot.top == (("ada", 3), ("bob", 2), ("cyd", 1))
    assert (slot.kind, slot.distinct, slot.low) == ("text", 3, None)


def test_numbers_that_name_something_are_values_and_have_no_spread() -> None:
    (slot,) = _slots([f"exited with status {status}" for status in (1, 1, 137, 1)])
    assert slot.top == (("1", 3), ("137", 1))


def test_kinds_of_values_are_known() -> None:
    lines = [
        f"call {i:08x}-1111-2222-3333-444455556666 from 10.0.0.{i} to /srv/{i}/a via https://h.example/{i} x"
        for i in range(1, 6)
    ]
    assert [slot.kind for slot in _slots(lines)] == ["uuid", "ip", "path", "url"]


def test_values_of_lambda_reports_and_access_logs_have_their_units_and_names() -> None:
    report = (
        "REPORT RequestId: {i}\tDuration: {i}.5 ms\tBilled Duration: 9 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 7{i} MB\t"
    )
    slots = _slots([report.format(i=i) for i in range(1, 5)])
    assert [(slot.name, slot.unit, slot.high) for slot in slots] == [
        ("Duration", "ms", 4.5),
        ("Billed Duration", "ms", 9),
        ("Memory Size", "MB", 128),
        ("Max Memory Used", "MB", 74),
    ]


def test_values_of_an_access_log_stand_under_their_names_where_paths_were_merged() -> None:
    line = '10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /{path} HTTP/1.1" 200 {size} "-" "curl" {time}'
    slots = _slots(
        [
            line.format(path=path, size=size, time=f"{size / 1e6:.3f}")
            for path in ("cart", "search", "login", "items", "")
            for size in range(2_000, 9_000, 1_000)
        ]
    )
    assert [(slot.name, slot.kind, slot.unit, slot.high) for slot in slots] == [
        ("GET", "path", "", None),
        ("bytes", "number", "", 8_000),
        ("took", "duration", "s", 0.008),
    ]


def test_a_flow_record_has_its_packets_and_its_size() -> None:
    flow = "2 123456789012 eni-0a1b2c3d4e 10.0.0.{n} 10.0.0.9 4{n} 443 6 {n} {n}00 1 2 ACCEPT OK"
    slots = _slots([flow.format(n=n) for n in range(1, 9)])
    assert [(slot.name, slot.unit, slot.high) for slot in slots[-2:]] == [
        ("packets", "", 8),
        ("size", "B", 800),
    ]


def test_secrets_in_slots_are_withheld() -> None:
    words = ("hunter2hunter2", "tr0ub4dor99", "s3cr3tv4lu3", "c0rrecth0rse")
    for lines in (
        [f"connecting with password={word} now" for word in words],
        [f"connecting with password={number} now" for number in (81723645, 11829304, 55667788)],
    ):
        told = repr(_slots(lines))
        assert "password" in told
        assert not any(line.split("=")[1].split()[0] in told for line in lines)


def test_beyond_the_bound_values_are_those_of_events_drawn_evenly_and_said_to_be() -> None:
    (slot,) = _slots([f"took {value} ms" for value in range(4 * DRAWN)])
    assert (slot.exact, slot.seen) == (False, DRAWN)
    assert slot.p50 is not None
    assert abs(slot.p50 - 2 * DRAWN) < 0.2 * DRAWN
    scope = Scope(groups=("g",))
    few = build_digest([columns([f"took {value} ms" for value in range(DRAWN)])], scope)
    many = build_digest([columns([f"took {value} ms" for value in range(DRAWN + 1)])], scope)
    assert not any("drawn evenly" in limit for limit in few.limits)
    assert any("drawn evenly" in limit for limit in many.limits)


def test_messages_kept_for_their_values_stay_within_a_budget() -> None:
    chance = random.Random(3)
    letters = "abcdefghij"
    kinds = [" ".join(chance.choices(letters, k=12)) for _ in range(120)]
    lines = [f"{kinds[i % 120]} {i}" for i in range(45_000)]
    miner = Miner()
    miner.add(columns(lines, levels=[Level.INFO] * len(lines)))
    patterns: list[Pattern] = miner.patterns()
    assert sum(len(pattern.drawn) for pattern in patterns) <= BUDGET
    assert miner.drawn < DRAWN
    assert all(len(pattern.drawn) <= miner.drawn for pattern in patterns)


def test_json_of_a_digest_holds_spreads_and_values() -> None:
    lines = [f"paid by {name} in {i} ms" for i, name in enumerate(["ada", "bob", "cyd", "dan", "eve", "fay"])]
    digest = build_digest([columns(lines)], Scope(groups=("g",)))
    (pattern,) = json.loads(json.dumps(digest_json(digest, str)))["patterns"]
    by, took = pattern["values"]
    assert by["top"][0] == {"value": "ada", "count": 1}
    assert by["sampled"] is False
    assert {key: took[key] for key in ("kind", "unit", "min", "p50", "p95", "max")} == {
        "kind": "duration", "unit": "ms", "min": 0, "p50": 2, "p95": 5, "max": 5,
    }  # fmt: skip
    assert pattern["traces"] == []
