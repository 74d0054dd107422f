"""The least IAM policy for what is wanted: statements with their own Sid, for one partition.

Limits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cwtui.access.arns import Arn, Groups
from cwtui.access.packs import Requirement, names_in
from cwtui.core.permissions import ANY, filled_condition

Document = dict[str, Any]

MANAGED_LIMIT = 6_144
INLINE_LIMIT = 10_240
"""Characters of a policy of its own and of all inline policies of a role; white space does not count."""
GUARDED = tuple(
    f"logs:{verb}*"
    for verb in ("Associate", "Create", "Delete", "Disassociate", "Put", "Tag", "Untag", "Update")
)
"""What the guard denies: each action that changes a log group, its events or what reads them."""
_KINDS = {"key": "Key", "prefix": "Objects", "bucket": "Bucket"}
_TYPE = re.compile(r"[:/](policy|delivery(?:-source|-destination)?|knowledge-base)[:/]\*$")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the statements are about."""

    groups: tuple[Groups, ...] = (Groups("*"),)
    partition: str = "aws"
    region: str = ANY
    account: str = ANY
    bucket: str = ""
    prefix: str = ""
    """Ends in a slash, or is empty."""
    key: Arn | None = None
    role: str = ""
    """The ARN of a role to take on."""
    role_name: str = ANY
    """A role to look at."""

    def names(self) -> dict[str, str]:
        """The names known beside those of the groups."""
        known = {"bucket": self.bucket, "key": str(self.key or ""), "role": self.role}
        return {
            "partition": self.partition,
            "region": self.region,
            "account": self.account,
            "prefix": self.prefix,
            "role_name": self.role_name,
            **{name: value for name, value in known.items() if value},
        }


@dataclass(frozen=True, slots=True)
class Need:
    """A requirement of a feature, somewhere."""

    feature: str
    requirement: Requirement
    scope: Scope


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, and what its reader should know."""

    document: Document
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Characters as IAM counts them."""
        return size_of(self.document)


@dataclass
class _Open:
    """A statement being gathered."""

    sid: str
    resources: tuple[str, ...]
    condition: Mapping[str, Any] | None
    actions: list[str] = field(default_factory=list)


def policy_of(needs: Iterable[Need], *, guard: bool = False, notes: Sequence[str] = ()) -> Policy:
    """The policy that allows the needs and nothing else; what needs a name that is not known is left out.

    `guard` adds a Deny of all that changes CloudWatch Logs.
    """
    gathered: dict[tuple[object, ...], _Open] = {}
    for need in needs:
        resources = _resources(need)
        if not resources:
            continue
        condition = _condition(need)
        key = (need.feature, resources, json.dumps(condition))
        sid = need.feature.title().replace("-", "") + _kind(need.requirement)
        statement = gathered.setdefault(key, _Open(sid, resources, condition))
        if need.requirement.action not in statement.actions:
            statement.actions.append(need.requirement.action)
    statements = [_statement(one) for one in gathered.values()]
    _number(statements)
    if guard:
        statements.append({"Sid": "DenyChanges", "Effect": "Deny", "Action": list(GUARDED), "Resource": ANY})
    document = {"Version": "2012-10-17", "Statement": statements}
    return Policy(document, (*notes, *_too_long(document)))


def size_of(document: Mapping[str, Any]) -> int:
    """The characters of a document as IAM counts them."""
    return len("".join(json.dumps(document, ensure_ascii=False).split()))


def _too_long(document: Document) -> tuple[str, ...]:
    size = size_of(document)
    if size > INLINE_LIMIT:
        return (
            f"The policy has {size:,} characters: IAM takes {INLINE_LIMIT:,} in the inline policies of a "
            f"role and {MANAGED_LIMIT:,} in a managed one. Name the groups by fewer patterns.",
        )
    if size > MANAGED_LIMIT:
        return (
            f"The policy has {size:,} characters, and a managed policy at most {MANAGED_LIMIT:,}: "
            "put it into the role as an inline policy, or name the groups by fewer patterns.",
        )
    return ()


def _resources(need: Need) -> tuple[str, ...]:
    known = need.scope.names()
    found: dict[str, None] = {}
    for template in need.requirement.resources:
        if "group" in names_in(template):
            found.update((template.format_map(groups.names()), None) for groups in need.scope.groups)
        elif names_in(template) <= known.keys():
            found[template.format_map(known)] = None
    return tuple(sorted(found, key=lambda arn: (arn.removesuffix(":*"), arn)))


def _condition(need: Need) -> Mapping[str, Any] | None:
    given = need.requirement.condition
    if given is None:
        return None
    names = need.scope.names()
    if need.scope.key is not None:
        # A key serves buckets of its own region.
        names["region"] = need.scope.key.region
    return filled_condition(given, names)


def _kind(requirement: Requirement) -> str:
    template = requirement.resources[0]
    if kind := _TYPE.search(template):
        return kind[1].title().replace("-", "")
    names = names_in(template)
    if "group" in names:
        return "Streams" if template.endswith(":log-stream:*") else "Groups"
    return next((kind for name, kind in _KINDS.items() if name in names), "")


def _statement(one: _Open) -> Document:
    statement: Document = {
        "Sid": one.sid,
        "Effect": "Allow",
        "Action": one.actions,
        "Resource": ANY if one.resources == (ANY,) else list(one.resources),
    }
    if one.condition is not None:
        statement["Condition"] = one.condition
    return statement


def _number(statements: Sequence[Document]) -> None:
    """A Sid is used once in a policy."""
    seen: dict[str, int] = {}
    for statement in statements:
        sid = statement["Sid"]
        seen[sid] = seen.get(sid, 0) + 1
        if seen[sid] > 1:
            statement["Sid"] = f"{sid}{seen[sid]}"
