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
from typing import ClassVar, Self


class Act(Enum):
    """What another try is good for."""

    RETRY = "retry"
    """It may succeed by itself: cwtui tries again, with growing pauses."""
    RENEW = "renew"
    """Only once the credentials were renewed."""
    STOP = "stop"
    """Nothing but what the hint says helps."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a failure teaches beyond its sentence and its hint. Holds foreign text."""

    why: str = ""
    """How it came to that, in a sentence or two."""
    fix: str = ""
    """The one command or statement that mends it, to be copied as it stands; empty where there is none."""
    facts: tuple[tuple[str, str], ...] = ()
    """The evidence by name, in the order to show: `principal`, `action`, `resource`, `said`, ..."""
    docs: str = ""
    """Where AWS describes it."""
    act: Act | None = None
    """What another try is good for; None: what the class of the error says."""


class CwtuiError(Exception):
    """A failure with a sentence, a way out, and a stable code."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "bug"
    act_of_kind: ClassVar[Act] = Act.STOP

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
        self.card = Card()

    def with_card(self, card: Card) -> Self:
        """The same error, with what it teaches."""
        self.card = card
        return self

    @property
    def act(self) -> Act:
        """What another try is good for."""
        return self.card.act or self.act_of_kind

    def record(self) -> dict[str, str | int]:
        """The error for scripts, without what is empty: `code`, `message`, `hint`, `why`, `fix`, ...

        The facts of the card stand beside them under their own names.
        """
        told: dict[str, str | int] = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "why": self.card.why,
            "fix": self.card.fix,
            "docs": self.card.docs,
            "requestId": self.request_id,
            "act": self.act.value,
            "exitCode": self.exit_code,
        }
        return {**dict(self.card.facts), **{name: value for name, value in told.items() if value}}


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
    """Which session of a reader ended: one that was replaced since needs no second prompt."""
    context: str = ""
    """The context whose session it was, where it has a name."""


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

    @property
    def act(self) -> Act:
        return Act.RENEW if self.renewal is not None else super().act


class PermissionDenied(CwtuiError):
    exit_code = 4
    kind = "perm"


class NotFound(CwtuiError):
    exit_code = 5
    kind = "notfound"


class LimitReached(CwtuiError):
    exit_code = 6
    kind = "limit"
    act_of_kind = Act.RETRY


class NetworkError(CwtuiError):
    exit_code = 7
    kind = "net"
    act_of_kind = Act.RETRY


class ServiceError(CwtuiError):
    exit_code = 8
    kind = "server"
    act_of_kind = Act.RETRY


class DataError(CwtuiError):
    exit_code = 9
    kind = "data"


class StorageFull(DataError):
    """The disk has no room; what was written so far is whole."""
