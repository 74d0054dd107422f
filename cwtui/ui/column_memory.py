"""Which fields have columns, remembered for each set of log groups: one file, last chosen first.

It holds names of groups and of fields, no event's text; only its owner can read it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cwtui.core.errors import DataError
from cwtui.core.whole_file import write_json
from cwtui.settings import state_dir

_VERSION = 1
_REMEMBERED = 200
"""Sets of groups."""

Chosen = dict[tuple[str, ...], tuple[str, ...]]
"""Fields by the groups, sorted, for which they were chosen."""


def columns_file() -> Path:
    return state_dir() / "columns.json"


def read_columns(groups: Sequence[str]) -> tuple[str, ...]:
    """The fields chosen for exactly these groups; empty for none. Raises DataError for a broken file."""
    return _read().get(tuple(sorted(groups)), ())


def write_columns(groups: Sequence[str], fields: Sequence[str]) -> None:
    """Remembers the fields, none to forget them; a broken file is written anew.

    Raises DataError where the disk refuses.
    """
    key = tuple(sorted(groups))
    others: Chosen = {}
    with suppress(DataError):
        others = _read()
    others.pop(key, None)
    chosen: Chosen = {key: tuple(fields), **others} if fields else others
    entries = [{"groups": names, "fields": paths} for names, paths in list(chosen.items())[:_REMEMBERED]]
    path = columns_file()
    try:
        write_json(path, {"version": _VERSION, "columns": entries})
    except OSError as error:
        raise DataError(
            f"The columns cannot be remembered in {path}: {error.strerror or error}.",
            "They are shown until this view is left.",
            code="columns",
        ) from error


def _read() -> Chosen:
    path = columns_file()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            raise ValueError(f"version {document['version']}")
        return {_names(entry["groups"]): _names(entry["fields"]) for entry in document["columns"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f"The remembered columns cannot be read from {path}, so none are shown.",
            "The file is written anew when columns are chosen.",
            code="columns",
        ) from error


def _names(value: object) -> tuple[str, ...]:
    """Checks what is read: the file may have been written by anyone."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{value!r} is no list of names")
    return tuple(value)
