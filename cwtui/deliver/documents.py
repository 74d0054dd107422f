"""JSON that is not one record a line: what `aws logs` prints, arrays, and records over several lines."""

from __future__ import annotations

import json
import re
from typing import Any

from cwtui.core.errors import DataError
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.records import parse

_EVENTS = re.compile(r'"events"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


def document_values(text: bytes, name: str, line: int, report: ReadReport) -> list[Any]:
    """The values of a text whose first line (number `line`) is no JSON by itself. Raises DataError."""
    if text.lstrip()[:1] not in (b"{", b"["):
        raise _not_json(name, line)
    try:
        return [parse(text)]
    except ValueError:
        records = _as_far_as_it_goes(text.decode("utf-8", "surrogateescape"), name, report)
    if not records:
        raise _not_json(name, line)
    return records


def _as_far_as_it_goes(text: str, name: str, report: ReadReport) -> list[Any]:
    """Objects one after another, over several lines each; then what a cut document still holds."""
    records, at = _objects(text, text.index("[") + 1 if text.lstrip().startswith("[") else 0)
    if opening := _EVENTS.search(text, at):
        more, at = _objects(text, opening.end())
        records += more
    if records and text[at:].strip(" \r\n]"):
        report.notes.append(f"{name} is cut or damaged after {len(records):,} values; the rest is lost.")
    return records


def _objects(text: str, at: int) -> tuple[list[Any], int]:
    """The JSON objects from `at` on, with commas or space between them, and where they end."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    while (at := _end_of_gap(text, at)) < len(text) and text[at] == "{":
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found, at


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _not_json(name: str, line: int) -> DataError:
    return DataError(
        f"{name} is not JSON: line {line} cannot be read.",
        "cwtui opens recordings, JSON lines and the JSON of `aws logs`, gzip or plain.",
        code="json",
    )
