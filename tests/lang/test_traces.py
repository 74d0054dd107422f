from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.lang.traces import trace_of

PYTHON = """ERROR task {i} failed
Traceback (most recent call last):
  File "/srv/shop/views.py", line {i}, in run
    return self.call(*args)
  File "/usr/lib/python3.11/site-packages/requests/api.py", line 7{i}, in get
    raise error
  File "/srv/shop/client.py", line 2{i}, in call
    raise error
KeyError: 'order-{i}'"""
JAVA = """order {i} could not be stored
org.acme.DataAccessException: store {i} failed
\tat com.shop.Store.save(Store.java:{i})
\tat org.springframework.web.Filter.doFilter(Filter.java:1{i})
\tat com.shop.Store$$Lambda$1{i}/0x00007f0{i}.apply(Unknown Source)
Caused by: java.sql.SQLException: deadlock {i}
\tat com.shop.Db.query(Db.java:{i})
\t... {i} common frames omitted"""
NODE = """TypeError: Cannot read property {i}
    at Cart.total (/var/task/cart.js:{i}:3)
    at async handler (/var/task/index.js:1:{i})
    at process.processTicksAndRejections (node:internal/process/task_queues:9{i}:5)"""
GO = """panic: runtime error: index out of range [{i}] with length 1

goroutine {i} [running]:
main.(*Shop).price(0xc000{i}, {{0x{i}, 0x1}})
\t/src/shop/price.go:{i} +0x1f
main.main()
\t/src/shop/main.go:9 +0x{i}
exit status 2"""
DOTNET = """System.FormatException: Input {i}
   at System.Number.ThrowOverflow()
   at Shop.Parser.Read(String s) in /src/Parser.cs:line {i}"""
RUBY = """app.rb:{i}:in `total': undefined method (NoMethodError)
\tfrom cart.rb:3{i}:in `<main>'"""
JSON = '{{"level":50,"err":{{"type":"E","stack":"PoolTimeout: {i}\\n    at Pool.get (/app/pool.js:{i}:4)"}}}}'
LAMBDA = (
    '{{"errorType":"PriceError",'
    '"stackTrace":["  File \\"/var/task/q.py\\", line {i}, in quote\\n    x()\\n"]}}'
)


@pytest.mark.parametrize(
    ("text", "errors", "frames"),
    [
        (PYTHON, ("KeyError",), ("client.call", "views.run")),
        (
            JAVA,
            ("org.acme.DataAccessException", "java.sql.SQLException"),
            ("com.shop.Store.save", "com.shop.Store.apply", "com.shop.Db.query"),
        ),
        (NODE, ("TypeError",), ("Cart.total", "handler")),
        (GO, ("panic: runtime error: index out of range",), ("main.(*Shop).price", "main.main")),
        (DOTNET, ("System.FormatException",), ("Shop.Parser.Read",)),
        (RUBY, ("NoMethodError",), ("app.total", "cart.<main>")),
        (JSON, ("PoolTimeout",), ("Pool.get",)),
        (LAMBDA, ("PriceError",), ("q.quote",)),
    ],
)
def test_a_trace_is_known_by_its_errors_and_own_frames_whatever_the_lines(
    text: str, errors: tuple[str, ...], frames: tuple[str, ...]
) -> None:
    one, other = trace_of(text.format(i=12)), trace_of(text.format(i=345))
    assert one is not None
    assert (one.errors, one.frames) == (errors, frames)
    assert one == other
    assert len(one.fingerprint) == 12


def test_another_error_or_another_place_is_another_fingerprint() -> None:
    texts = (PYTHON, PYTHON.replace("KeyError", "ValueError"), PYTHON.replace("in call", "in send"))
    assert len({trace.fingerprint for text in texts if (trace := trace_of(text.format(i=1)))}) == 3


@pytest.mark.parametrize(
    "text", ["", "plain", "two\nlines", '{"stack":1}', "Traceback (most recent call last):"]
)
def test_what_has_no_frames_has_no_trace(text: str) -> None:
    assert trace_of(text) is None


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_of_traces(text: str) -> None:
    trace_of(text)
    trace_of(f'{{"stackTrace": "{text}')
    trace_of(f'x\n    at {text}\n  File "{text}", line 1\n{text}')
