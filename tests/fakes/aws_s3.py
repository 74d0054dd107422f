"""What S3 says of a bucket, as far as `doctor` asks: whose it is, where, how it is encrypted and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.aws_logs import Refusal

_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(slots=True)
class FakeBucket:
    owner: str
    region: str = "eu-west-1"
    key: str = ""
    """The KMS key that encrypts it; empty: S3's own."""
    blocked: bool = True
    """Public access to it."""
    public: bool = False
    """Its policy lets everybody in."""


@dataclass(slots=True)
class FakeS3:
    buckets: dict[str, FakeBucket] = field(default_factory=dict)

    def operation(self, method: str, query: Mapping[str, str]) -> str:
        """The API's name of a request."""
        if method == "HEAD":
            return "HeadBucket"
        named = {
            "location": "GetBucketLocation",
            "encryption": "GetBucketEncryption",
            "publicAccessBlock": "GetPublicAccessBlock",
            "policyStatus": "GetBucketPolicyStatus",
        }
        return next((named[name] for name in query if name in named), "PutObject")

    def answer(self, operation: str, name: str, owner: str) -> tuple[str, Mapping[str, str]]:
        """The body and headers; `owner` is who the caller expects, or empty."""
        bucket = self.buckets.get(name)
        if bucket is None:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        if owner and owner != bucket.owner:
            raise Refusal("AccessDenied", "Access Denied", 403)
        headers = {"x-amz-bucket-region": bucket.region}
        if operation == "GetBucketLocation":
            return f"<LocationConstraint {_NAMESPACE}>{bucket.region}</LocationConstraint>", headers
        if operation == "GetBucketEncryption":
            kind = (
                f"<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{bucket.key}</KMSMasterKeyID>"
                if bucket.key
                else "<SSEAlgorithm>AES256</SSEAlgorithm>"
            )
            default = "ApplyServerSideEncryptionByDefault"
            rule = f"<Rule><{default}>{kind}</{default}></Rule>"
            return (
                f"<ServerSideEncryptionConfiguration {_NAMESPACE}>{rule}</ServerSideEncryptionConfiguration>",
                headers,
            )
        if operation == "GetBucketPolicyStatus":
            public = str(bucket.public).lower()
            return f"<PolicyStatus {_NAMESPACE}><IsPublic>{public}</IsPublic></PolicyStatus>", headers
        if operation == "GetPublicAccessBlock":
            if not bucket.blocked:
                raise Refusal(
                    "NoSuchPublicAccessBlockConfiguration",
                    "The public access block configuration was not found",
                    404,
                )
            inner = "".join(f"<{name}>true</{name}>" for name in _BLOCKS)
            return (
                f"<PublicAccessBlockConfiguration {_NAMESPACE}>{inner}</PublicAccessBlockConfiguration>",
                headers,
            )
        return "", headers
