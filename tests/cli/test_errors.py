"""How a command says what went wrong: in words, or as one line of JSON with a stable code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cwtui.cli.running import wants_records
from tests.cli.conftest import Ended, cwtui
from tests.cli.test_on_aws import ask, aws
from tests.fakes.aws import FakeAws, Fault

__all__ = ["aws"]
CART = "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/cart:log-stream:"


def error_of(ended: Ended) -> dict[str, Any]:
    assert ended.out == ""
    told = json.loads(ended.err.splitlines()[-1])
    assert set(told) == {"error"}
    error: dict[str, Any] = told["error"]
    assert error["exitCode"] == ended.code
    return error


async def test_a_denied_call_is_one_record_with_the_statement_that_mends_it(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", CART))
    error = error_of(await ask(aws, "events", "/shop/cart", "-o", "json"))
    assert error["code"] == "cwtui.perm.denied"
    assert error["action"] == "logs:FilterLogEvents"
    assert error["resource"] == CART
    assert error["principal"].endswith("assumed-role/oncall/ana")
    assert error["policy"] == "identity-based"
    assert json.loads(error["fix"])["Action"] == "logs:FilterLogEvents"
    assert len(error["requestId"]) == 36
    assert error["act"] == "stop"
    assert {"message", "hint", "why", "docs"} <= set(error)


async def test_the_statement_and_the_request_id_stand_below_the_words(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", CART))
    ended = await ask(aws, "events", "/shop/cart")
    statement, reference = ended.err.splitlines()[-2:]
    assert json.loads(statement)["Resource"][0].endswith(":log-group:/shop/cart:*")
    assert reference.strip().startswith("[cwtui.perm.denied, request ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("-o", "json", "events", "--nonsense"), "cwtui.input.usage"),
        (("events", "--mock", "--since", "soon", "-o", "jsonl"), "cwtui.input."),
        (("events", "--from", "/nowhere.jsonl", "--output=json"), "cwtui.notfound."),
    ],
)
async def test_bad_input_is_a_record_too(arguments: tuple[str, ...], code: str) -> None:
    assert error_of(await cwtui(*arguments))["code"].startswith(code)


async def test_a_record_holds_no_byte_that_a_terminal_acts_on(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.refuse("ValidationException", "\x1b]0;owned\x07 \u202e"))
    ended = await ask(aws, "events", "/shop/cart", "-o", "json")
    assert ended.err.isascii()
    assert "\x1b" not in ended.err


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["events", "-o", "json"], True),
        (["events", "-ojsonl"], True),
        (["--output", "json", "events"], True),
        (["-o", "json", "events", "-o", "text"], False),
        (["events"], False),
        ([], False),
        (["events", "--", "-o", "json"], False),
    ],
)
def test_what_is_asked_for_is_seen_before_it_is_understood(words: list[str], wanted: bool) -> None:
    assert wants_records(words) is wanted
