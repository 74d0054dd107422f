"""A model's words beside a digest: chosen, asked, streamed, and shown only as far as they are verified.

The answer is foreign text. It never replaces the digest; what code cannot verify (`explain.verify`) is
dropped and counted. A failure is a state with a sentence and a way out, not an exception.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import StrEnum

from cwtui.core.errors import CwtuiError
from cwtui.core.ports import ChatDone, ChatModel, ModelInfo
from cwtui.explain.choosing import away, check_host, choose_model, is_small
from cwtui.explain.prompt import (
    MAX_CLAIMS,
    Prompt,
    again_of,
    context_of,
    prompt_of,
    small_prompts_of,
)
from cwtui.explain.values import Digest, spread
from cwtui.explain.verify import Claim, Flaw, Verifier

_BLANKS = 200
"""White space in a row after which a model is taken to be looping."""
_ANSWER_LIMIT = 8_000
_READ_LEAST = 0.5
"""Part of the estimated tokens; a server that read fewer has cut the prompt."""
_OPENING = re.compile(r'\{\s*"(?:claims?|cites)"\s*:')
_CUT = "The answer was cut short."
_ENDLESS = "The model did not come to an end and was stopped."


class Stage(StrEnum):
    """Where a narration stands."""

    CONNECTING = "connecting"
    LOADING = "loading"
    READY = "ready"
    """Loaded, and not asked anything yet."""
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One verified sentence of the answer, with what it rests on; foreign text."""

    text: str
    cites: tuple[str, ...]
    """Ids of patterns."""
    events: tuple[int, ...] = ()
    """Row ids of what it cites."""


@dataclass(frozen=True, slots=True)
class NarrationState:
    """What to show now. `sentences` are verified; `text` is what came so far, as it came: foreign."""

    stage: Stage
    model: str = ""
    text: str = ""
    sentences: tuple[Sentence, ...] = ()
    dropped: int = 0
    """Claims left out because code could not verify them."""
    message: str = ""
    """When failed, one sentence saying why; when done, what to mind, or empty."""
    hint: str = ""
    """The command or setting that mends it."""
    redacted: int = 0
    withheld: int = 0
    away: str = ""
    """Where the prompt goes when that is not this computer: to be shown. Else empty."""

    prompt: str = ""
    """What was sent, or would be: all of it; foreign text."""
    again: bool = False
    """The model is asked, or was, to say once more what could not be verified."""

    @property
    def verified(self) -> str:
        """`verified 4 of 5`; empty before the first claim."""
        claims = len(self.sentences) + self.dropped
        return f"verified {len(self.sentences)} of {claims}" if claims else ""


async def narrate(
    chat: ChatModel,
    digest: Digest,
    exemplars: Mapping[str, Sequence[str]],
    *,
    wanted: str = "",
    allow_remote: bool = False,
    redacting: bool = True,
    nonce: str = "",
    question: str = "",
) -> AsyncGenerator[NarrationState, None]:
    """Asks a model to put a digest into words; closing the iterator stops the model.

    `exemplars` are whole messages by pattern id; `question` is what the words shall answer. The last state
    is DONE or FAILED. Raises nothing of the adapter's: errors become a FAILED state.
    """
    yield NarrationState(Stage.CONNECTING, wanted)
    state = NarrationState(Stage.FAILED, wanted)
    try:
        check_host(chat.host, allow_remote)
        model = choose_model(await chat.models(), wanted, allow_remote)
        prompts = prompts_for(model, digest, exemplars, redacting=redacting, nonce=nonce, question=question)
        state = NarrationState(
            Stage.LOADING,
            model.name,
            redacted=sum(prompt.redacted for prompt in prompts),
            withheld=sum(prompt.withheld for prompt in prompts),
            away=away(chat.host, model),
            prompt=_written(prompts),
        )
        yield state
        for prompt in prompts:
            async with aclosing(_answered(chat, prompt, digest, state, redacting)) as answer:
                async for state in answer:
                    yield state
        yield _ended(state)
    except CwtuiError as error:
        failed = replace(state, stage=Stage.FAILED, message=error.message, hint=error.hint)
        if not failed.prompt and error.code != "context":
            asked = prompts_for(
                ModelInfo(wanted), digest, exemplars, redacting=redacting, nonce=nonce, question=question
            )
            failed = replace(failed, prompt=_written(asked))
        yield failed


