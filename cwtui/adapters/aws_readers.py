"""The CloudWatch readers of a context: one, or one for each account and region that it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import CredentialsError, CwtuiError, Renewal
from cwtui.core.models import Context
from cwtui.core.ports import AskMfa, LogReader
from cwtui.fetch.budget import Budget
from cwtui.fetch.paced import Paced
from cwtui.fetch.quotas import quotas_of
from cwtui.fetch.shared import Budgets, Share
from cwtui.fetch.together import Member, Together
from cwtui.settings import Settings


class AwsReaders:
    """Makes the readers, and finds the one that credentials belong to. Making it costs nothing."""

    def __init__(self, settings: Settings, ask_mfa: AskMfa | None = None) -> None:
        self.settings = settings
        named = settings.members or ((settings.context or settings.profile or "default", settings),)
        self._readers = [
            (label, one, CloudWatchReader(one, ask_mfa=ask_mfa, attempts=1)) for label, one in named
        ]
        self.reader: LogReader = self._together() if settings.members else self._alone()
        """What reads logs, within the quotas."""

    @property
    def first(self) -> CloudWatchReader:
        """The reader of the context, or of its first member: who speaks for all outside of logs."""
        return self._readers[0][2]

    @property
    def expires(self) -> int | None:
        """When the first of the credentials in use end, ms UTC; None: never, or not known."""
        return min(
            (end for _, _, reader in self._readers if (end := reader.expires) is not None), default=None
        )

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label for label, _, _ in self._readers)

    async def whoami(self) -> list[Context | CwtuiError]:
        """For each account and region the context as AWS tells it, or why it does not."""
        asked = (self._context(label, reader) for label, _, reader in self._readers)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, CwtuiError):
                raise answer
        return [answer for answer in answers if isinstance(answer, Context | CwtuiError)]

    async def renew(self, ended: Renewal | None = None) -> None:
        """As `CloudWatchReader.renew`, for whoever `ended` speaks of and all that sign in the same way."""
        await asyncio.gather(*(reader.renew() for reader in self._alike(ended)))

    async def renew_if_refused(self) -> None:
        """As `renew`, for each whose last call found the credentials wanting."""
        await asyncio.gather(*(reader.renew() for _, _, reader in self._readers if reader.refused))

    def must_renew(self, error: CredentialsError) -> bool:
        """Whether what ended is still in use."""
        return any(reader.is_current(error.renewal) for _, _, reader in self._readers)

    def sessions_like(self, ended: Renewal) -> frozenset[int]:
        """The sessions that end with the one that ended: the same sign-in, in other regions."""
        return frozenset({ended.session, *(reader.number for reader in self._alike(ended))})

    def _alike(self, ended: Renewal | None) -> Sequence[CloudWatchReader]:
        keys = {_sign_in(one) for _, one, reader in self._readers if reader.is_current(ended)}
        return [reader for _, one, reader in self._readers if _sign_in(one) in keys]

    async def _context(self, label: str, reader: CloudWatchReader) -> Context:
        found = await reader.whoami()
        context = reader.context
        return replace(
            context,
            name=label if self.settings.members else context.name,
            account=found.account,
            principal=found.arn,
            region=found.region or context.region,
            profile=found.profile or context.profile,
            provider=found.provider,
            expires=reader.expires,
        )

    def _alone(self) -> LogReader:
        reader = self.first
        return Paced(reader, Budget(lambda: quotas_of(reader.context.region)))

    def _together(self) -> LogReader:
        budgets = Budgets(lambda region: Budget(lambda: quotas_of(region)))
        return Together(
            [
                Member(
                    one.context or one.profile or "default",
                    Paced(reader, Share(budgets, reader.place, one.region)),
                    reader.place,
                    one.linked,
                    # At an endpoint of one's own the same keys may be of another account.
                    "\n".join((*_sign_in(one), "own" if one.endpoint_url else "AWS")),
                )
                for label, one, reader in self._readers
            ],
            self.settings.context or self.settings.profile or "default",
        )


def _sign_in(settings: Settings) -> tuple[str, ...]:
    return (settings.profile, settings.role_arn, settings.external_id, settings.session_name)
