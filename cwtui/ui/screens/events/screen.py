"""The events view: the list, and around it what tells where one is and what one sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Row
from cwtui.ui.keys import bindings_for
from cwtui.ui.screens.events.arrangement import WRAPPED_LINES, arrange
from cwtui.ui.screens.events.asking import Asking
from cwtui.ui.screens.events.citing import Citing
from cwtui.ui.screens.events.columns import Columned
from cwtui.ui.screens.events.going import Going
from cwtui.ui.screens.events.latest import LookingBack
from cwtui.ui.screens.events.marking import Marking
from cwtui.ui.screens.events.picking import Picking
from cwtui.ui.screens.events.resuming import Resuming
from cwtui.ui.screens.events.runs import Splitting
from cwtui.ui.screens.events.timeline import Timeline
from cwtui.ui.screens.events.unfolding import Unfolding
from cwtui.ui.screens.events.words import TIPS, missing_words
from cwtui.ui.screens.events.zone import Zoned
from cwtui.ui.widgets.chips import ChipsRow
from cwtui.ui.widgets.column_titles import ColumnTitles
from cwtui.ui.widgets.detail import DetailPane
from cwtui.ui.widgets.event_list import EventList
from cwtui.ui.widgets.header import Header
from cwtui.ui.widgets.histogram import HistogramBar
from cwtui.ui.widgets.key_hints import KeyHints
from cwtui.ui.widgets.last_time import LastTime
from cwtui.ui.widgets.navigation import Navigation
from cwtui.ui.widgets.prompt import Prompt
from cwtui.ui.widgets.run_line import RunLine
from cwtui.ui.widgets.status import StatusLine
from cwtui.window.view import View
from cwtui.wiring import Services, Start


class EventsScreen(
    Going,
    LookingBack,
    Resuming,
    Zoned,
    Splitting,
    Picking,
    Unfolding,
    Columned,
    Citing,
    Asking,
    Marking,
    Timeline,
):
    """Events of groups, or of some streams of one group."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("events")]
    DEFAULT_CSS = """
    EventsScreen {
        layout: vertical;
        background: $background;
        #middle { height: 1fr; }
        #centre { width: 1fr; height: 1fr; }
        #panes { height: 1fr; }
        #panes > SummaryPane { border-left: vkey $gutter; }
        Navigation { border-right: vkey $gutter; }
        DetailPane { display: none; }
        &.-detail-open DetailPane { display: block; }
        &.-detail-over { #panes, HistogramBar, ChipsRow, ColumnTitles { display: none; } }
        &.-side-over { EventList, HistogramBar, ChipsRow, ColumnTitles { display: none; } }
    }
    """

    def __init__(
        self,
        services: Services,
        groups: tuple[str, ...],
        *,
        streams: tuple[str, ...] = (),
        start: Start | None = None,
    ) -> None:
        super().__init__(services, groups, streams=streams, start=start)
        self._zoomed = ""
        self._entries: dict[str, list[str]] = defaultdict(list)

    def compose(self) -> ComposeResult:
        ascii_only = self.settings.ascii_only
        yield Header(ascii_only=ascii_only)
        with Horizontal(id="middle"), Vertical(id="centre"):
            yield LastTime()
            yield RunLine()
            yield ChipsRow()
            yield HistogramBar()
            yield ColumnTitles()
            with Horizontal(id="panes"):
                yield EventList(self._read_rows, View.empty(), read_values=self.values_of_rows)
            yield DetailPane()
        yield StatusLine(TIPS, ascii_only=ascii_only)
        yield KeyHints("events", self.settings.keymap)

    async def _read_rows(self, ids: NDArray[np.int64]) -> list[Row]:
        return await self.investigation.rows(ids)

    def on_mount(self) -> None:
        self.event_list.restyle(
            zone=self.zone, ascii_only=self.settings.ascii_only, group_gutter=len(self.groups) > 1
        )
        self.recall_columns()
        self.arrange_now()
        self.event_list.focus()
        self.repaint_now()
        self.load_window(self.asked)

    async def on_unmount(self) -> None:
        self.workers.cancel_node(self)
        if self.ready:
            await self.investigation.aclose()

    # ------------------------------------------------------------------ layout

    def on_resize(self) -> None:
        self.arrange_now()

    def arrange_now(self) -> None:
        self.arrangement = plan = arrange(self.size.width, self.size.height)
        zoomed = self._zoomed
        bar = self.query_one(HistogramBar)
        bar.styles.height = max(1, plan.histogram_rows)
        bar.display = plan.histogram_rows > 0 and not zoomed and not self.histogram_hidden
        self.query_one(ChipsRow).display = plan.chips and not zoomed
        self.query_one(KeyHints).display = plan.footer
        # Columns of fields cannot do without their names.
        self.query_one(ColumnTitles).display = plan.column_titles or (
            plan.chips and bool(self.event_list.look.columns)
        )
        over = self.detail_open and (zoomed == "detail" or not plan.detail_rows)
        self.set_class(self.detail_open and zoomed != "events", "-detail-open")
        self.set_class(over, "-detail-over")
        if not over:
            self.detail.styles.height = max(4, plan.detail_rows)
        else:
            self.detail.styles.height = "1fr"
        if self.summary is not None and self.summary_aside:
            self.summary.display = False
            self.set_class(False, "-side-over")
        elif self.summary is not None:
            beside = plan.side_columns and zoomed != "summary"
            self.summary.display = zoomed in ("", "summary")
            self.summary.styles.width = plan.side_columns if beside else "1fr"
            self.set_class(not beside and zoomed != "events", "-side-over")
        else:
            self.set_class(False, "-side-over")
        self.event_list.restyle(
            short_time=plan.short_time, level_letter=plan.level_letter, stream_cells=self.stream_cells
        )
        self.query_one(ColumnTitles).show(self.event_list.look)
        self._arrange_navigation(plan.navigation and not zoomed)
        self._keep_focus_in_sight()
        self.repaint_soon()

    def _keep_focus_in_sight(self) -> None:
        """Gives the keys to the pane that has come to cover the list: hidden, the list would lose them."""
        if self.prompt is not None or not self.is_current:
            return
        if self.has_class("-detail-over"):
            if self.pane() != "detail":
                self.detail.text.focus()
        elif self.has_class("-side-over") and self.summary is not None and self.pane() != "summary":
            self.summary.focus()

    def _arrange_navigation(self, wanted: bool) -> None:
        found = self.query(Navigation)
        if wanted and not found:
            self.query_one("#middle").mount(Navigation(self.services, groups=self.groups), before=0)
        for column in found:
            column.display = wanted

    def action_zoom(self) -> None:
        pane = self.pane()
        self._zoomed = "" if self._zoomed else pane if pane in ("detail", "summary") else "events"
        self.arrange_now()

    def escape(self) -> bool:
        if self.prompt is not None:
            self.prompt.action_cancel()
        elif (
            self.close_pane()
            or self.end_range()
            or self.stop_filter()
            or self.event_list.fold_all()
            or self.stop_loading()
        ):
            pass
        elif self.search_text:
            self.find("", go=False)
        else:
            return self.leave_run() or self.close_banner()
        return True

    def close_pane(self) -> bool:
        if self._zoomed:
            self.action_zoom()
        elif self.detail_open:
            self.close_detail()
        elif self.summary_aside:
            self.recall_summary()
        elif self.summary is not None:
            self.close_summary()
        else:
            return False
        return True

    def pane(self) -> str:
        for widget in self.focused.ancestors_with_self if self.focused is not None else ():
            if isinstance(widget, DetailPane):
                return "detail"
            if isinstance(widget, HistogramBar):
                return "histogram"
            if isinstance(widget, Prompt):
                return "prompt"
            if widget is self.summary:
                return "summary"
            if isinstance(widget, Navigation):
                return "navigation"
        return "events"

    def on_descendant_focus(self) -> None:
        self.query_one(KeyHints).pane = self.pane()

    # ------------------------------------------------------------------ the look of the rows

    def action_timestamps(self) -> None:
        events = self.event_list
        following = events.look.time.next()
        origin = events.timestamp or 0
        events.restyle(time=following, origin=origin)
        self.query_one(ColumnTitles).show(events.look)
        self.say(f"Times: {following.value}")

    def action_wrap(self) -> None:
        events = self.event_list
        events.restyle(wrap=0 if events.look.wrap else WRAPPED_LINES, left=0)
        self.query_one(ColumnTitles).show(events.look)
        self.repaint_soon()

    def action_pretty(self) -> None:
        events = self.event_list
        events.restyle(fields=not events.look.fields)
        self.say("Messages in short" if events.look.fields else "Messages as they came")

    def action_scroll_left(self) -> None:
        self._scroll_sideways(-1)

    def action_scroll_right(self) -> None:
        self._scroll_sideways(1)

    def _scroll_sideways(self, direction: int) -> None:
        events = self.event_list
        if not events.look.wrap:
            step = direction * max(8, self.size.width // 4)
            left = events.look.left
            # Half a screen of the longest line stays in sight; to the right never brings one back left.
            most = max(left, events.widest - events.look.width // 2) if step > 0 else left
            events.restyle(left=max(0, min(left + step, most)))
            self.query_one(ColumnTitles).show(events.look)
            self.repaint_soon()

    # ------------------------------------------------------------------ the cursor

    def cursor_moved(self) -> None:
        self.mark_place()
        if self.search_text:
            self.repaint_soon()

    @on(EventList.FollowingChanged)
    def _following_changed(self) -> None:
        self.repaint_soon()

    @on(EventList.ReadFailed)
    def _read_failed(self, message: EventList.ReadFailed) -> None:
        self.say_error(message.error)

    # ------------------------------------------------------------------ prompts and commands

    async def open_prompt(self, sigil: str, *, text: str = "", note: str = "") -> None:
        open_now = self.prompt
        if open_now is not None:
            await open_now.remove()
        prompt = Prompt(sigil, text=text, note=note, history=self._entries[sigil])
        await self.mount(prompt, before=self.query_one(StatusLine))

    def close_prompt(self) -> None:
        if (prompt := self.prompt) is not None:
            prompt.remove()
        self.event_list.focus()

    def remember(self, sigil: str, text: str) -> None:
        entries = self._entries[sigil]
        if text and (not entries or entries[-1] != text):
            entries.append(text)

    async def ask_for_window(self) -> None:
        await self.open_prompt("time", note="SINCE [UNTIL]: -3h, 10:00 10:15, yesterday 14:00")

    @on(Prompt.Submitted)
    def _window_entered(self, message: Prompt.Submitted) -> None:
        if message.sigil != "time":
            return
        try:
            self.load_written(message.text)
        except CwtuiError as error:
            if self.prompt is not None:
                self.prompt.refuse(error)
            return
        self.remember("time", message.text)
        self.close_prompt()

    @on(Prompt.Cancelled)
    def _window_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == "time":
            self.close_prompt()

    def commands(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "time": self.load_written,
            **self.going_commands(),
            **self.latest_commands(),
            **self.zone_commands(),
            **self.filter_commands(),
            "highlight": self.highlight_written,
            "export": self.export_to,
            "s3": self.export_to,
            "row": self.goto_row,
            "partial": self._show_partial,
            **self.marking_commands(),
            **self.columns_commands(),
            **self.comparing_commands(),
            **self.citing_commands(),
            **self.asking_commands(),
        }

    def _show_partial(self, _: str) -> None:
        tail = self.follow_state.tail
        notes = self.load_state.partial or self.load_state.progress.partial
        notes = (*notes, *(note for note in (*tail.failed, *tail.waiting) if note not in notes))
        self.say(missing_words(notes, self.services.remarks))
