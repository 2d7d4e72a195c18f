"""One shard: its files are read, their articles told apart, and all of it written. Run again, it does no harm."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from reader import __version__
from reader.captures import NOT_A_CAPTURE, PASSED_OVER, Found, read_files
from reader.captures.shard import FORMAT, MARK, fits
from reader.model import Capture, Page, Problem
from reader.parsing import PARSER_VERSION, parse_capture, parser_problem
from reader.safe_text import escape_json
from reader.shards.outputs import FORMS, Output
from reader.shards.plan import Shard, Wanted, stamp_of

UNFINISHED: Final = ".protocol-reader"
"""The folder, in that of the shards, where they are written."""
NO_FAILURES: Final = frozenset({NOT_A_CAPTURE, PASSED_OVER})
"""Kinds of problems that are no failures."""
_MAY_PASS: Final = frozenset({"missing", "unreadable", "needs an extra", "parser", "crash"})
"""Kinds of problems that may be no more when the same files are read again."""
_AGAIN: Final = "-again"
_TOLD: Final = 100
"""So many problems of a shard are told where they are counted; it holds all of them."""


class Made(NamedTuple):
    """What making a shard came to."""

    number: int
    name: str
    """Of the file in the folder."""
    files: int
    pages: int = 0
    articles: int = 0
    failures: int = 0
    """Problems, but for those that say what was passed over."""
    problems: tuple[Problem, ...] = ()
    """The first of all problems."""
    settled: bool = True
    """False when something went wrong that may not go wrong again: the next run makes it anew."""
    new: bool = True
    """False when it was there already."""


def name_of(shard: Shard, *, settled: bool = True) -> str:
    """The name of its file: its place, so that shards sort like what they were made of, and its identity."""
    return f"{shard.number:06}-{shard.identity}{'' if settled else _AGAIN}.{shard.wanted.form}"


def identity_in(name: str) -> tuple[str, bool] | None:
    """The identity of the shard with this name, and whether it is settled; None when it is none."""
    stem, _, form = name.partition(".")
    number, _, identity = stem.partition("-")
    settled = not identity.endswith(_AGAIN)
    identity = identity.removesuffix(_AGAIN)
    if form not in FORMS or not number.isdecimal() or len(identity) != 16:
        return None
    return identity, settled


def make(
    shard: Shard,
    folder: str,
    *,
    fatal: Mapping[Found, Problem] | None = None,
    on_item: Callable[[], None] = lambda: None,
) -> Made:
    """Write a shard into `folder`: beside it first, then under its name. Its bytes depend on its files alone.

    The folder and the one in it that is called `UNFINISHED` must be there. Files that are `fatal` are not opened:
    the problem stands for them. `on_item` is called after each capture or problem. OSError when the shard cannot be
    written.
    """
    identity = shard.identity
    unfinished = os.path.join(folder, UNFINISHED)  # noqa: PTH118
    path = os.path.join(unfinished, f"{identity}.{secrets.token_hex(8)}")  # noqa: PTH118
    rows = _Rows(shard, fatal or {}, on_item)
    try:
        with FORMS[shard.wanted.form](path) as output:
            rows.write(output)
        made = rows.made
        if any(stamp_of(item) != stamp for item, stamp in _files(shard)):
            made = made._replace(settled=False)
        made = made._replace(name=name_of(shard, settled=made.settled))
        _put(path, os.path.join(folder, made.name))  # noqa: PTH118
    except BaseException:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108
        raise
    clear(unfinished, identity)
    return made


def try_file(file: Found, wanted: Wanted, on_item: Callable[[], None] = lambda: None) -> None:
    """Read one file and tell its articles apart, for nothing but to see whether this process lives on."""
    for item in read_files([file], wanted.site):
        if isinstance(item, Capture):
            with suppress(Exception):
                parse_capture(item)
        on_item()


def _files(shard: Shard) -> Iterator[tuple[Found, object]]:
    for item, stamp in zip(shard.items, shard.stamps, strict=True):
        if isinstance(item, Found):
            yield item, stamp


def _put(path: str, place: str) -> None:
    """Give it its name once the disk has it: a shard with its name is whole, also after a power cut."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(path, place)  # noqa: PTH105
    except FileNotFoundError:
        # Another that made the same shard has cleared this one away.
        if not os.path.exists(place):  # noqa: PTH110
            raise


