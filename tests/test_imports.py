"""What is imported when: the engine stands without the screen, and nothing is opened by an import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCREEN = {"textual", "rich", "sqlite3", "asyncio"}


def imported_by(statement: str) -> set[str]:
    return printed_by(f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})")


def printed_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "from reader.cli import main; main(['parse', '/dev/null'])",
        "import reader.export, reader.settings, reader.sanitize",
        "import reader.app.pictures.decoder",  # In a process that the first picture waits for.
    ],
)
def test_the_engine_needs_neither_screen_nor_database(statement: str) -> None:
    assert not imported_by(statement) & SCREEN


def test_the_library_needs_no_screen() -> None:
    assert not imported_by("import reader.library") & {"textual", "rich"}


def test_a_start_loads_no_library_that_it_may_not_need() -> None:
    late = {"tomlkit", "urllib3", "warcio"}
    assert not imported_by("import reader.app.app; from reader.settings import in_force; in_force()") & late
    assert not imported_by("from reader.commands import export; import reader.cli") & late
    assert not imported_by("from reader.commands import add, parse, reading; import reader.cli") & {
        *late,
        "rich",
        "textual",
    }


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
        "reader.captures.jsonl",
        "reader.captures.tar",
        "reader.captures.unpacking",
        "reader.captures.warc",
        "reader.captures.zip",
        "reader.library.ingest.removing",
        "reader.library.listings.people",
    }


def test_no_garbage_is_looked_for_before_a_command_is_loaded_and_then_it_is_as_usual() -> None:
    counted = printed_by(
        """if True:
        import gc, sys
        from reader.start import main
        sys.argv = ["protocol-reader", "completions", "bash"]
        searched = []
        gc.callbacks.append(lambda phase, info: searched.append("reader.cli" in sys.modules and gc.get_freeze_count()))
        sys.stdout = open("/dev/null", "w")
        main()
        sys.stdout = sys.__stdout__
        print("all-later" if all(searched) else searched, "enabled" if gc.isenabled() else "disabled")
        """
    )
    assert counted == {"all-later", "enabled"}


def test_a_pattern_is_compiled_when_a_page_needs_it() -> None:
    # 90 patterns take 14 ms, and a short page tries a third of them.
    counted = printed_by(
        """if True:
        import re
        compile, patterns = re.compile, []
        def count(pattern, flags=0):
            patterns.append(pattern)
            return compile(pattern, flags)
        re.compile = count
        import reader.parsing
        imported = sum(isinstance(pattern, str) for pattern in patterns)
        reader.parsing.parse("POWER\\n\\nA headline\\n\\nA paragraph that is no longer than it has to be.")
        print(imported < 20 and "few-at-import", "some-for-a-page" if len(patterns) > imported else patterns)
        """
    )
    assert counted == {"few-at-import", "some-for-a-page"}
