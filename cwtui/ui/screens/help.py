"""`?`: the keys of this pane, from the table, narrowed by what is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cwtui.core.keymap import PANES, KeyRow, show_key, show_keys, with_keymap
from cwtui.ui.commands import COMMANDS

_KEYS_WIDTH = 22


class HelpScreen(ModalScreen[None]):
    """Keys and commands; type to search, Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1", "close", "Close", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("pagedown,ctrl+f", "scroll(10)", "Page down", show=False),
        Binding("pageup,ctrl+b", "scroll(-10)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & #sheet {
            width: 90; max-width: 96%; height: 90%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & #search { height: 1; margin-bottom: 1; }
        & #search Static { width: auto; color: $accent; text-style: bold; }
        & #search Input, & #search Input:focus {
            width: 1fr; height: 1; border: none; padding: 0; background: $surface;
        }
        & VerticalScroll { scrollbar-size-vertical: 1; scrollbar-background: $surface; }
    }
    """

    def __init__(self, panes: Sequence[str], keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._panes = tuple(panes)
        self._table = with_keymap(keymap)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="sheet", can_focus=False):
            with Horizontal(id="search"):
                yield Static(Content("search "))
                yield HelpSearch(placeholder="a key, a word; Esc closes")
            yield Static(Content(""), id="rows")

    def on_mount(self) -> None:
        self.query_one(HelpSearch).focus()

    def on_resize(self) -> None:
        self._show()

    @on(Input.Changed)
    def _show(self) -> None:
        width = min(90, self.app.size.width * 96 // 100) - 8
        wanted = self.query_one(HelpSearch).value
        self.query_one("#rows", Static).update(help_content(self._panes, self._table, wanted, width))

    def action_close(self) -> None:
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#sheet", VerticalScroll).scroll_relative(y=lines, animate=False)


class HelpSearch(Input):
    """Takes every printable key but `?`, which closes what it opened."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character != "?" and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if event.character == "?":
            event.prevent_default()
        else:
            await super()._on_key(event)


def help_content(panes: Sequence[str], table: Sequence[KeyRow], wanted: str, width: int = 80) -> Content:
    """The rows of the panes that hold every word of the search, a heading over each pane."""
    words = wanted.lower().split()
    blocks: list[Content] = []
    for pane in panes:
        rows = [row for row in table if row.pane == pane and _holds(row, words)]
        if rows:
            blocks.append(
                Content("\n").join(
                    [
                        Content.styled(PANES[pane], "bold $primary"),
                        *(_line([show_key(key) for key in row.keys], row.help, width) for row in rows),
                    ]
                )
            )
    commands = [
        spec
        for spec in COMMANDS
        if all(word in f":{spec.name} {spec.help} {' '.join(spec.aliases)}".lower() for word in words)
    ]
    if commands:
        lines = [Content.styled("Commands", "bold $primary")]
        lines += [_line([spec.usage], spec.help, width) for spec in commands]
        blocks.append(Content("\n").join(lines))
    if not blocks:
        return Content.styled("Nothing here does that. Try another word, or ctrl+p.", "$muted")
    return Content("\n\n").join(blocks)


def _line(keys: Sequence[str], sentence: str, width: int) -> Content:
    head = Content("  ").join([Content.styled(key, "bold $accent") for key in keys])
    column = max(_KEYS_WIDTH, head.cell_length + 3)
    folded = wrap(sentence, max(20, width - column)) or [""]
    text = ("\n" + " " * column).join(folded)
    return Content.assemble("  ", head, " " * (column - 2 - head.cell_length), (text, "$foreground"))


def _holds(row: KeyRow, words: Sequence[str]) -> bool:
    text = f"{show_keys(row.keys)} {row.label} {row.help} {row.id}".lower()
    return all(word in text for word in words)
