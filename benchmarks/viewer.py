"""How quickly the terminal answers, measured from outside: a pty, a key, the first byte of the frame.

    .venv/bin/python -m benchmarks.viewer                  1,000,000 events beside a bare list; first paint
    .venv/bin/python -m benchmarks.viewer --tail 2000      the same while 2,000 events a second come in
    .venv/bin/python -m benchmarks.viewer --events 100000 --keys 20
    .venv/bin/python -m benchmarks.viewer --filter              keys while a filter runs over 5,000,000 events

Ratios are against the bare list, or the bare app, of the same run on the same machine: absolute
figures depend on both. p50 and p95 in milliseconds. While a filter runs, frames of its own come between:
a key that was pressed just before one of them seems quicker than it is, a stall shows all the same.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEYS = {"up": b"k", "page down": b"\x1b[6~", "home": b"\x1b[H", "end": b"\x1b[F"}
NUMBER = 0x61FF
"""The newest event that the filters let through: of 50,000 they do 256, or this one."""
USER = f"{NUMBER * 7919 % 100_000:05d}"
FILTERS = {"literal": "000061", "regex": "/request 0+61.. finished/", "field": f"user={USER}"}
TOLD = {"literal": USER, "regex": USER, "field": f"{NUMBER:08x}"}
"""What only the rows that it lets through have, and the prompt does not."""
NO_FILTERS = b"no filters"
TYPING_S = 0.15
"""Between two letters: longer than the prompt waits before it tries what is written."""
SIZES = ((120, 40), (200, 60))
QUIET = 0.06
LONGEST = 5.0


@dataclass
class Program:
    """A child in a pty."""

    pid: int
    terminal: int
    ready: int

    @classmethod
    def start(cls, arguments: Sequence[str], columns: int, rows: int) -> Program:
        """Runs `python arguments...` on a terminal of that size."""
        ready, told = os.pipe()
        pid, terminal = pty.fork()
        if pid == 0:
            os.close(ready)
            os.set_inheritable(told, True)
            environment = {
                **os.environ,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "TEXTUAL_ANIMATIONS": "none",
                "CWTUI_BENCH_READY": str(told),
            }
            environment.pop("SSH_TTY", None)
            # An installed program is compiled: without this each start would compile some modules anew.
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            os.execve(sys.executable, [sys.executable, *arguments], environment)
        os.close(told)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return cls(pid, terminal, ready)

    def read(self, wait: float) -> bytes:
        """What came within the wait, or nothing."""
        if not select.select([self.terminal], [], [], wait)[0]:
            return b""
        try:
            return os.read(self.terminal, 1 << 20)
        except OSError:
            return b""

    def settle(self, quiet: float = QUIET, longest: float = LONGEST) -> int:
        """Reads until nothing came for a while; how many bytes that were."""
        count, until = 0, time.perf_counter() + longest
        while time.perf_counter() < until:
            piece = self.read(quiet)
            if not piece:
                break
            count += len(piece)
        return count

    def await_ready(self, longest: float) -> float:
        """Seconds until the child said that everything is loaded."""
        began = time.perf_counter()
        while time.perf_counter() - began < longest:
            seen = select.select([self.terminal, self.ready], [], [], 1.0)[0]
            if self.terminal in seen and not self.read(0):
                break
            if self.ready in seen and os.read(self.ready, 1):
                return time.perf_counter() - began
        raise SystemExit("The program did not become ready.")

    def await_text(self, wanted: bytes, longest: float = 20.0) -> float:
        """Seconds until that text was written."""
        began, seen = time.perf_counter(), b""
        while time.perf_counter() - began < longest:
            seen += self.read(0.5)
            if wanted in seen:
                return time.perf_counter() - began
        raise SystemExit(f"{wanted!r} was not written.")

    def press(self, key: bytes) -> tuple[float, int]:
        """Milliseconds from the key to the first byte of what it changed, and how many bytes that took."""
        began = time.perf_counter()
        os.write(self.terminal, key)
        first = self.read(LONGEST)
        took = (time.perf_counter() - began) * 1000
        return took, len(first) + self.settle(longest=0.5)

    def press_amid(self, key: bytes) -> float:
        """Milliseconds from the key to the next byte, while frames may come of themselves."""
        self.settle(quiet=0.0)
        began = time.perf_counter()
        os.write(self.terminal, key)
        self.read(LONGEST)
        return (time.perf_counter() - began) * 1000

    def memory(self) -> tuple[int, int]:
        """MB resident now, and at most so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return int(fields["VmRSS"].split()[0]) // 1024, int(fields["VmHWM"].split()[0]) // 1024

    def stop(self) -> None:
        """Ends this child."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.perf_counter() + 3
        while time.perf_counter() < deadline:
            self.read(0.05)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)
        os.close(self.ready)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def measure(program: Program, presses: int) -> dict[str, tuple[float, float, int]]:
    """Per key: p50, p95, and the median of bytes."""
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in KEYS}
    program.settle()
    for _ in range(presses):
        for name in ("end", "up", "up", "home", "page down", "page down"):
            results[name].append(program.press(KEYS[name]))
    return {
        name: (
            percentile([took for took, _ in pairs], 0.5),
            percentile([took for took, _ in pairs], 0.95),
            int(statistics.median(size for _, size in pairs)),
        )
        for name, pairs in results.items()
    }


def keys(sizes: Sequence[tuple[int, int]], count: int, rate: int, presses: int) -> None:
    for columns, rows in sizes:
        bare = Program.start([str(HERE / "_viewer_app.py"), "bare", str(count)], columns, rows)
        bare.await_ready(60)
        peer = measure(bare, presses)
        bare_memory = bare.memory()
        bare.stop()
        ours = Program.start([str(HERE / "_viewer_app.py"), "events", str(count), str(rate)], columns, rows)
        loading = ours.await_ready(300)
        time.sleep(1.0)
        ours.settle(longest=1.0)
        figures = measure(ours, presses)
        memory = ours.memory()
        ours.stop()
        more = f", {rate:,} more a second" if rate else ""
        print(f"\n{columns}x{rows}, {count:,} events{more} (loaded in {loading:.1f} s)")
        names = f"{'p50':>7} {'p95':>7} {'bytes':>7}"
        print(f"{'key':<10} {names}   bare {names}   ratio p95")
        for name, (middle, high, size) in figures.items():
            other_middle, other_high, other_size = peer[name]
            print(
                f"{name:<10} {middle:7.1f} {high:7.1f} {size:7,}        {other_middle:7.1f} "
                f"{other_high:7.1f} {other_size:7,}   {high / other_high:9.2f}"
            )
        print(f"memory     {memory[0]} MB (most {memory[1]} MB), bare list {bare_memory[0]} MB")


def while_filtering(sizes: Sequence[tuple[int, int]], count: int, rounds: int) -> None:
    for columns, rows in sizes:
        program = Program.start([str(HERE / "_viewer_app.py"), "events", str(count), "0"], columns, rows)
        loading = program.await_ready(900)
        time.sleep(1.0)
        program.settle(longest=1.0)
        print(f"\n{columns}x{rows}, a filter over {count:,} events (loaded in {loading:.1f} s)")
        print(
            f"{'filter':<10} {'typed: p50':>10} {'p95':>7}   {'moved: p50':>10} {'p95':>7} {'first rows':>12}"
        )
        at_rest = [took for _ in range(rounds) for took in moves(program)]
        program.settle(0.5)
        print(f"{'none':<10} {'':>18}   {percentile(at_rest, 0.5):10.1f} {percentile(at_rest, 0.95):7.1f}")
        for name, text in FILTERS.items():
            typed, moved, rows_after = filtered(program, name, text, rounds)
            print(
                f"{name:<10} {percentile(typed, 0.5):10.1f} {percentile(typed, 0.95):7.1f}   "
                f"{percentile(moved, 0.5):10.1f} {percentile(moved, 0.95):7.1f}   "
                f"{statistics.median(rows_after):7.0f} ms"
            )
        now, most = program.memory()
        print(f"memory     {now} MB (most {most} MB)")
        program.stop()


def filtered(
    program: Program, name: str, text: str, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of letters typed over a running filter, of movements over one, and to its first rows."""
    typed, moved, rows_after = [], [], []
    for _ in range(rounds):
        # At the end of the list the newest of what a filter finds is on the screen.
        os.write(program.terminal, KEYS["end"])
        program.settle(0.3)
        open_prompt(program)
        for letter in text:
            typed.append(program.press_amid(letter.encode()))
            program.settle(quiet=TYPING_S, longest=TYPING_S)
        leave_prompt(program)
        open_prompt(program)
        began = time.perf_counter()
        os.write(program.terminal, text.encode())
        program.await_text(TOLD[name].encode())
        rows_after.append((time.perf_counter() - began) * 1000)
        leave_prompt(program)
        # Entered at once, it runs while the list is moved in.
        open_prompt(program)
        os.write(program.terminal, text.encode() + b"\r")
        program.settle(0.02, 0.1)
        moved += moves(program)
        program.settle(0.5)
        for key in (b"W", b"x", b"\x1b"):
            program.settle(0.4)
            os.write(program.terminal, key)
        program.await_text(NO_FILTERS)
        program.settle(0.3)
    return typed, moved, rows_after


