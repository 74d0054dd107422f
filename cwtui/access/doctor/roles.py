"""What a role may do, read from its policies and worked out here: `doctor role`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_evaluation-logic.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cwtui.access.packs import Pack, Requirement
from cwtui.access.policy_documents import PolicyDocument, read_policy
from cwtui.access.policy_evaluation import Verdict, evaluate, evaluate_each
from cwtui.core.errors import InputError, NotFound
from cwtui.core.permissions import ANY
from cwtui.core.ports import AwsCalls

_AT_ONCE = 8
"""IAM throttles an account as a whole, and doctor is not its only caller."""

State = Literal["present", "missing", "denied", "conditional"]


@dataclass(frozen=True, slots=True)
class Role:
    """A role and everything that limits or allows it in its own account."""

    name: str
    arn: str
    documents: tuple[PolicyDocument, ...]
    """Inline and attached policies."""
    boundary: PolicyDocument | None = None
    boundary_arn: str = ""
    notes: tuple[str, ...] = ()
    """Policies that were not there any more or cannot be read, a sentence each."""

    @property
    def account(self) -> str:
        return self.arn.split(":")[4] if self.arn.count(":") >= 5 else ""

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1] if self.arn.startswith("arn:") else "aws"

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that were read, by their names."""
        return tuple(document.source for document in self.documents)


@dataclass(frozen=True, slots=True)
class Granted:
    """A required action, and whether the role has it."""

    requirement: Requirement
    state: State
    reason: str = ""
    """A sentence with the statement that decides; foreign text."""
    bounded: bool = False
    """It is the permissions boundary that does not allow it; no Deny stands anywhere."""
    simulated: str = ""
    """IAM's own decision where it was asked: `allowed`, `implicitDeny`, `explicitDeny`."""


@dataclass(frozen=True, slots=True)
class RoleReport:
    """A pack of requirements held against a role."""

    role: Role
    pack: str
    rows: tuple[Granted, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def missing(self) -> tuple[Requirement, ...]:
        """What an addition would have to allow. A Deny is not lifted by one."""
        return tuple(row.requirement for row in self.rows if row.state == "missing")

    @property
    def complete(self) -> bool:
        """Whether everything is there; what depends on a condition counts as there."""
        return all(row.state in ("present", "conditional") for row in self.rows)


async def read_role(calls: AwsCalls, name: str) -> Role:
    """The role with its policies as they are in force. Raises NotFound where there is no such role.

    A policy that vanishes meanwhile is an answer, told in `notes`.
    """
    name = _name_of(name)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(operation: str, **params: object) -> Mapping[str, Any]:
        async with gate:
            return await calls.call("iam", operation, params)

    async def inline(policy: str) -> PolicyDocument | str:
        words = f"inline policy '{policy}'"
        found = ask("GetRolePolicy", RoleName=name, PolicyName=policy)
        return await _read(found, "PolicyDocument", words)

    async def managed(arn: str, words: str) -> PolicyDocument | str:
        try:
            version = (await ask("GetPolicy", PolicyArn=arn))["Policy"]["DefaultVersionId"]
        except NotFound:
            return f"The {words} is not there any more."

        async def document() -> Mapping[str, Any]:
            found: Mapping[str, Any] = await ask("GetPolicyVersion", PolicyArn=arn, VersionId=version)
            told: Mapping[str, Any] = found["PolicyVersion"]
            return told

        return await _read(document(), "Document", words)

    async def listed(operation: str, member: str) -> AsyncIterator[Any]:
        marker: dict[str, object] = {}
        while True:
            page = await ask(operation, RoleName=name, **marker)
            for one in page[member]:
                yield one
            if not page.get("IsTruncated"):
                return
            marker = {"Marker": page["Marker"]}

    async def all_inline() -> list[PolicyDocument | str]:
        names = [one async for one in listed("ListRolePolicies", "PolicyNames")]
        return list(await asyncio.gather(*(inline(one) for one in names)))

    async def all_attached() -> list[PolicyDocument | str]:
        arns = [one["PolicyArn"] async for one in listed("ListAttachedRolePolicies", "AttachedPolicies")]
        return list(await asyncio.gather(*(managed(arn, f"attached policy {arn}") for arn in arns)))

    role = (await ask("GetRole", RoleName=name))["Role"]
    boundary_arn = str(role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))

    async def limits() -> PolicyDocument | str | None:
        return await managed(boundary_arn, f"permissions boundary {boundary_arn}") if boundary_arn else None

    own, attached, boundary = await asyncio.gather(all_inline(), all_attached(), limits())
    found = [*own, *attached, boundary]
    return Role(
        name,
        str(role["Arn"]),
        tuple(one for one in (*own, *attached) if isinstance(one, PolicyDocument)),
        boundary if isinstance(boundary, PolicyDocument) else None,
        boundary_arn,
        tuple(one for one in found if isinstance(one, str)),
    )


