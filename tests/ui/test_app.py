"""The shell: quitting, help, palette, command line, themes, sizes, failures, and what it imports."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from textual.widgets import Static

from cwtui.core.errors import ServiceError
from cwtui.ui.messages import OpenStreams
from cwtui.ui.screens.confirm import ConfirmScreen
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.screens.help import HelpScreen
from cwtui.ui.screens.streams import StreamsScreen
from cwtui.ui.screens.too_small import TooSmallScreen
from cwtui.ui.widgets.key_hints import KeyHints
from cwtui.ui.widgets.name_list import NameList
from cwtui.ui.widgets.prompt import Prompt
from cwtui.wiring import Start
from tests.ui.shell import ScriptedReader, group, make_app, running, screen_text, settle

GROUPS = [group("/aws/lambda/checkout"), group("/ecs/cart")]


class Busy(StreamsScreen):
    def running(self) -> str:
        return "Following [/x] 3 groups."


# ---------------------------------------------------------------------- leaving


async def test_q_at_the_first_screen_quits_with_zero_and_closes_the_reader() -> None:
    reader = ScriptedReader([GROUPS])
    app = make_app(reader)
    async with running(app) as pilot:
        await pilot.press("escape", "q")
    assert app.return_code == 0
    assert reader.closed


async def test_escape_never_quits() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        await pilot.press(*["escape"] * 6)
        assert app.is_running
        assert isinstance(app.screen, GroupsScreen)
        assert app.return_code is None


async def test_q_asks_while_something_runs_and_escape_stays() -> None:
    app = make_app(ScriptedReader([GROUPS], streams=[[]]))
    async with running(app) as pilot:
        await app.push_screen(Busy(app.services, "/g"))
        await settle(pilot)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        assert "Following [/x] 3 groups." in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Busy)
        await pilot.press("ctrl+q", "y")
    assert app.return_code == 0


async def test_ctrl_c_twice_quits_even_from_a_dialog() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        await pilot.press("f1")
        await pilot.press("ctrl+c")
        assert app.told == ["Press ctrl+c once more to quit."]
        await pilot.press("ctrl+c")
    assert app.return_code == 0


# ---------------------------------------------------------------------- help, palette, commands


async def test_help_shows_the_keys_of_this_pane_and_what_is_typed_narrows_it() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app, (100, 50)) as pilot:
        await pilot.press("?")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert "Open the streams of the group." in screen_text(app)
        assert "Add a filter chip; what does not match is hidden." not in screen_text(app)
        await pilot.press(*"arn")
        assert "Copy the ARN of the group." in screen_text(app)
        assert "Open the streams of the group." not in screen_text(app)
        await pilot.press("?")
        await pilot.pause()
        assert isinstance(app.screen, GroupsScreen)


async def test_every_verb_of_the_screen_is_in_the_palette_with_its_key() -> None:
    from cwtui.core.keymap import rows_of
    from cwtui.ui.palette import CwtuiProvider

    app = make_app(ScriptedReader([GROUPS]))
    async with running(app):
        provider = CwtuiProvider(app.screen)
        entries = [str(hit.prompt) async for hit in provider.discover()]
        helps = [hit.help async for hit in provider.discover()]
        for row in rows_of("groups", "motion", "global"):
            assert row.help in helps
        assert "Log groups: streams  Enter" in entries
        assert "Theme: cwtui-light  " in entries


async def test_a_file_that_is_opened_shows_the_events_of_all_its_groups() -> None:
    app = make_app(ScriptedReader([GROUPS]), start=Start(everything=True, where="level >= error"))
    async with running(app):
        assert app.opened == [(tuple(group.name for group in GROUPS), ())]


async def test_the_palette_does_what_it_offers() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        await pilot.press("escape", "j", "ctrl+p")
        await pilot.pause()
        await pilot.press(*"logs of the whole")
        await app.workers.wait_for_complete(list(app.workers))
        await pilot.pause()
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [(("/ecs/cart",), ())]


async def test_a_verb_of_a_pane_that_is_not_open_says_so() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app):
        await app.run_binding("summary.copy")
        assert app.told == ["Summary: not open here."]
        await app.run_binding("motion.cursor_down")
        assert app.screen.query_one(NameList).current == "/ecs/cart"


async def test_the_command_line_completes_and_changes_the_theme() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        await pilot.press(":", *"theme emb", "tab", "enter")
        await pilot.pause()
        assert app.theme == "ember"
        assert not app.screen.query(Prompt)
        await pilot.press(":", "up")
        assert app.screen.query_one(Prompt).text == "theme ember"


async def test_a_command_that_cannot_be_done_says_why_in_one_line_and_stays() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        await pilot.press(":", *"level warn", "enter")
        await pilot.pause()
        assert "That works in the events of a group." in screen_text(app).splitlines()[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert not app.screen.query(Prompt)


async def test_the_command_line_opens_groups_by_name() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        await pilot.press(":", *"tail /e", "tab", "enter")
        await pilot.pause()
        assert app.opened == [(("/ecs/cart",), ())]
        app.run_command(":streams /ecs/cart")
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)
        app.run_command("groups")
        await settle(pilot)
        assert isinstance(app.screen, GroupsScreen)


# ---------------------------------------------------------------------- settings


async def test_a_remapped_key_works_and_the_old_one_does_not() -> None:
    app = make_app(ScriptedReader([GROUPS]), keymap={"groups.logs": "f6"})
    async with running(app) as pilot:
        await pilot.press("escape", "l")
        assert app.opened == []
        await pilot.press("f6")
        await pilot.pause()
        assert app.opened == [(("/aws/lambda/checkout",), ())]
        assert "F6 logs" in screen_text(app)


async def test_what_is_wrong_with_keymap_theme_and_config_is_one_toast() -> None:
    app = make_app(
        ScriptedReader([GROUPS]), keymap={"x.y": "z"}, theme="nope[/b]", warnings=("config: [ui] them",)
    )
    async with running(app):
        (told,) = app.told
        assert "config: [ui] them" in told
        assert "x.y is no binding" in told
        assert "There is no theme 'nope[/b]'" in told
        assert app.theme == "cwtui-dark"


async def test_the_app_starts_on_the_events_of_the_groups_it_was_given() -> None:
    app = make_app(ScriptedReader([GROUPS]), start=Start(groups=("/ecs/cart",), since="1h"))
    async with running(app):
        assert app.opened == [(("/ecs/cart",), ())]


# ---------------------------------------------------------------------- sizes


@pytest.mark.parametrize("size", [(40, 8), (59, 15), (80, 24), (120, 40), (200, 60)])
async def test_it_is_usable_at_every_size(size: tuple[int, int]) -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app, size) as pilot:
        text = screen_text(app)
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert "checkout" in text
        await pilot.press(*"cart", "right")
        await pilot.pause()
        assert app.opened == [(("/ecs/cart",), ())]


async def test_too_small_says_so_and_goes_on_when_there_is_room_again() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app, (80, 24)) as pilot:
        await pilot.press(*"cart")
        await pilot.resize_terminal(38, 7)
        await settle(pilot)
        assert isinstance(app.screen, TooSmallScreen)
        assert screen_text(app).strip() == "cwtui needs 40x8 (now 38x7)"
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "1 of 2 groups" in screen_text(app)


# ---------------------------------------------------------------------- failures


async def test_a_failure_that_can_be_lived_with_is_a_toast_without_markup() -> None:
    app = make_app(ScriptedReader([GROUPS]))
    async with running(app) as pilot:
        app.show_error(ServiceError("It broke [/b] \x1b[31m.", "Try later."))
        await pilot.pause(0.1)
        assert "It broke [/b] ␛[31m." in screen_text(app)


async def test_a_bug_ends_the_app_and_leaves_no_traceback_on_the_screen(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = make_app(ScriptedReader([GROUPS]))

    def break_it() -> None:
        raise ZeroDivisionError("secret line \x1b]0;x\x07")

    async def until_it_breaks() -> None:
        async with app.run_test() as pilot:
            app.call_later(break_it)
            await pilot.pause(0.2)

    with pytest.raises(ZeroDivisionError):
        await until_it_breaks()
    assert isinstance(app.crash, ZeroDivisionError)
    assert app.return_code == 1
    shown = capfd.readouterr()
    assert "Traceback" not in shown.out + shown.err


BROKEN = """
import sys
from cwtui.__main__ import main
from cwtui.adapters.offline import OfflineReader

