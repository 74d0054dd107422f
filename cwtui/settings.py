"""Settings: flags > environment > TOML, one frozen object.

The file is `config.toml` in the XDG config folder. An unknown key there is a warning, except under
`[safety]`, where it is an error: a misspelt guard must not pass for one that holds.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from platformdirs.unix import Unix

from cwtui.core.errors import InputError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; see docs/configuration.md."""

    context: str = ""
    """The context of contexts.toml that the fields of AWS were taken from, or the profile; empty: none."""
    profile: str = ""
    region: str = ""
    role_arn: str = ""
    external_id: str = ""
    mfa_serial: str = ""
    """The MFA device whose code the role asks for; empty: that of a profile which names one."""
    session_name: str = ""
    """The role's session, as CloudTrail shows it; empty: `cwtui-USER`."""
    duration: int = 0
    """How long the role's session lasts, in seconds; 0: as long as STS gives by itself, an hour."""
    endpoint_url: str = ""
    colour: str = ""
    """The context's colour in the header; empty: the theme's."""
    production: bool | None = None
    """Shown as production; None: where the name says so."""
    favourites: tuple[str, ...] = ()
    """Log groups that stand first, by name or pattern (`*`)."""
    linked: bool = False
    """A monitoring account: the groups of the accounts linked to it are listed too."""
    members: tuple[tuple[str, Settings], ...] = ()
    """A context of several: what each is called, and its settings; see `access.contexts.members_of`."""
    mock: bool = False
    from_paths: tuple[str, ...] = ()
    allow_write: bool = False
    calls: str = ""
    """A file that records which AWS operations are issued, for `iam-policy --from-session`; empty: none."""
    redact: bool = True
    color: str = "auto"
    """`auto`, `always` or `never`; NO_COLOR makes auto never."""
    debug: bool = False
    theme: str = "cwtui-dark"
    zone: str = "utc"
    """`utc` or `local`: the zone in which times are shown and read."""
    ascii_only: bool = False
    default_window_ms: int = 15 * 60_000
    use_llm: bool | None = None
    """None: the TUI asks a model when one answers; headless commands only with --llm."""
    model: str = ""
    """Empty: the largest installed local model."""
    ollama_host: str = "http://127.0.0.1:11434"
    keep_alive: str = "10m"
    """How long Ollama keeps the model loaded after a request: `30s`, `1h`; 0 not at all, -1 for good."""
    allow_remote_model: bool = False
    memory_limit: str = "2GB"
    """What the window keeps in memory before it spills to a temporary folder."""
    look_back_ms: int = 120_000
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Binding id to keys, as `cwtui keys` prints them."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Log groups by the short name that stands for them, without its `@` (`core.aliases`)."""
    warnings: tuple[str, ...] = ()
    """What was odd in the file or the environment; shown once."""

    @property
    def tzinfo(self) -> tzinfo:
        """The zone in which times without one are read and all are shown."""
        return UTC if self.zone == "utc" else LOCAL_ZONE


class _Local(tzinfo):
    """The system's zone with its summer time, as a tzinfo that answers for any moment."""

    def utcoffset(self, moment: Any) -> Any:
        return moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: Any) -> Any:
        return None

    def tzname(self, moment: Any) -> str:
        return str(moment.replace(tzinfo=None).astimezone().tzname())

    def fromutc(self, moment: Any) -> Any:
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


LOCAL_ZONE: tzinfo = _Local()

