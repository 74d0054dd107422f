"""A local model through the `ollama` package, with what the package leaves out or leaks mended.

API: https://github.com/ollama/ollama/blob/main/docs/api.md. At the httpx layer below the package:
`truncate` and `shift` are sent as false (else an oversize prompt is cut in silence), redirects are
refused, no key goes to this machine, calls have time limits. `/api/tags` is read raw, because the
package drops the fields that tell a model proxied to another machine from a local one.
"""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from cwtui.core.errors import Card, CwtuiError, DataError, InputError, NetworkError, NotFound, ServiceError
from cwtui.core.ports import ChatDone, ChatRequest, ChatText, ModelInfo
from cwtui.explain.choosing import SUGGESTED_MODEL, check_host, check_model, is_loopback, is_remote

if TYPE_CHECKING:
    import httpx
    import ollama

_CONNECT_SECONDS = 3.0
_CONNECT_HERE_SECONDS = 0.8
"""On this machine a server answers at once or not at all."""
_LIST_SECONDS = 5.0
_FIRST_TOKEN_SECONDS = 120.0
"""Loading a model from disk and reading the prompt come before the first token."""
_NEXT_TOKEN_SECONDS = 30.0
_KEEP_ALIVE = "10m"
_SECONDS = re.compile(r"-?\d+")
_DOCS = "https://docs.ollama.com/quickstart"
_DEFAULT_PORT = 11434


class OllamaChat:
    """`ChatModel` over an Ollama server. Nothing is imported or connected before the first call."""

    def __init__(
        self,
        host: str = "http://127.0.0.1:11434",
        allow_remote: bool = False,
        *,
        keep_alive: str = _KEEP_ALIVE,
        first_token_seconds: float = _FIRST_TOKEN_SECONDS,
        next_token_seconds: float = _NEXT_TOKEN_SECONDS,
        list_seconds: float = _LIST_SECONDS,
    ) -> None:
        self._host = _address(host)
        self._allow_remote = allow_remote
        # Without a unit Ollama takes seconds as a number only.
        self._keep_alive = int(keep_alive) if _SECONDS.fullmatch(keep_alive) else keep_alive
        self._first_token = first_token_seconds
        self._next_token = next_token_seconds
        self._list_seconds = list_seconds
        self._client: ollama.AsyncClient | None = None
        self._http: httpx.AsyncClient | None = None
        self._remote: dict[str, bool] | None = None

    @property
    def host(self) -> str:
        """Where it listens, as a URL."""
        return self._host

    async def models(self) -> Sequence[ModelInfo]:
        """What is installed, by name. Raises NetworkError where nothing answers, DataError for nonsense."""
        check_host(self._host, self._allow_remote)
        # A tenth of a second of imports, which the event loop must not wait for; the package itself is four.
        await asyncio.to_thread(import_module, "httpx")
        with self._mapped():
            async with asyncio.timeout(self._list_seconds):
                response = await self._raw().get("/api/tags")
            if response.is_redirect:
                raise _redirected(self._host)
            if response.status_code != 200:
                raise ServiceError(
                    f"Ollama at {self._host} answered {response.status_code} when asked for its models.",
                    "Look at the log of `ollama serve`.",
                    code="ollama",
                )
            listed = response.json()["models"]
            found = sorted((_model(entry) for entry in listed), key=lambda model: model.name)
        self._remote = {model.name: is_remote(model) for model in found}
        return found

    async def load(self, model: str, context_tokens: int) -> None:
        """Asks for no answer, which loads the model. Cancelling closes the connection.

        Let `context_tokens` be those of the request that follows: another number loads it again. Raises as
        `chat` does.
        """
        check_host(self._host, self._allow_remote)
        await self._check_model(model)
        package = await asyncio.to_thread(import_module, "ollama")
        with self._mapped(model, package.ResponseError):
            async with asyncio.timeout(self._first_token):
                await self._ollama().chat(
                    model=model,
                    messages=[],
                    options={"num_ctx": context_tokens},
                    keep_alive=self._keep_alive,
                )

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatText | ChatDone]:
        """Streams the answer, thinking off, nothing cut in silence. Closing it closes the connection.

        Raises InputError (a remote model, a prompt too long), NotFound (no such model), NetworkError,
        ServiceError, DataError (an answer that breaks off).
        """
        check_host(self._host, self._allow_remote)
        await self._check_model(request.model)
        package = await asyncio.to_thread(import_module, "ollama")
        with self._mapped(request.model, package.ResponseError):
            async with asyncio.timeout(self._first_token):
                stream = await self._ollama().chat(
                    model=request.model,
                    messages=[
                        {"role": "system", "content": request.system},
                        {"role": "user", "content": request.prompt},
                    ],
                    stream=True,
                    think=False,
                    format=cast("Any", request.schema),
                    options={
                        "num_ctx": request.context_tokens,
                        "num_predict": request.max_tokens,
                        "temperature": 0,
                        "seed": 1,
                    },
                    keep_alive=self._keep_alive,
                )
            async with aclosing(cast("AsyncGenerator[ollama.ChatResponse]", stream)) as parts:
                seconds = self._first_token
                while True:
                    async with asyncio.timeout(seconds):
                        part = await anext(parts, None)
                    if part is None:
                        raise DataError("The model's answer broke off.", "Ask again.", code="cut-answer")
                    seconds = self._next_token
                    if text := part.message.content:
                        yield ChatText(text)
                    if part.done:
                        yield ChatDone(
                            part.done_reason or "stop", part.prompt_eval_count or 0, part.eval_count or 0
                        )
                        return

    async def aclose(self) -> None:
        """Closes the connections."""
        client, http = self._client, self._http
        self._client = self._http = None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]
        if http is not None:
            await http.aclose()

    async def _check_model(self, name: str) -> None:
        if self._allow_remote:
            return
        if self._remote is None:
            await self.models()
        check_model(ModelInfo(name, remote=(self._remote or {}).get(name, False)), self._allow_remote)

    def _raw(self) -> httpx.AsyncClient:
        if self._http is None:
            import httpx

            self._http = httpx.AsyncClient(base_url=self._host, **self._options())
        return self._http

    def _ollama(self) -> ollama.AsyncClient:
        if self._client is None:
            import ollama

            self._client = ollama.AsyncClient(host=self._host, **self._options())
        return self._client

    def _options(self) -> dict[str, Any]:
        import httpx

        local = is_loopback(self._host)
        return {
            "timeout": httpx.Timeout(
                connect=_CONNECT_HERE_SECONDS if local else _CONNECT_SECONDS,
                read=self._first_token + 5,
                write=10.0,
                pool=5.0,
            ),
            "follow_redirects": False,
            # A proxy named in the environment would see what is meant for this machine.
            "trust_env": not local,
            "event_hooks": {"request": [_amend_local if local else _amend]},
        }

    @contextmanager
    def _mapped(self, model: str = "", *refused: type[ollama.ResponseError]) -> Iterator[None]:
        """What httpx and the package (`refused`) raise, as ours."""
        import httpx

        try:
            yield
        except CwtuiError:
            raise
        except refused as error:
            raise _of_response(error, model, self._host) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise _not_running(self._host) from error
            raise NetworkError(
                f"The model at {self._host} did not answer in time.",
                "A smaller model answers sooner; `ollama ps` shows what is loaded.",
                code="model-timeout",
            ) from error
        except (httpx.ConnectError, ConnectionError) as error:
            raise _not_running(self._host) from error
        except httpx.HTTPError as error:
            raise NetworkError(
                f"The connection to the model at {self._host} broke: {error or type(error).__name__}.",
                "Ask again.",
                code="model-connection",
            ) from error
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise DataError(
                f"What answers at {self._host} does not speak Ollama's protocol.",
                "See what listens there, and OLLAMA_HOST.",
                code="model-answer",
            ) from error


