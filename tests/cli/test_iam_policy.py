"""`cwtui iam-policy` as it is typed: without credentials, in each form, and from what a session did."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import cwtui
from tests.fakes.aws import FakeAws

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s" * 40, "AWS_REGION": "eu-west-1"}


def now() -> int:
    return time.time_ns() // 1_000_000


async def test_without_flags_it_is_the_reader_s_policy_and_needs_no_credentials() -> None:
    ended = await cwtui("iam-policy")
    assert (ended.code, ended.err) == (0, "")
    actions = [action for one in json.loads(ended.out)["Statement"] for action in one["Action"]]
    assert actions == [
        "logs:DescribeLogGroups",
        "logs:ListLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:StartLiveTail",
    ]


async def test_the_partition_is_that_of_the_region() -> None:
    ended = await cwtui("iam-policy", "--groups", "/a,/b", "--region", "us-gov-west-1", "--feature", "live")
    arns = [f"arn:aws-us-gov:logs:us-gov-west-1:*:log-group:{name}" for name in ("/a", "/a:*", "/b", "/b:*")]
    assert json.loads(ended.out)["Statement"][0]["Resource"] == arns


async def test_a_role_for_a_task_is_printed_as_cloudformation() -> None:
    ended = await cwtui(
        *("iam-policy", "--for", "app", "--bucket", "incidents", "--account", "123456789012"),
        *("--trust", "ecs", "--name", "oncall", "--format", "cfn"),
    )
    properties = yaml.safe_load(ended.out)["Resources"]["Oncall"]["Properties"]
    assert properties["RoleName"] == "oncall"
    assert properties["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "Service": "ecs-tasks.amazonaws.com"
    }


async def test_a_pack_says_on_stderr_what_json_cannot_hold() -> None:
    ended = await cwtui("iam-policy", "--pack", "observability")
    assert len({action for one in json.loads(ended.out)["Statement"] for action in one["Action"]}) == 8
    assert "bedrock-agentcore:AllowVendedLogDeliveryForResource" in ended.err


@pytest.mark.parametrize(
    ("arguments", "saying"),
    [
        (["--with", "export", "--bucket", "incidents"], "a viewer's policy never does"),
        (["--format", "yaml"], "'yaml' is not one of"),
        (["--principal", "123456789012"], "There is nobody to trust."),
        (["--trust", "user"], "needs the user's ARN"),
        (["--name", "a/b"], "'a/b' is no name of a role"),
        (["--from-session", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["--groups", "\x1b]52;c;eA==\x07"], "is no log group"),
    ],
)
async def test_bad_input_is_one_sentence(arguments: list[str], saying: str) -> None:
    ended = await cwtui("iam-policy", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert saying in ended.err
    assert "\x1b" not in ended.err


async def test_a_session_s_calls_become_the_least_policy_of_them(tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    async with FakeAws(clock=now) as aws:
        for group in ("/shop/cart", "/shop/pay"):
            aws.logs.put(group, "one", now() - 1_000, "hello")
        for command in (
            ["groups"],
            ["events", "/shop/cart"],
            ["events", "/shop/cart"],
            ["streams", "/shop/pay"],
        ):
            ended = await cwtui(*command, "--calls", str(calls), "--endpoint-url", aws.url, env=KEYS)
            assert ended.code == 0, ended.err
    assert stat.S_IMODE(calls.stat().st_mode) == 0o600
    assert "AKIDEXAMPLE" not in calls.read_text()
    ended = await cwtui("iam-policy", "--from-session", str(calls), "--account", "123456789012")
    held = {action: one["Resource"] for one in json.loads(ended.out)["Statement"] for action in one["Action"]}
    cart, pay = (f"arn:aws:logs:eu-west-1:123456789012:log-group:/shop/{name}" for name in ("cart", "pay"))
    assert held["logs:FilterLogEvents"] == [cart, f"{cart}:*"]
    assert held["logs:DescribeLogStreams"] == [pay, f"{pay}:*"]
    assert held.keys() <= {
        "logs:DescribeLogGroups",
        "logs:ListLogGroups",
        "logs:FilterLogEvents",
        "logs:DescribeLogStreams",
    }


async def test_a_file_that_cannot_hold_the_calls_stops_the_command_before_any(tmp_path: Path) -> None:
    async with FakeAws(clock=now) as aws:
        calls = str(tmp_path / "no" / "calls.jsonl")
        ended = await cwtui("groups", "--calls", calls, "--endpoint-url", aws.url, env=KEYS)
        assert ended.code == 2
        assert "cannot be recorded" in ended.err
        assert not aws.called("DescribeLogGroups")
