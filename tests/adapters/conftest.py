"""Fixtures of the adapters' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws
from tests.fakes.aws_fixture import clock, fake_aws

__all__ = ["clock", "cloudwatch", "fake_aws"]


@pytest.fixture
async def cloudwatch(fake_aws: FakeAws) -> AsyncIterator[CloudWatchReader]:
    """The real reader on the fake AWS, without the SDK's own retries."""
    settings = Settings(endpoint_url=fake_aws.url, region=fake_aws.region)
    reader = CloudWatchReader(settings, keys=FAKE_KEYS, clock=fake_aws.clock, attempts=1)
    yield reader
    await reader.aclose()
