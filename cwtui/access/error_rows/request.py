"""Failures of what was asked for: names, regions, parameters, classes of log groups, roles."""

from __future__ import annotations

from cwtui.access.error_rows.row import Row
from cwtui.core.errors import DataError, InputError, NotFound, ServiceError, WrongLogClass

_API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html"
_PATTERNS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"
_CLASSES = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html"

LOG_CLASS = Row(
    WrongLogClass,
    "log-class",
    "The log class of {group} does not allow {operation}.",
    "Infrequent Access groups are read with Logs Insights, in the console; Delivery groups not at all.",
    why="A group keeps the class it was created with, and only Standard groups can be filtered and tailed.",
    fix="aws logs describe-log-groups --log-group-name-prefix {group_arg} "
    "--query 'logGroups[].[logGroupName,logGroupClass]' --output text",
    docs=_CLASSES,
)
TOKEN = Row(
    DataError,
    "token",
    "CloudWatch no longer knows how far {operation}{on_resource} had come.",
    "Its page tokens live for 24 hours; load again.",
    why="The token of the next page is too old, or was made for another request.",
    docs=_API,
)
PATTERN = Row(
    InputError,
    "pattern",
    "CloudWatch does not accept the filter pattern.",
    'Write terms, "a phrase", ?either ?or, -without, {{ $.field = "x" }} or [a, b, ...].',
    fix="aws logs test-metric-filter --log-event-messages 'a line' --filter-pattern 'PATTERN'",
    docs=_PATTERNS,
)
STREAM_GONE = Row(
    NotFound,
    "stream",
    "{Resource} does not exist here.",
    "It may have been deleted; `cwtui streams` lists them.",
    why="Streams are deleted with their last event's retention, or by hand; names are case-sensitive.",
    fix="cwtui streams {group_arg}{region_flag}{profile_flag}",
)
_PARAMETER = Row(
    InputError,
    "parameter",
    "CloudWatch refuses {operation}{on_resource}: {message}.",
    "Correct the request.",
    docs=_API,
)
_REGION = Row(
    InputError,
    "region",
    "'{region}' is not an AWS region.",
    "Correct --region.{nearest}",
    fix="aws account list-regions --query 'Regions[].RegionName'{profile_flag}",
    docs="https://docs.aws.amazon.com/general/latest/gr/cwl_region.html",
)
_SEQUENCE = Row(
    DataError,
    "sequence",
    "The call {operation}{on_resource} was refused for its sequence token.",
    "CloudWatch asks for none since 2023: what answers at {endpoint} is a stand-in. Try again.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html",
)

REQUEST: dict[str, Row] = {
    "NoRegionError": Row(
        InputError,
        "region",
        "No AWS region is set.",
        "Give --region, or set AWS_REGION or the profile's region.",
        why="Neither --region, AWS_REGION, AWS_DEFAULT_REGION nor the profile names one.",
        fix="aws configure set region eu-west-1{profile_flag}",
        docs="https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html",
    ),
    "NoRoleArn": Row(
        InputError,
        "role",
        "{Resource} is no ARN of a role.",
        "Write it like arn:aws:iam::111122223333:role/NAME.",
        why="A role is taken on by its whole ARN: its name alone does not tell the account.",
        fix="aws iam list-roles --query 'Roles[].Arn' --output text{profile_flag}",
    ),
    "InvalidRegionError": _REGION,
    "UnknownRegionError": _REGION,
    "InvalidEndpoint": Row(
        InputError,
        "endpoint",
        "'{endpoint}' is not a URL that AWS calls can go to.",
        "Correct --endpoint-url.",
        why="An endpoint begins with http:// or https:// and names a host.",
        fix="cwtui --endpoint-url https://HOST",
    ),
    "ResourceNotFoundException": Row(
        NotFound,
        "group",
        "{Resource} does not exist here.",
        "Check the name, the region ({region}) and the account; `cwtui groups` lists what there is.",
        why="Names are case-sensitive, and a group lives in one region of one account.",
        fix="cwtui groups{region_flag}{profile_flag}",
    ),
    "InvalidParameterException": _PARAMETER,
    "ValidationException": _PARAMETER,
    "ValidationError": _PARAMETER,
    "ParamValidationError": Row(
        InputError,
        "parameter",
        "The request {operation}{on_resource} is not valid: {message}.",
        "Correct it.",
        why="The SDK refused it before anything was sent.",
        docs=_API,
    ),
    "InvalidOperationException": LOG_CLASS,
    "ResourceAlreadyExistsException": Row(
        InputError,
        "exists",
        "{Resource} exists already.",
        "Choose another name.",
        fix="cwtui groups{region_flag}{profile_flag}",
    ),
    "OperationAbortedException": Row(
        ServiceError,
        "conflict",
        "The call {operation}{on_resource} met another change of the same thing.",
        "Try again in a moment.",
    ),
    "DataAlreadyAcceptedException": _SEQUENCE,
    "InvalidSequenceTokenException": _SEQUENCE,
    "NoSuchEntity": Row(
        NotFound,
        "iam-entity",
        "IAM does not know {resource}: {message}.",
        "Check the name and the account.",
        fix="aws iam list-roles --query 'Roles[].RoleName'{profile_flag}",
    ),
    "InvalidInput": Row(
        InputError,
        "iam-arn",
        "IAM does not accept {resource}: {message}.",
        "Name a role or a user by its own ARN, not by that of a session.",
        why="The ARN of an assumed role's session (arn:aws:sts::...:assumed-role/...) is no entity of IAM.",
        fix="aws iam get-role --role-name ROLE --query Role.Arn{profile_flag}",
    ),
}
