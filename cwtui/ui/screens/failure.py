"""What failed and the way out, where a list would stand; its card (`error_card`) says more."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.widgets import Static

from cwtui.core.errors import CwtuiError
from cwtui.core.text import printable, printable_block
from cwtui.settings import Settings

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_WAYS = {
    "auth": "Log in: aws sso login{profile}   or: aws configure{profile}",
    "perm": "Ask for the permission, or read with another role: cwtui --role-arn ARN",
    "net": "Check the network, the region and the endpoint: cwtui --region REGION --endpoint-url URL",
    "limit": "Wait a moment; cwtui has already tried several times.",
    "notfound": "Check the name and the region: cwtui --region REGION",
}


class FailureCard(Static):
    """Six lines in the middle of where the rows would be."""

    DEFAULT_CSS = """
    FailureCard { height: 1fr; padding: 1 3; color: $foreground; }
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(Content(""))
        self._settings = settings
        self._error: CwtuiError | None = None

    def tell(self, error: CwtuiError, more: str = "") -> None:
        """Shows an error; `more` is one more way out that only this screen has."""
        self._error = error
        self.update(failure_content(error, self._settings, more))

    def explain(self) -> None:
        """Opens the card of what it tells."""
        if self._error is not None:
            cast("CwtuiApp", self.app).failures.open(self._error)

    def on_click(self) -> None:
        self.explain()


def failure_content(error: CwtuiError, settings: Settings, more: str = "") -> Content:
    """What, why, the command that mends it, and how to look around without AWS."""
    profile = f" --profile {shlex.quote(settings.profile)}" if settings.profile else ""
    # Who raised it knows best how to mend it; the general way is for errors without a hint.
    way = error.hint or _WAYS.get(error.kind, "").format(profile=profile)
    lines = [Content.assemble(("✗ ", "bold $error"), (printable(error.message), "bold"))]
    if way:
        lines.append(Content(printable(way)))
    if error.card.fix and error.card.fix not in way:
        lines.append(Content.styled(printable_block(error.card.fix), "$accent"))
    lines.append(Content(""))
    if more:
        lines.append(Content.styled(printable(more), "$foreground"))
    again = Content.assemble(
        ("Enter", "bold $accent"), " says why   ", ("ctrl+r", "bold $accent"), " tries again"
    )
    if not (settings.mock or settings.from_paths):
        again = Content.assemble(
            again, "   ", ("cwtui --mock", "bold $accent"), " explores a recorded incident, no AWS needed"
        )
    lines.append(again)
    reference = f"{error.code}   request {error.request_id}" if error.request_id else error.code
    lines.append(Content.styled(printable(reference), "$faint"))
    return Content("\n").join(lines)
