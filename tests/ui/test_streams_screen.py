"""The list of streams: newest first, pages on demand, and the way to their events."""

from __future__ import annotations

from cwtui.core.errors import PermissionDenied
from cwtui.core.models import LogStream
from cwtui.ui.messages import OpenStreams
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.screens.streams import StreamsScreen
from cwtui.ui.widgets.name_list import NameList
from tests.ui.shell import DAY, NOW, ScriptedReader, ShellApp, make_app, running, screen_text, settle


def stream(number: int, last_event: int | None = None) -> LogStream:
    return LogStream(f"2026/11/22/[$LATEST]{number:04d}", "/g", last_event=last_event)


async def opened(app: ShellApp, pilot: object) -> None:
    app.screen.post_message(OpenStreams("/g"))
    await settle(pilot)  # type: ignore[arg-type]
    assert isinstance(app.screen, StreamsScreen)


async def test_the_newest_stream_comes_first_with_its_age() -> None:
    streams = [stream(1, NOW - 3 * DAY), stream(2, NOW - 300_000), stream(3)]
    app = make_app(ScriptedReader(streams=[streams]))
    async with running(app) as pilot:
        await opened(app, pilot)
        lines = [line for line in screen_text(app).splitlines() if "$LATEST" in line]
        assert ["0002" in lines[0], "0001" in lines[1], "0003" in lines[2]] == [True] * 3
        assert "5 min ago" in lines[0]


async def test_enter_and_l_open_the_events_of_the_stream_and_h_goes_back() -> None:
    app = make_app(ScriptedReader(streams=[[stream(1, 2), stream(2, 1)]]))
    async with running(app) as pilot:
        await opened(app, pilot)
        await pilot.press("enter", "j", "l")
        await pilot.pause()
        assert app.opened == [
            (("/g",), ("2026/11/22/[$LATEST]0001",)),
            (("/g",), ("2026/11/22/[$LATEST]0002",)),
        ]
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, GroupsScreen)


async def test_marked_streams_open_together_and_never_more_than_a_request_takes() -> None:
    app = make_app(ScriptedReader(streams=[[stream(number, 1_000 - number) for number in range(101)]]))
    async with running(app) as pilot:
        await opened(app, pilot)
        await pilot.press("space", "j", "j", "space", "g", "enter")
        await pilot.pause()
        marked = tuple(f"2026/11/22/[$LATEST]{number:04d}" for number in app_marked(app))
        assert len(marked) == 2
        assert app.opened == [(("/g",), marked)]
        await pilot.press("*", "l")
        await pilot.pause()
        assert len(app.opened) == 1
        assert "at most 100" in app.told[-1]


def app_marked(app: ShellApp) -> list[int]:
    return sorted(int(name[-4:]) for name in app.screen.query_one(NameList).marked)


async def test_further_pages_come_only_as_the_cursor_nears_the_end() -> None:
    pages = [
        [stream(page * 200 + number, 10_000 - page * 200 - number) for number in range(200)]
        for page in range(3)
    ]
    reader = ScriptedReader(streams=pages)
    app = make_app(reader)
    async with running(app) as pilot:
        await opened(app, pilot)
        assert reader.calls.count("streams 1") == 0
        assert "200 streams so far" in screen_text(app)
        await pilot.press("G")
        await settle(pilot)
        assert "400 streams so far" in screen_text(app)
        await pilot.press("G")
        await settle(pilot)
        await pilot.press("G")
        await settle(pilot)
        assert "600 streams" in screen_text(app)
        assert "so far" not in screen_text(app)
        assert [call for call in reader.calls if call.startswith("streams")] == [
            "streams 0",
            "streams 1",
            "streams 2",
        ]


async def test_the_slash_narrows_and_escape_takes_it_back_before_it_leaves() -> None:
    app = make_app(ScriptedReader(streams=[[stream(number, number) for number in range(30)]]))
    async with running(app) as pilot:
        await opened(app, pilot)
        await pilot.press("/", *"0019")
        assert app.screen.query_one(NameList).current == "2026/11/22/[$LATEST]0019"
        assert len(app.screen.query_one(NameList)) < 30
        await pilot.press("escape")
        await pilot.press("escape")
        assert len(app.screen.query_one(NameList)) == 30
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, GroupsScreen)


async def test_where_streams_may_not_be_listed_l_still_opens_the_group() -> None:
    error = PermissionDenied("You may not list streams.", "It lacks logs:DescribeLogStreams.", code="list")
    app = make_app(ScriptedReader(streams=[error]))
    async with running(app) as pilot:
        await opened(app, pilot)
        assert "l opens the logs of the whole group" in screen_text(app)
        await pilot.press("l")
        await pilot.pause()
        assert app.opened == [(("/g",), ())]


async def test_a_group_without_streams_says_so() -> None:
    app = make_app(ScriptedReader(streams=[[]]))
    async with running(app) as pilot:
        await opened(app, pilot)
        assert "This group has no streams." in screen_text(app)


async def test_streams_are_headed_by_day_and_tell_their_kind_and_what_is_new_or_only_came_in() -> None:
    name = "2025/11/21/[7]0123456789abcdef0123456789abcdef"
    streams = [
        LogStream(
            name, "/g", last_event=NOW - 2 * DAY, last_ingestion=NOW - 120_000, creation_time=NOW - DAY
        ),
        LogStream("fresh", "/g", last_event=NOW, creation_time=NOW),
        LogStream("older", "/g", last_event=NOW - DAY),
    ]
    app = make_app(ScriptedReader(streams=[streams]))
    async with running(app, size=(120, 30)) as pilot:
        await opened(app, pilot)
        lines = screen_text(app).splitlines()
        first = next(at for at, line in enumerate(lines) if "2025-11-22 Sat" in line)
        assert "fresh" in lines[first + 1]
        assert "new" in lines[first + 1]
        assert "~2 min ago" in lines[first + 2]
        assert "Lambda 7" in lines[first + 2]
        assert "2025-11-21 Fri" in lines[first + 3]
        assert "older" in lines[first + 4]
        # A click counts the headings, and so does the cursor.
        await pilot.press("G", "enter")
        await pilot.click(NameList, offset=(8, 2))
        await pilot.press("enter", "o")
        await pilot.pause()
        assert app.opened == [(("/g",), ("older",)), (("/g",), (name,))]
        assert "2025-11-21  Lambda  7" in screen_text(app)
