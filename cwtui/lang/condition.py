"""A condition on the window's rows: what the languages hand to the store.

The columns a condition may name: `rowid` (the number of the row in its window), `ts` (ms UTC), `ingestion`
(ms UTC), `level` (`core.models.Level`), `message`, `event_id`, `source_id`, `stream_id`; and the tables
`sources(source_id, account, region, log_group)` and `streams(stream_id, source_id, name)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean DuckDB expression with `?` placeholders, and their values in order.

    An expression is never NULL: it is true or false for every row, so that its negation is its complement.
    """

    sql: str
    params: tuple[object, ...] = ()

    def negated(self) -> Condition:
        """True exactly where this one is false."""
        return Condition(f"(NOT {self.sql})", self.params)

    @staticmethod
    def all_of(conditions: Iterable[Condition]) -> Condition:
        """True where every one is; `EVERYTHING` for none."""
        return _joined(list(conditions), "AND", EVERYTHING)

    @staticmethod
    def any_of(conditions: Iterable[Condition]) -> Condition:
        """True where at least one is; `NOTHING` for none."""
        return _joined(list(conditions), "OR", NOTHING)


EVERYTHING = Condition("TRUE")
NOTHING = Condition("FALSE")


def compared(number: Condition, operator: str, value: float) -> Condition:
    """A DOUBLE expression against a number, `operator` one of `= != < <= > >=`; NULL where it is NULL.

    To DuckDB NaN is the greatest number. That it be neither greater nor smaller here, `>` is turned around.
    The expression stands there once: what stands twice DuckDB computes beforehand for all rows, guards or
    not.
    """
    if operator in (">", ">="):
        return Condition(f"(-({number.sql}) {'<' if operator == '>' else '<='} ?)", (*number.params, -value))
    return Condition(f"({number.sql} {'<>' if operator == '!=' else operator} ?)", (*number.params, value))


def _joined(conditions: list[Condition], word: str, empty: Condition) -> Condition:
    if not conditions:
        return empty
    if len(conditions) == 1:
        return conditions[0]
    sql = f" {word} ".join(condition.sql for condition in conditions)
    return Condition(f"({sql})", tuple(value for condition in conditions for value in condition.params))
