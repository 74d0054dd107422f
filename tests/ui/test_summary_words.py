"""A model's words in the summary pane: its states, what was verified, and the prompt that it was sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from cwtui.core.errors import CwtuiError, NetworkError
from cwtui.core.ports import ChatDone, ChatRequest, ChatText, ModelInfo
from cwtui.investigation import Investigation
from cwtui.ui.widgets.summary import DigestList
from tests.ui.scripted import EventsApp, ScriptedReader, ScriptedServices, loaded, many, until


class Scripted:
    """A model that says what it is told to."""

    host = "http://127.0.0.1:11434"

    def __init__(self, *fragments: str | CwtuiError, models: Sequence[ModelInfo] | CwtuiError = ()) -> None:
        self.fragments = fragments
        self.listed = models or (ModelInfo("qwen2.5:3b", "3.1B"),)
        self.loaded: list[tuple[str, int]] = []

    async def models(self) -> Sequence[ModelInfo]:
        if isinstance(self.listed, CwtuiError):
            raise self.listed
        return self.listed

    async def load(self, model: str, context_tokens: int) -> None:
        self.loaded.append((model, context_tokens))

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatText | ChatDone]:
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


def app_of(model: Scripted) -> EventsApp:
    app = EventsApp(ScriptedReader(many(60)))
    app.scripted = app.services = Talking(app.scripted.scripted, model)
    return app


def said(app: EventsApp) -> tuple[str, str]:
    title, text = (app.view.query_one(name, Static) for name in ("#model-title", "#model-text"))
    return str(title.content), str(text.content)


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


async def test_the_key_shows_what_the_model_was_sent_and_again_its_words() -> None:
    app = app_of(Scripted(json.dumps({"claims": []})))
    async with app.run_test(size=(120, 40)) as pilot:
        await words(app, pilot, "form")
        before = said(app)[1]
        app.view.query_one(DigestList).focus()
        await pilot.press("p")
        await until(pilot, lambda: "PATTERNS id" in said(app)[1])
        await pilot.press("p")
        await until(pilot, lambda: said(app)[1] == before)


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
