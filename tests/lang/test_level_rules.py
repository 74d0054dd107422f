from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cwtui.core.models import Level
from cwtui.lang.envelope import LEVEL_SQL, level_of

UUID = "8f5e7c10-6a7b-4f3e-9c3f-0d7f5b1f2a11"
NOW = "2026-11-22T10:09:41.305Z"
APP = "2026-11-22 10:09:41,305"

CASES: tuple[tuple[str, Level], ...] = (
    # Lambda
    (f"START RequestId: {UUID} Version: $LATEST", Level.INFO),
    (f"END RequestId: {UUID}", Level.INFO),
    (
        f"REPORT RequestId: {UUID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB",
        Level.INFO,
    ),
    (f"REPORT RequestId: {UUID}\tDuration: 3000.00 ms\t{'x' * 400}\tStatus: timeout", Level.ERROR),
    (
        f"REPORT RequestId: {UUID}\tDuration: 9.00 ms\tStatus: error\tError Type: Runtime.ExitError",
        Level.ERROR,
    ),
    ("INIT_START Runtime Version: python:3.12.v30\tRuntime Version ARN: arn:aws:lambda", Level.INFO),
    ("INIT_REPORT Init Duration: 9999.58 ms\tPhase: init\tStatus: timeout", Level.ERROR),
    (f"[ERROR]\t{NOW}\t{UUID}\tcharge failed", Level.ERROR),
    (f"[INFO]\t{NOW}\t{UUID}\tcharged", Level.INFO),
    ("[ERROR] KeyError: 'Records'\nTraceback (most recent call last):", Level.ERROR),
    (f"{NOW}\t{UUID}\tERROR\tInvoke Error \t{{}}", Level.ERROR),
    (f"{NOW}\t{UUID}\tDEBUG\tcold", Level.DEBUG),
    (f"{NOW} {UUID} Task timed out after 3.00 seconds", Level.ERROR),
    (f"RequestId: {UUID} Error: Runtime exited with error: signal: killed", Level.ERROR),
    ('{"time":"t","type":"platform.start","record":{"requestId":"1"}}', Level.INFO),
    ('{"time":"t","type":"platform.report","record":{"status":"timeout"}}', Level.ERROR),
    ('{"errorMessage": "boom", "errorType": "KeyError", "stackTrace": []}', Level.ERROR),
    # JSON
    ('{"level":"error","msg":"x"}', Level.ERROR),
    ('{"msg":"x","severity" : "WARNING"}', Level.WARN),
    ('{"levelname": "CRITICAL"}', Level.FATAL),
    ('{"log.level":"debug"}', Level.DEBUG),
    ('{"log":{"level":"trace"}}', Level.TRACE),
    ('{"level":30,"time":1,"msg":"pino"}', Level.INFO),
    ('{"level":60}', Level.FATAL),
    ('{"level":"50"}', Level.ERROR),
    ('{"level":400,"level_name":"ERROR"}', Level.ERROR),
    ('{"message":"' + "m" * 2000 + '","level":"warn"}', Level.WARN),
    ('{"msg":"he said \\"level\\":\\"error\\" to me"}', Level.UNKNOWN),
    ('{"level":"premium","user":"x"}', Level.UNKNOWN),
    ('{"error":0,"errors":[]}', Level.UNKNOWN),
    ('{"log":"2026-11-22 ERROR charge failed\\n","stream":"stderr"}', Level.ERROR),
    ('{"eventSource":"s3.amazonaws.com","eventName":"GetObject","errorCode":"AccessDenied"}', Level.WARN),
    ('{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}', Level.INFO),
    # text loggers
    (f"{APP} - shop.cart - ERROR - no such cart", Level.ERROR),
    (f"{APP} [main] WARN com.shop.Cart - slow", Level.WARN),
    (f"{APP}  INFO 1234 --- [main] c.s.Cart : started", Level.INFO),
    ("2026/11/22 10:09:41 [error] 31#31: *1 connect() failed", Level.ERROR),
    ("[Sun Nov 22 10:42:29 2026] [core:error] [pid 35708] File does not exist", Level.ERROR),
    ("2026-11-22 10:09:41.305 UTC [123] FATAL:  password authentication failed", Level.FATAL),
    ("E1122 10:09:41.305000       1 reflector.go:138] failed to list", Level.ERROR),
    ("W1122 10:09:41.305000       1 reflector.go:138] watch closed", Level.WARN),
    ("E, [2026-11-22T10:09:41 #1] ERROR -- : boom", Level.ERROR),
    ("level=error msg=boom", Level.ERROR),
    ('ts=1 lvl=eror msg="got INFO from peer"', Level.ERROR),
    ('time="x" level=info msg="upstream said ERROR today"', Level.INFO),
    ("INFO handler: upstream said ERROR again", Level.INFO),
    ("Nov 22 10:09:41 web-1 sshd[42]: error: maximum attempts exceeded", Level.ERROR),
    ("<11>Nov 22 10:09:41 web-1 app: it broke", Level.ERROR),
    ("<14>1 2026-11-22T10:09:41Z web-1 app - - - fine", Level.INFO),
    ("<191>debug of the last facility", Level.DEBUG),
    ("<192>no facility", Level.UNKNOWN),
    ("error: cannot open file", Level.ERROR),
    ("Warning: deprecated", Level.WARN),
    ("panic: runtime error: index out of range", Level.FATAL),
    ("Traceback (most recent call last):", Level.ERROR),
    ("java.lang.NullPointerException: null", Level.ERROR),
    ("Uncaught TypeError: x is not a function", Level.ERROR),
    # records with a level of their own kind
    ('10.0.0.1 - - [22/Nov/2026:10:09:41 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"', Level.INFO),
    ('10.0.0.1 - - [22/Nov/2026:10:09:41 +0000] "GET /x HTTP/1.1" 404 12 "-" "curl"', Level.WARN),
    ('10.0.0.1 - - [22/Nov/2026:10:09:41 +0000] "POST /pay HTTP/2.0" 503 12', Level.ERROR),
    ('INFO:     10.0.0.1:443 - "GET / HTTP/1.1" 500 Internal Server Error', Level.ERROR),
    ('ERROR retry of "GET / HTTP/1.1" 200 came late', Level.ERROR),
    ("2 123456789012 eni-0a1 10.0.0.1 10.0.0.2 443 4 6 1 40 1 2 REJECT OK", Level.WARN),
    ("2 123456789012 eni-0a1 10.0.0.1 10.0.0.2 443 4 6 1 40 1 2 ACCEPT OK", Level.INFO),
    # words in the prose say nothing
    ("done with 0 errors", Level.UNKNOWN),
    ("error=0 warnings=0", Level.UNKNOWN),
    ("no errors found", Level.UNKNOWN),
    ("no ERROR found", Level.UNKNOWN),
    ("the reign of terror", Level.UNKNOWN),
    ("TERROR and INFORMATION", Level.UNKNOWN),
    ("GET /docs/ERROR/page", Level.UNKNOWN),
    ("x" * 290 + " the ERROR is cut here", Level.ERROR),
    ("x" * 299 + " ERROR", Level.UNKNOWN),
    ("x" * 300 + " ERROR beyond the head", Level.UNKNOWN),
    ("é" * 290 + " ERROR within", Level.ERROR),
    ("\tat com.shop.Cart.add(Cart.java:12)", Level.UNKNOWN),
    ("", Level.UNKNOWN),
)

