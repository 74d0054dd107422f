"""The terminal face: holds the screens, carries requests between them, and ends well.

It imports nothing heavy, so that the first frame is on the screen before DuckDB, NumPy and AWS's
libraries load: those are warmed in a thread once something can be seen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.filter import Monochrome, NoColor
from textual.screen import Screen
from textual.widget import Widget

from cwtui.core.aliases import group_named, groups_named
from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.keymap import PANES, TABLE, keymap_warnings
from cwtui.core.text import printable_block
from cwtui.ui import themes
from cwtui.ui.colours import colour_warning
from cwtui.ui.command_line import CommandLine
from cwtui.ui.keys import bindings_for
from cwtui.ui.leaving import run_until_told
from cwtui.ui.messages import OpenStreams
from cwtui.ui.models import Models
from cwtui.ui.no_color import WithoutColor
from cwtui.ui.opening import OpeningApp
from cwtui.ui.screens.base import MayRun
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.signing_in import SigningIn
from cwtui.ui.standing import Standing
from cwtui.ui.switching import Switching
from cwtui.ui.typed_ahead import TypedAhead
from cwtui.ui.widgets.prompt import Prompt
from cwtui.wiring import Services, Start

_QUIT_WITHIN_S = 2.0


def _palette_provider() -> type[Provider]:
    from cwtui.ui.palette import CwtuiProvider

    return CwtuiProvider


def _binds(node: DOMNode, binding_id: str) -> bool:
    """Whether a node's own class, or one it is made from, binds the id."""
    return any(
        getattr(binding, "id", None) == binding_id
        for kind in type(node).__mro__
        for binding in kind.__dict__.get("BINDINGS", ())
    )


