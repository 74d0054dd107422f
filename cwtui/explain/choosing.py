"""Which model is asked, and that log text leaves this computer only where that was allowed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from cwtui.core.errors import InputError, NotFound
from cwtui.core.ports import ModelInfo

SMALL = 3e9
"""Parameters below which a model is asked for one sentence at a time."""
SUGGESTED_MODEL = "qwen2.5:3b"
_PULL = "ollama pull {name}"
_EMBEDDING = re.compile(r"embed|bge-|minilm", re.IGNORECASE)
_SIZE = re.compile(r"([\d.]+)\s*([KMBT])", re.IGNORECASE)
_UNIT = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def check_host(host: str, allow_remote: bool) -> None:
    """Raises InputError where the model's host is another machine and that was not allowed."""
    if not allow_remote and not is_loopback(host):
        raise InputError(
            f"The model's host {host} is not this computer; log text would leave it.",
            "Allow it with allow_remote_model = true under [safety], or unset OLLAMA_HOST.",
            code="remote-model",
        )


def check_model(model: ModelInfo, allow_remote: bool) -> None:
    """Raises InputError where prompts for the model go elsewhere and that was not allowed."""
    if is_remote(model) and not allow_remote:
        raise InputError(
            f"The model {model.name} runs on another machine; log text would leave this computer.",
            "Choose a local model, or set allow_remote_model = true under [safety].",
            code="remote-model",
        )


def is_loopback(host: str) -> bool:
    """Whether a URL or `host[:port]` names this machine; a name that only resolves to it does not count."""
    name = urlsplit(host if "://" in host else f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def choose_model(models: Sequence[ModelInfo], wanted: str = "", allow_remote: bool = False) -> ModelInfo:
    """The wanted model, or the largest local one.

    Raises NotFound with the command that mends it, InputError for a model that runs elsewhere.
    """
    if wanted:
        found = next((model for model in models if model.name in (wanted, f"{wanted}:latest")), None)
        if found is None:
            raise NotFound(f"The model {wanted} is not installed.", _PULL.format(name=wanted), code="model")
        check_model(found, allow_remote)
        return found
    able = [model for model in models if not is_remote(model) and not _EMBEDDING.search(model.name)]
    if not able:
        raise NotFound("No local model is installed.", _PULL.format(name=SUGGESTED_MODEL), code="model")
    return max(able, key=lambda model: (parameters(model), model.size_bytes, model.name))


def is_remote(model: ModelInfo) -> bool:
    """Whether prompts for this model leave the machine, by the server's word or by its name."""
    tag = model.name.rpartition(":")[2]
    return model.remote or tag == "cloud" or tag.endswith("-cloud")


def is_small(model: ModelInfo) -> bool:
    """Whether it is asked for one sentence at a time."""
    return 0 < parameters(model) < SMALL or "tinyllama" in model.name.lower()


def away(host: str, model: ModelInfo) -> str:
    """Where prompts for the model go when that is not this computer; else empty."""
    if is_remote(model):
        return "the maker of the model"
    return "" if is_loopback(host) else host


def parameters(model: ModelInfo) -> float:
    """How many it has; 0 where the server does not say."""
    match = _SIZE.match(model.parameters)
    try:
        return float(match.group(1)) * _UNIT[match.group(2).upper()] if match else 0.0
    except ValueError:
        return 0.0
