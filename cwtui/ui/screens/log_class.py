"""A group whose log class keeps its events from being listed: what cannot be done, and what can."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cwtui.access.console import console_url, insights_url
from cwtui.core.errors import WrongLogClass
from cwtui.core.naming import named
from cwtui.core.text import middle, printable

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

WITHOUT_EVENTS = ("INFREQUENT_ACCESS", "DELIVERY")
"""Classes that AWS documents to have no event calls. Others are tried: the service decides, not this."""

Next = Literal["streams", "events"]

_NAME_WIDTH = 66


class LogClassScreen(ModalScreen[Next | None]):
    """Dismissed with what the user wants of the group instead, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,c", "copy", "Copy the link", show=False),
        Binding("s,enter", "go_on('streams')", "Streams", show=False),
        Binding("l", "go_on('events')", "Try all the same", show=False),
        Binding("escape,q", "dismiss", "Back", show=False),
    ]
    DEFAULT_CSS = """
    LogClassScreen {
        align: center middle;
        & #sheet {
            width: 76; max-width: 96%; height: auto; max-height: 100%; padding: 1 3;
            background: $surface; border-left: outer $warning;
        }
        & Static { height: auto; }
        & #group { color: $secondary; }
        & #why, & #ways { margin-top: 1; }
    }
    """

    def __init__(
        self, group: str, region: str, *, log_class: str = "", refused: WrongLogClass | None = None
    ) -> None:
        """`log_class` is empty where it is not known; `refused` is what the service said, if it was asked."""
        super().__init__()
        _, there, self._group = named(group)
        self._class = log_class
        self._refused = refused
        # Insights reads every class but Delivery.
        self._insights = log_class != "DELIVERY"
        region, name = there or region, self._group
        self._link = insights_url(region, [name]) if self._insights else console_url(region, name)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled(self._headline(), "bold"), id="title")
            yield Static(Content(middle(self._group, _NAME_WIDTH)), id="group")
            yield Static(Content(self._why()), id="why")
            yield Static(self._ways(), id="ways")

    def _headline(self) -> str:
        match self._class:
            case "INFREQUENT_ACCESS":
                return "This is an Infrequent Access group."
            case "DELIVERY":
                return "This is a Delivery group."
            case "" | "STANDARD":
                return "CloudWatch does not list the events of this group."
        return printable(f"CloudWatch does not list the events of a group of class {self._class}.")

    def _why(self) -> str:
        said = f" It refused {printable(self._refused.operation)}." if self._refused is not None else ""
        if self._class == "DELIVERY":
            return (
                "Its events are passed on to S3 or Firehose and kept for a day; CloudWatch neither lists "
                f"nor filters nor tails them.{said} Look where they are delivered to."
            )
        return (
            "CloudWatch keeps its events for Logs Insights: they cannot be listed, filtered, tailed or "
            f"exported from here.{said}"
        )

    def _ways(self) -> Content:
        place = "Logs Insights, over this group" if self._insights else "the console"
        ways = [("y", f"copy the link to {place}"), ("s", "its streams, and when each was last written")]
        if self._refused is None:
            ways.append(("l", "try to read it all the same"))
        ways.append(("Esc", "back"))
        lines = [Content.assemble((f"{key:<5}", "bold $accent"), does) for key, does in ways]
        return Content("\n").join(lines)

    def action_copy(self) -> None:
        cast("CwtuiApp", self.app).copy("the link", self._link)

    def action_go_on(self, to: Next) -> None:
        if to != "events" or self._refused is None:
            self.dismiss(to)
