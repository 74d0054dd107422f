"""The permissions table is whole: what the code can issue stands in it, and what stands in it is issued."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from policy_sentry.querying.actions import get_action_data

import cwtui
from cwtui.core.permissions import (
    AREAS,
    SDK_OPERATIONS,
    TABLE,
    permission,
    rows_of,
    smallest_statement,
)

SERVICES = (
    "logs",
    "sts",
    "iam",
    "s3",
    "kms",
    "oam",
    "organizations",
    "sso",
    "ssm",
    "sns",
    "events",
    "lambda",
)
ISSUED_BY_THE_SDK = {
    ("s3", operation): "boto3's managed transfer issues it for upload_fileobj"
    for operation in (
        "PutObject",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
    )
}


@cache
def operations(service: str) -> dict[str, str]:
    """Of a service: the API name by itself and by the client's method."""
    names = botocore_session().get_service_model(service).operation_names
    return {name: name for name in names} | {xform_name(name): name for name in names}


@cache
def botocore_session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def nodes() -> tuple[ast.AST, ...]:
    """What the whole program is made of, but for the table."""
    root = Path(cwtui.__file__).parent
    paths = (path for path in sorted(root.rglob("*.py")) if path.name != "permissions.py")
    kinds = (ast.Call, ast.Tuple, ast.Constant, ast.Attribute)
    return tuple(
        node
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds)
    )


def pairs_named() -> Iterator[tuple[str, str]]:
    """Two texts in a row, among arguments or in a tuple, that are a service and an operation of it."""
    for node in nodes():
        values = list(node.elts) if isinstance(node, ast.Tuple) else []
        if isinstance(node, ast.Call):
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
        for first, second in pairwise(values):
            if isinstance(first, ast.Constant) and isinstance(second, ast.Constant):
                service, operation = first.value, second.value
                if service in SERVICES and isinstance(operation, str) and operation in operations(service):
                    yield service, operation


def methods_called() -> Iterator[tuple[str, str]]:
    """Methods of clients: what is called on something named a client."""
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            for service in SERVICES if "client" in name else ():
                if node.func.attr in operations(service):
                    yield service, operations(service)[node.func.attr]


def first_arguments_of_calls() -> Iterator[str]:
    """The first text given to whatever is called `call`, `_call`, `call_log`, ..."""
    for node in nodes():
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if "call" in name and isinstance(node.args[0].value, str):
                yield node.args[0].value


def names_written() -> Iterator[str]:
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_every_operation_that_the_code_can_issue_stands_in_the_table() -> None:
    issued = {*pairs_named(), *methods_called()}
    assert {("logs", "StartLiveTail"), ("sts", "GetCallerIdentity")} <= issued
    missing = {pair for pair in issued if permission(*pair) is None} - SDK_OPERATIONS
    assert not missing


def test_every_operation_that_a_call_is_named_by_stands_in_the_table() -> None:
    called = set(first_arguments_of_calls())
    known = {name for service in SERVICES for name in operations(service)}
    assert {"FilterLogEvents", "GetLogEvents", "DescribeLogStreams"} <= called
    assert not {name for name in called & known if not any(permission(one, name) for one in SERVICES)}


def test_no_row_stands_without_something_that_issues_it() -> None:
    written = set(names_written())
    idle = {
        (row.service, row.operation)
        for row in TABLE
        if row.operation and not {row.operation, xform_name(row.operation)} & written
    }
    assert idle <= ISSUED_BY_THE_SDK.keys()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.service}-{row.operation or row.action}")
def test_each_row_names_an_operation_of_botocore_and_an_action_of_iam(
    row: object,
) -> None:
    held = next(one for one in TABLE if one is row)
    if held.operation:
        assert held.operation in operations(held.service)
    service, _, action = held.action.partition(":")
    known = get_action_data(service, action)
    assert known, held.action
    level = {one["access_level"] for one in known[service]}
    changes = {"Write", "Permissions management", "Tagging"}
    # Assuming a role and decrypting are listed as writes, and change nothing outside.
    assert held.writes == bool(level & changes) or held.action in ("sts:AssumeRole",)
    assert held.without.endswith(".")
    assert held.area in AREAS


def test_each_resource_has_the_form_that_iam_knows_for_the_action() -> None:
    for row in TABLE:
        service, _, action = row.action.partition(":")
        data = get_action_data(service, action)
        assert isinstance(data, dict)
        forms = [one["resource_arn_format"] for one in data[service]]
        wants_any = forms == ["*"]
        assert wants_any == (row.resources == ("*",)), row.action


def test_an_action_on_a_group_names_both_forms_of_its_arn() -> None:
    for row in TABLE:
        bare = [one for one in row.resources if one.endswith("log-group:{group}")]
        below = [one for one in row.resources if one.endswith("log-group:{group}:*")]
        assert len(bare) == len(below), row.action


def test_an_operation_has_one_row_and_an_area_at_least_one() -> None:
    pairs = [(row.service, row.operation) for row in TABLE if row.operation]
    assert len(pairs) == len(set(pairs))
    assert all(rows_of(area) for area in AREAS)


def test_what_aws_does_in_our_name_is_no_operation_of_ours() -> None:
    assert permission("kms", "") is None
    assert [row.action for row in TABLE if row.service == "kms"] == ["kms:GenerateDataKey", "kms:Decrypt"]


def test_a_key_is_allowed_only_by_way_of_s3() -> None:
    row = next(row for row in TABLE if row.service == "kms")
    statement = json.loads(smallest_statement(row, region="eu-central-1", key="arn:aws:kms:::key/1"))
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": ["s3.eu-central-1.amazonaws.com"]}}
    anywhere = json.loads(smallest_statement(row))
    assert anywhere["Condition"] == {"StringLike": {"kms:ViaService": ["s3.*.amazonaws.com"]}}
