"""A question about a window: what names in it can mean, who can answer it, and where the work is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, Context
from cwtui.investigation.states import LoadKind

if TYPE_CHECKING:
    from cwtui.explain.ask.answer import Answer
    from cwtui.explain.values import Digest, Scope
    from cwtui.window.window import Window

_SAMPLE = 2_000
"""Events, evenly drawn, from which the names of streams and fields are learned."""

NOT_WHOLE: Mapping[LoadKind, str] = {
    LoadKind.LOADING: "The window is being loaded still: only what came so far was looked at.",
    LoadKind.CANCELLED: "The load of the window was stopped: only what came until then was looked at.",
    LoadKind.FAILED: "The load of the window failed: only what came until then was looked at.",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the investigation knows of its window."""

    scope: Scope
    zone: tzinfo
    baseline: str
    """What digests compare with; empty for nothing."""
    context: Context
    """Tells where groups lie, where several accounts or regions are read."""


async def asked(
    question: str,
    window: Window,
    ids: NDArray[np.int64],
    known: Known,
    digest: Callable[[], Awaitable[Digest]],
) -> Answer:
    """The answer over the events of a window with these row ids, in display order.

    `digest` makes that of the same events, for what changed against a baseline. Raises InputError.
    """
    from cwtui.explain.ask.answer import answer_of, by_code, by_evidence, checked, understood, vocabulary_of
    from cwtui.explain.ask.comparing import against_baseline, nothing_to_compare
    from cwtui.explain.ask.questions import Vocabulary
    from cwtui.explain.background import read_over
    from cwtui.explain.whose import called, told_apart

    question = checked(question)
    even = np.linspace(0, len(ids) - 1, min(len(ids), _SAMPLE)).astype(np.int64)
    scope = known.scope
    start, end = scope.start, scope.end
    if not end and len(ids):
        ends = await window.rows([int(ids[0]), int(ids[-1])])
        start, end = min(row.timestamp for row in ends), max(row.timestamp for row in ends) + 1
    groups = tuple(called(group, known.context) for group in scope.groups)
    names = Vocabulary(groups=groups, start=start, end=end, zone=known.zone, baseline=known.baseline)

    def events(which: NDArray[np.int64]) -> Iterable[Columns]:
        return told_apart(window.columns(which), known.context)

    vocabulary = await asyncio.to_thread(lambda: vocabulary_of(events(ids[even]), names))
    what = understood(question, vocabulary)
    if what.of_baseline:
        if known.baseline:
            made = await digest()
            return answer_of(against_baseline(made), made.scope, question)
        return answer_of(nothing_to_compare(), scope, question)
    if what.plan is not None:
        answer = await read_over(events(ids), len(ids), partial(by_code, scope=scope, asked=what))
        if answer is not None:
            return answer
    return await read_over(events(ids), len(ids), partial(by_evidence, scope=scope, asked=what))
