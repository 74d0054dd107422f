"""Recordings and files on disk: what their manifests say at once, and their events when they are needed."""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from subprocess import Popen

from cwtui.adapters.file_stamps import Changes, Stamp, changes, stamp_of
from cwtui.adapters.recorded import RecordedGroup, Replay
from cwtui.adapters.recorded_loading import Kept, Loading
from cwtui.adapters.recorded_shelf import Shelf, Shelved, Streams
from cwtui.adapters.recorded_shelved import ShelvedGroup
from cwtui.adapters.retell import Retelling
from cwtui.core.errors import StorageFull
from cwtui.core.models import LogGroup
from cwtui.core.naming import arn_of_group
from cwtui.deliver.apart import read_apart
from cwtui.deliver.begun import APART_BYTES
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.manifest import Manifest
from cwtui.deliver.recording import read_events, read_manifest

MOST_KEPT = 256 << 20
"""Bytes of events that stay in memory, where nobody says otherwise."""

Group = RecordedGroup | ShelvedGroup
Key = tuple[str, str, str]
"""Account, region, name."""


class RecordedFiles:
    """Several recordings and files, opened at one moment."""

    def __init__(
        self,
        paths: Sequence[Path],
        opened: int,
        *,
        apart: int = APART_BYTES,
        most_kept: int = MOST_KEPT,
        begun: Popen[bytes] | None = None,
    ) -> None:
        """Reads the manifests. Raises NotFound, InputError, DataError of `deliver.recording`.

        Paths that hold at least `apart` bytes are read by a process of their own. Events that take more than
        `most_kept` bytes are laid down in a temporary file; those of a live recording never. `begun` is what
        `deliver.begun` has begun of the first path, where it did.
        """
        self._most_kept = most_kept
        self._apart = apart
        self._begun = begun
        self._paths = list(paths)
        self._opened = opened
        self._manifests = [read_manifest(path) for path in self._paths]
        self.notes = [note for manifest in self._manifests for note in manifest.partial]
        """What is missing, cut, damaged or malformed, a sentence each; complete after `read`."""
        self.remarks: list[str] = []
        """How what is whole was understood (times without a zone), a sentence each; complete after `read`."""
        self._reports: list[ReadReport] = []
        self.batches: list[Kept | Shelved] = []
        """What `read` has read so far, in the order of the files; another, empty list once it is through."""
        self._stopped = threading.Event()
        self._stamps: list[Stamp | None] = []

    @property
    def bytes_read(self) -> int:
        """How far `read` has come, of `bytes_in_all`."""
        return sum(report.bytes_read for report in self._reports)

    @cached_property
    def bytes_in_all(self) -> int:
        """Bytes of the files; 0 counts for what has no size (stdin) or is gone."""
        return sum(_size(path) for path in self._paths)

    @property
    def _place(self) -> str:
        share = self.bytes_read * 100 // self.bytes_in_all if self.bytes_in_all else 0
        return f" at {min(share, 99)} %" if share else ""

    def stop(self) -> None:
        """Ends `read` soon, from any thread; what it has read stays, and a note says so."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether reading ended before the end of the files."""
        return self._stopped.is_set()

    def changes(self) -> Changes:
        """What became of the files since `read` began. Blocking: for a thread."""
        return changes(self._paths[: len(self._stamps)], self._stamps)

    @property
    def owner(self) -> tuple[str, str]:
        """Account and region where the manifests name exactly one, else empty."""
        owners = {(group.account, group.region) for manifest in self._manifests for group in manifest.groups}
        return owners.pop() if len(owners) == 1 else ("", "")

    @property
    def live(self) -> bool:
        """Whether one of them goes on producing."""
        return any(_replay(manifest, self._opened) is not None for manifest in self._manifests)

    @property
    def listed(self) -> bool:
        """Whether the groups are known without reading events: each path has a manifest that names some."""
        return all(manifest.groups for manifest in self._manifests)

    def read(self) -> dict[Key, Group]:
        """All events, by time. Blocking: for a thread. Raises what `deliver.recording.read_events` raises.

        Of several live recordings the first goes on; the others are told as they were recorded. Where the
        temporary file finds no more room the reading ends as if it were stopped.
        """
        self._stamps = [_stamp(path) for path in self._paths]
        notes: list[str] = []
        taken = _Taken(self.batches, self._most_kept)
        replay: Replay | None = None
        for path, manifest in zip(self._paths, self._manifests, strict=True):
            told = None if replay else _replay(manifest, self._opened)
            replay = replay or told
            if replay is not None:
                taken.most = _NO_LIMIT
            report = ReadReport()
            self._reports.append(report)
            with closing(self._events_of(path, report)) as batches:
                for batch in batches:
                    full = taken.take(batch, live=told is not None)
                    if full:
                        notes.append(f"Reading ended{self._place}: {full}")
                        self.stop()
                    elif self._stopped.is_set():
                        read = f"{report.records:,} events of {path}"
                        notes.append(f"Reading was stopped{self._place}, after {read}.")
                    if self._stopped.is_set():
                        break
            notes += report.notes
            self.remarks += report.remarks
            if report.malformed:
                notes.append(f"{path}: {report.malformed:,} records lack a timestamp or a message.")
            if self._stopped.is_set():
                break
        self.notes = self.notes + notes
        groups = taken.groups(replay)
        # Whoever still takes them keeps the list; for others the groups hold all.
        self.batches = []
        return groups

    def _events_of(self, path: Path, report: ReadReport) -> Generator[Kept, None, None]:
        begun, self._begun = self._begun, None
        if begun is not None and path == self._paths[0]:
            return read_apart(path, report, begun)
        if _size(path) >= self._apart:
            return read_apart(path, report)
        return (Kept.of(batch) for batch in read_events(path, report))

    def facts(self, keys: Collection[Key]) -> Iterable[LogGroup]:
        """The groups of the manifests, and those of `keys` that no manifest names."""
        known = {
            key: LogGroup(key[2], arn_of(key), account=key[0], region=key[1], described=False) for key in keys
        }
        for manifest in self._manifests:
            for group in manifest.groups:
                key = (group.account, group.region, group.name)
                known[key] = LogGroup(
                    group.name,
                    arn_of(key),
                    group.stored_bytes,
                    group.retention_days,
                    group.created,
                    account=group.account,
                    region=group.region,
                    # Who recorded it may have known no more than its name.
                    described=(group.stored_bytes, group.retention_days, group.created) != (None, None, None),
                )
        return known.values()


