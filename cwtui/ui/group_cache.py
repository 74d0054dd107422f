"""The log groups of the last run, so that the list stands before the first answer comes.

One JSON file a context in the cache folder, written whole or not at all. A file that cannot be
read counts as absent: it is only a cache.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

from cwtui.core.models import Context, LogGroup
from cwtui.core.whole_file import write_whole
from cwtui.settings import cache_dir

_VERSION = 2
_FIELDS = tuple(field.name for field in fields(LogGroup))


@dataclass(frozen=True, slots=True)
class CachedGroups:
    groups: tuple[LogGroup, ...]
    written: int
    """When, in ms UTC."""


def cache_path(context: Context, source: str = "") -> Path:
    """The file of a context; it stays in the cache folder whatever the context is called.

    `source` tells apart what a name alone does not: another endpoint, role or key (`Services.source`).
    """
    members = (member.name for member in context.members)
    identity = "\n".join((context.name, context.profile, context.region, source, *members))
    slug = re.sub(r"[^A-Za-z0-9]+", "-", f"{context.name}-{context.region}").strip("-")[:48]
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return cache_dir() / f"groups-{slug}-{digest}.json"


def read_groups(context: Context, source: str = "") -> CachedGroups | None:
    """What the last run listed, or None."""
    import orjson

    try:
        document = orjson.loads(cache_path(context, source).read_bytes())
        if document["version"] != _VERSION or document["fields"] != list(_FIELDS):
            return None
        return CachedGroups(tuple(LogGroup(*group) for group in document["groups"]), int(document["written"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_groups(context: Context, groups: Sequence[LogGroup], now: int, source: str = "") -> None:
    """Keeps the list, and what is known of each group, for the next run. For a thread.

    A disk that refuses costs that run a second, no more.
    """
    import orjson

    # Rows of values, not objects: 50,000 groups are written and read within a tenth of a second.
    rows = list(map(attrgetter(*_FIELDS), groups))
    document = {"version": _VERSION, "written": now, "fields": _FIELDS, "groups": rows}
    path = cache_path(context, source)
    with suppress(OSError, TypeError):
        content = orjson.dumps(document)
        write_whole(path, content)
