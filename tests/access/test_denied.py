"""The access-denied sentence is read back into who, what, where and which policy."""

from __future__ import annotations

from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.access.denied import Denial, read_denial

JOHN = "arn:aws:iam::123456789012:user/John"
WHO = "arn:aws:sts::123456789012:assumed-role/oncall/ana"
START = f"User: {JOHN} is not authorized to perform:\n"
DEPLOYMENTS = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*"
SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:*"
LIST, GET, CODE = (
    "codecommit:ListRepositories",
    "secretsmanager:GetSecretValue",
    "codedeploy:ListDeployments",
)

DOCUMENTED = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, in its order.
    f"{LIST} because no service control policy allows the codecommit:ListRespositories action": (
        Denial(JOHN, LIST, "", "service control")
    ),
    f"{LIST} with an explicit deny in a service control policy": (
        Denial(JOHN, LIST, "", "service control", explicit=True)
    ),
    f"{GET} on resource: {SECRETS} with an explicit deny in a resource control policy": (
        Denial(JOHN, GET, SECRETS, "resource control", explicit=True)
    ),
    f"{LIST} because no VPC endpoint policy allows the {LIST} action": Denial(JOHN, LIST, "", "VPC endpoint"),
    f"{CODE} on resource: {DEPLOYMENTS} with an explicit deny in a VPC endpoint policy": (
        Denial(JOHN, CODE, DEPLOYMENTS, "VPC endpoint", explicit=True)
    ),
    f"{CODE} on resource: {DEPLOYMENTS} because no permissions boundary allows the {CODE} action": (
        Denial(JOHN, CODE, DEPLOYMENTS, "permissions boundary")
    ),
    "sagemaker:ListModels with an explicit deny in a permissions boundary": (
        Denial(JOHN, "sagemaker:ListModels", "", "permissions boundary", explicit=True)
    ),
    f"{LIST} because no session policy allows the {LIST} action": Denial(JOHN, LIST, "", "session"),
    f"{CODE} on resource: {DEPLOYMENTS} with an explicit deny in a sessions policy": (
        Denial(JOHN, CODE, DEPLOYMENTS, "session", explicit=True)
    ),
    f"{GET} because no resource-based policy allows the {GET} action": Denial(
        JOHN, GET, "", "resource-based"
    ),
    f"{GET} on resource: {SECRETS} with an explicit deny in a resource-based policy": (
        Denial(JOHN, GET, SECRETS, "resource-based", explicit=True)
    ),
    "sts:AssumeRole because no role trust policy allows the sts:AssumeRole action": (
        Denial(JOHN, "sts:AssumeRole", "", "role trust")
    ),
    # As an older edition of the page writes it.
    "sts:AssumeRole because the role trust policy allows the sts:AssumeRole action": (
        Denial(JOHN, "sts:AssumeRole", "", "role trust")
    ),
    "sts:AssumeRole with an explicit deny in the role trust policy": (
        Denial(JOHN, "sts:AssumeRole", "", "role trust", explicit=True)
    ),
    f"{LIST} because no identity-based policy allows the {LIST} action": (
        Denial(JOHN, LIST, "", "identity-based")
    ),
    f"{CODE} on resource: {DEPLOYMENTS} with an explicit deny in an identity-based policy": (
        Denial(JOHN, CODE, DEPLOYMENTS, "identity-based", explicit=True)
    ),
    "SNS:Publish on resource: arn:aws:sns:us-east-1:444455556666:role-name-2\nwith an explicit deny in a VPC "
    "endpoint policy transitively through a service control policy": (
        Denial(
            JOHN,
            "SNS:Publish",
            "arn:aws:sns:us-east-1:444455556666:role-name-2",
            "VPC endpoint",
            explicit=True,
            through="service control",
        )
    ),
    "widgets:GetWidget on resource: my-example-widget": Denial(
        JOHN, "widgets:GetWidget", "my-example-widget"
    ),
    # troubleshoot_access-denied-authorization-id.html
    "iam:CreateInstanceProfile\non resource: arn:aws:iam::123456789012:instance-profile/my-profile\n"
    "with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/ExampleDenyPolicy.\n"
    "Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/EXAMPLE1"
    " for complete details,\nor call the GetRequestAuthorizationDetails API with the following authorization "
    "id: EXAMPLE1a2b3c4d5e6f7g8h9i0j": Denial(
        JOHN,
        "iam:CreateInstanceProfile",
        "arn:aws:iam::123456789012:instance-profile/my-profile",
        "identity-based",
        explicit=True,
        policy_arn="arn:aws:iam::123456789012:policy/ExampleDenyPolicy",
        authorization_id="EXAMPLE1a2b3c4d5e6f7g8h9i0j",
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    's3:PutObject on resource: "arn:aws:s3:::b/my file.txt" because no identity-based policy allows the '
    "s3:PutObject action": Denial(JOHN, "s3:PutObject", "arn:aws:s3:::b/my file.txt", "identity-based"),
    # KMS
    "kms:GenerateDataKey on this resource because no identity-based policy allows the kms:GenerateDataKey "
    "action": Denial(JOHN, "kms:GenerateDataKey", "", "identity-based"),
    "kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this "
    "Region, no resource-based policies allow access, or a resource-based policy explicitly denies access": (
        Denial(JOHN, "kms:Decrypt", "", "resource-based")
    ),
    # Without a kind
    f"{CODE} on resource: {DEPLOYMENTS} with an explicit deny": Denial(
        JOHN, CODE, DEPLOYMENTS, explicit=True
    ),
    CODE: Denial(JOHN, CODE),
}
BLOB = "4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abc_D"