def open_prompt(program: Program) -> None:
    os.write(program.terminal, b"&")
    program.await_text(b"apply")
    program.settle(0.2)


def leave_prompt(program: Program) -> None:
    program.settle(0.2)
    os.write(program.terminal, b"\x1b")
    program.await_text(b"find")
    program.settle(0.5)


def moves(program: Program) -> list[float]:
    """Milliseconds of six keys, of which each changes something wherever there are two rows."""
    took = []
    for name in ("home", "page down", "home", "end", "up", "home"):
        took.append(program.press_amid(KEYS[name]))
        program.settle(0.02, 0.04)
    return took


def first_paint(runs: int) -> None:
    ours, peer = [], []
    for _ in range(runs):
        program = Program.start(["-m", "cwtui", "--mock"], 120, 40)
        ours.append(program.await_text(b"demo"))
        program.stop()
        program = Program.start([str(HERE / "_viewer_app.py"), "label"], 120, 40)
        peer.append(program.await_text(b"one-label"))
        program.stop()
    mine, other = statistics.median(ours), statistics.median(peer)
    print(f"\nfirst paint of cwtui --mock: {mine:.2f} s")
    print(f"first paint of header, footer, label: {other:.2f} s; ratio {mine / other:.2f}")


def size(text: str) -> tuple[int, int]:
    columns, rows = text.split("x")
    return int(columns), int(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Key to first byte, through a pty.")
    parser.add_argument("--events", type=int, help="1,000,000; with --filter 5,000,000")
    parser.add_argument("--filter", action="store_true", help="keys while a filter runs, and nothing else")
    parser.add_argument("--tail", type=int, default=0, metavar="PER_SECOND")
    parser.add_argument("--keys", type=int, default=30, help="presses of each key")
    parser.add_argument("--size", type=size, action="append", help="120x40; both sizes when left out")
    parser.add_argument("--runs", type=int, default=7, help="starts for the first paint; 0: leave it out")
    chosen = parser.parse_args()
    os.chdir(HERE.parent)
    if chosen.filter:
        while_filtering(chosen.size or SIZES[:1], chosen.events or 5_000_000, max(1, chosen.keys // 6))
        return
    keys(chosen.size or SIZES, chosen.events or 1_000_000, chosen.tail, chosen.keys)
    if chosen.runs:
        first_paint(chosen.runs)


if __name__ == "__main__":
    main()
