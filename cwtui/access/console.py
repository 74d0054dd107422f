"""Links into the AWS console: the same place, in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

_HOSTS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


def console_url(
    region: str, group: str, stream: str = "", start: int | None = None, end: int | None = None
) -> str:
    """The address of a log group, or of a stream from `start` to `end` (ms UTC).

    The console escapes names twice and writes `$` for the percent signs (seen, not documented).
    """
    where = f"logsV2:log-groups/log-group/{_escaped(group)}"
    if stream:
        where += f"/log-events/{_escaped(stream)}"
        asked = [f"{name}={at}" for name, at in (("start", start), ("end", end)) if at is not None]
        if asked:
            where += quote("?" + "&".join(asked), safe="").replace("%", "$")
    return _page(region, where)


def insights_url(region: str, groups: Sequence[str]) -> str:
    """The address of Logs Insights over groups, the last hour, newest first.

    The query travels as an object in the console's own writing (seen, not documented): `~(name~value)`,
    strings begin with `'`, their odd characters are `*` and two hexadecimal digits.
    """
    source = "".join(f"~'{_starred(group)}" for group in groups)
    query = _starred("fields @timestamp, @message\n| sort @timestamp desc\n| limit 1000")
    detail = (
        "~(end~0~start~-3600~timeType~'RELATIVE~tz~'UTC~unit~'seconds"
        f"~editorString~'{query}~source~({source}))"
    )
    # quote() leaves `~` alone, the console does not.
    escaped = quote(detail, safe="*").replace("~", "%7E")
    asked = quote("?queryDetail=", safe="") + quote(escaped, safe="*")
    return _page(region, "logsV2:logs-insights" + asked.replace("%", "$"))


def _page(region: str, where: str) -> str:
    host = next(
        (host for prefix, host in _HOSTS.items() if region.startswith(prefix)), "console.aws.amazon.com"
    )
    prefix = "" if host.startswith("console.amazonaws") else f"{region}."
    return f"https://{prefix}{host}/cloudwatch/home?region={quote(region)}#{where}"


def _starred(text: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-._") else _star(c) for c in text)


def _star(character: str) -> str:
    return "".join(f"*{byte:02x}" for byte in character.encode("utf-8", "replace"))


def _escaped(name: str) -> str:
    return quote(quote(name, safe=""), safe="").replace("%", "$")
