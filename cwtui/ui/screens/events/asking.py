"""A question about what is shown: its prompt, and the summary pane that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import on, work

from cwtui.core.errors import InputError
from cwtui.ui.screens.events.narrowing import Narrowing
from cwtui.ui.screens.events.reading import Reading
from cwtui.ui.widgets.prompt import Prompt
from cwtui.ui.widgets.summary import SummaryPane

SIGIL = "ask"
NOTE = "how many errors in checkout?  first timeout?  slowest?  what changed?"


class Asking(Reading, Narrowing):
    """`A` and `:ask`."""

    async def action_ask(self) -> None:
        if not self.ready or not len(self.investigation.view):
            self.say("There is nothing to ask about yet.")
            return
        await self.open_prompt(SIGIL, note=NOTE)

    @on(SummaryPane.QuestionAsked)
    async def _question_wanted(self, message: SummaryPane.QuestionAsked) -> None:
        message.stop()
        await self.action_ask()

    @on(Prompt.Submitted)
    def _question_entered(self, message: Prompt.Submitted) -> None:
        if message.sigil != SIGIL:
            return
        try:
            self.ask_written(message.text)
        except InputError as error:
            if self.prompt is not None:
                self.prompt.refuse(error)

    @on(Prompt.Cancelled)
    def _question_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == SIGIL:
            self.close_prompt()
            if self.summary is not None and not self.summary_aside:
                self.summary.focus()

    def ask_written(self, text: str) -> None:
        """Answers a question in the summary pane. Raises InputError where it is none."""
        from cwtui.explain.ask.answer import checked

        question = checked(text)
        if not self.ready or not len(self.investigation.view):
            self.say("There is nothing to ask about yet.")
            return
        self.remember(SIGIL, question)
        if self.prompt is not None and self.prompt.sigil == SIGIL:
            self.close_prompt()
        self.answer(question)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def answer(self, question: str) -> None:
        """Asks the pane that is open if it is of what is shown now, else a new one."""
        if self.summary is not None and not self.summary_is_current():
            self.close_summary()
        if self.summary is None:
            await self.open_summary(question)
        else:
            self.recall_summary()
            self.summary.ask(question)

    def asking_commands(self) -> Mapping[str, Callable[[str], None]]:
        """The `:` command of this concern."""
        return {"ask": self.ask_written}
