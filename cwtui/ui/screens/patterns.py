"""The patterns of what is shown: what it says, how often, when; each can be filtered to, or hidden.

Five states: loading (nothing mined yet), empty, partial (not all events mined yet), stale (events came, or
a filter changed, and are being counted), error. What is listed stays while it is counted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Level
from cwtui.core.text import printable
from cwtui.explain.pattern_table import PatternTable
from cwtui.explain.severity import grade, of_words
from cwtui.investigation import Investigation
from cwtui.investigation.patterns import PatternInside, PatternState, ShownPatterns
from cwtui.lang.where import Filter, FilterStack
from cwtui.settings import Settings
from cwtui.ui.keys import bindings_for
from cwtui.ui.screens.base import CwtuiScreen
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.screens.patterns_words import ORDERS, TIPS, empty_words, holds, status_of
from cwtui.ui.widgets.header import Crumbs, Header
from cwtui.ui.widgets.key_hints import KeyHints
from cwtui.ui.widgets.pattern_detail import PatternDetail
from cwtui.ui.widgets.pattern_list import PatternLine, PatternList, PatternTitles
from cwtui.ui.widgets.prompt import Prompt
from cwtui.ui.widgets.status import Status, StatusLine
from cwtui.ui.words import counted
from cwtui.window.view import View
from cwtui.wiring import Services

_BESIDE = 130
"""Columns from which the detail stands beside the list."""
_REST = 0.12
"""Seconds that the cursor rests before its slots are read."""


@dataclass(slots=True)
class PatternsMemory:
    """How the list was left, for when it is opened again."""

    order: int = 0
    key: int | None = None
    state: PatternState | None = None
    of: object = None
    """What `state` was made of."""
    hidden: set[tuple[Level, str]] = field(default_factory=set)


class PatternsOwner(Protocol):
    """The events view, as far as its patterns go."""

    services: Services
    settings: Settings
    zone: tzinfo
    frozen: View | None

    @property
    def investigation(self) -> Investigation: ...
    @property
    def stack(self) -> FilterStack: ...
    def apply_filters(self, filters: FilterStack) -> None: ...
    def crumb_path(self) -> tuple[str, ...]: ...
    def window_words(self) -> str: ...


class PatternsScreen(CwtuiScreen):
    """What the shown events say."""

    KEY_PANES: ClassVar[tuple[str, ...]] = ("patterns", "motion")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("patterns")
    DEFAULT_CSS = """
    PatternsScreen {
        layout: vertical;
        background: $background;
        #patterns-line { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #patterns-body { height: 1fr; layout: vertical; }
        #patterns-rows { height: 1fr; layout: vertical; }
        #patterns-empty { height: 1fr; padding: 1 3; display: none; }
        FailureCard { display: none; }
        PatternDetail { height: 8; border-top: solid $gutter; }
        &.-beside {
            #patterns-body { layout: horizontal; }
            PatternDetail {
                width: 38%; max-width: 84; height: 1fr; border-top: none; border-left: vkey $gutter;
            }
        }
        &.-low PatternDetail, &.-empty PatternDetail, &.-empty #patterns-rows { display: none; }
        &.-empty #patterns-empty { display: block; }
        &.-failed {
            #patterns-body, #patterns-empty { display: none; }
            FailureCard { display: block; }
        }
    }
    """

    def __init__(self, owner: PatternsOwner, memory: PatternsMemory) -> None:
        super().__init__()
        self._owner = owner
        self._memory = memory
        self._state: PatternState | None = None
        self._counting: PatternState | None = None
        """The state that is being counted, where an older and whole one is still shown."""
        self._source: ShownPatterns | None = None
        self._lit = ""
        self._insides: dict[int, PatternInside] = {}
        self._slot_timer: Timer | None = None
        self._failed = False

    def compose(self) -> ComposeResult:
        settings, zone = self._owner.settings, self._owner.zone
        ascii_only = settings.ascii_only
        yield Header(ascii_only=ascii_only)
        yield Static(Content(""), id="patterns-line", markup=False)
        with Container(id="patterns-body"):
            with Container(id="patterns-rows"):
                yield PatternTitles()
                yield PatternList(zone=zone, ascii_only=ascii_only)
            yield PatternDetail(zone=zone, ascii_only=ascii_only)
        yield Static(Content(""), id="patterns-empty", markup=False)
        yield FailureCard(settings)
        yield StatusLine(TIPS, ascii_only=ascii_only)
        yield KeyHints("patterns", settings.keymap)

    @property
    def patterns(self) -> PatternList:
        return self.query_one(PatternList)

    @property
    def whole(self) -> bool:
        """Whether what is listed tells of all that is shown."""
        return self._state is not None and self._state.whole and self._counting is None

    def on_mount(self) -> None:
        self.query_one(Header).crumbs = self._crumbs()
        self.patterns.focus()
        if self._memory.of == self._made_of():
            self._state = self._memory.state
        else:
            self._memory.hidden.clear()
        self._show(key=self._memory.key)
        self.reload()

    async def on_unmount(self) -> None:
        self._memory.state = self._state
        self.workers.cancel_node(self)
        if self._source is not None:
            await self._source.aclose()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= _BESIDE, "-beside")
        self.set_class(self.size.height < 16, "-low")
        self._show()

    def _made_of(self) -> object:
        investigation = self._owner.investigation
        return (investigation.generation, investigation.filters)

    def _crumbs(self) -> Crumbs:
        owner = self._owner
        following = owner.investigation.follow_state.following
        live = ("LIVE o" if owner.settings.ascii_only else "LIVE ●") if following and not owner.frozen else ""
        path = (*owner.crumb_path(), "patterns")
        return Crumbs(owner.services.context, path, live, owner.window_words())

    # ------------------------------------------------------------------ mining

    def reload(self) -> None:
        """Mines anew."""
        self._mine()

    @work(group="mine", exclusive=True, exit_on_error=False)
    async def _mine(self) -> None:
        if self._source is not None:
            await self._source.aclose()
        self._failed = False
        self._source = ShownPatterns(self._owner.investigation, frozen=self._owner.frozen)
        try:
            async with aclosing(self._source.states()) as states:
                async for state in states:
                    self._take(state)
        except CwtuiError as error:
            self._failed = True
            self.query_one(FailureCard).tell(error)
            self._show()

    def _take(self, state: PatternState) -> None:
        # What was counted whole stays until it is counted whole again: no row jumps back and forth.
        shown = self._state
        if shown is not None and shown.whole and not state.whole and state.table.events < shown.table.events:
            self._counting = state
            self._show_words()
            return
        if state.whole:
            self._memory.hidden.clear()
        if shown is not None and state.table is shown.table:
            self._state = state
            self._show_words()
            return
        self._state, self._counting = state, None
        self._memory.of = self._made_of()
        self._insides.clear()
        self._show()

    # ------------------------------------------------------------------ showing

    def _rows(self) -> list[PatternLine]:
        table = self._state.table if self._state is not None else PatternTable()
        words = self._lit.lower().split()
        total = max(1, table.events)
        lines = [
            PatternLine(row, counts, row.count / total)
            for row, counts in zip(table.rows, table.counts, strict=True)
            if (row.level, row.text) not in self._memory.hidden and holds(row, words)
        ]
        order = ORDERS[self._memory.order][1]
        lines.sort(key=lambda each: order(each.row))
        return lines

    def _show(self, *, key: int | None = None, to_top: bool = False) -> None:
        if not self.query(PatternList):
            return  # not there yet, or no longer
        lines = self._rows()
        self.set_class(not lines, "-empty")
        self.set_class(self._failed, "-failed")
        self.patterns.show(lines, lit=self._lit, key=key, to_top=to_top)
        self._show_words()
        if not lines:
            self.query_one("#patterns-empty", Static).update(
                empty_words(self._state, len(self._owner.investigation.view), self._lit)
            )

    def _show_words(self) -> None:
        state = self._state
        self.query_one(Header).crumbs = self._crumbs()
        parts: list[Content | str | tuple[str, str]] = []
        if state is not None and state.table.found:
            listed, found = len(self.patterns), state.table.found
            number = counted(found, "pattern")
            parts.append((number if listed == found else f"{listed:,} of {number}", "bold"))
            parts.append((f" in {counted(state.table.events, 'event')}", "$foreground"))
            parts.append((f"   {ORDERS[self._memory.order][0]}", "$muted"))
        if self._lit:
            parts.append((f"   /{printable(self._lit)}", "$match1"))
        self.query_one("#patterns-line", Static).update(Content.assemble(*parts))
        self.query_one(StatusLine).show(self._status())

    def _status(self) -> Status:
        if self._failed:
            return Status("FAILED", "bad")
        following = self._owner.investigation.follow_state.following
        return status_of(
            self._state, self._counting, following=following, frozen=self._owner.frozen is not None
        )

    @on(PatternList.Moved)
    def _moved(self, message: PatternList.Moved) -> None:
        if self._slot_timer is not None:
            self._slot_timer.stop()
        if not self.query(PatternDetail):
            return
        self._show_detail()
        if message.line is not None:
            self._memory.key = message.line.row.key
            if message.line.row.key not in self._insides:
                self._slot_timer = self.set_timer(_REST, self._read_slots)

    def _show_detail(self) -> None:
        line = self.patterns.current
        table = self._state.table if self._state is not None else PatternTable()
        inside = self._insides.get(line.row.key) if line is not None else None
        self.query_one(PatternDetail).show(line, (table.start, table.end), inside)

    @work(group="slots", exclusive=True, exit_on_error=False)
    async def _read_slots(self) -> None:
        line, source = self.patterns.current, self._source
        if line is not None and source is not None and self._counting is None:
            self._insides[line.row.key] = await source.inside(line.row)
            self._show_detail()

    # ------------------------------------------------------------------ keys

    def action_only(self) -> None:
        """Back to the events, those of the pattern alone; where none could be found, why."""
        if self._failed:
            self.query_one(FailureCard).explain()
            return
        self._filter(hide=False)

    @on(PatternList.Opened)
    def _opened(self) -> None:
        self.action_only()

    def action_hide(self) -> None:
        """Hides the events of the pattern, and goes on with the rest."""
        self._filter(hide=True)

    @work(group="filter", exclusive=True, exit_on_error=False)
    async def _filter(self, *, hide: bool) -> None:
        line, source = self.patterns.current, self._source
        if line is None or source is None:
            return
        if self._counting is not None:
            self.shell.say("It is being counted again: a moment.")
            return
        found = await source.filter_of(line.row)
        item = Filter(found.expression)
        self._owner.apply_filters(self._owner.stack.add(item.inverted() if hide else item))
        if found.strays:
            verb = "hidden" if hide else "shown"
            others = counted(found.strays, "event")
            self.shell.say(f"Of the other patterns at least {others} read the same and are {verb} as well.")
        if hide:
            self._memory.hidden.add((line.row.level, line.row.text))
            self._show()
        else:
            self.dismiss()

    def action_sort(self) -> None:
        self._memory.order = (self._memory.order + 1) % len(ORDERS)
        self._show()

    def action_next_hit(self) -> None:
        self.patterns.action_cursor_down()

    def action_previous_hit(self) -> None:
        self.patterns.action_cursor_up()

    def action_next_error(self) -> None:
        self._to_error(1)

    def action_previous_error(self) -> None:
        self._to_error(-1)

    def _to_error(self, direction: int) -> None:
        rows = self.patterns
        lines = rows.places()
        place = rows.cursor + direction
        while 0 <= place < len(lines):
            row = lines[place].row
            if grade(row.level, of_words(row.text)) >= 4:
                rows.go_to(place)
                return
            place += direction
        self.shell.say("No pattern further on tells of an error.")

    def action_copy(self) -> None:
        if (line := self.patterns.current) is not None:
            self.shell.copy("the template", line.row.text)

    # ------------------------------------------------------------------ narrowing the list

    async def action_filter(self) -> None:
        if not self.query(Prompt):
            await self.mount(
                Prompt("/", text=self._lit, note="words of the template"), before=self.query_one(StatusLine)
            )

    @on(Prompt.Changed)
    def _typed(self, message: Prompt.Changed) -> None:
        if message.sigil == "/":
            message.stop()
            self._narrow(message.text)

    @on(Prompt.Submitted)
    async def _entered(self, message: Prompt.Submitted) -> None:
        if message.sigil == "/":
            message.stop()
            await self._close_prompt()

    @on(Prompt.Cancelled)
    async def _cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == "/":
            message.stop()
            self._narrow("")
            await self._close_prompt()

    async def _close_prompt(self) -> None:
        await self.query(Prompt).remove()
        self.patterns.focus()

    def _narrow(self, text: str) -> None:
        if text.strip() != self._lit:
            self._lit = text.strip()
            self._show(to_top=bool(self._lit))

    def escape(self) -> bool:
        if self.query(Prompt):
            self.query(Prompt).first().action_cancel()
        elif self._lit:
            self._narrow("")
        else:
            return False
        return True

    def pane(self) -> str:
        return "prompt" if self.query(Prompt) else "patterns"

    def on_descendant_focus(self) -> None:
        self.query_one(KeyHints).pane = self.pane()

    def commands(self) -> Mapping[str, Callable[[str], None]]:
        return {"patterns": lambda _: None}
