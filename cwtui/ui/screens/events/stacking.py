"""The stack of filters as a whole: its screen, what of it the service runs, and the line that shares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from textual import on

from cwtui.core.errors import InputError
from cwtui.lang.expression import Pattern
from cwtui.lang.filter_pattern import parse_pattern
from cwtui.lang.where import Filter
from cwtui.ui.screens.events.filter_words import pattern_of
from cwtui.ui.screens.events.narrowing import Narrowing
from cwtui.ui.widgets.chips import ChipsRow


class Stacking(Narrowing):
    """What arranges filters."""

    def action_filters(self) -> None:
        self.open_filters()

    def open_filters(self, index: int | None = None) -> None:
        """Shows the stack, with the cursor on one of its filters."""
        if self.ready:
            from cwtui.ui.screens.filters import FiltersScreen

            self.app.push_screen(FiltersScreen(self, index))

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
            "share": lambda _: self.share(),
        }
