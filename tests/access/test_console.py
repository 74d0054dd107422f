from __future__ import annotations

from cwtui.access.console import console_url


def test_a_group_and_a_stream_have_their_place_in_the_console() -> None:
    assert console_url("eu-west-1", "/aws/lambda/pay") == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fpay"
    )
    assert console_url("eu-west-1", "/g", "2026/[$LATEST]a", 1, 2).endswith(
        "/log-group/$252Fg/log-events/2026$252F$255B$2524LATEST$255Da$3Fstart$3D1$26end$3D2"
    )


def test_other_partitions_have_their_own_console() -> None:
    assert console_url("cn-north-1", "/g").startswith("https://console.amazonaws.cn/")
    assert console_url("us-gov-west-1", "/g").startswith("https://console.amazonaws-us-gov.com/")


def test_no_name_escapes_its_place_in_the_address() -> None:
    url = console_url("eu-west-1", 'a"b#c?d e/\x1b')
    assert url.isascii()
    assert url.isprintable()
    assert url.count("#") == 1
