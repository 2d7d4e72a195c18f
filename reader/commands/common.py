"""What the commands share: exit statuses, sentences on stderr, the library that is meant.

The app's first screen waits for this module, so it imports nothing large.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TextIO

from reader.sanitize import sanitize

if TYPE_CHECKING:
    import argparse

    from reader.errors import QueryError
    from reader.library import Library
    from reader.settings import InForce
    from reader.settings.loading import Given

DONE, IN_PART, WRONG_USE, NOTHING_READ = range(4)
"""The exit statuses: done; done in part, each failure named on stderr; wrong use; nothing could be read."""
INTERRUPTED: Final = 130
MOST_JOBS: Final = 1_000
"""So many processes may read at most."""

LOCAL_ONLY: Final = "only “parse” reads and writes remote storage; name a path on this machine"

STATUSES: Final = (
    "exit status: 0 done, 1 done in part (each failure is named on stderr), 2 wrong use, "
    "3 nothing could be read"
)
PATHS: Final = """\
PATH is a folder (read with all its folders), - for standard input, or a file of one page or of many, told by its
content: plain text, HTML, JSON or JSON Lines of a crawl corpus, Parquet, WARC, WET, WACZ, and zip, tar, gzip or
Zstandard of any of these. Parquet and Zstandard need extras: pip install 'protocol-reader[parquet,zstd]'."""


def parser_for(name: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    """A parser of the words after a command's name; `epilog` goes before the exit statuses."""
    import argparse

    class Parser(argparse.ArgumentParser):
        """One whose complaints, which quote what the user wrote, are sanitized."""

        def error(self, message: str) -> NoReturn:
            from reader.sanitize import sanitize

            super().error(sanitize(message, multiline=True))

    return Parser(
        prog=f"protocol-reader {name}".strip(),
        description=description,
        epilog="\n\n".join(filter(None, [epilog, STATUSES])),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def path_word(word: str) -> str:
    """A word of the command line that names a file or folder; an error of argparse when nothing can have that name."""
    from argparse import ArgumentTypeError

    if "://" in word and is_url(word):
        raise ArgumentTypeError(f"{word}: {LOCAL_ONLY}")
    return path_or_url(word)


def path_or_url(word: str) -> str:
    """The same for a word that may also be the URL of a file or folder on remote storage."""
    from argparse import ArgumentTypeError

    if not word:
        raise ArgumentTypeError("the name is empty; name a file or folder")
    if "\0" in word:
        raise ArgumentTypeError(f"{word}: there is a NUL in the name; leave it out")
    try:
        os.fsencode(word)
    except UnicodeEncodeError as error:
        raise ArgumentTypeError(f"{word}: no file can have this name here ({error.encoding})") from error
    return word


def whole_number(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """What takes a word of the command line for a whole number; an error of argparse when it is not in this range."""

    def number(word: str) -> int:
        from argparse import ArgumentTypeError

        try:
            # A longer one is none that is meant, and takes long to read.
            found = int(word) if len(word) <= 20 else None
        except ValueError:
            found = None
        if found is None or not least <= found <= most:
            shown = word if len(word) <= 20 else f"{word[:20]}…"
            raise ArgumentTypeError(f"{shown!r}: a whole number from {least} to {most:,}")
        return found

    return number


def add_library_option(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which library file is meant."""
    parser.add_argument(
        "--library",
        type=path_word,
        metavar="FILE",
        help="the library, if not PROTOCOL_READER_LIBRARY or the default",
    )


def add_site_option(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which site's pages are wanted."""
    parser.add_argument(
        "--site",
        metavar="HOST",
        help="pages of this site alone, such as protocol.com; those of others are counted and passed over",
    )


def paths_of(
    parser: argparse.ArgumentParser, paths: Sequence[str], site: str | None, *, remote: bool = False
) -> Sequence[str]:
    """The paths, and with them the site whose pages are wanted; leaves with an error when that is none.

    ReaderError for a URL, unless files on `remote` storage can be read.
    """
    if not remote:
        refuse_urls(paths)
    if site is None:
        return paths
    from reader.captures import PathsOfSite
    from reader.errors import SettingsError

    try:
        return PathsOfSite(paths, site)
    except SettingsError as error:
        parser.error(str(error))


def refuse_urls(paths: Iterable[str]) -> None:
    """ReaderError when one of the paths is a URL, in a command that reads files of this machine only."""
    for path in paths:
        if "://" in path and is_url(path):
            from reader.errors import ReaderError

            raise ReaderError(f"{path}: {LOCAL_ONLY}")


def is_url(path: str) -> bool:
    """Whether a path is the URL of a file or folder on remote storage."""
    from reader.captures import (
        is_url as is_url_of_capture,  # Its package is large, and few paths look like one.
    )

    return is_url_of_capture(path)


def check_theme(parser: argparse.ArgumentParser, theme: str | None) -> None:
    """Leave with an error when a theme is named that there is not."""
    if not theme:
        return
    from reader.settings.checking import fault_of
    from reader.settings.options import BY_NAME

    if (wrong := fault_of(BY_NAME["screen.theme"], theme)) is not None:
        parser.error(f"--theme: {wrong}")


def library_path(named: str | None) -> Path:
    """The library file that is meant; it need not exist."""
    from reader.settings import user_paths

    return user_paths(named).library


def kept_path(named: str | None) -> Path:
    """The library file that is meant, which must exist; LibraryError when it does not."""
    from reader.errors import LibraryError

    path = library_path(named)
    if not is_there(path):
        raise LibraryError(f"{path}: there is no library yet; “protocol-reader add PATH” makes one")
    return path


def open_kept(named: str | None) -> Library:
    """The library that is meant, which must exist; LibraryError when it does not."""
    return opened(kept_path(named))


def is_there(path: Path) -> bool:
    """Is there such a file? LibraryError when that cannot be found out."""
    from reader.errors import LibraryError

    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        from reader.errors import reason

        raise LibraryError(f"{path}: {reason(error)}") from error
    return True


def opened(path: Path) -> Library:
    """The library at `path`, made if there is none."""
    from reader.commands.progress import StatusLine
    from reader.library import Library

    # A new version of this program may have to bring it up to date, which takes its time.
    with StatusLine("opening the library…"):
        return Library.open(path)


def settings_in_force(given: Given | None = None) -> InForce:
    """What is set, with all that is wrong; `given` is what the command line says: see `loading.in_force`.

    The keys are checked ones, named as the screen library does.
    """
    from reader.settings import in_force

    found = in_force(given)
    if not found.settings.keys:
        return found
    from reader.app.keymap import checked

    return checked(found)


def archive_of(parser: argparse.ArgumentParser, named: str | None) -> str:
    """The web archive that is meant: the one named, else that of the settings.

    Where those do not tell because they are faulty, none is guessed: leaves with an error.
    """
    if named:
        return named
    found = settings_in_force()
    if wrong := found.faults_of("network.wayback"):
        parser.error("; ".join(wrong))
    return found.settings.wayback


def sample_captures() -> list[str]:
    """The paths of the sample captures: inside the package once installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "sample_data"
    folder = installed if installed.is_dir() else package.parent / "sample_data"
    # What lies beside a capture as .json says what is in it.
    files = [path for path in folder.iterdir() if path.suffix in (".txt", ".html", ".gz", ".jsonl")]
    return sorted(map(str, files))


def plain_output() -> TextIO:
    """Standard output, able to take any text."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """One line of JSON; ASCII where the output knows no more."""
    import json

    from reader.sanitize import escape_json

    out = plain_output()
    out.write(escape_json(json.dumps(value, ensure_ascii=knows_less(out))) + "\n")


def knows_less(out: TextIO) -> bool:
    """Whether `out` cannot say every character. JSON can in ASCII, so that nothing is lost."""
    return out.encoding.lower().replace("-", "") != "utf8"


def print_text(text: str) -> None:
    """Print lines, sanitized, on stdout; `text` has its own line ends."""
    from reader.sanitize import is_sanitized, sanitize

    plain_output().write(text if is_sanitized(text) else sanitize(text, multiline=True))


def complain(sentence: str) -> None:
    """Say on stderr what went wrong, in one line; in vain where that cannot be written."""

    with suppress(OSError):
        print(f"protocol-reader: {sanitize(sentence)}", file=sys.stderr)


def complain_of_query(query: str, error: QueryError) -> None:
    """Say on stderr what is wrong with a query, and where in it."""
    from reader.commands.search import pointed

    complain(error.reason)
    with suppress(OSError):
        print(*pointed(query, error), sep="\n", file=sys.stderr)


def confirmed(question: str) -> bool:
    """Whether the person at the terminal says yes; False when there is none."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return False

    print(f"{sanitize(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def table(rows: Iterable[tuple[str, ...]], *, numbers_from: int = 1) -> Iterator[str]:
    """Rows of cells as lines, the columns from `numbers_from` on set to the right."""
    from reader.sanitize import sanitize

    cells = [[sanitize(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(
            cell.rjust(width) if number >= numbers_from else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
