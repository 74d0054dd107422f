"""A model's words beside a digest: chosen, asked, streamed, and checked for what they cite.

The answer is foreign text. It never replaces the digest; sentences that cite a pattern the model was
not shown are dropped and counted. A failure is a state with a sentence and a way out, not an exception.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from cwtui.core.errors import CwtuiError, InputError, NotFound
from cwtui.core.ports import ChatDone, ChatModel, ModelInfo
from cwtui.explain.prompt import Prompt, prompt_of
from cwtui.explain.values import Digest

SUGGESTED_MODEL = "qwen2.5:3b"
_PULL = "ollama pull {name}"
_BLANKS = 200
"""White space in a row after which a model is taken to be looping."""
_ANSWER_LIMIT = 8_000
_SENTENCE = re.compile(r".+?(?:[.!?…](?:\s*\[P\d+(?:\s*,\s*P\d+)*\])*(?=\s|$)|\n|$)", re.DOTALL)
_CITE = re.compile(r"\[(P\d+(?:\s*,\s*P\d+)*)\]")
_EMBEDDING = re.compile(r"embed|bge-|minilm", re.IGNORECASE)
_SIZE = re.compile(r"([\d.]+)\s*([KMBT])", re.IGNORECASE)
_UNIT = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


class Stage(StrEnum):
    """Where a narration stands."""

    CONNECTING = "connecting"
    LOADING = "loading"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer, with the patterns it cites; foreign text."""

    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NarrationState:
    """What to show now. `sentences` are checked; `text` is what came so far, as it came: foreign."""

    stage: Stage
    model: str = ""
    text: str = ""
    sentences: tuple[Sentence, ...] = ()
    dropped: int = 0
    """Sentences left out because they cite what the model was not shown."""
    message: str = ""
    """When failed, one sentence saying why; when done, what to mind, or empty."""
    hint: str = ""
    """The command or setting that mends it."""
    redacted: int = 0
    withheld: int = 0


async def narrate(
    chat: ChatModel,
    digest: Digest,
    exemplars: Mapping[str, Sequence[str]],
    *,
    wanted: str = "",
    allow_remote: bool = False,
    redacting: bool = True,
    nonce: str = "",
) -> AsyncGenerator[NarrationState, None]:
    """Asks a model to put a digest into words; closing the iterator stops the model.

    `exemplars` are whole messages by pattern id. The last state is DONE or FAILED. Raises nothing of the
    adapter's: errors become a FAILED state.
    """
    yield NarrationState(Stage.CONNECTING, wanted)
    state = NarrationState(Stage.FAILED, wanted)
    try:
        check_host(chat.host, allow_remote)
        model = choose_model(await chat.models(), wanted, allow_remote)
        prompt = prompt_of(
            digest, exemplars, nonce or secrets.token_hex(8), model=model.name, redacting=redacting
        )
        state = NarrationState(Stage.LOADING, model.name, redacted=prompt.redacted, withheld=prompt.withheld)
        yield state
        async with aclosing(_answer(chat, prompt, state)) as answer:
            async for state in answer:
                yield state
    except CwtuiError as error:
        yield NarrationState(
            Stage.FAILED, state.model, state.text, state.sentences, state.dropped, error.message, error.hint
        )


async def _answer(
    chat: ChatModel, prompt: Prompt, loading: NarrationState
) -> AsyncGenerator[NarrationState, None]:
    text = ""
    note = "The answer was cut short."
    async with aclosing(_closable(chat, prompt)) as fragments:
        async for fragment in fragments:
            if isinstance(fragment, ChatDone):
                note = _note(fragment, prompt)
                break
            text += fragment
            if len(text) - len(text.rstrip()) > _BLANKS or len(text) > _ANSWER_LIMIT:
                note = "The model did not come to an end and was stopped."
                break
            sentences, dropped = read_answer(_whole(text), prompt.patterns)
            yield _with(loading, Stage.WRITING, text, sentences, dropped, "")
    sentences, dropped = read_answer(text, prompt.patterns)
    if not sentences:
        note = "The model said nothing that could be kept."
    yield _with(loading, Stage.DONE, text, sentences, dropped, note)


