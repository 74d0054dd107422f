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
    from cwtui.investigation.explaining import Explaining
    from cwtui.window.view import View


async def glances(
    investigation: Explaining, scope: Scope, ids: NDArray[np.int64] | None
) -> AsyncGenerator[Digest, None]:
    """The numbers, then `first_look`, of the given rows or of all that is shown; none of a small window."""
    from cwtui.explain.first_look import WORTHWHILE, drawn, first_look, numbers
    from cwtui.explain.whose import told_apart

    window = await investigation.opened()
    # What was chosen may be hidden by now; it is loaded still.
    view = investigation.view if ids is None else investigation.everything
    if len(view if ids is None else ids) <= WORTHWHILE:
        return
    rows, levels, times = await asyncio.to_thread(_columns, view, ids)
    if not len(rows):
        return  # loaded anew since
    counts = np.bincount(levels, minlength=len(Level)).tolist()
    span = (int(times[0]), int(times[-1]))
    yield numbers(scope, counts, span)

    def look() -> Digest:
        apart = told_apart(window.columns(rows[drawn(levels)]), investigation.reader.context)
        return first_look(apart, scope, counts, span)

    yield await asyncio.to_thread(look)


def _columns(
    view: View, ids: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
    """Row ids, levels and times (ms) of these rows of a view, or of all, in display order."""
    rows, levels, times = view.rows, view.levels, view.times
    if ids is None:
        return rows, levels, times
    chosen = np.isin(rows, ids)
    return rows[chosen], levels[chosen], times[chosen]
