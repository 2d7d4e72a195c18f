"""What is imported when: the engine stands without the screen, and nothing is opened by an import."""

from __future__ import annotations

import subprocess
import sys

SCREEN = {"textual", "rich", "sqlite3", "asyncio"}


def imported_by(statement: str) -> set[str]:
    """The modules that a statement loads; a package under its own name too."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_the_engine_needs_neither_screen_nor_database() -> None:
    # The pictures of the app are drawn in a process that the first of them waits for.
    engine = "import reader.export, reader.settings, reader.sanitize, reader.app.pictures; from reader.cli import main"
    assert not imported_by(f"{engine}; main(['parse', '/dev/null'])") & SCREEN


def test_a_start_loads_no_library_that_it_may_not_need() -> None:
    late = {"pyphen", "selectolax", "tomlkit", "urllib3", "warcio"}
    app = "import reader.app.app; from reader.commands import export; from reader.settings import in_force"
    assert not imported_by(f"{app}; in_force()") & late
    commands = "from reader.commands import add, parse, reading; import reader.cli"
    assert not imported_by(commands) & {*late, "rich", "textual"}


def test_the_library_needs_no_screen() -> None:
    assert not imported_by("import reader.library") & {"textual", "rich"}


def test_what_the_app_does_without_can_still_be_imported() -> None:
    first = "from reader.app import terminal; terminal.import_asyncio(); import asyncio, hashlib"
    openssl = {"ssl", "_ssl", "_hashlib"}
    assert not imported_by(first) & openssl
    assert imported_by(f"{first}; import ssl, _hashlib") >= openssl
