"""What the list of groups asks beside the listing: facts of those in sight, and names it does not hold."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input

from cwtui.access.group_memory import read_memory
from cwtui.core.aliases import MARK
from cwtui.core.errors import CwtuiError
from cwtui.core.models import LogGroup
from cwtui.fetch.group_facts import facts_of
from cwtui.fetch.paging import all_groups
from cwtui.ui.group_cache import write_groups
from cwtui.ui.group_list import ORDERS, GroupList, Order
from cwtui.ui.screens.names import NamesScreen
from cwtui.ui.widgets.name_list import NameList
from cwtui.wiring import Services

SETTLED_S = 0.15
"""Nothing is asked about rows that are only scrolled past."""
TYPED_S = 0.4
"""After such a pause what is typed is looked for at the service."""
LEAST_TYPED = 3
_COUNT_S = 0.3
"""How often progress is told."""
MOST_FOUND = 1_000
"""Groups that a search at the service brings."""
_KEPT_EVERY_MS = 20_000


class GroupAsking(NamesScreen):
    """The groups, and the questions about them that follow where one looks."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        memory = read_memory(services.settings)
        self.groups = GroupList((*memory.pinned, *services.settings.favourites), memory.opened)
        self.cut = False
        """Whether a listing was ended before all groups came: the service is asked for what is typed then."""
        self.keeps = False
        """Whether the list is worth keeping for the next run."""
        self._home = services.context
        self._order = 0
        self._order_waits = 0
        """Of so many groups the facts that the order rests on were missing when they were asked for."""
        self._asking = False
        self._facts_refused = ""
        self._settling: Timer | None = None
        self._looking = ""
        self._looked = ""
        self._kept_at = 0

    # ------------------------------------------------------------------ order

    @property
    def order(self) -> Order:
        """The order in force: by name until all is known that another one rests on."""
        return ORDERS[0] if self._order_waits else ORDERS[self._order]

    def show_groups(self, *, to_top: bool = False) -> None:
        """Shows the groups as they are known now."""
        self.groups.arrange(self.order)
        self.show_names(to_top=to_top)
        self.ask_soon()

    def sort_by_next(self) -> None:
        """Goes to the next order; what it rests on is asked for first."""
        self._order = (self._order + 1) % len(ORDERS)
        missing = self.groups.lacking if ORDERS[self._order].by_facts else 0
        self._order_waits = 0 if self._facts_refused or self.services.offline else missing
        self.show_groups()
        if self._order_waits:
            self._ask()

    def stop_waiting(self) -> bool:
        """Sorts by what is known so far; False where nothing was waited for."""
        waited, self._order_waits = self._order_waits, 0
        if waited:
            self.show_groups()
        return bool(waited)

    def waiting_words(self) -> str:
        """How far the facts have come that an order waits for."""
        if not self._order_waits:
            return ""
        known = self._order_waits - self.groups.lacking
        return f"asking facts {known:,} of {self._order_waits:,}, then {ORDERS[self._order].name}"

    # ------------------------------------------------------------------ facts

    @on(NameList.Scrolled)
    def ask_soon(self) -> None:
        """Asks for facts once the list has come to rest."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_S, self._ask)

    def _ask(self) -> None:
        if not self.query(NameList):
            # A screen that is taken down loses its list before its timers.
            return
        if not self._asking and not self._facts_refused and not self.services.offline and self._wanted():
            self._learn_facts()

    def _wanted(self) -> list[LogGroup]:
        return self.groups.wanted(self.names.rows_in_sight(), all_of_them=bool(self._order_waits))

    @work(group="facts", exit_on_error=False)
    async def _learn_facts(self) -> None:
        """Asks until what is in sight, and what an order waits for, is known."""
        self._asking = True
        counted = 0.0
        try:
            while asked := self._wanted():
                told: list[LogGroup] = []
                async with aclosing(facts_of(self.services.reader, asked)) as pages:
                    async for page in pages:
                        told += page
                self.groups.tell(asked, told)
                # Painting takes longer than asking: only what can be seen, and what can be read, is painted.
                seen = {self.groups.keys[row] for row in self.names.rows_in_sight()}
                if any(group.identifier in seen for group in asked):
                    self.names.repaint()
                if self._order_waits and time.monotonic() - counted >= _COUNT_S:
                    self.show_counts()
                    counted = time.monotonic()
        except CwtuiError as error:
            self._facts_refused = error.message
            self.shell.failures.note(error)
        finally:
            self._asking = False
        if not self.stop_waiting():
            self.show_counts()
        self._keep()

    def keep_now(self) -> None:
        """Writes the list for the next run."""
        self._kept_at = 0
        self._keep()

    def _keep(self) -> None:
        now = self.services.clock()
        if self.keeps and not self.services.offline and now - self._kept_at >= _KEPT_EVERY_MS:
            self._kept_at = now
            groups, home, source = list(self.groups.rows), self._home, self.services.source
            self.run_worker(
                asyncio.to_thread(write_groups, home, groups, now, source), group="keep", exit_on_error=False
            )

    # ------------------------------------------------------------------ names that are not listed

    @on(Input.Changed)
    def _typed(self) -> None:
        self.workers.cancel_group(self, "lookup")
        self._looking = self._looked = ""
        self.ask_soon()
        self.look_for_typed()

    def look_for_typed(self) -> None:
        """Where not all groups are listed, lets the service look for what is typed, after a pause."""
        text = self.field.value
        if self.cut and len(text) >= LEAST_TYPED and not text.startswith(MARK):
            self._look_up(text)

    @work(group="lookup", exclusive=True, exit_on_error=False)
    async def _look_up(self, text: str) -> None:
        """Lets the service look for what is typed, and takes what it finds into the list."""
        await asyncio.sleep(TYPED_S)
        self._looking = text
        self.show_counts()
        came = 0
        try:
            async with aclosing(all_groups(self.services.reader, text)) as pages:
                async for page in pages:
                    came += len(page)
                    self.groups.add(page)
                    self.show_groups(to_top=not self.names.cursor)
                    if came >= MOST_FOUND:
                        break
            self._looked = text
        except CwtuiError as error:
            self.shell.show_error(error)
        finally:
            self._looking = ""
        self.show_groups()
