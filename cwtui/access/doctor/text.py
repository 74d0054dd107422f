"""A report as lines of text: a table that fits a glance, then causes and fixes of what is not well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from cwtui.access.doctor.findings import Finding, Fix, Report, Status
from cwtui.access.doctor.verdicts import NOT_ASKED
from cwtui.core.text import SafeText, printable

MARKS = {
    Status.OK: "ok",
    Status.WARN: "warn",
    Status.FAIL: "FAIL",
    Status.UNKNOWN: "?",
    Status.SKIPPED: "-",
}
_MARK_WIDTH = 6
_LEAST_TEXT = 20

Line = tuple[Status | None, str]
"""A line, inert; the status colours its first `len(MARKS[status])` characters."""


def title_width(titles: Sequence[str]) -> int:
    """How wide the column of titles is."""
    return max((len(title) for title in titles), default=0) + 2


def table(findings: Sequence[Finding], width: int) -> Iterator[Line]:
    """One line a finding, folded under its evidence where that is longer; what fails alike is counted."""
    told = [finding for finding in findings if finding.evidence != NOT_ASKED]
    column = title_width([finding.title for finding in told])
    for finding in told:
        yield from row(finding, column, width)
    if rest := len(findings) - len(told):
        yield Status.SKIPPED, f"{MARKS[Status.SKIPPED]:<{_MARK_WIDTH}}{rest} more were not asked: see above."


def row(finding: Finding, column: int, width: int) -> Iterator[Line]:
    """One finding of the table."""
    indent = _MARK_WIDTH + column
    first, *rest = folded(finding.evidence, width - indent) or [""]
    yield finding.status, f"{MARKS[finding.status]:<{_MARK_WIDTH}}{finding.title:<{column}}{first}".rstrip()
    for line in rest:
        yield None, " " * indent + line


def folded(text: str, width: int) -> list[str]:
    """Foreign text, inert, in lines. A path or an ARN is not broken: it may be copied."""
    room = max(_LEAST_TEXT, width)
    return wrap(str(printable(text)), room, break_on_hyphens=False, break_long_words=False)


def causes(findings: Sequence[Finding], width: int, form: str = "cli") -> Iterator[Line]:
    """Cause and fix of each finding that has any, a blank line before each; `form` of cli, cfn, tf."""
    for finding in findings:
        if finding.status not in (Status.OK, Status.SKIPPED) and (finding.cause or finding.fix):
            yield None, ""
            yield finding.status, f"{MARKS[finding.status]:<{_MARK_WIDTH}}{finding.title}"
            yield from ((None, line) for line in card_lines(finding, width, form))


def card_lines(finding: Finding, width: int, form: str = "cli", indent: str = "      ") -> Iterator[SafeText]:
    """Why, what the simulator says, how it is mended, and where it is described."""
    for text in (finding.cause, f"Simulated: {finding.simulated}" if finding.simulated else ""):
        for line in folded(text, width - len(indent)):
            yield SafeText(indent + line)
    for line in fix_text(finding.fix, form).splitlines():
        yield SafeText(f"{indent}  {printable(line)}")
    if finding.docs and finding.status in (Status.FAIL, Status.WARN):
        yield SafeText(f"{indent}{printable(finding.docs)}")
    if finding.request_id:
        yield SafeText(f"{indent}request {printable(finding.request_id)}")


def fix_text(fix: Fix, form: str = "cli") -> str:
    """The fix in a form, or the first it has; foreign text."""
    return {"cli": fix.cli, "cfn": fix.cfn, "tf": fix.tf}[form] or fix.cli or fix.cfn or fix.tf


def summary(report: Report, seconds: float) -> str:
    """`12 ok, 1 warning, 2 failed, 1 skipped in 0.8 s`."""
    counts = report.counts()
    words = {
        Status.OK: "ok",
        Status.WARN: "warning" if counts[Status.WARN] == 1 else "warnings",
        Status.FAIL: "failed",
        Status.UNKNOWN: "unknown",
        Status.SKIPPED: "not tried",
    }
    told = ", ".join(f"{counts[status]} {word}" for status, word in words.items() if counts[status])
    return f"{told} in {seconds:.1f} s"


def changes(before: Report, now: Report) -> list[SafeText]:
    """What became different since the report before: `Read log events: FAIL -> ok`, a line each."""
    was = {finding.id: finding.status for finding in before.findings}
    return [
        SafeText(f"{printable(finding.title)}: {MARKS[was[finding.id]]} -> {MARKS[finding.status]}")
        for finding in now.findings
        if finding.id in was and was[finding.id] is not finding.status
    ]
