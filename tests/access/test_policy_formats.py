"""A policy comes back the same from whatever form it was written in; no name or text breaks out of any."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from cwtui.access.iam_policy import Policy
from cwtui.access.policy_formats import Made, as_cfn, as_cli, as_json, as_tf
from cwtui.access.policy_request import Wanted, make_policy
from cwtui.access.policy_trust import TRUSTED, Trust, trust_policy
from cwtui.core.errors import InputError

ACCOUNT = "123456789012"
POLICY = make_policy(
    Wanted(
        role="app",
        bucket="incidents",
        key=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1",
        groups=("/aws/lambda/*", "/a#b"),
        guard=True,
    )
)[0]
ODD = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "No", "Effect": "Allow", "Action": ["a:${x}", "%{if}", '"$(id)"', "null"], "Resource": "yes"}
    ],
}
TRUST = trust_policy(Trust("ecs", account=ACCOUNT))


def made(document: dict[str, Any] | None = None, trust: bool = False, **more: Any) -> Made:
    policy = POLICY if document is None else Policy(document)
    return Made(policy, "cwtui-app", TRUST if trust else None, **more)


def test_json_is_the_document_itself() -> None:
    assert json.loads(as_json(made())) == POLICY.document


def test_json_of_a_role_holds_both_documents_as_iam_s_api_names_them() -> None:
    assert json.loads(as_json(made(trust=True))) == {
        "AssumeRolePolicyDocument": TRUST,
        "PolicyDocument": POLICY.document,
    }


def run(commands: str, tmp_path: Path) -> list[list[str]]:
    """The arguments of each `aws` that the commands run."""
    told = tmp_path / "told"
    script = 'aws() { printf "%s\\0" "$@" >>told; printf "\\n\\0" >>told; }\n' + commands
    subprocess.run(["bash", "-eu", "-c", script], check=True, cwd=tmp_path, timeout=10)
    calls = told.read_text().split("\n\0")
    return [call.split("\0")[:-1] for call in calls if call]


@pytest.mark.parametrize("document", [POLICY.document, ODD])
def test_the_commands_give_the_aws_cli_the_documents(document: dict[str, Any], tmp_path: Path) -> None:
    (alone,) = run(as_cli(made(document)), tmp_path)
    assert alone[:5] == ["iam", "create-policy", "--policy-name", "cwtui-app", "--policy-document"]
    assert json.loads(alone[5]) == document
    (tmp_path / "told").unlink()
    role, put, profile, add = run(as_cli(made(document, trust=True, profile_for_ec2=True)), tmp_path)
    assert role[:4] == ["iam", "create-role", "--role-name", "cwtui-app"]
    assert json.loads(role[5]) == TRUST
    assert put[1] == "put-role-policy"
    assert json.loads(put[-1]) == document
    assert (profile[1], add[1]) == ("create-instance-profile", "add-role-to-instance-profile")


def test_a_policy_too_long_for_a_managed_one_is_put_into_the_role(tmp_path: Path) -> None:
    many = tuple(f"/team/service-{number}" for number in range(40))
    policy, _ = make_policy(Wanted(groups=many))
    text = as_cli(Made(policy, "x"))
    assert text.startswith("# The policy has ")
    assert run(text, tmp_path)[0][1] == "put-role-policy"


@pytest.mark.parametrize("document", [POLICY.document, ODD])
def test_cloudformation_reads_the_documents(document: dict[str, Any]) -> None:
    alone = yaml.safe_load(as_cfn(made(document)))["Resources"]["CwtuiApp"]
    assert alone["Type"] == "AWS::IAM::ManagedPolicy"
    assert alone["Properties"]["PolicyDocument"] == document
    role = yaml.safe_load(as_cfn(made(document, trust=True, profile_for_ec2=True)))["Resources"]
    assert role["CwtuiApp"]["Properties"]["AssumeRolePolicyDocument"] == TRUST
    assert role["CwtuiApp"]["Properties"]["Policies"] == [
        {"PolicyName": "cwtui-app", "PolicyDocument": document}
    ]
    assert role["CwtuiAppProfile"]["Properties"]["Roles"] == [{"Ref": "CwtuiApp"}]


@pytest.mark.parametrize("document", [POLICY.document, ODD])
def test_terraform_reads_the_documents(document: dict[str, Any]) -> None:
    text = as_tf(made(document, trust=True, profile_for_ec2=True))
    assert re.findall(r'^resource "(\w+)" "cwtui_app" {$', text, re.M) == [
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_instance_profile",
    ]
    assert encoded_in(text) == [TRUST, document]
    assert encoded_in(as_tf(made(document))) == [document]
    # Terraform would put a value in the place of either.
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", text)


def encoded_in(text: str) -> list[Any]:
    """What each `jsonencode(...)` of generated HCL stands for."""
    found = []
    for body in re.findall(r"jsonencode\((.*?)^  }\)$", text, re.M | re.S):
        plain = re.sub(r'^(\s*)"?([^"\n=]+?)"? = ', r'\1"\2": ', body + "}", flags=re.M)
        plain = re.sub(r"(?<=[\]}\"])\n(\s*\")", r",\n\1", plain)
        plain = re.sub(r",(\s*[\]}])", r"\1", plain)
        found.append(json.loads(plain.replace("$${", "${").replace("%%{", "%{")))
    return found


def test_a_name_is_made_a_label_where_one_is_needed() -> None:
    odd = Made(POLICY, "4you@home", None)
    assert "  Cwtui4youHome:" in as_cfn(odd)
    assert 'resource "aws_iam_policy" "cwtui_4you_home" {' in as_tf(odd)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_each_service_is_trusted_by_its_principal(partition: str) -> None:
    principals = {
        kind: trust_policy(Trust(kind, partition))["Statement"][0]["Principal"]["Service"]
        for kind in TRUSTED
        if kind in ("ecs", "lambda", "ec2")
    }
    suffix = ".cn" if partition == "aws-cn" else ""
    assert principals == {
        "ecs": "ecs-tasks.amazonaws.com",
        "lambda": "lambda.amazonaws.com",
        "ec2": f"ec2.amazonaws.com{suffix}",
    }


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_moto_takes_each_trust_policy_and_policy_as_iam_would(partition: str) -> None:
    for trust in (
        Trust("ecs", partition, account=ACCOUNT),
        Trust("lambda", partition),
        Trust("ec2", partition),
        Trust("irsa", partition, account=ACCOUNT, provider="oidc.eks/id/A", service_account="tools:*"),
        Trust("user", partition, principal=ACCOUNT, external_id="abc-1"),
    ):
        IAMTrustPolicyDocumentValidator(json.dumps(trust_policy(trust))).validate()
    for wanted in (Wanted(pack="observability"), Wanted(partition=partition, guard=True)):
        IAMPolicyDocumentValidator(json.dumps(make_policy(wanted)[0].document)).validate()


def test_a_task_of_another_account_is_not_trusted() -> None:
    assert TRUST["Statement"][0]["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


@pytest.mark.parametrize(
    "given",
    ["oidc.eks.eu-central-1.amazonaws.com/id/ABC", "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"],
)
def test_a_service_account_of_kubernetes_is_trusted_by_its_name_and_audience(given: str) -> None:
    host = "oidc.eks.eu-central-1.amazonaws.com/id/ABC"
    trust = Trust("irsa", account=ACCOUNT, provider=given, service_account="tools:cwtui")
    (statement,) = trust_policy(trust)["Statement"]
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"}
    assert statement["Condition"]["StringEquals"] == {
        f"{host}:aud": ["sts.amazonaws.com"],
        f"{host}:sub": "system:serviceaccount:tools:cwtui",
    }


def test_a_user_is_trusted_with_the_external_id() -> None:
    user = f"arn:aws:iam::{ACCOUNT}:user/ana"
    (statement,) = trust_policy(Trust("user", principal=user, external_id="abc-1"))["Statement"]
    assert statement["Principal"] == {"AWS": user}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "abc-1"}}
    (whole,) = trust_policy(Trust("user", principal=ACCOUNT))["Statement"]
    assert whole["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


@pytest.mark.parametrize(
    "trust",
    [
        Trust("user"),
        Trust("user", principal="ana"),
        Trust("user", principal="*"),
        Trust("user", principal=f"arn:aws:iam::{ACCOUNT}:user/*"),
        Trust("user", principal=f"arn:aws:iam::{ACCOUNT}:policy/x"),
        Trust("user", principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y"),
        Trust("user", "aws-cn", principal=f"arn:aws:iam::{ACCOUNT}:user/ana"),
        Trust("user", principal=ACCOUNT, external_id="x"),
        Trust("user", principal=ACCOUNT, external_id="a b"),
        Trust("irsa"),
        Trust("irsa", account=ACCOUNT, provider="oidc.eks/id", service_account="cwtui"),
        Trust("irsa", provider="oidc.eks/id", service_account="tools:cwtui"),
        Trust("irsa", "aws-cn", provider=f"arn:aws:iam::{ACCOUNT}:oidc-provider/x", service_account="a:b"),
    ],
)
def test_a_trust_that_is_not_whole_or_too_wide_is_refused(trust: Trust) -> None:
    with pytest.raises(InputError) as refused:
        trust_policy(trust)
    assert refused.value.hint
