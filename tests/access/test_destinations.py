"""Where one can go: contexts, profiles by how they sign in, the demo, the files one came with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cwtui.access.aws_profiles import read_profiles
from cwtui.access.destinations import Destination, destinations, named, settings_of
from cwtui.access.recents import Visit, note_visit
from cwtui.access.regions import known_regions, nearest_region
from cwtui.core.errors import InputError
from cwtui.settings import Settings, contexts_file

CONFIG = """
[default]
region = eu-central-1
[profile corp]
sso_session = my
sso_account_id = 333333333333
region = eu-west-1
[profile old-sso]
sso_start_url = https://old.example/start
[profile hub]
role_arn = arn:aws:iam::444444444444:role/hub
source_profile = default
[profile idp]
credential_process = idp --secret hunter2
[profile pod]
web_identity_token_file = /token
[profile "with space"]
aws_access_key_id = AKIA
[sso-session my]
sso_region = eu-west-1
sso_start_url = https://corp.example/start
[services local]
s3 =
  endpoint_url = http://127.0.0.1:1
"""


@pytest.fixture
def home(isolated_home: Path) -> Path:
    (isolated_home / "aws-config").write_text(CONFIG)
    (isolated_home / "aws-credentials").write_text(
        "[keys]\naws_access_key_id = AKIA\naws_secret_access_key = s\n"
    )
    return isolated_home


def found(start: Settings | None = None) -> dict[str, Destination]:
    return {place.name: place for place in destinations(start or Settings())}


def test_profiles_say_how_they_sign_in_and_where_they_lead(home: Path) -> None:
    places = found()
    assert {name: place.kind for name, place in places.items()} == {
        "default": "profile",
        "corp": "sso",
        "old-sso": "sso",
        "hub": "role",
        "idp": "process",
        "pod": "web identity",
        "with space": "keys",
        "keys": "keys",
        "demo": "demo",
    }
    assert (places["corp"].account, places["hub"].account) == ("333333333333", "444444444444")
    assert places["corp"].regions == ("eu-west-1",)


def test_a_profile_keeps_no_secret(home: Path) -> None:
    profiles = read_profiles()
    assert profiles["keys"].has_key
    assert profiles["keys"].has_secret
    assert not {"aws_access_key_id", "aws_secret_access_key"} & set(profiles["keys"].keys)


def test_the_end_of_an_sso_login_is_read_from_its_token(home: Path) -> None:
    cache = home / ".aws/sso/cache"
    cache.mkdir(parents=True)
    for about, ends in (
        ("my", "2026-11-22T12:00:00Z"),
        ("https://old.example/start", "2026-11-22T12:00:00UTC"),
    ):
        name = hashlib.sha1(about.encode(), usedforsecurity=False).hexdigest()
        (cache / f"{name}.json").write_text(json.dumps({"expiresAt": ends}))
    places = found()
    assert places["corp"].expires == places["old-sso"].expires == 1_795_348_800_000
    assert places["hub"].expires is None


def test_without_profiles_the_environment_is_one_and_the_demo_another(isolated_home: Path) -> None:
    assert {name: place.kind for name, place in found().items()} == {"default": "env", "demo": "demo"}


def test_a_context_hides_the_profile_of_its_name_and_what_was_used_last_stands_first(home: Path) -> None:
    path = contexts_file()
    path.parent.mkdir(parents=True)
    path.write_text(
        '[contexts.hub]\nprofile = "hub"\nproduction = true\n[contexts.all]\nmembers = ["hub", "corp"]\n'
    )
    note_visit(Visit("corp", at=5))
    note_visit(Visit("all", at=9))
    names = [place.name for place in destinations(Settings())]
    assert names[:2] == ["all", "corp"]
    assert names.count("hub") == 1
    assert found()["hub"].guarded
    assert found()["all"].kind == "several"


def test_one_can_go_back_to_the_files_one_came_with(home: Path) -> None:
    start = Settings(from_paths=("incident",), theme="dusk")
    there = settings_of(named("hub", start), start, start)
    assert (there.profile, there.from_paths, there.theme) == ("hub", (), "dusk")
    back = settings_of(named("files", start), there, start)
    assert (back.from_paths, back.profile, back.role_arn) == (("incident",), "", "")
    assert settings_of(named("demo", start), there, start).mock


def test_a_place_that_is_not_there_names_the_nearest(home: Path) -> None:
    with pytest.raises(InputError) as caught:
        named("crop", Settings())
    assert "'corp'" in caught.value.hint


def test_regions_are_those_of_every_partition() -> None:
    regions = known_regions()
    assert (regions["eu-west-1"], regions["cn-north-1"], regions["us-gov-west-1"]) == (
        "aws",
        "aws-cn",
        "aws-us-gov",
    )
    assert not any("global" in region for region in regions)
    assert (nearest_region("eu-wset-1"), nearest_region("EU_WEST_1"), nearest_region("?")) == (
        "eu-west-1", "eu-west-1", "",
    )  # fmt: skip
