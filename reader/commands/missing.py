"""`missing`: the stories that no capture has whole, as a list, or looked for in a web archive and fetched."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    WRONG_USE,
    add_library_option,
    complain,
    complain_of_query,
    open_kept,
    parser_for,
    path_word,
    print_text,
    whole_number,
)
from reader.commands.export import standard_output, today
from reader.commands.progress import counted, is_printed
from reader.commands.search import options_first
from reader.errors import ExportError, QueryError
from reader.export.formats import OPENING_FORMATS, Format
from reader.export.items import Export, ExportItem
from reader.export.openings import Opening, own_address, to_opening
from reader.export.provenance import UNNAMED
from reader.export.saving import save_export
from reader.library import Library
from reader.library.exporting import pieces
from reader.library.listings.openings import found_openings, opening_keys
from reader.sanitize import many
from reader.settings import WAYBACK, WAYBACK_VARIABLE

if TYPE_CHECKING:
    from reader.wayback.client import Clock

TEXT: Final = "text"
SITE: Final = "protocol.com/*"
"""What is listed to look for stories in, unless told otherwise."""
_FORMATS: Final = {form.name.removeprefix("openings-"): form for form in OPENING_FORMATS}
_EPILOG: Final = f"""\
Every article of which no capture in the library has more than its start; with a QUERY those it finds
(“protocol-reader search --help” tells what it may say).

--format text    for reading (the usual)
--format csv     title, section, authors, date, why it counts as cut off, its own address if that is known,
                 and the pages and captures it was seen in; json the same, an object a line
--format urls    the addresses alone, of those whose own page is known

--fetch looks for them in the Wayback Machine and adds what it finds to the library. The archive is asked once for
its list of PATTERN ({SITE}); of that list the pages are fetched whose addresses are known to be those of
such stories or are made of words of their headlines in their order. Whether a page has the story then shows when
it is added: by its text, as with every capture. --dry-run says which pages fit which stories and fetches none.
Captures are kept as WARC files in FOLDER; the same command again asks only for what is missing. The server is
asked less than 20 times a minute, and left alone when it says so.

