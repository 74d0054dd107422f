"""Records which AWS operations were issued, and on what: JSON lines that `iam-policy --from-session` reads.

A line holds `service`, `operation`, `region` and `resource` (a log group, `bucket/folder/`, a role or policy;
empty where the call names none), once per process. No other parameter, no answer and no secret goes there.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from cwtui.core.errors import DataError, InputError

_ONE = ("logGroupIdentifier", "logGroupName", "RoleArn", "RoleName", "PolicyArn", "PolicySourceArn")
_MANY = ("logGroupIdentifiers", "logGroupNames")


class CallLog:
    """Appends each distinct call to a file that only the user may read."""

    def __init__(self, path: Path) -> None:
        """Raises InputError where the file cannot be written."""
        self._path = path
        self._known: set[tuple[str, str, str, str]] = set()
        self._lock = threading.Lock()
        try:
            self._append("")
        except OSError as error:
            raise InputError(
                f"AWS calls cannot be recorded in {path}: {error.strerror or error}.",
                "Name a file that can be written with --calls.",
                code="calls",
            ) from error

    def note(self, service: str, operation: str, region: str, params: Mapping[str, object]) -> None:
        """One call about to be issued. Raises DataError where it cannot be written down."""
        for resource in _resources(params):
            call = (service, operation, region, resource)
            with self._lock:
                if call in self._known:
                    continue
                self._known.add(call)
                keys = ("service", "operation", "region", "resource")
                try:
                    self._append(json.dumps(dict(zip(keys, call, strict=True))) + "\n")
                except OSError as error:
                    raise DataError(
                        f"The call {service}:{operation} cannot be recorded in {self._path}: "
                        f"{error.strerror or error}.",
                        "Give another file with --calls, or none.",
                        code="calls",
                    ) from error

    def _append(self, line: str) -> None:
        # One write: lines of several processes never mix.
        held = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(held, line.encode())
        finally:
            os.close(held)


@cache
def call_log(path: str) -> CallLog:
    """The record of a file, one for the process, whatever sessions write to it. Raises InputError."""
    return CallLog(Path(path).expanduser())


def _resources(params: Mapping[str, object]) -> Iterator[str]:
    for name in _MANY:
        named = params.get(name)
        if isinstance(named, (list, tuple)) and named:
            yield from (str(one) for one in named)
            return
    if "Bucket" in params:
        folder = str(params.get("Key", "")).rpartition("/")[0]
        yield f"{params['Bucket']}/{folder}/" if folder else f"{params['Bucket']}/"
        return
    yield next((str(params[name]) for name in _ONE if params.get(name)), "")
