"""`search` and `stats`: list the articles of the library that match a query, and count all of them."""

from __future__ import annotations

import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from reader.commands.inputs import existing_path, open_existing, with_what_is_intact
from reader.commands.output import Status, complain, plain_output, print_json, print_records, table
from reader.commands.parser import CommandParser, whole_number
from reader.errors import LibraryError
from reader.library import GoneError, Hit, Interrupted, Library, Order, StoredArticle
from reader.library.overview import TOP, Count, NameCount, Overview, Shares, bar
from reader.library.search.parser import hint_for
from reader.sanitize import many, sanitize

_LANGUAGE: Final = """\
hospital pager         all of these words, in any form; also hospital AND pager
"delivery robots"      these words in this form
bank -tablet           the first word without the second
(robot OR bank)        either word
hosp*                  words that begin with “hosp”
section:enterprise     a word in this field; also author: and sponsor:
is:truncated           in this state; also whole, sponsored, unread, read, starred and doubtful
tag:china              with this tag; has:tag, has:highlight and has:note find any
after:2021             published in 2021 or later; before:2022-06 finds articles from before June
in:headline bank       words in this part; also deck, body, authors, captions and notes
in:2022-03             articles from captures with this in their path or address

Case, accents and the style of quotes make no difference."""
_WIDTH: Final = 80
_LEAST_WIDTH: Final = 40


def search_parser() -> CommandParser:
    parser = CommandParser("search", "Search the articles of the library.", _LANGUAGE)
    parser.positional("query", "QUERY", "the words to find; see below")
    parser.add_library_option()
    limit = "print at most N articles (default: 50, also in a pipe)"
    parser.option("--limit", "N", limit, type=whole_number(1), default=50)
    parser.flag("--relevance", "print the best matches first, not the newest (ranks the newest 2,000)")
    parser.flag("--json", "print one JSON object for each article")
    return parser


def run_search(options: Namespace) -> int:
    printed: set[str] = set()
    console = _console()

    def print_matches(library: Library) -> int:
        order = Order.RELEVANCE if options.relevance else Order.NEWEST
        damaged = is_more = False
        for hit in library.all_hits(options.query, order):
            if is_more := len(printed) == options.limit:
                break
            try:
                stored = library.article(hit.row.key)
            except GoneError:  # Another program has just removed it.
                continue
            except Interrupted:
                raise
            except LibraryError as error:
                complain(str(error))
                damaged = True
                continue
            if stored.article.id in printed:
                continue
            if options.json:
                print_json(_to_json(hit, stored))
            else:
                _print_match(hit, stored, console, first=not printed)
            printed.add(stored.article.id)
        if is_more:
            sys.stdout.flush()
            count, is_capped = library.count_found(options.query)
            number = f"more than {count:,}" if is_capped else f"{count:,}"
            complain(f"showing {len(printed):,} of {number} matches; --limit N shows more")
        if not printed and not damaged:
            suggestion = library.suggestion(options.query)
            meant = f"; did you mean {suggestion}?" if suggestion else ""
            complain(f"nothing in the library matches{meant}")
            if hint := hint_for(options.query):
                complain(hint)
            if suggestion and options.json:
                print_json({"did_you_mean": suggestion})
        if damaged:
            library.ensure_sound()
        return Status.IN_PART if damaged else Status.DONE

    return with_what_is_intact(existing_path(options.library), print_matches)


def _console() -> Console:
    """Standard output: with bold text on a terminal, else without any control sequences."""
    out = plain_output()
    on_terminal = out.isatty()
    bold = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = shutil.get_terminal_size().columns if on_terminal else _WIDTH
    return Console(
        file=out,
        width=max(_LEAST_WIDTH, min(columns, _WIDTH)),
        force_terminal=bold,
        color_system="standard" if bold else None,
        highlight=False,
    )


def _print_match(hit: Hit, stored: StoredArticle, console: Console, *, first: bool) -> None:
    """Print title, details, passage and source, wrapped and indented; an empty line before all but the `first`."""
    row = hit.row
    details = [stored.article.section or row.group, row.published, row.authors]
    if row.truncated:
        details.append("TRUNCATED")
    if row.completed:
        details.append("WHOLE · from another capture")
    if row.sponsored:
        details.append(f"SPONSORED · {row.sponsor}" if row.sponsor else "SPONSORED")
    lines = (
        ("", row.title, hit.title_marks),
        ("  ", " · ".join(filter(None, details)), ()),
        ("  ", hit.passage, hit.marks),
    )
    # Captured, as rich ends the program itself if the output is closed.
    with console.capture() as captured:
        if not first:
            console.print()
        for indent, text, marks in lines:
            marked = Text(sanitize(text))
            for start, end in marks:
                marked.stylize("bold", start, end)
            for line in marked.wrap(console, console.width - len(indent)):
                line.rstrip()
                console.print(Text.assemble(indent, line), soft_wrap=True)
        console.print(Text(f"  {sanitize(stored.source)}"), soft_wrap=True)
    sys.stdout.write(captured.get())


