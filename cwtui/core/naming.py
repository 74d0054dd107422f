"""How a log group is named to a reader: by its identifier.

That is its plain name where the group lies in the reader's own account and region, else its ARN
without the `:*` that DescribeLogGroups puts behind it (a group of a source account is found by its
ARN only, and so is a group in a view of several accounts or regions).
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

from typing import NamedTuple

_MARK = ":log-group:"
_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
)


class Place(NamedTuple):
    """An account and a region; empty where that is not known."""

    account: str = ""
    region: str = ""


class Named(NamedTuple):
    """What an identifier tells; account and region are empty where it is a plain name."""

    account: str
    region: str
    name: str

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)


def is_arn(identifier: str) -> bool:
    """Whether the identifier is the ARN of a log group."""
    return identifier.startswith("arn:") and _MARK in identifier


def named(identifier: str) -> Named:
    """Account, region and plain name of an identifier."""
    if not is_arn(identifier):
        return Named("", "", identifier)
    before, _, name = identifier.partition(_MARK)
    parts = before.split(":")
    account, region = (parts[4], parts[3]) if len(parts) > 4 else ("", "")
    return Named(account, region, name.removesuffix(":*"))


def name_of(identifier: str) -> str:
    """The plain name under which the events of a group travel."""
    return named(identifier).name


def arn_of_group(account: str, region: str, name: str) -> str:
    """The ARN of a log group, without `:*`."""
    partition = next((known for prefix, known in _PARTITIONS if region.startswith(prefix)), "aws")
    return f"arn:{partition}:logs:{region}:{account}{_MARK}{name}"


def told(identifier: str) -> str:
    """The identifier as a sentence names it: `/shop/api in 123456789012 eu-west-1`."""
    account, region, name = named(identifier)
    return f"{name} in {account} {region}" if account or region else name


def short_region(region: str) -> str:
    """`euw1` of `eu-west-1`, `apse2` of `ap-southeast-2`: what fits into a narrow column."""
    first, *middle, number = region.split("-") if region.count("-") >= 2 else (region, "")
    return first + "".join(_SHORT.get(part, part) for part in middle) + number


_SHORT = {
    "north": "n", "south": "s", "east": "e", "west": "w", "central": "c", "gov": "g", "iso": "i",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
}  # fmt: skip
