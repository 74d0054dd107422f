from __future__ import annotations

from pathlib import Path

import pytest

from cwtui.core.errors import InputError
from cwtui.settings import config_file, load_settings


@pytest.fixture
def config(isolated_home: Path) -> Path:
    path = config_file()
    path.parent.mkdir(parents=True)
    return path


def test_flags_win_over_the_environment_and_that_over_the_file(config: Path) -> None:
    config.write_text('[aws]\nregion = "file"\nprofile = "file"\nrole_arn = "file"\n')
    found = load_settings({"region": "flag"}, {"AWS_REGION": "env", "AWS_PROFILE": "env", **_home(config)})
    assert (found.region, found.profile, found.role_arn) == ("flag", "env", "file")


def test_keys_in_the_environment_win_over_its_profile_but_not_over_one_that_was_asked_for(
    config: Path,
) -> None:
    environ = {"AWS_PROFILE": "env", "AWS_ACCESS_KEY_ID": "AKIA", **_home(config)}
    config.write_text("")
    assert load_settings({}, environ).profile == ""
    assert load_settings({"profile": "flag"}, environ).profile == "flag"
    config.write_text('[aws]\nprofile = "file"\n')
    del environ["AWS_PROFILE"]
    assert load_settings({}, environ).profile == "file"


def test_minutes_and_seconds_of_the_file_become_milliseconds(config: Path) -> None:
    config.write_text("[ui]\nwindow_minutes = 60\n[limits]\nlook_back_seconds = 300\n")
    found = load_settings({}, _home(config))
    assert (found.default_window_ms, found.look_back_ms) == (3_600_000, 300_000)


def test_an_unknown_key_warns_but_under_safety_it_refuses(config: Path) -> None:
    config.write_text('[ui]\ntheem = "x"\n')
    assert "[ui] theem" in load_settings({}, _home(config)).warnings[0]
    config.write_text("[safety]\nalow_write = true\n")
    with pytest.raises(InputError, match="alow_write"):
        load_settings({}, _home(config))


@pytest.mark.parametrize(
    "text", ["[ui\n", '[ui]\nwindow_minutes = "60"\n', "[safety]\nallow_write = 1\n", "\xff\xfe"]
)
def test_a_broken_file_is_named(config: Path, text: str) -> None:
    config.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        load_settings({}, _home(config))
    assert str(config) in caught.value.message


def test_an_environment_value_that_is_no_truth_is_named() -> None:
    with pytest.raises(InputError, match="MOCK=maybe"):
        load_settings({}, {"MOCK": "maybe"})


def test_a_bare_ollama_host_gets_its_scheme() -> None:
    assert load_settings({}, {"OLLAMA_HOST": "127.0.0.1:9"}).ollama_host == "http://127.0.0.1:9"


def test_how_long_a_model_stays_loaded_is_a_duration() -> None:
    for written in ("0", "-1", "300", "30s", "10m", "1h30m"):
        assert load_settings({}, {"OLLAMA_KEEP_ALIVE": written}).keep_alive == written
    with pytest.raises(InputError, match="keep_alive"):
        load_settings({}, {"OLLAMA_KEEP_ALIVE": "for ever"})


def test_no_color_turns_automatic_colour_off() -> None:
    assert load_settings({}, {"NO_COLOR": "1"}).color == "never"
    assert load_settings({"color": "always"}, {"NO_COLOR": "1"}).color == "always"


def _home(config: Path) -> dict[str, str]:
    return {"CWTUI_CONFIG": str(config)}
