"""One question at a time, whoever needs credentials: a login that has ended, a code of an MFA device."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from textual.app import App
from textual.screen import ModalScreen

from cwtui.core.errors import CredentialsError, RenewalKind
from cwtui.core.ports import MfaQuestion
from cwtui.wiring import Services

Answer = TypeVar("Answer")


class SigningIn:
    """Asks on the app's screen, in front of whatever stands there."""

    def __init__(self, app: App[Any], services: Services) -> None:
        self._app = app
        self._services = services
        self._asking = asyncio.Lock()
        self._declined: frozenset[int] = frozenset()
        """Sessions that the user does not want to renew: they are not asked about again."""
        self._retired = False

    def retire(self) -> None:
        """Asks nothing any more: the context was left."""
        self._retired = True

    async def renew(self, error: CredentialsError) -> bool:
        """Whether to try again what raised the error: the next call then signs in afresh.

        Any number may wait here for the one answer. False: the user does not want to, or nothing but a
        correction of the configuration helps; tell the error then.
        """
        renewal = error.renewal
        if renewal is None:
            return False
        async with self._asking:
            if not self._services.must_renew(error):
                return True
            if renewal.session in self._declined:
                return False
            # A new code is asked for by the next call itself.
            if renewal.kind is not RenewalKind.MFA:
                from cwtui.ui.screens.login import LoginScreen

                if not await self._answer_of(LoginScreen(error, renewal)):
                    self._declined |= self._services.sessions_like(renewal)
                    return False
            await self._services.renew(renewal)
            return True

    async def ask_mfa(self, question: MfaQuestion) -> str:
        """The code that the user reads off the device; empty where they give up."""
        from cwtui.ui.screens.mfa import MfaScreen

        return await self._answer_of(MfaScreen(question)) or ""

    async def _answer_of(self, screen: ModalScreen[Answer]) -> Answer | None:
        if self._retired:
            return None
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()

        def take(given: Answer | None) -> None:
            if not answer.done():
                answer.set_result(given)

        self._app.push_screen(screen, take)
        try:
            return await answer
        finally:
            # Whoever asked has gone: nobody waits for an answer any more.
            if answer.cancelled():
                self._take_away(screen)

    def _take_away(self, screen: ModalScreen[Any]) -> None:
        if self._app.is_running and self._app.screen is screen:
            screen.dismiss(None)
