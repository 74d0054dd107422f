"""The panes of the events view: what opens, what covers what, where the keys go and how one gets back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from cwtui.settings import Settings
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.widgets.key_hints import KeyHints
from cwtui.ui.widgets.summary import DigestList, SummaryPane
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, loaded, many, until

QUIET = Settings(use_llm=False)


def burst(app: EventsApp, keys: str) -> None:
    """Keys as a lagging line delivers them: all at once, before any of them is acted on."""
    for key in keys:
        name = {"/": "slash", "&": "ampersand", ":": "colon", " ": "space"}.get(key, key)
        app.post_message(events.Key(name, key))


async def summarised(app: EventsApp, pilot: Pilot[Any]) -> DigestList:
    await pilot.press("a")
    await until(pilot, lambda: any(found.option_count for found in app.screen.query(DigestList)))
    return app.screen.query_one(DigestList)


async def test_text_typed_before_its_prompt_is_there_goes_into_it_and_runs_nothing() -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        for opening in "/&:":
            burst(app, f"{opening}aqpwt")
            await until(pilot, lambda: app.view.prompt is not None and app.view.prompt.text == "aqpwt")
            assert not app.view.query(SummaryPane)
            assert not app.view.event_list.look.wrap
            await pilot.press("escape")
            await until(pilot, lambda: app.view.prompt is None)


@pytest.mark.parametrize("pauses", [0, 1, 2, 5])
async def test_letters_that_come_one_by_one_behind_the_key_of_a_prompt_keep_their_order(pauses: int) -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        for opening in "/&:":
            for place, key in enumerate(f"{opening}aqpwtbcdefgh"):
                burst(app, key)
                # So many steps of the loop between two keys, and none behind every third.
                for _ in range(pauses if place % 3 else 0):
                    await asyncio.sleep(0)
            await until(pilot, lambda: app.view.prompt is not None and len(app.view.prompt.text) == 12)
            assert app.view.prompt is not None
            assert app.view.prompt.text == "aqpwtbcdefgh"
            await pilot.press("escape")
            await until(pilot, lambda: app.view.prompt is None)


async def test_keys_behind_the_enter_of_a_prompt_act_on_the_list() -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        for key in ("slash", *"upstream", "enter", "w", "g", "ampersand", *"number", "enter"):
            app.post_message(events.Key(key, {"slash": "/", "ampersand": "&", "enter": "\r"}.get(key, key)))
        await until(pilot, lambda: app.view.search_text == "upstream" and len(app.view.filters.filters) == 1)
        assert app.view.event_list.look.wrap
        assert str(app.view.filters.filters[0]) == '"number"'
        assert app.view.prompt is None


async def test_a_key_pressed_twice_at_once_opens_one_summary() -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        burst(app, "aan")
        await until(pilot, lambda: any(found.option_count for found in app.screen.query(DigestList)))
        assert len(app.view.query(SummaryPane)) == 1
        await pilot.press("escape")
        await until(pilot, lambda: not app.view.query(SummaryPane))


async def test_a_jump_from_a_summary_over_the_list_shows_what_led_there_and_escape_goes_back() -> None:
    app = EventsApp(ScriptedReader(many(300)), settings=QUIET)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        digest = await summarised(app, pilot)
        await pilot.press("n", "n")
        chosen = digest.highlighted
        await pilot.press("enter")
        listed = app.view.event_list
        await until(pilot, lambda: listed.has_focus and listed.visible_ids.size > 10)
        await until(pilot, lambda: listed.cursor - listed.top >= listed.size.height // 3)
        await pilot.press("escape")
        await until(pilot, lambda: digest.has_focus)
        assert digest.highlighted == chosen
        await pilot.press("escape")
        await until(pilot, lambda: app.view.summary is None)
        assert isinstance(app.front, EventsScreen)


async def test_after_another_filter_the_key_makes_another_summary() -> None:
    app = EventsApp(ScriptedReader(many(300)), settings=QUIET)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        digest = await summarised(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.view.event_list.has_focus)
        await pilot.press("L")
        await until(pilot, lambda: bool(app.view.filters.filters))
        await pilot.press("a")
        await until(pilot, lambda: app.view.query_one(DigestList) is not digest)


async def test_q_closes_the_open_pane_before_it_leaves_the_events() -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter", "q")
        assert isinstance(app.front, EventsScreen)
        assert not app.view.detail_open
        await pilot.press("q")
        await pilot.pause()
        assert not isinstance(app.front, EventsScreen)


async def test_tab_goes_through_the_panes_that_are_open_and_the_footer_follows() -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(200, 60)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        await summarised(app, pilot)
        seen = []
        for _ in range(5):
            await pilot.press("tab")
            await pilot.pause()
            seen.append(app.view.pane())
            assert app.view.query_one(KeyHints).pane == seen[-1]
        assert seen == ["detail", "navigation", "histogram", "events", "summary"]
        assert "Open the logs" not in screen_text(app)


async def test_a_pane_that_comes_to_cover_the_list_takes_the_keys() -> None:
    app = EventsApp(ScriptedReader(many(60)), settings=QUIET)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("enter")
        assert app.view.pane() == "events"
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.view.pane() == "detail")
        await pilot.resize_terminal(38, 7)
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.view.is_current)
        await until(pilot, lambda: app.view.pane() == "detail")
        await pilot.press("escape")
        await until(pilot, lambda: app.view.event_list.has_focus)
