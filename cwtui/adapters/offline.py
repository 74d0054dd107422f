"""Recordings and files as a `LogReader` that behaves like CloudWatch.

Opening reads the manifests; events are read once, in a thread, when first needed. A live recording
(`live` in its manifest: the demo) is shifted so that it ends at the moment of opening, its events
arrive at their ingestion times, and what follows `replay_from` repeats for ever. Any other recording
is over: all of it has arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from subprocess import Popen

from cwtui.adapters.offline_pages import (
    Matches,
    bad_token,
    left_of,
    list_page,
    live_update,
    page_token,
    read_token,
    walk,
)
from cwtui.adapters.recorded import RecordedGroup
from cwtui.adapters.recorded_files import MOST_KEPT, Group, Key, RecordedFiles, arn_of
from cwtui.adapters.recorded_loading import Loading, joined
from cwtui.core.errors import InputError, NotFound
from cwtui.core.models import (
    Context,
    EventBatch,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    StreamPage,
    StreamRequest,
    StreamsRequest,
    TimeWindow,
)
from cwtui.core.ports import Clock

MOST_EVENTS = 10_000
_MOST_NAMES = 100
MOST_AT_ONCE = 20_000
"""Events of one batch while files are read."""
_FIRST_LOOK, _LATER_LOOKS = 0.02, 0.1
"""Seconds between two looks at what the reading thread has brought."""


class OfflineReader:
    """Several recordings and files as one account's log groups; a group in two of them is their union.

    Where they hold several accounts or regions, groups are named by their ARNs; a plain name
    is all that bear it.

    Raises NotFound, InputError and DataError of `deliver.recording` while opening and on first need.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        clock: Clock,
        context_name: str,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        most_kept: int = MOST_KEPT,
        begun: Popen[bytes] | None = None,
    ) -> None:
        """`sleep` waits between the updates of a live tail; beyond `most_kept` bytes events lie on disk.

        `begun` is what already reads the first path, if anything does (`deliver.begun`).
        """
        self._clock = clock
        self._sleep = sleep
        self._paths = list(paths)
        self._most_kept = most_kept
        self._files = RecordedFiles(paths, clock(), most_kept=most_kept, begun=begun)
        account, region = self._files.owner
        self._context = Context(
            context_name, region=region, account=account, offline=True, live=self._files.live
        )
        self._loading: asyncio.Future[dict[Key, Group]] | None = None
        self._groups: dict[Key, Group] | None = None
        self._learn_places()

    @property
    def notes(self) -> list[str]:
        """What is cut, damaged or malformed in the files, a sentence each; complete after `load`."""
        return self._files.notes

    @property
    def remarks(self) -> list[str]:
        """How the files were understood where they leave it open, a sentence each; complete after `load`."""
        return self._files.remarks

    @property
    def context(self) -> Context:
        """Account and region where the manifests name exactly one; of several each as a member."""
        return self._context

    async def load(self) -> None:
        """Reads all events, once; every call that needs them does this by itself."""
        if self._groups is None:
            # Whoever leaves does not end what others wait for; `stop_loading` and `aclose` do.
            self._groups = await asyncio.shield(self._begin())
            self._learn_places()

    def _learn_places(self) -> None:
        """Where groups of several accounts or regions are known, each is one of its own, as on AWS."""
        known = self._files.facts(self._groups or ())
        places = sorted({(group.account, group.region) for group in known if group.arn})
        several = len(places) > 1
        members = tuple(
            Context("", region=region, account=account, offline=True) for account, region in places
        )
        self._context = replace(self._context, members=members if several else ())

    def _begin(self) -> asyncio.Future[dict[Key, Group]]:
        if self._loading is None:
            self._loading = asyncio.ensure_future(asyncio.to_thread(self._files.read))
        return self._loading

    async def look_again(self) -> str:
        """Forgets what was read where files changed since, so that whoever needs events reads them anew.

        What was found, as a sentence; empty where nothing was read yet, or of a live recording. Raises what
        opening raises.
        """
        loading = self._loading
        if loading is None or not loading.done() or self._context.live:
            return ""
        failed = loading.exception() is not None
        found = await asyncio.to_thread(self._files.changes)
        if found.readable and (found.changed or failed or self._files.stopped):
            fresh = await asyncio.to_thread(
                RecordedFiles, self._paths, self._clock(), most_kept=self._most_kept
            )
            # Another key may have been as quick.
            if self._loading is loading:
                self._files, self._loading, self._groups = fresh, None, None
            return found.words if found.changed else ""
        return found.words

    @property
    def loaded_bytes(self) -> tuple[int, int]:
        """How many bytes of the files are read, and of how many; the second is 0 where that is not known."""
        return self._files.bytes_read, self._files.bytes_in_all

    def stop_loading(self) -> None:
        """Ends the reading of the files where it is; what was read stays, and `notes` says so."""
        self._files.stop()

    @property
    def unread(self) -> bool:
        """Whether files are still to be read; never of a live recording, which has no end."""
        return self._groups is None and not self._context.live

    @property
    def reading(self) -> tuple[int, int] | None:
        """`loaded_bytes` while files are being read, else None."""
        busy = self._loading is not None and not self._loading.done()
        return self.loaded_bytes if busy else None

    async def as_read(self) -> AsyncGenerator[EventBatch, None]:
        """Every event of every group in the order of the files, from the first on, while they are read.

        A batch that lies on disk has its events by time. The first come at once, then more and more at a
        time: each batch is a change of what is shown.
        """
        loading = self._begin()
        batches, given, pause = self._files.batches, 0, _FIRST_LOOK
        while True:
            ended = loading.done()
            fresh = batches[given:]
            for batch in joined((kept.batch() for kept in fresh), MOST_AT_ONCE):
                yield batch
            given += len(fresh)
            if ended:
                break
            await asyncio.wait((loading,), timeout=pause)
            pause = min(2 * pause, _LATER_LOOKS) if given else pause
        await self.load()

    async def in_bulk(self, group: str, window: TimeWindow) -> AsyncGenerator[EventBatch, None]:
        """The events of a group in a window, by timestamp, in large batches. Raises NotFound."""
        for member in await self._members(group):
            slices = member.slices(window.start, window.end, MOST_EVENTS)
            while (batch := await asyncio.to_thread(next, slices, None)) is not None:
                yield batch

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        """50 a page in ASCII order. One recording with a manifest is listed without reading its events."""
        if not self._files.listed:
            await self.load()
        named = sorted(self._files.facts(self._groups or ()), key=lambda group: (group.name, group.arn))
        by_arn = bool(self._context.members)
        found = [replace(group, by_arn=by_arn) for group in named if pattern in group.name]
        page, following = list_page(found, token, f"groups {pattern}")
        return GroupPage(page, following)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        """50 a page, by latest event or by name. Raises InputError for a prefix with newest first."""
        if request.prefix and request.newest_first:
            raise InputError(
                "Streams cannot be ordered by their last event and chosen by a prefix at once.",
                "Leave one of them out.",
                code="streams-order",
            )
        members = await self._members(request.group)
        now = self._clock()
        streams = [stream for group in members for stream in group.streams(now).values()]
        if request.newest_first:
            streams.sort(key=lambda stream: (-(stream.last_event or 0), stream.name))
        else:
            streams = sorted(
                (stream for stream in streams if stream.name.startswith(request.prefix)),
                key=lambda stream: stream.name,
            )
        page, following = list_page(streams, token, repr(request))
        return StreamPage(page, following)

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        """FilterLogEvents: at most `limit` events or 1 MB; short and empty pages with a token occur."""
        if request.streams and request.stream_prefix:
            raise InputError(
                "Streams are chosen by names or by a prefix, not by both.", "Leave one out.", code="streams"
            )
        if len(request.streams) > _MOST_NAMES:
            raise InputError(
                f"{len(request.streams)} streams are named; {_MOST_NAMES} are the most.",
                "Name fewer, or give a prefix.",
                code="streams",
            )
        limit = _limit(request.limit)
        matches = _matcher(request.pattern)
        members = await self._members(request.group)
        now = self._clock()
        for name in request.streams:
            self._must_hold(members, name, now)
        about = repr(replace(request, limit=1))
        direction = "b" if request.newest_first else "f"
        number, position = 0, None
        if token is not None:
            sent, number, position = read_token(token, about)
            if sent != direction or number >= len(members):
                raise bad_token()
        wanted: Matches | None = None
        if request.streams:
            wanted = frozenset(request.streams).__contains__
        elif request.stream_prefix:
            wanted = _starts_with(request.stream_prefix)

        def page() -> EventsPage:
            group = members[number]
            ranges = left_of(
                group.ranges(request.window.start, request.window.end, now), position, request.newest_first
            )
            found = walk(group, ranges, now, wanted, matches, limit, backward=request.newest_first)
            following = None
            if found.next is not None:
                following = page_token(direction, number, found.next, about)
            elif number + 1 < len(members):
                first = members[number + 1].ranges(request.window.start, request.window.end, now)
                edge = (first[-1][1] if request.newest_first else first[0][0]) if first else 0
                following = page_token(direction, number + 1, edge, about)
            return EventsPage(group.batch(found.picks, found.messages), following)

        return await asyncio.to_thread(page)

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        """GetLogEvents, oldest first. `token` goes on in the request's direction, `back_token` back."""
        limit = _limit(request.limit)
        members = await self._members(request.group)
        now = self._clock()
        number = self._must_hold(members, request.stream, now)
        group = members[number]
        about = f"{request.group}\n{request.stream}"
        backward, position = not request.from_head, None
        if token is not None:
            sent, _, position = read_token(token, about)
            backward = sent == "b"

        def page() -> EventsPage:
            whole = group.ranges(request.window.start, request.window.end, now)
            ranges = left_of(whole, position, backward)
            found = walk(group, ranges, now, request.stream.__eq__, None, limit, backward=backward)
            order = slice(None, None, -1) if backward else slice(None)
            picks, messages = found.picks[order], found.messages[order]
            if found.positions:
                low, high = min(found.positions), max(found.positions) + 1
            elif position is not None:
                # Nothing more that way: the token comes back as it was sent.
                low = high = position
            else:
                low = high = (whole[-1][1] if backward else whole[0][0]) if whole else 0
            back = page_token("b", number, low, about)
            forward = page_token("f", number, high, about)
            return EventsPage(group.batch(picks, messages), forward if request.from_head else back, back)

        return await asyncio.to_thread(page)

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        """An update a second of what has arrived since the last, at most 500 events, then `sampled`."""
        if not 1 <= len(request.groups) <= 10:
            raise InputError("A live tail follows one to ten log groups.", "Choose fewer.", code="live")
        matches = _matcher(request.pattern)
        members = [
            member for group in request.groups for member in await self._members(group.arn or group.name)
        ]
        since = self._clock()
        while True:
            await self._sleep(1.0)
            now = self._clock()
            yield await asyncio.to_thread(live_update, members, since, now, request.stream_prefix, matches)
            since = now

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        """First and last timestamp of what has arrived in the groups (of all, where none is named)."""
        await self.load()
        if groups:
            members = [member for name in groups for member in await self._members(name)]
        else:
            members = list((self._groups or {}).values())
        now = self._clock()
        spans = [span for member in members if (span := member.span(now)) is not None]
        return (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None

    async def aclose(self) -> None:
        """Ends the reading of the files."""
        self._files.stop()
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)

    async def _members(self, identifier: str) -> list[Group]:
        """The groups of that name (one in each account that has it), or the one of that ARN."""
        await self.load()
        groups = self._groups or {}
        wanted = identifier.removesuffix(":*")
        found = [group for key, group in groups.items() if wanted in (key[2], arn_of(key))]
        if not found:
            if any(wanted in (group.name, group.arn) for group in self._files.facts(self._groups or ())):
                # The manifest names it, but its events were cut off.
                return [RecordedGroup(Loading("", "", wanted), None)]
            raise _unknown("log group", identifier, [name for _, _, name in groups])
        return found

    def _must_hold(self, members: Sequence[Group], stream: str, now: int) -> int:
        """Which of the members holds a stream. Raises NotFound."""
        for number, group in enumerate(members):
            if group.holds(stream, now):
                return number
        raise _unknown("log stream", stream, [name for group in members for name in group.streams(now)])


def _matcher(pattern: str) -> Matches | None:
    if not pattern:
        return None
    from cwtui.lang.filter_pattern import parse_pattern

    return parse_pattern(pattern).matches


def _starts_with(prefix: str) -> Matches:
    return lambda name: name.startswith(prefix)


def _limit(limit: int) -> int:
    if not 1 <= limit <= MOST_EVENTS:
        raise InputError(
            f"A page cannot hold {limit} events.", f"Ask for 1 to {MOST_EVENTS:,}.", code="limit"
        )
    return limit


def _unknown(kind: str, name: str, names: Sequence[str]) -> NotFound:
    names = list(dict.fromkeys(names))
    near = get_close_matches(name, names, 3, 0.5) or [known for known in sorted(names) if name in known][:3]
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Look it up in the list of {kind}s."
    if kind == "log group" and not near and not Path(name).exists():
        hint += " Nor is there a file of that name."
    return NotFound(f"The {kind} '{name}' is not in the recording.", hint, code=kind.replace("log ", ""))
