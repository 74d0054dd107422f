from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence

import pytest

from cwtui.core.models import Columns
from cwtui.explain.beside import marked
from cwtui.explain.changed_fields import changed_fields
from cwtui.explain.digest import build_digest
from cwtui.explain.render import digest_json
from cwtui.explain.sampled import Sample
from cwtui.explain.values import Baseline, Digest, Scope
from tests.explain.events import START, columns, cut

MINUTE = 60_000
WINDOW = 30 * MINUTE


def even(messages: Sequence[str], start: int) -> Columns:
    """The messages shuffled once and for all, over half an hour."""
    shuffled = list(messages)
    random.Random(7).shuffle(shuffled)
    step = WINDOW // max(1, len(shuffled))
    return columns(shuffled, times=[start + step * place for place in range(len(shuffled))])


USUAL = [
    *(f"INFO request {n} done in {n % 40} ms" for n in range(400)),
    *(f"INFO cache hit for key-{n}" for n in range(200)),
    *(f"WARN slow query took {n} ms" for n in range(40)),
]


def compared(now: Sequence[str], before: Sequence[str], **scope: object) -> Digest:
    after, earlier = even(now, START + WINDOW), even(before, START)
    baseline = Baseline("previous", START, START + WINDOW)
    what = Scope(start=START + WINDOW, end=START + 2 * WINDOW, baseline=baseline)
    return build_digest([*marked([earlier]), after], what)


def kinds(digest: Digest) -> dict[str, str]:
    return {
        finding.text: finding.kind
        for finding in digest.findings
        if finding.kind in ("new", "new_weak", "vanished", "more", "fewer", "bursting", "field")
    }


def test_the_same_lines_twice_change_nothing() -> None:
    digest = compared(USUAL, USUAL)
    assert kinds(digest) == {}
    assert "no pattern changed" in digest.headline
    assert digest.scope.baseline is not None
    assert digest.scope.baseline.events == len(USUAL)


def test_planted_changes_are_told_with_their_events_and_numbers() -> None:
    refused = [f"ERROR payment gateway refused card {n}" for n in range(25)]
    warmed = [f"INFO index {n} warmed" for n in range(30)]
    digest = compared(
        [*USUAL, *refused, *(f"WARN slow query took {n % 40} ms" for n in range(160))],
        [*USUAL, *warmed],
    )
    by_kind = {finding.kind: finding for finding in digest.findings if finding.evidence is not None}
    assert set(by_kind) == {"new", "vanished", "more"}
    new, gone, more = by_kind["new"], by_kind["vanished"], by_kind["more"]
    assert new.evidence is not None
    assert (new.evidence.grade, new.evidence.count, new.evidence.before) == ("strong", 25, 0)
    assert "refused" in new.text
    assert "25 times" in new.text
    assert "strong evidence" in new.text
    assert new.events
    assert all(row >= 0 for row in new.events)
    # The baseline's own events, as they stand in its own window.
    earlier = even([*USUAL, *warmed], START).messages
    assert all("warmed" in earlier[~row] for row in gone.events)
    assert more.evidence is not None
    assert (more.evidence.count, more.evidence.before) == (200, 40)
    assert {pattern.text: pattern.change for pattern in digest.vanished} == {
        digest.vanished[0].text: "vanished"
    }


def test_what_came_once_is_listed_apart_gravest_first_and_called_weak() -> None:
    now = [*USUAL, "INFO new toggle seen", "FATAL disk is full", "INFO new toggle seen", "WARN odd header"]
    digest = compared(now, USUAL)
    weak = [finding for finding in digest.findings if finding.kind == "new_weak"]
    assert [next(word for word in ("disk", "odd", "toggle") if word in finding.text) for finding in weak] == [
        "disk",
        "odd",
        "toggle",
    ]
    assert all(finding.evidence is not None and finding.evidence.grade == "weak" for finding in weak)
    assert all("weak evidence" in finding.text for finding in weak)


def test_figures_of_the_window_leave_the_baseline_out() -> None:
    digest = compared(USUAL, [*USUAL, *["ERROR gone for good"] * 50])
    assert digest.scope.events == len(USUAL)
    assert sum(digest.levels) == len(USUAL)
    assert sum(pattern.count for pattern in digest.patterns) == len(USUAL)
    assert all(pattern.count == len(pattern.events) or pattern.count > 20 for pattern in digest.patterns)
    assert not any(finding.kind == "errors" for finding in digest.findings)


