"""`check`, `backup` and `remove`: care of the library file."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from reader.commands.libraries import CANNOT_OPEN, existing_path, open_existing, salvage_reports
from reader.commands.output import Status, StatusLine, amount, complain, print_lines, print_records
from reader.commands.parser import CommandParser, add_library_option, path_word
from reader.errors import LibraryError
from reader.library.ingest.removing import Removed
from reader.library.repair import LOG, Damage, Part, check, rebuild, set_log_aside
from reader.sanitize import many, sanitize
from reader.settings import make_folder

_MB: Final = 1_000_000
_STEPS: Final[dict[Part, str]] = {
    "pages": "checking the file",
    "captures": "checking captures",
    "articles": "checking articles",
    "counts": "checking the counts",
    "index": "checking the search index",
}


def check_parser() -> CommandParser:
    parser = CommandParser(
        "check",
        "Check the library for damage, page by page and article by article.",
        "Nothing is changed unless you use --mend. If there is damage, the exit status is 1.",
    )
    add_library_option(parser)
    parser.flag("--json", "print one JSON object for each damaged item")
    parser.flag("--mend", "make a new library of what is intact. The old file is kept beside it")
    return parser


def run_check(options: Namespace) -> int:
    path = existing_path(options.library)
    damages: list[Damage] = []
    opens = True

    def on_progress(part: Part, done: int, total: int) -> None:
        how_far = f": {done:,} of {total:,}" if total else "…"
        line.update(f"{_STEPS[part]}{how_far}", done, total)

    try:
        with StatusLine() as line:
            for damage in check(path, on_progress):
                damages.append(damage)
                line.clear()
                where, what, advice = map(sanitize, damage)
                lines = [f"{where}: {what}", f"    {advice}"]
                print_records([damage._asdict()], lines, as_json=options.json)
    except LibraryError as error:
        if not (options.mend and isinstance(error, CANNOT_OPEN)):
            raise
        complain(str(error))
        opens = False
    if not damages and opens:
        if not options.json:
            print_lines([f"{path}: no damage found"])
        return Status.DONE
    if options.mend and any(damage.where == LOG for damage in damages):
        complain(
            f"{path}: the log of another library was renamed to {set_log_aside(path)}; run “check” again"
        )
    elif options.mend:
        with salvage_reports() as (on_loss, on_salvage):
            salvaged, aside = rebuild(path, on_loss, on_salvage)
        complain(
            f"{path}: made a new library with {many(salvaged.articles, 'intact article')}"
            f" from {many(salvaged.captures, 'capture')}; the old file was renamed to {aside}"
        )
    return Status.IN_PART


def backup_parser() -> CommandParser:
    parser = CommandParser(
        "backup",
        "Back up the library to a new file.",
        "You can back up the library while other programs use it. The copy gets its name once it is complete. "
        "To use it, put it in the library's place, or name it with --library.",
    )
    parser.add_argument("file", metavar="FILE", type=path_word)
    add_library_option(parser)
    return parser


def run_backup(options: Namespace) -> int:
    with open_existing(options.library) as library:
        # Path.expanduser raises an error for an unknown user.
        target = Path(os.path.expanduser(options.file)).absolute()  # noqa: PTH111
        if target.exists():
            complain(f"{target} exists already; choose another name")
            return Status.WRONG_USE
        make_folder(target.parent)
        with StatusLine() as line:

            def on_progress(done: int, total: int) -> None:
                line.update(amount(done // _MB, total // _MB, "MB"), done // _MB, total // _MB)

            library.backup(target, on_progress)
    complain(f"the library is backed up to {target}")
    return Status.DONE


def remove_parser() -> CommandParser:
    parser = CommandParser(
        "remove",
        "Remove captures from the library.",
        "PATH is where the captures were added from: a file, a folder and everything in it, or the address of a page. "
        "The files themselves are not touched. The library keeps your marks, highlights, notes and reading positions, "
        "and they apply again when you add the captures again.",
    )
    parser.words("paths", "PATH", "captures to remove; see below")
    add_library_option(parser)
    parser.flag("--yes", "do not ask for confirmation")
    parser.flag("--json", "print what was removed as one JSON object")
    return parser


def run_remove(options: Namespace) -> int:
    missing = 0
    removed = Removed(0, 0)
    stopped = False

    def on_progress(so_far: Removed) -> None:
        nonlocal removed
        removed = so_far
        done = amount(removed.captures, len(articles), "captures")
        line.update(f"removing: {done}", removed.captures, len(articles))

    with open_existing(options.library) as library:
        articles: dict[int, int] = {}
        problems: list[int] = []
        for name, captures in library.captures_from(options.paths):
            from_there = library.problems_from(name)
            problems += from_there
            if not captures and not from_there:
                missing += 1
                complain(f"{name}: the library has no captures from there")
            articles.update((capture.key, capture.articles) for capture in captures)
        if not articles:
            library.forget_problems(problems)
            if problems:
                print_lines([f"{many(len(problems), 'problem')} removed"])
            return Status.NOTHING_READ if not problems else Status.IN_PART if missing else Status.DONE
        what = _in_words(Removed(len(articles), sum(articles.values())))
        if not options.yes:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                complain(f"nothing was removed; --yes removes {what} without asking")
                return Status.WRONG_USE
            if not _confirmed(f"Remove {what} from the library?"):
                complain("nothing was removed")
                return Status.DONE
        library.forget_problems(problems)
        with StatusLine("removing…") as line:
            try:
                library.remove(sorted(articles), on_progress)
            except KeyboardInterrupt:
                stopped = True
    line_of_text = f"{_in_words(removed)} {'was' if removed.captures == 1 else 'were'} removed"
    print_records([removed._asdict()], [line_of_text], as_json=options.json)
    if stopped:
        complain("stopped; run the same command again to continue")
        return Status.INTERRUPTED
    return Status.IN_PART if missing else Status.DONE


def _in_words(removed: Removed) -> str:
    return f"{many(removed.captures, 'capture')} with {many(removed.articles, 'article')}"


def _confirmed(question: str) -> bool:
    print(f"{sanitize(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
