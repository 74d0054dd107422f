"""What of a question stands for itself: quoted text, `NullPointerException`, `key=value`, a UUID.

Each is replaced by a mark, so that the sentence around it can be read in lower case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cwtui.explain.ask.questions import Vocabulary

_QUOTED = re.compile(r"\"([^\"]{1,200})\"|“([^”]{1,200})”|`([^`]{1,200})`|(?<!\w)'([^']{1,200})'(?!\w)")
MARK = re.compile(r"«(\d+)»")
_PAIR = re.compile(r"(?<![\w.])([A-Za-z_@][\w.@-]*) ?(?:==?) ?(«\d+»|[^\s,;?!«»]+)")
_TOKEN = re.compile(r"[^\s,;?!()«»]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_TRACE = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")
_LONG_ID = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9][A-Za-z0-9_-]{11,199}")
_TIMES = re.compile(
    r"(?i)\d{1,4}(?:[:-]\d{1,2}){1,2}(?:[t:]\d\d)*(?:[.:]\d+)*(?:z|utc|am|pm|[+-]\d\d:\d\d)?|\d{1,6}(?:ms"
    r"|[smhdw]|am|pm)?"
    r"|\d{4}-\d\d-\d\dt\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:\d\d)?"
)
_FIGURE = re.compile(r"[pP]\d\d(?:\.\d)?|\d{1,6}(?:ms|s)")
_TERM = re.compile(
    r"(?=.*[A-Za-z])(?:\w*[a-z]\w*[A-Z]\w*|[A-Z]{2,}[a-z]\w+|[\w-]*\d[\w-]*|\w+(?:[._:/@$#-]\w+)+|\w*_\w*"
    r"|/[\w./-]+"
    r"|[A-Z][A-Z0-9]{3,})"
)
STATUS = re.compile(r"(?:http )?(?:status(?: codes?)? )?([1-5](?:\d\d|xx))(?:s|'s)?")
# `TypeErrors` asks for each `TypeError`.
_PLURAL = re.compile(r"(?=.*[a-z][A-Z])\w*(?:Error|Exception|Timeout|Failure|Rejection|Fault|Warning)s")
_PLAIN_CAPITALS = frozenset(("HTTP", "AWS", "UTC", "API", "JSON", "LAMBDA", "ERROR", "WARN", "WARNING",
    "INFO", "DEBUG", "TRACE", "FATAL", "ERRORS", "WARNINGS", "CRITICAL", "REPORT", "OOM"))  # fmt: skip
_CONTRACTIONS = (
    ("what's", "what is"), ("how's", "how is"), ("where's", "where is"), ("when's", "when is"),
    ("who's", "who is"), ("there's", "there is"), ("which's", "which is"), ("’", "'"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """Something of a question that stands for itself."""

    kind: str
    """quoted, id, term, pair"""
    text: str
    path: str = ""


def marked_text(question: str, vocabulary: Vocabulary) -> tuple[str, tuple[Term, ...]]:
    """A question with a mark `«n»` for each term and the rest in lower case, and the terms."""
    text = " ".join(question.replace("«", " ").replace("»", " ").split())
    terms: list[Term] = []

    def marked(term: Term) -> str:
        terms.append(term)
        return f"«{len(terms) - 1}»"

    def quoted(found: re.Match[str]) -> str:
        said = next(part for part in found.groups() if part is not None)
        return marked(Term("quoted", said.strip() or said))

    def pair(found: re.Match[str]) -> str:
        value = found[2].rstrip(".")
        if (mark := MARK.fullmatch(value)) is not None:
            value = terms[int(mark[1])].text
        return marked(Term("pair", value, found[1]))

    def token(found: re.Match[str]) -> str:
        said = found[0].rstrip(".:'\"")
        tail = found[0][len(said) :].replace(".", " ").replace(":", " ")
        if not said or _TIMES.fullmatch(said) or _FIGURE.fullmatch(said):
            return said + tail
        if said.lower().startswith("non-"):
            # "non-200 responses" are not those that hold "non-200".
            return said + tail
        if _PLURAL.fullmatch(said):
            said = said[:-1]
        if _UUID.fullmatch(said) or _TRACE.fullmatch(said):
            return marked(Term("id", said)) + tail
        if vocabulary.group(said) and said.startswith("/"):
            return marked(Term("term", said)) + tail
        if (_LONG_ID.fullmatch(said) and sum(map(str.isdigit, said)) >= 3) or (
            len(said) >= 16 and re.fullmatch(r"[0-9a-f]+", said)
        ):
            return (
                marked(Term("term" if vocabulary.stream(said) or vocabulary.group(said) else "id", said))
                + tail
            )
        if said in _PLAIN_CAPITALS or STATUS.fullmatch(said.lower()):
            return said + tail
        return (marked(Term("term", said)) if _TERM.fullmatch(said) else said) + tail

    text = _QUOTED.sub(quoted, text)
    text = _PAIR.sub(pair, text)
    parts = re.split(r"(«\d+»)", text)
    text = "".join(part if MARK.fullmatch(part) else _TOKEN.sub(token, part) for part in parts)
    text = text.lower()
    for short, long in _CONTRACTIONS:
        text = text.replace(short, long)
    text = re.sub(r"[?!;,()]+", " ", text)
    return " ".join(text.split()).rstrip(". "), tuple(terms)
