"""`corrections`: what a reader has said of lines that were read wrongly, listed or written out as test cases."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    add_library_option,
    complain,
    open_kept,
    parser_for,
    path_word,
    print_json,
    print_text,
)
from reader.errors import reason
from reader.library import Library
from reader.library.state import corrections
from reader.library.state import line_refs as spots
from reader.library.state.corrections import Correction
from reader.model import Article, Capture
from reader.parsing import parse_capture
from reader.sanitize import clean_filename, sanitize

_EPILOG = """\
Corrections are made on the why screen (i on an article, then Enter on a line). They hold whenever the same text is read
into this library again. With --export, each corrected capture that is kept becomes two files in FOLDER: its text, and
beside it as .json what it should be read as, in the form of the sample captures. No file is overwritten."""
_DIGITS = 8
_ARTICLE_FIELDS = (
    "kind", "kicker", "section", "headline", "deck", "authors", "published", "figures", "body", "bios",
    "truncated", "sponsored", "sponsor",
)  # fmt: skip
_FIGURE_FIELDS = ("alt", "caption", "credit")


class Corrected(NamedTuple):
    """A capture's text with what has been said of it."""

    digest: bytes
    key: int | None
    """The capture in the library; None while it is not kept."""
    source: str | None
    said: tuple[Correction, ...]


def make_parser() -> ArgumentParser:
    """What may follow `corrections`."""
    parser = parser_for("corrections", "What you have corrected of how captures were read.", _EPILOG)
    add_library_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a correction and a line")
    parser.add_argument(
        "--export", type=path_word, metavar="FOLDER", help="write each corrected capture as a test case"
    )
    return parser


def run(words: Sequence[str]) -> int:
    """List the corrections, or write them out; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(words)
    with open_kept(wanted.library) as library:
        found = list(_corrected(library))
        if wanted.json:
            for one in found:
                for said in one.said:
                    print_json(to_json(one, said))
        else:
            print_text("".join(f"{line}\n" for line in report(found)))
        if wanted.export is not None:
            return export(library, found, Path(wanted.export))
    return DONE


def _corrected(library: Library) -> Iterator[Corrected]:
    """Every text that has corrections, those that are kept in the order they were added, then the others."""
    rows: list[Corrected] = []
    for digest, said in groupby(corrections.every(library.database), lambda one: one.capture):
        key, source = spots.kept_at(library.database, digest) or (None, None)
        rows.append(Corrected(digest, key, source, tuple(said)))
    return iter(sorted(rows, key=lambda one: (one.key is None, one.key or 0, one.digest)))


def to_json(one: Corrected, said: Correction) -> dict[str, Any]:
    """A correction as one JSON object."""
    return {
        "capture": one.digest.hex(),
        "source": one.source,
        "line": said.line,
        "text": said.shown,
        "kind": said.kind,
        "says": said.word.role.removeprefix("="),
        "value": said.word.value or None,
        "words": said.sentence,
    }


def report(found: Iterable[Corrected]) -> Iterator[str]:
    """The corrections as lines, capture by capture."""
    nothing = True
    for one in found:
        nothing = False
        yield sanitize(one.source or f"a capture that is not kept now ({one.digest.hex()[:_DIGITS]})")
        for said in one.said:
            yield f"  {said.line:5}  {sanitize(said.sentence)}"
    if nothing:
        yield "Nothing has been corrected: i on an article shows how its lines were read, Enter there corrects one"


def export(library: Library, found: Sequence[Corrected], folder: Path) -> int:
    """Write the cases of those captures that are kept; the exit status."""
    written = 0
    failed = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        complain(f"{folder}: the folder cannot be made: {reason(error)}")
        return NOTHING_READ
    for one in found:
        if one.key is None:
            failed = True
            complain(
                f"{one.digest.hex()[:_DIGITS]}: this capture is not in the library now; add it again first"
            )
            continue
        stem = clean_filename(f"{Path(one.source or '').stem[:60]}-{one.digest.hex()[:_DIGITS]}")
        text, expected = _case(library, one, one.key)
        for path, content in ((folder / f"{stem}.txt", text), (folder / f"{stem}.json", expected)):
            problem = _write(path, content)
            if problem is None:
                written += 1
            else:
                failed = True
                complain(f"{path}: {problem}")
    print_text(f"{written:,} files were written to {sanitize(str(folder))}\n")
    return IN_PART if failed else DONE


def _case(library: Library, one: Corrected, key: int) -> tuple[str, str]:
    hints, text = library.hints(key), library.raw(key)
    capture = Capture(one.source or "-", text, hints=hints)
    page = parse_capture(corrections.with_corrections(capture, one.said))
    expected: dict[str, Any] = {
        "articles": [_expected_article(article) for article in page.articles],
        "furniture": list(page.furniture),
        "corrections": [said.sentence for said in one.said],
    }
    if hints:
        expected["hints"] = [list(hint) for hint in hints]
    return text, json.dumps(expected, ensure_ascii=False, indent=1) + "\n"


def _expected_article(article: Article) -> dict[str, Any]:
    """An article in the form of the sample captures' .json files."""
    fields = article.to_json()
    fields["bios"] = [{"name": bio.name, "text": bio.text} for bio in article.bios]
    fields["figures"] = [{name: figure[name] for name in _FIGURE_FIELDS} for figure in fields["figures"]]
    return {name: fields[name] for name in _ARTICLE_FIELDS}


def _write(path: Path, content: str) -> str | None:
    """Write a new file; what was in the way, None when nothing was."""
    try:
        with path.open("x", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(content)
    except FileExistsError:
        return "there is a file of that name already; nothing is overwritten"
    except OSError as error:
        return f"it cannot be written: {reason(error)}"
    return None
