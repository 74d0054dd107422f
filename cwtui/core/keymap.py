"""The one table of keys: what the bindings, the footer, `?`, `cwtui keys` and docs/keys.md are made from.

It stands in core because both faces read it and neither may import the other. A binding id is
`<pane>.<verb>`; the verb is the Textual action, unless `action` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One verb of one pane."""

    id: str
    """`events.search`: stable, what `[keymap]` in the config file names."""
    keys: tuple[str, ...]
    """Textual's key names, single characters as themselves."""
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for `?`."""
    in_footer: bool = False
    action: str = ""
    """The Textual action; empty means the verb of the id."""

    @property
    def pane(self) -> str:
        return self.id.partition(".")[0]

    @property
    def verb(self) -> str:
        """The action that Textual runs, with its argument where it takes one."""
        return self.action or self.id.partition(".")[2]


def _row(id_: str, keys: str, label: str, help_: str, *, footer: bool = False, action: str = "") -> KeyRow:
    return KeyRow(id_, tuple(keys.split()), label, help_, footer, action)


_PRESETS = (
    ("1", "start", "Load from the start of the range."),
    ("2", "1m", "Load the last minute."),
    ("3", "5m", "Load the last 5 minutes."),
    ("4", "15m", "Load the last 15 minutes."),
    ("5", "30m", "Load the last 30 minutes."),
    ("6", "1h", "Load the last hour."),
    ("7", "3h", "Load the last 3 hours."),
    ("8", "24h", "Load the last 24 hours."),
    ("9", "custom", "Ask for a window of your own."),
)

TABLE: tuple[KeyRow, ...] = (
    # Everywhere, outside a text input.
    _row("global.help", "? f1", "help", "Show the keys of this pane; type to search them.", footer=True),
    _row("global.command", ":", "cmd", "Open the command line; Tab completes.", footer=True),
    _row("global.palette", "ctrl+p", "palette", "Search every action and command.", action="command_palette"),
    _row("global.back", "q", "back", "Go back one level; at the first screen, quit."),
    _row("global.escape", "escape", "close", "Close what is open, or go back; never quits."),
    _row(
        "global.refresh",
        "ctrl+r f5",
        "refresh",
        "Fetch what is shown anew, or the rest of a load that was stopped.",
    ),
    _row(
        "global.error",
        "ctrl+e f8",
        "why",
        "Say why the last failure was one, and what mends it; :errors lists them.",
    ),
    _row("global.next_pane", "tab", "next pane", "Move to the next pane.", action="focus_next"),
    _row(
        "global.previous_pane",
        "shift+tab",
        "previous pane",
        "Move to the pane before.",
        action="focus_previous",
    ),
    _row("global.contexts", "ctrl+k", "contexts", "Go to another context, profile or account, in place."),
    _row("global.quit", "ctrl+q", "quit", "Leave cwtui.", action="leave"),
    _row("global.interrupt", "ctrl+c", "quit", "Copy the mouse selection; pressed twice, quit."),
    # In every list and pane.
    _row("motion.cursor_down", "j down", "down", "One row down."),
    _row("motion.cursor_up", "k up", "up", "One row up."),
    _row("motion.first", "g home", "top", "To the first row."),
    _row("motion.last", "G end", "end", "To the last row."),
    _row("motion.half_page_down", "ctrl+d", "half page down", "Half a page down."),
    _row("motion.half_page_up", "ctrl+u", "half page up", "Half a page up."),
    _row("motion.page_down", "ctrl+f pagedown", "page down", "A page down."),
    _row("motion.page_up", "ctrl+b pageup", "page up", "A page up."),
    # In panes that hold text: lists of names mark with Space instead.
    _row("text.page_down", "space", "page down", "A page down."),
    _row("text.page_up", "b", "page up", "A page up."),
    # The list of log groups.
    _row("groups.open", "enter", "streams", "Open the streams of the group.", footer=True),
    _row(
        "groups.logs",
        "l right",
        "logs",
        "Open the logs of the whole group, or of all marked groups.",
        footer=True,
    ),
    _row("groups.tail", "F s", "tail", "Open the logs of the group and follow them.", footer=True),
    _row("groups.mark", "space", "mark", "Mark or unmark the group.", footer=True),
    _row("groups.mark_all", "* ctrl+@", "mark all", "Mark all shown groups, or none."),
    _row("groups.filter", "/", "filter", "Narrow the list; fuzzy.", footer=True),
    _row("groups.sort", "o", "sort", "Sort by name, stored size or age."),
    _row("groups.facts", "d", "facts", "Show retention, size, class, key, masking and filters of the group."),
    _row("groups.pin", "m", "pin", "Pin the group, so that it stands first, or let go of it."),
    _row("groups.console", "O", "console", "Copy the address of the group in the AWS console."),
    _row("groups.resume", ".", "go on", "Go on with what was open last, as it was left."),
    _row("groups.copy", "y c", "copy", "Copy the name of the group."),
    _row("groups.copy_arn", "Y", "copy ARN", "Copy the ARN of the group."),
    # The list of log streams.
    _row("streams.open", "enter", "events", "Open the events of the stream, or of all marked.", footer=True),
    _row("streams.logs", "l right", "logs", "Open the events of the stream, or of all marked.", footer=True),
    _row("streams.groups", "h left", "groups", "Back to the groups.", footer=True),
    _row("streams.tail", "F s", "tail", "Open them and follow."),
    _row("streams.mark", "space", "mark", "Mark or unmark the stream.", footer=True),
    _row("streams.mark_all", "* ctrl+@", "mark all", "Mark all shown streams, or none."),
    _row("streams.filter", "/", "filter", "Narrow the list; fuzzy.", footer=True),
    _row("streams.sort", "o", "sort", "Sort by last event, by day and version, or by name."),
    _row("streams.facts", "d", "facts", "Show when the stream was written to, and how sure that is."),
    _row("streams.console", "O", "console", "Copy the address of the stream in the AWS console."),
    _row("streams.copy", "y c", "copy", "Copy the name of the stream."),
    # The events of a window.
    _row("events.search", "/", "find", "Search; nothing is hidden.", footer=True),
    _row("events.next_hit", "n", "next hit", "To the next hit."),
    _row("events.previous_hit", "N", "previous hit", "To the hit before."),
    _row("events.filter", "&", "filter", "Add a filter chip; what does not match is hidden.", footer=True),
    _row("events.filters", "W", "filters", "Arrange the stack of filters; save, load and share it."),
    _row("events.include", "+", "only this", "Show only events with a value of this one."),
    _row("events.exclude", "-", "not this", "Hide events with a value of this one."),
    _row("events.light", "*", "light up", "Search a value of this event, and keep it lit."),
    _row("events.level", "L", "level", "Raise the level floor: all, INFO, WARN, ERROR."),
    _row("events.next_error", "e", "next error", "To the next error."),
    _row("events.previous_error", "E", "previous error", "To the error before."),
    _row("events.detail", "enter d", "detail", "Open or close the whole event.", footer=True),
    _row("events.unfold", "o", "unfold", "Show all lines of the event in its place, or only one."),
    _row("events.join", "J", "join lines", "Draw lines of a stack trace beneath their event, or each alone."),
    _row("events.patterns", "P", "patterns", "Show what the events say: patterns, how often, and when."),
    _row("events.hide_pattern", "!", "hide pattern", "Hide the events that say what this one says."),
    _row(
        "events.diff",
        "D",
        "diff",
        "Summarise how the range, or what the filters leave, differs from the rest.",
    ),
    _row(
        "events.invocations",
        "S",
        "split",
        "Show the runs that share the streams: invocations, requests, jobs.",
    ),
    _row("events.summarise", "a", "summarise", "Summarise what is shown, citing its lines.", footer=True),
    _row("events.ask", "A", "ask", "Ask a question about what is shown; the answer cites its lines."),
    _row("events.follow", "F s 0", "follow", "Follow new events, or stop.", footer=True),
    _row("events.live", "B", "Live Tail", "Switch to the Live Tail that AWS bills by the minute, or back."),
    _row("events.freeze", "=", "freeze", "Freeze the view; the intake goes on."),
    _row("events.export", "X ctrl+s", "export", "Export what is shown to a file, a folder or S3."),
    _row("events.copy", "y c", "copy", "Copy the message."),
    _row("events.copy_json", "Y", "copy JSON", "Copy the whole event as JSON."),
    _row("events.context", "z", "context", "Show the lines around the event in its own stream."),
    _row("events.trace", "r", "trace", "Follow the event's request or trace id through all groups."),
    _row("events.previous_turn", "{", "gap or burst", "To the gap of silence or the burst before."),
    _row("events.next_turn", "}", "gap or burst", "To the next gap of silence or burst."),
    _row("events.histogram", "i", "histogram", "Go to the histogram, to choose a range of time."),
    _row("events.toggle_histogram", "I", "hide histogram", "Hide the histogram, or show it."),
    _row("events.range_before", "[", "range before", "Back to the range of time before."),
    _row("events.range_after", "]", "range after", "Forward to the range of time that `[` left."),
    _row("events.select", "v V", "range", "Begin a range that y, a and X then take, or end it."),
    _row("events.mark", "m", "bookmark", "Set or remove a bookmark; :note TEXT says why."),
    _row("events.next_mark", "u", "next mark", "To the next bookmark."),
    _row("events.previous_mark", "U", "previous mark", "To the bookmark before."),
    _row("events.open_outside", "O", "editor", "Open the event or the range in $EDITOR or $PAGER."),
    _row("events.resume", ".", "go on", "Go on where these logs were left last time, while that is offered."),
    _row("events.zoom", "f", "zoom", "Give the focused pane the whole screen, or take it back."),
    _row("events.timestamps", "t", "times", "Show the next form of timestamps."),
    _row("events.zone", "Z", "zone", "Show times in UTC, or in this machine's zone."),
    _row("events.wrap", "w", "wrap", "Wrap long lines, or cut them."),
    _row("events.pretty", "p", "pretty", "Show messages in short, or as they came."),
    _row("events.columns", "K", "columns", "Give fields of JSON and key=value lines columns of their own."),
    _row("events.scroll_left", "h left", "left", "Scroll left."),
    _row("events.scroll_right", "l right", "right", "Scroll right."),
    *(
        _row(f"events.preset_{key}", key, label, sentence, action=f"preset({key})")
        for key, label, sentence in _PRESETS
    ),
    # The whole event.
    _row("detail.include", "+", "only this", "Show only events with this value in this field.", footer=True),
    _row("detail.exclude", "-", "not this", "Hide events with this value in this field.", footer=True),
    _row("detail.find_value", "enter", "find", "Search the value of the field.", footer=True),
    _row("detail.light_value", "*", "light up", "Search the value of the field, and keep it lit."),
    _row("detail.raw", "p", "raw", "Show JSON laid out, or the raw line.", footer=True),
    _row("detail.wrap", "w", "wrap", "Wrap long lines, or cut them.", footer=True),
    _row("detail.copy", "y c", "copy", "Copy the message.", footer=True),
    _row("detail.copy_json", "Y", "copy JSON", "Copy the whole event as JSON.", footer=True),
    _row("detail.close", "d escape", "close", "Close the pane.", footer=True),
    # The summary.
    _row(
        "summary.jump",
        "enter",
        "to the line",
        "Jump to the event that the line rests on; again, to the next of them.",
        footer=True,
    ),
    _row("summary.only", "+", "only these", "Show only the events of the line.", footer=True),
    _row("summary.ask", "A", "ask", "Ask a question about the same events.", footer=True),
    _row("summary.hide", "! -", "hide", "Hide the events of the line."),
    _row("summary.model", "m", "model", "Choose the model that is asked.", footer=True),
    _row("summary.prompt", "p d", "prompt", "Show what the model is sent, all of it.", footer=True),
    _row("summary.again", "a", "again", "Make the summary anew.", footer=True),
    _row("summary.copy", "y c", "copy", "Copy the summary as Markdown."),
    _row("summary.next_citation", "n", "next", "To the next line that can be chosen."),
    _row("summary.previous_citation", "N", "previous", "To the line before."),
    _row("summary.next_finding", "e", "next finding", "To the next finding."),
    _row("summary.previous_finding", "E", "finding before", "To the finding before."),
    _row("summary.next_section", "}", "next section", "To the next section."),
    _row("summary.previous_section", "{", "section before", "To the section before."),
    _row("summary.close", "escape", "close", "Stop the model, then close the pane."),
    # The histogram.
    _row("histogram.next_bucket", "l right", "next", "To the next bucket.", footer=True),
    _row("histogram.previous_bucket", "h left", "previous", "To the bucket before."),
    _row("histogram.extend_right", "shift+right", "extend", "Extend the range to the right."),
    _row("histogram.extend_left", "shift+left", "extend", "Extend the range to the left."),
    _row("histogram.apply", "enter", "only this", "Show only the chosen bar or range.", footer=True),
    _row("histogram.go", "space", "go there", "Go to the chosen time; nothing is hidden.", footer=True),
    _row("histogram.zoom_in", "z", "closer", "Look closer, without hiding anything.", footer=True),
    _row("histogram.zoom_out", "Z", "farther", "Look from farther, at last with every event."),
    _row("histogram.next_error_bucket", "e", "next errors", "To the next bucket with errors.", footer=True),
    _row("histogram.previous_error_bucket", "E", "errors before", "To the bucket with errors before."),
    _row("histogram.first_bucket", "g home", "first", "To the first bucket."),
    _row("histogram.last_bucket", "G end", "last", "To the last bucket."),
    _row("histogram.leave", "escape", "leave", "Back to the events."),
    # The stack of filters.
    _row("filters.switch", "space", "on/off", "Switch the filter on or off."),
    _row("filters.edit", "enter", "edit", "Edit the filter; the view follows while you type."),
    _row("filters.add", "a &", "add", "Add a filter."),
    _row("filters.invert", "!", "invert", "Let through what the filter hid, and hide the rest."),
    _row("filters.delete", "x delete", "delete", "Take the filter off."),
    _row("filters.move_up", "K shift+up", "up", "Move the filter up."),
    _row("filters.move_down", "J shift+down", "down", "Move the filter down."),
    _row("filters.send", "S", "local/service", "Let the service run a CloudWatch pattern, or run it here."),
    _row("filters.save", "s", "save", "Save the whole stack under a name."),
    _row("filters.load", "l", "load", "Load a saved stack in place of this one."),
    _row("filters.share", "y", "share", "Copy the command that shows the same events."),
    # The patterns of what is shown.
    _row("patterns.only", "enter l right +", "only these", "Show only events of the pattern.", footer=True),
    _row("patterns.hide", "! -", "hide", "Hide the events of the pattern.", footer=True),
    _row("patterns.filter", "/", "narrow", "Narrow the list to templates with these words.", footer=True),
    _row("patterns.sort", "o", "sort", "Sort by gravity, number, first or last event.", footer=True),
    _row("patterns.next_hit", "n", "next", "To the next pattern of those that `/` left."),
    _row("patterns.previous_hit", "N", "previous", "To the pattern before."),
    _row("patterns.next_error", "e", "next error", "To the next pattern of an error.", footer=True),
    _row("patterns.previous_error", "E", "previous error", "To the pattern of an error before."),
    _row("patterns.copy", "y c", "copy", "Copy the template."),
    # The doctor's checks.
    _row("doctor.open", "enter l right", "why", "Open the cause and the fix of the check.", footer=True),
    _row("doctor.copy", "y c", "copy fix", "Copy the fix; cwtui never applies it.", footer=True),
    _row("doctor.simulate", "s", "simulate", "Run again, with or without IAM's simulator.", footer=True),
    _row("doctor.next", "m", "next account", "Look at the next account and region of a context of several."),
    _row("doctor.groups", "h left", "back", "Back to where one was."),
    # The runs of what is loaded.
    _row("runs.open", "enter l right", "timeline", "Show the events of the run alone.", footer=True),
    _row("runs.filter", "/", "narrow", "Narrow the list by id.", footer=True),
    _row("runs.sort", "o", "sort", "Sort by start, duration or failure.", footer=True),
    _row(
        "runs.split",
        "b",
        "split by",
        "Tell runs apart by request, job, session, trace or stream.",
        footer=True,
    ),
    _row("runs.next_error", "e", "next failed", "To the next run that failed.", footer=True),
    _row("runs.previous_error", "E", "failed before", "To the run before that failed."),
    _row("runs.copy", "y c", "copy", "Copy the id of the run."),
    # The left column of a wide screen.
    _row("navigation.open", "enter l right", "open", "Open the logs of the group.", footer=True),
    _row("navigation.filter", "/", "filter", "Narrow the list; fuzzy.", footer=True),
    _row("navigation.leave", "escape h left", "leave", "Back to the events.", footer=True),
    # The one-line prompt of `/`, `&` and `:`.
    _row("prompt.apply", "enter", "apply", "Apply what is written.", footer=True),
    _row("prompt.complete", "tab", "complete", "Complete the word.", footer=True),
    _row("prompt.older", "up", "older", "The entry before, from the history.", footer=True),
    _row("prompt.newer", "down", "newer", "The entry after, from the history."),
    _row("prompt.cancel", "escape", "cancel", "Close the prompt.", footer=True),
)

PANES: Mapping[str, str] = {
    "global": "Everywhere",
    "motion": "Moving, in every list and pane",
    "text": "Moving, in panes of text",
    "groups": "Log groups",
    "streams": "Log streams",
    "events": "Events",
    "detail": "Event detail",
    "summary": "Summary",
    "histogram": "Histogram",
    "filters": "Filters",
    "patterns": "Patterns",
    "runs": "Invocations",
    "doctor": "Doctor",
    "navigation": "Left column",
    "prompt": "Prompt (/ & :)",
}
"""Each pane and its title."""

MODES: Mapping[str, tuple[str, ...]] = {
    "groups": ("groups", "motion", "global"),
    "streams": ("streams", "motion", "global"),
    "events": ("events", "motion", "text", "global"),
    "detail": ("detail", "motion", "text"),
    "summary": ("summary", "motion", "text"),
    "histogram": ("histogram",),
    "filters": ("filters", "motion"),
    "patterns": ("patterns", "motion", "global"),
    "runs": ("runs", "motion", "global"),
    "doctor": ("doctor", "motion", "global"),
    "navigation": ("navigation", "motion"),
    "prompt": ("prompt",),
}
"""What is bound together while a pane has the focus, nearest first. Panes inside the events view
leave out what lies under them: there a nearer binding rightly hides a farther one."""

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "ampersand": "&",
    "equals_sign": "=",
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "exclamation_mark": "!",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "shift+Tab",
    "home": "Home",
    "end": "End",
    "ctrl+@": "ctrl+Space",
}


def rows_of(*panes: str) -> list[KeyRow]:
    """The rows of the panes, in the order of the table."""
    return [row for row in TABLE if row.pane in panes]


class ShownKey(NamedTuple):
    """One line of `cwtui keys`."""

    id: str
    keys: str
    where: str
    help: str


def key_rows(keymap: Mapping[str, str] | None = None) -> list[ShownKey]:
    """Every binding as it holds under a keymap, in the order of the table."""
    return [ShownKey(row.id, show_keys(row.keys), row.pane, row.help) for row in with_keymap(keymap or {})]


def show_key(key: str) -> str:
    """A key as people write it: `?`, `PgDn`, `ctrl+s`, `F1`."""
    if key in _NAMES:
        return _NAMES[key]
    return key.upper() if key[0] == "f" and key[1:].isdigit() else key


def show_keys(keys: Iterable[str]) -> str:
    return " ".join(show_key(key) for key in keys)


def with_keymap(keymap: Mapping[str, str]) -> list[KeyRow]:
    """The table as remapped, unknown ids ignored; `keymap` holds comma-separated keys by id."""
    return [
        replace(row, keys=tuple(_split(keymap[row.id]))) if keymap.get(row.id, "").strip() else row
        for row in TABLE
    ]


def keymap_warnings(keymap: Mapping[str, str]) -> list[str]:
    """One sentence for each entry that cannot work: an unknown id, no key, two verbs on one key."""
    known = {row.id for row in TABLE}
    warnings = [
        f"[keymap] {name} is no binding; `cwtui keys` lists them." for name in keymap if name not in known
    ]
    warnings += [
        f"[keymap] {name} names no key." for name in keymap if name in known and not _split(keymap[name])
    ]
    remapped = with_keymap(keymap)
    seen: set[tuple[str, str]] = set()
    for first, second, key in clashes(remapped):
        pair = (first.id, second.id)
        if (first.id in keymap or second.id in keymap) and pair not in seen:
            seen.add(pair)
            warnings.append(f"[keymap] {show_key(key)} is both {first.id} and {second.id}.")
    return warnings


def clashes(rows: Iterable[KeyRow] = TABLE) -> list[tuple[KeyRow, KeyRow, str]]:
    """Pairs of rows that one mode binds to the same key."""
    rows = list(rows)
    found: list[tuple[KeyRow, KeyRow, str]] = []
    for panes in MODES.values():
        taken: dict[str, KeyRow] = {}
        for row in rows:
            if row.pane not in panes:
                continue
            for key in row.keys:
                if key in taken:
                    found.append((taken[key], row, key))
                taken.setdefault(key, row)
    return found


def key_page() -> str:
    """The Markdown of docs/keys.md."""
    lines = [
        "# Keys",
        "",
        "Made from `cwtui/core/keymap.py` by `python -m cwtui.core.keymap`; do not edit.",
        "",
        "To change a key, name its id in the config file (`cwtui config` says where it is):",
        "",
        "```toml",
        "[keymap]",
        '"events.search" = "ctrl+g,/"',
        "```",
    ]
    for pane, title in PANES.items():
        lines += ["", f"## {title}", "", "| Key | What it does | Id |", "|---|---|---|"]
        for row in rows_of(pane):
            keys = " ".join(f"`{show_key(key)}`" for key in row.keys)
            lines.append(f"| {keys} | {row.help} | `{row.id}` |")
    return "\n".join(lines) + "\n"


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


if __name__ == "__main__":
    import sys

    sys.stdout.write(key_page())
