"""Which contexts were used last, and what was learnt of their accounts: one JSON file in the state folder.

It is written whole or not at all. A file that cannot be read counts as absent: it is only a memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cwtui.core.whole_file import write_json
from cwtui.settings import state_dir

_VERSION = 1
_KEPT = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """One context as it was last used."""

    name: str
    region: str = ""
    account: str = ""
    alias: str = ""
    at: int = 0
    """When, ms UTC."""


def recents_file() -> Path:
    return state_dir() / "contexts.json"


def read_visits() -> tuple[Visit, ...]:
    """Every context that was used, the last one first."""
    try:
        document = json.loads(recents_file().read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            return ()
        return tuple(_visit(entry) for entry in document["visits"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()


def note_visit(visit: Visit) -> None:
    """Puts a visit first, in place of the one before to the same context; what it does not know stays known.

    A disk that refuses costs the memory, no more.
    """
    before = read_visits()
    known = next((each for each in before if each.name == visit.name), visit)
    same = not visit.region or not known.region or visit.region == known.region
    merged = Visit(
        visit.name,
        visit.region or known.region,
        visit.account or (known.account if same else ""),
        visit.alias or (known.alias if visit.account in ("", known.account) else ""),
        visit.at,
    )
    visits = [merged, *(each for each in before if each.name != visit.name)][:_KEPT]
    path = recents_file()
    with suppress(OSError):
        write_json(path, {"version": _VERSION, "visits": [asdict(each) for each in visits]})


def _visit(entry: Mapping[str, object]) -> Visit:
    name, region, account, alias = (str(entry[key]) for key in ("name", "region", "account", "alias"))
    at = entry["at"]
    if not isinstance(at, int):
        raise TypeError("not a moment")
    return Visit(name, region, account, alias, at)
