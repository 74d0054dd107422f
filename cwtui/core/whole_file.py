"""Small files of cwtui's own, written whole or not at all: a crash leaves the old one."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Replaces a file, making its folder where there is none. Raises OSError; the old file then stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, document: object) -> None:
    """`write_whole` of a document as JSON that people can read; ASCII, so that it holds any text."""
    write_whole(path, json.dumps(document, indent=1).encode())
