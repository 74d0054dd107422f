"""Asks for a code of an MFA device on the terminal: the question on stderr, the answer from stdin."""

from __future__ import annotations

import asyncio
import sys

from cwtui.cli.output import say
from cwtui.core.ports import AskMfa, MfaQuestion


def terminal_asker() -> AskMfa | None:
    """The way to ask, or None where nobody sits at a terminal."""
    return _ask if _is_terminal(sys.stdin) and _is_terminal(sys.stderr) else None


async def _ask(question: MfaQuestion) -> str:
    if question.refused:
        say(question.refused.strip())
    who = f"the profile '{question.profile}'" if question.profile else "the role"
    say(f"{who} asks for a code of {question.device}.")
    sys.stderr.write("MFA code: ")
    sys.stderr.flush()
    await _something_written()
    return sys.stdin.readline().strip().replace(" ", "")


async def _something_written() -> None:
    """Waits for a line in the loop: a blocking read would hold an interrupt back until Enter."""
    loop = asyncio.get_running_loop()
    written = asyncio.Event()
    loop.add_reader(sys.stdin, written.set)
    try:
        await written.wait()
    finally:
        loop.remove_reader(sys.stdin)


def _is_terminal(stream: object) -> bool:
    # A program started without one has None here.
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())
