"""Codes of MFA devices, sessions that end in the middle, and signing in afresh: on the wire."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.credentials import SSOProvider
from botocore.tokens import SSOTokenProvider

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import CredentialsError, PermissionDenied, RenewalKind
from cwtui.core.models import EventsRequest, LiveRequest, LogGroup, TimeWindow
from cwtui.core.ports import MfaQuestion
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault

DEVICE = "arn:aws:iam::123456789012:mfa/ana"
ROLE = "arn:aws:iam::123456789012:role/oncall"
GROUP = "/shop"
REQUEST = EventsRequest(GROUP, TimeWindow(0))


class User:
    """Answers questions for codes, one after another; remembers them."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[MfaQuestion] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def __call__(self, question: MfaQuestion) -> str:
        self.asked.append(question)
        await self.hold.wait()
        return self.answers.pop(0)


@pytest.fixture
def profiles(
    fake_aws: FakeAws, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Writes the AWS configuration; STS and the SSO portal are the fake too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake_aws.url)
    # The SDK finds the home when it is imported, which may have been another test's.
    for provider in (SSOProvider, SSOTokenProvider):
        monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(isolated_home / ".aws/sso/cache"))
    fake_aws.logs.group(GROUP)

    def write(text: str) -> None:
        (isolated_home / "aws-config").write_text(text)

    return write


CODED = (
    "[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n"
    f"[profile oncall]\nrole_arn = {ROLE}\nsource_profile = keys\nmfa_serial = {DEVICE}\nregion = eu-west-1\n"
    "[profile over]\nrole_arn = arn:aws:iam::999999999999:role/other\nsource_profile = oncall\n"
)


def reader_for(profile: str, user: User | None, **values: str) -> CloudWatchReader:
    settings = Settings(profile=profile, region="eu-west-1", **values)  # type: ignore[arg-type]
    return CloudWatchReader(settings, attempts=1, ask_mfa=user)


async def refusal(call: Awaitable[object]) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        await call
    return caught.value


# A code ---------------------------------------------------------------------------------------------


