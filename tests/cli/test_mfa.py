"""MFA codes for headless commands: asked on a terminal, and nowhere else."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.conftest import cwtui
from tests.fakes.aws import FakeAws
from tests.fakes.terminal import CWTUI, ENTER, Terminal

DEVICE = "arn:aws:iam::123456789012:mfa/ana"
COMMAND = ("groups", "--profile", "oncall", "--region", "eu-west-1")


@pytest.fixture
async def aws(isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=lambda: time.time_ns() // 1_000_000) as fake:
        (isolated_home / "aws-config").write_text(
            "[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n"
            "[profile oncall]\nrole_arn = arn:aws:iam::123456789012:role/oncall\nsource_profile = keys\n"
            f"mfa_serial = {DEVICE}\n"
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL", fake.url)
        fake.logs.group("/shop/cart")
        fake.sts.codes = {DEVICE: "123456"}
        yield fake


async def test_without_a_terminal_it_ends_with_a_sentence(aws: FakeAws) -> None:
    ended = await cwtui(*COMMAND)
    assert (ended.code, ended.out) == (3, "")
    assert "An MFA code is needed for profile 'oncall', and there is nobody to ask for it." in ended.err
    assert not aws.called("AssumeRole")


async def test_on_a_terminal_it_asks_again_until_the_code_is_right(aws: FakeAws) -> None:
    def at_the_terminal() -> tuple[int, str]:
        with Terminal((*CWTUI, *COMMAND), columns=200, rows=20, env=dict(os.environ)) as terminal:
            assert DEVICE in terminal.wait_for("MFA code:")
            terminal.press("000000" + ENTER, "invalid MFA one time pass code")
            terminal.send("123 456" + ENTER)
            return terminal.wait_for_end(), terminal.text

    code, text = await asyncio.to_thread(at_the_terminal)
    assert code == 0
    assert "/shop/cart" in text


@pytest.mark.parametrize(("keys", "code"), [("\x03", 130), ("\x04", 3)])
async def test_an_interrupt_and_the_end_of_the_input_end_it_at_once(
    aws: FakeAws, keys: str, code: int
) -> None:
    def at_the_terminal() -> int:
        with Terminal((*CWTUI, *COMMAND), columns=200, rows=20, env=dict(os.environ)) as terminal:
            terminal.wait_for("MFA code:")
            terminal.send(keys)
            return terminal.wait_for_end()

    assert await asyncio.to_thread(at_the_terminal) == code
    assert not aws.called("AssumeRole")
