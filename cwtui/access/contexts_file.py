"""`contexts.toml`: cwtui's own contexts as they are written.

    [defaults]                                  # any key of a context
    external_id = "acme-7"

    [contexts.prod-eu]
    profile = "hub"
    role_arn = "arn:aws:iam::111122223333:role/oncall"
    regions = ["eu-west-1"]

    [contexts.prod]                             # several at once, in one view
    members = ["prod-eu", "prod-us"]

An unknown key is an error: a misspelt `role_arn` would read another account's logs.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cwtui.access.arns import is_role
from cwtui.core.errors import InputError
from cwtui.core.timespec import parse_duration
from cwtui.settings import contexts_file

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
            raise wrong(f"The contexts file {path} does not exist.", "Correct CWTUI_CONTEXTS.") from None
        return Contexts(path=path)
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(f"The contexts file {path} cannot be read: {error}.", "It is UTF-8 text.") from error
    return parse_contexts(text, path)


def parse_contexts(text: str, path: Path) -> Contexts:
    """As `read_contexts`, of a text."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise wrong(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    file = _File(path, text)
    for section in document:
        if section not in ("defaults", "contexts"):
            near = nearest(section, ("defaults", "contexts"))
            raise wrong(
                f"{file.at(section)}: '{section}' is no part of a contexts file.",
                near or "A context is a table of its own: [contexts.NAME].",
            )
    defaults = file.values("defaults", document.get("defaults", {}))
    tables = document.get("contexts", {})
    if not isinstance(tables, dict):
        raise wrong(f"{file.at('contexts')}: contexts are tables.", "Write [contexts.NAME].")
    specs = tuple(
        file.spec(name, defaults | file.values(f"contexts.{name}", table)) for name, table in tables.items()
    )
    return Contexts(specs, path)


@dataclass(frozen=True, slots=True)
class _About:
    """A key of a table, or a table, as a sentence about it begins."""

    file: _File
    section: str
    key: str = ""

    def __str__(self) -> str:
        what = (
            f"[{self.section}] {self.key}" if self.key else f"the context '{self.section.partition('.')[2]}'"
        )
        return f"{self.file.at(self.section, self.key)}: {what}"


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
            raise wrong(f"{self.at(section)}: [{section}] is a table of keys.", "Write key = value in it.")
        values: dict[str, Any] = {}
        for key, value in table.items():
            # The line is looked for only where something is wrong.
            about = _About(self, section, key)
            if key not in _KEYS:
                raise wrong(
                    f"{about} is not a key of a context.",
                    nearest(key, _KEYS) or f"The keys are {', '.join(sorted(_KEYS))}.",
                )
            name, kind = _KEYS[key]
            if key in ("duration", "region"):
                value = _converted(key, value, about)
            if kind is tuple:
                if not (isinstance(value, list) and all(isinstance(item, str) and item for item in value)):
                    raise wrong(f'{about} must be a list of texts, such as ["a", "b"], not {value!r}.', "")
                value = tuple(dict.fromkeys(value))
            elif type(value) is not kind:
                raise wrong(f"{about} must be {_TYPE_NAMES[kind]}, not {value!r}.", "")
            if name in values:
                raise wrong(f"{about} says again what another key of the table says.", "Leave one out.")
            values[name] = value
        return values

    def spec(self, name: str, values: dict[str, Any]) -> ContextSpec:
        """The context, checked as a whole."""
        spec = ContextSpec(name, **values)
        about = _About(self, f"contexts.{name}")
        if spec.members and (spec.profile or spec.role_arn or spec.source_profile):
            raise wrong(
                f"{about} has members, and credentials of its own.",
                "Leave profile and role_arn to the members.",
            )
        if name in spec.members:
            raise wrong(f"{about} is a member of itself.", "Take it out of members.")
        if spec.profile and spec.source_profile:
            raise wrong(f"{about} has a profile and a source_profile.", "They mean the same; leave one out.")
        if spec.external_id and not spec.role_arn and not spec.members:
            raise wrong(f"{about} has an external_id, but no role_arn to use it for.", "Give the role_arn.")
        if spec.role_arn and not is_role(spec.role_arn):
            raise wrong(
                f"{_About(self, f'contexts.{name}', 'role_arn')}: '{spec.role_arn}' is no ARN of a role.",
                "Write it like arn:aws:iam::111122223333:role/NAME.",
            )
        if spec.duration and not _SHORTEST <= spec.duration <= _LONGEST:
            raise wrong(f"{about}: a role's session lasts 15m to 12h.", "Correct its duration.")
        if spec.session_name and not _SESSION_NAME.fullmatch(spec.session_name):
            raise wrong(
                f"{about}: '{spec.session_name}' cannot be a session name.",
                "It has 2 to 64 letters, digits and +=,.@-",
            )
        return spec


def _converted(key: str, value: object, about: _About) -> object:
    """`region = "x"` is `regions = ["x"]`; a duration is written as `1h` or in seconds."""
    if key == "region":
        if not isinstance(value, str):
            raise wrong(f"{about} must be text in quotes, not {value!r}.", "")
        return [value]
    if isinstance(value, str):
        try:
            return parse_duration(value) // 1000
        except InputError as error:
            raise wrong(f"{about}: {error.message}", error.hint) from error
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


def nearest(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """`Did you mean 'x'?`, or empty where nothing is called alike."""
    near = get_close_matches(name, list(known), 1, 0.6)
    return f"Did you mean '{near[0]}'?" if near else ""


def wrong(sentence: str, hint: str) -> InputError:
    """What is wrong with the contexts, to be raised."""
    return InputError(sentence, hint, code="contexts")
