"""The console script: gives the headless face the way into the terminal face, which it may not import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cwtui.cli.main import main as cli_main

if TYPE_CHECKING:
    from cwtui.wiring import Services, Start


def run_tui(services: Services, start: Start) -> int:
    """Opens the terminal face; Textual is imported only now."""
    from cwtui.ui.app import run

    return run(services, start)


def main() -> int:
    """Runs `cwtui` with the arguments of the process."""
    return cli_main(run_tui=run_tui)


if __name__ == "__main__":
    sys.exit(main())
