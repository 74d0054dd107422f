"""Checks of who is signed in: identity, where the keys come from, how long they last, and the clock."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime

from cwtui.access.credential_sources import SignedIn, Source
from cwtui.access.doctor.exam import Check, Exam
from cwtui.access.doctor.findings import Finding, Fix, Severity, Status
from cwtui.core.errors import CredentialsError, CwtuiError
from cwtui.core.timespec import human_duration

_ALIAS_SECONDS = 1.5
_SOON_MS = 10 * 60_000
_CLOCK_WARN_MS = 60_000
_CLOCK_FAIL_MS = 5 * 60_000
"""AWS refuses a signature that is further off."""
_BEST_PRACTICES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
_PROVIDERS = {
    "env": "keys in the environment",
    "sso": "an SSO login",
    "login": "aws login",
    "assume-role": "a role that was taken on",
    "assume-role-with-web-identity": "a web identity token",
    "shared-credentials-file": "keys in the credentials file",
    "config-file": "keys in the config file",
    "custom-process": "the profile's credential_process",
    "container-role": "the container's role",
    "iam-role": "the EC2 instance's role",
    "explicit": "keys that were handed over",
}
_FILES = {"shared-credentials-file", "config-file"}


async def identity(exam: Exam) -> Finding:
    """Who AWS says is asking; root is a failure."""
    caller = await exam.caller()
    arn, account = str(caller.get("Arn", "")), str(caller.get("Account", ""))
    alias = await _alias(exam)
    named = f"{alias} ({account})" if alias else account
    found = Finding("identity", "Who you are", Status.OK, f"{arn} in account {named}")
    if arn.endswith(":root"):
        return replace(
            found,
            status=Status.FAIL,
            severity=Severity.HIGH,
            exit_code=CredentialsError.exit_code,
            cause="These are the root user's credentials: nothing limits them, and nobody can tell who used "
            "them. Delete the root user's access keys and sign in with a role.",
            fix=Fix(cli="aws configure sso"),
            docs="https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
        )
    return found


async def _alias(exam: Exam) -> str:
    """The account's alias where it may be seen, and soon: a network may have no way to IAM."""
    with suppress(CwtuiError, TimeoutError):
        async with asyncio.timeout(_ALIAS_SECONDS):
            aliases = (await exam.once("iam", "ListAccountAliases", "AccountAliases"))["AccountAliases"]
            return str(aliases[0]) if aliases else ""
    return ""


async def credentials(exam: Exam) -> Finding:
    """Which provider won, which it beat, and whether the key lasts for ever."""
    signed = await exam.signed_in()
    won = _PROVIDERS.get(signed.provider, signed.provider or "an unknown provider")
    source = next((each for each in signed.sources if _is(each, signed.provider)), None)
    beaten = [each.words for each in signed.sources if each is not source]
    words = f"{source.words if source else won}; key {signed.key_kind}…{signed.key_end}"
    if beaten:
        words += f". Passed over: {'; '.join(beaten)}"
    found = Finding("credentials", "Where the keys come from", Status.OK, words)
    if signed.key_kind == "AKIA":
        return replace(
            found,
            status=Status.WARN,
            severity=Severity.MEDIUM,
            cause="A long-lived access key works until somebody deletes it, for whoever finds it. "
            "A role or an SSO login gives keys that end by themselves.",
            fix=Fix(cli="aws configure sso"),
            docs=_BEST_PRACTICES,
        )
    if signed.provider == "assume-role-with-web-identity":
        return replace(found, fix=_service_account(await _role(exam)))
    return found


def _is(source: Source, provider: str) -> bool:
    return source.provider == provider or (source.provider in _FILES and provider in _FILES)


async def _role(exam: Exam) -> str:
    """The name of the role behind the session, as its ARN tells."""
    try:
        arn = str((await exam.caller()).get("Arn", ""))
    except CwtuiError:
        return "ROLE"
    return arn.split("/")[1] if ":assumed-role/" in arn else "ROLE"


def _service_account(role: str) -> Fix:
    """How an EKS service account names its role, for whoever wonders whether it does."""
    return Fix(
        cli="kubectl annotate serviceaccount NAME -n NAMESPACE "
        f"eks.amazonaws.com/role-arn=arn:aws:iam::ACCOUNT:role/{role}"
    )


async def expiry(exam: Exam) -> Finding:
    """How long the credentials still last."""
    signed = await exam.signed_in()
    found = Finding("expiry", "How long they last", Status.OK)
    if signed.expires is None:
        return replace(found, evidence=_without_end(signed))
    left = signed.expires - exam.bench.clock()
    if left <= 0:
        return replace(
            found,
            status=Status.FAIL,
            severity=Severity.HIGH,
            evidence=f"They ended {human_duration(-left)} ago.",
            cause="Sign in again.",
            exit_code=CredentialsError.exit_code,
        )
    evidence = f"They end in {human_duration(left)}."
    return replace(found, evidence=evidence, status=Status.WARN if left < _SOON_MS else Status.OK)


def _without_end(signed: SignedIn) -> str:
    if signed.key_kind == "AKIA":
        return "They do not end by themselves."
    return "They do not say when they end."


async def clock(exam: Exam) -> Finding:
    """This machine's clock against the Date header of an answer."""
    caller = await exam.caller()
    headers = caller.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    found = Finding("clock", "This machine's clock", Status.OK)
    try:
        theirs = int(parsedate_to_datetime(str(headers.get("date", ""))).timestamp() * 1000)
    except ValueError:
        return replace(found, status=Status.UNKNOWN, evidence="The answer had no Date header.")
    off = int(caller["cwtuiNow"]) - theirs
    # The header counts whole seconds.
    if -1_000 <= off < 2_000:
        return replace(found, evidence="It agrees with AWS's to the second.")
    evidence = f"It is {human_duration(abs(off))} {'ahead of' if off > 0 else 'behind'} AWS's."
    if abs(off) < _CLOCK_WARN_MS:
        return replace(found, evidence=evidence)
    return replace(
        found,
        status=Status.FAIL if abs(off) >= _CLOCK_FAIL_MS else Status.WARN,
        severity=Severity.HIGH if abs(off) >= _CLOCK_FAIL_MS else Severity.MEDIUM,
        evidence=evidence,
        cause="AWS refuses signatures that are 5 minutes off, and relative times are counted by this clock.",
        fix=Fix(cli="sudo timedatectl set-ntp true"),
        exit_code=CredentialsError.exit_code if abs(off) >= _CLOCK_FAIL_MS else 0,
    )


CHECKS = (
    Check("identity", "Who you are", identity),
    Check("credentials", "Where the keys come from", credentials),
    Check("expiry", "How long they last", expiry),
    Check("clock", "This machine's clock", clock),
)
