"""The program itself over a text log of millions of lines, in a pty: what `scale.py --program` runs.

Opened, filtered, scrolled, narrowed to its last hour and back, and printed headless: what is on the screen
is compared with what was written, and what is printed with the file, byte for byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.viewer import Program

PATIENCE_S = 400
MARK = "quetzal"
EVERY = 1000
"""One line in so many has the mark."""
STEP_MS = 3
PLACES = 40
COLUMNS, ROWS = 120, 40
_LATELY = 60_000
"""Bytes of output that are looked at: some frames."""
_STYLING = re.compile(rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[()][0-9A-Z]")
_WORDS = ("cache", "orders", "payment", "cart", "search", "session", "upload", "invoice")
_FIRST = datetime(2026, 1, 22, 10, tzinfo=UTC)
_LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR")


def line(number: int) -> str:
    """One of the log, about 110 bytes; its number is in it."""
    mark = MARK if number % EVERY == 7 else _WORDS[number * 5 % 8]
    return (
        f"{_LEVELS[number * 7 % 6]} n={number:08d} {mark} {_WORDS[number % 8]}.handler finished in "
        f"{number * 37 % 900} ms user={number * 7919 % 100_000:05d}"
    )


def write(path: Path, count: int) -> None:
    """The log, `STEP_MS` between two lines."""
    with path.open("w") as file:
        for first in range(0, count, 1000):
            lines = []
            for number in range(first, min(first + 1000, count)):
                moment = _FIRST + timedelta(milliseconds=STEP_MS * number)
                stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
                lines.append(f"{stamp} {line(number)}\n")
            file.writelines(lines)


class Watch:
    """The most that a process and each of its children ever held, in MB, as the kernel says (VmHWM)."""

    def __init__(self, pid: int) -> None:
        self.own = self.children = self.together = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            own, now = _memory(self._pid)
            children = [_memory(child) for child in _children(self._pid)]
            self.own = max(self.own, own)
            self.children = max((self.children, *(most for most, _ in children)))
            self.together = max(self.together, now + sum(held for _, held in children))

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def __str__(self) -> str:
        return f"{self.own:,} MB, its child {self.children} MB, at one time {self.together:,} MB"


def _memory(pid: int) -> tuple[int, int]:
    """MB at most so far, and now; zeros for a process that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0, 0
    fields = dict(row.split(":", 1) for row in status.splitlines())
    if "VmHWM" not in fields:
        return 0, 0
    return int(fields["VmHWM"].split()[0]) // 1024, int(fields["VmRSS"].split()[0]) // 1024


def _children(pid: int) -> list[int]:
    """Of all its threads: each has its own."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for told in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, told.read_text().split())
    return found


class Screen:
    """The program in its pty, and the words it wrote lately."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._seen = b""

    def await_words(self, wanted: str, longest: float = PATIENCE_S) -> float:
        """Seconds until the pattern was written since the last `press`. Exits where it never is."""
        began = time.perf_counter()
        pattern = re.compile(wanted.encode())
        while time.perf_counter() - began < longest:
            self._seen += self.program.read(0.05)
            if len(self._seen) > _LATELY:
                self._seen = self._seen[-_LATELY // 2 :]
            if pattern.search(_STYLING.sub(b"", self._seen)):
                return time.perf_counter() - began
        print(_STYLING.sub(b" ", self._seen)[-3000:].decode(errors="replace"))
        raise SystemExit(f"{wanted!r} was not written.")

    def press(self, keys: bytes) -> None:
        self.program.settle(0.05, 0.5)
        self._seen = b""
        os.write(self.program.terminal, keys)


def run(
    count: int, memory: str, most: int, claim: Callable[[str, bool], None], *, headless_only: bool
) -> None:
    """Prints what was measured and claims what has to hold. `most` is the MB that the process may take."""
    with tempfile.TemporaryDirectory(prefix="cwtui-scale-") as folder:
        path = Path(folder, "service.log")
        write(path, count)
        print(f"{count:,} lines, {path.stat().st_size / 2**20:,.0f} MB of text, setting {memory}")
        spill = Path(folder, "tmp")
        spill.mkdir()
        os.environ |= {"CWTUI_MEMORY": memory, "HOME": folder, "TMPDIR": str(spill)}
        os.environ |= {
            f"XDG_{kind}_HOME": f"{folder}/{kind.lower()}" for kind in ("CONFIG", "STATE", "CACHE")
        }
        if not headless_only:
            _viewed(path, count, most, claim)
        _printed(path, most, claim)
        claim("nothing is left in the temporary folder", not any(spill.iterdir()))


def _viewed(path: Path, count: int, most: int, claim: Callable[[str, bool], None]) -> None:
    program = Program.start(["-m", "cwtui", "open", str(path)], COLUMNS, ROWS)
    watch, screen = Watch(program.pid), Screen(program)
    try:
        began = time.perf_counter()
        screen.await_words(r"n=\d{8}")
        print(f"  first rows after {time.perf_counter() - began:.2f} s")
        screen.await_words(f"{count:,} loaded")
        print(f"  all loaded after {time.perf_counter() - began:.1f} s; {watch}")
        marked = len(range(7, count, EVERY))
        screen.press(b"&" + MARK.encode())
        print(f"  first rows of a filter after {screen.await_words(MARK + ' [a-z]+.handler') * 1e3:.0f} ms")
        print(f"  all of it after {screen.await_words(f'{marked:,} of {count:,}'):.2f} s more; {watch}")
        claim("the filter finds every line with its word", True)
        screen.press(b"\r")
        for key in (b"\x1b[H", b"\x1b[F", b"\x1b[5~", b"\x1b[5~"):
            screen.press(key)
            time.sleep(0.2)
        for key in (b"W", b"x", b"\x1b"):
            program.settle(0.4)
            screen.press(key)
        screen.await_words("no filters")
        spans, chance = [], random.Random(3)
        for _ in range(PLACES):
            place = chance.randrange(count)
            screen.press(b":" + str(place + 1).encode() + b"\r")
            spans.append(screen.await_words(f"n={place:08d}", 20) * 1e3)
        spans.sort()
        claim(f"each of {PLACES} random places shows its line", True)
        print(f"  a random place p50 {spans[PLACES // 2]:.0f} ms, most {spans[-1]:.0f} ms; {watch}")
        # The last quarter of an hour: the files are asked for another window.
        hour = min(count, 900_000 // STEP_MS)
        screen.press(b"4")
        began = time.perf_counter()
        screen.await_words(rf"\D(?:{hour:,}|{hour - 1:,}|{hour + 1:,}) loaded")
        print(f"  another window of {hour:,} lines after {time.perf_counter() - began:.1f} s; {watch}")
    finally:
        watch.stop()
        program.stop()
    claim(f"the program was never over {most} MB: {watch}", watch.own <= most)


def _printed(path: Path, most: int, claim: Callable[[str, bool], None]) -> None:
    began, printed = time.perf_counter(), hashlib.blake2b()
    command = [sys.executable, "-m", "cwtui", "events", "--from", str(path), "-o", "raw"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        watch = Watch(process.pid)
        assert process.stdout is not None
        while piece := process.stdout.read(1 << 20):
            printed.update(piece)
        watch.stop()
    print(f"  printed by `events --from` in {time.perf_counter() - began:.1f} s; {watch}")
    with path.open("rb") as file:
        claim(
            "what is printed is the file", hashlib.file_digest(file, "blake2b").digest() == printed.digest()
        )
    claim(f"printing was never over {most} MB: {watch.own}", watch.own <= most)
