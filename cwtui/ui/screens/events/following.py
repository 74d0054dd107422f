"""Following new events: polling or the billed Live Tail, a frozen view, credentials that end meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic
from typing import Any

from textual import events, work

from cwtui.core.errors import CredentialsError, CwtuiError
from cwtui.core.naming import named
from cwtui.core.timespec import human_duration
from cwtui.fetch.tail import TailKind
from cwtui.ui.screens.confirm import ConfirmScreen
from cwtui.ui.screens.events.base import EventsBase
from cwtui.ui.screens.events.words import gap_words
from cwtui.ui.widgets.row_markers import GAP, Mark


class Following(EventsBase):
    """What keeps the window up to date."""

    unwatched_s = 600.0
    """A billed tail ends after so long without a key."""
    look_every_s = 5.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._follow_lock = asyncio.Lock()
        self._live_agreed = False
        """The user knows what a Live Tail costs: asked once a window."""
        self._active_at = monotonic()
        self._asked_about: CredentialsError | None = None
        self._told_refusal: CwtuiError | None = None

    @work(group="follow", exclusive=True, exit_on_error=False)
    async def follow_events(self) -> None:
        """Fetches new events until stopped; what ends it is in the follow state, and so in the status."""
        async with self._follow_lock:
            # A replaced window is shown as one before its ids are spoken of.
            self.repaint_now()
            if self.event_list.look.followed_from is None:
                self.event_list.restyle(followed_from=self.investigation.loaded)
            try:
                await self.investigation.follow()
            except CwtuiError as error:
                self.say_error(error)

    @property
    def may_follow(self) -> bool:
        """Whether anything new can come: the window is open, and it is no recording that has ended."""
        query = self.investigation.query if self.ready else None
        return query is not None and query.window.end is None and not self.recorded

    @property
    def live(self) -> bool:
        """Whether the billed Live Tail is wanted, whether or not it is up at the moment."""
        return self.follow_state.following and self.investigation.wants_live

    def show_facts(self) -> None:
        super().show_facts()
        state = self.follow_state
        self.event_list.marks = tuple(
            Mark(gap.end, GAP, gap_words(gap, self.zone, several=len(self.groups) > 1)) for gap in state.gaps
        )
        refused = state.tail.refused if state.following else None
        if refused is not None and refused is not self._told_refusal:
            self._told_refusal = refused
            self.say_error(refused)
        paused = state.tail.error if state.following else None
        if isinstance(paused, CredentialsError) and paused is not self._asked_about:
            self._asked_about = paused
            self._renew(paused)

    @work(group="renewal", exclusive=True, exit_on_error=False)
    async def _renew(self, ended: CredentialsError) -> None:
        if await self.shell.signing_in.renew(ended):
            self.investigation.resume_following()

    @work(group="renewal", exclusive=True, exit_on_error=False)
    async def _go_on(self) -> None:
        """After a pause: somebody may have logged in elsewhere."""
        await self.services.renew_if_refused()
        self.investigation.resume_following()

    # ------------------------------------------------------------------ keys

    def action_follow(self) -> None:
        listed = self.event_list
        if self.frozen is not None:
            self.action_freeze()
        state = self.follow_state
        if state.following and (state.tail.kind is TailKind.PAUSED or state.tail.waiting):
            self._go_on()
            return
        if state.following and listed.following:
            self.workers.cancel_group(self, "follow")
            return
        listed.action_last()
        if not state.following:
            self.begin_to_follow()

    def begin_to_follow(self) -> bool:
        """Follows where anything new can come, and says why where it cannot."""
        if self.recorded:
            self.say("The recording has ended: nothing new will come.")
        elif not self.may_follow:
            self.say("This window has an end: choose an open one to follow, such as 4 for 15 minutes.")
        else:
            self.follow_events()
            return True
        return False

    def action_freeze(self) -> None:
        self.frozen = self.event_list.view if self.frozen is None else None
        self.repaint_soon()

    def action_live(self) -> None:
        if self.live:
            self.investigation.go_live(False)
            self.repaint_soon()
        elif self.services.offline:
            self.say("A recording has no Live Tail.")
        elif self._live_agreed:
            self._go_live(True)
        else:
            # Ten groups a session, of one account and region.
            groups_at = Counter(named(group).place for group in self.groups)
            count = sum(-(-groups // 10) for groups in groups_at.values())
            sessions = "one session" if count == 1 else f"{count} sessions"
            facts = (
                f"AWS bills it by the minute, {sessions} here. Polling is free and shows the same events,"
                " some seconds later."
            )
            question = "Switch to CloudWatch Live Tail?"
            screen = ConfirmScreen(question, facts, yes="switch, B ends it", no="go on polling")
            self.app.push_screen(screen, self._go_live)

    def _go_live(self, agreed: bool | None) -> None:
        if agreed and (self.follow_state.following or self.begin_to_follow()):
            self._live_agreed = True
            self._active_at = monotonic()
            self.event_list.action_last()
            self.investigation.go_live(True)
            self.repaint_soon()
            self._watch_for_watchers()

    # ------------------------------------------------------------------ billed only while somebody watches

    @work(group="watchers", exclusive=True, exit_on_error=False)
    async def _watch_for_watchers(self) -> None:
        while self.live:
            await asyncio.sleep(self.look_every_s)
            if self.live and monotonic() - self._active_at > self.unwatched_s:
                self.stop_live(f"Nobody pressed a key for {human_duration(round(self.unwatched_s * 1000))}")

    def stop_live(self, why: str) -> None:
        """Back to polling; the words begin a sentence that says why."""
        self.investigation.go_live(False)
        self.say(f"{why}: the Live Tail was ended, polling goes on. B starts it again.")

    def on_key(self, _: events.Key) -> None:
        self._active_at = monotonic()

    def on_screen_suspend(self) -> None:
        if self.live and not self.app.screen.is_modal:
            self.stop_live("The events are out of sight")

    def running(self) -> str:
        if self.live:
            return "A billed Live Tail is running"
        return super().running()
