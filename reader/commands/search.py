"""`search`: the articles of the library that match a query, as a list or as JSON Lines."""

from __future__ import annotations

import os
import re
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final
from unicodedata import east_asian_width

from reader.commands.common import (
    DONE,
    IN_PART,
    WRONG_USE,
    add_library_option,
    complain,
    complain_of_query,
    kept_path,
    parser_for,
    plain_output,
    print_json,
    whole_number,
)
from reader.commands.damage import with_what_is_intact
from reader.errors import LibraryError, QueryError
from reader.library import Hit, Library, Order, Results, StoredArticle
from reader.library.database.errors import GoneError, Interrupted
from reader.library.repair.checking import ensure_sound
from reader.sanitize import sanitize

_LANGUAGE: Final = """\
words           all of them                     kestrel outage
"a phrase"      side by side                    "strange business"
-word           without it                      kestrel -outage
OR, ( )         either; together                (kestrel OR nimbus) cloud
begin*          words that begin so             out*
section:  author:  sponsor:                     section:enterprise author:"Anders Whitlock"
is:             truncated, whole, sponsored, unread, read or starred
after:  before: printed date: from a year, month or day on; until before it  after:2021 before:2022-06
in:             headline, deck, body, authors or captions: where what follows stands
in:PLACE        captures whose path or address has PLACE in it

Case, accents and the kind of quotes make no difference."""
_PAGE: Final = 200
"""How many matches are asked for at once."""
_BOLD, _PLAIN = "\x1b[1m", "\x1b[22m"
_WIDTH: Final = 80
_LEAST: Final = 40

Span = tuple[int, int]


