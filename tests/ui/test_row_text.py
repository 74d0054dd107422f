from __future__ import annotations

import pytest

from cwtui.ui.widgets.row_text import summary_of

AT = 1_795_327_712_386
"""2026-11-22T06:08:32.386Z"""
ID = "af282597-37c6-459a-8dbe-b1ec8245f889"


def said(message: str, at: int = AT) -> str:
    return "".join(text for text, _ in summary_of(message, at))


def test_json_is_one_line_of_its_message_and_fields() -> None:
    assert said('{"level":"info","msg":"paid","order":7,"ok":true}') == "paid order=7 ok=true"


def test_a_cloudtrail_record_begins_with_what_was_done() -> None:
    record = '{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"eventName":"AttachRolePolicy"}'
    assert said(record).startswith("eventName=AttachRolePolicy eventVersion=")


@pytest.mark.parametrize(
    ("message", "row"),
    [
        (f"[INFO]\t2026-11-22T06:08:32.386Z\t{ID}\treserving stock", f"reserving stock  {ID}"),
        (f"2026-11-22T06:08:32.380Z\t{ID}\tWARN\tslow cart", f"slow cart  {ID}"),
        (f"2026-11-22T06:08:32.380Z {ID} Task timed out after 3.00 seconds",
         f"Task timed out after 3.00 seconds  {ID}"),
        ("2026-11-22 06:08:32,386 ERROR cart.http unhandled", "cart.http unhandled"),
        ("2026-11-22T08:08:32+02:00 an offset", "an offset"),
        ("WARN slow", "slow"),
        ("2026-11-22 06:08:32 UTC:10.0.2.49(4):cart LOG: x", "10.0.2.49(4):cart LOG: x"),
        ('86.1.2.3 - - [22/Nov/2026:06:08:32 +0000] "GET / HTTP/1.1" 200', '86.1.2.3 "GET / HTTP/1.1" 200'),
        ('86.1.2.3 - ada [22/Nov/2026:06:08:32 +0000] "GET /" 200', '86.1.2.3 ada "GET /" 200'),
    ],
)  # fmt: skip
def test_what_the_columns_say_already_is_left_out(message: str, row: str) -> None:
    assert said(message) == row


@pytest.mark.parametrize(
    "message",
    [
        "2026-11-22 08:08:32 ERROR a clock in another zone",
        "2026-11-22T06:08:32+02:00 an offset",
        "ERROR",
        "2026-13-45 06:08:32 no such day",
        '1.2.3.4 - - [22/Nov/2026:05:08:32 +0000] "GET / HTTP/1.1" 200',
        '1.2.3.4 - - [22/Nov/2026:06:08:32 +0200] "GET / HTTP/1.1" 200',
        "START RequestId: x",
        "",
    ],
)
def test_a_time_that_is_not_the_events_own_stays(message: str) -> None:
    assert said(message) == message


def test_foreign_text_stays_inert() -> None:
    assert "\x1b" not in said(f"[INFO]\t2026-11-22T06:08:32.386Z\t{ID}\t\x1b]52;c;x\x07")
