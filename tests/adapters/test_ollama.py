"""OllamaChat against a small real server on loopback that speaks Ollama's NDJSON."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from cwtui.adapters.ollama import OllamaChat
from cwtui.core.errors import DataError, InputError, NetworkError, NotFound, ServiceError
from cwtui.core.ports import ChatDone, ChatRequest, ChatText

REQUEST = ChatRequest("qwen2.5:3b", "explain", "digest 1", 100, 4096)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TAGS = {
    "models": [
        {"name": "qwen2.5:3b", "size": 1_900_000_000, "details": {"parameter_size": "3.1B"}},
        {"name": "gpt-oss:120b", "size": 10, "remote_host": "https://ollama.com", "remote_model": "gpt-oss"},
        {"name": "big:480b-cloud", "size": 10, "details": None},
    ]
}


class FakeOllama:
    """Serves `/api/tags`, and `/api/chat` by a handler that a test gives."""

    def __init__(self) -> None:
        self.url = ""
        self.chats: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.disconnected = asyncio.Event()
        self.answer: Handler = self.good
        self.tags: Handler = self.listed

    async def listed(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(TAGS)

    async def good(self, request: web.Request) -> web.StreamResponse:
        if not self.chats[-1]["messages"]:
            return web.json_response({**_said("", True), "done_reason": "load"})
        return await _lines(
            request,
            [_said("Orders "), _said("fail."), {**_said("", True), "prompt_eval_count": 70, "eval_count": 3}],
        )

    async def on_tags(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        return await self.tags(request)

    async def on_chat(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        self.chats.append(await request.json())
        return await self.answer(request)


def _said(text: str, done: bool = False) -> dict[str, Any]:
    part: dict[str, Any] = {"model": "m", "message": {"role": "assistant", "content": text}, "done": done}
    return {**part, "done_reason": "stop"} if done else part


async def _lines(request: web.Request, parts: list[dict[str, Any]], tail: bytes = b"") -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    for part in parts:
        await response.write(json.dumps(part).encode() + b"\n")
    if tail:
        await response.write(tail)
    await response.write_eof()
    return response


@pytest.fixture
async def server() -> AsyncIterator[FakeOllama]:
    fake = FakeOllama()
    app = web.Application()
    app.router.add_get("/api/tags", fake.on_tags)
    app.router.add_post("/api/chat", fake.on_chat)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def chat(server: FakeOllama) -> AsyncIterator[OllamaChat]:
    model = OllamaChat(server.url)
    yield model
    await model.aclose()


async def asked(chat: OllamaChat, request: ChatRequest = REQUEST) -> list[ChatText | ChatDone]:
    async with aclosing(chat.chat(request)) as answer:  # type: ignore[type-var]
        return [fragment async for fragment in answer]


async def test_an_answer_comes_in_fragments_and_ends_with_its_counts(chat: OllamaChat) -> None:
    assert await asked(chat) == [ChatText("Orders "), ChatText("fail."), ChatDone("stop", 70, 3)]


async def test_the_request_asks_for_nothing_to_be_cut_and_no_thinking(
    chat: OllamaChat, server: FakeOllama
) -> None:
    await asked(chat)
    sent = server.chats[0]
    assert (sent["truncate"], sent["shift"], sent["think"], sent["stream"]) == (False, False, False, True)
    assert sent["options"]["num_ctx"] == 4096
    assert sent["options"]["num_predict"] == 100
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert sent["keep_alive"]


async def test_no_key_is_sent_to_this_machine(server: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "not-for-loopback")
    chat = OllamaChat(server.url)
    await asked(chat)
    await chat.aclose()
    assert len(server.headers) == 2
    assert all("not-for-loopback" not in str(headers) for headers in server.headers)


async def test_models_are_listed_and_remote_ones_flagged(chat: OllamaChat) -> None:
    models = {model.name: model for model in await chat.models()}
    assert models["qwen2.5:3b"].parameters == "3.1B"
    assert not models["qwen2.5:3b"].remote
    assert models["gpt-oss:120b"].remote


@pytest.mark.parametrize("name", ["gpt-oss:120b", "big:480b-cloud"])
async def test_a_model_that_runs_elsewhere_gets_no_prompt(
    chat: OllamaChat, server: FakeOllama, name: str
) -> None:
    with pytest.raises(InputError, match="another machine"):
        await asked(chat, ChatRequest(name, "s", "p"))
    assert server.chats == []


async def test_a_remote_model_is_asked_where_that_was_allowed(server: FakeOllama) -> None:
    chat = OllamaChat(server.url, allow_remote=True)
    assert (await asked(chat, ChatRequest("gpt-oss:120b", "s", "p")))[-1] == ChatDone("stop", 70, 3)
    await chat.aclose()


async def test_a_missing_model_names_the_command(chat: OllamaChat, server: FakeOllama) -> None:
    async def missing(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "model 'qwen2.5:3b' not found"}, status=404)

    server.answer = missing
    with pytest.raises(NotFound) as caught:
        await asked(chat)
    assert caught.value.hint == "ollama pull qwen2.5:3b"


async def test_an_oversize_prompt_is_an_error_and_not_cut(chat: OllamaChat, server: FakeOllama) -> None:
    async def too_long(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "input exceeds the context length"}, status=400)

    server.answer = too_long
    with pytest.raises(InputError, match="longer than the model's context"):
        await asked(chat)


async def test_an_error_in_the_middle_keeps_what_came_before_it(chat: OllamaChat, server: FakeOllama) -> None:
    async def breaking(request: web.Request) -> web.StreamResponse:
        return await _lines(request, [_said("Orders "), {"error": "out of memory"}])

    server.answer = breaking
    seen: list[ChatText | ChatDone] = []

    async def listen() -> None:
        async for fragment in chat.chat(REQUEST):
            seen.append(fragment)  # noqa: PERF401

    with pytest.raises(ServiceError, match="out of memory"):
        await listen()
    assert seen == [ChatText("Orders ")]


@pytest.mark.parametrize("tail", [b'{"message": {"role": "assist', b"", b"[1]\n", b"<html>busy</html>\n"])
async def test_an_answer_that_breaks_off_or_is_no_answer_is_an_error(
    chat: OllamaChat, server: FakeOllama, tail: bytes
) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        return await _lines(request, [_said("Orders ")], tail)

    server.answer = cut
    with pytest.raises(DataError):
        await asked(chat)


async def test_cancelling_a_slow_first_token_disconnects(chat: OllamaChat, server: FakeOllama) -> None:
    reached = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        reached.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            server.disconnected.set()
            raise
        return web.Response()

    server.answer = slow
    task = asyncio.create_task(asked(chat))
    await asyncio.wait_for(reached.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.disconnected.wait(), 5)


async def test_leaving_in_the_middle_disconnects(chat: OllamaChat, server: FakeOllama) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(json.dumps(_said("and ")).encode() + b"\n")
                await asyncio.sleep(0.01)
        except (asyncio.CancelledError, ConnectionError):
            server.disconnected.set()
            raise

    server.answer = endless
    answer = chat.chat(REQUEST)
    await anext(answer)
    await answer.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(server.disconnected.wait(), 5)


async def test_silence_between_tokens_ends_with_an_error(server: FakeOllama) -> None:
    async def stalls(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(json.dumps(_said("Orders ")).encode() + b"\n")
        await asyncio.sleep(30)
        return response

    server.answer = stalls
    chat = OllamaChat(server.url, next_token_seconds=0.1)
    with pytest.raises(NetworkError, match="did not answer in time"):
        await asked(chat)
    await chat.aclose()


async def test_nobody_listening_says_how_to_start_it() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chat = OllamaChat(f"http://127.0.0.1:{port}")
    with pytest.raises(NetworkError, match="not running") as caught:
        await chat.models()
    assert "ollama serve" in caught.value.hint
    with pytest.raises(NetworkError, match="not running"):
        await asked(chat)
    await chat.aclose()


async def test_a_redirect_is_refused(chat: OllamaChat, server: FakeOllama) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("http://models.example.org/api/chat")

    server.answer = elsewhere
    with pytest.raises(NetworkError, match="not followed"):
        await asked(chat)
    server.tags = elsewhere
    with pytest.raises(NetworkError, match="not followed"):
        await chat.models()


async def test_another_program_on_the_port_is_an_error(chat: OllamaChat, server: FakeOllama) -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>hello</html>", content_type="text/html")

    server.tags = page
    with pytest.raises(DataError, match="does not speak"):
        await chat.models()


async def test_another_host_is_refused_unless_allowed() -> None:
    with pytest.raises(InputError, match="not this computer"):
        await OllamaChat("http://models.example.org:11434").models()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("localhost:8080", "http://localhost:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("https://models.example.org", "https://models.example.org:443"),
        ("http://[::1]:11434/", "http://[::1]:11434"),
        ("", "http://127.0.0.1:11434"),
    ],
)
def test_the_host_is_read_as_ollama_reads_it(given: str, url: str) -> None:
    assert OllamaChat(given).host == url


@pytest.mark.parametrize("given", ["ftp://x", "http://x:port", "http://[::1"])
def test_a_host_that_is_none_is_bad_input(given: str) -> None:
    with pytest.raises(InputError):
        OllamaChat(given)


async def test_loading_asks_for_no_answer_and_for_the_context_that_the_request_will_have(
    server: FakeOllama,
) -> None:
    chat = OllamaChat(server.url, keep_alive="300")
    try:
        await chat.load("qwen2.5:3b", 4096)
        await asked(chat)
    finally:
        await chat.aclose()
    warm, request = server.chats
    assert (warm["messages"], warm["stream"]) == ([], False)
    # A number without a unit is one of seconds; another num_ctx would load the model once more.
    assert (warm["keep_alive"], warm["options"]["num_ctx"]) == (300, request["options"]["num_ctx"])
    assert request["keep_alive"] == 300


async def test_a_load_that_is_cancelled_closes_its_connection(chat: OllamaChat, server: FakeOllama) -> None:
    begun = asyncio.Event()

    async def never(request: web.Request) -> web.StreamResponse:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            server.disconnected.set()
        raise AssertionError

    server.answer = never
    load = asyncio.ensure_future(chat.load("qwen2.5:3b", 4096))
    await begun.wait()
    load.cancel()
    async with asyncio.timeout(2):
        await server.disconnected.wait()


async def test_a_model_elsewhere_is_not_loaded_either(chat: OllamaChat, server: FakeOllama) -> None:
    with pytest.raises(InputError, match="another machine"):
        await chat.load("gpt-oss:120b", 4096)
    with pytest.raises(InputError, match="another machine"):
        await chat.load("big:480b-cloud", 4096)
    assert server.chats == []
