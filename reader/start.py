"""The program `protocol-reader`.

A file of its own, because another distribution that imports as `reader` may have replaced `__main__.py`, and because
`reader.cli` is loaded only after the search for garbage is off.
"""

from __future__ import annotations

import gc


def main() -> int:
    """Run the command line; return the exit status.

    Modules stay, so there is no search for garbage until those of the command are loaded: it takes 4 ms.
    """
    gc.disable()
    try:
        from reader.cli import main as run

        return run()
    except KeyboardInterrupt:  # before a command handles it
        return 130
