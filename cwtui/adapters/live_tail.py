"""StartLiveTail as updates of a second each, over one session.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.adapters.event_columns import columns
from cwtui.adapters.log_shapes import arn_of, batch_of, given, identified
from cwtui.core.models import LiveRequest, LiveUpdate, LogGroup

if TYPE_CHECKING:
    from cwtui.adapters.aws_session import AwsSession


async def live_tail(
    session: AwsSession, account: str, request: LiveRequest
) -> AsyncGenerator[LiveUpdate, None]:
    """The updates. Ends only by being closed, or with the error that ended it.

    `account` is the caller's own, for groups without an ARN; empty where AWS would not say.
    """
    about = ", ".join(group.name for group in request.groups)
    here = f"arn:{session.partition}:logs:{session.region}:{account}"
    params: dict[str, Any] = {"logGroupIdentifiers": [arn_of(group, here) for group in request.groups]}
    params |= given(
        logEventFilterPattern=request.pattern,
        logStreamNamePrefixes=[request.stream_prefix] if request.stream_prefix else [],
        logStreamNames=list(request.streams),
    )
    with session.translated("logs", "StartLiveTail", about):
        # It outlives the credentials it began with: renewing them must not cut it.
        async with session.in_use():
            client = await session.live_client()
            stream = (await client.start_live_tail(**params))["responseStream"]
            try:
                async for item in stream:
                    if "sessionUpdate" in item:
                        told = item["sessionUpdate"]
                        if "sessionResults" not in told:
                            failure = Failure("NotCloudWatch", operation="StartLiveTail", resource=about)
                            raise explain_error(failure)
                        yield _update(told, request.groups, account, session.region)
            finally:
                stream.close()
        # The service never ends a session in silence: it was cut, perhaps in mid-frame.
        raise explain_error(Failure("StreamEnded", operation="StartLiveTail", resource=about))


def _update(update: Mapping[str, Any], groups: Sequence[LogGroup], account: str, region: str) -> LiveUpdate:
    of_group: dict[LogGroup, list[Any]] = {}
    for event in update["sessionResults"]:
        group = identified(str(event.get("logGroupIdentifier", "")), groups)
        of_group.setdefault(group, []).append(event)
    return LiveUpdate(
        [
            # Under the account that a page of the same group has: both bring the same events.
            batch_of(columns(events), account, region, group.arn or group.name)
            for group, events in of_group.items()
        ],
        bool(update.get("sessionMetadata", {}).get("sampled")),
    )
