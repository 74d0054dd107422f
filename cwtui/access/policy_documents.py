"""Reads IAM policy documents: what each statement allows or denies, in a form that can be matched.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from cwtui.core.errors import InputError

_EFFECTS: Mapping[object, Literal["Allow", "Deny"]] = {"Allow": "Allow", "Deny": "Deny"}
_WITH_VARIABLES = "2012-10-17"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair (`actions`/`not_actions`, ...) one is empty."""

    effect: Literal["Allow", "Deny"]
    source: str = ""
    """The policy it stands in, in words: `inline policy 'x'`."""
    number: int = 1
    """Its place in that policy, from 1."""
    sid: str = ""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    condition: Mapping[str, Any] = field(default_factory=dict)
    variables: bool = True
    """Whether `${...}` is a policy variable: not in documents older than version 2012-10-17."""

    @property
    def place(self) -> str:
        """Where it stands, for a sentence."""
        named = f" ({self.sid})" if self.sid else ""
        return f"statement {self.number}{named} of {self.source or 'the policy'}"


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy that says what its holder may do."""

    source: str
    statements: tuple[Statement, ...]


def read_policy(document: str | Mapping[str, Any], source: str = "") -> PolicyDocument:
    """Parses a document: an object, JSON text, or JSON text URL-encoded as IAM's API gives it.

    `source` names the policy in verdicts. Raises InputError (`cwtui.input.policy`).
    """
    if isinstance(document, str):
        document = _object_of(document, source)
    version = document.get("Version", "2008-10-17")
    given = document.get("Statement")
    statements = given if isinstance(given, list) else [given]
    if not statements or not all(isinstance(one, Mapping) for one in statements):
        raise _refused(source, "it has no statements")
    return PolicyDocument(
        source,
        tuple(
            _statement(one, number, source, version == _WITH_VARIABLES)
            for number, one in enumerate(statements, 1)
        ),
    )


def _object_of(text: str, source: str) -> Mapping[str, Any]:
    plain = unquote(text) if text.lstrip()[:1] == "%" else text
    try:
        found = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise _refused(source, "it is not JSON") from error
    if not isinstance(found, Mapping):
        raise _refused(source, "it is not a JSON object")
    return found


def _statement(given: Mapping[str, Any], number: int, source: str, variables: bool) -> Statement:
    effect = _EFFECTS.get(given.get("Effect")) if isinstance(given.get("Effect"), str) else None
    if effect is None:
        raise _refused(source, f"the Effect of statement {number} is neither Allow nor Deny")
    condition = given.get("Condition") or {}
    if not isinstance(condition, Mapping):
        raise _refused(source, f"the Condition of statement {number} is not an object")
    found = {
        "actions": _texts(given, "Action", number, source),
        "not_actions": _texts(given, "NotAction", number, source),
        "resources": _texts(given, "Resource", number, source),
        "not_resources": _texts(given, "NotResource", number, source),
    }
    if bool(found["actions"]) == bool(found["not_actions"]):
        raise _refused(source, f"statement {number} needs either Action or NotAction")
    if found["resources"] and found["not_resources"]:
        raise _refused(source, f"statement {number} has both Resource and NotResource")
    return Statement(
        effect,
        source,
        number,
        str(given.get("Sid") or ""),
        condition=condition,
        variables=variables,
        **found,
    )


def _texts(given: Mapping[str, Any], name: str, number: int, source: str) -> tuple[str, ...]:
    value = given.get(name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str) for one in values):
        raise _refused(source, f"the {name} of statement {number} is not text")
    return tuple(values)


def _refused(source: str, why: str) -> InputError:
    return InputError(
        f"{source or 'The policy'} cannot be read: {why}.", "Correct the policy document.", code="policy"
    )
