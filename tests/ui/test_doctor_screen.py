"""`:doctor`: the list fills while the checks run, the card holds the fix, and a key copies it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from cwtui.access.doctor.exam import Bench
from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.core.errors import CredentialsError, Renewal, RenewalKind
from cwtui.settings import Settings
from cwtui.ui.screens.doctor import FindingCard
from cwtui.ui.screens.login import LoginScreen
from cwtui.wiring import Services
from tests.fakes.scripted_door import NOW, ScriptedDoor
from tests.ui.shell import ScriptedReader, ScriptedServices, ShellApp, make_app, running, screen_text, settle

DENIED = explain_error(
    Failure(
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/oncall/ana is not authorized to perform: "
        "logs:FilterLogEvents on resource: arn:aws:logs:eu-west-1:123456789012:log-group:/shop/[b]\x1b[31m:* "
        "because no identity-based policy allows the logs:FilterLogEvents action",
        operation="FilterLogEvents",
        resource="/shop/[b]\x1b[31m",
        status=400,
    )
)


class Examined(ScriptedServices):
    """Services whose doctor stands before a scripted AWS."""

    door: ScriptedDoor

    def bench(self, **choices: Any) -> Bench:
        return Bench(self.door, self.reader, self.settings, lambda: NOW, **choices)


class Estate(ScriptedServices):
    """A context of several, each with a doctor of its own."""

    each: tuple[Examined, ...]

    def of_member(self, place: int) -> Services:
        return self.each[place]


def app_before(door: ScriptedDoor) -> ShellApp:
    services = Examined(ScriptedReader(), replace(Settings(), use_llm=False))
    services.door = door
    return ShellApp(services)


async def test_the_list_fills_while_the_checks_run_and_the_fix_is_copied_from_its_card() -> None:
    door = ScriptedDoor(gate=asyncio.Event())
    door.answers["FilterLogEvents"] = DENIED
    app = app_before(door)
    async with running(app, (80, 24)) as pilot:
        app.do("doctor /shop/cart")
        await pilot.pause()
        await pilot.pause()
        text = screen_text(app)
        assert "…     Read log events" in text
        assert "ok    Where the keys come from" in text
        assert "checks are running." in text
        assert door.gate is not None
        door.gate.set()
        await settle(pilot)
        text = screen_text(app)
        assert "FAIL  Read log events" in text
        assert "1 failed" in text
        assert "\x1b" not in text
        # The cursor stands on what failed.
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, FindingCard)
        assert "put-role-policy" in screen_text(app)
        await pilot.press("f", "f", "y")
        await settle(pilot)
        assert app.clipboard.startswith('resource "aws_iam_role_policy"')
        await pilot.press("escape", "ctrl+r")
        await settle(pilot)
        assert len(door.asked("GetCallerIdentity")) == 2
        await pilot.press("h")
        await pilot.pause()
        assert app.front is app.groups_screen


async def test_each_account_of_a_context_of_several_is_looked_at() -> None:
    settings = replace(Settings(), use_llm=False)
    good, bad = Examined(ScriptedReader(), settings), Examined(ScriptedReader(), settings)
    good.door, bad.door = ScriptedDoor(), ScriptedDoor()
    bad.door.answers["FilterLogEvents"] = DENIED
    both = (("shop-1", settings), ("shop-2", settings))
    services = Estate(ScriptedReader(), replace(settings, members=both))
    services.each = (good, bad)
    app = ShellApp(services)
    async with running(app, (100, 30)) as pilot:
        app.do("doctor")
        await settle(pilot)
        assert "shop-1, 1 of 2: m shows the next" in screen_text(app)
        assert "FAIL" not in screen_text(app)
        await pilot.press("m")
        await settle(pilot)
        assert "shop-2, 2 of 2" in screen_text(app)
        assert "FAIL  Read log events" in screen_text(app)
        await pilot.press("m")
        await settle(pilot)
        assert len(good.door.asked("GetCallerIdentity")) == 2


async def test_offline_it_says_that_nothing_needs_a_permission() -> None:
    app = make_app(mock=True)
    async with running(app, (80, 24)) as pilot:
        app.do("doctor")
        await settle(pilot)
        assert "Nothing needs credentials or permissions" in screen_text(app)


async def test_a_login_that_ended_is_renewed_from_its_dialog() -> None:
    renewal = Renewal(RenewalKind.LOGIN, "corp", ("aws", "sso", "login", "--profile", "corp"))
    door = ScriptedDoor()
    door.answers["GetCallerIdentity"] = CredentialsError(
        "The SSO session ended.", code="sso", renewal=renewal
    )
    app = app_before(door)
    async with running(app, (80, 24)) as pilot:
        app.do("doctor")
        async with asyncio.timeout(10):
            while not isinstance(app.screen, LoginScreen):
                await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert "FAIL  Who you are" in screen_text(app)
