"""The access-denied sentence is read back into who, what, where and which policy."""

from __future__ import annotations

import pytest

from cwtui.access.denied import Denial, hint_for, read_denial

WHO = "arn:aws:sts::123456789012:assumed-role/oncall/ana"
GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/shop:log-stream:"
START = f"User: {WHO} is not authorized to perform: logs:FilterLogEvents on resource: {GROUP} "


@pytest.mark.parametrize(
    ("reason", "policy", "explicit"),
    [
        ("because no identity-based policy allows the logs:FilterLogEvents action", "identity-based", False),
        ("because no session policy allows the logs:FilterLogEvents action", "session", False),
        (
            "because no permissions boundary allows the logs:FilterLogEvents action",
            "permissions boundary",
            False,
        ),
        ("with an explicit deny in a service control policy", "service control", True),
        ("with an explicit deny in an identity-based policy", "identity-based", True),
        (
            "with an explicit deny in a resource control policy: arn:aws:organizations::1:policy/x",
            "resource control",
            True,
        ),
        ("with an explicit deny in a VPC endpoint policy transitively through ram", "VPC endpoint", True),
        ("because the role trust policy does not allow it", "role trust", False),
        ("", "", False),
    ],
)
def test_each_documented_form_is_read(reason: str, policy: str, explicit: bool) -> None:
    assert read_denial(START + reason) == Denial(WHO, "logs:FilterLogEvents", GROUP, policy, explicit)


def test_a_bare_denial_says_nothing() -> None:
    assert read_denial("Access Denied") is None


def test_a_denial_of_a_megabyte_is_read_at_once() -> None:
    assert read_denial("User: " * 200_000) is None


def test_the_hint_is_the_smallest_statement_for_that_very_group() -> None:
    denial = read_denial(START + "because no identity-based policy allows the logs:FilterLogEvents action")
    hint = hint_for(denial, "logs", "FilterLogEvents")
    assert '"Action": "logs:FilterLogEvents"' in hint
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/shop"
    assert f'"Resource": ["{arn}:*", "{arn}"]' in hint
    assert "identity-based policy" in hint


def test_no_statement_is_offered_against_an_explicit_deny() -> None:
    hint = hint_for(
        read_denial(START + "with an explicit deny in a session policy"), "logs", "FilterLogEvents"
    )
    assert "Allow" not in hint
    assert "session" in hint


def test_an_organisation_policy_sends_to_whoever_runs_it() -> None:
    told = START + "with an explicit deny in a service control policy"
    assert "organisation" in hint_for(read_denial(told), "logs", "FilterLogEvents")


def test_a_bare_denial_still_names_the_action_of_the_call() -> None:
    assert '"logs:GetLogEvents"' in hint_for(None, "logs", "GetLogEvents", "/shop")
