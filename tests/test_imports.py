"""What is imported when: the engine stands without the screen, and nothing is opened by an import."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCREEN = {"textual", "rich", "sqlite3", "asyncio"}


def imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "from reader.cli import main; main(['parse', '/dev/null'])",
        "import reader.export, reader.settings, reader.sanitize",
    ],
)
def test_the_engine_needs_neither_screen_nor_database(statement: str) -> None:
    assert not imported_by(statement) & SCREEN


def test_the_library_needs_no_screen() -> None:
    assert not imported_by("import reader.library") & {"textual", "rich"}


def test_a_start_loads_no_library_that_it_may_not_need() -> None:
    late = {"tomlkit", "urllib3", "warcio"}
    assert not imported_by("import reader.app.app; from reader.settings import in_force; in_force()") & late
    assert not imported_by("from reader.commands import export, missing; import reader.cli") & late
    assert not imported_by("from reader.commands import add, parse, reading; import reader.cli") & {
        *late,
        "rich",
        "textual",
    }