def clear(unfinished: str, identity: str) -> None:
    """Remove what killed processes left of a shard, in the folder called `UNFINISHED`."""
    with suppress(OSError), os.scandir(unfinished) as entries:
        for entry in entries:
            if entry.name.startswith(f"{identity}."):
                with suppress(OSError):
                    os.unlink(entry.path)  # noqa: PTH108


class _Rows:
    """The rows of a shard, and the counts of those written."""

    def __init__(self, shard: Shard, fatal: Mapping[Found, Problem], on_item: Callable[[], None]) -> None:
        self._on_item = on_item
        self._items = [fatal.get(item, item) if isinstance(item, Found) else item for item in shard.items]
        self._wanted = shard.wanted
        plain = not self._wanted.texts
        separators = (", ", ": ") if plain else (",", ":")  # as `parse` prints them, or as small as can be
        self._encoder = json.JSONEncoder(
            ensure_ascii=self._wanted.ascii_only, separators=separators, check_circular=False
        )
        # Parquet knows no first and last line, and no half of a surrogate pair.
        self._in_lines = self._wanted.form != "parquet"
        self._problems: list[Problem] = []
        self.made = Made(shard.number, "", shard.files)

    def write(self, output: Output) -> None:
        """Read, parse and write all of it."""
        framed = self._wanted.texts and self._in_lines
        if framed:
            output.write(self._line({MARK: FORMAT, "program": __version__, "parser": PARSER_VERSION}))
        for item in read_files(self._items, self._wanted.site):
            problem = item if isinstance(item, Problem) else self._write_page(item, output)
            if problem:
                self._note(problem)
                if self._wanted.texts:
                    output.write(self._line({"problem": problem._asdict()}))
            self._on_item()
        if framed:
            made = self.made
            output.write(self._line({"end": True, "pages": made.pages, "articles": made.articles}))

    def _write_page(self, capture: Capture, output: Output) -> Problem | None:
        lines = self._wanted.lines
        try:
            page = parse_capture(capture._replace(told=None) if lines else capture)
        except Exception as error:  # whatever it is, it is named, and the other captures still come
            return parser_problem(capture.source, error)
        row = page.to_json(lines)
        if self._wanted.texts:
            row |= _about(capture)
        line = self._line(row)
        if self._wanted.texts and not fits(line):
            line = self._without_articles(row)
            if not fits(line):
                return Problem(capture.source, "too large", "it has no room in a shard; split it to read it")
        output.write(line)
        self._count(page)
        return None

    def _without_articles(self, row: dict[str, Any]) -> bytes:
        """A row of a page that has too many: its text alone, to be read anew."""
        return self._line({name: row[name] for name in row if name not in ("articles", "furniture", "lines")})

    def _count(self, page: Page) -> None:
        made = self.made
        self.made = made._replace(pages=made.pages + 1, articles=made.articles + len(page.articles))

    def _note(self, problem: Problem) -> None:
        made = self.made
        if len(made.problems) < _TOLD:
            made = made._replace(problems=(*made.problems, problem))
        self.made = made._replace(
            failures=made.failures + (problem.kind not in NO_FAILURES),
            settled=made.settled and problem.kind not in _MAY_PASS,
        )

    def _line(self, row: dict[str, Any]) -> bytes:
        text = self._encoder.encode(row)
        text = (text if self._wanted.texts else escape_json(text)) + "\n"
        if self._in_lines:
            # Half of a surrogate pair has no UTF-8, but JSON has an escape for it, which is just what this writes.
            return text.encode("utf-8", "backslashreplace" if self._wanted.texts else "replace")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _about(capture: Capture) -> dict[str, Any]:
    """What a row says of the capture itself."""
    return {
        "text": capture.text,
        "encoding": capture.encoding,
        "partial": capture.partial,
        "hints": [list(hint) for hint in capture.hints],
        "parser": PARSER_VERSION,
    }
