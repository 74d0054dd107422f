"""`:doctor`: what works here and what is denied; the list fills while the checks run. Nothing is changed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.access.doctor.findings import Finding, Report, Status
from cwtui.access.doctor.offline import offline_report
from cwtui.access.doctor.plan import plan
from cwtui.access.doctor.rounds import examine
from cwtui.access.doctor.text import MARKS, card_lines, fix_text, summary, title_width
from cwtui.core.errors import CredentialsError
from cwtui.core.text import printable
from cwtui.ui.keys import bindings_for
from cwtui.ui.screens.base import CwtuiScreen
from cwtui.ui.screens.error_card import laid_out
from cwtui.ui.widgets.header import Crumbs, Header
from cwtui.ui.widgets.key_hints import KeyHints
from cwtui.wiring import Services

_STYLES = {
    Status.OK: "$success",
    Status.WARN: "bold $warning",
    Status.FAIL: "bold $error",
    Status.UNKNOWN: "$secondary",
    Status.SKIPPED: "$muted",
}
_MARK = 6
FORMS = ("cli", "cfn", "tf")
_FORM_NAMES = {"cli": "AWS CLI", "cfn": "CloudFormation", "tf": "Terraform"}


@dataclass(slots=True)
class _Row:
    """A check of the plan, and what it found once it has."""

    id: str
    title: str
    finding: Finding | None = field(default=None)


class DoctorList(OptionList, inherit_bindings=False):
    """The checks, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("motion")
    DEFAULT_CSS = """
    DoctorList, DoctorList:focus {
        height: 1fr; border: none; padding: 0 1; background: $background;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        background-tint: $foreground 0%;
    }
    DoctorList > .option-list--option-highlighted,
    DoctorList:focus > .option-list--option-highlighted {
        background: $selection; color: $foreground; text-style: none;
    }
    """

    def action_half_page_down(self) -> None:
        self._step(self.size.height // 2)

    def action_half_page_up(self) -> None:
        self._step(-self.size.height // 2)

    def _step(self, rows: int) -> None:
        if self.option_count:
            self.highlighted = max(0, min((self.highlighted or 0) + rows, self.option_count - 1))


class DoctorScreen(CwtuiScreen):
    """The checks of the context, and how each ended."""

    KEY_PANES: ClassVar[tuple[str, ...]] = ("doctor", "motion", "global")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("doctor")
    DEFAULT_CSS = """
    DoctorScreen #state { height: 1; padding: 0 1; margin-bottom: 1; color: $muted; }
    """

    def __init__(self, services: Services, group: str = "") -> None:
        super().__init__()
        self.services = services
        self._group = group
        self._simulate = False
        self._rows: list[_Row] = []
        self._lock = asyncio.Lock()
        self._place = 0
        """Which account and region of a context of several is looked at."""
        self._members: dict[int, Services] = {}

    @property
    def _examined(self) -> Services:
        """The services that are looked at now."""
        if not self.services.settings.members or self.services.offline:
            return self.services
        if self._place not in self._members:
            self._members[self._place] = self.services.of_member(self._place)
        return self._members[self._place]

    async def on_unmount(self) -> None:
        for one in self._members.values():
            await one.aclose()

    def compose(self) -> ComposeResult:
        settings = self.services.settings
        crumbs = Crumbs(self.services.context, ("doctor", *filter(None, (self._group,))))
        yield Header(crumbs, ascii_only=settings.ascii_only)
        yield Static(Content(""), id="state")
        yield DoctorList(markup=False)
        yield KeyHints("doctor", settings.keymap)

    def on_mount(self) -> None:
        self.query_one(DoctorList).focus()
        self.reload()

    def reload(self) -> None:
        """Runs every check again."""
        self._examine()

    @work(group="doctor", exclusive=True, exit_on_error=False)
    async def _examine(self) -> None:
        # `exclusive` cancels the round before this one, but does not wait for its end.
        async with self._lock:
            started = time.monotonic()
            bench = self._examined.bench(group=self._group, simulate=self._simulate)
            if bench is None:
                report = offline_report()
                self._list([_Row(finding.id, finding.title, finding) for finding in report.findings])
            else:
                checks = plan(bench)
                self._list([_Row(check.id, check.title) for check in checks])
                report = await examine(bench, checks, self._found)
            self._say(report, time.monotonic() - started)
        # A login that ended is renewed from its dialog, and the checks run again.
        ended = (one.error for one in report.findings if isinstance(one.error, CredentialsError))
        if (error := next(ended, None)) is not None:
            self.offer_way_out(error)

    def _list(self, rows: list[_Row]) -> None:
        self._rows = rows
        checks = self.query_one(DoctorList)
        place = checks.highlighted or 0
        checks.clear_options()
        checks.add_options([Option(self._line(row), id=row.id) for row in rows])
        checks.highlighted = min(place, len(rows) - 1)
        self.query_one("#state", Static).update(Content(f"{len(rows)} checks are running."))

    def _found(self, finding: Finding) -> None:
        place = next(index for index, row in enumerate(self._rows) if row.id == finding.id)
        self._rows[place].finding = finding
        self.query_one(DoctorList).replace_option_prompt_at_index(place, self._line(self._rows[place]))
        left = sum(row.finding is None for row in self._rows)
        if left:
            self.query_one("#state", Static).update(
                Content(f"{left} of {len(self._rows)} checks are running.")
            )

    def _say(self, report: Report, seconds: float) -> None:
        state = summary(report, seconds) + (", with IAM's simulator" if self._simulate else "")
        if members := self.services.settings.members:
            name = printable(members[self._place][0])
            state += f" · {name}, {self._place + 1} of {len(members)}: m shows the next"
        self.query_one("#state", Static).update(Content(state))
        checks = self.query_one(DoctorList)
        if not checks.highlighted:
            # Nobody has moved yet: what failed is what they came for.
            failed = (place for place, one in enumerate(report.findings) if one.status is Status.FAIL)
            checks.highlighted = next(failed, 0)
        context = self._examined.context
        self.query_one(Header).crumbs = Crumbs(context, ("doctor", *filter(None, (self._group,))))

    def _line(self, row: _Row) -> Content:
        column = title_width([each.title for each in self._rows])
        if (finding := row.finding) is None:
            return Content.assemble(("…".ljust(_MARK), "$muted"), (row.title.ljust(column), "$muted"))
        mark = (MARKS[finding.status].ljust(_MARK), _STYLES[finding.status])
        quiet = finding.status in (Status.OK, Status.SKIPPED)
        return Content.assemble(
            mark,
            (finding.title.ljust(column), "$muted" if finding.status is Status.SKIPPED else "$foreground"),
            (printable(finding.evidence), "$muted" if quiet else "$foreground"),
        )

    # ------------------------------------------------------------------ keys

    @property
    def _current(self) -> Finding | None:
        place = self.query_one(DoctorList).highlighted
        return self._rows[place].finding if place is not None and place < len(self._rows) else None

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.action_open()

    def action_groups(self) -> None:
        """Leaves the screen."""
        self.shell.back()

    def action_open(self) -> None:
        """Opens the card of the check."""
        if (finding := self._current) is not None:
            self.app.push_screen(FindingCard(finding))

    def action_copy(self) -> None:
        """Copies the fix of the check."""
        self.shell.copy("the fix", fix_text(self._current.fix) if self._current is not None else "")

    def action_simulate(self) -> None:
        """Runs again, and asks IAM's policy simulator."""
        if self.services.offline:
            self.shell.say("There is no IAM to ask where recordings are read.", severity="warning")
            return
        self._simulate = not self._simulate
        self.reload()

    def action_next(self) -> None:
        """Looks at the next account and region."""
        if members := self.services.settings.members:
            self._place = (self._place + 1) % len(members)
            self.reload()
        else:
            self.shell.say("This context has one account and region.")


class FindingCard(ModalScreen[None]):
    """One check: what was seen, why, and the fix in the form chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,h,left", "dismiss", "Close", show=False),
        Binding("y,c", "copy", "Copy the fix", show=False),
        Binding("f,tab", "form", "Another form", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("space,pagedown,ctrl+f", "scroll(10)", "Page down", show=False),
        Binding("b,pageup,ctrl+b", "scroll(-10)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    FindingCard {
        align: center middle;
        & #card {
            width: 110; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
            background: $surface; border-left: outer $primary; scrollbar-size-vertical: 1;
        }
        & Static { height: auto; }
    }
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        fix = finding.fix
        self._forms = [form for form in FORMS if {"cli": fix.cli, "cfn": fix.cfn, "tf": fix.tf}[form]]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="card", can_focus=False):
            yield Static(Content(""), id="text")

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        finding = self._finding
        fix = finding.fix
        shown = replace(finding, fix=replace(fix, cli=laid_out(fix.cli)) if fix else fix)
        room = max(20, min(110, self.app.size.width * 96 // 100) - 6)
        lines = [
            Content.assemble(
                (f"{MARKS[finding.status]}  ", _STYLES[finding.status]), (printable(finding.title), "bold")
            ),
            Content.styled(self._keys(), "$muted"),
            Content(""),
            Content(printable(finding.evidence)),
            Content(""),
            *(Content(line) for line in card_lines(shown, room, self._form, indent="")),
        ]
        self.query_one("#text", Static).update(Content("\n").join(lines))

    def _keys(self) -> str:
        if not self._forms:
            return "Esc closes this."
        other = f"f writes it for {_FORM_NAMES[self._after]}, " if len(self._forms) > 1 else ""
        return f"y copies the fix, {other}Esc closes this. cwtui never applies it."

    @property
    def _form(self) -> str:
        return self._forms[0] if self._forms else "cli"

    @property
    def _after(self) -> str:
        return self._forms[1]

    def action_form(self) -> None:
        if len(self._forms) > 1:
            self._forms.append(self._forms.pop(0))
            self._show()

    def action_copy(self) -> None:
        screen = self.app.screen_stack[-2]
        if isinstance(screen, CwtuiScreen):
            screen.shell.copy("the fix", fix_text(self._finding.fix, self._form))

    def action_scroll(self, lines: int) -> None:
        self.query_one("#card", VerticalScroll).scroll_relative(y=lines, animate=False)
