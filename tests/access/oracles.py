"""Two judges of policies that are not ours: parliament, a linter, and policy_sentry, a list of actions."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from policy_sentry.querying.actions import get_action_data

with warnings.catch_warnings():
    # It leaves two files of its own open while it is imported.
    warnings.simplefilter("ignore", ResourceWarning)
    import parliament

_TOO_NEW = "Unknown action logs:ListLogGroups"
"""parliament's list of actions is older than this one, which policy_sentry knows."""
_OF_AWS = ":iam::aws:policy/*"
"""parliament takes the account of AWS's own policies for a mistake."""


def findings(document: Mapping[str, Any]) -> list[str]:
    """What parliament has against a policy, but for the two things that it is wrong about."""
    return [
        f"{one.issue}: {one.detail}"
        for one in parliament.analyze_policy_string(json.dumps(document)).findings
        if one.detail != _TOO_NEW
        and not (one.issue == "INVALID_ARN" and one.location["string"].endswith(_OF_AWS))
    ]


def access_level(action: str) -> str:
    """`Read`, `List`, `Write`, `Tagging` or `Permissions management`; empty where there is no such action."""
    service, _, name = action.partition(":")
    data = get_action_data(service, name)
    return str(data[service][0]["access_level"]) if isinstance(data, dict) else ""
