"""The table of keys: no two verbs on a key, nothing undocumented, nothing that no code does."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from textual.widget import Widget

from cwtui.core.keymap import (
    MODES,
    PANES,
    TABLE,
    clashes,
    key_page,
    key_rows,
    keymap_warnings,
    rows_of,
    with_keymap,
)
from cwtui.ui.app import CwtuiApp
from cwtui.ui.widgets.key_hints import SHOWN, footer_rows, hints_content

HOMES = {
    "global": ["cwtui.ui.app:CwtuiApp"],
    "motion": ["cwtui.ui.widgets.name_list:NameList", "cwtui.ui.widgets.event_list:EventList"],
    "text": ["cwtui.ui.widgets.event_list:EventList"],
    "groups": ["cwtui.ui.screens.groups:GroupsScreen"],
    "streams": ["cwtui.ui.screens.streams:StreamsScreen"],
    "events": ["cwtui.ui.screens.events:EventsScreen"],
    "detail": ["cwtui.ui.widgets.detail:DetailText"],
    "summary": ["cwtui.ui.widgets.summary:DigestList"],
    "histogram": ["cwtui.ui.widgets.histogram:HistogramBar"],
    "filters": ["cwtui.ui.widgets.filter_rows:FilterRows"],
    "doctor": ["cwtui.ui.screens.doctor:DoctorScreen"],
    "navigation": ["cwtui.ui.widgets.navigation:Navigation"],
    "prompt": ["cwtui.ui.widgets.prompt:Prompt"],
}


def test_no_mode_has_two_verbs_on_one_key() -> None:
    assert clashes() == []


def test_ids_are_unique_and_every_row_says_what_it_does() -> None:
    assert len({row.id for row in TABLE}) == len(TABLE)
    assert all(row.help.endswith(".") and row.label and row.keys for row in TABLE)


def test_every_pane_has_a_title_and_every_mode_only_known_panes() -> None:
    assert {row.pane for row in TABLE} == set(PANES)
    assert {pane for panes in MODES.values() for pane in panes} <= set(PANES)


@pytest.mark.parametrize(("pane", "home"), [(pane, home) for pane, homes in HOMES.items() for home in homes])
def test_every_verb_is_an_action_of_its_pane(pane: str, home: str) -> None:
    module, _, name = home.partition(":")
    owner = getattr(importlib.import_module(module), name)
    missing = [
        row.id
        for row in rows_of(pane)
        if not hasattr(owner, f"action_{(verb := row.verb.partition('(')[0])}")
        and not hasattr(CwtuiApp, f"action_{verb}")
    ]
    assert missing == []


@pytest.mark.parametrize(("pane", "home"), [(pane, home) for pane, homes in HOMES.items() for home in homes])
def test_every_verb_is_bound_where_its_action_is(pane: str, home: str) -> None:
    module, _, name = home.partition(":")
    owner = getattr(importlib.import_module(module), name)
    bound = {
        binding.id
        for base in owner.__mro__
        if issubclass(base, (Widget, CwtuiApp))
        for binding in base.__dict__.get("BINDINGS", [])
        if hasattr(binding, "id")
    }
    assert [row.id for row in rows_of(pane) if row.id not in bound] == []


def test_the_keys_that_the_issue_asks_for_are_all_there() -> None:
    events = {key for row in TABLE if row.pane in MODES["events"] for key in row.keys}
    wanted = {
        "/",
        "n",
        "N",
        "&",
        "F",
        "=",
        "a",
        "X",
        "ctrl+s",
        "d",
        "enter",
        ":",
        "?",
        "q",
        "escape",
        "ctrl+q",
        "ctrl+r",
        "f",
        "t",
        "w",
        "p",
        "y",
        "space",
        "L",
        "e",
        "E",
    }
    assert wanted | set("0123456789") <= events


def test_the_page_of_keys_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == key_page(), "run: python -m cwtui.core.keymap > docs/keys.md"


def test_a_remapped_key_replaces_those_of_the_table() -> None:
    (row,) = [row for row in with_keymap({"events.search": "ctrl+g, f3"}) if row.id == "events.search"]
    assert row.keys == ("ctrl+g", "f3")
    assert any(shown.keys == "ctrl+g F3" for shown in key_rows({"events.search": "ctrl+g,f3"}))


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"events.nothing": "x"}, "is no binding"),
        ({"events.search": " , "}, "names no key"),
        ({"events.search": "n"}, "both events.search and events.next_hit"),
    ],
)
def test_a_keymap_that_cannot_work_is_told(keymap: dict[str, str], said: str) -> None:
    (warning,) = keymap_warnings(keymap)
    assert said in warning


def test_a_sound_keymap_is_silent() -> None:
    assert keymap_warnings({"events.search": "ctrl+g"}) == []


def test_the_footer_shows_at_most_seven_verbs_and_ends_with_help() -> None:
    for pane in MODES:
        rows = footer_rows(pane, list(TABLE))
        assert len(rows) <= SHOWN
        assert rows[-1].id == "global.help"


def test_while_a_field_takes_letters_the_footer_names_keys_that_still_act() -> None:
    rows = {row.id: row.keys[0] for row in footer_rows("groups", list(TABLE), typing=True)}
    assert rows["groups.logs"] == "right"
    assert "groups.tail" not in rows
    assert "groups.filter" not in rows


def test_a_narrow_footer_keeps_help() -> None:
    for width in range(8, 100, 7):
        hints = hints_content(footer_rows("events", list(TABLE)), width)
        assert hints.cell_length <= max(width, 7)
        assert hints.plain.endswith("? help")


def test_printing_the_table_loads_no_screen() -> None:
    code = "import sys, cwtui.core.keymap; print('textual' in sys.modules, 'cwtui.ui' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
