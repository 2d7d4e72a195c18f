"""`missing`: the stories of which no capture has the whole text, as a list; or fetched from a web archive."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    add_library_option,
    complain,
    options_first,
    parser_for,
    path_word,
    print_text,
    whole_number,
)
from reader.commands.export import (
    add_output_options,
    export_date,
    export_status,
    list_format,
    write_export,
)
from reader.commands.libraries import open_existing
from reader.commands.progress import counted, is_printed
from reader.export.formats import OPENING_FORMATS, Format
from reader.export.items import Export, ExportItem
from reader.export.openings import Opening, own_address, to_opening
from reader.export.provenance import UNNAMED
from reader.library import Library
from reader.sanitize import many
from reader.settings import WAYBACK, WAYBACK_VARIABLE

if TYPE_CHECKING:
    from reader.archives.client import Clock

_TEXT: Final = "text"
_FORMATS: Final = {form.name.removeprefix("openings-"): form for form in OPENING_FORMATS}
_EPILOG: Final = f"""\
Lists every article that has only its opening in all captures of the library; with a QUERY, only those that match (see
“protocol-reader search --help”).

--format text    for reading (default)
--format csv     title, section, authors, date, why it is truncated, its address, and where it appears
--format json    the same, one object per line
--format urls    only the known addresses

--fetch looks for the stories in the Wayback Machine (--from chooses Common Crawl, or both) and adds what it finds to
the library. It requests the archive's list of PATTERN (protocol.com/*) once. Then it fetches the pages whose addresses
are known to belong to the stories, or consist of words of their headlines in the same order. As with every capture, the
text then decides whether a page has the story. --dry-run prints which pages fit which stories, and fetches nothing.
Captures are stored as WARC files in FOLDER; after an interruption, run the same command again. The server gets fewer
than 20 requests a minute, and none while it asks for a pause.

The web archive comes from --server, else from the environment variable {WAYBACK_VARIABLE}, else from the setting
network.wayback (default: {WAYBACK})."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `missing`."""
    parser = parser_for(
        "missing",
        "List the stories that no capture has whole, or look for them in web archives.",
        _EPILOG,
    )
    parser.add_argument("query", nargs="*", metavar="QUERY", help="which stories to list (default: all)")
    parser.add_argument("--format", choices=[_TEXT, *_FORMATS], help="one of %(choices)s", metavar="FORMAT")
    add_output_options(parser, "FILE")
    parser.add_argument(
        "--fetch", action="store_true", help="look for the stories in web archives, and add what is found"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with --fetch: only print which pages fit which stories"
    )
    parser.add_argument(
        "--from",
        action="append",
        default=[],
        metavar="ARCHIVES",
        help="wayback (the default), commoncrawl or wayback,commoncrawl",
    )
    parser.add_argument(
        "--within",
        action="append",
        metavar="PATTERN",
        help="which pages to consider (default: protocol.com/*); see “fetch --help”",
    )
    parser.add_argument(
        "--into",
        type=path_word,
        metavar="FOLDER",
        help="where to store captures (default: “wayback” in the data folder)",
    )
    parser.add_argument("--limit", type=whole_number(1), metavar="N", help="fetch at most N pages this time")
    parser.add_argument("--server", metavar="URL", help="the web archive to use; see below")
    parser.add_argument(
        "--progress", action="store_true", help="report progress even if stderr is not a terminal"
    )
    add_library_option(parser)
    return parser


def run(words: Sequence[str], clock: Clock | None = None) -> int:
    """List the stories or fetch them; `clock` tells the time and waits."""
    parser = make_parser()
    with_value = ("--library", "--format", "--output", "--from", "--within", "--into", "--limit", "--server")
    options = parser.parse_args(options_first(words, with_value))
    _check_options(parser, options)
    form = list_format(parser, options, _FORMATS)
    query = " ".join(options.query).strip()
    with open_existing(options.library) as library:

        def list_or_fetch() -> int:
            keys = library.opening_keys(query)
            if options.fetch:
                from reader.commands.fetch import fetch_missing  # 60 ms: urllib3 and warcio.

                return fetch_missing(parser, library, keys, options, clock)
            return _list(library, keys, query, form, options)

        return export_status(query, list_or_fetch)


def _check_options(parser: ArgumentParser, options: Namespace) -> None:
    """Exit with a parser error if options contradict each other."""
    if options.fetch and (options.format or options.output):
        parser.error("--fetch adds stories to the library, so --format and --output cannot be used with it")
    only_with_fetch = ("dry_run", "from", "within", "into", "limit", "server", "progress")
    misplaced = [name for name in only_with_fetch if getattr(options, name)]
    if misplaced and not options.fetch:
        parser.error(f"--{misplaced[0].replace('_', '-')} needs --fetch")


def _list(library: Library, keys: Sequence[int], query: str, form: Format | None, options: Namespace) -> int:
    items = _Items(library, keys, printed=is_printed(options.output), local_paths=options.local_paths)
    if not keys:
        complain("no story that matches is missing" if query else "no story is missing: all are whole")
    if form is None:
        for number, item in enumerate(items):
            lines = "".join(f"{line}\n" for line in _in_words(to_opening(item)))
            print_text(("\n" if number else "") + lines)
        return items.status
    export = Export(f"Protocol: {query}" if query else "Protocol", export_date(), items)
    write_export(export, form, options, items.report)
    if form is _FORMATS["urls"] and items.without_address:
        complain(
            f"the address of {many(items.without_address, 'story', 'stories')} is not known; --fetch looks for them by"
            " their headlines"
        )
    return items.status


class _Items:
    """The items of the list; counts them while they are written, and those that fail or have no known address."""

    def __init__(self, library: Library, keys: Sequence[int], *, printed: bool, local_paths: bool) -> None:
        self._library = library
        self._keys = keys
        self._printed = printed
        self._local_paths = local_paths
        self._count = self._failures = 0
        self.without_address = 0

    def __iter__(self) -> Iterator[ExportItem]:
        items = self._library.export_items(self._keys, self.report, local_paths=self._local_paths)
        for item in items if self._printed else counted(items, len(self._keys)):
            self._count += 1
            self.without_address += own_address(item) is None
            yield item

    def report(self, sentence: str) -> None:
        """Name something that cannot be read or written."""
        self._failures += 1
        complain(sentence)

    @property
    def status(self) -> int:
        """The exit status."""
        return DONE if not self._failures else IN_PART if self._count else NOTHING_READ


def _in_words(opening: Opening) -> Iterator[str]:
    """The lines about a story: what is known of it, and where it was seen."""
    yield opening.title
    details = [opening.section, ", ".join(opening.authors), opening.published]
    yield "  " + " · ".join(filter(None, [*details, f"{many(opening.words, 'word')} known"]))
    if opening.sponsored:
        yield f"  paid for by {opening.sponsor or UNNAMED}"
    yield f"  truncated: {opening.because}" + (f" (“{opening.evidence}”)" if opening.evidence else "")
    if opening.address:
        yield f"  own page: {opening.address}"
    for seen in opening.seen:
        captured = f", captured {seen.captured}" if seen.captured else ""
        yield f"  seen in {seen.source}{captured}"
        if seen.url and seen.url not in (opening.address, seen.source):
            yield f"    at {seen.url}"
