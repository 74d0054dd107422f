"""One table: what a feature calls, what IAM calls it, on which resource, and what is lost without it.

The write guard, the error hints, `doctor` and `iam-policy` read it. An AWS operation that stands in no
row, and that the SDK does not need itself, cannot be issued. Source: the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html).
What acts on a log group is matched by its bare ARN or by the one with `:*`, depending on the action and on
who checks it: statements hold both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Area = Literal["browse", "read", "live", "facts", "identity", "assume", "export", "doctor", "roles", "sink"]
"""What is allowed or left out together."""

AREAS: Mapping[Area, str] = {
    "browse": "find log groups and streams",
    "read": "read events, poll, jump to an event",
    "live": "live tail",
    "facts": "metric filters and masking of a group",
    "identity": "account alias and principal in the header",
    "assume": "take on a role",
    "export": "write exports to a bucket",
    "doctor": "check the export bucket",
    "roles": "check what a role may do",
    "sink": "put a canary and read it back",
}

ANY = "*"
GROUP = "arn:{partition}:logs:{region}:{account}:log-group:{group}"
GROUP_AND_BELOW = GROUP + ":*"
STREAM = GROUP + ":log-stream:*"
BUCKET = "arn:{partition}:s3:::{bucket}"
OBJECT = BUCKET + "/{prefix}*"
ROLE = "arn:{partition}:iam::{account}:role/{role_name}"
POLICY = "arn:{partition}:iam::{account}:policy/*"
AWS_POLICY = "arn:{partition}:iam::aws:policy/*"

_GROUP = (GROUP_AND_BELOW, GROUP)
_POLICIES = (POLICY, AWS_POLICY)
_VIA_S3 = ("StringLike", "kms:ViaService", ("s3.{region}.amazonaws.com", "s3.{region}.amazonaws.com.cn"))


@dataclass(frozen=True, slots=True)
class Permission:
    """One AWS operation that cwtui may issue, or one that AWS makes in our name for another."""

    area: Area
    feature: str
    """What the user loses without it, in their words, as a verb: `list log groups`."""
    service: str
    """botocore's service name."""
    operation: str
    """The API's operation name, as botocore writes it (`FilterLogEvents`); empty where cwtui issues none
    but AWS asks for the action."""
    action: str
    """The IAM action."""
    resources: tuple[str, ...]
    """The resources of the smallest statement, as templates."""
    without: str
    """What breaks without it, one sentence."""
    writes: bool = False
    """Changes something outside the user's own disk: refused unless writing is allowed."""
    free: bool = False
    """AWS allows it to everybody, whatever a policy says: it belongs in no statement."""
    condition: tuple[str, str, tuple[str, ...]] | None = None
    """Operator, key and values (templates) of the statement's condition."""

    @property
    def resource(self) -> str:
        """The first of the resources."""
        return self.resources[0]


def _reads(
    area: Area, feature: str, service: str, operation: str, action: str, on: tuple[str, ...], without: str
) -> Permission:
    return Permission(area, feature, service, operation, action, on, without)


def _export(operation: str, action: str, without: str) -> Permission:
    return Permission("export", "export to S3", "s3", operation, action, (OBJECT,), without, writes=True)


_WHOLE_OBJECT = "Exports of more than 8 MB cannot be written."

