"""Stacks of filters that the user named: one JSON file in the state folder, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cwtui.core.errors import DataError, InputError
from cwtui.core.whole_file import write_json
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.settings import state_dir

_VERSION = 1
NAME_LIMIT = 60


def saved_filters_file() -> Path:
    return state_dir() / "filters.json"


def saved_filters() -> dict[str, FilterStack]:
    """The named stacks in the order of their names. Raises DataError where the file cannot be read."""
    path = saved_filters_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        document = json.loads(text)
        if document["version"] != _VERSION:
            raise _unreadable(path, f"it has version {document['version']}")
        stacks = {name: _stack(entries) for name, entries in document["stacks"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    except InputError as error:
        raise _unreadable(path, error.message) from error
    return dict(sorted(stacks.items()))


def save_filters(name: str, stack: FilterStack) -> None:
    """Keeps a stack under a name, over one of that name. Raises InputError, DataError."""
    name = name.strip()
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise InputError(
            f"A name has 1 to {NAME_LIMIT} printable characters.", "Write it like: prod errors.", code="name"
        )
    if not stack.filters:
        raise InputError("There is no filter to save.", "a adds one.", code="filters")
    _write({**saved_filters(), name: stack})


def forget_filters(name: str) -> None:
    """Takes a named stack away; one that is not there is no error. Raises DataError."""
    stacks = saved_filters()
    if stacks.pop(name, None) is not None:
        _write(stacks)


def _stack(entries: object) -> FilterStack:
    if not isinstance(entries, list):
        raise TypeError("a stack is a list")
    return FilterStack(tuple(Filter(parse_where(entry["where"]), bool(entry["on"])) for entry in entries))


def _write(stacks: Mapping[str, FilterStack]) -> None:
    path = saved_filters_file()
    document = {
        "version": _VERSION,
        "stacks": {
            name: [{"where": str(item), "on": item.enabled} for item in stack.filters]
            for name, stack in sorted(stacks.items())
        },
    }
    try:
        write_json(path, document)
    except OSError as error:
        raise DataError(
            f"The filters cannot be kept in {path}: {error.strerror}.",
            "Make room, or set XDG_STATE_HOME to a folder that can be written.",
            code="filters",
        ) from error


def _unreadable(path: Path, why: str) -> DataError:
    return DataError(
        f"The saved filters in {path} cannot be read: {why}.",
        "Mend the file or move it away.",
        code="filters",
    )
