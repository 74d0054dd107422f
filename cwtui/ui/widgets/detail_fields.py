"""The fields of an event that is laid out: which lines hold one, and a cursor from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cwtui.lang.expression import Expression
from cwtui.lang.field_path import FieldPath
from cwtui.lang.fields import field_equals
from cwtui.lang.where import in_group, in_stream
from cwtui.ui.widgets.pretty import Laid, Steps

GROUP: Steps = ("group",)
STREAM: Steps = ("stream",)
"""The paths of the facts."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the event and the lines it stands on."""

    path: Steps
    value: object
    first: int
    last: int
    """The line after its last one."""
    fact: bool = False
    """A column of the window, `group` or `stream`, and not a field of the message."""

    def expression(self) -> Expression:
        """Lines with the same value here."""
        if self.fact:
            name = str(self.value)
            return in_group(name) if self.path == GROUP else in_stream(name)
        return field_equals(FieldPath(self.path), self.value)

    def text(self) -> str:
        """What of the value is looked for in the lines; empty for a whole object or array."""
        if isinstance(self.value, bool) or self.value is None:
            return {True: "true", False: "false", None: "null"}[self.value]
        if isinstance(self.value, dict | list):
            return ""
        return str(self.value).strip().split("\n", 1)[0][:200]


class FieldCursor:
    """Where among the fields one is."""

    def __init__(self) -> None:
        self.fields: Sequence[Field] = ()
        self._place = 0
        self._kept: Steps = ()
        """The field that someone went to: another event is read at the same one."""

    @property
    def field(self) -> Field | None:
        return self.fields[self._place] if self._place < len(self.fields) else None

    def begin(self) -> None:
        """At the field that someone went to, else the first of the message, else the last of the facts."""
        kept = [place for place, field in enumerate(self.fields) if field.path == self._kept]
        inner = kept or [place for place, field in enumerate(self.fields) if not field.fact]
        self._place = inner[0] if inner else max(0, len(self.fields) - 1)

    def step(self, direction: int, top: int, height: int) -> bool:
        """To the next field, if it stands on the screen or a line beyond; False: scroll instead.

        A cursor that was scrolled out of sight begins again in what is seen.
        """
        here = self.field
        if here is None:
            return False
        bottom = top + height
        if not top <= here.first < bottom:
            seen = [place for place, field in enumerate(self.fields) if top <= field.first < bottom]
            return bool(seen) and self._go(seen[0 if direction > 0 else -1])
        place = self._place + direction
        if not 0 <= place < len(self.fields) or not top - 1 <= self.fields[place].first <= bottom:
            return False
        return self._go(place)

    def at(self, line: int) -> bool:
        """To the field that stands on a line; False where none does."""
        place = next(
            (place for place, field in enumerate(self.fields) if field.first <= line < field.last), None
        )
        return place is not None and self._go(place)

    def _go(self, place: int) -> bool:
        self._place = place
        self._kept = self.fields[place].path
        return True


def fields_on(lines: Sequence[Laid], heights: Sequence[int], facts: int) -> list[Field]:
    """The fields of laid out lines, each line folded into so many; the first `facts` are of the window."""
    fields: list[Field] = []
    top = 0
    for number, (line, height) in enumerate(zip(lines, heights, strict=True)):
        if line.path:
            fields.append(Field(line.path, line.value, top, top + height, number < facts))
        top += height
    return fields