async def _read(asked: Awaitable[Mapping[str, Any]], member: str, words: str) -> PolicyDocument | str:
    try:
        return read_policy((await asked)[member], words)
    except NotFound:
        return f"The {words} is not there any more."
    except InputError as error:
        return error.message


def _name_of(name: str) -> str:
    """A role's name: IAM takes no ARN."""
    return name.rpartition("/")[2] if name.startswith("arn:") else name


def hold_against(role: Role, pack: Pack, names: Mapping[str, str]) -> RoleReport:
    """Which of a pack's requirements a role has; `names` say where (`region`, `group`, `bucket`, ...).

    The role's own account and partition are filled in.
    """
    where = {"account": role.account, "partition": role.partition, **names}
    region = where.get("region", ANY)
    rows = tuple(_granted(role, requirement, region) for requirement in pack.of(**where))
    return RoleReport(role, pack.name, rows, pack.notes)


def _granted(role: Role, requirement: Requirement, region: str) -> Granted:
    verdict = _verdict(role, role.documents, requirement, region)
    bounded = False
    if verdict.answer in ("allowed", "conditional") and role.boundary is not None:
        limit = _verdict(role, [role.boundary], requirement, region)
        if limit.answer == "absent":
            bounded = True
            limit = Verdict(
                "denied", None, f"The permissions boundary {role.boundary_arn} does not allow it."
            )
        if limit.answer != "allowed":
            verdict = limit
    states: Mapping[str, State] = {
        "allowed": "present",
        "absent": "missing",
        "denied": "denied",
        "conditional": "conditional",
    }
    return Granted(requirement, states[verdict.answer], verdict.reason, bounded)


def _verdict(
    role: Role, documents: Sequence[PolicyDocument], requirement: Requirement, region: str
) -> Verdict:
    verdict = evaluate_each(documents, requirement.action, requirement.resources)
    narrow = verdict.answer == "conditional" and verdict.statement is not None
    if not narrow or requirement.resources != (ANY,) or not requirement.action.startswith("logs:"):
        return verdict
    # What names no group is asked of this ARN, which `log-group:*` matches and no group's own ARN does.
    nameless = f"arn:{role.partition}:logs:{region}:{role.account}:log-group::log-stream:"
    if evaluate(documents, requirement.action, nameless).answer != "absent":
        return verdict
    return Verdict("absent", None, f"{verdict.reason.removesuffix('.')}, and it is asked of * alone.")


async def simulate_role(calls: AwsCalls, report: RoleReport) -> RoleReport:
    """The report with IAM's own decision beside each row. Raises CwtuiError where IAM may not be asked."""
    together: dict[tuple[str, ...], list[str]] = {}
    for row in report.rows:
        together.setdefault(row.requirement.resources, []).append(row.requirement.action)
    decided: dict[tuple[str, tuple[str, ...]], str] = {}
    for resources, actions in together.items():
        answer: Mapping[str, Any] = await calls.call(
            "iam",
            "SimulatePrincipalPolicy",
            {"PolicySourceArn": report.role.arn, "ActionNames": actions, "ResourceArns": list(resources)},
        )
        for result in answer["EvaluationResults"]:
            key = (str(result["EvalActionName"]), resources)
            # Of several resources the worst counts.
            decided[key] = max(decided.get(key, ""), str(result["EvalDecision"]), key=_SEVERITY.index)
    rows = tuple(
        replace(row, simulated=decided.get((row.requirement.action, row.requirement.resources), ""))
        for row in report.rows
    )
    return replace(report, rows=rows)


_SEVERITY = ("", "allowed", "implicitDeny", "explicitDeny")


def inline_policy(role: Role, name: str) -> bool:
    """Whether the role has an inline policy of that name."""
    return f"inline policy '{name}'" in role.policies


def free_name(role: Role, wanted: str) -> str:
    """A name that none of the role's inline policies has: putting one replaces its namesake."""
    name, number = wanted, 1
    while inline_policy(role, name):
        number += 1
        name = f"{wanted}-{number}"
    return name


@dataclass(frozen=True, slots=True)
class Difference:
    """A required action as two roles have it."""

    action: str
    left: Granted
    right: Granted

    @property
    def differs(self) -> bool:
        return self.left.state != self.right.state


def compare(left: RoleReport, right: RoleReport) -> Sequence[Difference]:
    """The same pack held against two roles, action by action."""
    return [
        Difference(one.requirement.action, one, other)
        for one, other in zip(left.rows, right.rows, strict=True)
    ]
