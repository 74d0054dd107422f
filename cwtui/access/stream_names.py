"""What the name of a log stream says: which service wrote it, on which day, which version, which run.

Forms: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html,
https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-view.html,
https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html and those of each service. A name
that no service is known to give stays whole. Names are foreign text, and so is all that is found in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cwtui.core.models import LogStream

LAG = 60_000
"""Milliseconds that an event may take to come in without its time being called stale."""
_SHORT = 8
"""Characters of an id that tell it from its neighbours."""


class StreamKind(StrEnum):
    """Who writes a stream."""

    UNKNOWN = ""
    LAMBDA = "Lambda"
    AGENTCORE = "AgentCore"
    OTEL = "OTEL"
    ECS = "ECS"
    BATCH = "Batch"
    GLUE = "Glue"
    CODEBUILD = "CodeBuild"
    STEP_FUNCTIONS = "Step Functions"
    AIRFLOW = "Airflow"
    SAGEMAKER = "SageMaker"
    APP_RUNNER = "App Runner"
    API_GATEWAY = "API Gateway"
    RDS = "RDS"
    VPC_FLOW = "VPC flow"
    CLOUDTRAIL = "CloudTrail"
    KUBERNETES = "Kubernetes"
    EKS = "EKS"
    EC2 = "EC2"


@dataclass(frozen=True, slots=True)
class StreamName:
    """A stream's name, taken apart; empty where it does not say."""

    name: str
    kind: StreamKind = StreamKind.UNKNOWN
    day: str = ""
    """`2025-11-05`: the day on which the stream began."""
    version: str = ""
    """Version or alias of a function, endpoint of an agent, stage of an API."""
    run: str = ""
    """The run that has this stream to itself: a task, a job run, a build."""
    session: str = ""
    """The session that the stream is of, which may have others."""
    instance: str = ""
    """Where it ran: an execution environment, a machine, a network interface. Runs share it in turn."""
    container: str = ""
    """The container, function, agent, log or process of it."""
    part: str = ""
    """Which of several streams of the run: `driver`, `attempt 1`."""

    @property
    def short(self) -> str:
        """What tells the stream from its neighbours, for a narrow column; of an unknown one the name."""
        if self.kind is StreamKind.UNKNOWN:
            return self.name
        ident = self.run or self.session or self.instance
        return " ".join(word for word in (shortened(ident), self.part) if word) or self.container

    @property
    def what(self) -> str:
        """`Lambda $LATEST`, `ECS web`: for a column of kinds; empty where it is unknown."""
        return " ".join(word for word in (self.kind, self.version or self.container) if word)


def stream_name(name: str, group: str = "") -> StreamName:
    """Takes a name apart. `group` is the name or the ARN of its group: some mean something only there."""
    group = group.partition(":log-group:")[2].removesuffix(":*") if group.startswith("arn:") else group
    for pattern, wanted, read in _FORMS:
        if (wanted is None or wanted.match(group)) and (found := pattern.fullmatch(name)) is not None:
            parsed = read(found, group)
            if parsed is not None:
                return parsed
    return StreamName(name)


def last_activity(stream: LogStream) -> int:
    """When the stream was last written to, as far as is known (ms UTC); 0 where nothing is.

    `lastEventTimestamp` is eventually consistent, usually within an hour, so what came in later counts more.
    """
    return max(stream.last_event or 0, stream.last_ingestion or 0)


def lags(stream: LogStream) -> bool:
    """Whether events came in well after what the service takes for the last event: there are later ones."""
    return (stream.last_ingestion or 0) - (stream.last_event or 0) > LAG and bool(stream.last_ingestion)


def by_activity(streams: Iterable[LogStream]) -> list[LogStream]:
    """The stream that was written to last comes first."""
    return sorted(streams, key=lambda stream: (-last_activity(stream), stream.name))


def shortened(ident: str) -> str:
    """The beginning of a hexadecimal id or UUID behind its prefix; what people chose stays as it is."""
    found = _PREFIXED.fullmatch(ident)
    return ident if found is None else found[1] + found[2][:_SHORT]


_Found = re.Match[str]
_Read = Callable[[_Found, str], StreamName | None]

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_HEX = "[0-9a-f]{32}"
_DAY = r"(?P<day>[0-9]{4}/[0-9]{2}/[0-9]{2})"
_POD = r"(?P<pod>[a-z0-9][a-z0-9.-]*)_(?P<ns>[a-z0-9-]+)_(?P<container>[a-z0-9-]+)-(?P<id>[0-9a-f]{12,64})"
_PREFIXED = re.compile(rf"((?:jr_|i-|eni-)?)({_UUID}|[0-9a-f]{{16,64}})")


