"""The `vnd.amazon.eventstream` encoding: length-prefixed frames of headers and payload with two CRCs.

Source: https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html (Event stream encoding).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

_STRING = 7


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message: prelude (total and header length), its CRC, headers, payload, the whole's CRC."""
    head = b""
    for name, value in headers.items():
        head += struct.pack("!B", len(name)) + name.encode()
        head += struct.pack("!BH", _STRING, len(value)) + value.encode()
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + payload
    return message + struct.pack("!I", zlib.crc32(message))


def event(kind: str, payload: Mapping[str, Any]) -> bytes:
    """An event frame such as `sessionUpdate`."""
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return frame(headers, json.dumps(payload).encode())


def exception(kind: str, message: str) -> bytes:
    """A modelled exception frame such as `SessionTimeoutException`."""
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return frame(headers, json.dumps({"message": message}).encode())


def error(code: str, message: str) -> bytes:
    """An unmodelled error frame: code and message stand in the headers."""
    return frame({":message-type": "error", ":error-code": code, ":error-message": message}, b"")


def spoilt(message: bytes) -> bytes:
    """The same frame with a bit of its payload flipped, so that the last CRC no longer holds."""
    at = len(message) - 6
    return message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
