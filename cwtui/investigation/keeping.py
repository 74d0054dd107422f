"""From a digest to what is said of it and kept of it: citations resolved, exports that can be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import TYPE_CHECKING

from cwtui.core.models import Row
from cwtui.core.ports import Exporter, ExportProgress, ExportReport, ExportResult, Part

if TYPE_CHECKING:
    from cwtui.explain.ask.answer import Answer
    from cwtui.explain.values import Digest

_EXEMPLARS = 2
"""Whole messages of one pattern that a model may see; redacted before they are cut."""


class _Cancelled(Exception):
    """Raised in the exporting thread to end it."""


def cited_ids(told: Digest | Answer) -> list[int]:
    """Row ids of every event that a digest or an answer rests on, ascending; a baseline's below zero."""
    from cwtui.explain.ask.answer import Answer

    if isinstance(told, Answer):
        return sorted({*told.events, *(cited_ids(told.digest) if told.digest is not None else ())})
    digest = told
    ids = {row for finding in digest.findings for row in finding.events}
    ids |= {row for pattern in (*digest.patterns, *digest.vanished) for row in pattern.events}
    ids |= {row for pattern in digest.patterns for trace in pattern.traces for row in trace.events}
    for function in digest.functions:
        ids |= {row for _, _, rows in function.worst for row in rows}
        ids.update(function.timeout_events, function.cold_events)
        ids.update(function.error_events, function.memory_events)
    return sorted(ids)


def exemplars_of(digest: Digest, rows: Mapping[int, Row]) -> dict[str, list[str]]:
    """A few messages of each pattern, by pattern id."""
    return {
        pattern.id: [rows[row].message for row in pattern.events[:_EXEMPLARS]] for pattern in digest.patterns
    }


def markdown_of(digest: Digest | Answer, rows: Mapping[int, Row], redacted: Callable[[str], str]) -> str:
    """The digest or the answer as Markdown with its citations resolved; foreign text.

    `redacted` sees every text before it is escaped: behind a backslash no secret is recognised.
    """
    from cwtui.explain.ask.answer import Answer
    from cwtui.explain.ask.render import answer_markdown
    from cwtui.explain.render import digest_markdown

    def cited(ids: Sequence[int]) -> list[Row]:
        return [rows[row] for row in ids]

    if isinstance(digest, Answer):
        return answer_markdown(digest, cited, redacted)
    return digest_markdown(digest, cited, redacted)


async def export_in_thread(
    exporter: Exporter, parts: Iterable[Part], target: str, report: ExportReport
) -> ExportResult:
    """Exports without holding the loop. Cancelling ends the thread at its next chunk and waits for that."""
    cancelled = Event()

    def reported(progress: ExportProgress) -> None:
        if cancelled.is_set():
            raise _Cancelled
        report(progress)

    work = asyncio.ensure_future(asyncio.to_thread(exporter.export, parts, target, reported))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        cancelled.set()
        await asyncio.gather(work, return_exceptions=True)
        raise
