"""`--context` on the command line, and what is wrong with contexts told with the exit code of its kind."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cwtui.settings import contexts_file
from tests.cli.conftest import cwtui
from tests.fakes.aws import FakeAws, Fault

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s" * 40}
ROLE = "arn:aws:iam::123456789012:role/oncall"


@pytest.fixture
async def aws(isolated_home: Path) -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=lambda: time.time_ns() // 1_000_000) as fake:
        path = contexts_file()
        path.parent.mkdir(parents=True)
        path.write_text(
            f'[contexts.prod-eu]\nregion = "eu-central-1"\nrole_arn = "{ROLE}"\nexternal_id = "acme-7"\n'
            f'endpoint_url = "{fake.url}"\nduration = "30m"\n'
        )
        yield fake


@pytest.mark.parametrize("by", ["flag", "environment", "file"])
async def test_a_context_is_named_by_a_flag_the_environment_or_the_file(aws: FakeAws, by: str) -> None:
    if by == "file":
        contexts_file().with_name("config.toml").write_text('[aws]\ncontext = "prod-eu"\n')
    flags = ("--context", "prod-eu") if by == "flag" else ()
    env = KEYS | ({"CWTUI_CONTEXT": "prod-eu"} if by == "environment" else {})
    ended = await cwtui("whoami", *flags, env=env)
    assert ended.code == 0
    (record,) = ended.records
    assert (record["context"], record["region"], record["provider"]) == (
        "prod-eu",
        "eu-central-1",
        "assume-role",
    )
    assert record["expires"] > "2026"
    (assumed,) = aws.called("AssumeRole")
    assert (assumed["ExternalId"], assumed["DurationSeconds"]) == ("acme-7", "1800")


async def test_a_flag_beside_the_context_wins(aws: FakeAws) -> None:
    ended = await cwtui("whoami", "--context", "prod-eu", "--region", "us-east-1", env=KEYS)
    assert ended.records[0]["region"] == "us-east-1"


@pytest.mark.parametrize(
    ("written", "name", "code", "said"),
    [
        ("", "prod-us", 2, "'prod-eu'"),
        ("[contexts.x]\nrole_arm = 'y'\n", "prod-eu", 2, "'role_arn'"),
    ],
)
async def test_a_context_that_is_not_there_or_not_right(
    aws: FakeAws, written: str, name: str, code: int, said: str
) -> None:
    with contexts_file().open("a") as file:
        file.write(written)
    ended = await cwtui("groups", "--context", name, env=KEYS)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


async def test_a_role_that_cannot_be_taken_on_ends_with_4(aws: FakeAws) -> None:
    aws.script("AssumeRole", Fault.access_denied("sts:AssumeRole", ROLE))
    ended = await cwtui("groups", "--context", "prod-eu", env=KEYS)
    assert ended.code == 4
    assert "ExternalId" in ended.err or "your side" in ended.err


async def test_no_credentials_end_with_3(aws: FakeAws) -> None:
    ended = await cwtui("groups", "--context", "prod-eu", env={"AWS_SECRET_ACCESS_KEY": "s"})
    assert ended.code == 3
    assert "not AWS_ACCESS_KEY_ID" in ended.err


async def test_contexts_and_profiles_are_listed_without_asking_anyone(
    aws: FakeAws, isolated_home: Path
) -> None:
    (isolated_home / "aws-config").write_text(
        "[profile corp]\nsso_session = my\nsso_account_id = 333333333333\nsso_role_name = r\n"
        "[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
    )
    ended = await cwtui("contexts")
    assert ended.code == 0
    listed = {record["context"]: record for record in ended.records}
    assert {"prod-eu", "corp"} <= listed.keys()
    assert not {"demo", "files"} & listed.keys()
    prod = listed["prod-eu"]
    assert (prod["regions"], prod["role"], prod["account"]) == (["eu-central-1"], ROLE, "123456789012")
    assert (prod["production"], prod["allowWrite"]) == (True, False)
    assert (listed["corp"]["kind"], listed["corp"]["account"]) == ("sso", "333333333333")
    assert "acme-7" not in ended.out
    assert not aws.calls


async def test_a_wrong_contexts_file_still_lists_the_profiles_and_ends_with_2(isolated_home: Path) -> None:
    contexts_file().parent.mkdir(parents=True, exist_ok=True)
    contexts_file().write_text("[contexts.x]\nrole_arm = 'y'\n")
    (isolated_home / "aws-config").write_text("[profile corp]\nregion = eu-west-1\n")
    ended = await cwtui("contexts")
    assert ended.code == 2
    assert "corp" in [record["context"] for record in ended.records]
    assert "role_arn" in ended.err
