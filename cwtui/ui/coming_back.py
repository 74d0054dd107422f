"""What to come back to: the events view that was left last, in this run or in the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from cwtui.core.errors import CwtuiError
from cwtui.ui.last_session import LastSession, read_session, write_session
from cwtui.ui.screens.base import CwtuiScreen
from cwtui.wiring import Start

if TYPE_CHECKING:
    from cwtui.ui.telling import TellingApp


class ComingBack:
    """The app's memory of it, of the context that is open."""

    def __init__(self, app: TellingApp) -> None:
        self._app = app
        self.forget()

    def forget(self) -> None:
        """Begins anew: another context has been opened."""
        self._last: LastSession | None = None
        self._read = False
        self._changed = False

    @property
    def last(self) -> LastSession | None:
        """The view that was left last; says what is wrong with the file where it cannot be read."""
        if not self._read:
            self._read = True
            try:
                self._last = read_session(self._app.services.settings)
            except CwtuiError as error:
                self._app.say(f"{error.message} {error.hint}", severity="warning")
        return self._last

    def to_offer(self, start: Start | None) -> LastSession | None:
        """What was left of the very logs that cwtui was started on, where something was done in them."""
        if start is None or "-" in self._app.services.settings.from_paths:
            return None
        session = self.last
        if session is None or session.bare or (start.groups and set(start.groups) != set(session.groups)):
            return None
        return session

    def note(self, screen: Screen[Any]) -> bool:
        """Remembers a screen that is left, if it is something to come back to."""
        session = screen.session() if isinstance(screen, CwtuiScreen) else None
        if session is not None:
            self._last, self._read, self._changed = session, True, True
        return session is not None

    def keep(self) -> None:
        """Notes the topmost such screen, and writes what was noted for the next run."""
        any(self.note(screen) for screen in reversed(self._app.screen_stack))
        if self._changed and self._last is not None:
            write_session(self._app.services.settings, self._last)
