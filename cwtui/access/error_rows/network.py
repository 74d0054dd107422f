"""Failures on the way to AWS and back."""

from __future__ import annotations

from cwtui.access.error_rows.row import Row
from cwtui.core.errors import Act, NetworkError

_ENDPOINTS = "https://docs.aws.amazon.com/general/latest/gr/cwl_region.html"
_VPC = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-and-interface-VPC.html"
_PROXY_DOCS = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html"

_TRY = "curl -sS -m 10 -o /dev/null -w '%{{http_code}}\\n' {url}"
_TIMEOUT = Row(
    NetworkError,
    "timeout",
    "No answer came in time from {endpoint}.",
    "Check the network, the VPN, the proxy or the VPC endpoint.",
    fix=_TRY,
    docs=_VPC,
)
_UNREACHABLE = Row(
    NetworkError,
    "unreachable",
    "{endpoint} cannot be reached.",
    "Check the network, the VPN or the proxy, the region ({region}) and --endpoint-url.",
    why="Its name leads nowhere, or nothing takes the connection: no network, a region that does not exist "
    "and a closed port look alike.",
    fix=_TRY,
    docs=_ENDPOINTS,
)
_CUT = Row(
    NetworkError,
    "cut",
    "The connection was cut during {operation}{on_resource}.",
    "Try again; nothing shown so far is lost.",
    docs=_VPC,
)
_PROXY = Row(
    NetworkError,
    "proxy",
    "The proxy cannot be reached.",
    "Check HTTPS_PROXY and NO_PROXY.",
    fix="env | grep -i _proxy",
    docs=_PROXY_DOCS,
)
OTHER_NETWORK = Row(
    NetworkError, "failed", "The call {operation} failed on the way: {message}.", "Try again."
)

NETWORK: dict[str, Row] = {
    "EndpointConnectionError": _UNREACHABLE,
    "ClientConnectorError": _UNREACHABLE,
    "ConnectTimeoutError": _TIMEOUT,
    "ReadTimeoutError": _TIMEOUT,
    "SocketTimeoutError": _TIMEOUT,
    "ServerTimeoutError": _TIMEOUT,
    "TimeoutError": _TIMEOUT,
    "ConnectionClosedError": _CUT,
    "ClientPayloadError": _CUT,
    "ServerDisconnectedError": _CUT,
    "ClientOSError": _CUT,
    "HTTPClientError": _CUT,
    "StreamEnded": _CUT,
    "InvalidCaBundle": Row(
        NetworkError,
        "ca-bundle",
        "The file that AWS_CA_BUNDLE names does not exist.",
        "Correct AWS_CA_BUNDLE, or unset it.",
        fix='ls -l "$AWS_CA_BUNDLE"',
        docs="https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html",
    ),
    "SSLError": Row(
        NetworkError,
        "tls",
        "The certificate of {endpoint} cannot be trusted.",
        "A proxy may present its own: set AWS_CA_BUNDLE to it. cwtui never switches the check off.",
        fix="export AWS_CA_BUNDLE=/path/to/your-company-ca.pem",
        act=Act.STOP,
        docs="https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html",
    ),
    "ProxyConnectionError": _PROXY,
    "InvalidProxiesConfigError": Row(
        NetworkError,
        "proxy",
        "The proxy settings cannot be used.",
        "Check HTTPS_PROXY and NO_PROXY.",
        fix="env | grep -i _proxy",
        act=Act.STOP,
        docs=_PROXY_DOCS,
    ),
}
