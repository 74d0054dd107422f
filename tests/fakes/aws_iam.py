"""What IAM does, as far as cwtui sees it: roles and their policies, the account's alias, the simulator."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from tests.fakes.aws_logs import Refusal

Document = Mapping[str, Any]
Simulator = Callable[[str, str, str], str]
"""Principal, action and resource to `allowed`, `implicitDeny` or `explicitDeny`."""

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@dataclass(slots=True)
class FakeRole:
    """A role; `attached` are ARNs."""

    path: str = "/"
    inline: Mapping[str, Document | str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    boundary: str = ""
    trust: Document = field(default_factory=lambda: {"Version": "2012-10-17", "Statement": []})


@dataclass(slots=True)
class FakeIam:
    """The state of one account, and the operations on it."""

    account: str
    aliases: list[str] = field(default_factory=lambda: ["acme-prod"])
    roles: dict[str, FakeRole] = field(default_factory=dict)
    policies: dict[str, list[Document]] = field(default_factory=dict)
    """ARN to the versions of a managed policy; the last is in force."""
    simulator: Simulator = lambda principal, action, resource: "allowed"
    page: int = 2
    """Names a page of a list, so that pages follow."""

    def answer(self, operation: str, params: Mapping[str, Any]) -> str:
        """The XML of one call of the query protocol."""
        inner = {
            "ListAccountAliases": self._aliases,
            "GetRole": self._role,
            "ListRolePolicies": self._inline_names,
            "GetRolePolicy": self._inline,
            "ListAttachedRolePolicies": self._attached,
            "GetPolicy": self._policy,
            "GetPolicyVersion": self._version,
            "SimulatePrincipalPolicy": self._simulate,
        }.get(operation)
        if inner is None:
            raise Refusal("InvalidAction", f"{operation} is not known.")
        return (
            f'<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
            f"<{operation}Result>{inner(params)}</{operation}Result>"
            f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
        )

    def arn_of(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role{self.roles[name].path}{name}"

    def _aliases(self, params: Mapping[str, Any]) -> str:
        members = "".join(f"<member>{escape(alias)}</member>" for alias in self.aliases)
        return f"<AccountAliases>{members}</AccountAliases><IsTruncated>false</IsTruncated>"

    def _known(self, params: Mapping[str, Any]) -> FakeRole:
        name = str(params["RoleName"])
        if name not in self.roles:
            raise Refusal("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
        return self.roles[name]

    def _role(self, params: Mapping[str, Any]) -> str:
        role, name = self._known(params), str(params["RoleName"])
        boundary = (
            "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
            f"<PermissionsBoundaryArn>{role.boundary}</PermissionsBoundaryArn></PermissionsBoundary>"
            if role.boundary
            else ""
        )
        return (
            f"<Role><Path>{role.path}</Path><RoleName>{name}</RoleName><RoleId>AROAFAKE</RoleId>"
            f"<Arn>{self.arn_of(name)}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
            f"<AssumeRolePolicyDocument>{_encoded(role.trust)}</AssumeRolePolicyDocument>{boundary}</Role>"
        )

    def _inline_names(self, params: Mapping[str, Any]) -> str:
        names, more = self._paged(sorted(self._known(params).inline), params)
        members = "".join(f"<member>{escape(name)}</member>" for name in names)
        return f"<PolicyNames>{members}</PolicyNames>{more}"

    def _inline(self, params: Mapping[str, Any]) -> str:
        name, role = str(params["PolicyName"]), self._known(params)
        if name not in role.inline:
            raise Refusal("NoSuchEntity", f"The role policy with name {name} cannot be found.", 404)
        return (
            f"<RoleName>{params['RoleName']}</RoleName><PolicyName>{escape(name)}</PolicyName>"
            f"<PolicyDocument>{_encoded(role.inline[name])}</PolicyDocument>"
        )

    def _attached(self, params: Mapping[str, Any]) -> str:
        arns, more = self._paged(self._known(params).attached, params)
        members = "".join(
            f"<member><PolicyName>{arn.rpartition('/')[2]}</PolicyName><PolicyArn>{arn}</PolicyArn></member>"
            for arn in arns
        )
        return f"<AttachedPolicies>{members}</AttachedPolicies>{more}"

    def _versions(self, params: Mapping[str, Any]) -> list[Document]:
        arn = str(params["PolicyArn"])
        if arn not in self.policies:
            raise Refusal("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
        return self.policies[arn]

    def _policy(self, params: Mapping[str, Any]) -> str:
        arn, versions = str(params["PolicyArn"]), self._versions(params)
        return (
            f"<Policy><PolicyName>{arn.rpartition('/')[2]}</PolicyName><Arn>{arn}</Arn>"
            f"<DefaultVersionId>v{len(versions)}</DefaultVersionId></Policy>"
        )

    def _version(self, params: Mapping[str, Any]) -> str:
        number = int(str(params["VersionId"]).removeprefix("v"))
        return (
            f"<PolicyVersion><Document>{_encoded(self._versions(params)[number - 1])}</Document>"
            f"<VersionId>v{number}</VersionId></PolicyVersion>"
        )

    def _simulate(self, params: Mapping[str, Any]) -> str:
        principal = str(params["PolicySourceArn"])
        if ":assumed-role/" in principal:
            raise Refusal("InvalidInput", f"Invalid Entity Arn: {principal} does not clearly define entity")
        results = []
        for action in _members(params, "ActionNames"):
            for resource in _members(params, "ResourceArns") or ["*"]:
                decision = self.simulator(principal, action, resource)
                matched = (
                    "<member><SourcePolicyId>role_oncall_logs</SourcePolicyId></member>"
                    if decision != "implicitDeny"
                    else ""
                )
                results.append(
                    f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{escape(resource)}"
                    f"</EvalResourceName><EvalDecision>{decision}</EvalDecision>"
                    f"<MatchedStatements>{matched}</MatchedStatements></member>"
                )
        return f"<EvaluationResults>{''.join(results)}</EvaluationResults><IsTruncated>false</IsTruncated>"

    def _paged(self, names: Sequence[str], params: Mapping[str, Any]) -> tuple[Sequence[str], str]:
        start = int(params.get("Marker", 0))
        end = start + self.page
        if end >= len(names):
            return names[start:], "<IsTruncated>false</IsTruncated>"
        return names[start:end], f"<IsTruncated>true</IsTruncated><Marker>{end}</Marker>"


def _encoded(document: Document | str) -> str:
    return quote(document if isinstance(document, str) else json.dumps(document))


def _members(params: Mapping[str, Any], name: str) -> list[str]:
    found: list[str] = []
    while (key := f"{name}.member.{len(found) + 1}") in params:
        found.append(str(params[key]))
    return found
