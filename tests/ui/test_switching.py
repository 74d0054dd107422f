"""Going to another context in place: what loads for the old one never shows in the new one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from cwtui.access.contexts import find_context, read_contexts, settings_for
from cwtui.access.recents import Visit, note_visit, read_visits
from cwtui.core.errors import ServiceError
from cwtui.core.ports import Exporter, ExportProgress, ExportReport, ExportResult, MfaQuestion, Part
from cwtui.settings import Settings, contexts_file
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.confirm import ConfirmScreen
from cwtui.ui.screens.contexts import TypeToChoose
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.screens.group_asking import SETTLED_S
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.widgets.name_list import NameList
from cwtui.wiring import Services, Start
from tests.fakes.aws import FakeAws, Fault, VirtualClock
from tests.ui.scripted import until
from tests.ui.shell import make_app, running, screen_text

NOW = 1_795_350_000_000


@pytest.fixture
async def two(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[FakeAws, FakeAws]]:
    """Two fake AWS, each the endpoint of a context: `alpha` and `prod-beta`."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFAKEFAKEFAKEFAKE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    async with FakeAws(clock=VirtualClock(NOW)) as one, FakeAws(clock=VirtualClock(NOW)) as other:
        one.sts.account, other.sts.account = "111111111111", "222222222222"
        one.logs.account, other.logs.account = "111111111111", "222222222222"
        for fake, group in ((one, "/alpha/api"), (other, "/beta/api")):
            for number in range(30):
                at = NOW - 60_000 + number * 1000
                fake.logs.put(group, "one", at, f"{group} line {number}", ingestion=at)
        path = contexts_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'[contexts.alpha]\nregion = "eu-west-1"\nendpoint_url = "{one.url}"\n'
            f'[contexts.prod-beta]\nregion = "us-east-1"\nendpoint_url = "{other.url}"\ncolour = "red"\n'
        )
        yield one, other


