from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from cwtui.core.errors import DataError
from cwtui.explain.background import THREAD_EVENTS, digest_of
from cwtui.explain.mining import Mining
from cwtui.explain.pattern_table import BUCKETS, Mined, PatternTable, resampled
from cwtui.explain.values import Scope
from tests.explain.events import START, columns

LINES = [f"order {n} paid" for n in range(40)] + [f"ERROR disk {n} is full" for n in range(10)]


def facts(table: PatternTable) -> list[object]:
    return [(row.text, row.level, row.count, row.first, row.last, row.key) for row in table.rows]


@pytest.mark.parametrize("apart", [False, True])
async def test_a_process_finds_what_a_thread_finds_and_goes_on_from_it(apart: bool) -> None:
    mined = Mined()
    mining = Mining(apart=apart)
    try:
        for first in (0, 25):
            part = columns(LINES[first : first + 25], first=first)
            mined.add(part)
            await mining.add(part)
            found, wanted = await mining.table(START, START + 50_000), mined.table(START, START + 50_000)
            assert facts(found) == facts(wanted)
            assert np.array_equal(found.counts, wanted.counts)
        key = found.rows[0].key
        assert found.rows[0].text == "disk <*> is full"
        assert (await mining.examples(key, 3)).tolist() == [40, 44, 49]
        assert await mining.others(key, 10) == []
        assert await mining.slots(key, [(40, LINES[40]), (49, LINES[49])]) == mined.slots(
            key, [(40, LINES[40]), (49, LINES[49])]
        )
    finally:
        await mining.aclose()


async def test_a_question_nobody_waits_for_does_not_answer_the_next_one() -> None:
    mining = Mining(apart=True)
    try:
        await mining.add(columns([f"order {n} paid" for n in range(20_000)]))
        forgotten = asyncio.ensure_future(mining.table(START, START + 1))
        # Busy with what it was given, the process has not answered when nobody waits any more.
        while (process := mining._process) is None or getattr(process.stdout, "_waiter", None) is None:
            await asyncio.sleep(0.001)
        forgotten.cancel()
        assert (await mining.table(START, START + 50_000)).end == START + 50_000
    finally:
        await mining.aclose()


async def test_a_process_that_was_killed_is_told_as_an_error() -> None:
    mining = Mining(apart=True)
    try:
        await mining.add(columns(LINES))
        assert mining._process is not None
        mining._process.kill()
        with pytest.raises(DataError, match="has ended"):
            await mining.table(START, START + 1)
        with pytest.raises(DataError, match="has ended"):
            await mining.add(columns(LINES))
    finally:
        await mining.aclose()


def test_every_event_of_the_stretch_is_counted_once_in_its_part() -> None:
    mined = Mined()
    mined.add(columns(LINES))
    table = mined.table(START, START + 40_000)
    assert table.counts.sum(axis=1).tolist() == [0, 40]
    assert table.counts.shape == (2, BUCKETS)
    for cells in (1, 7, 12, BUCKETS):
        assert resampled(table.counts[1], cells).sum() == 40
    half = mined.table(START, START + 20_000)
    assert half.counts.sum() == 20


async def test_a_file_of_the_folder_one_stands_in_is_not_taken_for_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    mining = Mining(apart=True)
    try:
        await mining.add(columns(LINES))
        assert len((await mining.table(START, START + 1)).rows) == 2
    finally:
        await mining.aclose()
    found = await digest_of([columns(LINES)], Scope(), count=THREAD_EVENTS + 1)
    assert found.scope.events == len(LINES)
