"""Loading the window and following it: presets, written times, reload, follow and freeze."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import work

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import Query, TimeWindow
from cwtui.core.timespec import parse_window
from cwtui.fetch.paging import all_groups
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.ui.screens.events.base import EventsBase
from cwtui.ui.screens.events.words import PRESETS, Asked

READING_EVERY = 0.2
"""Seconds between two looks at how far the reading of files is."""


class Loading(EventsBase):
    """What fills the window."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._load_lock = asyncio.Lock()
        self._follow_lock = asyncio.Lock()
        self._told: set[str] = set()
        self.reference = 0
        """What counts as now where times are written: the last event of a recording that has ended."""

    # ------------------------------------------------------------------ workers

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load_window(self, asked: Asked) -> None:
        """Replaces what is shown by another window, then follows it where it is open."""
        async with self._load_lock:
            self.workers.cancel_group(self, "follow")
            self.failure = None
            self.frozen = None
            self.asked = asked
            watch = self.set_interval(READING_EVERY, self._show_reading)
            try:
                await self._load(asked)
            except CwtuiError as error:
                self.failure = error
            finally:
                watch.stop()
                self.repaint_soon()
        self._tell_remarks()
        if self.failure is None and self.may_follow:
            self.follow_events()

    async def _load(self, asked: Asked) -> None:
        if not self.ready:
            await asyncio.to_thread(self.services.warm)
            self.adopt(self.services.investigation())
            await self._first_filters()
        files = self.services.files
        whole = (
            self.start.everything
            and not self.start.narrowed
            and asked == Asked()
            and files is not None
            and files.unread
        )
        self.recorded = self.recorded or whole
        if self.start.everything and files is not None and not whole:
            # The view was opened at the first group that came: now all are known.
            names = [group.name async for page in all_groups(self.services.reader) for group in page]
            self.groups = tuple(dict.fromkeys(names)) or self.groups
        window = TimeWindow(0) if whole else await self._window_of(asked)
        # The follow worker has let go of the window before its events are replaced.
        async with self._follow_lock:
            await self.forget_ranges()
            query = Query(
                self.groups,
                window,
                stream_prefix=self.start.stream_prefix,
                streams=self.streams,
                pattern=self.start.pattern,
            )
            await self.investigation.open(query, newest_first=True, latest=asked.latest, whole=whole)
        if whole:
            self.reference = self.investigation.span[1]

    def _show_reading(self) -> None:
        if self.services.reading is not None:
            self.repaint_soon()

    def _tell_remarks(self) -> None:
        """How files were understood, once."""
        remarks = [remark for remark in self.services.remarks if remark not in self._told]
        if remarks and self.services.reading is None:
            self._told.update(remarks)
            self.say("\n".join(remarks))

    async def _window_of(self, asked: Asked) -> TimeWindow:
        extent = await self.services.reader.extent(self.groups)
        now = self.services.clock()
        self.recorded = not self.services.reader.context.live
        self.reference = extent[1] + 1 if extent is not None and self.recorded else now
        if asked.window is not None:
            return asked.window
        if asked.latest is not None:
            return await self.investigation.any_age(self.groups)
        if asked.last_ms is not None:
            return TimeWindow(max(0, self.reference - asked.last_ms))
        if self.start.since or self.start.until:
            return parse_window(
                self.start.since or None,
                self.start.until or None,
                self.reference,
                self.zone,
                self.settings.default_window_ms,
            )
        if extent is None:
            self.asked = Asked(last_ms=self.settings.default_window_ms)
        return await self.investigation.default_window(self.groups)

    async def _first_filters(self) -> None:
        if self.start.where:
            stack = FilterStack((Filter(parse_where(self.start.where)),))
            await self.investigation.set_filters(stack)

    @work(group="follow", exclusive=True, exit_on_error=False)
    async def follow_events(self) -> None:
        """Fetches new events until stopped; what ends it is in the follow state, and so in the status."""
        async with self._follow_lock:
            # A replaced window is shown as one before its ids are spoken of.
            self.repaint_now()
            if self.event_list.look.followed_from is None:
                self.event_list.restyle(followed_from=self.investigation.loaded)
            try:
                await self.investigation.follow()
            except CwtuiError as error:
                self.say_error(error)

    @property
    def may_follow(self) -> bool:
        """Whether anything new can come: the window is open, and it is no recording that has ended."""
        query = self.investigation.query if self.ready else None
        return query is not None and query.window.end is None and not self.recorded

    # ------------------------------------------------------------------ keys

    def reload(self) -> None:
        self.load_window(self.asked)

    async def action_preset(self, key: int | str) -> None:
        key = str(key)
        if key == "1":
            self.event_list.action_first()
        elif key == "9":
            await self.ask_for_window()
        else:
            self.load_window(Asked(last_ms=PRESETS[key]))

    def action_follow(self) -> None:
        events = self.event_list
        if self.frozen is not None:
            self.action_freeze()
        running = self.follow_state.following
        if running and events.following:
            self.workers.cancel_group(self, "follow")
            return
        events.action_last()
        if running:
            return
        if self.recorded:
            self.say("The recording has ended: nothing new will come.")
        elif not self.may_follow:
            self.say("This window has an end: choose an open one to follow, such as 4 for 15 minutes.")
        else:
            self.follow_events()

    def action_freeze(self) -> None:
        if self.frozen is None:
            self.frozen = self.event_list.view
        else:
            self.frozen = None
        self.repaint_soon()

    async def ask_for_window(self) -> None:
        """Opens the prompt for `SINCE [UNTIL]`."""
        raise NotImplementedError

    def load_written(self, text: str) -> None:
        """`SINCE [UNTIL]`, as people write times. Raises InputError."""
        words = text.split(",") if "," in text else text.split()
        if not words:
            raise InputError("No time was written.", "Write it like -3h, or 10:00 10:15.", code="time")
        reference = self.reference or self.services.clock()
        best: InputError | None = None
        # `yesterday 14:00` is one moment of two words: the longest beginning that is a time wins.
        for cut in range(len(words), 0, -1):
            since, until = " ".join(words[:cut]).strip(), " ".join(words[cut:]).strip()
            try:
                window = parse_window(since, until or None, reference, self.zone, 0)
            except InputError as error:
                best = error if best is None or error.code.endswith("window") else best
                continue
            self.load_window(Asked(window=window))
            return
        assert best is not None
        raise best

    def goto_time(self, timestamp: int) -> None:
        """Moves the cursor to the first event at or after a moment (ms UTC)."""
        self.event_list.move_to(self.event_list.view.at_or_after(timestamp), middle=True)

    def goto_row(self, text: str) -> None:
        """Moves the cursor to a row, counted from 1. Raises InputError."""
        if not text.strip().isdecimal():
            raise InputError(f"'{text}' is not a row number.", "Write it like :500.", code="row")
        self.event_list.move_to(int(text) - 1, middle=True)

    def running(self) -> str:
        if self.load_state.kind.value == "loading":
            return f"Loading {len(self.groups)} group{'' if len(self.groups) == 1 else 's'}"
        if self.follow_state.following:
            return f"Following {len(self.groups)} group{'' if len(self.groups) == 1 else 's'}"
        return ""
