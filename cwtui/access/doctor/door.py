"""What `doctor` needs of the rooms above: the guarded door to AWS and what is known of the session."""

from __future__ import annotations

from typing import Protocol

from cwtui.access.credential_sources import Place, SignedIn
from cwtui.core.ports import AwsCalls


class AwsDoor(AwsCalls, Protocol):
    """`AwsCalls` that also tells how it is signed in and where its calls go."""

    async def signed_in(self) -> SignedIn:
        """The credentials in use. Raises CwtuiError where there are none."""
        ...

    async def place(self) -> Place:
        """Region, partition and endpoint. Raises CwtuiError where they cannot be."""
        ...