def _to_json(hit: Hit, stored: StoredArticle) -> dict[str, Any]:
    """A match as a JSON object.

    `merged` names the captures of what the article's own lacks; `marks` are start and end, in characters, of the
    matches in `passage`.
    """
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
        "merged": {fact.field: fact.source for fact in stored.merged},
        "source": stored.source,
        "url": stored.url,
        "passage": hit.passage,
        "marks": [list(mark) for mark in hit.marks],
    }


# stats

_BAR: Final = 40

Row = tuple[tuple[str, ...], Shares]
"""The cells of a row, and the parts of the bar beside it."""


def stats_parser() -> CommandParser:
    about = "Count the articles of the library by state, section, month, author and sponsor."
    parser = CommandParser("stats", about)
    parser.add_library_option()
    parser.flag("--json", "print one JSON object")
    return parser


def run_stats(options: Namespace) -> int:
    with open_existing(options.library) as library:
        overview = library.overview()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    print_records([_counts_to_json(overview)], _count_lines(overview, width), as_json=options.json)
    return Status.DONE


def _counts_to_json(overview: Overview) -> dict[str, object]:
    """The numbers as a JSON object; the name of undated articles and of unknown sponsors is null."""
    counts = overview._asdict()
    counts["shares"] = overview.shares._asdict()
    for name in ("sections", "months"):
        counts[name] = [count._asdict() | {"shares": count.shares._asdict()} for count in counts[name]]
    counts["authors"] = [name._asdict() for name in overview.authors]
    counts["sponsors"] = [name._asdict() for name in overview.sponsors]
    for name in ("sections", "months", "authors", "sponsors"):
        counts[name] = [{**group, "name": group["name"] or None} for group in counts[name]]
    return counts


def _count_lines(overview: Overview, width: int) -> Iterator[str]:
    """The numbers as lines; with bars if `width`, in columns, leaves room for them."""
    partial = f", {overview.partial_captures:,} of them only in part" if overview.partial_captures else ""
    skipped = f"; {overview.skipped:,} skipped on purpose" if overview.skipped else ""
    yield f"{many(overview.captures, 'capture')}{partial}; {many(overview.problems, 'problem')}{skipped}"
    yield f"{many(overview.articles, 'article')}, seen {many(overview.occurrences, 'time')}"
    yield f"{overview.unread:,} unread, {overview.starred:,} starred"
    if not overview.articles:
        return
    yield from _table(("share", "articles", ""), _share_rows(overview), width)
    for heading, groups in (("section", overview.sections), ("month", overview.months)):
        rows = [_counted(group, group.shares if group.name else Shares()) for group in groups]
        yield from _table((heading, "articles", "truncated"), rows, width)
    authors = [_counted(author, Shares(author.whole, 0, author.truncated)) for author in overview.authors]
    yield from _table(("author", "articles", "truncated"), authors, width, "authors")
    sponsors: list[Row] = [
        (
            (
                sponsor.name or "sponsor unknown",
                f"{sponsor.articles:,}",
                sponsor.first or "",
                sponsor.last or "",
            ),
            Shares(sponsored=sponsor.articles),
        )
        for sponsor in overview.sponsors
    ]
    yield from _table(("sponsor", "articles", "first", "last"), sponsors, width, "sponsors")
    if overview.truncated:
        yield ""
        yield f"{overview.truncated:,} truncated in every capture; “protocol-reader missing” lists them"


def _counted(count: Count | NameCount, shares: Shares) -> Row:
    return (count.name or "no date", f"{count.articles:,}", f"{count.truncated:,}"), shares


def _share_rows(overview: Overview) -> list[Row]:
    shares, total = overview.shares, overview.articles
    cut_off = overview.truncated - shares.truncated  # of the sponsored ones, which no other share counts
    rows = (
        ("whole, not sponsored", Shares(whole=shares.whole, completed=shares.completed)),
        ("  of them from another capture", Shares(completed=shares.completed)),
        ("truncated, not sponsored", Shares(truncated=shares.truncated)),
        (
            f"sponsored, {cut_off:,} of them truncated" if cut_off else "sponsored",
            Shares(sponsored=shares.sponsored),
        ),
    )
    return [((name, f"{sum(part):,}", f"{100 * sum(part) / total:.0f}%"), part) for name, part in rows]


def _table(headings: tuple[str, ...], rows: Sequence[Row], width: int, names: str = "") -> Iterator[str]:
    """An empty line and a table, whose rows end in bars as long as their numbers. Of `names`, the first few, if any."""
    if names and not rows:
        return
    shown = rows[:TOP] if names else rows
    lines = list(table([headings, *(cells for cells, _ in shown)]))
    used = max(map(len, lines))
    room = min(_BAR, width - used - 3)
    most = max((sum(shares) for _, shares in shown), default=0)
    yield ""
    yield lines[0]
    for line, (_, shares) in zip(lines[1:], shown, strict=True):
        cells = "".join(text for _, text in bar(shares, most, room))
        yield f"{line.ljust(used)}  {cells}" if cells else line
    if len(rows) > len(shown):
        yield f"and {len(rows) - len(shown):,} more {names}; --json has all"
