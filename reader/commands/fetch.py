"""`fetch PATTERN…` and `missing --fetch`: keep the best captures of web archives as WARC files, and add them.

Both list what the archives have, take the best capture of each page and fetch what is not kept yet. `missing --fetch`
takes only pages that may be those of stories of which the library has no whole text.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reader.archives.addresses import Pattern, Server, moment, pattern_of, server_at
from reader.archives.client import Client, Clock, Waiting
from reader.archives.commoncrawl import CommonCrawl, servers_at
from reader.archives.fetching import Archive, Kept, ReplayArchive, fetch
from reader.archives.fitting import MissingStory, Trust, fits
from reader.archives.listing import Choice, Listed
from reader.archives.warc_folder import WarcFolder, look
from reader.commands import add
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    NOTHING_READ,
    add_library_option,
    complain,
    parser_for,
    path_word,
    plain_output,
    print_text,
    settings_in_force,
    whole_number,
)
from reader.commands.progress import StatusLine, counted, is_shown
from reader.errors import FetchError, ReaderError
from reader.export.openings import own_address
from reader.library import Library
from reader.model import Problem
from reader.sanitize import many, sanitize
from reader.settings import WAYBACK, WAYBACK_VARIABLE, user_paths

WHOLE_SITE: Final = "protocol.com/*"
"""The pattern of the pages among which `missing --fetch` looks by default."""
_EPILOG: Final = f"""\
PATTERN is the address of a page (protocol.com/china/a-story), the start of addresses (protocol.com/china/*,
protocol.com/*), or a domain with its subdomains (*.protocol.com). Quote it, because shells expand the star.

For each page, the best capture is fetched: a whole one if possible, and the latest from before the site closed.
Captures are stored as WARC files in FOLDER. After an interruption, run the same command again: it fetches only what is
missing. The server gets fewer than 20 requests a minute, and none while it asks for a pause.

--from chooses the archive: the Wayback Machine (the default), Common Crawl, or both.

The address of the Wayback Machine comes from --server, else from the environment variable {WAYBACK_VARIABLE}, else from
the setting network.wayback (default: {WAYBACK}). It can also be that of a pywb collection, such as
http://127.0.0.1:8080/collection. Requests to a server on this machine have no limit."""
ARCHIVES: Final = ("wayback", "commoncrawl")
"""The archives that can be asked."""


class FetchOptions(NamedTuple):
    """Options of a run: what to fetch, and what to do with it."""

    patterns: list[Pattern]
    since: str | None
    until: str | None
    folder: Path
    limit: int | None
    """The most pages to fetch this time."""
    only_list: bool
    add: bool
    """True to add the captures to the library."""
    library: str | None


Select = Callable[[list[Listed]], list[Listed] | int]
"""Selects pages from the best captures; returns an exit status if there is nothing left to do."""


# fetch


def make_parser() -> ArgumentParser:
    """The parser of the words after `fetch`."""
    parser = parser_for("fetch", "Fetch captures from web archives and add them to the library.", _EPILOG)
    parser.add_argument("patterns", nargs="+", metavar="PATTERN", help="which pages to fetch; see below")
    parser.add_argument(
        "--from",
        action="append",
        default=[],
        metavar="ARCHIVES",
        help="wayback (the default), commoncrawl or wayback,commoncrawl",
    )
    parser.add_argument(
        "--since", metavar="DATE", help="only captures since this date: 2021, 2021-05 or 2021-05-17"
    )
    parser.add_argument(
        "--until",
        metavar="DATE",
        help="only captures until the end of this year, month or day",
    )
    parser.add_argument(
        "--into",
        type=path_word,
        metavar="FOLDER",
        help="where to store the captures (default: “wayback” in the data folder)",
    )
    parser.add_argument("--server", metavar="URL", help="the web archive to use; see below")
    parser.add_argument("--limit", type=whole_number(1), metavar="N", help="fetch at most N pages this time")
    parser.add_argument("--no-add", action="store_true", help="do not add the captures to the library")
    add_library_option(parser)
    parser.add_argument(
        "--list", "--dry-run", dest="only_list", action="store_true", help="only print what would be fetched"
    )
    return parser


def run(words: Sequence[str], clock: Clock | None = None) -> int:
    """List, select, fetch and add captures; `clock` tells the time and waits."""
    parser = make_parser()
    given = parser.parse_args(words)
    try:
        servers = _servers(parser, archive_names(parser, getattr(given, "from")), given.server)
        options = FetchOptions(
            patterns=[pattern_of(pattern) for pattern in given.patterns],
            since=moment(given.since) if given.since else None,
            until=moment(given.until) if given.until else None,
            folder=_folder(given.into),
            limit=given.limit,
            only_list=given.only_list,
            add=not given.no_add,
            library=given.library,
        )
    except FetchError as error:
        parser.error(str(error))
    clock = clock or Clock()
    with _FetchLine(clock) as line:
        return _Fetching(options, _archives(servers, clock, line), line).run()


def archive_names(parser: ArgumentParser, values: Sequence[str]) -> list[str]:
    """The archives that values of --from name, each once; a parser error if there is no such archive."""
    names = list(dict.fromkeys(name for value in values for name in value.split(",")))
    if unknown := [name for name in names if name not in ARCHIVES]:
        parser.error(f"--from: choose {' or '.join(ARCHIVES)}, not “{sanitize(unknown[0])}”")
    return names or [ARCHIVES[0]]


def _servers(
    parser: ArgumentParser, names: Sequence[str], named: str | None
) -> dict[str, tuple[Server, ...]]:
    """The servers of archives. FetchError if an address is none; a parser error if the settings are faulty."""
    servers: dict[str, tuple[Server, ...]] = {}
    for name in names:
        if name == "wayback":
            servers[name] = (server_at(_address(parser, name, named)),)
        else:
            servers[name] = servers_at(_address(parser, name, None))
    return servers


def _archives(
    servers: Mapping[str, tuple[Server, ...]], clock: Clock, line: _FetchLine
) -> dict[str, Archive]:
    archives: dict[str, Archive] = {}
    for name, of_archive in servers.items():
        clients = [Client(s, clock, line.wait) for s in of_archive]
        archives[name] = CommonCrawl(*clients) if name == "commoncrawl" else ReplayArchive(*clients)
    return archives


def _folder(named: str | None) -> Path:
    return Path(named) if named else user_paths().data / "wayback"


def _address(parser: ArgumentParser, archive: str, named: str | None) -> str:
    """The address of a web archive: the named one, else that of the settings.

    A parser error if that setting is faulty: no other archive is asked instead.
    """
    if named:
        return named
    found = settings_in_force()
    if faults := found.faults_of(f"network.{archive}"):
        parser.error("; ".join(faults))
    return found.settings.wayback if archive == "wayback" else found.settings.commoncrawl


class _FetchLine(StatusLine):
    """A status line for fetching; if stderr is no terminal, waits are reported as messages."""

    def __init__(self, clock: Clock, *, in_lines: bool = False) -> None:
        """With `in_lines` progress is reported as messages too if stderr is no terminal."""
        super().__init__(delay=0)
        self._clock = clock
        self._in_lines = in_lines
        self._pages: tuple[int, int | None] = (0, None)
        """How many are done, and how many there are."""

    def show(self, text: str, *, always: bool = False) -> None:
        """Show what is being done; `always` also without a terminal."""
        if is_shown(sys.stderr):
            self.update(text, *self._pages, "pages")
            self.refresh()
        elif always or self._in_lines:
            complain(text)

    def show_pages(self, text: str, left: str, done: int, total: int) -> None:
        """Show the progress of fetching; `left` is the least time that it still takes at the permitted rate."""
        self._pages = done, total
        # From the first page on, the line itself says how fast it goes, and how long at this speed.
        self.show(text if done and is_shown(sys.stderr) else f"{text}{left}")

    def wait(self, waiting: Waiting) -> None:
        """Show the reason for a wait, and its end."""
        text = waiting.why
        if waiting.seconds:
            until = time.strftime("%H:%M:%S", time.localtime(self._clock.now() + waiting.seconds))
            text = f"waiting until {until}: {waiting.why}"
        self.show(text, always=True)


class _Fetching:
    """One run of `fetch`: shows progress, and reports the result at the end."""

    def __init__(
        self,
        options: FetchOptions,
        archives: Mapping[str, Archive],
        line: _FetchLine,
        select: Select = lambda best: best,
    ) -> None:
        self._options = options
        self._select = select
        self._archives = archives
        self._interval = max(archive.interval for archive in archives.values())
        self._line = line
        self._fetched = self._bytes = self._failed = 0
        self._left = 0

    def run(self) -> int:
        """List, select, fetch and add captures; return the exit status."""
        try:
            best = self._best()
            if not best:
                return NOTHING_READ
            selected = self._select(best)
            if isinstance(selected, int):
                return selected
            if self._options.only_list:
                return self._print(selected)
            with WarcFolder(self._options.folder) as folder:
                return self._fetch(selected, folder)
        except KeyboardInterrupt:
            self._line.clear()
            complain(f"stopped; {self._so_far()}; run the same command again to continue")
            return INTERRUPTED
        except FetchError as error:
            self._line.clear()
            complain(str(error))
            if not self._fetched:
                return NOTHING_READ
            complain(f"{self._so_far()}; run the same command again to continue")
            return IN_PART

    def _best(self) -> list[Listed]:
        """The best capture of each page that a pattern covers; reports what else was listed."""
        choice = Choice()
        others: Counter[str] = Counter()
        failures: list[FetchError] = []
        for archive in self._archives.values():
            try:
                self._list(archive, choice, others)
            except FetchError as error:  # Another archive may answer.
                failures.append(error)
        if len(failures) == len(self._archives):
            for failure in failures[:-1]:
                complain(str(failure))
            raise failures[-1]
        best = choice.best()
        self._line.clear()
        for failure in failures:
            complain(str(failure))
        for reason, count in others.most_common():
            complain(f"skipped {count:,} in the list: {reason}")
        name = " and ".join(archive.name for archive in self._archives.values())
        if best:
            complain(f"{name} lists {many(choice.seen, 'capture')} of {many(len(best), 'page')}")
        else:
            complain(
                f"{name} has no captures of these pages; check the address and the dates, "
                "or end the address in /* to include everything below it"
            )
        return best

    def _list(self, archive: Archive, choice: Choice, others: Counter[str]) -> None:
        """Add the captures that an archive lists to `choice`, and count the others."""
        for pattern in self._options.patterns:
            self._line.show(f"asking {archive.name} for captures")
            for part in archive.listing(pattern, self._options.since, self._options.until):
                choice.take(part.captures)
                others.update(part.others)
                self._line.show(f"{choice.seen:,} captures listed")

    def _print(self, selected: Sequence[Listed]) -> int:
        try:
            have = look(self._options.folder).have
        except OSError as error:
            raise FetchError(f"{self._options.folder}: cannot read the folder ({error.strerror})") from error
        missing = self._missing(selected, have)
        for listed in missing:
            stamp = listed.timestamp
            moment = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:]}Z"
            plain_output().write(f"{sanitize(moment)}\t{listed.length}\t{sanitize(listed.url)}\n")
        kept_before = sum((listed.key, listed.timestamp) in have for listed in selected)
        complain(
            f"{many(len(missing), 'page')} to fetch, {kept_before:,} already fetched; "
            f"at the permitted rate this takes {_duration(len(missing) * self._interval)}"
        )
        return DONE

    def _fetch(self, selected: Sequence[Listed], folder: WarcFolder) -> int:
        if folder.remains.damaged:
            complain(
                f"{folder.folder}: {many(folder.remains.damaged, 'file')} cannot be read to the end;"
                " captures after the damage may be fetched again"
            )
        missing = self._missing(selected, folder.remains.have)
        kept_before = sum((listed.key, listed.timestamp) in folder.remains.have for listed in selected)
        self._left = len(missing)
        if missing:
            self._show_progress()
        for item in fetch(self._archives, missing, folder):
            self._left -= 1
            if isinstance(item, Kept):
                self._fetched += 1
                self._bytes += item.length
            else:
                self._failed += 1
                self._complain(item)
            self._show_progress()
        self._line.clear()
        folder.close()
        postponed = len(selected) - kept_before - len(missing)
        rest = f", {postponed:,} left for next time" if postponed else ""
        complain(f"{self._so_far()}; {kept_before:,} already fetched, {self._failed:,} failed{rest}")
        something = self._fetched or kept_before
        status = DONE if not self._failed else IN_PART if something else NOTHING_READ
        return self._add(status) if self._options.add and something else status

    def _add(self, status: int) -> int:
        """Add the captures to the library; return the exit status, given that of fetching."""
        folder = str(self._options.folder)
        library = ["--library", self._options.library] if self._options.library else []
        try:
            added = add.run([folder, *library])
        except ReaderError as error:
            complain(f"{error}; “protocol-reader add {folder}” adds the captures")
            added = IN_PART
        return added if added == INTERRUPTED else max(status, min(added, IN_PART))

    def _missing(self, selected: Sequence[Listed], have: frozenset[tuple[str, str]]) -> list[Listed]:
        missing = [listed for listed in selected if (listed.key, listed.timestamp) not in have]
        return missing[: self._options.limit]

    def _complain(self, problem: Problem) -> None:
        self._line.clear()
        complain(f"{problem.source}: {problem.reason}")

    def _show_progress(self) -> None:
        done = self._fetched + self._failed
        failed = f", {self._failed:,} failed" if self._failed else ""
        left = f", {_duration(self._left * self._interval)} left" if self._left else ""
        total = done + self._left
        self._line.show_pages(f"{done:,} of {many(total, 'page')}{failed}", left, done, total)

    def _so_far(self) -> str:
        size = self._bytes / 1e6
        return f"{many(self._fetched, 'page')} ({size:.1f} MB) fetched into {self._options.folder}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    hours, minutes = divmod(minutes, 60)
    return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"


# missing --fetch

_TRUST: Final = {
    Trust.KNOWN: "address known",
    Trust.SURE: "address fits the headline",
    Trust.LIKELY: "address may fit the headline",
}


class _MissingStory(NamedTuple):
    """A story to look for."""

    key: int
    title: str
    wanted: MissingStory


def fetch_missing(
    parser: ArgumentParser, library: Library, keys: Sequence[int], given: Namespace, clock: Clock | None
) -> int:
    """Look for the stories of these articles, fetch pages that may be theirs, and add them."""
    clock = clock or Clock()
    try:
        servers = _servers(parser, archive_names(parser, getattr(given, "from")), given.server)
        options = FetchOptions(
            patterns=[pattern_of(pattern) for pattern in given.within or [WHOLE_SITE]],
            since=None,
            until=None,
            folder=_folder(given.into),
            limit=given.limit,
            only_list=False,
            add=True,
            library=str(library.path),
        )
    except FetchError as error:
        parser.error(str(error))
    if not keys:
        complain("no story is missing, so there is nothing to look for")
        return DONE
    stories = _missing_stories(library, keys)

    def select(best: list[Listed]) -> list[Listed] | int:
        return _select_fitting(best, stories, only_print=given.dry_run)

    with _FetchLine(clock, in_lines=given.progress) as line:
        status = _Fetching(options, _archives(servers, clock, line), line, select).run()
    if not given.dry_run and status != INTERRUPTED:
        _report_completed(library, stories)
    return status


def _missing_stories(library: Library, keys: Sequence[int]) -> list[_MissingStory]:
    """The stories of these articles; reports articles that cannot be read."""
    stories = []
    for key in counted(keys, len(keys)):
        for item in library.export_items([key], complain):
            article = item.article
            wanted = MissingStory(article.headline, article.section, own_address(item))
            stories.append(_MissingStory(key, article.title, wanted))
    return stories


def _select_fitting(
    best: list[Listed], stories: Sequence[_MissingStory], *, only_print: bool
) -> list[Listed] | int:
    """The pages that may be those of missing stories, the surest first; an exit status if none is to be fetched."""
    found = fits([listed.url for listed in best], [story.wanted for story in stories])
    found.sort(key=lambda fit: -fit.trust)
    if only_print:
        for fit in found:
            # Tabs separate the columns.
            page, title = sanitize(best[fit.page].url), sanitize(stories[fit.story].title)
            plain_output().write(f"{_TRUST[fit.trust]}\t{page}\t{title}\n")
    fitting = Counter({fit.story: fit.trust for fit in found}.values())
    trust = ", ".join(f"{fitting[trust]:,} {_TRUST[trust]}" for trust in reversed(Trust) if fitting[trust])
    pages = list(dict.fromkeys(fit.page for fit in found))
    of = f"of {many(len(stories), 'missing story', 'missing stories')}"
    if not pages:
        complain(
            f"no page in the list fits any {of}; only pages whose addresses contain a headline can be found"
        )
        return NOTHING_READ
    complain(f"{many(len(pages), 'page')} may have {fitting.total():,} {of}: {trust}")
    return DONE if only_print else [best[page] for page in pages]


def _report_completed(library: Library, stories: Sequence[_MissingStory]) -> None:
    """Name the stories of which the library has the whole text now."""
    whole = library.now_complete([story.key for story in stories])
    for story in stories:
        if story.key in whole:
            print_text(f"now whole: {story.title}\n")
    left = len(stories) - len(whole)
    sys.stdout.flush()
    complain(f"{many(len(whole), 'story is', 'stories are')} now whole, {left:,} still truncated")
