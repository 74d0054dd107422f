"""The command line, and a small recording to run it on."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cwtui.cli.main import main
from cwtui.wiring import Services, Start
from tests.fakes.terminal import CWTUI

START = 1_795_000_000_000


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


async def cwtui(*arguments: str, env: Mapping[str, str] | None = None) -> Ended:
    """Runs a command line to its end, its output in pipes: all of `main`, without a process of its own."""
    ended = await asyncio.to_thread(_run_here, arguments, env or {})
    assert "Traceback" not in ended.err, ended.err
    return ended


async def process(*arguments: str, env: Mapping[str, str] | None = None) -> Ended:
    """The same in a real process, which costs half a second and may be sent signals (`tail` listens)."""
    process = await asyncio.create_subprocess_exec(
        *CWTUI,
        *arguments,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in err, err.decode()
    return Ended(process.returncode, out.decode(), err.decode())


async def process_until(
    *arguments: str, lines: int, says: str = "", env: Mapping[str, str] | None = None
) -> Ended:
    """The same for what does not end: told to once it has printed so many lines and said something."""
    process = await asyncio.create_subprocess_exec(
        *CWTUI,
        *arguments,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = bytearray(), bytearray()

    async def read(stream: asyncio.StreamReader, into: bytearray) -> None:
        while part := await stream.read(65_536):
            into += part
            if out.count(b"\n") >= lines and says.encode() in err and process.returncode is None:
                process.terminate()

    await asyncio.gather(read(process.stdout, out), read(process.stderr, err))
    code = await process.wait()
    assert b"Traceback" not in err, err.decode()
    return Ended(code, out.decode(), err.decode())


def _run_here(arguments: Sequence[str], env: Mapping[str, str]) -> Ended:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    log = logging.getLogger()
    handlers, level = list(log.handlers), log.level
    with pytest.MonkeyPatch.context() as patched:
        for name, value in env.items():
            patched.setenv(name, value)
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        patched.setattr(sys, "stdin", None)
        try:
            code = main(_no_terminal_face, arguments)
        finally:
            log.handlers[:] = handlers
            log.setLevel(level)
    return Ended(code, _written(out), _written(err))


def _no_terminal_face(services: Services, start: Start) -> int:
    raise AssertionError("a command opened the explorer")


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def record(number: int, message: str, group: str = "/shop/cart", stream: str = "one") -> dict[str, Any]:
    at = START + number * 1000
    return {
        "timestamp": at,
        "ingestionTime": at + 200,
        "logGroup": group,
        "logStream": stream,
        "message": message,
        "eventId": f"id-{number}",
        "account": "111122223333",
        "region": "eu-west-1",
    }


def write_lines(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in records))
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A hundred events in two groups over 100 seconds, every tenth an error."""
    return write_lines(
        tmp_path / "shop.jsonl",
        [
            record(
                number,
                f"ERROR payment {number} failed"
                if number % 10 == 0
                else f"INFO request {number} done in {number} ms",
                "/shop/cart" if number % 2 else "/shop/pay",
            )
            for number in range(100)
        ],
    )
