"""The summary beside the events: a digest whose lines lead to their events, then a model's words.

The digest is computed and always stands. A model is loaded while it is made; its text is streamed below it,
may fail or be stopped at any time, and never becomes an action, a link or markup.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cwtui.core.errors import CwtuiError
from cwtui.core.text import printable, printable_block
from cwtui.explain.narrate import NarrationState, Stage
from cwtui.explain.values import MAX_EVENTS
from cwtui.ui.widgets.answer_lines import answer_lines
from cwtui.ui.widgets.summary_lines import Line, digest_lines
from cwtui.ui.widgets.summary_list import DigestList as DigestList
from cwtui.ui.widgets.summary_model import ModelBox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.explain.ask.answer import Answer
    from cwtui.explain.values import Digest
    from cwtui.investigation import Investigation


class SummaryPane(Vertical):
    """Explains what an investigation shows at the moment it is opened."""

    DEFAULT_CSS = """
    SummaryPane {
        width: 1fr; height: 1fr; background: $background;
        & #summary-title { height: 1; padding: 0 1; color: $muted; }
    }
    """

    @dataclass
    class CitationChosen(Message):
        """The event behind a line is to be shown."""

        row_id: int

    @dataclass
    class BeforeChosen(Message):
        """The events behind a line lie in the window compared with: they are to be shown apart."""

        digest: Digest
        line: Line

    @dataclass
    class Narrowed(Message):
        """The events of a line are to be the only ones shown, or to be hidden."""

        digest: Digest | None
        """What says which the patterns of the line are; None where it names none."""
        line: Line
        ids: NDArray[np.int64] | None
        """What was explained, where that is not all that was shown."""
        hide: bool

    class Closed(Message):
        """The pane is to be taken away."""

    class QuestionAsked(Message):
        """A question is to be written."""

    class ModelAsked(Message):
        """Another model is to be chosen."""

    def __init__(
        self,
        investigation: Investigation,
        ids: NDArray[np.int64] | None = None,
        against: str = "",
        model: Callable[[], str] = lambda: "",
        question: str = "",
    ) -> None:
        """`ids` are the rows to explain, in display order; by default all that is shown.

        `against` is what to compare them with (`Investigation.compare_with`); empty for nothing. `model`
        tells the model to ask; empty for the largest local one. A `question` is answered in place of a
        summary.
        """
        super().__init__()
        self._investigation = investigation
        self._ids = ids
        self._against = against
        self._model = model
        self._visits: dict[str, int] = {}
        self._question = question
        self._answer: Answer | None = None
        self._digest: Digest | None = None
        self._generation = investigation.generation
        self._made = asyncio.Event()
        self._summary_lock = asyncio.Lock()
        self._model_lock = asyncio.Lock()

    @property
    def cited(self) -> int | None:
        """The event (row id) that the chosen line would jump to."""
        line = self._list.line
        if line is None or not line.events:
            return None
        return line.events[max(0, self._visits.get(line.key, 0) - 1) % len(line.events)]

    @property
    def outdated(self) -> bool:
        """Whether the events were loaded anew since: the rows that are cited name others now."""
        return self._generation != self._investigation.generation

    def compose(self) -> ComposeResult:
        yield Static(id="summary-title")
        yield DigestList()
        yield ModelBox()

    def on_mount(self) -> None:
        digest, sentences = self.query_one(DigestList), self._box.sentences
        digest.below, sentences.above = sentences, digest
        self.explain()

    def focus(self, scroll_visible: bool = True) -> SummaryPane:
        """The list takes the keys."""
        self.call_after_refresh(self._focus_list, scroll_visible)
        return self

    def _focus_list(self, scroll_visible: bool) -> None:
        # A quick second key has taken the pane away again by now.
        if self.query(DigestList):
            self._list.focus(scroll_visible)

    @property
    def _list(self) -> DigestList:
        """The list that has the keys, or had them last: the digest's or that of the sentences."""
        sentences = self._box.sentences
        return sentences if sentences.has_focus else self.query_one(DigestList)

    @property
    def _box(self) -> ModelBox:
        return self.query_one(ModelBox)

    # ------------------------------------------------------------------ digest and words

    def ask(self, question: str) -> None:
        """Answers a question about the same events; `explain` summarises them again."""
        self._question = question
        self.explain()

    def explain(self) -> None:
        """Makes the digest of what is shown now, or answers the question; a model then adds words."""
        self.workers.cancel_group(self, "model")
        self._made.clear()
        self._digest = self._answer = None
        self._box.clear()
        self._explain()
        if not self._question:
            self.speak()

    def speak(self) -> None:
        """Lets the model begin: it is loaded while the digest is made, and asked once that is there."""
        if self._investigation.chat is not None:
            self._speak()

    @work(group="summary", exclusive=True, exit_on_error=False)
    async def _explain(self) -> None:
        async with self._summary_lock:
            investigation = self._investigation
            self._generation = investigation.generation
            count = len(investigation.view if self._ids is None else self._ids)
            if self._question:
                await self._reply(count)
                return
            try:
                self._title(f"reading {count:,} events …")
                first = None
                async with aclosing(investigation.first_looks(self._ids)) as looks:
                    async for first in looks:
                        self._show(first)
                if self._against:
                    self._title(f"loading what to compare with: {printable(self._against)} …")
                await investigation.compare_with(self._against, self._ids)
                self._title(f"reading {count:,} events …{'' if first is None else '  a first look:'}")
                self._digest = await investigation.digest(self._ids)
            except CwtuiError as error:
                self._title(f"{printable(error.message)} {printable(error.hint)}")
                return
            against = f" against {printable(self._against)}" if self._against else ""
            self._title(f"{count:,} event{'' if count == 1 else 's'}{against}")
            self._show(self._digest)
            self._made.set()

    async def _reply(self, count: int) -> None:
        """Answers the question; only where code could not is a model asked to."""
        investigation = self._investigation
        self._title(f"asking {count:,} events …")
        try:
            await investigation.compare_with(self._against, self._ids)
            answer = self._answer = await investigation.ask(self._question, self._ids)
        except CwtuiError as error:
            self._title(f"{printable(error.message)} {printable(error.hint)}")
            return
        self._digest = answer.digest
        self._title(f"{count:,} event{'' if count == 1 else 's'}  a summarises them")
        self._visits = {}
        ascii_only = investigation.settings.ascii_only
        self.query_one(DigestList).show(list(answer_lines(answer, ascii_only=ascii_only)))
        self._made.set()
        if answer.digest is not None:
            self.speak()

    @work(group="model", exclusive=True, exit_on_error=False)
    async def _speak(self) -> None:
        async with self._model_lock:
            self._box.clear()
            await self._follow(self._investigation.warm_up(self._model()))
            await self._made.wait()
            if self._digest is not None:
                await self._follow(self._investigation.narrate(self._digest, self._model(), self._question))

    async def _follow(self, states: AsyncGenerator[NarrationState, None]) -> None:
        async with aclosing(states):
            async for state in states:
                # Where a model was looked for already, that it is looked for again is no news.
                if state.stage is not Stage.CONNECTING or self._box.state is None:
                    self._box.show(state)

    def _show(self, digest: Digest) -> None:
        settings = self._investigation.settings
        self._visits = {}
        lines = digest_lines(digest, settings.tzinfo, ascii_only=settings.ascii_only)
        self.query_one(DigestList).show(list(lines))

    def _title(self, text: str) -> None:
        self.query_one("#summary-title", Static).update(
            Content.assemble(
                ("ANSWER  " if self._question else "SUMMARY  ", "bold $accent"), (text, "$muted")
            )
        )

    # ------------------------------------------------------------------ what the keys ask

    @on(DigestList.Asked)
    def _asked(self, message: DigestList.Asked) -> None:
        message.stop()
        match message.verb:
            case "jump" if message.line is not None:
                self._jump(message.line)
            case "only" | "hide" if message.line is not None:
                self._narrow(message.line, hide=message.verb == "hide")
            case "again":
                self._question = ""
                self.explain()
            case "ask":
                self.post_message(self.QuestionAsked())
            case "copy":
                self._copy()
            case "prompt":
                self.show_prompt()
            case "model":
                self.post_message(self.ModelAsked())
            case "close":
                self._close()

    def _jump(self, line: Line) -> None:
        if not line.events:
            if self._digest is not None:
                self.post_message(self.BeforeChosen(self._digest, line))
            return
        # Enter again on the same line goes on to the next of its events.
        visit = self._visits.get(line.key, 0)
        self._visits[line.key] = visit + 1
        self.post_message(self.CitationChosen(line.events[visit % len(line.events)]))

    def _narrow(self, line: Line, *, hide: bool) -> None:
        if self._digest is None and self._answer is None:
            self.notify("The digest is being made still: a moment.", markup=False)
        elif not line.patterns and self._answer is not None and len(line.events) >= MAX_EVENTS:
            self.notify("Only some of its events are cited: narrow with & or L.", markup=False)
        elif line.events:
            self.post_message(self.Narrowed(self._digest, line, self._ids, hide))
        else:
            self.notify("Those events are not in this window; Enter shows them.", markup=False)

    def show_prompt(self) -> None:
        """Shows what a model is sent."""
        state = self._box.state
        if state is None or not state.prompt:
            self.notify("Nothing is sent to a model.", markup=False)
            return
        from cwtui.ui.screens.sent import SentScreen

        self.app.push_screen(SentScreen(state))

    def _close(self) -> None:
        if self._box.busy:
            self.workers.cancel_group(self, "model")
            self._box.stopped()
        else:
            self.post_message(self.Closed())

    @work(group="summary-copy", exclusive=True, exit_on_error=False)
    async def _copy(self) -> None:
        told = self._digest if self._answer is None else self._answer.said_by(self._box.state)
        if told is None:
            self.notify("The digest is being made still: a moment.", markup=False)
        else:
            text = printable_block(await self._investigation.report(told))
            self.app.copy_to_clipboard(text)
            what = "summary" if self._answer is None else "answer"
            self.notify(f"Copied the {what} as Markdown ({len(text):,} characters).", markup=False)
