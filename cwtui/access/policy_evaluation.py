"""What identity policies allow, worked out here: no call to AWS.

It follows IAM's evaluation within one account: an explicit Deny wins, else one Allow is enough, else
nothing is allowed. Conditions and policy variables depend on a request that nobody has made yet, so
they are never guessed: the answer is then `conditional`. Service control policies, permissions
boundaries, session and resource policies are other documents with other rules, and are not seen here.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Literal

from cwtui.access.policy_documents import PolicyDocument, Statement

Answer = Literal["allowed", "denied", "absent", "conditional"]
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SPECIAL = {"*", "?", "$"}
_ANY, _ONE = "any", "one"
ABSENT = "No statement allows it."
_ARN_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action may be done on a resource, and which statement decides that."""

    answer: Answer
    statement: Statement | None = None
    """The statement that decides; None where no statement says anything."""
    reason: str = ""
    """A sentence, whose names are foreign text."""

    @property
    def source(self) -> str:
        """The policy that decides; empty where none does."""
        return self.statement.source if self.statement is not None else ""


class _Match(IntEnum):
    NONE = 0
    PART = 1
    FULL = 2


def evaluate(documents: Iterable[PolicyDocument], action: str, resource: str) -> Verdict:
    """What the documents together say of an action on a resource.

    A resource with wildcards asks for everything it matches: it is allowed only where all of that is, and
    `conditional` where a part is.
    """
    allows: list[tuple[_Match, Statement]] = []
    doubts: list[Statement] = []
    for document in documents:
        for statement in document.statements:
            match = _matches(statement, action, resource)
            if match is _Match.NONE:
                continue
            if statement.effect == "Allow":
                allows.append((match, statement))
            elif match is _Match.FULL and not statement.condition:
                return Verdict("denied", statement, f"{statement.place} denies it.")
            else:
                doubts.append(statement)
    sure = next((one for match, one in allows if match is _Match.FULL and not one.condition), None)
    if sure is not None and not doubts:
        return Verdict("allowed", sure, f"{sure.place} allows it.")
    if sure is not None:
        return Verdict("conditional", doubts[0], f"{doubts[0].place} denies it {_limit(doubts[0])}.")
    if allows:
        statement = max(allows, key=lambda found: found[0])[1]
        return Verdict("conditional", statement, f"{statement.place} allows it {_limit(statement)}.")
    return Verdict("absent", None, ABSENT)


def evaluate_each(documents: Iterable[PolicyDocument], action: str, resources: Sequence[str]) -> Verdict:
    """What they say of an action that may be asked for on any of several forms of a resource.

    That is how log groups are matched: which of the two ARN forms counts depends on the action.
    """
    held = tuple(documents)
    verdicts = [evaluate(held, action, resource) for resource in resources]
    for answer in ("denied", "conditional"):
        for verdict in verdicts:
            if verdict.answer == answer:
                return verdict
    allowed = [verdict for verdict in verdicts if verdict.answer == "allowed"]
    if not allowed or len(allowed) == len(verdicts):
        return verdicts[0]
    missing = next(
        form for form, verdict in zip(resources, verdicts, strict=True) if verdict.answer == "absent"
    )
    reason = f"{allowed[0].reason.removesuffix('.')} in one ARN form only, not as {missing}."
    return Verdict("conditional", allowed[0].statement, reason)


def _limit(statement: Statement) -> str:
    if statement.condition:
        keys = sorted(
            str(key)
            for test in statement.condition.values()
            for key in (test if isinstance(test, dict) else {})
        )
        return f"under a condition on {', '.join(keys)}" if keys else "under a condition"
    if statement.not_resources:
        return f"on all but {', '.join(statement.not_resources)}"
    return f"on {', '.join(statement.resources)} only" if statement.resources else "in part"


def _matches(statement: Statement, action: str, resource: str) -> _Match:
    by_action = _one_of(
        statement.actions, statement.not_actions, action.lower(), lower=True, variables=False, arns=False
    )
    if by_action is _Match.NONE:
        return by_action
    if not statement.resources and not statement.not_resources:
        return by_action
    by_resource = _one_of(
        statement.resources,
        statement.not_resources,
        resource,
        lower=False,
        variables=statement.variables,
        arns=True,
    )
    return min(by_action, by_resource)


def _one_of(
    patterns: Sequence[str],
    all_but: Sequence[str],
    wanted: str,
    *,
    lower: bool,
    variables: bool,
    arns: bool,
) -> _Match:
    listed = patterns or all_but
    found = max(
        (_match(one.lower() if lower else one, wanted, variables, arns) for one in listed),
        default=_Match.NONE,
    )
    return found if patterns else _Match(_Match.FULL - found)


@lru_cache(4096)
def _match(pattern: str, wanted: str, variables: bool, arns: bool) -> _Match:
    """How much of what `wanted` stands for the pattern matches."""
    if pattern == "*":
        return _Match.FULL
    if arns and pattern.startswith("arn:") and wanted.startswith("arn:"):
        ours, theirs = _fields(pattern), _fields(wanted)
        return min(_glob(one, other, variables) for one, other in zip(ours, theirs, strict=True))
    return _glob(pattern, wanted, variables)


def _fields(arn: str) -> list[str]:
    # A wildcard does not reach over the colons before the last field; IAM fills up a short ARN.
    fields = arn.split(":", _ARN_FIELDS - 1)
    return fields + ["*"] * (_ARN_FIELDS - len(fields))


def _glob(pattern: str, wanted: str, variables: bool) -> _Match:
    ours, unknown = _tokens(pattern, variables)
    theirs, _ = _tokens(wanted, False)
    if not unknown and _reaches(ours, theirs, covering=True):
        return _Match.FULL
    return _Match.PART if _reaches(ours, theirs, covering=False) else _Match.NONE


def _tokens(pattern: str, variables: bool) -> tuple[list[str], bool]:
    """The pattern as characters and wildcards, and whether a variable stands in it (as a wildcard)."""
    found: list[str] = []
    unknown = False
    at = 0
    while at < len(pattern):
        variable = _VARIABLE.match(pattern, at) if variables else None
        if variable is not None:
            if variable[1] in _SPECIAL:
                found.append(variable[1])
            else:
                found.append(_ANY)
                unknown = True
            at = variable.end()
            continue
        character = pattern[at]
        found.append(_ANY if character == "*" else _ONE if character == "?" else character)
        at += 1
    return found, unknown


def _reaches(ours: Sequence[str], theirs: Sequence[str], *, covering: bool) -> bool:
    """Whether our pattern matches all (`covering`) or some of what their pattern matches."""
    row = [False] * (len(theirs) + 1)
    row[0] = True
    if not covering:
        for column, token in enumerate(theirs, 1):
            row[column] = row[column - 1] and token == _ANY
    for token in ours:
        before, row = row, [False] * (len(theirs) + 1)
        row[0] = before[0] and token == _ANY
        for column, other in enumerate(theirs, 1):
            if token == _ANY:
                row[column] = before[column] or row[column - 1]
            elif other == _ANY:
                row[column] = not covering and (before[column] or row[column - 1])
            elif token in (_ONE, other) or (other == _ONE and not covering):
                row[column] = before[column - 1]
    return row[-1]
