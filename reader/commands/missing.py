"""`missing`: the stories of which no capture has the whole text, as a list; or fetched from a web archive."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from reader.commands.common import Status, complain, print_text
from reader.commands.export import (
    FailureReport,
    add_output_options,
    new_export,
    output_format,
    status_line,
    write_export,
)
from reader.commands.libraries import open_existing
from reader.commands.parser import CommandParser, UsageError, add_archive_options, add_library_option
from reader.commands.progress import counted
from reader.export.data import own_address
from reader.export.formats import OPENING_FORMATS, Format
from reader.export.items import ExportItem
from reader.export.provenance import UNNAMED, in_words
from reader.library import Library
from reader.sanitize import many
from reader.settings import WAYBACK, WAYBACK_VARIABLE

if TYPE_CHECKING:
    from reader.archives.client import Clock

_FORMATS: Final[dict[str, Format | None]] = {"text": None, **{form.name: form for form in OPENING_FORMATS}}
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


def make_parser() -> CommandParser:
    """The parser of the words after `missing`."""
    about = "List the stories that no capture has whole, or look for them in web archives."
    parser = CommandParser("missing", about, _EPILOG)
    parser.words("query", "QUERY", "which stories to list (default: all)", nargs="*")
    add_output_options(parser, _FORMATS, "FILE")
    parser.flag("--fetch", "look for the stories in web archives, and add what is found")
    parser.flag("--dry-run", "with --fetch: only print which pages fit which stories")
    within = "which pages to consider (default: protocol.com/*); see “fetch --help”"
    parser.option("--within", "PATTERN", within, action="append")
    add_archive_options(parser)
    parser.set_defaults(since=None, until=None)
    parser.flag("--progress", "report progress even if stderr is not a terminal")
    add_library_option(parser)
    return parser


def run(options: Namespace, clock: Clock | None = None) -> int:
    """List the stories or fetch them; `clock` tells the time and waits."""
    if options.fetch and (options.format or options.output):
        raise UsageError(
            "--fetch adds stories to the library, so --format and --output cannot be used with it"
        )
    for name in ("dry_run", "from", "within", "into", "limit", "server", "progress"):
        if getattr(options, name) and not options.fetch:
            raise UsageError(f"--{name.replace('_', '-')} needs --fetch")
    form = output_format(options, _FORMATS)
    with open_existing(options.library) as library:
        keys = library.opening_keys(options.query)
        if options.fetch:
            from reader.commands.fetch import fetch_missing  # 60 ms: urllib3 and warcio.

            return fetch_missing(library, keys, options, clock)
        return _list(library, keys, form, options)


def _list(library: Library, keys: Sequence[int], form: Format | None, options: Namespace) -> int:
    if not keys:
        complain(
            "no story that matches is missing" if options.query else "no story is missing: all are whole"
        )
    listed = without_address = 0

    def note(items: Iterable[ExportItem]) -> Iterator[ExportItem]:
        nonlocal listed, without_address
        for item in items:
            listed += 1
            without_address += own_address(item) is None
            yield item

    with status_line(options.output) as line:
        report = FailureReport(line)
        found = library.export_items(keys, report, local_paths=options.local_paths)
        items = note(counted(found, len(keys), line))
        if form is None:
            for number, item in enumerate(items):
                lines = "".join(f"{line}\n" for line in _in_words(item))
                print_text(("\n" if number else "") + lines)
        else:
            write_export(new_export(options.query, items), form, options, report)
    if form is _FORMATS["urls"] and without_address:
        complain(
            f"the address of {many(without_address, 'story', 'stories')} is not known; --fetch looks for them by"
            " their headlines"
        )
    return Status.DONE if not report.failures else Status.IN_PART if listed else Status.NOTHING_READ


def _in_words(item: ExportItem) -> Iterator[str]:
    """The lines about a story: what is known of it, and where it was seen."""
    article, address, cut = item.article, own_address(item), item.article.truncated
    yield article.title
    details = [article.section, ", ".join(article.authors), article.published]
    yield "  " + " · ".join(filter(None, [*details, f"{many(article.words, 'word')} known"]))
    if article.sponsored:
        yield f"  paid for by {article.sponsor or UNNAMED}"
    if cut:
        yield f"  truncated: {in_words(cut)}" + (f" (“{cut.text}”)" if cut.text else "")
    if address:
        yield f"  own page: {address}"
    for seen in item.occurrences:
        captured = f", captured {seen.captured}" if seen.captured else ""
        yield f"  seen in {seen.source}{captured}"
        if seen.url and seen.url not in (address, seen.source):
            yield f"    at {seen.url}"
