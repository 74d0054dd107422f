"""moto's server in a process of its own, for S3: ready when it says so, gone with the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()  # Ends with the tests, however they end.
"""


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """Its URL."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        assert port, "moto's server did not start"
        yield f"http://127.0.0.1:{port}"
        server.kill()