def test_an_empty_baseline_is_said_and_nothing_is_called_new() -> None:
    digest = compared(USUAL, [])
    assert kinds(digest) == {}
    assert any("empty" in limit for limit in digest.limits)


def test_the_rest_of_a_window_is_compared_by_shares_and_its_events_can_be_gone_to() -> None:
    everything = even([*USUAL, *(f"ERROR upstream refused call {n}" for n in range(40))], START)
    chosen = [place for place, message in enumerate(everything.messages) if place % 4 == 0]
    rest = [place for place in range(len(everything)) if place % 4]
    digest = build_digest(
        [*marked([_take(everything, rest)]), _take(everything, chosen)], Scope(baseline=Baseline("rest"))
    )
    assert kinds(digest) == {}
    errors = [place for place, message in enumerate(everything.messages) if "ERROR" in message]
    others = [place for place in range(len(everything)) if place not in set(errors)]
    scope = Scope(baseline=Baseline("rest"))
    digest = build_digest([*marked([_take(everything, others)]), _take(everything, errors)], scope)
    gone = [finding for finding in digest.findings if finding.kind == "vanished"]
    assert gone
    # What is not chosen may as well be later.
    assert all(finding.text.startswith("Not here: ") and "in the rest" in finding.text for finding in gone)
    assert "only in the rest" in digest.headline
    assert all(row >= 0 for finding in gone for row in finding.events)


def _take(events: Columns, places: Sequence[int]) -> Columns:
    return Columns(
        *(
            [getattr(events, name)[place] for place in places]
            for name in (
                "ids",
                "timestamps",
                "ingestion_times",
                "levels",
                "accounts",
                "regions",
                "groups",
                "streams",
                "messages",
                "event_ids",
                "raws",
            )
        )
    )


def test_how_the_input_is_cut_into_chunks_changes_no_byte() -> None:
    now = even([*USUAL, *(f"ERROR refused {n}" for n in range(25))], START + WINDOW)
    before = even(USUAL, START)
    scope = Scope(baseline=Baseline("previous", START, START + WINDOW))
    whole = build_digest([*marked([before]), now], scope)
    parts = build_digest([*marked(cut(before, [1, 17, 200])), *cut(now, [3, 300, 5])], scope)
    assert json.dumps(digest_json(whole, str)) == json.dumps(digest_json(parts, str))


PROGRAM = """
import json
from tests.explain.test_changes import USUAL, compared
from cwtui.explain.render import digest_json
now = [*USUAL, *(f"ERROR refused {n}" for n in range(25)), "WARN odd", "WARN even", "FATAL strange"]
lines = [f'{{"route": "/r{n % 7}", "status": {500 if n % 3 else 200}, "ms": {n % 90}}}' for n in range(200)]
old = [f'{{"route": "/r{n % 7}", "status": 200, "ms": {n % 30}}}' for n in range(200)]
print(json.dumps(digest_json(compared([*now, *lines], [*USUAL, *old, "INFO gone", "INFO away"]), str)))
"""


def test_the_same_input_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    said = json.loads(outputs.pop())
    assert {"new", "field", "new_weak"} <= {finding["kind"] for finding in said["findings"]}


HOSTILE = [
    "\x1b[31mERROR\x1b[0m [bold]boom[/bold] \u202e \x00 \ud800",
    "{" * 500,
    '{"a": 1e999, "b": NaN, "' + "k" * 5000 + '": 1}',
    '{"a": ' + "9" * 400 + "}",
    "=" * 3000,
    "",
    "a=b " * 3000,
    '{"' + "\x1b[2J" + '": "' + "\x07" + '"}',
]


@pytest.mark.parametrize("swapped", [False, True])
def test_hostile_lines_on_either_side_break_nothing(swapped: bool) -> None:
    hostile = [*USUAL, *[line for line in HOSTILE for _ in range(30)]]
    digest = compared(USUAL, hostile) if swapped else compared(hostile, USUAL)
    assert any(finding.kind == ("vanished" if swapped else "new") for finding in digest.findings)
    json.dumps(digest_json(digest, str))


def test_timestamps_years_apart_break_nothing() -> None:
    times = [-(2**62), 0, 2**62] * 20
    now = columns([f"INFO a {n}" for n in range(60)], times=times)
    before = columns([f"INFO b {n}" for n in range(60)], times=times)
    build_digest([*marked([before]), now], Scope(baseline=Baseline("previous", 0, 1)))
    build_digest([*marked([before]), now], Scope(baseline=Baseline("rest")))


