"""`whoami`, `keys`, `themes` and `config`: who is asking, and how cwtui is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.running import run
from cwtui.core.errors import CwtuiError
from cwtui.core.models import Context
from cwtui.core.shipped import shipped
from cwtui.core.text import printable
from cwtui.core.timespec import iso
from cwtui.settings import (
    SETTING_NAMES,
    cache_dir,
    config_dir,
    config_file,
    contexts_file,
    known_keys,
    state_dir,
)
from cwtui.wiring import Services

WHOAMI_KEYS = (
    "context",
    "account",
    "alias",
    "principal",
    "region",
    "profile",
    "provider",
    "expires",
    "offline",
    "allowWrite",
)


@click.command("whoami")
@common
@click.pass_context
def whoami_command(context: click.Context, /, **given: Any) -> None:
    """Say which account, principal and region is used."""
    remember(context, given)
    settings = settings_of(context)

    async def work(services: Services) -> None:
        answers = await services.whoami_of_all()
        failed = [answer for answer in answers if isinstance(answer, CwtuiError)]
        if len(failed) == len(answers):
            raise failed[0]
        for error in failed:
            say(error.message, error.hint)
        alias = await services.learn_alias()
        with Output(settings, context.obj.get("output")) as output:
            for found in answers:
                if isinstance(found, Context):
                    record = _who(found, alias)
                    lines = [f"{key:<11} {printable(str(value)) or '-'}" for key, value in record.items()]
                    output.record(record, WHOAMI_KEYS, "\n".join(lines))

    run(settings, work)


def _who(found: Context, alias: str) -> dict[str, object]:
    values = (
        found.name,
        found.account,
        alias,
        found.principal,
        found.region,
        found.profile,
        found.provider,
        "" if found.expires is None else iso(found.expires),
        found.offline,
        found.allow_write,
    )
    return dict(zip(WHOAMI_KEYS, values, strict=True))


@click.command("keys")
@common
@click.pass_context
def keys_command(context: click.Context, /, **given: Any) -> None:
    """Print every key, and the id by which the config file changes it."""
    from cwtui.core.keymap import key_rows

    remember(context, given)
    settings = settings_of(context)
    keys = ("id", "keys", "where", "help")
    with Output(settings, context.obj.get("output")) as output:
        for row in key_rows(settings.keymap):
            record = dict(zip(keys, (row.id, row.keys, row.where, row.help), strict=True))
            output.record(record, keys, f"{row.keys:<22} {row.where:<10} {row.help:<58} {row.id}")


@click.command("themes")
@common
@click.pass_context
def themes_command(context: click.Context, /, **given: Any) -> None:
    """List the themes and the files they come from."""
    remember(context, given)
    settings = settings_of(context)
    with Output(settings, context.obj.get("output")) as output:
        for folder in (shipped("themes"), config_dir() / "themes"):
            for path in sorted(folder.glob("*.toml")):
                record = {"name": path.stem, "path": str(path)}
                output.record(record, ("name", "path"), f"{path.stem:<20} {printable(str(path))}")


@click.command("config")
@common
@click.pass_context
def config_command(context: click.Context, /, **given: Any) -> None:
    """Show the settings in force, the keys of the config file, and where the files are."""
    remember(context, given)
    settings = settings_of(context)
    files: dict[str, Path] = {
        "config": config_file(),
        "contexts": contexts_file(),
        "cache": cache_dir(),
        "state": state_dir(),
    }
    keys = ("name", "value")
    with Output(settings, context.obj.get("output")) as output:
        for name, path in files.items():
            _show(output, f"{name} path", str(path), keys)
        for name in SETTING_NAMES:
            value = getattr(settings, name)
            if name == "aliases":
                value = {alias: list(groups) for alias, groups in value.items()}
            _show(output, name, dict(value) if name == "keymap" else value, keys)
        known = ", ".join(f"[{section}] {key}" for section, key in known_keys())
        _show(output, "keys of the file", f"{known}, [keymap] ID, [aliases] NAME", keys)


def _show(output: Output, name: str, value: Any, keys: tuple[str, str]) -> None:
    output.record({"name": name, "value": value}, keys, f"{name:<20} {printable(str(value))}")
