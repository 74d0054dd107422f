"""What S3 answers an export with, where it means something else than elsewhere, or only S3 says it."""

from __future__ import annotations

from cwtui.access.error_rows.row import Row
from cwtui.core.errors import (
    Act,
    DataError,
    InputError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
    ServiceError,
)

_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
_KEYS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"

S3_DENIED = Row(
    PermissionDenied,
    "denied",
    "You may not {feature}{on_resource}.",
    "",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
)
_ELSEWHERE = Row(
    InputError,
    "bucket-region",
    "The bucket '{bucket}' is not in {region}{in_there}.",
    "Give {there_flag}.",
    why="A bucket lives in one region, and is written to through that region's endpoint.",
    fix="aws s3api head-bucket --bucket {bucket_arg}",
    docs=_ERRORS,
)
_EXISTS = Row(
    InputError,
    "exists",
    "{path} exists; nothing is overwritten.",
    "Choose another prefix.",
    why="cwtui writes only where no object stands (If-None-Match: *).",
    fix="aws s3 ls {path_arg}",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
)
_DAMAGED = Row(
    DataError,
    "digest",
    "What reached {path} is not what was sent: S3 threw it away.",
    "Try again; a proxy on the way may change what it passes on.",
    why="The checksum of the bytes that came is not the one that was sent with them.",
    act=Act.RETRY,
    docs=_ERRORS,
)
_KEY = Row(
    PermissionDenied,
    "key",
    "The KMS key of the bucket '{bucket}' cannot be used: {message}.",
    "The bucket's default key must exist, be enabled, and allow you kms:GenerateDataKey.",
    fix="aws s3api get-bucket-encryption --bucket {bucket_arg}",
    docs=_KEYS,
)
_UPLOAD = Row(
    DataError,
    "upload",
    "The upload of {path} was lost on the way.",
    "Export again; nothing of it stays in the bucket.",
    act=Act.RETRY,
    docs=_ERRORS,
)

S3: dict[str, Row] = {
    "NoSuchBucket": Row(
        NotFound,
        "bucket",
        "There is no bucket '{bucket}'.",
        "Correct the address; cwtui makes no buckets.",
        why="A bucket's name is unique in a partition: it is mistyped, deleted, or of another partition.",
        fix="aws s3 ls{profile_flag}",
        docs=_ERRORS,
    ),
    "AccessDenied": S3_DENIED,
    "AllAccessDisabled": S3_DENIED,
    "Forbidden": S3_DENIED,
    "403": S3_DENIED,
    "PermanentRedirect": _ELSEWHERE,
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "IllegalLocationConstraintException": _ELSEWHERE,
    "301": _ELSEWHERE,
    "PreconditionFailed": _EXISTS,
    "412": _EXISTS,
    "ConditionalRequestConflict": Row(
        DataError,
        "conflict",
        "Somebody else wrote {path} at the same time.",
        "Export again, or choose another prefix.",
        act=Act.RETRY,
        docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    ),
    "AccessControlListNotSupported": Row(
        InputError,
        "acl",
        "The bucket '{bucket}' takes no access control lists.",
        "cwtui sends none: something on the way adds one.",
        why="The bucket's owner owns every object in it (Object Ownership: bucket owner enforced).",
        fix="aws s3api get-bucket-ownership-controls --bucket {bucket_arg}",
        docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    ),
    "InvalidBucketName": Row(
        InputError,
        "s3-address",
        "'{bucket}' is no name that a bucket can have.",
        "Write it like s3://bucket/prefix.",
        fix="aws s3 ls{profile_flag}",
        docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    ),
    "BadDigest": _DAMAGED,
    "InvalidDigest": _DAMAGED,
    "XAmzContentSHA256Mismatch": _DAMAGED,
    "XAmzContentChecksumMismatch": _DAMAGED,
    "NoSuchUpload": _UPLOAD,
    "InvalidPart": _UPLOAD,
    "EntityTooLarge": Row(
        InputError,
        "too-large",
        "{path} is larger than S3 keeps an object.",
        "Export a narrower window.",
        why="An object of S3 has at most 5 TiB, in at most 10,000 parts.",
        fix="cwtui export GROUP --since 1h --to {path_arg}",
        docs=_ERRORS,
    ),
    "SlowDown": Row(
        LimitReached,
        "throttled",
        "S3 asks for fewer requests ({bucket}).",
        "Wait a moment and export again.",
        docs=_ERRORS,
    ),
    "RequestTimeout": Row(
        NetworkError,
        "timeout",
        "S3 waited too long for the bytes of {path}.",
        "Check the network, and export again.",
        docs=_ERRORS,
    ),
    "InternalError": Row(
        ServiceError,
        "unavailable",
        "S3 failed to answer {operation} on {path}.",
        "It is usually brief: try again. If it lasts, see https://health.aws.amazon.com.",
        docs="https://health.aws.amazon.com",
    ),
    "KMS.NotFoundException": _KEY,
    "KMS.DisabledException": _KEY,
    "KMS.KMSInvalidStateException": _KEY,
    "KMS.InvalidStateException": _KEY,
    "KMS.UnrecognizedClientException": _KEY,
}