server: --server, else the environment variable {WAYBACK_VARIABLE}, else {WAYBACK}"""


def make_parser() -> ArgumentParser:
    """What may follow `missing`."""
    parser = parser_for("missing", "List the stories that no capture has whole, and look for them.", _EPILOG)
    parser.usage = (
        "protocol-reader missing [--format text|csv|json|urls] [--output FILE] [--force] [--library FILE] [QUERY ...]\n"
        "       protocol-reader missing --fetch [--dry-run] [--within PATTERN] [--into FOLDER] [--limit N]"
        " [--server URL] [--library FILE] [QUERY ...]"
    )
    parser.add_argument("query", nargs="*", metavar="QUERY", help="which of them; all when there is none")
    parser.add_argument("--format", choices=[TEXT, *_FORMATS], help="one of %(choices)s", metavar="FORMAT")
    parser.add_argument(
        "--output", type=path_word, metavar="FILE", help="where to write, - for standard output"
    )
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")
    parser.add_argument(
        "--fetch", action="store_true", help="look for them in the Wayback Machine, fetch and add"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say which pages fit which stories")
    parser.add_argument(
        "--within",
        action="append",
        metavar="PATTERN",
        help=f"what to look among ({SITE}); see “fetch --help”",
    )
    parser.add_argument(
        "--into",
        type=path_word,
        metavar="FOLDER",
        help="where to keep captures (the data folder's “wayback”)",
    )
    parser.add_argument("--limit", type=whole_number(1), metavar="N", help="at most N pages this time")
    parser.add_argument("--server", metavar="URL", help="another web archive")
    parser.add_argument(
        "--progress", action="store_true", help="say every page, though stderr is no terminal"
    )
    add_library_option(parser)
    return parser


def run(words: Sequence[str], clock: Clock | None = None) -> int:
    """List them, or fetch them; the exit status. Time comes from `clock`."""
    parser = make_parser()
    valued = ("--library", "--format", "--output", "--within", "--into", "--limit", "--server")
    wanted = parser.parse_args(options_first(words, valued))
    form = _form(parser, wanted)
    query = " ".join(wanted.query).strip()
    with open_kept(wanted.library) as library:
        try:
            if wanted.fetch:
                from reader.commands.missing_fetch import fetch_missing

                return fetch_missing(parser, library, keys_of(library, query), wanted, clock)
            return _list(library, query, form, wanted)
        except QueryError as error:
            complain_of_query(query, error)
            return WRONG_USE
        except ExportError as error:
            complain(f"{error}; --force overwrites it" if error.exists else str(error))
            return WRONG_USE if error.exists else NOTHING_READ


def _form(parser: ArgumentParser, wanted: Namespace) -> Format | None:
    """The format that is meant, None for reading; leaves with an error where options do not go together."""
    if wanted.fetch and (wanted.format or wanted.output):
        parser.error("--fetch adds to the library; it has neither --format nor --output")
    alone = [
        name for name in ("dry_run", "within", "into", "limit", "server", "progress") if getattr(wanted, name)
    ]
    if alone and not wanted.fetch:
        parser.error(f"--{alone[0].replace('_', '-')} goes with --fetch")
    output: str = wanted.output or "-"
    named = wanted.format or (TEXT if output == "-" else None)
    form = _FORMATS.get(named or TEXT)
    if named is None:
        form = next((one for one in OPENING_FORMATS if output.lower().endswith(one.suffix)), None)
    if output != "-" and form is None:
        parser.error(f"--format: one of {', '.join(_FORMATS)}, for a file")
    return form


def keys_of(library: Library, query: str) -> Sequence[int]:
    """The articles listed for them: all, or those that a query finds."""
    return list(found_openings(library, query)) if query else opening_keys(library)


def _list(library: Library, query: str, form: Format | None, wanted: Namespace) -> int:
    keys = keys_of(library, query)
    taken = _Taken(library, keys, printed=is_printed(wanted.output))
    if not keys:
        complain("nothing that matches is known only by its opening" if query else "none: all are whole")
    if form is None:
        for number, one in enumerate(taken):
            print_text(("\n" if number else "") + "".join(f"{line}\n" for line in in_words(to_opening(one))))
        return taken.status
    export = Export(f"Protocol: {query}" if query else "Protocol", today(), taken)
    if wanted.output in (None, "-"):
        form.write(export, standard_output())
        sys.stdout.buffer.flush()
    else:
        save_export(wanted.output, export, form, replace=wanted.force, report=taken.trouble)
    if form is _FORMATS["urls"] and taken.unknown:
        complain(
            f"of {many(taken.unknown, 'story', 'stories')} the address is not known; --fetch looks for them by"
            " their headlines"
        )
    return taken.status


class _Taken:
    """Pieces, and how many have gone by, could not be read, or have an address that is not known."""

    def __init__(self, library: Library, keys: Sequence[int], *, printed: bool) -> None:
        self._library = library
        self._keys = keys
        self._printed = printed
        self.count = self.troubles = self.unknown = 0

    def __iter__(self) -> Iterator[ExportItem]:
        taken = pieces(self._library, self._keys, self.trouble)
        for one in taken if self._printed else counted(taken, len(self._keys)):
            self.count += 1
            self.unknown += own_address(one) is None
            yield one

    def trouble(self, sentence: str) -> None:
        """Say what could not be read or written."""
        self.troubles += 1
        complain(sentence)

    @property
    def status(self) -> int:
        """The exit status."""
        return DONE if not self.troubles else IN_PART if self.count else NOTHING_READ


def in_words(one: Opening) -> Iterator[str]:
    """A story for reading: what is known of it, and where."""
    yield one.title
    about = [one.section, ", ".join(one.authors), one.published, f"{many(one.words, 'word')} known"]
    yield "  " + " · ".join(filter(None, about))
    if one.sponsored:
        yield f"  paid for by {one.sponsor or UNNAMED}"
    yield f"  cut off: {one.because}" + (f" (“{one.evidence}”)" if one.evidence else "")
    if one.address:
        yield f"  its own page: {one.address}"
    for seen in one.seen:
        captured = f", captured {seen.captured}" if seen.captured else ""
        yield f"  seen in {seen.source}{captured}"
        if seen.url and seen.url not in (one.address, seen.source):
            yield f"    at {seen.url}"
