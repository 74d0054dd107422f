"""What was asked of `iam-policy`, checked as a whole, and the policy that answers it.

A viewer's policy never holds an action that writes; the app's writes to S3 only where a bucket is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from cwtui.access.arns import (
    PARTITIONS,
    partition_of,
    read_account,
    read_arn,
    read_bucket,
    read_groups,
    read_prefix,
    same_partition,
)
from cwtui.access.iam_policy import Need, Policy, Scope, policy_of
from cwtui.access.packs import APP, PACKS, READER, Pack, pack, requirement_of
from cwtui.access.session_calls import Called, needs_of_calls, partition_of_calls
from cwtui.core.errors import InputError
from cwtui.core.permissions import ANY, AREAS, Area, rows_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request as it was typed."""

    role: str = ""
    """`viewer` or `app`; empty: viewer."""
    features: tuple[str, ...] = ()
    """These alone; empty: those of the role."""
    extras: tuple[str, ...] = ()
    """These too."""
    pack: str = ""
    """A pack instead of features."""
    groups: tuple[str, ...] = ()
    bucket: str = ""
    prefix: str = ""
    key: str = ""
    role_arn: str = ""
    """The role that the feature `assume` takes on."""
    account: str = ""
    region: str = ""
    partition: str = ""
    guard: bool = False
    calls: Sequence[Called] | None = None
    """What a session called, instead of features."""

    @property
    def writes(self) -> bool:
        """Whether the policy may hold actions that write."""
        return bool(self.pack) or self.role == "app"


def make_policy(wanted: Wanted) -> tuple[Policy, Scope]:
    """The least policy, and where it holds. Raises InputError for what makes no sense, in one sentence."""
    _refuse_contradictions(wanted)
    areas = _areas(wanted)
    if not wanted.pack and wanted.calls is None:
        _refuse_what_is_missing(areas, wanted)
    scope = _scope(wanted)
    notes: list[str] = []
    if wanted.pack:
        needs = _needs_of_pack(_pack(wanted.pack), scope)
        notes += _pack(wanted.pack).notes
    elif wanted.calls is not None:
        needs, notes = needs_of_calls(wanted.calls, scope)
        if scope.key is not None:
            needs += [need for need in _needs_of_areas(("export",), scope) if need.requirement.condition]
    else:
        needs = _needs_of_areas(areas, scope)
        if "doctor" in areas and not wanted.bucket:
            notes.append("doctor reads nothing more than the features do, as no --bucket is given.")
    if not wanted.writes:
        left = sorted({need.requirement.action for need in needs if need.requirement.writes})
        needs = [need for need in needs if not need.requirement.writes]
        if left:
            notes.append(f"Left out, as a viewer writes nothing: {', '.join(left)}. Add --for app.")
    if scope.key is None and any(need.requirement.action == "s3:PutObject" for need in needs):
        notes.append("Where the bucket is encrypted with a KMS key of its own, give --kms-key ARN too.")
    policy = policy_of(needs, guard=wanted.guard, notes=notes)
    if not policy.document["Statement"]:
        raise InputError(
            "Nothing of this needs a permission.", "Name features, or --for app.", code="empty-policy"
        )
    return policy, scope


def _refuse_contradictions(wanted: Wanted) -> None:
    sources = {
        "--pack": bool(wanted.pack),
        "--from-session": wanted.calls is not None,
        "--feature": bool(wanted.features),
    }
    given = [name for name, is_given in sources.items() if is_given]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} each say what is needed.", "Give one.", code="policy-source")
    for name in ("--pack", "--from-session"):
        if sources[name] and wanted.extras:
            raise InputError(f"{name} says what is needed; --with adds nothing to it.", "Leave it out.")
    if wanted.pack and (wanted.role or wanted.guard):
        raise InputError("--pack goes neither with --for nor with --guard.", "Leave them out.")


