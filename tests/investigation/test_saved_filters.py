from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from cwtui.core.errors import DataError, InputError
from cwtui.core.models import Query, TimeWindow
from cwtui.investigation.saved_filters import (
    forget_filters,
    save_filters,
    saved_filters,
    saved_filters_file,
)
from cwtui.investigation.sharing import open_line
from cwtui.lang.where import Filter, FilterStack, from_bar, parse_where
from cwtui.settings import Settings

STACK = FilterStack(
    (from_bar("level >= warn"), from_bar("!health check").toggled(), from_bar("{ $.a = 5* }"))
)


def test_a_stack_comes_back_as_it_was_saved() -> None:
    assert saved_filters() == {}
    save_filters(" prod errors ", STACK)
    save_filters("b", FilterStack((from_bar("/x/"),)))
    assert saved_filters() == {"b": FilterStack((from_bar("/x/i"),)), "prod errors": STACK}
    forget_filters("b")
    forget_filters("never there")
    assert list(saved_filters()) == ["prod errors"]
    assert [file.name for file in saved_filters_file().parent.iterdir()] == ["filters.json"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x1b[2J"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        save_filters(name, STACK)
    assert not saved_filters_file().exists()


def test_an_empty_stack_is_not_saved() -> None:
    with pytest.raises(InputError):
        save_filters("a", FilterStack())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 2, "stacks": {}}',
        '{"version": 1, "stacks": {"a": [{"where": "level >=", "on": true}]}}',
        '{"version": 1, "stacks": {"a": 5}}',
        '{"version": 1, "stacks": {"a": [5]}}',
    ],
)
def test_a_broken_file_is_told_and_never_written_over(content: str) -> None:
    path = saved_filters_file()
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(DataError, match="cannot be read"):
        saved_filters()
    with pytest.raises(DataError):
        save_filters("a", STACK)
    assert path.read_text() == content


def test_a_folder_that_cannot_be_written_is_told() -> None:
    saved_filters_file().parent.parent.mkdir(parents=True, exist_ok=True)
    saved_filters_file().parent.write_text("in the way")
    with pytest.raises(DataError):
        save_filters("a", STACK)


def test_the_file_is_json_that_a_person_can_read() -> None:
    save_filters("a", STACK)
    stored = json.loads(saved_filters_file().read_text())
    assert stored["stacks"]["a"][1] == {"where": 'not "health check"', "on": False}


def test_the_shared_line_says_groups_window_and_filters() -> None:
    query = Query(("/aws/a", "b c"), TimeWindow(1_763_805_600_000, 1_763_806_500_000), pattern="ERROR -it's")
    words = shlex.split(open_line(query, STACK, Settings(profile="prod", region="eu-west-1")))
    assert words[:4] == ["cwtui", "open", "/aws/a", "b c"]
    flags = dict(zip(words[4::2], words[5::2], strict=True))
    assert flags.pop("--where") == STACK.where()
    assert flags == {
        "--profile": "prod",
        "--region": "eu-west-1",
        "--since": "2025-11-22T10:00:00.000Z",
        "--until": "2025-11-22T10:15:00.000Z",
        "--filter": "ERROR -it's",
    }


def test_the_shared_line_names_the_context_or_the_regions_that_are_read_at_once() -> None:
    query = Query(("arn:aws:logs:eu-west-1:1:log-group:/a",), TimeWindow(0))
    members = tuple((region, Settings(region=region)) for region in ("eu-west-1", "us-east-1"))
    in_regions = Settings(profile="dev", region="eu-west-1", members=members)
    words = shlex.split(open_line(query, FilterStack(), in_regions))
    assert words[2:] == [*query.groups, "--profile", "dev", "--region", "eu-west-1,us-east-1"]
    words = shlex.split(open_line(query, FilterStack(), replace(in_regions, context="estate")))
    assert words[2:] == [*query.groups, "--context", "estate"]


def test_chosen_streams_become_a_filter_of_the_shared_line() -> None:
    query = Query(("/g",), TimeWindow(0), streams=("2025/[$LATEST]a", "b"))
    words = shlex.split(open_line(query, FilterStack((from_bar("~x"),)), Settings(mock=True)))
    assert words[:4] == ["cwtui", "open", "/g", "--where"]
    assert parse_where(words[4]) == parse_where('(stream = "2025/[$LATEST]a" or stream = "b") and ~x')
    assert words[5:] == ["--mock"]


def test_filters_that_are_off_are_not_shared() -> None:
    line = open_line(
        Query(("/g",), TimeWindow(0)), FilterStack((Filter(parse_where("~x"), False),)), Settings()
    )
    assert line == "cwtui open /g"
