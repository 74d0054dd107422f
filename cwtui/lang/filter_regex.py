"""The regular expressions that CloudWatch filter patterns allow, checked and made readable to RE2 and `re`.

Source: "Supported regular expressions (regex) syntax" in the CloudWatch Logs user guide: ASCII letters and
digits, `: _ # = @ / ; , -`, the operators `^ $ ? [ ] { } | \\ * + .`, no parentheses, the classes
`\\d \\D \\s \\S \\w \\W` and `\\xhh`. A blank is taken as itself.
"""

from __future__ import annotations

import re

from cwtui.lang.filter_tests import Regex

_PIECE = re.compile(
    r"(?P<escape>\\(?:[dDsSwW]|x[0-9a-fA-F]{2}|[^A-Za-z0-9]))"
    r"|(?P<repeat>\{[0-9]{1,4}(?:,[0-9]{0,4})?\})"
    r"|(?P<open>\[\^?\]?)"
    r"|(?P<plain>[A-Za-z0-9:_#=@/;, -])"
    r"|(?P<operator>[\^$?|*+.])",
    re.ASCII,
)
_IN_CLASS = re.compile(
    r"(?P<escape>\\(?:[dDsSwW]|x[0-9a-fA-F]{2}|[^A-Za-z0-9]))"
    r"|(?P<close>\])|(?P<plain>[A-Za-z0-9:_#=@/;, \-^$?|*+.{}\[])",
    re.ASCII,
)
_MOST = 1000
"""Times RE2 repeats something at most."""


class BadRegex(ValueError):
    """Why, and at which character of the expression."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(problem)
        self.position = position
        self.problem = problem


def regex_of(source: str) -> Regex:
    """The expression between the `%` signs; raises BadRegex."""
    if not source:
        raise BadRegex(0, "expected a regular expression between the % signs")
    re2: list[str] = []
    python: list[str] = []
    runs = [""]
    loops, ways = 0, 1
    position, in_class = 0, -1
    while position < len(source):
        found = (_PIECE if in_class < 0 else _IN_CLASS).match(source, position)
        if found is None:
            raise BadRegex(position, _refusal(source[position]))
        piece = found.group()
        if found.lastgroup == "repeat" and max(map(int, re.findall("[0-9]+", piece))) > _MOST:
            raise BadRegex(position, f"expected at most {_MOST} repetitions")
        if in_class < 0:
            if found.lastgroup == "plain":
                runs[-1] += piece
            elif runs[-1]:
                # What a repeat repeats may not be there.
                runs[-1] = runs[-1][:-1] if found.lastgroup == "repeat" or piece in "*?" else runs[-1]
                runs.append("")
            loops += piece in "*+" or piece.endswith(",}")
            ways *= 2 if piece == "?" else _ways(piece) if found.lastgroup == "repeat" else 1
        if found.lastgroup == "open":
            in_class = position
            # `[]` and `[^]` begin a class that holds a bracket.
            piece = piece.replace("]", "\\]")
        elif found.lastgroup == "close":
            in_class = -1
        elif in_class >= 0 and piece in "[|":
            # Neither `[[:alpha:]]` nor Python's coming set operations are meant.
            piece = "\\" + piece
        re2.append("\\z" if piece == "$" and in_class < 0 else piece)
        python.append(_for_python(piece, in_class >= 0))
        position = found.end()
    if in_class >= 0:
        raise BadRegex(in_class, "expected ] after this [")
    literal = "" if "|" in re2 else max(runs, key=len)
    expression = Regex("".join(re2), "".join(python), literal, loops, ways)
    try:
        re.compile(expression.python, re.ASCII)
    except (re.error, OverflowError) as error:
        raise BadRegex(
            getattr(error, "pos", None) or 0, f"the regular expression is wrong: {error}"
        ) from error
    return expression


def _ways(repeat: str) -> int:
    """In how many ways `{2,5}` can go; an endless one is a loop instead."""
    least, _, most = repeat[1:-1].partition(",")
    return max(1, int(most) - int(least) + 1) if most else 1


def _for_python(piece: str, in_class: bool) -> str:
    if piece == "$" and not in_class:
        return "\\Z"
    if piece == "\\s":
        # Without the vertical tab, which RE2 does not count.
        return "\\t\\n\\f\\r " if in_class else "[\\t\\n\\f\\r ]"
    return "[^\\t\\n\\f\\r ]" if piece == "\\S" and not in_class else piece


def _refusal(character: str) -> str:
    if character in "()":
        return "parentheses are not supported in a %regex%"
    if not character.isascii():
        return "only ASCII characters are supported in a %regex%"
    if character == "\\":
        return "this escape is not supported; expected \\d, \\s, \\w, \\xhh or a symbol after the backslash"
    return f"{character} is not supported in a %regex%; write a \\ before it"
