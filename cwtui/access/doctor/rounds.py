"""One round of checks: they run side by side, and none ever stops another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from cwtui.access.doctor.exam import Bench, Check, Exam
from cwtui.access.doctor.findings import Finding, Report, Status, in_order
from cwtui.access.doctor.verdicts import decides, of_error
from cwtui.core.errors import CwtuiError, NetworkError


async def examine(
    bench: Bench, checks: Sequence[Check], tell: Callable[[Finding], None] = lambda finding: None
) -> Report:
    """Runs the checks side by side; `tell` hears each finding as it comes. None ever stops another."""
    found: list[Finding] = []

    async def one(check: Check, exam: Exam) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(bench.seconds):
                finding = await check.run(exam)
        except CwtuiError as error:
            finding = await of_error(exam, check, error)
        except TimeoutError:
            finding = Finding(
                check.id,
                check.title,
                Status.UNKNOWN,
                f"No answer within {bench.seconds:g} s.",
                feature=check.feature,
                exit_code=NetworkError.exit_code if decides(bench, check) else 0,
            )
        taken = round((time.monotonic() - started) * 1000)
        finding = replace(finding, feature=check.feature, milliseconds=taken)
        found.append(finding)
        tell(finding)

    async with asyncio.TaskGroup() as tasks:
        exam = Exam(bench, tasks)
        try:
            await asyncio.gather(*(one(check, exam) for check in checks))
        finally:
            exam.end()
    return Report(in_order(found, [check.id for check in checks]), bench.features)
