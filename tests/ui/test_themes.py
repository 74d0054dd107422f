"""Themes: those shipped are whole, readable and legible; a bad file costs itself alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from cwtui.core.errors import InputError
from cwtui.core.shipped import shipped
from cwtui.settings import config_dir
from cwtui.ui.themes import LOG_COLORS, make_theme, read_theme, read_themes

SHIPPED = sorted(shipped("themes").glob("*.toml"))


def test_there_are_five_themes_and_more_one_light_one_of_high_contrast() -> None:
    themes, refused = read_themes()
    assert refused == []
    assert len(themes) >= 5
    assert {"cwtui-dark", "cwtui-light", "cwtui-high-contrast"} <= {theme.name for theme in themes}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_theme_is_legible(path: Path) -> None:
    theme = make_theme(read_theme(path))
    assert theme.name == path.stem
    assert theme.background is not None
    ground = Color.parse(theme.background)
    wanted = 7.0 if "high-contrast" in theme.name else 4.5
    assert theme.foreground is not None
    assert ground.get_contrast_text(1) is not None
    texts = {"foreground": theme.foreground, **theme.variables}
    for name in ("foreground", "level-fatal", "level-error", "level-warn", "level-info", "muted"):
        assert _contrast(Color.parse(texts[name]), ground) >= wanted, name
    assert set(LOG_COLORS) <= set(theme.variables)


def _contrast(first: Color, second: Color) -> float:
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    parts = [part / 255 for part in color.rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


GOOD = 'name = "mine"\n[colors]\nprimary = "red"\nforeground = "#ffffff"\nbackground = "#000000"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "cannot be read"),
        ("dark = true", "no name"),
        (GOOD + '[log]\nlevel-eror = "red"', "level-eror is not known"),
        (GOOD.replace("background", "backround"), "backround is not known"),
        ('name = "mine"\n[colors]\nprimary = "red"', "lacks foreground"),
        (GOOD + 'accent = "reddish"', "'reddish' is not a colour"),
        ("extra = 1\n" + GOOD, "'extra' is not known"),
        (GOOD + "accent = 7", "not a colour in quotes"),
    ],
)
def test_a_bad_theme_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        make_theme(read_theme(path))
    assert str(path) in caught.value.message


def test_a_users_theme_joins_and_a_bad_one_is_named_while_the_others_load() -> None:
    folder = config_dir() / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(GOOD, encoding="utf-8")
    (folder / "broken.toml").write_bytes(b"\xff\xfe")
    themes, refused = read_themes()
    assert "mine" in {theme.name for theme in themes}
    assert "cwtui-dark" in {theme.name for theme in themes}
    (sentence,) = refused
    assert "broken.toml" in sentence
