"""Digests off the event loop: in a thread while small, in a process of its own beyond that.

A Python thread over many events makes keys wait for the interpreter; a low-priority process does
not. The process is this module run by `-m`: pickled columns in, one pickled digest out.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from threading import Event
from typing import BinaryIO

from cwtui.core.models import Columns
from cwtui.explain.digest import build_digest
from cwtui.explain.findings import LISTED
from cwtui.explain.values import Digest, Scope

THREAD_EVENTS = 20_000
"""Above so many events the work goes to the process."""


async def digest_of(chunks: Iterable[Columns], scope: Scope, count: int, listed: int = LISTED) -> Digest:
    """`build_digest` of `count` events, without holding the loop. Cancelling ends the work."""
    if count > THREAD_EVENTS:
        return await _in_process(iter(chunks), scope, listed)
    cancelled = Event()
    try:
        return await asyncio.to_thread(build_digest, chunks, scope, listed=listed, cancelled=cancelled.is_set)
    finally:
        cancelled.set()


async def _in_process(chunks: Iterator[Columns], scope: Scope, listed: int) -> Digest:
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
        process.stdin.write(pickle.dumps((scope, listed)))
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
    digest = pickle.loads(answer)
    assert isinstance(digest, Digest)
    return digest


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
    """The process: a scope, how many patterns to list, and columns from stdin, the digest to stdout."""
    os.nice(10)
    source = sys.stdin.buffer
    scope, listed = pickle.load(source)
    sys.stdout.buffer.write(pickle.dumps(build_digest(_unpacked(source), scope, listed=listed)))


if __name__ == "__main__":
    main()
