"""Runs in the events view: the line that says that several share a stream, and one of them shown alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.content import Content

from cwtui.core.keymap import show_keys, with_keymap
from cwtui.core.naming import arn_of_group
from cwtui.core.places import name_and_place
from cwtui.investigation import LoadKind
from cwtui.lang.where import Filter, FilterStack
from cwtui.ui.screens.events.stacking import Stacking
from cwtui.ui.widgets.run_line import RunLine

if TYPE_CHECKING:
    from cwtui.access.run_table import Run
    from cwtui.ui.screens.invocations import RunsMemory

_LEAST_HEIGHT = 20
"""Rows of a terminal that has one to spare for the line about shared streams."""
_AGAIN = 2
"""Times as many events as were looked at, and the runs are counted again."""


class Splitting(Stacking):
    """What takes streams apart into runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._runs: RunsMemory | None = None
        self._banner: Content | None = None
        self._banner_off = False
        self._glanced = (-1, 0)
        """Of which generation, and at how many events."""
        self._run: tuple[Run, Filter] | None = None
        """The run that was shown alone last, and the filter that did it."""
        self._before_run: tuple[FilterStack, FilterStack] | None = None
        """What showing it made of the stack, and what that was before."""

    def action_invocations(self) -> None:
        """Shows the runs of what is loaded; Enter there shows one alone."""
        if self.ready:
            from cwtui.ui.screens.invocations import InvocationsScreen, RunsMemory

            self._banner_off = True
            self._show_run_line()
            self._runs = self._runs or RunsMemory()
            self.app.push_screen(InvocationsScreen(self, self._runs))

    def filter_commands(self) -> Mapping[str, Callable[[str], None]]:
        return {**super().filter_commands(), "invocations": lambda _: self.action_invocations()}

    def show_run(self, run: Run, item: Filter) -> None:
        """Narrows the view to a run and nothing else: other filters are switched off, none is lost."""
        before = self._stack_before_run()
        others = tuple(replace(each, enabled=False) for each in before.filters)
        stack = FilterStack((*others, item))
        self._run, self._before_run = (run, item), (stack, before)
        self.apply_filters(stack)
        if any(each.enabled for each in before.filters):
            self.say("The other filters are off meanwhile; Esc brings them back.")

    def leave_run(self) -> bool:
        """Brings back what was shown before a run was shown alone; False where none is, or more changed."""
        if self._before_run is None or self.stack != self._before_run[0]:
            return False
        before, self._before_run = self._before_run[1], None
        self.apply_filters(before)
        return True

    def _stack_before_run(self) -> FilterStack:
        """The stack without the run that is shown alone."""
        if self._before_run is not None and self.stack == self._before_run[0]:
            return self._before_run[1]
        return self.stack

    # ------------------------------------------------------------------ the line

    def close_banner(self) -> bool:
        """Takes the line about shared streams away; False where it is not there."""
        if self._banner is None or self._banner_off or self._figures() is not None:
            return False
        self._banner_off = True
        self._show_run_line()
        return True

    def show_facts(self) -> None:
        super().show_facts()
        self._show_run_line()
        if self._banner_off or not self.ready or self.load_state.kind is LoadKind.LOADING:
            return
        generation, looked = self._glanced
        investigation = self.investigation
        one = not investigation.several_streams or bool(self.streams)
        if one and investigation.loaded >= (_AGAIN * looked if generation == investigation.generation else 1):
            self._glanced = (investigation.generation, max(1, investigation.loaded))
            self._glance()

    @work(group="glance", exclusive=True, exit_on_error=False)
    async def _glance(self) -> None:
        from cwtui.investigation.invocations import glance
        from cwtui.ui.screens.invocations_words import banner

        generation = self.investigation.generation
        table, whole = await glance(self.investigation)
        if generation == self.investigation.generation:
            keymap = with_keymap(self.settings.keymap)
            key = show_keys(key for row in keymap if row.id == "events.invocations" for key in row.keys)
            self._banner = banner(table, whole, key)
            self._show_run_line()

    def _show_run_line(self) -> None:
        said = self._figures()
        if said is None and not self._banner_off and self.size.height >= _LEAST_HEIGHT:
            said = self._banner
        for line in self.query(RunLine):
            line.show(said)

    def _figures(self) -> Content | None:
        """The figures of the run that is shown alone, as long as its filter stands."""
        if self._run is None:
            return None
        run, item = self._run
        if not any(each.enabled and each.expression == item.expression for each in self.filters.filters):
            return None
        from cwtui.ui.screens.invocations_words import figures

        # Several groups may have runs of the same stream and moment.
        several = len(self.groups) > 1 or len(self._places()) > 1
        whose = arn_of_group(run.account, run.region, run.group) if len(self._places()) > 1 else run.group
        return figures(run, name_and_place(self.services.context, whose) if several else "")

    def window_replaced(self) -> None:
        super().window_replaced()
        self._banner = self._run = self._before_run = None

    @on(RunLine.Clicked)
    def _line_clicked(self) -> None:
        self.action_invocations()
