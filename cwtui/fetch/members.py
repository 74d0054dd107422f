"""One account and region of several that are read as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from cwtui.core.naming import Place
from cwtui.core.ports import LogReader


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One account and region of several, and the name that its user knows it by."""

    label: str
    reader: LogReader
    place: Callable[[], Awaitable[Place]] | None = None
    """Asks where it is; None: its context says so. May raise a CwtuiError."""
    linked: bool = False
    """It is a monitoring account: groups of other accounts are read through it."""
    sign_in: str = ""
    """Members of one sign-in are of one account; empty: that is not known."""

    async def where(self) -> Place:
        """The account, empty where AWS would not say, and the region."""
        if self.place is not None:
            return await self.place()
        return Place(self.reader.context.account, self.reader.context.region)

    @property
    def title(self) -> str:
        """What tells it from all others."""
        region = self.reader.context.region
        return f"{self.label} {region}" if region and region not in self.label else self.label


def joined(labels: Iterable[str]) -> str:
    """`a, b and c`; of many, how many more there are."""
    names = list(labels)
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
