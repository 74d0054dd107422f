"""The contexts file, profiles as contexts, and the settings that they become."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwtui.access.contexts import (
    Contexts,
    find_context,
    in_context,
    members_of,
    parse_contexts,
    read_contexts,
    settings_for,
)
from cwtui.core.errors import InputError
from cwtui.settings import Settings, contexts_file, load_settings

HUB = "arn:aws:iam::111122223333:role/oncall"
FILE = f"""
[defaults]
external_id = "acme-7"
role_arn = "{HUB}"

[contexts.prod-eu]
profile = "hub"
region = "eu-west-1"
duration = "1h"
favourites = ["/shop/*"]
colour = "red"

[contexts.dev]
source_profile = "hub"
regions = ["eu-west-1", "us-east-1"]
allow_write = true
production = false
"""


@pytest.fixture
def contexts(isolated_home: Path) -> Contexts:
    (isolated_home / "aws-config").write_text(
        "[default]\nregion = eu-central-1\n[profile hub]\nregion = eu-north-1\n"
    )
    path = contexts_file()
    path.parent.mkdir(parents=True)
    path.write_text(
        FILE + '\n[contexts.all]\nrole_arn = ""\nexternal_id = ""\nmembers = ["prod-eu", "hub"]\n'
    )
    return read_contexts()


def test_what_is_not_written_comes_from_the_defaults(contexts: Contexts) -> None:
    spec = find_context("prod-eu", contexts)
    assert (spec.profile, spec.role_arn, spec.external_id) == ("hub", HUB, "acme-7")
    assert (spec.regions, spec.duration, spec.favourites) == (("eu-west-1",), 3600, ("/shop/*",))


def test_no_file_means_no_contexts() -> None:
    assert read_contexts().specs == ()


def test_a_file_that_the_environment_names_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CWTUI_CONTEXTS", str(tmp_path / "none.toml"))
    with pytest.raises(InputError, match=r"none\.toml does not exist"):
        read_contexts()


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[contexts.a]\nrole_arm = 'x'\n", "line 2: [contexts.a] role_arm is not a key", "'role_arn'"),
        ("[defaults]\n\nallow_writes = true\n", "line 3: [defaults] allow_writes", "'allow_write'"),
        ('[contexts."a b"]\nregion = "x"\nzzz = 1\n', "line 3: [contexts.a b] zzz", "The keys are"),
        ("[context.a]\nregion = 'x'\n", "'context' is no part", "'contexts'"),
        ("profile = 'x'\n", "line 1: 'profile' is no part", "[contexts.NAME]"),
        ("[contexts.a]\nallow_write = 'yes'\n", "must be true or false", ""),
        ("[contexts.a]\nregions = 'eu'\n", "must be a list", ""),
        ("[contexts.a]\nregion = 'eu'\nregions = ['us']\n", "says again", ""),
        ("[contexts.a]\nduration = 'soon'\n", "'soon' is not a duration", ""),
        ("[contexts.a]\nduration = '1m'\n", "lasts 15m to 12h", ""),
        ("[contexts.a]\nsession_name = 'a b'\n", "cannot be a session name", ""),
        ("[contexts.a]\nexternal_id = 'x'\n", "no role_arn", ""),
        (
            "[contexts.a]\nrole_arn = 'oncall'\n",
            "line 2: [contexts.a] role_arn: 'oncall' is no ARN",
            "arn:aws:iam::",
        ),
        ("[contexts.a]\nmembers = ['a']\n", "member of itself", ""),
        ("[contexts.a]\nmembers = ['b']\nprofile = 'p'\n", "credentials of its own", ""),
        ("[contexts.a\n", "not valid TOML", ""),
        ("contexts = 3\n", "contexts are tables", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, said: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_contexts(text, Path("contexts.toml"))
    assert caught.value.message.startswith("contexts.toml")
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_profile_is_a_context_of_its_name_and_region(contexts: Contexts) -> None:
    found = settings_for(Settings(), find_context("hub", contexts))
    assert (found.context, found.profile, found.region, found.role_arn) == ("hub", "hub", "eu-north-1", "")


def test_a_name_that_is_neither_names_the_nearest(contexts: Contexts) -> None:
    with pytest.raises(InputError, match="'prod-us'") as caught:
        find_context("prod-us", contexts)
    assert "'prod-eu'" in caught.value.hint


def test_nothing_of_the_context_before_outlives_a_switch(contexts: Contexts) -> None:
    before = Settings(
        context="x",
        profile="other",
        region="ap-south-1",
        role_arn="r",
        external_id="e",
        mfa_serial="m",
        endpoint_url="http://localhost:1",
        allow_write=True,
        mock=True,
        theme="dusk",
    )
    found = settings_for(before, find_context("hub", contexts))
    kept = (found.role_arn, found.external_id, found.mfa_serial, found.endpoint_url, found.profile)
    assert kept == ("", "", "", "", "hub")
    assert (found.allow_write, found.mock, found.theme) == (False, False, "dusk")


def test_writing_is_allowed_there_only_where_the_context_says_so(contexts: Contexts) -> None:
    dev = settings_for(Settings(), find_context("dev", contexts))
    assert dev.allow_write
    assert not settings_for(dev, find_context("prod-eu", contexts)).allow_write


def test_several_regions_are_members_each_with_its_own(contexts: Contexts) -> None:
    dev = settings_for(Settings(), find_context("dev", contexts))
    assert [(label, one.region, one.profile, one.allow_write) for label, one in dev.members] == [
        ("dev/eu-west-1", "eu-west-1", "hub", True),
        ("dev/us-east-1", "us-east-1", "hub", True),
    ]
    assert settings_for(Settings(), find_context("dev", contexts), "us-east-1").members == ()


def test_members_are_contexts_or_profiles_and_flags_reach_each(contexts: Contexts) -> None:
    spec = find_context("all", contexts)
    assert [(label, one.context, one.role_arn) for label, one in members_of(Settings(), spec)] == [
        ("prod-eu", "prod-eu", HUB),
        ("hub", "hub", ""),
    ]
    given = {"context": "all", "endpoint_url": "http://localhost:1", "region": "us-east-1"}
    found = in_context(load_settings(given), given)
    assert {one.endpoint_url for _, one in found.members} == {"http://localhost:1"}
    assert {one.region for _, one in found.members} == {"us-east-1"}
    assert [one.context for _, one in found.members] == ["prod-eu", "hub"]


def test_a_member_with_members_is_refused(contexts: Contexts) -> None:
    more = parse_contexts("[contexts.top]\nmembers = ['all']\n", Path("c"))
    both = Contexts((*contexts.specs, *more.specs))
    with pytest.raises(InputError, match="'all'"):
        members_of(Settings(), find_context("top", both), both)


@pytest.mark.parametrize(
    ("flags", "environ", "file", "expected"),
    [
        ({}, {}, "prod-eu", ("prod-eu", "hub")),
        ({}, {"AWS_PROFILE": "hub"}, "prod-eu", ("", "hub")),
        ({}, {"AWS_PROFILE": "x", "CWTUI_CONTEXT": "prod-eu"}, "", ("prod-eu", "hub")),
        ({"profile": "hub"}, {"CWTUI_CONTEXT": "prod-eu"}, "", ("", "hub")),
        ({"context": "dev"}, {"AWS_PROFILE": "x", "CWTUI_CONTEXT": "prod-eu"}, "", ("dev", "hub")),
        ({"context": "dev", "profile": "mine"}, {}, "", ("dev", "mine")),
        ({"mock": True}, {"CWTUI_CONTEXT": "prod-eu"}, "", ("", "")),
    ],
)
def test_what_is_named_nearest_wins(
    contexts: Contexts,
    monkeypatch: pytest.MonkeyPatch,
    flags: dict[str, object],
    environ: dict[str, str],
    file: str,
    expected: tuple[str, str],
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    if file:
        contexts_file().with_name("config.toml").write_text(f'[aws]\ncontext = "{file}"\n')
    found = in_context(load_settings(flags), flags)
    assert (found.context, found.profile) == expected
