"""Going to another context or region in place: asks first, and leaves nothing of the old one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual._context import active_message_pump
from textual.widget import Widget

from cwtui.access.contexts import Contexts
from cwtui.access.destinations import Destination, destinations, named, settings_of
from cwtui.access.regions import known_regions, nearest_region
from cwtui.core.errors import CwtuiError, InputError
from cwtui.settings import Settings
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp


class Switching:
    """The app's way from one context to another."""

    def __init__(self, app: CwtuiApp) -> None:
        self._app = app
        self._start = app.services.settings
        """What cwtui was started with: files can be gone back to."""
        self._places: Sequence[Destination] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------------ the command line

    def commands(self) -> Mapping[str, Callable[[str], None]]:
        return {"context": self._context_written, "region": self._region_written}

    def completions(self) -> Mapping[str, Callable[[], Sequence[str]]]:
        return {
            "context": lambda: [place.name for place in self._known()],
            "region": lambda: list(known_regions()),
        }

    def _context_written(self, name: str) -> None:
        if not name:
            self.pick_context()
            return
        place = named(name, self._start)
        self._ask_then_go(settings_of(place, self._app.services.settings, self._start))

    def _region_written(self, region: str) -> None:
        if not region:
            self.pick_region()
            return
        self._ask_then_go(self._in_region(region))

    # ------------------------------------------------------------------ lists to choose from

    def pick_context(self) -> None:
        """Shows the contexts to choose from."""
        self._app.run_worker(self._pick_context(), group="contexts", exclusive=True, exit_on_error=False)

    async def _pick_context(self) -> None:
        from cwtui.ui.screens.contexts import TypeToChoose, context_rows

        note = ""
        try:
            places = await asyncio.to_thread(destinations, self._start)
        except InputError as error:
            # A file that is wrong costs its contexts; the profiles are there all the same.
            note = f"{error.message} {error.hint}".strip()
            places = await asyncio.to_thread(destinations, self._start, contexts=Contexts())
        self._places = places
        services = self._app.services
        current = services.context.name
        rows = context_rows(places, current, services.clock(), ascii_only=services.settings.ascii_only)
        # The one before this is what one most often goes back to.
        others = [place for place, item in enumerate(places) if item.name != current]
        chosen = others[0] if others else 0

        def take(number: int | None) -> None:
            if number is not None:
                self._try(lambda: settings_of(places[number], self._app.services.settings, self._start))

        self._app.push_screen(TypeToChoose("Go to a context", rows, chosen=chosen, note=note), take)

    def pick_region(self) -> None:
        """Shows the regions to choose from. Raises InputError where recordings are read."""
        from cwtui.ui.screens.contexts import TypeToChoose, region_rows

        self._refuse_offline()
        regions, current = dict(known_regions()), self._app.services.context.region
        names = list(regions)
        chosen = names.index(current) if current in regions else 0

        def take(number: int | None) -> None:
            if number is not None:
                self._try(lambda: self._in_region(names[number]))

        rows = region_rows(regions, current)
        self._app.push_screen(TypeToChoose("Read another region", rows, chosen=chosen), take)

    def _known(self) -> Sequence[Destination]:
        if self._places is None:
            try:
                self._places = destinations(self._start)
            except InputError:
                self._places = destinations(self._start, contexts=Contexts())
        return self._places

    # ------------------------------------------------------------------ going there

    def _in_region(self, region: str) -> Settings:
        """The settings of the same context in a region. Raises InputError for one that is not there."""
        self._refuse_offline()
        settings, regions = self._app.services.settings, known_regions()
        if regions and region not in regions:
            near = nearest_region(region)
            raise InputError(
                f"'{region}' is not an AWS region.",
                f"Did you mean '{near}'?" if near else "Tab lists them.",
                code="region",
            )
        if settings.members:
            return settings_of(named(settings.context, self._start), settings, self._start, region)
        return replace(settings, region=region)

    def _refuse_offline(self) -> None:
        if self._app.services.offline:
            raise InputError(
                "A recording has no other region.", "Go to a context first: :context", code="region"
            )

    def _try(self, find: Callable[[], Settings]) -> None:
        try:
            settings = find()
        except CwtuiError as error:
            self._app.show_error(error)
        else:
            self._ask_then_go(settings)

    def _ask_then_go(self, settings: Settings) -> None:
        running = self._app.under_way()
        if not running:
            # What asked for it, such as the command line, ends first.
            self._app.call_later(self.go, settings)
            return
        from cwtui.ui.screens.confirm import ConfirmScreen

        asking = ConfirmScreen("\n".join(running), yes="go all the same: it is stopped", no="stay")
        self._app.push_screen(asking, lambda yes: self.go(settings) if yes else None)

    def go(self, settings: Settings) -> None:
        """Goes there: from here on nothing of the context before is shown, said or loaded."""
        before = self._app.services
        gone = self._app.enter(Services(settings, before.clock))
        closing = asyncio.create_task(_close(before, gone))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def closed(self) -> None:
        """Waits until what was left is closed."""
        await asyncio.gather(*self._closing, return_exceptions=True)


async def _close(services: Services, gone: Awaitable[None]) -> None:
    # The screens end their workers, and with them the calls that use the connections.
    await gone
    await services.aclose()


def speaks_of_the_past(current: Services) -> bool:
    """Whether what runs now belongs to a screen of other services than those: of a context that was left."""
    speaker = active_message_pump.get(None)
    screen = speaker.screen if isinstance(speaker, Widget) and speaker.is_attached else speaker
    return getattr(screen, "services", current) is not current