class CwtuiApp(OpeningApp, inherit_bindings=False):
    """cwtui on a terminal."""

    TITLE = "cwtui"
    CSS_PATH = Path(__file__).with_name("cwtui.tcss")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("global")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette_provider}
    # A mode is Textual's word for a stack of screens: each context has its own, which goes as a whole.
    DEFAULT_MODE = "context-0"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it on the instance too
        (0, "-narrow"),
        (60, "-slim"),
        (80, "-normal"),
        (110, "-broad"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (16, "-short"),
        (28, "-medium"),
        (36, "-tall"),
    ]

    def __init__(self, services: Services, start: Start | None = None) -> None:
        super().__init__(services, start or Start())
        self._mode_number = 0
        self.add_mode(self.DEFAULT_MODE, self._first_screen)
        self.signing_in = SigningIn(self, services)
        services.ask_mfa = self.signing_in.ask_mfa
        self.switching = Switching(self)
        self._standing = Standing(self)
        if self.no_color:
            # Textual's own answer to NO_COLOR is greys.
            self._filters[:] = [
                WithoutColor() if isinstance(each, Monochrome | NoColor) else each for each in self._filters
            ]
        self._typed_ahead = TypedAhead(self, super().on_event)
        self._command_line = CommandLine(
            self,
            {
                "groups": lambda _: self._to_groups(),
                "streams": self._command_streams,
                "tail": self._command_tail,
                "theme": self.choose_theme,
                "doctor": self._command_doctor,
                "model": lambda name: self.models.written(name),
                "keys": lambda _: self._help(tuple(PANES)),
                "help": lambda _: self.action_help(),
                "quit": lambda _: self.action_leave(),
                "error": lambda _: self.failures.open(),
                "errors": lambda _: self.failures.choose(),
                **self.switching.commands(),
            },
        )
        self.models = Models(self)
        self._interrupted = 0.0
        self._own_themes: set[str] = set()
        self._theme_warnings = self._register_themes()

    # ------------------------------------------------------------------ beginning and ending

    def _first_screen(self) -> Screen[None]:
        """The list of groups lies under everything: there is nothing to switch to before it shows."""
        return GroupsScreen(self.services, covered=bool(self._start.groups or self._start.everything))

    def on_mount(self) -> None:
        settings = self.services.settings
        keymap = {row.id: settings.keymap[row.id] for row in TABLE if settings.keymap.get(row.id)}
        if keymap:
            self.set_keymap(keymap)
        warnings = [*settings.warnings, *keymap_warnings(settings.keymap), *self._theme_warnings]
        warnings += filter(None, [colour_warning(settings.colour)])
        if warnings:
            self.say("\n".join(warnings), severity="warning")
        if self._start.groups:
            self.push_events(self._start.groups, start=self._start)
        elif self._start.everything:
            self._open_everything()
        self.call_after_refresh(self._warm)
        self._standing.begin()

    @work(group="warm", thread=True, exit_on_error=False)
    def _warm(self) -> None:
        try:
            # What fails here fails again, and is told, where it is used.
            import cwtui.ui.screens.events  # noqa: F401

            self.services.warm()
        finally:
            self.settle()

    async def on_unmount(self) -> None:
        await self.services.aclose()
        await self.switching.closed()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(themes.LOG_COLORS)

    def _register_themes(self) -> list[str]:
        files, refused = themes.read_themes()
        for file in files:
            try:
                self.register_theme(themes.make_theme(file))
                self._own_themes.add(file.name)
            except InputError as error:
                refused.append(error.message)
        wanted = self.services.settings.theme
        if wanted not in self.available_themes:
            refused.append(f"There is no theme '{wanted}'; :theme and Tab list them.")
            wanted = themes.DEFAULT_THEME
        if wanted in self.available_themes:
            self.theme = wanted
        return refused

    # ------------------------------------------------------------------ another context

    def enter(self, services: Services) -> AwaitComplete:
        """Puts other services in the place of those that are there, which the caller closes.

        Every screen goes, and with it what it has under way; gives what is done once they are gone. The
        change is over before anything else can run, so that nothing is half of the one, half of the other.
        """
        self._coming_back.keep()
        self._coming_back.forget()
        self.workers.cancel_group(self, "everything")
        self.signing_in.retire()
        self.services = services
        self.signing_in = SigningIn(self, services)
        services.ask_mfa = self.signing_in.ask_mfa
        before, self._mode_number = self.current_mode, self._mode_number + 1
        mode = f"context-{self._mode_number}"
        self.add_mode(mode, partial(GroupsScreen, services))
        self.switch_mode(mode)
        gone = self.remove_mode(before)
        self.hush()
        if warning := colour_warning(services.settings.colour):
            self.say(warning, severity="warning")
        self._unsettle_soon()
        return gone

    def under_way(self) -> list[str]:
        """What leaving here would cut off, a sentence each."""
        return [
            text for screen in self.screen_stack if isinstance(screen, MayRun) and (text := screen.running())
        ]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not event.is_forwarded:
            # Whatever has the focus draws it: the palette's field and Textual's own inputs as they got it.
            event = events.Paste(printable_block(event.text))
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._typed_ahead.take(event)
        else:
            await super().on_event(event)

    # ------------------------------------------------------------------ keys

    def back(self) -> None:
        """One level back; at the first screen, leave."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.action_leave()

    async def action_back(self) -> None:
        if not self.front.close_pane():
            self.back()

    def action_escape(self) -> None:
        if not self.front.escape() and len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_refresh(self) -> None:
        # What ended stays ended until somebody asks for another try: this is one.
        await self.services.renew_if_refused()
        try:
            if told := await self.services.look_again():
                self.say(told)
        except CwtuiError as error:
            self.show_error(error)
            return
        self.front.reload()

    def action_error(self) -> None:
        self.failures.open()

    def action_help(self) -> None:
        self._help(self.front.help_panes())

    def _help(self, panes: Sequence[str]) -> None:
        from cwtui.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(panes, self.services.settings.keymap))

    def action_leave(self) -> None:
        running = self.under_way()
        if not running or self.screen.id == "quitting":
            self.exit(0)
            return
        from cwtui.ui.screens.confirm import ConfirmScreen

        asking = ConfirmScreen("\n".join(running), yes="quit all the same", no="stay", id="quitting")
        self.push_screen(asking, lambda leave: self.exit(0) if leave else None)

    def action_contexts(self) -> None:
        self.switching.pick_context()

    async def action_quit(self) -> None:
        """Textual's own name for leaving, which its palette uses."""
        self.action_leave()

    def action_interrupt(self) -> None:
        """ctrl+c: copies what the mouse selected; else twice within two seconds quits, whatever runs."""
        if selected := self.screen.get_selected_text():
            self.copy("the selection", selected)
            self.screen.clear_selection()
            return
        if self.services.stop_reading():
            self.say("Reading was stopped; what was read stays.")
            return
        now = time.monotonic()
        if now - self._interrupted < _QUIT_WITHIN_S:
            self.exit(0)
            return
        self._interrupted = now
        self.say("Press ctrl+c once more to quit.")

    async def action_run_binding(self, binding_id: str) -> None:
        await self.run_binding(binding_id)

    async def run_binding(self, binding_id: str, focused: Widget | None = None) -> None:
        """Does what a row of the table of keys does, wherever its action lives."""
        row = next(row for row in TABLE if row.id == binding_id)
        name = row.verb.partition("(")[0]
        for node in self._near_to_far(focused):
            if hasattr(node, f"action_{name}") and _binds(node, binding_id):
                await self.run_action(row.verb, node)
                return
        self.say(f"{PANES[row.pane]}: not open here.", severity="warning")

    def _near_to_far(self, focused: Widget | None) -> list[DOMNode]:
        start = focused or self.front.focused or self.front
        near = [node for node in start.ancestors_with_self if isinstance(node, Widget)]
        return [*near, *self.front.query("*"), self.front, self]

    # ------------------------------------------------------------------ the command line

    async def action_command(self) -> None:
        await self.ask_command("")

    async def ask_command(self, text: str) -> None:
        """Opens the command line, with something written already."""
        await self._command_line.ask(text)

    @on(Prompt.Changed)
    def _command_typed(self, message: Prompt.Changed) -> None:
        self._command_line.typed(message)

    @on(Prompt.Submitted)
    def _command_entered(self, message: Prompt.Submitted) -> None:
        self._command_line.entered(message)

    @on(Prompt.Cancelled)
    def _command_cancelled(self, message: Prompt.Cancelled) -> None:
        self._command_line.cancelled(message)

    def run_command(self, line: str) -> None:
        """Does what a command line says. Raises InputError where it is not understood, or not done here."""
        self._command_line.run(line)

    def do(self, line: str) -> None:
        """Does what a command line says; what cannot be done becomes a toast."""
        try:
            self.run_command(line)
        except CwtuiError as error:
            self.show_error(error)

    def _to_groups(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _command_doctor(self, group: str) -> None:
        from cwtui.ui.screens.doctor import DoctorScreen

        if isinstance(self.front, DoctorScreen):
            self.pop_screen()
        group = group_named(group, self.services.settings.aliases) if group else ""
        self.push_screen(DoctorScreen(self.services, group))

    def _command_streams(self, group: str) -> None:
        if not group:
            raise InputError("Which group?", "Write :streams GROUP; Tab completes.", code="command")
        self._open_streams(OpenStreams(group_named(group, self.services.settings.aliases)))

    def _command_tail(self, groups: str) -> None:
        if not groups:
            raise InputError("Which group?", "Write :tail GROUP; Tab completes.", code="command")
        self.push_events(groups_named(groups.split(), self.services.settings.aliases))

    # ------------------------------------------------------------------ themes and size

    @property
    def theme_names(self) -> list[str]:
        """Our themes and the user's, not Textual's own."""
        return sorted(self._own_themes)

    def choose_theme(self, name: str) -> None:
        """Changes the theme for this run. Raises InputError for one that is not there."""
        if name not in self.available_themes:
            raise InputError(f"There is no theme '{name}'.", "Tab lists them.", code="theme")
        self.theme = name

    def on_resize(self, event: events.Resize) -> None:
        from cwtui.ui.screens.too_small import TooSmallScreen, is_too_small

        small = is_too_small(*event.size)
        if small and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())
        elif not small and isinstance(self.screen, TooSmallScreen):
            self.pop_screen()


def run(services: Services, start: Start) -> int:
    """Runs the TUI until it is left; its exit code.

    What nobody caught is raised once the terminal is its old self: the caller has one place for bugs.
    Raises KeyboardInterrupt where a signal ended it.
    """
    # Textual's own switch, read when the app is made; `color` has taken NO_COLOR into account.
    os.environ.pop("NO_COLOR", None)
    if services.settings.color == "never":
        os.environ["NO_COLOR"] = "1"
    app = CwtuiApp(services, start)
    code = run_until_told(app.run_async, app.exit)
    if app.crash is not None:
        raise app.crash
    return code if code is not None else app.return_code or 0
