"""Runs one command's coroutine with its services, and turns every end into an exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

import click

from cwtui.cli.mfa import terminal_asker
from cwtui.cli.output import say, say_error, say_record
from cwtui.core.errors import CwtuiError, InputError, StorageFull
from cwtui.settings import Settings, state_dir
from cwtui.wiring import Services

INTERRUPTED = 130
BUG = 1


def run(settings: Settings, work: Callable[[Services], Awaitable[None]]) -> None:
    """Makes the services, does the work, closes what was opened."""
    for warning in settings.warnings:
        say(warning)
    keep_logs_off_the_terminal(settings)

    async def main() -> None:
        services = Services(settings)
        services.ask_mfa = terminal_asker()
        try:
            await work(services)
        finally:
            await services.aclose()

    asyncio.run(main())


def exit_code_of(command: Callable[[], object], *, as_record: bool = False) -> int:
    """Runs a command line to its end; no failure leaves a traceback on the terminal.

    A failure is told on stderr: in words, or as one line of JSON (`as_record`).
    """
    tell = say_record if as_record else say_error
    try:
        result = command()
        sys.stdout.flush()
    except CwtuiError as error:
        tell(error)
        return error.exit_code
    except click.UsageError as error:
        help_of = error.ctx.command_path if error.ctx else "cwtui"
        tell(InputError(error.format_message(), f"Try: {help_of} --help", code="usage"))
        return InputError.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, click.Abort, asyncio.CancelledError):
        with suppress(OSError):
            sys.stdout.flush()
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our pipe has what it wanted. Python would flush into it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        failure = _system_failure(error)
        tell(failure)
        return failure.exit_code
    except Exception:
        told = f"a bug of ours ended the command; the traceback is in {record_bug()}."
        tell(CwtuiError(told, "Please report it."))
        return BUG
    return result if isinstance(result, int) else 0


def wants_records(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, even one that cannot be understood."""
    words = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    chosen = ""
    for word, after in zip(words, [*words, ""][1:], strict=True):
        if word in ("-o", "--output"):
            chosen = after
        elif word.startswith("--output="):
            chosen = word.partition("=")[2]
        elif word.startswith("-o"):
            chosen = word[2:]
    return chosen in ("json", "jsonl")


def _system_failure(error: OSError) -> CwtuiError:
    import errno

    if error.errno == errno.ENOSPC:
        return StorageFull(
            "The disk is full; the output is not whole.",
            "Free some room and run the command again.",
            code="full",
        )
    return InputError(f"{error.strerror or error}: {error.filename or 'the output'}.", code="file")


def record_bug() -> Path:
    """Appends the traceback of the failure in hand, without secrets, to the state folder's log; its path."""
    from cwtui.explain.redact import redact

    with suppress(OSError), _private_log() as log:
        log.write(redact(traceback.format_exc()))
    return state_dir() / "cwtui.log"


def keep_logs_off_the_terminal(settings: Settings) -> None:
    """Libraries log (botocore even tracebacks): into a file with --debug, nowhere without."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    if not settings.debug:
        root.addHandler(logging.NullHandler())
        return
    handler = _PrivateFile(state_dir() / "cwtui.log")
    handler.setFormatter(_Redacting("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)


def _private_log() -> TextIOWrapper:
    """The state folder's log, to append to; nobody but the user may read what it tells of their account."""

    def opener(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)

    path = state_dir() / "cwtui.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    log = open(path, "a", encoding="utf-8", errors="backslashreplace", opener=opener)  # noqa: SIM115
    path.chmod(0o600)
    return log


class _PrivateFile(logging.FileHandler):
    def _open(self) -> TextIOWrapper:
        return _private_log()


class _Redacting(logging.Formatter):
    """A debug log never holds a secret, whoever wrote the line."""

    def format(self, record: logging.LogRecord) -> str:
        from cwtui.explain.redact import redact

        return redact(super().format(record))


async def until(work: Awaitable[None], seconds: float | None) -> None:
    """Awaits the work, ended quietly after so many seconds or by SIGTERM."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await asyncio.wait((task,), timeout=seconds)
    finally:
        # An interrupt cancels us, not the task: it must end before anything it uses is closed.
        task.cancel()
        await asyncio.wait((task,))
    if not task.cancelled():
        task.result()
