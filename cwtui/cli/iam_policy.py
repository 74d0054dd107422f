"""`iam-policy`: the least IAM policy for what is wanted, printed and never applied."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from cwtui.access.arns import PARTITIONS
from cwtui.access.packs import PACKS
from cwtui.access.policy_formats import FORMATS, Made
from cwtui.access.policy_request import Wanted, make_policy
from cwtui.access.policy_trust import TRUSTED, Trust, trust_policy
from cwtui.access.session_calls import Called, read_calls
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import say
from cwtui.core.errors import InputError
from cwtui.core.permissions import AREAS

_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_FEATURES = ", ".join(AREAS)


@click.command("iam-policy")
@common
@click.option("--for", "role", type=click.Choice(("viewer", "app")), help="Who it is for: viewer by default.")
@click.option("--feature", "features", multiple=True, metavar="NAME", help=f"Only these: {_FEATURES}.")
@click.option("--with", "extras", multiple=True, metavar="NAME", help="These features too.")
@click.option("--pack", metavar="NAME", help=f"A pack instead: {', '.join(PACKS)}.")
@click.option("--groups", multiple=True, metavar="PATTERN", help="Log groups: names, patterns or ARNs.")
@click.option("--bucket", metavar="NAME", help="The bucket of exports.")
@click.option("--prefix", metavar="PREFIX", help="The folder of the bucket that exports go to.")
@click.option("--kms-key", metavar="ARN", help="The key that encrypts the bucket.")
@click.option("--account", metavar="ID", help="The account of the log groups.")
@click.option("--partition", type=click.Choice(PARTITIONS), help="That of the region by default.")
@click.option("--guard", is_flag=True, help="Also deny all that changes CloudWatch Logs.")
@click.option("--trust", type=click.Choice(TRUSTED), help="Make a role that these may take on.")
@click.option("--principal", metavar="ARN", help="For --trust user: the user or role, or an account.")
@click.option("--oidc-provider", metavar="ARN", help="For --trust irsa: the cluster's OIDC provider.")
@click.option("--service-account", metavar="NAMESPACE:NAME", help="For --trust irsa.")
@click.option("--from-session", type=click.Path(path_type=Path), help="What a session called (--calls FILE).")
@click.option("--name", metavar="NAME", help="Of the policy and the role.")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default="json", show_default=True)
@click.pass_context
def iam_policy_command(context: click.Context, /, **given: Any) -> None:
    """Print the least IAM policy for what is wanted. Asks nobody and changes nothing.

    \b
    cwtui iam-policy --groups '/aws/lambda/*' --region eu-central-1
    cwtui iam-policy --for app --bucket incidents --prefix cwtui --format tf
    cwtui iam-policy --trust ecs --account 123456789012 --format cli
    """
    rest = remember(context, given)
    settings = settings_of(context)
    wanted = Wanted(
        role=rest["role"] or "",
        features=_names(rest["features"]),
        extras=_names(rest["extras"]),
        pack=rest["pack"] or "",
        groups=_names(rest["groups"]),
        bucket=rest["bucket"] or "",
        prefix=rest["prefix"] or "",
        key=rest["kms_key"] or "",
        role_arn=settings.role_arn,
        account=rest["account"] or "",
        region=settings.region,
        partition=rest["partition"] or "",
        guard=rest["guard"],
        calls=_calls(rest["from_session"]),
    )
    policy, scope = make_policy(wanted)
    trust = None
    if rest["trust"]:
        trust = trust_policy(
            Trust(
                rest["trust"],
                scope.partition,
                scope.region,
                scope.account,
                rest["principal"] or "",
                settings.external_id,
                rest["oidc_provider"] or "",
                rest["service_account"] or "",
            )
        )
    elif rest["principal"] or rest["oidc_provider"] or rest["service_account"]:
        raise InputError(
            "There is nobody to trust.", "Say who with --trust user or --trust irsa.", code="trust"
        )
    name = rest["name"] or f"cwtui-{wanted.pack or wanted.role or 'viewer'}"
    if not _NAME.fullmatch(name):
        raise InputError(
            f"'{name}' is no name of a role.",
            "It has up to 64 of letters, digits and + = , . @ _ -.",
            code="name",
        )
    made = Made(policy, name, trust, profile_for_ec2=rest["trust"] == "ec2")
    sys.stdout.write(FORMATS[rest["form"]](made))
    if rest["form"] == "json":
        for note in policy.notes:
            say(note)


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for one in given for name in one.split(",") if name.strip())


def _calls(path: Path | None) -> tuple[Called, ...] | None:
    if path is None:
        return None
    try:
        with path.open(encoding="utf-8") as file:
            return read_calls(file)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Record one: cwtui --calls FILE.",
            code="calls",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is no text.", "Give a file that cwtui --calls FILE wrote.", code="calls"
        ) from error
