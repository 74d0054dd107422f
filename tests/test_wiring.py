from __future__ import annotations

from dataclasses import replace

import pytest

from cwtui.settings import Settings
from cwtui.wiring import Services


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(mock=True), "demo"),
        (Settings(from_paths=("/tmp/incident/",)), "incident"),
        (Settings(from_paths=("-",)), "stdin"),
        (Settings(from_paths=("a", "b")), "2 recordings"),
    ],
)
def test_what_is_read_offline_is_never_called_like_a_profile(settings: Settings, name: str) -> None:
    assert Services(replace(settings, profile="prod")).context.name == name


def test_the_context_of_an_open_recording_says_whether_writing_is_allowed() -> None:
    services = Services(Settings(mock=True, allow_write=True))
    assert services.reader.context.offline
    assert services.context.allow_write