def sampled(messages: Sequence[str]) -> Sample:
    sample = Sample()
    sample.add(columns(messages))
    return sample


def test_a_value_that_came_up_and_numbers_that_moved_are_told_and_ids_and_clocks_are_not() -> None:
    draw = random.Random(3)

    def line(n: int, version: str, slow: float) -> str:
        return json.dumps(
            {
                "version": version,
                "route": f"/r{n % 5}",
                "ms": round(draw.expovariate(1 / slow), 1),
                "requestId": f"{draw.getrandbits(64):x}",
                "time": 1_700_000_000 + n,
            }
        )

    before = sampled([line(n, "1.4.1", 20) for n in range(500)])
    now = sampled([line(1000 + n, "1.5.0" if n % 3 else "1.4.1", 60) for n in range(500)])
    told = {change.path: change for change in changed_fields(now, before)}
    assert set(told) == {"version", "ms"}
    assert told["version"].value == "1.5.0"
    assert told["version"].share_before == 0
    assert told["ms"].quantiles is not None
    assert told["ms"].quantiles_before is not None
    assert told["ms"].quantiles[0] > 2 * told["ms"].quantiles_before[0]
    assert told["ms"].events


def test_fields_of_two_windows_from_one_source_rarely_differ() -> None:
    draw = random.Random(11)

    def lines() -> list[str]:
        return [
            json.dumps(
                {
                    "route": f"/r{draw.randrange(12)}",
                    "status": draw.choice((200, 200, 404)),
                    "ms": draw.random(),
                }
            )
            for _ in range(400)
        ]

    flags = sum(len(changed_fields(sampled(lines()), sampled(lines()))) for _ in range(30))
    assert flags <= 2


def test_a_number_in_a_slot_of_a_pattern_that_moved_is_told_with_its_lines() -> None:
    usual = [f"INFO got /r{n % 3} for user {n % 70} in {20 + n % 30} ms" for n in range(300)]
    slow = [f"WARN slow query took {300 + n % 50} ms" for n in range(30)]
    slower = [f"WARN slow query took {2 + n % 5 / 10:.1f} s" for n in range(30)]
    digest = compared([*usual, *slower], [*usual, *slow])
    (told,) = [finding for finding in digest.findings if finding.kind == "field"]
    assert 'Numbers behind "took" in "slow query took <*>": p50 314 ms before, 2,200 ms now' in told.text
    pattern = next(pattern for pattern in digest.patterns if pattern.id == told.patterns[0])
    assert pattern.text == "slow query took <*>"
    assert set(told.events) <= set(pattern.events) | set(pattern.drawn)
    assert len(told.events) == 20


def test_a_number_among_values_that_one_slot_holds_is_compared_by_its_place() -> None:
    now = [f"INFO GET /users/{n} 200 {900 + n} ms" for n in range(60)]
    before = [f"INFO GET /users/{n} 200 {9 + n % 9} ms" for n in range(60)]
    (told,) = [finding for finding in compared(now, before).findings if finding.kind == "field"]
    assert told.text.startswith('Numbers behind "GET (value 3 of 3)" in "GET <*>": p50 13 ms before')


def test_numbers_in_slots_rarely_differ_between_two_windows_of_one_source() -> None:
    draw = random.Random(5)

    def lines() -> list[str]:
        return [
            draw.choice(
                (
                    f"INFO request {draw.randint(1, 10**6)} done in {draw.lognormvariate(3, 1):.0f} ms",
                    f"INFO user {draw.randint(1, 300)} got {draw.randint(1, 40)} rows",
                    f"WARN slow query took {draw.expovariate(0.01):.1f} ms",
                )
            )
            for _ in range(200)
        ]

    flags = sum(finding.kind == "field" for _ in range(15) for finding in compared(lines(), lines()).findings)
    assert flags <= 1


def test_a_sample_is_the_same_however_it_is_cut() -> None:
    events = columns([f"a={n} b=2" for n in range(5000)])
    whole, parts = Sample(100), Sample(100)
    whole.add(events)
    for part in cut(events, [7, 2100, 64]):
        parts.add(part)
    assert list(whole.lines()) == list(parts.lines())
    assert len(list(whole.lines())) == 100
