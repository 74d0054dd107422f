"""`doctor role` and `doctor compare`: what a role may do, held against what a task needs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from cwtui.access.contexts import find_context, read_contexts, settings_for
from cwtui.access.doctor import role_text
from cwtui.access.doctor.door import AwsDoor
from cwtui.access.doctor.fixes import of_group
from cwtui.access.doctor.roles import (
    RoleReport,
    compare,
    hold_against,
    inline_policy,
    read_role,
    simulate_role,
)
from cwtui.access.doctor.text import fix_text
from cwtui.access.packs import PACKS, Pack, pack
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import say, show, terminal_width
from cwtui.cli.running import run
from cwtui.core.errors import CwtuiError, InputError, PermissionDenied
from cwtui.core.text import SafeText, printable
from cwtui.settings import Settings
from cwtui.wiring import Services

Command = TypeVar("Command", bound=Callable[..., Any])

FORMS = ("cli", "cfn", "tf")
_COLOURS = {"present": "32", "missing": "1;31", "denied": "1;31", "conditional": "33"}


def _asking(command: Command) -> Command:
    """The options of both: what is required, and where."""
    for option in reversed(
        (
            click.option(
                "--require",
                "pack_name",
                default="reader",
                show_default=True,
                metavar="PACK",
                help=f"What the role should be able to do: {', '.join(PACKS)}, sink.",
            ),
            click.option("--group", default="", metavar="NAME", help="The log groups it is about; else all."),
            click.option("--bucket", default="", metavar="NAME", help="The bucket of exports."),
            click.option("--key", default="", metavar="ARN", help="The KMS key of that bucket."),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class _Asked:
    pack: Pack
    names: dict[str, str]


@click.command("role")
@click.argument("name")
@_asking
@click.option("--policy", default="", metavar="NAME", help="Say, too, whether it has this inline policy.")
@click.option("--simulate", is_flag=True, help="Ask IAM's policy simulator, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("cli", "cfn", "tf")),
    default="cli",
    help="How the addition is written.",
)
@common
@click.pass_context
def role_command(
    context: click.Context,
    /,
    name: str,
    pack_name: str,
    group: str,
    bucket: str,
    key: str,
    policy: str,
    simulate: bool,
    form: str,
    **given: Any,
) -> int:
    """Hold the policies of the role NAME against a pack of permissions, and print what is missing.

    Inline and attached policies and the permissions boundary are read; nothing is changed. Exit code 4:
    something is missing. 5: there is no such role.
    """
    settings, output = _settings(context, given)
    asked = _asked(pack_name, group, bucket, key)
    ended = 0

    async def work(services: Services) -> None:
        nonlocal ended
        report = await _report(services, name, asked)
        if simulate:
            try:
                report = await simulate_role(_door(services), report)
            except CwtuiError as error:
                # What the policies say stands without it.
                say(f"IAM's simulator could not be asked: {error.message}", error.hint)
        ended = 0 if report.complete else PermissionDenied.exit_code
        if output == "json":
            record = role_text.role_record(report, services.context.name)
            if policy:
                record["policy"] = {"name": policy, "present": inline_policy(report.role, policy)}
            show(json.dumps(record))
            return
        _print(settings, role_text.role_lines(report, terminal_width()))
        if policy:
            there = "has" if inline_policy(report.role, policy) else "does not have"
            show(f"\nThe role {there} an inline policy '{printable(policy)}'.")
        if text := fix_text(role_text.fix_for(report), form):
            show("\nThe smallest addition:\n")
            for line in text.splitlines():
                show(printable(line))

    run(settings, work)
    return ended


@click.command("compare")
@click.argument("left", metavar="ROLE[@CONTEXT]")
@click.argument("right", metavar="ROLE[@CONTEXT]")
@_asking
@common
@click.pass_context
def compare_command(
    context: click.Context,
    /,
    left: str,
    right: str,
    pack_name: str,
    group: str,
    bucket: str,
    key: str,
    **given: Any,
) -> int:
    """Hold two roles against the same pack, side by side: what works in one place and not in the other.

    Exit code 4: one of them lacks something.
    """
    settings, output = _settings(context, given)
    asked = _asked(pack_name, group, bucket, key)
    ended = 0

    async def work(services: Services) -> None:
        nonlocal ended
        reports = []
        async with AsyncExitStack() as stack:
            for named in (left, right):
                role, where = _placed(named, services)
                if where is not services:
                    stack.push_async_callback(where.aclose)
                reports.append((where.context.name, await _report(where, role, asked)))
        rows = compare(reports[0][1], reports[1][1])
        ended = 0 if all(report.complete for _, report in reports) else PermissionDenied.exit_code
        if output == "json":
            show(json.dumps(role_text.compare_record(reports, rows)))
            return
        _print(settings, role_text.compare_lines(left, right, rows))

    run(settings, work)
    return ended


def _settings(context: click.Context, given: dict[str, Any]) -> tuple[Settings, str]:
    remember(context, given)
    output = context.obj.get("output") or "text"
    if output not in ("text", "json"):
        raise click.UsageError("It prints text or json.")
    return settings_of(context), output


def _asked(pack_name: str, group: str, bucket: str, key: str) -> _Asked:
    found = pack(pack_name)
    if found is None:
        raise InputError(f"There is no pack '{pack_name}'.", f"Packs: {', '.join(PACKS)}.", code="pack")
    bucket = bucket.removeprefix("s3://").partition("/")[0]
    return _Asked(found, {**of_group(group.removesuffix(":*")), "bucket": bucket, "key": key})


def _placed(named: str, services: Services) -> tuple[str, Services]:
    """A role, and the services of the context behind its `@`. Raises InputError."""
    role, at, name = named.rpartition("@")
    if not at:
        return named, services
    if not role or not name:
        raise InputError(f"'{named}' is no ROLE@CONTEXT.", "Write it like AppRole@prod.", code="role")
    contexts = read_contexts()
    settings = settings_for(services.settings, find_context(name, contexts), contexts=contexts)
    there = Services(settings, services.clock)
    there.ask_mfa = services.ask_mfa
    return role, there


async def _report(services: Services, name: str, asked: _Asked) -> RoleReport:
    role = await read_role(_door(services), name)
    place = await _door(services).place()
    names = {"region": place.region, **{key: value for key, value in asked.names.items() if value}}
    return hold_against(role, asked.pack, names)


def _door(services: Services) -> AwsDoor:
    door = services.calls
    if door is None:
        raise InputError(
            "Recordings are read here: there is no IAM to ask about a role.",
            "Leave --mock and --from out.",
            code="offline",
        )
    return door


def _print(settings: Settings, lines: Iterable[tuple[str, SafeText]]) -> None:
    terminal = sys.stdout.isatty()
    coloured = settings.color == "always" or (settings.color == "auto" and terminal)
    for state, line in lines:
        mark = len(line.split(" ", 1)[0]) if coloured and state in _COLOURS else 0
        show((f"\x1b[{_COLOURS[state]}m{line[:mark]}\x1b[0m" if mark else "") + line[mark:])
