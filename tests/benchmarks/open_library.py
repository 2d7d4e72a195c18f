"""Opens a library as the command does: `python -m tests.benchmarks.open_library FILE`."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from reader import cli
from reader.app import terminal


def main() -> int:
    """The command's own look at the terminal, then the app, imported no sooner than there."""
    if terminal.obstacles():
        return cli.WRONG_USE
    gc.disable()
    from reader.app.running import run
    from reader.app.watchdog import Watchdog
    from reader.library import Library
    from reader.settings import in_force, user_paths
    from reader.settings.session_store import SessionStore, name_of_library

    with Watchdog() as watchdog, Library.open(Path(sys.argv[1])) as library:
        session_store = SessionStore(user_paths().state, name_of_library(library.path))
        return run(
            library, title="Library", in_force=in_force(), session_store=session_store, watchdog=watchdog
        )


if __name__ == "__main__":
    sys.exit(main())
