"""What was looked at when cwtui was left, so that the next start can go on there: one file, last first.

Kept for each context apart, for the newest few. The file holds group names and filters but no event's
text; only its owner can read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cwtui.core.errors import DataError
from cwtui.core.naming import name_of
from cwtui.core.text import middle
from cwtui.core.whole_file import write_json
from cwtui.settings import Settings, state_dir

_VERSION = 1
_CONTEXTS = 20
_SHOWN = 40
_NUMBERS = ("last_ms", "start", "end", "latest", "at")
_TEXTS = ("stream_prefix", "pattern", "at_id", "times")
_NAMES = ("groups", "streams")


@dataclass(frozen=True, slots=True)
class LastSession:
    """An events view as it was left. At most one of `last_ms`, `start` and `latest` is set."""

    groups: tuple[str, ...]
    streams: tuple[str, ...] = ()
    stream_prefix: str = ""
    pattern: str = ""
    filters: tuple[tuple[str, bool], ...] = ()
    """Each as `--where` text, and whether it was on."""
    last_ms: int | None = None
    start: int | None = None
    end: int | None = None
    latest: int | None = None
    at: int | None = None
    """The time (ms) of the event under the cursor; None where the view stood at its end."""
    at_id: str = ""
    wrap: bool = False
    times: str = ""
    """The value of the `TimeFormat`."""

    @property
    def bare(self) -> bool:
        """Whether nothing was done in the view: it is as it opens by itself."""
        narrowed = self.streams or self.stream_prefix or self.pattern or self.filters
        chosen = (self.last_ms, self.start, self.latest, self.at) != (None, None, None, None)
        return not (narrowed or chosen or self.wrap)

    @property
    def words(self) -> str:
        """`/aws/lambda/checkout, 2 filters`: printable."""
        shown = (
            str(middle(name_of(self.groups[0]), _SHOWN))
            if len(self.groups) == 1
            else f"{len(self.groups)} groups"
        )
        if self.streams:
            shown += f", {len(self.streams)} stream{'' if len(self.streams) == 1 else 's'}"
        if count := len(self.filters) + bool(self.pattern):
            shown += f", {count} filter{'' if count == 1 else 's'}"
        return shown


def session_file() -> Path:
    return state_dir() / "session.json"


def read_session(settings: Settings) -> LastSession | None:
    """The last session of the context that the settings name. Raises DataError for a file that is broken."""
    for entry in _entries():
        if entry["context"] == _identity(settings):
            return _session(entry["session"])
    return None


def write_session(settings: Settings, session: LastSession) -> None:
    """Keeps a session over the context's last one, wholly or not at all.

    A disk that refuses, or a file that was broken, costs no more than what it held.
    """
    identity = _identity(settings)
    others: list[dict[str, Any]] = []
    with suppress(DataError):
        others = [entry for entry in _entries() if entry["context"] != identity]
    entries = [{"context": identity, "session": asdict(session)}, *others][:_CONTEXTS]
    path = session_file()
    with suppress(OSError):
        write_json(path, {"version": _VERSION, "sessions": entries})


def _identity(settings: Settings) -> dict[str, object]:
    """What tells one context from another before anybody was asked."""
    return {
        **({"context": settings.context} if settings.context else {}),
        "profile": settings.profile,
        "region": settings.region,
        "role": settings.role_arn,
        "endpoint": settings.endpoint_url,
        "mock": settings.mock,
        # The same files in another order are the same logs.
        "paths": sorted(os.path.abspath(path) if path != "-" else path for path in settings.from_paths),
    }


def _entries() -> list[dict[str, Any]]:
    path = session_file()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            raise ValueError(f"version {document['version']}")
        return [{"context": entry["context"], "session": entry["session"]} for entry in document["sessions"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path) from error


def _session(written: Mapping[str, Any]) -> LastSession:
    """Checks every field: the file may have been written by anyone."""
    try:
        values: dict[str, Any] = {name: _names(written[name]) for name in _NAMES}
        values |= {name: _kind(written[name], str) for name in _TEXTS}
        values |= {name: None if written[name] is None else _kind(written[name], int) for name in _NUMBERS}
        filters = tuple((_kind(text, str), _kind(on, bool)) for text, on in written["filters"])
        session = LastSession(**values, filters=filters, wrap=_kind(written["wrap"], bool))
        if not session.groups:
            raise ValueError("no groups")
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(session_file()) from error
    return session


def _kind(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _names(value: Any) -> tuple[str, ...]:
    return tuple(_kind(name, str) for name in _kind(value, list))


def _unreadable(path: Path) -> DataError:
    return DataError(
        f"What was open last time cannot be read from {path}, so it is not offered.",
        "It is written anew when cwtui is left.",
        code="session",
    )
