"""Groups of one name in several accounts and regions: a summary tells them apart by where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cwtui.core.models import Columns, Context, Row
from cwtui.core.naming import named
from cwtui.core.places import PlaceWords


def told_apart(chunks: Iterable[Columns], context: Context) -> Iterable[Columns]:
    """The events, each of its group as `NAME in ACCOUNT REGION` where the context has several members."""
    return _told(chunks, context) if context.members else chunks


def rows_told_apart(rows: Mapping[int, Row], context: Context) -> Mapping[int, Row]:
    """The same of events one by one."""
    if not context.members:
        return rows
    words = PlaceWords(context)
    return {
        key: replace(row, group=f"{row.group} in {words[row.account, row.region]}")
        for key, row in rows.items()
    }


def called(identifier: str, context: Context) -> str:
    """The group as its events are told apart by, where the context has several members."""
    account, region, name = named(identifier)
    if not context.members or not account:
        return identifier
    return f"{name} in {PlaceWords(context)[account, region]}"


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
