"""Many groups on the list: facts of those in sight, what is pinned, what is looked for at the service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from textual.pilot import Pilot

from cwtui.access.group_memory import note_opened, read_memory
from cwtui.core.errors import PermissionDenied
from cwtui.core.models import GroupPage, LogGroup, LogStream
from cwtui.settings import Settings
from cwtui.ui.group_cache import read_groups
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.screens.streams import StreamsScreen
from cwtui.ui.widgets.name_list import NameList
from tests.ui.shell import DAY, NOW, ScriptedReader, ShellApp, group, make_app, running, screen_text, settle

COUNT = 2_500


class Crowd(ScriptedReader):
    """Many groups, by name a thousand a page, their facts when asked for; a gate before the last page."""

    def __init__(self, count: int = COUNT) -> None:
        super().__init__()
        self.last = asyncio.Event()
        self.last.set()
        self.asked: list[str] = []
        self.patterns: list[str] = []
        self.denied = False
        self.everything = {
            made.arn: made
            for made in (
                group(f"/g/{number:05}", retention_days=7, stored_bytes=number, creation_time=NOW - DAY)
                for number in range(count)
            )
        }

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        if pattern:
            self.patterns.append(pattern)
            return GroupPage([_bare(each) for each in self.everything.values() if pattern in each.name], None)
        return GroupPage(list(self.everything.values())[:50], "more")

    async def group_names_page(self, token: str | None) -> GroupPage:
        place = int(token or 0)
        after = place + 1_000
        if after >= len(self.everything):
            await self.last.wait()
        page = [_bare(each) for each in list(self.everything.values())[place:after]]
        return GroupPage(page, str(after) if after < len(self.everything) else None)

    async def group_facts(self, groups: Sequence[str]) -> Sequence[LogGroup]:
        self.asked += groups
        if self.denied:
            raise PermissionDenied("staging may not describe groups.", code="denied")
        return [self.everything[arn] for arn in groups]


def _bare(made: LogGroup) -> LogGroup:
    return LogGroup(made.name, made.arn, described=False)


def names(app: ShellApp) -> NameList:
    return app.screen.query_one(NameList)


async def rest(pilot: Pilot[int], reader: Crowd) -> None:
    """Waits until the list has come to rest and what is in sight was asked for."""
    before = -1
    while before != len(reader.asked):
        before = len(reader.asked)
        await pilot.pause(0.2)
        await settle(pilot)


async def test_facts_are_asked_for_where_one_looks_and_the_next_run_has_them_at_once() -> None:
    reader = Crowd()
    app = make_app(reader)
    async with running(app) as pilot:
        await rest(pilot, reader)
        assert "2,500 groups" in screen_text(app)
        assert reader.asked == []
        await pilot.press("escape", "G")
        assert "· " in screen_text(app).splitlines()[-3]
        await rest(pilot, reader)
        assert "7 d" in screen_text(app).splitlines()[-3]
        assert names(app).current == "/g/02499"
        assert 20 <= len(reader.asked) <= 100, "of those in sight, not of thousands"
        screen = app.screen
        assert isinstance(screen, GroupsScreen)
        screen.keep_now()
        await settle(pilot)
    kept = read_groups(reader.context)
    assert kept is not None
    assert {each.name: each.retention_days for each in kept.groups}["/g/02499"] == 7


async def test_sorting_by_size_asks_for_what_is_missing_first_and_sorts_once() -> None:
    reader = Crowd(1_200)
    app = make_app(reader)
    async with running(app, (140, 30)) as pilot:
        await rest(pilot, reader)
        await pilot.press("escape", "o", "g")
        await rest(pilot, reader)
        assert len(set(reader.asked)) == len(reader.asked) == 1_150
        assert "largest first" in screen_text(app)
        await pilot.press("g")
        assert names(app).current == "/g/01199"


async def test_denied_facts_are_said_once_and_the_list_stays() -> None:
    reader = Crowd(120)
    reader.denied = True
    app = make_app(reader)
    async with running(app, (140, 30)) as pilot:
        await rest(pilot, reader)
        assert "no facts: staging may not describe groups." in screen_text(app)
        assert len(reader.asked) == 50
        await pilot.press(*"00119")
        assert "1 of 120 groups" in screen_text(app)


async def test_a_listing_stopped_by_escape_says_so_and_what_is_typed_is_looked_for_at_the_service() -> None:
    reader = Crowd()
    reader.last.clear()
    app = make_app(reader)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause(0.5)
        assert "2,000 groups" in screen_text(app)
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert "not all" in screen_text(app)
        await pilot.press("/", *"/g/02499")
        assert "0 of 2,000 groups" in screen_text(app)
        await rest(pilot, reader)
        assert reader.patterns == ["/g/02499"]
        assert "1 of 2,001 groups" in screen_text(app)


async def test_a_pinned_group_stands_first_from_now_on_and_the_cursor_goes_on() -> None:
    reader = Crowd(60)
    note_opened(Settings(), ["/g/00050"])
    app = make_app(reader, favourites=("/g/*03",))
    async with running(app) as pilot:
        await rest(pilot, reader)
        await pilot.press("escape", "j", "j", "j", "m")
        await pilot.pause()
        lines = [line.split()[:2] for line in screen_text(app).splitlines()]
        assert lines[4:10] == [
            ["Pinned"],
            ["★", "/g/00001"],
            ["★", "/g/00003"],
            ["Opened", "last"],
            ["/g/00050", "50"],
            ["All", "others"],
        ]
        assert names(app).current == "/g/00002"
        assert read_memory(app.services.settings).pinned == ("/g/00001",)
        await pilot.press("g", "m")
        assert read_memory(app.services.settings).pinned == ()
        assert names(app).current == "/g/00003"
        await pilot.press("m")
        assert "favourite of contexts.toml" in app.told[-1]


async def test_an_alias_narrows_is_shown_beside_the_name_and_opens_its_group() -> None:
    reader = Crowd(60)
    app = make_app(reader, aliases={"pay": ("/g/00040",), "both": ("/g/00001", "/g/00002")})
    async with running(app) as pilot:
        await pilot.press(*"@p")
        assert "/g/00040  @pay" in screen_text(app)
        assert "1 of 60" in screen_text(app)
        await pilot.press(*"ay", "enter")
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)
        await pilot.press("q", "ctrl+u", *"@both", "enter")
        await settle(pilot)
        assert app.opened == [(("/g/00001", "/g/00002"), ())]
        await pilot.press("ctrl+u", *"@pya")
        assert "Did you mean @pay?" in screen_text(app)


async def test_the_sheet_asks_for_what_the_list_left_out_and_prints_the_command() -> None:
    reader = Crowd()
    late = reader.everything["arn:aws:logs:eu-west-1:1:log-group:/g/02499"]
    reader.everything[late.arn] = replace(late, retention_days=None, metric_filters=0)
    app = make_app(reader)
    async with running(app, (120, 40)) as pilot:
        await pilot.press("escape", "G", "d")
        await rest(pilot, reader)
        assert "never expires" in screen_text(app)
        assert "aws logs put-retention-policy --log-group-name /g/02499" in screen_text(app)
        await pilot.press("c")
        command = "aws logs put-retention-policy --log-group-name /g/02499 --retention-in-days 30"
        assert app.clipboard == f"{command} --region eu-west-1"
        await pilot.press("Y")
        assert app.clipboard == late.arn


async def test_a_stream_tells_its_facts_and_its_arn() -> None:
    reader = Crowd(3)
    reader._streams = [[LogStream("web/1", "/g/00000", NOW - DAY, NOW - 7_200_000, NOW - 60_000, NOW - DAY)]]
    app = make_app(reader)
    async with running(app, (120, 30)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("d")
        await pilot.pause()
        assert "or later" in screen_text(app)
        await pilot.press("Y")
        assert app.clipboard == "arn:aws:logs:eu-west-1:1:log-group:/g/00000:log-stream:web/1"
