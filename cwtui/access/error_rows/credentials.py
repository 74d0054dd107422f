"""Failures to know who is asking: credentials missing, ended, refused, and the files they come from."""

from __future__ import annotations

from cwtui.access.error_rows.row import Row
from cwtui.core.errors import CredentialsError, InputError, PermissionDenied

_FILES = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html"
_SSO_DOCS = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html"
_ROLE_DOCS = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html"
_REGION_DOCS = "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"
_SIGN_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"

_LOGIN = "aws sso login{profile_flag}"
_WHO = "aws sts get-caller-identity{profile_flag}"
_LIST = "aws configure list{profile_flag}"

_SSO = Row(
    CredentialsError,
    "sso",
    "The SSO session{of_profile} has expired or was never begun.",
    f"Run: {_LOGIN}, and then the same again.",
    why="The token that `aws sso login` keeps under ~/.aws/sso/cache is missing, too old or refused.",
    fix=_LOGIN,
    renews=True,
    docs=_SSO_DOCS,
)
_EXPIRED = Row(
    CredentialsError,
    "expired",
    "The AWS credentials{of_profile} have expired.",
    f"Renew them ({_LOGIN}, or whatever issued them) and go on.",
    why="Temporary credentials end after 15 minutes to 36 hours, and these did.",
    fix=_LOGIN,
    renews=True,
)
_MFA_ENDED = Row(
    CredentialsError,
    "mfa-ended",
    "The MFA session{of_profile} has ended.",
    "Try again, with a new code of the MFA device.",
    why="What a code opened ends with the role's session, and only another code opens the next one.",
    renews=True,
    docs=_ROLE_DOCS,
)
_LOGGED_OUT = Row(
    CredentialsError,
    "login",
    "The AWS login{of_profile} has ended: {message}.",
    "Run: aws login{profile_flag}",
    fix="aws login{profile_flag}",
    renews=True,
)
_WRONG_KEY = Row(
    CredentialsError,
    "rejected",
    "AWS does not know these credentials{of_profile}.",
    "The key may be deleted or mistyped, of another partition, or the region {region} not enabled.",
    fix=_WHO,
)
_WEB_IDENTITY = Row(
    CredentialsError,
    "web-identity",
    "The web identity token was refused: {message}.",
    "The token may be old, or its provider or audience not the one that the role's trust policy names.",
    docs="https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html",
)
SIGNATURE = Row(
    CredentialsError,
    "signature",
    "AWS rejected the request's signature{of_profile}.",
    "The secret key is wrong, or this machine's clock is.",
    why="The request was signed with another secret, or at another time, than AWS reckons with.",
    fix=_WHO,
    docs=_SIGN_DOCS,
)
CLOCK = Row(
    CredentialsError,
    "clock",
    "This machine's clock is {clock} AWS's, which refuses its signature.",
    "Set the clock (timedatectl, sntp).",
    why="AWS takes a signature for 5 minutes before and after its own time (S3: 15).",
    fix="{set_clock}",
    docs=_SIGN_DOCS,
)
_CONFIG = Row(
    CredentialsError,
    "config",
    "The AWS configuration{of_profile} cannot be used: {message}.",
    "Mend ~/.aws/config, or choose another --profile.",
    fix=_LIST,
    docs=_FILES,
)

