"""From a stream that runs share to one of them as a timeline, and back."""

from __future__ import annotations

from dataclasses import replace

from cwtui.access.invocations import Runs
from cwtui.core.models import Context, LogEvent
from cwtui.lang.where import FilterStack, from_bar
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.screens.invocations import InvocationsScreen
from cwtui.ui.screens.invocations_words import banner, failed, whose_words
from cwtui.ui.widgets.run_line import RunLine
from tests.explain.events import columns
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, until

SLOW, COLD, HOSTILE = (f"{number:08x}-0000-4000-8000-000000000001" for number in (1, 2, 3))
EVIL = "print \x1b]52;c;aGk=\x07[red]x[/red]"


def invocation(request: str, ago: float, report: str, *said: str) -> list[LogEvent]:
    lines = [
        f"START RequestId: {request} Version: 1",
        *said,
        f"END RequestId: {request}",
        f"REPORT RequestId: {request}\tMemory Size: 128 MB\t{report}",
    ]
    return [event(ago - place / 10, line) for place, line in enumerate(lines)]


LINES = [
    *invocation(SLOW, 30, "Duration: 2500.00 ms\tMax Memory Used: 64 MB\tXRAY TraceId: 1-6921-ab", "a print"),
    *invocation(
        COLD, 20, "Duration: 7.50 ms\tBilled Duration: 8 ms\tMax Memory Used: 120 MB\tInit Duration: 99 ms"
    ),
    *invocation(HOSTILE, 10, "Duration: 9.00 ms\tMax Memory Used: 64 MB\tStatus: timeout", EVIL, "ERROR oh"),
]


async def test_a_shared_stream_says_so_and_a_run_opens_as_a_timeline_and_closes_again() -> None:
    app = EventsApp(ScriptedReader(LINES))
    async with app.run_test(size=(140, 36)) as pilot:
        await loaded(app, pilot)
        line = app.view.query_one(RunLine)
        await until(pilot, lambda: line.display)
        assert "3 requests share this stream   S splits them" in screen_text(app)
        app.view.apply_filters(FilterStack((from_bar("oh"),)))
        await until(pilot, lambda: len(app.view.event_list.view) == 1)

        # Only the run is listed of which the filters show an event; without them all are.
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, InvocationsScreen) and len(app.screen.names) == 1)
        text = screen_text(app)
        assert HOSTILE in text
        assert "timeout" in text
        assert "1 of 3 requests" in text
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, EventsScreen))
        assert not app.view.query_one(RunLine).display
        app.view.apply_filters(FilterStack())
        await until(pilot, lambda: len(app.view.event_list.view) == len(LINES))
        app.view.apply_filters(FilterStack((from_bar("RequestId"),)))
        await until(pilot, lambda: len(app.view.event_list.view) == 9)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, InvocationsScreen) and len(app.screen.names) == 3)
        rows = [row for row in screen_text(app).splitlines() if "-4000-" in row]
        assert [name in row for name, row in zip((HOSTILE, COLD, SLOW), rows, strict=True)] == [True] * 3
        assert "ok cold" in rows[1]
        await pilot.press("o")
        await until(pilot, lambda: "longest first" in screen_text(app))
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(app.screen, EventsScreen) and len(app.view.event_list.view) == 4
        )
        text = screen_text(app)
        assert (
            "request 00000001  ok  2.50 s · 64 of 128 MB · 4 events · 1 by their place · X-Ray 1-6921-ab"
            in text
        )
        assert "a print" in text

        # Esc brings back what was shown, the filter with it.
        await pilot.press("escape")
        await until(pilot, lambda: len(app.view.event_list.view) == 9)
        assert [str(each) for each in app.view.filters.filters] == ['"RequestId"']
        assert app.view.filters.filters[0].enabled
        assert not app.view.query_one(RunLine).display


def test_lines_that_each_name_a_request_of_their_own_are_no_news() -> None:
    runs = Runs()
    runs.add(columns([f'{{"requestId":"r{number}"}}' for number in range(9)]))
    assert banner(runs.table(), True, "S") is None
    runs.add(columns([f'{{"requestId":"r{number}"}}' for number in range(9)], first=9))
    said = banner(runs.table(), False, "S")
    assert said is not None
    assert said.plain == "9 of the newest requests share this stream   S splits them"


def test_a_run_says_of_which_group_it_is_as_far_as_that_tells_runs_apart() -> None:
    runs = Runs()
    here = columns([f"START RequestId: {SLOW} Version: 1"], group="/aws/lambda/checkout")
    runs.add(here)
    prod, test = (
        Context(name, region="eu-west-1", account=account) for name, account in (("prod", "1"), ("test", "2"))
    )
    context = Context("both", members=(prod, test))

    def whose() -> list[str]:
        table = runs.table()
        return [whose_words(table, table.at(key), context, 18) for key in range(len(table))]

    assert whose() == ["checkout"]
    runs.add(replace(here, ids=[1], accounts=["2"]))
    assert whose() == ["prod", "test"]
    runs.add(replace(here, ids=[2], accounts=["2"], groups=["/aws/lambda/a-name-that-is-long"]))
    assert whose() == ["checkout prod", "checkout test", "a-name…s-long test"]


def test_runs_that_failed_or_hold_errors_are_those_to_look_at() -> None:
    runs = Runs()
    lines = invocation(SLOW, 30, "Duration: 1 ms", "a print")
    lines += invocation(COLD, 20, "Duration: 1 ms", "ERROR oh") + invocation(HOSTILE, 10, "Status: timeout")
    runs.add(columns([line.message for line in lines]))
    assert failed(runs.table()).tolist() == [False, True, True]


async def test_runs_are_split_by_another_id_narrowed_and_copied_and_failed_ones_found() -> None:
    lines = [
        event(
            9 - n / 10,
            f'{{"requestId":"r{n % 6}","sessionId":"s{n % 2}","level":"{"ERROR" if n == 3 else "INFO"}"}}',
        )
        for n in range(12)
    ]
    app = EventsApp(ScriptedReader(lines))
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: app.view.query_one(RunLine).display)
        await pilot.press("escape")
        await pilot.pause()
        assert not app.view.query_one(RunLine).display
        await pilot.press(":", *"invocations", "enter")
        await until(pilot, lambda: isinstance(app.screen, InvocationsScreen) and len(app.screen.names) == 6)
        screen = app.screen
        assert isinstance(screen, InvocationsScreen)
        await pilot.press("e")
        run = screen.run_under_cursor()
        assert run is not None
        assert (run.id, run.errors) == ("r3", 1)
        await pilot.press("/", *"r4")
        await until(pilot, lambda: len(screen.names) == 1)
        await pilot.press("escape", "escape", "b")
        await until(pilot, lambda: "2 sessions" in screen_text(app))
        await pilot.press("G", "enter")
        await until(
            pilot, lambda: isinstance(app.screen, EventsScreen) and len(app.view.event_list.view) == 6
        )
