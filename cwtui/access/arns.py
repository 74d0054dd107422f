"""Regions, partitions and ARNs as a person types them for a policy, checked without AWS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cwtui.access.regions import known_regions, nearest_region
from cwtui.core.errors import InputError

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+){1,2}-\d{1,2}")
_ACCOUNT = re.compile(r"\d{12}")
_GROUP = re.compile(r"[\w./#*?-]{1,512}", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[\w!'()./=,@+&-]*", re.ASCII)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+")
_ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9*-]*):([a-z0-9*]*):(.+)")


@dataclass(frozen=True, slots=True)
class Arn:
    """The fields of an ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


@dataclass(frozen=True, slots=True)
class Groups:
    """Log groups that a pattern names (`*` and `?` are wildcards), and where they are."""

    pattern: str
    partition: str = "aws"
    region: str = "*"
    account: str = "*"

    def names(self) -> dict[str, str]:
        """For the templates of `core.permissions`."""
        return {
            "group": self.pattern,
            "partition": self.partition,
            "region": self.region,
            "account": self.account,
        }


def is_role(text: str) -> bool:
    """Whether a text is the ARN of a role."""
    return _ROLE.fullmatch(text) is not None


def partition_of(region: str) -> str:
    """The partition of a region, one of `PARTITIONS`; of all regions (`*`), `aws`. Raises InputError."""
    if region in ("", "*"):
        return PARTITIONS[0]
    known = known_regions()
    if not _REGION.fullmatch(region) or (known and region not in known):
        near = nearest_region(region)
        raise InputError(
            f"There is no region '{region}'.",
            f"Did you mean {near}?" if near else "A region is written like eu-central-1.",
            code="region",
        )
    found = known.get(region) or _partition_by_name(region)
    if found not in PARTITIONS:
        raise InputError(
            f"Region '{region}' is in partition {found}, for which cwtui writes no policies.",
            f"The partitions are {', '.join(PARTITIONS)}.",
            code="region",
        )
    return found


def _partition_by_name(region: str) -> str:
    """The partition that the name of a region begins like."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def read_arn(text: str, service: str, kind: str, *, example: str) -> Arn:
    """An ARN of a service whose resource begins with `kind`. Raises InputError."""
    found = _ARN.fullmatch(text)
    if found is None or found[2] != service or not found[5].startswith(kind) or not text.isprintable():
        raise InputError(f"'{text}' is not the ARN that is needed.", f"Write it like {example}.", code="arn")
    return Arn(*found.groups())


def read_groups(text: str, *, partition: str, region: str, account: str) -> Groups:
    """A group's name, pattern or ARN; the name alone is in the region and account given.

    Raises InputError, also where an ARN is of another partition.
    """
    name = text
    if text.startswith("arn:"):
        arn = read_arn(
            text,
            "logs",
            "log-group:",
            example=f"arn:{partition}:logs:eu-central-1:123456789012:log-group:/a/b",
        )
        same_partition(arn, partition)
        name = arn.resource.removeprefix("log-group:").removesuffix(":*")
        region, account = arn.region or "*", arn.account or "*"
    if not _GROUP.fullmatch(name):
        raise InputError(
            f"'{text}' is no log group, nor a pattern of log groups.",
            "Names have letters, digits and . - _ / #; * and ? stand for any of them.",
            code="group",
        )
    return Groups(name, partition, region, account)


def same_partition(arn: Arn, partition: str) -> None:
    """Raises InputError where an ARN is of another partition: no policy reaches over that border."""
    if arn.partition != partition:
        raise InputError(
            f"'{arn}' is of partition {arn.partition}, and the policy of {partition}.",
            "One policy is for one partition: give --region or --partition to match, or another ARN.",
            code="partition",
        )


def read_account(text: str) -> str:
    """Twelve digits, or `*` for none given. Raises InputError."""
    if text in ("", "*"):
        return "*"
    if not _ACCOUNT.fullmatch(text):
        raise InputError(f"'{text}' is no account.", "An account is twelve digits.", code="account")
    return text


def read_bucket(text: str) -> str:
    """A bucket's name. Raises InputError."""
    name = text.removeprefix("s3://").rstrip("/")
    if not _BUCKET.fullmatch(name):
        raise InputError(
            f"'{text}' is no name of a bucket.",
            "It is 3 to 63 small letters, digits, dots and hyphens; what follows it goes to --prefix.",
            code="bucket",
        )
    return name


def read_prefix(text: str) -> str:
    """A key prefix as a policy needs it: ending in a slash, or empty. Raises InputError."""
    prefix = text.strip("/")
    if not _PREFIX.fullmatch(prefix):
        raise InputError(
            f"'{text}' is no prefix that a policy can name as it is.",
            "Use letters, digits and ! ' ( ) . / = , @ + & - _, no wildcards.",
            code="prefix",
        )
    return f"{prefix}/" if prefix else ""
