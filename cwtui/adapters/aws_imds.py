"""The metadata service of an EC2 instance: asked only where there is one, so that nobody waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

_PATIENCE_S = 0.5
"""It is one hop away and answers within a millisecond; elsewhere its address swallows what is sent to it."""


def knock_at(provider: Any) -> None:
    """Lets botocore's `iam-role` provider ask only once a connection stands.

    The SDK waits a second for a token, another for the role, and more with retries. Who has set a timeout
    or attempts of their own (AWS_METADATA_SERVICE_TIMEOUT) waits as long as that.
    """
    fetcher, plain = provider._role_fetcher, provider.load
    chosen = (fetcher._timeout, fetcher._num_attempts)
    patience = _PATIENCE_S if chosen == (1, 1) else float(fetcher._timeout) * int(fetcher._num_attempts)

    async def load() -> Any:
        if fetcher._disabled or not await _there(fetcher._base_url, patience):
            return None
        return await plain()

    provider.load = load


async def _there(url: str, patience: float) -> bool:
    address = urlsplit(url)
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(address.hostname, address.port or 80)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
