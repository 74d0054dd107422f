"""One table: what a feature calls, what IAM calls it, and on which resource.

The write guard, the error hints and (later) doctor and iam-policy read it. An AWS operation that
stands in no row, and that the SDK does not need itself, cannot be issued. Sources: the Service
Authorization Reference; ARN forms as in `logs`' docs (both the bare group ARN and the one with `:*`
are matched by different actions).
"""

from __future__ import annotations

from dataclasses import dataclass

ANY = "*"
GROUP = "arn:{partition}:logs:{region}:{account}:log-group:{group}:*"
STREAM = "arn:{partition}:logs:{region}:{account}:log-group:{group}:log-stream:*"
OBJECT = "arn:{partition}:s3:::{bucket}/{prefix}*"


@dataclass(frozen=True, slots=True)
class Permission:
    """One AWS operation that cwtui may issue."""

    feature: str
    """What the user loses without it, in their words."""
    service: str
    """botocore's service name."""
    operation: str
    """The API's operation name, as botocore writes it (`FilterLogEvents`)."""
    action: str
    """The IAM action."""
    resource: str
    """The resource of the smallest statement, as a template."""
    writes: bool = False
    """Changes something outside the user's own disk: refused unless writing is allowed."""


TABLE: tuple[Permission, ...] = (
    Permission("list log groups", "logs", "DescribeLogGroups", "logs:DescribeLogGroups", ANY),
    Permission("list log streams", "logs", "DescribeLogStreams", "logs:DescribeLogStreams", GROUP),
    Permission("read log events", "logs", "FilterLogEvents", "logs:FilterLogEvents", GROUP),
    Permission("read one log stream", "logs", "GetLogEvents", "logs:GetLogEvents", STREAM),
    Permission("live tail", "logs", "StartLiveTail", "logs:StartLiveTail", GROUP),
    Permission("see who you are", "sts", "GetCallerIdentity", "sts:GetCallerIdentity", ANY),
    Permission("assume a role", "sts", "AssumeRole", "sts:AssumeRole", "{role}"),
    Permission("export to S3", "s3", "PutObject", "s3:PutObject", OBJECT, writes=True),
    Permission("export to S3", "s3", "CreateMultipartUpload", "s3:PutObject", OBJECT, writes=True),
    Permission("export to S3", "s3", "UploadPart", "s3:PutObject", OBJECT, writes=True),
    Permission("export to S3", "s3", "CompleteMultipartUpload", "s3:PutObject", OBJECT, writes=True),
    Permission("export to S3", "s3", "AbortMultipartUpload", "s3:AbortMultipartUpload", OBJECT, writes=True),
)

SDK_OPERATIONS = frozenset(
    {
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
        ("s3", "HeadBucket"),
    }
)
"""What the AWS SDK issues by itself: to sign in, and to learn a bucket's region. Need no permission."""

_BY_OPERATION = {(row.service, row.operation): row for row in TABLE}


def permission(service: str, operation: str) -> Permission | None:
    """The row of an operation, or None where cwtui never issues it."""
    return _BY_OPERATION.get((service, operation))


def smallest_statement(row: Permission, **names: str) -> str:
    """The IAM statement, as JSON text, that allows a row; unknown names stay as `<name>`."""
    fields = {"partition": "aws", "region": ANY, "account": ANY, "prefix": ""}
    fields.update({name: value for name, value in names.items() if value})
    for name in ("group", "bucket", "role"):
        fields.setdefault(name, f"<{name}>")
    return f'{{"Effect": "Allow", "Action": "{row.action}", "Resource": "{row.resource.format(**fields)}"}}'
