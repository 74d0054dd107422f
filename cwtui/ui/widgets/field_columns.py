"""Fields of messages as columns of the list: how wide each is, and what a row has in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size

from cwtui.core.text import middle, printable
from cwtui.lang.field_values import text_of, value_of
from cwtui.lang.fields import written_value

Values = Mapping[str, object]
"""What a message has in its columns, by path."""

WIDEST = 24
"""Cells of a column at most; longer values are cut in their middle."""


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A field that has a column of its own."""

    path: str
    cells: int
    number: bool = True
    """Every value seen so far is a number: they stand at the right."""

    @property
    def title(self) -> str:
        """The name, or the end of it where the column has no room for more."""
        whole = cell_len(printable(self.path)) <= self.cells
        name = self.path if whole else self.path.rpartition(".")[2]
        return _padded(_cut(name, self.cells), self.cells, right=self.number)


def columns_of(paths: Iterable[str]) -> tuple[FieldColumn, ...]:
    """Columns for fields, each once, as wide as its name's last part."""
    return tuple(
        FieldColumn(path, min(WIDEST, max(1, cell_len(printable(path.rpartition(".")[2])))))
        for path in dict.fromkeys(paths)
    )


def values_of(message: str, columns: Sequence[FieldColumn]) -> Values:
    """What a message has in the columns; empty texts where it has nothing."""
    return {column.path: value_of(message, column.path) for column in columns}


def widened(columns: Sequence[FieldColumn], said: Iterable[Values]) -> tuple[FieldColumn, ...]:
    """The columns with room for these values. They never shrink: rows stand still."""
    grown = list(columns)
    for values in said:
        for place, column in enumerate(grown):
            value = values.get(column.path, "")
            if value == "":
                continue
            cells = min(WIDEST, max(column.cells, cell_len(printable(text_of(value)))))
            number = column.number and _is_number(value)
            if (cells, number) != (column.cells, column.number):
                grown[place] = replace(column, cells=cells, number=number)
    return tuple(grown)


def cells_of(values: Values, columns: Sequence[FieldColumn]) -> str:
    """What a row shows in the columns: printable, always as wide as they are, with a space after each."""
    shown = (
        _padded(_cut(text_of(values.get(column.path, "")), column.cells), column.cells, right=column.number)
        for column in columns
    )
    return "".join(f"{text} " for text in shown)


def titles_of(columns: Sequence[FieldColumn]) -> str:
    """The names over `cells_of`."""
    return "".join(f"{column.title} " for column in columns)


def _cut(text: str, cells: int) -> str:
    safe = middle(text, cells)
    return safe if cell_len(safe) <= cells else set_cell_size(safe, cells)


def _padded(text: str, cells: int, *, right: bool) -> str:
    space = " " * max(0, cells - cell_len(text))
    return space + text if right else text + space


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        value = written_value(value)
    return isinstance(value, int | float) and not isinstance(value, bool)
