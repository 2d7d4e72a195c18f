"""What is imported when: the engine stands without the screen, and nothing is opened by an import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    late = {"pyphen", "tomlkit", "urllib3", "warcio"}
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


def test_a_page_of_text_waits_for_no_other_format_and_nothing_that_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(
        "POWER\n\nA headline\n\nA paragraph that is no longer than it has to be.\n"
    )
    loaded = imported_by(
        "from reader.library import Library\n"
        "with Library.temporary() as library:\n"
        f"    assert library.ingest([{str(tmp_path / 'page.txt')!r}]).captures == 1"
    )
    assert not loaded & {
        "html",
        "plistlib",
        "backports.zstd",
        "selectolax",
        "reader.captures.tables",
        "reader.captures.archives",
        "reader.captures.unpacking",
        "reader.captures.warc",
        "reader.library.ingest.removing",
        "reader.library.overview",
    }
