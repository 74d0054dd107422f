"""What is said of filters: their chips, their preview, and why nothing passes them. Pure."""

from __future__ import annotations

from datetime import UTC, tzinfo

from cwtui.explain.pattern_expression import pattern_name
from cwtui.lang.expression import Chosen, Pattern
from cwtui.lang.time_range import range_of
from cwtui.lang.where import Filter, FilterStack
from cwtui.ui.widgets.chips import Chip
from cwtui.ui.widgets.time_words import range_words


def chips_of(
    filters: FilterStack,
    pattern: str,
    stream_prefix: str,
    zone: tzinfo = UTC,
    *,
    offline: bool = False,
    ascii_only: bool = False,
) -> tuple[Chip, ...]:
    """What the service (`offline`: the reading of files) filtered by, then the stack in its order."""
    served = []
    if stream_prefix:
        served.append(Chip(f"stream {stream_prefix}*", server=True, here=offline, cross=False))
    if pattern:
        served.append(Chip(pattern, server=True, here=offline))
    return (*served, *(_chip(item, index, zone, ascii_only) for index, item in enumerate(filters.filters)))


def _chip(item: Filter, index: int, zone: tzinfo, ascii_only: bool) -> Chip:
    pattern = pattern_of(item)
    text = str(item) if pattern is None else pattern
    if (template := pattern_name(item.expression)) is not None:
        text = template
    if isinstance(item.expression, Chosen):
        text = item.expression.name
    if (stretch := range_of(item.expression)) is not None:
        text = f"time {range_words(*stretch, zone, ascii_only=ascii_only)}"
    return Chip(text, enabled=item.enabled, index=index, tells_where=pattern is not None)


def pattern_of(item: Filter) -> str | None:
    """The CloudWatch pattern that a filter is, so that the service could run it as well; else None."""
    return str(item.expression.pattern) if isinstance(item.expression, Pattern) else None


def preview_words(shown: int, loaded: int, missing: tuple[str, ...]) -> str:
    """Beside a filter that is being written: what it leaves."""
    if missing:
        return f"0 of {loaded:,}: {missing_words(missing)}"
    return f"{shown:,} of {loaded:,}  Enter keeps it, Esc takes it back"


def missing_words(missing: tuple[str, ...]) -> str:
    """`no event has the field X`, or empty."""
    if not missing:
        return ""
    names = " or ".join(missing)
    return f"no event has the field{'' if len(missing) == 1 else 's'} {names}"
