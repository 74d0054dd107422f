from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cwtui.adapters.files import FileExporter
from cwtui.core.models import Query, TimeWindow
from cwtui.core.ports import Exporter
from cwtui.explain import background
from cwtui.explain.ask.answer import AnsweredBy
from cwtui.investigation import Investigation, LoadKind, LoadState
from cwtui.lang.where import Filter, FilterStack, regex
from cwtui.settings import Settings
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000
SECONDS = 600


def files(target: str) -> Exporter:
    return FileExporter()


@pytest.fixture
async def investigation() -> AsyncIterator[Investigation]:
    """Ten minutes: an error every twentieth second, and in the last five a timeout every thirtieth."""
    made = []
    for second in range(2 * SECONDS):
        at = NOW - 2 * SECONDS * 1000 + 1000 * second
        made.append(event(at, f"INFO request {second} done", group="/a"))
        if second % 20 == 0:
            made.append(event(at + 1, f"ERROR gateway refused order {second}", group="/a"))
        if second >= SECONDS + 300 and second % 30 == 0:
            made.append(event(at + 2, f"WARN slow disk timed out {second}", group="/a"))
    reader = ScriptedReader(VirtualClock(NOW), made, 100)
    reader.groups |= {"/a"}
    it = Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=files, sleep=reader.clock.sleep
    )
    await it.open(Query(("/a",), TimeWindow(NOW - SECONDS * 1000, NOW)))
    yield it
    await it.aclose()


async def test_an_answer_counts_what_is_shown_and_cites_rows_of_the_window(
    investigation: Investigation,
) -> None:
    answer = await investigation.ask("how many errors in the last 5 minutes?")
    assert answer.headline.text.startswith("15 events of level ERROR or FATAL")
    rows = await investigation.rows(answer.headline.events)
    assert all("gateway refused" in row.message and row.timestamp >= NOW - 300_000 for row in rows)
    assert len(await investigation.event_names(answer)) == len(answer.events)
    assert "[1]" in await investigation.report(answer)


async def test_filters_narrow_the_answer_and_it_says_so(investigation: Investigation) -> None:
    await investigation.set_filters(FilterStack((Filter(regex("timed out")),)))
    answer = await investigation.ask("how many errors?")
    assert answer.headline.text.startswith("No event")
    assert any("filters" in limit for limit in answer.limits)


async def test_a_window_that_is_not_whole_is_answered_for_and_said_to_be(
    investigation: Investigation,
) -> None:
    for kind in (LoadKind.LOADING, LoadKind.CANCELLED, LoadKind.FAILED):
        investigation.load_state = LoadState(kind)
        for question in ("how many errors?", "why is the gateway refused?"):
            answer = await investigation.ask(question)
            assert any("only what came" in limit for limit in answer.limits)


async def test_a_chosen_range_is_asked_alone(investigation: Investigation) -> None:
    first = investigation.view.rows[:50]
    answer = await investigation.ask("how many events?", first)
    assert answer.headline.text.startswith("50 events")


async def test_what_changed_is_told_of_the_baseline_that_is_loaded(investigation: Investigation) -> None:
    assert "nothing to compare with" in (await investigation.ask("what changed?")).headline.text
    await investigation.compare_with("previous")
    answer = await investigation.ask("what changed?")
    assert answer.by is AnsweredBy.CODE
    assert "of previous: 1 change of note" in answer.headline.text
    assert "timed out" in answer.rows[0].text


async def test_many_events_are_asked_in_a_process_of_its_own_with_the_same_answer(
    investigation: Investigation, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = ("how many errors?", "why is the disk slow?")
    here = [await investigation.ask(question) for question in questions]
    monkeypatch.setattr(background, "THREAD_EVENTS", 10)
    assert [await investigation.ask(question) for question in questions] == here
