"""What there is to examine where recordings are read: that nothing needs a permission, and the model."""

from __future__ import annotations

from cwtui.access.doctor.findings import Finding, Report, Status

NOTHING_NEEDED = "Recordings are read from disk: no credentials, no permission and no network are needed."


def offline_report(name: str) -> Report:
    """The report of a context that asks AWS nothing."""
    return Report((Finding("offline", "Offline", Status.OK, f"{name}. {NOTHING_NEEDED}"),))
