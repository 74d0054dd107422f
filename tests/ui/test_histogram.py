"""The histogram: what it draws, what its keys and the mouse choose, and what that narrows."""

from __future__ import annotations

from datetime import UTC
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from rich.style import Style
from textual.pilot import Pilot

from cwtui.core.models import GroupProgress, Level, Progress
from cwtui.investigation.ordering import covered_of
from cwtui.lang.time_range import range_in
from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.widgets.histogram import HistogramBar
from cwtui.ui.widgets.histogram_chart import Chart, Frame, Marks
from cwtui.ui.widgets.histogram_choice import BarChoice
from cwtui.ui.widgets.histogram_paint import paint
from cwtui.ui.widgets.time_words import range_words, width_words
from cwtui.window.histogram import Histogram
from cwtui.wiring import Services, Start
from tests.ui.event_rows import screen_text
from tests.ui.scripted import NOW, EventsApp, ScriptedReader, event, loaded, many, until

TEN = 1_763_805_600_000
STYLES = {
    "base": Style(color="white"),
    "muted": Style(color="bright_black"),
    "error": Style(color="red"),
    "warn": Style(color="yellow"),
    "info": Style(color="blue"),
    "cursor": Style(bgcolor="green"),
    "chosen": Style(bgcolor="magenta"),
}


def chart_of(
    *bars: tuple[int, int, int], width_ms: int = 10_000, plain: bool = False, **changes: object
) -> Chart:
    """One bar for each (errors, warnings, others)."""
    counts = np.zeros((len(bars), 7), np.int64)
    for row, (errors, warnings, others) in zip(counts, bars, strict=True):
        row[Level.ERROR], row[Level.WARN], row[Level.INFO] = errors, warnings, others
    all_of_it = (TEN, TEN + width_ms * len(bars))
    facts = {"shown": all_of_it, "within": all_of_it, "span": all_of_it, "covered": all_of_it, **changes}
    return Chart(Histogram(TEN, width_ms, counts), 1, **facts, zone=UTC, plain=plain)  # type: ignore[arg-type]


def lines(chart: Chart, marks: Marks = Marks(), *, width: int = 80, rows: int = 3) -> list[str]:  # noqa: B008
    frame = Frame(width, rows)
    return ["".join(part.text for part in paint(y, chart, marks, frame, STYLES)) for y in range(rows)]


def bars_row(chart: Chart, marks: Marks = Marks(), *, rows: int = 1) -> str:  # noqa: B008
    frame = Frame(80, rows)
    return lines(chart, marks, rows=rows)[frame.bar_rows - 1][frame.left :][: len(chart.totals)]


# ---------------------------------------------------------------------- what is drawn


def test_one_error_among_thousands_is_seen() -> None:
    frame, chart = Frame(80, 3), chart_of((1, 0, 20_000), (0, 0, 5))
    bottom = paint(1, chart, Marks(), frame, STYLES)
    assert any(part.style and part.style.color and part.style.color.name == "red" for part in bottom)


def test_the_plain_form_is_ascii_and_tells_levels_without_colour() -> None:
    chart = chart_of((9, 0, 0), (0, 9, 0), (0, 0, 9), (0, 0, 1), (0, 0, 0), plain=True)
    assert bars_row(chart) == "!+:. "
    assert "!ERR 9 +WRN 9 :other 10" in lines(chart)[1]
    marked = lines(chart, Marks(2, range(2, 5), range(0)), rows=3)
    assert all(line.isascii() for line in (*marked, *lines(chart, Marks(2), rows=1)))
    assert bars_row(chart, Marks(2)) == "!+|. "
    assert bars_row(chart, Marks(0, range(3, 5)), rows=3).endswith("_")


def test_what_is_not_loaded_is_dots_and_what_was_loaded_of_it_a_bar() -> None:
    chart = chart_of((0, 0, 0), (0, 0, 9), (0, 0, 0), covered=(TEN + 20_000, TEN + 30_000))
    assert bars_row(chart) == "·█ "
    assert bars_row(chart_of((0, 0, 0), (0, 0, 9), covered=(TEN + 20_000, TEN + 20_000), plain=True)) == "?:"


