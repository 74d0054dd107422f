"""Logins that have ended and codes of MFA devices: one dialog at a time, on the wire and in the window."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cwtui.core.errors import CredentialsError, Renewal, RenewalKind
from cwtui.core.ports import MfaQuestion
from cwtui.settings import Settings
from cwtui.ui.screens.login import LoginScreen
from cwtui.ui.screens.mfa import MfaScreen
from cwtui.wiring import Services
from tests.fakes.aws import FakeAws
from tests.fakes.aws_fixture import clock, fake_aws
from tests.ui.shell import ShellApp, make_app, running, screen_text, settle

__all__ = ["clock", "fake_aws"]

DEVICE = "arn:aws:iam::123456789012:mfa/ana"
CORP = Renewal(RenewalKind.LOGIN, "corp", ("aws", "sso", "login", "--profile", "corp"))
ENDED = CredentialsError("The SSO session of profile 'corp' has expired.", "", code="sso", renewal=CORP)


class SuspendingApp(ShellApp):
    """A test has no terminal to hand over: it is noted that it was."""

    suspended = 0

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.suspended += 1
        yield


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, name: str, body: str) -> None:
    script = folder / name
    script.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    script.chmod(0o755)


def app_on(fake_aws: FakeAws, home: Path, config: str, profile: str) -> SuspendingApp:
    (home / "aws-config").write_text(config)
    settings = Settings(profile=profile, region="eu-west-1", endpoint_url=fake_aws.url)
    return SuspendingApp(Services(settings, fake_aws.clock))


async def until(pilot: Pilot[Any], kind: type[object]) -> None:
    """Waits until a screen of that kind is in front, painted."""
    async with asyncio.timeout(20):
        while not isinstance(pilot.app.screen, kind):
            await asyncio.sleep(0.01)
    await pilot.pause()


def words(app: ShellApp) -> str:
    """What stands on the screen, as running text."""
    return " ".join(screen_text(app).replace("▌", " ").split())


KEYS = "[profile saml]\naws_access_key_id = {}\naws_secret_access_key = s\naws_session_token = t\n"
PROCESS = "[profile idp]\ncredential_process = idp --role oncall\n"
CODED = (
    "[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n"
    "[profile oncall]\nrole_arn = arn:aws:iam::123456789012:role/oncall\nsource_profile = keys\n"
    f"mfa_serial = {DEVICE}\n"
)


# The dialog of a login -------------------------------------------------------------------------------


async def ask(pilot: Pilot[Any], screen: LoginScreen | MfaScreen) -> list[object]:
    """Shows a dialog; gives a list that its answer will stand in."""
    answers: list[object] = []
    pilot.app.push_screen(screen, answers.append)
    await pilot.pause()
    return answers


async def test_it_says_what_ended_and_the_command_and_runs_it_with_the_terminal(programs: Path) -> None:
    install(programs, "aws", "open(sys.argv[0] + '.ran', 'w').write(' '.join(sys.argv[1:]))")
    app = SuspendingApp(make_app().services)
    async with running(app, (80, 24)) as pilot:
        answers = await ask(pilot, LoginScreen(ENDED, CORP))
        text = screen_text(app)
        assert "The SSO session of profile 'corp' has expired." in text
        assert "aws sso login --profile corp" in text
        assert "reading goes on where it stopped" in words(app)
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [True]
    assert app.suspended == 1
    assert (programs / "aws.ran").read_text() == "sso login --profile corp"


async def test_a_login_that_fails_says_so_and_can_be_run_again(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(programs, "aws", "sys.exit(255)")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    app = SuspendingApp(make_app().services)
    async with running(app, (80, 24)) as pilot:
        answers = await ask(pilot, LoginScreen(ENDED, CORP))
        await pilot.press("enter")
        await pilot.pause()
        assert "ended with code 255" in screen_text(app)
        assert answers == []
        install(programs, "aws", "")
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [True]


@pytest.mark.parametrize(("key", "answer"), [("escape", False), ("t", True)])
async def test_it_need_not_be_run_here(programs: Path, key: str, answer: bool) -> None:
    install(programs, "aws", "")
    app = SuspendingApp(make_app().services)
    async with running(app) as pilot:
        answers = await ask(pilot, LoginScreen(ENDED, CORP))
        await pilot.press(key)
        await pilot.pause()
        assert answers == [answer]
    assert app.suspended == 0


async def test_a_program_that_is_not_installed_is_named_with_what_to_run(programs: Path) -> None:
    app = SuspendingApp(make_app().services)
    async with running(app, (80, 24)) as pilot:
        answers = await ask(pilot, LoginScreen(ENDED, CORP))
        text = words(app)
        assert "The program aws is not installed here" in text
        assert "aws sso login --profile corp" in text
        await pilot.press("y")
        assert app.clipboard == "aws sso login --profile corp"
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [True]
    assert app.suspended == 0


async def test_what_a_credential_process_prints_is_not_shown(
    programs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    install(programs, "idp", "print('top secret'); print('which second factor?', file=sys.stderr)")
    renewal = Renewal(RenewalKind.PROCESS, "idp", ("idp",))
    app = SuspendingApp(make_app().services)
    async with running(app) as pilot:
        answers = await ask(pilot, LoginScreen(ENDED, renewal))
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [True]
    captured = capfd.readouterr()
    assert "top secret" not in captured.out + captured.err
    assert "which second factor?" in captured.err


async def test_keys_in_the_environment_cannot_be_tried_again() -> None:
    app = SuspendingApp(make_app().services)
    async with running(app) as pilot:
        answers = await ask(pilot, LoginScreen(ENDED, Renewal(RenewalKind.RESTART, "")))
        assert "start cwtui again" in words(app)
        await pilot.press("enter")
        await pilot.pause()
        assert answers == [False]


async def test_hostile_names_are_inert_in_both_dialogs() -> None:
    evil = "\x1b]52;c;aGk=\x07[@click=app.quit]x[/]\u202e"
    error = CredentialsError(f"The session of '{evil}' has ended.", code="sso")
    app = SuspendingApp(make_app().services)
    async with running(app) as pilot:
        for screen in (
            LoginScreen(error, Renewal(RenewalKind.LOGIN, evil, ("aws", "--profile", evil))),
            LoginScreen(error, Renewal(RenewalKind.FILE, evil)),
            MfaScreen(MfaQuestion(evil, evil, evil, refused=evil)),
        ):
            await ask(pilot, screen)
            text = screen_text(app)
            assert not {"\x1b", "\x07", "\u202e"} & set(text)
            assert "[@click=app.quit]" in text
            await pilot.press("escape")
            await pilot.pause()


# The dialog of a code --------------------------------------------------------------------------------

QUESTION = MfaQuestion("oncall", DEVICE, "arn:aws:iam::123456789012:role/oncall")


async def test_a_code_is_six_digits_however_they_are_grouped() -> None:
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        answers = await ask(pilot, MfaScreen(QUESTION))
        text = screen_text(app)
        assert "The profile 'oncall' asks for an MFA code." in text
        assert DEVICE in text
        await pilot.press(*"12q3", "enter")
        assert "A code is 6 digits." in screen_text(app)
        await pilot.press("space", *"456", "enter")
        await pilot.pause()
        assert answers == ["123456"]


async def test_what_the_service_said_to_the_last_code_stands_above_the_next() -> None:
    app = make_app()
    question = MfaQuestion("oncall", DEVICE, "r", "MultiFactorAuthentication failed.", 2)
    async with running(app, (80, 24)) as pilot:
        answers = await ask(pilot, MfaScreen(question))
        assert "MultiFactorAuthentication failed. 2 more tries." in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert answers == [""]


# The whole way ---------------------------------------------------------------------------------------


async def test_the_list_asks_for_the_code_and_comes(fake_aws: FakeAws, isolated_home: Path) -> None:
    fake_aws.logs.group("/shop/cart")
    fake_aws.sts.codes = {DEVICE: "123456"}
    app = app_on(fake_aws, isolated_home, CODED, "oncall")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", fake_aws.url)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, MfaScreen)
            await pilot.press(*"000000", "enter")
            async with asyncio.timeout(20):
                while "invalid MFA one time pass code" not in words(app):
                    await pilot.pause(0.01)
            await pilot.press(*"123456", "enter")
            await settle(pilot)
            assert "/shop/cart" in screen_text(app)


async def test_who_gives_up_a_code_is_asked_again_by_ctrl_r_only(
    fake_aws: FakeAws, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_aws.logs.group("/shop/cart")
    fake_aws.sts.codes = {DEVICE: "123456"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake_aws.url)
    app = app_on(fake_aws, isolated_home, CODED, "oncall")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, MfaScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert "No MFA code was given for profile 'oncall'." in screen_text(app)
        await pilot.press("ctrl+r")
        await until(pilot, MfaScreen)
        await pilot.press(*"123456", "enter")
        await settle(pilot)
        assert "/shop/cart" in screen_text(app)


async def test_an_ended_login_is_offered_and_the_list_comes_afterwards(
    fake_aws: FakeAws, isolated_home: Path, programs: Path
) -> None:
    """The login is a credential_process, whose first answers have expired."""
    fake_aws.logs.group("/shop/cart")
    fake_aws.sts.ended = {"ASIAOLD"}
    state = isolated_home / "key"
    state.write_text("ASIAOLD")
    # The SDK reads its answer from a pipe; run by hand, it logs in.
    install(
        programs,
        "idp",
        f"import json, os, pathlib, stat; state = pathlib.Path({str(state)!r})\n"
        "if not stat.S_ISFIFO(os.fstat(1).st_mode): state.write_text('ASIANEW')\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': state.read_text(), 'SecretAccessKey': 's'}))",
    )
    app = app_on(fake_aws, isolated_home, PROCESS, "idp")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, LoginScreen)
        assert "idp --role oncall" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "/shop/cart" in screen_text(app)
    assert app.suspended == 1


async def test_many_who_wait_see_one_dialog_and_all_go_on(fake_aws: FakeAws, isolated_home: Path) -> None:
    fake_aws.sts.ended = {"ASIAOLD"}
    app = app_on(fake_aws, isolated_home, KEYS.format("ASIAOLD"), "saml")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, LoginScreen)
        error = await failure_of(app)
        waiting = [asyncio.ensure_future(app.signing_in.renew(error)) for _ in range(4)]
        await pilot.pause()
        assert sum(isinstance(screen, LoginScreen) for screen in app.screen_stack) == 1
        (isolated_home / "aws-config").write_text(KEYS.format("ASIANEW"))
        await pilot.press("enter")
        assert await asyncio.gather(*waiting) == [True] * 4
        await settle(pilot)
        assert not any(isinstance(screen, LoginScreen) for screen in app.screen_stack)


async def test_who_does_not_want_to_log_in_is_asked_once(fake_aws: FakeAws, isolated_home: Path) -> None:
    fake_aws.sts.ended = {"ASIAOLD"}
    app = app_on(fake_aws, isolated_home, KEYS.format("ASIAOLD"), "saml")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, LoginScreen)
        error = await failure_of(app)
        waiting = asyncio.ensure_future(app.signing_in.renew(error))
        await pilot.press("escape")
        assert not await waiting
        async with asyncio.timeout(20):
            assert not await app.signing_in.renew(error)
        await settle(pilot)
        assert "have expired" in screen_text(app)
        await pilot.press("ctrl+r")
        await until(pilot, LoginScreen)


async def test_a_dialog_whose_asker_has_gone_goes_too(fake_aws: FakeAws) -> None:
    app = make_app()
    async with running(app) as pilot:
        asking = asyncio.ensure_future(app.signing_in.ask_mfa(QUESTION))
        await until(pilot, MfaScreen)
        asking.cancel()
        await asyncio.wait([asking])
        await pilot.pause()
        assert not isinstance(app.screen, MfaScreen)


async def failure_of(app: ShellApp) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        await app.services.reader.groups_page("", None)
    return caught.value