CREDENTIALS: dict[str, Row] = {
    "NoCredentialsError": Row(
        CredentialsError,
        "missing",
        "No AWS credentials were found.",
        "Give --profile NAME, run `aws configure sso`, set AWS_ACCESS_KEY_ID, or try `cwtui --mock`.",
        why="The environment, the profiles of ~/.aws, web identity, the container and the instance were "
        "asked, in this order; none gave any.",
        fix="aws configure sso",
        docs=_FILES,
    ),
    "PartialCredentialsError": Row(
        CredentialsError,
        "config",
        "Half of a key is missing{of_profile}: {message}.",
        "Complete it there, or take the other half away, too; or choose another --profile.",
        why="An access key is of use with its secret only, and what is half there is not passed over.",
        fix=_LIST,
        docs=_FILES,
    ),
    "PartitionMix": Row(
        CredentialsError,
        "partition",
        "The role {resource} is of the partition {message}, and the region {region}.",
        "Correct the one or the other: nothing crosses from one partition to another.",
        why="China, GovCloud and the rest of AWS are apart: each has its own accounts, keys and roles.",
        docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html",
    ),
    "ProfileNotFound": Row(
        CredentialsError,
        "profile",
        "The AWS profile '{profile}' does not exist.",
        "List them with: aws configure list-profiles.{nearest}",
        why="Neither ~/.aws/config nor ~/.aws/credentials (or what AWS_CONFIG_FILE names) has that section.",
        fix="aws configure list-profiles",
        docs=_FILES,
    ),
    "InvalidConfigError": _CONFIG,
    "InfiniteLoopConfigError": _CONFIG,
    "ConfigParseError": Row(
        InputError,
        "aws-config",
        "The AWS configuration cannot be read: {message}.",
        "Mend that file.",
        why="It is no file of [sections] with key = value lines.",
        fix=_LIST,
        docs=_FILES,
    ),
    "SSOTokenLoadError": _SSO,
    "UnauthorizedSSOTokenError": _SSO,
    "TokenRetrievalError": _SSO,
    "SSOError": _SSO,
    "LoginRefreshRequired": _LOGGED_OUT,
    "LoginTokenLoadError": _LOGGED_OUT,
    "LoginError": _LOGGED_OUT,
    "LoginInsufficientPermissions": Row(
        PermissionDenied,
        "login",
        "Your AWS login{of_profile} may not be refreshed.",
        "It lacks signin:CreateOAuth2Token.",
        fix='{{"Effect": "Allow", "Action": "signin:CreateOAuth2Token", "Resource": "*"}}',
    ),
    "MissingDependencyException": Row(
        CredentialsError,
        "dependency",
        "These credentials need a library that is missing: {message}.",
        "Run: pip install 'botocore[crt]'",
        fix="pip install 'botocore[crt]'",
    ),
    "CredentialRetrievalError": Row(
        CredentialsError,
        "process",
        "The credentials{of_profile} could not be fetched: {message}.",
        "Run the profile's credential_process by hand to see why.",
        fix="aws configure get credential_process{profile_flag}",
        renews=True,
        docs="https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html",
    ),
    "NoSourceCredentials": Row(
        CredentialsError,
        "source",
        "The credentials{of_profile} could not be fetched: {message}.",
        "Is this the machine that credential_source, or the container's environment, speaks of?",
        why="An instance, a container or the environment has credentials only for what runs in it.",
        fix=_LIST,
        docs="https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html",
    ),
    "InvalidIdentityToken": _WEB_IDENTITY,
    "IDPRejectedClaim": _WEB_IDENTITY,
    "MfaNeeded": Row(
        CredentialsError,
        "mfa",
        "An MFA code is needed{for_profile}, and there is nobody to ask for it.",
        "Run cwtui on a terminal, or begin a session elsewhere (aws-vault exec, aws sts get-session-token).",
        why="The profile, or the role, names an mfa_serial.",
        fix="aws sts get-session-token --serial-number MFA_ARN --token-code CODE{profile_flag}",
        docs=_ROLE_DOCS,
    ),
    "MfaGivenUp": Row(
        CredentialsError,
        "mfa",
        "No MFA code was given{for_profile}.",
        "Try again with the six digits that the device shows.",
        why="The profile, or the role, names an mfa_serial.",
        docs=_ROLE_DOCS,
    ),
    "MfaRefused": Row(
        CredentialsError,
        "mfa-refused",
        "The MFA code{for_profile} was refused: {message}.",
        "Each code works once: wait for the next. If none does, the device or mfa_serial is the wrong one.",
        fix="aws iam list-mfa-devices{profile_flag}",
        docs=_ROLE_DOCS,
    ),
    "RefreshWithMFAUnsupportedError": _MFA_ENDED,
    "StaleCredentials": Row(
        CredentialsError,
        "stale",
        "The credentials{of_profile} had already expired when they came.",
        "This machine's clock may be ahead; or what issues them gives old ones.",
        why="Their expiry lies before this machine's time.",
        fix="date -u",
    ),
    "MetadataRetrievalError": Row(
        CredentialsError,
        "metadata",
        "The instance metadata gave no credentials.",
        "Give --profile NAME; AWS_EC2_METADATA_DISABLED=true skips the attempt.",
        why="The container's or the instance's own service was asked last, and failed: {message}.",
        fix="export AWS_EC2_METADATA_DISABLED=true",
    ),
    "FileNotFoundError": Row(
        CredentialsError,
        "token-file",
        "The web identity token file does not exist.",
        "Check AWS_WEB_IDENTITY_TOKEN_FILE and the pod's service account.",
        why="AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file of the profile, names it: {message}.",
        fix='ls -l "$AWS_WEB_IDENTITY_TOKEN_FILE"',
        docs="https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
    ),
    "ExpiredTokenException": _EXPIRED,
    "ExpiredToken": _EXPIRED,
    "RequestExpired": _EXPIRED,
    "UnrecognizedClientException": _WRONG_KEY,
    "InvalidClientTokenId": _WRONG_KEY,
    "InvalidAccessKeyId": _WRONG_KEY,
    "MissingAuthenticationTokenException": _WRONG_KEY,
    "IncompleteSignature": SIGNATURE,
    "InvalidSignatureException": SIGNATURE,
    "SignatureDoesNotMatch": SIGNATURE,
    "RequestTimeTooSkewed": SIGNATURE,
    "RegionDisabledException": Row(
        CredentialsError,
        "opt-in",
        "STS is not activated in {region} for this account.",
        "Activate the region, or use another one.",
        fix="aws account enable-region --region-name {region_arg}{profile_flag}",
        docs=_REGION_DOCS,
    ),
    "OptInRequired": Row(
        CredentialsError,
        "opt-in",
        "The region {region} is not enabled for this account.",
        "Enable it first.",
        fix="aws account enable-region --region-name {region_arg}{profile_flag}",
        docs=_REGION_DOCS,
    ),
    "SubscriptionRequiredException": Row(
        CredentialsError,
        "subscription",
        "This account cannot use the service.",
        "Is it suspended?",
        fix="aws account get-contact-information{profile_flag}",
    ),
}
