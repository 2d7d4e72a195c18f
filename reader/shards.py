"""Captures -> shards: files of rows that hold captures and their articles, each of them made by itself.

`plan` divides the captures into tasks; `make_shard` does one of them, in any process on any machine. The bytes of a
shard depend on its captures alone, and so does its name: a shard that is there need not be made again.
"""

from __future__ import annotations

import gzip
import json
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader import __version__
from reader.captures import NOT_A_CAPTURE, PASSED_OVER, Found, find_files, is_url, read_files, remote_stamp
from reader.captures.shard import FORMAT, MARK, fits
from reader.errors import ReaderError
from reader.model import Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture, parser_problem
from reader.sanitize import escape_json, sanitize
from reader.shard_folder import ShardFolder

_LARGE: Final = 4 << 20
"""A file of so many bytes is a shard by itself."""
_MOST_FILES, _MOST_BYTES = 1024, 16 << 20
"""The most that a shard of smaller files holds, but for the last of them."""
_USUAL_FILES: Final = 256
"""How many small files a shard has on average."""
_MAY_PASS: Final = frozenset({"missing", "unreadable", "needs an extra", "parser", "crash"})
"""Kinds of problems that may be gone when the same files are read again."""
_NAMED_PROBLEMS: Final = 100
"""So many problems of a shard are reported; its rows hold all of them."""
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3
_COLUMNS: Final = {
    **dict.fromkeys(("source", "url", "captured", "text", "encoding", "partial"), "VARCHAR"),
    "parser": "INTEGER",
    **dict.fromkeys(("hints", "articles", "furniture", "lines", "problem"), "JSON"),
}
"""The columns of a shard in Parquet, with their types in DuckDB."""
_ROW_GROUP: Final = 2048
"""Rows that DuckDB gathers before it writes them, the fewest it can."""
_LONGEST_ROW: Final = 16 << 20
_MEMORY: Final = 512 << 20

Stamp = tuple[int, int | str]
"""Size and version of a file: a file that changed has another."""


class ShardOptions(NamedTuple):
    """What goes into shards."""

    form: str
    """The suffix of its file: "jsonl", "jsonl.gz", "jsonl.zst" or "parquet"."""
    lines: bool = False
    """Whether rows say what every line was read as."""
    site: str | None = None
    """The only site whose pages are wanted; None for all."""
    with_text: bool = True
    """Whether rows hold the captures too; without, they are what `parse` prints."""
    ascii_only: bool = False


class Task(NamedTuple):
    """To make one shard, of files that follow each other and of problems met between them."""

    number: int
    """Its place among the tasks, from 0."""
    identity: str
    """16 hex digits that stand for its files as they are, its options and the version of this program."""
    items: tuple[Found | Problem, ...]
    stamps: tuple[Stamp | None, ...]
    """A stamp for each item; None for a problem and for what is no file."""
    options: ShardOptions

    @property
    def files(self) -> list[Found]:
        """Its files."""
        return [item for item in self.items if isinstance(item, Found)]

    @property
    def label(self) -> str:
        """Its files in words."""
        paths = [file.path for file in self.files] or ["no file"]
        return sanitize(paths[0] if len(paths) == 1 else f"{paths[0]} to {paths[-1]}")

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(stamp[0] for stamp in self.stamps if stamp)

    def file_name(self, *, settled: bool = True) -> str:
        """The name of its shard: by its number shards sort like their captures."""
        return f"{self.number:06}-{self.identity}{'' if settled else '-again'}.{self.options.form}"


class ShardMade(NamedTuple):
    """What is in a shard that was made."""

    name: str = ""
    """Of its file; empty when it could not be made."""
    pages: int = 0
    articles: int = 0
    failures: int = 0
    """How many problems there are, those left out that only say what was passed over."""
    problems: tuple[Problem, ...] = ()
    """The first of all problems."""
    settled: bool = True
    """False when something failed that may not fail again: the next run makes the shard anew."""

    def with_problem(self, problem: Problem) -> ShardMade:
        """The same, with one more problem."""
        return self._replace(
            problems=(*self.problems, problem)[:_NAMED_PROBLEMS],
            failures=self.failures + (problem.kind not in (NOT_A_CAPTURE, PASSED_OVER)),
            settled=self.settled and problem.kind not in _MAY_PASS,
        )


