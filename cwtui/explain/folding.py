"""Lines of a stack trace that were sent as events of their own, found beneath the event they belong to.

What one line says of itself is `lang.continuation`'s; beside its neighbours it is judged here as in
`window.joined`, on events that come in chunks and are not kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import blake2b

from cwtui.core.models import Level
from cwtui.lang.continuation import LineKind, kind_of
from cwtui.lang.traces import Trace, trace_of

_WITHIN_MS = 500
"""The lines of a trace are written in one go."""
_BACK = 256
"""Events of other streams that may stand between."""
_WATCHED = 64
"""So many events after a grave or folded one any line may go on with it."""
_LINES = 200
_WIDTH = 500
_OPEN = 256
"""Traces that may still grow; beyond, the oldest are closed."""
KINDS_MOST = 5_000
"""Different traces that are told apart."""
LOOKED_AT = frozenset(("", " ", "\t", "\r", "\n", "C"))
"""First characters of lines that may go on with another wherever they stand."""
_ALONE = -1
_FOLD = bytes.maketrans(b"123456789", b"000000000")


class Folding:
    """To which event each belongs, and the traces of events."""

    def __init__(self, streams: array[int], times: array[int]) -> None:
        """`streams` and `times` are of all events so far, by position; who owns them appends to them."""
        self._streams = streams
        self._times = times
        self._levels = array("b")
        self.kinds = array("b")
        """By position: negative where the event stands for itself, else its `LineKind`."""
        self.watch = -1
        """Up to here any line may go on with what came before."""
        self._open: dict[int, list[str]] = {}
        self._read: dict[bytes, Trace | None] = {}
        self._known: dict[Trace, int] = {}
        self._at = array("q")
        self._which = array("i")

    def begin(self, levels: Sequence[int]) -> None:
        """Takes the levels of events that come next. Those not given to `head` stand for themselves."""
        self._levels.extend(levels)
        self.kinds.extend([_ALONE] * len(levels))

    def head(self, position: int, message: str) -> int:
        """The position of the event that one belongs to, which may be its own.

        To be asked of every event that is grave, has several lines, starts with one of `LOOKED_AT`, or
        stands before `watch`; in order.
        """
        level = self._levels[position]
        kind = kind_of(message)
        if kind != LineKind.OPENING and (above := self._above(position, kind)) != position:
            self.kinds[position] = kind
            self._keep(above, message)
            self.watch = position + _WATCHED
            return above
        if level >= Level.ERROR:
            self.watch = position + _WATCHED
            self._open[position] = [message[: _LINES * _WIDTH]]
            if len(self._open) > _OPEN:
                self._close()
        elif "\n" in message:
            self._note(position, message)
        return position

    def _above(self, position: int, kind: LineKind) -> int:
        """The event that a line belongs to, or its own position."""
        stream, level = self._streams[position], self._levels[position]
        time, near = self._times[position], None
        for earlier in range(position - 1, max(-1, position - _BACK), -1):
            if self._streams[earlier] != stream:
                continue
            if abs(time - self._times[earlier]) > _WITHIN_MS:
                return position
            before = self.kinds[earlier]
            if near is None:
                near = before
                if kind == LineKind.CLOSING and not (
                    before == LineKind.BODY or (before == _ALONE and self._levels[earlier] >= Level.ERROR)
                ):
                    return position
            if before == _ALONE:
                # An error never hides beneath a line that is none.
                graver = level >= Level.WARN and level > self._levels[earlier] and kind != LineKind.FRAME
                return position if graver else earlier
        return position

    def _keep(self, head: int, message: str) -> None:
        lines = self._open.setdefault(head, [])
        if len(lines) < _LINES:
            lines.append(message[:_WIDTH])

    def _close(self) -> None:
        """Settles the older half of the traces that are open."""
        for head in sorted(self._open)[: _OPEN // 2]:
            self._note(head, "\n".join(self._open.pop(head)))

    def _note(self, head: int, text: str) -> None:
        if "\n" not in text and "stack" not in text:
            return
        # The same but for its numbers is the same trace, and the same trace comes again and again.
        key = blake2b(text.encode("utf-8", "surrogatepass").translate(_FOLD), digest_size=16).digest()
        if key in self._read:
            trace = self._read[key]
        else:
            if len(self._read) >= KINDS_MOST:
                self._read.clear()
            trace = self._read[key] = trace_of(text)
        if trace is not None:
            known = self._known.get(trace)
            if known is None and len(self._known) < KINDS_MOST:
                known = self._known[trace] = len(self._known)
            if known is not None:
                self._at.append(head)
                self._which.append(known)

    def traces(self) -> list[tuple[int, Trace]]:
        """(position of an event, its trace), of all events that have one."""
        for head in sorted(self._open):
            if head + _BACK < len(self.kinds):
                self._note(head, "\n".join(self._open.pop(head)))
        kinds = list(self._known)
        found = [(head, kinds[which]) for head, which in zip(self._at, self._which, strict=True)]
        for head, lines in sorted(self._open.items()):
            if (trace := trace_of("\n".join(lines))) is not None:
                found.append((head, trace))
        return found
