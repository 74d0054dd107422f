"""The doors between the rooms and the world: structural, so that a double is ten lines."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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
    TimeWindow,
)

Clock = Callable[[], int]
"""Now, in ms UTC."""


@dataclass(frozen=True, slots=True)
class MfaQuestion:
    """A code of an MFA device is needed to take a role on."""

    profile: str
    """The profile that asks for it; empty for a role given by itself."""
    device: str
    """The `mfa_serial`: an ARN, or the number on a key fob."""
    role: str
    """The role's ARN."""
    refused: str = ""
    """What the service said to the code before; foreign text."""
    tries_left: int = 1
    """How often it may still be answered, this time included."""


AskMfa = Callable[[MfaQuestion], Awaitable[str]]
"""Asks the user; gives the six digits, or an empty string where they give up. Runs in the loop."""


LendKeys = Callable[[], tuple[str, str, str]]
"""Blocking, in a thread: access key, secret and session token that somebody signed in for already."""


class LogReader(Protocol):
    """Thin: one call, one answer, one context and region. CloudWatch, or a recording that behaves like it.

    Raises only `CwtuiError`. Loss, order and duplication are the business of `fetch`, not of a reader.
    """

    @property
    def context(self) -> Context: ...

    @property
    def notes(self) -> Sequence[str]:
        """What about the source is not whole, a sentence each, as far as it was read (a cut file)."""
        ...

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        """DescribeLogGroups: groups whose name holds `pattern` (case-sensitive), in ASCII order."""
        ...

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        """DescribeLogStreams."""
        ...

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        """FilterLogEvents: up to 1 MB or 10,000 events; an empty page with a token is progress."""
        ...

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        """GetLogEvents: ends when the token equals the one sent."""
        ...

    def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        """StartLiveTail: an update a second; billed by the minute."""
        ...

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        """First and last event time of the groups where that is known beforehand (recordings), else None."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class FileSource(Protocol):
    """What a reader of files offers beside its pages: how far reading is, and events without paging.

    An event comes once as often as the files hold it: names that repeat (two recordings that overlap) are
    the business of `fetch.bulk`.
    """

    @property
    def unread(self) -> bool:
        """Whether the files still are to be read, wholly or in part, and are not told as they grow (live)."""
        ...

    @property
    def reading(self) -> tuple[int, int] | None:
        """Bytes read, of how many (0: not known), while files are being read; else None."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """How the files were understood where they leave it open, a sentence each; complete once read."""
        ...

    def stop_loading(self) -> None:
        """Ends the reading where it is; what was read stays, and the reader's notes say so."""
        ...

    def as_read(self) -> AsyncGenerator[EventBatch, None]:
        """Every event of every group in the order of the files, from the first on, while they are read.

        Ends when all are read. Raises what reading raises.
        """
        ...

    def in_bulk(self, group: str, window: TimeWindow) -> AsyncGenerator[EventBatch, None]:
        """The events of a group in a window, by timestamp, in large batches. Raises NotFound."""
        ...


@runtime_checkable
class GroupCatalogue(Protocol):
    """What a reader offers beside its pages where there may be thousands of log groups."""

    async def group_names_page(self, token: str | None) -> GroupPage:
        """ListLogGroups: up to 1,000 groups, of each its name, ARN and class (`described` is False)."""
        ...

    async def group_facts(self, groups: Sequence[str]) -> Sequence[LogGroup]:
        """DescribeLogGroups of at most 50 groups by their ARNs; those that are gone are left out."""
        ...


@dataclass(frozen=True, slots=True)
class ModelInfo:
    name: str
    parameters: str = ""
    """As the server says it, such as "7.6B"."""
    size_bytes: int = 0
    remote: bool = False
    """The server hands this model's prompts to another machine."""
    context_tokens: int = 0
    """The longest prompt and answer it was trained for; 0 where the server does not say."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    model: str
    system: str
    prompt: str
    max_tokens: int = 512
    context_tokens: int = 8192
    schema: Mapping[str, object] | None = None
    """JSON schema that the answer is to keep to; None: free text."""


@dataclass(frozen=True, slots=True)
class ChatText:
    """A fragment of an answer, as it comes: foreign text."""

    text: str


@dataclass(frozen=True, slots=True)
class ChatDone:
    reason: str
    """`stop`, or `length` when the answer was cut."""
    prompt_tokens: int = 0
    answer_tokens: int = 0


class ChatModel(Protocol):
    """A language model on this machine, or a scripted double."""

    @property
    def host(self) -> str:
        """Where it listens; a host that is not loopback must be allowed first."""
        ...

    async def models(self) -> Sequence[ModelInfo]:
        """What is installed. Raises NetworkError where nothing answers."""
        ...

    async def load(self, model: str, context_tokens: int) -> None:
        """Makes a model ready for requests of that context; returns once it is. Raises as `chat` does."""
        ...

    def chat(self, request: ChatRequest) -> AsyncIterator[ChatText | ChatDone]:
        """The answer in fragments, then one ChatDone. Closing the iterator stops the model."""
        ...

    async def aclose(self) -> None: ...


class AwsCalls(Protocol):
    """One guarded door for everything that is not reading logs (identity, doctor, export tasks)."""

    async def call(
        self, service: str, operation: str, params: Mapping[str, object]
    ) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an export: a name relative to the target, and its bytes in chunks."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """Bytes handed over so far, and the file they belong to; totals are not known beforehand."""

    file: str
    bytes_done: int


ExportReport = Callable[[ExportProgress], None]
"""Called from the exporting thread; raise from it to cancel."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    target: str
    """Where it went, as a path or an s3:// address that `--from` or `aws s3` understands."""
    files: tuple[str, ...]
    bytes_written: int


class Exporter(Protocol):
    """Puts parts at a target, wholly or not at all. Blocking: call it in a thread."""

    def export(self, parts: Iterable[Part], target: str, report: ExportReport) -> ExportResult: ...
