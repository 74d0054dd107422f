"""Groups whose log class has no events: said before they are opened, and when the service refuses."""

from __future__ import annotations

import pytest

from cwtui.core.errors import WrongLogClass
from cwtui.core.models import LogStream
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.screens.log_class import LogClassScreen
from cwtui.ui.screens.streams import StreamsScreen
from tests.ui.shell import HOSTILE, ScriptedReader, group, make_app, running, screen_text, settle

COLD = group("/cold", log_class="INFREQUENT_ACCESS")
PASSED_ON = group("/edge", log_class="DELIVERY")
NEW = group("/new", log_class="ESSENTIALS")
PLAIN = group("/plain", log_class="STANDARD")
REFUSED = WrongLogClass("It does not allow that.", group="/cold", operation="FilterLogEvents")


async def test_the_list_shows_the_class() -> None:
    app = make_app(ScriptedReader([[COLD, PASSED_ON, NEW]]))
    async with running(app, (120, 30)):
        text = screen_text(app)
        assert all(name in text for name in ("infrequent", "delivery", "essentials"))


@pytest.mark.parametrize(
    ("name", "headline", "link"),
    [
        ("cold", "This is an Infrequent Access group.", "logs-insights"),
        ("edge", "This is a Delivery group.", "log-groups/log-group"),
    ],
)
async def test_opening_one_says_what_cannot_be_done_and_what_can(name: str, headline: str, link: str) -> None:
    app = make_app(ScriptedReader([[COLD, PASSED_ON]], [[LogStream("one", f"/{name}")]]))
    async with running(app, (80, 24)) as pilot:
        await pilot.press(*name, "right")
        assert isinstance(app.screen, LogClassScreen)
        text = screen_text(app)
        assert headline in text
        assert f"/{name}" in text
        await pilot.press("y")
        assert link in app.clipboard
        await pilot.press("s")
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)
    assert app.opened == []


async def test_it_can_be_read_all_the_same_because_the_service_decides() -> None:
    app = make_app(ScriptedReader([[COLD]]))
    async with running(app) as pilot:
        await pilot.press("right")
        await pilot.press("l")
        await pilot.pause()
        assert app.opened == [(("/cold",), ())]
        await pilot.press("right", "escape")
        await pilot.pause()
        assert isinstance(app.screen, GroupsScreen)


@pytest.mark.parametrize("listed", [NEW, PLAIN, group("/unsaid")])
async def test_a_class_that_is_new_or_not_told_is_tried(listed: object) -> None:
    app = make_app(ScriptedReader([[listed]]))  # type: ignore[list-item]
    async with running(app) as pilot:
        await pilot.press("right")
        await pilot.pause()
        assert len(app.opened) == 1


async def test_among_several_it_does_not_stop_the_others() -> None:
    app = make_app(ScriptedReader([[COLD, PLAIN]]))
    async with running(app) as pilot:
        await pilot.press("escape", "asterisk", "l")
        await pilot.pause()
        assert app.opened == [(("/cold", "/plain"), ())]


@pytest.mark.parametrize("listed", [COLD, group("/cold")])
async def test_what_the_service_refuses_is_told_the_same_way_and_not_tried_again(listed: object) -> None:
    app = make_app(ScriptedReader([[listed]]))  # type: ignore[list-item]
    async with running(app, (80, 24)) as pilot:
        app.front.offer_way_out(REFUSED)
        await pilot.pause()
        text = screen_text(app)
        assert "It refused FilterLogEvents." in " ".join(text.replace("▌", " ").split())
        assert "try to read it" not in text
        await pilot.press("l")
        assert isinstance(app.screen, LogClassScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, GroupsScreen)
    assert app.opened == []


async def test_hostile_names_are_inert() -> None:
    app = make_app(ScriptedReader([[group(name, log_class="DELIVERY") for name in HOSTILE]]))
    async with running(app) as pilot:
        await pilot.press("escape")
        for _ in HOSTILE:
            await pilot.press("l")
            assert isinstance(app.screen, LogClassScreen)
            assert not {"\x1b", "\x07", "\u202e"} & set(screen_text(app))
            await pilot.press("escape", "j")
