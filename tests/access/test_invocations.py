"""Which lines belong to which run: Lambda's brackets, ids of many names, sessions, mixed streams."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.access.invocations import Runs
from cwtui.access.run_finding import run_expression
from cwtui.access.run_lines import Mark, line_of
from cwtui.access.run_table import By, Run, RunTable, Status
from cwtui.access.stream_names import StreamKind
from tests.explain.events import START, columns, cut

KINDS = Path(__file__).parents[1] / "explain" / "kinds"
ENV = "2025/11/05/[$LATEST]" + "0123456789abcdef" * 2
AGENT = "/aws/bedrock-agentcore/runtimes/shop_agent-Ab12Cd34Ef-DEFAULT"


def uid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-00000000000{number % 10}"


def report(number: int, more: str = "") -> str:
    return (
        f"REPORT RequestId: {uid(number)}\tDuration: {100 + number}.5 ms\t"
        f"Billed Duration: {101 + number} ms\tMemory Size: 256 MB\tMax Memory Used: {90 + number} MB\t{more}"
    )


def found(
    lines: Sequence[str], by: By | None = None, *, group: str = "/g", streams: Sequence[str] | None = None
) -> tuple[RunTable, list[list[int]]]:
    """The table of lines a second apart, and the places of each run's lines."""
    runs = Runs()
    runs.add(columns(lines, group=group, streams=streams))
    table = runs.table(by)
    return table, [runs.rows(key).tolist() for key in range(len(table))]


def all_of(table: RunTable) -> list[Run]:
    return [table.at(key) for key in range(len(table))]


# ---------------------------------------------------------------------- Lambda


def test_a_line_without_an_id_belongs_to_the_invocation_it_stands_in() -> None:
    lines = [
        "INIT_START Runtime Version: python:3.13.v60\tRuntime Version ARN: arn:aws:lambda:::runtime:x",
        "loading the model",
        f"START RequestId: {uid(1)} Version: $LATEST",
        "a print",
        f"END RequestId: {uid(1)}",
        report(1, "Init Duration: 314.26 ms\tXRAY TraceId: 1-690-abc\tSegmentId: 5"),
        "a thread that lived on",
        f"START RequestId: {uid(2)} Version: $LATEST",
        "another print",
        f"END RequestId: {uid(2)}",
        report(2),
    ]
    table, rows = found(lines, group="/aws/lambda/f", streams=[ENV] * len(lines))
    assert rows == [[0, 1, 2, 3, 4, 5], [7, 8, 9, 10]]
    assert (table.by, table.alone, table.mixed) == (By.REQUEST, 1, 1)
    first, second = all_of(table)
    assert (first.id, first.kind, first.streams) == (uid(1), StreamKind.LAMBDA, (ENV,))
    assert (first.cold, second.cold) == (True, False)
    assert first.report is not None
    assert (first.report.init, first.report.billed, first.report.trace) == (314.26, 102.0, "1-690-abc")
    assert (first.report.memory_used, first.report.memory_size) == (91, 256)
    assert (first.duration, first.bracketed, first.events) == (101.5, 3, 6)
    assert (first.start, first.end) == (START, START + 5_000)
    assert {run.status for run in all_of(table)} == {Status.OK}


def test_an_invocation_cut_by_the_window_keeps_its_lines() -> None:
    lines = [
        "before the window began",
        f"END RequestId: {uid(1)}",
        report(1),
        f"START RequestId: {uid(2)} Version: 1",
        "still at it",
    ]
    table, rows = found(lines)
    assert rows == [[0, 1, 2], [3, 4]]
    assert [run.status for run in all_of(table)] == [Status.OK, Status.OPEN]


def test_a_run_that_never_ends_is_ended_by_the_next() -> None:
    lines = [f"START RequestId: {uid(n)} Version: 1" for n in (1, 2)]
    _, rows = found([lines[0], "x", lines[1], "y", report(2)])
    assert rows == [[0, 1], [2, 3, 4]]


