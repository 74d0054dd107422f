"""A round of checks on a scripted AWS: what is asked, how much at once, and what each answer means."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cwtui.access.credential_sources import Place, SignedIn, Source
from cwtui.access.doctor.exam import Bench
from cwtui.access.doctor.findings import Finding, Report, Status, report_record
from cwtui.access.doctor.plan import plan
from cwtui.access.doctor.probes import features_named
from cwtui.access.doctor.rounds import examine
from cwtui.access.doctor.verdicts import NOT_ASKED
from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.core.errors import CwtuiError, InputError, Renewal, RenewalKind
from cwtui.settings import Settings
from tests.fakes.scripted_door import NOW, ScriptedDoor
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock

GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/cart:*"
ROLE = "arn:aws:sts::123456789012:assumed-role/oncall/ana"


def bench_of(door: ScriptedDoor, **choices: Any) -> Bench:
    return Bench(door, ScriptedReader(VirtualClock()), Settings(), lambda: NOW, **choices)


async def round_of(door: ScriptedDoor, **choices: Any) -> Report:
    bench = bench_of(door, **choices)
    return await examine(bench, plan(bench))


def by_id(report: Report) -> Mapping[str, Finding]:
    return {finding.id: finding for finding in report.findings}


def denied(operation: str, action: str, reason: str = "", resource: str = GROUP) -> CwtuiError:
    reason = reason or f"because no identity-based policy allows the {action} action"
    message = f"User: {ROLE} is not authorized to perform: {action} on resource: {resource} {reason}"
    service = action.partition(":")[0]
    name = "AccessDeniedException"
    return explain_error(Failure(name, message, service, operation, resource="/shop/cart", status=400))


def no_credentials() -> CwtuiError:
    return explain_error(Failure("NoCredentialsError", service="sts", operation="GetCallerIdentity"))


async def test_a_healthy_round_finds_all_well_with_one_call_of_each_kind() -> None:
    door = ScriptedDoor()
    report = await round_of(door)
    assert report.exit_code == 0
    assert {finding.status for finding in report.findings} <= {Status.OK, Status.SKIPPED}
    operations = [operation for _, operation, _ in door.calls]
    assert len(operations) == len(set(operations)) == 9
    assert "acme-prod (123456789012)" in by_id(report)["identity"].evidence


async def test_every_call_that_needs_no_other_answer_is_under_way_at_once() -> None:
    door = ScriptedDoor(gate=asyncio.Event())
    bench = bench_of(door, group="/shop/cart")
    running = asyncio.create_task(examine(bench, plan(bench)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert door.gate is not None
    # All but GetLogEvents, which reads the stream that DescribeLogStreams names.
    assert door.most == 8
    door.gate.set()
    assert (await running).exit_code == 0


async def test_findings_are_told_as_they_come_and_reported_in_the_order_of_the_plan() -> None:
    door = ScriptedDoor(gate=asyncio.Event())
    bench = bench_of(door)
    checks, told = plan(bench), list[str]()
    running = asyncio.create_task(examine(bench, checks, lambda finding: told.append(finding.id)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert sorted(told) == ["credentials", "expiry", "model"]
    assert door.gate is not None
    door.gate.set()
    report = await running
    assert [finding.id for finding in report.findings] == [check.id for check in checks]
    assert sorted(told) == sorted(check.id for check in checks)


async def test_a_denied_feature_fails_with_its_policy_type_and_the_smallest_fix_for_the_role() -> None:
    door = ScriptedDoor()
    door.answers["FilterLogEvents"] = denied("FilterLogEvents", "logs:FilterLogEvents")
    report = await round_of(door)
    finding = by_id(report)["feature.read-log-events"]
    assert (finding.status, finding.denied, report.exit_code) == (Status.FAIL, True, 4)
    assert "identity-based policy" in finding.cause
    assert "put-role-policy --role-name oncall" in finding.fix.cli
    assert '"logs:FilterLogEvents"' in finding.fix.cli
    assert GROUP in finding.fix.cli
    assert GROUP.removesuffix(":*") + '"' in finding.fix.cli
    assert "AWS::IAM::RolePolicy" in finding.fix.cfn
    assert "aws_iam_role_policy" in finding.fix.tf
    assert by_id(report)["feature.read-one-log-stream"].status is Status.OK


@pytest.mark.parametrize(
    "reason",
    [
        "with an explicit deny in an identity-based policy",
        "with an explicit deny in a service control policy",
        "because no service control policy allows the logs:FilterLogEvents action",
    ],
)
async def test_no_statement_is_offered_where_none_would_help(reason: str) -> None:
    door = ScriptedDoor()
    door.answers["FilterLogEvents"] = denied("FilterLogEvents", "logs:FilterLogEvents", reason)
    finding = by_id(await round_of(door))["feature.read-log-events"]
    assert finding.denied
    assert "put-role-policy" not in finding.fix.cli
    assert not finding.fix.tf


async def test_a_denial_of_what_reading_does_not_need_is_a_warning_unless_it_is_named() -> None:
    door = ScriptedDoor()
    door.answers["DescribeMetricFilters"] = denied("DescribeMetricFilters", "logs:DescribeMetricFilters")
    report = await round_of(door)
    assert by_id(report)["feature.see-metric-filters"].status is Status.WARN
    assert report.exit_code == 0
    named = await round_of(door, features=features_named(("DescribeMetricFilters",)))
    assert named.exit_code == 4


async def test_only_named_features_are_probed_and_decide() -> None:
    door = ScriptedDoor()
    door.answers["FilterLogEvents"] = denied("FilterLogEvents", "logs:FilterLogEvents")
    report = await round_of(door, features=features_named(("read one log stream",)))
    assert report.exit_code == 0
    assert not door.asked("FilterLogEvents")
    assert features_named(("logs:GetLogEvents",)) == features_named(("read-one-log-stream",))
    assert "read log events" in features_named(("read",))
    with pytest.raises(InputError, match="no feature 'nope'"):
        features_named(("nope",))


async def test_without_credentials_one_failure_is_told_and_the_rest_is_not_asked_for_again() -> None:
    error = no_credentials()
    door = ScriptedDoor(signed=error)
    door.answers = dict.fromkeys(door.answers, error)
    report = await round_of(door)
    assert report.exit_code == 3
    assert [finding.id for finding in report.findings if finding.status is Status.FAIL] == ["identity"]
    rest = [finding for finding in report.findings if finding.id not in ("identity", "endpoint", "model")]
    assert {finding.evidence for finding in rest} == {NOT_ASKED}


async def test_sts_out_of_reach_does_not_hide_that_logs_can_be_read() -> None:
    door = ScriptedDoor()
    door.answers["GetCallerIdentity"] = explain_error(
        Failure("ConnectTimeoutError", service="sts", operation="GetCallerIdentity")
    )
    findings = by_id(await round_of(door))
    assert findings["feature.read-log-events"].status is Status.OK
    assert findings["identity"].status is not Status.OK


async def test_root_fails_and_a_long_lived_key_warns_by_its_last_four_characters_only() -> None:
    door = ScriptedDoor(signed=SignedIn("env", "AKIA", "WXYZ"))
    door.answers["GetCallerIdentity"] = {"Account": "1", "Arn": "arn:aws:iam::1:root"}
    report = await round_of(door)
    assert by_id(report)["identity"].status is Status.FAIL
    assert report.exit_code == 3
    key = by_id(report)["credentials"]
    assert key.status is Status.WARN
    assert "AKIA…WXYZ" in key.evidence


async def test_the_provider_that_won_and_those_it_beat_are_named() -> None:
    sources = (Source("env", "AWS_ACCESS_KEY_ID in the environment"), Source("sso", "profile 'p': SSO"))
    door = ScriptedDoor(signed=SignedIn("env", "ASIA", "WXYZ", None, "p", sources))
    evidence = by_id(await round_of(door))["credentials"].evidence
    assert evidence.startswith("AWS_ACCESS_KEY_ID in the environment")
    assert "Passed over: profile 'p': SSO" in evidence


@pytest.mark.parametrize(
    ("left", "status"), [(3_600_000, Status.OK), (300_000, Status.WARN), (-60_000, Status.FAIL)]
)
async def test_the_time_left_is_told_and_judged(left: int, status: Status) -> None:
    door = ScriptedDoor(signed=SignedIn("sso", "ASIA", "WXYZ", NOW + left))
    assert by_id(await round_of(door))["expiry"].status is status


@pytest.mark.parametrize(
    ("off", "status", "words"),
    [
        (900, Status.OK, "to the second"),
        (-90_000, Status.WARN, "1m 30s behind"),
        (600_000, Status.FAIL, "10m 00s ahead of"),
    ],
)
async def test_the_clock_is_held_against_the_date_of_an_answer(off: int, status: Status, words: str) -> None:
    door = ScriptedDoor()
    bench = replace(bench_of(door), clock=lambda: NOW + off)
    finding = by_id(await examine(bench, plan(bench)))["clock"]
    assert (finding.status, words in finding.evidence) == (status, True)


async def test_a_region_that_nobody_knows_is_named_where_nothing_answers() -> None:
    error = explain_error(Failure("EndpointConnectionError", service="logs", region="eu-west-9"))
    door = ScriptedDoor(where=Place("eu-west-9", "aws", False, "https://logs.eu-west-9.amazonaws.com"))
    door.answers["DescribeLogGroups"] = error
    report = await round_of(door)
    assert "correct --region" in by_id(report)["endpoint"].cause
    assert report.exit_code == 2


async def test_a_proxys_page_is_never_taken_for_an_empty_list() -> None:
    door = ScriptedDoor()
    door.answers["DescribeLogGroups"] = {}
    report = await round_of(door)
    assert by_id(report)["endpoint"].status is Status.FAIL
    assert report.exit_code == 9


async def test_the_group_named_is_probed_though_listing_is_denied() -> None:
    door = ScriptedDoor()
    door.answers["DescribeLogGroups"] = denied("DescribeLogGroups", "logs:DescribeLogGroups")
    findings = by_id(await round_of(door, group="/mine"))
    assert findings["feature.read-log-events"].status is Status.OK
    assert door.asked("FilterLogEvents")[0]["logGroupName"] == "/mine"
    without = by_id(await round_of(door))
    assert "--group NAME" in without["feature.read-log-events"].evidence


async def test_the_first_group_that_has_events_is_probed_where_none_is_named() -> None:
    door = ScriptedDoor()
    await round_of(door)
    assert door.asked("FilterLogEvents")[0]["logGroupName"] == "/shop/cart"


async def test_a_stream_that_is_not_there_proves_that_reading_is_allowed() -> None:
    door = ScriptedDoor()
    door.answers["DescribeLogStreams"] = {"logStreams": []}
    gone = Failure(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
        operation="GetLogEvents",
        resource="/shop/cart",
        stream="cwtui-doctor",
        status=400,
    )
    door.answers["GetLogEvents"] = explain_error(gone)
    assert by_id(await round_of(door))["feature.read-one-log-stream"].status is Status.OK


async def test_no_answer_in_time_is_unknown_and_holds_up_nothing() -> None:
    door = ScriptedDoor(gate=asyncio.Event())
    bench = replace(bench_of(door), seconds=0.01)
    async with asyncio.timeout(5):
        report = await examine(bench, plan(bench))
    assert by_id(report)["feature.list-log-groups"].status is Status.UNKNOWN
    assert by_id(report)["credentials"].status is Status.OK
    assert door.under_way == 0


async def test_groups_that_never_expire_are_counted_over_pages_and_the_largest_is_mended_first() -> None:
    door = ScriptedDoor()

    def page(params: Mapping[str, object]) -> Mapping[str, Any]:
        if "nextToken" not in params:
            return {"logGroups": [{"logGroupName": "/small", "storedBytes": 1}], "nextToken": "more"}
        return {
            "logGroups": [
                {"logGroupName": "/big", "storedBytes": 5 << 30},
                {"logGroupName": "/kept", "retentionInDays": 7},
                {"logGroupName": "/delivery", "logGroupClass": "DELIVERY"},
            ]
        }

    door.answers["DescribeLogGroups"] = page
    finding = by_id(await round_of(door))["retention"]
    assert finding.status is Status.WARN
    assert finding.evidence.startswith("2 of 4 groups never expire; largest: /big (5.0 GB)")
    assert "--log-group-name /big --retention-in-days" in finding.fix.cli


async def test_a_live_tail_is_billed_and_so_only_described() -> None:
    finding = by_id(await round_of(ScriptedDoor()))["feature.live-tail"]
    assert finding.status is Status.SKIPPED
    assert "logs:StartLiveTail" in finding.evidence
    with pytest.raises(InputError, match="billed"):
        plan(bench_of(ScriptedDoor(), features=features_named(("live tail",))))


async def test_the_record_has_every_member_for_every_check() -> None:
    door = ScriptedDoor()
    door.answers["FilterLogEvents"] = denied("FilterLogEvents", "logs:FilterLogEvents")
    record = report_record(await round_of(door), {"context": "x"})
    assert record["schema"] == "cwtui.doctor/1"
    assert (record["ok"], record["exitCode"]) == (False, 4)
    members = {frozenset(check) for check in record["checks"]}
    assert len(members) == 1
    failed = next(check for check in record["checks"] if check["status"] == "fail")
    assert set(failed["fix"]) == {"cli", "cfn", "tf"}


async def test_what_was_not_named_is_told_and_does_not_decide() -> None:
    door = ScriptedDoor()
    door.answers["HeadBucket"] = explain_error(
        Failure("404", "Not Found", "s3", "HeadBucket", resource="gone", status=404)
    )
    closed = explain_error(Failure("AccessDenied", "Access Denied", "s3", "GetBucketEncryption", status=403))
    door.answers |= {"GetBucketEncryption": closed, "GetPublicAccessBlock": closed}
    report = await round_of(door, bucket="gone", features=features_named(("read",)))
    assert by_id(report)["bucket"].status is Status.FAIL
    assert report.exit_code == 0
    assert (await round_of(door, bucket="gone")).exit_code == 5


async def test_a_group_of_another_account_is_asked_for_and_allowed_by_its_own_arn() -> None:
    arn = "arn:aws:logs:us-east-1:999999999999:log-group:/theirs"
    door = ScriptedDoor()
    door.answers["FilterLogEvents"] = denied("FilterLogEvents", "logs:FilterLogEvents", resource=arn)
    finding = by_id(await round_of(door, group=arn))["feature.read-log-events"]
    assert door.asked("FilterLogEvents")[0]["logGroupIdentifier"] == arn
    assert f'"{arn}:*"' in finding.fix.cli
    assert "log-group:arn:" not in finding.fix.cli
    assert not door.asked("DescribeMetricFilters")
    assert finding.error is not None
    assert finding.error.record()["policy"] == "identity-based"


async def test_a_role_that_may_not_be_taken_on_is_told_once_and_no_statement_for_its_features() -> None:
    door = ScriptedDoor()
    role = "arn:aws:iam::123456789012:role/reader"
    ana = "arn:aws:iam::123456789012:user/ana"
    said = f"User: {ana} is not authorized to perform: sts:AssumeRole on resource: {role}"
    refused = explain_error(Failure("AccessDenied", said, "sts", "AssumeRole", status=403))
    for operation in ("GetCallerIdentity", "DescribeLogGroups", "ListLogGroups", "ListAccountAliases"):
        door.answers[operation] = refused
    report = await round_of(door)
    failed = [finding for finding in report.findings if finding.status in (Status.FAIL, Status.WARN)]
    assert [finding.id for finding in failed] == ["identity"]
    assert "logs:DescribeLogGroups" not in str([finding.fix for finding in report.findings])
    assert report.exit_code == 4


async def test_a_key_that_refuses_is_not_mended_by_allowing_to_read() -> None:
    door = ScriptedDoor()
    said = "The ciphertext refers to a customer master key that you are not allowed to access."
    door.answers["FilterLogEvents"] = explain_error(
        Failure("AccessDeniedException", said, "logs", "FilterLogEvents", resource="/shop/cart", status=400)
    )
    door.answers["GetLogEvents"] = denied("GetLogEvents", "kms:Decrypt")
    found = by_id(await round_of(door))
    for id_ in ("feature.read-log-events", "feature.read-one-log-stream"):
        assert found[id_].status is Status.FAIL
        assert "kms:Decrypt" in found[id_].fix.cli
        assert "LogEvents" not in found[id_].fix.cli


async def test_what_did_not_answer_in_time_is_not_called_well() -> None:
    door = ScriptedDoor(gate=asyncio.Event())
    report = await round_of(door, group="/shop/cart", seconds=0.01)
    assert by_id(report)["feature.read-log-events"].status is Status.UNKNOWN
    assert report.exit_code == 7


@pytest.mark.parametrize(
    "operation", ["ListLogGroups", "FilterLogEvents", "GetLogEvents", "DescribeMetricFilters"]
)
async def test_a_proxys_page_proves_no_feature(operation: str) -> None:
    door = ScriptedDoor()
    door.answers[operation] = {}
    report = await round_of(door, group="/shop/cart")
    told = [finding for finding in report.findings if finding.status is Status.UNKNOWN]
    assert [dict(finding.error.card.facts)["operation"] for finding in told if finding.error] == [operation]


async def test_a_proxys_page_is_looked_up_where_it_was_asked_for() -> None:
    door = ScriptedDoor()
    door.answers["DescribeLogGroups"] = {}
    endpoint = by_id(await round_of(door))["endpoint"]
    assert endpoint.fix.cli == "curl -sSi https://logs.eu-west-1.amazonaws.com"


async def test_what_to_do_is_said_where_no_command_does_it() -> None:
    door = ScriptedDoor()
    door.answers["GetCallerIdentity"] = explain_error(
        Failure(
            "ExpiredToken",
            service="sts",
            operation="GetCallerIdentity",
            status=403,
            renewal=Renewal(RenewalKind.FILE, "prod"),
        )
    )
    assert "write new ones" in by_id(await round_of(door))["identity"].cause


async def test_a_list_that_is_denied_fails_once() -> None:
    door = ScriptedDoor()
    door.answers["DescribeLogGroups"] = denied("DescribeLogGroups", "logs:DescribeLogGroups")
    found = by_id(await round_of(door))
    assert found["feature.list-log-groups"].status is Status.FAIL
    assert found["retention"].status is Status.SKIPPED


async def test_a_bucket_that_nothing_encrypts_is_a_warning() -> None:
    door = ScriptedDoor()
    name = "ServerSideEncryptionConfigurationNotFoundError"
    door.answers |= {
        "HeadBucket": {"BucketRegion": "eu-west-1"},
        "GetBucketEncryption": explain_error(
            Failure(name, "Not found", "s3", "GetBucketEncryption", status=404)
        ),
        "GetPublicAccessBlock": {},
        "GetBucketPolicyStatus": {},
    }
    found = by_id(await round_of(door, bucket="exports"))["bucket.encryption"]
    assert (found.status, found.evidence) == (Status.WARN, "Nothing encrypts what is put there.")


def test_whoever_failed_to_answer_is_named() -> None:
    assert explain_error(Failure("InternalFailure", "", "iam", "GetRole", status=500)).message == (
        "IAM failed to answer GetRole."
    )
    portal = explain_error(Failure("NotCloudWatch", "", "sts", "GetCallerIdentity", status=200))
    assert portal.message == "The answer to GetCallerIdentity did not come from AWS."