@pytest.mark.parametrize("words", DOCUMENTED)
def test_every_documented_shape_is_read(words: str) -> None:
    assert read_denial(START + words) == DOCUMENTED[words]


def test_an_encoded_message_is_kept_for_the_command_that_decodes_it() -> None:
    bare = "You are not authorized to perform this operation."
    coded = f"Encoded authorization failure message: {BLOB}"
    assert read_denial(f"{bare} {coded}") == Denial(encoded=BLOB)
    told = f"{bare} User: {JOHN} is not authorized to perform: a:B on resource: r because no session policy"
    assert read_denial(f"{told} allows the a:B action. {coded}") == Denial(
        JOHN, "a:B", "r", "session", encoded=BLOB
    )


@pytest.mark.parametrize(
    "message", ["Access Denied", "", "is not authorized to", "User: x is not authorized"]
)
def test_a_bare_denial_says_nothing(message: str) -> None:
    assert read_denial(message) is None


@pytest.mark.parametrize(
    "message",
    ["User: " * 200_000, f"User: {'x' * 1_000_000} is not authorized to perform: a:b on resource: r"],
)
def test_a_denial_of_a_megabyte_is_read_at_once(message: str) -> None:
    assert read_denial(message) is None


_WORD = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=60).filter(
    lambda word: word.split() == [word] and '"' not in word
)
_KINDS = st.sampled_from(
    ["identity-based", "resource-based", "session", "service control", "resource control", "VPC endpoint"]
)


@given(
    st.builds("arn:aws:iam::1:user/{}".format, _WORD),
    st.builds("{}:{}".format, *[st.text(ascii_letters, min_size=1, max_size=20)] * 2),
    _WORD,
    _KINDS,
    st.booleans(),
)
def test_whatever_principal_and_resource_are_called_they_are_read_whole(
    principal: str, action: str, resource: str, kind: str, explicit: bool
) -> None:
    reason = (
        f"with an explicit deny in a {kind} policy"
        if explicit
        else f"because no {kind} policy allows the {action} action"
    )
    said = f"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"
    assert read_denial(said) == Denial(principal, action, resource, kind, explicit)


@given(st.text(max_size=300))
def test_no_words_break_the_reading(words: str) -> None:
    for message in (words, START + words, START + "a:B on resource: " + words, START + "a:B with " + words):
        denial = read_denial(message)
        assert denial is None or denial.action or denial.encoded
