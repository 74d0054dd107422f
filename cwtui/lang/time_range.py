"""The range of time as a filter: one chip of the stack, `time >= ... and time < ...`, like any other."""

from __future__ import annotations

from cwtui.lang.expression import And, Expression, TimeIs
from cwtui.lang.where import Filter, FilterStack


def between(start: int, end: int) -> Expression:
    """Lines of `[start, end)`, in ms UTC."""
    return And((TimeIs(">=", start), TimeIs("<", end)))


def range_of(expression: Expression) -> tuple[int, int] | None:
    """The `[start, end)` of an expression that is such a range and nothing else."""
    match expression:
        case And((TimeIs(">=", start), TimeIs("<", end))):
            return (start, end)
    return None


def range_in(filters: FilterStack) -> tuple[int, int] | None:
    """The range that the filters that are on leave; None where none of them is one. May be empty."""
    ranges = [found for each in filters.filters if each.enabled and (found := range_of(each.expression))]
    if not ranges:
        return None
    return (max(start for start, _ in ranges), min(end for _, end in ranges))


def with_range(filters: FilterStack, wanted: tuple[int, int] | None) -> FilterStack:
    """The stack with that range in the place of the ranges it has, or without any."""
    ranges = [at for at, each in enumerate(filters.filters) if range_of(each.expression)]
    kept = [each for each in filters.filters if not range_of(each.expression)]
    if wanted is not None:
        kept.insert(ranges[0] if ranges else 0, Filter(between(*wanted)))
    return FilterStack(tuple(kept))
