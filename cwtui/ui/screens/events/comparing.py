"""What a summary compares with: the window before, the same time earlier, or the rest of what is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import work

from cwtui.core.errors import InputError
from cwtui.investigation.against import NAMES, REST, baseline_window
from cwtui.ui.screens.events.reading import Reading

NOTHING = "none"


class Comparing(Reading):
    """`:against`, which makes the summary anew over what changed."""

    def completions(self) -> Mapping[str, Callable[[], Sequence[str]]]:
        return {**super().completions(), "against": lambda: (*NAMES, NOTHING)}

    def against_written(self, text: str) -> None:
        """A name of `against.NAMES`, `SINCE[,UNTIL]` or `none`. Raises InputError."""
        what = text.strip()
        if not self.ready or not len(self.investigation.view):
            self.say("There is nothing to compare yet.")
            return
        investigation, chosen = self.investigation, self.chosen_ids()
        shown = len(investigation.view) if chosen is None else len(chosen)
        if what == REST:
            if shown == investigation.loaded:
                raise InputError(
                    "Everything that is loaded is shown: there is no rest to compare with.",
                    "Begin a range with v, or set a filter.",
                    code="against",
                )
        elif what != NOTHING:
            baseline_window(what, investigation.span, self.services.clock(), self.zone)
        self.against = "" if what == NOTHING else what
        self.compare()

    @work(group="against", exclusive=True, exit_on_error=False)
    async def compare(self) -> None:
        """Makes the summary of what is shown now."""
        if self.summary is not None:
            self.close_summary()
        await self.action_summarise()

    def comparing_commands(self) -> dict[str, Callable[[str], None]]:
        """The `:` command of this concern."""
        return {"against": self.against_written}
