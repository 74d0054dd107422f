"""The summary beside the events: a digest whose lines jump to their events, then a model's words.

The digest is computed and always stands. A model's text is streamed below it, may fail or be
stopped at any time, and never becomes an action, a link or markup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.core.errors import CwtuiError
from cwtui.core.text import printable, printable_block
from cwtui.explain.narrate import NarrationState, Stage
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.summary_lines import Line, digest_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.explain.values import Digest
    from cwtui.investigation import Investigation

_STAGES = {
    Stage.CONNECTING: "looking for a local model …",
    Stage.LOADING: "loading …",
    Stage.WRITING: "writing …  Esc stops it",
    Stage.DONE: "",
    Stage.FAILED: "",
}


PAGE = 8
"""Lines that page down moves over."""


class DigestList(OptionList, inherit_bindings=False):
    """The digest's lines; only those that cite events can be chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("summary", "motion", "text"),
        Binding("ctrl+d", "page_down", show=False),
        Binding("ctrl+u", "page_up", show=False),
    ]
    DEFAULT_CSS = """
    DigestList, DigestList:focus {
        height: 1fr; border: none; padding: 0 1; background: $background; background-tint: $background 0%;
        scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0; }
        & > .option-list--option-disabled { color: $foreground; }
        & > .option-list--option-highlighted { background: $background; color: $foreground; }
    }
    DigestList:focus > .option-list--option-highlighted {
        background: $selection; color: $foreground; text-style: none;
    }
    """

    def action_next_citation(self) -> None:
        self._step(1)

    def action_previous_citation(self) -> None:
        self._step(-1)

    def action_page_down(self) -> None:
        self._step(PAGE)

    def action_page_up(self) -> None:
        self._step(-PAGE)

    def action_first(self) -> None:
        self._step(-self.option_count)
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        self._step(self.option_count)
        self.scroll_end(animate=False)

    def _step(self, by: int) -> None:
        """Moves over the lines that can be chosen, and stops at the ends."""
        lines = [place for place in range(self.option_count) if not self.get_option_at_index(place).disabled]
        if lines:
            now = lines.index(self.highlighted) if self.highlighted in lines else 0
            self.highlighted = lines[max(0, min(now + by, len(lines) - 1))]

    def action_jump(self) -> None:
        self.action_select()

    def action_again(self) -> None:
        self.post_message(SummaryPane.AgainAsked())

    def action_copy(self) -> None:
        self.post_message(SummaryPane.CopyAsked())

    def action_prompt(self) -> None:
        self.post_message(SummaryPane.PromptAsked())

    def action_close(self) -> None:
        self.post_message(SummaryPane.CloseAsked())


