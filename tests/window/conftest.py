"""Windows and stores that end with their test, and events in short hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cwtui.window.store import Store
from cwtui.window.window import Window


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store("256MB", tmp_path)
    yield store
    store.close()


@pytest.fixture
async def window(store: Store) -> AsyncIterator[Window]:
    window = Window(store, first_part=100)
    yield window
    await window.aclose()