def make_parser() -> ArgumentParser:
    """What may follow `search`."""
    parser = parser_for("search", "Find articles of the library by their text.", _LANGUAGE)
    parser.usage = "protocol-reader search [--limit N] [--relevance] [--json] [--library FILE] QUERY ..."
    parser.add_argument("query", nargs="+", metavar="QUERY", help="what to look for; see below")
    add_library_option(parser)
    parser.add_argument("--limit", type=whole_number(1), default=50, metavar="N", help="at most so many (50)")
    parser.add_argument(
        "--relevance", action="store_true", help="the best of the newest matches first, not the newest"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line and article")
    return parser


def run(words: Sequence[str]) -> int:
    """Print the matches; the exit status."""
    parser = make_parser()
    wanted = parser.parse_args(options_first(words, ("--library", "--limit")))
    query = " ".join(wanted.query)
    order = Order.RELEVANCE if wanted.relevance else Order.NEWEST
    matches = _Matches(query, order, wanted.limit, wanted.json)
    try:
        return with_what_is_intact(kept_path(wanted.library), matches.print)
    except QueryError as error:
        complain_of_query(query, error)
        return WRONG_USE


def options_first(words: Sequence[str], valued: Sequence[str]) -> list[str]:
    """The words of a command with its options before the query, of which a part may begin with -.

    `valued` are the options that are followed by a word of theirs.
    """
    options: list[str] = []
    query: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            query += left
        elif word == "-h" or word.startswith("--"):
            options.append(word)
            if word in valued:
                options += [value for value in [next(left, None)] if value is not None]
        else:
            query.append(word)
    return [*options, "--", *query] if query else options


class _Matches:
    """Prints the matches of a query as they are found, each article once."""

    def __init__(self, query: str, order: Order, limit: int, as_json: bool) -> None:
        self._query = query
        self._order = order
        self._limit = limit
        self._as_json = as_json
        self._printed: set[str] = set()

    def print(self, library: Library) -> int:
        """Print what a library has of them; the exit status.

        Again, with another library, it goes on with what was not printed.
        """
        out = plain_output()
        bold = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        width = max(_LEAST, min(shutil.get_terminal_size().columns, _WIDTH)) if out.isatty() else _WIDTH
        if len(self._printed) >= self._limit:
            return DONE
        damaged = False
        after: int | None = None
        while True:
            left = self._limit - len(self._printed)
            results = library.search(self._query, order=self._order, limit=min(_PAGE, left), after=after)
            for hit in results.hits:
                try:
                    stored = library.article(hit.row.key)
                except GoneError:  # another program has just removed it
                    continue
                except Interrupted:
                    raise
                except LibraryError as error:
                    complain(str(error))
                    damaged = True
                    continue
                if stored.article.id in self._printed:
                    continue
                if self._as_json:
                    print_json(to_json(hit, stored))
                else:
                    separator = "\n" if self._printed else ""
                    out.write(separator + "".join(f"{line}\n" for line in _lines(hit, stored, width, bold)))
                self._printed.add(stored.article.id)
            after = results.after
            if after is None or len(self._printed) >= self._limit:
                break
        out.flush()
        _tell(results, len(self._printed))
        if damaged:
            ensure_sound(library)
        return IN_PART if damaged else DONE


def _tell(results: Results, shown: int) -> None:
    """Say what is not shown."""
    if not shown:
        complain("nothing in the library matches")
    elif results.after is not None:
        number = f"more than {results.count:,}" if results.capped else f"{results.count:,}"
        complain(f"these are {shown:,} of {number} matches; --limit N shows more")


def to_json(hit: Hit, stored: StoredArticle) -> dict[str, Any]:
    """A match as a JSON object; `marks` are start and end, in characters, of what matches in `passage`."""
    article = stored.article
    return {
        "id": article.id,
        "title": article.title,
        "section": article.section,
        "published": article.published,
        "authors": list(article.authors),
        "truncated": article.truncated is not None,
        "sponsored": article.sponsored is not None,
        "sponsor": article.sponsor,
        "source": stored.source,
        "url": stored.url,
        "passage": hit.passage,
        "marks": [list(mark) for mark in hit.marks],
    }


def _lines(hit: Hit, stored: StoredArticle, width: int, bold: bool) -> Iterator[str]:
    """A match as lines: title, what is known, the passage, where it is from."""
    row = hit.row
    badges = ["TRUNCATED"] if row.truncated else []
    badges += ["WHOLE · from another capture"] if row.completed else []
    badges += [f"SPONSORED · {row.sponsor}" if row.sponsor else "SPONSORED"] if row.sponsored else []
    section = stored.article.section or row.group
    yield from _styled(row.title, hit.title_marks, width, "", bold)
    known = " · ".join(filter(None, [section, row.published, row.authors, *badges]))
    yield from _styled(known, (), width, "  ", bold)
    yield from _styled(hit.passage, hit.marks, width, "  ", bold)
    yield f"  {sanitize(stored.source)}"


def _styled(text: str, marks: Sequence[Span], width: int, indent: str, bold: bool) -> Iterator[str]:
    """A text as lines of at most `width` columns, what is marked in it in bold."""
    for start, end in _wrapped(text, width - len(indent)):
        edges = [start, *[min(max(edge, start), end) for mark in marks for edge in mark], end]
        pieces = [sanitize(text[a:b]) for a, b in pairwise(edges)]
        # Every second piece is marked.
        yield indent + "".join(
            f"{_BOLD}{piece}{_PLAIN}" if bold and number % 2 and piece else piece
            for number, piece in enumerate(pieces)
        )


def _wrapped(text: str, width: int) -> Iterator[Span]:
    """Start and end of each line of a text; a word that is wider than a line has one of its own."""
    start = end = 0
    for word in re.finditer(r"\S+", text):
        if end > start and columns(text[start : word.end()]) > width:
            yield start, end
            start = word.start()
        end = word.end()
    yield start, end


def columns(text: str) -> int:
    """About how many columns of a terminal a text takes."""
    return len(text) + sum(east_asian_width(char) in "WF" for char in text)


def pointed(query: str, error: QueryError) -> tuple[str, str]:
    """The query, and a line with carets under its faulty piece."""
    end = error.position + error.length
    before, piece, rest = map(sanitize, (query[: error.position], query[error.position : end], query[end:]))
    return f"  {before}{piece}{rest}", f"  {' ' * columns(before)}{'^' * max(1, columns(piece))}"