def plan(paths: Iterable[str], options: ShardOptions) -> Iterator[Task]:
    """The tasks for the captures at `paths`, in order: one for each large file, one for each group of small ones."""
    for number, group in enumerate(_groups(find_files(paths))):
        # As paths were written, since rows name them: where the files lie does not count, nor on which machine.
        inputs = [
            [item.path, item.explicit, stamp] if isinstance(item, Found) else item for item, stamp in group
        ]
        content = json.dumps([FORMAT, PARSER_VERSION, __version__, options, inputs])
        identity = sha256(content.encode()).hexdigest()[:16]
        items, stamps = (tuple(column) for column in zip(*group, strict=True))
        yield Task(number, identity, items, stamps, options)


def _groups(
    found: Iterable[Found | Problem],
) -> Iterator[list[tuple[Found | Problem, Stamp | None]]]:
    """Items with their stamps, divided where the names say: a new file changes its own group, and no later one."""
    beside = str(Path.cwd())
    group: list[tuple[Found | Problem, Stamp | None]] = []
    size = 0
    for item in found:
        if isinstance(item, Problem):
            group.append((item, None))
            continue
        stamp = stamp_of(item)
        file_size = stamp[0] if stamp else 0
        if group and file_size >= _LARGE:
            yield group
            group, size = [], 0
        group.append((item._replace(beside=beside), stamp))
        size += file_size
        ends = zlib.crc32(os.fsencode(item.path)) % _USUAL_FILES == 0
        if ends or file_size >= _LARGE or size >= _MOST_BYTES or len(group) >= _MOST_FILES:
            yield group
            group, size = [], 0
    if group:
        yield group


def stamp_of(file: Found) -> Stamp | None:
    """The stamp of a file as it is now; None for what is no regular file, or not there."""
    if is_url(file.path):
        return remote_stamp(file.path)
    try:
        place = os.path.join(file.beside, file.path)  # noqa: PTH118 (keeps its spelling)
        found = os.stat(place, follow_symlinks=file.explicit)  # noqa: PTH116 (as it is opened)
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def make_shard(task: Task, folder: str, on_item: Callable[[], object] = lambda: None) -> ShardMade:
    """Make the shard of a task in `folder`, a path or URL: written aside first, then renamed.

    `on_item` is called after each capture and problem. OSError when the shard cannot be written.
    """
    place = ShardFolder(folder)
    with place.new_file(task.identity) as draft:
        with _writer(task.options.form, draft.path) as write:
            made = _write_rows(task, write, on_item)
        stamps = tuple(stamp_of(item) if isinstance(item, Found) else None for item in task.items)
        settled = made.settled and stamps == task.stamps
        draft.name = task.file_name(settled=settled)
    if settled:
        place.remove(task.file_name(settled=False))  # It may be there from an earlier run.
    return made._replace(settled=settled, name=draft.name)


def try_file(task: Task, file: Found, on_item: Callable[[], object] = lambda: None) -> None:
    """Read and parse one file of a task, only to see whether the process survives it."""
    for item in read_files([file], task.options.site):
        if isinstance(item, Capture):
            with suppress(Exception):
                parse_capture(item)
        on_item()


def _write_rows(task: Task, write: Callable[[bytes], object], on_item: Callable[[], object]) -> ShardMade:
    options = task.options
    encode = _row_encoder(options)
    if options.with_text and options.form != "parquet":
        write(encode({MARK: FORMAT, "program": __version__, "parser": PARSER_VERSION}))
    made = ShardMade()
    for item in read_files(task.items, options.site):
        problem = item if isinstance(item, Problem) else None
        if isinstance(item, Capture):
            try:
                page = parse_capture(item._replace(told=None) if options.lines else item)
            except Exception as error:  # Whatever it is, it is named, and the other captures are parsed.
                problem = parser_problem(item.source, error)
            else:
                row = _fitting_row(page.to_json(options.lines), item, options, encode)
                if row is None:
                    problem = Problem(
                        item.source, "too large", "it does not fit into a shard; split it to read it"
                    )
                else:
                    write(row)
                    made = made._replace(pages=made.pages + 1, articles=made.articles + len(page.articles))
        if problem:
            made = made.with_problem(problem)
            if options.with_text:
                write(encode({"problem": problem._asdict()}))
        on_item()
    return made


