"""What a sheet says of a group and of a stream."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from cwtui.access.facts import (
    DAY_MS,
    Fact,
    group_facts,
    metric_filters,
    retention_command,
    stream_arn,
    stream_facts,
)
from cwtui.core.models import Context, LogGroup, LogStream
from cwtui.settings import Settings
from tests.fakes.scripted_door import NOW, ScriptedDoor

ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/api"
GROUP = LogGroup(
    "/shop/api",
    ARN,
    9_000_000,
    30,
    NOW - 90 * DAY_MS,
    "STANDARD",
    "123456789012",
    "eu-west-1",
    metric_filters=2,
)
HERE = Context("here", region="eu-west-1", account="123456789012")


def told(group: LogGroup, *, offline: bool = False) -> dict[str, Fact]:
    return {fact.name: fact for fact in group_facts(group, NOW, UTC, offline=offline)}


def test_a_group_tells_all_that_is_known_of_it() -> None:
    facts = told(GROUP)
    assert facts["retention"].text == "30 days"
    assert facts["size"].text == "8.6 MB (9,000,000 bytes)"
    assert facts["created"].text.endswith("(90 d ago)")
    assert facts["reaches back"].text == "about 30 days, older ones have expired"
    assert facts["metric filters"].text == "2"
    assert facts["KMS key"].text.startswith("none of yours")
    assert not any(fact.warns for fact in facts.values())


def test_what_never_expires_is_flagged_and_the_command_that_mends_it_is_whole() -> None:
    group = replace(GROUP, name="/it's/$LATEST", retention_days=None)
    assert told(group)["retention"].warns
    assert told(group)["reaches back"].text == "about 90 days, as old as the group"
    assert retention_command(group, Settings(), HERE) == (
        "aws logs put-retention-policy --log-group-name '/it'\"'\"'s/$LATEST' "
        "--retention-in-days 30 --region eu-west-1"
    )
    assert retention_command(GROUP, Settings(), HERE) == ""


def test_the_command_names_the_account_where_another_may_have_a_group_of_that_name() -> None:
    def told_to(settings: Settings, context: Context, **group: Any) -> str:
        return retention_command(replace(GROUP, retention_days=None, **group), settings, context)

    ours, region = GROUP.account, GROUP.region
    assert told_to(Settings(profile="shop"), HERE).endswith(f"--region {region} --profile shop")
    # The profile is that of who takes the role on, and the group lies where the role is.
    behind = f"--region {region}  # in account {ours}"
    assert told_to(Settings(profile="hub", role_arn="arn:aws:iam::1:role/x"), HERE).endswith(behind)
    members = tuple((name, Settings(profile=name)) for name in ("lab", "shop"))
    both = Context("both", members=(Context("lab", region=region, account="9" * 12), HERE))
    assert told_to(Settings(members=members), both).endswith("--profile shop")
    # A source account of a monitoring account.
    linked = told_to(Settings(profile="shop"), HERE, account="8" * 12, by_arn=True)
    assert linked.endswith(f"--region {region}  # in account 888888888888")


def test_what_was_not_described_is_not_known_and_nothing_is_flagged_or_advised() -> None:
    bare = LogGroup("/shop/api", ARN, log_class="INFREQUENT_ACCESS", described=False)
    facts = told(bare)
    assert facts["retention"] == Fact("retention", "not known", known=False)
    assert facts["masking"].text == "not known"
    assert "cannot be listed" in facts["class"].text
    assert facts["class"].warns
    assert retention_command(bare, Settings(), HERE) == ""


def test_a_recording_that_says_nothing_of_retention_is_not_taken_for_one_that_never_expires() -> None:
    silent = LogGroup("/shop/api", ARN)
    assert told(silent, offline=True)["retention"].text == "the recording does not say"
    kept = replace(GROUP, retention_days=None)
    assert told(kept, offline=True)["retention"].warns


@pytest.mark.parametrize(
    ("status", "said"), [("", "none:"), ("ACTIVATED", "on:"), ("DELETED", "off:"), ("NEW", "NEW")]
)
def test_masking_is_told_in_words_and_an_unknown_state_as_it_is(status: str, said: str) -> None:
    assert told(replace(GROUP, masking=status))["masking"].text.startswith(said)


async def test_metric_filters_are_told_with_what_they_count() -> None:
    answer = {
        "metricFilters": [
            {
                "filterName": "errors",
                "filterPattern": "ERROR",
                "metricTransformations": [{"metricNamespace": "Shop", "metricName": "Errors"}],
            },
            {"filterName": "all", "filterPattern": ""},
        ],
        "nextToken": "t",
    }
    door = ScriptedDoor({"DescribeMetricFilters": answer})
    assert await metric_filters(door, "/shop/api") == [
        "errors: ERROR -> Shop/Errors",
        "all: every event",
        "and more than these 50",
    ]
    assert door.calls[0][2]["logGroupName"] == "/shop/api"


def test_a_stream_whose_last_event_lags_says_so() -> None:
    stream = LogStream("web/1", "/shop/api", NOW - DAY_MS, NOW - 7_200_000, NOW - 60_000, NOW - DAY_MS)
    facts = {fact.name: fact for fact in stream_facts(stream, "/shop/api", "", NOW, UTC)}
    assert facts["last event"].text.endswith("(2 h ago), or later")
    assert facts["last event"].warns
    assert "lags" in facts["how sure"].text
    assert facts["last came in"].text.endswith("(1 min ago)") or "just now" in facts["last came in"].text
    assert not facts["ARN"].known
    quiet = {fact.name: fact for fact in stream_facts(LogStream("a", "/g"), "/g", "x", NOW, UTC)}
    assert "may be some all the same" in quiet["last event"].text
    recorded = stream_facts(LogStream("a", "/g"), "/g", "x", NOW, UTC, offline=True)
    assert "how sure" not in [fact.name for fact in recorded]


def test_the_arn_of_a_stream_needs_account_and_region() -> None:
    assert stream_arn("web/1", ARN) == f"{ARN}:log-stream:web/1"
    assert stream_arn("web/1", "/shop/api") == ""
    assert stream_arn("web/1", "/shop/api", "123456789012", "eu-west-1") == f"{ARN}:log-stream:web/1"
