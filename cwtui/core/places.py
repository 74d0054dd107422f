"""How accounts and regions are called where several are shown: from a context and its members."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from cwtui.core.models import Context
from cwtui.core.naming import Place, named, short_region
from cwtui.core.text import middle

PlaceLabels = tuple[tuple[Place, str], ...]


@lru_cache(256)
def account_label(context: Context, account: str) -> str:
    """What the user calls an account: the context that leads to it, or what the names of several that do
    begin with (`shop` of `shop-eu` and `shop-us`) where no other account is called so; else its number.
    """
    names = _names(context, account)
    if (
        not account
        or not names
        or any(_names(context, other) == names for other in _others(context, account))
    ):
        return account
    return names


def _names(context: Context, account: str) -> str:
    names = {member.name for member in context.members if member.account == account}
    letters = takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    start = "".join(column[0] for column in letters)
    return start.rstrip("-_./ ") if len(names) > 1 else start


def _others(context: Context, account: str) -> set[str]:
    return {member.account for member in context.members} - {account}


def members_words(context: Context) -> str:
    """`5 accounts, 3 regions`: what is read at once; the one region by its name.

    `15 contexts` as long as not each has told its account.
    """
    accounts, regions = len(context.accounts), context.regions
    where = regions[0] if len(regions) == 1 else f"{len(regions)} regions" if regions else ""
    said = f"{accounts} account{'' if accounts == 1 else 's'}"
    if not all(member.account for member in context.members):
        said = f"{len(context.members)} contexts"
    return ", ".join(filter(None, (said, where)))


def place_words(context: Context, account: str, region: str) -> str:
    """`prod eu-west-1`, for a sentence or to search in."""
    return f"{account_label(context, account)} {region}".strip()


class PlaceWords(dict[tuple[str, str], str]):
    """`place_words` of a context by account and region, for thousands of groups: worked out once each."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, place: tuple[str, str]) -> str:
        return self.setdefault(place, place_words(self._context, *place))


def labels_of(context: Context, places: Sequence[Place], cells: int) -> PlaceLabels:
    """A short label for each account and region; none where there is only one.

    It says only what tells them apart: the account, the region, or both (`prod·euw1`).
    """
    if len(places) < 2:
        return ()
    several_accounts = len({place.account for place in places}) > 1
    several_regions = len({place.region for place in places}) > 1

    def label(place: Place) -> str:
        region = short_region(place.region) if several_regions else ""
        if not several_accounts:
            return str(middle(region, cells))
        room = max(3, cells - len(region) - 1) if region else cells
        account = str(middle(account_label(context, place.account), room))
        return f"{account}·{region}" if region else account

    return tuple((place, label(place)) for place in places)


def path_part(context: Context, group: str) -> str:
    """A group as the breadcrumb names it: its name, and where it lies if that is not said by the context."""
    account, region, name = named(group)
    where = place_words(context, account, region)
    return f"{where}: {name}" if where else name


def name_and_place(context: Context, group: str) -> str:
    """A group in a narrow list: `/shop/api prod·euw1`."""
    account, region, name = named(group)
    where = "·".join(filter(None, (account_label(context, account), short_region(region))))
    return f"{name} {where}".strip()
