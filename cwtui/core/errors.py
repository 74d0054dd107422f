"""What can go wrong, said so that a person can mend it.

    CwtuiError                     exit 1   (never raised itself)
    ├── InputError                 exit 2   what was asked cannot be understood
    │   └── WrongLogClass          exit 2   the class of the log group does not allow it
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

from dataclasses import dataclass
from enum import Enum
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


class WrongLogClass(InputError):
    """The service does not do this for a group of its class: no other try will, but other groups go on."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        code: str = "log-class",
        request_id: str = "",
        group: str = "",
        operation: str = "",
        link: str = "",
    ) -> None:
        super().__init__(message, hint, code=code, request_id=request_id)
        self.group = group
        """The group it was asked of."""
        self.operation = operation
        """What was refused, by its API name."""
        self.link = link
        """Where the console shows the group's events, or empty."""


class RenewalKind(Enum):
    """How credentials that ended come back."""

    LOGIN = "login"
    """A command that logs in, on a terminal."""
    PROCESS = "process"
    """The profile's own `credential_process`: what it prints is secret and never shown."""
    MFA = "mfa"
    """A new code of the MFA device: trying again asks for it."""
    FILE = "file"
    """Whatever writes the keys into the profile; they are read anew when tried again."""
    RESTART = "restart"
    """They stand in the environment, which only a new start reads."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How to come by new credentials for what has ended."""

    kind: RenewalKind
    profile: str
    """The profile to renew: where a role is taken on, that of the credentials below it."""
    command: tuple[str, ...] = ()
    """What to run on a terminal; empty where no command does it."""
    session: int = 0
    """Which session of the reader ended: one that was replaced since needs no second prompt."""


class CredentialsError(CwtuiError):
    exit_code = 3
    kind = "auth"

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        code: str = "",
        request_id: str = "",
        renewal: Renewal | None = None,
    ) -> None:
        super().__init__(message, hint, code=code, request_id=request_id)
        self.renewal = renewal
        """How they can be renewed while cwtui runs; None where nothing but a correction helps."""


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
