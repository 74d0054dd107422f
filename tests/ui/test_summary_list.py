"""The list of a summary: what stays chosen when it is made anew, and where moving leads."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content

from cwtui.ui import themes
from cwtui.ui.widgets.summary_lines import Line
from cwtui.ui.widgets.summary_list import DigestList


def line(key: str, section: str = "pattern") -> Line:
    return Line(Content(key), (1,), section=section, key=key)


HEAD = Line(Content("headline"))
FIRST = [HEAD, *(line(f"p{number}") for number in range(40))]


class Lists(App[None]):
    """A list above another."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(themes.LOG_COLORS)

    def compose(self) -> ComposeResult:
        yield DigestList("upper")
        yield DigestList("lower")

    def on_mount(self) -> None:
        upper, lower = self.query(DigestList)
        upper.below, lower.above = lower, upper
        upper.focus()


async def test_the_chosen_line_stays_where_it_is_when_the_whole_digest_takes_the_place_of_the_first() -> None:
    app = Lists()
    async with app.run_test(size=(60, 24)) as pilot:
        upper = app.query_one("#upper", DigestList)
        upper.show(FIRST)
        await pilot.pause()
        await pilot.press(*["j"] * 20, *["k"] * 5)
        assert upper.line is not None
        assert upper.line.key == "p15"
        row = 16 - upper.scroll_offset.y
        upper.show([HEAD, *(line(f"finding {number}", "finding") for number in range(7)), *FIRST[1:]])
        await pilot.pause()
        assert upper.line.key == "p15"
        assert 23 - upper.scroll_offset.y == row


async def test_where_nothing_was_chosen_yet_the_first_line_is_and_the_top_is_shown() -> None:
    app = Lists()
    async with app.run_test(size=(60, 24)) as pilot:
        upper = app.query_one("#upper", DigestList)
        upper.show(FIRST)
        await pilot.pause()
        upper.show([HEAD, line("finding", "finding"), *FIRST[1:]])
        await pilot.pause()
        assert upper.line is not None
        assert (upper.line.key, upper.scroll_offset.y) == ("finding", 0)


async def test_moving_goes_by_lines_findings_and_sections_and_on_into_the_list_below() -> None:
    app = Lists()
    async with app.run_test(size=(60, 24)) as pilot:
        upper, lower = app.query(DigestList)
        upper.show(
            [HEAD, line("f1", "finding"), line("f2", "finding"), Line(Content("PATTERNS")), line("p1")]
        )
        lower.show([line("s1", "said"), line("s2", "said")])
        await pilot.pause()
        seen = []
        for key in ("e", "e", "}", "{", "}", "j", "n", "k", "k", "G", "g"):
            await pilot.press(key)
            focused = app.focused
            assert isinstance(focused, DigestList)
            assert focused.line is not None
            seen.append(focused.line.key)
        assert seen == ["f2", "f2", "p1", "f1", "p1", "s1", "s2", "s1", "p1", "s2", "f1"]
