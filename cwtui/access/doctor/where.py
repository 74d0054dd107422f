"""The check of where calls go: region, partition, endpoint, and whether anything answers there."""

from __future__ import annotations

from dataclasses import replace

from cwtui.access.doctor.exam import Check, Exam
from cwtui.access.doctor.findings import Finding, Fix, Severity, Status
from cwtui.access.doctor.verdicts import cause_of
from cwtui.core.errors import CwtuiError, DataError, InputError, NetworkError, ServiceError

_DOCS = "https://docs.aws.amazon.com/general/latest/gr/cwl_region.html"


async def endpoint(exam: Exam) -> Finding:
    """Where CloudWatch Logs is asked, and whether it answers (a denial is an answer)."""
    place = await exam.place()
    words = [f"{place.region} ({place.partition})"]
    words.append(f"{'custom endpoint ' if place.custom else ''}{place.endpoint}" if place.endpoint else "")
    words += [word for word, held in (("FIPS", place.fips), ("dual-stack", place.dual_stack)) if held]
    words += [f"through the proxy {place.proxy}"] if place.proxy else []
    found = Finding("endpoint", "Endpoint and region", Status.OK, ", ".join(filter(None, words)), docs=_DOCS)
    try:
        await exam.first_groups()
    except (NetworkError, DataError, ServiceError) as error:
        return replace(
            found,
            status=Status.FAIL,
            severity=Severity.HIGH,
            evidence=f"{found.evidence}. {error.message}",
            cause=_unreachable(place.known, place.region, error),
            fix=Fix(cli=error.card.fix),
            request_id=error.request_id,
            exit_code=error.exit_code if place.known or place.custom else InputError.exit_code,
        )
    except CwtuiError as error:
        if not error.request_id:
            return replace(found, status=Status.SKIPPED, evidence=f"{found.evidence}. It was not asked.")
        # It answered, if only to refuse: that is told where it matters.
    if not place.known and not place.custom:
        return replace(
            found,
            status=Status.WARN,
            severity=Severity.LOW,
            cause=f"This SDK does not list the region {place.region}: it may be new, or mistyped.",
        )
    return found


def _unreachable(known: bool, region: str, error: CwtuiError) -> str:
    if not known:
        return f"The SDK does not know a region {region}: correct --region."
    return cause_of(error)


CHECKS = (Check("endpoint", "Endpoint and region", endpoint),)
