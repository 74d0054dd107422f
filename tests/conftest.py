"""Every test runs in a home of its own, with no AWS settings, no network names and no animation."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import textual._wait
from hypothesis import settings
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

# A sixth of the whole run would go into looking through what every test has imported.
gc.set_threshold(100_000, 50, 1000)

# Textual's pilot waits in steps of 20 ms behind every key: a third of the time of a test of the screen.
textual._wait.SLEEP_GRANULARITY = 1 / 200
textual._wait.SLEEP_IDLE = 1 / 4000
textual._wait.wait_for_idle.__defaults__ = (1 / 200, 1)

# Every app parses the same style sheets anew: 40 ms of each test of a screen.
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}
_parse_rules = Stylesheet._parse_rules


def _parse_once(
    self: Stylesheet, css: str, read_from: tuple[str, str], *rest: Any, **more: Any
) -> list[RuleSet]:
    variables = frozenset(self._variables.items())
    key = (css, read_from, rest, tuple(more.items()), variables)
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, read_from, *rest, **more)
    return _parsed[key]


Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign]

# A shell that runs the tests in the background has them ignore what their programs are to be ended by.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler)

# A busy machine is no failure of the code.
settings.register_profile("cwtui", deadline=None, max_examples=20)
settings.register_profile("thorough", deadline=None, max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cwtui"))


@pytest.fixture(autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home, XDG folders and AWS variables never reach a test."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("AWS_", "CWTUI_", "OLLAMA_", "XDG_")) or name in ("MOCK", "USE_LLM", "NO_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for kind in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TZ", "UTC")
    return home
