"""The groups of the list: what is known of each, which stand first, and in which order. No screen.

Thousands come by name only. Facts that the last run knew of them stand until they are told anew.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cwtui.core.models import LogGroup

MOST_LISTED = 50_000
"""Groups that are listed by themselves: an account may have a million."""
A_BATCH = 50
"""Groups of which one call tells the facts."""
FEW = 1_000
"""So many groups may lack facts for all of them to be asked for, seen or not."""
LONG = 30
"""From so many groups on, those opened recently stand apart."""
RECENT = 5
"""How many of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """One way to sort."""

    name: str
    key: Callable[[LogGroup], Any]
    by_facts: bool = False
    """It rests on what a listing by names leaves out."""


ORDERS = (
    Order("", lambda group: f"{group.name}\0{group.arn}"),
    Order("largest first", lambda group: (-(group.stored_bytes or 0), group.name, group.arn), True),
    Order("newest first", lambda group: (-(group.creation_time or 0), group.name, group.arn), True),
)


class GroupList:
    """Groups by their identifiers. `rows`, `names` and `keys` are parallel, as of the last `arrange`."""

    def __init__(self, pinned: Collection[str] = (), recent: Sequence[str] = ()) -> None:
        """`pinned` are names, identifiers or patterns (`*`); `recent` identifiers, the last opened first."""
        self.rows: list[LogGroup] = []
        self.names: list[str] = []
        self.keys: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self._known: dict[str, LogGroup] = {}
        self._places: dict[str, int] = {}
        self._listed: set[str] = set()
        self._told: set[str] = set()
        self._lacking: set[str] = set()
        self._order = ORDERS[0]
        self._stale = False
        self.remember(pinned, recent)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, identifier: str) -> LogGroup | None:
        return self._known.get(identifier)

    def is_pinned(self, group: LogGroup) -> bool:
        """Whether the group stands among the first, because the user or the contexts file says so."""
        return (
            group.name in self._pinned
            or group.identifier in self._pinned
            or (self._patterns is not None and self._patterns.match(group.name) is not None)
        )

    def pin(self, pinned: Collection[str]) -> None:
        """As `remember`; those opened last stay."""
        self.remember(pinned, self._recent)

    def remember(self, pinned: Collection[str], recent: Sequence[str]) -> None:
        """Other groups stand first from the next `arrange` on."""
        patterns = [name for name in pinned if "*" in name or "?" in name]
        self._pinned = frozenset(pinned)
        self._patterns = re.compile("|".join(map(fnmatch.translate, patterns))) if patterns else None
        self._recent = tuple(recent)
        self._first = {key for key, group in self._known.items() if self.is_pinned(group)}
        self._stale = True

    # ------------------------------------------------------------------ listing

    def begin(self) -> None:
        """A listing begins: facts are to be told anew."""
        self._listed = set()
        self._told = set()

    def take(self, groups: Iterable[LogGroup]) -> None:
        """A page of the listing."""
        self._listed.update(self.add(groups))

    def add(self, groups: Iterable[LogGroup]) -> list[str]:
        """Groups beside the listing; their identifiers. Facts that are known stay where none come."""
        keys: list[str] = []
        for group in groups:
            key = group.identifier
            keys.append(key)
            before = self._known.get(key)
            if group.described:
                self._told.add(key)
            elif before is not None and before.described and before.arn == group.arn:
                group = before
            self._put(key, group)
        return keys

    def finish(self) -> None:
        """The listing is whole: what it did not bring is gone."""
        if len(self._listed) < len(self._known):
            self._known = {key: group for key, group in self._known.items() if key in self._listed}
            self._first &= self._listed
            self._lacking &= self._listed
            self._told &= self._listed
            self._stale = True

    # ------------------------------------------------------------------ facts

    def tell(self, asked: Iterable[LogGroup], described: Iterable[LogGroup]) -> None:
        """What is known now of those that were asked about; of some nothing came, as they are gone."""
        for group in described:
            self._put(group.identifier, group)
        keys = {group.identifier for group in asked}
        self._told |= keys
        self._lacking -= keys

    @property
    def lacking(self) -> int:
        """Of how many groups no facts are known; those that are gone have none."""
        return len(self._lacking)

    def wanted(self, seen: Iterable[int], *, all_of_them: bool = False) -> list[LogGroup]:
        """Whose facts to ask for next: of the rows in sight, then of the rest if they are few, or wanted."""
        keys = [self.keys[row] for row in seen if self.keys[row] not in self._told]
        if not keys and len(self._known) - len(self._told) <= FEW:
            keys = list(islice((key for key in self.keys if key not in self._told), A_BATCH))
        elif not keys and all_of_them:
            keys = list(islice((key for key in self.keys if key in self._lacking), A_BATCH))
        return [self._known[key] for key in keys[:A_BATCH]]

    def _put(self, key: str, group: LogGroup) -> None:
        if key not in self._known:
            self._stale = True
            if self.is_pinned(group):
                self._first.add(key)
        self._stale = self._stale or self._order.by_facts
        self._known[key] = group
        if group.described:
            self._lacking.discard(key)
        elif key not in self._told:
            self._lacking.add(key)
        if (place := self._places.get(key)) is not None:
            self.rows[place] = group

    # ------------------------------------------------------------------ order

    def arrange(self, order: Order) -> bool:
        """Puts the groups in order: pinned ones, those opened last, the rest. False: nothing has moved."""
        if not self._stale and order is self._order:
            return False
        self._order, self._stale = order, False
        rows = sorted(self._known.values(), key=order.key)
        keys = [group.identifier for group in rows]
        recent = self._recent if len(rows) >= LONG else ()
        recent = tuple(key for key in recent if key in self._known and key not in self._first)[:RECENT]
        self.headings = []
        if self._first or recent:
            apart = self._first.union(recent)
            pinned = [key for key in keys if key in self._first]
            rest = [key for key in keys if key not in apart]
            self.headings = _headings(len(pinned), len(recent), len(rest))
            keys = [*pinned, *recent, *rest]
            rows = [self._known[key] for key in keys]
        self.rows, self.keys = rows, keys
        self.names = [group.name for group in rows]
        self._places = dict(zip(keys, range(len(keys)), strict=True))
        return True


def _headings(pinned: int, recent: int, rest: int) -> list[tuple[int, str]]:
    headings = [(0, "Pinned", pinned), (pinned, "Opened last", recent), (pinned + recent, "All others", rest)]
    return [(place, text) for place, text, count in headings if count]