WORDS = (
    "ERROR", "INFO", "Error: ", "[error]", "[core:warn]", "level=", '"level":', '"info"', '"', "{", "}",
    " ", "\t", "\n", "no ", "0 ", "REPORT ", "RequestId: ", "Status: error", " HTTP/1.1", '" 503', " eni-",
    " REJECT ", "E1122", " 10:09:41.1", "] ", "<11>", "<192>", "panic: ", "Exception", ":",
    "30", "\u017f", "K", "\u2028", "\x00", "\x0b", "\xe9", "\U0001d53c", ",",
)  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def by_sql(database: duckdb.DuckDBPyConnection, messages: list[str]) -> list[Level]:
    database.execute("CREATE OR REPLACE TABLE lines AS SELECT unnest(?::VARCHAR[]) AS message", [messages])
    return [Level(row[0]) for row in database.execute(f"SELECT {LEVEL_SQL} FROM lines").fetchall()]


@pytest.mark.parametrize(("message", "level"), CASES, ids=[text[:60] for text, _ in CASES])
def test_a_line_says_its_level(message: str, level: Level) -> None:
    assert level_of(message) is level


def test_the_expression_says_what_the_function_says(database: duckdb.DuckDBPyConnection) -> None:
    assert by_sql(database, [text for text, _ in CASES]) == [level for _, level in CASES]


def test_the_expression_gives_a_small_integer(database: duckdb.DuckDBPyConnection) -> None:
    [(kind,)] = database.execute(f"SELECT typeof({LEVEL_SQL}) FROM (SELECT 'x' AS message)").fetchall()
    assert kind == "UTINYINT"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), max_size=12), min_size=1, max_size=40
    )
)
@example([["ERROR\n"], ["\nERROR"], ["{", "\x0b", '"level":"ſevere"}'], ["K"], ["Error: \x00"]])
def test_the_expression_and_the_function_agree_on_any_text(
    database: duckdb.DuckDBPyConnection, pieces: list[list[str]]
) -> None:
    messages = ["".join(piece) for piece in pieces]
    assert by_sql(database, messages) == [level_of(text) for text in messages]
