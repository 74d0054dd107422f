"""Timestamps of text logs: which formats a file uses, and the times of many lines at once.

A format is a layout of fixed columns with an optional fraction and zone after it. Where its timestamp
stands in a line is found out from samples (one column for all, after the first bracket, or somewhere near
the beginning); the times of a block of lines are then read with NumPy, column by column. Times without a
zone count as UTC; a year that is not written is the latest that does not lie after the file's own time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

PADDING = b"\n" * 64
"""To be put after a block: reading a timestamp looks so far beyond a line's beginning."""
DAY_MS = 86_400_000
_SAMPLE = 400
_SAMPLE_REACH = 400
_NEAR = 48
"""Characters that may stand before a timestamp that has no column of its own."""
_MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_EPOCHS = {10: (1, 1000), 13: (1, 1), 16: (1000, 1), 19: (1_000_000, 1)}
"""Digits of an epoch: divisor and factor that make milliseconds of it."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a timestamp is written."""

    name: str
    layout: str
    """`y m d b H M S` digits and month name, `_` a space or digit, `w` a letter, `?` T, space or _,
    `#` a digit of an epoch; anything else stands for itself."""
    near: bool = True
    """It may stand after a prefix; else only at the beginning of a line or after one bracket."""
    bracketed: bool = False
    """It stands after a bracket, wherever in the line that is."""
    year_behind: bool = False

    @property
    def core(self) -> bytes:
        """A regular expression of the layout."""
        parts = {"b": "[A-Z][a-z][a-z]", "_": "[ 0-9]", "w": "[A-Za-z]", "?": "[T _]", "k": "[IWEFD]"}
        body = "".join(
            parts.get(sign, "[0-9]" if sign in "ymdHMS#" else re.escape(sign))
            for sign in re.sub("b+", "b", self.layout)
        )
        if self.year_behind:
            body += r"(?:[.,][0-9]{1,9})? [0-9]{4}"
        return (body + "(?![0-9])").encode()

    @property
    def yearless(self) -> bool:
        return "y" not in self.layout and "#" not in self.layout and not self.year_behind


_FORMATS = (
    Format("ISO 8601", "yyyy-mm-dd?HH:MM:SS"),
    Format("access log", "dd/bbb/yyyy:HH:MM:SS", bracketed=True),
    Format("date with slashes", "yyyy/mm/dd?HH:MM:SS"),
    Format("day-month-year", "dd-bbb-yyyy HH:MM:SS"),
    Format("day/month/year", "dd/mm/yyyy?HH:MM:SS"),
    Format("day.month.year", "dd.mm.yyyy HH:MM:SS"),
    Format("ctime", "www bbb _d HH:MM:SS", year_behind=True),
    Format("syslog", "bbb _d HH:MM:SS"),
    Format("klog", "kmmdd HH:MM:SS", near=False),
    *(Format(f"epoch of {count} digits", "#" * count, near=False) for count in _EPOCHS),
)
_MONTH_FIRST = Format("month/day/year", "mm/dd/yyyy?HH:MM:SS")


def _finder(form: Format) -> re.Pattern[bytes]:
    if form.bracketed:
        before = rb"[^\[\n]*+(?:\[(?!" + form.core + rb")[^\[\n]*+)*+\["
    elif form.near:
        before = rb"(?![ \t])[^\n]{0,%d}?(?<![0-9A-Za-z])" % _NEAR
    else:
        before = rb"[\[(<\"]?"
    return re.compile(before + b"(" + form.core + b")")


class Rule:
    """A format and where a file has it."""

    def __init__(self, form: Format, column: int | None) -> None:
        """`column` counts from the line's beginning; None where it differs from line to line."""
        self.form = form
        self._column = column
        self._search = _finder(form)

    @property
    def is_plain(self) -> bool:
        """It stands at the beginning of its lines, or in the brackets of an access log."""
        return self.form.bracketed or (self._column is not None and self._column <= 1)

    def dates(
        self, text: bytes, buffer: Bytes, starts: Ints, ends: Ints, latest: int
    ) -> tuple[Ints, Bools, bool]:
        """Times (ms UTC) of the lines `[start, end)`, which of them have one, and whether a zone is written.

        `buffer` is `text` with PADDING. `latest` decides where no year is written.
        """
        if self._column is not None:
            at = starts + self._column
        elif self.form.bracketed:
            brackets = np.append(np.flatnonzero(buffer == ord("[")), len(text))
            at = brackets[np.searchsorted(brackets, starts)] + 1
        else:
            return self._searched(text, buffer, starts, ends, latest)
        at = np.minimum(at, ends)
        times, found, zoned = _times(self.form, buffer, at, latest)
        if self._column:
            first = buffer[starts]
            found &= (first != ord(" ")) & (first != ord("\t"))
        missing = np.flatnonzero(~found)
        if len(missing) and (self.form.bracketed or (self._column or 0) > 1):
            more, there, also = self._searched(text, buffer, starts[missing], ends[missing], latest)
            times[missing], found[missing], zoned = more, there, zoned or also
        return times, found, zoned

    def _searched(
        self, text: bytes, buffer: Bytes, starts: Ints, ends: Ints, latest: int
    ) -> tuple[Ints, Bools, bool]:
        match = self._search.match
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        places = [found.start(1) if (found := match(text, low, high)) else high for low, high in spans]
        return _times(self.form, buffer, np.array(places, np.int64), latest)


