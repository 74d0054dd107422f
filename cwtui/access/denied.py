"""Reads AWS's access-denied sentence: who, what, on which resource, and which policy said no.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cwtui.core.permissions import TABLE, Permission, permission, smallest_statement

_DENIED = re.compile(
    r"(?:User|Principal)?:?\s*(?P<principal>arn:\S+|anonymous|\S+)\s+is not authorized to perform:?\s*"
    r"(?P<action>[A-Za-z0-9-]+:[A-Za-z0-9*]+)"
    r"(?:\s+on resource:?\s*\"?(?P<resource>[^\s\"]+)\"?)?(?P<context>.*)",
    re.DOTALL,
)
_EXPLICIT = re.compile(
    r"with an explicit deny in (?:an?|the) (?P<policy>[\w\s-]+?)(?: policy|)(?::?\s*arn:\S+)?"
    r"(?:\s+transitively.*)?\.?$"
)
_IMPLICIT = re.compile(r"because no (?P<policy>[\w\s-]+?)(?: policy)? allows the")
_TRUST = re.compile(r"because the role trust policy")
_GROUP_ARN = re.compile(
    r"arn:(?P<partition>[\w-]+):logs:(?P<region>[^:]*):(?P<account>\d*):log-group:(?P<group>[^:]+)"
)
# Policies that somebody above the account decides: no statement of ours mends them.
_ORGANISATION = ("service control", "resource control")
_LONGEST = 8_192


@dataclass(frozen=True, slots=True)
class Denial:
    """What the sentence says; empty where it does not."""

    principal: str = ""
    action: str = ""
    resource: str = ""
    policy: str = ""
    """`identity-based`, `resource-based`, `session`, `permissions boundary`, `service control`, ..."""
    explicit: bool = False


def read_denial(message: str) -> Denial | None:
    """The parts of an access-denied message, or None for the bare `Access Denied`."""
    found = _DENIED.search(message[:_LONGEST])
    if found is None:
        return None
    context = " ".join(found["context"].split())
    explicit = _EXPLICIT.search(context)
    reason = explicit or _IMPLICIT.search(context)
    policy = reason["policy"] if reason else "role trust" if _TRUST.search(context) else ""
    return Denial(found["principal"], found["action"], found["resource"] or "", policy, explicit is not None)


def hint_for(denial: Denial | None, service: str, operation: str, group: str = "") -> str:
    """What to do about it: the smallest statement to add, or whom to ask."""
    row = _row(denial, service, operation)
    if denial is not None and denial.policy in _ORGANISATION:
        return f"A {denial.policy} policy of your organisation forbids it: ask whoever administers it."
    if denial is not None and denial.explicit:
        return (
            f"An explicit deny in a {denial.policy} policy wins over every allow: it has to be lifted there."
        )
    if row is None:
        return "Ask for this action, or use another profile or role."
    names = {"group": group}
    if denial is not None and (told := _GROUP_ARN.match(denial.resource)):
        names = told.groupdict()
    if denial is not None and row.operation == "AssumeRole":
        statement = smallest_statement(row, role=denial.resource)
        return (
            f"Your policy needs {statement}, and the role's trust policy must name you (and the external id)."
        )
    where = f"the {denial.policy} policy" if denial is not None and denial.policy else "your policy"
    return f"To {row.feature}, {where} needs: {smallest_statement(row, **names)}"


def _row(denial: Denial | None, service: str, operation: str) -> Permission | None:
    if denial is not None:
        for row in TABLE:
            if row.action.lower() == denial.action.lower():
                return row
    return permission(service, operation)
