"""What an investigation says of itself: frozen values, replaced whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Progress
from cwtui.fetch.tail import Gap, TailState
from cwtui.window.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LoadKind(Enum):
    """Where the load of the window stands."""

    IDLE = "idle"
    LOADING = "loading"
    LOADED = "loaded"
    PARTIAL = "partial"
    """Some groups or pages are missing; `LoadState.partial` says which and why."""
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LoadState:
    kind: LoadKind = LoadKind.IDLE
    progress: Progress = field(default_factory=Progress)
    partial: tuple[str, ...] = ()
    error: CwtuiError | None = None
    """Why it FAILED; of one that is PARTIAL which credentials ended, so that the rest may be had."""


@dataclass(frozen=True, slots=True)
class FollowState:
    """`following` is whether new events are fetched; `tail` how that goes."""

    following: bool = False
    tail: TailState = field(default_factory=TailState)
    error: CwtuiError | None = None
    gaps: tuple[Gap, ...] = ()
    """What could not be read, and why; it stays after following ended."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a search text occurs in a view."""

    text: str
    positions: NDArray[np.int64]
    """Ascending."""
    view: View

    def __len__(self) -> int:
        return len(self.positions)
