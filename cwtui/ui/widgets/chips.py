"""The row of filters and counters: what narrows the view, where it ran, and what that leaves.

Counters are honest: hits of the search, events shown, loaded, and in the range; `≥` and `~` say
that a number is not final.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style as ContentStyle
from textual.widgets import Static

from cwtui.core.text import middle, printable


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as the row shows it."""

    text: str
    server: bool = False
    """The service filtered before sending: removing it means loading anew."""
    here: bool = False
    """It did so as files were read, which have no service: it ran here."""
    enabled: bool = True
    index: int | None = None
    """Its place in the filter stack; None: it stands in no stack."""
    cross: bool = True
    """A click on its cross takes it off."""
    tells_where: bool = False
    """It could run at either place: that it runs here is said however little room there is."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What stands where: of the search, of the view, of the window, of the range."""

    shown: int = 0
    loaded: int = 0
    hits: int | None = None
    partial: bool = False
    """More is to come, or something is missing: the range holds at least what was loaded."""
    searched: int | None = None
    """How many of the loaded events the filters were tried on, while they are being tried."""

    def text(self, *, short: bool = False) -> str:
        """`37 hits │ 1,204 shown │ 18,233 loaded │ ≥ 18,233 in range`."""
        if self.searched is not None:
            pieces = [f"{self.shown:,} shown", f"searching {self.searched:,} of {self.loaded:,}"]
            return " │ ".join(pieces[1:] if short else pieces)
        if short:
            pieces = [f"{self.shown:,} of {self.loaded:,}"]
        else:
            pieces = [f"{self.shown:,} shown", f"{self.loaded:,} loaded"]
            pieces.append(f"≥ {self.loaded:,} in range" if self.partial else "whole range")
        if self.hits is not None:
            pieces.insert(0, f"{self.hits:,} hit{'' if self.hits == 1 else 's'}")
        return " │ ".join(pieces)


_TERM_COLOURS = ("match2", "match3", "match4", "match1")


class ChipsRow(Static):
    """Filter chips at the left, counters at the right."""

    DEFAULT_CSS = """
    ChipsRow { height: 1; background: $background; color: $foreground; padding: 0 1; }
    """

    @dataclass
    class Removed(Message):
        """The cross of a chip was clicked."""

        chip: Chip

    @dataclass
    class Opened(Message):
        """The row was clicked elsewhere: on a chip of the stack, or beside the chips."""

        index: int | None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Content(""), id=id, markup=False)
        self._chips: tuple[Chip, ...] = ()
        self._counters = Counters()
        self._search = ""
        self._terms: tuple[str, ...] = ()
        self._drawn_chips: list[tuple[int, int, Chip]] = []
        self._ascii = False

    def show(
        self,
        chips: tuple[Chip, ...],
        counters: Counters,
        search: str,
        *,
        terms: tuple[str, ...] = (),
        ascii_only: bool,
    ) -> None:
        """Draws other facts; nothing is repainted where nothing changed. `terms` are lit beside a search."""
        facts = (chips, counters, search, terms, ascii_only)
        if facts != (self._chips, self._counters, self._search, self._terms, self._ascii):
            self._chips, self._counters, self._search, self._terms, self._ascii = facts
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_click(self, event: events.Click) -> None:
        place = event.x - 1
        chip, end = next(
            ((chip, end) for start, end, chip in self._drawn_chips if start <= place < end), (None, 0)
        )
        if chip is not None and chip.cross and place >= end - 3:
            self.post_message(self.Removed(chip))
        else:
            self.post_message(self.Opened(chip.index if chip is not None else None))

    def _draw(self) -> None:
        width = max(10, self.size.width - 2)
        counters = self._counters.text(short=width < 100)
        if self._ascii:
            counters = counters.replace("│", "|").replace("≥", ">=")
        muted = self._variable("foreground 60%")
        chip_style = self._variable("primary")
        room = width - len(counters) - 2
        pieces: list[Content | tuple[str, str | ContentStyle]] = []
        used = 0
        self._drawn_chips = []
        for number, chip in enumerate(self._chips):
            text = middle(chip.text, 36)
            where = " local" if chip.tells_where or room > 60 else ""
            if chip.server and not chip.here:
                where = " server"
            off = "" if chip.enabled else " off"
            cross = "" if not chip.cross else " x" if self._ascii else " ×"
            drawn = f"[{text}{where}{off}{cross}]"
            cells = cell_len(drawn)
            if used + cells + 1 > room - 3:
                pieces.append((f"+{len(self._chips) - number} ", muted))
                break
            pieces.append((drawn, chip_style if chip.enabled else muted))
            pieces.append((" ", ""))
            self._drawn_chips.append((used, used + cells, chip))
            used += cells + 1
        if self._search and (left := room - used - 2) > 6:
            search = f" /{middle(self._search, left - 2)}"
            pieces.append((search, self._variable("match1")))
            used += cell_len(search)
        for place, term in enumerate(self._terms):
            shown = f" {middle(term, 16)}"
            if used + cell_len(shown) > room:
                break
            pieces.append((shown, self._variable(_TERM_COLOURS[place % len(_TERM_COLOURS)])))
            used += cell_len(shown)
        if not pieces:
            pieces.append(("no filters: & adds one" if width >= 60 else "", muted))
            used = cell_len("no filters: & adds one") if width >= 60 else 0
        gap = max(1, width - used - cell_len(counters))
        tone = muted if self._counters.searched is None else self._variable("accent")
        pieces.extend([(" " * gap, ""), (printable(counters), tone)])
        self.update(Content.assemble(*pieces), layout=False)

    @staticmethod
    def _variable(name: str) -> str:
        colour, _, opacity = name.partition(" ")
        return f"${colour}{f' {opacity}' if opacity else ''}"