async def _amend(request: httpx.Request) -> None:
    """Adds to `/api/chat` what the package has no parameter for."""
    if request.url.path.endswith("/api/chat"):
        import httpx

        body = json.loads(request.content)
        body.update(truncate=False, shift=False)
        content = json.dumps(body).encode()
        request.stream = httpx.ByteStream(content)
        request.headers["content-length"] = str(len(content))


async def _amend_local(request: httpx.Request) -> None:
    request.headers.pop("authorization", None)
    await _amend(request)


def _address(host: str) -> str:
    """A URL with scheme and port, as Ollama itself reads OLLAMA_HOST; 0.0.0.0 is where a server binds."""
    text = host.strip().rstrip("/") or f"127.0.0.1:{_DEFAULT_PORT}"
    bare = "://" not in text
    try:
        split = urlsplit(f"http://{text}" if bare else text)
        port = split.port or (_DEFAULT_PORT if bare else {"http": 80, "https": 443}.get(split.scheme))
    except ValueError as error:
        raise InputError(f"'{host}' is not the address of a model server.", code="host") from error
    if port is None:
        raise InputError(
            f"'{host}' is not the address of a model server.",
            "Write it like http://127.0.0.1:11434.",
            code="host",
        )
    name = split.hostname or "127.0.0.1"
    if name in ("0.0.0.0", "::"):
        name = "127.0.0.1"
    return f"{split.scheme}://{f'[{name}]' if ':' in name else name}:{port}{split.path.rstrip('/')}"


def _model(entry: dict[str, Any]) -> ModelInfo:
    details = entry.get("details") or {}
    return ModelInfo(
        name=str(entry.get("name") or entry["model"]),
        parameters=str(details.get("parameter_size") or ""),
        size_bytes=int(entry.get("size") or 0),
        remote=bool(entry.get("remote_host") or entry.get("remote_model")),
        context_tokens=int(details.get("context_length") or 0),
    )


def _of_response(error: ollama.ResponseError, model: str, host: str) -> CwtuiError:
    text = str(error.error)[:300]
    if error.status_code == 404:
        missing = NotFound(f"The model {model} is not installed.", f"ollama pull {model}", code="model")
        return missing.with_card(Card(text, f"ollama pull {shlex.quote(model)}", docs=_DOCS))
    if 300 <= error.status_code < 400:
        return _redirected(host)
    if "context" in text and ("exceed" in text or "longer" in text or "length" in text):
        return InputError(
            "The prompt is longer than the model's context.",
            "Narrow the window, or choose another model.",
            code="context",
        )
    said = text.rstrip(". \n")
    return ServiceError(f"The model failed: {said}.", "Look at the log of `ollama serve`.", code="ollama")


def _not_running(host: str) -> NetworkError:
    error = NetworkError(
        f"Ollama is not running at {host}.",
        f"Start it with `ollama serve`, then `ollama pull {SUGGESTED_MODEL}`.",
        code="ollama",
    )
    return error.with_card(Card("Nothing takes a connection there.", "ollama serve", docs=_DOCS))


def _redirected(host: str) -> NetworkError:
    return NetworkError(
        f"The model server at {host} sends its callers elsewhere; that is not followed.",
        "See what listens there, and OLLAMA_HOST.",
        code="model-redirect",
    )
