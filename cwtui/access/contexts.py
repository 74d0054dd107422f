"""cwtui's own contexts: a name for where logs are read, and how one gets there. `contexts.toml`.

    [defaults]                                  # any key of a context
    external_id = "acme-7"

    [contexts.prod-eu]
    profile = "hub"
    role_arn = "arn:aws:iam::111122223333:role/oncall"
    regions = ["eu-west-1"]

    [contexts.prod]                             # several at once, in one view
    members = ["prod-eu", "prod-us"]

A profile of the AWS configuration counts as a context of its own name. An unknown key is an error: a
misspelt `role_arn` would read another account's logs.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cwtui.access.aws_profiles import Profile, read_profiles
from cwtui.core.errors import InputError
from cwtui.core.timespec import parse_duration
from cwtui.settings import Settings, contexts_file, load_settings

_SHORTEST, _LONGEST = 15 * 60, 12 * 3600
"""What STS takes for a role's session, in seconds."""
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ContextSpec:
    """One context as it is written."""

    name: str
    profile: str = ""
    source_profile: str = ""
    """Another word for `profile` where a role is taken on with it, as the AWS configuration has it."""
    regions: tuple[str, ...] = ()
    """The first is read alone by a context of one; several are one view. Empty: the profile's own."""
    members: tuple[str, ...] = ()
    """Names of contexts or profiles that are one view together."""
    role_arn: str = ""
    external_id: str = ""
    mfa_serial: str = ""
    session_name: str = ""
    duration: int = 0
    """Of the role's session, in seconds; 0: as STS gives it."""
    endpoint_url: str = ""
    colour: str = ""
    allow_write: bool = False
    production: bool | None = None
    favourites: tuple[str, ...] = ()
    linked: bool = False
    """List the groups of linked accounts too: this is a monitoring account."""
    note: str = ""

    @property
    def several(self) -> bool:
        """Whether it is a view over more than one account or region."""
        return bool(self.members) or len(self.regions) > 1


@dataclass(frozen=True, slots=True)
class Contexts:
    """What a contexts file holds, in its order."""

    specs: tuple[ContextSpec, ...] = ()
    path: Path | None = None

    def get(self, name: str) -> ContextSpec | None:
        return next((spec for spec in self.specs if spec.name == name), None)


def read_contexts(path: Path | None = None) -> Contexts:
    """The contexts of a file, `contexts.toml` by default; none where there is no such file.

    Raises InputError for a file that cannot be read, an unknown key, a value of the wrong type, a member
    that nothing is called.
    """
    path = path or contexts_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if os.environ.get("CWTUI_CONTEXTS"):
            raise _wrong(f"The contexts file {path} does not exist.", "Correct CWTUI_CONTEXTS.") from None
        return Contexts(path=path)
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"The contexts file {path} cannot be read: {error}.", "It is UTF-8 text.") from error
    return parse_contexts(text, path)