# TOML section and key -> field, with the type that the value must have.
_KEYS: dict[tuple[str, str], tuple[str, type]] = {
    ("aws", "context"): ("context", str),
    ("aws", "profile"): ("profile", str),
    ("aws", "region"): ("region", str),
    ("aws", "role_arn"): ("role_arn", str),
    ("aws", "external_id"): ("external_id", str),
    ("aws", "mfa_serial"): ("mfa_serial", str),
    ("aws", "session_name"): ("session_name", str),
    ("aws", "endpoint_url"): ("endpoint_url", str),
    ("safety", "allow_write"): ("allow_write", bool),
    ("safety", "redact"): ("redact", bool),
    ("safety", "allow_remote_model"): ("allow_remote_model", bool),
    ("ui", "theme"): ("theme", str),
    ("ui", "zone"): ("zone", str),
    ("ui", "ascii"): ("ascii_only", bool),
    ("ui", "window_minutes"): ("default_window_ms", int),
    ("model", "use"): ("use_llm", bool),
    ("model", "name"): ("model", str),
    ("model", "host"): ("ollama_host", str),
    ("model", "keep_alive"): ("keep_alive", str),
    ("limits", "memory"): ("memory_limit", str),
    ("limits", "look_back_seconds"): ("look_back_ms", int),
}
_KEEP_ALIVE = re.compile(r"-?\d+|-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
_SCALE = {"default_window_ms": 60_000, "look_back_ms": 1_000}
_ENVIRONMENT: dict[str, tuple[str, type]] = {
    "CWTUI_CONTEXT": ("context", str),
    "AWS_PROFILE": ("profile", str),
    "AWS_DEFAULT_REGION": ("region", str),
    "AWS_REGION": ("region", str),
    "AWS_ENDPOINT_URL": ("endpoint_url", str),
    "MOCK": ("mock", bool),
    "USE_LLM": ("use_llm", bool),
    "OLLAMA_HOST": ("ollama_host", str),
    "CWTUI_ALLOW_WRITE": ("allow_write", bool),
    "CWTUI_THEME": ("theme", str),
    "CWTUI_ZONE": ("zone", str),
    "CWTUI_ASCII": ("ascii_only", bool),
    "CWTUI_MODEL": ("model", str),
    "OLLAMA_KEEP_ALIVE": ("keep_alive", str),
    "CWTUI_MEMORY": ("memory_limit", str),
    "CWTUI_DEBUG": ("debug", bool),
    "CWTUI_CALLS": ("calls", str),
}


def _folders() -> Unix:
    # XDG everywhere, macOS too: one place to look, one place to say in the docs.
    return Unix("cwtui", appauthor=False)


def config_dir() -> Path:
    return Path(_folders().user_config_dir)


def state_dir() -> Path:
    return Path(_folders().user_state_dir)


def cache_dir() -> Path:
    return Path(_folders().user_cache_dir)


def config_file(environ: Mapping[str, str] | None = None) -> Path:
    """`CWTUI_CONFIG`, else `config.toml` in the config folder."""
    named = (os.environ if environ is None else environ).get("CWTUI_CONFIG", "")
    return Path(named) if named else config_dir() / "config.toml"


def contexts_file(environ: Mapping[str, str] | None = None) -> Path:
    """`CWTUI_CONTEXTS`, else `contexts.toml` in the config folder."""
    named = (os.environ if environ is None else environ).get("CWTUI_CONTEXTS", "")
    return Path(named) if named else config_dir() / "contexts.toml"


def load_settings(
    flags: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Reads the file and the environment, and lays the flags over them.

    `flags` holds only what was really given on the command line, by field name. Raises InputError.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    warnings: list[str] = []
    path = config_file(environ)
    if path.is_file():
        _read_file(path, values, warnings)
    elif environ.get("CWTUI_CONFIG"):
        raise InputError(f"The config file {path} does not exist.", "Correct CWTUI_CONFIG.", code="config")
    for name, (setting, kind) in _ENVIRONMENT.items():
        if (text := environ.get(name)) is not None and (text != "" or kind is bool):
            values[setting] = _truth(name, text) if kind is bool else text
    if environ.get("AWS_ACCESS_KEY_ID") and values.get("profile") == environ.get("AWS_PROFILE"):
        # As in the AWS CLI: keys in the environment win over AWS_PROFILE, though not over --profile.
        values.pop("profile", None)
    values.update(flags or {})
    settings = replace(Settings(), **values, warnings=tuple(warnings))  # type: ignore[arg-type]
    if settings.zone not in ("utc", "local"):
        raise InputError(f"The zone '{settings.zone}' is not known.", "Use utc or local.", code="zone")
    if not _KEEP_ALIVE.fullmatch(settings.keep_alive):
        raise InputError(
            f"The model's keep_alive '{settings.keep_alive}' is no duration.",
            "Write it like 30s, 10m or 1h; 0 unloads the model at once, -1 keeps it.",
            code="keep-alive",
        )
    if settings.color == "auto" and environ.get("NO_COLOR"):
        settings = replace(settings, color="never")
    return replace(settings, ollama_host=_url(settings.ollama_host))


def known_keys() -> list[tuple[str, str]]:
    """Every section and key of the config file, in order; `[keymap]` takes any binding id."""
    return list(_KEYS)


def _read_file(path: Path, values: dict[str, object], warnings: list[str]) -> None:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}.", "Mend that line.", code="config") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "", code="config") from error
    for section, table in document.items():
        if section == "keymap" and isinstance(table, dict):
            values["keymap"] = {str(key): str(keys) for key, keys in table.items()}
            continue
        if section == "aliases" and isinstance(table, dict):
            values["aliases"] = {
                key.removeprefix("@"): _groups(path, key, meant) for key, meant in table.items()
            }
            continue
        if not isinstance(table, dict):
            warnings.append(f"{path}: '{section}' is outside any section and was ignored.")
            continue
        for key, value in table.items():
            _take(path, section, key, value, values, warnings)


def _take(
    path: Path, section: str, key: str, value: object, values: dict[str, object], warnings: list[str]
) -> None:
    known = _KEYS.get((section, key))
    if known is None:
        sentence = f"{path}: [{section}] {key} is not a setting."
        if section == "safety":
            raise InputError(sentence, "See `cwtui config` for the keys of [safety].", code="config")
        warnings.append(sentence)
        return
    setting, kind = known
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InputError(
            f"{path}: [{section}] {key} must be {_TYPE_NAMES[kind]}, not {value!r}.", "", code="config"
        )
    values[setting] = value * _SCALE[setting] if isinstance(value, int) and setting in _SCALE else value


def _groups(path: Path, alias: str, meant: object) -> tuple[str, ...]:
    """What an alias stands for: a log group, or a list of them. Raises InputError."""
    groups = meant if isinstance(meant, list) else [meant]
    if not groups or not all(isinstance(group, str) and group for group in groups):
        raise InputError(
            f"{path}: [aliases] {alias} must be the name of a log group or a list of names, not {meant!r}.",
            f'Write it like {alias} = "/aws/lambda/payment" or {alias} = ["/shop/api", "/shop/web"].',
            code="config",
        )
    return tuple(dict.fromkeys(groups))


_TYPE_NAMES = {str: "text in quotes", bool: "true or false", int: "a whole number"}


def _truth(name: str, text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise InputError(f"{name}={text} is neither true nor false.", "Use true or false.", code="environment")


def _url(host: str) -> str:
    return host.rstrip("/") if "://" in host else f"http://{host.rstrip('/')}"


SETTING_NAMES = tuple(item.name for item in fields(Settings) if item.name not in ("warnings", "members"))
