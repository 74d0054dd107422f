"""Packs of permissions that somebody needs together: a reader, the app with its exports, a log sink, and
the delivery of vended logs. Each action says what breaks without it.

The actions of `observability` are those of the policy called ObservabilityAccess that deployments of
AgentCore attach to their execution role; resource types are the Service Authorization Reference's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from cwtui.core.permissions import (
    ANY,
    GROUP,
    GROUP_AND_BELOW,
    STREAM,
    TABLE,
    Area,
    Permission,
)

Condition = tuple[str, str, tuple[str, ...]]

READER: tuple[Area, ...] = ("browse", "read", "live")
APP: tuple[Area, ...] = (*READER, "facts", "identity", "export")

_DELIVERY = "arn:{partition}:logs:{region}:{account}:delivery:*"
_SOURCE = "arn:{partition}:logs:{region}:{account}:delivery-source:*"
_DESTINATION = "arn:{partition}:logs:{region}:{account}:delivery-destination:*"
_KNOWLEDGE_BASE = "arn:{partition}:bedrock:{region}:{account}:knowledge-base/*"
_EVERYWHERE = {
    "partition": "aws",
    "region": ANY,
    "account": ANY,
    "group": ANY,
    "prefix": "",
    "role_name": ANY,
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One action on some resources."""

    action: str
    resources: tuple[str, ...]
    """Templates in a pack, ARNs once `Pack.of` filled them in."""
    without: str
    """What breaks without it, one sentence."""
    note: str = ""
    writes: bool = False
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """What one kind of principal needs."""

    name: str
    title: str
    requirements: tuple[Requirement, ...]
    notes: tuple[str, ...] = ()

    def of(self, **names: str) -> tuple[Requirement, ...]:
        """The requirements with these names filled in: `partition`, `region`, `account`, `group`, ...

        Place and group stand for all where they are not given. What needs a name that is not given
        otherwise (`bucket`, `key`, `role`) is left out.
        """
        known = _EVERYWHERE | {name: value for name, value in names.items() if value}
        return tuple(
            Requirement(
                one.action,
                tuple(template.format_map(known) for template in one.resources),
                one.without,
                one.note,
                one.writes,
                one.condition,
            )
            for one in self.requirements
            if all(names_in(template) <= known.keys() for template in one.resources)
        )


def names_in(template: str) -> set[str]:
    """The names that a template needs."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _of_areas(areas: tuple[Area, ...]) -> tuple[Requirement, ...]:
    found: dict[tuple[str, tuple[str, ...]], Requirement] = {}
    for row in TABLE:
        if row.area in areas and not row.free:
            found.setdefault((row.action, row.resources), requirement_of(row))
    return tuple(found.values())


def requirement_of(row: Permission) -> Requirement:
    """A row of the table as a requirement."""
    return Requirement(row.action, row.resources, row.without, writes=row.writes, condition=row.condition)


_SINK_MIN = (
    Requirement("logs:CreateLogStream", (STREAM,), "A sink cannot open a stream to write to.", writes=True),
    Requirement("logs:PutLogEvents", (STREAM,), "No event arrives in the group.", writes=True),
)
_SINK_FULL = (
    Requirement(
        "logs:CreateLogGroup",
        (GROUP_AND_BELOW, GROUP),
        "A sink set to create its log group fails where the group is missing.",
        writes=True,
    ),
    *_SINK_MIN,
    Requirement("logs:DescribeLogGroups", (ANY,), "A sink cannot see whether its group is there."),
    Requirement(
        "logs:DescribeLogStreams", (GROUP_AND_BELOW, GROUP), "A sink cannot see whether its stream is there."
    ),
    Requirement(
        "logs:PutRetentionPolicy",
        (GROUP_AND_BELOW, GROUP),
        "A group that the sink creates keeps its events, and costs, for ever.",
        writes=True,
    ),
)
_AGENTCORE = (
    "For AgentCore resources (memories, gateways) the action is "
    "bedrock-agentcore:AllowVendedLogDeliveryForResource; the bedrock: one is for knowledge bases."
)
_OBSERVABILITY = (
    Requirement(
        "bedrock:AllowVendedLogDeliveryForResource",
        (_KNOWLEDGE_BASE,),
        "Bedrock may not hand the logs of a resource to CloudWatch Logs: no delivery can be set up for it.",
        _AGENTCORE,
        writes=True,
    ),
    Requirement(
        "logs:CreateDelivery",
        (_DELIVERY, _SOURCE, _DESTINATION),
        "A source cannot be joined to a destination: no log is delivered, and runs share one stream.",
        writes=True,
    ),
    Requirement(
        "logs:PutDeliverySource",
        (_SOURCE,),
        "A resource cannot be named as a source of logs.",
        writes=True,
    ),
    Requirement(
        "logs:PutDeliveryDestination",
        (_DESTINATION,),
        "A log group, bucket or stream cannot be named as the place that logs go to.",
        writes=True,
    ),
    Requirement("logs:GetDelivery", (_DELIVERY,), "Whether a delivery stands, and how, cannot be checked."),
    Requirement(
        "logs:DescribeDeliveries",
        (ANY,),
        "Deliveries cannot be listed, so that one is created twice or not at all.",
    ),
    Requirement(
        "logs:DeleteDelivery",
        (_DELIVERY,),
        "A delivery cannot be removed, nor replaced by another.",
        writes=True,
    ),
    Requirement(
        "logs:UpdateDeliveryConfiguration",
        (_DELIVERY, _SOURCE, _DESTINATION),
        "The fields and the path of a delivery cannot be changed.",
        writes=True,
    ),
)

PACKS: Mapping[str, Pack] = {
    pack.name: pack
    for pack in (
        Pack("reader", "look for groups, read them and tail them", _of_areas(READER)),
        Pack("app", "read, and export to one bucket", _of_areas(APP)),
        Pack("sink-write-min", "write to streams of a group that is there", _SINK_MIN),
        Pack("sink-write-full", "create group and streams too, and set the retention", _SINK_FULL),
        Pack(
            "observability", "set up the delivery of vended logs (AgentCore)", _OBSERVABILITY, (_AGENTCORE,)
        ),
    )
}
_ALSO = {"sink": "sink-write-min", "viewer": "reader"}


def pack(name: str) -> Pack | None:
    """A pack by its name; `sink` and `viewer` are known too. None where there is no such pack."""
    return PACKS.get(_ALSO.get(name, name))
