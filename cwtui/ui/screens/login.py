"""Credentials have ended: which, and the login that renews them, run from here with the whole terminal."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cwtui.core.errors import CredentialsError, Renewal, RenewalKind
from cwtui.core.text import printable

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_KEPT = "What is shown stays, and reading goes on where it stopped."


class LoginScreen(ModalScreen[bool]):
    """True: try again, there may be new credentials. False: the user does not want to now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "main", "Log in", show=False),
        Binding("t", "answer(True)", "Try again", show=False),
        Binding("y,c", "copy", "Copy the command", show=False),
        Binding("escape,q", "answer(False)", "Not now", show=False),
    ]
    DEFAULT_CSS = """
    LoginScreen {
        align: center middle;
        & #sheet {
            width: 76; max-width: 96%; height: auto; max-height: 100%; padding: 1 3;
            background: $surface; border-left: outer $warning;
        }
        & Static { height: auto; }
        & #command { margin: 1 0; padding: 0 1; background: $panel; }
        & #note { margin-bottom: 1; }
    }
    """

    def __init__(self, error: CredentialsError, renewal: Renewal) -> None:
        super().__init__()
        self._error = error
        self._renewal = renewal
        self._command = shlex.join(renewal.command)
        self._here = bool(renewal.command) and shutil.which(renewal.command[0]) is not None
        """Whether the command can be run on this machine."""

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(self._title(), id="title")
            command = Static(Content.styled(printable(self._command), "bold $accent"), id="command")
            command.display = bool(self._command)
            yield command
            yield Static(self._note(), id="note")
            yield Static(self._keys())

    def _title(self) -> Content:
        said = Content.styled(printable(self._error.message), "bold")
        whose = self._renewal.context
        if not whose or whose in self._error.message:
            return said
        return Content.assemble((printable(whose), "bold $warning"), ": ", said)

    def _note(self) -> Content:
        program = printable(self._renewal.command[0]) if self._renewal.command else ""
        match self._renewal.kind:
            case RenewalKind.LOGIN if not self._here:
                return Content(
                    f"The program {program} is not installed here. Run this where it is, with the same home "
                    f"folder; then come back. {_KEPT}"
                )
            case RenewalKind.LOGIN:
                return Content(f"cwtui steps aside while it runs. {_KEPT}")
            case RenewalKind.PROCESS if not self._here:
                return Content(f"This is the profile's credential_process; {program} is not found here.")
            case RenewalKind.PROCESS:
                return Content(
                    "This is the profile's credential_process. cwtui can step aside and run it, so that it "
                    f"can ask you; the credentials that it prints are not shown. {_KEPT}"
                )
            case RenewalKind.FILE:
                profile = printable(self._renewal.profile)
                return Content(
                    f"The keys stand in your AWS files, under the profile '{profile}'. Have whatever issues "
                    f"them write new ones, in another terminal; then come back. {_KEPT}"
                )
            case RenewalKind.RESTART:
                return Content(
                    "The keys came from the environment (AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN), which only a "
                    "new start reads: set new ones and start cwtui again. Until then what is shown stays."
                )
            case RenewalKind.MFA:
                return Content(f"A new code of the MFA device begins another session. {_KEPT}")

    def _keys(self) -> Content:
        again = "done elsewhere" if self._here else "try again"
        keys: list[tuple[str, str]] = []
        if self._here:
            keys += [("Enter", "run it"), ("t", again)]
        elif self._renewal.kind is not RenewalKind.RESTART:
            keys.append(("Enter", again))
        if self._command:
            keys.append(("y", "copy"))
        keys.append(("Esc", "close" if self._renewal.kind is RenewalKind.RESTART else "not now"))
        return Content("   ").join(Content.assemble((key, "bold $accent"), f" {does}") for key, does in keys)

    def action_main(self) -> None:
        """Runs the command where there is one, else tries again."""
        if self._here:
            self._run()
        else:
            self.dismiss(self._renewal.kind is not RenewalKind.RESTART)

    def action_answer(self, again: bool) -> None:
        self.dismiss(again)

    def action_copy(self) -> None:
        if self._command:
            cast("CwtuiApp", self.app).copy("the command", self._command)

    def _run(self) -> None:
        secret = self._renewal.kind is RenewalKind.PROCESS
        try:
            with self.app.suspend():
                ended = run_on_terminal(self._renewal.command, secret=secret)
        except SuspendNotSupported:
            self._tell(
                Content("This terminal cannot be handed over. Run it in another one; then t tries again.")
            )
            return
        if ended == 0:
            self.dismiss(True)
        else:
            self._tell(Content.styled(f"It ended with code {ended}, so probably without a login.", "$error"))

    def _tell(self, note: Content) -> None:
        self.query_one("#note", Static).update(note)


def run_on_terminal(command: Sequence[str], *, secret: bool) -> int:
    """Runs a command with the terminal to itself; its exit code, 127 where it cannot be started.

    Blocking, on purpose: nobody else may draw meanwhile. ctrl+c is the command's alone. What a failing
    command wrote can be read until Enter is pressed. `secret`: what it prints is thrown away, what it
    writes to stderr is not.
    """
    _say(f"\n$ {printable(shlex.join(command))}\n\n")
    # A handler of ours, not SIG_IGN, which the command would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        ended = subprocess.run(command, stdout=subprocess.DEVNULL if secret else None, check=False).returncode
    except OSError as error:
        _say(f"{printable(str(error))}\n")
        ended = 127
    finally:
        signal.signal(signal.SIGINT, before)
    if ended != 0:
        _say(f"\nIt ended with code {ended}. Enter goes back to cwtui.\n")
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input()
    return ended


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
