"""Events of files that nothing is picked out of go from the files to the output, past the window.

A filter that lets everything through needs the window: what it prints is what has to come out.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import record, write_lines
from tests.cli.test_files import piped

ALL = "(?s).*"


def tricky(folder: Path) -> list[str]:
    """Files out of order, with twins, stray bytes, surrogates, names that repeat and formulas."""
    one, two, three, four = (folder / name for name in ("b.log", "a.log", "shop.jsonl", "again.jsonl"))
    one.write_bytes(
        b"2026-01-02T10:00:00Z caf\xe9 \xf0\x9f\x8e\x89 ERROR\n\tat caf\xe9\n"
        b"2026-01-02T09:00:00Z earlier\x00 than \x1b[31mthe line before\r\n"
        b"2026-01-02T10:00:01Z twin\n2026-01-02T10:00:01Z twin\n2026-01-02T10:00:01Z \xed\xa0\x80\n"
    )
    two.write_bytes(
        b"no time yet\n2026-01-02T10:00:01Z warn: twin\n" + b'2026-01-02T08:59:59Z =1+1,"x"\n' * 3
    )
    records = [
        record(number, f"{number} \u2028 caf\u00e9 \udc80", f"/g/{number % 3}", f"s{number % 2}")
        for number in (5, 1, 3, 1, 2, 4)
    ]
    same = record(6, "same moment", "/g/0", "s1")
    records += [{**same, "eventId": name} for name in ("id-8", "id-7", "", "")]
    records.append({**record(6, "another account", "/g/0", "s1"), "account": "222233334444"})
    records.append({**record(9, "odd \udfff name", "/g/0", "s\udc81"), "eventId": "\udc82"})
    write_lines(three, records)
    write_lines(four, [record(3, "3 again", "/g/0", "s1"), record(0, "first", "/g/1", "s0")])
    packed = folder / "c.log.gz"
    packed.write_bytes(gzip.compress(b"2026-01-02 10:00:00,5 INFO packed\n" * 2))
    return [argument for path in (one, two, three, four, packed) for argument in ("--from", str(path))]


@pytest.mark.parametrize("form", ["raw", "jsonl", "json", "csv", "text"])
def test_what_is_passed_on_is_byte_for_byte_what_a_window_gives(form: str, tmp_path: Path) -> None:
    files = tricky(tmp_path)
    passed = piped(b"", "events", *files, "-o", form)
    through_a_window = piped(b"", "events", *files, "-o", form, "--grep", ALL)
    assert passed.stdout == through_a_window.stdout
    assert passed.stderr == through_a_window.stderr
    assert (passed.returncode, through_a_window.returncode) == (0, 0)
    assert passed.stdout


def test_a_limit_and_times_cut_what_is_passed_on_as_they_cut_a_window(tmp_path: Path) -> None:
    chosen = [*tricky(tmp_path), "--limit", "7", "--since", "2026-01-02T09:30:00Z", "-o", "jsonl"]
    passed = piped(b"", "events", *chosen)
    assert len(passed.stdout.splitlines()) == 7
    assert passed.stdout == piped(b"", "events", *chosen, "--grep", ALL).stdout


def _stamp(line: Any) -> Any:
    return line[:20]


def test_a_log_of_one_stream_comes_out_in_its_order_and_its_disorder_mended(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_text("".join(f"2026-01-02T10:00:{number * 7 % 60:02}Z {number}\n" for number in range(25_000)))
    passed = piped(b"", "events", "--from", str(path), "-o", "raw").stdout
    assert passed == b"".join(sorted(path.read_bytes().splitlines(keepends=True), key=_stamp))
    limited = piped(b"", "events", "--from", str(path), "-o", "raw", "--limit", "10001").stdout
    assert passed.startswith(limited)
    assert limited.count(b"\n") == 10_001


def test_a_cut_recording_is_passed_on_as_far_as_it_goes_and_told_once(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_text(json.dumps(record(1, "whole")) + "\n" + json.dumps(record(2, "cut"))[:-9])
    done = piped(b"", "events", "--from", str(path), "-o", "raw")
    assert (done.returncode, done.stdout) == (0, b"whole\n")
    assert done.stderr.count(b"not everything") == 1