def test_arrows_say_that_the_window_goes_on() -> None:
    chart = chart_of((0, 0, 1), (0, 0, 1), span=(TEN - 1, TEN + 90_000))
    assert lines(chart, rows=1)[0][6] == "‹"
    assert "›" in lines(chart, rows=1)[0]
    assert "›" in lines(chart)[2]
    assert lines(chart_of((0, 0, 1)))[2].strip("╵ ").startswith("10:00:00")


def test_the_axis_names_round_times_and_the_place_of_the_cursor() -> None:
    axis = lines(chart_of(*[(0, 0, 1)] * 30), Marks(cursor=20))[2]
    assert "╵10:00  " in axis
    assert "╵10:02  " in axis
    assert axis[Frame(80, 3).left + 20] == "▲"


def test_the_bars_that_the_list_shows_are_underlined() -> None:
    chart, frame = chart_of(*[(0, 0, 1)] * 9), Frame(80, 3)
    parts = paint(1, chart, Marks(seen=range(2, 5)), frame, STYLES)
    cells = [bool(part.style and part.style.underline) for part in parts for _ in part.text][frame.left :]
    assert [(under, len(list(run))) for under, run in groupby(cells[:9])] == [
        (False, 2),
        (True, 3),
        (False, 4),
    ]


def test_the_legend_tells_the_range_or_what_is_chosen_of_it() -> None:
    chart = chart_of((2, 3, 1_000), (0, 0, 10))
    peak, levels, span = (line[Frame(80, 3).left + Frame(80, 3).room :].strip() for line in lines(chart))
    assert (peak, levels, span) == (
        "peak 1,005 @ 10:00:00",
        "ERR 2 WRN 3 other 1,010",
        "10:00:00–10:00:20  bar 10 s",
    )
    assert "10:00:00 +20 s  1,015  ERR 2" in lines(chart, Marks(chosen=range(0, 2)))[0]
    assert "bar 10 s" in lines(chart, rows=1)[0]


def test_a_choice_that_ends_with_the_events_is_told_in_seconds() -> None:
    chart = chart_of((2, 3, 1_000), (0, 0, 10), shown=(TEN, TEN + 19_001))
    assert "10:00:00 +19 s  1,015" in lines(chart, Marks(chosen=range(0, 2)))[0]


@pytest.mark.parametrize("rows", [1, 3, 5])
@pytest.mark.parametrize("width", [40, 59, 60, 80, 200])
def test_every_line_fits(width: int, rows: int) -> None:
    room = Frame(width, rows).room
    chart = chart_of(*[(1, 2, 3)] * room, span=(0, 2 * TEN))
    painted = lines(chart, Marks(0, range(3), range(2)), width=width, rows=rows)
    assert all(len(line) <= width + 1 for line in painted)


def test_times_are_told_as_exactly_as_they_are() -> None:
    assert range_words(TEN, TEN + 900_000, UTC) == "10:00–10:15"
    assert range_words(TEN, TEN + 2_000, UTC, ascii_only=True) == "10:00:00-10:00:02"
    assert range_words(TEN + 5, TEN + 2_000, UTC) == "10:00:00.005–10:00:02.000"
    assert range_words(TEN, TEN + 3 * 86_400_000, UTC) == "11-22 10:00–11-25 10:00"
    assert [width_words(ms) for ms in (500, 15_000, 60_000, 90_000, 7_200_000)] == [
        "500 ms",
        "15 s",
        "1 min",
        "90 s",
        "2 h",
    ]


