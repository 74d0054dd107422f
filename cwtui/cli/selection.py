"""The flags that choose events, and the query and filters they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cwtui.cli.output import say
from cwtui.core.aliases import groups_named
from cwtui.core.errors import InputError
from cwtui.core.models import Query, TimeWindow
from cwtui.core.timespec import parse_instant, parse_window
from cwtui.fetch.backfill import NEWEST_FIRST_SINCE
from cwtui.fetch.paging import all_groups
from cwtui.settings import Settings

if TYPE_CHECKING:
    from cwtui.lang.where import FilterStack
    from cwtui.wiring import Services

Command = TypeVar("Command", bound=Callable[..., Any])

_FLAGS = (
    click.option("--since", metavar="TIME", help="From: 15m, 2h30m, 'yesterday 14:00', ISO 8601."),
    click.option("--until", metavar="TIME", help="Up to, not included; now by default."),
    click.option("--stream", metavar="PREFIX", default="", help="Only streams whose name begins so."),
    click.option(
        "--filter",
        "pattern",
        metavar="PATTERN",
        default="",
        help="CloudWatch filter pattern, run by the service.",
    ),
    click.option("--where", metavar="EXPR", multiple=True, help="cwtui's own filter, run here; repeatable."),
    click.option(
        "--grep", metavar="REGEX", multiple=True, help="Only messages that match; repeatable, all must."
    ),
    click.option("--exclude", metavar="REGEX", multiple=True, help="No messages that match; repeatable."),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What the flags chose, as written."""

    groups: tuple[str, ...]
    since: str | None
    until: str | None
    stream: str
    pattern: str
    where: Sequence[str]
    grep: Sequence[str]
    exclude: Sequence[str]

    def filters(self) -> FilterStack:
        """The local filters. Raises InputError where one cannot be read."""
        from cwtui.lang.where import Filter, FilterStack, inverted, parse_where, regex

        stack = FilterStack()
        for text in self.where:
            stack = stack.add(Filter(parse_where(text)))
        for text in self.grep:
            stack = stack.add(Filter(regex(text)))
        for text in self.exclude:
            stack = stack.add(Filter(inverted(regex(text))))
        return stack

    def check_pattern(self) -> None:
        """Reads the pattern here first: the service says only that it is invalid, not where."""
        if self.pattern:
            from cwtui.lang.filter_pattern import parse_pattern

            parse_pattern(self.pattern)


def selecting(command: Command) -> Command:
    """Adds the flags that choose events, and GROUP..."""
    for option in reversed(_FLAGS):
        command = option(command)
    return click.argument("groups", nargs=-1, metavar="[GROUP]...")(command)


def selection_of(given: dict[str, Any]) -> Selection:
    """Takes the selecting flags out of `given`."""
    return Selection(
        tuple(given.pop("groups")),
        given.pop("since"),
        given.pop("until"),
        given.pop("stream"),
        given.pop("pattern"),
        given.pop("where"),
        given.pop("grep"),
        given.pop("exclude"),
    )


async def query_of(services: Services, chosen: Selection, *, any_age: bool = False) -> Query:
    """The query of a selection, groups and window filled in. Raises InputError, NotFound.

    `any_age` opens the window far back, for "the latest N, however old".
    """
    groups = groups_named(chosen.groups, services.settings.aliases) or await _every_group(services)
    window = await _window(services, groups, chosen, services.settings, any_age)
    for sentence in services.remarks:
        say(sentence)
    return Query(groups, window, stream_prefix=chosen.stream, pattern=chosen.pattern)


async def _every_group(services: Services) -> tuple[str, ...]:
    if not services.offline:
        raise InputError(
            "Which log group?", "Name one or more, or list them with `cwtui groups`.", code="group"
        )
    # Recordings may hold a group of one name of several accounts: it is read as one.
    names = [group.identifier async for page in all_groups(services.reader) for group in page]
    return tuple(dict.fromkeys(names))


async def _window(
    services: Services, groups: Sequence[str], chosen: Selection, settings: Settings, any_age: bool
) -> TimeWindow:
    extent = await services.reader.extent(groups)
    now = services.clock()
    if extent is not None:
        # On a recording, times count from its last event, and the default is the whole of it.
        now = extent[1]
        if chosen.since is None:
            end = parse_instant(chosen.until, now, settings.tzinfo) if chosen.until else None
            return TimeWindow(min(extent[0], end or extent[0]), end)
    if any_age and chosen.since is None:
        return TimeWindow(NEWEST_FIRST_SINCE)
    return parse_window(chosen.since, chosen.until, now, settings.tzinfo, settings.default_window_ms)
