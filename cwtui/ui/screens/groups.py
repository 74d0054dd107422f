"""The list of log groups: the first thing seen, so it stands at once and then comes up to date.

Five states: loading, empty, partial (a page failed), stale (the last run's list), error.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from cwtui.core.errors import CredentialsError, CwtuiError
from cwtui.core.keymap import show_keys, with_keymap
from cwtui.core.models import LogGroup
from cwtui.core.places import account_label, place_words
from cwtui.core.text import printable
from cwtui.fetch.paging import all_groups
from cwtui.ui.group_cache import read_groups, write_groups
from cwtui.ui.keys import bindings_for
from cwtui.ui.messages import OpenEvents, OpenStreams
from cwtui.ui.narrowing import Found, narrow, narrow_beside
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.screens.log_class import WITHOUT_EVENTS
from cwtui.ui.screens.names import NamesScreen
from cwtui.ui.widgets.header import Crumbs, Header
from cwtui.ui.widgets.name_list import Cell, Column, NameList
from cwtui.ui.words import age, ago, counted, log_class, reading_words, retention, size
from cwtui.wiring import Services

_ORDERS: tuple[tuple[str, Callable[[LogGroup], Any]], ...] = (
    ("by name", lambda group: (group.name, group.identifier)),
    ("largest first", lambda group: (-(group.stored_bytes or 0), group.name, group.identifier)),
    ("newest first", lambda group: (-(group.creation_time or 0), group.name, group.identifier)),
)


class GroupsScreen(NamesScreen):
    """Log groups of the context; type to narrow."""

    KEY_PANES: ClassVar[tuple[str, ...]] = ("groups", "motion", "global")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("groups")
    COLUMNS = (
        Column("STORED", 9, 56),
        Column("KEPT", 7, 66),
        Column("AGE", 6, 78),
        Column("CLASS", 10, 96),
    )
    PLACES = (Column("ACCOUNT", 14, 56), Column("REGION", 14, 74))
    """Columns that stand before the others where there are several."""
    WIDENED_BY = 32
    """Cells that these take from the name, which needs a wider list for the others then."""
    TITLE_OF_NAMES = "LOG GROUP"
    PLACEHOLDER = "type to narrow"
    DEFAULT_CSS = """
    GroupsScreen #last-session {
        height: 1; padding: 0 1; display: none; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def __init__(self, services: Services, *, covered: bool = False) -> None:
        super().__init__(services)
        self._covered = covered
        """Another screen opens over this one at once: reading a group needs no permission to list all."""
        self._groups: list[LogGroup] = []
        self._order = 0
        self._listing = False
        self._listed = False
        self._written: int | None = None
        """When the shown list was fetched, where it is the last run's."""
        self._problem = ""
        self._denied = False
        self._lock = asyncio.Lock()

    @property
    def group_names(self) -> list[str]:
        """The names known so far, for completion; ARNs of those that bear one name."""
        several = Counter(group.name for group in self._groups)
        return [group.name if several[group.name] == 1 else group.identifier for group in self._groups]

    def class_of(self, name: str) -> str:
        """The log class of a group, by its identifier, or empty where it is not known."""
        return next((group.log_class for group in self._groups if group.identifier == name), "")

    def reload(self) -> None:
        self._list_groups()

    # ------------------------------------------------------------------ listing

    def on_mount(self) -> None:
        services = self.services
        if not services.offline and (cached := read_groups(services.context, services.source)) is not None:
            self._groups, self._written = list(cached.groups), cached.written
        self.field.focus()
        self.show_names()

    def on_screen_resume(self) -> None:
        self._show_last_session()
        if not self._covered and not self._listed and not self._listing:
            self._list_groups()
        self._covered = False

    @work(group="groups", exclusive=True, exit_on_error=False)
    async def _list_groups(self) -> None:
        # `exclusive` cancels the listing before this one, but does not wait for its end.
        async with self._lock:
            self._listing, self._problem, self._denied = True, "", False
            self.show_names()
            watch = self.set_interval(0.2, self._show_reading)
            fresh: dict[str, LogGroup] = {}
            refused: dict[str, CwtuiError] = {}
            try:
                async with aclosing(all_groups(self.services.reader, refused=refused)) as pages:
                    async for page in pages:
                        fresh.update((group.identifier, group) for group in page)
                        # What is shown stays until the whole list has come: no row vanishes meanwhile.
                        self._take({**self._by_identifier, **fresh})
                if refused:
                    self._refused(refused)
                else:
                    self._take(fresh)
                    self._written = None
            except CwtuiError as error:
                self._failed(error, len(fresh))
            finally:
                watch.stop()
                self._listing, self._listed = False, True
            self.query_one(Header).crumbs = self.crumbs()
            self.show_names()
            if not self._problem and not self.services.offline:
                context, now = self.services.context, self.services.clock()
                await asyncio.to_thread(write_groups, context, list(self._groups), now, self.services.source)

    def _show_reading(self) -> None:
        if self.services.reading is not None:
            self.show_names()

    def _reading_words(self) -> str:
        reading = self.services.reading
        ascii_only = self.services.settings.ascii_only
        return "" if reading is None else reading_words(*reading, ascii_only=ascii_only)

    def escape(self) -> bool:
        """Stops what is being read, before the filter and the marks."""
        return self.services.stop_reading() or super().escape()

    def _take(self, groups: dict[str, LogGroup]) -> None:
        self._groups = sorted(groups.values(), key=_ORDERS[self._order][1])
        # Lists of several accounts come in no order: who has not moved yet stays at the top.
        self.show_names(to_top=self.several and self._listing and not self.names.cursor)

    @property
    def _by_identifier(self) -> dict[str, LogGroup]:
        return {group.identifier: group for group in self._groups}

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

    # ------------------------------------------------------------------ showing

    def crumbs(self) -> Crumbs:
        return Crumbs(self.services.context, ("log groups",))

    def above_names(self) -> ComposeResult:
        yield Static(Content(""), id="last-session")

    def all_names(self) -> list[str]:
        return [group.name for group in self._groups]

    @property
    def several(self) -> bool:
        """Whether groups of more than one account or region are listed."""
        return bool(self.services.context.members) or self.services.settings.linked

    @property
    def columns(self) -> tuple[Column, ...]:
        if not self.several:
            return self.COLUMNS
        others = (replace(each, from_width=each.from_width + self.WIDENED_BY) for each in self.COLUMNS)
        return (*self.PLACES, *others)

    def keys(self) -> list[str] | None:
        return [group.identifier for group in self._groups] if self.several else None

    def narrowed(self, names: Sequence[str], query: str) -> Found:
        if not self.several:
            return narrow(names, query)
        context = self.services.context
        beside = [place_words(context, group.account, group.region) for group in self._groups]
        return narrow_beside(names, beside, query)

    def cells(self, index: int) -> list[Cell]:
        group = self._groups[index]
        born = "" if group.creation_time is None else age(self.services.clock() - group.creation_time)
        places: list[Cell] = []
        if self.several:
            account = account_label(self.services.context, group.account)
            places = [(account, "$primary"), (group.region, "$secondary")]
        return [
            *places,
            (size(group.stored_bytes), "$secondary"),
            (retention(group), "$warning" if group.retention_days is None else "$muted"),
            (born, "$muted"),
            (log_class(group), "$warning" if group.log_class in WITHOUT_EVENTS else "$faint"),
        ]

    def summary(self, shown: int) -> list[Content]:
        total = len(self._groups)
        parts: list[Content] = []
        if self._listing:
            parts.append(Content.styled(self._reading_words() or "listing …", "$muted"))
        if self._written is not None:
            parts.append(Content.styled(f"cached {ago(self.services.clock() - self._written)}", "$muted"))
        if self._order:
            parts.append(Content.styled(_ORDERS[self._order][0], "$muted"))
        if total:
            number = counted(total, "group")
            parts.append(Content.styled(number if shown == total else f"{shown:,} of {number}", "$secondary"))
        if self._problem and total:
            # Last, because the end is what a narrow screen cuts.
            parts.append(Content.styled(printable(self._problem), "$warning"))
        return parts

    def body_without_rows(self) -> Content | None:
        written = printable(self.field.value)
        context = printable(self.services.context.name)
        if written and (self._groups or self._denied):
            return Content.assemble(
                "No listed group is called like ", (written, "bold"), ".\n\n",
                ("Enter", "bold $accent"), " opens it all the same, as a full name.   ",
                ("ctrl+u", "bold $accent"), " clears the filter.",
            )  # fmt: skip
        if self._problem:
            return None
        if self._listing or not self._listed:
            if words := self._reading_words():
                return Content.styled(f"{words}\n\nEsc stops and keeps what was read.", "$muted")
            return Content.styled(f"Listing the log groups of {context} …", "$muted")
        return Content.assemble(
            (f"There are no log groups in {context}.", "bold"), "\n\n",
            "Another region or profile?  ", ("cwtui --region eu-west-1 --profile NAME", "bold $accent"), "\n",
            "Just looking?  ", ("cwtui --mock", "bold $accent"), " explores a recorded incident.",
        )  # fmt: skip

    def _show_last_session(self) -> None:
        """One line that offers what was open last; nothing is opened by itself."""
        session = self.shell.last_session
        line = self.query_one("#last-session", Static)
        line.display = session is not None
        self.field.free = {"."} if session is not None else set()
        if session is not None:
            keymap = with_keymap(self.services.settings.keymap)
            key = show_keys(key for row in keymap if row.id == "groups.resume" for key in row.keys)
            words = Content.assemble(("last time: ", "$muted"), session.words)
            line.update(Content.assemble(words, (f"   {key} ", "bold $accent"), ("goes on", "$muted")))

    # ------------------------------------------------------------------ keys

    def action_resume(self) -> None:
        """Opens what was open last; says so where there is nothing."""
        try:
            self.shell.resume_last()
        except CwtuiError as error:
            self.shell.show_error(error)

    @on(NameList.Opened)
    def action_open(self) -> None:
        """The streams of the group; a name that is not listed is opened as it is written."""
        if (name := self.names.current) is not None:
            self.post_message(OpenStreams(name))
        elif name := self.field.value:
            self.post_message(OpenEvents((name,)))
        elif self._problem:
            self.query_one(FailureCard).explain()

    def action_logs(self) -> None:
        groups = self.names.chosen or ((self.field.value,) if self.field.value else ())
        if len(groups) == 1 and self.class_of(groups[0]) in WITHOUT_EVENTS:
            self.shell.tell_log_class(groups[0])
        elif groups:
            # Of several, those that cannot be read are named, and the others shown.
            self.post_message(OpenEvents(groups))

    def action_tail(self) -> None:
        # The events view follows from the start; the key is there because hands look for it.
        self.action_logs()

    def action_sort(self) -> None:
        self._order = (self._order + 1) % len(_ORDERS)
        self._take(self._by_identifier)

    def action_copy_arn(self) -> None:
        current = self.names.current
        arn = next((group.arn for group in self._groups if group.identifier == current), "")
        self.shell.copy("the ARN", arn)
