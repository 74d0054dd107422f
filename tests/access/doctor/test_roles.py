"""What a role has and lacks, over an IAM in memory that pages its lists."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest

from cwtui.access.doctor.role_text import compare_lines, fix_for, role_lines, role_record
from cwtui.access.doctor.roles import compare, hold_against, inline_policy, read_role, simulate_role
from cwtui.access.packs import PACKS, Requirement
from cwtui.access.policy_documents import read_policy
from cwtui.access.policy_evaluation import evaluate_each
from cwtui.core.errors import NotFound

WHERE = {"region": "eu-west-1", "bucket": "exports", "key": "arn:aws:kms:eu-west-1:1:key/k"}
PLACE = {**WHERE, "account": "123456789012", "partition": "aws"}
FATES = ("inline", "attached", "exact", "wildcard", "missing", "denied")
OBSERVABILITY = PACKS["observability"]


@dataclass(slots=True)
class Iam:
    """`AwsCalls` over one role; lists come one name a page."""

    inline: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    attached: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    boundary: Mapping[str, Any] | None = None
    vanished: str = ""
    """A policy that is listed and then not found."""
    calls: list[str] = field(default_factory=list)

    async def call(self, service: str, operation: str, params: Mapping[str, object]) -> Mapping[str, Any]:
        self.calls.append(operation)
        name = str(params.get("PolicyName") or params.get("PolicyArn") or "")
        if params.get("RoleName", "app") != "app" or (name and name == self.vanished):
            raise NotFound(f"IAM does not know {params}.")
        return getattr(self, f"_{operation}")(params, name)  # type: ignore[no-any-return]

    def _GetRole(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": "arn:b"}} if self.boundary else {}
        return {"Role": {"Arn": "arn:aws:iam::123456789012:role/team/app", **limit}}

    def _ListRolePolicies(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        return _page("PolicyNames", [*self.inline, *filter(None, [self.vanished])], params)

    def _ListAttachedRolePolicies(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        return _page("AttachedPolicies", [{"PolicyArn": arn} for arn in self.attached], params)

    def _GetRolePolicy(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        return {"PolicyDocument": self.inline[name]}

    def _GetPolicy(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        return {"Policy": {"DefaultVersionId": "v3"}}

    def _GetPolicyVersion(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        assert params["VersionId"] == "v3"
        return {"PolicyVersion": {"Document": self.boundary if name == "arn:b" else self.attached[name]}}

    def _SimulatePrincipalPolicy(self, params: Mapping[str, object], name: str) -> Mapping[str, Any]:
        assert params["PolicySourceArn"] == "arn:aws:iam::123456789012:role/team/app"
        names, arns = params["ActionNames"], params["ResourceArns"]
        assert isinstance(names, list)
        assert isinstance(arns, list)
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": "implicitDeny" if place else "allowed"}
                for action in names
                for place, _ in enumerate(arns)
            ]
        }


def _page(member: str, names: Sequence[Any], params: Mapping[str, object]) -> Mapping[str, Any]:
    at = int(str(params.get("Marker", 0)))
    more = {"IsTruncated": True, "Marker": str(at + 1)} if at + 1 < len(names) else {"IsTruncated": False}
    return {member: list(names[at : at + 1]), **more}


def document(*statements: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | Sequence[str], **more: Any) -> Mapping[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": "*", **more}


def wildcard_for(action: str, others: Sequence[str], dice: random.Random) -> str:
    """A pattern that matches an action and none of the others."""
    for kept in dice.sample(range(6, len(action)), k=len(action) - 6):
        pattern = action[:kept] + "*"
        if not any(fnmatchcase(other, pattern) for other in others if other != action):
            return pattern
    return action[:-1] + "?"


@pytest.mark.parametrize("seed", range(50))
async def test_a_generated_role_lacks_exactly_what_was_left_out(seed: int) -> None:
    dice = random.Random(seed)
    pack = dice.choice(list(PACKS.values()))
    resources: dict[str, set[str]] = {}
    for one in pack.of(**PLACE):
        resources.setdefault(one.action, set()).update(one.resources)
    required = sorted(resources)
    fates = {action: dice.choice(FATES) for action in required}
    iam = Iam()
    for action, fate in fates.items():
        granted = wildcard_for(action, required, dice) if fate == "wildcard" else action
        statement = allow(granted if dice.random() < 0.5 else ["ec2:RunInstances", granted])
        if fate == "exact":
            statement = allow(action, Resource=sorted(resources[action]))
        if fate == "attached":
            iam.attached[f"arn:aws:iam::1:policy/{len(iam.attached)}"] = document(statement)
        elif fate != "missing":
            iam.inline[f"p{len(iam.inline)}"] = document(statement)
        if fate == "denied":
            iam.attached[f"arn:aws:iam::1:policy/{len(iam.attached)}"] = document(
                {"Effect": "Deny", "Action": action.upper().replace("LOGS:", "logs:"), "Resource": "*"}
            )
    if dice.random() < 0.5:
        lacking = [action for action, fate in fates.items() if fate in ("missing", "denied")]
        # All else is allowed by one statement, which grants nothing of what is to be missing.
        iam.inline["all-else"] = document(
            {"Effect": "Allow", "NotAction": lacking or ["iam:*"], "Resource": "*"}
        )
    report = hold_against(await read_role(iam, "app"), pack, WHERE)
    found = {row.requirement.action: row.state for row in report.rows}
    assert {action for action, state in found.items() if state == "missing"} == {
        action for action, fate in fates.items() if fate == "missing"
    }
    assert {action for action, state in found.items() if state == "denied"} == {
        action for action, fate in fates.items() if fate == "denied"
    }
    granted_ones = [action for action, fate in fates.items() if fate not in ("missing", "denied")]
    assert {found[action] for action in granted_ones} <= {"present"}


@pytest.mark.parametrize("name", PACKS)
async def test_the_addition_that_is_printed_makes_the_role_complete(name: str) -> None:
    report = hold_against(await read_role(Iam(), "app"), PACKS[name], WHERE)
    assert len(report.missing) == len(report.rows)
    fix = fix_for(report)
    text = fix.cli.partition("--policy-document '")[2].rstrip("'")
    added = read_policy(text)
    wanted: Requirement
    for wanted in report.missing:
        answer = evaluate_each([added], wanted.action, wanted.resources).answer
        assert answer == ("conditional" if wanted.condition else "allowed")
    assert "--role-name app" in fix.cli
    assert f"--policy-name cwtui-{name} " in fix.cli


async def test_the_addition_never_replaces_a_policy_that_the_role_has() -> None:
    taken = {name: document(allow("s3:*")) for name in ("cwtui-observability", "cwtui-observability-2")}
    report = hold_against(await read_role(Iam(inline=taken), "app"), OBSERVABILITY, WHERE)
    assert "--policy-name cwtui-observability-3 " in fix_for(report).cli


async def test_an_absent_policy_is_an_answer_and_an_absent_role_an_error() -> None:
    iam = Iam(inline={"other": document(allow("s3:*"))}, vanished="ObservabilityAccess")
    role = await read_role(iam, "arn:aws:iam::123456789012:role/team/app")
    assert role.notes == ("The inline policy 'ObservabilityAccess' is not there any more.",)
    assert not inline_policy(role, "ObservabilityAccess")
    assert inline_policy(role, "other")
    with pytest.raises(NotFound):
        await read_role(iam, "nobody")


async def test_a_permissions_boundary_takes_away_what_a_policy_allows() -> None:
    iam = Iam(inline={"all": document(allow("logs:*"))}, boundary=document(allow("logs:Get*")))
    report = hold_against(await read_role(iam, "app"), OBSERVABILITY, WHERE)
    states = {row.requirement.action: row.state for row in report.rows}
    assert states["logs:GetDelivery"] == "present"
    assert states["logs:CreateDelivery"] == "denied"
    assert states["bedrock:AllowVendedLogDeliveryForResource"] == "missing"
    denied = next(row for row in report.rows if row.requirement.action == "logs:CreateDelivery")
    assert "boundary arn:b does not allow it" in denied.reason
    text = "\n".join(line for _, line in role_lines(report, 1000))
    assert "the permissions boundary has to allow it, too" in text
    assert "Deny" not in text


async def test_a_condition_is_told_and_counts_as_there() -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    iam = Iam(inline={"p": document(allow("*", Condition=condition))})
    report = hold_against(await read_role(iam, "app"), OBSERVABILITY, WHERE)
    assert {row.state for row in report.rows} == {"conditional"}
    assert report.complete
    assert "aws:RequestedRegion" in report.rows[0].reason


async def test_a_policy_that_cannot_be_read_is_told_and_the_others_count() -> None:
    iam = Iam(inline={"bad": {"Statement": "x"}, "good": document(allow("logs:*"))})
    role = await read_role(iam, "app")
    assert any("'bad' cannot be read" in note for note in role.notes)
    assert len(role.documents) == 1


async def test_the_simulator_is_asked_by_the_roles_arn_with_its_path_and_the_worst_answer_counts() -> None:
    iam = Iam(inline={"p": document(allow("logs:*"))})
    report = await simulate_role(iam, hold_against(await read_role(iam, "app"), PACKS["reader"], WHERE))
    by_action = {row.requirement.action: row.simulated for row in report.rows}
    assert by_action["logs:DescribeLogGroups"] == "allowed"
    assert by_action["logs:FilterLogEvents"] == "implicitDeny"


async def test_two_roles_are_compared_action_by_action() -> None:
    full = hold_against(await read_role(Iam(inline={"p": document(allow("*"))}), "app"), OBSERVABILITY, WHERE)
    part = hold_against(
        await read_role(Iam(inline={"p": document(allow("logs:*"))}), "app"), OBSERVABILITY, WHERE
    )
    rows = compare(full, part)
    assert [row.action for row in rows if row.differs] == ["bedrock:AllowVendedLogDeliveryForResource"]
    text = "\n".join(line for _, line in compare_lines("app@prod", "app@dev", rows))
    assert "app@dev: No statement allows it." in text


async def test_the_table_names_every_action_and_what_breaks_without_it() -> None:
    report = hold_against(await read_role(Iam(), "app"), OBSERVABILITY, WHERE)
    text = "\n".join(line for _, line in role_lines(report, 200))
    assert "observability: 0 of 8 actions present" in text
    assert "MISSING  logs:CreateDelivery" in text
    assert "runs share one stream" in text
    record = role_record(report, "prod")
    assert (record["schema"], record["complete"]) == ("cwtui.doctor.role/1", False)
    assert record["actions"][0]["state"] == "missing"


@pytest.mark.parametrize(
    ("resource", "state"),
    [
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/shop/*", "missing"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:*", "missing"),
        ("arn:aws:logs:*:*:log-group:*", "conditional"),
        ("*", "present"),
    ],
)
async def test_listing_is_not_allowed_by_naming_groups(resource: str, state: str) -> None:
    """A well-known fault: DescribeLogGroups scoped to the groups that may be read."""
    statement = {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": resource}
    role = await read_role(Iam(inline={"p": document(statement)}), "app")
    report = hold_against(role, PACKS["reader"], WHERE)
    row = next(row for row in report.rows if row.requirement.action == "logs:DescribeLogGroups")
    assert row.state == state
    assert (row.requirement in report.missing) == (state == "missing")
