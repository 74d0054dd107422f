"""Which log groups were pinned and which opened last, for each context: one JSON file in the state folder.

It is written whole or not at all. A file that cannot be read counts as absent: it is only a memory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cwtui.core.whole_file import write_json
from cwtui.settings import Settings, state_dir

_VERSION = 1
_CONTEXTS = 100
_OPENED = 20


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """Log groups of one context, by their identifiers."""

    pinned: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    """The last one first."""


def memory_file() -> Path:
    return state_dir() / "groups.json"


def read_memory(settings: Settings) -> GroupMemory:
    """What is remembered of the context that the settings name."""
    home = _home(settings)
    return next((memory for each, memory in _read() if each == home), GroupMemory())


def note_opened(settings: Settings, groups: Iterable[str]) -> GroupMemory:
    """Puts groups first among those that were opened; what is remembered now."""
    memory = read_memory(settings)
    opened = tuple(dict.fromkeys((*groups, *memory.opened)))[:_OPENED]
    return _write(settings, replace(memory, opened=opened))


def pin(settings: Settings, groups: Iterable[str], *, pinned: bool) -> GroupMemory:
    """Pins groups, or lets go of them; what is remembered now."""
    memory, named = read_memory(settings), tuple(groups)
    kept = tuple(group for group in memory.pinned if group not in named)
    return _write(settings, replace(memory, pinned=(*kept, *named) if pinned else kept))


def _write(settings: Settings, memory: GroupMemory) -> GroupMemory:
    """A disk that refuses costs the memory of the next run, no more."""
    home = _home(settings)
    entries = [(home, memory), *(entry for entry in _read() if entry[0] != home)][:_CONTEXTS]
    document = {
        "version": _VERSION,
        "contexts": [
            {"context": each, "pinned": kept.pinned, "opened": kept.opened} for each, kept in entries
        ],
    }
    path = memory_file()
    with suppress(OSError):
        write_json(path, document)
    return memory


def _read() -> list[tuple[dict[str, Any], GroupMemory]]:
    try:
        document = json.loads(memory_file().read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            return []
        return [_entry(entry) for entry in document["contexts"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _entry(entry: Mapping[str, Any]) -> tuple[dict[str, Any], GroupMemory]:
    return dict(entry["context"]), GroupMemory(_names(entry["pinned"]), _names(entry["opened"]))


def _names(value: object) -> tuple[str, ...]:
    """Checks what is read: the file may have been written by anyone."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{value!r} is no list of names")
    return tuple(value)


def _home(settings: Settings) -> dict[str, Any]:
    """What tells one context from another before anybody was asked."""
    return {
        "context": settings.context,
        "profile": settings.profile,
        "region": settings.region,
        "members": [label for label, _ in settings.members],
        "role": settings.role_arn,
        "endpoint": settings.endpoint_url,
        "mock": settings.mock,
        "paths": sorted(os.path.abspath(path) if path != "-" else path for path in settings.from_paths),
    }
