"""Lambda's own lines into figures: REPORT, and the lines that say why an invocation failed.

Formats: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html, text
and JSON (`platform.report`). Fields are found by name, in any order; both may lack some.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cwtui.explain.body import json_object
from cwtui.explain.values import FunctionSummary, spread

_WORST = 5
_MEMORY_NEAR = 0.9
_FIELD = re.compile(
    r"(?P<name>(?:Billed )?(?:Init |Restore )?Duration|Memory Size|Max Memory Used|Status|Error Type"
    r"|XRAY TraceId): (?P<value>[\w.-]+)"
)
_REQUEST_ID = re.compile(r"RequestId: ([0-9a-fA-F-]{8,64})")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
# The runtime's own words for an invocation that ended in an error: the extension, Node.js, Python.
_FAILED = re.compile(
    r"RequestId: [0-9a-fA-F-]+ (?:Error|Process exited)|\S+Z\t[0-9a-fA-F-]{36}\tERROR\t(?:Invoke|Uncaught) "
    r"|\[ERROR\] \w[\w.]*(?:Error|Exception)\b"
)
_BEGINNINGS = ("REPORT RequestId", "RequestId: ", "[ERROR] ")
_ROOT = re.compile(r"Root=([\w-]+)")
_TIMED_OUT = re.compile(r"([0-9a-fA-F]{8}-[0-9a-fA-F-]{27}) Task timed out after")


@dataclass(frozen=True, slots=True)
class Report:
    """What REPORT tells of one invocation; 0 and empty where it does not. Texts are foreign."""

    request: str
    duration: float = 0.0
    """Milliseconds, as are `billed`, `init` and `restore`."""
    billed: float = 0.0
    init: float = 0.0
    restore: float = 0.0
    memory_used: int = 0
    """MB at most, of `memory_size`."""
    memory_size: int = 0
    cold: bool = False
    status: str = ""
    error_type: str = ""
    trace: str = ""
    """X-Ray's trace id."""


def report_of(message: str) -> Report | None:
    """The figures of a REPORT line or a `platform.report` record; None where the message is neither."""
    if message.startswith("REPORT RequestId"):
        return _text_report(message)
    if message[:1] == "{" and '"platform.report"' in message:
        record = json_object(message)
        if record is not None and isinstance(details := record.get("record"), Mapping):
            return _platform_report(details)
    return None


def failure_of(message: str) -> tuple[str, str]:
    """(`timeout` or `error`, request id) of a line with which a runtime says why it failed; else empty."""
    if "Task timed out after" in message:
        timed_out = _TIMED_OUT.search(message)
        return ("timeout", timed_out.group(1)) if timed_out is not None else ("", "")
    if _FAILED.match(message):
        request = _UUID.search(message, 0, 200)
        return ("error", request.group() if request else "")
    return ("", "")


def speaking(messages: Sequence[str]) -> list[int]:
    """Positions of the messages that `LambdaFigures.add` may have use for: few, found quickly."""
    return [
        position
        for position, message in enumerate(messages)
        if message.startswith(_BEGINNINGS)
        or "Task timed out after" in message
        or "\tERROR\t" in message
        or '"platform.report"' in message
    ]


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
        """Takes any line; of all but those that `speaking` finds, nothing comes."""
        if (report := report_of(message)) is not None:
            self._add_report(row_id, group, report)
            return
        failure, request = failure_of(message)
        if failure == "timeout":
            self._function(group).timeouts.setdefault(request, row_id)
        elif failure:
            self._function(group).errors.setdefault(request or f"#{row_id}", row_id)

    def _function(self, group: str) -> _Function:
        return self._functions.setdefault(group, _Function())

    def _add_report(self, row_id: int, group: str, report: Report) -> None:
        function = self._function(group)
        function.durations.append(report.duration)
        function.memory_max = max(function.memory_max, report.memory_used)
        function.memory_size = max(function.memory_size, report.memory_size)
        if report.cold:
            function.cold.append(row_id)
        if report.memory_size and report.memory_used >= _MEMORY_NEAR * report.memory_size:
            function.near.append(row_id)
        if report.status == "timeout":
            function.timeouts.setdefault(report.request, row_id)
        elif report.status in ("error", "failure"):
            function.errors.setdefault(report.request, row_id)
        function.requests.append((report.duration, report.request, row_id))
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


def _text_report(message: str) -> Report:
    fields = {match["name"]: match["value"] for match in _FIELD.finditer(message)}
    request = _REQUEST_ID.search(message)
    return Report(
        request.group(1) if request else "",
        _number(fields.get("Duration")),
        _number(fields.get("Billed Duration")),
        _number(fields.get("Init Duration")),
        _number(fields.get("Restore Duration")),
        int(_number(fields.get("Max Memory Used"))),
        int(_number(fields.get("Memory Size"))),
        "Init Duration" in fields or "Restore Duration" in fields,
        fields.get("Status", ""),
        fields.get("Error Type", ""),
        fields.get("XRAY TraceId", ""),
    )


def _platform_report(record: Mapping[str, object]) -> Report:
    metrics, tracing = record.get("metrics"), record.get("tracing")
    figures: Mapping[str, object] = metrics if isinstance(metrics, Mapping) else {}
    root = _ROOT.search(str(tracing.get("value", ""))) if isinstance(tracing, Mapping) else None
    return Report(
        str(record.get("requestId", "")),
        _number(figures.get("durationMs")),
        _number(figures.get("billedDurationMs")),
        _number(figures.get("initDurationMs")),
        _number(figures.get("restoreDurationMs")),
        int(_number(figures.get("maxMemoryUsedMB"))),
        int(_number(figures.get("memorySizeMB"))),
        "initDurationMs" in figures or "restoreDurationMs" in figures,
        str(record.get("status", "")),
        str(record.get("errorType", "")),
        root.group(1) if root else "",
    )


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
