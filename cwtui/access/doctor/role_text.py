"""What a role has and lacks, as lines of text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cwtui.access.doctor.findings import Fix
from cwtui.access.doctor.fixes import fix_of
from cwtui.access.doctor.roles import Difference, Granted, RoleReport, free_name
from cwtui.access.doctor.text import folded
from cwtui.access.policy_evaluation import ABSENT
from cwtui.core.text import SafeText, printable

ROLE_SCHEMA = "cwtui.doctor.role/1"
COMPARE_SCHEMA = "cwtui.doctor.compare/1"
STATES = {"present": "ok", "missing": "MISSING", "denied": "DENIED", "conditional": "depends"}
_STATE_WIDTH = 9


def fix_for(report: RoleReport) -> Fix:
    """The smallest addition to the role, in each format; empty where nothing is missing."""
    return fix_of(report.missing, free_name(report.role, f"cwtui-{report.pack}"), role=report.role.name)


def role_lines(report: RoleReport, width: int) -> Iterator[tuple[str, SafeText]]:
    """The table: the state of each line (empty where it has none) and its text."""
    role, rows = report.role, report.rows
    have = sum(row.state == "present" for row in rows)
    yield "", SafeText(f"{printable(role.arn)}")
    yield "", SafeText(f"{report.pack}: {have} of {len(rows)} actions present")
    if role.boundary_arn:
        yield "", SafeText(f"within the permissions boundary {printable(role.boundary_arn)}")
    yield "", SafeText("")
    column = max((len(row.requirement.action) for row in rows), default=0) + 2
    for row in rows:
        yield from _row(row, column, width)
    for note in (*_beyond_an_addition(report), *role.notes, *report.notes):
        yield "", SafeText("")
        yield from (("", SafeText(line)) for line in folded(note, width))


def _beyond_an_addition(report: RoleReport) -> Iterator[str]:
    bounded = ", ".join(row.requirement.action for row in report.rows if row.bounded)
    denied = ", ".join(
        row.requirement.action for row in report.rows if row.state == "denied" and not row.bounded
    )
    if denied:
        yield f"No addition allows {denied}: the Deny has to be lifted."
    if bounded:
        yield f"No addition to the role allows {bounded}: the permissions boundary has to allow it, too."


def _row(row: Granted, column: int, width: int) -> Iterator[tuple[str, SafeText]]:
    words = row.requirement.without if row.reason == ABSENT else row.reason
    simulated = f" [IAM: {row.simulated}]" if row.simulated else ""
    indent = _STATE_WIDTH + column
    first, *rest = folded(words + simulated, width - indent) or [""]
    yield row.state, SafeText(f"{STATES[row.state]:<{_STATE_WIDTH}}{row.requirement.action:<{column}}{first}")
    for line in rest:
        yield "", SafeText(" " * indent + line)


def role_record(report: RoleReport, context: str) -> dict[str, Any]:
    """The report as JSON; every member is always there."""
    role, fix = report.role, fix_for(report)
    return {
        "schema": ROLE_SCHEMA,
        "context": context,
        "role": role.name,
        "arn": role.arn,
        "require": report.pack,
        "complete": report.complete,
        "policies": list(role.policies),
        "permissionsBoundary": role.boundary_arn or None,
        "actions": [_granted(row) for row in report.rows],
        "notes": [*role.notes, *report.notes],
        "fix": {"cli": fix.cli, "cfn": fix.cfn, "tf": fix.tf} if fix else None,
    }


def _granted(row: Granted) -> dict[str, Any]:
    return {
        "action": row.requirement.action,
        "resources": list(row.requirement.resources),
        "state": row.state,
        "reason": row.reason,
        "without": row.requirement.without,
        "simulated": row.simulated or None,
    }


def compare_lines(left: str, right: str, rows: Sequence[Difference]) -> Iterator[tuple[str, SafeText]]:
    """Two roles side by side: what differs is marked, and why stands below."""
    column = max((len(row.action) for row in rows), default=0) + 2
    width = max(len(left), _STATE_WIDTH) + 2
    yield "", SafeText(f"  {'':<{column}}{printable(left):<{width}}{printable(right)}")
    for row in rows:
        mark = "≠" if row.differs else " "
        states = f"{STATES[row.left.state]:<{width}}{STATES[row.right.state]}"
        yield ("missing" if row.differs else ""), SafeText(f"{mark} {row.action:<{column}}{states}")
    for row in rows:
        if row.differs:
            yield "", SafeText("")
            yield "", SafeText(row.action)
            yield "", SafeText(f"  {printable(left)}: {printable(row.left.reason)}")
            yield "", SafeText(f"  {printable(right)}: {printable(row.right.reason)}")


def compare_record(reports: Sequence[tuple[str, RoleReport]], rows: Sequence[Difference]) -> dict[str, Any]:
    """The comparison as JSON."""
    return {
        "schema": COMPARE_SCHEMA,
        "require": reports[0][1].pack,
        "same": not any(row.differs for row in rows),
        "roles": [role_record(report, context) for context, report in reports],
        "differences": [
            {"action": row.action, "left": row.left.state, "right": row.right.state}
            for row in rows
            if row.differs
        ],
    }
