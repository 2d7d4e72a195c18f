"""`corrections`: list the reader's corrections of misread lines, or write them out as test cases."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.commands.libraries import open_existing
from reader.commands.output import Status, complain, print_lines, print_records
from reader.commands.parser import CommandParser, add_library_option, path_word
from reader.errors import ReaderError, reason
from reader.library import Library
from reader.library.state.corrections import Correction, with_corrections
from reader.model import Capture
from reader.parsing import parse_capture
from reader.sanitize import clean_filename, many, sanitize

_EPILOG: Final = """\
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
    parser = CommandParser("corrections", "List your corrections to misread lines.", _EPILOG)
    add_library_option(parser)
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
        print_records(records, _in_words(captures), as_json=options.json)
        if options.export is not None:
            return _export(library, captures, Path(options.export))
    return Status.DONE


def _in_words(captures: Sequence[_CorrectedCapture]) -> Iterator[str]:
    for capture in captures:
        yield sanitize(
            capture.source or f"a capture that is no longer in the library ({capture.digest.hex()[:_DIGITS]})"
        )
        for correction in capture.corrections:
            yield f"  {correction.line:5}  {sanitize(correction.sentence)}"
    if not captures:
        yield "There are no corrections: press i on an article to see how its lines were read, and Enter to correct one"


def _export(library: Library, captures: Sequence[_CorrectedCapture], folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReaderError(f"{folder}: cannot create the folder: {reason(error)}") from error
    written = 0
    status = Status.DONE
    for capture in captures:
        digits = capture.digest.hex()[:_DIGITS]
        if capture.key is None:
            status = Status.IN_PART
            complain(f"{digits}: this capture is no longer in the library; add it again first")
            continue
        stem = clean_filename(f"{Path(capture.source or '').stem[:60]}-{digits}")
        text, expected = _test_case(library, capture, capture.key)
        for path, content in ((folder / f"{stem}.txt", text), (folder / f"{stem}.json", expected)):
            try:
                with path.open("x", encoding="utf-8", errors="surrogatepass", newline="") as file:
                    file.write(content)
                written += 1
            except OSError as error:
                status = Status.IN_PART
                complain(f"{path}: cannot write the file: {reason(error)}")
    print_lines([f"{many(written, 'file was', 'files were')} written to {sanitize(str(folder))}"])
    return status


def _test_case(library: Library, corrected: _CorrectedCapture, key: int) -> tuple[str, str]:
    """The text of a capture, and what it should be read as, in the form of the sample captures' .json files."""
    hints, text = library.hints(key), library.raw(key)
    capture = Capture(corrected.source or "-", text, hints=hints)
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
    if hints:
        expected["hints"] = [list(hint) for hint in hints]
    return text, json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
