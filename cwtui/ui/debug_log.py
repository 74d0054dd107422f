"""Where tracebacks go: the debug log in the state folder, never the screen."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

from cwtui import __version__
from cwtui.settings import state_dir


def record_crash(error: BaseException) -> Path:
    """Appends a traceback to the debug log, readable by the user only; gives the log's path."""
    path = state_dir() / "debug.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = traceback.format_exception(error)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(f"{datetime.now(UTC).isoformat()} cwtui {__version__}\n{''.join(lines)}\n")
    return path
