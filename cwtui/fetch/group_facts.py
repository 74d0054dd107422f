"""What a listing by names leaves out: size, retention, age, key and masking of groups that are looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from functools import partial

from cwtui.core.models import LogGroup
from cwtui.core.ports import GroupCatalogue, LogReader
from cwtui.fetch.paging import Retry
from cwtui.fetch.together import routes

A_CALL = 50
"""Groups of which one call tells the facts."""


async def facts_of(reader: LogReader, groups: Sequence[LogGroup]) -> AsyncGenerator[list[LogGroup], None]:
    """The groups with all that DescribeLogGroups knows of them, in the order given, page by page.

    Groups that are gone do not come back; a reader without such facts gives none. Raises CwtuiError.
    """
    by_identifier = {group.identifier: group for group in groups}
    for route in await routes(reader, list(by_identifier)):
        if not isinstance(route.reader, GroupCatalogue):
            continue
        theirs = [by_identifier[identifier] for identifier in route.groups]
        for first in range(0, len(theirs), A_CALL):
            asked = {group.arn: group for group in theirs[first : first + A_CALL] if group.arn}
            if not asked:
                continue
            found = await Retry().call(partial(route.reader.group_facts, list(asked)))
            yield [_under_its_name(group, asked[group.arn]) for group in found if group.arn in asked]
            await asyncio.sleep(0)


def _under_its_name(described: LogGroup, listed: LogGroup) -> LogGroup:
    """The facts under the identifier that the listing gave the group."""
    return replace(described, by_arn=listed.by_arn, account=listed.account, region=listed.region)
