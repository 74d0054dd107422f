"""The smallest fix as text, to be copied: nothing here is ever applied."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cwtui.access.doctor.findings import Fix
from cwtui.access.packs import Condition, Requirement
from cwtui.access.policy_formats import Addition, addition_as_cfn, addition_as_cli, addition_as_tf
from cwtui.core.naming import named
from cwtui.core.permissions import ANY, Permission

_SESSION = re.compile(r"arn:[\w-]+:sts::\d+:assumed-role/([^/]+)/")
_USER = re.compile(r"arn:[\w-]+:iam::\d+:user/(?:.*/)?([^/]+)$")
_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}$")


def of_group(group: str) -> dict[str, str]:
    """A group for the templates: one that goes by its ARN brings its account and region along."""
    account, region, name = named(group)
    told = {"group": name, "account": account, "region": region}
    return {key: value for key, value in told.items() if value}


def filled(row: Permission, names: Mapping[str, str]) -> list[str]:
    """The resources of a row as ARNs; what is not known stays as `<name>`, place and prefix as `*`."""
    return [_fill(template, names) for template in row.resources]


def slug(feature: str) -> str:
    """`read log events` as an id: `read-log-events`."""
    return "".join(one if one.isalnum() else "-" for one in feature.lower().replace("'", ""))


def allowing(rows: Iterable[Permission], names: Mapping[str, str], principal: str, policy_name: str) -> Fix:
    """What lets a principal do these rows; `principal` is an ARN, or empty where it is not known."""
    needed = [
        Requirement(row.action, tuple(filled(row, names)), row.without, condition=_condition(row, names))
        for row in rows
        if not row.free
    ]
    if user := _USER.match(principal):
        return fix_of(needed, policy_name, user=user[1])
    session = _SESSION.match(principal)
    return fix_of(needed, policy_name, role=session[1] if session else "")


def fix_of(needed: Sequence[Requirement], policy_name: str, *, role: str = "", user: str = "") -> Fix:
    """An inline policy with just these for a role or a user that is there, in each format.

    `policy_name` must be one that is not taken: putting a policy replaces that of the same name.
    """
    if not needed:
        return Fix()
    if permission_set := _PERMISSION_SET.match(role):
        # AWS refuses every change of such a role: it is made from the permission set.
        document = shlex.quote(json.dumps(policy(needed)))
        return Fix(
            cli="aws sso-admin put-inline-policy-to-permission-set --instance-arn '<instance>' "
            f"--permission-set-arn '<of {permission_set[1]}>' --inline-policy {document}"
        )
    added = Addition(policy(needed), policy_name, user or role or "<role>", user=bool(user))
    return Fix(addition_as_cli(added), addition_as_cfn(added), addition_as_tf(added))


def policy(needed: Iterable[Requirement]) -> dict[str, Any]:
    """A policy document: one statement for all actions on the same resources."""
    statements: dict[tuple[tuple[str, ...], Condition | None], list[str]] = {}
    for one in needed:
        statements.setdefault((one.resources, one.condition), []).append(one.action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": sorted(set(actions)),
                "Resource": list(resources),
                **({"Condition": {condition[0]: {condition[1]: list(condition[2])}}} if condition else {}),
            }
            for (resources, condition), actions in statements.items()
        ],
    }


def _condition(row: Permission, names: Mapping[str, str]) -> Condition | None:
    if row.condition is None:
        return None
    operator, key, values = row.condition
    return operator, key, tuple(_fill(value, names) for value in values)


def _fill(template: str, names: Mapping[str, str]) -> str:
    known = {"partition": "aws", "region": ANY, "account": ANY, "prefix": "", "role_name": ANY}
    known |= {name: value for name, value in names.items() if value}
    for name in ("group", "bucket", "role", "key"):
        known.setdefault(name, f"<{name}>")
    return template.format_map(known)
