"""Signals to end: the program leaves by its own door, and who insists, or waits too long, gets out anyway."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any, TypeVar

Result = TypeVar("Result")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_S = 5.0
"""How long leaving may take once a signal asked for it."""

# Line wrap on; bracketed paste, the four kinds of mouse report, the keyboard protocol, the alternate screen
# and focus reports off; the cursor shown: what Textual switched, the other way round.
_AS_IT_WAS = (
    b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


def run_until_told(
    work: Callable[[], Coroutine[Any, Any, Result]], leave: Callable[[], None], *, grace_s: float = GRACE_S
) -> Result:
    """Runs the work in a loop of its own; at a signal to end it calls `leave` there, which must end the work.

    Raises KeyboardInterrupt once the loop is closed, if a signal ended it. A second signal, or the end of
    the grace, ends the process at once: whatever hangs, the terminal is given back. `signal.signal` and not
    the loop's own handlers, so that this holds while the loop is busy.
    """
    told = False
    attributes = _attributes()

    def out(number: int, frame: FrameType | None) -> None:
        _give_back(attributes)
        os._exit(128 + signal.SIGINT)

    with asyncio.Runner() as runner:
        loop = runner.get_loop()

        def asked(number: int, frame: FrameType | None) -> None:
            nonlocal told
            if told:
                out(number, frame)
            told = True
            signal.setitimer(signal.ITIMER_REAL, grace_s)
            with suppress(RuntimeError):  # the loop is closed already
                loop.call_soon_threadsafe(leave)

        signal.signal(signal.SIGALRM, out)
        for number in SIGNALS:
            signal.signal(number, asked)
        result = runner.run(work())
    signal.setitimer(signal.ITIMER_REAL, 0)
    if told:
        raise KeyboardInterrupt
    return result


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _give_back(attributes: list[Any] | None) -> None:
    # A terminal that is gone needs nothing back.
    with suppress(OSError, termios.error):
        if attributes is not None:
            termios.tcsetattr(0, termios.TCSANOW, attributes)
        os.write(2, _AS_IT_WAS)
