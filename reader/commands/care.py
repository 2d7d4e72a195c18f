"""`check`, `backup`, `remove` and `corrections`: care of the library, and of what a reader has corrected in it."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import methodcaller
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.captures import read_captures
from reader.commands.inputs import CANNOT_OPEN, existing_path, open_existing, salvage_reports
from reader.commands.output import (
    Status,
    StatusLine,
    amount,
    broken_off,
    complain,
    print_lines,
    print_records,
)
from reader.commands.parser import CommandParser, UsageError, path_or_url, path_word
from reader.errors import ExportError, LibraryError
from reader.export.formats import save
from reader.library import DamagedError, Library
from reader.library.ingest.reading import text_digest
from reader.library.ingest.removing import Removed
from reader.library.repair import LOG, Damage, Part, check, rebuild, set_log_aside
from reader.library.state.corrections import Correction, with_corrections
from reader.model import Capture
from reader.parsing import parse_capture
from reader.sanitize import clean_filename, label_of, many, sanitize, sanitize_message

_MB: Final = 1_000_000
_STEPS: Final[dict[Part, str]] = {
    "pages": "checking the file",
    "captures": "checking captures",
    "articles": "checking articles",
    "counts": "checking the counts",
    "index": "checking the search index",
}


_REBUILT: Final = ("merged facts", "counters", "search index")
"""Where damage loses nothing, because a new library derives it from the captures."""


def check_parser() -> CommandParser:
    parser = CommandParser(
        "check",
        "Check the library for damage, page by page and article by article.",
        "Nothing is changed unless you use --mend. If there is damage, the exit status is 1; with --mend, if anything "
        "may be lost. Texts of captures and articles have checksums; addresses, times of capture, marks and notes have "
        "none.",
    )
    parser.add_library_option()
    parser.flag("--json", "print one JSON object for each damaged item")
    parser.flag("--mend", "make a new library of what is intact. The old file is kept beside it")
    return parser


def run_check(options: Namespace) -> int:
    path = existing_path(options.library)
    damages: list[Damage] = []
    failure: LibraryError | None = None

    def on_progress(part: Part, done: int, total: int) -> None:
        how_far = f": {done:,} of {total:,}" if total else "…"
        line.update(f"{_STEPS[part]}{how_far}", done, total)

    try:
        with StatusLine() as line:
            for damage in check(path, on_progress):
                damages.append(damage)
                line.clear()
                line_of_text = f"{sanitize_message(damage.where)}: {sanitize(damage.what)}"
                print_records([damage._asdict()], [line_of_text], as_json=options.json)
    except CANNOT_OPEN as error:
        if not options.mend:
            raise
        failure = error
    if not (options.json or options.mend):
        print_lines(
            f"    {sanitize(advice)}" for advice in dict.fromkeys(damage.advice for damage in damages)
        )
    if not damages and failure is None:
        if not options.json:
            print_lines([f"{label_of(str(path))}: no damage found"])
        return Status.DONE
    target = Path(os.path.realpath(path))  # If it is a link, the link stays.
    if options.mend and any(damage.where == LOG for damage in damages):
        complain(
            f"{path}: the log of another library was renamed to {set_log_aside(target)}; run “check” again"
        )
    elif options.mend:
        is_damaged = isinstance(failure, DamagedError) or any(
            damage.where not in _REBUILT for damage in damages
        )
        return max(_mend(target), Status.IN_PART if is_damaged else Status.DONE)
    return Status.IN_PART


def _mend(path: Path) -> int:
    try:
        with salvage_reports() as (line, on_progress):
            salvaged, aside = rebuild(path, line.complain, on_progress)
    except KeyboardInterrupt:
        complain(f"stopped; {path} is as it was")
        return Status.INTERRUPTED
    complain(
        f"{path}: made a new library with {many(salvaged.articles, 'intact article')}"
        f" from {many(salvaged.captures, 'capture')}; the old file was renamed to {aside}"
    )
    if not line.failures:
        return Status.DONE
    complain("if anything is lost, add its file again; your marks apply to it as before")
    return Status.IN_PART


def backup_parser() -> CommandParser:
    parser = CommandParser(
        "backup",
        "Back up the library to a new file.",
        "You can back up the library while other programs use it. The copy gets its name once it is complete. "
        "To use it, put it in the library's place, or name it with --library.",
    )
    parser.add_argument("file", metavar="FILE", type=path_word)
    parser.add_library_option()
    return parser


def run_backup(options: Namespace) -> int:
    if options.file == "-":
        raise UsageError("a backup cannot be written to standard output; name a file")
    with open_existing(options.library) as library:
        # Path.expanduser raises an error for an unknown user.
        target = Path(os.path.expanduser(options.file)).absolute()  # noqa: PTH111
        if target.exists() or target.is_symlink():
            complain(f"{target} exists already; choose another name")
            return Status.WRONG_USE
        if not target.parent.exists():  # It may be a mistyped name, or a disk that is not there.
            complain(f"{target.parent}: there is no such folder; check the path, or make the folder")
            return Status.WRONG_USE
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
        "The files themselves are not touched. A text that was added from several places is kept once, with the place "
        "that the article names, and is removed with it; add the other place again to keep it. The library keeps your "
        "marks, highlights, notes and reading positions, and they apply again when you add the captures again.",
    )
    parser.positional("paths", "PATH", "captures to remove; see below", type=path_or_url)
    parser.add_library_option()
    parser.flag("--yes", "do not ask for confirmation")
    parser.flag("--json", "print what was removed as one JSON object")
    return parser


def run_remove(options: Namespace) -> int:
    missing = 0
    removed = Removed(0, 0)

    def on_progress(so_far: Removed) -> None:
        nonlocal removed
        removed = so_far
        done = amount(removed.captures, len(keys), "captures")
        line.update(f"removing: {done}", removed.captures, len(keys))

    with open_existing(options.library) as library:
        keys: set[int] = set()
        problems: list[int] = []
        for name, captures in library.captures_from(options.paths).items():
            from_there = library.problems_from(name)
            problems += from_there
            if not captures and not from_there:
                missing += 1
                same = _source_of_same_text(library, name)
                hint = f"; the same text was added from {same}, so remove that" if same else ""
                complain(f"{name}: the library has no captures from there{hint}")
            keys.update(captures)
        if not (keys or problems):
            return Status.FAILED
        if keys and not options.yes:
            captures_and_articles = _in_words(Removed(len(keys), library.articles_only_in(sorted(keys))))
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                complain(f"nothing was removed; use --yes to remove {captures_and_articles}")
                return Status.WRONG_USE
            if not _confirmed(f"Remove {captures_and_articles}? You cannot undo this with u."):
                complain("nothing was removed")
                return Status.DONE
        before = library.totals()
        library.forget_problems(problems)
        after = library.totals()
        with StatusLine("removing…") as line:
            try:
                library.remove(sorted(keys), on_progress)
            except KeyboardInterrupt as error:
                line.clear()
                return broken_off(error, f"removed {_in_words(removed)}", something=True)
    failed, skipped = before.problems - after.problems, before.skipped - after.skipped
    counts = {**removed._asdict(), "problems": failed, "skipped": skipped}
    parts = [_in_words(removed)] if keys else []
    parts += [many(failed, "problem")] if failed else []
    parts += [many(skipped, "skipped file")] if skipped else []
    sentence = f"removed {'; '.join(parts)}"
    try:
        print_records([counts], [sentence], as_json=options.json)
        sys.stdout.flush()
    except OSError:
        complain(sentence)  # The same command would find nothing more.
        raise
    return Status.IN_PART if missing else Status.DONE


def _source_of_same_text(library: Library, path: str) -> str | None:
    """Where the library has the text of the first capture at a path from; that of a shard is that of its captures."""
    if not os.path.exists(path):  # noqa: PTH110 (Path raises for odd names)
        return None
    first = next((item for item in read_captures([path]) if isinstance(item, Capture)), None)
    kept = library.kept_capture(text_digest(first.text)) if first else None
    return kept and kept[1]


def _in_words(removed: Removed) -> str:
    articles = many(removed.articles, "article")
    return f"{many(removed.captures, 'capture')} and {articles} that no other capture has"


def _confirmed(question: str) -> bool:
    print(f"{sanitize(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = ""
    try:
        answer = sys.stdin.readline()
    finally:
        if not answer.endswith("\n"):  # Ctrl-C and Ctrl-D do not end the line.
            print(file=sys.stderr)
    return answer.strip().lower() in ("y", "yes")


# corrections

_CORRECTIONS_EPILOG: Final = """\
To correct a line, press i on an article and then Enter on the line. A correction applies whenever the same text is
read into this library again. --export writes two files for each corrected capture in the library: its text, and a .json
file with the articles it should give, in the form of the sample captures. No file is overwritten."""
_DIGITS: Final = 8
_ARTICLE_FIELDS: Final = (
    "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body", "bios",
    "truncated", "sponsored", "sponsor",
)  # fmt: skip
_FIGURE_FIELDS: Final = ("alt", "caption", "credit")


class _CorrectedCapture(NamedTuple):
    digest: bytes
    key: int | None
    """The capture in the library; None while no capture with this text is kept."""
    source: str | None
    corrections: tuple[Correction, ...]


def corrections_parser() -> CommandParser:
    parser = CommandParser("corrections", "List your corrections to misread lines.", _CORRECTIONS_EPILOG)
    parser.add_library_option()
    parser.flag("--json", "print one JSON object for each correction")
    parser.option("--export", "FOLDER", "write each corrected capture as a test case", type=path_word)
    return parser


def run_corrections(options: Namespace) -> int:
    with open_existing(options.library) as library:
        captures = []
        for digest, corrections in groupby(library.corrections(), lambda correction: correction.capture):
            key, source = library.kept_capture(digest) or (None, None)
            captures.append(_CorrectedCapture(digest, key, source, tuple(corrections)))
        # Kept captures in the order in which they were added, then the others.
        captures.sort(key=lambda capture: (capture.key is None, capture.key or 0, capture.digest))
        records = (
            {
                "capture": capture.digest.hex(),
                "source": capture.source,
                "line": correction.line,
                "text": correction.shown,
                "kind": correction.kind,
                "says": correction.statement.role.removeprefix("="),
                "value": correction.statement.value or None,
                "words": correction.sentence,
            }
            for capture in captures
            for correction in capture.corrections
        )
        print_records(records, _list_of(captures), as_json=options.json)
        if options.export is not None:
            return _write_test_cases(library, captures, Path(options.export))
    return Status.DONE


def _list_of(captures: Sequence[_CorrectedCapture]) -> Iterator[str]:
    for capture in captures:
        yield sanitize(
            capture.source or f"a capture that is no longer in the library ({capture.digest.hex()[:_DIGITS]})"
        )
        for correction in capture.corrections:
            yield f"  {correction.line:5}  {sanitize(correction.sentence)}"
    if not captures:
        yield "There are no corrections: press i on an article to see how its lines were read, and Enter to correct one"


def _write_test_cases(library: Library, captures: Sequence[_CorrectedCapture], folder: Path) -> int:
    written = failed = existing = 0
    for capture in captures:
        digits = capture.digest.hex()[:_DIGITS]
        if capture.key is None:
            failed += 1
            complain(f"{digits}: this capture is no longer in the library; add it again first")
            continue
        stem = clean_filename(f"{Path(capture.source or '').stem[:60]}-{digits}")
        text, expected = _test_case(library, capture, capture.key)
        for path, content in ((folder / f"{stem}.txt", text), (folder / f"{stem}.json", expected)):
            try:
                save(path, methodcaller("write", content.encode("utf-8", "surrogatepass")))
            except ExportError as error:
                existing += error.existing
                failed += 1
                complain(str(error))
            else:
                written += 1
                complain(f"{path}: written")
    if not failed:
        return Status.DONE
    return Status.IN_PART if written else Status.WRONG_USE if existing else Status.FAILED


def _test_case(library: Library, corrected: _CorrectedCapture, key: int) -> tuple[str, str]:
    """The text of a capture, and what it should be read as, in the form of the sample captures' .json files."""
    capture = library.capture(key)
    page = parse_capture(with_corrections(capture, corrected.corrections))
    articles = []
    for article in page.articles:
        fields = article.to_json()
        fields["figures"] = [{name: figure[name] for name in _FIGURE_FIELDS} for figure in fields["figures"]]
        articles.append({name: fields[name] for name in _ARTICLE_FIELDS})
    expected: dict[str, Any] = {
        "articles": articles,
        "furniture": list(page.furniture),
        "corrections": [correction.sentence for correction in corrected.corrections],
    }
    if capture.hints:
        expected["hints"] = [list(hint) for hint in capture.hints]
    return capture.text, json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