def test_a_load_covers_the_window_from_the_end_that_it_began_at() -> None:
    reading = Progress((GroupProgress("a", reached=70), GroupProgress("b", reached=40)))
    assert covered_of(reading, (0, 100), newest_first=True) == (70, 100)
    assert covered_of(reading, (0, 100), newest_first=False) == (0, 40)
    assert covered_of(Progress((GroupProgress("a"),)), (0, 100), newest_first=True) == (100, 100)
    assert covered_of(Progress((GroupProgress("a", done=True),)), (0, 100), newest_first=True) == (0, 100)


# ---------------------------------------------------------------------- choosing


def test_a_choice_is_led_in_both_directions_and_stops_at_the_ends() -> None:
    choice = BarChoice()
    choice.chart, choice.cursor = chart_of(*[(0, 0, 1)] * 10), TEN + 55_000
    choice.begin()
    assert choice.bars == range(5, 6)
    choice.step(1, extend=True)
    choice.step(1, extend=True)
    assert choice.bars == range(5, 8)
    assert choice.stretch == (TEN + 50_000, TEN + 80_000)
    for _ in range(9):
        choice.step(-1, extend=True)
    assert choice.bars == range(0, 6)
    choice.step(1, extend=False)
    assert choice.bars == range(1, 2)


def test_a_choice_outlives_other_bars() -> None:
    choice = BarChoice()
    choice.chart = chart_of(*[(0, 0, 1)] * 10)
    choice.choose(6)
    choice.chart = chart_of(*[(0, 0, 1)] * 5, width_ms=20_000)
    assert choice.bars == range(3, 4)


def test_errors_are_found_in_both_directions() -> None:
    choice = BarChoice()
    choice.chart = chart_of((1, 0, 0), (0, 0, 1), (0, 0, 1), (3, 0, 0))
    choice.choose(1)
    assert choice.step_error(1)
    assert choice.bars == range(3, 4)
    assert not choice.step_error(1)
    assert choice.step_error(-1)
    assert choice.bars == range(0, 1)


def test_a_closer_look_goes_on_at_its_edge() -> None:
    choice = BarChoice()
    choice.chart = chart_of(*[(0, 0, 1)] * 8)
    choice.choose(7)
    assert choice.zoom_in()
    assert choice.lenses == [(TEN + 40_000, TEN + 80_000)]
    choice.chart = chart_of(
        *[(0, 0, 1)] * 4, within=(TEN, TEN + 90_000), shown=(TEN, TEN + 40_000), span=(TEN, TEN + 90_000)
    )
    choice.lenses = [(TEN, TEN + 40_000)]
    choice.choose(3)
    assert choice.step(1, extend=False)
    assert choice.lenses == [(TEN + 20_000, TEN + 60_000)]
    choice.choose(0)
    choice.lenses = [(TEN, TEN + 40_000)]
    assert not choice.step(-1, extend=False)


def test_there_is_a_closest_look() -> None:
    choice = BarChoice()
    choice.chart = chart_of(*[(0, 0, 1)] * 4, width_ms=1)
    choice.choose(1)
    assert not choice.zoom_in()


# ---------------------------------------------------------------------- keys and mouse


async def counted(app: EventsApp, pilot: Pilot[int]) -> HistogramBar:
    await loaded(app, pilot)
    await until(pilot, lambda: "bar " in screen_text(app) and "LIVE" in screen_text(app))
    return app.view.query_one(HistogramBar)


def shown(app: EventsApp) -> int:
    return len(app.view.event_list.view)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_enter_narrows_to_the_chosen_bars_and_a_key_takes_it_back(size: tuple[int, int]) -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=size) as pilot:
        await counted(app, pilot)
        await pilot.press("i")
        assert app.view.pane() == "histogram"
        await pilot.press("left", "left", "shift+left", "enter")
        await until(pilot, lambda: 0 < shown(app) < 300)
        stretch = range_in(app.view.filters)
        assert stretch is not None
        assert all(stretch[0] <= time < stretch[1] for time in app.view.event_list.view.times)
        assert shown(app) == sum(stretch[0] <= NOW - 1_000 * at < stretch[1] for at in range(1, 301))
        assert app.view.event_list.has_focus
        await until(pilot, lambda: "[time 10:1" in screen_text(app) and "›" in screen_text(app))
        await pilot.press("[")
        await until(pilot, lambda: shown(app) == 300)
        await pilot.press("]")
        await until(pilot, lambda: range_in(app.view.filters) == stretch)


