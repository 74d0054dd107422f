"""What to do about a denied call: the statement to add, the Deny to lift, or whom to ask.

Nothing here is applied: statements and commands are printed, to be copied.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace

from cwtui.access.denied import Denial
from cwtui.core.permissions import TABLE, Permission, permission, smallest_statement

DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
_GROUP_ARN = re.compile(
    r"arn:(?P<partition>[\w-]+):logs:(?P<region>[^:]*):(?P<account>\d*):log-group:(?P<group>[^:]+)"
)
_OBJECT_ARN = re.compile(r"arn:(?P<partition>[\w-]+):s3:::(?P<bucket>[^/]+)/?(?P<prefix>.*)")
_SESSION_ARN = re.compile(
    r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d+):assumed-role/(?P<role_name>[^/]+)/"
)
_ENTITY_ARN = re.compile(r"arn:[\w-]+:iam::\d+:(?P<kind>user|role)/(?:.*/)?(?P<name>[^/]+)$")
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*]+")
_POLICY_ID = re.compile(r"p-\w{8,128}")


_EXTERNAL_ID = {
    "sent": "and where it asks for an ExternalId, it must be the one that was sent: a wrong one is refused "
    "in the same words",
    "none": "and where it asks for an ExternalId, you must send that: none was sent (--external-id)",
}
"""What to say of the ExternalId, by whether one was sent."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """How to go on after a denial. Holds foreign text."""

    why: str
    hint: str
    fix: str = ""
    """The statement or command, to be copied as it stands."""


def remedy(denial: Denial | None, service: str, operation: str, **names: str) -> Remedy:
    """What denied the call, and what mends it.

    `names` fill the statement where the message names no resource: `group`, `bucket`, `prefix`, `role`,
    `region`, `account`, `partition`.
    """
    row = _row(denial, service, operation)
    names = _one_group(names)
    if denial is None:
        return _bare(row, names)
    why = _why(denial)
    if denial.encoded and not denial.policy:
        return Remedy(
            "AWS encoded the reason.",
            "The command decodes it, for who may call sts:DecodeAuthorizationMessage.",
            "aws sts decode-authorization-message --query DecodedMessage --output text "
            f"--encoded-message {shlex.quote(denial.encoded)}",
        )
    if denial.of_organisation:
        policy = denial.through or denial.policy
        hint = f"Only who administers your organisation can change its {policy} policies: ask them."
        return Remedy(why, hint, _organisation_look(denial))
    if denial.explicit:
        where = f"that {denial.policy}{_policy_word(denial.policy)}" if denial.policy else "whatever policy"
        hint = f"A Deny wins over every Allow: remove or narrow it in {where}; adding an Allow does nothing."
        return Remedy(why, hint, _look(denial, names.get("region", "")))
    names = {**names, **_names_of(denial)}
    if denial.action.lower() == "sts:assumerole":
        return replace(_two_sides(denial, names), why=why)
    if denial.action.lower().startswith("kms:"):
        return replace(_of_a_key(denial, names), why=why)
    statement = _statement(denial, row, names)
    feature = f"To {row.feature}, " if row is not None else ""
    match denial.policy:
        case "session":
            hint = f"{feature}the session policy given when the role was taken on must allow it, too."
        case "permissions boundary":
            hint = f"{feature}the permissions boundary must allow it as well as a policy."
        case "VPC endpoint":
            hint = f"{feature}the policy of the VPC endpoint that the call went through must allow it."
            statement = _with_principal(statement, "*")
        case "resource-based":
            hint = f"{feature}the resource's own policy must allow it."
            statement = _with_principal(statement, role_of(denial.principal))
        case "identity-based":
            hint = f"{feature}an identity-based policy of {who(denial.principal)} needs this statement."
        case _:
            hint = f"{feature}a policy of {who(denial.principal)} needs this statement."
    return Remedy(why, hint, statement)


def who(principal: str) -> str:
    """A principal as people call it: `role oncall`, `user ana`; an ARN of another kind stays."""
    if session := _SESSION_ARN.match(principal):
        return f"role {session['role_name']}"
    if entity := _ENTITY_ARN.match(principal):
        return f"{entity['kind']} {entity['name']}"
    return principal or "whoever asks"


def role_of(principal: str) -> str:
    """What a policy names for a principal: an assumed role's session is its role. A role's path is lost."""
    if session := _SESSION_ARN.match(principal):
        return f"arn:{session['partition']}:iam::{session['account']}:role/{session['role_name']}"
    return principal


def _why(denial: Denial) -> str:
    asked, on = denial.action, f" on {denial.resource}" if denial.resource else ""
    if not denial.policy:
        said = "A policy denies" if denial.explicit else "No policy was found that allows"
        return f"{said} {asked} to {denial.principal}{on}."
    policy = denial.policy + _policy_word(denial.policy)
    if not denial.explicit:
        return f"No {policy} allows {asked} to {denial.principal}{on}."
    behind = f", by way of a {denial.through} policy" if denial.through else ""
    named = f" ({denial.policy_arn})" if denial.policy_arn else ""
    article = "An" if denial.policy[:1] in "aeiou" else "A"
    return f"{article} {policy}{named} denies {asked} to {denial.principal}{on}{behind}."


def _policy_word(kind: str) -> str:
    return "" if kind == "permissions boundary" else " policy"


def _bare(row: Permission | None, names: dict[str, str]) -> Remedy:
    why = "AWS gives no reason: across accounts it never does."
    if row is None or row.free:
        return Remedy(why, "Ask for this action, or use another profile or role.")
    if row.operation == "AssumeRole":
        return replace(_two_sides(Denial(resource=names.get("role", "")), names), why=why)
    return Remedy(
        why, f"To {row.feature}, your policy needs this statement.", smallest_statement(row, **names)
    )


def _two_sides(denial: Denial, names: dict[str, str]) -> Remedy:
    row = permission("sts", "AssumeRole")
    assert row is not None
    role = denial.resource or names.get("role", "")
    mine = smallest_statement(row, **{**names, "role": role})
    trusting: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": role_of(denial.principal) or "<your role or user>"},
        "Action": "sts:AssumeRole",
    }
    if names.get("external_id") == "sent":
        trusting["Condition"] = {"StringEquals": {"sts:ExternalId": "<the ExternalId that you send>"}}
    trust = json.dumps(trusting)
    external = _EXTERNAL_ID.get(
        names.get("external_id", ""), "and where it asks for an ExternalId, it must be the one given"
    )
    if denial.policy in ("role trust", "resource-based"):
        hint = f"It is the other side: the role's trust policy must name you, {external}."
        return Remedy("", hint, trust)
    if denial.policy == "identity-based":
        hint = "It is your side: your own policy needs this statement; the role must trust you besides."
        return Remedy("", hint, mine)
    hint = (
        "Two sides must agree, and AWS does not say which refused: your policy must allow it (first line), "
        f"and the role's trust policy must name you (second), {external}."
    )
    return Remedy("", hint, f"{mine}\n{trust}")


def _of_a_key(denial: Denial, names: dict[str, str]) -> Remedy:
    key = denial.resource if denial.resource.startswith("arn:") else "<the key's ARN>"
    statement: dict[str, object] = {"Effect": "Allow", "Action": denial.action, "Resource": key}
    if region := names.get("region"):
        via = "s3" if names.get("bucket") else "logs"
        statement["Condition"] = {"StringEquals": {"kms:ViaService": f"{via}.{region}.amazonaws.com"}}
    if denial.policy == "resource-based":
        statement |= {"Principal": {"AWS": role_of(denial.principal)}, "Resource": "*"}
        hint = "What is asked for is encrypted with a KMS key: the key's own policy must let you use it."
    else:
        hint = "What is asked for is encrypted with a KMS key, which you must be allowed to use, too."
    return Remedy("", hint, json.dumps(statement))


def _statement(denial: Denial, row: Permission | None, names: dict[str, str]) -> str:
    if row is not None:
        return smallest_statement(row, **names)
    return json.dumps({"Effect": "Allow", "Action": denial.action, "Resource": denial.resource or "*"})


def _with_principal(statement: str, principal: str) -> str:
    told = json.loads(statement)
    allowed = principal if principal == "*" else {"AWS": principal}
    return json.dumps({"Effect": told.pop("Effect"), "Principal": allowed, **told}, ensure_ascii=False)


def _names_of(denial: Denial) -> dict[str, str]:
    """What the message says of the resource; where it names every group, the one asked for stays."""
    for pattern in (_GROUP_ARN, _OBJECT_ARN):
        if found := pattern.match(denial.resource):
            return {name: value for name, value in found.groupdict().items() if value and value != "*"}
    if session := _SESSION_ARN.match(denial.principal):
        return {"account": session["account"], "partition": session["partition"]}
    return {}


def _one_group(names: dict[str, str]) -> dict[str, str]:
    """A group of another account goes by its ARN; of several asked for at once none is meant alone."""
    group = names.get("group", "")
    if told := _GROUP_ARN.match(group):
        return {**names, **told.groupdict()}
    return {**names, "group": "" if ", " in group else group}


def _organisation_look(denial: Denial) -> str:
    found = _POLICY_ID.search(denial.policy_arn)
    return f"aws organizations describe-policy --policy-id {found[0]}" if found else ""


def _look(denial: Denial, region: str) -> str:
    """A read-only command that shows the statement which denies; empty where no command can."""
    if denial.authorization_id:
        return (
            f"aws iam-toolbox get-request-authorization-details --authorization-id {denial.authorization_id}"
        )
    if denial.policy_arn:
        arn = shlex.quote(denial.policy_arn)
        version = f"$(aws iam get-policy --policy-arn {arn} --query Policy.DefaultVersionId --output text)"
        return f'aws iam get-policy-version --policy-arn {arn} --version-id "{version}"'
    entity = _ENTITY_ARN.match(role_of(denial.principal))
    if denial.policy == "VPC endpoint":
        service = f"com.amazonaws.{region}.logs" if region else "*.logs"
        return (
            f"aws ec2 describe-vpc-endpoints --filters {shlex.quote(f'Name=service-name,Values={service}')} "
            "--query 'VpcEndpoints[].PolicyDocument'"
        )
    if denial.policy == "permissions boundary" and entity:
        kind = entity["kind"]
        return (
            f"aws iam get-{kind} --{kind}-name {shlex.quote(entity['name'])} "
            f"--query {kind.capitalize()}.PermissionsBoundary"
        )
    if denial.policy in ("", "identity-based") and entity and _ACTION.fullmatch(denial.action):
        on = f" --resource-arns {shlex.quote(denial.resource)}" if denial.resource.startswith("arn:") else ""
        return (
            f"aws iam simulate-principal-policy --policy-source-arn {shlex.quote(role_of(denial.principal))} "
            f"--action-names {denial.action}{on} --query 'EvaluationResults[].MatchedStatements'"
        )
    if denial.policy == "role trust" and (role := _ENTITY_ARN.match(denial.resource)):
        return (
            f"aws iam get-role --role-name {shlex.quote(role['name'])} --query Role.AssumeRolePolicyDocument"
        )
    return ""


def _row(denial: Denial | None, service: str, operation: str) -> Permission | None:
    own = permission(service, operation)
    if denial is None or not denial.action or (own and own.action.lower() == denial.action.lower()):
        return own
    for row in TABLE:
        if row.action.lower() == denial.action.lower():
            return row
    # AWS asks for an action of its own for the call, such as a key's.
    return None
