"""The footer: the seven verbs that matter in the focused pane, from the table of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from cwtui.core.keymap import MODES, KeyRow, show_key, with_keymap
from cwtui.ui.widgets.name_filter import is_name_character

SHOWN = 7


class KeyHints(Widget):
    """One line at the bottom; a click on a verb does it."""

    DEFAULT_CSS = """
    KeyHints {
        dock: bottom;
        height: 1;
        padding: 0 1;
        color: $muted;
    }
    """

    pane: reactive[str] = reactive("global")
    typing: reactive[bool] = reactive(False)
    """A field takes letters and digits now, so verbs show a key that still reaches them."""

    def __init__(self, pane: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.set_reactive(KeyHints.pane, pane)
        # The keys stay in their own colour; a click works all the same.
        self.auto_links = False
        self._table = with_keymap(keymap)

    def render(self) -> Content:
        return hints_content(footer_rows(self.pane, self._table, typing=self.typing), self.size.width)


def footer_rows(pane: str, table: list[KeyRow], *, typing: bool = False) -> list[KeyRow]:
    """The verbs of a pane's footer: its own first, the command line and help always last."""
    panes = MODES.get(pane, (pane,))
    if typing:
        table = [
            replace(row, keys=keys)
            for row in table
            if (keys := tuple(key for key in row.keys if len(key) > 1 or not is_name_character(key)))
        ]
    own = [row for row in table if row.in_footer and row.pane in panes and row.pane != "global"]
    shared = [row for row in table if row.in_footer and row.pane == "global"]
    shared.sort(key=lambda row: row.id == "global.help")
    return [*own[: SHOWN - len(shared)], *shared]


def hints_content(rows: list[KeyRow], width: int) -> Content:
    """`/ find  & filter  ...`, leaving out from the middle what does not fit; help stays."""
    rows = list(rows)
    hints = [_hint(row) for row in rows]
    while len(hints) > 1 and sum(hint.cell_length + 3 for hint in hints) - 3 > width:
        hints.pop(-3 if len(hints) > 2 else 0)
    return Content("   ").join(hints)


def _hint(row: KeyRow) -> Content:
    click = Style.from_meta({"@click": f"app.run_binding({row.id!r})"})
    hint = Content.assemble((show_key(row.keys[0]), "bold $accent"), " ", row.label)
    return hint.stylize(click)