STAMP = Rule(_FORMATS[0], 0)
"""ISO 8601 at the beginning of a line."""


def rules_of(lines: Sequence[bytes]) -> list[Rule]:
    """The formats that lines of a file show, the commonest first; empty where none has a timestamp."""
    seen: dict[Format, Counter[int]] = {}
    for line in lines:
        line = line[:_SAMPLE_REACH]
        hits = [(hit.start(1), rank) for rank, finder in enumerate(_FINDERS) if (hit := finder.match(line))]
        if not hits:
            continue
        column, rank = min(hits)
        _, there, _ = _times(_FORMATS[rank], _buffer(line), np.array([column], np.int64), 1 << 62)
        if there[0] or _FORMATS[rank].layout.startswith("dd/mm"):
            seen.setdefault(_FORMATS[rank], Counter())[column] += 1
    ordered = sorted(seen.items(), key=lambda item: -item[1].total())
    rules: list[Rule] = []
    for form, columns in ordered:
        place = next(iter(columns)) if len(columns) == 1 else None
        if rules and (max(columns) > 1 or columns.total() < 2) and not form.bracketed:
            # A date deep in a line of some other kind is what the line speaks of.
            continue
        if form.layout.startswith("dd/mm") and _month_first(lines):
            form = _MONTH_FIRST
        rules.append(Rule(form, None if form.bracketed else place))
    return rules


