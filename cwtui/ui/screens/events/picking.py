"""From what is read to a filter, a search, or a light: `+`, `-` and `*` on an event or one of its fields."""

from __future__ import annotations

import re
from typing import NamedTuple

from textual import on, work

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Level, LogEvent
from cwtui.lang.envelope import fields_of, request_id_of
from cwtui.lang.expression import Contains, Expression, LevelIs
from cwtui.lang.field_path import FieldPath
from cwtui.lang.fields import field_equals, leaves, logfmt_path, written_value
from cwtui.lang.where import Filter, containing, in_account, in_group, in_region, in_stream, inverted
from cwtui.ui.screens.events.narrowing import Narrowing
from cwtui.ui.screens.events.searching import Searching
from cwtui.ui.screens.pick import Choice, PickScreen
from cwtui.ui.widgets.detail import DetailText
from cwtui.ui.widgets.detail_fields import Field
from cwtui.ui.widgets.lighting import highlighter

_METACHARACTER = re.compile(r"([\\^$.|?*+()\[\]{}])")
_TITLES = {"include": "Show only events with", "exclude": "Hide events with", "light": "Search and light up"}


class Taken(NamedTuple):
    """A value of an event that can be filtered by and looked for."""

    name: str
    shown: str
    expression: Expression
    text: str


class Picking(Narrowing, Searching):
    """What takes a value from an event."""

    # ------------------------------------------------------------------ from the list

    async def action_include(self) -> None:
        self.take_value("include")

    async def action_exclude(self) -> None:
        self.take_value("exclude")

    async def action_light(self) -> None:
        self.take_value("light")

    @work(group="take", exclusive=True, exit_on_error=False)
    async def take_value(self, verb: str) -> None:
        """Does it with the text that the mouse selected, else with a value of the event under the cursor."""
        row_id = self.event_list.row_id
        if not self.ready or row_id is None:
            return
        if selected := (self.get_selected_text() or "").strip():
            self.clear_selection()
            self._use(verb, containing(selected), selected)
            return
        try:
            event = await self.investigation.event(row_id)
        except CwtuiError as error:
            self.say_error(error)
            return
        several_places = bool(self.event_list.look.places)
        values = values_of(event, several_groups=len(self.groups) > 1, several_places=several_places)
        chosen = await self.app.push_screen_wait(
            PickScreen(_TITLES[verb], [Choice(value.name, value.shown) for value in values])
        )
        if chosen is not None:
            self._use(verb, values[chosen].expression, values[chosen].text)

    # ------------------------------------------------------------------ from the detail pane

    @on(DetailText.FieldChosen)
    def _field_chosen(self, message: DetailText.FieldChosen) -> None:
        field: Field = message.field
        self._use(message.verb, field.expression(), field.text())

    def _use(self, verb: str, expression: Expression, text: str) -> None:
        if verb in ("include", "exclude"):
            item = Filter(expression if verb == "include" else inverted(expression))
            if item in self.stack.filters:
                self.say("That filter stands already.")
            else:
                self.apply_filters(self.stack.add(item))
            return
        if not text:
            self.say("That has no text of its own to look for.")
            return
        wanted = _METACHARACTER.sub(r"\\\1", text)
        if verb == "light":
            self.add_term(wanted)
        self.search_for(wanted)

    def search_for(self, text: str) -> None:
        """Searches the text and goes to its next place, the present event included."""
        events = self.event_list
        if events.row_id is not None and events.timestamp is not None:
            self._origin = (events.row_id, events.timestamp)
        self.remember("/", text)
        self.find(text, go=True)

    # ------------------------------------------------------------------ what stays lit

    def highlight_written(self, text: str) -> None:
        """Keeps a text or regular expression lit beside the search; nothing puts all out."""
        if text.strip():
            self.add_term(text.strip())
        else:
            self._set_terms(())

    def add_term(self, text: str) -> None:
        """Keeps it lit, in the next colour."""
        if text not in self.terms:
            self._set_terms((*self.terms, text))

    def _set_terms(self, terms: tuple[str, ...]) -> None:
        self.terms = terms
        lights = tuple(light for term in terms if (light := highlighter(term)) is not None)
        self.event_list.restyle(terms=lights)
        self.repaint_soon()


def values_of(event: LogEvent, *, several_groups: bool, several_places: bool = False) -> list[Taken]:
    """What an event can be filtered by: its level, stream, group, request, and the fields of its message."""
    values: list[Taken] = []
    if event.level is not Level.UNKNOWN:
        name = event.level.name.lower()
        values.append(Taken("level", name, LevelIs("=", event.level), name.upper()))
    values.append(Taken("stream", event.stream, in_stream(event.stream), event.stream))
    if several_groups:
        values.append(Taken("group", event.group, in_group(event.group), event.group))
    if several_places:
        values.append(Taken("account", event.account, in_account(event.account), event.account))
        values.append(Taken("region", event.region, in_region(event.region), event.region))
    if request := request_id_of(event.message):
        values.append(Taken("request", request, Contains(request), request))
    fields = fields_of(event.message)
    is_json = event.message.lstrip().startswith("{")
    for steps, found in leaves(fields) if fields else ():
        # Only a pair of logfmt has no type; behind a prefix may stand JSON, which has.
        is_pair = not is_json and len(steps) == 1 and isinstance(found, str)
        value = written_value(found) if is_pair and isinstance(found, str) else found
        path = logfmt_path(str(steps[0])) if is_pair else FieldPath(steps)
        field = Field(path.steps, value, 0, 0)
        values.append(Taken(str(path), field.text(), field_equals(path, value), field.text()))
    return values
