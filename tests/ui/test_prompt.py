"""The one-line prompt: what is wrong is said to its end, and Tab goes on from the only candidate."""

from __future__ import annotations

from cwtui.ui.widgets.prompt import Prompt
from tests.ui.shell import make_app, running, screen_text


async def test_what_is_wrong_has_a_line_of_its_own() -> None:
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press(":", *"goto", "enter")
        await pilot.pause()
        assert ":goto TIME needs its argument. Go to a time: 10:12" in screen_text(app)
        await pilot.press("space")
        await pilot.pause()
        assert "needs its argument" not in screen_text(app)


async def test_tab_goes_on_from_the_only_candidate() -> None:
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press(":", *"the", "tab", "tab")
        await pilot.pause()
        assert app.screen.query_one(Prompt).text == f"theme {app.theme_names[0]}"
        await pilot.press("tab")
        assert app.screen.query_one(Prompt).text == f"theme {app.theme_names[1]}"