async def broken(self, pattern, token):
    raise ZeroDivisionError("secret \\x1b]0;x\\x07")

OfflineReader.groups_page = broken
sys.argv = ["cwtui", "--mock"]
sys.exit(main())
"""


def test_a_bug_gives_the_terminal_back_with_one_sentence_and_exit_code_1(isolated_home: Path) -> None:
    code, output = in_a_terminal([sys.executable, "-c", BROKEN])
    after = output.rpartition(b"\x1b[?1049l")[2]
    assert code == 1
    assert b"a bug of ours" in after
    assert b"Traceback" not in output
    assert b"\x1b]0;x" not in output
    logs = list((isolated_home / "state").rglob("*.log"))
    assert "ZeroDivisionError" in logs[0].read_text(encoding="utf-8")


def test_the_program_leaves_with_zero_and_the_terminal_as_it_was(isolated_home: Path) -> None:
    code, output = in_a_terminal(
        [sys.executable, "-m", "cwtui", "--mock"], keys=b"\x03\x03", after=b"LOG GROUP"
    )
    assert code == 0
    assert b"Traceback" not in output
    assert output.count(b"\x1b[?1049h") == output.count(b"\x1b[?1049l") == 1


def in_a_terminal(command: list[str], keys: bytes = b"", after: bytes = b"") -> tuple[int, bytes]:
    """Runs a program in a pseudo-terminal and types once `after` is painted; its exit code and output."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["COLORTERM"], os.environ["TERM"] = "truecolor", "xterm-256color"
        os.chdir(Path(__file__).parents[2])
        os.execv(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    output = b""
    typed = not keys
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        output += chunk
        if not typed and after in output:
            os.write(terminal, keys)
            typed = True
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), output


