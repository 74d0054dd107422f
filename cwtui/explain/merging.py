"""Signatures that differ in one place only, and there by a value rather than by a meaning, become one.

Works on one level at a time. Candidates (equal length, equal but for one position) are found by
summing per-token hashes in NumPy, so 20,000 signatures take a fraction of a second; whether a
position holds values or meanings is decided by the rules of `_is_variable`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cwtui.explain.masks import WILDCARD, Signature

_ROUNDS = 8
_PAIR_LEAST = 6
_PAIR_MOST = 2_000
_PAIR_LENGTH = 24
"""Bounds of looking for two slots at once, which costs the square of the length."""
_SLOT_WORDS = frozenset(
    (
        "user",
        "from",
        "for",
        "host",
        "hostname",
        "name",
        "named",
        "group",
        "domain",
        "device",
        "account",
        "queue",
        "topic",
        "bucket",
        "table",
        "role",
        "database",
    )
)
# What `user=` and its like stand before is a name, whatever it looks like.
_NAMING_KEYS = frozenset(
    f"{word}{sign}" for word in (*_SLOT_WORDS - {"from", "for", "named"}, "db") for sign in "=:"
)
# Where a value is missing there is a slot.
_NOTHING = frozenset(("null", "nil", "none", "None", "undefined", "n/a", "N/A", "-"))
# Words that carry the meaning of a line: lines that differ in them tell different stories.
_MEANING = frozenset((
    "error", "errors", "failed", "failure", "fail", "ok", "success", "succeeded", "successful", "started",
    "starting", "stopped", "stopping", "up", "down", "opened", "closed", "accepted", "rejected", "accept",
    "reject", "allowed", "denied", "connected", "disconnected", "enabled", "disabled", "true", "false",
    "open", "close", "begin", "end", "created", "deleted", "added", "removed", "paused", "resumed",
    "timeout", "refused", "passed", "completed", "cancelled", "canceled", "aborted", "valid", "invalid",
    "online", "offline", "healthy", "unhealthy", "yes", "no",
))  # fmt: skip
# `name: text` and `name - text`: who writes. What an error is called says what happened.
_WRITER = re.compile(r"[A-Za-z_<][\w.$/<*>@-]*(?:\([\w.-]+\))?(?:\[<\*>\])?:|\[.*\]:?")
_BRACKETED = re.compile(r"\([\w.<>*-]+\)")
_EXCEPTION = re.compile(r"(?:Error|Exception|Warning|Fault|Failure|Timeout):$")
_PUNCTUATION = "()[]{}<>,.;:*\"'!?"
_KEYED = re.compile(r"^([\w.\-\"']+[=:])")
Candidate = tuple[int, int, Signature, list[int]]
"""(-members, -constants, template, members): the best sorts first."""
_MASK64 = (1 << 64) - 1


def merge(signatures: Sequence[Signature]) -> tuple[list[Signature], list[int]]:
    """The merged templates, and for each signature the position of its template.

    Deterministic in the order of `signatures`; no signature is lost.
    """
    templates: list[Signature] = list(signatures)
    target = list(range(len(templates)))
    twice = False
    for _ in range(_ROUNDS):
        templates, moved = _round(templates)
        if len(templates) == len(moved):
            if twice:
                break
            # Two slots full of words show in no pair of lines that differ in one place.
            templates, moved = _moved(templates, _pairs(templates))
            twice = True
        target = [moved[position] for position in target]
    return templates, target


def _round(templates: list[Signature]) -> tuple[list[Signature], list[int]]:
    candidates = []
    for position, members in _neighbours(templates):
        values = {templates[member][position] for member in members}
        example = templates[members[0]]
        if _is_variable(position, values, example):
            merged = (*example[:position], _slot(values), *example[position + 1 :])
            constants = sum(WILDCARD not in token for token in merged)
            candidates.append((-len(members), -constants, merged, members))
    candidates.sort()
    return _moved(templates, candidates)


def _pairs(templates: list[Signature]) -> list[Candidate]:
    """What could be one but for two places whose values vary independently of each other."""
    candidates: list[Candidate] = []
    for length, members, hashes in _by_length(templates, _PAIR_LENGTH):
        if length < 4 or not _PAIR_LEAST <= len(members) <= _PAIR_MOST:
            continue
        whole = hashes.sum(axis=1, dtype=np.uint64)
        for first in range(length):
            for second in range(first + 1, length):
                rest = whole - hashes[:, first] - hashes[:, second]
                for group in _equal(rest, members):
                    if len(group) >= _PAIR_LEAST and (merged := _both(templates, group, first, second)):
                        constants = sum(WILDCARD not in token for token in merged)
                        candidates.append((-len(group), -constants, merged, group))
    candidates.sort()
    return candidates


def _both(templates: list[Signature], group: list[int], first: int, second: int) -> Signature | None:
    """The template of lines that differ in two places, where both hold values."""
    example = list(templates[group[0]])
    here = {templates[member][first] for member in group}
    there = {templates[member][second] for member in group}
    if len(group) <= max(len(here), len(there)):
        return None  # each word goes with one other: a phrase, not two values
    example[first] = example[second] = WILDCARD
    if not (_is_variable(first, here, tuple(example)) and _is_variable(second, there, tuple(example))):
        return None
    example[first], example[second] = _slot(here), _slot(there)
    return tuple(example)


def _moved(templates: list[Signature], candidates: list[Candidate]) -> tuple[list[Signature], list[int]]:
    """The templates after the merges, the best first, and where each of the old ones is now."""
    known = set(templates)
    into: dict[int, Signature] = {}
    for _, _, merged, members in candidates:
        free = [member for member in members if member not in into]
        if len(free) >= 2 or (free and merged in known):
            into.update(dict.fromkeys(free, merged))
    number: dict[Signature, int] = {}
    moved = [
        number.setdefault(into.get(position, template), len(number))
        for position, template in enumerate(templates)
    ]
    return list(number), moved


def _neighbours(templates: list[Signature]) -> list[tuple[int, list[int]]]:
    """(position, members) of every set of two or more templates that agree everywhere else."""
    found: list[tuple[int, list[int]]] = []
    for length, members, hashes in _by_length(templates):
        whole = hashes.sum(axis=1, dtype=np.uint64)
        for position in range(length):
            found += [(position, group) for group in _equal(whole - hashes[:, position], members)]
    return found


def _by_length(
    templates: list[Signature], longest: int = 1_000
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.uint64]]]:
    """(length, their indices, a hash for each token) of the templates of each length."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for index, template in enumerate(templates):
        by_length[len(template)].append(index)
    tokens: dict[str, int] = {}
    for length, members in sorted(by_length.items()):
        if length == 0 or length > longest or len(members) < 2:
            continue
        ids = np.array(
            [[tokens.setdefault(token, len(tokens)) for token in templates[member]] for member in members],
            dtype=np.uint64,
        )
        places: NDArray[np.uint64] = np.arange(length, dtype=np.uint64)
        yield length, np.array(members), _hash(np.add(ids * np.uint64(1_000_003), places, dtype=np.uint64))


