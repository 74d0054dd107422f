"""The command line in a process of its own, and a small recording to run it on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
    """Runs a command to its end, its output in pipes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cwtui",
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