class HeldExport:
    """Writes only once it is let go; notices between the pieces that it is cancelled."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def export(self, parts: Iterable[Part], target: str, report: ExportReport) -> ExportResult:
        self.begun.set()
        while not self.go_on.wait(0.1):
            report(ExportProgress("export.jsonl", 0))
        Path(target).write_text("alpha")
        return ExportResult(target, (), 5)


class Exporting(Services):
    """Its exports are held."""

    held = HeldExport()

    def exporter_for(self, target: str) -> Exporter:
        return self.held


def app_in(name: str, start: Start | None = None, kind: type[Services] = Services) -> CwtuiApp:
    settings = settings_for(Settings(use_llm=False), find_context(name, read_contexts()))
    return CwtuiApp(kind(settings, lambda: NOW), start)


def listed(app: CwtuiApp) -> list[str]:
    return app.groups_screen.group_names


async def test_nothing_of_the_context_that_was_left_shows_in_the_next(
    two: tuple[FakeAws, FakeAws], tmp_path: Path
) -> None:
    """Its pages are held back until the next context stands, then let go: no row, message or export comes."""
    alpha, beta = two
    app = app_in("alpha", Start(groups=("/alpha/api",)), Exporting)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.front, EventsScreen) and app.front.ready)
        view = app.front
        assert isinstance(view, EventsScreen)
        await until(pilot, lambda: "/alpha/api line 29" in screen_text(app))
        # An export under way, another load, a list of groups.
        view.export_to(str(tmp_path / "export.jsonl"))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, Exporting.held.begun.is_set)
        gate = asyncio.Event()
        alpha.script("FilterLogEvents", Fault(gate=gate), Fault(gate=gate))
        alpha.script("DescribeLogGroups", Fault(gate=gate))
        view.reload()
        held = len(alpha.called("FilterLogEvents"))
        await until(pilot, lambda: len(alpha.called("FilterLogEvents")) > held)
        left = app.services
        app.do("context prod-beta")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "is being written" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: app.services is not left and listed(app) == ["/beta/api"])
        gate.set()
        Exporting.held.go_on.set()
        # What was left says something still, as a thread or a late answer of its would.
        view.call_later(view.shell.show_error, ServiceError("a message of alpha"))
        await app.switching.closed()
        app.push_events(("/beta/api",))
        await until(pilot, lambda: "/beta/api line 29" in screen_text(app))
        assert "alpha" not in screen_text(app)
        assert not [note for note in app._notifications if "alpha" in note.message]
        assert listed(app) == ["/beta/api"]
        assert not list(tmp_path.iterdir())
    assert beta.called("FilterLogEvents")
    regions = {call.region for call in beta.calls if call.operation == "FilterLogEvents"}
    assert regions == {"us-east-1"}


async def test_a_late_word_of_a_screen_that_is_gone_is_not_told(two: tuple[FakeAws, FakeAws]) -> None:
    app = app_in("alpha")
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: listed(app) == ["/alpha/api"])
        old, signing_in = app.groups_screen, app.signing_in
        spoken = asyncio.Event()

        async def late() -> None:
            await spoken.wait()
            app.say("a word of alpha")
            app.show_error(ServiceError("a failure of alpha"))

        # As whatever a screen has begun: it runs on where cancelling does not reach it.
        begun: list[asyncio.Task[None]] = []
        old.call_later(lambda: begun.append(asyncio.create_task(late())))
        await pilot.pause()
        app.do("ctx prod-beta")
        await until(pilot, lambda: listed(app) == ["/beta/api"])
        spoken.set()
        await begun[0]
        assert await signing_in.ask_mfa(MfaQuestion("a", "device", "role")) == ""
        await pilot.pause()
        assert not [note for note in app._notifications if "alpha" in note.message]


async def test_a_list_that_is_being_taken_down_asks_for_no_facts(two: tuple[FakeAws, FakeAws]) -> None:
    app = app_in("alpha")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: listed(app) == ["/alpha/api"])
        screen = app.screen
        assert isinstance(screen, GroupsScreen)
        await screen.query_one(NameList).remove()
        screen.ask_soon()
        # Raises what a callback of the app raises.
        await pilot.pause(2 * SETTLED_S)


async def test_the_header_says_account_role_region_and_production(two: tuple[FakeAws, FakeAws]) -> None:
    app = app_in("prod-beta")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "222222222222" in screen_text(app).splitlines()[0])
        line = screen_text(app).splitlines()[0]
        for said in ("prod-beta/us-east-1", "222222222222", "oncall"):
            assert said in line
        await until(pilot, lambda: any(visit.account == "222222222222" for visit in read_visits()))


async def test_the_picker_lists_contexts_and_profiles_the_last_used_first(
    two: tuple[FakeAws, FakeAws], isolated_home: Path
) -> None:
    (isolated_home / "aws-config").write_text(
        "[profile corp]\nsso_session = my\nsso_account_id = 333333333333\nsso_role_name = r\n"
        "[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
    )
    note_visit(Visit("prod-beta", "us-east-1", "222222222222", "acme", NOW - 3_600_000))
    app = make_app(use_llm=False)
    async with running(app, (80, 24)) as pilot:
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(app.screen, TypeToChoose))
        lines = [line for line in screen_text(app).splitlines() if "context" in line or "sso" in line]
        text = screen_text(app)
        assert text.index("prod-beta") < text.index("alpha")
        assert any("222222222222 acme" in line and "us-east-1" in line for line in lines)
        assert any("corp" in line and "sso" in line and "333333333333" in line for line in lines)
        await pilot.press(*"alq")
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: isinstance(app.screen, GroupsScreen) and listed(app) == ["/alpha/api"])


async def test_a_region_is_read_in_place_and_a_wrong_one_is_corrected(two: tuple[FakeAws, FakeAws]) -> None:
    alpha, _ = two
    app = app_in("alpha")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: listed(app) == ["/alpha/api"])
        await pilot.press(":", *"region eu-wset-3", "enter")
        await pilot.pause()
        assert "Did you mean 'eu-west-3'?" in screen_text(app)
        await pilot.press("escape")
        app.do("region eu-west-3")
        await until(pilot, lambda: alpha.calls[-1].region == "eu-west-3" and bool(listed(app)))
        assert app.services.context.name == "alpha"


async def test_from_the_demo_one_goes_to_a_context_and_back(two: tuple[FakeAws, FakeAws]) -> None:
    app = CwtuiApp(Services(Settings(mock=True, use_llm=False), lambda: NOW))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(listed(app)))
        app.do("context alpha")
        await until(pilot, lambda: listed(app) == ["/alpha/api"])
        app.do("context demo")
        await until(pilot, lambda: app.services.offline and bool(listed(app)))
        assert "/alpha/api" not in listed(app)


async def test_a_wrong_file_costs_its_contexts_and_says_so(isolated_home: Path) -> None:
    path = contexts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[contexts.a]\nrole_arm = 'x'\n")
    profiles = "".join(f"[profile p{number}]\nregion = eu-west-1\n" for number in range(30))
    (isolated_home / "aws-config").write_text(profiles)
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(app.screen, TypeToChoose))
        text = " ".join(screen_text(app).split())
        assert "role_arm is not a key" in text
        assert "p1 " in text
        assert "Enter goes there" in text


def test_a_visit_forgets_nothing_it_does_not_know_better(isolated_home: Path) -> None:
    note_visit(Visit("a", "eu-west-1", "1", "one", 5))
    note_visit(Visit("b", at=6))
    note_visit(Visit("a", at=7))
    assert read_visits() == (Visit("a", "eu-west-1", "1", "one", 7), Visit("b", at=6))
    (isolated_home / "state/cwtui/contexts.json").write_text(json.dumps({"version": 1, "visits": [3]}))
    assert read_visits() == ()
