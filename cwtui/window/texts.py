"""Texts as DuckDB can hold them: everything but lone surrogates, which UTF-8 has no bytes for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def storable(texts: NDArray[Any]) -> tuple[NDArray[Any], dict[int, bytes]]:
    """The texts as UTF-8 can hold them, and by position the bytes of those that it cannot."""
    if all(map(str.isascii, texts)):  # mostly so, and told without looking at the letters
        return texts, {}
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raws = {at: text.encode("utf-8", "surrogatepass") for at, text in enumerate(texts) if _broken(text)}
        fixed = [utf8(text) if at in raws else text for at, text in enumerate(texts)]
        return np.array(fixed, dtype=object), raws
    return texts, {}


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