async def warm_up(
    chat: ChatModel, *, wanted: str = "", allow_remote: bool = False
) -> AsyncGenerator[NarrationState, None]:
    """Loads the model that `narrate` would ask, while there is no digest yet; closing the iterator ends it.

    The last state is READY or FAILED. Nothing of any log is sent.
    """
    yield (state := NarrationState(Stage.CONNECTING, wanted))
    try:
        check_host(chat.host, allow_remote)
        model = choose_model(await chat.models(), wanted, allow_remote)
        yield (state := NarrationState(Stage.LOADING, model.name, away=away(chat.host, model)))
        await chat.load(model.name, context_of(model))
        yield replace(state, stage=Stage.READY)
    except CwtuiError as error:
        yield replace(state, stage=Stage.FAILED, message=error.message, hint=error.hint)


def prompts_for(
    model: ModelInfo,
    digest: Digest,
    exemplars: Mapping[str, Sequence[str]],
    *,
    redacting: bool = True,
    nonce: str = "",
    question: str = "",
) -> tuple[Prompt, ...]:
    """What a model is asked: the whole digest at once, or one finding at a time below `SMALL` parameters.

    So small a model is not asked the question: it can say no more than a finding does.

    Raises InputError where it does not fit the model's context.
    """
    fence = nonce or secrets.token_hex(8)
    context = context_of(model)
    if is_small(model) and digest.findings:
        return small_prompts_of(digest, fence, model=model.name, context_tokens=context, redacting=redacting)
    return (
        prompt_of(
            digest,
            exemplars,
            fence,
            model=model.name,
            context_tokens=context,
            redacting=redacting,
            question=question,
        ),
    )


async def _answered(
    chat: ChatModel, prompt: Prompt, digest: Digest, before: NarrationState, redacting: bool
) -> AsyncGenerator[NarrationState, None]:
    """The states while one prompt is answered, and once more for what could not be verified of the answer."""
    reading, state = _Reading(prompt, digest), before
    async with aclosing(_answer(chat, prompt, reading, before)) as answer:
        async for state in answer:
            yield state
    if state.message or not reading.refused:
        return
    again = again_of(prompt, digest, reading.refused, redacting=redacting)
    if again is None:
        return
    sent = f"{before.prompt}\n\n{again.text}"
    yield (state := replace(state, prompt=sent, again=True))
    async with aclosing(_answer(chat, again, reading, replace(before, prompt=sent, again=True))) as answer:
        async for more in answer:
            yield more


async def _answer(
    chat: ChatModel, prompt: Prompt, reading: _Reading, before: NarrationState
) -> AsyncGenerator[NarrationState, None]:
    """The states while one prompt is answered, all WRITING, on top of those of the prompts before."""
    text, note = "", _CUT
    async with aclosing(_closable(chat, prompt)) as fragments:
        async for fragment in fragments:
            if isinstance(fragment, ChatDone):
                note = _note(fragment, prompt)
                break
            text += fragment
            if len(text) - len(text.rstrip()) > _BLANKS or len(text) > _ANSWER_LIMIT:
                note = _ENDLESS
                break
            yield _with(before, text, reading.read(text), "")
    yield _with(before, text, reading.read(text), note)


async def _closable(chat: ChatModel, prompt: Prompt) -> AsyncGenerator[str | ChatDone, None]:
    """The fragments of an answer; a generator, so that closing it closes the call."""
    stream = chat.chat(prompt.request)
    try:
        async for fragment in stream:
            yield fragment if isinstance(fragment, ChatDone) else fragment.text
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()