def _day(text: str) -> str | None:
    """The day in ISO form; None where there is no such day."""
    year, month, day = (int(part) for part in re.split("[/-]", text)[:3])
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _lambda(found: _Found, group: str) -> StreamName | None:
    function = found["function"] or group.removeprefix("/aws/lambda/") * group.startswith("/aws/lambda/")
    return _dated(found, StreamKind.LAMBDA, found["version"], found["instance"], function)


def _agentcore(found: _Found, group: str) -> StreamName | None:
    agent, version = _agent(group)
    parsed = _dated(found, StreamKind.AGENTCORE, version, found["instance"], agent)
    session = found["session"] or ""
    if parsed is None:
        return None
    return StreamName(
        parsed.name,
        parsed.kind,
        parsed.day,
        version,
        session=session,
        instance=parsed.instance,
        container=agent,
    )


def _agent(group: str) -> tuple[str, str]:
    """Agent and endpoint, of `/aws/bedrock-agentcore/runtimes/my_agent-Ab12Cd34Ef-DEFAULT`."""
    of = _AGENT.match(group)
    return (of["agent"], of["endpoint"]) if of is not None else ("", "")


def _dated(found: _Found, kind: StreamKind, version: str, instance: str, container: str) -> StreamName | None:
    day = _day(found["day"])
    if day is None:
        return None
    return StreamName(found.string, kind, day, version, instance=instance, container=container)


def _telemetry(found: _Found, group: str) -> StreamName:
    agent, version = _agent(group)
    return StreamName(
        found.string, StreamKind.OTEL, version=version, container=agent or "spans" * group.endswith("spans"),
        part=found.string,
    )  # fmt: skip


def _vended(found: _Found, group: str) -> StreamName:
    return StreamName(found.string, StreamKind.AGENTCORE, container=found["of"], part=found["what"])


def _ecs(found: _Found, group: str) -> StreamName:
    # Batch runs its jobs on ECS; unless a job has several containers, the only one is `default`.
    batch = group.startswith("/aws/batch/") or found["container"] == "default"
    if batch:
        several = found["container"] if found["container"] != "default" else ""
        return StreamName(
            found.string, StreamKind.BATCH, run=found["run"], container=found["prefix"], part=several
        )
    return StreamName(found.string, StreamKind.ECS, run=found["run"], container=found["container"])


def _firelens(found: _Found, group: str) -> StreamName:
    container = found["name"].rpartition("/")[2].removeprefix("from-fluent-bit-")
    return StreamName(found.string, StreamKind.ECS, run=found["run"], container=container)


def _glue(found: _Found, group: str) -> StreamName:
    attempt = f"attempt {found['attempt']}" if found["attempt"] else ""
    part = found["part"] or ""
    if part.isdigit():
        part = f"executor {part}"
    elif found["worker"]:
        part = f"executor {found['worker'][:_SHORT]}"
    elif not part and group.endswith(("/output", "/error")):
        part = group.rpartition("/")[2]
    return StreamName(
        found.string,
        StreamKind.GLUE,
        run=found["run"],
        part=" ".join(word for word in (attempt, part) if word),
    )


def _states(found: _Found, group: str) -> StreamName | None:
    return _dated(found, StreamKind.STEP_FUNCTIONS, "", found["instance"], found["machine"])


def _airflow(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string,
        StreamKind.AIRFLOW,
        run=found["run"],
        container=f"{found['dag']}.{found['task']}",
        part=f"attempt {found['attempt']}",
    )


def _training(found: _Found, group: str) -> StreamName:
    return StreamName(found.string, StreamKind.SAGEMAKER, run=found["run"], part=found["part"])


def _endpoint(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string, StreamKind.SAGEMAKER, version=found["variant"], instance=found["instance"]
    )


def _app_runner(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string, StreamKind.APP_RUNNER, instance=found["instance"], container=group.split("/")[3]
    )


def _codebuild(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string, StreamKind.CODEBUILD, run=found["run"], container=group.removeprefix("/aws/codebuild/")
    )


def _gateway(found: _Found, group: str) -> StreamName:
    api, _, stage = group.removeprefix("API-Gateway-Execution-Logs_").partition("/")
    return StreamName(
        found.string, StreamKind.API_GATEWAY, version=stage, instance=found.string, container=api
    )


def _rds(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string,
        StreamKind.RDS,
        instance=found["instance"],
        container=group.rpartition("/")[2],
        part=found["part"] or "",
    )


def _flow(found: _Found, group: str) -> StreamName:
    return StreamName(found.string, StreamKind.VPC_FLOW, instance=found["instance"], part=found["part"])


def _trail(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string,
        StreamKind.CLOUDTRAIL,
        version=found["region"],
        instance=found["account"],
        part=found["part"] or "",
    )


def _pod(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string,
        StreamKind.KUBERNETES,
        version=found["ns"],
        run=found["pod"],
        instance=found["id"],
        container=found["container"],
    )


def _node(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string,
        StreamKind.KUBERNETES,
        instance=found["node"],
        container=found["what"],
        part=found["what"],
    )


