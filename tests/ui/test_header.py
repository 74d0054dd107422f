"""The breadcrumb line at any width, with any name."""

from __future__ import annotations

import pytest

from cwtui.core.models import Context
from cwtui.ui.widgets.header import Crumbs, crumbs_content

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
