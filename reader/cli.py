"""The commands: `protocol-reader [PATH…]` reads, `protocol-reader parse [--lines] PATH…` tells articles apart.

Everything is composed here. The app, and with it Textual, is imported only when it opens.
"""

from __future__ import annotations

import gc
import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

from reader import __version__
from reader.errors import ReaderError
from reader.model import Page, Problem

DONE, IN_PART, WRONG_USE, NOTHING_READ = range(4)
"""The exit statuses: done; done in part, each failure named on stderr; wrong use; nothing could be read."""
INTERRUPTED: Final = 130

_EPILOG: Final = """\
PATH is a plain text file, a .gz file, a folder (read with all its folders) or - for standard input.
Without a PATH the sample captures open. Where there is no terminal, the articles come as plain text.

exit status: 0 done, 1 done in part (each failure is named on stderr), 2 wrong use, 3 nothing could be read
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["parse"]:
            return _parse(words[1:])
        if words[:1] == ["fetch"]:
            from reader.commands import fetch

            return fetch.run(words[1:])
        return _read(words)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except ReaderError as error:
        _complain(str(error))
        return NOTHING_READ


def _parse(words: Sequence[str]) -> int:
    import argparse

    parser = argparse.ArgumentParser(
        prog="protocol-reader parse",
        description="Print each capture's articles as one JSON object a line.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument(
        "--lines", action="store_true", help="say of every non-empty line what it was read as"
    )
    wanted = parser.parse_args(words)
    out = _plain_output()
    # JSON can say any character in ASCII, so nothing is lost where the output knows fewer.
    plain = out.encoding.lower().replace("-", "") != "utf8"
    encoder = json.JSONEncoder(ensure_ascii=plain, check_circular=False)
    return _each_page(wanted.paths, lambda page: out.write(encoder.encode(page.to_json(wanted.lines)) + "\n"))


def _read(words: Sequence[str]) -> int:
    import argparse

    parser = argparse.ArgumentParser(
        prog="protocol-reader",
        usage="protocol-reader [--theme NAME] [PATH ...]\n       protocol-reader parse [--lines] PATH ...\n"
        "       protocol-reader fetch PATTERN ...",
        description="Read what is left of Protocol: captures of its pages, as a publication in the terminal.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument(
        "--theme", help="paper (light), ink (dark) or one of Textual's; ink unless told otherwise"
    )
    parser.add_argument("--version", action="version", version=f"protocol-reader {__version__}")
    wanted = parser.parse_args(words)
    paths = wanted.paths or (["-"] if _is_fed(sys.stdin) else sample_captures())
    from reader.app import terminal

    if terminal.obstacles(terminal.look()):
        return _print_articles(paths)
    return _open(paths, title=_title(wanted.paths), theme=wanted.theme)


def _open(paths: Sequence[str], *, title: str, theme: str | None) -> int:
    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    for path in missing:
        _complain(f"{path}: there is no such file or folder")
    if len(missing) == len(paths):
        return NOTHING_READ
    if "-" in paths:
        if sys.stdin.isatty():
            _complain("-: standard input is the keyboard; pipe a capture in, or name a file")
            return NOTHING_READ
        from reader.app.terminal import take_standard_input

        take_standard_input()
    # Nothing that is imported for the first screen is garbage; the app turns the collector on again.
    gc.disable()
    from reader.app.app import run
    from reader.library import Library

    with Library.temporary() as library:
        return run(library, paths=paths, title=title, theme=theme)


def _print_articles(paths: Sequence[str]) -> int:
    from reader.export import page_text

    out = _plain_output()
    return _each_page(paths, lambda page: out.write(page_text(page)))


def _each_page(paths: Iterable[str], use: Callable[[Page], object]) -> int:
    """Hand every page to `use` in the order of the paths, name every problem; the exit status."""
    from reader.captures import NOT_A_CAPTURE

    pages = failures = 0
    passed_over: list[str] = []
    for item in _pages(paths):
        if isinstance(item, Problem) and item.kind == NOT_A_CAPTURE:
            passed_over.append(item.source)
        elif isinstance(item, Problem):
            failures += 1
            _complain(f"{item.source}: {item.reason}")
        else:
            pages += 1
            use(item)
    sys.stdout.flush()
    if passed_over:
        _complain(_passed_over(passed_over))
    if failures:
        return IN_PART if pages else NOTHING_READ
    return DONE


def _passed_over(names: Sequence[str]) -> str:
    """One sentence for the files in folders that are no captures, by their endings."""
    counts = Counter(Path(name).suffix or "no ending" for name in names)
    kinds = ", ".join(f"{count} {ending}" for ending, count in counts.most_common())
    files = (
        "1 file that is no capture was"
        if len(names) == 1
        else f"{len(names)} files that are no captures were"
    )
    return (
        f"{files} passed over in folders ({kinds}), such as {names[0]}; name a file to read it all the same"
    )


def _pages(paths: Iterable[str]) -> Iterator[Page | Problem]:
    from reader.captures import read_captures
    from reader.parsing import parse_capture

    for item in read_captures(paths):
        yield item if isinstance(item, Problem) else parse_capture(item)


def sample_captures() -> list[str]:
    """The paths of the sample captures: inside the package once installed, beside it in a checkout."""
    installed = Path(__file__).parent / "sample_data"
    folder = installed if installed.is_dir() else Path(__file__).parent.parent / "sample_data"
    return sorted(map(str, folder.glob("*.txt")))


def _title(paths: Sequence[str]) -> str:
    if not paths:
        return "Samples"
    if len(paths) > 1:
        return f"{len(paths)} paths"
    return "Standard input" if paths[0] == "-" else Path(paths[0]).resolve().name or paths[0]


def _is_fed(stream: TextIO | None) -> bool:
    """Is something piped or redirected into standard input?"""
    try:
        mode = os.fstat(stream.fileno()).st_mode if stream else 0
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _plain_output() -> TextIO:
    """Standard output, able to take any text."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return sys.stdout


def _complain(sentence: str) -> None:
    from reader.safe_text import clean

    print(f"protocol-reader: {clean(sentence)}", file=sys.stderr)
