"""Following in the window, against CloudWatch's wire: engines, pauses, loads that are stopped and go on."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cwtui.core.errors import CredentialsError
from cwtui.fetch.tail import Gap
from cwtui.investigation import Investigation
from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.confirm import ConfirmScreen
from cwtui.ui.screens.events import EventsScreen
from cwtui.ui.screens.login import LoginScreen
from cwtui.wiring import Services, Start
from tests.fakes.aws import FakeAws, Fault
from tests.ui.scripted import until
from tests.ui.shell import screen_text

GROUP, STREAM = "/shop/api", "web/1"
PROCESS = "[profile idp]\ncredential_process = idp --role oncall\nregion = eu-west-1\n"


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now, live_interval=0.05) as fake:
        for number in range(10):
            fake.logs.put(GROUP, STREAM, now() - 60_000 + number, f"before {number}")
        yield fake


class Hurried(Services):
    """Waits a twentieth of what it should between two looks."""

    def investigation(self) -> Investigation:
        return Investigation(
            self.reader,
            clock=self.clock,
            settings=self.settings,
            exporter_for=self.exporter_for,
            sleep=lambda seconds: asyncio.sleep(seconds / 20),
        )


class FollowingApp(CwtuiApp):
    @property
    def view(self) -> EventsScreen:
        assert isinstance(self.front, EventsScreen)
        return self.front

    @property
    def messages(self) -> int:
        return self.view.investigation.loaded if self.view.ready else 0


@asynccontextmanager
async def followed(aws: FakeAws, *, expect: int = 10) -> AsyncIterator[tuple[FollowingApp, Pilot[Any]]]:
    """The events of the group in a window, followed."""
    home = Path(os.environ["AWS_CONFIG_FILE"]).parent
    (home / "aws-config").write_text(PROCESS)
    settings = Settings(profile="idp", region="eu-west-1", endpoint_url=aws.url)
    app = FollowingApp(Hurried(settings), Start(groups=(GROUP,)))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.front, EventsScreen) and app.messages == expect)
        await until(pilot, lambda: app.view.follow_state.following)
        yield app, pilot


@pytest.fixture(autouse=True)
def idp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that gives the profile its keys."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "idp"
    keys = '{"Version": 1, "AccessKeyId": "AKIAFAKE", "SecretAccessKey": "s", "SessionToken": "t"}'
    program.write_text(f"#!/bin/sh\necho '{keys}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


async def test_live_tail_begins_after_one_confirmation_and_shows_what_it_costs(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "bills it by the minute" in screen_text(app)
        assert not aws.live_sessions
        await pilot.press("y")
        await until(pilot, lambda: aws.live_sessions == 1 and "min billed" in screen_text(app))
        aws.logs.put(GROUP, STREAM, now(), "while live", now() + 2)
        await until(pilot, lambda: app.messages == 11)
        await pilot.press("B")
        await until(pilot, lambda: not aws.live_sessions and "polling" in screen_text(app))
        aws.logs.put(GROUP, STREAM, now(), "while polling", now() + 2)
        await until(pilot, lambda: app.messages == 12)
        await pilot.press("B")
        await until(pilot, lambda: aws.live_sessions == 1)


async def test_who_declines_goes_on_polling(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.view)
        assert not app.view.live
        assert not aws.called("StartLiveTail")


async def test_live_tail_ends_when_nobody_watches(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        app.view.unwatched_s, app.view.look_every_s = 1.0, 0.1
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(aws.called("StartLiveTail")) == 1)
        await until(pilot, lambda: not aws.live_sessions and not app.view.live)
        assert app.view.follow_state.following


async def test_live_tail_ends_when_its_window_is_left(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: aws.live_sessions == 1)
        await pilot.press("q")
        await until(pilot, lambda: not aws.live_sessions)


async def test_credentials_that_end_pause_the_tail_and_nothing_is_missed(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        aws.script("FilterLogEvents", Fault.expired(times=1))
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert isinstance(app.view.follow_state.tail.error, CredentialsError)
        aws.logs.put(GROUP, STREAM, now(), "while signed out", now())
        await pilot.press("t")
        await until(pilot, lambda: app.messages == 11)
        await until(pilot, lambda: "polling" in screen_text(app))


async def test_who_does_not_log_in_now_can_go_on_later(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        aws.script("FilterLogEvents", Fault.expired(times=1))
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        await pilot.press("escape")
        await until(pilot, lambda: "PAUSED" in screen_text(app))
        aws.logs.put(GROUP, STREAM, now(), "while signed out", now())
        await pilot.press("F")
        await until(pilot, lambda: app.messages == 11)


async def test_a_load_that_is_stopped_keeps_what_came_and_reads_the_rest_later(aws: FakeAws) -> None:
    for number in range(25_000):
        aws.logs.put(GROUP, STREAM, now() - 50_000 + number // 10, f"more {number}")
    gate = asyncio.Event()
    home = Path(os.environ["AWS_CONFIG_FILE"]).parent
    (home / "aws-config").write_text(PROCESS)
    settings = Settings(profile="idp", region="eu-west-1", endpoint_url=aws.url)
    app = FollowingApp(Hurried(settings), Start(groups=(GROUP,)))
    aws.script("FilterLogEvents", Fault.stall(gate, times=100), when=lambda params: "nextToken" in params)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.front, EventsScreen) and app.messages == 10_000)
        await pilot.press("escape")
        await until(pilot, lambda: "CANCELLED" in screen_text(app))
        assert app.messages == 10_000
        gate.set()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.view.load_state.kind.value == "loaded")
        assert app.messages == 25_010


async def test_a_hole_in_what_was_read_is_a_line_of_the_list_with_its_cause(aws: FakeAws) -> None:
    async with followed(aws) as (app, pilot):
        following = app.view.investigation._following
        assert following is not None
        start = now() - 59_000
        following.state = replace(following.state, gaps=(Gap(GROUP, start, start + 30_000, "throttled"),))
        app.view.workers.cancel_group(app.view, "follow")
        app.view.repaint_now()
        await until(pilot, lambda: "not read: " in screen_text(app))
        assert "throttled" in screen_text(app)