def test_where_two_run_at_once_a_line_without_an_id_belongs_to_neither() -> None:
    lines = [
        f"START RequestId: {uid(1)} Version: 1",
        f"START RequestId: {uid(2)} Version: 1",
        "whose?",
        report(1),
        "now there is one",
        report(2),
    ]
    table, rows = found(lines)
    assert rows == [[0, 3], [1, 4, 5]]
    assert table.alone == 1


def test_a_request_that_runs_again_is_another_run() -> None:
    lines = [
        f"START RequestId: {uid(1)} Version: 1",
        "x",
        report(1, "Status: error\tError Type: Runtime.ExitError"),
    ]
    table, rows = found([*lines, f"START RequestId: {uid(1)} Version: 1", "y", report(1)])
    assert rows == [[0, 1, 2], [3, 4, 5]]
    assert [(run.id, run.attempt, run.status) for run in all_of(table)] == [
        (uid(1), 1, Status.ERROR),
        (uid(1), 2, Status.OK),
    ]


def test_failures_are_read_from_what_the_runtime_says() -> None:
    lines = [
        f"START RequestId: {uid(1)} Version: 1",
        f"2025-11-05T10:00:00.000Z {uid(1)} Task timed out after 3.00 seconds",
        f"END RequestId: {uid(1)}",
        report(1),
        f"START RequestId: {uid(2)} Version: 1",
        f"RequestId: {uid(2)} Error: Runtime exited with error: signal: killed",
        report(2),
        f"START RequestId: {uid(3)} Version: 1",
        "[ERROR] KeyError: 'order'\nTraceback (most recent call last):",
        report(3),
        f"START RequestId: {uid(4)} Version: 1",
        '{"level":"ERROR","message":"handled"}',
        report(4),
    ]
    table, _ = found(lines)
    statuses = [run.status for run in all_of(table)]
    assert statuses == [Status.TIMEOUT, Status.ERROR, Status.ERROR, Status.OK]
    assert [run.errors for run in all_of(table)][2:] == [1, 1]


def test_ids_inside_an_invocation_that_are_no_invocations_do_not_split_it() -> None:
    lines = [
        f"START RequestId: {uid(1)} Version: 1",
        '{"requestId":"of-another-service","message":"called"}',
        report(1),
    ]
    _, rows = found(lines)
    assert rows == [[0, 1, 2]]


def kind(name: str) -> list[str]:
    text = (KINDS / f"{name}.txt").read_text()
    return [line.partition(" ")[2].replace("␤", "\n") for line in text.splitlines() if line]


def test_the_json_format_is_bracketed_like_the_text() -> None:
    lines = kind("lambda_json")
    table, rows = found(lines)
    named = [json.loads(line) for line in lines]
    wanted: dict[str, list[int]] = {}
    for place, record in enumerate(named):
        request = record.get("requestId") or record.get("record", {}).get("requestId")
        wanted.setdefault(request or "init", []).append(place)
    inits = wanted.pop("init")
    assert len(table) == len(wanted)
    assert sorted(place for run in rows for place in run) == sorted(
        [place for run in wanted.values() for place in run] + inits
    )
    for run, places in zip(all_of(table), rows, strict=True):
        assert set(wanted[run.id]) <= set(places)
        assert run.report is not None
        # An environment that begins belongs to the first run in it.
        assert all(place + 1 in places for place in places if place in inits)
    assert {run.status for run in all_of(table)} == {Status.OK, Status.TIMEOUT}
    assert any(run.cold for run in all_of(table))


