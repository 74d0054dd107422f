"""What there is to examine where recordings are read: that nothing needs a permission."""

from __future__ import annotations

from cwtui.access.doctor.findings import Finding, Report, Status

NOTHING_NEEDED = "Nothing needs credentials or permissions: recordings are read."


def offline_report() -> Report:
    """The report of a context that asks AWS nothing."""
    return Report((Finding("offline", "Offline", Status.OK, NOTHING_NEEDED),))
