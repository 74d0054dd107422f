"""Textual bindings from the table of keys in `core.keymap`."""

from __future__ import annotations

from textual.binding import Binding

from cwtui.core.keymap import rows_of


def bindings_for(*panes: str) -> list[Binding]:
    """The bindings of the panes, such as `bindings_for("groups")`: what a screen or widget puts into BINDINGS."""
    return [
        Binding(
            ",".join(row.keys),
            row.verb,
            row.label,
            show=row.in_footer,
            tooltip=row.help,
            id=row.id,
            # Screen and Input bind ctrl+c too, nearer than the App does.
            priority=row.id == "global.interrupt",
        )
        for row in rows_of(*panes)
    ]