def test_every_runtime_names_its_request() -> None:
    lines = [*kind("lambda_runtimes"), *kind("lambda_node_text"), *kind("lambda_python_text")]
    ways = {
        "java": "INFO  com.shop.Handler - begin",
        "dotnet": "\tfail\t",
        "node": "\tINFO\treceived",
        "platform": "START RequestId",
    }
    for runtime, said in ways.items():
        line = next(line for line in lines if said in line)
        assert len(line_of(line).request) == 36, runtime
        assert line_of(line).request in line
    assert line_of("2026/11/22 10:04:53 fetched 15 pages in 10.3s").request == ""


def test_a_platform_report_tells_all_figures() -> None:
    record = {
        "time": "2025-11-05T10:00:00Z",
        "type": "platform.report",
        "record": {
            "requestId": uid(1),
            "metrics": {
                "durationMs": 12.5, "billedDurationMs": 13, "memorySizeMB": 512, "maxMemoryUsedMB": 99,
                "restoreDurationMs": 77.5,
            },
            "tracing": {"spanId": "5", "value": "Root=1-690-ff;Parent=1;Sampled=1"},
            "status": "error",
            "errorType": "Runtime.ExitError",
        },
    }  # fmt: skip
    line = line_of(json.dumps(record))
    assert (line.mark, line.request, line.trace) == (Mark.REPORT, uid(1), "1-690-ff")
    told = line.report
    assert told is not None
    assert (told.duration, told.billed, told.restore, told.memory_used) == (12.5, 13.0, 77.5, 99)
    assert (told.cold, told.status, told.error_type) == (True, "error", "Runtime.ExitError")


# ---------------------------------------------------------------------- ids


def test_the_names_people_use_for_ids_are_known() -> None:
    for key in (
        "requestId",
        "request_id",
        "aws_request_id",
        "x-request-id",
        "AWSRequestId",
        "reqId",
        "req_id",
    ):
        assert line_of(f'{{"{key}": "r-1", "a": 1}}').request == "r-1", key
    for key in ("sessionId", "session_id", "session.id", "runtimeSessionId", "conversation_id"):
        assert line_of(f'{{"{key}":"s-1"}}').session == "s-1", key
    for key in (
        "jobId",
        "job_id",
        "JobRunId",
        "jobRunId",
        "job_run_id",
        "run_id",
        "runId",
        "executionArn",
        "taskId",
    ):
        assert line_of(f'{{"{key}":"j-1"}}').job == "j-1", key
    for key in ("traceId", "trace_id", "trace.id", "correlationId", "correlation_id", "X-Amzn-Trace-Id"):
        assert line_of(f'{{"{key}":"t-1"}}').trace == "t-1", key
    assert line_of('{"job_id": 8812}').job == "8812"
    assert line_of("level=info job_id=nightly-8 msg=x").job == "nightly-8"
    assert line_of('INFO done {"sessionId":"s-2"}').session == "s-2"
    assert line_of('{"xray_trace_id":"Root=1-5f-ab;Parent=2;Sampled=0"}').trace == "1-5f-ab"


def test_what_stands_for_no_id_is_none() -> None:
    for value in ('""', '"-"', '"null"', '"None"', '"00000000000000000000000000000000"', "null"):
        assert line_of(f'{{"traceId":{value},"requestId":{value}}}') == line_of("nothing"), value
    assert line_of('{"grid":"g-1","candid":"c-1","note":"sessionIds: many"}') == line_of("nothing")


def test_a_mixed_stream_is_split_by_the_kind_of_id_asked_for() -> None:
    lines = [
        '{"requestId":"r1","sessionId":"s1","message":"a"}',
        '{"requestId":"r2","sessionId":"s2","message":"b"}',
        '{"requestId":"r3","sessionId":"s1","message":"c"}',
        "no id at all",
        '{"requestId":"r1","message":"d"}',
        '{"sessionId":"s2","message":"e"}',
        '{"sessionId":"s1","message":"of r1 or of r3"}',
    ]
    table, rows = found(lines)
    assert (table.by, table.mixed, table.alone) == (By.REQUEST, 1, 2)
    assert dict(table.choices) == {By.REQUEST: 3, By.SESSION: 2, By.STREAM: 1}
    # r1 is only ever of s1, and s2 only ever has r2: each tells of the other.
    assert rows == [[0, 4], [1, 5], [2]]
    table, rows = found(lines, By.SESSION)
    assert [run.id for run in all_of(table)] == ["s1", "s2"]
    assert rows == [[0, 2, 4, 6], [1, 5]]


