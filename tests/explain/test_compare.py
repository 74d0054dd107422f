from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.explain.compare import (
    CHANGED,
    SLICES,
    Exposure,
    Kind,
    Slices,
    Verdict,
    adjusted,
    g_statistic,
    judge,
    p_of,
)

# Benjamini and Hochberg (1995), section 4.1: fifteen hypotheses, of which four are rejected at q = .05.
TEXTBOOK = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_benjamini_hochberg_rejects_what_the_textbook_rejects() -> None:
    order = [7, 0, 14, 3, 1, 9, 2, 4, 12, 5, 11, 6, 8, 13, 10]
    corrected = adjusted([TEXTBOOK[place] for place in order])
    rejected = sorted(place for place, p in zip(order, corrected, strict=True) if p <= 0.05)
    assert rejected == [0, 1, 2, 3]
    by_place = dict(zip(order, corrected, strict=True))
    assert by_place[3] == pytest.approx(0.0095 * 15 / 4)
    # The step-up: the seventh's own correction is the lesser, so the sixth takes it.
    assert by_place[5] == pytest.approx(0.0298 * 15 / 7)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_correction_never_lowers_a_p_value_nor_changes_their_order(p: list[float]) -> None:
    corrected = adjusted(p)
    assert all(before <= after <= 1 for before, after in zip(p, corrected, strict=True))
    ranked = sorted(zip(p, corrected, strict=True))
    assert [after for _, after in ranked] == sorted(corrected)


def test_g_is_that_of_the_textbook() -> None:
    # Twelve new in a thousand against none: G = 2 * 12 * ln 2 and the change in the rest of the table.
    (g,) = g_statistic(np.array([12.0]), np.array([0.0]), 1000, 1000)
    assert g == pytest.approx(
        2 * (12 * math.log(2) + 988 * math.log(988 / 994) + 1000 * math.log(1000 / 994))
    )
    assert p_of(3.841459) == pytest.approx(0.05, abs=1e-6)


def draws(seed: int, patterns: int, events: int, burst: float = 1.0) -> tuple[list[int], list[int], Slices]:
    """Counts of two windows from one source, and their slices; in bursts of that mean size."""
    source = np.random.default_rng(seed)
    rates = source.pareto(1.0, patterns) + 0.1
    expected = rates / rates.sum() * events / SLICES / burst
    before = source.poisson(expected[:, None], (patterns, SLICES))
    after = source.poisson(expected[:, None], (patterns, SLICES))
    if burst > 1:
        before, after = (source.poisson(burst * one) for one in (before, after))
    return after.sum(axis=1).tolist(), before.sum(axis=1).tolist(), (after, before)


def changed(verdicts: list[Verdict]) -> int:
    return sum(verdict.kind in CHANGED for verdict in verdicts)


@pytest.mark.parametrize("burst", [1.0, 5.0, 20.0])
def test_two_windows_of_one_source_rarely_differ_also_where_lines_come_in_bursts(burst: float) -> None:
    flags = 0
    for seed in range(100):
        after, before, slices = draws(seed, 60, 4000, burst)
        flags += changed(judge(after, before, Exposure(sum(after), sum(before), 60_000, 60_000), slices))
    assert flags / 100 <= 0.2


def test_without_looking_at_bursts_the_same_windows_would_be_full_of_changes() -> None:
    flags = 0
    for seed in range(20):
        after, before, _ = draws(seed, 60, 4000, 20.0)
        flags += changed(judge(after, before, Exposure(sum(after), sum(before), 60_000, 60_000)))
    assert flags / 20 > 3


@pytest.mark.parametrize(
    ("count", "before", "kind"),
    [
        (12, 0, Kind.NEW),
        (3, 0, Kind.NEW_WEAK),
        (0, 14, Kind.VANISHED),
        (0, 2, Kind.VANISHED_WEAK),
        (60, 12, Kind.MORE),
        (80, 40, Kind.MORE),
        (78, 40, Kind.SAME),
        (12, 60, Kind.FEWER),
        (30, 25, Kind.SAME),
    ],
)
def test_a_planted_change_gets_its_name_and_what_stays_does_not(count: int, before: int, kind: Kind) -> None:
    rest = [100, 300, 500, 80]
    verdicts = judge([count, *rest], [before, *rest], Exposure(980 + count, 980 + before, 1000, 1000))
    assert verdicts[0].kind is kind
    assert {verdict.kind for verdict in verdicts[1:]} == {Kind.SAME}
    assert (verdicts[0].evidence.count, verdicts[0].evidence.before) == (count, before)


def test_twice_the_traffic_and_a_flood_of_one_pattern_change_nothing_else() -> None:
    rest = [100, 300, 500, 80]
    doubled = judge([2 * count for count in rest], rest, Exposure(1960, 980, 1000, 1000))
    assert changed(doubled) == 0
    flooded = judge([5000, *rest], [20, *rest], Exposure(5980, 1000, 1000, 1000))
    assert [verdict.kind for verdict in flooded] == [Kind.MORE, *[Kind.SAME] * 4]


def test_a_longer_baseline_makes_nothing_rarer() -> None:
    rest = [100, 300, 500, 80]
    assert changed(judge(rest, [6 * count for count in rest], Exposure(980, 5880, 1000, 6000))) == 0


def test_a_burst_of_a_new_pattern_is_weak_evidence_only_where_everything_comes_in_bursts() -> None:
    steady = np.full((4, SLICES), 10, dtype=np.int64)
    bursty = np.zeros((4, SLICES), dtype=np.int64)
    bursty[np.arange(4), np.arange(4) * 3] = 160
    none, once, often = (np.zeros((1, SLICES), dtype=np.int64) for _ in range(3))
    once[0, 9] = 30
    often[0] = 2
    exposure = Exposure(670, 640, 1000, 1000)
    for new, usual, kind in (
        (once, steady, Kind.NEW),
        (once, bursty, Kind.NEW_WEAK),
        (often, bursty, Kind.NEW),
    ):
        counts = [int(new.sum()), 160, 160, 160, 160]
        slices = np.vstack((new, usual)), np.vstack((none, usual))
        assert judge(counts, [0, *[160] * 4], exposure, slices)[0].kind is kind


def test_an_empty_side_makes_no_claim() -> None:
    assert [v.kind for v in judge([5, 9], [0, 0], Exposure(14, 0, 1000, 1000))] == [Kind.SAME] * 2
    assert judge([], [], Exposure(0, 0)) == []
