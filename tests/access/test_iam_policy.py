"""Generated policies: what two oracles and our own evaluator say of them, and what they never hold."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_sentry.querying.actions import get_actions_for_service

from cwtui.access.iam_policy import GUARDED, MANAGED_LIMIT, Policy
from cwtui.access.packs import PACKS
from cwtui.access.policy_documents import read_policy
from cwtui.access.policy_evaluation import evaluate
from cwtui.access.policy_request import Wanted, make_policy
from cwtui.access.session_calls import Called, read_calls
from cwtui.core.errors import InputError
from cwtui.core.permissions import AREAS, Area, rows_of
from tests.access.oracles import access_level, findings

ACCOUNT = "123456789012"
REGIONS = {"aws": "eu-central-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
READING = [area for area in AREAS if area not in ("export", "sink")]


def wanted(features: Sequence[str], partition: str = "aws", **more: Any) -> Wanted:
    """A request for features, with what each of them needs to be named."""
    region = REGIONS[partition]
    return Wanted(
        role="app" if {"export", "sink"} & set(features) else "viewer",
        features=tuple(features),
        bucket="incidents" if {"export", "doctor"} & set(features) else "",
        prefix="cwtui" if "export" in features else "",
        key=f"arn:{partition}:kms:{region}:{ACCOUNT}:key/1234abcd" if "export" in features else "",
        role_arn=f"arn:{partition}:iam::{ACCOUNT}:role/reader" if "assume" in features else "",
        account=ACCOUNT,
        region=region,
        **more,
    )


def made(request: Wanted) -> Policy:
    return make_policy(request)[0]


def actions_of(policy: Policy, effect: str = "Allow") -> set[str]:
    return {
        action
        for statement in policy.document["Statement"]
        if statement["Effect"] == effect
        for action in statement["Action"]
    }


feature_sets = st.sets(st.sampled_from(list(AREAS)), min_size=1).map(
    lambda chosen: tuple(area for area in AREAS if area in chosen)
)
partitions = st.sampled_from(sorted(REGIONS))
group_lists = st.lists(
    st.sampled_from(["*", "/aws/lambda/*", "/shop/cart", "app#1", "a?b"]), max_size=3, unique=True
).map(tuple)


@given(feature_sets, partitions, group_lists)
@settings(max_examples=40, deadline=None)
def test_parliament_finds_nothing(
    features: tuple[Area, ...], partition: str, groups: tuple[str, ...]
) -> None:
    assert findings(made(wanted(features, partition, groups=groups)).document) == []


@pytest.mark.parametrize("partition", REGIONS)
@pytest.mark.parametrize("area", list(AREAS))
def test_parliament_finds_nothing_in_any_feature_by_itself(area: Area, partition: str) -> None:
    assert findings(made(wanted([area], partition)).document) == []


@pytest.mark.parametrize("name", PACKS)
def test_the_oracles_know_the_packs(name: str) -> None:
    policy = made(Wanted(pack=name, account=ACCOUNT, region="eu-central-1", bucket="incidents"))
    assert findings(policy.document) == []
    for action in actions_of(policy):
        assert access_level(action), action


@given(feature_sets, partitions, group_lists, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_every_operation_of_the_features_is_allowed_and_another_is_not(
    features: tuple[Area, ...], partition: str, groups: tuple[str, ...], dice: random.Random
) -> None:
    request = wanted(features, partition, groups=groups)
    policy = made(request)
    documents = [read_policy(policy.document)]
    names = {
        "partition": partition,
        "region": REGIONS[partition],
        "account": ACCOUNT,
        "bucket": "incidents",
        "prefix": "cwtui/window/",
        "role": request.role_arn,
        "role_name": "reader",
        "key": request.key,
    }
    rows = [row for area in features for row in rows_of(area) if not row.free]
    for row in rows:
        answer = "conditional" if row.condition else "allowed"
        for group in groups or ("/any/group",):
            named = group.replace("*", "x").replace("?", "x")
            for template in row.resources:
                resource = template.format_map({**names, "group": named}).replace(
                    ":log-stream:*", ":log-stream:s"
                )
                assert evaluate(documents, row.action, resource).answer == answer, (row.action, resource)
    asked = {row.action.lower() for row in rows}
    service = dice.choice(["logs", "s3", "iam", "kms", "sts", "ec2"])
    others = sorted(one for one in get_actions_for_service(service) if one.lower() not in asked)
    assert evaluate(documents, dice.choice(others), "*").answer == "absent"


def test_a_viewer_is_never_allowed_to_write() -> None:
    for role in ("", "viewer"):
        policy = made(replace(wanted(READING), role=role))
        for action in actions_of(policy) - {"sts:AssumeRole"}:
            assert access_level(action) in ("Read", "List"), action


@pytest.mark.parametrize("feature", ["export", "sink"])
def test_a_viewer_that_asks_for_what_writes_is_refused(feature: str) -> None:
    with pytest.raises(InputError, match=f"The feature {feature} writes"):
        make_policy(Wanted(extras=(feature,), bucket="incidents"))


def test_the_app_writes_to_s3_only_where_a_bucket_is_named() -> None:
    assert not any(action.startswith("s3:") for action in actions_of(made(Wanted(role="app"))))
    policy = made(Wanted(role="app", bucket="incidents", prefix="/cwtui/"))
    objects = next(one for one in policy.document["Statement"] if "s3:PutObject" in one["Action"])
    assert objects["Resource"] == ["arn:aws:s3:::incidents/cwtui/*"]
    assert not {"s3:PutObjectAcl", "s3:*", "s3:DeleteObject"} & actions_of(policy)


def test_the_well_known_mistakes_are_not_repeated() -> None:
    policy = made(wanted(["browse", "read"], groups=("/aws/lambda/*",)))
    held = {action: one["Resource"] for one in policy.document["Statement"] for action in one["Action"]}
    group = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/aws/lambda/*"
    assert held["logs:DescribeLogGroups"] == "*"
    assert held["logs:FilterLogEvents"] == [group, f"{group}:*"]
    assert held["logs:GetLogEvents"] == [f"{group}:log-stream:*"]


@pytest.mark.parametrize(
    ("partition", "services"),
    [
        ("aws", ["s3.eu-central-1.amazonaws.com"]),
        ("aws-us-gov", ["s3.us-gov-west-1.amazonaws.com"]),
        ("aws-cn", ["s3.cn-north-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"]),
    ],
)
def test_a_key_is_used_by_way_of_s3_in_its_own_region_only(partition: str, services: list[str]) -> None:
    request = replace(wanted(["export"], partition), region="", partition=partition)
    key = next(one for one in made(request).document["Statement"] if "Condition" in one)
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": services}}
    assert key["Resource"] == [request.key]


def test_a_group_given_by_its_arn_keeps_its_account_and_region() -> None:
    arn = "arn:aws:logs:us-east-1:999999999999:log-group:/shop"
    policy = made(wanted(["read"], groups=(f"{arn}:*", "/cart")))
    read = next(one for one in policy.document["Statement"] if one["Sid"] == "ReadGroups")
    here = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/cart"
    assert read["Resource"] == [here, f"{here}:*", arn, f"{arn}:*"]


def test_the_guard_denies_every_change_of_cloudwatch_logs_and_nothing_that_reads() -> None:
    documents = [read_policy(made(wanted(READING, guard=True)).document)]
    for area in READING:
        for row in rows_of(area):
            assert evaluate(documents, row.action, "*").answer != "denied"
    denied = {
        action
        for action in get_actions_for_service("logs")
        if evaluate(documents, action, "*").answer == "denied"
    }
    assert {"logs:PutLogEvents", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"} <= denied
    assert {access_level(action) for action in denied} <= {"Write", "Tagging", "Permissions management"}
    assert all(action.startswith("logs:") and action.endswith("*") for action in GUARDED)


def test_a_sid_is_used_once_and_has_letters_and_digits_only() -> None:
    for request in (wanted(list(AREAS), guard=False), Wanted(pack="observability")):
        sids = [one["Sid"] for one in made(request).document["Statement"]]
        assert len(sids) == len(set(sids))
        assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)


def test_a_policy_over_iam_s_limits_says_so_and_what_to_do() -> None:
    small = made(wanted(["read"]))
    assert (small.notes, small.size < MANAGED_LIMIT) == ((), True)
    many = made(wanted(["read"], groups=tuple(f"/team/service-{number}" for number in range(30))))
    assert many.size > MANAGED_LIMIT
    assert "inline policy" in many.notes[0]
    more = made(wanted(["read"], groups=tuple(f"/team/service-{number}" for number in range(60))))
    assert "10,240" in more.notes[0]


def test_white_space_does_not_count() -> None:
    policy = made(Wanted())
    assert policy.size == len("".join(json.dumps(policy.document, indent=8).split()))


CALLS = (
    Called("sts", "GetCallerIdentity", "eu-central-1", ""),
    Called("logs", "DescribeLogGroups", "eu-central-1", ""),
    Called("logs", "FilterLogEvents", "eu-central-1", "/shop/cart"),
    Called("logs", "FilterLogEvents", "eu-west-1", "/shop/pay"),
    Called("logs", "GetLogEvents", "eu-central-1", "arn:aws:logs:eu-north-1:999999999999:log-group:/far"),
    Called("sts", "AssumeRole", "eu-central-1", f"arn:aws:iam::{ACCOUNT}:role/reader"),
    Called("s3", "PutObject", "eu-central-1", "incidents/2026/"),
    Called("iam", "GetRole", "aws-global", "worker"),
    Called("sso", "GetRoleCredentials", "eu-central-1", ""),
)


def test_what_a_session_called_is_allowed_and_nothing_else() -> None:
    policy = made(Wanted(role="app", calls=CALLS, account=ACCOUNT))
    held = {action: one["Resource"] for one in policy.document["Statement"] for action in one["Action"]}
    cart = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/shop/cart"
    pay = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/shop/pay"
    assert held == {
        "logs:DescribeLogGroups": "*",
        "logs:FilterLogEvents": [cart, f"{cart}:*", pay, f"{pay}:*"],
        "logs:GetLogEvents": ["arn:aws:logs:eu-north-1:999999999999:log-group:/far:log-stream:*"],
        "sts:AssumeRole": [f"arn:aws:iam::{ACCOUNT}:role/reader"],
        "s3:PutObject": ["arn:aws:s3:::incidents/2026/*"],
        "iam:GetRole": [f"arn:aws:iam::{ACCOUNT}:role/worker"],
    }
    assert findings(policy.document) == []


def test_a_session_s_writes_are_left_out_of_a_viewer_s_policy_and_named() -> None:
    policy = made(Wanted(calls=CALLS))
    assert "s3:PutObject" not in actions_of(policy)
    assert policy.notes[1:] == ("Left out, as a viewer writes nothing: s3:PutObject. Add --for app.",)


def test_a_session_that_took_on_a_role_says_whose_part_is_whose() -> None:
    assert "Who takes on" in made(Wanted(role="app", calls=CALLS)).notes[0]


def test_a_key_of_the_bucket_s_own_is_asked_for_as_no_call_shows_it() -> None:
    assert "--kms-key" in made(Wanted(role="app", bucket="incidents")).notes[0]
    assert made(wanted(["export"])).notes == ()


def test_a_session_in_china_gives_a_policy_of_that_partition() -> None:
    policy = made(Wanted(calls=(Called("logs", "FilterLogEvents", "cn-north-1", "/a"),)))
    assert policy.document["Statement"][0]["Resource"][0] == "arn:aws-cn:logs:cn-north-1:*:log-group:/a"


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"service": "logs"}', '{"service":1,"operation":"","region":"","resource":""}']
)
def test_a_line_that_is_no_call_is_named(line: str) -> None:
    good = '{"service":"logs","operation":"GetLogEvents","region":"eu-west-1","resource":"/a"}'
    assert len(read_calls([good, "", good])) == 1
    with pytest.raises(InputError, match="Line 2 is no recorded call"):
        read_calls([good, line])


@pytest.mark.parametrize(
    ("request_", "saying"),
    [
        (Wanted(pack="nothing"), "There is no pack 'nothing'"),
        (Wanted(features=("fly",)), "There is no feature 'fly'"),
        (Wanted(extras=("fly",)), "There is no feature 'fly'"),
        (Wanted(pack="sink", features=("read",)), "--pack and --feature each say"),
        (Wanted(pack="sink", extras=("read",)), "--pack says what is needed"),
        (Wanted(pack="sink", role="app"), "--pack goes neither"),
        (Wanted(calls=CALLS, features=("read",)), "--from-session and --feature"),
        (Wanted(role="app", extras=("export",)), "none is named"),
        (Wanted(bucket="incidents"), "no feature wanted here needs one"),
        (Wanted(prefix="x"), "are for exports"),
        (Wanted(extras=("assume",)), "none is named"),
        (Wanted(role="app", extras=("sink",), guard=True), "--guard denies"),
        (Wanted(region="mars"), "There is no region 'mars'"),
        (Wanted(region="us-iso-east-1"), "is in partition aws-iso"),
        (Wanted(region="eu-centrall-1"), "There is no region 'eu-centrall-1'"),
        (Wanted(region="cn-north-1", partition="aws"), "in partition aws-cn, not in aws"),
        (Wanted(partition="moon"), "There is no partition"),
        (Wanted(account="12"), "'12' is no account"),
        (Wanted(groups=("a b",)), "'a b' is no log group"),
        (Wanted(groups=("${aws:username}",)), "is no log group"),
        (Wanted(groups=("arn:aws-cn:logs:cn-north-1:123456789012:log-group:/a",)), "is of partition aws-cn"),
        (Wanted(groups=("arn:aws:s3:::bucket",)), "is not the ARN"),
        (Wanted(role="app", bucket="Big_Bucket"), "no name of a bucket"),
        (Wanted(role="app", bucket="incidents", prefix="a*"), "no prefix"),
        (Wanted(role="app", bucket="incidents", key="alias/x"), "is not the ARN"),
        (
            Wanted(features=("identity",), calls=None, role="viewer", region="*", account="1" * 13),
            "no account",
        ),
        (Wanted(calls=(Called("sts", "GetCallerIdentity", "", ""),)), "Nothing of this needs a permission"),
        (
            Wanted(calls=(CALLS[2], Called("logs", "FilterLogEvents", "cn-north-1", "/a"))),
            "several partitions: aws, aws-cn",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(request_: Wanted, saying: str) -> None:
    with pytest.raises(InputError, match=re.escape(saying)) as refused:
        make_policy(request_)
    assert refused.value.hint