def test_frames_that_come_alone_go_with_the_line_before_them() -> None:
    lines = [
        '{"requestId":"r1","level":"ERROR"}',
        "    at shop.Cart.add(Cart.java:4)",
        '{"requestId":"r2"}',
        "x",
    ]
    table, rows = found(lines)
    assert rows == [[0, 1], [2]]
    assert [run.status for run in all_of(table)] == [Status.ERROR, Status.OK]


def test_a_session_of_agentcore_spans_the_environments_it_ran_in() -> None:
    one = f"2025/11/05/[runtime-logs-session-{'a' * 33}]{uid(1)}"
    two = f"2025/11/05/[runtime-logs-session-{'a' * 33}]{uid(2)}"
    other = f"2025/11/05/[runtime-logs]{uid(3)}"
    lines = [
        "Agent is starting",
        '{"level":"INFO","message":"Invocation completed","requestId":"r1"}',
        "warm again",
        json.dumps({"sessionId": "session-" + "a" * 33, "requestId": "r2", "message": "x"}),
        "who knows",
    ]
    table, rows = found(lines, By.SESSION, group=AGENT, streams=[one, one, two, other, other])
    assert [(run.id, len(run.streams)) for run in all_of(table)] == [("session-" + "a" * 33, 3)]
    assert rows == [[0, 1, 2, 3]]
    assert table.alone == 1


def test_streams_that_are_runs_tell_them_apart_where_no_line_does() -> None:
    tasks = [f"ecs/web/{'0123456789abcde' + digit}{'f' * 16}" for digit in "ab"]
    table, rows = found(["a", "b", "c", "d"], streams=[tasks[0], tasks[1], tasks[0], tasks[1]])
    assert table.by is By.STREAM
    assert [run.id for run in all_of(table)] == [task.rpartition("/")[2] for task in tasks]
    assert rows == [[0, 2], [1, 3]]
    assert table.mixed == 0


def test_ids_of_two_groups_are_two_runs() -> None:
    runs = Runs()
    runs.add(columns(['{"requestId":"r"}'], group="/a"))
    runs.add(columns(['{"requestId":"r"}'], group="/b", first=1))
    assert [run.group for run in all_of(runs.table())] == ["/a", "/b"]


def test_what_the_view_shows_of_a_run_is_counted() -> None:
    runs = Runs()
    runs.add(columns(['{"requestId":"r1"}', '{"requestId":"r2"}', '{"requestId":"r2"}']))
    assert runs.table(shown=np.array([2], np.int64)).shown.tolist() == [0, 1]


def test_a_run_is_found_again_though_others_came_before_it() -> None:
    runs = Runs()
    runs.add(columns(['{"requestId":"r2"}', '{"requestId":"r2"}'], first=5))
    run = runs.table().at(0)
    runs.add(columns(['{"requestId":"r1"}']))
    assert runs.table().ids == ["r1", "r2"]
    rows, known = runs.rows_of(run)
    assert (rows.tolist(), known) == ([5, 6], 6)
    runs.add(columns(['{"requestId":"r2"}'], first=1))
    runs.table()
    assert runs.rows_of(run)[0].tolist() == []


def test_no_events_have_no_runs() -> None:
    table = Runs().table()
    assert (len(table), table.events, table.choices) == (0, 0, ())


# ---------------------------------------------------------------------- nothing lost, nothing mixed up

