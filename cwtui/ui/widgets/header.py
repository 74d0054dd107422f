"""The breadcrumb line: where one is, what is live, which window, whether writing is allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from cwtui.core.models import Context
from cwtui.core.places import members_words
from cwtui.core.text import middle, printable
from cwtui.ui.colours import colour_of
from cwtui.ui.widgets.time_left import WARN_MS, time_left

_PART_MIN = 5
_PART_ENOUGH = 12
"""A part of the path this long is still told from others: what stands left of it gives way until then."""
_ROOMS = (32, 16, 10, 6)
"""Cells that an alias and a role take at most, the widest first."""
_ALWAYS = 80
_WRITES = len("   writes")


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
    now: reactive[int] = reactive(0)
    """ms UTC, for the time that is left; whoever watches the clock sets it."""

    def __init__(self, crumbs: Crumbs | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.set_reactive(Header.crumbs, crumbs)
        self._ascii_only = ascii_only

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 1

    def render(self) -> Content:
        if self.crumbs is None:
            return Content("")
        return crumbs_content(self.crumbs, self.size.width, ascii_only=self._ascii_only, now=self.now)


def crumbs_content(crumbs: Crumbs, width: int, *, ascii_only: bool = False, now: int = 0) -> Content:
    """The line at a width: the right side gives way first, then the names are cut in their middle.

    Who is asking and for how long (`now` in ms UTC; 0: not said) stays as long as the screen has 80 columns.
    """
    context = crumbs.context
    separator = " > " if ascii_only else " › "
    wanted = sum(min(Content(str(printable(part))).cell_length, _PART_ENOUGH) for part in crumbs.path)
    wanted += len(separator) * len(crumbs.path) + (_WRITES if context.allow_write else 0)
    left = next(
        (
            line
            for room in _ROOMS
            if (line := _identity(context, room, now, ascii_only)).cell_length + wanted + 3 <= width
        ),
        _identity(context, _ROOMS[-1] if width >= _ALWAYS else 0, now, ascii_only),
    )
    right = _right(crumbs, width - left.cell_length - wanted - 2 + (_WRITES if context.allow_write else 0))
    room = width - 1 - left.cell_length - (right.cell_length + 2 if right else 0)
    for part in _fitted(crumbs.path, room, len(separator)):
        left = Content.assemble(left, (separator, "$gutter"), (part, "$foreground"))
    gap = max(1, width - 1 - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * gap, right).truncate(width, ellipsis=True)


def _identity(context: Context, room: int, now: int, ascii_only: bool) -> Content:
    """Context, region, account, role and time left; `room` cells for an alias and a role, 0: neither."""
    guarded = any(each.guarded for each in (context, *context.members))
    # Production looks different, and where colour is off the bold type still says it.
    own = colour_of(context.colour)
    style = "bold $error" if guarded else f"bold {own}" if own else "bold $primary"
    name = str(printable(f"{context.name}/{context.region}" if context.region else context.name))
    if context.members:
        name += f" {'-' if ascii_only else '·'} {members_words(context)}"
    parts: list[tuple[str, str]] = [("|" if ascii_only else "▌", own) if own else (" ", ""), (name, style)]
    if context.account and not context.offline and not context.members:
        parts.append((f" {printable(context.account)}", "$secondary"))
        if room:
            parts += [
                (f" {middle(word, room)}", told)
                for word, told in ((context.alias, "$secondary"), (role_name(context.principal), "$muted"))
                if word
            ]
    if context.expires is not None and now:
        left = time_left(context.expires, now)
        near = context.expires <= now + WARN_MS
        ended = context.expires <= now
        parts.append((f" {left}", "bold $error" if ended else "bold $warning" if near else "$muted"))
    return Content.assemble(*parts)


def role_name(principal: str) -> str:
    """`oncall` of `arn:aws:sts::1:assumed-role/oncall/ana`; a user's name, or `root`."""
    resource = principal.split(":", 5)[-1]
    kind, _, rest = resource.partition("/")
    if kind == "assumed-role":
        role = rest.split("/")[0]
        # IAM Identity Center wraps the name of the permission set.
        wrapped = re.fullmatch(r"AWSReservedSSO_(.+)_[0-9a-f]{16}", role)
        return wrapped[1] if wrapped else role
    return rest.rpartition("/")[2] or kind


def _right(crumbs: Crumbs, room: int) -> Content:
    """What is live, the window, whether writing is allowed: the last is said at any width, if it is."""
    writes = crumbs.context.allow_write
    kept = [Content.styled(word, "bold $warning") for word in ("writes allowed", "writes")] if writes else []
    others = [
        Content.styled(printable(text), style)
        for text, style in ((crumbs.live, "bold $success"), (crumbs.window, "$secondary"))
        if text
    ]
    gap = Content("   ")
    for parts in ([*others, kept[0]], [*others, kept[1]], others[:1] + kept[1:]) if kept else ():
        if (line := gap.join(parts)).cell_length + 3 <= room:
            return line
    if kept:
        return kept[1]
    others.append(Content.styled("read-only", "$muted"))
    while others and sum(part.cell_length + 3 for part in others) > room:
        others.pop()
    return gap.join(others)


def _fitted(path: Sequence[str], room: int, separator: int) -> list[str]:
    """The parts, the longest ones cut in their middle until all fit or none can give more."""
    names = [str(printable(part)) for part in path]
    widths = [len(name) for name in names]
    while widths and sum(widths) + separator * len(widths) > room and max(widths) > _PART_MIN:
        widths[widths.index(max(widths))] -= 1
    return [str(middle(name, width)) for name, width in zip(names, widths, strict=True)]
