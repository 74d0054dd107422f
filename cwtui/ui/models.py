"""Which model is asked: chosen from a list (`m`, `:model`) or by name, for all panes of the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.ports import ChatModel
from cwtui.core.text import printable
from cwtui.explain.choosing import choose_model
from cwtui.ui.model_memory import ChosenModel

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp


class Models:
    """The app's model."""

    def __init__(self, app: CwtuiApp) -> None:
        self._app = app
        self._chosen = ChosenModel(app.services.settings)
        self.names: list[str] = []
        """Those that are installed, as far as it is known yet."""
        self._asked = False

    @property
    def chosen(self) -> str:
        """Its name; empty for the largest local one."""
        return self._chosen.name

    def written(self, name: str) -> None:
        """`:model`, with a name or without. Raises InputError where models are switched off."""
        chat = self._chat()
        if name.strip():
            self._app.run_worker(
                self._choose(chat, name.strip()), group="model", exclusive=True, exit_on_error=False
            )
        else:
            self.pick()

    def pick(self) -> None:
        """Shows the models to choose from. Raises InputError where models are switched off."""
        from cwtui.ui.screens.models import ModelScreen

        self._app.push_screen(ModelScreen(self._chat(), self.chosen, allow_remote=self._allowed), self._take)

    def learn(self) -> None:
        """Asks, once, which are installed."""
        if not self._asked and (chat := self._app.services.chat) is not None:
            self._asked = True
            self._app.run_worker(self._learn(chat), group="models", exit_on_error=False)

    @property
    def _allowed(self) -> bool:
        return self._app.services.settings.allow_remote_model

    def _chat(self) -> ChatModel:
        chat = self._app.services.chat
        if chat is None:
            raise InputError(
                "Models are switched off.", "Leave out --no-llm, USE_LLM=false or [model] use.", code="model"
            )
        return chat

    async def _learn(self, chat: ChatModel) -> None:
        try:
            self.names = [model.name for model in await chat.models()]
        except CwtuiError:
            # Whoever opens the list is told why there is none.
            self._asked = False

    async def _choose(self, chat: ChatModel, name: str) -> None:
        try:
            self._take(choose_model(await chat.models(), name, self._allowed).name)
        except CwtuiError as error:
            self._app.show_error(error)

    def _take(self, name: str | None) -> None:
        if name is None:
            return
        try:
            self._chosen.choose(name)
        except CwtuiError as error:
            self._app.show_error(error)
        self._app.say(f"{printable(name)} is asked from now on.")
        self._app.front.model_changed()
