"""Lines to choose from in the summary pane: the digest's, and the sentences that a model wrote below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.summary_lines import Line

PAGE = 8
"""Lines that page down moves over."""


class DigestList(OptionList, inherit_bindings=False):
    """Lines of which those that rest on events can be chosen. What its keys ask for is told to the pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("summary", "motion", "text"),
        Binding("ctrl+d", "page_down", show=False),
        Binding("ctrl+u", "page_up", show=False),
    ]
    DEFAULT_CSS = """
    DigestList, DigestList:focus {
        height: 1fr; border: none; padding: 0 1; background: $background; background-tint: $background 0%;
        scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0; }
        & > .option-list--option-disabled { color: $foreground; }
        & > .option-list--option-highlighted { background: $background; color: $foreground; }
    }
    DigestList:focus > .option-list--option-highlighted {
        background: $selection; color: $foreground; text-style: none;
    }
    """

    @dataclass
    class Asked(Message):
        """A key of the pane was pressed here: `jump`, `only`, `hide`, `again`, `copy`, `prompt`, ..."""

        verb: str
        line: Line | None
        """The chosen line."""

    def __init__(self, name: str = "digest-lines") -> None:
        super().__init__(id=name, markup=False)
        self._told: tuple[Line, ...] = ()
        self.above: DigestList | None = None
        self.below: DigestList | None = None
        """Where moving goes on past an end."""

    @property
    def line(self) -> Line | None:
        """The line that is chosen."""
        place = self.highlighted
        return self._told[place] if place is not None and place < len(self._told) else None

    @property
    def at_rest(self) -> bool:
        """Whether the line that was chosen first still is."""
        return self.highlighted in (None, next(iter(self._places()), None))

    def show(self, lines: Sequence[Line]) -> None:
        """Shows these lines. The chosen one stays so, and where it is on the screen, if it is among them."""
        lines = tuple(lines)
        if lines == self._told:
            return
        chosen, untouched = self.line, self.at_rest
        above = self._row_of(self.highlighted) - self.scroll_offset.y
        self._told = lines
        self.clear_options()
        self.add_options(
            Option(line.content, id=str(place), disabled=not line.chosen) for place, line in enumerate(lines)
        )
        places = self._places()
        same = next((at for at in places if chosen is not None and lines[at].key == chosen.key), None)
        if untouched or same is None:
            self.highlighted = places[0] if places else None
            if untouched:
                self.scroll_home(animate=False)
        else:
            self.highlighted = same
            self.scroll_to(y=self._row_of(same) - above, animate=False)

    def _row_of(self, place: int | None) -> int:
        """The row, from the top of the list, on which an option begins."""
        return 0 if place is None else self._index_to_line.get(place, 0)

    def _places(self) -> list[int]:
        return [place for place, line in enumerate(self._told) if line.chosen]

    # ------------------------------------------------------------------ moving

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_next_citation(self) -> None:
        self._step(1)

    def action_previous_citation(self) -> None:
        self._step(-1)

    def action_page_down(self) -> None:
        self._step(PAGE)

    def action_page_up(self) -> None:
        self._step(-PAGE)

    def action_first(self) -> None:
        if self.above is not None and self.above.enter(first=True):
            self.above.scroll_home(animate=False)
        else:
            self.enter(first=True)
            self.scroll_home(animate=False)

    def action_last(self) -> None:
        if not (self.below is not None and self.below.enter(first=False)):
            self.enter(first=False)
            self.scroll_end(animate=False)

    def action_next_finding(self) -> None:
        self._to("finding", 1)

    def action_previous_finding(self) -> None:
        self._to("finding", -1)

    def action_next_section(self) -> None:
        self._to_section(1)

    def action_previous_section(self) -> None:
        self._to_section(-1)

    def enter(self, *, first: bool) -> bool:
        """Takes the keys, at the first or the last line; False where none can be chosen."""
        places = self._places()
        if not places or not self.is_on_screen:
            return False
        self.highlighted = places[0 if first else -1]
        self.focus()
        return True

    def _step(self, by: int) -> None:
        """Moves over the lines that can be chosen; past an end, into the list that is there."""
        places = self._places()
        now = places.index(self.highlighted) if self.highlighted in places else 0
        if places and 0 <= now + by < len(places):
            self.highlighted = places[now + by]
        elif places and now != (0 if by < 0 else len(places) - 1):
            self.highlighted = places[0 if by < 0 else -1]
        else:
            beyond = self.above if by < 0 else self.below
            if beyond is not None:
                beyond.enter(first=by > 0)

    def _to(self, section: str, direction: int) -> None:
        """To the next line of that section."""
        places = self._places() if direction > 0 else self._places()[::-1]
        now = -1 if self.highlighted is None else self.highlighted
        beyond = (at for at in places if (at - now) * direction > 0 and self._told[at].section == section)
        if (found := next(beyond, None)) is not None:
            self.highlighted = found

    def _to_section(self, direction: int) -> None:
        """To the first line of the section after, or before."""
        heads: dict[str, int] = {}
        for at in self._places():
            heads.setdefault(self._told[at].section, at)
        now = self.line.section if self.line is not None else ""
        sections = list(heads)
        place = sections.index(now) + direction if now in heads else 0
        if 0 <= place < len(sections):
            self.highlighted = heads[sections[place]]
        else:
            beyond = self.above if direction < 0 else self.below
            if beyond is not None:
                beyond.enter(first=True)

    # ------------------------------------------------------------------ what the keys ask

    def _ask(self, verb: str) -> None:
        self.post_message(self.Asked(verb, self.line))

    @on(OptionList.OptionSelected)
    def _clicked(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self._ask("jump")

    def action_jump(self) -> None:
        self._ask("jump")

    def action_only(self) -> None:
        self._ask("only")

    def action_hide(self) -> None:
        self._ask("hide")

    def action_again(self) -> None:
        self._ask("again")

    def action_ask(self) -> None:
        self._ask("ask")

    def action_copy(self) -> None:
        self._ask("copy")

    def action_prompt(self) -> None:
        self._ask("prompt")

    def action_model(self) -> None:
        self._ask("model")

    def action_close(self) -> None:
        self._ask("close")
