"""A policy as text to use: JSON, AWS CLI commands, a CloudFormation template or Terraform. Nothing is run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cwtui.access.iam_policy import MANAGED_LIMIT, Policy

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be written down."""

    policy: Policy
    name: str
    """Of the policy, and of the role where there is one to make."""
    trust: Mapping[str, Any] | None = None
    """The trust policy of a role to make; None: the policy alone."""
    profile_for_ec2: bool = False
    """The role is for machines, which take it on through an instance profile."""


def as_json(made: Made) -> str:
    """The policy document; with a trust, both documents under the names that IAM's API gives them."""
    document: Mapping[str, Any] = made.policy.document
    if made.trust is not None:
        document = {"AssumeRolePolicyDocument": made.trust, "PolicyDocument": document}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_cli(made: Made) -> str:
    """Commands of the AWS CLI, for a POSIX shell."""
    name = shlex.quote(made.name)
    lines = _comments(made)
    if made.trust is not None:
        lines += _command(
            f"aws iam create-role --role-name {name}", "assume-role-policy-document", made.trust
        )
        lines += _put(made, name)
        if made.profile_for_ec2:
            lines += [
                f"aws iam create-instance-profile --instance-profile-name {name}",
                f"aws iam add-role-to-instance-profile --instance-profile-name {name} --role-name {name}",
            ]
    elif made.policy.size > MANAGED_LIMIT:
        lines += _put(made, name)
    else:
        command = f"aws iam create-policy --policy-name {name}"
        lines += _command(command, "policy-document", made.policy.document)
    return "\n".join(lines) + "\n"


def as_cfn(made: Made) -> str:
    """A CloudFormation template in YAML; deploying it needs CAPABILITY_NAMED_IAM."""
    document = made.policy.document
    properties: dict[str, Any] = {"ManagedPolicyName": made.name, "PolicyDocument": document}
    kind = "AWS::IAM::ManagedPolicy"
    if made.trust is not None:
        kind = "AWS::IAM::Role"
        properties = {
            "RoleName": made.name,
            "AssumeRolePolicyDocument": made.trust,
            "Policies": [{"PolicyName": made.name, "PolicyDocument": document}],
        }
    label = _label(made.name)
    resources: dict[str, Any] = {label: {"Type": kind, "Properties": properties}}
    if made.profile_for_ec2:
        resources[f"{label}Profile"] = {
            "Type": "AWS::IAM::InstanceProfile",
            "Properties": {"InstanceProfileName": made.name, "Roles": [{"Ref": label}]},
        }
    lines = [*_comments(made), "AWSTemplateFormatVersion: '2010-09-09'"]
    return "\n".join([*lines, *_yaml({"Resources": resources})]) + "\n"


def as_tf(made: Made) -> str:
    """Terraform resources in HCL."""
    label = re.sub(r"[^a-z0-9_]", "_", made.name.lower())
    label = label if label[0].isalpha() else f"cwtui_{label}"
    document = f"jsonencode({_hcl(made.policy.document, 1)})"
    if made.trust is None:
        blocks = [_block("aws_iam_policy", label, {"name": _hcl(made.name, 1), "policy": document})]
    else:
        trust = f"jsonencode({_hcl(made.trust, 1)})"
        role = f"aws_iam_role.{label}"
        blocks = [
            _block("aws_iam_role", label, {"name": _hcl(made.name, 1), "assume_role_policy": trust}),
            _block(
                "aws_iam_role_policy",
                label,
                {"name": _hcl(made.name, 1), "role": f"{role}.id", "policy": document},
            ),
        ]
        if made.profile_for_ec2:
            profile = {"name": _hcl(made.name, 1), "role": f"{role}.name"}
            blocks.append(_block("aws_iam_instance_profile", label, profile))
    return "\n".join([*_comments(made), "\n\n".join(blocks)]) + "\n"


@dataclass(frozen=True, slots=True)
class Addition:
    """An inline policy for a role or user that is there already."""

    document: Mapping[str, Any]
    name: str
    holder: str
    """The name of the role or the user."""
    user: bool = False

    @property
    def kind(self) -> str:
        return "user" if self.user else "role"


