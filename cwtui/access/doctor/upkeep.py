"""Checks of what lies around the logs: groups kept for ever, the export bucket, the local model."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cwtui.access.doctor.exam import GROUPS_A_PAGE, Check, Exam
from cwtui.access.doctor.findings import Finding, Fix, Severity, Status
from cwtui.access.doctor.verdicts import told_already
from cwtui.core.errors import CwtuiError, InputError, NetworkError, NotFound, PermissionDenied
from cwtui.core.text import human_bytes
from cwtui.explain.choosing import SUGGESTED_MODEL

_PAGES = 10
_LISTING_SECONDS = 2.0
_WORST = 3
_DAYS = 30
_EXPORT = "export to S3"


async def retention(exam: Exam) -> Finding:
    """Groups whose events are kept, and paid for, for ever."""
    title = "Groups kept for ever"
    try:
        groups, whole = await _groups(exam)
    except CwtuiError as error:
        if await told_already(exam, error):
            raise
        return Finding("retention", title, Status.SKIPPED, "Not known: no group can be listed.")
    if not groups:
        return Finding("retention", title, Status.SKIPPED, "There is no log group here.")
    # A group of the delivery class is emptied by AWS after a day or two, whatever it says.
    endless = [
        one for one in groups if "retentionInDays" not in one and one.get("logGroupClass") != "DELIVERY"
    ]
    seen = f"{len(groups):,} groups" if whole else f"the first {len(groups):,} groups"
    if not endless:
        return Finding("retention", title, Status.OK, f"None of {seen}.")
    endless.sort(key=lambda one: (-int(one.get("storedBytes", 0)), str(one["logGroupName"])))
    worst = [
        f"{one['logGroupName']} ({human_bytes(int(one.get('storedBytes', 0)))})" for one in endless[:_WORST]
    ]
    name = str(endless[0]["logGroupName"])
    return Finding(
        "retention",
        title,
        Status.WARN,
        f"{len(endless):,} of {seen} never expire; largest: {', '.join(worst)}.",
        cause="Without a retention, events stay and are billed until somebody deletes them.",
        fix=Fix(
            cli=f"aws logs put-retention-policy --log-group-name {shlex.quote(name)} "
            f"--retention-in-days {_DAYS}",
            cfn=f"RetentionInDays: {_DAYS}  # in the AWS::Logs::LogGroup",
            tf=f"retention_in_days = {_DAYS} # in the aws_cloudwatch_log_group",
        ),
        docs="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
    )


async def _groups(exam: Exam) -> tuple[list[Mapping[str, Any]], bool]:
    """The groups that can be listed in a moment, and whether those are all."""
    page = await exam.first_groups()
    groups = list(page["logGroups"])
    with suppress(CwtuiError, TimeoutError):
        # What is listed by then is enough to warn by.
        async with asyncio.timeout(_LISTING_SECONDS):
            for _ in range(_PAGES - 1):
                if not page.get("nextToken"):
                    break
                page = await exam.call(
                    "logs", "DescribeLogGroups", limit=GROUPS_A_PAGE, nextToken=page["nextToken"]
                )
                groups += page.get("logGroups", ())
    return groups, not page.get("nextToken")


async def bucket(exam: Exam) -> Finding:
    """Whether the export bucket is there, whose it is and in which region."""
    name = exam.bench.bucket
    account = await exam.account()
    found = Finding("bucket", "Export bucket", Status.OK)
    try:
        answer = await exam.call("s3", "HeadBucket", Bucket=name)
    except CwtuiError as error:
        # A HEAD has no body that could name the error.
        if dict(error.card.facts).get("status") != "404":
            raise
        return _bucket_missing(found, name, error)
    region = str(answer.get("BucketRegion", "")) or await _bucket_region(exam, name)
    evidence = f"{name} in {region or 'a region that may not be seen'}"
    if not account:
        return replace(found, evidence=evidence)
    try:
        await exam.call("s3", "HeadBucket", Bucket=name, ExpectedBucketOwner=account)
    except PermissionDenied:
        return replace(
            found,
            status=Status.WARN,
            severity=Severity.HIGH,
            evidence=f"{evidence}; it is not of account {account}.",
            cause="Whoever owns the bucket reads what is exported there: make sure that it is meant.",
            docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html",
        )
    return replace(found, evidence=f"{evidence}, of this account")


def _bucket_missing(found: Finding, name: str, error: CwtuiError) -> Finding:
    return replace(
        found,
        status=Status.FAIL,
        severity=Severity.HIGH,
        evidence=f"There is no bucket {name}.",
        cause="Its name is mistyped, or it was never made. Names are the same for all of AWS: "
        "somebody else could make it.",
        fix=Fix(cli=f"aws s3 mb s3://{shlex.quote(name)}"),
        request_id=error.request_id,
        exit_code=NotFound.exit_code,
    )


async def _bucket_region(exam: Exam, name: str) -> str:
    with suppress(CwtuiError):
        answer = await exam.call("s3", "GetBucketLocation", Bucket=name)
        return str(answer.get("LocationConstraint") or "us-east-1")
    return ""


async def encryption(exam: Exam) -> Finding:
    """Which key encrypts what is exported."""
    name = exam.bench.bucket
    found = Finding("bucket.encryption", "Bucket encryption", Status.OK)
    try:
        answer = await exam.call("s3", "GetBucketEncryption", Bucket=name)
    except CwtuiError as error:
        if dict(error.card.facts).get("awsCode") != "ServerSideEncryptionConfigurationNotFoundError":
            raise
        # AWS itself encrypts every bucket since 2023: this is another store, or a stand-in.
        return replace(found, status=Status.WARN, evidence="Nothing encrypts what is put there.")
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules") or [{}]
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    algorithm, key = str(default.get("SSEAlgorithm", "AES256")), str(default.get("KMSMasterKeyID", ""))
    if algorithm == "AES256":
        return replace(found, evidence="by S3's own keys (SSE-S3)")
    return replace(
        found,
        evidence=f"by KMS ({key or 'the key aws/s3'}): to export, kms:GenerateDataKey on it is needed, too",
    )


async def public_access(exam: Exam) -> Finding:
    """Whether public access to the bucket is blocked."""
    name = exam.bench.bucket
    found = Finding("bucket.public", "Public access to it", Status.OK, "All of it is blocked.")
    try:
        answer = await exam.call("s3", "GetPublicAccessBlock", Bucket=name)
    except CwtuiError as error:
        if dict(error.card.facts).get("awsCode") != "NoSuchPublicAccessBlockConfiguration":
            raise
        answer = {}
    blocks = answer.get("PublicAccessBlockConfiguration", {})
    wanted = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    open_ = [each for each in wanted if not blocks.get(each)]
    if not open_:
        return found
    public = await _open_to_everybody(exam, name)
    settings = ",".join(f"{each}=true" for each in wanted)
    return replace(
        found,
        status=Status.FAIL if public else Status.WARN,
        severity=Severity.HIGH,
        evidence=f"Not blocked in the bucket: {', '.join(open_)}."
        + (" Its policy lets everybody in." if public else ""),
        cause="A policy or an ACL could open the exported logs to everybody; the account's own block may "
        "still prevent it.",
        exit_code=InputError.exit_code if public else 0,
        fix=Fix(
            cli=f"aws s3api put-public-access-block --bucket {shlex.quote(name)} "
            f"--public-access-block-configuration {settings}",
            cfn="PublicAccessBlockConfiguration:\n" + "\n".join(f"  {each}: true" for each in wanted),
            tf=_public_access_terraform(name),
        ),
        docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    )


async def _open_to_everybody(exam: Exam, name: str) -> bool:
    """Whether the bucket's policy is public; False where that may not be seen, or there is none."""
    with suppress(CwtuiError):
        answer = await exam.call("s3", "GetBucketPolicyStatus", Bucket=name)
        return bool(answer.get("PolicyStatus", {}).get("IsPublic"))
    return False


