"""Short names for log groups: `@pay`, as `[aliases]` in the config file says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from cwtui.core.errors import InputError

MARK = "@"
"""What an alias begins with: no name of a log group does."""

Aliases = Mapping[str, tuple[str, ...]]
"""Groups by alias, without its mark."""


def groups_named(written: Iterable[str], aliases: Aliases) -> tuple[str, ...]:
    """The groups that are meant by what was written, each once: aliases become what they stand for.

    Raises InputError that names the nearest alias where there is none of a name.
    """
    groups: dict[str, None] = {}
    for name in written:
        groups.update(dict.fromkeys(_meant(name, aliases)))
    return tuple(groups)


def group_named(written: str, aliases: Aliases) -> str:
    """As `groups_named` where one group is meant. Raises InputError for an alias of several, too."""
    groups = groups_named([written], aliases)
    if len(groups) > 1:
        raise InputError(
            f"{written} stands for {len(groups)} log groups, and one is wanted here.",
            "Name one of them: " + ", ".join(groups),
            code="alias",
        )
    return groups[0]


def aliases_of(group: str, aliases: Aliases) -> tuple[str, ...]:
    """What a group is called, with the mark."""
    return tuple(f"{MARK}{alias}" for alias, groups in aliases.items() if group in groups)


def _meant(name: str, aliases: Aliases) -> tuple[str, ...]:
    if not name.startswith(MARK):
        return (name,)
    if (groups := aliases.get(name[1:])) is not None:
        return groups
    near = get_close_matches(name[1:], aliases, 1, 0.5)
    hint = f"Did you mean {MARK}{near[0]}?" if near else "Write it under [aliases] in config.toml."
    if aliases and not near:
        hint = "There are " + ", ".join(f"{MARK}{alias}" for alias in sorted(aliases)) + "."
    raise InputError(f"There is no alias {name}.", hint, code="alias")
