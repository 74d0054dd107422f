"""Our widgets live in Textual's classes: an attribute of ours with a private name of theirs breaks both."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from functools import cache
from importlib import import_module
from textwrap import dedent

import pytest
from textual.message_pump import MessagePump

import cwtui.ui


def _classes() -> list[type[MessagePump]]:
    modules = [import_module(found.name) for found in pkgutil.walk_packages(cwtui.ui.__path__, "cwtui.ui.")]
    every = [thing for module in modules for thing in vars(module).values() if inspect.isclass(thing)]
    ours = [kind for kind in every if issubclass(kind, MessagePump) and kind.__module__.startswith("cwtui")]
    return sorted(set(ours), key=lambda kind: kind.__qualname__)


@cache
def _assigned(kind: type) -> set[str]:
    """Private names that a class's own methods give to `self`."""
    tree = ast.parse(dedent(inspect.getsource(kind)))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and node.attr.startswith("_")
    }


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_no_attribute_of_ours_takes_a_private_name_of_textual(kind: type[MessagePump]) -> None:
    theirs: set[str] = set()
    for base in kind.__mro__:
        if base.__module__.startswith("textual"):
            theirs |= set(vars(base)) | _assigned(base)
    assert not _assigned(kind) & theirs
