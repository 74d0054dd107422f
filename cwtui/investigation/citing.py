"""What a summary cites as a filter: the events of its patterns, or some events by stream and time.

And the pattern of one event, for hiding its like: mined from events of its level, drawn evenly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cwtui.core.errors import InputError
from cwtui.core.models import Level, Row
from cwtui.explain.pattern_filter import FITTED, pattern_filter
from cwtui.explain.pattern_table import Mined
from cwtui.explain.values import Digest, PatternSummary
from cwtui.lang.expression import And, Contains, Expression, Or, TimeIs
from cwtui.lang.time_range import between
from cwtui.lang.where import in_place, in_stream

if TYPE_CHECKING:
    from cwtui.investigation.session import Investigation

_MINED = 8_000
"""Events from which the pattern of one is told: a fifth of a second."""
_OTHER_MESSAGES = 3
_OTHERS = 4_000
_TELLING = 80
"""Characters of a message that tell it from others of its millisecond."""


@dataclass(frozen=True, slots=True)
class Cited:
    """What shows the events that a line rests on."""

    expression: Expression
    strays: int = 0
    """Of the other events that it was tried on, how many it shows as well."""


async def filter_of_patterns(
    investigation: Investigation,
    digest: Digest,
    names: Sequence[str],
    stretch: tuple[int, int] | None = None,
) -> Cited:
    """The filter for all events of patterns of a digest, within a stretch of time (ms) where one is given.

    Raises InputError for a pattern that the digest does not list.
    """
    listed = {pattern.id: pattern for pattern in digest.patterns}
    if not names or any(name not in listed for name in names):
        raise InputError("That pattern is not listed.", "P shows all patterns.", code="patterns")
    chosen = [listed[name] for name in dict.fromkeys(names)]
    parts: list[Expression] = []
    strays = 0
    for pattern in chosen:
        others = [each for each in digest.patterns if each.level == pattern.level and each not in chosen]
        found = await _fitted(investigation, pattern, others)
        parts.append(found.expression)
        strays += found.strays
    expression = parts[0] if len(parts) == 1 else Or(tuple(parts))
    if stretch is not None:
        expression = And((between(*stretch), expression))
    return Cited(expression, strays)


async def _fitted(
    investigation: Investigation, pattern: PatternSummary, others: Sequence[PatternSummary]
) -> Cited:
    ids = pattern.drawn or pattern.events
    own = await _messages(investigation, ids)
    of_others = {row: each.text for each in others for row in each.events[:_OTHER_MESSAGES]}
    told = await _messages(investigation, list(of_others))
    found = await asyncio.to_thread(
        pattern_filter,
        pattern.text,
        pattern.level,
        list(own.values()),
        [(of_others[row], message) for row, message in told.items()],
        overflow=pattern.text.startswith("other: "),
    )
    return Cited(found.expression, found.strays)


async def filter_of_events(investigation: Investigation, ids: Sequence[int]) -> Cited:
    """The filter for these events and no others: each by its time, and where it must its stream and words."""
    rows = await investigation.rows(list(ids))
    query = investigation.query
    several = len(investigation.places) > 1 or (query is not None and len(query.groups) != 1)
    view = investigation.everything
    parts = []
    for row in rows:
        at = row.timestamp
        alone = view.after(at) - view.at_or_after(at) == 1
        parts.append(And((TimeIs(">=", at), TimeIs("<", at + 1), *([] if alone else _telling(row, several)))))
    unique = tuple(dict.fromkeys(parts))
    return Cited(unique[0] if len(unique) == 1 else Or(unique))


def _telling(row: Row, several: bool) -> list[Expression]:
    """What tells an event from others of its millisecond."""
    tests = list(in_place(row.account, row.region, row.group)) if several else []
    tests.append(in_stream(row.stream))
    words = row.message[:_TELLING].splitlines()
    if words and words[0].strip():
        tests.append(Contains(words[0]))
    return tests


async def filter_of_like(
    investigation: Investigation, row_id: int, timestamp: int, level: Level, *, mined_most: int = _MINED
) -> Cited:
    """The filter for the events that say what one says, as told by so many events of its level.

    Raises InputError for a line that belongs to another event, such as one of its stack trace.
    """
    view = investigation.view
    alike = view.rows[view.levels == int(level)]
    drawn = alike
    if len(alike) > mined_most:
        drawn = alike[np.linspace(0, len(alike) - 1, mined_most).astype(np.int64)]
        if row_id not in drawn:
            # In its place, so that what stands beside it (a head, its trace) is known too.
            near = view.position_of(row_id, timestamp)
            here = view.slice(max(0, near - 50), near + 50) if near is not None else np.array([row_id])
            drawn = np.concatenate([drawn, here[~np.isin(here, drawn)]])
    mined = Mined()
    async for columns in investigation.columns(drawn):
        await asyncio.to_thread(mined.add, columns)
    table = await asyncio.to_thread(mined.table, timestamp, timestamp + 1)
    key = mined.key_of(row_id)
    row = next((row for row in table.rows if row.key == key), None)
    if row is None:
        raise InputError(
            "That line belongs to the event above it.",
            "Go to the event, or hide text with :out.",
            code="patterns",
        )
    assert key is not None
    own = await _messages(investigation, mined.examples(key, FITTED).tolist())
    found = await asyncio.to_thread(
        pattern_filter,
        row.text,
        row.level,
        list(own.values()),
        mined.others(key, _OTHERS),
        overflow=row.overflow,
    )
    return Cited(found.expression, found.strays)


async def _messages(investigation: Investigation, ids: Sequence[int]) -> dict[int, str]:
    """Whole messages by row id."""
    found: dict[int, str] = {}
    if len(ids):
        async for columns in investigation.columns(np.asarray(ids, dtype=np.int64)):
            found.update(zip(columns.ids, columns.messages, strict=True))
    return found
