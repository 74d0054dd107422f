"""How many calls a second CloudWatch Logs allows an account in a region, by operation.

From "CloudWatch Logs quotas", https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
(late 2025). What is read from the service's logs cannot be raised there; all callers of the account share it.
"""

from __future__ import annotations

UNKNOWN_PER_S = 5.0
"""For an operation that the table does not name: the lowest that it holds."""

_ANYWHERE = {
    "FilterLogEvents": 10.0,
    "GetLogEvents": 25.0,
    "DescribeLogGroups": 10.0,
    "DescribeLogStreams": 25.0,
    "StartLiveTail": 5.0,
    "StartQuery": 10.0,
    "GetQueryResults": 10.0,
    "DescribeExportTasks": 5.0,
    "TestMetricFilter": 5.0,
}
_FILTER_LOG_EVENTS = {"us-east-1": 25.0} | dict.fromkeys(
    ("eu-central-1", "ap-northeast-3", "ap-southeast-3", "ca-west-1", "il-central-1"), 5.0
)
_GET_LOG_EVENTS = {"eu-west-3": 30.0} | dict.fromkeys(
    (
        "us-west-2",
        "eu-west-1",
        "eu-central-1",
        "ap-northeast-3",
        "ap-southeast-3",
        "ca-west-1",
        "il-central-1",
    ),
    10.0,
)


def quotas_of(region: str) -> dict[str, float]:
    """Calls a second by operation; a region that the table does not name has what most have."""
    return _ANYWHERE | {
        "FilterLogEvents": _FILTER_LOG_EVENTS.get(region, _ANYWHERE["FilterLogEvents"]),
        "GetLogEvents": _GET_LOG_EVENTS.get(region, _ANYWHERE["GetLogEvents"]),
    }