def _pack(name: str) -> Pack:
    found = pack(name)
    if found is None:
        raise InputError(
            f"There is no pack '{name}'.", f"The packs are {', '.join(PACKS)} and sink.", code="pack"
        )
    return found


def _areas(wanted: Wanted) -> tuple[Area, ...]:
    known = get_args(Area)
    for name in (*wanted.features, *wanted.extras):
        if name not in known:
            told = "\n".join(f"{area:<9} {what}" for area, what in AREAS.items())
            raise InputError(f"There is no feature '{name}'.", told, code="feature")
    chosen: set[str] = {*wanted.features, *wanted.extras}
    if not wanted.features:
        chosen.update(APP if wanted.role == "app" else READER)
        if wanted.role == "app" and not wanted.bucket and "export" not in wanted.extras:
            chosen.discard("export")
    return tuple(area for area in AREAS if area in chosen)


def _refuse_what_is_missing(areas: Sequence[Area], wanted: Wanted) -> None:
    writing = [area for area in areas if any(row.writes for row in rows_of(area))]
    if writing and not wanted.writes:
        raise InputError(
            f"The feature {writing[0]} writes, and a viewer's policy never does.",
            "Add --for app.",
            code="viewer-writes",
        )
    if "export" in areas and not wanted.bucket:
        raise InputError(
            "The feature export writes to a bucket, and none is named.", "Give --bucket NAME.", code="bucket"
        )
    if wanted.bucket and not {"export", "doctor"} & set(areas):
        raise InputError(
            "A bucket is named, and no feature wanted here needs one.",
            "Add --for app to export to it, or --with doctor to check it.",
            code="bucket",
        )
    if (wanted.prefix or wanted.key) and "export" not in areas:
        raise InputError(
            "--prefix and --kms-key are for exports, which are not wanted here.",
            "Add --for app and --bucket NAME.",
            code="bucket",
        )
    if "assume" in areas and not wanted.role_arn:
        raise InputError(
            "The feature assume takes on a role, and none is named.", "Give --role-arn ARN.", code="role"
        )
    if wanted.guard and "sink" in areas:
        raise InputError("--guard denies the writes that sink needs.", "Leave one of them out.", code="guard")


def _scope(wanted: Wanted) -> Scope:
    region = wanted.region or ANY
    partition = partition_of(region)
    if wanted.calls is not None:
        partition = partition_of_calls(wanted.calls)
    if wanted.partition:
        if wanted.partition not in PARTITIONS:
            raise InputError(
                f"There is no partition '{wanted.partition}'.",
                f"The partitions are {', '.join(PARTITIONS)}.",
                code="partition",
            )
        if wanted.partition != partition and region != ANY:
            raise InputError(
                f"Region {region} is in partition {partition}, not in {wanted.partition}.",
                "Leave --partition out, or name a region of it.",
                code="partition",
            )
        partition = wanted.partition
    account = read_account(wanted.account)
    key = role = None
    if wanted.key:
        example = f"arn:{partition}:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        key = read_arn(wanted.key, "kms", "key/", example=example)
        same_partition(key, partition)
    if wanted.role_arn:
        role = read_arn(
            wanted.role_arn, "iam", "role/", example=f"arn:{partition}:iam::123456789012:role/reader"
        )
        same_partition(role, partition)
    return Scope(
        groups=tuple(
            read_groups(text, partition=partition, region=region, account=account)
            for text in wanted.groups or (ANY,)
        ),
        partition=partition,
        region=region,
        account=account,
        bucket=read_bucket(wanted.bucket) if wanted.bucket else "",
        prefix=read_prefix(wanted.prefix),
        key=key,
        role=str(role or ""),
    )


def _needs_of_areas(areas: Sequence[Area], scope: Scope) -> list[Need]:
    return [Need(area, requirement_of(row), scope) for area in areas for row in rows_of(area) if not row.free]


def _needs_of_pack(chosen: Pack, scope: Scope) -> list[Need]:
    return [Need(chosen.name, requirement, scope) for requirement in chosen.requirements]
