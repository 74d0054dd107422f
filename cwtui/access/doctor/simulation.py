"""What IAM's policy simulator says of the caller: an explanation, while the truth is what a call does.

It sees identity policies and the permissions boundary, and organisation policies where AWS tells them. It
does not see session policies, the resource's own policy, nor a VPC endpoint's.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cwtui.access.doctor.exam import Check, Exam
from cwtui.access.doctor.findings import Finding, Fix, Severity, Status
from cwtui.access.doctor.fixes import allowing, filled
from cwtui.core.errors import CwtuiError, InputError, NotFound, PermissionDenied
from cwtui.core.permissions import TABLE, Permission

LIMITS = (
    "It does not see session policies, the resource's own policy or a VPC endpoint's, and trusts no role."
)
_SESSION = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/")
_ENTITY = re.compile(r"arn:[\w-]+:iam::\d+:(?:user|role)/")
_ALLOWED = "allowed"
_TRIED = next(row for row in TABLE if row.operation == "DescribeLogGroups")
_NEEDED = [row for row in TABLE if row.operation in ("GetRole", "SimulatePrincipalPolicy")]


@dataclass(frozen=True, slots=True)
class Simulated:
    """One action on one or more resources, simulated."""

    decision: str
    """`allowed`, `implicitDeny` or `explicitDeny`."""
    words: str

    def beside(self, finding: Finding) -> Finding:
        """A finding with what the simulator says to it."""
        return replace(finding, simulated=self.words)

    def of(self, check: Check, row: Permission) -> Finding:
        """The finding of what was simulated only."""
        allowed = self.decision == _ALLOWED
        return Finding(
            check.id,
            check.title,
            Status.OK if allowed else Status.WARN,
            f"Simulated, not tried: {self.words}",
            cause="" if allowed else row.without,
            feature=check.feature,
            denied=not allowed,
            simulated=self.words,
        )


async def simulated(exam: Exam, row: Permission, group: str) -> Simulated | None:
    """What the simulator says of a feature; None where it is not to be asked, or cannot be."""
    if not exam.bench.simulate or row.free:
        return None
    try:
        principal = await source_arn(exam)
        answer = await simulate(exam, principal, row, group)
    except CwtuiError:
        # Told once, by the check of the simulation itself.
        return None
    return answer


async def source_arn(exam: Exam) -> str:
    """The ARN that the simulator takes for the caller: a session's role, with its path, by GetRole.

    Raises CwtuiError where it is neither a user nor a role, or the role cannot be looked up.
    """
    caller = await exam.caller()
    arn = str(caller.get("Arn", ""))
    if _ENTITY.match(arn):
        return arn
    if (session := _SESSION.match(arn)) is None:
        raise InputError(
            f"{arn} is neither a user nor a role, and IAM simulates nothing else.",
            "Sign in as a user or a role.",
            code="principal",
        )
    # Its path (/aws-reserved/sso.amazonaws.com/REGION/ for SSO) cannot be seen in the session's ARN.
    found = await exam.once("iam", "GetRole", "Role", RoleName=session["role"])
    return str(found["Role"]["Arn"])


async def simulate(exam: Exam, principal: str, row: Permission, group: str) -> Simulated:
    """Asks about one row's action on its resources. Raises CwtuiError."""
    names = await exam.names(group)
    answer = await exam.once(
        "iam",
        "SimulatePrincipalPolicy",
        "EvaluationResults",
        PolicySourceArn=principal,
        ActionNames=[row.action],
        ResourceArns=filled(row, names),
    )
    results = answer["EvaluationResults"]
    worst: Mapping[str, Any] = min(
        results, key=lambda one: _RANK.get(one.get("EvalDecision", ""), 1), default={}
    )
    return Simulated(str(worst.get("EvalDecision", "")), _words(row, worst))


_RANK = {"explicitDeny": 0, "implicitDeny": 1, _ALLOWED: 2}


def _words(row: Permission, result: Mapping[str, Any]) -> str:
    matched = ", ".join(
        dict.fromkeys(str(one.get("SourcePolicyId", "")) for one in result.get("MatchedStatements") or ())
    )
    by = f" by {matched}" if matched else ""
    decision = result.get("EvalDecision", "")
    said = {
        _ALLOWED: f"{row.action} is allowed{by}.",
        "explicitDeny": f"{row.action} is denied outright{by}.",
        "implicitDeny": f"no policy allows {row.action}.",
    }.get(str(decision), f"{row.action}: no decision.")
    if result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        said += " The permissions boundary does not allow it."
    if result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        said += " A policy of the organisation does not allow it."
    if missing := result.get("MissingContextValues"):
        said += f" It depends on {', '.join(map(str, missing))}, which was not given."
    return said


async def _simulation(exam: Exam) -> Finding:
    """Whether the simulator can be asked at all; where not, why."""
    title = "Policy simulation"
    try:
        principal = await source_arn(exam)
        await simulate(exam, principal, _TRIED, "")
    except PermissionDenied as error:
        names = await exam.names()
        return Finding(
            "simulation",
            title,
            Status.UNKNOWN,
            f"Nothing could be simulated: {error.message}",
            cause=error.hint,
            fix=allowing(_NEEDED, names, dict(error.card.facts).get("principal", ""), "cwtui-simulate"),
            severity=Severity.LOW,
            denied=True,
        )
    except (InputError, NotFound) as error:
        fix = Fix(cli=error.card.fix)
        return Finding(
            "simulation",
            title,
            Status.UNKNOWN,
            f"Nothing could be simulated: {error.message}",
            error.hint,
            fix,
        )
    return Finding("simulation", title, Status.OK, f"of {principal}. {LIMITS}")


CHECK = Check("simulation", "Policy simulation", _simulation)
