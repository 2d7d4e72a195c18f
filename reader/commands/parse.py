"""`parse [--lines] PATH…`: each capture's articles as JSON. And the same captures as plain text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from reader.captures import NOT_A_CAPTURE, PASSED_OVER, read_captures
from reader.commands.common import (
    DONE,
    IN_PART,
    NOTHING_READ,
    PATHS,
    add_site_option,
    complain,
    parser_for,
    passed_over,
    paths_of,
    plain_output,
)
from reader.model import Page, Problem
from reader.parsing import parse_capture


def run(words: Sequence[str]) -> int:
    """Print each page as one JSON object a line; the exit status."""
    parser = parser_for("parse", "Print each capture's articles as one JSON object a line.", PATHS)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument(
        "--lines", action="store_true", help="say of every non-empty line what it was read as"
    )
    add_site_option(parser)
    wanted = parser.parse_args(words)
    paths = paths_of(wanted.paths, wanted.site)
    out = plain_output()
    # JSON can say any character in ASCII, so nothing is lost where the output knows fewer.
    plain = out.encoding.lower().replace("-", "") != "utf8"
    encoder = json.JSONEncoder(ensure_ascii=plain, check_circular=False)
    return _each_page(paths, lambda page: out.write(encoder.encode(page.to_json(wanted.lines)) + "\n"))


def print_articles(paths: Sequence[str]) -> int:
    """Print the articles at `paths` as plain text; the exit status."""
    from reader.export import page_text

    out = plain_output()
    return _each_page(paths, lambda page: out.write(page_text(page)))


def _each_page(paths: Iterable[str], use: Callable[[Page], object]) -> int:
    """Hand every page to `use` in the order of the paths, name every problem; the exit status."""
    pages = failures = 0
    others: list[str] = []
    for item in _pages(paths):
        if isinstance(item, Problem) and item.kind == NOT_A_CAPTURE:
            others.append(item.source)
        elif isinstance(item, Problem):
            failures += item.kind != PASSED_OVER
            complain(f"{item.source}: {item.reason}")
        else:
            pages += 1
            use(item)
    sys.stdout.flush()
    if others:
        complain(passed_over(others))
    if failures:
        return IN_PART if pages else NOTHING_READ
    return DONE


def _pages(paths: Iterable[str]) -> Iterator[Page | Problem]:
    for item in read_captures(paths):
        yield item if isinstance(item, Problem) else parse_capture(item)
