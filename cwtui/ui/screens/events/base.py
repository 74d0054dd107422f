"""What the concerns of the events view share: the investigation, the widgets, and when to repaint."""

from __future__ import annotations

import asyncio
import os
from time import monotonic
from typing import ClassVar

from textual import on
from textual.css.query import NoMatches
from textual.timer import Timer

from cwtui.core.errors import CwtuiError
from cwtui.core.naming import Place, named
from cwtui.core.places import labels_of, path_part
from cwtui.investigation import FollowState, Hits, Investigation, LoadKind, LoadState
from cwtui.lang.where import FilterStack
from cwtui.ui.screens.base import CwtuiScreen
from cwtui.ui.screens.events.arrangement import arrange
from cwtui.ui.screens.events.filter_words import chips_of
from cwtui.ui.screens.events.words import Asked, note_words, placeholder, state_words
from cwtui.ui.widgets.chips import ChipsRow, Counters
from cwtui.ui.widgets.column_titles import ColumnTitles
from cwtui.ui.widgets.event_list import EventList
from cwtui.ui.widgets.header import Crumbs, Header
from cwtui.ui.widgets.prompt import Prompt
from cwtui.ui.widgets.status import Status, StatusLine
from cwtui.ui.words import reading_words
from cwtui.window.view import View
from cwtui.wiring import Services, Start

SEARCH_AGAIN_EVERY = 0.5
DEBOUNCE = 0.12
LOADING_FRAME = 0.25
"""Seconds between two frames while events come in: each costs the loading as much as 5,000 events."""


