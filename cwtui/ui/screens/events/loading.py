"""Loading the window: presets, written times, what is missing, all anew."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from textual import work

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import Query, TimeWindow
from cwtui.core.timespec import parse_window
from cwtui.fetch.paging import all_groups
from cwtui.fetch.together import resolved
from cwtui.investigation import LoadKind
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.ui.screens.events.following import Following
from cwtui.ui.screens.events.words import PRESETS, Asked

READING_EVERY = 0.2
"""Seconds between two looks at how far the reading of files is."""


class Loading(Following):
    """What fills the window."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._load_lock = asyncio.Lock()
        self._told: set[str] = set()
        self.reference = 0
        """What counts as now where times are written: the last event of a recording that has ended."""

    # ------------------------------------------------------------------ workers

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load_window(self, asked: Asked) -> None:
        """Replaces what is shown by another window, then follows it where it is open."""
        await self._filled(asked, self._load(asked))

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load_rest(self) -> None:
        """Reads what a load that ended early left of the window, then follows it where it is open."""
        await self._filled(self.asked, self._load_rest())

    async def _filled(self, asked: Asked, load: Coroutine[Any, Any, None]) -> None:
        async with self._load_lock:
            self.workers.cancel_group(self, "follow")
            self.failure = None
            self.frozen = None
            self.asked = asked
            watch = self.set_interval(READING_EVERY, self._show_reading)
            try:
                await load
            except CwtuiError as error:
                self.failure = error
                self.offer_way_out(error)
            else:
                for group in self.load_state.progress.groups:
                    if group.cause is not None:
                        self.shell.failures.note(group.cause)
                if (ended := self.load_state.error) is not None:
                    # Credentials of one of several ended: the groups of the others are there.
                    self.offer_way_out(ended)
            finally:
                watch.stop()
                self.repaint_soon()
        self.shell.settle()
        self._tell_remarks()
        if self.failure is None and self.may_follow:
            self.follow_events()

    async def _load_rest(self) -> None:
        async with self._follow_lock:
            await self.investigation.resume()

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
            names = [group.identifier async for page in all_groups(self.services.reader) for group in page]
            self.groups = tuple(dict.fromkeys(names)) or self.groups
        if not whole:
            # What is asked for by `*:NAME` is as many groups as have that name, and billed as such.
            self.groups = await resolved(self.services.reader, self.groups)
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
            if asked.latest is not None:
                await self._cut_to(asked.latest)
        if whole:
            self.reference = self.investigation.span[1]

    async def _cut_to(self, latest: int) -> None:
        """Leaves only the newest so many of the pages that brought them.

        Those of the same millisecond as the oldest of them stay too, and the heading then counts them.
        """
        investigation = self.investigation
        view, query = investigation.view, investigation.query
        if query is None or len(view) <= latest:
            return
        window = TimeWindow(view.time_at(len(view) - latest), query.window.end)
        await investigation.open(replace(query, window=window), newest_first=True)
        self.asked = Asked(latest=max(latest, len(investigation.view)))

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

    # ------------------------------------------------------------------ keys

    def reload(self) -> None:
        """All anew; what a load left that ended early, where there is such a one."""
        if self.ready and self.investigation.resumable:
            self.load_rest()
        else:
            self.load_window(self.asked)

    def stop_loading(self) -> bool:
        """Ends a load that goes on, of files or of groups, and keeps what came; False where there is none."""
        if self.services.stop_reading():
            self.say("Reading was stopped; what was read stays.")
        elif self.load_state.kind is LoadKind.LOADING:
            self.workers.cancel_group(self, "load")
            self.say("Loading was stopped; what came stays. ctrl+r reads the rest.")
        else:
            return False
        return True

    async def action_preset(self, key: int | str) -> None:
        key = str(key)
        if key == "1":
            self.event_list.action_first()
        elif key == "9":
            await self.ask_for_window()
        else:
            self.load_window(Asked(last_ms=PRESETS[key]))

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
