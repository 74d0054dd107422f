"""The breadcrumb line at any width, with any name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cwtui.core.models import Context
from cwtui.ui.widgets.header import Crumbs, crumbs_content, role_name
from cwtui.ui.widgets.time_left import time_left

GROUP = "/aws/lambda/a-very-long-name-of-a-function-that-goes-on/prod"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_fits_and_keeps_both_ends_of_a_long_name(width: int) -> None:
    crumbs = Crumbs(Context("staging", region="eu-west-1"), (GROUP, "3 streams"), "LIVE 12/s", "last 15m")
    line = crumbs_content(crumbs, width)
    assert line.cell_length <= width
    assert ("/aw" if width >= 60 else "/a") in line.plain
    assert width < 60 or "prod" in line.plain


def test_two_long_names_share_the_room() -> None:
    line = crumbs_content(
        Crumbs(Context("demo"), (GROUP, "2026/11/22/[$LATEST]479bda5b45f62991ac4582fc")), 80
    )
    group, stream = line.plain.removesuffix("read-only").split(" › ")[1:]
    assert abs(len(group.strip()) - len(stream.strip())) <= 1


def test_the_right_side_says_what_is_live_which_window_and_that_nothing_is_written() -> None:
    line = crumbs_content(Crumbs(Context("dev"), ("/a",), "LIVE 3/s", "last 1h (UTC)"), 120).plain
    assert "LIVE 3/s" in line
    assert "last 1h (UTC)" in line
    assert line.rstrip().endswith("read-only")


def test_allowed_writes_are_said() -> None:
    assert "writes allowed" in crumbs_content(Crumbs(Context("dev", allow_write=True)), 80).plain


def test_production_looks_different() -> None:
    production = crumbs_content(Crumbs(Context("acme-PROD")), 80)
    other = crumbs_content(Crumbs(Context("acme-test")), 80)
    assert any("$error" in str(span.style) for span in production.spans)
    assert not any("$error" in str(span.style) for span in other.spans)


def test_names_are_shown_as_they_are_and_never_obeyed() -> None:
    line = crumbs_content(Crumbs(Context("[/b]\x1b[31m"), ("[$LATEST]\x07",)), 80).plain
    assert "[/b]␛[31m" in line
    assert "[$LATEST]␇" in line
    assert "\x1b" not in line


KNOWN = Context(
    "prod-eu",
    region="eu-west-1",
    account="123456789012",
    alias="acme-production-eu",
    principal="arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_OncallEngineer_0123456789abcdef/ana",
    expires=3_600_000,
)
NOW = 60_000


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_account_role_region_and_time_left_stand_at_80_columns_and_more(width: int) -> None:
    crumbs = Crumbs(replace(KNOWN, allow_write=True), (GROUP, "3 streams"), "LIVE 12/s", "last 15m (UTC)")
    line = crumbs_content(crumbs, width, now=NOW)
    assert line.cell_length <= width
    for said in ("prod-eu/eu-west-1", "123456789012", "59m", "writes"):
        assert said in line.plain
    assert "eu" in line.plain.split("123456789012")[1]
    assert ("OncallEngineer" if width >= 120 else "eer") in line.plain


def test_a_narrow_screen_keeps_the_account_and_the_time() -> None:
    line = crumbs_content(Crumbs(KNOWN, ("log groups",)), 60, now=NOW).plain
    assert "123456789012 59m" in line


@pytest.mark.parametrize(
    ("now", "said", "style"),
    [
        (0, "", ""),
        (NOW, "59m", "$muted"),
        (3_100_000, "8m", "bold $warning"),
        (3_600_000, "expired", "bold $error"),
    ],
)
def test_the_end_of_the_credentials_is_counted_down_and_warned_of(now: int, said: str, style: str) -> None:
    line = crumbs_content(Crumbs(replace(KNOWN, production=False)), 120, now=now)
    told = {str(span.style) for span in line.spans if line.plain[span.start : span.end].strip() == said}
    assert said in line.plain
    assert not said or told == {style}


def test_production_is_what_the_context_says_and_its_colour_stays_a_swatch() -> None:
    told = crumbs_content(Crumbs(Context("payments", production=True, colour="#00ff00")), 80)
    assert told.plain.startswith("▌payments")
    assert {str(span.style) for span in told.spans[:2]} == {"#00FF00", "bold $error"}
    untrue = crumbs_content(Crumbs(Context("product-tests", production=False, colour="no colour")), 80)
    assert {str(span.style) for span in untrue.spans if span.start < 10} == {"bold $primary"}


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("arn:aws:sts::1:assumed-role/oncall/ana", "oncall"),
        ("arn:aws:iam::1:user/team/ana", "ana"),
        ("arn:aws:iam::1:root", "root"),
        ("", ""),
    ],
)
def test_a_principal_has_a_short_name(principal: str, name: str) -> None:
    assert role_name(principal) == name


def test_time_left_is_said_in_few_cells() -> None:
    minute = 60_000
    assert [time_left(ends, 0) for ends in (0, 1, minute, 59 * minute, 185 * minute, 5000 * minute)] == [
        "expired", "<1m", "1m", "59m", "3h05m", "3d",
    ]  # fmt: skip
