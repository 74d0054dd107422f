"""Context, trace, going to times, the latest events, and the zone, in the events view."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cwtui.core.errors import InputError
from cwtui.core.models import EventBatch, EventsPage, EventsRequest, LogEvent, StreamRequest
from cwtui.lang.filter_pattern import parse_pattern
from cwtui.ui.screens.events.context import ContextScreen
from cwtui.ui.screens.events.trace import TraceScreen
from cwtui.wiring import Start
from tests.ui.event_rows import screen_text
from tests.ui.scripted import GROUP, NOW, EventsApp, ScriptedReader, event, loaded, many, until

DAY_S = 86_400
REQUEST = "8f6c1d2e-0000-4a4a-8888-123456789abc"
OTHER = "11111111-2222-4333-8444-555555555555"


class StreamReader(ScriptedReader):
    """Knows GetLogEvents both ways, and filter patterns."""

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        page = await super().events_page(request, token)
        wanted = parse_pattern(request.pattern)
        kept = [place for place, message in enumerate(page.batch.messages) if wanted.matches(message)]
        return replace(page, batch=page.batch.take(kept))

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        there = [
            item
            for item in self.events
            if (item.group, item.stream) == (request.group, request.stream)
            and request.window.holds(item.timestamp)
        ]
        there.sort(key=lambda item: item.timestamp, reverse=not request.from_head)
        first = int(token or 0)
        chosen = there[first : first + request.limit]
        # GetLogEvents gives no ids.
        batch = EventBatch.of([replace(item, event_id="") for item in chosen])
        return EventsPage(batch, str(first + len(chosen)))


def noisy() -> list[LogEvent]:
    """A long stream of which a window shows the end, and beside it another stream."""
    stream = many(1_200)
    other = [replace(item, stream="other", message=f"INFO aside {n}") for n, item in enumerate(many(50))]
    return [*stream, *other]


async def test_a_context_shows_the_stream_around_an_event_unfiltered_and_grows_both_ways() -> None:
    app = EventsApp(StreamReader(noisy()))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        view = app.view
        app.run_command("filter number 600")
        await until(pilot, lambda: len(view.event_list.view) == 1)
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.front, ContextScreen))
        await loaded(app, pilot)
        context = app.view
        await until(pilot, lambda: "number 595" in screen_text(app) and "number 605" in screen_text(app))
        assert re.search(r"◆.*number 600", screen_text(app))
        assert "context of 10:05:00.000" in screen_text(app)
        assert "aside" not in screen_text(app)
        assert 400 <= len(context.event_list.view) < 1_200
        await pilot.press("g")
        await until(pilot, lambda: len(context.event_list.view) > 401)
        assert context.event_list.cursor > 0, "the event under the cursor stays under it"
        while not context.investigation.stream_ends(-1):
            before = len(context.event_list.view)
            await pilot.press("g")
            await until(
                pilot,
                lambda before=before: (  # type: ignore[misc]
                    len(context.event_list.view) > before or context.investigation.stream_ends(-1)
                ),
            )
        await until(pilot, lambda: context.event_list.view is context.investigation.view)
        await pilot.press("g")
        await until(pilot, lambda: "the stream begins here" in screen_text(app))
        assert "number 0" in screen_text(app)
        while not context.investigation.stream_ends(1):
            before = len(context.event_list.view)
            await pilot.press("G")
            await until(
                pilot,
                lambda before=before: (  # type: ignore[misc]
                    len(context.event_list.view) > before or context.investigation.stream_ends(1)
                ),
            )
        await until(pilot, lambda: len(context.event_list.view) == 1_200)
        await pilot.press("G")
        await until(pilot, lambda: "stream ends here" in screen_text(app))
        assert len(context.event_list.view) == 1_200
        await pilot.press("escape")
        assert app.front is view
        assert len(view.event_list.view) == 1


async def test_a_context_grows_downwards_without_taking_the_cursor_along() -> None:
    app = EventsApp(StreamReader(many(800)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        app.view.event_list.move_to(100)
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.front, ContextScreen))
        await loaded(app, pilot)
        events = app.view.event_list
        length = len(events.view)
        await pilot.press("G")
        assert events.cursor == length - 1
        await until(pilot, lambda: len(events.view) > length)
        assert events.cursor == length - 1


async def test_a_long_event_is_found_again_in_its_context() -> None:
    long = event(50, "INFO begin " + "x" * 20_000)
    app = EventsApp(StreamReader([*many(100), long]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        view = app.view.event_list.view
        ids = view.slice(view.at_or_after(long.timestamp), view.after(long.timestamp))
        rows = await app.view.investigation.rows(ids)
        (row_id,) = (row.id for row in rows if row.length > 20_000)
        assert app.view.event_list.jump_to_id(row_id)
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.front, ContextScreen))
        await loaded(app, pilot)
        await until(pilot, lambda: bool(re.search("◆.*begin x", screen_text(app))))


async def test_a_line_of_the_summary_has_a_context_too() -> None:
    app = EventsApp(StreamReader(many(300)))
    async with app.run_test(size=(140, 40)) as pilot:
        await loaded(app, pilot)
        view = app.view
        await pilot.press("a")
        await until(pilot, lambda: view.summary is not None and view.summary.cited is not None)
        assert view.summary is not None
        cited = view.summary.cited
        assert cited is not None
        message = (await view.investigation.event(cited)).message
        assert cited != view.event_list.row_id
        await until(pilot, lambda: view.pane() == "summary")
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.front, ContextScreen))
        await loaded(app, pilot)
        number = message.rpartition(" ")[2]
        await until(pilot, lambda: bool(re.search(f"◆.*number {number}", screen_text(app))))


async def test_a_trace_shows_one_request_over_all_groups_and_escape_goes_back() -> None:
    carts = [
        event(5, f"INFO kept request={REQUEST}", group="/ecs/cart"),
        event(4, "INFO no", group="/ecs/cart"),
    ]
    mine = [event(6, f"INFO START RequestId: {REQUEST} Version: 1"), event(3, "INFO unrelated")]
    app = EventsApp(StreamReader([*carts, *mine]), Start(groups=(GROUP, "/ecs/cart")))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        view = app.view
        await pilot.press("g", "r")
        await until(pilot, lambda: isinstance(app.front, TraceScreen))
        await loaded(app, pilot)
        await until(pilot, lambda: "kept" in screen_text(app))
        assert len(app.view.event_list.view) == 2
        assert f"trace {REQUEST}" in screen_text(app)
        await pilot.press("escape")
        assert app.front is view


async def test_a_trace_that_finds_nothing_says_what_was_asked_for() -> None:
    app = EventsApp(StreamReader([event(5, "INFO kept", group=GROUP)]), Start(groups=(GROUP,)))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press(":", *"trace nowhere", "enter")
        await until(pilot, lambda: isinstance(app.front, TraceScreen))
        await loaded(app, pilot)
        await until(pilot, lambda: 'Only what matches "nowhere" was asked for.' in screen_text(app))


async def test_a_trace_asks_where_there_is_no_id_and_offers_each_where_there_are_several() -> None:
    lines = [event(2, "INFO order 77"), event(1, f'INFO RequestId: {REQUEST} parent="{OTHER}"')]
    app = EventsApp(StreamReader(lines))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        await pilot.press("r")
        await until(pilot, lambda: app.view.prompt is not None)
        assert app.view.prompt is not None
        assert app.view.prompt.text == REQUEST
        await pilot.press("up", "up")
        assert app.view.prompt.text == OTHER
        await pilot.press("escape", "g", "r")
        await until(pilot, lambda: "No id found" in screen_text(app))
        await pilot.press(*"order 77", "enter")
        await until(pilot, lambda: isinstance(app.front, TraceScreen))
        await loaded(app, pilot)
        await until(pilot, lambda: len(app.view.event_list.view) == 1)


async def test_going_to_a_time_counts_from_the_cursor_and_offers_what_is_not_loaded() -> None:
    app = EventsApp(ScriptedReader([event(7_200, "INFO long ago"), *many(600)]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        events = app.view.event_list
        app.run_command("goto 10:10")
        assert events.timestamp == NOW - 300_000
        app.run_command("goto -2m")
        assert events.timestamp == NOW - 420_000
        app.run_command("goto +1m")
        assert events.timestamp == NOW - 360_000
        app.run_command("goto end")
        assert events.following
        app.run_command("7")
        assert events.cursor == 6
        with pytest.raises(InputError):
            app.run_command("goto someday")
        app.run_command("goto 08:15")
        await until(pilot, lambda: "That is not loaded" in screen_text(app))
        assert events.cursor == 6
        await pilot.press("enter")
        await until(pilot, lambda: "long ago" in screen_text(app))
        assert "08:07-08:22 (UTC)" in screen_text(app)


async def test_an_empty_window_offers_the_latest_events_however_old() -> None:
    old = [event(3 * DAY_S - number, f"INFO old {number}") for number in range(5)]
    app = EventsApp(ScriptedReader(old))
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "the latest is 2d 23h old (2025-11-19 10:15:04)" in screen_text(app))
        assert "Nothing in the last 15m" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "old 4" in screen_text(app))
        assert "2025-11-19 10:15:04" in screen_text(app), "times of day alone would pass for today's"
        assert "latest 100" in screen_text(app)
        assert app.view.investigation.span[0] == old[0].timestamp


async def test_where_no_event_ever_was_nothing_is_offered() -> None:
    app = EventsApp(ScriptedReader([]))
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "press 8 for 24 h" in screen_text(app))
        await until(pilot, lambda: "Looking" not in screen_text(app))
        await pilot.press("enter")
        assert not app.view.detail_open
        assert "latest" not in screen_text(app)


async def test_the_latest_come_by_command_and_a_wrong_number_is_refused() -> None:
    app = EventsApp(ScriptedReader([*many(100), *(event(DAY_S + n, "INFO old") for n in range(400))]))
    async with app.run_test(size=(120, 30)) as pilot:
        await loaded(app, pilot)
        with pytest.raises(InputError):
            app.run_command("latest none")
        app.run_command("latest 150")
        await until(pilot, lambda: len(app.view.event_list.view) >= 150)
        assert len(app.view.event_list.view) < 500
        assert "latest 150 (UTC)" in screen_text(app)


async def test_the_zone_goes_over_to_local_time_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        app = EventsApp(StreamReader(many(30)))
        async with app.run_test(size=(120, 30)) as pilot:
            await loaded(app, pilot)
            await pilot.press("Z")
            await until(pilot, lambda: "19:14:59.000" in screen_text(app))
            assert "last 15m (local)" in screen_text(app)
            await pilot.press("z")
            await until(pilot, lambda: isinstance(app.front, ContextScreen))
            await loaded(app, pilot)
            assert "context of 19:14:59.000" in screen_text(app)
            app.run_command("zone utc")
            await until(pilot, lambda: "context of 10:14:59.000" in screen_text(app))
            await pilot.press("escape")
            await until(pilot, lambda: "last 15m (UTC)" in screen_text(app))
            with pytest.raises(InputError):
                app.run_command("zone mars")
    finally:
        monkeypatch.undo()
        time.tzset()
