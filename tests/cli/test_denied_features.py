"""One denied call turns off one feature: each operation denied alone, every command tried."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Ended, process_until
from tests.cli.test_on_aws import KEYS, ask, aws, now
from tests.fakes.aws import FakeAws, Fault

__all__ = ["aws"]

DENIED: Mapping[str, tuple[str, ...]] = {
    "DescribeLogGroups": ("groups",),
    "DescribeLogStreams": ("streams",),
    "FilterLogEvents": ("events", "export"),
    "GetLogEvents": ("around",),
    "GetCallerIdentity": ("whoami",),
}
"""What each denied operation turns off, by the names below."""


async def every_command(aws: FakeAws, folder: Path) -> dict[str, Ended]:
    moment = now() - 50_000
    commands = {
        "groups": ("groups", "cart"),
        "streams": ("streams", "/shop/cart"),
        "events": ("events", "/shop/cart"),
        "around": ("events", "/shop/cart", "--around", f"one@{moment}"),
        "export": ("export", "/shop/cart", "--to", str(folder / "out.jsonl")),
        "whoami": ("whoami",),
    }
    return {name: await ask(aws, *arguments, "-o", "jsonl") for name, arguments in commands.items()}


@pytest.mark.parametrize("operation", DENIED)
async def test_one_denied_call_turns_off_one_feature(aws: FakeAws, operation: str, tmp_path: Path) -> None:
    service = "sts" if operation == "GetCallerIdentity" else "logs"
    aws.script(operation, Fault.access_denied(f"{service}:{operation}", "*"))
    if operation == "DescribeLogGroups":
        aws.script("ListLogGroups", Fault.access_denied("logs:ListLogGroups", "*"))
    ended = await every_command(aws, tmp_path)
    refused = tuple(name for name, each in ended.items() if each.code == 4)
    assert refused == DENIED[operation], {name: each.err for name, each in ended.items()}
    assert all(each.code == 0 for name, each in ended.items() if name not in refused)
    for name in refused:
        error = json.loads(ended[name].err.splitlines()[-1])["error"]
        assert error["action"] == f"{service}:{operation}"
        assert json.loads(error["fix"])["Action"] == error["action"]


async def test_a_live_tail_that_is_denied_says_why_while_polling_follows(aws: FakeAws) -> None:
    aws.script("StartLiveTail", Fault.access_denied("logs:StartLiveTail", "*"))
    command = ("tail", "/shop/cart", "--live", "--since", "5m", "-o", "jsonl", "--endpoint-url", aws.url)
    ended = await process_until(*command, lines=30, says="StartLiveTail", env=KEYS)
    assert (ended.code, len(ended.records)) == (0, 30), ended
    assert "logs:StartLiveTail" in ended.err
