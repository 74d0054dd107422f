"""The pytest fixtures of the fake AWS; a conftest.py imports the ones it wants."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.aws import FakeAws, VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    """The clock of `fake_aws`."""
    return VirtualClock()


@pytest.fixture
async def fake_aws(clock: VirtualClock) -> AsyncIterator[FakeAws]:
    """A fake AWS of its own for the test, on a virtual clock, without live tail's waiting."""
    async with FakeAws(clock=clock, live_interval=0.01) as fake:
        yield fake
