"""The command palette: every key of the screen, every `:` command, every theme, each with its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from cwtui.core.keymap import PANES, show_keys, with_keymap
from cwtui.core.text import printable
from cwtui.ui.commands import COMMANDS
from cwtui.ui.narrowing import narrow
from cwtui.ui.screens.base import CwtuiScreen

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette."""

    title: str
    hint: str
    """Its key or how it is written on the command line."""
    help: str
    run: Callable[[], object]


class CwtuiProvider(Provider):
    """Finds entries by what is typed. Never given to a markup parser: all is Content."""

    async def discover(self) -> Hits:
        for entry in self._entries():
            yield DiscoveryHit(_line(entry, ()), entry.run, text=entry.title, help=entry.help)

    async def search(self, query: str) -> Hits:
        entries = list(self._entries())
        found = narrow([f"{entry.title} {entry.help}" for entry in entries], query)
        for rank, (place, offsets) in enumerate(found):
            entry = entries[place]
            title_offsets = tuple(offset for offset in offsets if offset < len(entry.title))
            yield Hit(
                1 - rank / (len(found) + 1),
                _line(entry, title_offsets),
                entry.run,
                text=entry.title,
                help=entry.help,
            )

    def _entries(self) -> Iterator[Entry]:
        """What this screen's own panes can do comes first, moving about comes last."""
        app = cast("CwtuiApp", self.app)
        panes = self.screen.KEY_PANES if isinstance(self.screen, CwtuiScreen) else ()
        own = [pane for pane in panes if pane not in ("global", "motion", "text")]
        table = with_keymap(app.services.settings.keymap)

        def keys_of(*wanted: str) -> Iterator[Entry]:
            for row in table:
                if row.pane in wanted:
                    run = partial(app.run_binding, row.id, self.focused)
                    yield Entry(f"{PANES[row.pane]}: {row.label}", show_keys(row.keys), row.help, run)

        yield from keys_of(*own)
        for spec in COMMANDS:
            run = partial(app.ask_command, f"{spec.name} ") if spec.argument else partial(app.do, spec.name)
            yield Entry(f"Command: {spec.name}", spec.usage, spec.help, run)
        for name in app.theme_names:
            change = partial(app.choose_theme, name)
            yield Entry(f"Theme: {printable(name)}", "", "Change the colours.", change)
        yield from keys_of("global", *(pane for pane in panes if pane in ("motion", "text")))


def _line(entry: Entry, offsets: tuple[int, ...]) -> Content:
    title = Content(entry.title)
    for offset in offsets:
        title = title.stylize("bold $match1", offset, offset + 1)
    return Content.assemble(title, "  ", (entry.hint, "$muted"))
