"""The colours of rows, read from the theme by way of a list's component classes."""

from __future__ import annotations

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from cwtui.ui.widgets.row_look import RowStyles

_HUES = (200, 160, 280, 35, 330, 100, 230, 60)


def read_styles(widget: Widget) -> RowStyles:
    """The colours that the widget's component classes (`event-list--muted` and others) have now."""

    def ink(name: str) -> Style:
        style = widget.get_component_rich_style(f"event-list--{name}")
        return Style(color=style.color, bold=style.bold)

    def block(name: str) -> Style:
        style = widget.get_component_rich_style(f"event-list--{name}")
        return Style(color=style.color, bgcolor=style.bgcolor, bold=style.bold)

    base = widget.rich_style
    dark = widget.app.current_theme.dark
    hues = [Color.from_hsl(hue / 360, 0.35, 0.68 if dark else 0.36).rich_color for hue in _HUES]
    muted, info = ink("muted"), ink("info")
    levels = (muted, ink("trace"), muted, info, ink("warn"), ink("error"), block("fatal"))
    return RowStyles(
        base=Style(color=base.color, bgcolor=base.bgcolor),
        muted=muted,
        bar=ink("bar"),
        key=ink("key"),
        match=block("match"),
        terms=[block(name) for name in ("term2", "term3", "term4")],
        late=ink("late"),
        cursor=Style(bgcolor=widget.get_component_rich_style("event-list--cursor").bgcolor),
        selected=Style(bgcolor=widget.get_component_rich_style("event-list--selected").bgcolor),
        levels=levels,
        streams=[Style(color=hue) for hue in hues],
    )
