"""Keys one after the other: what is typed ahead waits until the key before it has done what it does.

Textual hands each key to the widget that has the focus at that moment, and a key's action runs only once
the key has come back up from there. Of `/abc` typed quickly, letters would so pass each other, or act on
the list, before the prompt that `/` opens has the focus; of `Enter j`, the `j` would still be text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from textual.app import App
from textual.events import Event, Key
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.widgets import Input

_ROUNDS = 3
"""A key comes up to the app; what it sets off the field tells its prompt, and that the screen."""
_PATIENCE_S = 0.5
"""A widget that goes away meanwhile passes nothing on: the next key does not wait for it for ever."""


class TypedAhead:
    """Hands keys and pastes on in their order; `deliver` is what the app does with one."""

    def __init__(self, app: App[int], deliver: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Event] = deque()
        self._turn = 0
        self._busy = False
        self._patience: Timer | None = None

    async def take(self, event: Event) -> None:
        """Delivers the event, now or once those before it are through. Call it in the app's own handler."""
        if self._busy or self._waiting:
            self._waiting.append(event)
        else:
            await self._hand_on(event)

    async def _hand_on(self, event: Event) -> None:
        if not self._app.screen_stack:
            return  # the app is closing
        focused = self._app.focused
        if isinstance(focused, Input) and isinstance(event, Key) and _is_text(focused, event):
            # The field takes letters in the order in which it gets them.
            await self._deliver(event)
            return
        self._busy = True
        self._turn += 1
        way: list[MessagePump] = [*(focused or self._app.screen).ancestors_with_self] * _ROUNDS
        self._patience = self._app.set_timer(_PATIENCE_S, partial(self._pass_on, self._turn, iter(())))
        await self._deliver(event)
        self._pass_on(self._turn, iter(way))

    def _pass_on(self, turn: int, way: Iterator[MessagePump]) -> None:
        """Lets the next widget of the way say when it is through with what it has got so far."""
        if turn != self._turn or not self._busy:
            return
        if any(node.call_later(self._pass_on, turn, way) for node in way):
            return
        self._busy = False
        if self._patience is not None:
            self._patience.stop()
        if self._waiting:
            self._app.call_later(self._go_on)

    async def _go_on(self) -> None:
        while self._waiting and not self._busy:
            await self._hand_on(self._waiting.popleft())


def _is_text(field: Input, key: Key) -> bool:
    return bool(key.character) and field.check_consume_key(key.key, key.character)