class _Reading:
    """Reads the claims of one answer as it grows, and judges each once."""

    def __init__(self, prompt: Prompt, digest: Digest) -> None:
        self._prompt = prompt
        self._digest = digest
        self._verifier = Verifier(digest, prompt.shown)
        self._judged: dict[Claim, Sentence | Flaw] = {}

    def read(self, text: str) -> tuple[tuple[Sentence, ...], int]:
        """The verified sentences of a text, and how many claims were not."""
        for claim in claims_in(text, self._prompt.cites):
            if claim not in self._judged:
                flaw = self._verifier.flaw(claim)
                self._judged[claim] = self._sentence(claim) if flaw is None else flaw
        kept = tuple(found for found in self._judged.values() if isinstance(found, Sentence))
        return kept, len(self._judged) - len(kept)

    @property
    def refused(self) -> list[tuple[str, tuple[str, ...], str]]:
        """(sentence, what it cited, why it is not shown) of each that is not."""
        return [
            (claim.text, claim.cites, str(found))
            for claim, found in self._judged.items()
            if isinstance(found, Flaw)
        ]

    def _sentence(self, claim: Claim) -> Sentence:
        patterns: list[str] = []
        events: list[int] = []
        rows = {pattern.id: pattern.events for pattern in self._digest.patterns}
        for cite in claim.cites:
            if cite.startswith("F"):
                finding = self._digest.findings[int(cite[1:]) - 1]
                patterns += finding.patterns
                events += finding.events
            else:
                patterns.append(cite)
                events += rows.get(cite, ())
        return Sentence(
            self._verifier.rendered(claim),
            tuple(dict.fromkeys(patterns)),
            spread(list(dict.fromkeys(events))),
        )


def claims_in(text: str, cites: tuple[str, ...] = ()) -> list[Claim]:
    """The claims of an answer, whole or cut: those objects of it that are whole, at most `MAX_CLAIMS`.

    `cites` are what a claim rests on that was not asked to cite. Prose holds none.
    """
    claims: list[Claim] = []
    decoder = json.JSONDecoder()
    opening = _OPENING.search(text)
    while opening is not None and len(claims) < MAX_CLAIMS:
        try:
            found, end = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            end = opening.end()
        else:
            several = found.get("claims")
            for each in several if isinstance(several, list) else [found]:
                if isinstance(each, dict) and isinstance(each.get("claim"), str):
                    named = each.get("cites")
                    said = tuple(str(cite) for cite in named) if isinstance(named, list) else ()
                    claims.append(Claim(" ".join(each["claim"].split()), cites or said))
        opening = _OPENING.search(text, end)
    return claims[:MAX_CLAIMS]


def _with(
    before: NarrationState, text: str, read: tuple[tuple[Sentence, ...], int], note: str
) -> NarrationState:
    sentences, dropped = read
    # A small model asked of three findings may say the same of two.
    told = {sentence.text for sentence in before.sentences}
    sentences = tuple(sentence for sentence in sentences if sentence.text not in told)
    return replace(
        before,
        stage=Stage.WRITING,
        text=text,
        sentences=(*before.sentences, *sentences),
        dropped=before.dropped + dropped,
        message=before.message or note,
    )


def _ended(state: NarrationState) -> NarrationState:
    if state.sentences:
        return replace(state, stage=Stage.DONE)
    if state.dropped:
        message = "Nothing that the model said could be verified."
        return replace(state, stage=Stage.DONE, message=state.message or message)
    return replace(
        state,
        stage=Stage.FAILED,
        message=state.message or "The model did not answer in the form that it was asked for.",
        hint="Ask again, or another model (`ollama list`).",
    )


def _written(prompts: Sequence[Prompt]) -> str:
    return "\n\n".join(prompt.text for prompt in prompts)


def _note(done: ChatDone, prompt: Prompt) -> str:
    if done.reason != "stop":
        return "The answer was cut at its length limit."
    if 0 < done.prompt_tokens < _READ_LEAST * prompt.tokens:
        return "The server may have cut the prompt: it read fewer tokens than were sent."
    return ""
