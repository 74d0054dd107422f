"""Where one can go: the contexts of the file, the profiles of AWS, the demo; the last used first."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cwtui.access.aws_profiles import Profile, read_profiles, sso_expiry
from cwtui.access.contexts import Contexts, ContextSpec, find_context, of_profile, read_contexts, settings_for
from cwtui.access.recents import Visit, read_visits
from cwtui.settings import Settings, load_settings

DEMO = "demo"
_CHAIN = "default"


@dataclass(frozen=True, slots=True)
class Destination:
    """One context to go to, with what is known of it without asking anyone."""

    name: str
    kind: str
    """`context`, `several`, `demo`, `files`, or how the profile's credentials come: `sso`, `role`, ..."""
    spec: ContextSpec | None = None
    """None for the demo and for files."""
    regions: tuple[str, ...] = ()
    account: str = ""
    alias: str = ""
    expires: int | None = None
    """When an SSO login ends, ms UTC; None where it is none, or nobody logged in."""
    last_used: int = 0
    """ms UTC; 0: never, as far as is remembered."""

    @property
    def guarded(self) -> bool:
        """Whether it is shown as production."""
        told = self.spec.production if self.spec is not None else False
        return "prod" in self.name.lower() if told is None else told

    @property
    def colour(self) -> str:
        return self.spec.colour if self.spec is not None else ""

    @property
    def writes(self) -> bool:
        return self.spec is not None and self.spec.allow_write


def destinations(
    start: Settings, environ: Mapping[str, str] | None = None, *, contexts: Contexts | None = None
) -> list[Destination]:
    """All there are. `start` is what cwtui was started with: files that it read can be gone back to.

    `contexts` are those of the file where they are not given.

    Blocking: reads the files. Raises InputError for a contexts file that is wrong.
    """
    environ = os.environ if environ is None else environ
    contexts = read_contexts() if contexts is None else contexts
    profiles = read_profiles(environ)
    visits = {visit.name: visit for visit in read_visits()}
    home = Path(environ.get("HOME") or Path.home())
    found = [_of_spec(spec, profiles, visits, home) for spec in contexts.specs]
    named = {spec.name for spec in contexts.specs}
    found += [
        _of_spec(of_profile(profile), profiles, visits, home, kind=profile.kind)
        for profile in profiles.values()
        if profile.name not in named
    ]
    if _CHAIN not in named and _CHAIN not in profiles:
        # Keys of the environment, a container or an instance need no profile.
        found.append(_of_spec(ContextSpec(_CHAIN), profiles, visits, home, kind="env"))
    found.sort(key=lambda item: -item.last_used)
    if start.from_paths:
        found.append(Destination("files", "files"))
    found.append(Destination(DEMO, DEMO))
    return found


def settings_of(place: Destination, settings: Settings, start: Settings, region: str = "") -> Settings:
    """The settings there. Raises InputError."""
    if place.spec is not None:
        return settings_for(settings, place.spec, region)
    blank = settings_for(settings, ContextSpec(""))
    if place.kind == "files":
        return replace(blank, mock=start.mock, from_paths=start.from_paths)
    return replace(blank, mock=True, allow_write=load_settings().allow_write)


def named(name: str, start: Settings) -> Destination:
    """The destination of that name. Raises InputError that names the nearest."""
    for place in destinations(start):
        if place.name == name:
            return place
    spec = find_context(name, read_contexts())
    return Destination(spec.name, "context", spec, spec.regions)


def _of_spec(
    spec: ContextSpec,
    profiles: Mapping[str, Profile],
    visits: Mapping[str, Visit],
    home: Path,
    *,
    kind: str = "",
) -> Destination:
    visit = visits.get(spec.name, Visit(spec.name))
    profile = profiles.get(spec.profile or spec.source_profile)
    account = "" if spec.several else _account_of(spec, profile)
    return Destination(
        spec.name,
        kind or ("several" if spec.several else "context"),
        spec,
        spec.regions or ((profile.region,) if profile is not None and profile.region else ()),
        account or visit.account,
        visit.alias if visit.account == (account or visit.account) else "",
        sso_expiry(profile, home) if profile is not None else None,
        visit.at,
    )


def _account_of(spec: ContextSpec, profile: Profile | None) -> str:
    if spec.role_arn:
        parts = spec.role_arn.split(":")
        return parts[4] if len(parts) > 4 else ""
    return profile.account if profile is not None else ""
