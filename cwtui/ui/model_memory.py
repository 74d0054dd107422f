"""Which model was chosen last: one small file, so that the next start asks the same one.

Settings that name a model come first; what is chosen then holds until cwtui is left.
"""

from __future__ import annotations

import json
from pathlib import Path

from cwtui.core.errors import DataError
from cwtui.core.whole_file import write_json
from cwtui.settings import Settings, state_dir

_VERSION = 1


class ChosenModel:
    """The model that is asked; one of an app. Empty: the largest local one."""

    def __init__(self, settings: Settings) -> None:
        self._pinned = settings.model
        self._name: str | None = settings.model or None

    @property
    def name(self) -> str:
        """As `ollama list` names it. A file that cannot be read counts as none."""
        if self._name is None:
            self._name = _read()
        return self._name

    def choose(self, name: str) -> None:
        """Takes it from now on; remembers it too unless the settings name one.

        Raises DataError where the disk refuses; the choice holds all the same.
        """
        self._name = name
        if not self._pinned:
            _write(name)


def model_file() -> Path:
    return state_dir() / "model.json"


def _read() -> str:
    try:
        document = json.loads(model_file().read_text(encoding="utf-8"))
        name = document["model"] if document["version"] == _VERSION else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return name if isinstance(name, str) else ""


def _write(name: str) -> None:
    path = model_file()
    try:
        write_json(path, {"version": _VERSION, "model": name})
    except OSError as error:
        raise DataError(
            f"The model cannot be remembered in {path}: {error.strerror or error}.",
            "It is asked until cwtui is left; [model] name in the config file keeps it.",
            code="model",
        ) from error
