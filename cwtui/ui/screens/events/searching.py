"""Search: finds without hiding, lights up what is visible, goes from hit to hit and from error to error."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from textual import on, work
from textual.timer import Timer

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Level
from cwtui.ui.screens.events.base import DEBOUNCE, SEARCH_AGAIN_EVERY, EventsBase
from cwtui.ui.widgets.lighting import highlighter
from cwtui.ui.widgets.prompt import Prompt
from cwtui.window.view import View


class Searching(EventsBase):
    """What finds events."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._search_lock = asyncio.Lock()
        self._search_timer: Timer | None = None
        self._again_timer: Timer | None = None
        self._origin: tuple[int, int] | None = None
        self._search_before = ""

    # ------------------------------------------------------------------ workers

    @work(group="search", exclusive=True, exit_on_error=False)
    async def find(self, text: str, *, go: bool) -> None:
        """Counts the hits of a text in the view; `go`: to the first from where the search began."""
        async with self._search_lock:
            if not text:
                self._light_up("")
                self.hits = None
                self.repaint_soon()
                return
            try:
                hits = await self.investigation.search(text)
            except CwtuiError as error:
                self._search_refused(error)
                return
            self.hits = hits
            self._light_up(text)
            if go and self.prompt is not None:
                self.prompt.say(f"{len(hits):,} hit{'' if len(hits) == 1 else 's'}")
            if go and len(hits):
                self._go_to_hit(self._first_hit_from_origin())
            self.repaint_soon()

    def _light_up(self, text: str) -> None:
        self.search_text = text
        self.event_list.restyle(highlight=highlighter(text))

    def _search_refused(self, error: CwtuiError) -> None:
        if self.prompt is not None and self.prompt.sigil == "/":
            self.prompt.refuse(error)
        else:
            self.say_error(error)

    def view_changed(self) -> None:
        super().view_changed()
        if self.search_text and self._again_timer is None:
            # While events stream in, hits are counted again twice a second, not at each batch.
            self._again_timer = self.set_timer(SEARCH_AGAIN_EVERY, self._search_again)

    def _search_again(self) -> None:
        self._again_timer = None
        if self.search_text:
            self.find(self.search_text, go=False)

    # ------------------------------------------------------------------ the prompt

    async def action_search(self) -> None:
        if self.ready:
            events = self.event_list
            self._search_before = self.search_text
            self._origin = None
            if events.row_id is not None and events.timestamp is not None:
                self._origin = (events.row_id, events.timestamp)
            await self.open_prompt("/", note="text or regular expression")

    @on(Prompt.Changed)
    def _search_typed(self, message: Prompt.Changed) -> None:
        if message.sigil != "/":
            return
        if self._search_timer is not None:
            self._search_timer.stop()
        self._search_timer = self.set_timer(DEBOUNCE, lambda: self._search_now(message.text))

    def _search_now(self, text: str) -> None:
        self._search_timer = None
        self.find(text, go=True)

    @on(Prompt.Submitted)
    def _search_entered(self, message: Prompt.Submitted) -> None:
        if message.sigil != "/":
            return
        pending = self._search_timer is not None
        self._stop_waiting()
        text = message.text or self._search_before
        if pending or text != self.search_text:
            self.find(text, go=True)
        self.remember("/", message.text)
        self.close_prompt()

    @on(Prompt.Cancelled)
    def _search_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil != "/":
            return
        self._stop_waiting()
        self.close_prompt()
        if self._origin is not None:
            position = _position(self.event_list.view, *self._origin)
            self.event_list.move_to(position, middle=True)
        self.find(self._search_before, go=False)

    def _stop_waiting(self) -> None:
        if self._search_timer is not None:
            self._search_timer.stop()
            self._search_timer = None

    # ------------------------------------------------------------------ hits

    def action_next_hit(self) -> None:
        self._step_hit(1)

    def action_previous_hit(self) -> None:
        self._step_hit(-1)

    def _step_hit(self, step: int) -> None:
        hits = self.hits
        if hits is None:
            self.say("Nothing is searched for: / searches.")
            return
        if not len(hits):
            self.say("No hits.")
            return
        here = self._cursor_in(hits.view)
        if step > 0:
            index = int(np.searchsorted(hits.positions, here, "right"))
        else:
            index = int(np.searchsorted(hits.positions, here, "left")) - 1
        if not 0 <= index < len(hits):
            self.say("Went on from the other end.")
        self._go_to_hit(index % len(hits))

    def _first_hit_from_origin(self) -> int:
        hits = self.hits
        assert hits is not None
        here = _position(hits.view, *self._origin) if self._origin is not None else 0
        return int(np.searchsorted(hits.positions, here, "left")) % len(hits)

    def _go_to_hit(self, index: int) -> None:
        hits = self.hits
        assert hits is not None
        place = int(hits.positions[index])
        # The hit is known by its event: the list may show a later snapshot.
        target = _position(self.event_list.view, hits.view.row_at(place), hits.view.time_at(place))
        self.event_list.move_to(target, middle=True)
        self.repaint_soon()

    def _cursor_in(self, view: View) -> int:
        events = self.event_list
        if not len(events.view):
            return 0
        return _position(view, events.view.row_at(events.aim), events.view.time_at(events.aim))

    def hit_words(self) -> str:
        hits = self.hits
        if hits is None or not self.search_text:
            return ""
        if not len(hits):
            return "no hits"
        here = self._cursor_in(hits.view)
        index = int(np.searchsorted(hits.positions, here, "left"))
        if index < len(hits) and int(hits.positions[index]) == here:
            return f"hit {index + 1:,} of {len(hits):,}"
        return f"{len(hits):,} hit{'' if len(hits) == 1 else 's'}"

    # ------------------------------------------------------------------ errors

    def action_next_error(self) -> None:
        self._step_error(1)

    def action_previous_error(self) -> None:
        self._step_error(-1)

    def _step_error(self, direction: int) -> None:
        events = self.event_list
        found = events.view.next_at_least(Level.ERROR, events.aim, direction)
        if found is None:
            self.say("No error further down." if direction > 0 else "No error further up.")
        else:
            events.move_to(found, middle=True)

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


def _position(view: View, row_id: int, timestamp: int) -> int:
    found = view.position_of(row_id, timestamp)
    return max(0, min(view.at_or_after(timestamp), len(view) - 1)) if found is None else found
