"""The console script: gives the headless face the way into the terminal face, which it may not import."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from cwtui.cli.main import main as cli_main

if TYPE_CHECKING:
    from cwtui.wiring import Services, Start


def run_tui(services: Services, start: Start) -> int:
    """Opens the terminal face; Textual is imported only now."""
    # While thousands of classes and functions come into being there is no garbage, and looking for it
    # is a tenth of the start. The app switches it on again once all it needs is there.
    gc.disable()
    from cwtui.ui.app import run

    try:
        return run(services, start)
    finally:
        # What is left out of collections is never given back; libraries would complain on the terminal.
        gc.unfreeze()
        gc.enable()


def main() -> int:
    """Runs `cwtui` with the arguments of the process."""
    return cli_main(run_tui=run_tui)


if __name__ == "__main__":
    sys.exit(main())
