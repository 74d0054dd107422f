from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from cwtui.core.errors import InputError, NotFound, StorageFull
from cwtui.core.models import EventBatch, Level
from cwtui.core.text import LIST_LIMIT
from cwtui.lang.condition import Condition
from cwtui.window.stop import Interrupted, Stop
from cwtui.window.store import Store
from tests.window.events import batches, event, lines

HOSTILE = [
    "nul \x00 inside",
    "\x00",
    "",
    "lone \ud800 surrogate",
    "\udfff\ud800",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202eright to left",
    "NaN",
    "emoji \U0001f9d1\u200d\U0001f680",
    "'; drop table events; --",
    "line\nline\r\n",
]


def test_row_ids_count_from_zero_in_the_order_given(store: Store) -> None:
    assert store.append(lines(["a", "b"])) == range(0, 2)
    assert store.append(lines([]), lines(["c"]), lines(["d"])) == range(2, 4)
    assert [row.message for row in store.rows(range(4))] == ["a", "b", "c", "d"]


def test_rows_come_in_the_order_asked_twice_where_asked_twice_and_without_those_not_there(
    store: Store,
) -> None:
    store.append(lines([f"m{at}" for at in range(1000)]))
    asked = [999, 0, 500, 0, 4711, -1]
    assert [row.id for row in store.rows(asked)] == [999, 0, 500, 0]
    assert [row.message for row in store.rows([5, 4, 6])] == ["m5", "m4", "m6"]
    assert store.rows([]) == []


@pytest.mark.parametrize(("step", "count"), [(1, 50), (10, 50), (40, 10), (40, 50)])
def test_rows_near_each_other_in_a_few_places_or_in_many_are_all_found(
    store: Store, step: int, count: int
) -> None:
    store.append(lines([f"m{at}" for at in range(2_000)]))
    ids = np.random.default_rng(step).permutation(np.arange(0, step * count, step))
    assert [row.message for row in store.rows(ids)] == [f"m{row}" for row in ids]


def test_a_hostile_message_comes_back_as_it_went_in(store: Store) -> None:
    store.append(lines(HOSTILE))
    (columns,) = store.columns(range(len(HOSTILE)))
    for at, message in enumerate(HOSTILE):
        raw = columns.raws[at]
        exact = columns.messages[at] if raw is None else raw.decode("utf-8", "surrogatepass")
        assert exact == message
        assert store.event(at).raw == raw
    assert columns.messages[3] == "lone \\ud800 surrogate"
    assert [raw is not None for raw in columns.raws].count(True) == 2


def test_names_and_ids_that_utf8_cannot_hold_do_not_stop_the_intake(store: Store) -> None:
    store.append(EventBatch.of([event(1, "m", stream="s\ud800", group="/g\x00", event_id="\udfff")]))
    (row,) = store.rows([0])
    assert (row.stream, row.group, row.event_id) == ("s\ud800", "/g\x00", "\\udfff")


def test_a_line_of_a_megabyte_is_cut_for_the_list_and_whole_in_the_event(store: Store) -> None:
    text = "é" * 2**20
    store.append(lines([text]))
    (row,) = store.rows([0])
    assert row.message == text[:LIST_LIMIT]
    assert row.length == 2**20
    assert store.event(0).message == text


def test_timestamps_at_the_ends_of_64_bits_are_kept(store: Store) -> None:
    ends = [2**63 - 1, -(2**63), 0, -1]
    store.append(EventBatch.of([event(ts, ingestion=ts) for ts in ends]))
    assert [(row.timestamp, row.ingestion_time) for row in store.rows(range(4))] == [(ts, ts) for ts in ends]


def test_the_level_of_a_line_is_known_as_it_comes_in(store: Store) -> None:
    store.append(lines(["[ERROR] boom", '{"level":"warn","m":1}', "hello"]))
    assert [row.level for row in store.rows(range(3))] == [Level.ERROR, Level.WARN, Level.UNKNOWN]
    assert store.stretch(range(1, 3)).levels.tolist() == [Level.WARN, Level.UNKNOWN]
    assert store.event(0).level is Level.ERROR


def test_columns_keep_the_order_asked_across_chunks_and_know_the_place_of_each_event(store: Store) -> None:
    events = [event(at, f"m{at}", stream=f"s{at % 3}", group=f"/g{at % 2}") for at in range(100)]
    store.append(*batches(events))
    ids = np.random.default_rng(1).permutation(100)
    chunks = list(store.columns(ids, size=7))
    assert [len(chunk) for chunk in chunks] == [7] * 14 + [2]
    assert [row for chunk in chunks for row in chunk.ids] == ids.tolist()
    for chunk in chunks:
        for row, group, stream, message in zip(
            chunk.ids, chunk.groups, chunk.streams, chunk.messages, strict=True
        ):
            assert (group, stream, message) == (f"/g{row % 2}", f"s{row % 3}", f"m{row}")


def test_a_condition_may_name_every_column_and_both_tables(store: Store) -> None:
    events = [event(at, f"m{at}", f"s{at % 3}", f"/g{at % 2}", at * 2, event_id=f"e{at}") for at in range(12)]
    store.append(*batches(events))
    condition = Condition(
        "(ts >= ? AND ingestion < ? AND event_id <> ? AND level = ? AND contains(message, ?)"
        " AND source_id IN (SELECT source_id FROM sources WHERE log_group = ? AND account = ? AND region = ?)"
        " AND stream_id IN (SELECT stream_id FROM streams WHERE name = ?))",
        (1, 20, "e3", 0, "m", "/g1", "1", "eu-west-1", "s0"),
    )
    assert store.matching(condition).tolist() == [9]
    assert store.matching(condition, 10).tolist() == []
    assert store.matching(condition, 0, 9).tolist() == []


