"""`fetch PATTERN…`: lists a web archive's captures, keeps the best of each page as WARC, adds them to the library."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from reader import __version__
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    NOTHING_READ,
    add_library_option,
    archive_of,
    complain,
    parser_for,
    path_word,
    plain_output,
    whole_number,
)
from reader.commands.progress import FetchLine
from reader.errors import FetchError, ReaderError
from reader.model import Problem
from reader.sanitize import many, sanitize
from reader.settings import WAYBACK, WAYBACK_VARIABLE, user_paths
from reader.wayback.addresses import Pattern, moment, pattern_of, server_at
from reader.wayback.client import INTERVAL, Client, Clock
from reader.wayback.fetching import Kept, fetch
from reader.wayback.listing import Choice, Listed, listing
from reader.wayback.warc_folder import WarcFolder, look

_EPILOG = f"""\
PATTERN is one page's address (protocol.com/china/a-story), all addresses that begin so (protocol.com/china/*,
protocol.com/*) or a whole domain with its subdomains (*.protocol.com). Quote it: shells read the star too.

Of each page the best capture is taken: whole before cut short, then the latest from before the site closed.
Captures are kept as WARC files in FOLDER, record by record. The same command run again asks only for what is
missing, whatever ended it. The server is asked less than 20 times a minute, and left alone when it says so.

server: --server, else the environment variable {WAYBACK_VARIABLE}, else network.wayback of the settings,
else {WAYBACK}
A pywb collection is a server too: http://127.0.0.1:8080/collection"""


class Order(NamedTuple):
    """What the user asked for."""

    patterns: list[Pattern]
    since: str | None
    until: str | None
    folder: Path
    limit: int | None
    only_list: bool
    add: bool
    library: str | None


def make_parser() -> ArgumentParser:
    """What may follow `fetch`."""
    parser = parser_for("fetch", "Fetch captures of pages from the Wayback Machine and keep them.", _EPILOG)
    parser.add_argument("patterns", nargs="+", metavar="PATTERN")
    parser.add_argument(
        "--from", dest="since", metavar="DATE", help="captures from 2021, 2021-05 or 2021-05-17 on"
    )
    parser.add_argument("--to", dest="until", metavar="DATE", help="captures up to that year, month or day")
    parser.add_argument(
        "--into", type=path_word, metavar="FOLDER", help="where to keep them (the data folder's “wayback”)"
    )
    parser.add_argument("--server", metavar="URL", help="another web archive")
    parser.add_argument("--limit", type=whole_number(1), metavar="N", help="at most N pages this time")
    parser.add_argument("--no-add", action="store_true", help="do not add them to the library")
    add_library_option(parser)
    parser.add_argument(
        "--list", "--dry-run", dest="only_list", action="store_true", help="print what would be fetched"
    )
    return parser


def run(words: Sequence[str], clock: Clock | None = None) -> int:
    """List, choose, fetch, keep and add; the exit status. Time comes from `clock`."""
    parser = make_parser()
    given = parser.parse_args(words)
    try:
        server = server_at(archive_of(parser, given.server))
        order = Order(
            [pattern_of(pattern) for pattern in given.patterns],
            moment(given.since) if given.since else None,
            moment(given.until) if given.until else None,
            Path(given.into) if given.into else user_paths().data / "wayback",
            given.limit,
            given.only_list,
            not given.no_add,
            given.library,
        )
    except FetchError as error:
        parser.error(str(error))
    clock = clock or Clock()
    with FetchLine(clock) as line:
        return Fetching(order, Client(server, version=__version__, clock=clock, notify=line.wait), line).run()


Choose = Callable[[list[Listed]], list[Listed] | int]
"""Of the best captures of pages those that are wanted, or an exit status where nothing is left to do."""


def add_paths(paths: Sequence[str], library: str | None) -> int:
    """Add these files to the library, as `protocol-reader add` does; the exit status."""
    from reader.commands.add import run as add

    return add([*paths, *(["--library", library] if library else [])])


class Fetching:
    """One run of `fetch`: what it shows while it goes, and says at its end."""

    def __init__(
        self, order: Order, client: Client, line: FetchLine, choose: Choose = lambda best: best
    ) -> None:
        """`choose` is asked which of the listed pages are wanted."""
        self._order = order
        self._choose = choose
        self._client = client
        self._line = line
        self._fetched = self._bytes = self._failed = 0
        self._left = 0

    def run(self) -> int:
        """List, choose, fetch, keep and add; the exit status."""
        try:
            best = self._best()
            if not best:
                return NOTHING_READ
            chosen = self._choose(best)
            if isinstance(chosen, int):
                return chosen
            best = chosen
            if self._order.only_list:
                return self._print(best)
            with WarcFolder(self._order.folder, version=__version__) as folder:
                return self._fetch(best, folder)
        except KeyboardInterrupt:
            self._line.clear()
            complain(f"stopped: {self._so_far()}; the same command goes on from there")
            return INTERRUPTED
        except FetchError as error:
            self._line.clear()
            complain(str(error))
            if not self._fetched:
                return NOTHING_READ
            complain(f"{self._so_far()}; the same command goes on from there")
            return IN_PART

    def _best(self) -> list[Listed]:
        """The best capture of each page that the patterns cover; says what else was listed."""
        choice = Choice()
        others: Counter[str] = Counter()
        for pattern in self._order.patterns:
            self._line.show(f"asking {self._client.server.name} for captures")
            for sheet in listing(self._client, pattern, self._order.since, self._order.until):
                choice.take(sheet.captures)
                others += sheet.others
                self._line.show(f"{choice.seen:,} captures listed")
        best = choice.best()
        self._line.clear()
        for reason, count in others.most_common():
            complain(f"passed over in the list: {count:,}, {reason}")
        name = self._client.server.name
        if best:
            complain(f"{name} lists {many(choice.seen, 'capture')} of {many(len(best), 'page')}")
        else:
            complain(
                f"{name} lists no captures of pages for that; check the address and the dates, "
                "and end it in /* for all that is below it"
            )
        return best

    def _print(self, best: Sequence[Listed]) -> int:
        try:
            have = look(self._order.folder).have
        except OSError as error:
            raise FetchError(f"{self._order.folder}: it cannot be read ({error.strerror})") from error
        wanted = self._wanted(best, have)
        for listed in wanted:
            time_ = listed.timestamp
            day = f"{time_[:4]}-{time_[4:6]}-{time_[6:8]}T{time_[8:10]}:{time_[10:12]}:{time_[12:]}Z"
            plain_output().write(f"{sanitize(day)}\t{listed.length}\t{sanitize(listed.url)}\n")
        there = sum((listed.key, listed.timestamp) in have for listed in best)
        complain(
            f"{many(len(wanted), 'page')} to fetch, {there:,} there already; "
            f"at the permitted rate that takes {duration(len(wanted) * INTERVAL)}"
        )
        return DONE

    def _fetch(self, best: Sequence[Listed], folder: WarcFolder) -> int:
        if folder.remains.damaged:
            complain(
                f"{folder.folder}: {many(folder.remains.damaged, 'place')} cannot be read; the rest is used"
            )
        wanted = self._wanted(best, folder.remains.have)
        there = sum((listed.key, listed.timestamp) in folder.remains.have for listed in best)
        self._left = len(wanted)
        if wanted:
            self._progress()
        for item in fetch(self._client, wanted, folder):
            self._left -= 1
            if isinstance(item, Kept):
                self._fetched += 1
                self._bytes += item.length
            else:
                self._failed += 1
                self._complain(item)
            self._progress()
        self._line.clear()
        folder.close()
        put_off = len(best) - there - len(wanted)
        rest = f", {put_off:,} left for another time" if put_off else ""
        complain(f"{self._so_far()}; {there:,} were there before, {self._failed:,} could not be had{rest}")
        status = DONE if not self._failed else IN_PART if self._fetched or there else NOTHING_READ
        if self._order.add and (self._fetched or there):
            return self._add(status)
        return status

    def _add(self, status: int) -> int:
        """Add what is kept to the library; the exit status of the whole, `status` being that of the fetching."""
        folder = str(self._order.folder)
        try:
            added = add_paths([folder], self._order.library)
        except ReaderError as error:
            complain(f"{error}; the captures are kept: “protocol-reader add {folder}” adds them")
            added = IN_PART
        return added if added == INTERRUPTED else max(status, min(added, IN_PART))

    def _wanted(self, best: Sequence[Listed], have: frozenset[tuple[str, str]]) -> list[Listed]:
        missing = [listed for listed in best if (listed.key, listed.timestamp) not in have]
        return missing[: self._order.limit]

    def _complain(self, problem: Problem) -> None:
        self._line.clear()
        complain(f"{problem.source}: {problem.reason}")

    def _progress(self) -> None:
        done = self._fetched + self._failed
        failed = f", {self._failed:,} not to be had" if self._failed else ""
        left = f", {duration(self._left * INTERVAL)} left" if self._left else ""
        self._line.show(f"{done:,} of {many(done + self._left, 'page')}{failed}{left}")

    def _so_far(self) -> str:
        return f"{many(self._fetched, 'page')} fetched ({self._bytes / 1e6:.1f} MB) into {self._order.folder}"


def duration(seconds: float) -> str:
    """A time that is still to pass, in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    hours, minutes = divmod(minutes, 60)
    return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"
