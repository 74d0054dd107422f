"""Groups and events of several accounts and regions: each says where it lies."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from cwtui.core.errors import PermissionDenied
from cwtui.core.models import Context, EventsPage, EventsRequest, GroupPage, LogEvent, LogGroup
from cwtui.core.naming import arn_of_group, name_of
from cwtui.fetch.together import Member, Together
from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.events import EventsScreen
from cwtui.wiring import Services, Start
from tests.ui.scripted import GROUP, EventsApp, ScriptedReader, event, loaded, until
from tests.ui.shell import screen_text


class AccountReader(ScriptedReader):
    """A scripted account and region, whose groups are known by ARN, too."""

    def __init__(self, account: str, region: str, message: str) -> None:
        super().__init__([event(5, f"INFO {message}"), event(3, f"ERROR {message}")])
        self.context = Context("c", region=region, account=account)
        self.refused: PermissionDenied | None = None

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        if self.refused is not None:
            raise self.refused
        account, region = self.context.account, self.context.region
        group = LogGroup(GROUP, arn_of_group(account, region, GROUP), account=account, region=region)
        return GroupPage([group], None)

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        page = await super().events_page(replace(request, group=name_of(request.group)), token)
        here = self.context
        return replace(page, batch=replace(page.batch, account=here.account, region=here.region))


def estate(start: Start) -> EventsApp:
    """cwtui over three accounts in two regions, of which one may not be listed."""
    readers = [
        AccountReader("1" * 12, "eu-west-1", "paid"),
        AccountReader("2" * 12, "eu-west-1", "paid"),
        AccountReader("2" * 12, "us-east-1", "paid"),
        AccountReader("3" * 12, "us-east-1", "hidden"),
    ]
    labels = ("prod", "test", "test", "lab")
    members = [Member(label, reader) for label, reader in zip(labels, readers, strict=True)]
    readers[3].refused = PermissionDenied("ana may not list log groups.")
    app = EventsApp(readers[0], start)
    # The context of the services is what their reader says it is.
    app.scripted._reader = app.scripted.scripted = Together(members, "all")  # type: ignore[assignment]
    return app


async def test_groups_of_one_name_stand_apart_and_their_events_say_where_they_are_from() -> None:
    app = estate(Start())
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "3 groups" in screen_text(app))
        lines = [line.split() for line in screen_text(app).splitlines() if GROUP in line]
        places = [[word for word in line if word not in ("▌", GROUP)][:2] for line in lines]
        assert places == [["prod", "eu-west-1"], ["test", "eu-west-1"], ["test", "us-east-1"]]
        assert "lab us-east-1" in screen_text(app), "what could not be listed is named"

        await pilot.press(*"test", "*", "right")
        await loaded(app, pilot)
        await until(pilot, lambda: "use1" in screen_text(app))
        shown = screen_text(app)
        assert [line.split()[2] for line in shown.splitlines() if "paid" in line] == ["euw1", "use1"] * 2
        assert "WHERE" in shown

        # The lines around an event are asked for where it lies.
        view = app.view
        assert isinstance(view, EventsScreen)
        found: list[LogEvent] = [await view.investigation.event(row) for row in view.investigation.view.rows]
        assert {view.investigation.group_of(each) for each in found} == {
            arn_of_group("2" * 12, region, GROUP) for region in ("eu-west-1", "us-east-1")
        }


async def test_groups_of_a_recording_of_several_accounts_say_where_each_lies(tmp_path: Path) -> None:
    told = {"timestamp": 1_800_000_000_000, "logGroup": GROUP, "logStream": "s", "message": "paid"}
    lines = [json.dumps(told | {"account": digit * 12, "region": "eu-west-1"}) for digit in "12"]
    (tmp_path / "both.jsonl").write_text("\n".join(lines))
    app = CwtuiApp(Services(Settings(from_paths=(str(tmp_path / "both.jsonl"),))), Start())
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "2 groups" in screen_text(app))
        titles = next(line for line in screen_text(app).splitlines() if "LOG GROUP" in line)
        rows = [line for line in screen_text(app).splitlines() if GROUP in line]
        assert titles.split()[2:4] == ["ACCOUNT", "REGION"]
        # Each column ends where its title does.
        ends = [line.index("eu-west-1") + len("eu-west-1") for line in rows]
        assert ends == [titles.index("REGION") + len("REGION")] * 2


async def test_a_name_of_all_accounts_becomes_their_groups() -> None:
    app = estate(Start(groups=(f"*:{GROUP}",)))
    async with app.run_test(size=(110, 30)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "paid" in screen_text(app))
        assert len(app.view.groups) == 3
        await pilot.press("B")
        await until(pilot, lambda: "3 sessions here" in screen_text(app))


async def test_on_a_narrow_screen_label_and_message_are_both_seen() -> None:
    groups = tuple(
        arn_of_group(account * 12, region, GROUP)
        for account, region in (("1", "eu-west-1"), ("2", "us-east-1"))
    )
    app = estate(Start(groups=groups))
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "paid" in screen_text(app))
        lines = [line for line in screen_text(app).splitlines() if "paid" in line]
        assert sorted({line.split()[2] for line in lines}) == ["prod·euw1", "test·use1"]
        assert "all · 3 accounts, 2 regions" in screen_text(app)
