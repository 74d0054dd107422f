"""One line that shows somebody else the same events: `cwtui open GROUP --since ... --where '...'`."""

from __future__ import annotations

import shlex

from cwtui.core.models import Query
from cwtui.core.timespec import iso
from cwtui.lang.expression import Or
from cwtui.lang.where import Filter, FilterStack, in_stream
from cwtui.settings import Settings


def open_line(query: Query, filters: FilterStack, settings: Settings) -> str:
    """The command that opens the query with these filters, quoted for a shell.

    Times are absolute, so that it shows the same tomorrow. Filters that are off are left out, and so is the
    end of a window that has none.
    """
    words = ["cwtui", "open", *query.groups]
    for flag, value in (
        ("--context", settings.context),
        ("--profile", "" if settings.context else settings.profile),
        ("--region", _regions(settings)),
        *(("--from", path) for path in settings.from_paths),
        ("--since", iso(query.window.start) if query.window.start else ""),
        ("--until", iso(query.window.end) if query.window.end is not None else ""),
        ("--stream", query.stream_prefix),
        ("--filter", query.pattern),
        ("--where", _where(query, filters)),
    ):
        words += [flag, value] if value else []
    if settings.mock:
        words.append("--mock")
    return shlex.join(words)


def _regions(settings: Settings) -> str:
    # A context of several knows its regions; without one they were named.
    if not settings.members:
        return settings.region
    return "" if settings.context else ",".join(one.region for _, one in settings.members)


def _where(query: Query, filters: FilterStack) -> str:
    # A command line takes one prefix of stream names, not a choice of names: those become a filter.
    if not query.streams:
        return filters.where()
    streams = tuple(in_stream(name) for name in query.streams)
    chosen = Filter(Or(streams) if len(streams) > 1 else streams[0])
    return FilterStack((chosen, *filters.filters)).where()
