"""Lambda's own lines into figures: REPORT, and the lines that say why an invocation failed.

Formats: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html, text
and JSON (`platform.report`). Fields are found by name, in any order; both may lack some.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cwtui.explain.body import json_object
from cwtui.explain.values import FunctionSummary, spread

_WORST = 5
_MEMORY_NEAR = 0.9
_FIELD = re.compile(
    r"(?P<name>(?:Billed )?(?:Init |Restore )?Duration|Memory Size|Max Memory Used|Status|Error Type): "
    r"(?P<value>[\w.]+)"
)
_REQUEST_ID = re.compile(r"RequestId: ([0-9a-fA-F-]{8,64})")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
# The runtime's own words for an invocation that ended in an error: the extension, Node.js, Python.
_FAILED = re.compile(
    r"RequestId: [0-9a-fA-F-]+ (?:Error|Process exited)|\S+Z\t[0-9a-fA-F-]{36}\tERROR\t(?:Invoke|Uncaught) "
    r"|\[ERROR\] \w[\w.]*(?:Error|Exception)\b"
)
_TIMED_OUT = re.compile(r"([0-9a-fA-F]{8}-[0-9a-fA-F-]{27}) Task timed out after")


@dataclass(slots=True)
class _Function:
    durations: list[float] = field(default_factory=list)
    cold: list[int] = field(default_factory=list)
    timeouts: dict[str, int] = field(default_factory=dict)
    """Row id by request id: the "Task timed out" line and the REPORT's status tell of one timeout."""
    errors: dict[str, int] = field(default_factory=dict)
    near: list[int] = field(default_factory=list)
    memory_max: int = 0
    memory_size: int = 0
    requests: list[tuple[float, str, int]] = field(default_factory=list)

    def keep_worst(self) -> None:
        self.requests.sort(key=lambda request: (-request[0], request[2]))
        del self.requests[_WORST:]


class LambdaFigures:
    """Collects, event by event, what Lambda says of its invocations."""

    def __init__(self) -> None:
        self._functions: dict[str, _Function] = {}

    def add(self, row_id: int, group: str, message: str) -> None:
        """Takes any line; all but a few beginnings and phrases are left at once."""
        if message.startswith("REPORT RequestId"):
            self._report(row_id, group, message)
        elif "Task timed out after" in message:
            if (match := _TIMED_OUT.search(message)) is not None:
                self._function(group).timeouts.setdefault(match.group(1), row_id)
        elif _FAILED.match(message):
            request = _UUID.search(message, 0, 200)
            self._function(group).errors.setdefault(request.group() if request else f"#{row_id}", row_id)
        elif message[:1] == "{" and '"platform.report"' in message:
            record = json_object(message)
            if record is not None and isinstance(details := record.get("record"), Mapping):
                self._platform_report(row_id, group, details)

    def _function(self, group: str) -> _Function:
        return self._functions.setdefault(group, _Function())

    def _report(self, row_id: int, group: str, message: str) -> None:
        fields = {match["name"]: match["value"] for match in _FIELD.finditer(message)}
        request = _REQUEST_ID.search(message)
        self._add_report(
            row_id,
            group,
            request.group(1) if request else "",
            _number(fields.get("Duration")),
            int(_number(fields.get("Max Memory Used"))),
            int(_number(fields.get("Memory Size"))),
            "Init Duration" in fields or "Restore Duration" in fields,
            fields.get("Status", ""),
        )

    def _platform_report(self, row_id: int, group: str, record: Mapping[str, object]) -> None:
        metrics = record.get("metrics")
        figures: Mapping[str, object] = metrics if isinstance(metrics, Mapping) else {}
        self._add_report(
            row_id,
            group,
            str(record.get("requestId", "")),
            _number(figures.get("durationMs")),
            int(_number(figures.get("maxMemoryUsedMB"))),
            int(_number(figures.get("memorySizeMB"))),
            "initDurationMs" in figures or "restoreDurationMs" in figures,
            str(record.get("status", "")),
        )

    def _add_report(
        self,
        row_id: int,
        group: str,
        request: str,
        duration: float,
        used: int,
        size: int,
        cold: bool,
        status: str,
    ) -> None:
        function = self._function(group)
        function.durations.append(duration)
        function.memory_max = max(function.memory_max, used)
        function.memory_size = max(function.memory_size, size)
        if cold:
            function.cold.append(row_id)
        if size and used >= _MEMORY_NEAR * size:
            function.near.append(row_id)
        if status == "timeout":
            function.timeouts.setdefault(request, row_id)
        elif status in ("error", "failure"):
            function.errors.setdefault(request, row_id)
        function.requests.append((duration, request, row_id))
        if len(function.requests) > 50 * _WORST:
            function.keep_worst()

    def functions(self) -> tuple[FunctionSummary, ...]:
        """One summary a log group that had a REPORT or a failure, by name."""
        return tuple(self._summary(group, self._functions[group]) for group in sorted(self._functions))

    def _summary(self, group: str, function: _Function) -> FunctionSummary:
        function.keep_worst()
        ordered = sorted(function.durations)
        # A timeout is an error too; it is told once, as what it is.
        errors = {key: row for key, row in function.errors.items() if key not in function.timeouts}
        return FunctionSummary(
            group=group,
            invocations=len(ordered),
            cold_starts=len(function.cold),
            timeouts=len(function.timeouts),
            errors=len(errors),
            p50=quantile(ordered, 0.5),
            p95=quantile(ordered, 0.95),
            slowest=ordered[-1] if ordered else 0.0,
            memory_max=function.memory_max,
            memory_size=function.memory_size,
            worst=tuple((request, duration, (row_id,)) for duration, request, row_id in function.requests),
            timeout_events=spread(list(function.timeouts.values())),
            cold_events=spread(function.cold),
            error_events=spread(list(errors.values())),
            memory_events=spread(function.near),
        )


def quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile of sorted values; 0 where there are none."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
