"""The regions that there are and their partitions, from the SDK's own data; the SDK is not imported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def known_regions() -> Mapping[str, str]:
    """Region to partition, in order; empty where the SDK's data cannot be read. Blocking, a few ms, once."""
    spec = find_spec("botocore")
    try:
        folder = Path((spec.submodule_search_locations or [""])[0]) if spec else Path()
        document = json.loads((folder / "data/partitions.json").read_text(encoding="utf-8"))
        found = {
            str(region): str(partition["id"])
            for partition in document["partitions"]
            for region in partition["regions"]
            if not region.endswith("-global")
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(sorted(found.items()))


def nearest_region(name: str) -> str:
    """The region that was probably meant, or empty."""
    near = get_close_matches(name.strip().lower(), known_regions(), 1, 0.6)
    return near[0] if near else ""