TABLE: tuple[Permission, ...] = (
    _reads("browse", "list log groups", "logs", "DescribeLogGroups", "logs:DescribeLogGroups", (ANY,),
           "The list of groups stays empty: a group has to be typed by its name."),
    _reads("browse", "list log groups quickly", "logs", "ListLogGroups", "logs:ListLogGroups", (ANY,),
           "Groups are listed by DescribeLogGroups, 50 at a time."),
    _reads("browse", "list log streams", "logs", "DescribeLogStreams", "logs:DescribeLogStreams", _GROUP,
           "The streams of a group cannot be listed, nor its invocations."),
    _reads("read", "read log events", "logs", "FilterLogEvents", "logs:FilterLogEvents", _GROUP,
           "No window of a group can be loaded, filtered or followed by polling."),
    _reads("read", "read one log stream", "logs", "GetLogEvents", "logs:GetLogEvents", (STREAM,),
           "One stream cannot be read on its own, nor what surrounds an event."),
    _reads("live", "live tail", "logs", "StartLiveTail", "logs:StartLiveTail", _GROUP,
           "A tail falls back to polling."),
    _reads("facts", "see metric filters", "logs", "DescribeMetricFilters", "logs:DescribeMetricFilters",
           _GROUP, "The facts of a group do not say which metric filters it feeds."),
    _reads("facts", "see masking", "logs", "GetDataProtectionPolicy", "logs:GetDataProtectionPolicy", _GROUP,
           "The facts of a group do not say what it masks."),
    Permission("identity", "see who you are", "sts", "GetCallerIdentity", "sts:GetCallerIdentity", (ANY,),
               "Nothing: where it fails, the credentials are not valid.", free=True),
    _reads("identity", "see the account's alias", "iam", "ListAccountAliases", "iam:ListAccountAliases",
           (ANY,), "The account is shown by its number alone."),
    _reads("assume", "assume a role", "sts", "AssumeRole", "sts:AssumeRole", ("{role}",),
           "A context with a role cannot be opened."),
    _export("PutObject", "s3:PutObject", "Nothing can be exported to the bucket."),
    _export("CreateMultipartUpload", "s3:PutObject", _WHOLE_OBJECT),
    _export("UploadPart", "s3:PutObject", _WHOLE_OBJECT),
    _export("CompleteMultipartUpload", "s3:PutObject", _WHOLE_OBJECT),
    _export("AbortMultipartUpload", "s3:AbortMultipartUpload",
            "The parts of an upload that failed stay in the bucket, and are billed."),
    Permission("export", "export to S3", "kms", "", "kms:GenerateDataKey", ("{key}",),
               "A bucket encrypted with this key refuses every object.", writes=True, condition=_VIA_S3),
    Permission("export", "export to S3", "kms", "", "kms:Decrypt", ("{key}",),
               "A bucket encrypted with this key refuses exports of more than 8 MB.",
               writes=True, condition=_VIA_S3),
    _reads("doctor", "see the export bucket", "s3", "HeadBucket", "s3:ListBucket", (BUCKET,),
           "doctor cannot tell whether the bucket is there and whose it is."),
    _reads("doctor", "see the bucket's region", "s3", "GetBucketLocation", "s3:GetBucketLocation", (BUCKET,),
           "doctor cannot tell which region the bucket is in."),
    _reads("doctor", "see the bucket's public access block", "s3", "GetPublicAccessBlock",
           "s3:GetBucketPublicAccessBlock", (BUCKET,),
           "doctor cannot tell whether public access to the bucket is blocked."),
    _reads("doctor", "see whether the bucket is public", "s3", "GetBucketPolicyStatus",
           "s3:GetBucketPolicyStatus", (BUCKET,),
           "doctor cannot tell whether the bucket's policy makes it public."),
    _reads("doctor", "see the bucket's encryption", "s3", "GetBucketEncryption",
           "s3:GetEncryptionConfiguration", (BUCKET,),
           "doctor cannot tell which key encrypts the bucket."),
    _reads("roles", "look up a role", "iam", "GetRole", "iam:GetRole", (ROLE,),
           "doctor cannot tell whether a role exists, nor find it behind a session's ARN."),
    _reads("roles", "list a role's inline policies", "iam", "ListRolePolicies", "iam:ListRolePolicies",
           (ROLE,), "doctor cannot see the inline policies of a role."),
    _reads("roles", "read a role's inline policies", "iam", "GetRolePolicy", "iam:GetRolePolicy", (ROLE,),
           "doctor sees which inline policies a role has, and not what they allow."),
    _reads("roles", "list a role's attached policies", "iam", "ListAttachedRolePolicies",
           "iam:ListAttachedRolePolicies", (ROLE,), "doctor cannot see the attached policies of a role."),
    _reads("roles", "look up a policy", "iam", "GetPolicy", "iam:GetPolicy", _POLICIES,
           "doctor cannot tell which version of an attached policy is in force."),
    _reads("roles", "read a policy", "iam", "GetPolicyVersion", "iam:GetPolicyVersion", _POLICIES,
           "doctor sees which policies a role has attached, and not what they allow."),
    _reads("roles", "simulate a policy", "iam", "SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy",
           (ROLE,), "doctor --simulate cannot ask AWS why a call would be denied."),
    Permission("sink", "write the canary event", "logs", "PutLogEvents", "logs:PutLogEvents", (STREAM,),
               "sink-test cannot put its canary.", writes=True),
    Permission("sink", "create a log stream", "logs", "CreateLogStream", "logs:CreateLogStream", (STREAM,),
               "sink-test --create-stream cannot make a stream for its canary.", writes=True),
    Permission("sink", "create a log group", "logs", "CreateLogGroup", "logs:CreateLogGroup", _GROUP,
               "sink-test --create-group cannot make a group for its canary.", writes=True),
)  # fmt: skip

SDK_OPERATIONS = frozenset(
    {
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
    }
)
"""What the AWS SDK issues by itself to sign in. Need no permission."""

_BY_OPERATION = {(row.service, row.operation): row for row in TABLE if row.operation}


def permission(service: str, operation: str) -> Permission | None:
    """The row of an operation, or None where cwtui never issues it."""
    return _BY_OPERATION.get((service, operation))


def rows_of(area: Area) -> tuple[Permission, ...]:
    """The rows of an area, in the table's order."""
    return tuple(row for row in TABLE if row.area == area)


def smallest_statement(row: Permission, **names: str) -> str:
    """The IAM statement, as JSON text, that allows a row; unknown names stay as `<name>`.

    The names are those of the templates: `partition`, `region`, `account`, `group`, `bucket`, `prefix`,
    `role` (an ARN), `role_name`, `key` (an ARN).
    """
    fields = {"partition": "aws", "region": ANY, "account": ANY, "prefix": "", "role_name": ANY}
    fields.update({name: value for name, value in names.items() if value})
    for name in ("group", "bucket", "role", "key"):
        fields.setdefault(name, f"<{name}>")
    resources = [template.format(**fields) for template in row.resources]
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": row.action,
        "Resource": resources[0] if len(resources) == 1 else resources,
    }
    if row.condition is not None:
        statement["Condition"] = filled_condition(row.condition, fields)
    return json.dumps(statement, ensure_ascii=False)


def filled_condition(
    condition: tuple[str, str, tuple[str, ...]], names: Mapping[str, str]
) -> dict[str, dict[str, list[str]]]:
    """A row's condition with the names filled in; an exact comparison where no wildcard is left."""
    operator, key, templates = condition
    values = [
        template.format_map(names)
        for template in templates
        # Which of its two names a service goes by in China is not documented alike everywhere.
        if not template.endswith(".cn") or names["partition"] == "aws-cn"
    ]
    exact = operator == "StringLike" and not any("*" in value for value in values)
    return {"StringEquals" if exact else operator: {key: values}}
