from __future__ import annotations

import pytest

from cwtui.ui.colours import colour_of, colour_warning
from tests.ui.shell import make_app, running


@pytest.mark.parametrize(
    ("written", "shown"), [("#d08770", "#D08770"), ("red", "#FF0000"), ("bluish", ""), ("", "")]
)
def test_a_colour_is_a_name_or_a_number(written: str, shown: str) -> None:
    assert colour_of(written) == shown


async def test_a_colour_that_is_none_is_said_once() -> None:
    assert colour_warning("orange") == ""
    app = make_app(colour="bluish")
    async with running(app):
        assert [told for told in app.told if "bluish" in told] == [colour_warning("bluish")]
