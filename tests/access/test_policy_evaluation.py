"""What policies allow, worked out locally: deny wins, and nothing that depends on a request is guessed."""

from __future__ import annotations

import fnmatch
import json
import random
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cwtui.access.packs import PACKS
from cwtui.access.policy_documents import PolicyDocument, read_policy
from cwtui.access.policy_evaluation import Verdict, evaluate, evaluate_each
from cwtui.core.errors import InputError

GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/shop:*"


def policy(*statements: dict[str, Any], version: str = "2012-10-17", source: str = "p") -> PolicyDocument:
    return read_policy({"Version": version, "Statement": list(statements)}, source)


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def asked(*documents: PolicyDocument, action: str = "logs:FilterLogEvents", resource: str = GROUP) -> str:
    return evaluate(documents, action, resource).answer


@pytest.mark.parametrize(
    "action", ["*", "logs:*", "logs:Filter*", "LOGS:filterlogevents", "logs:?ilterLogEvents"]
)
def test_actions_match_by_wildcard_and_whatever_the_case(action: str) -> None:
    assert asked(policy(allow(action))) == "allowed"


@pytest.mark.parametrize("action", ["logs:Get*", "s3:*", "logs:FilterLogEvent", "logs:?FilterLogEvents"])
def test_other_actions_do_not_match(action: str) -> None:
    assert asked(policy(allow(action))) == "absent"


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        (GROUP, "allowed"),
        ("arn:aws:logs:*:*:*", "allowed"),
        ("arn:aws:logs:*", "allowed"),
        ("arn:aws:logs:*:*:log-group:/aws/*", "allowed"),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/sho?:*", "allowed"),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/shop", "absent"),
        ("arn:aws:logs:*:*:log-group:/AWS/*", "absent"),
        ("arn:aws:logs:us-east-1:*:log-group:*", "absent"),
        ("arn:aws-cn:logs:*:*:*", "absent"),
        ("arn:aws:s3:::*", "absent"),
    ],
)
def test_resources_match_field_by_field(resource: str, answer: str) -> None:
    assert asked(policy(allow("logs:*", resource))) == answer


def test_a_wildcard_in_one_field_does_not_reach_into_the_next() -> None:
    assert asked(policy(allow("logs:*", "arn:aws:logs:eu*12:log-group:*"))) == "absent"


def test_an_explicit_deny_wins_from_another_policy_too() -> None:
    verdict = evaluate(
        [policy(allow(), source="a"), policy(deny("logs:Filter*", Sid="No"), source="b")],
        "logs:FilterLogEvents",
        GROUP,
    )
    assert (verdict.answer, verdict.source) == ("denied", "b")
    assert verdict.reason == "statement 1 (No) of b denies it."


def test_nothing_said_is_no_permission() -> None:
    assert evaluate([], "logs:FilterLogEvents", GROUP) == Verdict("absent", None, "No statement allows it.")


def test_not_action_is_all_but_those() -> None:
    assert asked(policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})) == "allowed"
    assert asked(policy({"Effect": "Allow", "NotAction": ["iam:*", "logs:F*"], "Resource": "*"})) == "absent"
    denial = {"Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*"}
    assert asked(policy(allow(), denial)) == "denied"


