from __future__ import annotations

from pathlib import Path

import pytest

from cwtui.window.memory import PROGRAM, ROW, STEP, kept_of_files, share
from cwtui.window.store import Store, _bytes
from tests.window.events import lines

GIB = 2**30


@pytest.mark.parametrize("limit", [GIB, 2 * GIB])
def test_the_program_the_views_and_the_table_stay_within_the_limit(limit: int) -> None:
    for rows in (0, 1_000_000, 10_000_000):
        assert share(limit, rows) + PROGRAM + ROW * rows == limit


@pytest.mark.parametrize(
    ("setting", "kept"),
    [("1GiB", 2**27), ("2GB", 250_000_000), (" 512 mb ", 64_000_000), ("80", 10), ("1.5TiB", 3 * 2**36)],
)
def test_files_keep_an_eighth_of_the_setting_in_memory(setting: str, kept: int) -> None:
    assert kept_of_files(setting) == kept


def test_a_setting_that_is_no_size_is_for_the_window_to_refuse() -> None:
    assert kept_of_files("much") == kept_of_files("2GB")


def test_the_table_keeps_a_quarter_whatever_else_there_is() -> None:
    assert share(GIB, 100_000_000) == GIB // 4
    assert share(100 * 2**20, 0) == 25 * 2**20


def test_what_the_views_take_is_taken_from_duckdb_as_events_come_and_given_back_with_them(
    tmp_path: Path,
) -> None:
    store = Store("1GiB", tmp_path, shared=True)
    try:
        assert _bytes(store._database) == pytest.approx(share(GIB, 0), rel=0.001)
        batch = lines(["x"] * (STEP // 2))
        for _ in range(2):
            store.append(batch)
        assert _bytes(store._database) == pytest.approx(share(GIB, STEP), rel=0.001)
        store.clear()
        assert _bytes(store._database) == pytest.approx(share(GIB, 0), rel=0.001)
    finally:
        store.close()
