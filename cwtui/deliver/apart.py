"""Reading a big file in a process of its own, so that whoever waits for its events keeps the interpreter.

Parsing millions of lines in a thread makes the screen wait for its turn; taking over what another process
has parsed and packed costs a twentieth of that. The process is this module run by `-m`: pickled batches come
out of it, with how far it has come, and in the end the report or the failure.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import IO

from cwtui.core.errors import CwtuiError
from cwtui.deliver.begun import begin
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.packed import Kept
from cwtui.deliver.recording import read_events


def read_apart(
    path: Path | str, report: ReadReport, begun: subprocess.Popen[bytes] | None = None
) -> Generator[Kept, None, None]:
    """`read_events` by a process of its own: the same batches, report and failures.

    `begun` is what `begin` gave for this path, where it was called before. A process that ends before it is
    through (killed, out of memory) leaves what it read, and a note. Closing the iterator ends the process.
    """
    with begun or begin(path) as process:
        assert process.stdout is not None
        try:
            while True:
                item = _next(process.stdout)
                if isinstance(item, tuple):
                    batch, report.bytes_read = item
                    report.records += len(batch)
                    report.malformed += batch.malformed
                    yield batch
                elif isinstance(item, CwtuiError):
                    raise item
                else:
                    _take_over(item, path, report)
                    return
        finally:
            process.kill()


def _next(stream: IO[bytes]) -> object:
    """What the process says next; None where it said no more."""
    try:
        return pickle.load(stream)
    except Exception:
        # A stream that was cut may end anywhere, and unpickling then raises whatever it comes upon.
        return None


def _take_over(told: object, path: Path | str, report: ReadReport) -> None:
    if isinstance(told, ReadReport):
        report.notes += told.notes
        report.remarks += told.remarks
        report.bytes_read = told.bytes_read
    else:
        report.notes.append(
            f"{path}: the process that read it ended after {report.records:,} events; the rest is missing."
        )


def main() -> None:
    """The process: reads the file it is told and says what it found on stdout."""
    out = sys.stdout.buffer
    report = ReadReport()
    try:
        for batch in read_events(sys.argv[1], report):
            out.write(pickle.dumps((Kept.of(batch), report.bytes_read), pickle.HIGHEST_PROTOCOL))
            out.flush()
        out.write(pickle.dumps(report, pickle.HIGHEST_PROTOCOL))
    except CwtuiError as error:
        out.write(pickle.dumps(error, pickle.HIGHEST_PROTOCOL))
    except BrokenPipeError:
        # Nobody wants more. Python would flush into the pipe again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


if __name__ == "__main__":
    main()
