"""The events view: one module a concern, put together in `screen`."""

from cwtui.ui.screens.events.screen import EventsScreen

__all__ = ["EventsScreen"]
