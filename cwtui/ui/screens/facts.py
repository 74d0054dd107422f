"""What is known of a log group or a stream, as a sheet over the list; keys copy what one takes elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cwtui.access.console import console_url
from cwtui.access.facts import (
    Fact,
    group_facts,
    metric_filters,
    retention_command,
    stream_arn,
    stream_facts,
)
from cwtui.core.aliases import aliases_of
from cwtui.core.errors import CwtuiError
from cwtui.core.models import LogGroup, LogStream
from cwtui.core.naming import named
from cwtui.core.places import account_label
from cwtui.core.text import printable, printable_block
from cwtui.fetch.group_facts import facts_of
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp


class FactsSheet(ModalScreen[None]):
    """A name and what is known of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,d", "dismiss", "Close", show=False),
        Binding("y", "copy('y')", "Copy the name", show=False),
        Binding("Y", "copy('Y')", "Copy the ARN", show=False),
        Binding("c", "copy('c')", "Copy the command", show=False),
        Binding("s", "copy('s')", "Copy the statement", show=False),
        Binding("O", "copy('O')", "Copy the link", show=False),
        Binding("j,down", "scroll('down')", "Down", show=False),
        Binding("k,up", "scroll('up')", "Up", show=False),
        Binding("space,pagedown,ctrl+f,ctrl+d", "scroll('page_down')", "Page down", show=False),
        Binding("b,pageup,ctrl+b,ctrl+u", "scroll('page_up')", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    FactsSheet {
        align: center middle;
        & #sheet {
            width: 100; max-width: 96%; height: auto; max-height: 96%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #title { margin-bottom: 1; }
        & #facts { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & .fact { height: auto; }
        & .name { width: 16; color: $muted; }
        & .text { width: 1fr; }
        & .warns { color: $warning; }
        & .unknown { color: $muted; }
        & .block { background: $background; border-left: outer $success; padding: 0 1; margin-left: 16; }
        & #keys { dock: bottom; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    FactsSheet.-wide #sheet { width: 120; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._heading = title

    @property
    def _shell(self) -> CwtuiApp:
        return cast("CwtuiApp", self.app)

    def facts(self) -> Sequence[Fact | str]:
        """What to show; a text is something to copy, such as a command."""
        raise NotImplementedError

    def copies(self) -> Mapping[str, tuple[str, str]]:
        """What keys copy: how it is called, and the text."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled(str(printable(self._heading)), "bold"), id="title")
            with VerticalScroll(id="facts", can_focus=False):
                for fact in self.facts():
                    if isinstance(fact, str):
                        yield Static(Content(printable_block(fact)), classes="block")
                        continue
                    with Horizontal(classes="fact"):
                        yield Static(Content(fact.name), classes="name")
                        tone = "warns" if fact.warns else "" if fact.known else "unknown"
                        yield Static(Content(printable_block(fact.text)), classes=f"text {tone}")
            yield Static(self._keys(), id="keys")

    def _keys(self) -> Content:
        shown = [(key, what.removeprefix("the ")) for key, (what, text) in self.copies().items() if text]
        parts = [part for key, what in shown for part in ((key, "bold $accent"), f" {what}   ")]
        return Content.assemble("copies  ", *parts, ("Esc", "bold $accent"), " closes")

    def action_copy(self, key: str) -> None:
        what, text = self.copies().get(key, ("", ""))
        self._shell.copy(what, text)

    def action_scroll(self, way: str) -> None:
        getattr(self.query_one("#facts"), f"scroll_{way}")(animate=False)


class GroupSheet(FactsSheet):
    """The facts of a log group; what a listing left out is asked for."""

    def __init__(self, services: Services, group: LogGroup, *, pinned: bool = False) -> None:
        super().__init__(group.name)
        self._services = services
        self._group = group
        self._pinned = pinned
        self._filters: list[str] = []
        self._missing = ""
        self._statement = ""

    def on_mount(self) -> None:
        if not self._services.offline:
            self._ask()

    @work(group="facts", exclusive=True, exit_on_error=False)
    async def _ask(self) -> None:
        try:
            if not self._group.described:
                async with aclosing(facts_of(self._services.reader, [self._group])) as pages:
                    async for page in pages:
                        self._group = page[0] if page else self._group
                self.refresh(recompose=True)
            if (door := self._services.calls) is not None and self._group.metric_filters != 0 and self._ours:
                self._filters = await metric_filters(door, self._group.name)
        except CwtuiError as error:
            self._missing, self._statement = error.message, error.card.fix
        self.refresh(recompose=True)

    @property
    def _ours(self) -> bool:
        """Whether the group lies where everything but logs is asked: in the context's first account."""
        context = self._services.context
        here = context.members[0] if context.members else context
        return self._group.account in ("", here.account) and self._group.region in ("", here.region)

    def facts(self) -> Sequence[Fact | str]:
        services, group = self._services, self._group
        facts: list[Fact | str] = []
        zone = services.settings.tzinfo
        for fact in group_facts(group, services.clock(), zone, offline=services.offline):
            if fact.name == "account" and fact.known:
                label = account_label(services.context, group.account)
                fact = Fact("account", f"{group.account} {label}" if label != group.account else label)
            facts.append(fact)
            if fact.name == "retention" and fact.warns:
                facts.append(retention_command(group, services.settings, services.context))
            if fact.name == "metric filters":
                facts += [Fact("", line) for line in self._filters]
                if self._missing:
                    facts.append(Fact("", self._missing, warns=True))
                    facts += [self._statement] if self._statement else []
        names = ", ".join(aliases_of(group.identifier, services.settings.aliases))
        facts += [Fact("alias", names)] if names else []
        return [*facts, Fact("pinned", "yes")] if self._pinned else facts

    def copies(self) -> Mapping[str, tuple[str, str]]:
        group, services = self._group, self._services
        region = group.region or services.context.region
        command = retention_command(group, services.settings, services.context)
        link = console_url(region, group.name) if region else ""
        return {
            "y": ("the name", group.name),
            "Y": ("the ARN", group.arn),
            "c": ("the command", "" if services.offline else command),
            "s": ("the statement", self._statement),
            "O": ("the console's address", link),
        }


class StreamSheet(FactsSheet):
    """The facts of a log stream."""

    def __init__(self, services: Services, stream: LogStream, group: str) -> None:
        """`group` is the ARN of its group, or what else names it."""
        super().__init__(stream.name)
        self._services = services
        self._stream = stream
        context = services.context
        there = named(group)
        self._region = there.region or context.region
        self._plain = there.name
        self._arn = stream_arn(stream.name, group, context.account, context.region)

    def facts(self) -> Sequence[Fact | str]:
        services = self._services
        now, zone, offline = services.clock(), services.settings.tzinfo, services.offline
        told = stream_facts(self._stream, self._plain, self._arn, now, zone, offline=offline)
        return [Fact("log group", self._plain), *told]

    def copies(self) -> Mapping[str, tuple[str, str]]:
        link = console_url(self._region, self._plain, self._stream.name) if self._region else ""
        return {
            "y": ("the name", self._stream.name),
            "Y": ("the ARN", self._arn),
            "O": ("the console's address", link),
        }
