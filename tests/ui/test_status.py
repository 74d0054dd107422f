from __future__ import annotations

from textual.app import App, ComposeResult

from cwtui.ui.widgets.status import Status, StatusLine
from tests.ui.event_rows import screen_text


class LineApp(App[None]):
    """A status line alone."""

    def compose(self) -> ComposeResult:
        yield StatusLine(("a tip",))


async def test_a_note_keeps_its_beginning_and_the_state_is_whole() -> None:
    app = LineApp()
    async with app.run_test(size=(60, 3)) as pilot:
        note = "2 groups not whole (:partial) /app/dead: the answer did not come from CloudWatch."
        app.query_one(StatusLine).show(Status("LOADING 2/4 groups", "busy", note=note))
        await pilot.pause()
        (line,) = [line for line in screen_text(app).splitlines() if "LOADING" in line]
        assert "LOADING 2/4 groups  ⚠ 2 groups not whole (:partial)" in line
        assert line.rstrip().endswith("…")