def addition_as_cli(added: Addition) -> str:
    """The AWS CLI command that puts it, for a POSIX shell, in one line."""
    holder, name = shlex.quote(added.holder), shlex.quote(added.name)
    document = shlex.quote(json.dumps(added.document, ensure_ascii=False))
    return (
        f"aws iam put-{added.kind}-policy --{added.kind}-name {holder} --policy-name {name} "
        f"--policy-document {document}"
    )


def addition_as_cfn(added: Addition) -> str:
    """A CloudFormation resource in YAML."""
    kind = added.kind.capitalize()
    properties = {
        "PolicyName": added.name,
        f"{kind}Name": added.holder,
        "PolicyDocument": added.document,
    }
    resource = {"Type": f"AWS::IAM::{kind}Policy", "Properties": properties}
    return "\n".join(_yaml({"Resources": {_label(added.name): resource}}))


def addition_as_tf(added: Addition) -> str:
    """A Terraform resource in HCL."""
    label = re.sub(r"[^a-z0-9_]", "_", added.name.lower())
    arguments = {
        "name": _hcl(added.name, 1),
        added.kind: _hcl(added.holder, 1),
        "policy": f"jsonencode({_hcl(added.document, 1)})",
    }
    return _block(f"aws_iam_{added.kind}_policy", label, arguments)


FORMATS: Mapping[str, Callable[[Made], str]] = {
    "json": as_json,
    "cli": as_cli,
    "cfn": as_cfn,
    "tf": as_tf,
}


def _comments(made: Made) -> list[str]:
    return [f"# {note}" for note in made.policy.notes]


def _put(made: Made, name: str) -> list[str]:
    command = f"aws iam put-role-policy --role-name {name} --policy-name {name}"
    return _command(command, "policy-document", made.policy.document)


def _command(command: str, option: str, document: Mapping[str, Any]) -> list[str]:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return [f"{command} --{option} \"$(cat <<'JSON'", text, "JSON", ')"']


def _label(name: str) -> str:
    label = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))
    return label if _PLAIN.fullmatch(label) else f"Cwtui{label}"


def _yaml(value: Mapping[str, Any] | Sequence[Any], depth: int = 0) -> list[str]:
    """YAML in block style; a text is written as JSON, which YAML reads alike, unless it is a plain word."""
    pad = "  " * depth
    lines: list[str] = []
    if isinstance(value, Mapping):
        for key, inner in value.items():
            name = _scalar(key)
            if isinstance(inner, str):
                lines.append(f"{pad}{name}: {_scalar(inner)}")
            else:
                lines += [f"{pad}{name}:", *_yaml(inner, depth + 1)]
        return lines
    for inner in value:
        if isinstance(inner, str):
            lines.append(f"{pad}- {_scalar(inner)}")
        else:
            first, *rest = _yaml(inner, depth + 1)
            lines += [f"{pad}- {first.lstrip()}", *rest]
    return lines


def _scalar(text: str) -> str:
    # YAML reads some plain words as no text at all.
    plain = re.fullmatch(r"[A-Z][A-Za-z0-9]*(::[A-Z][A-Za-z0-9]*)*", text) and text.lower() not in _NO_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


_NO_TEXT = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def _hcl(value: Any, depth: int) -> str:
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, Mapping):
        inner = [f"{pad}{_hcl_key(key)} = {_hcl(one, depth + 1)}" for key, one in value.items()]
        return "\n".join(["{", *inner, f"{end}}}"])
    if isinstance(value, str):
        # HCL would put the value of an expression in the place of these.
        return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return "\n".join(["[", *(f"{pad}{_hcl(one, depth + 1)}," for one in value), f"{end}]"])


def _hcl_key(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else json.dumps(key)


def _block(kind: str, label: str, arguments: Mapping[str, str]) -> str:
    width = max(len(name) for name in arguments)
    lines = [f"  {name:<{width}} = {value}" for name, value in arguments.items()]
    return "\n".join([f'resource "{kind}" "{label}" {{', *lines, "}"])
