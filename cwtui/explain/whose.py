"""Groups of one name in several accounts and regions: a summary tells them apart by where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cwtui.core.models import Columns, Context
from cwtui.core.places import PlaceWords


def told_apart(chunks: Iterable[Columns], context: Context) -> Iterable[Columns]:
    """The events, each of its group as `NAME in ACCOUNT REGION` where the context has several members."""
    return _told(chunks, context) if context.members else chunks


def _told(chunks: Iterable[Columns], context: Context) -> Iterator[Columns]:
    words = PlaceWords(context)
    called: dict[tuple[str, str, str], str] = {}
    for chunk in chunks:
        groups = []
        for whose in zip(chunk.groups, chunk.accounts, chunk.regions, strict=True):
            if whose not in called:
                group, account, region = whose
                called[whose] = f"{group} in {words[account, region]}"
            groups.append(called[whose])
        yield replace(chunk, groups=groups)
