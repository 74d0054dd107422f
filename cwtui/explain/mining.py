"""The miner off the event loop: in a thread while there is little, in a process of its own beyond that.

Mining in a thread makes keys wait for the interpreter; a low-priority process does not. The process is this
module run by `-m`: pickled calls of `Mined` in, an answer with its length ahead out for each that gives one.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cwtui.core.errors import DataError
from cwtui.core.models import Columns
from cwtui.explain.pattern_table import Mined, PatternTable

THREAD_EVENTS = 20_000
"""Above so many events the work goes to the process."""
_LENGTH = 8
_QUIET = ("add",)
"""What is called for no answer."""


class Mining:
    """One miner and what is asked of it. Not thread-safe: use it on one event loop; end it with `aclose`.

    Once it is ended, or its process has died (killed, out of memory), whatever is asked raises DataError.
    """

    def __init__(self, *, apart: bool) -> None:
        """`apart`: in a process of its own."""
        self.apart = apart
        self._lock = asyncio.Lock()
        self._mined = Mined()
        self._process: Process | None = None
        self._asked: set[asyncio.Future[Any]] = set()
        self._closed = False

    async def add(self, events: Columns) -> None:
        """Takes events; what no template needs is not sent."""
        await self._ask("add", replace(events, accounts=(), regions=(), event_ids=(), raws=()))

    async def table(self, start: int, end: int) -> PatternTable:
        """The patterns now, their events counted over `[start, end)` ms."""
        return cast(PatternTable, await self._ask("table", start, end))

    async def examples(self, key: int, at_most: int) -> NDArray[np.int64]:
        """Row ids of events of a pattern of the last table, drawn evenly; none where it is gone."""
        return cast("NDArray[np.int64]", await self._ask("examples", key, at_most))

    async def others(self, key: int, at_most: int) -> list[tuple[str, str]]:
        """(template, message) of other patterns of the same level."""
        return cast("list[tuple[str, str]]", await self._ask("others", key, at_most))

    async def slots(self, key: int, samples: Sequence[tuple[int, str]]) -> tuple[str, ...]:
        """What stands in the slots of a pattern of the last table; `samples`: (row id, message) of events."""
        return cast("tuple[str, ...]", await self._ask("slots", key, list(samples)))

    async def aclose(self) -> None:
        """Ends the process, whatever it does."""
        self._closed = True
        for task in self._asked:
            task.cancel()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _ask(self, verb: str, *values: Any) -> Any:
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
                    work: Callable[..., Any] = getattr(self._mined, verb)
                    return await asyncio.to_thread(work, *values)
                return await self._told(verb, values)
            except (OSError, asyncio.IncompleteReadError) as error:
                self._closed = True
                raise DataError(
                    "The process that looks for patterns has ended.", "ctrl+r begins again.", code="patterns"
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
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        return self._process


def main() -> None:
    """The process: does what it is told until nobody tells it more."""
    os.nice(10)
    mined = Mined()
    out = sys.stdout.buffer
    while True:
        try:
            verb, values = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer = getattr(mined, verb)(*values)
        if verb not in _QUIET:
            packed = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
            out.write(len(packed).to_bytes(_LENGTH, "big") + packed)
            out.flush()


if __name__ == "__main__":
    main()
