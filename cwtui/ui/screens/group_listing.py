"""How the list of groups is filled: page by page, shown as it comes, ended at a limit or by Esc."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing

from textual import work

from cwtui.access.group_memory import read_memory
from cwtui.core.errors import CredentialsError, CwtuiError
from cwtui.fetch.paging import all_groups
from cwtui.ui.group_list import MOST_LISTED
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.screens.group_asking import GroupAsking
from cwtui.ui.widgets.header import Header
from cwtui.wiring import Services

_REPAINT_S = 0.2
"""Pages of a listing are shown together that often, and a tenth of the time at most."""


class GroupListing(GroupAsking):
    """Lists the groups of the context."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._listing = False
        self._listed = False
        self._written: int | None = None
        """When the shown list was fetched, where it is the last run's."""
        self._came = False
        self._shown_at = 0.0
        self._problem = ""
        self._denied = False
        self._lock = asyncio.Lock()

    @property
    def listed(self) -> bool:
        """Whether the groups were listed in this run, as far as they could be."""
        return self._listed and not self._problem

    def reload(self) -> None:
        self._list_groups()

    @work(group="groups", exclusive=True, exit_on_error=False)
    async def _list_groups(self) -> None:
        # `exclusive` cancels the listing before this one, but does not wait for its end.
        async with self._lock:
            self._listing, self._problem, self._denied, self._facts_refused = True, "", False, ""
            memory = read_memory(self.services.settings)
            self.groups.remember((*memory.pinned, *self.services.settings.favourites), memory.opened)
            self.groups.begin()
            self._shown_at = 0.0
            self.show_groups()
            watch = self.set_interval(_REPAINT_S, self._show_listed)
            refused: dict[str, CwtuiError] = {}
            came, self.cut, self.keeps = 0, False, False
            try:
                pages = all_groups(self.services.reader, refused=refused, names_first=True)
                async with aclosing(pages):
                    async for page in pages:
                        if came >= MOST_LISTED:
                            self.cut = True
                            break
                        # What is shown stays until the whole list has come: no row vanishes meanwhile.
                        self.groups.take(page)
                        came += len(page)
                        self._came = True
                        self._show_listed()
                if refused:
                    self._refused(refused)
                else:
                    self.keeps, self._written = True, None
                    if not self.cut:
                        self.groups.finish()
            except CwtuiError as error:
                self._failed(error, came)
            finally:
                watch.stop()
                self._listing, self._listed = False, True
            self.query_one(Header).crumbs = self.crumbs()
            self._arrange_listed()
            self.keep_now()
            self.look_for_typed()

    def _show_listed(self) -> None:
        """Shows what has come, in turn with whatever else is to be done."""
        now = time.monotonic()
        if self._came and now >= self._shown_at:
            self._came = False
            self._arrange_listed()
            took = time.monotonic() - now
            self._shown_at = now + max(_REPAINT_S, 10 * took)
        elif self.services.reading is not None:
            self.show_names()

    def _arrange_listed(self) -> None:
        # Pinned groups and those of other accounts come late: who has not moved yet stays at the top.
        self.show_groups(to_top=not self.names.cursor)

    def stop_listing(self) -> bool:
        """Keeps what was listed so far; False where nothing is being listed."""
        if not self._listing or not len(self.groups):
            return False
        self.workers.cancel_group(self, "groups")
        self._listing, self._listed, self.cut = False, True, True
        self.show_groups()
        self.look_for_typed()
        return True

    def _refused(self, refused: Mapping[str, CwtuiError]) -> None:
        """Some of several contexts could not be listed: what the last run listed of them stays."""
        error = next(iter(refused.values()))
        labels = sorted(refused)
        count = f"{len(labels)} contexts " if len(labels) > 1 else ""
        self._problem = f"{count}not listed: {', '.join(labels)}: {error.message}"
        self._denied = True
        ended = [each for each in refused.values() if isinstance(each, CredentialsError)]
        self.offer_way_out(ended[0] if ended else error)

    def _failed(self, error: CwtuiError, came: int) -> None:
        self._denied = error.kind == "perm"
        self._problem = f"{f'only {came:,} came' if came else 'not refreshed'}: {error.message}"
        more = "Type a full group name and press Enter: reading it may be allowed." if self._denied else ""
        self.query_one(FailureCard).tell(error, more)
        self.offer_way_out(error)
