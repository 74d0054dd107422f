"""Lines of a fixed form as short sentences whose slots are known: no template has to be found for them.

Access logs (common and combined form, load balancers), VPC flow logs, Lambda's reports, CloudTrail
records and embedded metrics say always the same things in the same places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cwtui.explain.masks import WILDCARD

_ACCESS = re.compile(
    r'(?:\S+ )?\S+ \S+ \S+ \[[^\]]+\] "([A-Z]+) (\S+)[^"]*" (\d)\d\d (\d+|-)(?: .*?(\d+\.\d+)\s*$)?'
)
_UVICORN = re.compile(r'(?:INFO: +)?[\d.:a-f]+:\d+ - "([A-Z]+) (\S+)[^"]*" (\d)\d\d()()')
_BALANCER = re.compile(
    r"(?:https?|h2|grpcs|wss?) \d{4}-[0-9T:.-]+Z \S+ \S+ \S+ [\d.-]+ ([\d.-]+) [\d.-]+ (\d|-)\S* \S+ \d+"
    r' (\d+) "([A-Z-]+) (?:[a-z]+://[^/ "]*)?(\S*)'
)
_FLOW = re.compile(
    r"\d+ (?:\d{12}|unknown) (eni-\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)"
    r" \S+ \S+ (ACCEPT|REJECT|-) (\S+)"
)
_REPORT = re.compile(r"((?:INIT_|RESTORE_)?REPORT) (?:RequestId: \S+\s)?")
_REPORT_FIELD = re.compile(
    r"(?:^|\t)\s*(Duration|Billed Duration|Memory Size|Max Memory Used): (\d+(?:\.\d+)? (?:ms|MB))"
)
_REPORT_STATUS = re.compile(r"Status: (\w+)")
_LAMBDA = re.compile(r"(START|END) RequestId: (\S+)(?: Version: (\S+))?\s*$|(INIT_START|RESTORE_START) ")
_EXTENSION = re.compile(r"EXTENSION\tName: (\S+)\tState: (\w+)")
_FLOW_MARK = "eni-"
# Words, because digits are folded away.
_ANSWERED = {
    "2": "answered ok",
    "3": "answered redirect",
    "4": "answered bad-request",
    "5": "answered server-error",
}
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp"}
_SEGMENT = re.compile(r"[^/]*\d[^/]*|[^/]{33,}")
_SEGMENTS = 8


class Settled(str):
    """A text that is its own template; `values` are what stood in its slots, in order."""

    values: tuple[str, ...]

    @classmethod
    def of(cls, text: str, *values: str) -> Settled:
        """The template, and one value for each of its wildcards."""
        settled = cls(text)
        settled.values = values
        return settled

    def filled(self) -> str:
        """The text with its values in their places."""
        values = iter(self.values)
        return re.sub(re.escape(WILDCARD), lambda slot: next(values, slot[0]), str(self))


def of_line(line: str) -> Settled | None:
    """The sentence of a line of text that is a record of a known form, else None."""
    if ' "' in line:
        if '] "' in line and (access := _ACCESS.match(line)):
            return _answered(*access.groups())
        if (balanced := _BALANCER.match(line)) is not None:
            seconds, status, size, method, target = balanced.groups()
            return _answered(method, target, status, size, seconds)
        if "HTTP/" in line and (access := _UVICORN.match(line)):
            return _answered(*access.groups())
        return None
    if _FLOW_MARK in line[:40] and (flow := _FLOW.match(line)):
        return _flow(*flow.groups())
    if line[:1] in "SERI":
        if line.startswith("EXTENSION\t") and (extension := _EXTENSION.match(line)):
            return Settled.of(f"EXTENSION Name: {WILDCARD} State: {extension.group(2)}", extension.group(1))
        if "REPORT " in line[:15] and (report := _REPORT.match(line)):
            return _report(report.group(1), line[report.end() :])
        if (invoked := _LAMBDA.match(line)) is not None:
            kind, request, version, started = invoked.groups()
            if started:
                return Settled.of(started)
            said = f"{kind} RequestId: {WILDCARD}"
            return (
                Settled.of(f"{said} Version: {WILDCARD}", request, version)
                if version
                else Settled.of(said, request)
            )
    return None


def of_fields(message: str, fields: Mapping[str, object]) -> Settled | None:
    """The sentence of a JSON record of a known form, else None."""
    if '"eventName"' in message and "eventSource" in fields and "eventName" in fields:
        service = str(fields["eventSource"]).removesuffix(".amazonaws.com")
        return Settled.of(f"{service} {fields['eventName']} {fields.get('errorCode') or ''}".rstrip())
    if (
        '"platform.' in message
        and isinstance(kind := fields.get("type"), str)
        and kind.startswith("platform.")
    ):
        return _platform(kind, fields.get("record"))
    if '"CloudWatchMetrics"' in message and isinstance(meta := fields.get("_aws"), Mapping):
        return _metrics(meta.get("CloudWatchMetrics"))
    if '"httpMethod"' in message and isinstance(method := fields.get("httpMethod"), str):
        path, status = fields.get("path") or fields.get("resourcePath"), str(fields.get("status") or "")
        if isinstance(path, str) and status[:1].isdigit():
            return _answered(method, path, status[:1], str(fields.get("responseLength") or "-"))
    return None


def route(target: str) -> str:
    """A request path without its query, segments that hold a digit or are very long replaced by `<*>`."""
    path = _SEGMENT.sub(WILDCARD, re.split(r"[?#;]", target, maxsplit=1)[0])
    segments = path.split("/")
    return path if len(segments) <= _SEGMENTS else "/".join([*segments[:_SEGMENTS], WILDCARD])


def _answered(method: str, target: str, status: str, size: str | None, seconds: str | None = None) -> Settled:
    path = re.split(r"[?#;]", target, maxsplit=1)[0]
    said = f"{method} {route(target)} {_ANSWERED.get(status, 'answered')}"
    # The path's own slots come first; of a path cut short the last stands for the rest.
    values = _SEGMENT.findall(path)[: said.count(WILDCARD)]
    values += [""] * (said.count(WILDCARD) - len(values))
    if size:
        said, values = f"{said} bytes {WILDCARD}", [*values, "0" if size == "-" else size]
    if seconds:
        # No unit may stand behind a slot in a template: it would be taken for a part of the value before it.
        said, values = f"{said} took {WILDCARD}", [*values, f"{seconds} s"]
    return Settled.of(said, *values)


def _flow(
    interface: str, source: str, target: str, source_port: str, port: str, protocol: str, packets: str,
    size: str, action: str, status: str,
) -> Settled:  # fmt: skip
    if status != "OK":
        return Settled.of(f"flow {status} on {WILDCARD}", interface)
    said = (
        f"flow {action} {_PROTOCOLS.get(protocol, 'protocol')} {WILDCARD} to {WILDCARD} port {WILDCARD} "
        f"packets {WILDCARD} size {WILDCARD}"
    )
    return Settled.of(said, source, target, port, packets, f"{size} B" if size.isdigit() else size)


def _report(kind: str, rest: str) -> Settled:
    status = _REPORT_STATUS.search(rest)
    said = kind if status is None else f"{kind} Status: {status.group(1)}"
    values: list[str] = []
    for found in _REPORT_FIELD.finditer(rest):
        said += f" {found.group(1)}: {WILDCARD}"
        values.append(found.group(2))
    return Settled.of(said, *values)


def _platform(kind: str, record: object) -> Settled:
    if not isinstance(record, Mapping):
        return Settled.of(kind)
    status = record.get("status")
    said = kind if not isinstance(status, str) or status == "success" else f"{kind} status {status}"
    metrics, values = record.get("metrics"), []
    if isinstance(metrics, Mapping):
        for name in ("durationMs", "billedDurationMs", "maxMemoryUsedMB"):
            if isinstance(figure := metrics.get(name), int | float):
                said += f" {name} {WILDCARD}"
                values.append(f"{figure}")
    return Settled.of(said, *values)


def _metrics(directives: object) -> Settled | None:
    """Embedded metrics: their name space and the names of what is measured."""
    if not isinstance(directives, list) or not directives or not isinstance(directives[0], Mapping):
        return None
    space, metrics = directives[0].get("Namespace"), directives[0].get("Metrics")
    names = (
        [str(one.get("Name")) for one in metrics if isinstance(one, Mapping)]
        if isinstance(metrics, list)
        else []
    )
    return Settled.of(" ".join(["metrics", str(space), *sorted(names)[:8]]))
