"""The flags that every command takes, before or after its name, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from cwtui.access.contexts import in_context
from cwtui.core.errors import InputError
from cwtui.settings import SETTING_NAMES, Settings, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("text", "json", "jsonl", "csv", "raw")

_COMMON = (
    click.option(
        "--context",
        metavar="NAME",
        multiple=True,
        help="A context of contexts.toml, or an AWS profile; several are read as one.",
    ),
    click.option("--profile", metavar="NAME", help="AWS profile."),
    click.option("--region", metavar="REGION", help="AWS region; several: a,b."),
    click.option(
        "--linked",
        is_flag=True,
        default=None,
        help="List the log groups of linked accounts, too (monitoring account).",
    ),
    click.option("--role-arn", metavar="ARN", help="Role to assume."),
    click.option("--external-id", metavar="ID", help="External id for the role."),
    click.option("--mfa-serial", metavar="ARN", help="MFA device whose code the role asks for."),
    click.option("--endpoint-url", metavar="URL", help="Talk to this endpoint instead of AWS."),
    click.option("--mock", is_flag=True, default=None, help="The shipped demo recording; no AWS needed."),
    click.option(
        "--from", "from_paths", metavar="PATH", multiple=True, help="A recording or file to read; repeatable."
    ),
    click.option(
        "--allow-write", is_flag=True, default=None, help="Allow what changes things outside this machine."
    ),
    click.option(
        "-o", "--output", type=click.Choice(FORMATS), help="Text for a terminal, jsonl for a pipe by default."
    ),
    click.option("--color", type=click.Choice(("auto", "always", "never")), help="Colours in text output."),
    click.option("--calls", metavar="FILE", help="Record which AWS operations are issued, for iam-policy."),
    click.option("--debug", is_flag=True, default=None, help="Write a debug log to the state folder."),
)


def common(command: Command) -> Command:
    """Adds the common flags."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


def remember(context: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """Moves the common flags of `given` into the context, inner over outer; gives the rest."""
    flags: dict[str, Any] = context.obj if isinstance(context.obj, dict) else {}
    rest = {}
    for name, value in given.items():
        if name not in _NAMES:
            rest[name] = value
        elif value not in (None, ()):
            # Several contexts are one view; their names stand for it.
            flags[name] = ",".join(value) if name == "context" else value
    context.obj = flags
    return rest


def settings_of(context: click.Context) -> Settings:
    """The settings of the flags remembered so far. Raises InputError."""
    flags = {name: value for name, value in context.obj.items() if name in SETTING_NAMES}
    settings = in_context(load_settings(flags), flags)
    if settings.mock and settings.from_paths and "from_paths" not in flags:
        raise InputError("--mock and --from cannot both be the source.", "Give one.", code="source")
    return settings


_NAMES = frozenset(
    {
        "context",
        "profile",
        "region",
        "linked",
        "role_arn",
        "external_id",
        "mfa_serial",
        "endpoint_url",
        "mock",
        "from_paths",
        "allow_write",
        "output",
        "color",
        "calls",
        "debug",
    }
)
