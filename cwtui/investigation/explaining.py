"""What is found in the events in hand and kept of them: digests, answers, a model's words, exports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from cwtui.core.errors import InputError
from cwtui.core.models import Query, Row
from cwtui.core.ports import ChatModel, Clock, Exporter, ExportReport, ExportResult, LogReader
from cwtui.investigation.against import Against
from cwtui.investigation.asking import NOT_WHOLE, Known, asked
from cwtui.investigation.hand import Hand
from cwtui.investigation.keeping import cited_ids, markdown_of
from cwtui.investigation.states import LoadState
from cwtui.investigation.understanding import exported, narrated, warmed_up
from cwtui.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.deliver.export import ExportRequest
    from cwtui.deliver.manifest import About
    from cwtui.explain.ask.answer import Answer
    from cwtui.explain.narrate import NarrationState
    from cwtui.explain.values import Digest, Scope
    from cwtui.investigation.session import Investigation
    from cwtui.window.window import Window

ExporterFor = Callable[[str], Exporter]
"""The exporter of a target: a path or `s3://bucket/prefix`."""


class Explaining(Hand):
    """The events in hand of a query, and what can be said of them. `Investigation` brings them."""

    def __init__(
        self,
        reader: LogReader,
        clock: Clock,
        settings: Settings,
        exporter_for: ExporterFor,
        chat: ChatModel | None,
        filter_limit_s: float,
    ) -> None:
        super().__init__(settings.memory_limit, filter_limit_s)
        self.reader = reader
        self.clock = clock
        self.settings = settings
        self.chat = chat
        self.query: Query | None = None
        self.load_state = LoadState()
        self._exporter_for = exporter_for
        self._against = Against()

    @property
    def span(self) -> tuple[int, int]:
        """The window as ms `[start, end)`."""
        raise NotImplementedError

    def _another(self) -> Investigation:
        """A fresh one of the same kind, to load what is compared with."""
        raise NotImplementedError

    async def compare_with(self, what: str, ids: NDArray[np.int64] | None = None) -> None:
        """Loads what digests compare with from now on: a name or `SINCE[,UNTIL]` (`against`); empty, nothing.

        Moments are relative to the given rows, or to the window. Raises InputError, and what `open` does.
        """
        await self._against.forget()
        if not what:
            return
        if self.query is None:
            raise InputError("There is nothing to compare yet.", "Open a log group first.", code="against")
        span = self.span
        if ids is not None and len(ids):
            ends = await self.rows([int(ids[0]), int(ids[-1])])
            span = (ends[0].timestamp, ends[-1].timestamp + 1)
        filters = self.filters.settled()
        await self._against.load(what, self.query, filters, span, self._another(), self.settings.tzinfo)

    @property
    def compares_with(self) -> str:
        """What `compare_with` was last asked for; empty without a baseline."""
        return self._against.name

    async def digest(self, ids: NDArray[np.int64] | None = None, *, listed: int | None = None) -> Digest:
        """The heuristic summary of the given rows, or of all that is shown. Deterministic.

        It lists `listed` patterns at most, by default as many as a pane has use for.
        """
        from cwtui.explain.background import digest_of
        from cwtui.explain.findings import LISTED
        from cwtui.explain.whose import told_apart

        chosen = self.view.rows if ids is None else ids
        window = await self._opened()
        scope, chunks, count = self._scope(whole=ids is None), window.columns(chosen), len(chosen)
        if self._against.name:
            baseline, before, more = await self._against.events(self.filters.settled(), window, chosen)
            scope, chunks, count = replace(scope, baseline=baseline), chain(before, chunks), count + more
        apart = told_apart(chunks, self.reader.context)
        return await digest_of(apart, scope, count, LISTED if listed is None else listed)

    async def first_looks(self, ids: NDArray[np.int64] | None = None) -> AsyncGenerator[Digest, None]:
        """What can be said at once of the given rows, or of all that is shown, while `digest` is made.

        First the numbers alone, then from some events of each level; without a baseline, and its `limits`
        say so. None at all where the whole digest comes as soon.
        """
        from cwtui.investigation.glance import glances

        async with aclosing(glances(self, self._scope(whole=ids is None), ids)) as looks:
            async for look in looks:
                yield look

    async def each(self) -> list[str]:
        """For every shown event, in order, the id of its pattern in `digest`."""
        from cwtui.explain.each import pattern_of_each

        window = await self._opened()
        return await asyncio.to_thread(pattern_of_each, window.columns(self.view.rows))

    async def warm_up(self, model: str = "") -> AsyncGenerator[NarrationState, None]:
        """Loads the model that `narrate` would ask, while there is no digest yet."""
        async with aclosing(warmed_up(self.chat, model, self.settings)) as states:
            async for state in states:
                yield state

    async def ask(self, question: str, ids: NDArray[np.int64] | None = None) -> Answer:
        """An answer about the given rows, or all that is shown. Deterministic.

        Code counts where it understands the whole question; else it is the events that speak of it, with a
        digest of them for `narrate`.

        Raises InputError where there is no question, or a very long one.
        """
        chosen = self.view.rows if ids is None else ids
        window, scope = await self._opened(), self._scope(whole=ids is None)
        if not_whole := NOT_WHOLE.get(self.load_state.kind):
            scope = replace(scope, notes=(*scope.notes, not_whole))
        known = Known(scope, self.settings.tzinfo, self._against.name, self.reader.context)
        return await asked(question, window, chosen, known, partial(self.digest, ids))

    async def narrate(
        self, digest: Digest, model: str = "", question: str = ""
    ) -> AsyncGenerator[NarrationState, None]:
        """A model's words about a digest, or for a question about it, as they come.

        The digest stands whatever happens.
        """
        cited = await self.cited(digest)
        states = narrated(self.chat, digest, cited, model, self.settings, question)
        async with aclosing(states):
            async for state in states:
                yield state

    async def report(self, digest: Digest | Answer, redacted: Callable[[str], str] | None = None) -> str:
        """The digest or the answer as Markdown, its citations resolved to events; foreign text.

        Secrets are replaced by `redacted`, else as the settings say.
        """
        from cwtui.explain.whose import rows_told_apart

        rows = rows_told_apart(await self.cited(digest), self.reader.context)
        return markdown_of(digest, rows, redacted or self.redactor())

    def redactor(self) -> Callable[[str], str]:
        """What replaces secrets in what is given out, as the settings say."""
        from cwtui.explain.redact import Redactor

        return Redactor().redact if self.settings.redact else str

    async def export(
        self,
        request: ExportRequest,
        ids: NDArray[np.int64] | None = None,
        report: ExportReport = lambda _: None,
    ) -> ExportResult:
        """Writes the given rows, or all that is shown, to a path or an S3 address; wholly or not at all."""
        # Making the exporter of S3 imports boto3: a third of a second.
        exporter = await asyncio.to_thread(self._exporter_for, request.target)
        from cwtui.explain.redact import Redactor

        redacted = Redactor(pii=request.pii).redact if request.redact else str
        markdown = await self.report(await self.digest(ids), redacted) if request.wants_digest else ""
        window, chosen = await self._opened(), self.view.rows if ids is None else ids
        return await exported(window, chosen, request, exporter, self._about(), markdown, redacted, report)

    async def cited(self, digest: Digest | Answer) -> dict[int, Row]:
        """The events that a digest or an answer rests on, by row id."""
        ids = cited_ids(digest)
        rows = {row.id: row for row in await self.rows([row for row in ids if row >= 0])}
        if (old := [row for row in ids if row < 0]) and digest.scope.baseline is not None:
            rows |= await self._against.rows(digest.scope.baseline, old)
        return rows

    async def cited_before(self, digest: Digest, ids: Sequence[int]) -> list[Row]:
        """Events of the window that a digest compares with, by `~id`, in the order given.

        Raises InputError where that window was replaced.
        """
        if digest.scope.baseline is None:
            return []
        found = await self._against.rows(digest.scope.baseline, list(ids))
        return [found[row] for row in ids]

    async def opened(self) -> Window:
        """The window itself, for reading its columns in a thread."""
        return await self._opened()

    async def event_names(self, digest: Digest | Answer) -> dict[int, str]:
        """The eventId, or `stream@ms` where there is none, of each event that a digest or an answer cites."""
        cited = await self.cited(digest)
        return {row: event.event_id or f"{event.stream}@{event.timestamp}" for row, event in cited.items()}

    def _scope(self, *, whole: bool) -> Scope:
        from cwtui.explain.values import Scope

        start, end = self.span if whole else (0, 0)
        groups = self.query.groups if self.query and whole else ()
        return Scope(groups, start, end, filters=self._conditions(), notes=self.load_state.partial)

    def _about(self) -> About:
        from cwtui.deliver.manifest import About

        return About(self.clock(), query=self._conditions(), partial=self.load_state.partial)

    def _conditions(self) -> str:
        pattern = f"filter pattern {self.query.pattern}" if self.query and self.query.pattern else ""
        return "; ".join(part for part in (pattern, self.filters.where()) if part)