async def test_a_range_is_a_chip_like_any_other() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        await counted(app, pilot)
        await pilot.press("i", "left", "left", "enter")
        await until(pilot, lambda: "[time " in screen_text(app))
        line = screen_text(app).splitlines()[1]
        await pilot.click(offset=(line.index("×"), 1))
        await until(pilot, lambda: shown(app) == 300)
        assert range_in(app.view.filters) is None


async def test_looking_closer_hides_nothing_and_lasts_while_the_histogram_is_looked_at() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        bar = await counted(app, pilot)
        assert "bar 15 s" in screen_text(app)
        await pilot.press("i", "z", "z")
        await until(pilot, lambda: "bar 15 s" not in screen_text(app) and "‹" in screen_text(app))
        assert shown(app) == 300
        await pilot.press("Z")
        assert bar.lens is not None
        await pilot.press("escape")
        assert app.view.event_list.has_focus
        await until(pilot, lambda: "bar 15 s" in screen_text(app))
        assert bar.lens is None


async def test_from_farthest_the_range_goes_as_well() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await counted(app, pilot)
        await pilot.press("i", "left", "enter")
        await until(pilot, lambda: shown(app) < 300)
        await pilot.press("i", "Z")
        await until(pilot, lambda: shown(app) == 300)
        await pilot.press("Z")
        await until(pilot, lambda: "This is the whole window" in screen_text(app))


async def test_a_click_goes_there_and_a_double_click_narrows() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        bar = await counted(app, pilot)
        await pilot.click(bar, offset=(7 + 50, 1))
        await until(pilot, lambda: app.view.event_list.cursor < 299)
        assert (app.view.event_list.timestamp or 0) == TEN + 50 * 15_000
        assert bar.has_focus
        await pilot.click(bar, offset=(7 + 50, 1), times=2)
        await until(pilot, lambda: range_in(app.view.filters) == (TEN + 750_000, TEN + 765_000))


async def test_a_drag_narrows_to_what_it_swept_over() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        bar = await counted(app, pilot)
        await pilot.mouse_down(bar, offset=(7 + 53, 1))
        await pilot.hover(bar, offset=(7 + 51, 1))
        await pilot.hover(bar, offset=(7 + 49, 0))
        await pilot.mouse_up(bar, offset=(7 + 49, 0))
        await until(pilot, lambda: range_in(app.view.filters) == (TEN + 49 * 15_000, TEN + 54 * 15_000))
        assert app.view.event_list.has_focus


async def test_a_count_of_the_legend_is_a_level_floor() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        bar = await counted(app, pilot)
        line = screen_text(app).splitlines()[bar.region.y + 1]
        await pilot.click(offset=(line.index("ERR") + 4, bar.region.y + 1))
        await until(pilot, lambda: shown(app) == 30)
        line = screen_text(app).splitlines()[bar.region.y + 1]
        await pilot.click(offset=(line.index("other"), bar.region.y + 1))
        await until(pilot, lambda: shown(app) == 300)


async def test_errors_in_the_histogram_are_a_key_apart_and_space_goes_to_them() -> None:
    rows = [event(number, "ERROR x" if number in (200, 500) else "INFO y") for number in range(1, 800, 3)]
    rows += [event(number, "ERROR x") for number in (200, 500)]
    app = EventsApp(ScriptedReader(rows))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await counted(app, pilot)
        await pilot.press("i", "E", "E", "space")
        await until(pilot, lambda: app.view.event_list.has_focus)
        await until(pilot, lambda: 495_000 < NOW - (app.view.event_list.timestamp or 0) <= 515_000)
        await pilot.press("i", "E")
        await until(pilot, lambda: "No errors further left" in screen_text(app))


