"""The hostile recording on every surface of the real program: not one foreign byte reaches the terminal.

`foreign_controls` is the oracle. It knows the few sequences that Textual writes and takes all else for
foreign, a colour or a line end out of a log line included, so a test only has to visit the surface.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cwtui.core.text import printable
from tests.fakes.terminal import (
    BEGINNING,
    CWTUI,
    DOWN,
    ENDING,
    ENTER,
    ESC,
    LEAVE,
    PALETTE,
    RIGHT,
    TAB,
    Terminal,
    foreign_controls,
)

HOSTILE = Path(__file__).parent.parent / "fixtures" / "hostile"
RECORDS = [
    json.loads(line) for line in gzip.decompress((HOSTILE / "events.jsonl.gz").read_bytes()).splitlines()
]
MESSAGES = {
    f"22:00:{number:02}.000": record["message"]
    for number, record in enumerate(item for item in RECORDS if item["logGroup"] == "/hostile/lines")
}
"""The message of each event of `/hostile/lines`, by the time that the list shows."""
PAGE_DOWN = "\x06"


@contextmanager
def hostile(path: Path = HOSTILE, *, columns: int = 120, rows: int = 40) -> Iterator[Terminal]:
    """The program on the list of groups; left at the end by its key (twice: it may ask), and judged."""
    with Terminal([*CWTUI, "--from", str(path)], columns=columns, rows=rows) as terminal:
        terminal.wait_for("/hostile/records")
        yield terminal
        terminal.send(LEAVE + LEAVE)
        assert terminal.wait_for_end() == 0
        assert foreign_controls(terminal.raw) == []
        assert terminal.is_restored


def open_lines(terminal: Terminal) -> None:
    terminal.press("lines", "1 of 5 groups")
    terminal.press(RIGHT, "one megabyte 0123456789")
    terminal.wait_for("END OF RECORDING")
    # Every event a row of its own.
    terminal.press("J", "where it was sent")
    terminal.wait_for(lambda screen: "where it was sent" not in screen)


def command(terminal: Terminal, line: str) -> None:
    """Writes on the `:` line."""
    terminal.press(":", lambda screen: last_row(screen) == ":")
    terminal.press(line, lambda screen: last_row(screen).startswith(f": {line.strip()}"))


def last_row(screen: str) -> str:
    return screen.splitlines()[-1].strip()


def prompt(terminal: Terminal, sigil: str, text: str) -> None:
    terminal.press(sigil, "Esc cancel")
    terminal.press(text, f"{sigil} {text}")


def plain_beginning(message: str) -> str:
    """So much of a message, as it is shown, as a screen of cells gives back unchanged."""
    match = re.match(r"[ -~\u2400-\u2426]{0,40}", printable(message))
    return match.group().strip() if match else ""


def test_lists_palette_help_and_command_line() -> None:
    with hostile() as terminal:
        assert "/hostile/[b]markup[/b]" in terminal.text
        terminal.press("?", "Open the logs of the whole group")
        terminal.press(ESC, "/hostile/records")
        terminal.press(PALETTE, "Search for commands")
        terminal.press("[/b]\x1b[200~[@click=app.quit]x[/]\x1b[201~", "[/b][@click=app.quit]x[/]")
        terminal.press(ESC, "STORED")
        terminal.press("markup", "1 of 5 groups")

        streams = terminal.press(ENTER, "@click=app.quit]stream[/]")

        assert "2026/11/21/[$LATEST]0123456789abcdef" in streams
        assert "\\u202eevil\\u202c" in streams
        assert "␛]0;stream title␇" in streams
        terminal.click("[@click=app.quit]stream[/]")
        terminal.wait_for(lambda screen: bool(re.search(r"▌ +\[@click=app.quit\]stream\[/\]", screen)))
        command(terminal, "streams ")
        terminal.press(TAB, ": streams /hostile/[b]markup[/b]")
        terminal.press(TAB, "$(dollars)")
        terminal.press(ESC, "Enter events")
        command(terminal, "[bold]nonsense[/x]")
        assert "':[bold]nonsense[/x]' is no command" in terminal.press(ENTER, "is no command")
        terminal.press(ESC, "Enter events")
        # What is pasted is foreign too, and comes back in an error and in a title.
        command(terminal, "streams /none")
        terminal.press("\x1b[200~\u202e\u009b2J[/x]\x1b[201~", "/none\\u202e\\x9b2J[/x]")
        assert "[/x]' is not in the recording" in terminal.press(ENTER, "is not in the recording")


def test_every_event_in_the_list_cut_and_wrapped_laid_out_and_raw() -> None:
    with hostile() as terminal:
        open_lines(terminal)
        terminal.press("w", "wrap  UTC")
        terminal.press("w", lambda screen: "wrap  UTC" not in screen)
        terminal.press("p", "Messages as they came")
        missing = {time: plain_beginning(message) for time, message in MESSAGES.items()}
        terminal.press("g", "▌22:00:00.000")
        while missing:
            seen = {time for time, beginning in missing.items() if shown(terminal.text, time, beginning)}
            for time in seen:
                del missing[time]
            if missing and not seen:
                terminal.send(PAGE_DOWN)
                waiting = dict(missing)
                terminal.wait_for(
                    lambda screen, waiting=waiting: any(  # type: ignore[misc]
                        shown(screen, time, beginning) for time, beginning in waiting.items()
                    )
                )
        terminal.send("g")
        pictures = terminal.wait_for("before␛[2J␛[Hafter")

        for picture in (
            "␛[31mred␛[0m and ␛[38;2;1;2;3mtrue colour",
            "leave ␛[?1049l␛[?25h the application",
            "␛]52;c;b3duZWQ=␇ after",
            "␛]8;;https://evil.example/␛\\click me␛]8;;␛\\",
            "csi \\x9b2J osc \\x9d0;title\\x9c dcs \\x90q\\x9c nel \\x85 end",
            "ERROR all is lost␍INFO  all is fine",
            "first␊second␍␊third\\u2028fourth\\u2029fifth",
            "[/b] [/] [/@click]",
            "[@click=app.quit]press me[/]",
            "[TODO] [ERROR] [1,2,3] [a=b] [$LATEST] [[nested]]",
            "\\[x] \\\\[y] [z\\]",
            "user \\u202egnp.exe\\u202c \\u2066isolated\\u2069 \\u061c end",
        ):
            assert picture in pictures
        terminal.click("[@click=app.quit]press me[/]")
        terminal.wait_for("▌22:00:17.000")


def shown(screen: str, time: str, beginning: str) -> bool:
    return any(time in row and beginning in row for row in screen.splitlines())


def test_every_event_whole_laid_out_and_raw_and_copied() -> None:
    with hostile() as terminal:
        open_lines(terminal)
        terminal.press("g", "▌22:00:00.000")
        terminal.press("d", "DETAIL")
        for time in MESSAGES:
            terminal.wait_for(lambda screen, time=time: f"time    2026-11-21 {time}Z" in screen)  # type: ignore[misc]
            if time != max(MESSAGES):
                terminal.send("j")
        terminal.press("kkkk", "time    2026-11-21 22:00:46.000Z")
        laid_out = terminal.wait_for('"level": "error"')
        assert "␛]52;c;b3duZWQ=␇ [/b]" in laid_out
        terminal.press(TAB, "w wrap")
        terminal.press("p", '"msg": "\\u001b]52;c;b3duZWQ=\\u0007 [/b] \\ud800"')
        terminal.send("w")
        terminal.press("y", "Copied")
        assert terminal.raw.count(b"\x1b]52;c;") == 1


def test_search_filters_and_their_chips() -> None:
    with hostile() as terminal:
        open_lines(terminal)
        prompt(terminal, "/", "[/b]")
        terminal.wait_for("20 hits")
        terminal.press(ENTER, "& filter   Enter detail")
        prompt(terminal, "/", "(unclosed[/x]")
        terminal.wait_for("hit")
        terminal.press(ESC, "Enter detail")
        prompt(terminal, "&", "click=app.quit]press me[/]")
        terminal.wait_for("│ 1 shown")
        chips = terminal.press(ENTER, "a summarise")
        assert "click=app.quit]press me[/]" in chips.splitlines()[1]
        terminal.click("click=app.quit]press me[/]")
        terminal.wait_for("--where")
        terminal.press(ESC, "a summarise")
        terminal.press("&", "Esc cancel")
        terminal.press("/[x/", "missing")
        terminal.press("\x1b[200~\u202e\u009b2J[/b]\x1b[201~", "& /[x/\\u202e\\x9b2J[/b]")
        terminal.press(ESC, "a summarise")


def test_summary_and_export() -> None:
    with hostile() as terminal:
        terminal.press("*", "5 marked")
        terminal.press(RIGHT, "the timestamp is in 2262")
        assert "SUMMARY" in terminal.press("a", "WHAT STANDS OUT")
        terminal.wait_for("ollama")
        terminal.press("G", "P16")
        terminal.press("f", lambda screen: "22:06:00.000" not in screen)
        terminal.press("g", "The first error began")
        terminal.press(ESC, "a summarise")
        terminal.press("X", "as they are shown")
        terminal.press("[/b]\x1b[200~[@click=app.quit]x[/]\x1b[201~", "[/b][@click=app.quit]x[/]")


@pytest.mark.parametrize(("keys", "dialog"), [(PALETTE, "Search for commands"), ("X", "as they are shown")])
def test_a_paste_into_a_dialog(keys: str, dialog: str) -> None:
    with hostile() as terminal:
        open_lines(terminal)
        terminal.press(keys, dialog)
        terminal.send("\x1b[200~\u202equux\u009b2J\x1b[201~")
        terminal.wait_for(lambda _: b"quux" in terminal.raw)


def test_names_of_files_and_of_what_is_wrong_with_them(tmp_path: Path) -> None:
    path = tmp_path / "[/b]\x1b]0;t\x07\u202e[@click=app.quit]x[/]"
    shutil.copytree(HOSTILE, path)
    with (path / "manifest.json").open("r+") as file:
        manifest = json.load(file)
        manifest["query"] = "\x1b[2J[/x] \u009d0;t\x07"
        file.seek(0)
        json.dump(manifest, file)
        file.truncate()
    with hostile(path) as terminal:
        terminal.press(DOWN, lambda screen: "▌   /hostile/a group" in screen)
        terminal.press(RIGHT, "END OF RECORDING")
        terminal.wait_for("not whole")
        command(terminal, "partial")
        # The toast breaks the long path over lines.
        terminal.press(ENTER, lambda screen: "[@click=app.quit]x[/]" in "".join(screen.split()))


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60)])
def test_a_walk_on_other_screens(columns: int, rows: int) -> None:
    with hostile(columns=columns, rows=rows) as terminal:
        terminal.press("markup", "1 of 5 groups")
        terminal.press(ENTER, "[@click=app.quit]stream[/]")
        terminal.press("q", "1 of 5 groups")
        terminal.press("\x15", lambda screen: " of 5 groups" not in screen)
        open_lines(terminal)
        terminal.press("g", "before␛[2J␛[Hafter")
        terminal.send(PAGE_DOWN)
        terminal.wait_for("[TODO] [ERROR] [1,2,3] [a=b] [$LATEST]")
        terminal.press("d", "DETAIL")
        terminal.press(ESC, lambda screen: "DETAIL" not in screen)
        terminal.press("a", "SUMMARY")
        terminal.press(ESC, lambda screen: "SUMMARY" not in screen)
        terminal.press("?", "Search; nothing is hidden")


# ---------------------------------------------------------------------- the oracle itself

STYLED = b"\x1b[1;38;2;1;2;3m%s\x1b[0m"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred",
        "\x1b[0m plain",
        "\x1b[0m",
        "\x1b]52;c;QQ==\x07",
        "\x1b]0;title\x07",
        "\x1b]8;;https://evil.example/\x1b\\",
        "\x1bPq\x1b\\",
        "\x1b_G\x1b\\",
        "\x1bc",
        "\x1b[?1049l",
        "\x1b[5;5H",
        "\x9b2J",
        "a\rb",
        "a\nb",
        "\x00",
        "\x7f",
        "\u202e",
        "\u200b",
        "a\u200db",
        "\U000e0041",
        "\u2028",
    ],
)
def test_the_oracle_sees_what_a_log_line_could_smuggle_in(text: str) -> None:
    frame = BEGINNING + b"\x1b[1;1H" + STYLED % b"fine" + b"%s" + b"\r\n\x1b]22;default\x07" + ENDING
    assert foreign_controls(frame % (STYLED % "é [/b] 👨\u200d👩".encode())) == []
    assert foreign_controls(frame % (STYLED % f"before {text} after".encode()))


def test_the_oracle_sees_bytes_that_are_no_text_and_an_end_that_never_came() -> None:
    assert foreign_controls(BEGINNING + STYLED % b"\x9b2J" + ENDING)
    assert foreign_controls(BEGINNING + STYLED % b"fine")
    assert foreign_controls(BEGINNING + b"\x1b]52;c;G10wO3QH\x07" + ENDING)
