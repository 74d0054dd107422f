"""The house rules that a program can check: who loads what, how text reaches widgets, what git holds."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "cwtui").rglob("*.py"))
LOADED = """
import importlib, json, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        importlib.import_module(found.name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages that a fresh Python holds once it imported the modules and all below them."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *modules], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_nothing_below_the_faces_loads_a_screen_or_a_network() -> None:
    loaded = loaded_by("cwtui.core", "cwtui.lang", "cwtui.window", "cwtui.fetch", "cwtui.explain")
    assert "cwtui" in loaded
    assert (
        loaded & {"textual", "click", "aiobotocore", "botocore", "boto3", "ollama", "httpx", "aiohttp"}
        == set()
    )


def test_the_command_line_begins_without_anything_heavy() -> None:
    loaded = loaded_by("cwtui.__main__", "cwtui.cli.main")
    assert "click" in loaded
    heavy = {"textual", "rich", "numpy", "duckdb", "lark", "aiobotocore", "botocore", "boto3", "ollama"}
    assert loaded & heavy == set()


def test_core_is_the_standard_library_only() -> None:
    ours = loaded_by("cwtui.core") - sys.stdlib_module_names
    bare = loaded_by() - sys.stdlib_module_names
    assert ours - bare == {"cwtui"}


def test_every_module_says_what_it_owns() -> None:
    assert len(MODULES) > 80
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


WIDGETS = frozenset({"Static", "Label", "Button", "Markdown", "Collapsible", "TabPane", "Option", "Checkbox"})
TITLES = frozenset({"border_title", "border_subtitle", "tooltip"})


def unsafe_calls(source: str) -> list[str]:
    """Where a `str` that may hold data would be read as markup: each as its line of source."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if _is_unsafe(node)]


def _is_unsafe(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        named = {target.attr for target in targets if isinstance(target, ast.Attribute)}
        return bool(named & TITLES) and not _is_content(node.value)
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "notify":
        markup = next((word.value for word in node.keywords if word.arg == "markup"), None)
        return not (isinstance(markup, ast.Constant) and markup.value is False)
    if name in WIDGETS and node.args:
        return _is_composed_text(node.args[0])
    return name in ("from_markup", "from_ansi", "render_markup")


def _is_content(value: ast.expr | None) -> bool:
    return value is None or isinstance(value, ast.Call | ast.Constant)


def _is_composed_text(value: ast.expr) -> bool:
    """An f-string, a sum, a `%` or `.format`: text with something in it."""
    if isinstance(value, ast.JoinedStr | ast.BinOp):
        return True
    return isinstance(value, ast.Call) and (
        getattr(value.func, "attr", "") in ("format", "join")
        or getattr(value.func, "id", "") in ("str", "repr")
    )


@pytest.mark.parametrize(
    "source",
    [
        "self.notify(text)",
        "app.notify(text, markup=True)",
        'Static(f"{name}")',
        'Label("a " + name)',
        'Static("%s" % name)',
        'Button(str(error), id="x")',
        'Option("{}".format(name))',
        "self.border_title = name",
        'self.border_title = f"{name}"',
        "Text.from_ansi(message)",
        "Content.from_markup(message)",
    ],
)
def test_the_search_for_markup_finds_it(source: str) -> None:
    assert unsafe_calls(source)


def test_no_widget_is_given_text_to_read_as_markup() -> None:
    found = {
        str(path.relative_to(ROOT)): unsafe
        for path in MODULES
        if "ui" in path.parts and (unsafe := unsafe_calls(path.read_text()))
    }
    assert found == {}


def registry_hosts() -> set[str]:
    """Hosts of package registries: the public ones, and those that pip is set up with here."""
    # Put together here, so that this file is not what it looks for.
    public = {".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))}
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    own = {host for host in re.findall(r"://(?:[^/@\s']*@)?([\w.-]+)", done.stdout) if "." in host}
    return public | own


def test_no_file_in_git_names_the_host_of_a_package_registry() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git work tree")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    assert len(paths) > 100
    hosts = registry_hosts()
    named = {
        f"{path.relative_to(ROOT)}: {host}"
        for path in paths
        if path.is_file()
        for text in (path.read_bytes(),)
        for host in hosts
        if host.encode() in text
    }
    assert named == set()
