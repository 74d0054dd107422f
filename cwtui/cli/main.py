"""The command line: finds the command, loads only its module, and ends with an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from cwtui import __version__
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.running import INTERRUPTED, exit_code_of, keep_logs_off_the_terminal, wants_records
from cwtui.core.errors import InputError
from cwtui.wiring import RunTui, Services, Start

_MODULES = {
    "groups": "browse",
    "streams": "browse",
    "events": "events",
    "tail": "tail",
    "patterns": "explain",
    "summarize": "explain",
    "invocations": "invocations",
    "export": "keep",
    "open": "keep",
    "sink-test": "sink",
    "whoami": "access",
    "contexts": "contexts",
    "doctor": "doctor",
    "iam-policy": "iam_policy",
    "keys": "access",
    "themes": "access",
    "config": "access",
}


class _Commands(click.Group):
    """Imports a command's module only when that command runs: `cwtui` itself starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _MODULES.get(cmd_name)
        if module is None:
            return None
        command = getattr(import_module(f"cwtui.cli.{module}"), f"{cmd_name.replace('-', '_')}_command")
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="cwtui")
@common
@click.pass_context
def cwtui(context: click.Context, /, **given: Any) -> int:
    """Explore AWS CloudWatch Logs from the terminal.

    Without a command, the terminal explorer opens. `cwtui --mock` needs no AWS.
    """
    remember(context, given)
    if context.invoked_subcommand is None:
        return start_tui(context, Start())
    return 0


def start_tui(context: click.Context, start: Start) -> int:
    """Opens the terminal explorer; its exit code. Raises InputError where there is no terminal for it."""
    settings = settings_of(context)
    _need_a_terminal()
    keep_logs_off_the_terminal(settings)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Until the explorer draws, which sets its own, there is nothing to give back or to save.
        signal.signal(number, lambda *_: os._exit(INTERRUPTED))
    run_tui: RunTui = context.find_root().meta["cwtui.run_tui"]
    services = Services(settings)
    services.begin_reading()
    return run_tui(services, start)


def _need_a_terminal() -> None:
    # The explorer reads keys from 0 and draws on 2; with 1 in a pipe, what reads it would wait for ever.
    if not all(os.isatty(descriptor) for descriptor in (0, 1, 2)):
        raise InputError(
            "The explorer needs a terminal: its input or output is a pipe or a file.",
            "The commands work in pipes: cwtui events --help",
            code="terminal",
        )
    if os.environ.get("TERM") == "dumb":
        raise InputError(
            "The explorer cannot draw on this terminal: TERM is dumb.",
            "Set TERM to what the terminal is, such as xterm-256color, or use a command: cwtui --help",
            code="terminal",
        )


def main(run_tui: RunTui, arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (`sys.argv` by default) and gives its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)

    def command() -> object:
        with cwtui.make_context("cwtui", given) as context:
            context.meta["cwtui.run_tui"] = run_tui
            return cwtui.invoke(context)

    return exit_code_of(command, as_record=wants_records(given))
