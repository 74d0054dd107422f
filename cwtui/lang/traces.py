"""Stack traces of Python, Java, Node, .NET, Go and Ruby: which error, thrown where, on whatever line.

The fingerprint stays the same when lines move, when addresses, ids, numbers and messages change, and
when a framework in between does; it changes with the types of the errors and the frames of one's own code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from cwtui.lang.envelope import fields_of

MAX_LINES = 120
"""Lines of a trace that are looked at, from its beginning and its end."""
_LINE = 500
_TOP = 5
_CHAIN = 6

_PYTHON = re.compile(r'\s*File "([^"]+)", line \d+(?:, in (\S+))?')
_AT = re.compile(
    r"\s*(?:at|from) (?:async |new )?(?P<what>[^\s(\[]+(?: \[as [^\]]+\])?)\s*(?:[(\[](?P<where>[^)]*))?"
)
_DOTNET = re.compile(r"\s+at (?P<what>[\w.`<>$+\[\]|]+)\([^)]*\)(?: in (?P<where>\S+):line \d+)?")
_GO = re.compile(r"(?P<what>[A-Za-z_][\w./-]*\.(?:\(\*?\w+\)\.)?[\w.]+)\((?:[^()]|\.\.\.)*\)$")
_RUBY = re.compile(r"\s*(?:from )?(?P<where>[^\s:]+\.rb):\d+:in [`'](?P<what>[^']+)'")
_RUBY_RAISED = re.compile(r":in [`'].*\(([A-Z]\w*(?:::\w+)*)\)\s*$")
_ERROR = re.compile(
    r"\s*(?:Caused by: |Uncaught |Unhandled \w+[.:]? |Exception in thread \"[^\"]*\" |---> )*"
    r"(?P<type>[A-Za-z_][\w.$]*(?:Error|Exception|Warning|Exit|Interrupt|Timeout|Fault|Failure))(?:$|[:\s(])"
)
_PYTHON_LAST = re.compile(r"(?P<type>[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)(?:: |$)")
_PANIC = re.compile(r"(?:panic|fatal error): (?P<text>[^\[\n]*)")
# What changes from build to build and from run to run within a name.
_UNSTEADY = re.compile(r"0x[0-9a-fA-F]+|\$\$Lambda[$/\w]*|\$\d+|<lambda_\w+>|`\d+|\d+")
_VALUE = re.compile(r"\S*\d\S*|\"[^\"]*\"")
# Frames that are not one's own code.
_FOREIGN = re.compile(
    r"(?:java|javax|jdk|sun|jakarta|kotlin|scala|org\.(?:springframework|apache|eclipse|hibernate|junit))\."
    r"|System\.|Microsoft\.|Amazon\.Lambda\.|runtime[./]|net/http\.|reflect\.|testing\."
    r"|.*(?:node:|node_modules|internal/|site-packages|dist-packages|/usr/lib|/usr/local/lib|/var/runtime|/var/lang"
    r"|<frozen |/gems/|vendor/)"
)
_JSON_MARKS = ("\\n    at ", "\\n\\tat ", '"    at ', 'File \\"', "stackTrace", ".rb:")
_FIELDS = 100
_MARKS = ("\n    at ", "\n\tat ", "\n   at ", "\n  at ", 'File "', "goroutine ", ".rb:", "Caused by: ")


@dataclass(frozen=True, slots=True)
class Trace:
    """One way in which something failed."""

    fingerprint: str
    """Twelve hexadecimal digits."""
    errors: tuple[str, ...]
    """Types, outermost first, causes behind; foreign text."""
    frames: tuple[str, ...]
    """`module.function` of one's own code nearest to where it was thrown, at most five; foreign text."""

    @property
    def title(self) -> str:
        """The last cause and where it came from, for one line."""
        error = self.errors[-1] if self.errors else "stack trace"
        return f"{error} in {self.frames[0]}" if self.frames else error


