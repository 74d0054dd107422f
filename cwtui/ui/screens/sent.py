"""What a model is sent, all of it: the prompt as it leaves this program, to be read and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cwtui.core.text import printable, printable_block
from cwtui.explain.narrate import NarrationState

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp


class SentScreen(ModalScreen[None]):
    """The prompt of a narration."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,p,d", "leave", "Close", show=False),
        Binding("y,c", "copy", "Copy", show=False),
        Binding("j,down", "move(1)", "Down", show=False),
        Binding("k,up", "move(-1)", "Up", show=False),
        Binding("space,ctrl+f,pagedown", "page(1)", "Page down", show=False),
        Binding("b,ctrl+b,pageup", "page(-1)", "Page up", show=False),
        Binding("g,home", "top", "Top", show=False),
        Binding("G,end", "end", "End", show=False),
    ]
    DEFAULT_CSS = """
    SentScreen {
        align: center middle;
        & #sheet {
            width: 120; max-width: 96%; height: 92%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #title { margin-bottom: 1; }
        & #keys { margin-top: 1; }
        & #prompt { height: 1fr; }
    }
    """

    def __init__(self, state: NarrationState) -> None:
        super().__init__()
        self._state = state

    def compose(self) -> ComposeResult:
        state = self._state
        to = printable(state.away) or "this computer"
        parts = [f"What {printable(state.model) or 'a model'} is sent, on {to}"]
        if state.redacted:
            parts.append(f"{state.redacted} secret{'' if state.redacted == 1 else 's'} replaced")
        if state.withheld:
            parts.append(f"{state.withheld} line{'' if state.withheld == 1 else 's'} withheld")
        keys = (("y", " copy   "), ("j k Space b", " scroll   "), ("Esc", " close"))
        with Vertical(id="sheet"):
            yield Static(Content.styled(", ".join(parts), "bold"), id="title")
            with VerticalScroll(id="prompt"):
                yield Static(Content(printable_block(state.prompt)))
            yield Static(
                Content.assemble(*(part for key, what in keys for part in ((key, "bold $accent"), what))),
                id="keys",
            )

    @property
    def _text(self) -> VerticalScroll:
        return self.query_one("#prompt", VerticalScroll)

    def on_mount(self) -> None:
        self._text.focus()

    def action_move(self, by: int) -> None:
        self._text.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        self._text.scroll_relative(y=by * max(1, self._text.size.height - 1), animate=False)

    def action_top(self) -> None:
        self._text.scroll_home(animate=False)

    def action_end(self) -> None:
        self._text.scroll_end(animate=False)

    def action_copy(self) -> None:
        cast("CwtuiApp", self.app).copy("the prompt", self._state.prompt)

    def action_leave(self) -> None:
        self.dismiss(None)
