"""A model's words in the summary pane: its states, what was verified, and the prompt that it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from cwtui.core.errors import CwtuiError, NetworkError
from cwtui.core.ports import ChatDone, ChatModel, ChatRequest, ChatText, ModelInfo
from cwtui.investigation import Investigation
from cwtui.ui.model_memory import model_file
from cwtui.ui.widgets.summary import DigestList
from cwtui.ui.widgets.summary_model import SentenceList
from tests.ui.event_rows import screen_text
from tests.ui.scripted import EventsApp, ScriptedReader, ScriptedServices, loaded, many, until

FIVE = json.dumps({"claims": [{"claim": "An upstream failed {P1.count} times.", "cites": ["P1"]}]})


class Scripted:
    """A model that says what it is told to."""

    host = "http://127.0.0.1:11434"

    def __init__(self, *fragments: str | CwtuiError, models: Sequence[ModelInfo] | CwtuiError = ()) -> None:
        self.fragments = fragments
        self.listed = models or (ModelInfo("qwen2.5:3b", "3.1B"),)
        self.loaded: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.disk = asyncio.Event()
        self.disk.set()
        self.unloaded = asyncio.Event()

    async def models(self) -> Sequence[ModelInfo]:
        if isinstance(self.listed, CwtuiError):
            raise self.listed
        return self.listed

    async def load(self, model: str, context_tokens: int) -> None:
        self.loaded.append((model, context_tokens))
        try:
            await self.disk.wait()
        except asyncio.CancelledError:
            self.unloaded.set()
            raise

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatText | ChatDone]:
        self.asked.append(request.model)
        for fragment in self.fragments:
            if isinstance(fragment, CwtuiError):
                raise fragment
            yield ChatText(fragment)
        yield ChatDone("stop")

    async def aclose(self) -> None:
        return None


class Talking(ScriptedServices):
    """Services with that model."""

    def __init__(self, reader: ScriptedReader, model: Scripted) -> None:
        super().__init__(reader)
        self.model = model

    def investigation(self) -> Investigation:
        made = super().investigation()
        made.chat = self.model
        return made

    @property
    def chat(self) -> ChatModel | None:
        return self.model


def app_of(model: Scripted) -> EventsApp:
    app = EventsApp(ScriptedReader(many(60)))
    app.scripted = app.services = Talking(app.scripted.scripted, model)
    return app


def said(app: EventsApp) -> tuple[str, str]:
    title, sentences = app.view.query_one("#model-title", Static), app.view.query_one(SentenceList)
    return str(title.content), "\n".join(str(option.prompt) for option in sentences.options)


async def words(app: EventsApp, pilot: Pilot[Any], end: str) -> tuple[str, str]:
    await loaded(app, pilot)
    await pilot.press("a")
    await until(pilot, lambda: bool(app.view.query("#model-title")) and end in said(app)[0])
    return said(app)


async def test_only_what_was_verified_is_shown_and_how_much_of_it_there_was() -> None:
    claims = [
        {"claim": "[red]Everything[/red] is fine.", "cites": ["P1"]},
        {"claim": "Lines were logged {P1.count} times.", "cites": ["P1"]},
    ]
    app = app_of(Scripted(json.dumps({"claims": claims})))
    async with app.run_test(size=(120, 40)) as pilot:
        title, text = await words(app, pilot, "verified")
        assert "qwen2.5:3b · verified " in title
        assert "of 2" in title
        assert "Everything" not in text


async def test_the_key_shows_what_the_model_was_sent_and_copies_it() -> None:
    app = app_of(Scripted(json.dumps({"claims": []})))
    async with app.run_test(size=(120, 40)) as pilot:
        await words(app, pilot, "form")
        app.view.query_one(DigestList).focus()
        await pilot.press("p")
        await until(pilot, lambda: "digest " in screen_text(app))
        assert "What qwen2.5:3b is sent, on this computer" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: "PATTERNS id" in app.clipboard)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.view)


async def test_without_a_server_the_pane_says_so_and_the_digest_stands() -> None:
    down = NetworkError("Ollama is not running at http://127.0.0.1:11434.", "Start it with `ollama serve`.")
    app = app_of(Scripted(models=down))
    async with app.run_test(size=(120, 40)) as pilot:
        title, _ = await words(app, pilot, "not running")
        assert "ollama serve" in title
        assert app.view.query_one(DigestList).option_count


async def test_a_missing_model_is_named_with_the_line_that_installs_it() -> None:
    app = app_of(Scripted(models=(ModelInfo("nomic-embed-text"),)))
    async with app.run_test(size=(120, 40)) as pilot:
        title, _ = await words(app, pilot, "No model")
        assert "ollama pull qwen2.5:3b" in title


async def test_a_model_that_breaks_off_keeps_what_was_verified_and_says_why() -> None:
    whole = json.dumps({"claims": [{"claim": "x", "cites": []}]})
    app = app_of(Scripted(whole, NetworkError("It broke.", "Ask again.")))
    async with app.run_test(size=(120, 40)) as pilot:
        title, _ = await words(app, pilot, "It broke")
        assert "verified 0 of 1" in title
        assert "Ask again." in title


async def test_a_sentence_is_a_line_whose_events_enter_goes_to_and_plus_shows_alone() -> None:
    app = app_of(Scripted(FIVE))
    async with app.run_test(size=(200, 50)) as pilot:
        await words(app, pilot, "verified 1 of 1")
        assert "An upstream failed 6 times. [P1]" in said(app)[1]
        await pilot.press("G")
        sentences = app.view.query_one(SentenceList)
        await until(pilot, lambda: sentences.has_focus)
        await pilot.press("enter")
        pane = app.view.summary
        assert pane is not None
        await until(pilot, lambda: pane.cited is not None and app.view.event_list.row_id == pane.cited)
        await pilot.press("plus")
        await until(pilot, lambda: len(app.view.investigation.view) == 6)
        assert len(app.view.stack) == 1
        # Back up into the digest, whose lines are no others.
        sentences.focus()
        await pilot.press("k")
        await until(pilot, lambda: app.view.query_one(DigestList).has_focus)


async def test_the_model_is_loaded_while_there_is_no_digest_and_closing_the_pane_ends_that() -> None:
    model = Scripted(FIVE)
    model.disk.clear()
    app = app_of(model)
    async with app.run_test(size=(120, 40)) as pilot:
        title, _ = await words(app, pilot, "loading")
        assert "qwen2.5:3b" in title
        assert model.asked == []
        await pilot.press("escape")
        await asyncio.wait_for(model.unloaded.wait(), 2)
        await until(pilot, lambda: app.view.summary is None)


async def test_another_model_is_chosen_and_speaks_and_a_remote_one_is_refused() -> None:
    models = (ModelInfo("big:480b-cloud"), ModelInfo("llama3.2:3b", "3.2B", 2_019_393_189, False, 131_072))
    model = Scripted(FIVE, models=(*models, ModelInfo("qwen2.5:3b", "3.3B")))
    app = app_of(model)
    async with app.run_test(size=(120, 40)) as pilot:
        await words(app, pilot, "verified 1 of 1")
        await pilot.press("m")
        await until(pilot, lambda: "131,072" in screen_text(app))
        assert "2.0 GB" in screen_text(app)
        assert "elsewhere" in screen_text(app)
        await pilot.press("1")
        await until(pilot, lambda: "allow_remote_model" in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: model.asked == ["qwen2.5:3b", "llama3.2:3b"])
        assert json.loads(model_file().read_text())["model"] == "llama3.2:3b"
        await pilot.press("colon")
        await until(pilot, lambda: app.view.prompt is not None)
        await pilot.press(*"model", "space", "q", "tab", "enter")
        await until(pilot, lambda: model.asked[-1] == "qwen2.5:3b")


async def test_without_a_server_the_list_of_models_gives_the_line_that_starts_it() -> None:
    down = NetworkError("Ollama is not running.", "Start it with `ollama serve`, then `ollama pull x`.")
    app = app_of(Scripted(models=down))
    async with app.run_test(size=(80, 24)) as pilot:
        await words(app, pilot, "not running")
        await pilot.press("m")
        await until(pilot, lambda: "copy the command" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == "ollama serve")
