"""What a failed call says about a check: denied, not signed in, not there, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cwtui.access.doctor.exam import Bench, Check, Exam
from cwtui.access.doctor.findings import Finding, Fix, Severity, Status
from cwtui.access.doctor.fixes import allowing, slug
from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    InputError,
    NetworkError,
    NotFound,
    PermissionDenied,
)
from cwtui.core.permissions import TABLE, permission

ESSENTIAL = frozenset({"list log groups", "list log streams", "read log events", "read one log stream"})
"""Features without which logs cannot be read as cwtui reads them; each other only dims a corner."""

FIRST = "identity"
"""The check that tells what all others fail by, too."""
NOT_ASKED = "Not asked: it fails as the first one does."
_MENDED_BY_A_STATEMENT = {"", "identity-based"}
_OF_THE_KEY = ".key"


def decides(bench: Bench, check: Check) -> bool:
    """Whether nothing can be called well as long as this check has no answer."""
    return check.feature in ESSENTIAL or check.feature in bench.features


async def of_error(exam: Exam, check: Check, error: CwtuiError) -> Finding:
    """The finding of a check whose call failed."""
    told = Finding(
        check.id,
        check.title,
        Status.UNKNOWN,
        evidence=error.message,
        cause=cause_of(error),
        docs=error.card.docs,
        feature=check.feature,
        request_id=error.request_id,
        severity=Severity.HIGH,
        error=error,
    )
    if check.id != FIRST and await told_already(exam, error):
        return replace(told, status=Status.SKIPPED, evidence=NOT_ASKED, cause="", docs="", request_id="")
    needed = not check.feature or check.feature in ESSENTIAL or check.feature in exam.bench.features
    exit_code = error.exit_code if needed else 0
    match error:
        case PermissionDenied():
            return await _denied(exam, replace(told, exit_code=exit_code), error, needed)
        case CredentialsError() | InputError() | NotFound():
            status = Status.FAIL if needed else Status.WARN
            return replace(told, status=status, fix=Fix(cli=error.card.fix), exit_code=exit_code)
    return replace(told, severity=Severity.MEDIUM, exit_code=exit_code if check.feature else 0)


async def told_already(exam: Exam, error: CwtuiError) -> bool:
    """Whether the check of who is signed in fails the same way: one sentence is enough."""
    if not isinstance(error, CredentialsError | InputError | NetworkError | PermissionDenied):
        return False
    try:
        await exam.caller()
    except CwtuiError as first:
        if isinstance(error, PermissionDenied):
            # A role that may not be taken on; any other denial is of one call.
            return first.code == error.code and _operation(first) == _operation(error) != ""
        return first.code == error.code
    return False


def _operation(error: CwtuiError) -> str:
    return dict(error.card.facts).get("operation", "")


def _own_action(facts: Mapping[str, str]) -> str:
    row = permission(facts.get("service", ""), facts.get("operation", ""))
    return row.action.lower() if row is not None else ""


def cause_of(error: CwtuiError) -> str:
    """Why, and what to do where the fix below does not say it."""
    why, hint, fix = error.card.why, error.hint, error.card.fix
    return " ".join(filter(None, (why, hint if hint != why and (not fix or fix not in hint) else "")))


async def _denied(exam: Exam, told: Finding, error: PermissionDenied, needed: bool) -> Finding:
    facts = dict(error.card.facts)
    fix = Fix(cli=error.card.fix)
    if facts.get("policy", "") in _MENDED_BY_A_STATEMENT and "explicit" not in facts:
        # What was denied may be another action than the feature's own: to use a key, to take on a role.
        action = facts.get("action", "").lower() or _own_action(facts)
        rows = [row for row in TABLE if row.feature == told.feature] if told.feature else []
        if not error.code.endswith(_OF_THE_KEY) and any(row.action.lower() == action for row in rows):
            names = await exam.names(await exam.group())
            fix = allowing(rows, names, facts.get("principal", ""), f"cwtui-{slug(told.feature)}")
    return replace(
        told,
        status=Status.FAIL if needed else Status.WARN,
        evidence=_short(facts) or told.evidence,
        denied=True,
        fix=fix,
        severity=Severity.HIGH if needed else Severity.LOW,
    )


def _short(facts: Mapping[str, str]) -> str:
    """What is denied, in few words: who asks stands in the first line already. Empty for a bare denial."""
    action = facts.get("action", "")
    on = facts.get("logGroup") or facts.get("bucket") or facts.get("resource", "")
    return f"Denied: {action}{f' on {on}' if on not in ('', '*') else ''}." if action else ""
