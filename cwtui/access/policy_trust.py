"""Who may take on a role: its trust policy.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html,
https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from cwtui.access.arns import Arn, read_arn, same_partition
from cwtui.core.errors import InputError

Trusted = Literal["ecs", "lambda", "ec2", "irsa", "user"]
TRUSTED: tuple[Trusted, ...] = ("ecs", "lambda", "ec2", "irsa", "user")
_SERVICES = {"ecs": "ecs-tasks.amazonaws.com", "lambda": "lambda.amazonaws.com", "ec2": "ec2.amazonaws.com"}
_PROVIDER = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?:[a-z0-9*]([a-z0-9.*-]*[a-z0-9*])?")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Trust:
    """Who is trusted, and what says so."""

    kind: Trusted
    partition: str = "aws"
    region: str = "*"
    account: str = "*"
    principal: str = ""
    """`user`: the ARN of a user or role, or an account."""
    external_id: str = ""
    provider: str = ""
    """`irsa`: the cluster's OIDC provider, its ARN or its URL."""
    service_account: str = ""
    """`irsa`: `NAMESPACE:NAME`."""


def trust_policy(trust: Trust) -> dict[str, Any]:
    """The trust policy. Raises InputError where something is missing or is not what it should be."""
    if trust.kind == "irsa":
        statement = _irsa(trust)
    elif trust.kind == "user":
        statement = _user(trust)
    else:
        statement = _service(trust)
    return {"Version": "2012-10-17", "Statement": [statement]}


def _service(trust: Trust) -> dict[str, Any]:
    service = _SERVICES[trust.kind]
    if trust.kind == "ec2" and trust.partition == "aws-cn":
        service += ".cn"
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if trust.kind == "ecs" and trust.account != "*":
        # Else a task of another account could be given this role through the service.
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": trust.account},
            "ArnLike": {"aws:SourceArn": f"arn:{trust.partition}:ecs:{trust.region}:{trust.account}:*"},
        }
    return statement


def _irsa(trust: Trust) -> dict[str, Any]:
    if not trust.provider or not _SERVICE_ACCOUNT.fullmatch(trust.service_account):
        raise InputError(
            "A trust policy for a Kubernetes service account needs its OIDC provider and its name.",
            "Give --oidc-provider ARN (or its URL, with --account) and --service-account NAMESPACE:NAME.",
            code="trust",
        )
    provider = _provider(trust)
    host = provider.resource.removeprefix("oidc-provider/")
    audience = ["sts.amazonaws.com"]
    if trust.partition == "aws-cn":
        audience.append("sts.amazonaws.com.cn")
    who = f"system:serviceaccount:{trust.service_account}"
    return {
        "Effect": "Allow",
        "Principal": {"Federated": str(provider)},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{host}:aud": audience} | ({} if "*" in who else {f"{host}:sub": who}),
            **({"StringLike": {f"{host}:sub": who}} if "*" in who else {}),
        },
    }


def _provider(trust: Trust) -> Arn:
    example = (
        f"arn:{trust.partition}:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"
    )
    if trust.provider.startswith("arn:"):
        arn = read_arn(trust.provider, "iam", "oidc-provider/", example=example)
        same_partition(arn, trust.partition)
        return arn
    host = trust.provider.removeprefix("https://").rstrip("/")
    if not _PROVIDER.fullmatch(host) or trust.account == "*":
        raise InputError(
            f"The OIDC provider '{trust.provider}' needs --account, or to be given as an ARN.",
            f"Write it like {example}.",
            code="trust",
        )
    return Arn(trust.partition, "iam", "", trust.account, f"oidc-provider/{host}")


def _user(trust: Trust) -> dict[str, Any]:
    text = trust.principal
    if re.fullmatch(r"\d{12}", text):
        text = f"arn:{trust.partition}:iam::{text}:root"
    example = f"--principal arn:{trust.partition}:iam::123456789012:user/ana"
    if not text:
        raise InputError("A trust policy for a user needs the user's ARN.", f"Give {example}.", code="trust")
    if ":assumed-role/" in text:
        raise InputError(
            f"'{text}' is a session of a role, not the role.",
            f"Give the role's own ARN: {example}.",
            code="arn",
        )
    arn = read_arn(text, "iam", "", example=example)
    if not arn.resource.startswith(("user/", "role/", "root")) or "*" in text:
        raise InputError(f"'{text}' is no user, role or account.", f"Give {example}.", code="arn")
    same_partition(arn, trust.partition)
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": str(arn)},
        "Action": "sts:AssumeRole",
    }
    if trust.external_id:
        if not _EXTERNAL_ID.fullmatch(trust.external_id):
            raise InputError(
                "This is no external id.",
                "It is 2 to 1,224 of letters, digits and + = , . @ : / -.",
                code="trust",
            )
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": trust.external_id}}
    return statement
