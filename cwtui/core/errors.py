"""What can go wrong, said so that a person can mend it.

    CwtuiError                     exit 1   (never raised itself)
    ├── InputError                 exit 2   what was asked cannot be understood
    ├── CredentialsError           exit 3   who is asking is not known
    ├── PermissionDenied           exit 4   who is asking may not
    ├── NotFound                   exit 5   no such group, stream, file, bucket
    ├── LimitReached               exit 6   throttled, or a quota
    ├── NetworkError               exit 7   no answer
    ├── ServiceError               exit 8   the service failed
    └── DataError                  exit 9   the answer or the file cannot be read, or cannot be kept
        └── StorageFull            exit 9   no room on the disk

Adapters raise only these, `from` the original. Messages hold foreign text: a face passes them
through `core.text` before a screen.
"""

from __future__ import annotations

from typing import ClassVar


class CwtuiError(Exception):
    """A failure with a sentence, a way out, and a stable code."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "bug"

    def __init__(self, message: str, hint: str = "", *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what was wrong, with the name of the thing."""
        self.hint = hint
        """What to do about it; a command where one helps."""
        self.code = f"cwtui.{self.kind}.{code or 'failed'}"
        """Stable for scripts: `cwtui.<kind>.<name>`."""
        self.request_id = request_id
        """The AWS request id, or empty."""


class InputError(CwtuiError):
    exit_code = 2
    kind = "input"

    def __init__(
        self, message: str, hint: str = "", *, code: str = "", request_id: str = "", column: int = 0
    ) -> None:
        super().__init__(message, hint, code=code, request_id=request_id)
        self.column = column
        """Where in the written text it broke, from 1; 0 where that is not known."""


class CredentialsError(CwtuiError):
    exit_code = 3
    kind = "auth"


class PermissionDenied(CwtuiError):
    exit_code = 4
    kind = "perm"


class NotFound(CwtuiError):
    exit_code = 5
    kind = "notfound"


class LimitReached(CwtuiError):
    exit_code = 6
    kind = "limit"


class NetworkError(CwtuiError):
    exit_code = 7
    kind = "net"


class ServiceError(CwtuiError):
    exit_code = 8
    kind = "server"


class DataError(CwtuiError):
    exit_code = 9
    kind = "data"


class StorageFull(DataError):
    """The disk has no room; what was written so far is whole."""
