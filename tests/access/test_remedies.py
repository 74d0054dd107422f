"""A denied call is answered with the statement to add, the Deny to lift, or whom to ask."""

from __future__ import annotations

import json

import pytest

from cwtui.access.denied import Denial, read_denial
from cwtui.access.remedies import Remedy, remedy, role_of, who

WHO = "arn:aws:sts::123456789012:assumed-role/oncall/ana"
GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/shop"
ROLE = "arn:aws:iam::222233334444:role/reader"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def of(reason: str, action: str = "logs:FilterLogEvents", resource: str = f"{GROUP}:log-stream:") -> Remedy:
    told = f"User: {WHO} is not authorized to perform: {action} on resource: {resource} {reason}"
    operation = action.partition(":")[2]
    return remedy(read_denial(told), action.partition(":")[0], operation, region="eu-west-1")


def test_the_statement_is_the_smallest_for_that_very_group_in_both_forms_of_its_arn() -> None:
    told = of("because no identity-based policy allows the logs:FilterLogEvents action")
    assert json.loads(told.fix) == {
        "Effect": "Allow",
        "Action": "logs:FilterLogEvents",
        "Resource": [f"{GROUP}:*", GROUP],
    }
    assert "identity-based policy of role oncall" in told.hint
    assert told.why == (
        f"No identity-based policy allows logs:FilterLogEvents to {WHO} on {GROUP}:log-stream:."
    )


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("because no session policy allows the x action", "session policy"),
        ("because no permissions boundary allows the x action", "permissions boundary"),
        ("because no resource-based policy allows the x action", "resource's own policy"),
        ("because no VPC endpoint policy allows the x action", "VPC endpoint"),
        ("", "a policy of role oncall"),
    ],
)
def test_each_kind_of_policy_is_answered_with_a_statement_for_it(reason: str, hint: str) -> None:
    told = of(reason)
    assert hint in told.hint
    statement = json.loads(told.fix)
    assert statement["Action"] == "logs:FilterLogEvents"
    assert ("Principal" in statement) is ("resource-based" in reason or "VPC" in reason)


@pytest.mark.parametrize(
    ("reason", "look"),
    [
        ("with an explicit deny in an identity-based policy", "simulate-principal-policy"),
        (
            "with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/x",
            "get-policy-version --policy-arn arn:aws:iam::1:policy/x",
        ),
        ("with an explicit deny in a permissions boundary", "get-role --role-name oncall"),
        ("with an explicit deny in a VPC endpoint policy", "com.amazonaws.eu-west-1.logs"),
        ("with an explicit deny in a session policy", ""),
        ("with an explicit deny", "simulate-principal-policy"),
    ],
)
def test_against_an_explicit_deny_no_allow_is_offered_but_where_to_look(reason: str, look: str) -> None:
    told = of(reason)
    assert "remove or narrow it" in told.hint
    assert "Allow" not in told.fix
    assert look in told.fix
    assert bool(look) == bool(told.fix)


@pytest.mark.parametrize(
    "reason",
    [
        "because no service control policy allows the x action",
        "with an explicit deny in a service control policy",
        "with an explicit deny in a resource control policy",
        "with an explicit deny in a VPC endpoint policy transitively through a service control policy",
    ],
)
def test_an_organisation_policy_sends_to_whoever_runs_it(reason: str) -> None:
    told = of(reason)
    assert "organisation" in told.hint
    assert "Allow" not in told.fix


def test_a_named_organisation_policy_can_be_looked_at() -> None:
    told = of(
        "with an explicit deny in a service control policy: "
        "arn:aws:organizations::111122223333:policy/o-abc/service_control_policy/p-12345678"
    )
    assert told.fix == "aws organizations describe-policy --policy-id p-12345678"


@pytest.mark.parametrize(
    ("reason", "lines"),
    [
        ("", 2),
        ("because no identity-based policy allows the sts:AssumeRole action", 1),
        ("because no role trust policy allows the sts:AssumeRole action", 1),
    ],
)
def test_a_role_that_is_refused_has_two_sides(reason: str, lines: int) -> None:
    told = of(reason, "sts:AssumeRole", ROLE)
    statements = [json.loads(line) for line in told.fix.splitlines()]
    assert len(statements) == lines
    trust = [each for each in statements if "Principal" in each]
    assert len(trust) == ("identity-based" not in reason)
    assert all(each["Principal"] == {"AWS": "arn:aws:iam::123456789012:role/oncall"} for each in trust)
    assert all(each["Resource"] == ROLE for each in statements if each not in trust)


def test_a_key_that_may_not_be_used_is_named() -> None:
    told = of("because no identity-based policy allows the kms:Decrypt action", "kms:Decrypt", KEY)
    assert json.loads(told.fix) == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {"StringEquals": {"kms:ViaService": "logs.eu-west-1.amazonaws.com"}},
    }


def test_an_encoded_reason_is_answered_with_the_command_that_decodes_it() -> None:
    told = remedy(Denial(encoded="4GIOHlTkIaWHQD0Q0m6XSnu"), "logs", "FilterLogEvents")
    assert told.fix.startswith("aws sts decode-authorization-message")
    assert told.fix.endswith("--encoded-message 4GIOHlTkIaWHQD0Q0m6XSnu")


def test_an_authorization_id_is_answered_with_the_command_that_explains_it() -> None:
    denial = Denial("x", "a:B", explicit=True, authorization_id="EXAMPLE1a2b")
    fix = remedy(denial, "logs", "FilterLogEvents").fix
    assert fix == "aws iam-toolbox get-request-authorization-details --authorization-id EXAMPLE1a2b"


def test_a_bare_denial_still_names_the_action_of_the_call_and_the_group() -> None:
    told = remedy(None, "logs", "GetLogEvents", group="/shop")
    assert json.loads(told.fix)["Action"] == "logs:GetLogEvents"
    assert ":log-group:/shop:" in told.fix


def test_a_group_of_another_account_is_named_by_its_own_arn() -> None:
    there = "arn:aws:logs:us-east-1:222233334444:log-group:/shop"
    assert there in remedy(None, "logs", "FilterLogEvents", group=there, region="eu-west-1").fix


def test_names_in_a_command_are_quoted() -> None:
    denial = Denial("x", "a:B", "", "identity-based", explicit=True, policy_arn="arn:aws:iam::1:policy/$(rm)")
    assert "'arn:aws:iam::1:policy/$(rm)'" in remedy(denial, "logs", "FilterLogEvents").fix


def test_people_are_called_by_their_names() -> None:
    assert who(WHO) == "role oncall"
    assert who("arn:aws:iam::1:user/team/ana") == "user ana"
    assert role_of(WHO) == "arn:aws:iam::123456789012:role/oncall"
