"""What every full screen of cwtui has in common: what the app may ask of it, and where failures go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, cast, runtime_checkable

from textual import on, work
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from cwtui.core.errors import CredentialsError, CwtuiError, WrongLogClass

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp
    from cwtui.ui.last_session import LastSession


@runtime_checkable
class MayRun(Protocol):
    """A screen that may have something under way."""

    def running(self) -> str:
        """What would be cut off by quitting, as a sentence, or empty."""
        ...


class CwtuiScreen(Screen[None]):
    """A full screen. The app drives it through these methods, and knows no more of it."""

    KEY_PANES: ClassVar[tuple[str, ...]] = ()
    """The panes of the table of keys that this screen holds, its own first: for `?` and the palette."""

    @property
    def shell(self) -> CwtuiApp:
        """The app, as what it is."""
        return cast("CwtuiApp", self.app)

    def commands(self) -> Mapping[str, Callable[[str], None]]:
        """The `:` commands that this screen can do, by name; each takes what follows the name."""
        return {}

    def completions(self) -> Mapping[str, Callable[[], Sequence[str]]]:
        """What the arguments of these commands may be, for Tab on the command line."""
        return {}

    def escape(self) -> bool:
        """Closes what is open here; False where there is nothing, so that the screen itself is left."""
        return False

    def close_pane(self) -> bool:
        """Closes the pane that lies over or beside the list; False where there is none (q)."""
        return False

    def reload(self) -> None:
        """Fetches what is shown anew (ctrl+r)."""

    def offer_way_out(self, error: CwtuiError) -> None:
        """A dialog where a failure has one, over what the screen says of it.

        Credentials that ended: renews them, then reloads. A log class without events: what else there is.
        """
        self.shell.failures.note(error)
        match error:
            case CredentialsError(renewal=renewal) if renewal is not None:
                self._renew_and_reload(error)
            case WrongLogClass():
                self.shell.tell_log_class(error.group, error)

    @work(group="renewal", exclusive=True, exit_on_error=False)
    async def _renew_and_reload(self, error: CredentialsError) -> None:
        if await self.shell.signing_in.renew(error):
            self.reload()

    def model_changed(self) -> None:
        """Another model was chosen: what shows words of one lets that one speak."""

    def session(self) -> LastSession | None:
        """The screen as something to come back to at the next start; None where it is nothing of the kind."""
        return None

    def running(self) -> str:
        """What would be cut off by quitting, such as "Following 3 groups", or empty."""
        return ""

    def pane(self) -> str:
        """The pane that has the focus, for the footer and `?`."""
        return self.KEY_PANES[0] if self.KEY_PANES else "global"

    def help_panes(self) -> tuple[str, ...]:
        """What `?` shows: the focused pane first, then what else the screen holds."""
        return tuple(dict.fromkeys((self.pane(), *self.KEY_PANES, "prompt", "global")))

    @on(Worker.StateChanged)
    def _worker_changed(self, message: Worker.StateChanged) -> None:
        if message.state is WorkerState.ERROR and message.worker.error is not None:
            self.worker_failed(message.worker, message.worker.error)

    def worker_failed(self, worker: Worker[object], error: BaseException) -> None:
        """What to do when a worker of this screen failed: a toast, or the end where it is a bug."""
        self.shell.show_error(error)
