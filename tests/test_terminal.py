"""The real program in a real terminal: the main job by its keys, sizes, signals, and every way out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.terminal import CWTUI, ENTER, ESC, LEAVE, RIGHT, Terminal

MOCK = (*CWTUI, "--mock")
PAYMENT = "/aws/lambda/payment-webhook"
STYLE = re.compile(rb"\x1b\[([0-9;]*)m")


def cursor_row(screen: str) -> str:
    return next((row for row in screen.splitlines() if row.startswith("▌")), "")


def open_payment(terminal: Terminal) -> None:
    terminal.wait_for("7 groups")
    terminal.press("payment", "1 of 7 groups")
    terminal.press(RIGHT, "LIVE ● polling")


def test_from_the_groups_to_an_error_a_summary_and_its_lines() -> None:
    with Terminal(MOCK) as terminal:
        assert PAYMENT in terminal.wait_for("7 groups")
        open_payment(terminal)
        terminal.press("g", "INIT_START")
        terminal.press("e", lambda screen: " ERR " in cursor_row(screen))
        error = cursor_row(terminal.text).split()[1]
        detail = terminal.press(ENTER, "DETAIL")
        assert f"DETAIL  ERR  {cursor_row(detail)[1:13]}" in detail
        terminal.press(ESC, lambda screen: "DETAIL" not in screen)
        terminal.press("g", lambda screen: " INF " in cursor_row(screen))
        summary = terminal.press("a", "WHAT STANDS OUT")
        assert "The first error began" in summary
        terminal.wait_for("Enter to the line")
        terminal.press(ENTER, lambda screen: " ERR " in cursor_row(screen))
        assert cursor_row(terminal.text).split()[1] == error
        terminal.press(ESC, lambda screen: "SUMMARY" not in screen)
        terminal.press("q", "7 groups")
        terminal.send(LEAVE)
        assert terminal.wait_for_end() == 0
        assert terminal.is_restored
        assert terminal.said_at_the_end == ""


def test_what_was_narrowed_and_exported_opens_again_with_the_same_count(tmp_path: Path) -> None:
    with Terminal(MOCK, cwd=tmp_path) as terminal:
        open_payment(terminal)
        terminal.press("&", "Esc cancel")
        terminal.press("unpaid", "Enter keeps it")
        terminal.press(ENTER, "a summarise")
        terminal.wait_for(lambda screen: "unpaid" in screen.splitlines()[1])
        for floor in ("info", "warn", "error"):
            terminal.press("L", f"level >= {floor}")
        dialog = terminal.press("X", "as they are shown")
        count = re.search(r"Export ([\d,]+) events", dialog)
        assert count is not None
        terminal.press("\x15", "There is no target")
        terminal.press("kept", lambda screen: bool(re.search(r"to +kept *$", screen, re.MULTILINE)))
        terminal.press(ENTER, "cwtui open")
        terminal.press(ESC, "a summarise")
        terminal.send(LEAVE + LEAVE)
        assert terminal.wait_for_end() == 0
    again = subprocess.run(
        [*CWTUI, "events", "--from", tmp_path / "kept"], capture_output=True, text=True, check=True
    )
    messages = [json.loads(line)["message"] for line in again.stdout.splitlines()]
    assert len(messages) == int(count[1].replace(",", "")) > 0
    assert all("unpaid" in message and "ERROR" in message for message in messages)


def test_a_screen_that_becomes_too_small_and_large_again() -> None:
    with Terminal(MOCK) as terminal:
        open_payment(terminal)
        terminal.resize(38, 7)
        terminal.wait_for("cwtui needs 40x8 (now 38x7)")
        terminal.resize(80, 24)
        terminal.wait_for(lambda screen: bool(cursor_row(screen)))
        terminal.resize(200, 60)
        terminal.wait_for("aws-cloudtrail-logs-shop")
        terminal.send(LEAVE + LEAVE)
        assert terminal.wait_for_end() == 0


def until_first_byte(terminal: Terminal) -> None:
    terminal.wait_for(lambda _: bool(terminal.raw))


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGTERM, until_first_byte),
        (signal.SIGTERM, lambda terminal: terminal.wait_for("LOG GROUP")),
        (signal.SIGHUP, lambda terminal: terminal.wait_for("7 groups")),
        (signal.SIGINT, until_first_byte),
    ],
)
def test_a_signal_to_end_gives_the_terminal_back(
    number: signal.Signals, moment: Callable[[Terminal], object]
) -> None:
    with Terminal(MOCK) as terminal:
        moment(terminal)
        terminal.signal(number)
        assert terminal.wait_for_end() == 130
        assert terminal.is_restored
        assert "Traceback" not in terminal.text


def test_what_was_looked_at_is_kept_when_a_signal_ends_it() -> None:
    with Terminal(MOCK) as terminal:
        open_payment(terminal)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for_end() == 130
    assert PAYMENT in Path(os.environ["XDG_STATE_HOME"], "cwtui", "session.json").read_text()


def test_a_terminal_that_goes_away_ends_it() -> None:
    with Terminal(MOCK) as terminal:
        terminal.wait_for("7 groups")
        assert terminal.hang_up() == 130


BEFORE_IT_DRAWS = """
import signal, sys
from cwtui.cli.main import main