def _public_access_terraform(name: str) -> str:
    return (
        'resource "aws_s3_bucket_public_access_block" "exports" {\n'
        f'  bucket                  = "{name}"\n'
        "  block_public_acls       = true\n"
        "  ignore_public_acls      = true\n"
        "  block_public_policy     = true\n"
        "  restrict_public_buckets = true\n}"
    )


async def model(exam: Exam) -> Finding:
    """Whether Ollama answers, and has the model that is set."""
    chat, wanted = exam.bench.chat, exam.bench.settings.model
    found = Finding("model", "Local model", Status.OK)
    if chat is None:
        return replace(found, status=Status.SKIPPED, evidence="Models are switched off.")
    try:
        names = [one.name for one in await chat.models()]
    except NetworkError as error:
        # Summaries are made without one, too: nobody has to install it.
        told = replace(found, evidence=error.message, cause=error.hint, fix=Fix(cli="ollama serve"))
        return replace(told, status=Status.WARN if wanted else Status.SKIPPED)
    if wanted and wanted not in names and f"{wanted}:latest" not in names:
        return replace(
            found,
            status=Status.WARN,
            evidence=f"Ollama at {chat.host} does not have {wanted}.",
            cause="Summaries are written without a model until it is there.",
            fix=Fix(cli=f"ollama pull {shlex.quote(wanted)}"),
        )
    if not names:
        return replace(
            found,
            status=Status.WARN,
            evidence=f"Ollama at {chat.host} has no model.",
            cause="Summaries are written without a model until there is one.",
            fix=Fix(cli=f"ollama pull {SUGGESTED_MODEL}"),
        )
    return replace(found, evidence=f"{wanted or names[0]}{f' and {len(names) - 1} more' * (len(names) > 1)}")


RETENTION = Check("retention", "Groups kept for ever", retention)
BUCKET = (
    Check("bucket", "Export bucket", bucket, "see the export bucket"),
    Check("bucket.encryption", "Bucket encryption", encryption, "see the bucket's encryption"),
    Check("bucket.public", "Public access to it", public_access, "see the bucket's public access block"),
)
MODEL = Check("model", "Local model", model)
