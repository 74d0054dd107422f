"""The `:` line: opens the prompt, completes and checks what is written there, and does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cwtui.core.aliases import MARK
from cwtui.core.errors import CwtuiError, InputError
from cwtui.ui import commands
from cwtui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_ID = "command-line"


class CommandLine:
    """Works on the app's front screen; `own` are the commands that the app does itself, by name."""

    def __init__(self, app: CwtuiApp, own: Mapping[str, Callable[[str], None]]) -> None:
        self._app = app
        self._own = own
        self._history: list[str] = []

    async def ask(self, text: str) -> None:
        """Opens the command line, with something written already."""
        if self._prompt is not None:
            return
        await self._app.screen.mount(
            Prompt(":", text=text, history=self._history, complete=self._complete, id=_ID)
        )

    def _complete(self, text: str) -> list[str]:
        aliases = [f"{MARK}{alias}" for alias in self._app.services.settings.aliases]
        names = [*aliases, *self._app.groups_screen.group_names]
        return commands.complete(
            text,
            {
                "theme": lambda: self._app.theme_names,
                "model": lambda: self._app.models.names,
                "streams": lambda: names,
                "tail": lambda: names,
                "doctor": lambda: names,
                "level": lambda: commands.LEVELS,
                "time": lambda: commands.TIMES,
                "goto": lambda: commands.TIMES,
                **self._app.switching.completions(),
                **self._app.front.completions(),
            },
        )

    def typed(self, message: Prompt.Changed) -> None:
        """Says what the command does whose name is written."""
        if message.sigil == ":" and (prompt := self._prompt) is not None:
            spec = commands.spec_of(message.text.split(" ")[0])
            if spec is not None and spec.name == "model":
                self._app.models.learn()  # so that Tab has names to offer by then
            prompt.say(f"{spec.usage}  {spec.help}" if spec else "")

    def entered(self, message: Prompt.Submitted) -> None:
        """Does the command and closes the line, or says there what is wrong."""
        prompt = self._prompt
        if message.sigil != ":" or prompt is None:
            return
        try:
            self.run(message.text)
        except CwtuiError as error:
            prompt.refuse(error)
            return
        if message.text.strip():
            self._history.append(message.text.strip())
        prompt.remove()

    def cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == ":" and (prompt := self._prompt) is not None:
            prompt.remove()

    @property
    def _prompt(self) -> Prompt | None:
        return self._app.screen.query_one_optional(f"#{_ID}", Prompt)

    def run(self, line: str) -> None:
        """Does what a command line says. Raises InputError where it is not understood, or not done here."""
        command = commands.parse(line)
        run = self._app.front.commands().get(command.name) or self._own.get(command.name)
        if run is None:
            place = "a list or the events" if command.name == commands.ROW else "the events of a group"
            raise InputError(f"That works in {place}.", "Open a group with l first.", code="command")
        try:
            run(command.argument)
        except InputError as error:
            # Its column is one of the argument; the line is what stands in the prompt.
            error.column += line.rfind(command.argument) if error.column else 0
            raise
