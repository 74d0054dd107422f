"""How recorded events are cut into pages: what a walk picks, and the tokens between pages.

A token names a direction, a member (groups of one name in several accounts follow each other) and a
position, and is bound to the request that it was given out for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TypeVar

import numpy as np

from cwtui.adapters.recorded_files import Group
from cwtui.core.errors import InputError
from cwtui.core.models import EventBatch, LiveUpdate

PAGE = 50
"""Groups or streams a page, as the service gives."""
MOST_BYTES = 1 << 20
_EVENT_OVERHEAD = 26
"""What the service counts for an event beside its UTF-8 text."""
_SCAN = 50_000
"""Events looked at for one page: a pattern that matches little gives short and empty pages with a token."""
_LIVE_MOST = 500
_TOKEN = re.compile(r"([fb])/(\d{1,4})/(\d{1,18})/([0-9a-f]{12})")

T = TypeVar("T")
Matches = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk over a group's positions picked."""

    picks: list[tuple[int, int]]
    """(cycle, row), in the order of the walk."""
    messages: list[str]
    positions: list[int]
    next: int | None
    """Where the walk goes on, or None where it came to the end."""


def walk(
    group: Group,
    ranges: Sequence[tuple[int, int]],
    now: int,
    wanted: Matches | None,
    matches: Matches | None,
    limit: int,
    *,
    backward: bool,
) -> Found:
    """Picks up to a page of arrived, wanted, matching events, in the order of the positions."""
    picks: list[tuple[int, int]] = []
    messages: list[str] = []
    positions: list[int] = []
    size = scanned = 0
    for block in group.blocks(ranges, backward=backward):
        seen = group.arrived(block, now)
        if wanted is not None:
            seen &= group.in_streams(block, wanted)
        offsets = np.flatnonzero(seen)
        rows = block.rows[offsets].tolist()
        for offset, row in zip(*_ordered(offsets.tolist(), rows, backward), strict=True):
            position = block.first + offset
            if scanned == _SCAN:
                return Found(picks, messages, positions, position + backward)
            scanned += 1
            message = group.message(block.cycle, row)
            if matches is not None and not matches(message):
                continue
            size += _EVENT_OVERHEAD + _bytes(message)
            if len(picks) == limit or (picks and size > MOST_BYTES):
                return Found(picks, messages, positions, position + backward)
            picks.append((block.cycle, row))
            messages.append(message)
            positions.append(position)
    return Found(picks, messages, positions, None)


def _ordered(offsets: list[int], rows: list[int], backward: bool) -> tuple[list[int], list[int]]:
    return (offsets[::-1], rows[::-1]) if backward else (offsets, rows)


def left_of(ranges: list[tuple[int, int]], position: int | None, backward: bool) -> list[tuple[int, int]]:
    """What is left of the ranges from a position on (before it, where `backward`)."""
    if position is None:
        return ranges
    if backward:
        return [(low, min(high, position)) for low, high in ranges if low < position]
    return [(max(low, position), high) for low, high in ranges if high > position]


def live_update(
    members: Sequence[Group], since: int, now: int, prefix: str, matches: Matches | None
) -> LiveUpdate:
    batches: list[EventBatch] = []
    room, sampled = _LIVE_MOST, False
    for group in members:
        picks: list[tuple[int, int]] = []
        messages: list[str] = []
        for cycle, row in group.arrivals_between(since, now):
            if not group.stream(cycle, row).startswith(prefix):
                continue
            message = group.message(cycle, row)
            if matches is None or matches(message):
                picks.append((cycle, row))
                messages.append(message)
        sampled = sampled or len(picks) > room
        if picks := picks[:room]:
            # A live tail gives no event ids.
            batch = group.batch(picks, messages[:room])
            batches.append(replace(batch, event_ids=[""] * len(batch)))
            room -= len(picks)
    return LiveUpdate(batches, sampled)


def _bytes(message: str) -> int:
    return len(message) if message.isascii() else len(message.encode("utf-8", "surrogatepass"))


def list_page(items: list[T], token: str | None, about: str) -> tuple[list[T], str | None]:
    """A page of a list, and the token of the next."""
    start = 0
    if token is not None:
        direction, _, start = read_token(token, about)
        if direction != "f":
            raise bad_token()
    page = items[start : start + PAGE]
    following = page_token("f", 0, start + PAGE, about) if start + PAGE < len(items) else None
    return page, following


def page_token(direction: str, member: int, position: int, about: str) -> str:
    return f"{direction}/{member}/{position}/{_print_of(about)}"


def read_token(token: str, about: str) -> tuple[str, int, int]:
    """Direction, member and position of a token given out for the same request."""
    match = _TOKEN.fullmatch(token)
    if match is None or match[4] != _print_of(about):
        raise bad_token()
    return match[1], int(match[2]), int(match[3])


def _print_of(about: str) -> str:
    return blake2b(about.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def bad_token() -> InputError:
    return InputError("The specified nextToken is invalid.", "Start again from the first page.", code="token")
