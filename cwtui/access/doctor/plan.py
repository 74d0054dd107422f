"""Which checks a round makes: chosen before anything is asked, so that a face can list them at once."""

from __future__ import annotations

from functools import partial

from cwtui.access.doctor.exam import Bench, Check, Exam
from cwtui.access.doctor.findings import Finding, Severity, Status
from cwtui.access.doctor.fixes import slug
from cwtui.access.doctor.probes import PROBED, check_of
from cwtui.access.doctor.simulation import CHECK as SIMULATION
from cwtui.access.doctor.simulation import simulated
from cwtui.access.doctor.upkeep import BUCKET, MODEL, RETENTION
from cwtui.access.doctor.where import CHECKS as WHERE
from cwtui.access.doctor.who import CHECKS as WHO
from cwtui.core.errors import InputError
from cwtui.core.permissions import TABLE, Permission

_EXPORT = "export to S3"
_LIVE = "live tail"


def plan(bench: Bench) -> tuple[Check, ...]:
    """The checks of a bench, in the order to show them. Raises InputError for what cannot be probed."""
    wanted = bench.features
    if wanted == {_LIVE} and not (bench.live or bench.simulate):
        raise InputError(
            "A live tail is billed by the minute, so doctor does not open one unasked.",
            "Add --live to open one for a moment, or --simulate to ask IAM alone.",
            code="live",
        )
    if wanted == {_EXPORT} and not bench.bucket:
        raise InputError("Which bucket?", "Add --bucket NAME.", code="bucket")
    features = [check_of(row) for row in PROBED if not wanted or row.feature in wanted]
    export = [_export_check()] if bench.bucket and (not wanted or _EXPORT in wanted) else []
    simulation = [SIMULATION] if bench.simulate else []
    around = [*(BUCKET if bench.bucket else ())]
    around += [] if wanted else [RETENTION, MODEL]
    return (*WHO, *WHERE, *features, *export, *simulation, *around)


def _export_check() -> Check:
    row = next(row for row in TABLE if row.operation == "PutObject")
    return Check(f"feature.{slug(_EXPORT)}", "Export to S3", partial(_export, row), _EXPORT)


async def _export(row: Permission, exam: Exam) -> Finding:
    """Whether objects may be put cannot be known without putting one, which doctor never does."""
    check = _export_check()
    if (told := await simulated(exam, row, "")) is not None:
        return told.of(check, row)
    target = f"s3://{exam.bench.bucket}"
    return Finding(
        check.id,
        check.title,
        Status.UNKNOWN,
        f"Not tried: doctor never writes. It needs {row.action} on {target}; --simulate asks IAM.",
        severity=Severity.LOW,
        feature=_EXPORT,
    )
