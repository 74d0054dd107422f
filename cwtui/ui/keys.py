"""Textual bindings from the table of keys in `core.keymap`."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from cwtui.core.keymap import rows_of


def bindings_for(*panes: str) -> list[BindingType]:
    """The bindings of the panes (`bindings_for("groups")`), for a screen's or a widget's BINDINGS."""
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
