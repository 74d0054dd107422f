"""The wheel, alone: what is shipped is enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*argv: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_installed_alone_lists_the_groups_of_its_demo(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    install = ("install", "--no-deps", "--no-index", "--disable-pip-version-check", wheel)
    run(sys.executable, "-m", "pip", "--python", python, *install, cwd=tmp_path)
    # The libraries come from the test environment; a plain path, so its own cwtui is not followed.
    site = Path(run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path).strip())
    (site / "libraries.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")

    where = run(python, "-c", "import cwtui; print(cwtui.__file__)", cwd=tmp_path)
    groups = [
        json.loads(line)
        for line in run(home / "bin" / "cwtui", "groups", "--mock", cwd=tmp_path).splitlines()
    ]

    assert where.startswith(str(home))
    assert "/aws/lambda/checkout" in [group["logGroupName"] for group in groups]
    assert len(groups) >= 6
    themes = run(home / "bin" / "cwtui", "themes", cwd=tmp_path).splitlines()
    assert len(themes) >= 5
