"""One window being worked on: both faces drive this, and nothing of it knows a screen."""

from cwtui.investigation.explaining import ExporterFor
from cwtui.investigation.session import Investigation
from cwtui.investigation.states import FollowState, Hits, LoadKind, LoadState

__all__ = ["ExporterFor", "FollowState", "Hits", "Investigation", "LoadKind", "LoadState"]
