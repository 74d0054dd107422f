"""The left column of a wide screen: the context, and every log group to go to, those in view marked."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from cwtui.core.errors import CwtuiError
from cwtui.core.naming import is_arn, name_of
from cwtui.core.places import name_and_place
from cwtui.core.text import printable
from cwtui.fetch.paging import all_groups
from cwtui.ui.group_list import MOST_LISTED
from cwtui.ui.keys import bindings_for, forwarded
from cwtui.ui.messages import OpenEvents
from cwtui.ui.narrowing import narrow
from cwtui.ui.widgets.name_filter import NameFilter
from cwtui.ui.widgets.name_list import NameList
from cwtui.ui.words import counted
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_REPAINT_S = 0.3


class Navigation(Vertical):
    """Log groups; choosing one posts `OpenEvents`. Tab reaches it, Enter opens, `/` narrows."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("navigation"), *forwarded("motion", "move")]

    DEFAULT_CSS = """
    Navigation {
        width: 32;
        height: 1fr;
        & > Static { height: 1; padding: 0 1; color: $muted; }
        & > #nav-context { color: $primary; text-style: bold; }
        & > NameFilter { height: 1; margin: 0 1; width: 1fr; display: none; }
        & > NameFilter.-open { display: block; }
    }
    """

    def __init__(self, services: Services, *, groups: tuple[str, ...] = (), id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._services = services
        self._opened = frozenset(groups)
        self._known = set(groups)

    def compose(self) -> ComposeResult:
        context = self._services.context
        where = f"{context.name} {context.region}".strip()
        yield Static(Content(printable(where)), id="nav-context")
        yield Static(Content("groups"), id="nav-count")
        yield NameFilter(placeholder="type to narrow")
        yield NameList((), lambda _: (), ascii_only=self._services.settings.ascii_only)

    def on_mount(self) -> None:
        listed = cast("CwtuiApp", self.app).groups_screen
        if not self._services.offline:
            self._known.update(listed.groups.keys)
            self._show()
        if self._services.offline or not listed.listed:
            self._list_groups()

    @work(group="navigation", exclusive=True, exit_on_error=False)
    async def _list_groups(self) -> None:
        shown = 0.0
        try:
            async with aclosing(all_groups(self._services.reader, names_first=True)) as pages:
                async for page in pages:
                    self._known.update(group.identifier for group in page)
                    # Thousands are sorted in this column: not once for each page of them.
                    if time.monotonic() - shown >= _REPAINT_S:
                        self._show()
                        shown = time.monotonic()
                    if len(self._known) >= MOST_LISTED:
                        break
            self._show()
        except CwtuiError as error:
            # The column is a convenience: what cannot be listed is said here and stops nothing.
            self.query_one("#nav-count", Static).update(Content(printable(error.message)))

    def _show(self, *, to_top: bool = False) -> None:
        keys = sorted(self._known, key=lambda key: (name_of(key), key))
        several = any(map(is_arn, keys))
        names = [name_and_place(self._services.context, key) for key in keys] if several else keys
        listed = self.query_one(NameList)
        narrowed = narrow(names, self.query_one(NameFilter).value)
        listed.show(names, narrowed, keys=keys, to_top=to_top)
        # Those in view carry the mark: nothing else is marked in this column.
        listed.marked = set(self._opened)
        self.query_one("#nav-count", Static).update(Content(counted(len(self._known), "group")))

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._show(to_top=True)

    @on(NameList.Opened)
    def _chosen(self, message: NameList.Opened) -> None:
        message.stop()
        self.post_message(OpenEvents((message.name,)))

    def action_move(self, verb: str) -> None:
        getattr(self.query_one(NameList), f"action_{verb}")()

    def action_open(self) -> None:
        if (name := self.query_one(NameList).current) is not None:
            self.post_message(OpenEvents((name,)))

    def action_filter(self) -> None:
        field = self.query_one(NameFilter)
        field.add_class("-open")
        field.focus()

    def action_leave(self) -> None:
        """From the filter to the list, from the list to the events; an empty filter disappears."""
        field = self.query_one(NameFilter)
        if field.has_focus:
            self.query_one(NameList).focus()
            field.set_class(bool(field.value), "-open")
        else:
            self.screen.focus_next("EventList")