def sample(lines: Sequence[bytes]) -> list[bytes]:
    """Lines worth looking at for their format: the first, and some from all over."""
    filled = [line for line in lines[: 2 * _SAMPLE] if line.strip()][: _SAMPLE // 2]
    return filled + [line for line in lines[:: max(1, len(lines) // (_SAMPLE // 2))] if line.strip()]


_FINDERS = [_finder(form) for form in _FORMATS]
_SLASHED = re.compile(rb"(?<![0-9])([0-9]{2})/([0-9]{2})/[0-9]{4}")


def _month_first(lines: Sequence[bytes]) -> bool:
    pairs = [found.groups() for line in lines if (found := _SLASHED.search(line[:_SAMPLE_REACH]))]
    return any(int(second) > 12 for _, second in pairs) and all(int(first) <= 12 for first, _ in pairs)


def _buffer(text: bytes) -> Bytes:
    return np.frombuffer(text + PADDING, np.uint8)


def _times(form: Format, buffer: Bytes, at: Ints, latest: int) -> tuple[Ints, Bools, bool]:
    """The times that stand at the given places of the buffer, which are sound, and whether one has a zone."""
    fields: dict[str, Ints] = {}
    sound = np.ones(len(at), np.bool_)
    layout = form.layout
    column = 0
    while column < len(layout):
        sign = layout[column]
        byte = buffer[at + column]
        if sign == "b":
            fields["m"], known = _month_named(buffer, at + column)
            sound &= known
            column += 2
        elif sign in "ymdHMS#_":
            digit = byte - ord("0")
            blank = (byte == ord(" ")) if sign == "_" else None
            sound &= (digit <= 9) if blank is None else (digit <= 9) | blank
            key = "d" if sign == "_" else sign
            value = digit.astype(np.int64)
            if blank is not None:
                value[blank] = 0
            fields[key] = fields[key] * 10 + value if key in fields else value
        elif sign == "?":
            sound &= (byte == ord(" ")) | (byte == ord("T")) | (byte == ord("_"))
        elif sign == "w":
            sound &= (byte | 0x20) - ord("a") <= 25
        elif sign == "k":
            sound &= np.isin(byte, np.frombuffer(b"IWEFD", np.uint8))
        else:
            sound &= byte == ord(sign)
        column += 1
    if "#" in fields:
        return _epoch(fields["#"], len(layout), buffer, at, sound)
    millis, after = _fraction(buffer, at + column)
    zoned = False
    if form.year_behind:
        year = np.zeros(len(at), np.int64)
        sound &= buffer[after] == ord(" ")
        for place in range(1, 5):
            digit = buffer[after + place] - ord("0")
            sound &= digit <= 9
            year = year * 10 + digit
        fields["y"] = year
    month, day = fields["m"], fields["d"]
    clock = ((fields["H"] * 60 + fields["M"]) * 60 + fields["S"]) * 1000 + millis
    sound &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    sound &= (fields["H"] < 24) & (fields["M"] < 60) & (fields["S"] <= 60)
    if "y" in fields:
        times = _days(fields["y"], month, day) * DAY_MS + clock
    else:
        times = _latest_year(month, day, clock, latest)
    if not form.year_behind:
        shift, zoned = _zone(buffer, after, sound)
        times -= shift
    return times, sound, zoned


def _month_named(buffer: Bytes, at: Ints) -> tuple[Ints, Bools]:
    letters = [(buffer[at + place] | 0x20).astype(np.int64) for place in range(3)]
    code = (letters[0] << 16) | (letters[1] << 8) | letters[2]
    month = np.zeros(len(at), np.int64)
    for number, name in enumerate(_MONTHS, 1):
        month[code == int.from_bytes(name)] = number
    return month, month > 0


def _epoch(value: Ints, count: int, buffer: Bytes, at: Ints, sound: Bools) -> tuple[Ints, Bools, bool]:
    divisor, factor = _EPOCHS[count]
    times = value // divisor * factor
    after = at + count
    if factor > 1:
        millis, after = _fraction(buffer, after)
        times += millis
    following = buffer[after]
    sound &= following - ord("0") > 9
    # 2001 to 2096: other numbers of as many digits are ids.
    sound &= (times >= 10**12) & (times < 4 * 10**12)
    return times, sound, True


def _fraction(buffer: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Milliseconds of the fraction at each place (none gives 0), and where what follows begins."""
    mark = buffer[at]
    millis = np.zeros(len(at), np.int64)
    running = (mark == ord(".")) | (mark == ord(","))
    running &= buffer[at + 1] - ord("0") <= 9
    after = at + running
    for place in range(9):
        digit = buffer[np.where(running, at + 1 + place, at)] - ord("0")
        running &= digit <= 9
        if not running.any():
            break
        if place < 3:
            millis += np.where(running, digit.astype(np.int64) * (100, 10, 1)[place], 0)
        after += running
    return millis, after


def _zone(buffer: Bytes, at: Ints, sound: Bools) -> tuple[Ints, bool]:
    """ms east of UTC as written at each place, 0 where nothing is; and whether anything is."""
    zero = np.zeros(len(at), np.int64)
    at = at + (buffer[at] == ord(" "))
    mark = buffer[at]
    signed = ((mark == ord("+")) | (mark == ord("-"))) & sound
    if not signed.any():
        return zero, bool(((mark == ord("Z")) & sound).any())
    rows = np.flatnonzero(signed)
    place = at[rows]
    digits: list[Ints] = []
    known = np.ones(len(rows), np.bool_)
    for number in range(4):
        column = place + 1 + number
        if number >= 2:
            column = column + (buffer[place + 3] == ord(":"))
        digit = buffer[column] - ord("0")
        known &= digit <= 9
        digits.append(digit.astype(np.int64))
    end = place + 5 + (buffer[place + 3] == ord(":"))
    known &= buffer[end] - ord("0") > 9
    hours, minutes = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    known &= (hours <= 14) & (minutes < 60)
    east = (hours * 60 + minutes) * 60_000 * np.where(mark[rows] == ord("-"), -1, 1)
    zero[rows] = np.where(known, east, 0)
    return zero, bool(known.any())


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 of Gregorian dates (Howard Hinnant's days_from_civil)."""
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days


def _latest_year(month: Ints, day: Ints, clock: Ints, latest: int) -> Ints:
    """The times in the latest year in which they do not lie after `latest` (a day's grace for zones)."""
    year = np.datetime64(min(latest, 1 << 47), "ms").astype("datetime64[Y]").astype(np.int64) + 1970
    years = np.full(len(month), year, np.int64)
    times = _days(years, month, day) * DAY_MS + clock
    years -= times > latest + DAY_MS
    for _ in range(8):
        odd = (month == 2) & (day == 29) & ~((years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0)))
        if not odd.any():
            break
        years -= odd
    return _days(years, month, day) * DAY_MS + clock
