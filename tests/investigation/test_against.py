from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from cwtui.adapters.files import FileExporter
from cwtui.core.errors import InputError, NotFound
from cwtui.core.models import LogEvent, Query, TimeWindow
from cwtui.core.ports import Exporter
from cwtui.explain.values import Digest
from cwtui.investigation import Investigation
from cwtui.lang.where import Filter, FilterStack, inverted, regex
from cwtui.settings import Settings
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000
LENGTH = 300_000
NOW_WINDOW = TimeWindow(NOW - LENGTH, NOW)
QUERY = Query(("/a",), NOW_WINDOW)


def files(target: str) -> Exporter:
    return FileExporter()


def both_windows() -> list[LogEvent]:
    """Five minutes in which something ends, then five in which something begins."""
    made = []
    for second in range(600):
        at = NOW - 600_000 + 1000 * second
        made.append(event(at, f"INFO request {second} done", group="/a"))
        if second % 15 == 0:
            said = "ERROR gateway refused" if second >= 300 else "INFO cache warmed"
            made.append(event(at + 1, f"{said} {second}", group="/a"))
    return made


@pytest.fixture
async def investigation() -> AsyncIterator[Investigation]:
    reader = ScriptedReader(VirtualClock(NOW), both_windows(), 100)
    reader.groups |= {"/a"}
    made = Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=files, sleep=reader.clock.sleep
    )
    await made.open(QUERY)
    yield made
    await made.aclose()


def kinds(digest: Digest) -> set[str]:
    return {finding.kind for finding in digest.findings if finding.evidence is not None}


async def test_the_baseline_is_loaded_beside_the_window_and_leaves_it_as_it_is(
    investigation: Investigation,
) -> None:
    before = investigation.loaded, investigation.query
    await investigation.compare_with("previous")
    digest = await investigation.digest()
    assert kinds(digest) == {"new", "vanished"}
    assert (investigation.loaded, investigation.query) == before
    assert digest.scope.baseline is not None
    assert (digest.scope.baseline.start, digest.scope.baseline.end) == (NOW - 2 * LENGTH, NOW - LENGTH)
    cited = await investigation.cited(digest)
    (gone,) = [finding for finding in digest.findings if finding.kind == "vanished"]
    assert all("cache warmed" in cited[row].message for row in gone.events)
    assert "cache warmed" in await investigation.report(digest)


async def test_filters_set_later_hold_for_the_baseline_too(investigation: Investigation) -> None:
    await investigation.compare_with("previous")
    await investigation.set_filters(FilterStack((Filter(inverted(regex("refused"))),)))
    digest = await investigation.digest()
    assert kinds(digest) == {"vanished"}
    await investigation.set_filters(FilterStack((Filter(inverted(regex("cache"))),)))
    assert kinds(await investigation.digest()) == {"new"}


async def test_a_chosen_range_is_compared_with_the_rest_or_with_what_was_before_it(
    investigation: Investigation,
) -> None:
    await investigation.open(Query(("/a",), TimeWindow(NOW - 2 * LENGTH, NOW)))
    rows = investigation.view.rows
    later = rows[len(rows) // 2 :]
    for what in ("rest", "previous"):
        await investigation.compare_with(what, later)
        digest = await investigation.digest(later)
        assert kinds(digest) == {"new", "vanished"}, what
    await investigation.compare_with("rest", later)
    digest = await investigation.digest(later)
    (gone,) = [finding for finding in digest.findings if finding.kind == "vanished"]
    assert set(gone.events) <= set(rows.tolist()) - set(later.tolist())
    assert np.array_equal(investigation.view.rows, rows)


async def test_another_window_forgets_the_baseline_and_an_old_summary_says_so(
    investigation: Investigation,
) -> None:
    await investigation.compare_with("previous")
    digest = await investigation.digest()
    await investigation.open(QUERY)
    assert investigation.compares_with == ""
    assert kinds(await investigation.digest()) == set()
    with pytest.raises(InputError, match="replaced"):
        await investigation.report(digest)


async def test_a_baseline_that_cannot_be_loaded_is_raised_and_nothing_is_compared(
    investigation: Investigation,
) -> None:
    reader = investigation.reader
    assert isinstance(reader, ScriptedReader)
    reader.groups.clear()
    with pytest.raises(NotFound):
        await investigation.compare_with("previous")
    assert investigation.compares_with == ""
    assert kinds(await investigation.digest()) == set()
