"""Write down what the program does today, so that a change of its structure can be held against it.

    python -m tests.freeze FOLDER [CAPTURES…]

writes plain text files to FOLDER: how pages are read, what a library holds after `add`, `remove`, a correction and
undo, what queries find, and the bytes of every export. Run it before a change and after it, then `diff -r` both
folders. CAPTURES are more folders of pages to read. The screens are held by `tests/snapshots`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import gettempdir

from reader import cli
from reader.export.formats import FORMATS, OPENING_FORMATS
from reader.library import Library
from reader.library.articles import LineRef
from reader.library.state.corrections import Statement
from tests.paths import CAPTURES, JUDGED, SAMPLE_DATA

_PAGES = (SAMPLE_DATA, CAPTURES, JUDGED)
_VIRTUAL = ("search",)
"""Tables that SQLite fills itself."""
_WORDS = (
    "company data people security cloud market government workers software platform users money week report "
    "battery lettuce harbor bank chip union office privacy election startup engineer hospital school energy"
).split()
_FILTERS = (
    "is:truncated", "is:whole", "is:sponsored", "-is:sponsored", "section:china", "section:enterprise",
    "after:2021", "before:2022-06", "in:headline",
)  # fmt: skip


def _run(*arguments: str) -> str:
    """What a command prints, its messages and its exit status below."""
    out, problems = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with redirect_stdout(out), redirect_stderr(problems):
        status = cli.main(arguments)
    out.flush()
    data = out.buffer.getvalue()
    return f"{data.decode()}\n--\n{problems.getvalue()}\nstatus {status}\n"


def _queries() -> Iterator[str]:
    """200 queries of every kind."""
    for index, word in enumerate(_WORDS):
        other = _WORDS[(index * 7 + 3) % len(_WORDS)]
        yield from (word, f"{word} {other}", f"{word} OR {other}", f"{word} -{other}", f"{word[:3]}*")
        yield f"{word} {_FILTERS[index % len(_FILTERS)]}"
    for word in _WORDS[:22]:
        yield f'"the {word}"'
    yield from _FILTERS[:-1]
    yield from ("", "(", '"', "section:", "zzzzqqqq", "after:soon")


def _dump(path: Path) -> Iterator[str]:
    """Every row of a library, in order; long values as digests."""
    database = sqlite3.connect(path)
    tables = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith(("sqlite_", *_VIRTUAL))
    ]
    for table in tables:
        yield f"== {table}"
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        for row in database.execute(f"SELECT * FROM {table} ORDER BY {', '.join(columns)}"):
            yield " | ".join(
                f"{name}={_shown(value)}"
                for name, value in zip(columns, row, strict=True)
                if (table, name) != ("files", "stamp")
            )
    database.close()


def _shown(value: object) -> str:
    if isinstance(value, bytes) and len(value) > 20:
        return "#" + hashlib.sha256(value).hexdigest()[:16]
    return value.hex() if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False)


def _first_body_line(library: Library) -> tuple[LineRef, str]:
    """The second line of the longest capture, to be corrected."""
    stored = library.article(library.listing().rows(0, 1)[0].key)
    text = library.capture(stored.capture_key).text
    digest = hashlib.sha256(text.encode()).digest()
    line = stored.article.first_line
    return LineRef(digest, line), text.splitlines()[line - 1]


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def main(folder: Path, more: list[Path]) -> None:
    """Write all of it to `folder`; the captures in the folders `more` are read too."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(gettempdir()) / "protocol-reader-freeze"  # A fixed place: paths are part of what is kept.
    shutil.rmtree(scratch, ignore_errors=True)
    homes = dict.fromkeys(
        ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(scratch / "home")
    )
    os.environ.update(homes, SOURCE_DATE_EPOCH="1600000000", TZ="UTC")
    pages = scratch / "pages"
    pages.mkdir(parents=True)
    try:
        for number, source in enumerate((*_PAGES, *more)):
            target = pages / f"{number}-{source.resolve().name}"
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.json"))
        os.chdir(pages)
        _freeze(folder, scratch / "library.db")
    finally:
        shutil.rmtree(scratch)


def _freeze(folder: Path, path: Path) -> None:
    names = sorted(entry.name for entry in Path().iterdir())
    for name in names:
        _write(folder, f"parse-{name}.txt", _run("parse", "--lines", name))
    library = ("--library", str(path))
    _write(folder, "add.txt", _run("add", *library, *names))
    _write(folder, "library-added.txt", "\n".join(_dump(path)))
    _write(folder, "again.txt", _run("add", *library, *names))
    found = [f"== {query}\n" + _run("search", *library, "--json", "--", query) for query in _queries()]
    _write(folder, "search.txt", "\n".join(found))
    _write(folder, "check.txt", _run("check", *library))
    for command in ("stats", "missing", "corrections"):
        _write(folder, f"{command}.txt", _run(command, *library))
    for opening_form in OPENING_FORMATS:
        listed = _run("missing", *library, "--format", opening_form.name)
        _write(folder, f"missing.{opening_form.name}.txt", listed)
    for form in FORMATS:
        output = folder / f"export.{form.name}"
        _run("export", *library, "--format", form.name, "--output", str(output), "--force")
    _correct_and_undo(folder, path)
    _write(folder, "remove.txt", _run("remove", *library, "--yes", "1-captures"))
    _write(folder, "library-removed.txt", "\n".join(_dump(path)))


def _correct_and_undo(folder: Path, path: Path) -> None:
    """A correction, a star and a read mark; then all of it undone."""
    with Library.open(path) as library:
        state = library.state
        spot, shown = _first_body_line(library)
        state.correct(spot, Statement("=paragraph"), shown)
        keys = [row.key for row in library.listing().rows(0, 3)]
        state.set_starred(keys[0], True)
        state.set_read(keys[1], True)
    _write(folder, "library-corrected.txt", "\n".join(_dump(path)))
    with Library.open(path) as library:
        while library.state.undo():
            pass
    _write(folder, "library-undone.txt", "\n".join(_dump(path)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).absolute(), [Path(given).absolute() for given in sys.argv[2:]])