async def test_the_code_given_takes_the_role_on(fake_aws: FakeAws, profiles: Callable[[str], None]) -> None:
    profiles(CODED)
    fake_aws.sts.codes = {DEVICE: "123456"}
    user = User("123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        await reader.events_page(REQUEST, None)
    assert [(question.profile, question.device, question.role) for question in user.asked] == [
        ("oncall", DEVICE, ROLE)
    ]
    (assumed,) = fake_aws.called("AssumeRole")
    assert (assumed["SerialNumber"], assumed["TokenCode"]) == (DEVICE, "123456")
    keys = {call.access_key for call in fake_aws.calls if call.operation == "FilterLogEvents"}
    assert keys == set(fake_aws.sts.issued)


async def test_a_role_over_one_that_needs_a_code_asks_for_that_profiles_code(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    user = User("123456")
    async with aclosing(reader_for("over", user)) as reader:
        await reader.events_page(REQUEST, None)
    assert [question.profile for question in user.asked] == ["oncall"]
    assert len(fake_aws.called("AssumeRole")) == 2


async def test_a_role_given_by_itself_asks_for_the_code_of_its_device(fake_aws: FakeAws) -> None:
    fake_aws.logs.group(GROUP)
    fake_aws.sts.codes = {DEVICE: "123456"}
    user = User("123456")
    settings = Settings(endpoint_url=fake_aws.url, region="eu-west-1", role_arn=ROLE, mfa_serial=DEVICE)
    async with aclosing(CloudWatchReader(settings, keys=FAKE_KEYS, attempts=1, ask_mfa=user)) as reader:
        await reader.events_page(REQUEST, None)
    assert [question.role for question in user.asked] == [ROLE]


async def test_a_role_given_by_itself_asks_for_the_device_that_its_profile_names(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(
        f"[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\nmfa_serial = {DEVICE}\n"
    )
    fake_aws.sts.codes = {DEVICE: "123456"}
    user = User("123456")
    async with aclosing(reader_for("keys", user, role_arn=ROLE)) as reader:
        await reader.events_page(REQUEST, None)
    assert [question.device for question in user.asked] == [DEVICE]


async def test_calls_at_once_ask_once(fake_aws: FakeAws, profiles: Callable[[str], None]) -> None:
    profiles(CODED)
    user = User("123456")
    user.hold.clear()
    async with aclosing(reader_for("oncall", user)) as reader:
        calls = [asyncio.ensure_future(reader.events_page(REQUEST, None)) for _ in range(8)]
        while not user.asked:
            await asyncio.sleep(0.01)
        user.hold.set()
        await asyncio.gather(*calls)
    assert len(user.asked) == 1


async def test_a_wrong_code_is_asked_for_again_with_what_the_service_said(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    fake_aws.sts.codes = {DEVICE: "123456"}
    user = User("000000", "123 456", "123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        await reader.events_page(REQUEST, None)
    first, second, third = user.asked
    assert (first.refused, first.tries_left) == ("", 3)
    assert "invalid MFA one time pass code" in second.refused
    # What cannot be a code is not sent.
    assert (third.refused, third.tries_left) == ("A code is 6 digits.", 1)
    assert len(fake_aws.called("AssumeRole")) == 2


async def test_three_wrong_codes_are_the_end(fake_aws: FakeAws, profiles: Callable[[str], None]) -> None:
    profiles(CODED)
    fake_aws.sts.codes = {DEVICE: "123456"}
    user = User("000001", "000002", "000003")
    async with aclosing(reader_for("oncall", user)) as reader:
        error = await refusal(reader.events_page(REQUEST, None))
        assert (error.exit_code, error.code) == (3, "cwtui.auth.mfa-refused")
        assert "invalid MFA one time pass code" in error.message
        again = await refusal(reader.events_page(REQUEST, None))
    assert again.code == error.code
    assert len(user.asked) == 3


async def test_a_device_that_is_not_the_users_is_not_asked_for_again(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    fake_aws.sts.codes = {"another": "123456"}
    user = User("123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        with pytest.raises(PermissionDenied):
            await reader.events_page(REQUEST, None)
        with pytest.raises(PermissionDenied):
            await reader.events_page(REQUEST, None)
    assert len(user.asked) == 1


async def test_who_gives_up_is_asked_again_only_after_renewing(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    fake_aws.sts.codes = {DEVICE: "123456"}
    user = User("", "123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        outcomes = await asyncio.gather(
            *(reader.events_page(REQUEST, None) for _ in range(5)), return_exceptions=True
        )
        assert [getattr(outcome, "code", "") for outcome in outcomes] == ["cwtui.auth.mfa"] * 5
        assert len(user.asked) == 1
        await reader.renew()
        await reader.events_page(REQUEST, None)
    assert len(user.asked) == 2


async def test_nobody_to_ask_is_an_error_and_not_a_prompt_on_the_terminal(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    async with aclosing(reader_for("over", None)) as reader:
        error = await refusal(reader.groups_page("", None))
    assert (error.exit_code, error.code) == (3, "cwtui.auth.mfa")
    assert "'oncall'" in error.message
    assert fake_aws.calls == []


async def test_leaving_while_the_code_is_asked_for_leaves_nothing_behind(
    profiles: Callable[[str], None],
) -> None:
    profiles(CODED)
    user = User("123456", "123456")
    user.hold.clear()
    async with aclosing(reader_for("oncall", user)) as reader:
        call = asyncio.ensure_future(reader.events_page(REQUEST, None))
        while not user.asked:
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        user.hold.set()
        # Nobody gave up: the next call may ask.
        await reader.events_page(REQUEST, None)
    assert len(user.asked) == 2


async def test_an_mfa_session_that_ends_offers_a_new_code(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    user = User("123456", "654321")
    async with aclosing(reader_for("oncall", user)) as reader:
        await reader.events_page(REQUEST, None)
        fake_aws.sts.ended.update(fake_aws.sts.issued)
        error = await refusal(reader.events_page(REQUEST, None))
        assert error.renewal is not None
        assert (error.renewal.kind, error.renewal.profile) == (RenewalKind.MFA, "oncall")
        assert len(user.asked) == 1
        await reader.renew(error.renewal)
        await reader.events_page(REQUEST, None)
    assert len(user.asked) == 2


async def test_the_sdk_does_not_ask_early_for_a_code_that_lasts(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    # botocore would renew credentials that end within 15 minutes.
    fake_aws.sts.lifetime = 300
    user = User("123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        for _ in range(3):
            await reader.events_page(REQUEST, None)
    assert len(user.asked) == 1


async def test_an_mfa_session_in_its_last_minute_offers_a_new_code(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    fake_aws.sts.lifetime = 30
    user = User("123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        error = await refusal(reader.events_page(REQUEST, None))
    assert error.code == "cwtui.auth.mfa-ended"
    assert error.renewal is not None
    assert len(user.asked) == 1


# A login --------------------------------------------------------------------------------------------

SSO = (
    "[profile corp]\nsso_session = my\nsso_account_id = 123456789012\nsso_role_name = r\n"
    "[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
    f"[profile over]\nrole_arn = {ROLE}\nsource_profile = corp\n"
)


def log_in(home: Path, token: str, lasts: float = 3600) -> None:
    """What `aws sso login` leaves behind."""
    cache = home / ".aws/sso/cache" / f"{hashlib.sha1(b'my').hexdigest()}.json"
    cache.parent.mkdir(parents=True, exist_ok=True)
    expires = datetime.fromtimestamp(time.time() + lasts, tz=UTC)
    cache.write_text(
        json.dumps(
            {
                "startUrl": "https://corp.example/start",
                "region": "eu-west-1",
                "accessToken": token,
                "expiresAt": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
            }
        )
    )


@pytest.mark.parametrize("profile", ["corp", "over"])
async def test_a_login_that_ends_is_renewed_by_its_command_and_reading_goes_on(
    fake_aws: FakeAws, profiles: Callable[[str], None], isolated_home: Path, profile: str
) -> None:
    profiles(SSO)
    log_in(isolated_home, "first")
    fake_aws.sts.sso_tokens = {"first"}
    async with aclosing(reader_for(profile, None)) as reader:
        await reader.events_page(REQUEST, None)
        fake_aws.sts.sso_tokens = {"second"}
        fake_aws.sts.ended.update(fake_aws.sts.issued)
        error = await refusal(reader.events_page(REQUEST, None))
        assert error.renewal is not None
        assert error.renewal.kind is RenewalKind.LOGIN
        assert error.renewal.command == ("aws", "sso", "login", "--profile", "corp")
        assert "aws sso login --profile corp" in error.hint
        # Without a login, signing in afresh fails and says the same.
        await reader.renew(error.renewal)
        error = await refusal(reader.events_page(REQUEST, None))
        assert error.code == "cwtui.auth.sso"
        assert error.renewal is not None
        log_in(isolated_home, "second")
        await reader.renew(error.renewal)
        await reader.events_page(REQUEST, None)


async def test_no_login_yet_names_the_command(profiles: Callable[[str], None], fake_aws: FakeAws) -> None:
    profiles(SSO)
    async with aclosing(reader_for("over", None)) as reader:
        error = await refusal(reader.groups_page("", None))
    assert error.code == "cwtui.auth.sso"
    assert error.renewal is not None
    assert error.renewal.command == ("aws", "sso", "login", "--profile", "corp")


async def test_a_login_that_ran_out_by_itself_names_the_command(
    profiles: Callable[[str], None], fake_aws: FakeAws, isolated_home: Path
) -> None:
    profiles(SSO)
    log_in(isolated_home, "first", lasts=-60)
    async with aclosing(reader_for("corp", None)) as reader:
        error = await refusal(reader.groups_page("", None))
    assert error.code == "cwtui.auth.sso"
    assert error.renewal is not None


async def test_keys_written_anew_into_a_file_are_read_anew(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    keys = "[profile saml]\naws_access_key_id = {}\naws_secret_access_key = s\naws_session_token = t\n"
    profiles(keys.format("ASIAFIRST"))
    fake_aws.sts.ended = {"ASIAFIRST"}
    async with aclosing(reader_for("saml", None)) as reader:
        error = await refusal(reader.events_page(REQUEST, None))
        assert error.code == "cwtui.auth.expired"
        assert error.renewal is not None
        assert error.renewal.kind is RenewalKind.FILE
        profiles(keys.format("ASIASECOND"))
        await reader.renew(error.renewal)
        await reader.events_page(REQUEST, None)
    assert fake_aws.calls[-1].access_key == "ASIASECOND"


async def test_a_credential_process_that_fails_is_named_with_what_it_said(
    profiles: Callable[[str], None], tmp_path: Path
) -> None:
    script = tmp_path / "idp"
    script.write_text("#!/bin/sh\necho 'log in to idp first' >&2\nexit 3\n")
    script.chmod(0o755)
    profiles(f"[profile idp]\ncredential_process = {script} --role oncall\n")
    async with aclosing(reader_for("idp", None)) as reader:
        error = await refusal(reader.groups_page("", None))
    assert error.code == "cwtui.auth.process"
    assert "log in to idp first" in error.message
    assert error.renewal is not None
    assert error.renewal.command == (str(script), "--role", "oncall")


async def test_credentials_that_had_expired_when_they_came_are_no_bug(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles("[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = s\n")
    fake_aws.sts.lifetime = -60
    async with aclosing(reader_for("keys", None, role_arn=ROLE)) as reader:
        error = await refusal(reader.events_page(REQUEST, None))
    assert error.code == "cwtui.auth.stale"
    assert "clock" in error.hint


# Signing in afresh ----------------------------------------------------------------------------------


async def test_calls_in_flight_end_on_what_they_began_with(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fake_aws.logs.put(GROUP, "s", fake_aws.clock() - 1, "a line")
    gate = asyncio.Event()
    fake_aws.script("FilterLogEvents", Fault.stall(gate))
    call = asyncio.ensure_future(cloudwatch.events_page(REQUEST, None))
    while not fake_aws.called("FilterLogEvents"):
        await asyncio.sleep(0.01)
    await cloudwatch.renew()
    assert len((await cloudwatch.events_page(REQUEST, None)).batch) == 1
    gate.set()
    assert len((await call).batch) == 1


async def test_a_live_tail_outlives_the_session_it_began_with(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fake_aws.logs.group(GROUP)
    async with aclosing(cloudwatch.live(LiveRequest((LogGroup(GROUP),)))) as updates:
        await anext(updates)
        await cloudwatch.renew()
        await cloudwatch.groups_page("", None)
        for _ in range(3):
            await anext(updates)


async def test_what_ended_before_somebody_renewed_renews_nothing(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    user = User("123456", "123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        await reader.events_page(REQUEST, None)
        fake_aws.sts.ended.update(fake_aws.sts.issued)
        errors = [await refusal(reader.events_page(REQUEST, None)) for _ in range(3)]
        assert all(reader.is_current(error.renewal) for error in errors)
        for error in errors:
            await reader.renew(error.renewal)
            await reader.events_page(REQUEST, None)
            assert not reader.is_current(error.renewal)
    assert len(user.asked) == 2


async def test_a_session_that_was_replaced_is_closed(cloudwatch: CloudWatchReader) -> None:
    await cloudwatch.groups_page("", None)
    before = cloudwatch._session
    assert before is not None
    client = await before.client("logs")
    await cloudwatch.renew()
    await cloudwatch.groups_page("", None)
    assert cloudwatch._session is not before
    assert client._endpoint.http_session._sessions is None


# The clock ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "told"), [(420_000, "7m 00s behind"), (-3_600_000, "1h 00m ahead of")])
async def test_a_clock_that_is_off_is_named_and_nothing_loops(fake_aws: FakeAws, off: int, told: str) -> None:
    fake_aws.script("DescribeLogGroups", Fault.skew(off))
    settings = Settings(endpoint_url=fake_aws.url, region="eu-west-1")
    async with aclosing(
        CloudWatchReader(settings, keys=FAKE_KEYS, clock=fake_aws.clock, attempts=4)
    ) as reader:
        error = await refusal(reader.groups_page("", None))
    assert error.code == "cwtui.auth.clock"
    assert told in error.message
    assert error.renewal is None
    assert len(fake_aws.called("DescribeLogGroups")) == 1


# Lending ------------------------------------------------------------------------------------------------


async def test_an_export_uses_the_keys_that_a_code_was_given_for(
    fake_aws: FakeAws, profiles: Callable[[str], None]
) -> None:
    profiles(CODED)
    user = User("123456")
    async with aclosing(reader_for("oncall", user)) as reader:
        await reader.events_page(REQUEST, None)
        key, _, token = await asyncio.to_thread(reader.lend_keys)
    assert (key, token) == (fake_aws.sts.issued[0], "token")
    assert len(user.asked) == 1
