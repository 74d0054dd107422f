"""The first look at what is shown: which events to read for it, and what is counted without reading any."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from cwtui.core.models import Level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cwtui.explain.values import Digest, Scope
    from cwtui.investigation.session import Investigation


async def glance(investigation: Investigation, scope: Scope, ids: NDArray[np.int64] | None) -> Digest | None:
    """`first_look` of the given rows, or of all that is shown; None where that is not worth it."""
    from cwtui.explain.first_look import WORTHWHILE, drawn, first_look

    view, window = investigation.view, await investigation.opened()
    if len(view if ids is None else ids) <= WORTHWHILE:
        return None

    def look() -> Digest:
        rows, levels, times = view.rows, view.levels, view.times
        if ids is not None:
            # A range is one stretch of what is shown.
            chosen = np.isin(rows, ids)
            rows, levels, times = rows[chosen], levels[chosen], times[chosen]
        counts = np.bincount(levels, minlength=len(Level)).tolist()
        return first_look(window.columns(rows[drawn(levels)]), scope, counts, (int(times[0]), int(times[-1])))

    return await asyncio.to_thread(look)
