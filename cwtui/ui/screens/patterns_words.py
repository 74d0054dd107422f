"""What the patterns view says of itself, and how its rows are ordered and narrowed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.content import Content

from cwtui.core.text import printable
from cwtui.explain.pattern_table import PatternRow
from cwtui.investigation.patterns import PatternState
from cwtui.ui.widgets.status import Status
from cwtui.ui.words import counted

ORDERS: tuple[tuple[str, Callable[[PatternRow], Any]], ...] = (
    ("gravest first", lambda row: (-row.rank, -row.count, row.key)),
    ("most first", lambda row: (-row.count, row.key)),
    ("newest first", lambda row: (-row.first, row.key)),
    ("latest first", lambda row: (-row.last, row.key)),
)
TIPS = (
    "Enter shows only these events, ! hides them",
    "o sorts by gravity, number, first or last",
    "e goes to the next pattern that tells of an error",
    "/ narrows the list by words",
    "the chip that Enter adds can be shared and saved",
)


def status_of(
    state: PatternState | None, counting: PatternState | None, *, following: bool, frozen: bool
) -> Status:
    """The status line; `counting` is what is counted anew while `state` is still listed."""
    if counting is not None:
        done = f"{counting.mined:,} of {counting.shown:,}"
        return Status(f"COUNTING AGAIN {done}", "busy", note="what is listed is from before")
    if state is None:
        return Status("LOOKING FOR PATTERNS", "busy")
    if state.searching:
        return Status("FILTERING", "busy")
    if not state.whole:
        return Status(f"LOOKING AT {state.mined:,} OF {state.shown:,} EVENTS", "busy")
    if frozen:
        return Status("FROZEN", facts=("= in the list of events lets it go on",))
    return Status("LIVE", "good") if following else Status("DONE")


def empty_words(state: PatternState | None, shown: int, lit: str) -> Content:
    """What stands where no pattern is listed; `lit` is what the list is narrowed by."""
    if state is None or (not state.whole and not state.table.rows):
        return Content.styled(f"Looking at what {counted(shown, 'event')} say ...", "$muted")
    if lit:
        return Content.assemble(
            "No pattern says ", (str(printable(lit)), "bold"), ".\n\n",
            ("Esc", "bold $accent"), " shows all of them again.",
        )  # fmt: skip
    return Content.assemble(
        ("No events are shown, so there is nothing to say.", "bold"), "\n\n",
        ("Esc", "bold $accent"), " goes back; there a longer window or fewer filters may help.",
    )  # fmt: skip


def holds(row: PatternRow, words: list[str]) -> bool:
    """Whether a pattern is left where the list is narrowed to these words, which are in lower case."""
    said = f"{row.level.name} {row.text}".lower()
    return all(word in said for word in words)
