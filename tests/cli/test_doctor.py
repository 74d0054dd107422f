"""`doctor` against an endpoint that speaks AWS's wire formats."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.cli.conftest import Ended, cwtui
from tests.fakes.aws import FakeAws
from tests.fakes.aws_faults import Fault
from tests.fakes.aws_iam import FakeRole
from tests.fakes.aws_s3 import FakeBucket

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPWXYZ",
    "AWS_SECRET_ACCESS_KEY": "s" * 40,
    "AWS_REGION": "eu-west-1",
    "OLLAMA_HOST": "http://127.0.0.1:9",
}
SSO_ROLE = "AWSReservedSSO_Reader_0123456789abcdef"


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now, live_interval=0.01) as fake:
        fake.logs.put("/shop/cart", "one", now() - 60_000, "hello", ingestion=now() - 50_000)
        yield fake


async def doctor(aws: FakeAws, *arguments: str) -> Ended:
    return await cwtui("doctor", *arguments, "--endpoint-url", aws.url, env=KEYS)


def denied(action: str, times: int = 1_000_000) -> Fault:
    return Fault.access_denied(
        action, "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/cart:*", times=times
    )


def checks(ended: Ended) -> dict[str, dict[str, Any]]:
    return {check["id"]: check for check in json.loads(ended.out)["checks"]}


async def test_all_is_well_with_warnings_about_the_key_and_the_retention(aws: FakeAws) -> None:
    ended = await doctor(aws)
    assert ended.code == 0
    assert "ok    Read log events" in ended.out
    assert "warn  Where the keys come from  AWS_ACCESS_KEY_ID in the environment; key AKIA…WXYZ" in ended.out
    assert "EXAMPLEEXAMP" not in ended.out
    assert "aws logs put-retention-policy --log-group-name /shop/cart" in ended.out
    assert not [call for call in aws.calls if call.operation.startswith(("Put", "Create", "Delete"))]


async def test_a_denied_feature_ends_with_4_and_prints_the_policy_for_the_role(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", denied("logs:FilterLogEvents"))
    ended = await doctor(aws, "--feature", "read log events")
    assert ended.code == 4
    assert "FAIL  Read log events" in ended.out
    assert "aws iam put-role-policy --role-name oncall" in ended.out
    assert (await doctor(aws, "--feature", "list-log-streams")).code == 0
    terraform = await doctor(aws, "--feature", "read", "--format", "tf")
    assert 'resource "aws_iam_role_policy"' in terraform.out


async def test_json_is_one_object_whose_checks_have_their_fixes(aws: FakeAws) -> None:
    aws.script("GetLogEvents", denied("logs:GetLogEvents"))
    ended = await doctor(aws, "-o", "json")
    record = json.loads(ended.out)
    assert (ended.code, record["exitCode"], record["schema"]) == (4, 4, "cwtui.doctor/1")
    assert (record["account"], record["region"]) == (aws.account, "eu-west-1")
    check = checks(ended)["feature.read-one-log-stream"]
    assert check["denied"] is True
    assert check["requestId"]
    assert set(check["fix"]) == {"cli", "cfn", "tf"}


async def test_watch_tells_what_changes_and_ends_when_all_is_well(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", denied("logs:FilterLogEvents", times=2))
    ended = await doctor(aws, "--feature", "read", "--watch", "--interval", "0.05")
    assert ended.code == 0
    assert ended.out.count("FAIL  Read log events") == 2  # in the table and above its cause
    assert "Read log events: FAIL -> ok" in ended.out
    assert "All is well after" in ended.out
    assert len(aws.called("FilterLogEvents")) == 3


async def test_without_credentials_it_ends_with_3_and_says_so_once(aws: FakeAws) -> None:
    ended = await cwtui("doctor", "--endpoint-url", aws.url, "--region", "eu-west-1")
    assert ended.code == 3
    assert ended.out.count("No AWS credentials were found.") == 1
    assert "more were not asked" in ended.out


async def test_a_live_tail_is_opened_only_where_it_is_asked_for(aws: FakeAws) -> None:
    assert "ok    Live tail" in (await doctor(aws, "--feature", "live", "--live")).out
    refused = await doctor(aws, "--feature", "live")
    assert (refused.code, "Add --live" in refused.err) == (2, True)
    assert len(aws.called("StartLiveTail")) == 1
    async with asyncio.timeout(5):
        while aws.live_sessions:  # The server sees a connection's end a moment later.
            await asyncio.sleep(0.01)


async def test_an_export_bucket_is_looked_at_and_never_written_to(aws: FakeAws) -> None:
    aws.s3.buckets["ours"] = FakeBucket(aws.account, key="arn:aws:kms:eu-west-1:1:key/k")
    aws.s3.buckets["theirs"] = FakeBucket("999999999999", blocked=False)
    ours = checks(await doctor(aws, "--bucket", "s3://ours/prefix", "-o", "json"))
    assert [ours[id_]["status"] for id_ in ("bucket", "bucket.encryption", "bucket.public")] == ["ok"] * 3
    assert "kms:GenerateDataKey" in ours["bucket.encryption"]["evidence"]
    assert ours["feature.export-to-s3"]["status"] == "unknown"
    theirs = checks(await doctor(aws, "--bucket", "theirs", "-o", "json"))
    assert "not of account 123456789012" in theirs["bucket"]["evidence"]
    assert theirs["bucket.public"]["status"] == "warn"
    assert "put-public-access-block --bucket theirs" in theirs["bucket.public"]["fix"]["cli"]
    aws.s3.buckets["theirs"].public = True
    public = await doctor(aws, "--bucket", "theirs", "-o", "json")
    assert public.code == 2
    assert "lets everybody in" in checks(public)["bucket.public"]["evidence"]
    none = await doctor(aws, "--bucket", "nowhere")
    assert (none.code, "There is no bucket nowhere." in none.out) == (5, True)
    assert not aws.called("PutObject")


async def test_the_simulator_is_asked_about_the_role_behind_an_sso_session(aws: FakeAws) -> None:
    path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    aws.iam.roles["oncall"] = FakeRole(path)
    aws.iam.simulator = lambda principal, action, resource: (
        "explicitDeny" if action == "logs:StartLiveTail" else "allowed"
    )
    found = checks(await doctor(aws, "--simulate", "-o", "json"))
    assert found["simulation"]["status"] == "ok"
    asked = {str(params["PolicySourceArn"]) for params in aws.called("SimulatePrincipalPolicy")}
    assert asked == {f"arn:aws:iam::{aws.account}:role{path}oncall"}
    live = found["feature.live-tail"]
    assert (live["denied"], "denied outright by role_oncall_logs" in live["simulated"]) == (True, True)
    assert "is allowed" in found["feature.read-log-events"]["simulated"]


async def test_it_says_why_nothing_can_be_simulated(aws: FakeAws) -> None:
    aws.iam.roles["oncall"] = FakeRole()
    aws.script("SimulatePrincipalPolicy", Fault.access_denied("iam:SimulatePrincipalPolicy", "*"))
    ended = await doctor(aws, "--simulate", "-o", "json")
    found = checks(ended)["simulation"]
    assert ended.code == 0
    assert found["status"] == "unknown"
    assert "iam:SimulatePrincipalPolicy" in found["fix"]["cli"]


async def test_offline_it_says_that_nothing_needs_a_permission() -> None:
    ended = await cwtui("doctor", "--mock")
    assert (ended.code, "Nothing needs credentials or permissions" in ended.out) == (0, True)
    assert (await cwtui("doctor", "role", "x", "--mock")).code == 2


async def test_a_feature_that_nobody_knows_is_refused_with_those_there_are(aws: FakeAws) -> None:
    ended = await doctor(aws, "--feature", "fly")
    assert ended.code == 2
    assert "no feature 'fly'" in ended.err
    assert "read-log-events" in ended.err


# Roles ------------------------------------------------------------------------------------------


def allowing(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


async def test_a_role_is_held_against_a_pack_over_pages_of_inline_and_attached_policies(
    aws: FakeAws,
) -> None:
    arn = "arn:aws:iam::123456789012:policy/delivery"
    aws.iam.policies[arn] = [allowing("logs:*"), allowing("logs:GetDelivery", "logs:Describe*")]
    inline = {f"p{number}": allowing("s3:GetObject") for number in range(4)}
    aws.iam.roles["agent"] = FakeRole(inline=inline | {"own": allowing("logs:PutDelivery*")}, attached=[arn])
    ended = await doctor(aws, "role", "agent", "--require", "observability")
    assert ended.code == 4
    assert "observability: 4 of 8 actions present" in ended.out
    assert "ok       logs:PutDeliverySource" in ended.out
    assert "MISSING  logs:CreateDelivery" in ended.out
    addition = ended.out.partition("The smallest addition:")[2]
    assert "--role-name agent" in addition
    assert "logs:GetDelivery" not in addition
    record = json.loads((await doctor(aws, "role", "agent", "--policy", "Nope", "-o", "json")).out)
    assert record["policy"] == {"name": "Nope", "present": False}


async def test_a_complete_role_ends_with_0_and_one_that_is_not_there_with_5(aws: FakeAws) -> None:
    aws.iam.roles["all"] = FakeRole(inline={"p": allowing("*")})
    assert (await doctor(aws, "role", "all", "--require", "observability")).code == 0
    none = await doctor(aws, "role", "nobody", "--require", "observability")
    assert (none.code, "nobody" in none.err) == (5, True)
    pack = await doctor(aws, "role", "all", "--require", "everything")
    assert (pack.code, "There is no pack 'everything'." in pack.err) == (2, True)


async def test_what_a_roles_policies_say_stands_where_the_simulator_may_not_be_asked(aws: FakeAws) -> None:
    aws.iam.roles["all"] = FakeRole(inline={"p": allowing("*")})
    aws.script("SimulatePrincipalPolicy", Fault.access_denied("iam:SimulatePrincipalPolicy", "*"))
    ended = await doctor(aws, "role", "all", "--require", "observability", "--simulate")
    assert ended.code == 0
    assert "8 of 8 actions present" in ended.out
    assert "iam:SimulatePrincipalPolicy" in ended.err


async def test_two_roles_are_compared_side_by_side(aws: FakeAws) -> None:
    aws.iam.roles["good"] = FakeRole(inline={"p": allowing("*")})
    aws.iam.roles["bad"] = FakeRole(inline={"p": allowing("logs:*")})
    ended = await doctor(aws, "compare", "good", "bad", "--require", "observability")
    assert ended.code == 4
    assert "≠ bedrock:AllowVendedLogDeliveryForResource  ok" in ended.out
    record = json.loads((await doctor(aws, "compare", "good", "bad", "--require", "sink", "-o", "json")).out)
    assert record["same"] is True
    unknown = await doctor(aws, "compare", "good@nowhere", "bad")
    assert (unknown.code, "nowhere" in unknown.err) == (2, True)
