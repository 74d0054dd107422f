"""What a check found: the values that text, JSON and the screen are made from.

The JSON is `report_record`'s; its `schema` counts up when a member goes or changes its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    InputError,
    NetworkError,
    NotFound,
    PermissionDenied,
)

SCHEMA = "cwtui.doctor/1"


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    """It works, and something about it should be mended."""
    FAIL = "fail"
    UNKNOWN = "unknown"
    """It was asked, and the answer says nothing about it."""
    SKIPPED = "skipped"
    """It was not asked; the evidence says why."""


class Severity(StrEnum):
    """How much a failure matters."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Fix:
    """One mend in up to three forms; printed, never applied. Empty where a form does not apply."""

    cli: str = ""
    cfn: str = ""
    tf: str = ""

    def __bool__(self) -> bool:
        return bool(self.cli or self.cfn or self.tf)


NO_FIX = Fix()


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result."""

    id: str
    """Stable, for scripts: `identity`, `feature.read-events`."""
    title: str
    status: Status
    evidence: str = ""
    """What was seen; foreign text."""
    cause: str = ""
    """Why; empty where all is well. Foreign text."""
    fix: Fix = NO_FIX
    severity: Severity = Severity.LOW
    docs: str = ""
    feature: str = ""
    """The feature that it probes, or empty."""
    denied: bool = False
    """A permission is missing, as opposed to anything else that can fail."""
    simulated: str = ""
    """What IAM's policy simulator says, where it was asked. Foreign text."""
    request_id: str = ""
    exit_code: int = 0
    """What the command ends with on account of this; 0 unless it failed."""
    milliseconds: int = 0
    error: CwtuiError | None = field(default=None, compare=False, repr=False)
    """What the call raised: its record tells scripts the code, the principal, the policy's type, ..."""


@dataclass(frozen=True, slots=True)
class Report:
    """Every finding, in the order of the plan."""

    findings: tuple[Finding, ...]
    asked: frozenset[str] = field(default_factory=frozenset)
    """Features that were named: their outcome decides the exit code, not that of the others."""

    @property
    def exit_code(self) -> int:
        """0 where nothing failed; else that of the failure that comes before the others.

        Without credentials nothing else can be judged, without a network only that there are some.
        """
        failed = [
            finding.exit_code
            for finding in self.findings
            if finding.exit_code
            and not (self.asked and finding.feature and finding.feature not in self.asked)
        ]
        return min(failed, key=_order, default=0)

    def counts(self) -> dict[Status, int]:
        """How many findings have each status."""
        return {status: sum(each.status is status for each in self.findings) for status in Status}


_PRECEDENCE = tuple(
    kind.exit_code for kind in (CredentialsError, InputError, NetworkError, PermissionDenied, NotFound)
)


def _order(code: int) -> tuple[int, int]:
    return (_PRECEDENCE.index(code) if code in _PRECEDENCE else len(_PRECEDENCE), code)


def report_record(report: Report, about: dict[str, Any]) -> dict[str, Any]:
    """The report as JSON: `schema`, `about` (account, region, profile, ...), `exitCode`, `checks`."""
    return {
        "schema": SCHEMA,
        **about,
        "ok": report.exit_code == 0,
        "exitCode": report.exit_code,
        "counts": {status.value: count for status, count in report.counts().items()},
        "checks": [finding_record(finding) for finding in report.findings],
    }


def finding_record(finding: Finding) -> dict[str, Any]:
    """One check as JSON; every member is always there."""
    return {
        "id": finding.id,
        "title": finding.title,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "feature": finding.feature or None,
        "denied": finding.denied,
        "evidence": finding.evidence,
        "cause": finding.cause,
        "fix": {"cli": finding.fix.cli, "cfn": finding.fix.cfn, "tf": finding.fix.tf}
        if finding.fix
        else None,
        "simulated": finding.simulated or None,
        "docs": finding.docs or None,
        "error": finding.error.record() if finding.error is not None else None,
        "requestId": finding.request_id or None,
        "milliseconds": finding.milliseconds,
    }


def in_order(findings: Iterable[Finding], ids: Sequence[str]) -> tuple[Finding, ...]:
    """Findings as the plan lists them, whatever order they came in."""
    place = {id_: index for index, id_ in enumerate(ids)}
    return tuple(sorted(findings, key=lambda finding: place.get(finding.id, len(place))))
