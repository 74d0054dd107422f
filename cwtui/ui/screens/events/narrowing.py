"""Filters: the `&` prompt with its live preview, the level floor, chips, and the `:` commands for them."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import on, work
from textual.timer import Timer

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import Level
from cwtui.investigation import LoadKind
from cwtui.lang.fields import texts_in
from cwtui.lang.where import Filter, FilterStack, from_bar, level_floor
from cwtui.ui.screens.events.base import DEBOUNCE, EventsBase
from cwtui.ui.screens.events.filter_words import missing_words, preview_words
from cwtui.ui.widgets.chips import ChipsRow
from cwtui.ui.widgets.lighting import highlighter, lights_of
from cwtui.ui.widgets.prompt import Prompt

_LOOK_AGAIN = 100_000
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
        self._asked: FilterStack | None = None
        self._why_key: object = None
        self._why_loaded = 0

    # ------------------------------------------------------------------ workers

    def apply_filters(self, filters: FilterStack) -> None:
        """Narrows the view. A filter the store refuses leaves the view as it was and says why."""
        self._asked = filters
        self._narrow(filters)

    @property
    def stack(self) -> FilterStack:
        """The filters as they will be once what was asked for is through: what a change is made to."""
        return self.filters if self._asked is None else self._asked

    @work(group="filter", exclusive=True, exit_on_error=False)
    async def _narrow(self, filters: FilterStack) -> None:
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
                if self._asked is filters:
                    self._asked = None
                self._narrowed_through()

    def stop_filter(self) -> bool:
        """Gives up a filter that is still being tried; the view is as it was. False: there is none."""
        if self._asked is None:
            return False
        self._asked = None
        self.workers.cancel_group(self, "filter")
        self.say("The filter was stopped; the view is as it was.")
        return True

    def _refused(self, error: CwtuiError) -> None:
        prompt = self.prompt
        if prompt is not None and prompt.sigil == "&":
            prompt.refuse(error)
        else:
            self.say_error(error)

    def _narrowed_through(self) -> None:
        if self.is_mounted:
            self.repaint_now()
            self._narrowed = False
            self._tell_preview()

    def _tell_preview(self) -> None:
        prompt = self.prompt
        if prompt is None or prompt.sigil != "&" or prompt.has_class("-invalid"):
            return
        if self._asked is None and prompt.text.strip():
            shown, loaded = len(self.investigation.view), self.investigation.loaded
            prompt.say(preview_words(shown, loaded, () if shown else self.missing))

    def view_changed(self) -> None:
        super().view_changed()
        if self._narrowed:
            self.event_list.count_from_here()

    # ------------------------------------------------------------------ why nothing is shown

    def show_facts(self) -> None:
        super().show_facts()
        if not self.ready or len(self.investigation.view) or not self.filters.filters:
            self.missing = ()
            return
        loaded = self.investigation.loaded
        if loaded != self._why_loaded:
            self.missing = ()
        # Looking for a field costs: over a big window once for so many new events.
        key = (self.filters, loaded if loaded < _LOOK_AGAIN else loaded // _LOOK_AGAIN)
        if key != self._why_key and loaded and self.load_state.kind is not LoadKind.LOADING:
            self._why_key, self._why_loaded = key, loaded
            self._explain_nothing()

    @work(group="why", exclusive=True, exit_on_error=False)
    async def _explain_nothing(self) -> None:
        """Finds out whether the filters speak of a field that no event has."""
        self.missing = await self.investigation.missing_fields()
        self._tell_preview()
        self.repaint_soon()

    def empty_words(self) -> tuple[str, ...]:
        lines = super().empty_words()
        if not self.missing or self.investigation.loaded != self._why_loaded:
            return lines
        said = missing_words(self.missing)
        return (*lines[:1], f"{said[0].upper()}{said[1:]}.", *lines[1:])

    # ------------------------------------------------------------------ the prompt

    async def action_filter(self) -> None:
        if self.ready:
            self._before = self.stack
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
            self._refuse(error, before)
            return
        prompt.say("")
        self.light_preview(stack.filters[-1] if stack is not before else None)
        self.apply_filters(stack)

    @on(Prompt.Submitted)
    def _filter_entered(self, message: Prompt.Submitted) -> None:
        if message.sigil != "&" or self._before is None:
            return
        try:
            stack = self._before.add(from_bar(message.text)) if message.text.strip() else self._before
        except InputError as error:
            self._refuse(error, self._before)
            return
        self._end_preview()
        self.remember("&", message.text)
        self.apply_filters(stack)

    def _refuse(self, error: InputError, before: FilterStack) -> None:
        """Says why what is written is no filter; the view is as it was before its beginning was tried."""
        if self.prompt is not None:
            self.prompt.refuse(error)
        if self.stack != before:
            self.light_preview(None)
            self.apply_filters(before)

    @on(Prompt.Cancelled)
    def _filter_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == "&" and self._before is not None:
            before = self._before
            self._end_preview()
            if self.stack != before or self._narrowed:
                self.apply_filters(before)

    def _end_preview(self) -> None:
        if self._preview_timer is not None:
            self._preview_timer.stop()
            self._preview_timer = None
        self._before = None
        self.light_preview(None)
        self.close_prompt()

    def light_preview(self, item: Filter | None) -> None:
        """Lights up what a filter that is being written looks for; None: the search again."""
        found = lights_of(texts_in(item.expression)) if item is not None else None
        self.event_list.restyle(highlight=found or highlighter(self.search_text))

    # ------------------------------------------------------------------ the level floor and the chips

    def action_level(self) -> None:
        if self.ready:
            floor = self._floor()
            self.set_floor(_FLOORS[(_FLOORS.index(floor) + 1) % len(_FLOORS)])

    def _floor(self) -> Level:
        stack = self.stack.filters
        return next((level for level in _FLOORS[1:] if Filter(level_floor(level)) in stack), Level.UNKNOWN)

    def set_floor(self, floor: Level) -> None:
        """Shows that level and graver ones only; `UNKNOWN` shows all."""
        old = self._floor()
        kept = tuple(item for item in self.stack.filters if item != Filter(level_floor(old)))
        ahead = (Filter(level_floor(floor)),) if floor is not Level.UNKNOWN else ()
        self.apply_filters(FilterStack((*ahead, *kept)))

    @on(ChipsRow.Removed)
    def _chip_removed(self, message: ChipsRow.Removed) -> None:
        if message.chip.index is not None:
            self.apply_filters(self.stack.remove(message.chip.index))

    # ------------------------------------------------------------------ commands

    def level_written(self, text: str) -> None:
        """`all`, `info`, `warn` or `error`. Raises InputError."""
        floor = _FLOOR_NAMES.get(text.strip().lower())
        if floor is None:
            raise InputError(f"'{text}' is not a level.", "Write all, info, warn or error.", code="level")
        self.set_floor(floor)

    def filter_written(self, text: str) -> None:
        """Adds what the `&` bar takes; nothing takes all filters off. Raises InputError."""
        stack = self.stack.add(from_bar(text)) if text.strip() else FilterStack()
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
