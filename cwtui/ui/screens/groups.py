"""The list of log groups: the first thing seen, so it stands at once and then comes up to date.

Five states: loading, empty, partial (a page failed), stale (the last run's list), error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from cwtui.access.console import console_url
from cwtui.access.group_memory import pin
from cwtui.core.aliases import MARK, aliases_of, groups_named
from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.keymap import show_keys, with_keymap
from cwtui.core.models import LogGroup
from cwtui.core.places import PlaceWords, account_label
from cwtui.core.text import printable, printable_block
from cwtui.ui.group_cache import read_groups
from cwtui.ui.keys import bindings_for
from cwtui.ui.messages import OpenEvents, OpenStreams
from cwtui.ui.narrowing import Found, narrow, narrow_beside
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.screens.group_listing import GroupListing
from cwtui.ui.screens.log_class import WITHOUT_EVENTS
from cwtui.ui.widgets.header import Crumbs
from cwtui.ui.widgets.name_list import Cell, Column, NameList
from cwtui.ui.words import age, ago, counted, log_class, reading_words, retention, size
from cwtui.wiring import Services


class GroupsScreen(GroupListing):
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

    @property
    def group_names(self) -> list[str]:
        """The names known so far, for completion; ARNs of those that bear one name."""
        several = Counter(self.groups.names)
        return [group.name if several[group.name] == 1 else group.identifier for group in self.groups.rows]

    def class_of(self, name: str) -> str:
        """The log class of a group, by its identifier, or empty where it is not known."""
        group = self.groups.get(name)
        return "" if group is None else group.log_class

    # ------------------------------------------------------------------ beginning and ending

    def on_mount(self) -> None:
        services = self.services
        if not services.offline and (cached := read_groups(self._home, services.source)) is not None:
            self.groups.add(cached.groups)
            self._written = cached.written
        self.field.opening = {MARK} if services.settings.aliases else set()
        self.field.focus()
        self.show_groups()

    def on_screen_resume(self) -> None:
        self._show_last_session()
        if not self._covered and not self._listed and not self._listing:
            self.reload()
        self._covered = False

    def _reading_words(self) -> str:
        reading = self.services.reading
        ascii_only = self.services.settings.ascii_only
        return "" if reading is None else reading_words(*reading, ascii_only=ascii_only)

    def escape(self) -> bool:
        """Stops what is being read, before the filter and the marks; a listing from the list itself."""
        if self.services.stop_reading():
            return True
        if not self.field.has_focus and (self.stop_waiting() or self.stop_listing()):
            return True
        return super().escape()

    # ------------------------------------------------------------------ showing

    def crumbs(self) -> Crumbs:
        return Crumbs(self.services.context, ("log groups",))

    def above_names(self) -> ComposeResult:
        yield Static(Content(""), id="last-session")

    def all_names(self) -> list[str]:
        return self.groups.names

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

    def keys(self) -> list[str]:
        return self.groups.keys

    def headings(self) -> list[tuple[int, str]]:
        return self.groups.headings

    def badge(self, index: int) -> str:
        if not self.groups.is_pinned(self.groups.rows[index]):
            return ""
        return "+" if self.services.settings.ascii_only else "★"

    def beside(self, index: int) -> str:
        aliases = self.services.settings.aliases
        return " ".join(aliases_of(self.groups.keys[index], aliases)) if aliases else ""

    def narrowed(self, names: Sequence[str], query: str) -> Found:
        if query.startswith(MARK):
            return self._called(query)
        if not self.several:
            return narrow(names, query)
        words = PlaceWords(self.services.context)
        beside = [words[group.account, group.region] for group in self.groups.rows]
        return narrow_beside(names, beside, query)

    def _called(self, beginning: str) -> Found:
        """The groups whose aliases begin so."""
        aliases = self.services.settings.aliases
        meant = {group for alias in aliases if alias.startswith(beginning[1:]) for group in aliases[alias]}
        rows = [row for row, group in enumerate(self.groups.rows) if {group.name, group.identifier} & meant]
        return Found(rows, lambda row: ())

    def cells(self, index: int) -> list[Cell]:
        group = self.groups.rows[index]
        born = "" if group.creation_time is None else age(self.services.clock() - group.creation_time)
        kind = (log_class(group), "$warning" if group.log_class in WITHOUT_EVENTS else "$faint")
        places: list[Cell] = []
        if self.several:
            account = account_label(self.services.context, group.account)
            places = [(account, "$primary"), (group.region, "$secondary")]
        if not group.described:
            unknown = ("-" if self.services.settings.ascii_only else "·", "$faint")
            return [
                *places,
                unknown,
                unknown,
                unknown if group.creation_time is None else (born, "$muted"),
                kind,
            ]
        return [
            *places,
            (size(group.stored_bytes), "$secondary"),
            (retention(group), "$warning" if group.retention_days is None else "$muted"),
            (born, "$muted"),
            kind,
        ]

    def summary(self, shown: int) -> list[Content]:
        total = len(self.groups)
        parts: list[Content] = []
        if self._listing:
            stops = "" if self.field.has_focus or total < 2_000 else ", Esc stops"
            parts.append(Content.styled(self._reading_words() or f"listing …{stops}", "$muted"))
        elif self._looking:
            parts.append(Content.styled("asking the service …", "$muted"))
        if self._written is not None:
            parts.append(Content.styled(f"cached {ago(self.services.clock() - self._written)}", "$muted"))
        if words := self.waiting_words() or self.order.name:
            parts.append(Content.styled(words, "$muted"))
        if total:
            number = counted(total, "group")
            parts.append(Content.styled(number if shown == total else f"{shown:,} of {number}", "$secondary"))
        if self.cut and not self._listing:
            parts.append(Content.styled("not all, type to find", "$warning"))
        if self._facts_refused:
            parts.append(Content.styled(printable(f"no facts: {self._facts_refused}"), "$warning"))
        if self._problem and total:
            # Last, because the end is what a narrow screen cuts.
            parts.append(Content.styled(printable(self._problem), "$warning"))
        return parts

    def body_without_rows(self) -> Content | None:
        written = printable(self.field.value)
        if self._looking:
            return Content.assemble("Looking for ", (written, "bold"), " at the service …")
        if written.startswith(MARK):
            return self._without_alias(self.field.value)
        context = printable(self.services.context.name)
        if written and (len(self.groups) or self._denied):
            looked = " The service finds none either; it minds upper and lower case." if self._looked else ""
            return Content.assemble(
                "No listed group is called like ", (written, "bold"), ".", looked, "\n\n",
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

    def _without_alias(self, written: str) -> Content:
        """What is typed begins like an alias, and no group that is listed is called so."""
        try:
            groups = groups_named([written], self.services.settings.aliases)
        except InputError as error:
            return Content(printable_block(f"{error.message}\n\n{error.hint}"))
        names = "\n".join(groups)
        return Content(
            printable_block(f"{written} is not among the listed groups; Enter opens it.\n\n{names}")
        )

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
        if self.field.value.startswith(MARK) and self._open_alias(self.field.value):
            return
        if (name := self.names.current) is not None:
            self.post_message(OpenStreams(name))
        elif name := self.field.value:
            self.post_message(OpenEvents((name,)))
        elif self._problem:
            self.query_one(FailureCard).explain()

    def _open_alias(self, written: str) -> bool:
        """Opens what an alias stands for; False where it is only the beginning of one that is listed."""
        try:
            groups = groups_named([written], self.services.settings.aliases)
        except InputError as error:
            if not len(self.names):
                self.shell.show_error(error)
            return bool(len(self.names)) is False
        self.post_message(OpenStreams(groups[0]) if len(groups) == 1 else OpenEvents(groups))
        return True

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
        self.sort_by_next()

    def action_facts(self) -> None:
        """Shows what is known of the group."""
        if (group := self._current) is not None:
            from cwtui.ui.screens.facts import GroupSheet

            self.app.push_screen(GroupSheet(self.services, group, pinned=self.groups.is_pinned(group)))

    def action_pin(self) -> None:
        """Pins the marked groups, or the one under the cursor; lets go of them where all are pinned."""
        chosen = [group for key in self.names.chosen if (group := self.groups.get(key)) is not None]
        if not chosen:
            return
        pinned = not all(map(self.groups.is_pinned, chosen))
        settings = self.services.settings
        memory = pin(settings, (group.identifier for group in chosen), pinned=pinned)
        # The cursor goes on, as with marks: the group itself leaves for another place.
        names, at_top = self.names, not self.names.scroll_offset.y
        names.go_to(names.cursor + (1 if names.cursor + 1 < len(names) else -1))
        self.groups.pin((*memory.pinned, *settings.favourites))
        self.show_groups()
        if at_top:
            # Who looks at the beginning sees where the group went.
            names.scroll_home(animate=False, force=True, immediate=True)
            names.go_to(names.cursor)
        if not pinned and any(map(self.groups.is_pinned, chosen)):
            self.shell.say(
                "It is a favourite of contexts.toml, and stays pinned until it is taken out there."
            )

    def action_console(self) -> None:
        if (group := self._current) is not None:
            region = group.region or self.services.context.region
            self.shell.copy("the console's address", console_url(region, group.name) if region else "")

    def action_copy_arn(self) -> None:
        group = self._current
        self.shell.copy("the ARN", "" if group is None else group.arn)

    @property
    def _current(self) -> LogGroup | None:
        current = self.names.current
        return None if current is None else self.groups.get(current)
