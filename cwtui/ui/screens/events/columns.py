"""Fields of messages as columns: choosing them, writing them, remembering them for the groups shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from textual import on, work

from cwtui.core.errors import CwtuiError, DataError
from cwtui.core.models import LogEvent
from cwtui.lang.field_values import fields_seen, value_of
from cwtui.ui.column_memory import read_columns, write_columns
from cwtui.ui.screens.events.reading import Reading
from cwtui.ui.widgets.column_titles import ColumnTitles
from cwtui.ui.widgets.event_list import EventList

_SAMPLE = 300
"""Rows, spread over the view, whose fields are offered beside those on the screen."""
_LONG = 30
"""Of them, those whose messages are too long for a list and are read whole."""
_LONGEST = 1_000_000
"""Characters of a message whose fields are looked for."""
NONE = "none"
"""What `:cols` takes to have no column."""


class Columned(Reading):
    """What gives fields columns, and takes them away."""

    def recall_columns(self) -> None:
        """Shows the columns that were chosen for exactly these groups."""
        try:
            paths = read_columns(self.groups)
        except DataError as error:
            self.say_error(error)
            return
        if paths:
            self.event_list.show_columns(paths)

    def columns_commands(self) -> dict[str, Callable[[str], None]]:
        """The `:` command of this concern."""
        return {"cols": self.columns_written}

    def columns_written(self, text: str) -> None:
        """`status,user`, `none`, or nothing: then they are chosen from a list."""
        paths = tuple(dict.fromkeys(filter(None, re.split(r"[,\s]+", text))))
        if not paths:
            self.action_columns()
        else:
            self._use_columns(() if paths == (NONE,) else paths)

    def completions(self) -> Mapping[str, Callable[[], Sequence[str]]]:
        return {**super().completions(), "cols": lambda: [*self.column_names(), NONE]}

    def column_names(self) -> list[str]:
        """Fields of the rows at hand, for completion."""
        return [field.path for field in fields_seen(self.event_list.messages_at_hand(_SAMPLE))]

    @work(group="columns", exclusive=True, exit_on_error=False)
    async def action_columns(self) -> None:
        from cwtui.ui.screens.columns import ColumnsScreen

        events = self.event_list
        chosen = tuple(column.path for column in events.look.columns)
        try:
            messages = await self._sample()
        except CwtuiError as error:
            self.say_error(error)
            return
        seen = await asyncio.to_thread(fields_seen, messages)
        if not seen and not chosen:
            self.say("No event here has fields: only JSON and key=value lines have them.")
            return
        answer = await self.app.push_screen_wait(ColumnsScreen(seen, len(messages), chosen))
        if answer is not None and answer != chosen:
            self._use_columns(answer)

    async def _sample(self) -> list[str]:
        if not self.ready:
            return []
        events = self.event_list
        rows = events.view.rows
        spread = rows[:: max(1, len(rows) // _SAMPLE)][:_SAMPLE]
        ids = np.unique(np.concatenate([spread, events.visible_ids]))
        seen = await self.investigation.rows(ids)
        # A row has the beginning of a long message, and half of a JSON object tells no fields.
        long = [row.id for row in seen if len(row.message) < row.length <= _LONGEST][:_LONG]
        messages = [row.message for row in seen if row.length <= len(row.message)]
        async for whole in self.investigation.events(np.asarray(long, np.int64)):
            messages += [event.message for event in whole]
        return messages

    async def values_of_rows(self, ids: Sequence[int], paths: Sequence[str]) -> dict[int, dict[str, object]]:
        """What messages have in these fields, for rows whose messages are too long for a list."""
        found: dict[int, dict[str, object]] = {}
        async for events in self.investigation.events(np.asarray(ids, np.int64)):
            found.update(await asyncio.to_thread(_values, list(ids)[len(found) :], events, paths))
        return found

    def _use_columns(self, paths: tuple[str, ...]) -> None:
        self.event_list.show_columns(paths)
        self.arrange_now()
        known = set(self.column_names()) if paths else set()
        if unknown := [path for path in paths if not self._is_known(path, known)]:
            self.say(f"No event at hand has {', '.join(unknown)}.")
        try:
            write_columns(self.groups, paths)
        except DataError as error:
            self.say_error(error)

    @staticmethod
    def _is_known(path: str, known: set[str]) -> bool:
        return any(name == path or name.startswith((f"{path}.", f"{path}[")) for name in known)

    @on(EventList.ColumnsChanged)
    def _columns_changed(self) -> None:
        self.query_one(ColumnTitles).show(self.event_list.look)


def _values(
    ids: Sequence[int], events: Sequence[LogEvent], paths: Sequence[str]
) -> dict[int, dict[str, object]]:
    return {
        row_id: {path: value_of(event.message, path) for path in paths}
        for row_id, event in zip(ids, events, strict=False)
    }
