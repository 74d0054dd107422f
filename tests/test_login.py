"""A login that ends while the real program runs in a real terminal: it steps aside, and goes on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.aws import FakeAws
from tests.fakes.terminal import CWTUI, ENTER, ESC, LEAVE, Terminal

CONFIG = (
    "[profile corp]\nsso_session = my\nsso_account_id = 123456789012\nsso_role_name = r\nregion = eu-west-1\n"
    "[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
)
ALT_SCREEN_OFF = b"\x1b[?1049l"


@pytest.fixture
async def aws(isolated_home: Path) -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=lambda: time.time_ns() // 1_000_000) as fake:
        (isolated_home / "aws-config").write_text(CONFIG)
        fake.logs.group("/shop/cart")
        fake.sts.sso_tokens = {"fresh"}
        yield fake


def environment(aws: FakeAws, home: Path, script: str) -> Mapping[str, str]:
    """Where `aws` is a script that does what the real one leaves behind."""
    programs = home / "bin"
    programs.mkdir()
    token = home / ".aws/sso/cache" / f"{hashlib.sha1(b'my').hexdigest()}.json"
    token.parent.mkdir(parents=True)
    held = {
        "startUrl": "https://corp.example/start",
        "region": "eu-west-1",
        "accessToken": "fresh",
        "expiresAt": f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    program = programs / "aws"
    program.write_text(
        f"#!{sys.executable}\nimport json, pathlib, sys\n"
        f"def log_in(): pathlib.Path({str(token)!r}).write_text({json.dumps(held)!r})\n"
        f"print('Attempting to open your browser:', *sys.argv[1:])\n{script}\n"
    )
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "AWS_ENDPOINT_URL": aws.url}


async def test_the_login_runs_in_the_terminal_and_the_list_comes(aws: FakeAws, isolated_home: Path) -> None:
    env = environment(aws, isolated_home, "log_in()")

    def at_the_terminal() -> None:
        with Terminal((*CWTUI, "--profile", "corp"), columns=80, rows=24, env=env) as terminal:
            screen = terminal.wait_for("Esc not now")
            assert "aws sso login --profile corp" in screen
            terminal.press(ENTER, "/shop/cart")
            aside = terminal.raw.split(ALT_SCREEN_OFF)[1]
            assert b"Attempting to open your browser: sso login --profile corp" in aside
            terminal.send(LEAVE)
            assert terminal.wait_for_end() == 0
            assert terminal.is_restored

    await asyncio.to_thread(at_the_terminal)


async def test_an_interrupt_is_the_logins_alone_and_what_it_wrote_stays_until_enter(
    aws: FakeAws, isolated_home: Path
) -> None:
    wait = "try:\n    input('waiting')\nexcept KeyboardInterrupt:\n    sys.exit(130)"
    env = environment(aws, isolated_home, wait)

    def at_the_terminal() -> None:
        with Terminal((*CWTUI, "--profile", "corp"), columns=80, rows=24, env=env) as terminal:
            terminal.wait_for("Esc not now")
            terminal.press(ENTER, "waiting")
            screen = terminal.press("\x03", "Enter goes back to cwtui")
            assert "Attempting to open your browser" in screen
            terminal.press(ENTER, "so probably without")
            terminal.press(ESC, "ctrl+r tries again")
            terminal.send(LEAVE)
            assert terminal.wait_for_end() == 0
            assert terminal.is_restored

    await asyncio.to_thread(at_the_terminal)
