"""The zone in which times are shown and read: UTC or the system's own, for the whole app at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cwtui.core.errors import InputError
from cwtui.ui.screens.events.reading import Reading

ZONES = ("utc", "local")


class Zoned(Reading):
    """What changes the zone, and takes over the one that another screen chose."""

    def action_zone(self) -> None:
        self.zone_written("local" if self.settings.zone == "utc" else "utc")

    def zone_written(self, text: str) -> None:
        """`utc` or `local`. Raises InputError."""
        name = text.strip().lower()
        if name not in ZONES:
            raise InputError(f"'{text}' is not a zone that is known here.", "Use utc or local.", code="zone")
        self.services.settings = replace(self.services.settings, zone=name)
        self._adopt_zone()

    def on_screen_resume(self) -> None:
        if self.services.settings.zone != self.settings.zone:
            self._adopt_zone()

    def _adopt_zone(self) -> None:
        self.settings = replace(self.settings, zone=self.services.settings.zone)
        self.zone = self.settings.tzinfo
        self.event_list.restyle(zone=self.zone)
        if self.ready:
            # A summary made from now on writes its times in it too.
            self.investigation.settings = self.settings
        if self.detail_open:
            self.read_event()
        self.repaint_now()

    def zone_commands(self) -> dict[str, Callable[[str], None]]:
        """The `:` command of this concern."""
        return {"zone": self.zone_written}
