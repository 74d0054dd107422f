"""`invocations` and what `streams` says of names, offline."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import cwtui, record, write_lines

STREAM = "2026/11/18/[12]0123456789abcdef0123456789abcdef"
GROUP = "/aws/lambda/checkout"
ID = "81a0ba05-6ce9-4a66-9dcf-884cde0279e1"
SECOND = "7b6bc3c6-2475-463c-b854-90146dedc86a"


def written(folder: Path) -> Path:
    lines = [
        f"START RequestId: {ID} Version: 12",
        "got an order",
        f"END RequestId: {ID}",
        f"REPORT RequestId: {ID}\tDuration: 203.76 ms\tBilled Duration: 518 ms\tMemory Size: 256 MB\t"
        "Max Memory Used: 96 MB\tInit Duration: 314.26 ms\tXRAY TraceId: 1-6921-ab\t",
        "between two runs",
        f"START RequestId: {SECOND} Version: 12",
        "ERROR no such order",
        f"2026-11-18T13:47:01.000Z {SECOND} Task timed out after 3.00 seconds",
        f"REPORT RequestId: {SECOND}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 256 MB\t"
        "Max Memory Used: 97 MB\tStatus: timeout",
    ]
    return write_lines(
        folder / "run.jsonl", [record(at, line, GROUP, STREAM) for at, line in enumerate(lines)]
    )


async def test_invocations_are_told_with_their_figures(tmp_path: Path) -> None:
    path = str(written(tmp_path))
    ended = await cwtui("invocations", GROUP, "--from", path, "--sort", "duration")
    slow, quick = ended.records
    assert (slow["id"], slow["status"], slow["errors"], slow["coldStart"]) == (SECOND, "timeout", 3, False)
    wanted = {
        "id": ID, "kind": "Lambda", "by": "request", "durationMs": 203.76, "billedMs": 518.0,
        "initMs": 314.26, "memoryMb": 256, "maxMemoryMb": 96, "events": 4, "errors": 0,
        "status": "ok", "coldStart": True,
        "traceId": "1-6921-ab", "logGroup": GROUP, "stream": STREAM,
    }  # fmt: skip
    assert {key: quick[key] for key in wanted} == wanted
    assert quick["end"] - quick["start"] == 3_000
    assert "2 of the events name no id" in ended.err
    assert "1 of 9 events belong to no run" in ended.err
    # Of a run that a filter lets an event of through, all is told.
    late = await cwtui("invocations", "--from", path, "--grep", "timed out", "-o", "text")
    assert late.out.count("\n") == 1
    assert f"3.00 s  timeout          97/256 MB       4    3 err  {SECOND}" in late.out
    assert (await cwtui("invocations", "--from", path, "--by", "nobody")).code == 2


async def test_streams_are_told_with_what_their_names_say(tmp_path: Path) -> None:
    ended = await cwtui("streams", GROUP, "2026/", "--from", str(written(tmp_path)))
    said = ended.records[0]
    assert (said["kind"], said["day"], said["version"]) == ("Lambda", "2026-11-18", "12")
    assert (said["run"], said["container"]) == ("", "checkout")