async def test_a_click_on_a_verb_of_the_footer_does_it() -> None:
    app = make_app(ScriptedReader([GROUPS], streams=[[]]))
    async with running(app) as pilot:
        await pilot.click(KeyHints, offset=(2, 0))
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)


async def test_a_double_click_opens_the_row_under_the_mouse() -> None:
    app = make_app(ScriptedReader([GROUPS], streams=[[]]))
    async with running(app) as pilot:
        await pilot.click(NameList, offset=(6, 1), times=2)
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)
        assert "/ecs/cart › streams" in screen_text(app)


# ---------------------------------------------------------------------- imports


def test_the_first_frame_needs_no_heavy_library() -> None:
    heavy = "numpy duckdb aiobotocore botocore boto3 ollama httpx lark"
    code = (
        "import sys; import cwtui.ui.app, cwtui.ui.screens.groups, cwtui.wiring; "
        f"print([name for name in {heavy.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_streams_of_a_hostile_group_name_show_it_literally() -> None:
    app = make_app(ScriptedReader([GROUPS], streams=[[]]))
    async with running(app) as pilot:
        app.screen.post_message(OpenStreams("/x/[$LATEST][/b]\x1b[2J"))
        await settle(pilot)
        assert "/x/[$LATEST][/b]␛[2J" in screen_text(app)
        assert not app.screen.query(Static).filter(".never")


async def test_a_copy_that_a_terminal_would_cut_says_how_much_it_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")  # no clipboard tool
    app = make_app()
    async with running(app) as pilot:
        app.copy("the message", "x" * 100_000)
        await settle(pilot)
        assert len(app.clipboard) == 72_000
        assert app.told[-1].startswith("Copied the first 72,000 of 100,000 characters of the message")
        app.copy("the message", "short")
        await settle(pilot)
        assert app.told[-1] == "Copied the message, 5 characters."