class EventsBase(CwtuiScreen):
    """State and repainting; what the keys do is in the classes that build on this."""

    KEY_PANES: ClassVar[tuple[str, ...]] = (
        "events",
        "motion",
        "text",
        "detail",
        "summary",
        "histogram",
        "navigation",
    )

    def __init__(
        self,
        services: Services,
        groups: tuple[str, ...],
        *,
        streams: tuple[str, ...] = (),
        start: Start | None = None,
    ) -> None:
        super().__init__()
        self.services = services
        self.settings = services.settings
        self.zone = services.settings.tzinfo
        self.groups = groups
        self.streams = streams
        self.start = start or Start()
        self.asked = Asked()
        self.arrangement = arrange(80, 24)
        self.frozen: View | None = None
        self._generation = 0
        self.recorded = False
        self.failure: CwtuiError | None = None
        self.hits: Hits | None = None
        self.search_text = ""
        self.terms: tuple[str, ...] = ()
        """What stays lit beside the search."""
        self.missing: tuple[str, ...] = ()
        """Fields that the filters speak of and no event has."""
        self._investigation: Investigation | None = None
        # 30 frames a second, or 10 where each costs a network its bandwidth.
        self._frame = 0.1 if os.environ.get("SSH_TTY") else 1 / 30
        self._painted_at = 0.0
        self._repaint_timer: Timer | None = None
        self._repaint_due = 0.0
        self._rows_shown = False
        self._counts_wanted = asyncio.Event()

    # ------------------------------------------------------------------ what there is

    @property
    def ready(self) -> bool:
        """Whether the window has been made: before that there is nothing to act on."""
        return self._investigation is not None

    @property
    def investigation(self) -> Investigation:
        """The window being worked on; only once `ready`."""
        assert self._investigation is not None
        return self._investigation

    def adopt(self, investigation: Investigation) -> None:
        """Takes the window to show."""
        self._investigation = investigation
        investigation.subscribe(self._window_changed)
        self.count_over_time()

    @property
    def filters(self) -> FilterStack:
        return self._investigation.filters if self._investigation is not None else FilterStack()

    @property
    def load_state(self) -> LoadState:
        return self._investigation.load_state if self._investigation is not None else LoadState()

    @property
    def follow_state(self) -> FollowState:
        return self._investigation.follow_state if self._investigation is not None else FollowState()

    @property
    def event_list(self) -> EventList:
        return self.query_one(EventList)

    @property
    def prompt(self) -> Prompt | None:
        """The open prompt, if any."""
        found = self.query(Prompt)
        return found.first() if found else None

    def say(self, text: str) -> None:
        """A toast; the text is shown literally."""
        self.shell.say(text)

    def say_error(self, error: CwtuiError) -> None:
        """A toast with the sentence and the way out."""
        self.shell.show_error(error)

    # ------------------------------------------------------------------ repainting

    def repaint_soon(self) -> None:
        """At the next frame: however many changes come, each frame paints once."""
        self._repaint_after(self._frame)

    def _window_changed(self) -> None:
        loading = self.load_state.kind is LoadKind.LOADING and self._rows_shown
        self._repaint_after(max(self._frame, LOADING_FRAME) if loading else self._frame)

    def _repaint_after(self, frame: float) -> None:
        now = monotonic()
        due = max(now + 0.001, self._painted_at + frame)
        if not self.is_mounted or (self._repaint_timer is not None and self._repaint_due <= due):
            return
        if self._repaint_timer is not None:
            self._repaint_timer.stop()
        self._repaint_due = due
        self._repaint_timer = self.set_timer(due - now, self.repaint_now)

    def repaint_now(self) -> None:
        """Brings every part up to the investigation's present state."""
        if self._repaint_timer is not None:
            self._repaint_timer.stop()
            self._repaint_timer = None
        self._painted_at = monotonic()
        try:
            events = self.event_list
        except NoMatches:
            return
        if self.ready and self._generation != self.investigation.generation:
            # Row ids name other events now: nothing that was read of the old ones may be painted.
            self._generation = self.investigation.generation
            self.frozen = None
            events.reset(View.empty())
            self.window_replaced()
        if self.ready and self.frozen is None and events.view is not self.investigation.view:
            events.joined = self.investigation.joined
            events.show(self.investigation.view)
            self.view_changed()
        self._rows_shown = len(events.view) > 0
        self._adopt_groups()
        events.placeholder = self.empty_words()
        self.show_facts()
        self._counts_wanted.set()

    def _adopt_groups(self) -> None:
        """Of files that are read as they are opened, the groups are known only as they come."""
        query = self._investigation.query if self._investigation is not None else None
        if self.start.everything and query is not None and len(query.groups) > len(self.groups):
            self.groups = query.groups
        events = self.event_list
        before = events.look
        events.restyle(
            group_gutter=len(self.groups) > 1,
            stream_cells=self.stream_cells,
            place_cells=self.arrangement.place_cells,
            places=labels_of(self.services.context, self._places(), self.arrangement.place_cells),
        )
        if events.look != before:
            self.query_one(ColumnTitles).show(events.look)

    def _places(self) -> tuple[Place, ...]:
        """The accounts and regions of the groups that are asked for by ARN, and of the events that came."""
        query = self._investigation.query if self._investigation is not None else None
        asked = (named(group) for group in (query.groups if query is not None else self.groups))
        came = self._investigation.places if self._investigation is not None else ()
        wanted = (group.place for group in asked if group.account)
        return tuple(dict.fromkeys((*wanted, *(Place(*place) for place in came))))

    @property
    def stream_cells(self) -> int:
        """The width of the column of streams: none where all events are of one."""
        several = self._investigation is not None and self._investigation.several_streams
        return self.arrangement.stream_cells if several else 0

    def view_changed(self) -> None:
        """Another snapshot is shown; what was counted in the old one is stale."""

    def window_replaced(self) -> None:
        """Another window is being loaded: row ids mean other events from now on."""

    def show_facts(self) -> None:
        """Chips, counters, status and breadcrumb; each repaints only where it changed."""
        loaded = self.investigation.loaded if self.ready else 0
        shown = len(self.investigation.view) if self.ready else 0
        partial = self.load_state.kind.value in ("loading", "partial", "cancelled", "failed")
        partial |= bool(self.follow_state.tail.failed or self.follow_state.tail.waiting)
        hits = len(self.hits) if self.hits is not None else None
        ascii_only = self.settings.ascii_only
        searched = self.investigation.searched if self.ready else 0
        counters = Counters(shown, loaded, hits, partial, searched if searched < loaded else None)
        chips = chips_of(
            self.filters,
            self.start.pattern,
            self.start.stream_prefix,
            self.zone,
            offline=self.services.offline,
            ascii_only=self.settings.ascii_only,
        )
        self.query_one(ChipsRow).show(
            chips, counters, self.search_text, terms=self.terms, ascii_only=ascii_only
        )
        state, tone = state_words(
            self.load_state,
            self.follow_state,
            frozen=self.frozen is not None,
            recorded=self.recorded,
            ascii_only=ascii_only,
            pace=self.investigation.pace if self.ready else None,
        )
        if (reading := self.services.reading) is not None:
            state, tone = reading_words(*reading, ascii_only=ascii_only), "busy"
        if self.failure is not None and not self.follow_state.following:
            state, tone = f"FAILED ({self.shell.failures.key} says why)", "bad"
        note = note_words(self.load_state, self.follow_state)
        status = Status(state, tone, self._follow_words(), self.facts(counters), note)
        self.query_one(StatusLine).show(status)
        self._show_crumbs()

    def _follow_words(self) -> str:
        unseen = self.unseen
        if self.frozen is not None:
            return f"{unseen:,} new" if unseen else ""
        if unseen:
            return f"follow off, {unseen:,} new"
        return "" if self.event_list.following or not self.follow_state.following else "follow off"

    @property
    def unseen(self) -> int:
        """How many events came that the screen does not show because it stays where it is."""
        if self.frozen is not None:
            return max(0, len(self.investigation.view) - len(self.frozen))
        return self.event_list.unseen

    def facts(self, counters: Counters) -> tuple[str, ...]:
        facts = []
        if hit := self.hit_words():
            facts.append(hit)
        if not self.arrangement.chips:
            facts.append(counters.text(short=True))
        if self.event_list.look.wrap:
            facts.append("wrap")
        elif left := self.event_list.look.left:
            facts.append(f"scrolled {left:,}")
        if self.size.width >= 60:
            facts.append("UTC" if self.settings.zone == "utc" else "local time")
        return tuple(facts)

    def hit_words(self) -> str:
        """`hit 12 of 480`, or empty without a search."""
        return ""

    def empty_words(self) -> tuple[str, ...]:
        """What stands in an empty list: a headline, then what to do."""
        if self.failure is not None:
            way = "Enter says why and shows what helps, ctrl+r tries again"
            if self.failure.kind == "perm" and len(self.groups) == 1 and not self.streams:
                way = f"{way}; :streams {self.groups[0]} leads to single streams, which may be allowed"
            return (self.failure.message, self.failure.hint, way)
        return placeholder(
            self.load_state,
            loaded=self.investigation.loaded if self.ready else 0,
            asked=self.asked,
            filtered=bool(self.filters.filters),
            ascii_only=self.settings.ascii_only,
        )

    def group_path(self) -> tuple[str, ...]:
        """The groups, each with where it lies if there are several such places; foreign text."""
        return tuple(path_part(self.services.context, group) for group in self.groups)

    def crumb_path(self) -> tuple[str, ...]:
        """What the breadcrumb names: the groups, then the streams; foreign text."""
        path = self.group_path() if len(self.groups) <= 2 else (f"{len(self.groups)} groups",)
        if self.streams:
            one = len(self.streams) == 1
            path = (*path, self.streams[0] if one else f"{len(self.streams)} streams")
        return path

    def window_words(self) -> str:
        """Which window is shown, such as `last 15m (UTC)`."""
        query = self._investigation.query if self._investigation is not None else None
        return self.asked.words(self.zone, query.window if query else None, self.services.clock())

    def _show_crumbs(self) -> None:
        following = self.follow_state.following
        live = ("LIVE o" if self.settings.ascii_only else "LIVE ●") if following else ""
        crumbs = Crumbs(self.services.context, self.crumb_path(), live, self.window_words())
        header = self.query_one(Header)
        if header.crumbs != crumbs:
            header.crumbs = crumbs

    @on(StatusLine.Clicked)
    def _status_clicked(self) -> None:
        causes = (group.cause for group in self.load_state.progress.groups if group.cause is not None)
        if (failure := self.failure or next(causes, None)) is not None:
            self.shell.failures.open(failure)

    # ------------------------------------------------------------------ from the other concerns

    def count_over_time(self) -> object:
        """Begins to count events over time, for as long as the screen is there."""
        raise NotImplementedError

    async def forget_ranges(self) -> None:
        """Takes off what narrowed the old window by time, before another one is loaded."""
        raise NotImplementedError
