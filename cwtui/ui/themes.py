"""Themes from TOML files: those shipped and the user's, in one form.

A file holds `name`, `dark`, `[colors]` (Textual's palette) and `[log]` (what a log viewer adds).
Fields that are not known are refused, so that a misspelt one does not pass for one that works.
Listing the themes needs no Textual; making them does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cwtui.core.errors import InputError
from cwtui.core.shipped import shipped
from cwtui.settings import config_dir

if TYPE_CHECKING:
    from textual.theme import Theme

DEFAULT_THEME = "cwtui-dark"

_COLORS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
_REQUIRED = ("primary", "foreground", "background")

LOG_COLORS: Mapping[str, str] = {
    "level-fatal": "#ff8a80",
    "level-error": "#e57373",
    "level-warn": "#dfb265",
    "level-info": "#7fb3a8",
    "level-debug": "#7c8798",
    "level-trace": "#626c7b",
    "gutter": "#39414d",
    "selection": "#263142",
    "match1": "#e6c76e",
    "match2": "#7fb9dc",
    "match3": "#c99ad4",
    "match4": "#93c47d",
    "muted": "#8d95a0",
    "faint": "#666e79",
}
"""The variables that cwtui's own styles use, as `$level-error`, with what stands in under a foreign theme."""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """One theme as its file has it; the colours are not yet known to be colours."""

    name: str
    path: Path
    dark: bool
    colors: Mapping[str, str]
    log: Mapping[str, str]


def theme_folders() -> tuple[Path, ...]:
    """Where themes are looked for; a later folder's theme replaces an earlier one of its name."""
    return (shipped("themes"), config_dir() / "themes")


def read_themes(folders: tuple[Path, ...] | None = None) -> tuple[list[ThemeFile], list[str]]:
    """Every theme that can be read, by name, and a sentence for each file that cannot."""
    found: dict[str, ThemeFile] = {}
    refused: list[str] = []
    for folder in theme_folders() if folders is None else folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = read_theme(path)
            except InputError as error:
                refused.append(error.message)
            else:
                found[theme.name] = theme
    return [found[name] for name in sorted(found)], refused


def read_theme(path: Path) -> ThemeFile:
    """One theme file. Raises InputError naming the file and what is wrong in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, f"it cannot be read ({error})") from error
    name, dark = document.pop("name", ""), document.pop("dark", True)
    colors, log = document.pop("colors", {}), document.pop("log", {})
    if not isinstance(name, str) or not name.strip():
        raise _refused(path, "it has no name")
    if not isinstance(dark, bool):
        raise _refused(path, "'dark' is neither true nor false")
    if document:
        raise _refused(path, f"'{next(iter(document))}' is not known")
    for title, table, known in (("colors", colors, _COLORS), ("log", log, tuple(LOG_COLORS))):
        if not isinstance(table, dict):
            raise _refused(path, f"[{title}] is not a table")
        for key, value in table.items():
            if key not in known:
                raise _refused(path, f"[{title}] {key} is not known")
            if not isinstance(value, str):
                raise _refused(path, f"[{title}] {key} is not a colour in quotes")
    for key in _REQUIRED:
        if key not in colors:
            raise _refused(path, f"[colors] lacks {key}")
    return ThemeFile(name.strip(), path, dark, colors, log)


def make_theme(file: ThemeFile) -> Theme:
    """Textual's theme. Raises InputError naming the first value that is no colour."""
    from textual.color import Color, ColorParseError
    from textual.theme import Theme

    for key, value in {**file.colors, **file.log}.items():
        try:
            Color.parse(value)
        except ColorParseError as error:
            raise _refused(file.path, f"{key} = '{value}' is not a colour") from error
    colors = file.colors
    log = {**LOG_COLORS, **_shades(colors), **file.log}
    return Theme(
        file.name,
        colors["primary"],
        secondary=colors.get("secondary"),
        warning=colors.get("warning"),
        error=colors.get("error"),
        success=colors.get("success"),
        accent=colors.get("accent"),
        foreground=colors["foreground"],
        background=colors["background"],
        surface=colors.get("surface"),
        panel=colors.get("panel"),
        dark=file.dark,
        variables={**log, **_quiet(colors, log)},
    )


def _shades(colors: Mapping[str, str]) -> dict[str, str]:
    """Text that stands back, where the file has no colour for it: Textual's `auto` is not for Content."""
    from textual.color import Color

    text, ground = Color.parse(colors["foreground"]), Color.parse(colors["background"])
    return {"muted": text.blend(ground, 0.35).hex, "faint": text.blend(ground, 0.55).hex}


def _quiet(colors: Mapping[str, str], log: Mapping[str, str]) -> dict[str, str]:
    """Textual's derived colours where its own are louder than a log viewer wants."""
    background = colors["background"]
    panel = colors.get("panel", background)
    return {
        "scrollbar": panel,
        "scrollbar-hover": colors.get("secondary", colors["primary"]),
        "scrollbar-active": colors["primary"],
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
        "block-cursor-background": log["selection"],
        "block-cursor-foreground": colors["foreground"],
        "input-selection-background": log["selection"],
        "footer-background": background,
    }


def _refused(path: Path, why: str) -> InputError:
    return InputError(f"The theme {path} was left out: {why}.", "Correct or remove the file.", code="theme")
