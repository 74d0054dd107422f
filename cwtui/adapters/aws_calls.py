"""The guarded door to AWS for what is not reading logs: `AwsDoor` over the session of a reader.

It shares the reader's credentials, role, MFA answer, endpoint and guard, so that what it finds out holds
for reading too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from cwtui.access.credential_sources import Place, SignedIn
from cwtui.core.errors import CredentialsError

if TYPE_CHECKING:
    from cwtui.adapters.aws_session import AwsSession

_ABOUT = ("logGroupName", "logGroupIdentifier", "Bucket", "RoleName", "PolicyArn", "PolicySourceArn")
"""Parameters that name what a call is about, for the sentence of an error."""


class SessionCalls:
    """`AwsDoor` over whatever session `opened` gives: the one that the reader reads with."""

    def __init__(self, opened: Callable[[], Awaitable[AwsSession]], refused: Callable[[bool], None]) -> None:
        """`refused` hears whether the last call found the credentials wanting."""
        self._opened = opened
        self._refused = refused

    async def call(self, service: str, operation: str, params: Mapping[str, object]) -> Mapping[str, object]:
        """One call by its API name; the answer with its ResponseMetadata. Raises only `CwtuiError`.

        A service without regions (IAM) is asked at its own endpoint of the partition.
        """
        about = next((str(params[name]) for name in _ABOUT if name in params), "")
        try:
            answer = await (await self._opened()).call(service, operation, params, about)
        except CredentialsError:
            self._refused(True)
            raise
        self._refused(False)
        return answer

    async def signed_in(self) -> SignedIn:
        """The credentials in use; signs in where that was not done yet."""
        return await (await self._opened()).signed_in()

    async def place(self) -> Place:
        """Where calls go. Raises InputError for a region or endpoint that cannot be."""
        return await (await self._opened()).place()
