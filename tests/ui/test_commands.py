"""The command line without a screen."""

from __future__ import annotations

import pytest

from cwtui.core.errors import InputError
from cwtui.ui.commands import COMMANDS, Command, complete, parse


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (":time -3h", Command("time", "-3h")),
        ("time  -3h  now ", Command("time", "-3h  now")),
        (":q", Command("quit")),
        (":th fjord", Command("theme", "fjord")),
        (":500", Command("row", "500")),
        (":export", Command("export")),
        (":w out/", Command("export", "out/")),
    ],
)
def test_a_line_is_understood(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "no command"),
        (":", "no command"),
        (":nonsense", "':nonsense' is no command"),
        (":t x", "is no command"),
        (":time", "needs its argument"),
        (":groups x", "takes no argument"),
    ],
)
def test_a_line_that_cannot_be_understood_says_why(line: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse(line)


def test_filter_with_nothing_is_a_command_as_the_empty_list_says() -> None:
    assert parse(":filter") == Command("filter")


def test_tab_completes_names_then_values() -> None:
    values = {"theme": lambda: ["dusk", "ember"]}
    assert complete("th", values) == ["theme "]
    assert complete("theme e", values) == ["theme ember"]
    assert complete("theme b", values) == ["theme ember"]
    assert complete("time -", values) == []


def test_tab_completes_the_last_of_several_values() -> None:
    assert complete("tail /a /b", {"tail": lambda: ["/bee"]}) == ["tail /a /bee"]


def test_every_command_says_what_it_does_and_no_name_is_taken_twice() -> None:
    names = [name for spec in COMMANDS for name in (spec.name, *spec.aliases)]
    assert len(names) == len(set(names))
    assert all(spec.help.endswith(".") for spec in COMMANDS)
