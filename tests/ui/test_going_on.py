"""Credentials that end while events are loaded or followed, on the wire and in the window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.log_class import LogClassScreen
from cwtui.ui.screens.login import LoginScreen
from cwtui.wiring import Services, Start
from tests.fakes.aws import FakeAws
from tests.ui.shell import screen_text

KEYS = "[profile saml]\naws_access_key_id = {}\naws_secret_access_key = s\naws_session_token = t\n"


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def aws(isolated_home: Path) -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now) as fake:
        (isolated_home / "aws-config").write_text(KEYS.format("ASIAONE"))
        fake.logs.put("/shop", "s", now() - 60_000, "the first")
        yield fake


def app_on(aws: FakeAws, group: str = "/shop") -> CwtuiApp:
    settings = Settings(profile="saml", region="eu-west-1", endpoint_url=aws.url)
    return CwtuiApp(Services(settings), Start(groups=(group,)))


async def seen(pilot: Pilot[Any], text: str) -> None:
    async with asyncio.timeout(20):
        while text not in screen_text(pilot.app):  # type: ignore[arg-type]
            await asyncio.sleep(0.05)


async def until(pilot: Pilot[Any], kind: type[object]) -> None:
    async with asyncio.timeout(20):
        while not isinstance(pilot.app.screen, kind):
            await asyncio.sleep(0.01)
    await pilot.pause()


async def test_what_ended_before_the_load_is_renewed_and_loads(aws: FakeAws, isolated_home: Path) -> None:
    aws.sts.ended = {"ASIAONE"}
    app = app_on(aws)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, LoginScreen)
        (isolated_home / "aws-config").write_text(KEYS.format("ASIATWO"))
        await pilot.press("enter")
        await seen(pilot, "the first")


async def test_what_ends_while_following_pauses_it_and_what_came_meanwhile_is_shown(
    aws: FakeAws, isolated_home: Path
) -> None:
    app = app_on(aws)
    async with app.run_test(size=(100, 30)) as pilot:
        await seen(pilot, "polling")
        aws.sts.ended = {"ASIAONE"}
        await until(pilot, LoginScreen)
        aws.logs.put("/shop", "s", now(), "came in the pause")
        (isolated_home / "aws-config").write_text(KEYS.format("ASIATWO"))
        await pilot.press("enter")
        await seen(pilot, "came in the pause")
        aws.logs.put("/shop", "s", now(), "came after it")
        await seen(pilot, "came after it")
        assert screen_text(app).count("the first") == 1


async def test_a_class_that_refuses_is_told_by_its_dialog(aws: FakeAws) -> None:
    aws.logs.group("/cold", log_class="INFREQUENT_ACCESS")
    app = app_on(aws, "/cold")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, LogClassScreen)
        assert "It refused FilterLogEvents." in " ".join(screen_text(app).replace("▌", " ").split())