def run_tui(services, start):
    print("here", flush=True)
    # Not one endless wait: Python never sees a signal that comes between two steps of it and its wait.
    while True:
        pass

sys.exit(main(run_tui, ["--mock"]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_before_anything_is_drawn_ends_it_at_once(number: signal.Signals) -> None:
    with Terminal([sys.executable, "-c", BEFORE_IT_DRAWS]) as terminal:
        terminal.wait_for("here")
        terminal.signal(number)
        assert terminal.wait_for_end() == 130


HANGING = """
import asyncio, sys
from cwtui.ui.leaving import run_until_told

def leave():
    print("leaving", flush=True)
    if sys.argv[1] == "busy":
        while True:
            pass

print("\x1b[?1049h\x1b[?25l", end="")
async def work():
    print("here", flush=True)
    await asyncio.Event().wait()

run_until_told(work, leave, grace_s=float(sys.argv[2]))
"""


@pytest.mark.parametrize("how", ["idle", "busy"])
@pytest.mark.parametrize("twice", [True, False])
def test_who_insists_or_waits_too_long_gets_out_of_what_hangs(how: str, twice: bool) -> None:
    with Terminal([sys.executable, "-c", HANGING, how, "60" if twice else "0.1"]) as terminal:
        terminal.wait_for("here")
        assert not terminal.is_restored
        terminal.signal(signal.SIGTERM)
        if twice:
            terminal.wait_for("leaving")
            terminal.signal(signal.SIGTERM)
        assert terminal.wait_for_end() == 130
        assert terminal.is_restored


def test_ctrl_c_twice_leaves() -> None:
    with Terminal(MOCK) as terminal:
        terminal.wait_for("7 groups")
        terminal.press("\x03", "Press ctrl+c once more")
        terminal.send("\x03")
        assert terminal.wait_for_end() == 0
        assert terminal.is_restored


def test_no_color_writes_no_colour_and_shows_the_cursor_reversed() -> None:
    with Terminal(MOCK, env={"NO_COLOR": "1"}) as terminal:
        open_payment(terminal)
        terminal.press("E", lambda screen: " ERR " in cursor_row(screen))
        terminal.send(LEAVE + LEAVE)
        assert terminal.wait_for_end() == 0
    styles = {code for sequence in STYLE.findall(terminal.raw) for code in sequence.split(b";")}
    assert b"7" in styles
    assert styles <= {b"", *(str(code).encode() for code in range(10))}


def test_a_dumb_terminal_is_told_so() -> None:
    with Terminal(MOCK, env={"TERM": "dumb"}) as terminal:
        assert terminal.wait_for_end() == 2
    assert terminal.raw.decode().startswith("cwtui: The explorer cannot draw on this terminal")
    assert b"\x1b" not in terminal.raw


def test_without_a_terminal_the_explorer_says_so_and_ends() -> None:
    ended = subprocess.run(MOCK, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("cwtui: The explorer needs a terminal")
    assert len(ended.stderr.splitlines()) == 2


BROKEN = """
import sys
from cwtui.__main__ import run_tui
from cwtui.cli.main import main
from cwtui.wiring import Services

class Broken(Services):
    @property
    def reader(self):
        raise ZeroDivisionError("a bug \\x1b]0;t\\x07[/b] AKIA2OGYBAH6QJ3Z5XKD")

sys.exit(main(lambda services, start: run_tui(Broken(services.settings), start), ["--mock"]))
"""


def test_a_bug_ends_with_1_a_sentence_and_the_terminal_as_it_was() -> None:
    with Terminal([sys.executable, "-c", BROKEN]) as terminal:
        assert terminal.wait_for_end() == 1
        assert terminal.is_restored
    said = terminal.raw.decode().rpartition("l")[2] + terminal.text
    assert "a bug of ours ended the command" in said
    assert "Traceback" not in terminal.raw.decode()
    log = Path(os.environ["XDG_STATE_HOME"], "cwtui", "cwtui.log")
    assert "ZeroDivisionError" in log.read_text()
    assert "AKIA2OGYBAH6QJ3Z5XKD" not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