def test_not_resource_is_all_but_those() -> None:
    elsewhere = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:logs:*:*:log-group:/aws/*"}
    assert asked(policy(allow(), elsewhere)) == "allowed"
    assert asked(policy(allow(), elsewhere), resource=GROUP.replace("/aws/", "/x/")) == "denied"


def test_a_condition_is_never_guessed() -> None:
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    only = policy(allow(Condition=condition))
    assert asked(only) == "conditional"
    assert "aws:SourceVpc" in evaluate([only], "logs:FilterLogEvents", GROUP).reason
    assert asked(policy(allow(), allow(Condition=condition))) == "allowed"
    assert asked(policy(allow(), deny(Condition=condition))) == "conditional"
    assert asked(policy(deny(Condition=condition))) == "absent"


def test_a_policy_variable_is_never_guessed() -> None:
    variable = "arn:aws:logs:*:*:log-group:/aws/${aws:username}/*"
    assert asked(policy(allow("*", variable))) == "conditional"
    assert asked(policy(allow("*", variable)), resource=GROUP.replace("/aws/", "/x/")) == "absent"
    assert asked(policy(allow(), deny("*", variable))) == "conditional"
    # Before 2012-10-17 it was text like any other.
    assert asked(policy(allow("*", variable), version="2008-10-17")) == "absent"


def test_an_escaped_wildcard_is_a_character() -> None:
    document = policy(allow("*", "arn:aws:logs:*:*:log-group:a${*}"))
    assert asked(document, resource="arn:aws:logs:eu-west-1:1:log-group:abc") == "absent"


def test_a_wildcard_asked_for_is_allowed_only_as_a_whole() -> None:
    everything = "arn:aws:logs:eu-central-1:123456789012:log-group:*"
    assert asked(policy(allow("*", "arn:aws:logs:*:*:log-group:*")), resource=everything) == "allowed"
    verdict = evaluate([policy(allow("*", GROUP))], "logs:FilterLogEvents", everything)
    assert (verdict.answer, GROUP in verdict.reason) == ("conditional", True)
    assert asked(policy(allow(), deny("*", GROUP)), resource=everything) == "conditional"
    assert asked(policy(allow("*", "arn:aws:logs:*:*:log-group:?")), resource=everything) == "conditional"


def test_one_of_the_two_arn_forms_is_not_both() -> None:
    forms = (GROUP, GROUP.removesuffix(":*"))
    both = policy(allow("logs:*", list(forms)))
    assert evaluate_each([both], "logs:FilterLogEvents", forms).answer == "allowed"
    one = evaluate_each([policy(allow("logs:*", GROUP))], "logs:FilterLogEvents", forms)
    assert one.answer == "conditional"
    assert "one ARN form only" in one.reason
    assert evaluate_each([], "logs:FilterLogEvents", forms).answer == "absent"
    closed = policy(allow(), deny("*", GROUP))
    assert evaluate_each([closed], "logs:FilterLogEvents", forms).answer == "denied"


@pytest.mark.parametrize("wrapped", [lambda text: text, lambda text: quote(text, safe=""), json.loads])
def test_a_document_is_read_as_text_as_object_and_url_encoded(wrapped: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": allow("logs:*", "*", Sid="A")})
    document = read_policy(wrapped(text), "inline policy 'x'")
    assert document.statements[0].place == "statement 1 (A) of inline policy 'x'"
    assert asked(document) == "allowed"


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "%7B",
        "[" * 100_000,
        "{}",
        {"Statement": []},
        {"Statement": "x"},
        {"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": ["Allow"], "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": [1], "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "NotResource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": "x"}]},
    ],
)
def test_what_is_no_policy_is_refused_in_a_sentence(document: Any) -> None:
    with pytest.raises(InputError) as refused:
        read_policy(document, "policy 'x'")
    assert refused.value.code == "cwtui.input.policy"
    assert refused.value.message.startswith("policy 'x' cannot be read")


LETTERS = st.text("ab", max_size=5)
PATTERNS = st.text("ab*?", max_size=5)


@given(PATTERNS, LETTERS)
def test_a_pattern_matches_what_a_shell_would_match(pattern: str, text: str) -> None:
    expected = "allowed" if fnmatch.fnmatchcase(text, pattern) else "absent"
    assert asked(policy(allow("*", f"x{pattern}")), resource=f"x{text}") == expected


@given(PATTERNS, PATTERNS, LETTERS)
@example("a", "?", "b")
@example("?", "*", "ab")
def test_a_pattern_asked_for_is_never_said_to_be_more_or_less_than_it_is(
    pattern: str, wanted: str, text: str
) -> None:
    answer = asked(policy(allow("*", f"x{pattern}")), resource=f"x{wanted}")
    if fnmatch.fnmatchcase(text, wanted):
        matched = fnmatch.fnmatchcase(text, pattern)
        assert matched or answer != "allowed"
        assert not matched or answer != "absent"


@pytest.mark.parametrize("seed", range(50))
def test_of_a_policy_with_pieces_removed_exactly_the_missing_ones_are_found(seed: int) -> None:
    """50 policies, made from a pack in ways people write them, some actions left out or denied."""
    dice = random.Random(seed)
    chosen = PACKS[dice.choice(sorted(PACKS))]
    wanted = chosen.of(account="123456789012", region="eu-central-1", group="/aws/lambda/*")
    gone = set(dice.sample([one.action for one in wanted], dice.randint(0, len(wanted))))
    statements: list[dict[str, Any]] = []
    for one in wanted:
        if one.action not in gone:
            action = dice.choice([one.action, one.action.lower(), [one.action, "ec2:Describe*"]])
            statements.append(allow(action, dice.choice(["*", list(one.resources)])))
        elif dice.random() < 0.3:
            statements += [allow(one.action), deny(one.action)]
        elif dice.random() < 0.3:
            statements.append(allow(one.action, "arn:aws:s3:::elsewhere"))
    dice.shuffle(statements)
    documents = [policy(*statements[place::2]) for place in range(2) if statements[place::2]]
    found = {
        one.action
        for one in wanted
        if evaluate_each(documents, one.action, one.resources).answer != "allowed"
    }
    assert found == gone