def _control_plane(found: _Found, group: str) -> StreamName:
    return StreamName(found.string, StreamKind.EKS, instance=found["instance"], container=found["component"])


def _machine(found: _Found, group: str) -> StreamName:
    return StreamName(
        found.string,
        StreamKind.EC2,
        instance=found["instance"],
        container=found["log"] or "",
        part=found["log"] or "",
    )


_AGENT = re.compile(r"/aws/bedrock-agentcore/runtimes/(?P<agent>.+?)-(?P<endpoint>[A-Za-z][A-Za-z0-9_]*)$")
_FORMS: tuple[tuple[re.Pattern[str], re.Pattern[str] | None, _Read], ...] = tuple(
    (re.compile(pattern), None if group is None else re.compile(group), read)
    for pattern, group, read in (
        (
            rf"{_DAY}/\[runtime-logs(?:-(?P<session>[^\]]+))?\](?P<instance>{_UUID})",
            None,
            _agentcore,
        ),
        (
            rf"{_DAY}/(?P<function>[A-Za-z0-9-_]*)\[(?P<version>[^\]\s/]+)\]\[?(?P<instance>{_HEX})\]?",
            None,
            _lambda,
        ),
        (r"otel-rt-logs|otel-rt-traces|otel-stream(?:-.+)?|otlp-stream.*", None, _telemetry),
        ("default", "aws/spans", _telemetry),
        (r"BedrockAgentCore(?P<of>[A-Za-z]+)_(?P<what>[A-Z_a-z]+)", None, _vended),
        (
            rf"(?P<prefix>[^/]+(?:/[^/]+)*?)/(?P<container>[^/]+)/(?P<run>{_HEX}|{_UUID})",
            None,
            _ecs,
        ),
        (rf"(?P<name>.+)-firelens-(?P<run>{_HEX})", None, _firelens),
        (
            r"(?P<run>jr_[0-9a-f]{64})(?:_attempt_(?P<attempt>[0-9]+))?"
            r"(?:-(?P<part>driver|progress-bar|[0-9]+)|_g-(?P<worker>[0-9a-f]+))?",
            None,
            _glue,
        ),
        (
            r"states/(?P<machine>[^/]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9]{2}-[0-9]{2}/(?P<instance>[0-9a-f]{8})",
            None,
            _states,
        ),
        (
            r"dag_id=(?P<dag>[^/]+)/run_id=(?P<run>[^/]+)/task_id=(?P<task>[^/]+)(?:/map_index=[^/]+)?"
            r"/attempt=(?P<attempt>[0-9]+)\.log(?:\.trigger\..+)?",
            None,
            _airflow,
        ),
        (r"(?P<run>[^/]+)/(?P<part>algo-[0-9]+)-[0-9]{10}", "/aws/sagemaker/", _training),
        (r"(?P<variant>[^/]+)/(?P<instance>i-[0-9a-f]{8,17})", "/aws/sagemaker/", _endpoint),
        (rf"instance/(?P<instance>{_HEX})", "/aws/apprunner/[^/]+/", _app_runner),
        (rf"(?:.*/)?(?P<run>{_UUID})", "/aws/codebuild/", _codebuild),
        (_HEX, "API-Gateway-Execution-Logs_", _gateway),
        (
            r"(?P<instance>[A-Za-z0-9-]+)(?:\.(?P<part>[0-9]+|[a-z][^/]*))?",
            "/aws/rds/(?:instance|cluster|proxy)/",
            _rds,
        ),
        (
            r"(?P<instance>(?:eni|tgw-attach)-(?:[0-9a-f]{17}|[0-9a-f]{8}))-(?P<part>all|accept|reject)",
            None,
            _flow,
        ),
        (
            r"(?:o-[a-z0-9]{10,32}_)?(?P<account>[0-9]{12})_CloudTrail_(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])"
            r"(?:_(?P<part>[0-9]+))?",
            None,
            _trail,
        ),
        (rf"(?:.*[.-])?var\.log\.containers\.{_POD}\.log", None, _pod),
        (
            r"(?P<node>ip-[0-9-]+[a-z0-9.-]*?)-(?P<what>(?:dataplane|host)\..+)",
            "/aws/containerinsights/",
            _node,
        ),
        (
            rf"(?P<component>kube-apiserver(?:-audit)?|authenticator|kube-controller-manager"
            rf"|cloud-controller-manager|kube-scheduler)-(?P<instance>{_HEX})",
            None,
            _control_plane,
        ),
        (
            r"(?P<instance>(?:i|mi)-(?:[0-9a-f]{17}|[0-9a-f]{8}))(?:[/_.-](?P<log>.+))?",
            None,
            _machine,
        ),
    )
)
"""Tried in this order: the pattern of the whole name, that of its group's beginning, and its reading."""
