from __future__ import annotations

from pathlib import Path

from cwtui.deliver.begun import APART_BYTES, begin_if_big


def test_only_a_big_file_is_begun_early(tmp_path: Path) -> None:
    small, big = tmp_path / "small.log", tmp_path / "big.log"
    small.write_bytes(b"x" * (APART_BYTES - 1))
    big.write_bytes(b"x" * APART_BYTES)
    assert [begin_if_big(path) for path in (small, tmp_path, tmp_path / "none", Path("-"))] == [None] * 4
    begun = begin_if_big(big)
    assert begun is not None
    with begun:
        begun.kill()
