"""Export: where to, in which form; then progress, and how to open it again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cwtui.core.errors import CwtuiError
from cwtui.core.ports import ExportProgress
from cwtui.core.text import human_bytes, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.deliver.export import ExportRequest
    from cwtui.investigation import Investigation

_FORMATS = (
    ("", "by its ending"),
    ("recording", "recording: opens again offline"),
    ("jsonl", "JSON lines"),
    ("csv", "CSV"),
    ("parquet", "Parquet"),
    ("md", "Markdown summary"),
)


class ExportScreen(ModalScreen[None]):
    """Writes the given events of an investigation to a path or to S3."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("tab", "format(1)", "Next form", show=False, priority=True),
        Binding("shift+tab", "format(-1)", "Form before", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    ExportScreen {
        align: center middle;
        & #sheet {
            width: 84; max-width: 96%; height: auto; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #to { height: 1; margin: 1 0; }
        & #to Static { width: 8; color: $muted; }
        & #to Input, & #to Input:focus {
            width: 1fr; height: 1; border: none; padding: 0; background: $panel;
        }
        & #form { margin-bottom: 1; }
        & #state { margin-top: 1; }
    }
    """

    def __init__(self, investigation: Investigation, ids: NDArray[np.int64], target: str = "") -> None:
        super().__init__()
        self._investigation = investigation
        self._ids = ids
        self._target = target
        self._format = 0
        self._writing = False
        self._done = False
        self._lock = asyncio.Lock()

    def compose(self) -> ComposeResult:
        from cwtui.deliver.export import suggested_target

        query = self._investigation.query
        groups = query.groups if query else ()
        suggested = self._target or f"./{suggested_target(groups, self._investigation.clock())}"
        with Vertical(id="sheet"):
            yield Static(
                Content.assemble(
                    ("Export ", "bold"), (f"{len(self._ids):,} events, as they are shown", "$muted")
                )
            )
            with Horizontal(id="to"):
                yield Static(Content("to"))
                yield Input(suggested, select_on_focus=False)
            yield Static(id="form")
            yield Static(id="note")
            yield Static(id="state")
            yield Static(
                Content.assemble(
                    ("Enter", "bold $accent"),
                    " write   ",
                    ("Tab", "bold $accent"),
                    " form   ",
                    ("Esc", "bold $accent"),
                    " cancel",
                ),
                id="keys",
            )

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._explain()

    @on(Input.Changed)
    def _explain(self) -> None:
        name, words = _FORMATS[self._format]
        request = self._request()
        if isinstance(request, CwtuiError):
            shown, note = words, f"{request.message} {request.hint}"
        else:
            shown = next(text for form, text in _FORMATS if form == request.format)
            shown = shown if name else f"{shown}  (by its ending)"
            note = (
                "Secrets are blacked out."
                if request.redact
                else "Exact: secrets in the lines are kept as they are."
            )
            if request.target.startswith("s3://") and not self._investigation.settings.allow_write:
                note = "S3 needs cwtui to be started with --allow-write."
        self.query_one("#form", Static).update(Content.assemble(("as      ", "$muted"), shown))
        self.query_one("#note", Static).update(Content.styled(f"        {printable(note)}", "$muted"))

    def _request(self) -> ExportRequest | CwtuiError:
        from cwtui.deliver.export import export_request

        settings = self._investigation.settings
        try:
            return export_request(
                self.query_one(Input).value, _FORMATS[self._format][0], no_redact=not settings.redact
            )
        except CwtuiError as error:
            return error

    def running(self) -> str:
        """What quitting would cut off."""
        return f"An export of {len(self._ids):,} events is being written" if self._writing else ""

    def action_format(self, step: int) -> None:
        if not self._writing:
            self._format = (self._format + step) % len(_FORMATS)
            self._explain()

    def action_cancel(self) -> None:
        if self._writing:
            self._say("stopping …", "$muted")
            self.workers.cancel_group(self, "export")
        else:
            self.dismiss()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._done:
            self.dismiss()
        elif not self._writing:
            request = self._request()
            if isinstance(request, CwtuiError):
                self._fail(request)
            else:
                self.write(request)

    @work(group="export", exclusive=True, exit_on_error=False)
    async def write(self, request: ExportRequest) -> None:
        """Writes the export in a thread, showing how far it is."""
        async with self._lock:
            self._writing = True
            self._say("writing …", "$muted")
            try:
                result = await self._investigation.export(request, self._ids, self._report)
            except asyncio.CancelledError:
                self._say("Stopped; nothing was left behind.", "$warning")
                raise
            except CwtuiError as error:
                self._fail(error)
            else:
                self._done = True
                self._say(
                    f"✓ {human_bytes(result.bytes_written)} written to {printable(result.target)}", "$success"
                )
                self.query_one("#note", Static).update(
                    Content.styled(f"Open it again: cwtui open {printable(result.target)}", "$muted")
                    if request.format != "md" and not request.target.startswith("s3://")
                    else Content("")
                )
                self.query_one("#keys", Static).update(Content.assemble(("Enter", "bold $accent"), " close"))
            finally:
                self._writing = False

    def _report(self, progress: ExportProgress) -> None:
        # In the exporting thread.
        said = f"{progress.file or 'writing'}  {human_bytes(progress.bytes_done)}"
        self.app.call_from_thread(self._say, said, "$muted")

    def _say(self, text: str, style: str) -> None:
        if self.is_mounted:
            self.query_one("#state", Static).update(Content.styled(printable(text), style))

    def _fail(self, error: CwtuiError) -> None:
        self._say(f"{error.message} {error.hint}", "$error")
