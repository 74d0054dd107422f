"""Filters: the `&` prompt with its live preview, the level floor, chips, and the `:` commands for them."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import on, work
from textual.timer import Timer

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import Level
from cwtui.lang.where import Filter, FilterStack, from_bar, level_floor
from cwtui.ui.screens.events.base import DEBOUNCE, EventsBase
from cwtui.ui.widgets.chips import ChipsRow
from cwtui.ui.widgets.prompt import Prompt

_FLOORS = (Level.UNKNOWN, Level.INFO, Level.WARN, Level.ERROR)
_FLOOR_NAMES = {"all": Level.UNKNOWN, "info": Level.INFO, "warn": Level.WARN, "error": Level.ERROR}


class Narrowing(EventsBase):
    """What hides events."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._filter_lock = asyncio.Lock()
        self._before: FilterStack | None = None
        self._preview_timer: Timer | None = None
        self._narrowed = False

    # ------------------------------------------------------------------ workers

    @work(group="filter", exclusive=True, exit_on_error=False)
    async def apply_filters(self, filters: FilterStack) -> None:
        """Narrows the view. A filter the store refuses leaves the view as it was and says why."""
        async with self._filter_lock:
            self._narrowed = True
            # The store shows a filter's hits part by part; each part is painted as it comes.
            parts = self.set_interval(0.1, self.repaint_soon)
            try:
                await self.investigation.set_filters(filters)
            except CwtuiError as error:
                self._refused(error)
            finally:
                parts.stop()
                self._narrowed_through()

    def _refused(self, error: CwtuiError) -> None:
        prompt = self.prompt
        if prompt is not None and prompt.sigil == "&":
            prompt.say(error.message, invalid=True)
        else:
            self.say_error(error)

    def _narrowed_through(self) -> None:
        if self.is_mounted:
            self.repaint_now()
            self._narrowed = False

    def view_changed(self) -> None:
        super().view_changed()
        if self._narrowed:
            self.event_list.count_from_here()

    # ------------------------------------------------------------------ the prompt

    async def action_filter(self) -> None:
        if self.ready:
            self._before = self.filters
            await self.open_prompt("&", note="text  !text  /regex/  field=value")

    @on(Prompt.Changed)
    def _filter_typed(self, message: Prompt.Changed) -> None:
        if message.sigil != "&":
            return
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(DEBOUNCE, lambda: self._preview(message.text))

    def _preview(self, text: str) -> None:
        prompt, before = self.prompt, self._before
        if prompt is None or before is None:
            return
        try:
            stack = before.add(from_bar(text)) if text.strip() else before
        except InputError as error:
            prompt.say(error.message, invalid=True)
            return
        prompt.say("Enter keeps it, Esc takes it back")
        self.apply_filters(stack)

    @on(Prompt.Submitted)
    def _filter_entered(self, message: Prompt.Submitted) -> None:
        if message.sigil != "&" or self._before is None:
            return
        try:
            stack = self._before.add(from_bar(message.text)) if message.text.strip() else self._before
        except InputError as error:
            if self.prompt is not None:
                self.prompt.say(error.message, invalid=True)
            return
        self._end_preview()
        self.remember("&", message.text)
        self.apply_filters(stack)

    @on(Prompt.Cancelled)
    def _filter_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == "&" and self._before is not None:
            before = self._before
            self._end_preview()
            if self.filters != before or self._narrowed:
                self.apply_filters(before)

    def _end_preview(self) -> None:
        if self._preview_timer is not None:
            self._preview_timer.stop()
            self._preview_timer = None
        self._before = None
        self.close_prompt()

    # ------------------------------------------------------------------ the level floor and the chips

    def action_level(self) -> None:
        if self.ready:
            floor = self._floor()
            self.set_floor(_FLOORS[(_FLOORS.index(floor) + 1) % len(_FLOORS)])

    def _floor(self) -> Level:
        stack = self.filters.filters
        return next((level for level in _FLOORS[1:] if Filter(level_floor(level)) in stack), Level.UNKNOWN)

    def set_floor(self, floor: Level) -> None:
        """Shows that level and graver ones only; `UNKNOWN` shows all."""
        old = self._floor()
        kept = tuple(item for item in self.filters.filters if item != Filter(level_floor(old)))
        ahead = (Filter(level_floor(floor)),) if floor is not Level.UNKNOWN else ()
        self.apply_filters(FilterStack((*ahead, *kept)))

    @on(ChipsRow.Removed)
    def _chip_removed(self, message: ChipsRow.Removed) -> None:
        if message.chip.index is not None:
            self.apply_filters(self.filters.remove(message.chip.index))

    # ------------------------------------------------------------------ commands

    def level_written(self, text: str) -> None:
        """`all`, `info`, `warn` or `error`. Raises InputError."""
        floor = _FLOOR_NAMES.get(text.strip().lower())
        if floor is None:
            raise InputError(f"'{text}' is not a level.", "Write all, info, warn or error.", code="level")
        self.set_floor(floor)

    def filter_written(self, text: str) -> None:
        """Adds what the `&` bar takes; nothing takes all filters off. Raises InputError."""
        stack = self.filters.add(from_bar(text)) if text.strip() else FilterStack()
        self.apply_filters(stack)

    def out_written(self, text: str) -> None:
        """Hides what the `&` bar's text would show. Raises InputError."""
        if not text.strip():
            raise InputError("Nothing was written to hide.", "Write it like :out healthcheck.", code="out")
        self.apply_filters(self.filters.add(from_bar(text).inverted()))

    # ------------------------------------------------------------------ from the other concerns

    async def open_prompt(self, sigil: str, *, text: str = "", note: str = "") -> None:
        """Opens the one-line prompt, in place of one that is open."""
        raise NotImplementedError

    def close_prompt(self) -> None:
        """Takes the prompt away and gives the list the focus."""
        raise NotImplementedError

    def remember(self, sigil: str, text: str) -> None:
        """Keeps an entry for the prompt's history."""
        raise NotImplementedError
