"""The manifest of a recording: what it is, what it holds, what is missing from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cwtui import __version__
from cwtui.core.models import Columns

SCHEMA = "cwtui.recording/1"


@dataclass(frozen=True, slots=True)
class ManifestGroup:
    """One log group of a recording; times in ms UTC."""

    account: str
    region: str
    name: str
    events: int
    streams: int
    first: int
    last: int
    created: int | None = None
    """When the group was made; this and the next two where a recording imitates the service."""
    retention_days: int | None = None
    stored_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a recording says of itself; times in ms UTC, None where it holds no event or does not say."""

    schema: str = SCHEMA
    created: int | None = None
    tool: str = ""
    events: int = 0
    streams: int = 0
    first: int | None = None
    last: int | None = None
    groups: tuple[ManifestGroup, ...] = ()
    query: str = ""
    """Filters and groups as the user wrote them."""
    redacted: bool = False
    live: bool = False
    """Shift it to the present and go on producing: the demo."""
    partial: tuple[str, ...] = ()
    """What is missing from it, a sentence each."""
    end: int | None = None
    """Where a live recording ends, exclusive: what is shifted to the present."""
    replay_from: int | None = None
    """A live recording goes on producing what it holds from here to its end."""


@dataclass(frozen=True, slots=True)
class About:
    """What the one who records knows beforehand."""

    created: int
    query: str = ""
    redacted: bool = False
    live: bool = False
    partial: tuple[str, ...] = ()


class Tally:
    """Counts per group, taken while the events pass."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str, str], _GroupTally] = {}

    def counted(self, chunks: Iterable[Columns]) -> Iterator[Columns]:
        for columns in chunks:
            self._count(columns)
            yield columns

    def _count(self, columns: Columns) -> None:
        groups = self.groups
        for account, region, group, stream, timestamp in zip(
            columns.accounts,
            columns.regions,
            columns.groups,
            columns.streams,
            columns.timestamps,
            strict=True,
        ):
            key = (account, region, group)
            tally = groups.get(key)
            if tally is None:
                tally = groups[key] = _GroupTally(timestamp, timestamp, set())
            tally.events += 1
            tally.streams.add(stream)
            if timestamp < tally.first:
                tally.first = timestamp
            elif timestamp > tally.last:
                tally.last = timestamp


@dataclass(slots=True)
class _GroupTally:
    first: int
    last: int
    streams: set[str]
    events: int = 0


def manifest_bytes(tally: Tally, about: About, files: Sequence[str]) -> Iterator[bytes]:
    """The manifest as JSON; lazy, because the tally fills while the events are written."""
    groups = sorted(tally.groups.items())
    document = {
        "schema": SCHEMA,
        "tool": f"cwtui {__version__}",
        "created": about.created,
        "events": sum(group.events for _, group in groups),
        "streams": sum(len(group.streams) for _, group in groups),
        "first": min((int(group.first) for _, group in groups), default=None),
        "last": max((int(group.last) for _, group in groups), default=None),
        "query": about.query,
        "redacted": about.redacted,
        "live": about.live,
        "partial": list(about.partial),
        "files": list(files),
        "groups": [
            {
                "account": account,
                "region": region,
                "name": name,
                "events": group.events,
                "streams": len(group.streams),
                "first": int(group.first),
                "last": int(group.last),
            }
            for (account, region, name), group in groups
        ],
    }
    yield json.dumps(document, indent=2).encode("ascii") + b"\n"


def manifest_of(document: Mapping[str, Any]) -> Manifest:
    """The manifest in a JSON object; what is absent or of another type keeps its default."""

    def number(table: Mapping[str, Any], key: str) -> int | None:
        value = table.get(key)
        return value if isinstance(value, int) else None

    def items(key: str) -> list[Any]:
        value = document.get(key)
        return value if isinstance(value, list) else []

    return Manifest(
        schema=str(document.get("schema", SCHEMA)),
        created=number(document, "created"),
        tool=str(document.get("tool", "")),
        events=number(document, "events") or 0,
        streams=number(document, "streams") or 0,
        first=number(document, "first"),
        last=number(document, "last"),
        groups=tuple(
            ManifestGroup(
                str(group.get("account", "")),
                str(group.get("region", "")),
                str(group.get("name", "")),
                number(group, "events") or 0,
                number(group, "streams") or 0,
                number(group, "first") or 0,
                number(group, "last") or 0,
                number(group, "created"),
                number(group, "retention_days"),
                number(group, "stored_bytes"),
            )
            for group in items("groups")
            if isinstance(group, dict)
        ),
        query=str(document.get("query", "")),
        redacted=document.get("redacted") is True,
        live=document.get("live") is True,
        partial=tuple(str(note) for note in items("partial")),
        end=number(document, "end"),
        replay_from=number(document, "replay_from"),
    )
