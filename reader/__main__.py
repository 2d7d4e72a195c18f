"""The program: `python -m reader` is `protocol-reader`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line; return the exit status.

    Modules stay, so there is no search for garbage until those of the command are loaded: it takes 4 ms.
    """
    gc.disable()
    from reader.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
