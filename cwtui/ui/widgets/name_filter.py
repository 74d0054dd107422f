"""The field that narrows a list of names: it takes what names are made of, and leaves every other key be."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from cwtui.core.text import printable

_NAME_CHARACTERS = frozenset(".-_/#")


class NameFilter(Input, inherit_bindings=False):
    """Letters, digits and `. - _ / #` are typed; arrows, Enter, Tab and the rest act on the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "delete_left", "Delete character left", show=False),
        Binding("ctrl+w", "delete_left_word", "Delete word left", show=False),
        Binding("ctrl+u", "delete_left_all", "Clear", show=False),
        Binding("ctrl+v", "paste", "Paste", show=False),
    ]
    DEFAULT_CSS = """
    NameFilter, NameFilter:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $background;
    }
    """

    def __init__(self, *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder)
        self.free: set[str] = set()
        """Characters that act on the list as long as nothing is written."""
        self.opening: set[str] = set()
        """Characters that names do not hold, but what is written may begin with."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        if not self.value and character in self.opening:
            return True
        return is_name_character(character) and bool(self.value or character not in self.free)

    async def _on_key(self, event: events.Key) -> None:
        if self.check_consume_key(event.key, event.character):
            await super()._on_key(event)
        else:
            # Textual would call Input's own handler next, which takes every printable key.
            event.prevent_default()

    def validate_value(self, value: str) -> str:
        return str(printable(value.strip()))


def is_name_character(character: str | None) -> bool:
    return character is not None and (character.isalnum() or character in _NAME_CHARACTERS)
