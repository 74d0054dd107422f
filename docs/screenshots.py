"""Draws the README's pictures: the real app over the shipped recording, at a fixed moment.

`make screenshots` runs it. The same code draws the same bytes: the clock stands still, nothing is
animated, no file of the user's is read and no model is asked, so a changed picture is a changed screen.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from cwtui.ui.screens.events import EventsScreen

    Keys = Callable[[Pilot[int]], Awaitable[None]]

NOW = 1_795_343_400_000
"""2026-11-22T10:30Z: the recorded incident lies in the two hours before."""
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
HERE = Path(__file__).parent


class Scene(NamedTuple):
    """One picture: its file, the terminal's size, the theme, and the keys that lead to it."""

    name: str
    size: tuple[int, int]
    theme: str
    keys: Keys


async def groups(pilot: Pilot[int]) -> None:
    """The list of log groups, three of them marked."""
    await pilot.press("space", "down", "space", "down", "down", "space")


async def events(pilot: Pilot[int]) -> None:
    """The deployment that began it all, found by a search and opened."""
    screen = await _all_groups(pilot)
    await _type(pilot, ":goto 09:28")
    await _type(pilot, "/pool_size")
    await _until(pilot, lambda: screen.hits is not None and len(screen.hits) > 0)
    await pilot.press("enter")


async def summary(pilot: Pilot[int]) -> None:
    """What stands out in the errors, and the lines it rests on."""
    screen = await _all_groups(pilot)
    await _errors(pilot, screen)
    await _summarise(pilot)
    await pilot.press("down", "enter")


async def patterns(pilot: Pilot[int]) -> None:
    """What two hours of events say, the gravest first."""
    from cwtui.ui.screens.patterns import PatternsScreen

    await _all_groups(pilot)
    await pilot.press("P")
    await _until(pilot, lambda: isinstance(pilot.app.screen, PatternsScreen))
    screen = pilot.app.screen
    assert isinstance(screen, PatternsScreen)
    await _until(pilot, lambda: screen.whole)
    await pilot.press("j", "j", "j")


async def wide(pilot: Pilot[int]) -> None:
    """Everything at once, as a wide terminal has room for it."""
    from cwtui.ui.widgets.event_list import EventList

    await summary(pilot)
    pilot.app.screen.query_one(EventList).focus()
    await pilot.press("k", "d")


SCENES = (
    Scene("groups", (100, 20), "cwtui-dark", groups),
    Scene("events", (120, 38), "cwtui-dark", events),
    Scene("summary", (120, 38), "cwtui-dark", summary),
    Scene("patterns", (140, 38), "cwtui-dark", patterns),
    Scene("wide", (180, 48), "cwtui-dark", wide),
    Scene("light", (120, 38), "cwtui-light", events),
)


async def draw(scene: Scene) -> str:
    """The SVG of a scene."""
    from textual.widgets import Input

    from cwtui.settings import Settings
    from cwtui.ui.app import CwtuiApp
    from cwtui.wiring import Services

    settings = Settings(mock=True, theme=scene.theme, use_llm=False)
    app = CwtuiApp(Services(settings, clock=lambda: NOW))
    async with app.run_test(size=scene.size) as pilot:
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await _until(pilot, lambda: bool(app.groups_screen.group_names))
        await scene.keys(pilot)
        await _settled(pilot)
        return self_contained(app.export_screenshot(title="cwtui"))


def self_contained(svg: str) -> str:
    """The SVG as any reader draws it: fonts of its own machine, and cells that stay where they are.

    Some renderers drop the spaces at the ends of a text and stretch the rest, so a text is written word
    by word; and blocks are drawn as shapes, because a font leaves gaps between the rows of a histogram.
    """
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: (?:Fira Code|arial)[^;]*;", f"font-family: {FONTS};", svg)
    svg = re.sub(r"\s*font-variant-east-asian: full-width;", "", svg)
    svg = _TEXT.sub(lambda found: "".join(_cells(*found.groups())), svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


_TEXT = re.compile(
    r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+"([^>]*)>([^<]*)</text>'
)
_CELL, _LINE, _ASCENT = 12.2, 24.4, 18.5
"""Of Rich's SVG: the size of a cell, and how far its top is above the line on which the text stands."""
_BLOCKS = " ▁▂▃▄▅▆▇█"
_RUN = re.compile(r"([▁-█])\1*|[^\s▁-█]+(?: [^\s▁-█]+)*")


def _cells(style: str, x: str, y: str, rest: str, content: str) -> Iterator[str]:
    text = html.unescape(content).replace("\xa0", " ")
    for run in _RUN.finditer(text):
        left = round(float(x) + cell_len(text[: run.start()]) * _CELL, 1)
        width = round(cell_len(run.group()) * _CELL, 1)
        if run[1]:
            filled = _LINE * _BLOCKS.index(run[1]) / 8
            top = float(y) - _ASCENT + _LINE - filled
            size = f'width="{width}" height="{filled + 0.4:.2f}"'
            yield f'<rect class="{style}" x="{left}" y="{top:.2f}" {size}/>'
        else:
            written = html.escape(run.group()).replace(" ", "&#160;")
            yield f'<text class="{style}" x="{left}" y="{y}" textLength="{width}"{rest}>{written}</text>'


async def _all_groups(pilot: Pilot[int]) -> EventsScreen:
    from cwtui.ui.screens.events import EventsScreen

    await pilot.press("*", "right")
    await _until(pilot, lambda: isinstance(pilot.app.screen, EventsScreen))
    screen = pilot.app.screen
    assert isinstance(screen, EventsScreen)
    await _until(pilot, lambda: screen.follow_state.following and screen.load_state.kind.value == "loaded")
    await _settled(pilot)
    return screen


async def _errors(pilot: Pilot[int], screen: EventsScreen) -> None:
    whole = len(screen.investigation.view)
    await _type(pilot, ":level error")
    await _until(pilot, lambda: len(screen.investigation.view) < whole)


async def _summarise(pilot: Pilot[int]) -> None:
    from cwtui.ui.widgets.summary import DigestList

    await pilot.press("a")
    await _until(pilot, lambda: any(found.option_count for found in pilot.app.screen.query(DigestList)))


async def _type(pilot: Pilot[int], line: str) -> None:
    await pilot.press(*line)
    await pilot.pause(0.3)
    await pilot.press("enter")
    await pilot.pause(0.3)


async def _until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await pilot.pause(0.05)


async def _settled(pilot: Pilot[int]) -> None:
    """Waits until the screen has stayed the same for a while: counts and rows are read in threads."""
    before, same = "", 0
    async with asyncio.timeout(60):
        while same < 4:
            await pilot.pause(0.3)
            now = pilot.app.export_screenshot()
            before, same = now, same + 1 if now == before else 0


def main(names: list[str]) -> None:
    """Draws the scenes named, or all."""
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "CACHE", "STATE", "DATA"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(home) / kind.lower())
        os.environ.update(TEXTUAL_ANIMATIONS="none", TZ="UTC", COLORTERM="truecolor")
        os.environ.pop("NO_COLOR", None)
        for scene in SCENES:
            if not names or scene.name in names:
                path = HERE / f"{scene.name}.svg"
                path.write_text(asyncio.run(draw(scene)), encoding="utf-8")
                print(f"{path.name}  {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
