"""Links into the AWS console: the same place, in a browser."""

from __future__ import annotations

from urllib.parse import quote

_HOSTS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


def console_url(
    region: str, group: str, stream: str = "", start: int | None = None, end: int | None = None
) -> str:
    """The address of a log group, or of a stream from `start` to `end` (ms UTC).

    The console escapes names twice and writes `$` for the percent signs (seen, not documented).
    """
    host = next(
        (host for prefix, host in _HOSTS.items() if region.startswith(prefix)), "console.aws.amazon.com"
    )
    where = f"logsV2:log-groups/log-group/{_escaped(group)}"
    if stream:
        where += f"/log-events/{_escaped(stream)}"
        asked = [f"{name}={at}" for name, at in (("start", start), ("end", end)) if at is not None]
        if asked:
            where += quote("?" + "&".join(asked), safe="").replace("%", "$")
    prefix = "" if host.startswith("console.amazonaws") else f"{region}."
    return f"https://{prefix}{host}/cloudwatch/home?region={quote(region)}#{where}"


def _escaped(name: str) -> str:
    return quote(quote(name, safe=""), safe="").replace("%", "$")
