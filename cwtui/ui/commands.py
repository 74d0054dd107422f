"""The `:` command line: what can be written, what it means, and how it is completed. No screen here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cwtui.core.errors import InputError


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command as help and completion know it."""

    name: str
    argument: str
    """How its argument is called in the usage; in brackets where it may be left out, empty for none."""
    help: str
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        return f":{self.name} {self.argument}".rstrip()

    @property
    def needs_argument(self) -> bool:
        return bool(self.argument) and not self.argument.startswith("[")


@dataclass(frozen=True, slots=True)
class Command:
    """What was written, understood."""

    name: str
    argument: str = ""


ROW = "row"
"""The name of what `:500` means."""

COMMANDS: tuple[CommandSpec, ...] = (
    CommandSpec("groups", "", "Go to the list of log groups."),
    CommandSpec("streams", "[GROUP]", "List the streams of a group."),
    CommandSpec("tail", "[GROUP ...]", "Open the logs of groups and follow them.", ("logs",)),
    CommandSpec("time", "SINCE [UNTIL]", "Load another window: -3h, 10:00 10:15, yesterday."),
    CommandSpec("goto", "TIME", "Go to a time: 10:12, +5m or -5m from here, end.", ("go",)),
    CommandSpec("latest", "[N]", "Load the newest events, however old."),
    CommandSpec("zone", "ZONE", "Show and read times in utc or local."),
    CommandSpec("trace", "[VALUE]", "Follow a request id, or any value, through all groups."),
    CommandSpec("level", "LEVEL", "Show this level and worse: all, info, warn, error."),
    CommandSpec(
        "filter", "[FILTER]", "Add a filter chip: text, /regex/, field=value; none: no filters.", ("in",)
    ),
    CommandSpec("filters", "", "Arrange the stack of filters; save, load and share it."),
    CommandSpec("pattern", "[PATTERN]", "Load anew with a CloudWatch pattern run by the service; none: all."),
    CommandSpec("patterns", "", "Show what the events say: patterns, how often, and when."),
    CommandSpec("invocations", "", "Show the runs that share the streams: invocations, requests, jobs."),
    CommandSpec("by", "KIND", "Tell runs apart by request, job, session, trace or stream."),
    CommandSpec("share", "", "Copy the command that shows the same events."),
    CommandSpec("highlight", "[TERM]", "Keep a term lit beside the search; without one: none.", ("hi",)),
    CommandSpec("out", "FILTER", "Add a filter chip that hides what matches."),
    CommandSpec(
        "cols", "[FIELD ...]", "Give fields columns: written, or chosen from a list; none: no column."
    ),
    CommandSpec(
        "against",
        "BASELINE",
        "Summarise what changed: previous, yesterday, last-week, rest (of the window), SINCE,UNTIL, none.",
    ),
    CommandSpec("ask", "QUESTION", "Answer a question about what is shown, citing its lines."),
    CommandSpec("partial", "", "Say what is missing from the window, and why."),
    CommandSpec("error", "", "Say why the last failure was one, and what mends it."),
    CommandSpec("errors", "", "List what went wrong in this run."),
    CommandSpec("note", "TEXT", "Bookmark the event under the cursor with a note."),
    CommandSpec("marks", "", "List the bookmarks; Enter goes there.", ("bookmarks",)),
    CommandSpec("console", "", "Copy the event's address in the AWS console."),
    CommandSpec("model", "[NAME]", "Choose the model that writes below a summary."),
    CommandSpec("prompt", "", "Show what the model is sent, all of it."),
    CommandSpec("doctor", "[GROUP]", "Find out what works here, what is denied, and the smallest fix."),
    CommandSpec("context", "[NAME]", "Go to another context or AWS profile, in place.", ("ctx", "profile")),
    CommandSpec("region", "[REGION]", "Read another region, in place."),
    CommandSpec("theme", "NAME", "Change the theme."),
    CommandSpec("export", "[PATH]", "Export what is shown to a file or folder.", ("w",)),
    CommandSpec("s3", "[s3://BUCKET/PREFIX]", "Export what is shown to S3; needs --allow-write."),
    CommandSpec("keys", "", "Show every key of every pane."),
    CommandSpec("help", "", "Show the keys of this pane.", ("h",)),
    CommandSpec("quit", "", "Leave cwtui.", ("q", "q!")),
)
LEVELS = ("all", "info", "warn", "error")
TIMES = ("-5m", "-15m", "-1h", "-3h", "-24h", "today", "yesterday")

_BY_NAME: Mapping[str, CommandSpec] = {name: spec for spec in COMMANDS for name in (spec.name, *spec.aliases)}


def parse(line: str) -> Command:
    """What a line means, with or without its colon; a name may be cut where it stays unique.

    Raises InputError.
    """
    text = line.strip().lstrip(":").strip()
    if not text:
        raise InputError("There is no command.", "Type one; Tab completes.", code="command")
    name, _, argument = text.partition(" ")
    argument = argument.strip()
    if name.isascii() and name.isdigit():
        return Command(ROW, name)
    spec = _BY_NAME.get(name) or _only(name)
    if spec is None:
        raise InputError(f"':{name}' is no command.", "Tab lists them.", code="command")
    if spec.needs_argument and not argument:
        raise InputError(f"{spec.usage} needs its argument.", spec.help, code="command")
    if not spec.argument and argument:
        raise InputError(f":{spec.name} takes no argument.", "", code="command")
    return Command(spec.name, argument)


def complete(text: str, values: Mapping[str, Callable[[], Sequence[str]]]) -> list[str]:
    """What the written text may become: names of commands, then the values that `values` has for one."""
    name, space, argument = text.partition(" ")
    if not space:
        return [spec.name + (" " if spec.argument else "") for spec in COMMANDS if spec.name.startswith(name)]
    spec = _BY_NAME.get(name) or _only(name)
    if spec is None or spec.name not in values:
        return []
    before, _, word = argument.rpartition(" ")
    kept = f"{name} {before} " if before else f"{name} "
    offered = list(values[spec.name]())
    starting = [value for value in offered if value.startswith(word)]
    return [kept + value for value in starting or [value for value in offered if word in value]][:50]


def spec_of(name: str) -> CommandSpec | None:
    return _BY_NAME.get(name)


def _only(beginning: str) -> CommandSpec | None:
    found = [spec for spec in COMMANDS if spec.name.startswith(beginning)]
    return found[0] if len(found) == 1 else None
