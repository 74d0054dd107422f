"""Opening a big log file beside lnav and toolong: first rows, all of it, memory, and printing it again.

    .venv/bin/python -m benchmarks.files [--lines 1000000] [--rounds 3] [--toolong PATH]

Writes a text log of its own (seeded, 137 bytes a line) into a temporary folder and removes it. Each program
opens it in a pty of 120 columns and 40 rows; the best of the rounds counts, as all programs take turns on one
machine. `first rows` is the first frame with a line of the log, `all of it` the one that says the program
knows the last line; `memory` is the most its processes held together until then. A peer that is not installed
is left out: `apt-get install lnav`; `python3 -m venv /tmp/tl && /tmp/tl/bin/pip install toolong`, then
`--toolong /tmp/tl/bin/tl` (it pins an old Textual, so never into our environment).
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import pty
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS, ROWS = 120, 40
LINE = 137
PATIENCE_S = 180
_MARK = "quetzal"
"""A word of every line that no program writes of itself."""
_TAIL = 60_000
"""Bytes of output that are looked at: some frames."""
_STYLING = re.compile(rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[()][0-9A-Z]")
_LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR")
_WORDS = (
    "order",
    "cart",
    "payment",
    "refund",
    "user",
    "session",
    "cache",
    "retry",
    "shard",
    "replica",
    "token",
)


@dataclass(frozen=True, slots=True)
class Program:
    """A viewer: how it opens a file, how it shows that it knows the whole, how it prints it."""

    name: str
    opens: Sequence[str]
    whole: re.Pattern[bytes]
    prints: Sequence[str] = ()


@dataclass(slots=True)
class Figures:
    """Seconds and MB; None where it was not seen in time or cannot be told."""

    rows: float | None = None
    whole: float | None = None
    memory: float | None = None
    printed: float | None = None


def text(count: int, seed: int = 3) -> Iterator[str]:
    """Lines of a service's log, some ms apart."""
    chance = random.Random(seed)
    moment = datetime(2026, 1, 22, 10, tzinfo=UTC)
    for _ in range(count):
        moment += timedelta(milliseconds=chance.randrange(20))
        stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
        words = " ".join(chance.choices(_WORDS, k=6))
        line = f"{stamp} {chance.choice(_LEVELS)} {_MARK} {chance.getrandbits(64):016x} {words}"
        yield f"{line} took {chance.randrange(900)} ms".ljust(LINE - 1, ".")[: LINE - 1] + "\n"


def in_a_pty(program: Program) -> Figures:
    """Opens the program, waits for its rows and the whole, and ends it."""
    figures = Figures()
    begun = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        os.execvp(program.opens[0], list(program.opens))
    seen = b""
    try:
        while figures.whole is None and time.perf_counter() - begun < PATIENCE_S:
            if select.select([terminal], [], [], 0.05)[0]:
                seen = (seen + os.read(terminal, 1 << 16))[-_TAIL:]
                shown = _STYLING.sub(b"", seen)
                now = time.perf_counter() - begun
                if figures.rows is None and _MARK.encode() in shown:
                    figures.rows = now
                if program.whole.search(shown):
                    figures.whole = now
            figures.memory = max(filter(None, (figures.memory, resident_mb(pid))), default=None)
    except OSError:
        pass  # it has ended: what was not seen stays None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    return figures


def resident_mb(pid: int) -> float | None:
    """What a process and its children hold in memory at this moment; None where /proc does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    held = re.search(r"VmRSS:\s+(\d+)", status)
    own = int(held[1]) / 1024 if held else 0.0
    return own + sum(resident_mb(int(child)) or 0.0 for child in children)


def printing(command: Sequence[str]) -> float:
    """Seconds until a command has printed the log into a pipe."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 20):
            pass
    return time.perf_counter() - begun


def programs(path: Path, count: int, toolong: str) -> list[Program]:
    """cwtui and the peers that are installed; says which are not."""
    ours = (sys.executable, "-m", "cwtui")
    # A status line that counts to the last screenful: 999,9xx of 1,000,000.
    last = str(count - 1)[:-2].encode() + rb"\d\d\b"
    found = [
        Program(
            "cwtui",
            (*ours, "open", str(path)),
            re.compile(f"{count:,} loaded".encode()),
            (*ours, "events", "--from", str(path), "-o", "raw"),
        )
    ]
    if shutil.which("lnav"):
        found.append(
            Program("lnav", ("lnav", str(path)), re.compile(rb"L" + last), ("lnav", "-n", str(path)))
        )
    else:
        print("lnav is not installed (apt-get install lnav): nothing to compare with it.")
    if toolong := shutil.which(toolong) or "":
        found.append(Program("toolong", (toolong, str(path)), re.compile("• ".encode() + last)))
    else:
        print("toolong is not installed (see the head of this file): nothing to compare with it.")
    return found


def measure(each: Program, best: Figures) -> None:
    """One more round of a program: the best of what was seen stays, of memory the most."""
    now = in_a_pty(each)
    now.printed = printing(each.prints) if each.prints else None
    best.rows = min(filter(None, (best.rows, now.rows)), default=None)
    best.whole = min(filter(None, (best.whole, now.whole)), default=None)
    best.printed = min(filter(None, (best.printed, now.printed)), default=None)
    best.memory = max(filter(None, (best.memory, now.memory)), default=None)


def table(figures: dict[str, Figures], size_mb: float) -> Iterator[str]:
    """The figures beside each other, and ours as a multiple of each peer's."""
    peers = [name for name in figures if name != "cwtui"]
    names = "".join(f"{name:>10}" for name in figures)
    yield f"{'':<18}{names}" + "".join(f"{f'cwtui/{name}':>15}" for name in peers)
    for title, field in (
        ("first rows, s", "rows"),
        ("all of it, s", "whole"),
        ("memory, MB", "memory"),
        ("printed, s", "printed"),
    ):
        values: dict[str, float | None] = {name: getattr(each, field) for name, each in figures.items()}
        ours = values["cwtui"]
        row = "".join(f"{'-' if value is None else f'{value:.2f}':>10}" for value in values.values())
        for name in peers:
            theirs = values[name]
            row += f"{f'{ours / theirs:.2f}' if ours and theirs else '-':>15}"
        yield f"{title:<18}{row}"
    if memory := figures["cwtui"].memory:
        yield f"cwtui's memory is {memory / size_mb:.1f} times the text."


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--toolong", default="tl", metavar="PATH", help="toolong's command")
    given = parser.parse_args()
    # An installed program is compiled: without this each start would compile some modules anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="cwtui-files-") as folder:
        path = Path(folder, "service.log")
        with path.open("w") as file:
            file.writelines(text(given.lines))
        size_mb = path.stat().st_size / 1e6
        chosen = programs(path, given.lines, given.toolong)
        figures = {each.name: Figures() for each in chosen}
        for _ in range(given.rounds):
            for each in chosen:
                measure(each, figures[each.name])
    print(f"{given.lines:,} lines, {size_mb:.0f} MB, best of {given.rounds}; load {os.getloadavg()[0]:.1f}")
    print("\n".join(table(figures, size_mb)))


if __name__ == "__main__":
    main()
