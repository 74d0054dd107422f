"""What the app opens: streams, events, what was open last; and what it leaves to the collector of garbage."""

from __future__ import annotations

import gc
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.await_complete import AwaitComplete

from cwtui.access.group_memory import note_opened
from cwtui.core.errors import CwtuiError, InputError, WrongLogClass
from cwtui.core.ports import FileSource
from cwtui.fetch.paging import all_groups
from cwtui.ui.coming_back import ComingBack
from cwtui.ui.last_session import LastSession
from cwtui.ui.messages import OpenEvents, OpenStreams
from cwtui.ui.screens.base import CwtuiScreen
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.telling import TellingApp
from cwtui.wiring import Services, Start

if TYPE_CHECKING:
    from cwtui.ui.screens.events import EventsScreen

_FEW_GROUPS = 10
"""More than that opened at once say nothing about any one of them."""
_GONE_S = 0.5
"""After so long a closed screen is gone, and the one below it painted."""


class OpeningApp(TellingApp, inherit_bindings=False):
    """An app whose screens are a list of groups with streams and events above it."""

    def __init__(self, services: Services, start: Start) -> None:
        super().__init__(services)
        self._start = start
        self._coming_back = ComingBack(self)
        self._settles = not gc.isenabled()

    @property
    def groups_screen(self) -> GroupsScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, GroupsScreen))

    @property
    def front(self) -> CwtuiScreen:
        """The topmost full screen, dialogs left aside."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, CwtuiScreen))

    # ------------------------------------------------------------------ opening

    @on(OpenStreams)
    def _open_streams(self, request: OpenStreams) -> None:
        from cwtui.ui.screens.streams import StreamsScreen

        self._note_opened((request.group,))
        self.push_screen(StreamsScreen(self.services, request.group))

    @on(OpenEvents)
    def _open_events(self, request: OpenEvents) -> None:
        self.push_events(request.groups, request.streams)

    def push_events(
        self, groups: tuple[str, ...], streams: tuple[str, ...] = (), start: Start | None = None
    ) -> None:
        """Shows the events of groups, or of some streams of one group."""
        # Imported here: it brings NumPy and DuckDB.
        from cwtui.ui.screens.events import EventsScreen

        self._note_opened(groups)
        screen = EventsScreen(self.services, groups, streams=streams, start=start)
        if (left := self._coming_back.to_offer(start)) is not None:
            screen.offer(left)
        self._show_events(screen)

    def _note_opened(self, groups: tuple[str, ...]) -> None:
        """Remembers what is opened, so that it stands near the top of the list next time."""
        if 0 < len(groups) <= _FEW_GROUPS:
            note_opened(self.services.settings, groups)

    def _show_events(self, screen: EventsScreen) -> None:
        from cwtui.ui.screens.events import EventsScreen

        if isinstance(self.screen, EventsScreen):
            # Another group from the navigation column: `q` still leads to the lists.
            self._unsettle_soon()
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def tell_log_class(self, group: str, refused: WrongLogClass | None = None) -> None:
        """Says what a group of such a class cannot do, and opens what is chosen instead."""
        from cwtui.ui.screens.log_class import LogClassScreen
        from cwtui.ui.screens.streams import StreamsScreen

        def go_on(to: str | None) -> None:
            if to == "events":
                self.push_events((group,))
            elif to == "streams":
                if refused is not None:
                    # The screen that has nothing to show; the streams may lie below it already.
                    self.pop_screen()
                if not isinstance(self.screen, StreamsScreen):
                    self._open_streams(OpenStreams(group))

        region, log_class = self.services.context.region, self.groups_screen.class_of(group)
        self.push_screen(LogClassScreen(group, region, log_class=log_class, refused=refused), go_on)

    @work(group="everything", exit_on_error=False)
    async def _open_everything(self) -> None:
        """Opens all groups once they are known; where they cannot be listed, the list itself says why."""
        names: list[str] = []
        try:
            reader = self.services.reader
            if isinstance(reader, FileSource) and reader.unread and not self._start.narrowed:
                # The first rows show while the rest is read; the view takes in the groups as they come.
                self.push_events((), start=self._start)
                return
            async with aclosing(all_groups(self.services.reader)) as pages:
                async for page in pages:
                    names.extend(group.name for group in page)
        except CwtuiError:
            names = []
        if names:
            self.push_events(tuple(dict.fromkeys(names)), start=self._start)
        else:
            self.groups_screen.reload()

    # ------------------------------------------------------------------ what was open last

    @property
    def last_session(self) -> LastSession | None:
        """The events view that was left last, in this run or in the one before."""
        return self._coming_back.last

    def resume_last(self) -> None:
        """Opens the events view that was left last, as it was left. Raises InputError where there is none."""
        if (session := self.last_session) is None:
            raise InputError("Nothing was open last time.", "Open a group with l.", code="session")
        self.resume(session)

    def resume(self, session: LastSession) -> None:
        """Opens an events view as it was left, in place of one that is shown."""
        from cwtui.ui.screens.events import EventsScreen

        start = Start(stream_prefix=session.stream_prefix, pattern=session.pattern)
        screen = EventsScreen(self.services, session.groups, streams=session.streams, start=start)
        screen.resume(session)
        self._show_events(screen)

    def pop_screen(self) -> AwaitComplete:
        if self._coming_back.note(self.screen):
            self._unsettle_soon()
        return super().pop_screen()

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        try:
            self._coming_back.keep()
        finally:
            super().exit(result, return_code, message)

    # ------------------------------------------------------------------ what stays in memory

    def settle(self) -> None:
        """Leaves all that is there out of the collections of garbage from now on, until a screen closes.

        Libraries and what is loaded stay. Looking through them takes a tenth of a second, in which no key is
        answered, and would be done again and again. Only where the start switched collections off
        (`__main__`): elsewhere the process is not this app's alone.
        """
        if self._settles:
            gc.freeze()
            gc.enable()

    def _unsettle_soon(self) -> None:
        self.set_timer(_GONE_S, self._unsettle)

    def _unsettle(self) -> None:
        """Collects what a closed screen leaves: its events are among it."""
        if self._settles:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