def trace_of(text: str) -> Trace | None:
    """The trace in a message of several lines or in a field of JSON, or None. Never raises."""
    if "\n" not in text and (text := _in_json(text)) == "":
        return None
    if not any(mark in text for mark in _MARKS):
        return None
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES // 2], *lines[-MAX_LINES // 2 :]]
    python = "Traceback (most recent call last)" in text
    errors: list[str] = []
    frames: list[tuple[str, str]] = []
    for line in (line[:_LINE] for line in lines):
        if (frame := _frame(line)) is not None:
            frames.append(frame)
            if (raised := _RUBY_RAISED.search(line)) is not None:
                errors.append(_steady(raised[1]))
        elif (error := _error(line, python and bool(frames))) and (not errors or errors[-1] != error):
            errors.append(error)
    if not frames:
        return None
    if python:
        # Python tells the innermost frame last.
        frames.reverse()
    own = [what for what, where in frames if not _FOREIGN.match(where) and not _FOREIGN.match(what)]
    names = tuple(dict.fromkeys(own or [what for what, _ in frames]))[:_TOP]
    chain = tuple(errors[:_CHAIN])
    seal = sha256("\n".join((*chain, "", *names)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Trace(seal, chain, names)


def _in_json(message: str) -> str:
    """The text of the field that holds a trace, as loggers and Lambda's runtimes write it, or empty."""
    if not any(mark in message for mark in _JSON_MARKS) or (start := message.find("{")) < 0:
        return ""
    pending: list[object] = [fields_of(message[start:])]
    for _ in range(_FIELDS):
        if not pending:
            break
        value = pending.pop(0)
        if isinstance(value, str) and "\n" in value and any(mark in value for mark in _MARKS):
            return value
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            lines = "\n".join(line.rstrip("\n") for line in value)
            if any(mark in lines for mark in _MARKS):
                return lines
        elif isinstance(value, dict):
            # An error written as JSON gives its type beside the frames.
            kind = value.get("errorType")
            stack = value.get("stackTrace")
            if isinstance(kind, str) and isinstance(stack, list):
                frames = "\n".join(line.rstrip("\n") for line in stack if isinstance(line, str))
                last = f"{frames}\n{kind}: " if 'File "' in frames else f"{kind}: \n{frames}"
                return f"Traceback (most recent call last)\n{last}" if 'File "' in frames else last
            pending += value.values()
    return ""


def _frame(line: str) -> tuple[str, str] | None:
    """(`module.function`, path or module) of a line that is a frame."""
    if (python := _PYTHON.match(line)) is not None:
        path, function = python.groups()
        return _steady(f"{_module(path)}.{function or '?'}"), path
    if (ruby := _RUBY.match(line)) is not None:
        return _steady(f"{_module(ruby['where'])}.{ruby['what']}"), ruby["where"]
    if line[:1].isspace() or line.startswith("at "):
        if (dotnet := _DOTNET.match(line)) is not None and ".java:" not in line and ".js:" not in line:
            return _steady(dotnet["what"]), dotnet["what"]
        if (at := _AT.match(line)) is not None and ("(" in line or ":" in line):
            what, where = at["what"], at["where"] or at["what"]
            # A frame of Node without a function is its file.
            name = what if at["where"] is not None or "/" not in what else _module(what.split(":", 1)[0])
            return _steady(name), where if "/" in where or "node:" in where else what
        return None
    if "(" in line and (go := _GO.match(line.rstrip())) is not None:
        return _steady(go["what"]), go["what"]
    return None


def _error(line: str, after_frames: bool) -> str:
    if (error := _ERROR.match(line)) is not None:
        return _steady(error["type"])
    if (panic := _PANIC.match(line)) is not None:
        return f"panic: {_VALUE.sub('*', panic['text']).strip()}"
    if after_frames and not line[:1].isspace() and (last := _PYTHON_LAST.match(line)) is not None:
        return _steady(last["type"])
    # A logger may write the error behind its own words.
    return next((_steady(found) for found in _behind(line)), "")


def _behind(line: str) -> Iterator[str]:
    for word in line.split():
        name = word.rstrip(":")
        if word.endswith(":") and (found := _ERROR.fullmatch(name + ":")) is not None:
            yield found["type"]


def _module(path: str) -> str:
    """`client` of `/srv/shop/client.py`, `shop/__init__` of a package's own file."""
    parts = [part for part in re.split(r"[/\\]", path) if part]
    name = (parts[-1] if parts else path).rsplit(".", 1)[0]
    return f"{parts[-2]}.{name}" if name in ("__init__", "index", "main", "app") and len(parts) > 1 else name


def _steady(name: str) -> str:
    return _UNSTEADY.sub("", name)
