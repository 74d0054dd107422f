"""The table and what stands below it: short, folded, and inert."""

from __future__ import annotations

from cwtui.access.doctor.findings import Finding, Fix, Report, Status
from cwtui.access.doctor.text import causes, changes, fix_text, summary, table
from cwtui.access.doctor.verdicts import NOT_ASKED

ARN = "arn:aws:logs:eu-west-1:1:log-group:/a/very/long/name"
OK = Finding("a", "First", Status.OK, "fine")
CAUSE = "No policy\x1b[2J allows it."
DENIED = Finding(
    "b", "The second", Status.FAIL, "Denied: x:Y.", "No policy\x1b[2J allows it.", Fix("put it", "Cfn:")
)


def lines(found: object) -> list[str]:
    assert hasattr(found, "__iter__")
    return [line for _, line in found]


def test_evidence_stands_in_one_column_and_folds_under_itself() -> None:
    long = Finding(
        "c", "Third", Status.WARN, "word " * 8 + "arn:aws:logs:eu-west-1:1:log-group:/a/very/long/name"
    )
    assert lines(table([OK, DENIED, long], 42)) == [
        "ok    First       fine",
        "FAIL  The second  Denied: x:Y.",
        "warn  Third       word word word word word",
        "                  word word word",
        f"                  {ARN}",
    ]


def test_what_fails_as_the_first_check_did_is_counted() -> None:
    rest = [Finding(f"r{n}", "Rest", Status.SKIPPED, NOT_ASKED) for n in range(7)]
    assert lines(table([DENIED, *rest], 80))[1:] == ["-     7 more were not asked: see above."]


def test_only_what_is_not_well_has_a_cause_and_a_fix_and_no_control_character_is_left() -> None:
    below = lines(causes([OK, DENIED], 60))
    assert below == [
        "",
        "FAIL  The second",
        "      No policy␛[2J allows it.",
        "        put it",
    ]


def test_a_fix_is_given_in_the_form_asked_for_else_in_one_it_has() -> None:
    assert fix_text(DENIED.fix, "cfn") == "Cfn:"
    assert fix_text(DENIED.fix, "tf") == "put it"


def test_two_rounds_are_told_apart_by_what_changed() -> None:
    mended = Finding("b", "The second", Status.OK)
    assert changes(Report((OK, DENIED)), Report((OK, mended))) == ["The second: FAIL -> ok"]
    assert summary(Report((OK, DENIED)), 0.84) == "1 ok, 1 failed in 0.8 s"
