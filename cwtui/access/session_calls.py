"""What a session really called (`--calls FILE`), as what its policy has to allow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cwtui.access.arns import PARTITIONS, Groups, partition_of, read_bucket, read_groups
from cwtui.access.iam_policy import Need, Scope
from cwtui.access.packs import names_in, requirement_of
from cwtui.core.errors import InputError
from cwtui.core.permissions import ANY, SDK_OPERATIONS, Permission, permission


@dataclass(frozen=True, slots=True)
class Called:
    """One line of the file."""

    service: str
    operation: str
    region: str
    resource: str


def read_calls(lines: Iterable[str]) -> tuple[Called, ...]:
    """The distinct calls of a file, in its order. Raises InputError that names the line."""
    found: dict[Called, None] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            call = Called(*(record[name] for name in ("service", "operation", "region", "resource")))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _not_calls(number) from error
        if not all(isinstance(value, str) for value in record.values()):
            raise _not_calls(number)
        found[call] = None
    if not found:
        raise InputError(
            "The file holds no calls.", "Record some first: cwtui --calls FILE, or CWTUI_CALLS.", code="calls"
        )
    return tuple(found)


def partition_of_calls(calls: Sequence[Called]) -> str:
    """The partition they were made in. Raises InputError where they are of several."""
    found = {
        partition_of(call.region) for call in calls if call.region and not call.region.endswith("-global")
    }
    if len(found) > 1:
        raise InputError(
            f"The calls are of several partitions: {', '.join(sorted(found))}.",
            "One policy is for one partition: record a session in each.",
            code="partition",
        )
    return next(iter(found), PARTITIONS[0])


def needs_of_calls(calls: Sequence[Called], scope: Scope) -> tuple[list[Need], list[str]]:
    """What the calls need, and notes on what was left out. `scope` gives partition, account and KMS key."""
    groups: dict[Permission, dict[Groups, None]] = {}
    needs: list[Need] = []
    notes: list[str] = []
    for call in calls:
        row = permission(call.service, call.operation)
        if row is None:
            if (call.service, call.operation) not in SDK_OPERATIONS:
                notes.append(f"{call.service}:{call.operation} is no operation of cwtui: left out.")
        elif row.free:
            continue
        elif any("group" in names_in(template) for template in row.resources):
            groups.setdefault(row, {})[_groups_of(call, scope)] = None
        else:
            needs.append(Need(row.area, requirement_of(row), _scope_of(call, scope)))
    if roles := sorted({need.scope.role for need in needs if need.scope.role}):
        notes.append(
            f"Who takes on {', '.join(roles)} needs sts:AssumeRole; the rest was called as that role."
        )
    for row, seen in groups.items():
        needs.append(Need(row.area, requirement_of(row), replace(scope, groups=tuple(seen))))
    return needs, notes


def _groups_of(call: Called, scope: Scope) -> Groups:
    region = call.region or ANY
    return read_groups(call.resource or ANY, partition=scope.partition, region=region, account=scope.account)


def _scope_of(call: Called, scope: Scope) -> Scope:
    if call.service == "s3":
        bucket, _, prefix = call.resource.partition("/")
        return replace(scope, bucket=read_bucket(bucket), prefix=prefix)
    if call.operation == "AssumeRole":
        return replace(scope, role=call.resource)
    if call.service == "iam" and call.resource:
        return replace(scope, role_name=call.resource.rpartition(":role/")[2])
    return scope


def _not_calls(number: int) -> InputError:
    return InputError(
        f"Line {number} is no recorded call.",
        "Give a file that cwtui --calls FILE wrote.",
        code="calls",
    )
