"""The catalogue of AWS failures, by family: error code or exception class name to what to say. Data only.

Source of the codes and their wording: the service models, botocore's, aiohttp's and the standard
library's exceptions, https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
and https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

from cwtui.access.error_rows.credentials import CLOCK, CREDENTIALS, SIGNATURE
from cwtui.access.error_rows.network import NETWORK, OTHER_NETWORK
from cwtui.access.error_rows.permission import DENIED, KEY, PERMISSION
from cwtui.access.error_rows.request import LOG_CLASS, PATTERN, REQUEST, STREAM_GONE, TOKEN
from cwtui.access.error_rows.row import Row
from cwtui.access.error_rows.s3 import S3, S3_DENIED
from cwtui.access.error_rows.service import OTHER, SERVICE, THROTTLED, UNAVAILABLE

TABLE: dict[str, Row] = {**CREDENTIALS, **PERMISSION, **REQUEST, **SERVICE, **NETWORK}
"""Of every service; what S3 means by a name stands in `S3`."""

__all__ = [
    "CLOCK",
    "DENIED",
    "KEY",
    "LOG_CLASS",
    "OTHER",
    "OTHER_NETWORK",
    "PATTERN",
    "S3",
    "S3_DENIED",
    "SIGNATURE",
    "STREAM_GONE",
    "TABLE",
    "THROTTLED",
    "TOKEN",
    "UNAVAILABLE",
    "Row",
]
