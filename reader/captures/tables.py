"""Reads tables with one page a row: JSON Lines, JSON and Parquet of crawl corpora, shards of `parse --into`, and HAR.

The names of a row's columns tell which has the page. Lines are read from a stream that may be damaged.

A row of a shard is a page as `parse` prints it, plus "text", "encoding", "partial" and "hints" of the capture. JSON
Lines is a shard if its first row has `MARK`, Parquet if it has a column of that name; there, lists are JSON. Rows are
not trusted: their captures are checked, and parsed again.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from reader.addresses import archive_time, clean_url
from reader.captures.pages import IS_EXPORT, MAX_CAPTURE, fit
from reader.captures.results import Items, ReadPage, Tally
from reader.captures.source import Columns, CutShortError, Source, encoded, explained, seekable
from reader.captures.warc import media_of
from reader.dates import time_of
from reader.extras import needs_extra
from reader.model import NEEDS_EXTRA, NOT_A_CAPTURE, PASSED_OVER, Capture, LineHint, Problem
from reader.patterns import Pattern
from reader.sanitize import many, sanitize

# The rows

HTML_COLUMNS: Final = ("html", "raw_html")
"""Preferred: a story that is cut off in the text is often complete in the HTML."""
TEXT_COLUMNS: Final = ("text", "raw_content", "content")
URL_COLUMNS: Final = ("url", "warc-target-uri")
TIME_COLUMNS: Final = ("date", "timestamp", "crawl_date", "warc-date", "date_download", "created")
NESTED: Final = ("metadata", "meta", "warc_headers")
"""Columns that may contain the address and time, as an object or as JSON."""
COLUMNS: Final = (*HTML_COLUMNS, *TEXT_COLUMNS, *URL_COLUMNS, *TIME_COLUMNS, *NESTED)
"""The default names, in lower case."""

NAME_COLUMNS: Final = "name its columns with --columns text=NAME,url=NAME,date=NAME, or convert the file"


_HOST_AND_PATH: Final = Pattern(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/", re.IGNORECASE)
"""The start of an address without a scheme."""
_UNCLEAR_TIME: Final = (
    "its time of capture can mean several days or none, so it was left out; write YYYY-MM-DD"
)
_SEPARATED: Final = "with articles that are already separated"
_READ_CAPTURES: Final = "read the captures that they are from, or shards of them, which “parse --into” writes"
_NO_TEXT: Final = "its text is empty or not a text, so skipped"


def without_text(named: Columns) -> str:
    """Return the reason why a row has no page."""
    if named.text:
        return f"without text in the column {named.text}"
    return f"without text in the columns {', '.join(TEXT_COLUMNS + HTML_COLUMNS[:1])} or {HTML_COLUMNS[1]}"


class _Rows:
    """Reads the rows of a file, and counts those without a page. Capitals in the names of columns do not matter."""

    def __init__(self, source: Source, unit: str, read_page: ReadPage) -> None:
        """`unit` is the word for a place of a row ("line", "row")."""
        self.tally = Tally(source.label, unit)
        self.pages = 0
        """Rows with a page so far."""
        self._source = source
        self._read_page = read_page
        self._without_value = {source.columns.url, source.columns.date} - {""}
        """The named columns that no row has had so far."""

    def read(self, columns: Mapping[str, Any], place: object) -> Items:
        """Read the capture in a row, if it passes the filter. `place` is where it is, such as its number."""
        source, named = self._source, self._source.columns
        columns = {name.lower(): value for name, value in columns.items()}
        name, text = "page.html", None if named.text else _first_text(columns, HTML_COLUMNS)
        if text is None:
            name, text = "page.txt", _first_text(columns, (named.text,) if named.text else TEXT_COLUMNS)
        if text is None:
            self._count_without_page(columns, place)
            return
        self.pages += 1
        about = [columns, *filter(None, (_object(columns.get(name)) for name in NESTED))]
        urls, times = (
            [value for place in about for name in names if (value := _value(place, name)) is not None]
            for names in (
                (named.url,) if named.url else URL_COLUMNS,
                (named.date,) if named.date else TIME_COLUMNS,
            )
        )
        self._without_value -= {named.url if urls else "", named.date if times else ""}
        address = next((url.strip() for url in urls if isinstance(url, str) and url.strip()), None)
        if address and _HOST_AND_PATH.match(address):
            address = f"https://{address}"
        if not source.filter.accepts(address):
            return
        page = source.page(place, name, encoded(text))
        page.url, page.charset = clean_url(address) if address else None, "utf-8"
        page.captured = next(filter(None, map(time_of, times)), time_of(archive_time(page.url)))
        if page.captured is None and any(not isinstance(value, str) or value.strip() for value in times):
            self.tally.add(PASSED_OVER, _UNCLEAR_TIME, place)
        yield from self._read_page(page)

    def _count_without_page(self, columns: Mapping[str, Any], place: object) -> None:
        """Count a row without a page: as a problem if it has a column for the text, else as skipped."""
        named = self._source.columns
        names = (named.text.lower().partition(".")[0],) if named.text else HTML_COLUMNS + TEXT_COLUMNS
        if isinstance(columns.get("articles"), list):
            self.tally.skip(_SEPARATED)
        elif any(name in names for name in columns):
            self.tally.add("no text", _NO_TEXT, place)
        else:
            self.tally.skip(without_text(named))

    def problems(self, row: str) -> Iterator[Problem]:
        """Yield the problems of all rows, one of each kind. `row` is the word for one of them."""
        label = self._source.label
        if self.pages:
            for name in sorted(self._without_value):
                reason = f"no {row} has a value in the column {name}; check its name in --columns"
                yield Problem(label, "no column", reason, partial=True)
        elif self.tally.skipped:
            parts = " and ".join(
                f"{many(count, row)} {reason}" for reason, count in self.tally.skipped.items()
            )
            advice = _READ_CAPTURES if set(self.tally.skipped) == {_SEPARATED} else NAME_COLUMNS
            yield Problem(label, "no page", f"{parts}; {advice}")
            self.tally.skipped.clear()
        yield from self.tally.problems()


def _value(columns: Mapping[str, Any], name: str) -> Any:
    """Return the value of a column, which may be nested if its name has dots; None if there is none."""
    name = name.lower()
    if name in columns:
        return columns[name]
    for dot in re.finditer(r"\.", name):
        if inner := _object(columns.get(name[: dot.start()])):
            return _value(inner, name[dot.end() :])
    return None


def _object(value: Any) -> Mapping[str, Any] | None:
    """Return the columns in a value that is an object, or the JSON of one; None if it is neither."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return {name.lower(): inner for name, inner in value.items()} if isinstance(value, Mapping) else None