def parse_contexts(text: str, path: Path) -> Contexts:
    """As `read_contexts`, of a text."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    file = _File(path, text)
    for section in document:
        if section not in ("defaults", "contexts"):
            near = _near(section, ("defaults", "contexts"))
            raise _wrong(
                f"{file.at(section)}: '{section}' is no part of a contexts file.",
                near or "A context is a table of its own: [contexts.NAME].",
            )
    defaults = file.values("defaults", document.get("defaults", {}))
    tables = document.get("contexts", {})
    if not isinstance(tables, dict):
        raise _wrong(f"{file.at('contexts')}: contexts are tables.", "Write [contexts.NAME].")
    specs = tuple(
        file.spec(name, defaults | file.values(f"contexts.{name}", table)) for name, table in tables.items()
    )
    return Contexts(specs, path)


@dataclass(frozen=True, slots=True)
class _File:
    """The file being read: its checks name the line."""

    path: Path
    text: str

    def at(self, section: str, key: str = "") -> str:
        """`PATH, line 7`, or the path alone where the line cannot be told."""
        current, header = "", re.compile(r"\s*\[\s*(.+?)\s*\]\s*(?:#.*)?$")
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := header.match(line):
                current = re.sub(r"[\"'\s]", "", found[1])
            at_section = current == re.sub(r"[\"'\s]", "", section)
            written = re.match(r"\s*[\"']?([\w-]+)[\"']?\s*=", line)
            if key and at_section and written and written[1] == key:
                return f"{self.path}, line {number}"
            if not key and ((found and at_section) or (written and not current and written[1] == section)):
                return f"{self.path}, line {number}"
        return str(self.path)

    def values(self, section: str, table: object) -> dict[str, Any]:
        """The keys of one table as fields of a `ContextSpec`. Raises InputError."""
        if not isinstance(table, dict):
            raise _wrong(f"{self.at(section)}: [{section}] is a table of keys.", "Write key = value in it.")
        values: dict[str, Any] = {}
        for key, value in table.items():
            about = f"{self.at(section, key)}: [{section}] {key}"
            if key not in _KEYS:
                raise _wrong(
                    f"{about} is not a key of a context.",
                    _near(key, _KEYS) or f"The keys are {', '.join(sorted(_KEYS))}.",
                )
            name, kind = _KEYS[key]
            if key in ("duration", "region"):
                value = _converted(key, value, about)
            if kind is tuple:
                if not (isinstance(value, list) and all(isinstance(item, str) and item for item in value)):
                    raise _wrong(f'{about} must be a list of texts, such as ["a", "b"], not {value!r}.', "")
                value = tuple(dict.fromkeys(value))
            elif type(value) is not kind:
                raise _wrong(f"{about} must be {_TYPE_NAMES[kind]}, not {value!r}.", "")
            if name in values:
                raise _wrong(f"{about} says again what another key of the table says.", "Leave one out.")
            values[name] = value
        return values

    def spec(self, name: str, values: dict[str, Any]) -> ContextSpec:
        """The context, checked as a whole."""
        spec = ContextSpec(name, **values)
        about = f"{self.at(f'contexts.{name}')}: the context '{name}'"
        if spec.members and (spec.profile or spec.role_arn or spec.source_profile):
            raise _wrong(
                f"{about} has members, and credentials of its own.",
                "Leave profile and role_arn to the members.",
            )
        if name in spec.members:
            raise _wrong(f"{about} is a member of itself.", "Take it out of members.")
        if spec.profile and spec.source_profile:
            raise _wrong(f"{about} has a profile and a source_profile.", "They mean the same; leave one out.")
        if spec.external_id and not spec.role_arn and not spec.members:
            raise _wrong(f"{about} has an external_id, but no role_arn to use it for.", "Give the role_arn.")
        if spec.duration and not _SHORTEST <= spec.duration <= _LONGEST:
            raise _wrong(f"{about}: a role's session lasts 15m to 12h.", "Correct its duration.")
        if spec.session_name and not _SESSION_NAME.fullmatch(spec.session_name):
            raise _wrong(
                f"{about}: '{spec.session_name}' cannot be a session name.",
                "It has 2 to 64 letters, digits and +=,.@-",
            )
        return spec


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
        _near(name, known) or f"Write it in {contexts.path or contexts_file()}, or name an AWS profile.",
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
            raise _wrong(
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
        return settings
    name = settings.profile or "default"
    members = tuple((f"{name}/{region}", replace(settings, region=region)) for region in regions)
    return replace(settings, region=regions[0], members=members)


def _for_a_member(flags: Mapping[str, Any]) -> dict[str, Any]:
    # `context` is the name of the whole; the rest was said of all that is read.
    return {name: value for name, value in flags.items() if name != "context"}


def _converted(key: str, value: object, about: str) -> object:
    """`region = "x"` is `regions = ["x"]`; a duration is written as `1h` or in seconds."""
    if key == "region":
        if not isinstance(value, str):
            raise _wrong(f"{about} must be text in quotes, not {value!r}.", "")
        return [value]
    if isinstance(value, str):
        try:
            return parse_duration(value) // 1000
        except InputError as error:
            raise _wrong(f"{about}: {error.message}", error.hint) from error
    return value


_TYPE_NAMES = {str: "text in quotes", bool: "true or false", int: 'a duration such as "1h", or seconds'}


def _kinds() -> dict[str, tuple[str, type]]:
    """Key of a context -> field, and the type that its value has."""
    kinds: dict[str, tuple[str, type]] = {}
    for item in fields(ContextSpec):
        if item.name != "name":
            default: Any = False if item.name == "production" else item.default
            kinds[item.name] = (item.name, type(default))
    return kinds | {"region": ("regions", tuple), "color": ("colour", str)}


_KEYS = _kinds()


def _near(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    near = get_close_matches(name, list(known), 1, 0.6)
    return f"Did you mean '{near[0]}'?" if near else ""


def _wrong(sentence: str, hint: str) -> InputError:
    return InputError(sentence, hint, code="contexts")
