"""Textual bindings from the table of keys in `core.keymap`."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding, BindingType

from cwtui.core.keymap import rows_of


def forwarded(pane: str, action: str) -> list[BindingType]:
    """The bindings of a pane as `action('<verb>')`: for a parent that hands them to one of its children."""
    return [
        replace(binding, action=f"{action}({binding.action!r})")
        for binding in bindings_for(pane)
        if isinstance(binding, Binding)
    ]


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
            # Screen and Input bind ctrl+c too, nearer than the App does; leaving works from any dialog.
            priority=row.id in ("global.interrupt", "global.quit"),
        )
        for row in rows_of(*panes)
    ]
