"""`missing --fetch`: lists a site's pages in a web archive, chooses those that may be missing stories, fetches them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reader import __version__
from reader.commands.common import (
    DONE,
    INTERRUPTED,
    NOTHING_READ,
    archive_of,
    complain,
    plain_output,
    print_text,
)
from reader.commands.fetch import Fetching, Order
from reader.commands.missing import SITE
from reader.commands.progress import FetchLine, counted
from reader.errors import FetchError
from reader.export.openings import own_address
from reader.library import Library
from reader.library.exporting import pieces
from reader.library.listings.openings import whole_now
from reader.sanitize import many, sanitize
from reader.settings import user_paths
from reader.wayback.addresses import pattern_of, server_at
from reader.wayback.client import Client, Clock
from reader.wayback.fitting import Trust, Wanted, fits
from reader.wayback.listing import Listed

_TRUST: Final = {
    Trust.KNOWN: "address known",
    Trust.SURE: "address fits the headline",
    Trust.LIKELY: "address may fit the headline",
}


class _Missing(NamedTuple):
    """A story to look for."""

    key: int
    title: str
    wanted: Wanted


def fetch_missing(
    parser: ArgumentParser, library: Library, keys: Sequence[int], wanted: Namespace, clock: Clock | None
) -> int:
    """Look for the stories with these keys, fetch what may be theirs, add it; the exit status."""
    clock = clock or Clock()
    try:
        server = server_at(archive_of(parser, wanted.server))
        order = Order(
            patterns=[pattern_of(pattern) for pattern in wanted.within or [SITE]],
            since=None,
            until=None,
            folder=Path(wanted.into) if wanted.into else user_paths().data / "wayback",
            limit=wanted.limit,
            only_list=False,
            add=True,
            library=str(library.path),
        )
    except FetchError as error:
        parser.error(str(error))
    if not keys:
        complain("none is missing: there is nothing to look for")
        return DONE
    missing = _missing(library, keys)

    def choose(best: list[Listed]) -> list[Listed] | int:
        return _choose(best, missing, only_say=wanted.dry_run)

    with FetchLine(clock, in_lines=wanted.progress) as line:
        client = Client(server, version=__version__, clock=clock, notify=line.wait)
        status = Fetching(order, client, line, choose).run()
    if not wanted.dry_run and status != INTERRUPTED:
        _say_what_came(library, missing)
    return status


def _missing(library: Library, keys: Sequence[int]) -> list[_Missing]:
    """What is known of them; what cannot be read is said."""
    found = []
    for key in counted(keys, len(keys)):
        for one in pieces(library, [key], complain):
            article = one.article
            wanted = Wanted(article.headline, article.section, own_address(one))
            found.append(_Missing(key, article.title, wanted))
    return found


def _choose(best: list[Listed], missing: Sequence[_Missing], *, only_say: bool) -> list[Listed] | int:
    """The pages that may be those of missing stories, the surest first; an exit status where none is to be fetched."""
    found = fits([listed.url for listed in best], [one.wanted for one in missing])
    found.sort(key=lambda fit: -fit.trust)
    if only_say:
        for fit in found:
            # A tab stands between the columns.
            page, title = sanitize(best[fit.page].url), sanitize(missing[fit.story].title)
            plain_output().write(f"{_TRUST[fit.trust]}\t{page}\t{title}\n")
    stories = Counter({fit.story: fit.trust for fit in found}.values())
    told = ", ".join(f"{stories[trust]:,} {_TRUST[trust]}" for trust in reversed(Trust) if stories[trust])
    pages = list(dict.fromkeys(fit.page for fit in found))
    of = f"of {many(len(missing), 'missing story', 'missing stories')}"
    if not pages:
        complain(
            f"no page in the list fits any {of}; those that are not called by their headlines are not found so"
        )
        return NOTHING_READ
    complain(f"{many(len(pages), 'page')} may have {stories.total():,} {of}: {told}")
    return DONE if only_say else [best[page] for page in pages]


def _say_what_came(library: Library, missing: Sequence[_Missing]) -> None:
    """Which stories are whole now."""
    whole = whole_now(library, [one.key for one in missing])
    for one in missing:
        if one.key in whole:
            print_text(f"whole now: {one.title}\n")
    left = len(missing) - len(whole)
    sys.stdout.flush()
    complain(
        f"{many(len(whole), 'story is', 'stories are')} whole now, {left:,} still known only by the opening"
    )