RUN = st.lists(
    st.sampled_from(
        ["print", '{"level":"INFO","message":"m"}', "  at a.b(C.java:1)", '{"requestId":"of-others"}']
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_interleaved_runs_of_several_streams_are_split_back_exactly(data: st.DataObject) -> None:
    style = data.draw(st.sampled_from(["text", "json"]))
    number = 0
    streams: list[list[tuple[str, int]]] = []
    for _ in range(data.draw(st.integers(1, 4))):
        lines: list[tuple[str, int]] = []
        for body in data.draw(st.lists(RUN, min_size=1, max_size=4)):
            number += 1
            lines += [(line, number) for line in _invocation(style, number, body, data)]
        streams.append(lines)
    turns = data.draw(st.permutations([place for place, lines in enumerate(streams) for _ in lines]))
    iterators = [iter(lines) for lines in streams]
    merged = [(turn, *next(iterators[turn])) for turn in turns]
    # Many lines of a stream bear the same time; their order alone tells.
    slow = data.draw(st.integers(1, 5))
    events = columns(
        [line for _, line, _ in merged],
        streams=[f"2025/11/05/[1]{turn:032x}" for turn, _, _ in merged],
        times=[START + place // slow for place in range(len(merged))],
    )
    runs = Runs()
    sizes = data.draw(st.lists(st.integers(1, 5), max_size=5))
    parts = list(cut(events, sizes))
    for part in data.draw(st.permutations(parts)):
        runs.add(part)
    table = runs.table(By.REQUEST, order=np.array(events.ids, np.int64))
    wanted = {uid(n): [i for i, (_, _, own) in enumerate(merged) if own == n] for n in range(1, number + 1)}
    assert {table.ids[key]: runs.rows(key).tolist() for key in range(len(table))} == wanted
    assert table.alone == 0


def _invocation(style: str, number: int, body: list[str], data: st.DataObject) -> list[str]:
    cold = data.draw(st.booleans())
    if style == "text":
        return [
            *(["INIT_START Runtime Version: x", "EXTENSION\tName: telemetry\tState: Ready"] if cold else []),
            f"START RequestId: {uid(number)} Version: 1",
            *body,
            f"END RequestId: {uid(number)}",
            report(number),
        ]
    return [
        *([platform("initStart", {"phase": "init"})] if cold else []),
        platform("start", {"requestId": uid(number), "version": "1"}),
        *body,
        platform("report", {"requestId": uid(number), "metrics": {"durationMs": 1.0}, "status": "success"}),
    ]


def platform(kind: str, record: dict[str, Any]) -> str:
    return json.dumps({"time": "2025-11-05T10:00:00Z", "type": f"platform.{kind}", "record": record})


def test_a_run_is_that_of_its_own_account_whoever_has_one_of_the_same_name_and_moment() -> None:
    runs = Runs()
    for number, (account, region) in enumerate((("1", "eu-west-1"), ("2", "eu-west-1"), ("1", "us-east-1"))):
        lines = columns(["it begins", "it goes on"], group="/g", streams=["app/web/0", "app/web/0"])
        ids = [2 * number, 2 * number + 1]
        runs.add(replace(lines, ids=ids, accounts=[account] * 2, regions=[region] * 2))
    every = all_of(runs.table(By.STREAM))
    assert [(run.account, run.region) for run in every] == [
        ("1", "eu-west-1"),
        ("2", "eu-west-1"),
        ("1", "us-east-1"),
    ]
    assert [runs.rows_of(run)[0].tolist() for run in every] == [[0, 1], [2, 3], [4, 5]]


def test_what_comes_later_is_of_a_run_only_where_the_run_is() -> None:
    runs = Runs()
    runs.add(columns([json.dumps({"job_id": "j-1"})] * 2, group="/g"))
    expression = run_expression(runs.table().at(0), np.array([0, 1], np.int64), 1)
    assert str(expression) == 'account = "1" and region = "eu-west-1" and group = "/g" and "j-1"'
