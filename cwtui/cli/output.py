"""What a command prints: data on stdout, words on stderr, foreign text made inert on a terminal."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

from cwtui.core.errors import CwtuiError, WrongLogClass
from cwtui.core.models import Columns, Context, Level, LogEvent, has_ingestion
from cwtui.core.places import place_words
from cwtui.core.text import SafeText, printable, printable_lines
from cwtui.core.timespec import iso
from cwtui.deliver.encode import exact_messages, jsonl
from cwtui.settings import Settings

_PIPE_WIDTH = 100
_WIDEST = 140
EVENT_KEYS = (
    "timestamp",
    "ingestionTime",
    "logGroup",
    "logStream",
    "message",
    "eventId",
    "account",
    "region",
)
_COLORS = {Level.FATAL: "1;35", Level.ERROR: "31", Level.WARN: "33", Level.DEBUG: "2", Level.TRACE: "2"}

_ONE = Context("")

Record = Mapping[str, Any]


def event_record(event: LogEvent) -> dict[str, Any]:
    """An event as its record in JSON lines (DESIGN.md section 3)."""
    message = event.message if event.raw is None else event.raw.decode("utf-8", "surrogatepass")
    return {
        "timestamp": event.timestamp,
        "ingestionTime": event.ingestion_time if has_ingestion(event) else None,
        "logGroup": event.group,
        "logStream": event.stream,
        "message": message,
        "eventId": event.event_id,
        "account": event.account,
        "region": event.region,
    }


class Output:
    """Writes records in the format asked for, each as soon as it is known."""

    def __init__(self, settings: Settings, chosen: str | None, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stdout
        self._terminal = self._stream.isatty()
        self.format = chosen or ("text" if self._terminal else "jsonl")
        self._zone = settings.tzinfo
        self._color = settings.color == "always" or (settings.color == "auto" and self._terminal)
        self._written = 0
        self._context: Callable[[], Context] = lambda: _ONE
        self._csv_keys: Sequence[str] = ()

    def in_places(self, context: Callable[[], Context]) -> None:
        """Has lines of text say account and region, where the context has several; asked as it learns."""
        self._context = context

    def __enter__(self) -> Output:
        return self

    def __exit__(self, *failure: object) -> None:
        if self.format == "json" and failure[0] is None:
            self._write("[]\n" if not self._written else "\n]\n")
        self.flush()

    def events(self, events: Iterable[LogEvent], *, with_group: bool) -> None:
        """Log events, one record each."""
        if self.format == "text":
            context = self._context()
            self._write("".join(f"{self._line(event, with_group, context)}\n" for event in events))
        elif self.format == "raw":
            self._raw(events)
        else:
            for event in events:
                self.record(event_record(event), EVENT_KEYS, "")

    def columns(self, columns: Columns, *, with_group: bool) -> None:
        """Log events as columns, one record each: the same bytes as `events` gives, without the objects."""
        if self.format == "raw" and not self._terminal:
            messages = exact_messages(columns)
            if any(columns.raws):
                self._bytes(b"".join(_as_held(message) + b"\n" for message in messages))
            elif messages:
                self._bytes(("\n".join(messages) + "\n").encode())
        elif self.format == "jsonl":
            self._stream.write(b"".join(jsonl((columns,))).decode())
        else:
            self.events(columns.events(), with_group=with_group)

    def record(self, record: Record, keys: Sequence[str], text: str) -> None:
        """One record, or its line of text."""
        if self.format in ("text", "raw"):
            self._write(f"{text}\n")
        elif self.format == "csv":
            self._csv(record, keys)
        elif self.format == "json":
            self._write(("[\n" if not self._written else ",\n") + json.dumps(record))
        else:
            self._write(json.dumps(record, separators=(",", ":")) + "\n")
        self._written += 1

    def flush(self) -> None:
        self._stream.flush()

    def _line(self, event: LogEvent, with_group: bool, context: Context) -> str:
        level = event.level.name if event.level else "-"
        where = (
            f"{printable(event.group)} {printable(event.stream)}" if with_group else printable(event.stream)
        )
        if context.members:
            where = f"{printable(place_words(context, event.account, event.region))} {where}"
        head = f"{iso(event.timestamp, self._zone)} {level:<5} {where}"
        message = "\n".join(printable(part) for part in event.message.rstrip("\n").split("\n"))
        if not self._color:
            return f"{head} {message}"
        code = _COLORS.get(event.level)
        return f"\x1b[2m{head}\x1b[0m {message}" if code is None else f"\x1b[{code}m{head}\x1b[0m {message}"

    def _raw(self, events: Iterable[LogEvent]) -> None:
        if self._terminal:
            for event in events:
                self._write("\n".join(printable(part) for part in event.message.split("\n")) + "\n")
            return
        messages = [
            event.message.encode() if event.raw is None else _as_received(event.raw) for event in events
        ]
        self._bytes(b"".join(message + b"\n" for message in messages))

    def _bytes(self, data: bytes) -> None:
        # What was written as text stands before it.
        self._stream.flush()
        self._stream.buffer.write(data)

    def _csv(self, record: Record, keys: Sequence[str]) -> None:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        if not self._written:
            writer.writerow(keys)
        writer.writerow([_cell(record.get(key)) for key in keys])
        self._write(buffer.getvalue())

    def _write(self, text: str) -> None:
        # Text that UTF-8 cannot hold was made inert above; what is left is a terminal's own encoding.
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _as_received(raw: bytes) -> bytes:
    """The bytes a file held where UTF-8 could not hold them; other lone surrogates as they are."""
    try:
        return raw.decode("utf-8", "surrogatepass").encode("utf-8", "surrogateescape")
    except UnicodeError:
        return raw


def _as_held(message: str) -> bytes:
    """A message's bytes; lone surrogates are bytes that UTF-8 could not hold, or what they are."""
    try:
        return message.encode()
    except UnicodeEncodeError:
        return _as_received(message.encode("utf-8", "surrogatepass"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    # A spreadsheet runs what begins so (OWASP: CSV injection).
    return (
        f"'{text}"
        if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
        else text
    )


def show(line: str) -> None:
    """A line of text on stdout that is inert already; what its encoding lacks is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def terminal_width() -> int:
    """The cells of a line of prose on stdout: those of the terminal within reason, else of a page."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else _PIPE_WIDTH


def say(message: str, hint: str = "") -> None:
    """A sentence for the person, on stderr, inert."""
    lines = [f"cwtui: {printable(message)}", *(f"  {line}" for line in printable_lines(hint) if line)]
    sys.stderr.write(_encodable("\n".join(lines)) + "\n")
    sys.stderr.flush()


def say_error(error: CwtuiError) -> None:
    """A failure in words: what, the way out, what to paste, the request id."""
    fix = "" if error.card.fix in error.hint else error.card.fix
    link = error.link if isinstance(error, WrongLogClass) else ""
    reference = f"[{error.code}, request {error.request_id}]" if error.request_id else ""
    say(error.message, "\n".join((error.hint, fix, link, reference)))


def say_record(error: CwtuiError) -> None:
    """A failure for a program: one line of JSON, `{"error": {"code": ...}}`, on stderr."""
    link = {"link": error.link} if isinstance(error, WrongLogClass) and error.link else {}
    sys.stderr.write(json.dumps({"error": error.record() | link}) + "\n")
    sys.stderr.flush()


def _encodable(text: str) -> SafeText:
    encoding = sys.stderr.encoding or "utf-8"
    return SafeText(text.encode(encoding, "backslashreplace").decode(encoding))
