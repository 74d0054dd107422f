"""The terminal face: holds the screens, carries requests between them, and ends well.

It imports nothing heavy, so that the first frame is on the screen before DuckDB, NumPy and AWS's
libraries load: those are warmed in a thread once something can be seen.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events, on, work
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.filter import Monochrome, NoColor
from textual.screen import Screen
from textual.widget import Widget

from cwtui.access.group_memory import note_opened
from cwtui.core.aliases import group_named, groups_named
from cwtui.core.errors import Card, CwtuiError, InputError, WrongLogClass
from cwtui.core.keymap import PANES, TABLE, keymap_warnings
from cwtui.core.ports import FileSource
from cwtui.core.text import printable_block
from cwtui.fetch.paging import all_groups
from cwtui.ui import themes
from cwtui.ui.coming_back import ComingBack
from cwtui.ui.command_line import CommandLine
from cwtui.ui.failures import Failures
from cwtui.ui.keys import bindings_for
from cwtui.ui.last_session import LastSession
from cwtui.ui.leaving import run_until_told
from cwtui.ui.messages import OpenEvents, OpenStreams
from cwtui.ui.models import Models
from cwtui.ui.no_color import WithoutColor
from cwtui.ui.screens.base import CwtuiScreen, MayRun
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.signing_in import SigningIn
from cwtui.ui.standing import Standing
from cwtui.ui.switching import Switching, speaks_of_the_past
from cwtui.ui.typed_ahead import TypedAhead
from cwtui.ui.widgets.prompt import Prompt
from cwtui.wiring import Services, Start

if TYPE_CHECKING:
    from cwtui.ui.screens.events import EventsScreen

_QUIT_WITHIN_S = 2.0
_TOAST_S = 8.0
_ANSWER_S = 3.0
_FEW_GROUPS = 10
"""More than that opened at once say nothing about any one of them."""
_GONE_S = 0.5
"""After so long a closed screen is gone, and the one below it painted."""
_READ_PER_S = 20
"""Characters that people read in a second."""
TERMINAL_COPY_LIMIT = 72_000
"""Characters that go to the clipboard through the terminal: many drop what is over 100 kB in base64."""


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


class CwtuiApp(App[int], inherit_bindings=False):
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
        super().__init__()
        self.services = services
        self._mode_number = 0
        self.add_mode(self.DEFAULT_MODE, self._first_screen)
        self.signing_in = SigningIn(self, services)
        services.ask_mfa = self.signing_in.ask_mfa
        self.switching = Switching(self)
        self._standing = Standing(self)
        self.crash: BaseException | None = None
        """The unexpected failure that ended the app, if one did."""
        self._start = start or Start()
        if self.no_color:
            # Textual's own answer to NO_COLOR is greys.
            self._filters[:] = [
                WithoutColor() if isinstance(each, Monochrome | NoColor) else each for each in self._filters
            ]
        self.failures = Failures(self)
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
        self._warned_until = 0.0
        self._coming_back = ComingBack(self)
        self._settles = not gc.isenabled()
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
        if warnings:
            self.say("\n".join(warnings), severity="warning")
        if self._start.groups:
            self.push_events(self._start.groups, start=self._start)
        elif self._start.everything:
            self._open_everything()
        self.call_after_refresh(self._warm)
        self._standing.begin()

    @work(group="everything", exit_on_error=False)
    async def _open_everything(self) -> None:
        """Opens all groups once they are known; where they cannot be listed, the list itself says why."""
        names: list[str] = []
        try:
            reader = self.services.reader
            if isinstance(reader, FileSource) and reader.unread and not self._start.narrowed:
                # The first rows show while the rest is read; the view takes in the groups as they come.
                self.push_events((), start=self._start)
                return
            async with aclosing(all_groups(self.services.reader)) as pages:
                async for page in pages:
                    names.extend(group.name for group in page)
        except CwtuiError:
            names = []
        if names:
            self.push_events(tuple(dict.fromkeys(names)), start=self._start)
        else:
            self.groups_screen.reload()

    @work(group="warm", thread=True, exit_on_error=False)
    def _warm(self) -> None:
        try:
            # What fails here fails again, and is told, where it is used.
            import cwtui.ui.screens.events  # noqa: F401

            self.services.warm()
        finally:
            self.settle()

    def settle(self) -> None:
        """Leaves all that is there out of the collections of garbage from now on, until a screen closes.

        Libraries and what is loaded stay. Looking through them takes a tenth of a second, in which no key is
        answered, and would be done again and again. Only where the start switched collections off
        (`__main__`): elsewhere the process is not this app's alone.
        """
        if self._settles:
            gc.freeze()
            gc.enable()

    def _unsettle(self) -> None:
        """Collects what a closed screen leaves: its events are among it."""
        if self._settles:
            gc.unfreeze()
            gc.collect()
            gc.freeze()

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

    # ------------------------------------------------------------------ what was open last

    @property
    def last_session(self) -> LastSession | None:
        """The events view that was left last, in this run or in the one before."""
        return self._coming_back.last

    def resume_last(self) -> None:
        """Opens the events view that was left last, as it was left. Raises InputError where there is none."""
        if (session := self.last_session) is None:
            raise InputError("Nothing was open last time.", "Open a group with l.", code="session")
        self.resume(session)

    def resume(self, session: LastSession) -> None:
        """Opens an events view as it was left, in place of one that is shown."""
        from cwtui.ui.screens.events import EventsScreen

        start = Start(stream_prefix=session.stream_prefix, pattern=session.pattern)
        screen = EventsScreen(self.services, session.groups, streams=session.streams, start=start)
        screen.resume(session)
        self._show_events(screen)

    def pop_screen(self) -> AwaitComplete:
        if self._coming_back.note(self.screen):
            self.set_timer(_GONE_S, self._unsettle)
        return super().pop_screen()

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        try:
            self._coming_back.keep()
        finally:
            super().exit(result, return_code, message)

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
        self.clear_notifications()
        self._warned_until = 0.0
        self.set_timer(_GONE_S, self._unsettle)
        return gone

    def under_way(self) -> list[str]:
        """What leaving here would cut off, a sentence each."""
        return [
            text for screen in self.screen_stack if isinstance(screen, MayRun) and (text := screen.running())
        ]

    # ------------------------------------------------------------------ failures

    def show_error(self, error: BaseException) -> None:
        """Tells a failure that can be lived with; a bug of ours ends the app."""
        if isinstance(error, CwtuiError):
            if speaks_of_the_past(self.services):
                return
            self.failures.note(error)
            card = f"{self.failures.key} says why" if error.kind != "input" or error.card != Card() else ""
            self.say("\n".join(filter(None, (error.message, error.hint, card))), severity="error")
        elif isinstance(error, Exception):
            self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        # Textual's one way out for whatever nobody caught.
        self.crash = self.crash or error
        super()._handle_exception(error)

    def panic(self, *renderables: RenderableType) -> None:
        """Ends the app without Textual's report: it would print foreign text to the terminal."""
        super().panic()

    def _fatal_error(self) -> None:
        self.panic()

    def say(self, text: str, *, severity: Any = "information") -> None:
        """A toast; the text may be foreign. An answer to a key takes the place of the answer before."""
        if speaks_of_the_past(self.services):
            return
        passing, now = severity == "information", time.monotonic()
        if not passing:
            self._warned_until = now + _TOAST_S
        elif now > self._warned_until:
            self.clear_notifications()
        timeout = max(_ANSWER_S if passing else _TOAST_S, len(text) / _READ_PER_S)
        self.notify(printable_block(text), severity=severity, markup=False, timeout=timeout)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not event.is_forwarded:
            # Whatever has the focus draws it: the palette's field and Textual's own inputs as they got it.
            event = events.Paste(printable_block(event.text))
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._typed_ahead.take(event)
        else:
            await super().on_event(event)

    def copy(self, what: str, text: str) -> None:
        """Puts text on the clipboard and says so, or says that there is none."""
        if not text:
            self.say("There is nothing to copy here.", severity="warning")
            return
        safe = printable_block(text).rstrip("\n")
        self.copy_to_clipboard(safe[:TERMINAL_COPY_LIMIT])
        self._copy_with_tool(what, safe)

    def _say_copied(self, what: str, text: str, *, with_tool: bool) -> None:
        whole, taken = len(text), len(text) if with_tool else min(len(text), TERMINAL_COPY_LIMIT)
        if taken < whole:
            self.say(
                f"Copied the first {taken:,} of {whole:,} characters of {what}: a terminal takes no more. "
                "O opens it in your editor, X exports it.",
                severity="warning",
            )
        else:
            self.say(f"Copied {what}, {whole:,} characters.")

    @work(group="clipboard", thread=True, exclusive=True, exit_on_error=False)
    def _copy_with_tool(self, what: str, text: str) -> None:
        """Not every terminal takes OSC 52, which says nothing back: the system's tool gets the text too."""
        from cwtui.ui.clipboard import copy_with_tool

        with_tool = copy_with_tool(text)
        self.call_from_thread(self._say_copied, what, text, with_tool=with_tool)

    # ------------------------------------------------------------------ opening

    @on(OpenStreams)
    def _open_streams(self, request: OpenStreams) -> None:
        from cwtui.ui.screens.streams import StreamsScreen

        self._note_opened((request.group,))
        self.push_screen(StreamsScreen(self.services, request.group))

    @on(OpenEvents)
    def _open_events(self, request: OpenEvents) -> None:
        self.push_events(request.groups, request.streams)

    def push_events(
        self, groups: tuple[str, ...], streams: tuple[str, ...] = (), start: Start | None = None
    ) -> None:
        """Shows the events of groups, or of some streams of one group."""
        # Imported here: it brings NumPy and DuckDB.
        from cwtui.ui.screens.events import EventsScreen

        self._note_opened(groups)
        screen = EventsScreen(self.services, groups, streams=streams, start=start)
        if (left := self._coming_back.to_offer(start)) is not None:
            screen.offer(left)
        self._show_events(screen)

    def _note_opened(self, groups: tuple[str, ...]) -> None:
        """Remembers what is opened, so that it stands near the top of the list next time."""
        if 0 < len(groups) <= _FEW_GROUPS:
            note_opened(self.services.settings, groups)

    def _show_events(self, screen: EventsScreen) -> None:
        from cwtui.ui.screens.events import EventsScreen

        if isinstance(self.screen, EventsScreen):
            # Another group from the navigation column: `q` still leads to the lists.
            self.set_timer(_GONE_S, self._unsettle)
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def tell_log_class(self, group: str, refused: WrongLogClass | None = None) -> None:
        """Says what a group of such a class cannot do, and opens what is chosen instead."""
        from cwtui.ui.screens.log_class import LogClassScreen
        from cwtui.ui.screens.streams import StreamsScreen

        def go_on(to: str | None) -> None:
            if to == "events":
                self.push_events((group,))
            elif to == "streams":
                if refused is not None:
                    # The screen that has nothing to show; the streams may lie below it already.
                    self.pop_screen()
                if not isinstance(self.screen, StreamsScreen):
                    self._open_streams(OpenStreams(group))

        region, log_class = self.services.context.region, self.groups_screen.class_of(group)
        self.push_screen(LogClassScreen(group, region, log_class=log_class, refused=refused), go_on)

    @property
    def groups_screen(self) -> GroupsScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, GroupsScreen))

    @property
    def front(self) -> CwtuiScreen:
        """The topmost full screen, dialogs left aside."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, CwtuiScreen))

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
