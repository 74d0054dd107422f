"""CloudTrail records: the changes an engineer on call must know of, by a short table of API names.

Record contents: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
The table is a first look, not a detection engine: an entry names a call that gives power away,
opens a door, or blinds the watchers, whoever made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cwtui.explain.body import json_object

# eventSource without .amazonaws.com -> eventName -> (severity, what it does)
_TABLE: dict[str, dict[str, tuple[int, str]]] = {
    "iam": {
        "AttachRolePolicy": (4, "attached a policy to a role"),
        "AttachUserPolicy": (4, "attached a policy to a user"),
        "AttachGroupPolicy": (4, "attached a policy to a group"),
        "PutRolePolicy": (4, "wrote an inline policy of a role"),
        "PutUserPolicy": (4, "wrote an inline policy of a user"),
        "PutGroupPolicy": (4, "wrote an inline policy of a group"),
        "CreatePolicyVersion": (4, "changed a managed policy"),
        "SetDefaultPolicyVersion": (4, "changed a managed policy"),
        "CreateAccessKey": (4, "created an access key"),
        "CreateLoginProfile": (4, "gave a user a console password"),
        "UpdateLoginProfile": (4, "changed a user's console password"),
        "CreateUser": (3, "created a user"),
        "AddUserToGroup": (4, "put a user into a group"),
        "UpdateAssumeRolePolicy": (4, "changed who may assume a role"),
        "DeactivateMFADevice": (5, "took a second factor away"),
        "DeleteRolePermissionsBoundary": (4, "took a permissions boundary away"),
        "DeleteUserPermissionsBoundary": (4, "took a permissions boundary away"),
        "DeleteAccountPasswordPolicy": (4, "removed the password policy"),
    },
    "cloudtrail": {
        "StopLogging": (5, "stopped a trail"),
        "DeleteTrail": (5, "deleted a trail"),
        "UpdateTrail": (4, "changed a trail"),
        "PutEventSelectors": (4, "changed what a trail records"),
    },
    "guardduty": {
        "DeleteDetector": (5, "deleted a GuardDuty detector"),
        "UpdateDetector": (4, "changed GuardDuty"),
    },
    "config": {
        "StopConfigurationRecorder": (4, "stopped the Config recorder"),
        "DeleteConfigurationRecorder": (5, "deleted the Config recorder"),
    },
    "securityhub": {"DisableSecurityHub": (4, "switched Security Hub off")},
    "logs": {"DeleteLogGroup": (4, "deleted a log group"), "DeleteLogStream": (3, "deleted a log stream")},
    "kms": {
        "ScheduleKeyDeletion": (5, "scheduled a key for deletion"),
        "DisableKey": (4, "disabled a key"),
        "PutKeyPolicy": (4, "changed a key's policy"),
    },
    "s3": {
        "PutBucketPolicy": (4, "changed a bucket's policy"),
        "PutBucketAcl": (4, "changed a bucket's access list"),
        "DeleteBucketPublicAccessBlock": (5, "removed a bucket's public access block"),
        "PutBucketPublicAccessBlock": (3, "changed a bucket's public access block"),
        "DeleteBucket": (4, "deleted a bucket"),
    },
    "ec2": {
        "AuthorizeSecurityGroupIngress": (3, "opened a security group"),
        "ModifySnapshotAttribute": (4, "shared a snapshot"),
        "ModifyImageAttribute": (4, "shared an image"),
        "DeleteFlowLogs": (5, "deleted flow logs"),
        "GetPasswordData": (4, "read a Windows password"),
        "DisableEbsEncryptionByDefault": (4, "switched default encryption off"),
    },
    "rds": {"ModifyDBSnapshotAttribute": (4, "shared a database snapshot")},
    "lambda": {
        "AddPermission20150331v2": (3, "let someone invoke a function"),
        "UpdateFunctionCode20150331v2": (3, "changed a function's code"),
    },
    "organizations": {"LeaveOrganization": (5, "left the organization")},
    "secretsmanager": {"DeleteSecret": (4, "deleted a secret")},
}
_ADMIN = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
_OPEN_TO_ALL = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Change:
    """A record of the table, as a sentence without its time."""

    severity: int
    text: str
    key: str
    """What equal changes share: they are told together."""


def change_of(message: str) -> Change | None:
    """The dangerous change a message records, or None. Cheap where it is no CloudTrail record."""
    if '"eventName"' not in message:
        return None
    record = json_object(message.strip())
    if record is None:
        return None
    return _change(record)


def _change(record: Mapping[str, object]) -> Change | None:
    source = str(record.get("eventSource", "")).removesuffix(".amazonaws.com")
    name = str(record.get("eventName", ""))
    who = _actor(record)
    if source == "signin" and name == "ConsoleLogin":
        return _console_login(record, who)
    entry = _TABLE.get(source, {}).get(name)
    if entry is None:
        if _is_root(record) and record.get("readOnly") is not True and name:
            return Change(4, f"the root user called {name}", f"root {name}")
        return None
    severity, what = entry
    parameters = record.get("requestParameters")
    details = parameters if isinstance(parameters, Mapping) else {}
    text = str(details)
    if source == "iam" and any(policy in text for policy in _ADMIN):
        severity, what = 5, f"{what}, with full power"
    elif name == "AuthorizeSecurityGroupIngress" and any(open_to in text for open_to in _OPEN_TO_ALL):
        severity, what = 5, "opened a security group to the whole internet"
    target = _target(details)
    error = str(record.get("errorCode") or "")
    if error:
        # Tried and refused: worth knowing, but nothing has changed.
        severity = max(3, severity - 1)
    refused = f"; refused: {error}" if error else ""
    sentence = f"{who} {what}{f': {target}' if target else ''} ({name}{refused})"
    return Change(severity, sentence, f"{who} {name} {target} {error}")


def _console_login(record: Mapping[str, object], who: str) -> Change | None:
    response = record.get("responseElements")
    if isinstance(response, Mapping) and response.get("ConsoleLogin") == "Failure":
        return Change(3, f"{who} failed to sign in to the console", f"login failure {who}")
    additional = record.get("additionalEventData")
    if isinstance(additional, Mapping) and additional.get("MFAUsed") == "No" and not _is_federated(record):
        return Change(4, f"{who} signed in to the console without a second factor", f"login {who}")
    return None


def _identity(record: Mapping[str, object]) -> Mapping[str, object]:
    identity = record.get("userIdentity")
    return identity if isinstance(identity, Mapping) else {}


def _is_root(record: Mapping[str, object]) -> bool:
    identity = _identity(record)
    return identity.get("type") == "Root" and not identity.get("invokedBy")


def _is_federated(record: Mapping[str, object]) -> bool:
    return _identity(record).get("type") not in ("IAMUser", "Root")


def _actor(record: Mapping[str, object]) -> str:
    identity = _identity(record)
    if identity.get("type") == "Root":
        return "the root user"
    for name in (
        identity.get("userName"),
        identity.get("arn"),
        identity.get("invokedBy"),
        identity.get("type"),
    ):
        if isinstance(name, str) and name:
            return name.rsplit(":", 1)[-1].removeprefix("user/")
    return "someone"


def _target(details: Mapping[str, object]) -> str:
    parts = []
    for key in (
        "roleName",
        "userName",
        "groupName",
        "policyArn",
        "policyName",
        "name",
        "bucketName",
        "groupId",
        "keyId",
    ):
        value = details.get(key)
        if isinstance(value, str) and value:
            parts.append(value.rsplit("/", 1)[-1] if key == "policyArn" else value)
    return ", ".join(parts[:3])
