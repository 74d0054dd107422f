"""One row of the catalogue of AWS failures: what to say of it. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from cwtui.core.errors import Act, CwtuiError


@dataclass(frozen=True, slots=True)
class Row:
    """Templates that `error_catalogue.explain_error` fills in; its words are listed there."""

    kind: type[CwtuiError]
    code: str
    sentence: str
    hint: str
    why: str = ""
    """What it comes from; empty: what the service said."""
    fix: str = ""
    """The one command that mends it or shows more; its words are quoted for a shell."""
    renews: bool = False
    """New credentials mend it: where their profile says how to get them, that is the hint."""
    act: Act | None = None
    """What another try is good for, where the kind of error does not say it."""
    docs: str = ""