class _Taken:
    """What was read, by group: in memory, or past `most` bytes on a shelf."""

    def __init__(self, batches: list[Kept | Shelved], most: int) -> None:
        """`batches` are filled; when they move to the shelf they are replaced where they stand."""
        self.most = most
        self._batches = batches
        self._size = 0
        self._shelf: Shelf | None = None
        self._shelved = 0
        """How many of the batches are on it: none, or all."""
        self._places: dict[Key, list[int]] = {}
        self._live: list[bool] = []
        self._streams: dict[Key, Streams] = {}

    def take(self, kept: Kept, *, live: bool) -> str:
        """Takes a batch, whatever happens; the sentence of why no more will fit, or nothing."""
        if not len(kept):
            return ""
        key = (kept.account, kept.region, kept.group)
        self._places.setdefault(key, []).append(len(self._batches))
        self._live.append(live)
        self._batches.append(kept)
        self._size += kept.size
        if self._size <= self.most:
            return ""
        try:
            self._shelf = self._shelf or Shelf()
        except StorageFull as error:
            return error.message
        full = ""
        for place in range(self._shelved, len(self._batches)):
            full = self._lay_down(self._shelf, place) or full
        self._shelved = len(self._batches)
        return full

    def _lay_down(self, shelf: Shelf, place: int) -> str:
        batch = self._batches[place]
        assert isinstance(batch, Kept)
        self._streams.setdefault((batch.account, batch.region, batch.group), Streams()).note(batch)
        try:
            self._batches[place] = shelf.put(batch)
        except StorageFull as error:
            self._batches[place] = shelf.hold(batch)
            return error.message
        return ""

    def groups(self, replay: Replay | None) -> dict[Key, Group]:
        return {key: self._group(key, places, replay) for key, places in self._places.items()}

    def _group(self, key: Key, places: Sequence[int], replay: Replay | None) -> Group:
        if self._shelved:
            shelved = (self._batches[place] for place in places)
            return ShelvedGroup(
                *key, [each for each in shelved if isinstance(each, Shelved)], self._streams[key]
            )
        loading = Loading(*key)
        for place in places:
            batch = self._batches[place]
            assert isinstance(batch, Kept)
            loading.add(batch, live=self._live[place])
        return RecordedGroup(loading, replay)


_NO_LIMIT = 1 << 62


def arn_of(key: Key) -> str:
    """The group's ARN, or empty where account or region is not known."""
    account, region, name = key
    return arn_of_group(account, region, name) if account and region else ""


def _stamp(path: Path) -> Stamp | None:
    try:
        return stamp_of(path)
    except OSError:
        # Reading it says so, in words; should it stand there later, that is a change.
        return ()


def _size(path: Path) -> int:
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    except OSError:
        return 0


def _replay(manifest: Manifest, opened: int) -> Replay | None:
    """How a live recording is told, or None for one that is over."""
    if not manifest.live or manifest.first is None or manifest.last is None:
        return None
    end = manifest.last + 1 if manifest.end is None else manifest.end
    start = manifest.first if manifest.replay_from is None else manifest.replay_from
    if not start < end:
        return None
    # Whole seconds: then what messages say of the time needs no new milliseconds.
    shift = (opened - end) // 1000 * 1000
    start -= (start - end) % 1000
    return Replay(shift, start + shift, end + shift, Retelling(manifest.first, manifest.last))
