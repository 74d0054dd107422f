"""`contexts`: every place that `--context` takes, the last used first. Asks nobody: it reads files alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import click

from cwtui.access.contexts import Contexts
from cwtui.access.destinations import Destination, destinations
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output
from cwtui.core.errors import InputError
from cwtui.core.text import SafeText, printable
from cwtui.core.timespec import iso

KEYS = (
    "context",
    "kind",
    "account",
    "alias",
    "regions",
    "members",
    "role",
    "profile",
    "production",
    "allowWrite",
    "expires",
    "lastUsed",
    "note",
)
_ALSO_IN_THE_PICKER = ("demo", "files")
"""Not named by `--context`, but by `--mock` and `--from`."""


@click.command("contexts")
@common
@click.pass_context
def contexts_command(context: click.Context, /, **given: Any) -> None:
    """List the contexts: those of contexts.toml and the profiles of the AWS configuration.

    Nothing is asked of AWS; account and alias are those that the files, or an earlier run, know.
    """
    remember(context, given)
    settings = settings_of(context)
    problem: InputError | None = None
    try:
        found = destinations(settings)
    except InputError as error:
        # A file that is wrong costs its contexts; the profiles are there all the same.
        problem, found = error, destinations(settings, contexts=Contexts())
    places = [place for place in found if place.kind not in _ALSO_IN_THE_PICKER]
    now = time.time_ns() // 1_000_000
    with Output(settings, context.obj.get("output")) as output:
        widths = [max((len(cell(place)) for place in places), default=0) for cell in _CELLS]
        for place in places:
            output.record(context_record(place), KEYS, _line(place, widths, now))
    if problem is not None:
        raise problem


def context_record(place: Destination) -> dict[str, Any]:
    """A context as JSON; every member is always there. Times are ISO 8601, empty where there is none."""
    spec = place.spec
    return {
        "context": place.name,
        "kind": place.kind,
        "account": place.account,
        "alias": place.alias,
        "regions": list(place.regions),
        "members": list(spec.members) if spec is not None else [],
        "role": spec.role_arn if spec is not None else "",
        "profile": (spec.profile or spec.source_profile) if spec is not None else "",
        "production": place.guarded,
        "allowWrite": place.writes,
        "expires": "" if place.expires is None else iso(place.expires),
        "lastUsed": iso(place.last_used) if place.last_used else "",
        "note": spec.note if spec is not None else "",
    }


def _name(place: Destination) -> SafeText:
    return printable(place.name)


def _kind(place: Destination) -> SafeText:
    return printable(place.kind)


def _account(place: Destination) -> SafeText:
    return printable(f"{place.account} {place.alias}".strip())


def _where(place: Destination) -> SafeText:
    members = place.spec.members if place.spec is not None else ()
    return printable(", ".join(members or place.regions))


_CELLS = (_name, _kind, _account, _where)


def _line(place: Destination, widths: Sequence[int], now: int) -> str:
    told = [f"{cell(place):<{width}}" for cell, width in zip(_CELLS, widths, strict=True)]
    more = [
        "production" if place.guarded else "",
        "writes" if place.writes else "",
        "" if place.expires is None or place.expires > now else "login ended",
        str(printable(place.spec.note)) if place.spec is not None else "",
    ]
    return "  ".join([*told, *filter(None, more)]).rstrip()