async def _closable(chat: ChatModel, prompt: Prompt) -> AsyncGenerator[str | ChatDone, None]:
    """The fragments of an answer; a generator, so that closing it closes the call."""
    stream = chat.chat(prompt.request)
    try:
        async for fragment in stream:
            yield fragment if isinstance(fragment, ChatDone) else fragment.text
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()


def _with(
    loading: NarrationState, stage: Stage, text: str, sentences: tuple[Sentence, ...], dropped: int, note: str
) -> NarrationState:
    return NarrationState(
        stage, loading.model, text, sentences, dropped, note, "", loading.redacted, loading.withheld
    )


def _note(done: ChatDone, prompt: Prompt) -> str:
    if done.reason != "stop":
        return "The answer was cut at its length limit."
    if done.prompt_tokens and done.prompt_tokens < 0.3 * prompt.tokens:
        return "The server may have cut the prompt: it read fewer tokens than were sent."
    return ""


def read_answer(text: str, known: Collection[str]) -> tuple[tuple[Sentence, ...], int]:
    """Sentences that cite only known patterns (or none), and how many others were dropped."""
    kept: list[Sentence] = []
    dropped = 0
    for match in _SENTENCE.finditer(text):
        raw = match.group().strip()
        cites = tuple(
            dict.fromkeys(cite.strip() for group in _CITE.findall(raw) for cite in group.split(","))
        )
        words = " ".join(_CITE.sub(" ", raw).split()).replace(" .", ".")
        if not words.strip(".!?… "):
            if cites and kept and all(cite in known for cite in cites):
                # The citation came after the full stop's space: it belongs to the sentence before.
                kept[-1] = Sentence(kept[-1].text, tuple(dict.fromkeys((*kept[-1].cites, *cites))))
            continue
        if all(cite in known for cite in cites):
            kept.append(Sentence(words, cites))
        else:
            dropped += 1
    return tuple(kept), dropped


def _whole(text: str) -> str:
    """The text up to its last complete sentence: a citation still to come could drop it."""
    end = max(
        (match.end() for match in re.finditer(r"[.!?](?:\s*\[P[\d, P]+\])*\s+(?=[^\s\[])|\n", text)),
        default=0,
    )
    return text[:end]


def check_host(host: str, allow_remote: bool) -> None:
    """Raises InputError where the model's host is another machine and that was not allowed."""
    if not allow_remote and not is_loopback(host):
        raise InputError(
            f"The model's host {host} is not this computer; log text would leave it.",
            "Allow it with allow_remote_model = true under [safety], or unset OLLAMA_HOST.",
            code="remote-model",
        )


def is_loopback(host: str) -> bool:
    """Whether a URL or `host[:port]` names this machine; a name that only resolves to it does not count."""
    name = urlsplit(host if "://" in host else f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def choose_model(models: Sequence[ModelInfo], wanted: str = "", allow_remote: bool = False) -> ModelInfo:
    """The wanted model, or the largest local one.

    Raises NotFound with the command that mends it, InputError for a model that runs elsewhere.
    """
    if wanted:
        found = next((model for model in models if model.name in (wanted, f"{wanted}:latest")), None)
        if found is None:
            raise NotFound(f"The model {wanted} is not installed.", _PULL.format(name=wanted), code="model")
        if is_remote(found) and not allow_remote:
            raise InputError(
                f"The model {found.name} runs on another machine; log text would leave this computer.",
                "Choose a local model, or set allow_remote_model = true under [safety].",
                code="remote-model",
            )
        return found
    able = [model for model in models if not is_remote(model) and not _EMBEDDING.search(model.name)]
    if not able:
        raise NotFound("No local model is installed.", _PULL.format(name=SUGGESTED_MODEL), code="model")
    return max(able, key=lambda model: (_parameters(model), model.size_bytes, model.name))


def is_remote(model: ModelInfo) -> bool:
    """Whether prompts for this model leave the machine, by the server's word or by its name."""
    tag = model.name.rpartition(":")[2]
    return model.remote or tag == "cloud" or tag.endswith("-cloud")


def _parameters(model: ModelInfo) -> float:
    match = _SIZE.match(model.parameters)
    try:
        return float(match.group(1)) * _UNIT[match.group(2).upper()] if match else 0.0
    except ValueError:
        return 0.0
