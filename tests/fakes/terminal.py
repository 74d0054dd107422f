"""The real program in a real pty: keys in, every byte it writes out, and the screen they make."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import pyte

CWTUI = (sys.executable, "-m", "cwtui")


class Terminal:
    """A program in a pty of the given size. `raw` is every byte it wrote so far."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        environment.update(env or {})
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes the program
            os.execvpe(argv[0], list(argv), environment)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.exit_code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    @property
    def text(self) -> str:
        """What the screen shows now."""
        return "\n".join(self._screen.display)

    def send(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = 20) -> str:
        """Reads until the screen holds the text (or pleases the function); its text then."""
        pleases = wanted if callable(wanted) else lambda screen: wanted in screen
        end = time.monotonic() + seconds
        while not pleases(self.text):
            if not self._read(max(0.0, end - time.monotonic())):
                raise AssertionError(f"never came: {wanted!r}; the screen:\n{self.text}")
        return self.text

    def wait_for_end(self, seconds: float = 20) -> int:
        """Reads to the program's end; its exit code."""
        end = time.monotonic() + seconds
        while self._read(max(0.0, end - time.monotonic())):
            pass
        if time.monotonic() >= end:
            raise AssertionError(f"the program did not end; the screen:\n{self.text}")
        self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.exit_code

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65_536)
        except OSError as error:
            if error.errno == errno.EIO:  # Linux says so when the child has gone
                return False
            raise
        self.raw += data
        # pyte takes ESC[>...m (a question about the keyboard) for colours; a terminal does not.
        self._stream.feed(re.sub(rb"\x1b\[[>=?<][0-9;]*[mu]", b"", data))
        return bool(data)


_CONTROL = re.compile(
    rb"\x1b\[[0-9;:?<>=!]*[ -/]*[@-~]"  # CSI
    rb"|\x1b[78=>]|\x1b[()][A-Z0-9]"  # save/restore, keypad, character sets
    rb"|\x1b\]22;[a-z-]*\x1b\\"  # Textual's own pointer shapes
)
_ALLOWED_CONTROLS = frozenset(b"\n\r\t\x0f")


def foreign_controls(raw: bytes) -> list[Any]:
    """What in a byte stream neither Textual nor a plain printer writes: every control left over."""
    rest = _CONTROL.sub(b"", raw)
    text = rest.decode("utf-8", "replace")
    return [
        (hex(ord(character)), text[max(0, place - 20) : place + 20])
        for place, character in enumerate(text)
        if (ord(character) < 0x20 and ord(character) not in _ALLOWED_CONTROLS)
        or 0x7F <= ord(character) < 0xA0
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufffd"
    ]
