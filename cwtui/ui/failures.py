"""What went wrong in this run, kept so that a key opens it: the last failures, their cards and their list."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING

from cwtui.core.errors import CwtuiError
from cwtui.core.keymap import show_keys, with_keymap

if TYPE_CHECKING:
    from cwtui.ui.screens.error_card import Told
    from cwtui.ui.telling import TellingApp

KEPT = 20


class Failures:
    """The last failures of the context that is open, newest first."""

    def __init__(self, app: TellingApp) -> None:
        self._app = app
        self._services = app.services
        self._told: deque[Told] = deque(maxlen=KEPT)

    def note(self, error: CwtuiError) -> None:
        """Keeps a failure that is being told; one that is told twice is kept once."""
        from cwtui.ui.screens.error_card import Told

        self._forget_the_past()
        if any(each.error is error for each in self._told):
            return
        settings = self._app.services.settings
        at = datetime.fromtimestamp(self._app.services.clock() / 1000, tz=settings.tzinfo)
        self._told.appendleft(Told(f"{at:%H:%M:%S}", error))

    @property
    def key(self) -> str:
        """The key that opens the last one, as people write it."""
        keymap = with_keymap(self._app.services.settings.keymap)
        return show_keys(row.keys[0] for row in keymap if row.id == "global.error")

    def open(self, error: CwtuiError | None = None) -> None:
        """Shows the card of a failure, or of the last one."""
        from cwtui.ui.screens.error_card import ErrorCardScreen

        self._forget_the_past()
        if error is None and not self._told:
            self._app.say("Nothing has failed so far.")
            return
        self._app.push_screen(ErrorCardScreen(error or self._told[0].error))

    def choose(self) -> None:
        """Lists them; the chosen one's card opens."""
        from cwtui.ui.screens.error_card import ErrorsScreen

        self._forget_the_past()
        if not self._told:
            self._app.say("Nothing has failed so far.")
            return

        def show(error: CwtuiError | None) -> None:
            if error is not None:
                self.open(error)

        self._app.push_screen(ErrorsScreen(list(self._told)), show)

    def _forget_the_past(self) -> None:
        """What failed in a context that was left is not told in another."""
        if self._app.services is not self._services:
            self._services = self._app.services
            self._told.clear()
