from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from cwtui.settings import Settings
from cwtui.ui.widgets.summary import DigestList, SummaryPane
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, until

QUIET = Settings(use_llm=False)


def with_an_hour_before() -> ScriptedReader:
    """A quiet quarter of an hour before the window, and one in which something new fails."""
    before = [event(1800 - number, f"INFO fine number {number}") for number in range(900)]
    gone = [event(1790 - 10 * number, f"INFO cache warmed in {number} ms") for number in range(80)]
    now = [event(899 - number, f"INFO fine number {number}") for number in range(899)]
    new = [event(890 - 20 * number, f"ERROR upstream [red] refused call {number}") for number in range(44)]
    return ScriptedReader(sorted([*before, *gone, *now, *new], key=lambda item: item.timestamp))


async def command(app: EventsApp, pilot: Pilot[Any], text: str) -> None:
    await pilot.press("colon")
    await until(pilot, lambda: app.view.prompt is not None)
    await pilot.press(*("space" if key == " " else key for key in text), "enter")


async def test_against_previous_tells_what_is_new_and_enter_goes_to_it() -> None:
    app = EventsApp(with_an_hour_before(), settings=QUIET)
    async with app.run_test(size=(160, 50)) as pilot:
        await loaded(app, pilot)
        await command(app, pilot, "against previous")
        await until(pilot, lambda: any(found.option_count for found in app.screen.query(DigestList)))
        text = screen_text(app)
        assert "New:" in text
        assert "upstream [red] refused" in text
        assert "Gone:" in text
        await pilot.press("enter")
        await until(pilot, lambda: app.view.event_list.cursor >= 0)


async def test_rest_compares_a_filter_with_what_it_hides_and_needs_one() -> None:
    app = EventsApp(with_an_hour_before(), settings=QUIET)
    async with app.run_test(size=(160, 50)) as pilot:
        await loaded(app, pilot)
        await command(app, pilot, "against rest")
        await until(pilot, lambda: "no rest" in screen_text(app))
        assert not app.view.query(SummaryPane)
        await pilot.press("escape")
        await until(pilot, lambda: app.view.prompt is None)
        await command(app, pilot, "level error")
        await until(pilot, lambda: bool(app.view.filters.filters))
        await command(app, pilot, "against rest")
        await until(pilot, lambda: any(found.option_count for found in app.screen.query(DigestList)))
        assert "44 events against rest" in screen_text(app)


async def test_what_is_no_baseline_is_refused_on_the_command_line() -> None:
    app = EventsApp(with_an_hour_before(), settings=QUIET)
    async with app.run_test(size=(160, 50)) as pilot:
        await loaded(app, pilot)
        await command(app, pilot, "against sometime")
        await until(pilot, lambda: "is no baseline" in screen_text(app))
        assert not app.view.query(SummaryPane)