def _equal(values: NDArray[np.uint64], members: NDArray[np.int64]) -> Iterator[list[int]]:
    """The members of every two or more equal values."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    starts = np.flatnonzero(np.diff(edges) >= 2)
    for start, end in zip(edges[starts].tolist(), edges[starts + 1].tolist(), strict=True):
        yield members[order[start:end]].tolist()


def _hash(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finaliser: the same on every run and machine, unlike `hash`."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15 & _MASK64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _is_variable(position: int, values: set[str], example: Signature) -> bool:
    bare = {value.strip(_PUNCTUATION) for value in values}
    if bare == {""}:
        return True
    keyed = _shared_key(values)
    if keyed:
        # Of `host=a` and `host=<*>` the values are compared, not the key.
        bare = {value[len(keyed) :].strip(_PUNCTUATION) for value in values}
        if bare == {""}:
            return True
    constants = sum(
        WILDCARD not in token and any(map(str.isalpha, token))
        for index, token in enumerate(example)
        if index != position
    )
    count = len(values)
    if count < 5 and any(value.lower() in _MEANING for value in bare):
        return False
    partly = any(WILDCARD in value and value[len(keyed) :].strip(_PUNCTUATION) for value in values)
    if position == 0 and constants >= 3 and _written_by(values, example):
        return True
    if position == 0 and (count < 10 or constants < 2 or partly):
        return "" in bare and constants >= 3 and not partly
    if "" in bare and constants >= 2:
        return True
    if keyed and ((keyed.lower() in _NAMING_KEYS and not partly) or bare & _NOTHING):
        return True
    if (
        position
        and constants >= 2
        and example[position - 1] == WILDCARD
        and all(_BRACKETED.fullmatch(value) for value in values)
    ):
        # `1234 (java)`: the name of what the number stands for.
        return True
    if keyed and count >= 3 and (position > 0 or count >= 5):
        return True
    if position and not partly:
        before = example[position - 1].strip(_PUNCTUATION + "=").lower()
        if before in _SLOT_WORDS and count >= 3:
            return True
    if count >= (5 if partly else 3) and constants >= 2 and not any(_plain(value) for value in bare):
        return True
    return count >= 15 or (count >= 5 and constants >= 2)


def _written_by(values: set[str], example: Signature) -> bool:
    """Whether the first words name who writes the line, so that the same sentence of several is one."""
    if len(example) > 1 and example[1] == "-":
        return True
    return all(_WRITER.fullmatch(value) and not _EXCEPTION.search(value) for value in values)


def _shared_key(values: set[str]) -> str:
    """The `key=` or `key:` that all values begin with, or empty."""
    keys = {match.group(1) if (match := _KEYED.match(value)) else "" for value in values}
    return keys.pop() if len(keys) == 1 else ""


def _plain(value: str) -> bool:
    return not any(mark in value for mark in "./\\@_") and WILDCARD not in value


def _slot(values: set[str]) -> str:
    """The wildcard, with the prefix (`key=`) and the closing punctuation that all values share."""
    ordered = sorted(values)
    prefix = match.group(1) if (match := _KEYED.match(ordered[0])) else ""
    if not prefix or not all(value.startswith(prefix) for value in ordered):
        opening = ordered[0][0] if ordered[0] else ""
        prefix = (
            opening if opening in "([{\"'" and all(value.startswith(opening) for value in ordered) else ""
        )
    closing = ordered[0][-1] if ordered[0] else ""
    same = closing in ")]},.;:\"'" and all(value.endswith(closing) for value in ordered)
    return prefix + WILDCARD + (closing if same else "")
