"""The first looks at what is shown: what is counted already, and which events to read for more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import numpy as np

from cwtui.core.models import Level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cwtui.explain.values import Digest, Scope
    from cwtui.investigation.session import Investigation


async def glances(
    investigation: Investigation, scope: Scope, ids: NDArray[np.int64] | None
) -> AsyncGenerator[Digest, None]:
    """The numbers, then `first_look`, of the given rows or of all that is shown; none of a small window."""
    from cwtui.explain.first_look import WORTHWHILE, drawn, first_look, numbers

    view, window = investigation.view, await investigation.opened()
    if len(view if ids is None else ids) <= WORTHWHILE:
        return
    rows, levels, times = view.rows, view.levels, view.times
    if ids is not None:
        # A range is one stretch of what is shown.
        chosen = np.isin(rows, ids)
        rows, levels, times = rows[chosen], levels[chosen], times[chosen]
    counts = np.bincount(levels, minlength=len(Level)).tolist()
    span = (int(times[0]), int(times[-1]))
    yield numbers(scope, counts, span)

    def look() -> Digest:
        return first_look(window.columns(rows[drawn(levels)]), scope, counts, span)

    yield await asyncio.to_thread(look)
