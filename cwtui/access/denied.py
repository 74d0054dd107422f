"""Reads AWS's access-denied sentence: who, what, on which resource, which policy said no, and how.

Every shape of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.md, those of
KMS, encoded messages, and the authorization id of
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html.
What to do about it is `remedies.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NOT_AUTHORIZED = " is not authorized to "
_ACTION = re.compile(r"perform: ?(?P<action>[A-Za-z0-9-]+:[A-Za-z0-9*]+)")
_RESOURCE = re.compile(
    r" on (?:the )?resource: ?(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>.+?))(?= because | with an explicit deny|$)"
)
# All but the boundary end with "policy".
_KIND = r"permissions boundary|[\w-]+(?: [\w-]+){0,3}?(?= polic(?:y|ies)\b)"
_EXPLICIT = re.compile(
    rf"with an explicit deny(?: in (?:an?|the) (?P<policy>{_KIND})(?: polic(?:y|ies))?"
    rf"(?:: (?P<arn>arn:[^\s,]+?)(?=[.,;]?(?: |$)))?"
    rf"(?: transitively through (?:an?|the) (?P<through>{_KIND}))?)?"
)
_IMPLICIT = re.compile(rf"because no (?P<policy>{_KIND})(?: polic(?:y|ies))? allows? ")
_TRUST = re.compile(r"because the role trust policy ")
_KMS_SILENT = re.compile(r"on the resource associated with this ciphertext|no resource-based policies allow")
_ENCODED = re.compile(r"[Ee]ncoded authorization failure message: ?(?P<blob>[\w=+/-]{16,})")
_AUTHORIZATION_ID = re.compile(r"following authorization id: ?(?P<id>\w{8,64})")
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Denial:
    """What the sentence says; empty where it does not. Foreign text."""

    principal: str = ""
    """The ARN of who asked, or `anonymous`."""
    action: str = ""
    resource: str = ""
    policy: str = ""
    """The kind of policy that said no: `identity-based`, `resource-based`, `session`,
    `permissions boundary`, `service control`, `resource control`, `VPC endpoint`, `role trust`."""
    explicit: bool = False
    """A statement denies it, rather than none allowing it."""
    policy_arn: str = ""
    """Of the policy that denies, where AWS names it."""
    through: str = ""
    """The kind of policy that stands behind the one named (`transitively through`)."""
    encoded: str = ""
    """What `aws sts decode-authorization-message` reads."""
    authorization_id: str = ""
    """What `aws iam-toolbox get-request-authorization-details` takes."""

    @property
    def of_organisation(self) -> bool:
        """Whether somebody above the account decides: no statement inside it mends that."""
        return bool({self.policy, self.through} & {"service control", "resource control"})


def read_denial(message: str) -> Denial | None:
    """The parts of an access-denied message, or None for the bare `Access Denied`."""
    text = " ".join(message[:_LONGEST].split())
    blob = found["blob"] if (found := _ENCODED.search(text)) else ""
    head, said, tail = text.partition(_NOT_AUTHORIZED)
    action = _ACTION.match(tail)
    if not said or (action is None and not blob):
        return Denial(encoded=blob) if blob else None
    # An assumed role's ARN has no spaces, and nothing of the principal's stands before it.
    principal = head.rpartition(" ")[2].removeprefix("User:").removeprefix("Principal:")
    if action is None:
        return Denial(principal, encoded=blob)
    resource = _RESOURCE.match(tail, action.end())
    named = (resource["quoted"] or resource["plain"] or "") if resource else ""
    context = tail[resource.end() if resource else action.end() :]
    if blob:
        named = named.partition(". ")[0].removesuffix(".")
    policy, explicit, arn, through = _reason(context)
    asked = _AUTHORIZATION_ID.search(context)
    return Denial(
        principal, action["action"], named, policy, explicit, arn, through, blob, asked["id"] if asked else ""
    )


def _reason(context: str) -> tuple[str, bool, str, str]:
    """The kind of policy, whether it denies outright, its ARN, and the kind behind it."""
    if found := _EXPLICIT.search(context):
        return _kind(found["policy"]), True, found["arn"] or "", _kind(found["through"])
    if found := _IMPLICIT.search(context):
        return _kind(found["policy"]), False, "", ""
    if _TRUST.search(context):
        return "role trust", False, "", ""
    return ("resource-based" if _KMS_SILENT.search(context) else ""), False, "", ""


def _kind(words: str | None) -> str:
    # The documentation itself writes "a sessions policy".
    kind = (words or "").strip()
    return "session" if kind == "sessions" else kind
