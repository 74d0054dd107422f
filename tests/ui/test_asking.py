from __future__ import annotations

from cwtui.ui.widgets.prompt import Prompt
from cwtui.ui.widgets.summary import DigestList
from tests.ui.scripted import EventsApp, ScriptedReader, event, loaded, many, until


async def test_a_question_is_written_answered_and_its_lines_lead_to_their_events() -> None:
    hostile = event(2, "INFO [bold]you\x1b[31m won[/bold] a yacht")
    app = EventsApp(ScriptedReader([*many(50), hostile]))
    async with app.run_test(size=(160, 40)) as pilot:
        await loaded(app, pilot)
        await pilot.press("A")
        await until(pilot, lambda: app.view.prompt is not None)
        await pilot.press(*"how many errors?", "enter")
        await until(
            pilot,
            lambda: bool(app.view.query(DigestList)) and app.view.query_one(DigestList).line is not None,
        )
        lines = app.view.query_one(DigestList)
        shown = [str(lines.get_option_at_index(place).prompt) for place in range(lines.option_count)]
        assert shown[0] == "? how many errors?"
        assert shown[1].startswith("5 events of level ERROR or FATAL")
        assert shown[2] == "counted by code"
        await pilot.press("enter")
        rows = await app.view.investigation.rows([app.view.event_list.row_id or 0])
        assert rows[0].message.startswith("ERROR upstream failed")

        # Asked again from the pane, with the question before it in reach; foreign text stays text.
        lines.focus()
        await pilot.pause()
        await pilot.press("A")
        await until(pilot, lambda: app.view.prompt is not None)
        await pilot.press("up")
        assert app.view.query_one(Prompt).text == "how many errors?"
        await pilot.press("escape")
        await until(pilot, lambda: app.view.prompt is None)
        app.run_command("ask where is my yacht")
        await until(
            pilot, lambda: "yacht" in str(lines.get_option_at_index(0).prompt) and lines.line is not None
        )
        told = "\n".join(str(lines.get_option_at_index(place).prompt) for place in range(lines.option_count))
        assert "No counted answer; this line speaks of" in told
        assert "\x1b" not in told
        assert "[bold]you" in told
        await pilot.press("escape")
        await until(pilot, lambda: app.view.summary is None)
