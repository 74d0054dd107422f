"""Digests and answers off the event loop: in a thread while small, in a process of its own beyond that.

A Python thread over many events makes keys wait for the interpreter; a low-priority process does
not. The process is this module run by `-m`: pickled columns in, one pickled result out.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Event
from typing import BinaryIO, TypeVar

from cwtui.core.models import Columns
from cwtui.explain.digest import build_digest
from cwtui.explain.findings import LISTED
from cwtui.explain.values import Digest, Scope

T = TypeVar("T")
THREAD_EVENTS = 20_000
"""Above so many events the work goes to the process."""


async def digest_of(chunks: Iterable[Columns], scope: Scope, count: int, listed: int = LISTED) -> Digest:
    """`build_digest` of `count` events, without holding the loop. Cancelling ends the work."""
    return await read_over(chunks, count, partial(build_digest, scope=scope, listed=listed))


async def read_over(chunks: Iterable[Columns], count: int, work: Callable[[Iterable[Columns]], T]) -> T:
    """What `work` makes of `count` events, without holding the loop. Cancelling ends it.

    `work` is a function of a module, or a `functools.partial` of one: it may have to go to the process.
    """
    if count > THREAD_EVENTS:
        return await _in_process(iter(chunks), work)
    cancelled = Event()
    try:
        return await asyncio.to_thread(work, _until(chunks, cancelled))
    finally:
        cancelled.set()


def _until(chunks: Iterable[Columns], cancelled: Event) -> Iterator[Columns]:
    """The chunks until nobody waits for what is made of them."""
    for chunk in chunks:
        if cancelled.is_set():
            return
        yield chunk


async def _in_process(chunks: Iterator[Columns], work: Callable[[Iterable[Columns]], T]) -> T:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the folder one stands in may hold a numpy.py
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(pickle.dumps(work))
        while (packed := await asyncio.to_thread(_next_packed, chunks)) is not None:
            process.stdin.write(packed)
            await process.stdin.drain()
        process.stdin.close()
        answer = await process.stdout.read()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    made: T = pickle.loads(answer)
    return made


def _next_packed(chunks: Iterator[Columns]) -> bytes | None:
    chunk = next(chunks, None)
    return None if chunk is None else pickle.dumps(chunk, protocol=pickle.HIGHEST_PROTOCOL)


def _unpacked(stream: BinaryIO) -> Iterator[Columns]:
    while True:
        try:
            yield pickle.load(stream)
        except EOFError:
            return


def main() -> None:
    """The process: what to do and columns from stdin, what that makes to stdout."""
    os.nice(10)
    source = sys.stdin.buffer
    work = pickle.load(source)
    sys.stdout.buffer.write(pickle.dumps(work(_unpacked(source))))


if __name__ == "__main__":
    main()
