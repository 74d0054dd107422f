from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.lang.prefix import without_prefix

REQUEST = "c90934e9-b659-44f9-8765-048249579556"


@pytest.mark.parametrize(
    ("message", "text", "request_id"),
    [
        (f"[INFO]\t2026-11-22T04:57:38.391Z\t{REQUEST}\tcheckout order=848", "checkout order=848", REQUEST),
        (f"2026-11-22T04:57:38.391Z\t{REQUEST}\tERROR\tboom", "boom", REQUEST),
        (f"2026-11-22T04:57:50.730Z {REQUEST} Task timed out", "Task timed out", REQUEST),
        ("2026-11-22 09:32:32.386 ERROR cart.http unhandled", "cart.http unhandled", ""),
        ("ERROR: disk full", "disk full", ""),
        ("[WARN] retrying", "retrying", ""),
        ("Nov 22 10:00:00 host sshd[12]: accepted", "sshd: accepted", ""),
        (f"RequestId: {REQUEST} Error: Runtime exited", "Error: Runtime exited", REQUEST),
        (f"START RequestId: {REQUEST} Version: 1", f"START RequestId: {REQUEST} Version: 1", ""),
        ("plain words", "plain words", ""),
        ("INFO", "INFO", ""),
        ("", "", ""),
    ],
)
def test_what_a_line_says_stands_behind_its_time_level_and_request(
    message: str, text: str, request_id: str
) -> None:
    assert without_prefix(message) == (text, request_id)


@given(st.text())
def test_the_text_is_always_the_end_of_the_message(message: str) -> None:
    text, _ = without_prefix(message)
    assert message.endswith(text.split(": ", 1)[-1])