def _fitting_row(
    page: dict[str, Any], capture: Capture, options: ShardOptions, encode: Callable[[dict[str, Any]], bytes]
) -> bytes | None:
    """The row of a page; without its articles where those are too many, None where its text is too long."""
    if not options.with_text:
        return encode(page)
    about = {
        "text": capture.text,
        "encoding": capture.encoding,
        "partial": capture.partial,
        "hints": [list(hint) for hint in capture.hints],
        "parser": PARSER_VERSION,
    }
    text_only = {name: page[name] for name in ("source", "url", "captured")}
    rows = (encode(start | about) for start in (page, text_only))
    return next((row for row in rows if fits(row)), None)


def _row_encoder(options: ShardOptions) -> Callable[[dict[str, Any]], bytes]:
    """How rows become lines: as `parse` prints them without the texts, as short as can be with them."""
    separators = (",", ":") if options.with_text else (", ", ": ")
    encoder = json.JSONEncoder(ensure_ascii=options.ascii_only, separators=separators, check_circular=False)

    def encode(row: dict[str, Any]) -> bytes:
        text = encoder.encode(row) + "\n"
        if not options.with_text:
            return escape_json(text).encode("utf-8", "replace")
        if options.form == "parquet":  # It has no place for half of a surrogate pair.
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        # JSON has an escape for half of a surrogate pair, which is just what this writes.
        return text.encode("utf-8", "backslashreplace")

    return encode


def form_for(name: str) -> str:
    """The form for "jsonl" or "parquet", packed as well as can be; ReaderError when an extra is missing."""
    if name == "jsonl":
        return "jsonl.zst" if is_possible("jsonl.zst") else "jsonl.gz"
    if not is_possible(name):
        raise ReaderError(
            "--format parquet needs the extra `parquet`: pip install 'protocol-reader[parquet]'"
        )
    return name


def is_possible(form: str) -> bool:
    """Whether the libraries for a form are installed."""
    zstd = "backports.zstd" if sys.version_info < (3, 14) else "compression.zstd"
    try:
        return find_spec({"jsonl.zst": zstd, "parquet": "duckdb"}.get(form, "json")) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def _writer(form: str, path: str) -> Iterator[Callable[[bytes], object]]:
    """A new file at `path`, whole when the context ends without an error: the same rows give the same bytes."""
    if form == "parquet":
        rows = Path(f"{path}.jsonl")
        longest = 0
        try:
            with rows.open("xb") as file:

                def write(row: bytes) -> None:
                    nonlocal longest
                    longest = max(longest, len(row))
                    file.write(row)

                yield write
            _to_parquet(rows, path, longest)
        finally:
            rows.unlink(missing_ok=True)
        return
    with ExitStack() as files:
        file = files.enter_context(Path(path).open("xb"))
        packed: Any = file
        if form == "jsonl.gz":
            packed = files.enter_context(gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0))
        elif form == "jsonl.zst":
            if TYPE_CHECKING or sys.version_info < (3, 14):
                from backports import zstd  # It is an extra.
            else:
                from compression import zstd
            parameter = zstd.CompressionParameter
            settings: dict[int, int] = {
                parameter.compression_level: _ZSTD_LEVEL,
                parameter.checksum_flag: 1,
                parameter.nb_workers: 0,
            }
            packed = files.enter_context(zstd.ZstdFile(file, "wb", options=settings))
        yield packed.write


def _to_parquet(rows: Path, path: str, longest: int) -> None:
    import duckdb  # It is an extra.

    room = max(_LONGEST_ROW, longest + 1024)
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{(_MEMORY + 4 * room) >> 20}MB",
        "threads": "1",
        "preserve_insertion_order": "true",
    }
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(
                f"COPY (SELECT 1::INTEGER AS {MARK}, {', '.join(_COLUMNS)} FROM read_json({_quoted(rows)},"
                f" format = 'newline_delimited', maximum_object_size = {room}, columns = {{{columns}}}))"
                f" TO {_quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
            )
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from error


def _quoted(path: object) -> str:
    return "'" + str(path).replace("'", "''") + "'"
