"""One failure as a sheet: what happened, why, what mends it, the evidence; keys copy the fix and all of it.

And the list of the failures of this run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui import __version__
from cwtui.core.errors import Act, CwtuiError
from cwtui.core.text import printable, printable_block
from cwtui.ui.screens.sheet import ListSheet, cut

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_LABELS = {
    "awsCode": "AWS code",
    "awsMessage": "AWS said",
    "logGroup": "group",
    "logStream": "stream",
    "policyArn": "policy ARN",
    "bucketRegion": "bucket in",
    "clockAheadMs": "clock off",
}
_ACTS = {
    Act.RETRY: "cwtui tried again before it said so; ctrl+r tries once more.",
    Act.RENEW: "Once the credentials are renewed, ctrl+r goes on.",
}


class ErrorCardScreen(ModalScreen[None]):
    """One failure over whatever is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Close", show=False),
        Binding("y,c", "copy_fix", "Copy the fix", show=False),
        Binding("Y", "copy_all", "Copy all", show=False),
        Binding("D", "doctor", "Look with doctor", show=False),
        Binding("ctrl+r,f5", "again", "Try again", show=False),
        Binding("j,down", "scroll('down')", "Down", show=False),
        Binding("k,up", "scroll('up')", "Up", show=False),
        Binding("space,pagedown,ctrl+f,ctrl+d", "scroll('page_down')", "Page down", show=False),
        Binding("b,pageup,ctrl+b,ctrl+u", "scroll('page_up')", "Page up", show=False),
        Binding("g,home", "scroll('home')", "Top", show=False),
        Binding("G,end", "scroll('end')", "End", show=False),
    ]
    DEFAULT_CSS = """
    ErrorCardScreen {
        align: center middle;
        & #sheet {
            width: 100; max-width: 96%; height: auto; max-height: 94%; padding: 1 2;
            background: $surface; border-left: outer $error;
        }
        & Static { height: auto; }
        & #told { height: auto; scrollbar-size-vertical: 1; }
        & .label { color: $muted; margin-top: 1; }
        & #fix {
            background: $background; border-left: outer $success; padding: 0 1; margin-top: 1;
        }
        & #facts { margin-top: 1; }
        & #keys { margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    ErrorCardScreen.-wide #sheet { width: 120; }
    """

    def __init__(self, error: CwtuiError) -> None:
        super().__init__()
        self._error = error
        self._fix = laid_out(error.card.fix)

    @property
    def _shell(self) -> CwtuiApp:
        return cast("CwtuiApp", self.app)

    @property
    def _of_aws(self) -> bool:
        return not self._shell.services.offline and "service" in dict(self._error.card.facts)

    def compose(self) -> ComposeResult:
        error, card = self._error, self._error.card
        with Vertical(id="sheet"):
            with VerticalScroll(id="told", can_focus=False):
                cross = "x" if self._shell.services.settings.ascii_only else "✗"
                yield Static(
                    Content.assemble((f"{cross} ", "bold $error"), (printable(error.message), "bold"))
                )
                if card.why:
                    yield Static(Content("Why"), classes="label")
                    yield Static(Content(printable_block(card.why)), id="why")
                way = " ".join(part for part in (error.hint, _ACTS.get(error.act, "")) if part)
                if way:
                    yield Static(Content("What helps"), classes="label")
                    yield Static(Content(printable_block(way)), id="way")
                if self._fix:
                    yield Static(Content(printable_block(self._fix)), id="fix")
                yield Static(self._facts(), id="facts")
            yield Static(self._keys(), id="keys")

    def _facts(self) -> Content:
        error = self._error
        facts = [(_LABELS.get(name, name), value) for name, value in error.card.facts]
        facts += [("request id", error.request_id), ("code", error.code), ("docs", error.card.docs)]
        told = [(label, value) for label, value in facts if value]
        width = max(len(label) for label, _ in told)
        return Content("\n").join(
            Content.assemble((f"{label:<{width}}  ", "$muted"), (printable(value), "$foreground 85%"))
            for label, value in told
        )

    def _keys(self) -> Content:
        copies = (("y", "bold $accent"), " copies the fix   ") if self._fix else ()
        doctor = (("D", "bold $accent"), " doctor   ") if self._of_aws else ()
        return Content.assemble(
            *copies,
            ("Y", "bold $accent"), " all   " if self._fix else " copies all   ",
            *doctor,
            ("ctrl+r", "bold $accent"), " tries again   ",
            ("Esc", "bold $accent"), " closes",
        )  # fmt: skip

    def on_resize(self) -> None:
        # All but the frame and the line of keys; a share of an automatic height would be that share whole.
        self.query_one("#told").styles.max_height = max(3, self.app.size.height * 94 // 100 - 4)

    def action_copy_fix(self) -> None:
        error = self._error
        self._shell.copy("what helps" if self._fix else "the sentence", self._fix or error.message)

    def action_copy_all(self) -> None:
        self._shell.copy("the error", ticket(self._error))

    def action_doctor(self) -> None:
        """Tries every feature, with the group that the failure is about."""
        if not self._of_aws:
            return
        group = dict(self._error.card.facts).get("logGroup", "")
        self.dismiss()
        self._shell.do(f"doctor {'' if ', ' in group else group}".strip())

    async def action_again(self) -> None:
        self.dismiss()
        await self._shell.action_refresh()

    def action_scroll(self, way: str) -> None:
        getattr(self.query_one("#told"), f"scroll_{way}")(animate=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A failure that was told."""

    clock: str
    """When, as a time of day."""
    error: CwtuiError


class ErrorsScreen(ListSheet[CwtuiError]):
    """The failures of this run, newest first; dismissed with the chosen one."""

    def __init__(self, told: Sequence[Told]) -> None:
        super().__init__()
        self._told = told

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled("What went wrong in this run", "bold"), id="title")
            yield OptionList(markup=False)
            yield Static(
                Content.assemble(
                    ("Enter", "bold $accent"), " says why   ", ("Esc", "bold $accent"), " closes"
                ),
                id="keys",
            )

    def lines(self) -> list[Option]:
        return [
            Option(
                Content.assemble(
                    (f"{each.clock}  ", "$muted"),
                    cut(printable(each.error.message), self.room - len(each.clock) - 2),
                )
            )
            for each in self._told
        ]

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._told[message.option_index].error)


def laid_out(fix: str) -> str:
    """A fix as it is shown and copied: statements of IAM over several lines, commands as they are."""
    return "\n".join(_statement(line) for line in fix.split("\n"))


def _statement(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        return json.dumps(json.loads(line), indent=2, ensure_ascii=False)
    except ValueError:
        return line


def ticket(error: CwtuiError) -> str:
    """All there is to tell of a failure, without secrets, for whoever can mend it."""
    from cwtui.explain.redact import redact

    told = error.record()
    fix = laid_out(error.card.fix)
    lines = [f"{name}: {value}" for name, value in told.items() if name not in ("message", "fix", "exitCode")]
    text = "\n".join([error.message, "", *lines, *(["", fix] if fix else []), "", f"cwtui {__version__}"])
    return redact(text)
