"""Failures of who may what. What a denial says, and what mends it, is read by `denied` and `remedies`."""

from __future__ import annotations

from cwtui.access.error_rows.row import Row
from cwtui.core.errors import PermissionDenied

DENIED = Row(PermissionDenied, "denied", "You may not {feature}{on_resource}.", "")
KEY = Row(
    PermissionDenied,
    "key",
    "You may not {feature}{on_resource}: its KMS key refuses you.",
    "The key must be enabled, in this region, and you must be allowed to use it.",
    fix='{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "<the key\'s ARN>"}}',
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)

PERMISSION: dict[str, Row] = {
    "AccessDeniedException": DENIED,
    "AccessDenied": DENIED,
    "UnauthorizedOperation": DENIED,
    "UnauthorizedException": DENIED,
    "AuthorizationError": DENIED,
    "ForbiddenException": Row(
        PermissionDenied,
        "sso-role",
        "SSO gives you no access to that role{of_profile}.",
        "The permission set is not assigned to you in that account: ask whoever keeps IAM Identity Center.",
        why="sso_account_id and sso_role_name of the profile name an account and a permission set; the "
        "portal offers you that pair not: {message}.",
        fix="aws sso login{profile_flag}",
        docs="https://docs.aws.amazon.com/singlesignon/latest/userguide/useraccess.html",
    ),
}
