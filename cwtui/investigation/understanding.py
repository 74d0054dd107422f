"""What is found in the rows of a window and kept of them: digest, a model's words, report, export."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

from cwtui.core.models import Row
from cwtui.core.ports import ChatModel, Exporter, ExportReport, ExportResult
from cwtui.investigation.keeping import exemplars_of, export_in_thread
from cwtui.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.deliver.export import ExportRequest
    from cwtui.deliver.manifest import About
    from cwtui.explain.narrate import NarrationState
    from cwtui.explain.values import Digest
    from cwtui.window.window import Window


async def narrated(
    chat: ChatModel | None,
    digest: Digest,
    cited: Mapping[int, Row],
    model: str,
    settings: Settings,
    question: str = "",
) -> AsyncGenerator[NarrationState, None]:
    """A model's words about a digest, or for a question, as they come. The digest stands whatever happens."""
    from cwtui.explain.narrate import NarrationState, Stage, narrate

    if chat is None:
        hint = "Set USE_LLM=true or give --llm."
        yield NarrationState(Stage.FAILED, message="Models are switched off.", hint=hint)
        return
    states = narrate(
        chat,
        digest,
        exemplars_of(digest, cited),
        wanted=model or settings.model,
        allow_remote=settings.allow_remote_model,
        redacting=settings.redact,
        question=question,
    )
    async with aclosing(states):
        async for state in states:
            yield state


async def warmed_up(
    chat: ChatModel | None, model: str, settings: Settings
) -> AsyncGenerator[NarrationState, None]:
    """Loads the model that `narrated` would ask."""
    from cwtui.explain.narrate import warm_up

    if chat is None:
        return
    wanted = model or settings.model
    async with aclosing(warm_up(chat, wanted=wanted, allow_remote=settings.allow_remote_model)) as states:
        async for state in states:
            yield state


async def exported(
    window: Window,
    ids: NDArray[np.int64],
    request: ExportRequest,
    exporter: Exporter,
    about: About,
    markdown: str,
    redacted: Callable[[str], str],
    report: ExportReport,
) -> ExportResult:
    """Writes rows to a path or an S3 address; wholly or not at all."""
    from cwtui.deliver.export import parts_of

    parts = parts_of(request, window.columns(ids), about, markdown, redacted)
    return await export_in_thread(exporter, parts, request.target, report)
