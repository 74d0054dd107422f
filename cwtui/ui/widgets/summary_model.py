"""What a model says below the digest: where it stands, in one line, and its verified sentences."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cwtui.core.text import printable
from cwtui.explain.narrate import NarrationState, Stage
from cwtui.ui.widgets.summary_lines import said_lines
from cwtui.ui.widgets.summary_list import DigestList

_STAGES = {
    Stage.CONNECTING: "looking for a local model …",
    Stage.LOADING: "loading …",
    Stage.READY: "loaded",
    Stage.WRITING: "writing …  Esc stops it",
    Stage.DONE: "",
    Stage.FAILED: "",
}


class SentenceList(DigestList):
    """The sentences, as high as they are."""

    DEFAULT_CSS = """
    SentenceList, SentenceList:focus { height: auto; max-height: 100%; padding: 0; }
    """


class ModelBox(Vertical):
    """The part of a model in the pane; hidden until one is spoken of."""

    DEFAULT_CSS = """
    ModelBox {
        height: auto; max-height: 50%; display: none; border-top: hkey $gutter; padding: 0 1;
        &.-shown { display: block; }
        & #model-title { height: auto; color: $muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="model")
        self.state: NarrationState | None = None
        self._loaded = ""
        """The model that is loaded already: what takes its time then is reading the prompt."""

    def compose(self) -> ComposeResult:
        yield Static(id="model-title")
        yield SentenceList("model-text")

    @property
    def sentences(self) -> SentenceList:
        return self.query_one(SentenceList)

    @property
    def busy(self) -> bool:
        """Whether the model was asked and has not ended, so that Esc has something to stop."""
        state = self.state
        return state is not None and bool(state.prompt) and state.stage in (Stage.WRITING, Stage.LOADING)

    def clear(self) -> None:
        """As if no model had been spoken of."""
        self.state = None
        self.remove_class("-shown")
        self.sentences.show(())

    def show(self, state: NarrationState) -> None:
        """Shows where the model stands, and what was verified so far."""
        if state.stage is Stage.READY:
            self._loaded = state.model
        self.state = state
        self.add_class("-shown")
        self._title(
            Content.assemble(
                (_standing(state, loaded=state.model == self._loaded), "$muted"),
                (_leaving(state), "bold $level-warn"),
            )
        )
        self.sentences.show(list(said_lines(state.sentences)))

    def stopped(self) -> None:
        """The reader stopped it; what was verified stays."""
        if self.state is not None:
            self.state = replace(self.state, stage=Stage.DONE)
            self._title(Content.styled("Stopped.", "$muted"))

    def _title(self, content: Content) -> None:
        self.query_one("#model-title", Static).update(content)


def _standing(state: NarrationState, *, loaded: bool) -> str:
    """Where the model stands, in a line: not running, missing, loading, writing, verified n of m, failed."""
    model = printable(state.model) or "local model"
    note = " ".join(printable(part) for part in (state.message, state.hint) if part)
    if state.stage is Stage.FAILED and not state.verified:
        return f"No model: {note}"
    stage = _STAGES[state.stage]
    if state.stage is Stage.LOADING and loaded:
        stage = "reading the digest …  Esc stops it"
    elif state.stage is Stage.WRITING and state.again:
        stage = "writing once more what could not be verified …  Esc stops it"
    said = [f"{model}  {stage}".rstrip()]
    said += [part for part in (state.verified, note if state.stage is not Stage.WRITING else "") if part]
    return " · ".join(said)


def _leaving(state: NarrationState) -> str:
    return f"  Log text leaves this computer for {printable(state.away)}." if state.away else ""
