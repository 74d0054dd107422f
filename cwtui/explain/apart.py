"""A worker off the event loop: in a thread while there is little to do, in a process of its own beyond that.

Python work over many events in a thread makes keys wait for the interpreter; a low-priority process does not.
The process is this module run by `-m` with the worker's module and class: pickled calls in, an answer with
its length ahead out for each that gives one.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from importlib import import_module
from typing import Any

from cwtui.core.errors import DataError

THREAD_EVENTS = 20_000
"""Above so many events the work goes to the process."""
_LENGTH = 8
_QUIET = ("add",)
"""What is called for no answer."""


class Apart:
    """One worker and what is asked of it. Not thread-safe: use it on one event loop; end it with `aclose`.

    Once it is ended, or its process has died (killed, out of memory), whatever is asked raises DataError.
    """

    def __init__(self, worker: Callable[[], object], *, apart: bool, purpose: str, code: str) -> None:
        """`worker` is a class of a module; `purpose` says what it does: `looks for patterns`."""
        self.apart = apart
        self._kind = worker
        self._worker = worker()
        self._purpose, self._code = purpose, code
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._asked: set[asyncio.Future[Any]] = set()
        self._closed = False

    async def aclose(self) -> None:
        """Ends the process, whatever it does."""
        self._closed = True
        for task in self._asked:
            task.cancel()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def ask(self, verb: str, *values: Any) -> Any:
        """Calls the worker's method of that name; what `add` gives is not waited for."""
        task = asyncio.ensure_future(self._answer(verb, values))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        # Who asked may lose interest; an answer left in the pipe would pass for that to the next question.
        return await asyncio.shield(task)

    async def _answer(self, verb: str, values: tuple[Any, ...]) -> Any:
        async with self._lock:
            try:
                if self._closed:
                    raise BrokenPipeError
                if not self.apart:
                    work: Callable[..., Any] = getattr(self._worker, verb)
                    return await asyncio.to_thread(work, *values)
                return await self._told(verb, values)
            except (OSError, asyncio.IncompleteReadError) as error:
                self._closed = True
                raise DataError(
                    f"The process that {self._purpose} has ended.", "ctrl+r begins again.", code=self._code
                ) from error

    async def _told(self, verb: str, values: tuple[Any, ...]) -> Any:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(await asyncio.to_thread(pickle.dumps, (verb, values), pickle.HIGHEST_PROTOCOL))
        await process.stdin.drain()
        if verb in _QUIET:
            return None
        length = int.from_bytes(await process.stdout.readexactly(_LENGTH), "big")
        return await asyncio.to_thread(pickle.loads, await process.stdout.readexactly(length))

    async def _running(self) -> Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the folder one stands in may hold a numpy.py
                "-m",
                __name__,
                self._kind.__module__,
                self._kind.__name__,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        return self._process


def main() -> None:
    """The process: does what it is told until nobody tells it more."""
    os.nice(10)
    module, kind = sys.argv[1:]
    worker = getattr(import_module(module), kind)()
    out = sys.stdout.buffer
    while True:
        try:
            verb, values = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer = getattr(worker, verb)(*values)
        if verb not in _QUIET:
            packed = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
            out.write(len(packed).to_bytes(_LENGTH, "big") + packed)
            out.flush()


if __name__ == "__main__":
    main()