async def test_the_histogram_is_hidden_and_comes_back_by_a_key() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        bar = await counted(app, pilot)
        await pilot.press("i", "I")
        assert not bar.display
        assert app.view.event_list.has_focus
        await pilot.press("i")
        assert bar.display
        assert bar.has_focus


async def test_a_small_terminal_says_why_there_is_none() -> None:
    app = EventsApp(ScriptedReader(many(30)))
    async with app.run_test(size=(80, 14), notifications=True) as pilot:
        await loaded(app, pilot)
        await pilot.press("i")
        await until(pilot, lambda: "needs a terminal of 16 rows" in screen_text(app))
        assert app.view.event_list.has_focus


async def test_another_window_takes_the_range_off() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        await counted(app, pilot)
        await pilot.press("i", "left", "left", "enter")
        await until(pilot, lambda: shown(app) < 300)
        await pilot.press("2")
        await until(pilot, lambda: shown(app) == 60)
        assert range_in(app.view.filters) is None


async def test_reloading_keeps_the_range() -> None:
    app = EventsApp(ScriptedReader(many(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        await counted(app, pilot)
        await pilot.press("i", "left", "left", "enter")
        await until(pilot, lambda: shown(app) < 300)
        before = app.view.investigation.revision
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.view.investigation.revision > before and shown(app) > 0)
        assert range_in(app.view.filters) is not None


async def test_while_a_load_goes_on_what_is_not_there_yet_is_dots() -> None:
    reader = ScriptedReader(many(300))
    reader.gate.clear()
    app = EventsApp(reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "·········" in screen_text(app))
        reader.gate.set()
        await counted(app, pilot)
        await until(pilot, lambda: "·········" not in screen_text(app))


async def test_gaps_and_bursts_are_a_key_apart() -> None:
    rows = [event(second, "INFO y") for second in range(400, 800)]
    rows += [event(second, "INFO y") for second in range(1, 200)]
    rows += [event(100 + number / 1_000, "INFO burst") for number in range(500)]
    app = EventsApp(ScriptedReader(rows))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await loaded(app, pilot)
        await pilot.press("{")
        await until(pilot, lambda: "A burst: 5" in screen_text(app))
        assert 100_000 <= NOW - (app.view.event_list.timestamp or 0) <= 110_000
        await pilot.press("{")
        await until(pilot, lambda: "Nothing for 3m 21s before" in screen_text(app))
        assert NOW - (app.view.event_list.timestamp or 0) == 199_000
        await pilot.press("{")
        await until(pilot, lambda: "No gap and no burst further up" in screen_text(app))
        await pilot.press("}")
        await until(pilot, lambda: NOW - (app.view.event_list.timestamp or 0) < 111_000)


async def test_an_ascii_terminal_gets_ascii_with_marks() -> None:
    app = EventsApp(ScriptedReader(many(300)), settings=Settings(ascii_only=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await counted(app, pilot)
        await pilot.press("i", "left", "shift+left", "enter")
        await until(pilot, lambda: "[time 10:1" in screen_text(app))
        top = screen_text(app).splitlines()[1:5]
        assert all(line.isascii() for line in top), top


def test_one_row_never_cuts_the_peak() -> None:
    for width_ms in (10_000, 1_800_000):
        (line,) = lines(chart_of((0, 0, 123_456), width_ms=width_ms), rows=1)
        assert line.rstrip().endswith("peak 123,456")


async def test_a_window_without_events_leaves_no_bars_of_the_one_before(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("2026-11-22T10:00:00Z one\n2026-11-22T10:00:09Z two\n")
    app = CwtuiApp(Services(Settings(from_paths=(str(log),))), Start(everything=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "bar " in screen_text(app) and "two" in screen_text(app))
        await pilot.press(":", *"pattern nowhere", "enter")
        await until(pilot, lambda: "Only what matches nowhere" in screen_text(app))
        await until(pilot, lambda: "peak" not in screen_text(app) and "bar " not in screen_text(app))
