"""The stack of filters as a whole: its screen, what of it the service runs, and the line that shares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on

from cwtui.core.errors import InputError
from cwtui.core.text import middle
from cwtui.investigation.states import LoadKind
from cwtui.lang.expression import Pattern
from cwtui.lang.filter_pattern import parse_pattern
from cwtui.lang.where import Filter
from cwtui.ui.screens.events.filter_words import pattern_of
from cwtui.ui.screens.events.narrowing import Narrowing
from cwtui.ui.widgets.chips import ChipsRow

if TYPE_CHECKING:
    from cwtui.ui.screens.patterns import PatternsMemory

_SHOWN = 48
"""Cells of a pattern in a sentence at most."""


class Stacking(Narrowing):
    """What arranges filters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patterns: PatternsMemory | None = None

    def action_filters(self) -> None:
        self.open_filters()

    def open_filters(self, index: int | None = None) -> None:
        """Shows the stack, with the cursor on one of its filters."""
        if self.ready:
            from cwtui.ui.screens.filters import FiltersScreen

            self.app.push_screen(FiltersScreen(self, index))

    def action_patterns(self) -> None:
        """Shows what the events say; what is chosen there becomes a filter here."""
        if self.ready:
            from cwtui.ui.screens.patterns import PatternsMemory, PatternsScreen

            self._patterns = self._patterns or PatternsMemory()
            self.app.push_screen(PatternsScreen(self, self._patterns))

    @on(ChipsRow.Opened)
    def _chip_opened(self, message: ChipsRow.Opened) -> None:
        self.open_filters(message.index)

    @on(ChipsRow.Removed)
    def _served_chip_removed(self, message: ChipsRow.Removed) -> None:
        if message.chip.server:
            self.set_pattern("")

    # ------------------------------------------------------------------ what the service runs

    @property
    def pattern(self) -> str:
        """The CloudWatch pattern that the service filters by before it sends anything."""
        return self.start.pattern

    @property
    def stream_prefix(self) -> str:
        """The beginning of the names of the streams that are asked for."""
        return self.start.stream_prefix

    def empty_words(self) -> tuple[str, ...]:
        words = super().empty_words()
        if not self.pattern or self.load_state.kind is not LoadKind.LOADED or self.investigation.loaded:
            return words
        return (words[0], f"Only what matches {middle(self.pattern, _SHOWN)} was asked for.", *words[1:])

    def set_pattern(self, text: str) -> None:
        """Loads the window anew with the service filtering by it; empty: by nothing. Raises InputError.

        A pattern that cannot be read is refused before anything is asked: the view stays as it was.
        """
        pattern = str(parse_pattern(text))
        if pattern != self.start.pattern:
            self.start = replace(self.start, pattern=pattern)
            self.reload()

    def send_to_service(self, index: int) -> None:
        """Hands a pattern of the stack to the service; one it ran before comes back in its place.

        Raises InputError for a filter that is no CloudWatch pattern.
        """
        stack = self.stack
        pattern = pattern_of(stack.filters[index])
        if pattern is None:
            raise InputError(
                "The service runs CloudWatch patterns only.",
                'Those are { $.status = 5* }, [ip, user, ...] and pattern "ERROR -retry".',
                code="pattern",
            )
        before = self.start.pattern
        if before:
            stack = stack.replace(index, Filter(Pattern(parse_pattern(before))))
        else:
            stack = stack.remove(index)
        self.apply_filters(stack)
        self.set_pattern(pattern)

    def bring_home(self) -> None:
        """Runs here what the service ran: the window then holds what it hides as well."""
        pattern = self.start.pattern
        if pattern:
            self.apply_filters(self.stack.add(Filter(Pattern(parse_pattern(pattern)))))
            self.set_pattern("")

    def share(self) -> None:
        """Copies the command that shows the same events."""
        self.shell.copy("the command", self.investigation.open_line(self.stack))

    # ------------------------------------------------------------------ commands

    def filter_commands(self) -> Mapping[str, Callable[[str], None]]:
        """The `:` commands of filters."""
        return {
            "level": self.level_written,
            "filter": self.filter_written,
            "out": self.out_written,
            "filters": lambda _: self.open_filters(),
            "pattern": self.set_pattern,
            "patterns": lambda _: self.action_patterns(),
            "share": lambda _: self.share(),
        }
