"""`fetch PATTERN…` and `missing --fetch`: keep the best captures of web archives as WARC files, and add them.

Both list what the archives have, take the best capture of each page and fetch what is not kept yet. `missing --fetch`
takes only pages that may be those of stories of which the library has no whole text.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reader.archives.addresses import MissingStory, Trust, best_pages, moment, pattern_of, server_at
from reader.archives.client import Client, OnWait
from reader.archives.fetching import (
    Archive,
    CommonCrawl,
    Listed,
    Query,
    ReplayArchive,
    best_captures,
    fetch,
)
from reader.archives.warc_folder import WarcFolder, look
from reader.commands.add import add_captures
from reader.commands.inputs import is_there, open_library, settings_in_force
from reader.commands.output import (
    Status,
    StatusLine,
    broken_off,
    complain,
    plain_output,
    print_lines,
)
from reader.commands.parser import CommandParser, UsageError
from reader.dates import time_of
from reader.errors import FetchError, LibraryError, ReaderError
from reader.library import Library
from reader.sanitize import many, sanitize
from reader.settings import command_for, library_path, user_paths

WHOLE_SITE: Final = "protocol.com/*"
"""The pattern of the pages among which `missing --fetch` looks by default."""
ARCHIVES: Final = ("wayback", "commoncrawl")
_EPILOG: Final = """\
PATTERN is the address of a page (protocol.com/china/a-story), the start of addresses (protocol.com/china/*,
protocol.com/*), or a domain with its subdomains (*.protocol.com). Quote it, because shells expand the star.

The best capture of each page is stored as a WARC file in FOLDER. After an interruption, run the same command again: it
fetches only what is missing. “protocol-reader help captures” says which captures are best, and which archives there
are."""
_TRUST: Final = {
    Trust.KNOWN: "address is known",
    Trust.SURE: "address fits the headline",
    Trust.LIKELY: "address may fit the headline",
}


def fetch_parser() -> CommandParser:
    parser = CommandParser("fetch", "Fetch captures from web archives and add them to the library.", _EPILOG)
    parser.positional("patterns", "PATTERN", "which pages to fetch; see below")
    parser.option("--since", "DATE", "only captures since this date: 2021, 2021-05 or 2021-05-17")
    parser.option("--until", "DATE", "only captures until the end of this year, month or day")
    parser.add_archive_options()
    parser.set_defaults(progress=False)
    parser.flag("--no-add", "do not add the captures to the library")
    parser.add_library_option()
    listing = "only print what would be fetched"
    parser.add_argument("--list", "--dry-run", dest="dry_run", action="store_true", help=listing)
    return parser


def run_fetch(options: Namespace) -> int:
    library_file = None if options.no_add else library_path(options.library)
    if library_file is not None and is_there(library_file):
        open_library(library_file).close()  # If it cannot be used, say so before fetching for hours.
    return _Fetching(options, options.patterns, library_file).run()


class _Story(NamedTuple):
    key: int
    title: str
    wanted: MissingStory


def fetch_missing(library: Library, keys: Sequence[int], options: Namespace) -> int:
    """Look for the stories of these articles, fetch pages that may be theirs, and add them."""
    fetching = _Fetching(options, options.within or [WHOLE_SITE], library.path)
    if not keys:
        return Status.DONE
    stories = []
    with StatusLine() as line:
        for key in line.counted(keys, len(keys)):
            for item in library.export_items([key], complain):
                wanted = MissingStory(item.article.headline, item.article.section, item.own_address)
                stories.append(_Story(key, item.article.title, wanted))
    status = fetching.run(stories)
    if not options.dry_run and status != Status.INTERRUPTED:
        whole = [story for story in stories if (row := library.row(story.key)) and not row.truncated]
        print_lines(f"now whole: {story.title}" for story in whole)
        left = len(stories) - len(whole)
        complain(f"{many(len(whole), 'story is', 'stories are')} now whole, {left:,} still truncated")
    return status


class _FetchLine(StatusLine):
    """A status line for fetching; if stderr is no terminal, waits are reported as messages."""

    def __init__(self, *, in_lines: bool) -> None:
        """With `in_lines` progress is reported as messages too if stderr is no terminal."""
        super().__init__()
        self._in_lines = in_lines
        self._pages: tuple[int, int | None] = (0, None)

    def show(self, text: str, *, always: bool = False) -> None:
        self.update(text, *self._pages)
        if not self.is_shown and (always or self._in_lines):
            complain(text)

    def show_pages(self, done: int, failed: int, total: int, left: str) -> None:
        """Show how many pages are done, how many of them failed, and the least time that is `left`."""
        self._pages = done, total
        text = f"{done:,} of {many(total, 'page')}" + (f", {failed:,} failed" if failed else "")
        # From the first page on, the line itself says how long the others take at the speed so far.
        knows_speed = self.is_shown and done
        self.show(text if knows_speed or done == total else f"{text}, {left} left")

    def wait(self, seconds: float, why: str) -> None:
        if seconds:
            until = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
            why = f"waiting until {until}: {why}"
        self.show(why, always=True)


class _Fetching:
    def __init__(self, options: Namespace, patterns: Sequence[str], library_file: Path | None) -> None:
        """`library_file`: the library to add the captures to, if any. UsageError if an option is faulty."""
        self._options = options
        self._library_file = library_file
        self._folder = Path(options.into) if options.into else user_paths().data / "wayback"
        self._line = _FetchLine(in_lines=options.progress)
        try:
            self._patterns = [pattern_of(pattern) for pattern in patterns]
            self._since = moment(options.since) if options.since else None
            self._until = moment(options.until) if options.until else None
            self._archives = _chosen_archives(options, self._line.wait)
        except FetchError as error:
            raise UsageError(str(error)) from error
        # Cut to the same length: 2022 and 2022-05 overlap.
        since, until = self._since or "", self._until or ""
        if until[: len(since)] < since[: len(until)]:
            raise UsageError("--until is before --since")
        self._fetched = self._bytes = 0

    def run(self, stories: Sequence[_Story] | None = None) -> int:
        """List, select, fetch and add captures; return the exit status. `stories`: fetch only pages that fit them."""
        try:
            with self._line:
                selected = self._best()
                if not selected:
                    return Status.FAILED
                if stories is not None:
                    selected = self._fitting(selected, stories)
                    if self._options.dry_run or not selected:
                        return Status.DONE
                elif self._options.dry_run:
                    return self._print(selected)
                with WarcFolder(self._folder) as folder:
                    return self._fetch(selected, folder)
        except (FetchError, KeyboardInterrupt) as error:
            return broken_off(error, self._so_far(), something=self._fetched > 0)

    def _best(self) -> list[Listed]:
        captures: list[Listed] = []
        skipped: Counter[str] = Counter()
        failures: list[FetchError] = []
        for archive in self._archives.values():
            try:
                for pattern in self._patterns:
                    self._line.show(f"asking {archive.name} for captures")
                    for part in archive.listing(Query(pattern, self._since, self._until)):
                        captures += part.captures
                        skipped.update(part.skipped)
                        self._line.show(f"{many(len(captures), 'capture')} listed")
            except FetchError as error:  # Another archive may answer.
                failures.append(error)
        if len(failures) == len(self._archives):
            raise FetchError("; ".join(map(str, failures)))
        self._line.clear()
        for failure in failures:
            complain(str(failure))
        for reason, count in skipped.most_common():
            complain(f"skipped {count:,} in the list: {reason}")
        best = best_captures(captures)
        name = " and ".join(archive.name for archive in self._archives.values())
        if best:
            complain(f"{name} lists {many(len(captures), 'capture')} of {many(len(best), 'page')}")
        else:
            complain(
                f"{name} has no captures of these pages; check the address and the dates, "
                "or end the address in /* to include everything below it"
            )
        return best

    def _fitting(self, best: Sequence[Listed], stories: Sequence[_Story]) -> list[Listed]:
        """The pages that may be those of truncated stories, the surest first; prints them for --dry-run."""
        headlines = many(len(stories), "headline")
        self._line.show(f"comparing {many(len(best), 'address', 'addresses')} with {headlines}")
        fits = best_pages([listed.url for listed in best], [story.wanted for story in stories])
        self._line.clear()
        fits.sort(key=lambda fit: -fit.trust)
        if self._options.dry_run:
            for fit in fits:
                # Tabs separate the columns.
                page, title = sanitize(best[fit.page].url), sanitize(stories[fit.story].title)
                plain_output().write(f"{_TRUST[fit.trust]}\t{page}\t{title}\n")
        fitting = Counter({fit.story: fit.trust for fit in fits}.values())
        trust = ", ".join(
            f"{fitting[trust]:,} because the {_TRUST[trust]}" for trust in reversed(Trust) if fitting[trust]
        )
        pages = dict.fromkeys(fit.page for fit in fits)
        of = f"of {many(len(stories), 'truncated story', 'truncated stories')}"
        if pages:
            complain(f"{many(len(pages), 'page')} may have {fitting.total():,} {of}: {trust}")
        else:
            complain(
                f"no page in the list fits any {of}; only pages whose addresses contain a headline can be found"
            )
        return [best[page] for page in pages]

    def _print(self, selected: Sequence[Listed]) -> int:
        try:
            missing, kept_before = self._missing(selected, look(self._folder).have)
        except OSError as error:
            raise FetchError(f"{self._folder}: cannot read the folder ({error.strerror})") from error
        for listed in missing:
            plain_output().write(f"{time_of(listed.timestamp)}\t{listed.length}\t{sanitize(listed.url)}\n")
        complain(
            f"{many(len(missing), 'page')} to fetch, {kept_before:,} already fetched; at the permitted rate this"
            f" takes {self._time_for(len(missing))}"
        )
        return Status.DONE

    def _time_for(self, pages: int) -> str:
        interval = max(archive.interval for archive in self._archives.values())
        hours, minutes = divmod(round(pages * interval / 60), 60)
        if not (hours or minutes):
            return "under a minute"
        return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"

    def _fetch(self, selected: Sequence[Listed], folder: WarcFolder) -> int:
        if folder.remains.damaged:
            complain(
                f"{folder.folder}: {many(folder.remains.damaged, 'file')} cannot be read to the end;"
                " captures after the damage may be fetched again"
            )
        missing, kept_before = self._missing(selected, folder.remains.have)
        total, failed = len(missing), 0
        if missing:
            self._check_library()
            self._line.show_pages(0, 0, total, self._time_for(total))
        for done, item in enumerate(fetch(self._archives, missing, folder), 1):
            if isinstance(item, int):
                self._fetched += 1
                self._bytes += item
            else:
                failed += 1
                self._line.complain(f"{item.source}: {item.reason}")
            self._line.show_pages(done, failed, total, self._time_for(total - done))
        self._line.clear()
        folder.close()
        postponed = len(selected) - kept_before - total
        rest = f", {postponed:,} left for next time" if postponed else ""
        complain(f"{self._so_far()}; {kept_before:,} already fetched, {failed:,} failed{rest}")
        something = self._fetched or kept_before
        status = Status.DONE if not failed else Status.IN_PART if something else Status.FAILED
        if self._library_file is None or not something:
            return status
        try:
            added = add_captures(self._library_file, [str(self._folder)])
        except ReaderError as error:
            add = command_for(self._library_file, "add", str(self._folder))
            complain(f"{error}; “{add}” adds the captures")
            added = Status.IN_PART
        return added if added == Status.INTERRUPTED else max(status, min(added, Status.IN_PART))

    def _check_library(self) -> None:
        """Raise LibraryError if the pages cannot be added: now, not after hours of fetching."""
        # A library that does not exist yet is made once there are pages.
        if self._library_file is not None and is_there(self._library_file):
            with open_library(self._library_file) as library:
                if not library.can_write:
                    raise LibraryError(
                        f"{library.path}: the library or its folder cannot be written; change the permissions or"
                        " choose another file with --library"
                    )

    def _missing(
        self, selected: Sequence[Listed], have: frozenset[tuple[str, str]]
    ) -> tuple[list[Listed], int]:
        missing = [listed for listed in selected if (listed.key, listed.timestamp) not in have]
        return missing[: self._options.limit], len(selected) - len(missing)

    def _so_far(self) -> str:
        size = self._bytes / 1e6
        return f"{many(self._fetched, 'page')} ({size:.1f} MB) fetched into {self._folder}"


def _chosen_archives(options: Namespace, on_wait: OnWait) -> dict[str, Archive]:
    words = getattr(options, "from") or ARCHIVES[:1]
    archives: dict[str, Archive] = {}
    for name in dict.fromkeys(name for word in words for name in word.split(",")):
        if name not in ARCHIVES:
            raise UsageError(f"--from: choose {' or '.join(ARCHIVES)}, not “{sanitize(name)}”")
        if name == "commoncrawl":
            archives[name] = CommonCrawl(on_wait)
        else:
            archives[name] = ReplayArchive(Client(server_at(_wayback(options)), on_wait))
    return archives


def _wayback(options: Namespace) -> str:
    if options.server:
        return str(options.server)
    in_force = settings_in_force()
    if faults := in_force.faults_of("network.wayback"):  # No other archive is asked instead.
        raise UsageError("; ".join(faults))
    return in_force.settings.wayback
