"""Contexts as settings: a name for where logs are read, and how one gets there.

A profile of the AWS configuration counts as a context of its own name. How contexts are written stands in
contexts_file.py.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cwtui.access.aws_profiles import Profile, read_profiles
from cwtui.access.contexts_file import Contexts, ContextSpec, nearest, parse_contexts, read_contexts, wrong
from cwtui.core.errors import InputError
from cwtui.settings import Settings, contexts_file, load_settings

__all__ = [
    "ContextSpec",
    "Contexts",
    "find_context",
    "in_context",
    "members_of",
    "of_profile",
    "parse_contexts",
    "read_contexts",
    "settings_for",
]


def find_context(name: str, contexts: Contexts, profiles: Mapping[str, Profile] | None = None) -> ContextSpec:
    """The context of that name, or the profile as one; of several names with commas between them all at once.

    Raises InputError that names the nearest.
    """
    if (spec := contexts.get(name)) is not None:
        return spec
    profiles = read_profiles() if profiles is None else profiles
    if (profile := profiles.get(name)) is not None:
        return of_profile(profile)
    if "," in name and (members := _parts(name)):
        found = [find_context(member, contexts, profiles) for member in members]
        return ContextSpec(name, members=members) if len(members) > 1 else found[0]
    known = [*(spec.name for spec in contexts.specs), *profiles]
    raise InputError(
        f"There is no context or profile '{name}'.",
        nearest(name, known) or f"Write it in {contexts.path or contexts_file()}, or name an AWS profile.",
        code="context",
    )


def _parts(text: str) -> tuple[str, ...]:
    """What stands between commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def of_profile(profile: Profile) -> ContextSpec:
    """A profile of the AWS configuration as a context."""
    return ContextSpec(
        profile.name, profile=profile.name, regions=(profile.region,) if profile.region else ()
    )


# What of the settings belongs to a context, so that none of it outlives a switch.
_OF_A_CONTEXT = (
    "context",
    "profile",
    "region",
    "role_arn",
    "external_id",
    "mfa_serial",
    "session_name",
    "duration",
    "endpoint_url",
    "colour",
    "production",
    "favourites",
    "linked",
    "members",
    "mock",
    "from_paths",
    "allow_write",
)


def settings_for(
    settings: Settings, spec: ContextSpec, region: str = "", *, contexts: Contexts | None = None
) -> Settings:
    """The settings in a context, in `region` where one is given (several: with commas between them): all
    else of AWS is the context's.

    What the context leaves open comes from the environment and the config file, never from the flags that
    cwtui was started with: those were about another context. `contexts` are read where they are needed
    and not given. Raises InputError.
    """
    base = load_settings()
    profile = spec.profile or spec.source_profile
    regions = _parts(region) or spec.regions
    inner = replace(
        settings,
        context=spec.name,
        profile=profile or base.profile,
        region=regions[0] if regions else "" if profile else base.region or settings.region,
        role_arn=spec.role_arn,
        external_id=spec.external_id,
        mfa_serial=spec.mfa_serial,
        session_name=spec.session_name or base.session_name,
        duration=spec.duration,
        endpoint_url=spec.endpoint_url or base.endpoint_url,
        colour=spec.colour,
        production=spec.production,
        favourites=spec.favourites,
        linked=spec.linked,
        allow_write=spec.allow_write or base.allow_write,
        members=(),
        mock=False,
        from_paths=(),
    )
    several = bool(spec.members) or len(regions) > 1
    if not several:
        return inner
    members = members_of(inner, replace(spec, regions=regions), contexts, region)
    return replace(inner, members=members)


def members_of(
    settings: Settings, spec: ContextSpec, contexts: Contexts | None = None, region: str = ""
) -> tuple[tuple[str, Settings], ...]:
    """What a context of several is made of: a name for each account and region, and its settings.

    A context of one has itself. `regions` beside `members` are the regions of every member that names
    none of its own; `region` stands for those of all. Raises InputError for a member that is not known,
    or that has members itself.
    """
    found: list[tuple[str, Settings]] = []
    if not spec.members:
        for region in spec.regions or ("",):
            one = settings_for(settings, spec, region) if region else settings_for(settings, spec)
            label = f"{spec.name}/{region}" if len(spec.regions) > 1 else spec.name
            found.append((label, one))
        return tuple(found)
    contexts = contexts or read_contexts()
    profiles = read_profiles()
    for name in spec.members:
        member = find_context(name, contexts, profiles)
        if member.members:
            raise wrong(
                f"The member '{name}' of the context '{spec.name}' has members itself.",
                "Name those instead.",
            )
        if region or not member.regions:
            member = replace(member, regions=_parts(region) or spec.regions)
        # Writing is allowed where the member says so, or the context as a whole.
        member = replace(member, allow_write=member.allow_write or spec.allow_write)
        found += members_of(settings, member, contexts)
    return tuple(found)


def in_context(
    settings: Settings, given: Mapping[str, object], environ: Mapping[str, str] | None = None
) -> Settings:
    """Settings as loaded, put into the context that they name; `given` are the flags that were written.

    A flag wins over the context. A profile that is named nearer than the context is taken instead of it:
    by a flag over the environment and the file, in the environment over the file. Raises InputError.
    """
    environ = os.environ if environ is None else environ
    by_flag, by_environment = "context" in given, bool(environ.get("CWTUI_CONTEXT"))
    passed_over = not by_flag and (
        "profile" in given or (not by_environment and bool(environ.get("AWS_PROFILE")))
    )
    if not settings.context or passed_over or settings.mock or settings.from_paths:
        return _in_regions(replace(settings, context=""))
    contexts = read_contexts()
    spec = find_context(settings.context, contexts)
    found = settings_for(settings, spec, str(given.get("region", "")), contexts=contexts)
    flags: dict[str, Any] = {name: given[name] for name in _OF_A_CONTEXT if name in given}
    flags.pop("region", None)
    over = replace(found, **flags)
    members = tuple((label, replace(one, **_for_a_member(flags))) for label, one in found.members)
    return replace(over, members=members)


def _in_regions(settings: Settings) -> Settings:
    """The settings, as a view of several regions where they name several."""
    regions = _parts(settings.region)
    if len(regions) < 2:
        return replace(settings, region=regions[0]) if regions else settings
    name = settings.profile or "default"
    members = tuple((f"{name}/{region}", replace(settings, region=region)) for region in regions)
    return replace(settings, region=regions[0], members=members)


def _for_a_member(flags: Mapping[str, Any]) -> dict[str, Any]:
    # `context` is the name of the whole; the rest was said of all that is read.
    return {name: value for name, value in flags.items() if name != "context"}
