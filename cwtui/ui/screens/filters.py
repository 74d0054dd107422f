"""The stack of filters: what narrows the view, where it runs, and in which order; saved, loaded, shared."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.text import middle, printable
from cwtui.investigation import Investigation
from cwtui.investigation.saved_filters import forget_filters, save_filters, saved_filters
from cwtui.lang.where import FilterStack, from_bar, from_edit
from cwtui.ui.screens.pick import Choice, PickScreen
from cwtui.ui.widgets.filter_rows import FilterRow, FilterRows
from cwtui.ui.widgets.prompt import Prompt

_DEBOUNCE = 0.12
_LOOK_EVERY = 0.1
_KEYS = (
    ("Space", "on/off"),
    ("Enter", "edit"),
    ("a", "add"),
    ("!", "invert"),
    ("x", "delete"),
    ("K J", "move"),
    ("S", "local/service"),
    ("s", "save"),
    ("l", "load"),
    ("y", "share"),
    ("Esc", "close"),
)


class FilterOwner(Protocol):
    """The events view, as far as its filters go."""

    @property
    def investigation(self) -> Investigation: ...
    @property
    def stack(self) -> FilterStack: ...
    @property
    def pattern(self) -> str: ...
    @property
    def stream_prefix(self) -> str: ...
    def apply_filters(self, filters: FilterStack) -> None: ...
    def set_pattern(self, text: str) -> None: ...
    def send_to_service(self, index: int) -> None: ...
    def bring_home(self) -> None: ...
    def share(self) -> None: ...


class FiltersScreen(ModalScreen[None]):
    """Every change is applied at once; the view below and the count at the top follow."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,W", "leave", "Close", show=False),
        Binding("question_mark,f1", "help", "Help", show=False),
    ]
    DEFAULT_CSS = """
    FiltersScreen {
        align: center bottom;
        & #sheet {
            width: 100; max-width: 96%; height: auto; max-height: 92%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #title { height: 1; margin-bottom: 1; }
        & #one, & #said { margin-top: 1; }
        & #said { display: none; color: $error; }
        & #keys { margin-top: 1; }
        & Prompt { background: $panel; margin-top: 1; padding: 0 1; }
        & Prompt Input, & Prompt Input:focus { background: $panel; }
    }
    """

    def __init__(self, owner: FilterOwner, index: int | None = None) -> None:
        super().__init__()
        self._owner = owner
        self._index = index
        self._asking = ""
        """What the open prompt is for: `edit`, `add`, `name` or `pattern`."""
        self._before = FilterStack()
        self._edited = 0
        self._preview: Timer | None = None
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(id="title")
            yield FilterRows(ascii_only=self._owner.investigation.settings.ascii_only)
            yield Static(id="one")
            yield Static(id="said")
            yield Static(id="keys")

    def on_mount(self) -> None:
        rows = self.query_one(FilterRows)
        rows.focus()
        self._draw()
        if self._index is not None:
            rows.choose(self._index)
        # The view goes on changing under the sheet: events come, a filter is being tried.
        self.set_interval(_LOOK_EVERY, self._draw)

    def on_resize(self) -> None:
        self._drawn = None
        self._draw()

    # ------------------------------------------------------------------ drawing

    def _draw(self) -> None:
        owner, found = self._owner, self._owner.investigation
        stack = owner.stack
        counts = (len(found.view), found.loaded, found.searched)
        facts = (stack, owner.pattern, owner.stream_prefix, counts, self._asking)
        if facts == self._drawn:
            return
        self._drawn = facts
        width = min(100, self.app.size.width * 96 // 100) - 5
        self.query_one("#title", Static).update(_title(*counts, width))
        rows = []
        if owner.stream_prefix:
            rows.append(FilterRow(f"stream {owner.stream_prefix}*", "prefix"))
        if owner.pattern:
            rows.append(FilterRow(owner.pattern, "pattern"))
        rows += [FilterRow(str(item), "", item.enabled, index) for index, item in enumerate(stack.filters)]
        self.query_one(FilterRows).show(rows, width)
        where = stack.where()
        one = Content.assemble(("--where ", "$muted"), where and str(middle(where, max(10, width * 2 - 12))))
        self.query_one("#one", Static).update(one if where else Content(""))
        self.query_one("#one").display = bool(where) and self.app.size.height >= 20
        self.query_one("#keys", Static).update(_hints(width))

    def _say(self, text: str) -> None:
        said = self.query_one("#said", Static)
        said.display = bool(text)
        said.update(Content(printable(text)))

    # ------------------------------------------------------------------ keys

    @on(FilterRows.Asked)
    async def _asked(self, message: FilterRows.Asked) -> None:
        self._say("")
        row, verb = message.row, message.verb
        try:
            if verb == "add":
                await self._ask("add", "&", note="text  !text  /regex/  field=value  { $.x = 1 }")
            elif verb == "save":
                await self._ask("name", "save as", note="a name for the whole stack")
            elif verb == "load":
                self._load()
            elif verb == "share":
                self._owner.share()
            elif row is not None and row.index is None:
                await self._at_service(row, verb)
            elif row is not None and row.index is not None:
                await self._in_stack(row.index, verb)
        except CwtuiError as error:
            self._say(f"{error.message} {error.hint}")

    async def _in_stack(self, index: int, verb: str) -> None:
        stack = self._owner.stack
        item = stack.filters[index]
        match verb:
            case "edit":
                self._edited = index
                await self._ask("edit", "&", text=str(item))
            case "toggle":
                self._apply(stack.toggle(index))
            case "invert":
                self._apply(stack.replace(index, item.inverted()))
            case "delete":
                self._apply(stack.remove(index))
            case "up" | "down":
                to = index + (1 if verb == "down" else -1)
                if 0 <= to < len(stack):
                    self._apply(stack.move(index, to))
                    self.query_one(FilterRows).choose(to)
            case "send":
                self._owner.send_to_service(index)

    async def _at_service(self, row: FilterRow, verb: str) -> None:
        if row.service == "prefix":
            raise InputError("The streams were chosen when the view was opened.", code="filters")
        match verb:
            case "send":
                self._owner.bring_home()
            case "delete":
                self._owner.set_pattern("")
            case "edit":
                await self._ask("pattern", "pattern", text=row.text, note="Enter loads anew")
            case _:
                raise InputError("The service runs that one: S runs it here, x takes it off.", code="filters")

    def _apply(self, stack: FilterStack) -> None:
        self._owner.apply_filters(stack)
        self._draw()

    @on(FilterRows.Refused)
    def _refused(self) -> None:
        self._say("There is no filter yet: a adds one.")

    # ------------------------------------------------------------------ the prompt

    async def _ask(self, asking: str, sigil: str, *, text: str = "", note: str = "") -> None:
        self._asking, self._before = asking, self._owner.stack
        await self.query_one("#sheet").mount(Prompt(sigil, text=text, note=note), before="#one")

    def _stack_of(self, text: str) -> FilterStack:
        if not text.strip():
            return self._before if self._asking == "add" else self._before.remove(self._edited)
        if self._asking == "add":
            return self._before.add(from_bar(text))
        return self._before.replace(self._edited, from_edit(text))

    @on(Prompt.Changed)
    def _typed(self, message: Prompt.Changed) -> None:
        message.stop()
        self._stop_waiting()
        self._preview = self.set_timer(_DEBOUNCE, lambda: self._try(message.text))

    def _try(self, text: str) -> None:
        prompt = self.query(Prompt).first()
        try:
            if self._asking == "pattern":
                from cwtui.lang.filter_pattern import parse_pattern

                parse_pattern(text)
            elif self._asking in ("edit", "add") and text.strip():
                self._apply(self._stack_of(text))
        except InputError as error:
            prompt.refuse(error)
        else:
            prompt.say("Enter keeps it" if self._asking != "pattern" else "Enter loads anew")

    @on(Prompt.Submitted)
    async def _entered(self, message: Prompt.Submitted) -> None:
        message.stop()
        self._stop_waiting()
        try:
            if self._asking == "name":
                await asyncio.to_thread(save_filters, message.text, self._owner.stack)
                self.app.notify(
                    f"Saved as {printable(message.text.strip())}: l loads it again.", markup=False
                )
            elif self._asking == "pattern":
                self._owner.set_pattern(message.text)
            else:
                self._apply(self._stack_of(message.text))
        except CwtuiError as error:
            self.query(Prompt).first().refuse(error)
            return
        await self._close_prompt()

    @on(Prompt.Cancelled)
    async def _cancelled(self, message: Prompt.Cancelled) -> None:
        message.stop()
        self._stop_waiting()
        if self._asking in ("edit", "add") and self._owner.stack != self._before:
            self._apply(self._before)
        await self._close_prompt()

    async def _close_prompt(self) -> None:
        self._asking = ""
        await self.query(Prompt).remove()
        self.query_one(FilterRows).focus()
        self._draw()

    def _stop_waiting(self) -> None:
        if self._preview is not None:
            self._preview.stop()
            self._preview = None

    # ------------------------------------------------------------------ saved stacks

    @work(group="load", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        try:
            saved = await asyncio.to_thread(saved_filters)
        except CwtuiError as error:
            self._say(f"{error.message} {error.hint}")
            return
        if not saved:
            self._say("No filters are saved yet: s saves these.")
            return
        names = list(saved)

        def forget(place: int) -> None:
            forget_filters(names.pop(place))

        choices = [Choice(name, stack.where() or "all off") for name, stack in saved.items()]
        chosen = await self.app.push_screen_wait(PickScreen("Load saved filters", choices, forget=forget))
        if chosen is not None:
            self._apply(saved[names[chosen]])

    def action_leave(self) -> None:
        self.dismiss()

    def action_help(self) -> None:
        from cwtui.ui.screens.help import HelpScreen

        keymap = self._owner.investigation.settings.keymap
        self.app.push_screen(HelpScreen(("filters", "motion", "prompt"), keymap))


def _title(shown: int, loaded: int, searched: int, width: int) -> Content:
    counts = f"{shown:,} of {loaded:,} events"
    if searched < loaded:
        counts = f"{shown:,} shown, searching {searched:,} of {loaded:,}"
    return Content.assemble(("Filters", "bold"), " " * max(2, width - 7 - len(counts)), (counts, "$muted"))


def _hints(width: int) -> Content:
    lines: list[Content] = []
    line = Content("")
    for key, label in _KEYS:
        piece = Content.assemble((key, "bold $accent"), f" {label}")
        if line.cell_length and line.cell_length + 3 + piece.cell_length > width:
            lines.append(line)
            line = Content("")
        line = Content.assemble(line, "   " if line.cell_length else "", piece)
    return Content("\n").join([*lines, line])
