from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.lang.envelope import fields_of, flatten, ids_of, level_of, message_of, request_id_of

UUID = "8f5e7c10-6a7b-4f3e-9c3f-0d7f5b1f2a11"
DEEP = '{"a":' * 200 + "1" + "}" * 200
BOTTOMLESS = '{"a":' * 100_000 + "1" + "}" * 100_000
HOSTILE = (
    DEEP,
    BOTTOMLESS,
    "[" * 100_000,
    "{" * 100_000,
    "x=" * 100_000,
    '{"n":' + "9" * 5_000 + "}",
    "\ud800=\ud800",
)


def test_a_json_object_is_its_fields() -> None:
    assert fields_of(' {"a":{"b":[1,"x",null]}}\n') == {"a": {"b": [1, "x", None]}}


def test_json_with_nan_or_a_lone_surrogate_is_read_all_the_same() -> None:
    fields = fields_of('{"n":NaN,"s":"\\ud800"}')
    assert fields is not None
    assert isinstance(fields["n"], float)
    assert math.isnan(fields["n"])
    assert fields["s"] == "\ud800"


@pytest.mark.parametrize("text", ["[1,2]", '{"a":', "plain words", "one=pair only", "", "a == b and c == d"])
def test_what_is_no_record_has_no_fields(text: str) -> None:
    assert fields_of(text) is None


def test_logfmt_pairs_are_fields_and_quotes_are_taken_off() -> None:
    line = 'ts=2026-11-22T10:00:00Z level=info msg="said \\"hi\\"\\nand left" user.id=7 empty= level=again'
    assert fields_of(line) == {
        "ts": "2026-11-22T10:00:00Z",
        "level": "info",
        "msg": 'said "hi"\nand left',
        "user.id": "7",
        "empty": "",
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_message_is_too_much(text: str) -> None:
    fields = fields_of(text)
    if fields:
        assert len(flatten(fields)) <= 500
    message_of(text)
    request_id_of(text)
    level_of(text)


def test_flat_fields_have_dotted_paths_in_the_order_written() -> None:
    fields: dict[str, object] = {"a": {"b": 1, "c": [{"d": 2}, 3]}, "e": {}, "f": [], "g": None}
    assert list(flatten(fields).items()) == [
        ("a.b", 1), ("a.c[0].d", 2), ("a.c[1]", 3), ("e", "{}"), ("f", "[]"), ("g", None),
    ]  # fmt: skip


def test_flat_fields_end_at_the_limits() -> None:
    assert flatten({str(n): n for n in range(9)}, limit=3) == {"0": 0, "1": 1, "2": 2}
    assert flatten({"a": {"b": {"c": 1}, "d": [1]}}, depth=2) == {"a.b": "{…}", "a.d": "[…]"}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"level":"info","message":"paid"}', "paid"),
        ('{"msg":"","log":"from stdout"}', "from stdout"),
        ('{"event":{"id":1},"error":{"message":"no such cart"}}', "no such cart"),
        ('{"error.message":"dotted key"}', "dotted key"),
        ('level=info msg="it works"', "it works"),
        ('{"status":200}', '{"status":200}'),
        ("plain", "plain"),
    ],
)
def test_the_text_for_people_is_found(line: str, text: str) -> None:
    assert message_of(line) == text


@pytest.mark.parametrize(
    ("line", "request_id"),
    [
        (f"START RequestId: {UUID} Version: 1", UUID),
        (f"2026-11-22T10:00:00.000Z\t{UUID}\tINFO\tpaid", UUID),
        (f"[INFO]\t2026-11-22T10:00:00.000Z\t{UUID}\tpaid", UUID),
        (f"2026-11-22T10:00:00.000Z {UUID} Task timed out after 3.00 seconds", UUID),
        ('{"trace_id":"t-1","requestId":"r-1"}', "r-1"),
        ('{"aws_request_id": "r-2"}', "r-2"),
        ('{"requestID":"CLOUDTRAIL"}', "CLOUDTRAIL"),
        ('{"traceId":"t-3"}', "t-3"),
        ("level=info request_id=req-77 msg=x", "req-77"),
        ("no id here", ""),
        (f"some {UUID} in the prose", ""),
    ],
)
def test_the_request_is_found(line: str, request_id: str) -> None:
    assert request_id_of(line) == request_id


@settings(max_examples=60)
@given(st.one_of(st.text(max_size=60), st.text(alphabet='{}[]",:=\\ a1e.-')))
def test_nothing_raises_on_any_text(text: str) -> None:
    fields = fields_of(text)
    assert fields is None or len(flatten(fields)) <= 500
    assert isinstance(message_of(text), str)
    assert isinstance(request_id_of(text), str)
    assert not request_id_of(text) or ids_of(text)[0] == request_id_of(text)
    level_of(text)


def test_ids_begin_with_that_of_the_request_then_the_trace_then_any_other() -> None:
    request, trace, other = (f"{digit}" * 8 + "-1111-4111-8111-" + f"{digit}" * 12 for digit in "123")
    line = f'{{"user": "{other}", "traceId": "{trace}", "requestId": "{request}", "again": "{request}"}}'
    assert ids_of(line) == (request, trace, other)
    assert ids_of("nothing here") == ()
    assert len(ids_of(" ".join(f"{n:08x}-1111-4111-8111-111111111111" for n in range(99)))) == 20


def test_importing_the_languages_loads_nothing_heavy() -> None:
    program = (
        "import sys, cwtui.lang.condition, cwtui.lang.envelope, cwtui.lang.where, cwtui.lang.filter_pattern;"
        "heavy = {'duckdb', 'textual', 'aiobotocore', 'botocore', 'lark', 'numpy'};"
        "sys.exit(' '.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
