from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.lang.continuation import KIND_SQL, LineKind, kind_of

LINES = {
    LineKind.OPENING: (
        "2026-11-22 10:09:41 ERROR it failed",
        '{"level":"error"}',
        "INFO started",
        "    INFO padded by its logger",
        "   2026-11-22 10:09 indented, and yet logged",
        "[main] ready",
        "panic: boom",
        "Done: 12 files",
        "at home nobody waits",
        "START RequestId: 5b0e",
        "2026-11-22T10:09:41.123456789Z     indented, as a logger pads",
        "2026-11-22T10:09:41.123456789Z ValueError: bad",
        "2026-11-22T10:09:41Z   at home nobody waits",
        "2026-11-22T10:09:41Z at shop.Cart.total(Cart.java:12)",
        '2026-11-22T10:09:41Z File "a.py" (gone)',
    ),
    LineKind.FRAME: (
        "\tat com.shop.Cart.total(Cart.java:12)",
        "    at async handler (/var/task/index.js:3:9)",
        "at com.shop.Cart.total(Cart.java:12)",
        "Caused by: java.io.IOException: closed",
        "\t... 12 more",
        "   Suppressed: java.lang.Exception",
        "   --- End of inner exception stack trace ---",
        "2026-11-22T10:09:41.123456789Z \tat com.shop.Cart.total(Cart.java:12)",
        "2026-11-22T10:09:41.123456789Z     at async handler (/var/task/index.js:3:9)",
        "2026-11-22T10:09:41+02:00 Caused by: java.io.IOException: closed",
        "2026-11-22T10:09:41.5Z stderr F \t... 12 more",
        '2026-11-22T10:09:41Z   File "app.py", line 3, in total',
    ),
    LineKind.BODY: (
        '  File "app.py", line 3, in total',
        "    raise ValueError(text)",
        "",
        "  \n",
        "goroutine 1 [running]:",
        "\t/src/main.go:12 +0x1d",
        "During handling of the above exception, another exception occurred:",
    ),
    LineKind.CLOSING: (
        "Traceback (most recent call last):",
        "ValueError: bad",
        "requests.exceptions.ConnectTimeout: too long",
        "KeyboardInterrupt",
        "main.handler(0x1, 0x2)",
        "net/http.(*conn).serve(0xc00001)",
        "}",
        "exit status 2\n",
    ),
}


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in LINES.items() for line in lines])
def test_a_line_says_whether_it_can_begin_an_event(kind: LineKind, line: str) -> None:
    assert kind_of(line) is kind


_PARTS = st.sampled_from(
    [part for lines in LINES.values() for part in lines]
    + [" ", "\t", "\n", "at ", "x", "é", "2026-11-22T10:09:41Z "]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_PARTS, max_size=4).map("".join), min_size=20, max_size=80))
def test_the_store_and_python_agree_on_every_line(lines: list[str]) -> None:
    with duckdb.connect() as database:
        database.execute("create table told(n integer, message varchar)")
        database.executemany("insert into told values (?, ?)", list(enumerate(lines)))
        found = database.execute(f"select {KIND_SQL} from told order by n").fetchall()
    assert [kind for (kind,) in found] == [int(kind_of(line)) for line in lines]
