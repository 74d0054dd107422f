"""The shell over the shipped demo: from the first screen to the events, and back."""

from __future__ import annotations

import asyncio

from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.widgets.name_list import NameList
from cwtui.wiring import Services
from tests.ui.shell import screen_text, settle


async def test_from_the_groups_of_the_demo_to_its_events_and_back() -> None:
    app = CwtuiApp(Services(Settings(mock=True, use_llm=False)))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert len(app.screen.query_one(NameList)) >= 6
        await pilot.press(*"checkout", "enter")
        await settle(pilot)
        assert "/aws/lambda/checkout \u203a streams" in screen_text(app)
        assert "[$LATEST]" in screen_text(app)
        await pilot.press("l")
        async with asyncio.timeout(20):
            while "REPORT RequestId" not in screen_text(app):
                await pilot.pause(0.05)
        await pilot.press("q")
        await pilot.pause()
        assert "/aws/lambda/checkout \u203a streams" in screen_text(app)
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, GroupsScreen)
