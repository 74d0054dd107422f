"""Which of several accounts and regions has which log group, as far as they were listed or say so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from cwtui.core.errors import CwtuiError, InputError, NotFound
from cwtui.core.models import Context, LogGroup
from cwtui.core.naming import Place, arn_of_group, is_arn, named
from cwtui.core.places import account_label
from cwtui.fetch.members import Member, joined
from cwtui.fetch.paging import all_groups


class Directory:
    """The groups of all members, by their ARNs, and whom to ask for each."""

    def __init__(self, members: Sequence[Member], name: str) -> None:
        self.members = tuple(members)
        self._name = name
        self._listed: dict[str, Member] = {}
        """Who listed a group, by its ARN."""
        self._whole = False
        """Every member has listed all it has."""
        self.notes: dict[str, str] = {}
        """Whose groups were asked for together with those of others, and could not be listed."""
        self._places: dict[Member, Place] = {}
        """Where members are that have said so."""

    @property
    def context(self) -> Context:
        """What is known of all."""
        contexts = [member.reader.context for member in self.members]
        # AWS does not tell each member in time whose it is: those that sign in alike are of one account.
        told = {
            member.sign_in: context.account
            for member, context in zip(self.members, contexts, strict=True)
            if member.sign_in and context.account
        }
        members = tuple(
            replace(context, name=member.label, account=context.account or told.get(member.sign_in, ""))
            for member, context in zip(self.members, contexts, strict=True)
        )
        return Context(self._name, members=members, allow_write=any(each.allow_write for each in members))

    # ------------------------------------------------------------------ listing

    async def listing(
        self, pattern: str, refused: dict[str, CwtuiError], *, names_first: bool = False
    ) -> AsyncGenerator[list[LogGroup], None]:
        """The groups of all at once, page by page as they come, each group once.

        `refused` takes what could not be listed, by label. Raises the first of them where none could.
        """
        failures: dict[Member, CwtuiError] = {}
        async with aclosing(self._pages(pattern, failures, names_first)) as pages:
            async for page in pages:
                yield page
        refused |= {member.title: error for member, error in failures.items()}
        if len(failures) == len(self.members):
            raise next(iter(failures.values()))
        if not (failures or pattern):
            self._whole = True
            self.notes.clear()

    async def _pages(
        self, pattern: str, failures: dict[Member, CwtuiError], names_first: bool
    ) -> AsyncGenerator[list[LogGroup], None]:
        came: asyncio.Queue[tuple[Member, list[LogGroup] | Exception | None]] = asyncio.Queue()

        async def ask(member: Member) -> None:
            try:
                listed = all_groups(member.reader, pattern, names_first=names_first)
                async with aclosing(listed) as pages:
                    async for page in pages:
                        came.put_nowait((member, page))
                came.put_nowait((member, None))
            except Exception as error:
                came.put_nowait((member, error))

        given: set[str] = set()
        asking = [asyncio.create_task(ask(member)) for member in self.members]
        left = len(asking)
        try:
            while left:
                member, page = await came.get()
                if isinstance(page, list):
                    groups = [self.taken(member, group) for group in page]
                    fresh = {group.identifier: group for group in groups if group.identifier not in given}
                    given |= fresh.keys()
                    yield list(fresh.values())
                    continue
                left -= 1
                if isinstance(page, CwtuiError):
                    failures[member] = page
                elif page is not None:
                    raise page
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    def taken(self, member: Member, group: LogGroup) -> LogGroup:
        """The group under its ARN, and who to ask for it: who lies where it does, before who is linked."""
        here = member.reader.context
        account, region = group.account or here.account, group.region or here.region
        arn = group.arn or (arn_of_group(account, region, group.name) if account and region else "")
        own = named(arn).account in ("", here.account)
        if arn and (own or arn not in self._listed):
            self._listed[arn] = member
        return replace(group, arn=arn, account=account, region=region, by_arn=True)

    # ------------------------------------------------------------------ who is asked

    async def chosen(self, group: str) -> list[str]:
        """The ARNs of `PLACE:NAME` or `PLACE:PLACE:NAME`, else what `identify` says. Raises as `resolved`."""
        *places, name = group.split(":")
        if is_arn(group) or not places:
            return [await self.identify(group)]
        found, refused = await self._holders(name)
        context = self.context

        def lies_there(place: Place, member: Member) -> bool:
            account, region = place
            called = {"*", account, region, account_label(context, account), member.label}
            return called.issuperset(places)

        chosen = [arn for arn, member in sorted(found.items()) if lies_there(named(arn).place, member)]
        here = {member: member.reader.context for member in refused}
        missed = [each for each, of in here.items() if lies_there(Place(of.account, of.region), each)]
        if missed and not chosen:
            raise refused[missed[0]]
        for member in missed:
            self.notes[member.title] = f"{member.title}, which could not be listed: {refused[member].message}"
        if not chosen:
            raise NotFound(
                f"There is no log group {name} in {' '.join(places)}.",
                f"Before the name stand a context, an account or a region: {self._labels}.",
                code="group",
            )
        return chosen

    async def identify(self, group: str) -> str:
        """The ARN of a group that somebody named; the name itself where nobody is known to have it.

        Raises InputError where several have one of that name.
        """
        if is_arn(group):
            return group.removesuffix(":*")
        found, _ = await self._holders(group)
        if len(found) > 1:
            raise InputError(
                f"There are {len(found)} log groups called {group}.",
                f"Write '*:{group}' for all of them, put context, account or region before the name, as in "
                f"{_shortest(sorted(found)[0])}, or name one by its ARN:\n" + "\n".join(sorted(found)),
                code="ambiguous",
            )
        return next(iter(found), group)

    async def route(self, group: str) -> tuple[Member, str]:
        """Who is asked for a group, and what for. Raises NotFound, InputError."""
        identifier = await self.identify(group)
        if (member := self._listed.get(identifier)) is not None:
            return member, identifier
        if is_arn(identifier):
            return await self._by_place(identifier), identifier
        _, refused = await self._holders(identifier)
        if len(refused) == 1:
            return next(iter(refused)), identifier
        if refused:
            raise InputError(
                f"Which of {joined(each.title for each in refused)} has {identifier} is not known: "
                "they could not be listed.",
                "Name the log group by its ARN.",
                code="ambiguous",
            )
        raise NotFound(
            f"There is no log group {identifier} in {self._labels}.",
            "`cwtui groups` lists what there is.",
            code="group",
        )

    async def _by_place(self, arn: str) -> Member:
        wanted = named(arn).place
        await asyncio.gather(*(self._ask_where(member) for member in self.members))
        told = {member.sign_in: place.account for member, place in self._places.items() if member.sign_in}
        for member in self.members:
            if member not in self._places and member.sign_in in told:
                self._places[member] = Place(told[member.sign_in], member.reader.context.region)
        for member, place in self._places.items():
            if place == wanted:
                return member
        there = [member for member in self.members if member.reader.context.region in ("", wanted.region)]
        # Whoever could not say where it is may be the one: its own failure then says more than we could.
        unsure = [member for member in there if member not in self._places]
        if len(unsure) == 1:
            return unsure[0]
        if linked := [member for member in there if member.linked]:
            return linked[0]
        raise NotFound(
            f"None of {self._labels} is account {wanted.account} in {wanted.region}, where {arn} lies.",
            "Add the context of that account with --context, or its region with --region.",
            code="context",
        )

    async def _ask_where(self, member: Member) -> None:
        if member in self._places:
            return
        try:
            place = await member.where()
        except CwtuiError:
            return
        if place.account:
            self._places[member] = place

    async def _holders(self, name: str) -> tuple[dict[str, Member], dict[Member, CwtuiError]]:
        """Who has a group of that plain name, by its ARN; and who could not be asked, and why."""
        known = {arn: member for arn, member in self._listed.items() if named(arn).name == name}
        if self._whole and known:
            return known, {}
        failures: dict[Member, CwtuiError] = {}
        async with aclosing(self._pages(name, failures, False)) as pages:
            async for page in pages:
                found = (group.arn for group in page if group.arn and group.name == name)
                known |= {arn: self._listed[arn] for arn in found}
        for member in self.members:
            if member not in failures:
                self.notes.pop(member.title, None)
        return known, failures

    @property
    def _labels(self) -> str:
        return joined(dict.fromkeys(member.title for member in self.members))


def _shortest(arn: str) -> str:
    return ":".join(named(arn))
