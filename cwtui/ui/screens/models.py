"""The models that are installed, to choose the one that is asked; or how to get one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.core.errors import CwtuiError
from cwtui.core.ports import ChatModel, ModelInfo
from cwtui.core.text import printable
from cwtui.explain.choosing import check_model, choose_model, is_remote
from cwtui.ui.screens.sheet import ListSheet, cut

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_COMMAND = re.compile(r"`([^`]+)`|^(ollama [^`]+)$")
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


class ModelScreen(ListSheet[str]):
    """Dismissed with the name of the model to ask from now on, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,c", "copy", "Copy the command", show=False),
        Binding("r,ctrl+r,f5", "look", "Look again", show=False),
        *(Binding(str(number), f"take({number - 1})", str(number), show=False) for number in range(1, 10)),
    ]
    DEFAULT_CSS = """
    ModelScreen #state { margin-top: 1; }
    """

    def __init__(self, chat: ChatModel, chosen: str, *, allow_remote: bool) -> None:
        super().__init__()
        self._chat = chat
        self._chosen = chosen
        self._allow_remote = allow_remote
        self._models: Sequence[ModelInfo] = ()
        self._commands: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled(f"Models at {printable(self._chat.host)}", "bold"), id="title")
            yield OptionList(markup=False)
            yield Static(id="state")
            yield Static(id="keys")

    def on_mount(self) -> None:
        super().on_mount()
        self.action_look()

    def action_look(self) -> None:
        """Asks for the models, again where it was asked before."""
        self._say("Asking …")
        self._look()

    @work(group="models", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        try:
            self._models = await self._chat.models()
            used = choose_model(self._models, self._chosen, self._allow_remote)
        except CwtuiError as error:
            self._tell(error)
        else:
            self._chosen = used.name
            self._say("")
        self.redraw()
        names = [model.name for model in self._models]
        if self._chosen in names:
            self.options.highlighted = names.index(self._chosen)

    # ------------------------------------------------------------------ showing

    def lines(self) -> list[Option]:
        column = max((len(printable(model.name)) for model in self._models), default=0)
        column = min(column, self.room - 34)
        return [
            Option(_line(number, model, column, used=model.name == self._chosen))
            for number, model in enumerate(self._models, 1)
        ]

    def _tell(self, error: CwtuiError) -> None:
        """Says why there is none to choose, or none in use, each command to type on a line of its own."""
        self._commands = tuple(one or other for one, other in _COMMAND.findall(error.hint))
        lines = [Content.styled(printable(error.message), "$level-warn")]
        if self._commands:
            lines += [Content.styled(f"  {printable(command)}", "bold") for command in self._commands]
        elif error.hint:
            lines.append(Content(printable(error.hint)))
        self._show(Content("\n").join(lines))

    def _say(self, text: str) -> None:
        self._commands = ()
        self._show(Content.styled(text, "$muted"))

    def _show(self, said: Content) -> None:
        self.query_one("#state", Static).update(said)
        hints = [("Enter", "ask it from now on")] if self._models else []
        hints += [("y", "copy the command")] if self._commands else []
        hints += [("r", "look again"), ("Esc", "close")]
        self.query_one("#keys", Static).update(
            Content("   ").join(Content.assemble((key, "bold $accent"), f" {what}") for key, what in hints)
        )

    # ------------------------------------------------------------------ keys

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.action_take(message.option_index)

    def action_take(self, place: int) -> None:
        if place >= len(self._models):
            return
        model = self._models[place]
        try:
            check_model(model, self._allow_remote)
        except CwtuiError as error:
            self._tell(error)
        else:
            self.dismiss(model.name)

    def action_copy(self) -> None:
        if self._commands:
            cast("CwtuiApp", self.app).copy("the command", self._commands[0])


def _line(number: int, model: ModelInfo, column: int, *, used: bool) -> Content:
    name = cut(printable(model.name), column)
    facts = [
        f"{printable(model.parameters):>6}",
        f"{_size(model.size_bytes):>7}",
        f"{f'{model.context_tokens:,}' if model.context_tokens else '':>9}",
    ]
    return Content.assemble(
        (f"{number}  " if number < 10 else "   ", "$accent"),
        ("* " if used else "  ", "bold $accent"),
        (f"{name:<{column}}  ", "bold" if used else ""),
        ("  ".join(facts), "$muted"),
        ("  elsewhere", "$level-warn") if is_remote(model) else "",
    )


def _size(count: int) -> str:
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return ""
