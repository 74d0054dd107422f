"""What the lists of groups and of streams share: a filter, a list of names, marks, and how they take keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ContentSwitcher, Input, Static

from cwtui.ui.keys import forwarded
from cwtui.ui.narrowing import Found, narrow
from cwtui.ui.screens.base import CwtuiScreen
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.widgets.header import Crumbs, Header
from cwtui.ui.widgets.key_hints import KeyHints
from cwtui.ui.widgets.name_filter import NameFilter
from cwtui.ui.widgets.name_list import Cell, Column, NameList, NameTitles
from cwtui.wiring import Services


class NamesScreen(CwtuiScreen):
    """A list of names under a filter. What stands in it is the business of the screens made from this."""

    # While the filter has the focus the moving keys come here: the list is its sibling, not its parent.
    BINDINGS: ClassVar[list[BindingType]] = forwarded("motion", "move")
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    TITLE_OF_NAMES: ClassVar[str] = ""
    PLACEHOLDER: ClassVar[str] = "narrows the list"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services

    def compose(self) -> ComposeResult:
        settings = self.services.settings
        names = NameList(
            self.columns, self.cells, beside=self.beside, badge=self.badge, ascii_only=settings.ascii_only
        )
        names.id = "rows"
        card = FailureCard(settings)
        card.id = "failure"
        yield Header(self.crumbs(), ascii_only=settings.ascii_only)
        with Horizontal(classes="filter-line"):
            yield Static(Content(" / "), classes="sigil")
            yield NameFilter(placeholder=self.PLACEHOLDER)
            yield Static(Content(""), id="count")
        yield from self.above_names()
        yield NameTitles(self.TITLE_OF_NAMES, self.columns)
        with ContentSwitcher(initial="rows", id="body"):
            yield names
            yield card
            yield Static(Content(""), id="notice")
        yield KeyHints(self.pane(), settings.keymap)

    # ------------------------------------------------------------------ what a list says of itself

    def crumbs(self) -> Crumbs:
        """The breadcrumb line."""
        raise NotImplementedError

    def above_names(self) -> ComposeResult:
        """What stands between the filter and the names."""
        yield from ()

    def all_names(self) -> Sequence[str]:
        """Every name known, in the order to show them."""
        raise NotImplementedError

    @property
    def columns(self) -> tuple[Column, ...]:
        """What stands beside the names; asked anew with the names, of which more may be known by then."""
        return self.COLUMNS

    def keys(self) -> Sequence[str] | None:
        """What tells the names apart; None: the names do."""
        return None

    def narrowed(self, names: Sequence[str], query: str) -> Found:
        """Which of the names are shown for what is typed."""
        return narrow(names, query)

    def cells(self, index: int) -> Sequence[Cell]:
        """The columns of the name at a place of `all_names`."""
        raise NotImplementedError

    def beside(self, index: int) -> str:
        """What else the name at a place of `all_names` is called."""
        return ""

    def badge(self, index: int) -> str:
        """A sign before the name at a place of `all_names`."""
        return ""

    def headings(self) -> Sequence[tuple[int, str]]:
        """Lines between the names, each before a place of `all_names`."""
        return ()

    def summary(self, shown: int) -> list[Content]:
        """Counts and states for the right of the filter line."""
        raise NotImplementedError

    def body_without_rows(self) -> Content | None:
        """What to say where no name is shown; None: the failure card."""
        raise NotImplementedError

    # ------------------------------------------------------------------ showing

    @property
    def names(self) -> NameList:
        return self.query_one(NameList)

    @property
    def field(self) -> NameFilter:
        return self.query_one(NameFilter)

    def show_names(self, *, to_top: bool = False) -> None:
        """Brings the list, the counts and the state up to date."""
        names = self.all_names()
        shown = self.narrowed(names, self.field.value)
        # What is typed ranks the names: then they stand in no groups.
        headings = () if self.field.value else self.headings()
        columns = self.columns
        self.query_one(NameTitles).show(columns)
        self.names.show_columns(columns)
        self.names.show(names, shown, keys=self.keys(), headings=headings, to_top=to_top)
        self.show_counts()
        body = "rows"
        if not shown:
            notice = self.body_without_rows()
            body = "failure" if notice is None else "notice"
            self.query_one("#notice", Static).update(notice or Content(""))
        self.query_one("#body", ContentSwitcher).current = body
        self.query_one(NameTitles).display = body == "rows"

    def show_counts(self) -> None:
        """Brings the right of the filter line up to date."""
        parts = self.summary(len(self.names))
        if marked := len(self.names.marked):
            parts.insert(0, Content.styled(f"{marked:,} marked", "$match1"))
        self.query_one("#count", Static).update(Content("  ·  ").join(parts))

    def commands(self) -> Mapping[str, Callable[[str], None]]:
        return {"filter": self._filter_to, "row": lambda row: self.names.go_to(int(row) - 1)}

    def _filter_to(self, text: str) -> None:
        self.field.value = text

    def on_descendant_focus(self) -> None:
        self.query_one(KeyHints).typing = self.field.has_focus

    def on_descendant_blur(self) -> None:
        self.query_one(KeyHints).typing = self.field.has_focus

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.show_names(to_top=True)

    # ------------------------------------------------------------------ keys

    def escape(self) -> bool:
        """Leaves the filter; then clears it; then the marks."""
        if self.field.has_focus:
            self.names.focus()
        elif self.field.value:
            self.field.value = ""
        elif self.names.marked:
            self.names.unmark_all()
            self.show_counts()
        else:
            return False
        return True

    def action_move(self, verb: str) -> None:
        getattr(self.names, f"action_{verb}")()

    def action_mark(self) -> None:
        self.names.toggle_mark()
        self.show_counts()

    def action_mark_all(self) -> None:
        self.names.toggle_all()
        self.show_counts()

    def action_filter(self) -> None:
        self.field.focus()

    def action_copy(self) -> None:
        self.shell.copy("the name", self.names.current_name or "")
