"""The streams of a group by day, the one written to last first; pages come as the cursor nears the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.content import Content

from cwtui.access.console import console_url
from cwtui.access.stream_names import StreamName, lags, last_activity, stream_name
from cwtui.core.errors import CwtuiError
from cwtui.core.models import LogStream, StreamsRequest
from cwtui.core.naming import named
from cwtui.core.places import path_part
from cwtui.core.text import printable
from cwtui.fetch.paging import all_streams
from cwtui.ui.keys import bindings_for
from cwtui.ui.messages import OpenEvents
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.screens.names import NamesScreen
from cwtui.ui.screens.stream_orders import ORDERS
from cwtui.ui.widgets.header import Crumbs
from cwtui.ui.widgets.name_list import Cell, Column, NameList
from cwtui.ui.words import age, ago, counted
from cwtui.wiring import Services

NEAR_THE_END = 50
"""Rows before the last at which the next page is fetched."""
MOST_STREAMS = 100
"""Names that FilterLogEvents takes in one request."""


class StreamsScreen(NamesScreen):
    """Log streams of one group."""

    KEY_PANES: ClassVar[tuple[str, ...]] = ("streams", "motion", "global")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("streams")
    COLUMNS = (
        Column("LAST EVENT", 12, 40),
        Column("CREATED", 9, 84),
        Column("KIND", 20, 100),
        Column("ID", 20, 140),
    )
    TITLE_OF_NAMES = "LOG STREAM"

    def __init__(self, services: Services, group: str) -> None:
        super().__init__(services)
        self._group = group
        self._streams: list[LogStream] = []
        self._pages: AsyncIterator[list[LogStream]] | None = None
        self._order = 0
        self._opened = services.clock()
        self._lagging = False
        self._parsed: dict[str, StreamName] = {}
        self._listing = False
        self._complete = False
        self._problem = ""
        self._lock = asyncio.Lock()

    def on_mount(self) -> None:
        self.names.focus()
        self.reload()

    def reload(self) -> None:
        self._streams, self._complete, self._problem = [], False, ""
        self._pages = all_streams(self.services.reader, StreamsRequest(self._group))
        self._load_pages()

    @work(group="streams", exclusive=True, exit_on_error=False)
    async def _load_pages(self) -> None:
        """Fetches pages until the cursor is far enough from the end of what is listed."""
        async with self._lock:
            pages, self._listing = self._pages, True
            self.show_names()
            try:
                while pages is not None and not self._complete and self._wants_more():
                    page = await anext(pages, None)
                    if page is None:
                        self._complete = True
                    else:
                        self._take([*self._streams, *page])
            except CwtuiError as error:
                self._problem = error.message
                more = "l opens the logs of the whole group, / and a name that stream: it may be allowed."
                self.query_one(FailureCard).tell(error, more if error.kind == "perm" else "")
                self.offer_way_out(error)
            finally:
                self._listing = False
            self.show_names()

    def _wants_more(self) -> bool:
        # A narrowed list would fetch every page of a group with a million streams.
        near = self.names.cursor + NEAR_THE_END >= len(self.names)
        return near and not self._problem and not self.field.value

    def _take(self, streams: list[LogStream]) -> None:
        self._streams = ORDERS[self._order].sort(streams, self.parsed)
        self._lagging = any(map(lags, streams))
        self.show_names()

    def parsed(self, stream: LogStream) -> StreamName:
        """What the name of a stream says."""
        if (parsed := self._parsed.get(stream.name)) is None:
            parsed = self._parsed[stream.name] = stream_name(stream.name, self._group)
        return parsed

    # ------------------------------------------------------------------ showing

    def crumbs(self) -> Crumbs:
        context = self.services.context
        return Crumbs(context, (path_part(context, self._group), "streams"))

    def all_names(self) -> list[str]:
        return [stream.name for stream in self._streams]

    def headings(self) -> list[tuple[int, str]]:
        return ORDERS[self._order].headings(self._streams, self.parsed, self.services.settings.tzinfo)

    def cells(self, index: int) -> list[Cell]:
        stream, now = self._streams[index], self.services.clock()
        parsed, at = self.parsed(stream), last_activity(stream)
        last = f"{'~' if lags(stream) else ''}{ago(now - at)}" if at else ""
        born = "" if stream.creation_time is None else age(now - stream.creation_time)
        new = stream.creation_time is not None and stream.creation_time >= self._opened
        return [
            (last, "$success" if at >= self._opened else "$secondary"),
            ("new", "$success") if new else (born, "$muted"),
            (parsed.what, "$muted"),
            (parsed.short if parsed.kind else "", "$muted"),
        ]

    def summary(self, shown: int) -> list[Content]:
        total = len(self._streams)
        parts: list[Content] = []
        if self._listing:
            parts.append(Content.styled("listing …", "$muted"))
        if self._lagging:
            parts.append(Content.styled("~ as it came in", "$muted"))
        if name := ORDERS[self._order].name:
            parts.append(Content.styled(name, "$muted"))
        if total:
            number = counted(total, "stream") + ("" if self._complete else " so far")
            parts.append(Content.styled(number if shown == total else f"{shown:,} of {number}", "$secondary"))
        if self._problem and total:
            parts.append(Content.styled(printable(f"incomplete: {self._problem}"), "$warning"))
        return parts

    def body_without_rows(self) -> Content | None:
        if self.field.value and self._problem:
            return Content.assemble(
                "No listed stream is called like ", (printable(self.field.value), "bold"), ".\n\n",
                ("Enter", "bold $accent"), " opens it all the same, as a full name.   ",
                ("ctrl+u", "bold $accent"), " clears the filter.",
            )  # fmt: skip
        if self._streams:
            unseen = "" if self._complete else " listed so far"
            return Content.assemble(
                f"No stream{unseen} is called like ", (printable(self.field.value), "bold"), ".\n\n",
                ("ctrl+u", "bold $accent"), " clears the filter.",
            )  # fmt: skip
        if self._problem:
            return None
        if not self._complete:
            return Content.styled("Listing the streams …", "$muted")
        return Content.assemble(
            ("This group has no streams.", "bold"),
            "\n\nNothing was ever written to it, or all of it has expired.   ",
            ("h", "bold $accent"), " goes back.",
        )  # fmt: skip

    # ------------------------------------------------------------------ keys

    @on(NameList.Moved)
    def _moved(self) -> None:
        if not self._listing and not self._complete and self._wants_more():
            self._load_pages()

    @on(NameList.Opened)
    def action_open(self) -> None:
        """The events of the stream, or of all marked streams."""
        chosen = self.names.chosen
        if len(chosen) > MOST_STREAMS:
            self.shell.say(
                f"{len(chosen):,} streams are marked, and AWS reads at most {MOST_STREAMS} at a time. "
                "q, then l, reads the whole group.",
                severity="warning",
            )
        elif chosen:
            self.post_message(OpenEvents((self._group,), streams=chosen))
        elif self._problem and self.field.value:
            # Its name is known, and reading it may be allowed.
            self.post_message(OpenEvents((self._group,), streams=(self.field.value,)))
        elif self._problem:
            self.query_one(FailureCard).explain()

    def action_logs(self) -> None:
        """As `open`; of the whole group where its streams cannot be listed."""
        if not self.names.chosen:
            self.post_message(OpenEvents((self._group,)))
        else:
            self.action_open()

    def action_tail(self) -> None:
        self.action_logs()

    @property
    def _current(self) -> LogStream | None:
        row = self.names.current_row
        return None if row is None else self._streams[row]

    def action_facts(self) -> None:
        """Shows what is known of the stream."""
        if (stream := self._current) is not None:
            from cwtui.ui.screens.facts import StreamSheet

            listed = self.shell.groups_screen.groups.get(self._group)
            group = listed.arn if listed is not None and listed.arn else self._group
            self.app.push_screen(StreamSheet(self.services, stream, group))

    def action_console(self) -> None:
        if (stream := self._current) is not None:
            there = named(self._group)
            region = there.region or self.services.context.region
            link = console_url(region, there.name, stream.name) if region else ""
            self.shell.copy("the console's address", link)

    def action_groups(self) -> None:
        self.shell.back()

    def action_sort(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)
        self._take(self._streams)