def _first_text(columns: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = _value(columns, name)
        if isinstance(value, bytes | bytearray):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value and not value.isspace():
            return value.replace("\0", "")
    return None


# The files

MAX_LINE: Final = 32 << 20
MAX_JSON: Final = 64 << 20
"""The size of the largest file that is read if its objects are not one per line: it must be in memory as a whole."""
_MOST_VALUES: Final = 8 << 20
"""The most bytes of such a file outside of its texts."""
_FREE_VALUES = 1 << 20
"""Up to this size an object may contain any number of values. A value can take 60 bytes of memory per byte."""
_NO_JSON: Final = "not JSON, so skipped"
_TOO_LONG: Final = "longer than any page, so skipped"
_CUT_OFF: Final = "it ends too early, in the middle of this line: what comes before was read; get a new copy"
_TOO_MANY: Final = "too many values for a page, so skipped"
_TOO_LARGE: Final = "too large to be read at once; convert it to JSON Lines, for example with “jq -c .[]”"
_LINES_SUFFIXES: Final = (".jsonl", ".ndjson")
_BOM: Final = b"\xef\xbb\xbf"
_ARRAY: Final = b"[], \t\r"
"""What may stand around the objects of an array that has one per line."""
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_START: Final = re.compile(r"[^\s,\[\]]")


class RawLine(NamedTuple):
    """Bytes that should be one JSON value."""

    number: int
    data: bytes | None
    """None if it is too long."""
    cut_off: bool = False
    """True if there is no line end after it, so that it may not be whole."""


def read_json(source: Source, read_page: ReadPage) -> Items:
    """Read the captures in a JSON Lines or JSON file, then its problems, one of each kind.

    A file found in a folder is not a capture if none of its objects is a page.
    """
    by_lines = _one_a_line(source.head)
    rows = _Rows(source, "line" if by_lines else "object", read_page)

    def read(number: int, row: Any) -> Items:
        loaded = load(row) if isinstance(row, RawLine) else row
        for value in (loaded or [None]) if isinstance(loaded, list) else (loaded,):
            yield from rows.read(value if isinstance(value, dict) else {}, number)

    for number, row in source.parts(_by_lines(source) if by_lines else _at_once(source)):
        yield from rows.tally.collect(read(number, row), number)
    if not (rows.pages or source.cut or source.explicit or source.name.lower().endswith(_LINES_SUFFIXES)):
        reason = "JSON without a page; name the file to see which columns are expected"
        yield Problem(source.label, NOT_A_CAPTURE, reason)
        return
    yield from rows.problems("object")
    if source.cut:
        yield source.cut._replace(partial=rows.pages > 0)


def _one_a_line(head: bytes) -> bool:
    """Return whether a file that starts like this has one object per line, possibly in an array."""
    start = head.removeprefix(_BOM).lstrip()
    first, _, rest = start.lstrip(_ARRAY + b"\n").partition(b"\n")
    first = first.rstrip(_ARRAY)
    if start.startswith(b"["):
        try:
            objects = json.loads(b"[%s]" % first)
        except (ValueError, RecursionError):
            return False
        return bool(objects and rest.strip(_ARRAY)) and isinstance(objects[0], dict)
    is_whole = first.endswith(b"}") and first.count(b"{") == first.count(b"}")
    return is_whole or not rest or rest.lstrip(b"\r\n").startswith(b"{")


def _by_lines(source: Source) -> Iterator[tuple[int, RawLine]]:
    is_array = source.head.removeprefix(_BOM).lstrip().startswith(b"[")
    for line in lines(source, MAX_LINE):
        if not is_array or line.data is None:
            yield line.number, line
        elif data := line.data.removeprefix(_BOM).strip(_ARRAY):
            yield line.number, line._replace(data=b"[%s]" % data)


def _at_once(source: Source) -> Iterator[tuple[int, Any]]:
    """Yield the objects of a file that is parsed as a whole, by their numbers, up to the first damage."""
    data = bytes(source.read(MAX_JSON + 1))
    if len(data) > MAX_JSON or has_too_many_values(data, _MOST_VALUES):
        source.stop("too large", _TOO_LARGE)
        return
    text = data.removeprefix(_BOM).decode("utf-8", "replace")
    del data  # it and the text may be large
    decoder = json.JSONDecoder()
    number = at = 0
    while start := _START.search(text, at):
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            begun = f"not JSON after its first {many(number, 'object')}, so the rest was skipped"
            source.stop("damaged", f"{begun if number else 'not valid JSON'}; get a new copy")
            return
        number += 1
        yield number, value


def load(line: RawLine) -> Any:
    """Parse a line. CutShortError if that is impossible."""
    if line.data is None:
        raise CutShortError("too large", _TOO_LONG)
    if has_too_many_values(line.data):
        raise CutShortError("too large", _TOO_MANY)
    try:
        # Invalid UTF-8 damages a character, not the page.
        return json.loads(line.data.removeprefix(_BOM).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise CutShortError("damaged", _CUT_OFF if line.cut_off else _NO_JSON) from None


def has_too_many_values(data: bytes, most: int = _FREE_VALUES) -> bool:
    """Return whether parsing JSON would take too much memory, because over `most` bytes are outside of its texts."""
    return len(data) > most and len(_STRING.sub(b"", data).translate(None, b" \t\r\n")) > most


def lines(source: Source, most: int) -> Iterator[RawLine]:
    """Yield the non-empty lines of `source`. Lines over `most` bytes have no data."""
    number, parts, size = 1, [b""], 0
    while block := source.read_some():
        first, *rest = block.split(b"\n")
        size += len(first)
        if size <= most:
            parts.append(first)
        for line in rest:
            data = b"".join(parts).strip() if size <= most else None
            if data != b"":
                yield RawLine(number, data)
            number, parts, size = number + 1, [line], len(line)
    data = b"".join(parts).strip() if size <= most else None
    if data != b"":
        yield RawLine(number, data, cut_off=True)


# The shards of `protocol-reader parse --into`

_Kind = TypeVar("_Kind")

MARK: Final = "protocol_reader_shard"
FORMAT: Final = 1
MAX_ROW: Final = 128 << 20
_JSON_COLUMNS: Final = ("hints", "problem")
_LONGEST_NAME: Final = 100
_BAD_ROW: Final = "not a row of a shard, so skipped"


def is_readable(row: bytes) -> bool:
    """Return whether a row can be read back, because it is not too long and has not too many values."""
    return len(row) <= MAX_ROW and not has_too_many_values(row)


def read_shard(source: Source) -> Iterator[Capture | Problem]:
    """Read the captures and problems in a JSON Lines shard, in order."""
    rows = ((line.number, partial(load, line)) for line in lines(source, MAX_ROW))
    yield from _read_shard_rows(source.parts(rows), source, "line")
    if source.cut:
        yield source.cut


def _read_shard_columns(rows: Iterator[Mapping[str, Any]], source: Source) -> Iterator[Capture | Problem]:
    """Read the captures and problems in the rows of a Parquet shard, in order."""

    def decoded(row: Mapping[str, Any]) -> dict[str, Any]:
        lists = {name: str(row[name]).encode("utf-8", "replace") for name in _JSON_COLUMNS if row.get(name)}
        parsed = {name: load(RawLine(0, data)) for name, data in lists.items()}
        return {name: value for name, value in row.items() if name != MARK} | parsed

    numbered = ((number, partial(decoded, row)) for number, row in enumerate(rows, 1))
    yield from _read_shard_rows(numbered, source, "row")


def _read_shard_rows(
    rows: Iterable[tuple[int, Callable[[], Any]]], source: Source, unit: str
) -> Iterator[Capture | Problem]:
    """Read rows, given as numbers and functions that load them; count unreadable rows."""
    tally = Tally(source.label, unit)
    for number, loaded in rows:
        try:
            row = loaded()
            if MARK in row:
                continue  # the first line
            item = _shard_problem(row["problem"]) if row.get("problem") is not None else _shard_capture(row)
        except (LookupError, TypeError, ValueError, AttributeError):
            tally.add("damaged", _BAD_ROW, number)
            continue
        except Exception as error:
            cut = explained(error)
            tally.add(cut.kind, cut.reason, number)
            continue
        if isinstance(item, Problem) or (source.filter.accepts(item.url) and source.filter.begin_page()):
            yield item
    yield from tally.problems()


def _shard_capture(row: Mapping[str, Any]) -> Capture:
    url, cut = (row.get(name) and _checked(str, row[name]) for name in ("url", "partial"))
    return Capture(
        source=sanitize(_checked(str, row["source"])),
        text=fit(_checked(str, row["text"]), MAX_CAPTURE),
        url=clean_url(url) if url else None,
        captured=time_of(row.get("captured")),
        encoding=sanitize(_checked(str, row["encoding"]))[:_LONGEST_NAME],
        partial=sanitize(cut) if cut else None,
        hints=tuple(
            LineHint(min(_checked(int, line), MAX_CAPTURE), _checked(str, role), _checked(str, value))
            for line, role, value in row.get("hints") or ()
        ),
    )


def _shard_problem(value: Any) -> Problem:
    return Problem(
        sanitize(_checked(str, value["source"])),
        sanitize(_checked(str, value["kind"]))[:_LONGEST_NAME],
        sanitize(_checked(str, value["reason"])),
        partial=value["partial"] is True,
    )


def _checked(kind: type[_Kind], value: Any) -> _Kind:
    """Return a value. TypeError if it is of another type."""
    if type(value) is not kind:  # so a bool is no int
        raise TypeError(value)
    return value


# Parquet

_BATCH: Final = 64
DUCKDB: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "1",
    "preserve_insertion_order": "true",
}
_LONGEST_REASON: Final = 200


def read_parquet(source: Source, read_page: ReadPage) -> Items:
    """Read the captures in the rows, in order, then the problems, one of each kind."""
    try:
        import duckdb  # It is an extra.
    except ImportError:
        yield Problem(source.label, NEEDS_EXTRA, needs_extra("Parquet", "parquet"))
        return
    pages = 0
    settings = DUCKDB | {"memory_limit": "512MB"}
    try:
        with seekable(source) as descriptor, duckdb.connect(":memory:", config=settings) as database:
            # Pass the descriptor's path, because DuckDB treats some characters in paths as wildcards.
            for item in _read_rows(source, database, f"/dev/fd/{descriptor}", read_page):
                pages += isinstance(item, Capture)
                yield item
    except duckdb.Error as error:
        source.stop("damaged", _damage(error))
    if source.cut:
        yield source.cut._replace(partial=pages > 0)


def _damage(error: Exception) -> str:
    reason = sanitize(str(error).partition("\n")[0])[:_LONGEST_REASON]
    return f"its Parquet data cannot be read ({reason}); get a new copy"


def _read_rows(source: Source, database: Any, path: str, read_page: ReadPage) -> Items:
    described = database.execute("describe select * from read_parquet(?)", [path]).fetchall()
    names: list[str] = [row[0] for row in described]
    if MARK in names:
        yield from _read_shard_columns(source.parts(_fetched(database, "select *", path)), source)
        return
    if "truncated_because" in names and not source.columns.text:
        yield Problem(source.label, "no page" if source.explicit else NOT_A_CAPTURE, IS_EXPORT)
        return
    # Columns with a default name, and columns that the user has named or that contain such a one.
    wanted = [f"{column.lower()}." for column in source.columns]
    names = [
        name
        for name in names
        if name.lower() in COLUMNS or any(column.startswith(f"{name.lower()}.") for column in wanted)
    ]
    if not names:
        reason = f"every row is {without_text(source.columns)}; {NAME_COLUMNS}"
        yield Problem(source.label, "no page", reason)
        return
    rows = _Rows(source, "row", read_page)
    number = 0
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    for number, values in enumerate(source.parts(_fetched(database, f"select {columns}", path)), 1):
        yield from rows.tally.collect(rows.read(values, number), number)
    if not number and not source.cut:
        yield Problem(source.label, "no page", "it has no rows")
    yield from rows.problems("row")


def _fetched(database: Any, selected: str, path: str) -> Iterator[dict[str, Any]]:
    import duckdb  # It is an extra.

    try:
        cursor = database.execute(f"{selected} from read_parquet(?)", [path])
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(_BATCH):
            for values in rows:
                yield dict(zip(names, values, strict=True))
    except duckdb.Error as error:
        raise CutShortError("damaged", _damage(error)) from error


# HAR, the log of a browser's network tools: each response with a page is a capture

MAX_LOG: Final = 64 << 20
"""The size of the largest log that is read, which must be in memory as a whole."""
_MAX_LOG_VALUES: Final = 4 << 20
_LOGGED_PAGES: Final = {
    "text/html": "page.html",
    "application/xhtml+xml": "page.html",
    "text/plain": "page.txt",
}
_OK: Final = 200


def read_har(source: Source, read_page: ReadPage) -> Items:
    """Read the pages in a log, in order, then one problem for each kind of damage and one for all other responses."""
    data = bytes(source.read(MAX_LOG + 1))
    if len(data) > MAX_LOG or has_too_many_values(data, _MAX_LOG_VALUES):
        yield Problem(
            source.label, "too large", f"a log of over {MAX_LOG >> 20} MB; save fewer pages at once"
        )
        return
    if source.cut:
        yield source.cut._replace(partial=False)
        return
    tally = Tally(source.label, "response")
    pages = 0
    try:
        entries = list(json.loads(data.decode("utf-8-sig", "replace"))["log"]["entries"])
    except (ValueError, LookupError, TypeError, RecursionError):
        yield Problem(source.label, "damaged", "no network log that can be read; save it again")
        return
    for number, entry in enumerate(entries, 1):
        try:
            page = _logged_page(source, number, entry, tally)
        except (ValueError, LookupError, TypeError, AttributeError):
            tally.add("damaged", "damaged, so skipped", number)
            continue
        if page:
            pages += 1
            yield from tally.collect(read_page(page), number)
    yield from tally.problems()
    if not (pages or tally):
        yield Problem(source.label, "no page", "none of its responses is a page")


def _logged_page(source: Source, number: int, entry: Mapping[str, Any], tally: Tally) -> Source | None:
    """Return the page in an entry; None if it is none of the site's, or another response, which is counted."""
    response = entry["response"]
    content = response.get("content") or {}
    media, charset = media_of(str(content.get("mimeType") or "").encode())
    if response["status"] != _OK:
        tally.skip(f"with status {sanitize(str(response['status']))[:10]}")
        return None
    if media not in _LOGGED_PAGES or not content.get("text"):
        tally.skip(f"{media} without content" if media in _LOGGED_PAGES else media or "of no declared type")
        return None
    url = str(entry["request"]["url"])
    if not source.filter.accepts(url):
        return None
    text, is_packed = content["text"], content.get("encoding") == "base64"
    data = b64decode(text) if is_packed else encoded(text)
    page = source.page(number, _LOGGED_PAGES[media], data)
    page.url = clean_url(url)
    page.captured = time_of(entry.get("startedDateTime"))
    page.charset = charset if is_packed else "utf-8"
    return page
