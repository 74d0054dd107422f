"""The breadcrumb line: where one is, what is live, which window, whether writing is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from cwtui.core.models import Context
from cwtui.core.text import middle, printable
from cwtui.ui.places import members_words

_PART_MIN = 5


@dataclass(frozen=True, slots=True)
class Crumbs:
    """What the line says."""

    context: Context
    path: tuple[str, ...] = ()
    """From the left: a group, then its streams; foreign text."""
    live: str = ""
    """Such as `LIVE ● 12/s`, or empty."""
    window: str = ""
    """Such as `last 15m (UTC)`, or empty."""


class Header(Widget):
    """One line at the top of every screen."""

    DEFAULT_CSS = """
    Header {
        dock: top;
        height: 1;
        background: $surface;
        color: $foreground;
    }
    """

    crumbs: reactive[Crumbs | None] = reactive(None)

    def __init__(self, crumbs: Crumbs | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.set_reactive(Header.crumbs, crumbs)
        self._ascii_only = ascii_only

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 1

    def render(self) -> Content:
        if self.crumbs is None:
            return Content("")
        return crumbs_content(self.crumbs, self.size.width, ascii_only=self._ascii_only)


def crumbs_content(crumbs: Crumbs, width: int, *, ascii_only: bool = False) -> Content:
    """The line at a width: the right side gives way first, then the names are cut in their middle."""
    context = crumbs.context
    guarded = any("prod" in each.name.lower() for each in (context, *context.members))
    # Production looks different, and where colour is off the bold type still says it.
    context_style = "bold $error" if guarded else "bold $primary"
    name = str(printable(f"{context.name}/{context.region}" if context.region else context.name))
    if context.members:
        name += f" {'-' if ascii_only else '·'} {members_words(context)}"
    right = _right(crumbs, width - len(name) - 24)
    room = width - 2 - Content(name).cell_length - (right.cell_length + 2 if right else 0)
    separator = " > " if ascii_only else " › "
    left = Content.assemble(" ", (name, context_style))
    for part in _fitted(crumbs.path, room, len(separator)):
        left = Content.assemble(left, (separator, "$gutter"), (part, "$foreground"))
    gap = max(1, width - 1 - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * gap, right).truncate(width, ellipsis=True)


def _right(crumbs: Crumbs, room: int) -> Content:
    parts: list[Content] = []
    if crumbs.live:
        parts.append(Content.styled(printable(crumbs.live), "bold $success"))
    if crumbs.window:
        parts.append(Content.styled(printable(crumbs.window), "$secondary"))
    if crumbs.context.allow_write:
        parts.append(Content.styled("writes allowed", "bold $warning"))
    else:
        parts.append(Content.styled("read-only", "$muted"))
    while parts and sum(part.cell_length + 3 for part in parts) > room:
        parts.pop()
    return Content("   ").join(parts)


def _fitted(path: Sequence[str], room: int, separator: int) -> list[str]:
    """The parts, the longest ones cut in their middle until all fit or none can give more."""
    names = [str(printable(part)) for part in path]
    widths = [len(name) for name in names]
    while widths and sum(widths) + separator * len(widths) > room and max(widths) > _PART_MIN:
        widths[widths.index(max(widths))] -= 1
    return [str(middle(name, width)) for name, width in zip(names, widths, strict=True)]
