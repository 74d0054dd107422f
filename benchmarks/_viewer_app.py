"""The programs that `viewer.py` measures through a pty: cwtui's own events view, a bare list, a bare app.

    python _viewer_app.py events COUNT RATE     the real EventsScreen over an in-process reader
    python _viewer_app.py bare COUNT            a Line API list of the same text, and nothing else
    python _viewer_app.py label                 a Textual app with a header, a footer and one label

A byte on the file descriptor named by CWTUI_BENCH_READY says that everything is loaded.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from array import array
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

GROUP = "/bench/orders"
PAGE = 10_000
SPAN_MS = 900_000
WORDS = ("cache", "orders", "payment", "cart", "search", "session", "upload", "invoice")
LEVELS = ("INFO", "INFO", "INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR")


DISTINCT = 50_000
"""Texts made beforehand: making them must not cost the measured loop its time."""


def message(number: int) -> str:
    """About 110 bytes."""
    word, level = WORDS[number % 8], LEVELS[number * 7 % 8]
    return (
        f"{level} {word}.handler request {number:08x} finished in {number * 37 % 900} ms "
        f"status={200 + number % 5} user={number * 7919 % 100_000:05d} region=eu-west-1"
    )


def tell_ready() -> None:
    if named := os.environ.get("CWTUI_BENCH_READY"):
        os.write(int(named), b"r")


def events(count: int, rate: int) -> None:
    """cwtui with `count` events in the window and `rate` more a second."""
    import numpy as np

    from cwtui.core.models import (
        Context,
        EventBatch,
        EventsPage,
        EventsRequest,
        GroupPage,
        LiveRequest,
        LiveUpdate,
        LogGroup,
        StreamPage,
        StreamRequest,
        StreamsRequest,
    )
    from cwtui.settings import Settings
    from cwtui.ui.app import CwtuiApp
    from cwtui.wiring import Services, Start, system_clock

    end = system_clock()
    start = end - SPAN_MS

    texts = [message(number) for number in range(DISTINCT)]
    streams = [f"task/orders/{number % 20 * 0x1F3A5B7D % 2**32:08x}" for number in range(PAGE)]

    def times_of(low: int, high: int) -> array[int]:
        numbers = np.arange(low, high, dtype=np.int64)
        loaded = start + numbers * SPAN_MS // count
        fresh = end + (numbers - count) * 1000 // max(rate, 1)
        return array("q", np.where(numbers < count, loaded, fresh).tobytes())

    def texts_of(low: int, high: int) -> list[str]:
        first = low % DISTINCT
        return [*texts[first : first + high - low], *texts[: max(0, first + high - low - DISTINCT)]]

    class Reader:
        context = Context("bench", region="eu-west-1", offline=True)
        notes: Sequence[str] = ()

        async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
            return GroupPage([LogGroup(GROUP)], None)

        async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
            return StreamPage([], None)

        async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
            await asyncio.sleep(0)
            there = count + ((system_clock() - end) * rate // 1000 if rate else 0)
            first = 0
            if request.window.start >= end:
                first = count + (request.window.start - end) * rate // 1000
            elif request.window.start > start:
                first = (request.window.start - start) * count // SPAN_MS
            number = int(token) if token else (there if request.newest_first else first)
            if request.newest_first:
                low, high = max(first, number - PAGE), number
                following = str(low) if low > first else None
            else:
                low, high = number, min(number + PAGE, there)
                following = str(high) if high < there else None
            times = times_of(low, high)
            batch = EventBatch(
                "111122223333",
                "eu-west-1",
                GROUP,
                times,
                times,
                streams[: high - low],
                texts_of(low, high),
                list(map(str, range(low, high))),
            )
            return EventsPage(batch, following)

        async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
            raise NotImplementedError

        async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
            return
            yield

        async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
            return (start, end)

        async def aclose(self) -> None:
            pass

    class BenchServices(Services):
        @property
        def reader(self) -> Any:
            return READER

        @property
        def chat(self) -> None:
            return None

    class BenchApp(CwtuiApp):
        def on_mount(self) -> None:
            super().on_mount()
            self._waiting = self.set_interval(0.1, self._look)

        def _look(self) -> None:
            screen = self.front
            if getattr(screen, "ready", False) and screen.load_state.kind.value == "loaded":  # type: ignore[attr-defined]
                self._waiting.stop()
                tell_ready()

    # As `cwtui.__main__` does: the app leaves what is there out of collections, and switches them on again.
    gc.disable()
    READER = Reader()
    app = BenchApp(BenchServices(Settings()), Start(groups=(GROUP,)))
    app.run()
    if app.crash is not None:
        raise app.crash


def bare(count: int) -> None:
    """The least that Textual's Line API needs to show the same text with a cursor."""
    from rich.segment import Segment
    from rich.style import Style
    from textual.app import App, ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Size
    from textual.scroll_view import ScrollView
    from textual.strip import Strip

    texts = [message(number) for number in range(DISTINCT)]
    lines = [texts[number % DISTINCT] for number in range(count)]

    class BareList(ScrollView, can_focus=True):
        BINDINGS: ClassVar[list[BindingType]] = [
            ("k", "move(-1)", ""),
            ("j", "move(1)", ""),
            ("pagedown", "page", ""),
            ("home", "to(0)", ""),
            ("end", f"to({count - 1})", ""),
        ]
        DEFAULT_CSS = "BareList { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"
        cursor = count - 1

        def on_mount(self) -> None:
            self.virtual_size = Size(10, count)
            self.call_after_refresh(self.action_to, count - 1)

        def render_line(self, y: int) -> Strip:
            position = self.scroll_offset.y + y
            style = Style(reverse=position == self.cursor)
            text = lines[position] if position < count else ""
            return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

        def action_move(self, step: int) -> None:
            self.action_to(self.cursor + step)

        def action_page(self) -> None:
            self.scroll_to(y=self.scroll_offset.y + self.size.height, animate=False)
            self.action_to(self.cursor + self.size.height)

        def action_to(self, position: int) -> None:
            old, self.cursor = self.cursor, max(0, min(position, count - 1))
            top, height = self.scroll_offset.y, self.size.height
            if not top <= self.cursor < top + height:
                target = self.cursor if self.cursor < top else self.cursor - height + 1
                self.scroll_to(y=target, animate=False)
            else:
                self.refresh_line(old)
                self.refresh_line(self.cursor)

    class BareApp(App[None]):
        def compose(self) -> ComposeResult:
            yield BareList()

        def on_mount(self) -> None:
            self.query_one(BareList).focus()
            self.set_timer(0.3, tell_ready)

    BareApp().run()


def label() -> None:
    """What any Textual app costs before its first frame."""
    from textual.app import App, ComposeResult
    from textual.widgets import Footer, Header, Label

    class LabelApp(App[None]):
        def compose(self) -> ComposeResult:
            yield Header()
            yield Label("one-label")
            yield Footer()

    LabelApp().run()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["events", count, rate]:
            events(int(count), int(rate))
        case ["bare", count]:
            bare(int(count))
        case ["label"]:
            label()
        case _:
            sys.exit(__doc__)
