"""The guarded door to AWS as a script: an answer, or an error, for each operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cwtui.access.credential_sources import Place, SignedIn
from cwtui.core.errors import CwtuiError

Scripted = Mapping[str, Any] | CwtuiError | Callable[[Mapping[str, object]], Mapping[str, Any]]

HEALTHY: Mapping[str, Scripted] = {
    "GetCallerIdentity": {
        "Account": "123456789012",
        "Arn": "arn:aws:sts::123456789012:assumed-role/oncall/ana",
    },
    "ListAccountAliases": {"AccountAliases": ["acme-prod"]},
    "DescribeLogGroups": {
        "logGroups": [
            {"logGroupName": "/cold", "logGroupClass": "INFREQUENT_ACCESS", "retentionInDays": 7},
            {"logGroupName": "/shop/cart", "retentionInDays": 30, "storedBytes": 10},
        ]
    },
    "ListLogGroups": {"logGroups": []},
    "DescribeLogStreams": {"logStreams": [{"logStreamName": "one"}]},
    "FilterLogEvents": {"events": []},
    "GetLogEvents": {"events": []},
    "DescribeMetricFilters": {"metricFilters": []},
    "GetDataProtectionPolicy": {},
}
NOW = 1_795_345_200_000
_DATE = "Sun, 22 Nov 2026 11:00:00 GMT"


@dataclass(slots=True)
class ScriptedDoor:
    """`AwsDoor`. Every call waits for `gate` where one is given; `most` is how many waited at once."""

    answers: dict[str, Scripted] = field(default_factory=lambda: dict(HEALTHY))
    signed: SignedIn | CwtuiError = field(
        default_factory=lambda: SignedIn("sso", "ASIA", "WXYZ", NOW + 3_600_000)
    )
    where: Place | CwtuiError = field(
        default_factory=lambda: Place("eu-west-1", "aws", True, "https://logs.eu-west-1.amazonaws.com")
    )
    calls: list[tuple[str, str, Mapping[str, object]]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    under_way: int = 0
    most: int = 0

    async def call(self, service: str, operation: str, params: Mapping[str, object]) -> Mapping[str, Any]:
        self.calls.append((service, operation, params))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if self.gate is not None:
                await self.gate.wait()
            answer = self.answers[operation]
            if isinstance(answer, CwtuiError):
                raise answer
            told = answer if isinstance(answer, Mapping) else answer(params)
            return {"ResponseMetadata": {"HTTPHeaders": {"date": _DATE}}, **told}
        finally:
            self.under_way -= 1

    async def signed_in(self) -> SignedIn:
        if isinstance(self.signed, CwtuiError):
            raise self.signed
        return self.signed

    async def place(self) -> Place:
        if isinstance(self.where, CwtuiError):
            raise self.where
        return self.where

    def asked(self, operation: str) -> list[Mapping[str, object]]:
        """The parameters of every call of an operation."""
        return [params for _, name, params in self.calls if name == operation]