class SummaryPane(Vertical):
    """Explains what an investigation shows at the moment it is opened."""

    DEFAULT_CSS = """
    SummaryPane {
        width: 1fr; height: 1fr; background: $background;
        & #summary-title { height: 1; padding: 0 1; color: $muted; }
        & #model { height: auto; max-height: 50%; display: none; border-top: hkey $gutter; padding: 0 1; }
        & #model.-shown { display: block; }
        & #model-title { height: auto; color: $muted; }
        & #model-text { height: auto; }
    }
    """

    @dataclass
    class CitationChosen(Message):
        """The event behind a line is to be shown."""

        row_id: int

    class Closed(Message):
        """The pane is to be taken away."""

    class CloseAsked(Message):
        """Escape: stop the model first, then close."""

    class AgainAsked(Message):
        """The digest is to be made anew."""

    class PromptAsked(Message):
        """What a model is sent is to be shown in place of its words, or they again."""

    class CopyAsked(Message):
        """The digest is to be copied as Markdown."""

    def __init__(
        self, investigation: Investigation, ids: NDArray[np.int64] | None = None, against: str = ""
    ) -> None:
        """`ids` are the rows to explain, in display order; by default all that is shown.

        `against` is what to compare them with (`Investigation.compare_with`); empty for nothing.
        """
        super().__init__()
        self._investigation = investigation
        self._ids = ids
        self._against = against
        self._lines: Sequence[Line] = ()
        self._visits: dict[int, int] = {}
        self._digest: Digest | None = None
        self._summary_lock = asyncio.Lock()
        self._writing = False
        self._state: NarrationState | None = None
        self._prompt_shown = False

    @property
    def cited(self) -> int | None:
        """The event (row id) that the highlighted line would jump to."""
        place = self.query_one(DigestList).highlighted
        events = self._lines[place].events if place is not None and place < len(self._lines) else ()
        return events[max(0, self._visits.get(place or 0, 0) - 1) % len(events)] if events else None

    def compose(self) -> ComposeResult:
        yield Static(id="summary-title")
        yield DigestList(markup=False)
        with VerticalScroll(id="model", can_focus=False):
            yield Static(id="model-title")
            yield Static(id="model-text")

    def on_mount(self) -> None:
        self.explain()

    def focus(self, scroll_visible: bool = True) -> SummaryPane:
        """The list takes the keys."""
        self.call_after_refresh(self._focus_list, scroll_visible)
        return self

    def _focus_list(self, scroll_visible: bool) -> None:
        # A quick second key has taken the pane away again by now.
        for lines in self.query(DigestList):
            lines.focus(scroll_visible)

    # ------------------------------------------------------------------ digest and words

    @work(group="summary", exclusive=True, exit_on_error=False)
    async def explain(self) -> None:
        """Makes the digest of what is shown now, then lets a model add words."""
        async with self._summary_lock:
            count = len(self._investigation.view if self._ids is None else self._ids)
            self.query_one("#model").remove_class("-shown")
            self._state, self._prompt_shown = None, False
            try:
                if self._against:
                    self._title(f"loading what to compare with: {printable(self._against)} …")
                await self._investigation.compare_with(self._against, self._ids)
                self._title(f"reading {count:,} events …")
                self._digest = await self._investigation.digest(self._ids)
            except CwtuiError as error:
                self._title(f"{printable(error.message)} {printable(error.hint)}")
                return
            against = f" against {printable(self._against)}" if self._against else ""
            self._title(f"{count:,} event{'' if count == 1 else 's'}{against}")
            self._show(self._digest)
            if self._investigation.chat is not None:
                await self._narrate(self._digest)

    async def _narrate(self, digest: Digest) -> None:
        self.query_one("#model").add_class("-shown")
        self._writing = True
        try:
            async with aclosing(self._investigation.narrate(digest)) as states:
                async for state in states:
                    self._words(state)
        finally:
            self._writing = False

    def _show(self, digest: Digest) -> None:
        settings = self._investigation.settings
        self._lines = list(digest_lines(digest, settings.tzinfo, ascii_only=settings.ascii_only))
        self._visits = {}
        options = self.query_one(DigestList)
        options.clear_options()
        options.add_options(
            Option(line.content, id=str(place), disabled=not line.events)
            for place, line in enumerate(self._lines)
        )
        options.highlighted = next((place for place, line in enumerate(self._lines) if line.events), None)

    def _words(self, state: NarrationState) -> None:
        self._state = state
        self.query_one("#model-title", Static).update(
            Content.assemble((_standing(state), "$muted"), (_leaving(state), "bold $level-warn"))
        )
        text = self.query_one("#model-text", Static)
        if self._prompt_shown:
            text.update(Content.styled(printable_block(state.prompt), "$muted"))
            return
        lines = [
            Content.assemble(
                printable(sentence.text.strip()),
                (f" [{', '.join(sentence.cites)}]" if sentence.cites else "", "$faint"),
            )
            for sentence in state.sentences
        ]
        text.update(Content("\n").join(lines))

    def _title(self, text: str) -> None:
        self.query_one("#summary-title", Static).update(
            Content.assemble(("SUMMARY  ", "bold $accent"), (text, "$muted"))
        )

    # ------------------------------------------------------------------ what the keys ask

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        events = self._lines[message.option_index].events
        if events:
            # Enter again on the same line goes on to the next of its events.
            visit = self._visits.get(message.option_index, 0)
            self._visits[message.option_index] = visit + 1
            self.post_message(self.CitationChosen(events[visit % len(events)]))

    @on(AgainAsked)
    def _again(self) -> None:
        self.explain()

    @on(PromptAsked)
    def _prompt(self) -> None:
        if self._state is None or not self._state.prompt:
            self.notify("Nothing is sent to a model.", markup=False)
            return
        self._prompt_shown = not self._prompt_shown
        self._words(self._state)

    @on(CloseAsked)
    def _close(self) -> None:
        if self._state is not None and self._state.stage is Stage.WRITING:
            self.workers.cancel_group(self, "summary")
            self.query_one("#model-title", Static).update(Content.styled("Stopped.", "$muted"))
        else:
            self.post_message(self.Closed())

    @on(CopyAsked)
    @work(group="summary-copy", exclusive=True, exit_on_error=False)
    async def _copy(self) -> None:
        if self._digest is not None:
            text = printable_block(await self._investigation.report(self._digest))
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied the summary as Markdown ({len(text):,} characters).", markup=False)


def _standing(state: NarrationState) -> str:
    """Where the model stands, in a line: not running, missing, loading, writing, verified n of m, failed."""
    model = printable(state.model) or "local model"
    note = " ".join(printable(part) for part in (state.message, state.hint) if part)
    if state.stage is Stage.FAILED and not state.verified:
        return f"No model: {note}"
    said = [f"{model}  {_STAGES[state.stage]}".rstrip()]
    said += [part for part in (state.verified, note if state.stage is not Stage.WRITING else "") if part]
    return " · ".join(said)


def _leaving(state: NarrationState) -> str:
    return f"  Log text leaves this computer for {printable(state.away)}." if state.away else ""