@pytest.mark.parametrize("rows", [[], ["a line"]])
def test_a_pattern_that_cannot_be_read_is_an_input_error_on_no_rows_too(
    store: Store, rows: list[str]
) -> None:
    store.append(lines(rows))
    with pytest.raises(InputError, match="missing \\)"):
        store.matching(Condition("regexp_matches(message, ?)", ("(",)))


def test_a_stop_ends_its_own_search_and_no_other(store: Store) -> None:
    store.append(lines([f"{at} " + "abc" * 200 for at in range(20_000)]))
    slow = Condition("regexp_matches(message, '(a|b|c)*z') AND length(repeat(message, 200)) > ts")
    running, stop, other = threading.Event(), Stop(), Stop()
    ended: list[object] = []

    def search() -> None:
        running.set()
        try:
            ended.append(store.matching(slow, stop=stop))
        except Interrupted:
            ended.append(Interrupted)

    thread = threading.Thread(target=search)
    thread.start()
    running.wait()
    # A mark that falls before the query's first step is cleared by it: say it until it is heard.
    while thread.is_alive():
        stop.set()
        thread.join(0.01)
    assert ended == [Interrupted]
    with pytest.raises(Interrupted):
        store.matching(slow, stop=stop)
    assert len(store.matching(Condition("ts < ?", (5,)), stop=other)) == 5


def test_a_full_disk_stops_the_intake_and_loses_nothing(tmp_path: Path) -> None:
    store = Store("24MB", tmp_path, disk_limit="8MB")
    noise = np.random.default_rng(1)

    def batch(first: int) -> EventBatch:
        return lines([f"{first + at} INFO {noise.bytes(60).hex()}" for at in range(2_000)], first)

    def fill() -> None:
        while True:
            store.append(batch(len(store)))

    try:
        with pytest.raises(StorageFull, match="full"):
            fill()
        kept = len(store)
        assert kept > 0
        assert kept % 2_000 == 0
        with pytest.raises(StorageFull):
            store.append(lines(["one more"]))
        assert store.matching(Condition("starts_with(message, ts::VARCHAR || ' ')")).tolist() == list(
            range(kept)
        )
        assert sum(len(chunk) for chunk in store.columns(range(kept))) == kept
        assert [row.timestamp for row in store.rows([kept - 1, 0])] == [kept - 1, 0]
        store.clear()
        assert store.append(lines(["again"])) == range(1)
        assert [row.message for row in store.rows([0, 1])] == ["again"]
    finally:
        store.close()


def test_a_spill_folder_that_vanishes_stops_the_intake_and_is_named(tmp_path: Path) -> None:
    store = Store("24MB", tmp_path)
    noise = np.random.default_rng(1)

    def fill(until: int) -> None:
        while len(store) < until:
            store.append(lines([noise.bytes(200).hex() for _ in range(2_000)], len(store)))

    try:
        fill(80_000)
        (folder,) = tmp_path.iterdir()
        assert any(folder.iterdir())
        shutil.rmtree(folder)
        for _ in range(2):
            with pytest.raises(StorageFull, match="temporary folder cannot be used") as caught:
                fill(800_000)
            assert str(folder) in caught.value.message
            assert len(store) % 2_000 == 0
        store.clear()
        assert store.append(lines(["again"])) == range(1)
    finally:
        store.close()


def test_clearing_forgets_events_but_not_names(store: Store) -> None:
    store.append(*batches([event(1, "a", stream="s1", group="/g1"), event(2, "b", stream="s2", group="/g2")]))
    store.clear()
    assert (len(store), store.rows([0, 1])) == (0, [])
    store.append(*batches([event(3, "c", stream="s2", group="/g2")]))
    assert [(row.group, row.stream, row.message) for row in store.rows([0])] == [("/g2", "s2", "c")]


def test_an_event_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.event(0)


def test_the_spill_folder_is_private_and_goes_with_the_store(tmp_path: Path) -> None:
    store = Store("256MB", tmp_path / "new")
    (folder,) = (tmp_path / "new").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    store.close()
    store.close()
    assert not folder.exists()
    with pytest.raises(Interrupted):
        store.rows([0])


def test_a_spill_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="file"):
        Store("256MB", tmp_path / "file" / "deeper")


def test_a_memory_limit_that_is_no_size_is_an_input_error_and_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="plenty"):
        Store("plenty", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_query_can_reach_no_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(Exception, match=r"(?i)permission|disabled"):
        store.matching(Condition(f"EXISTS (SELECT * FROM read_csv('{tmp_path}/secret.csv'))"))


def test_a_query_leaves_a_core_to_the_screen() -> None:
    import duckdb

    store = Store()
    try:
        told, free = (
            database.execute("select current_setting('threads')").fetchone()
            for database in (store._database, duckdb.connect(":memory:"))
        )
    finally:
        store.close()
    assert told is not None
    assert free is not None
    assert told[0] == max(1, free[0] - 1)


def test_closing_waits_for_what_reads_and_begins_no_more(tmp_path: Path) -> None:
    for _ in range(20):
        store = Store("256MB", tmp_path)
        failures: list[str] = []

        def read(store: Store = store, failures: list[str] = failures) -> None:
            try:
                while True:
                    store.matching(Condition("contains(message, ?)", ("x",)))
            except Interrupted:
                return
            except Exception as error:
                failures.append(repr(error))

        reading = [threading.Thread(target=read) for _ in range(4)]
        for thread in reading:
            thread.start()
        store.close()
        for thread in reading:
            thread.join()
        assert not failures
