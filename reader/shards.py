"""Shards: files of rows that hold captures with their articles, each made by one task that can run anywhere.

`plan` divides captures into tasks. `make_shard` runs a task, in any process on any machine, and can be repeated. The
bytes and name of a shard depend only on its captures, so an existing shard need not be made again. Shards are stored in
a `ShardFolder`: on this machine, on a shared disk, or on remote storage. `make_shards` runs many tasks in processes of
this machine, `make_shards_on_cluster` on the machines of a Dask cluster (extra `cluster`).
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
import secrets
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Final, NamedTuple

from reader import __version__
from reader.addresses import is_url
from reader.captures import (
    InputFile,
    SelectedPaths,
    file_stamp,
    find_files,
    read_captures,
    read_files,
    storage_at,
)
from reader.captures.tables import DUCKDB, FORMAT, MARK, MAX_ROW, is_readable
from reader.errors import ReaderError, reason
from reader.extras import needs_extra
from reader.model import CRASH, MISSING, NEEDS_EXTRA, PARSER_FAILED, UNREADABLE, Capture, Problem
from reader.parsing import PARSER_VERSION, parse_capture, parser_problem
from reader.sanitize import escape_json, label_of, sanitize
from reader.workers import LimitedCalls, WorkerLostError, WorkerPool

_MOST_FILES, _MOST_BYTES = 1024, 4 << 20
"""A shard ends with the file that reaches one of these limits."""
_USUAL_FILES: Final = 256
"""How many small files a shard has on average."""
TRANSIENT: Final = frozenset({MISSING, UNREADABLE, NEEDS_EXTRA, PARSER_FAILED, CRASH})
"""Kinds of problems that may disappear when the same files are read again: the next run makes their shards again."""
_COLUMNS: Final = {
    **dict.fromkeys(("source", "url", "captured", "text", "encoding", "partial"), "VARCHAR"),
    "parser": "INTEGER",
    **dict.fromkeys(("hints", "articles", "furniture", "lines", "problem"), "JSON"),
}
"""The columns of a shard in Parquet, with their types in DuckDB."""
UNFINISHED: Final = ".protocol-reader"
_NAME: Final = re.compile(
    r"\d{6,}-(?P<inputs>[0-9a-f]{16})-(?P<identity>[0-9a-f]{16}(?:-again)?)(?P<problems>-problems)?"
    r"\.(?:jsonl\.gz|parquet)"
)
"""The name of a shard; see `Task.shard_name`. Names with -again are from earlier versions, and of no task now."""
_ENDS: Final = re.compile(r"[:/]|$")

_AHEAD: Final = 8
"""Tasks submitted per worker, so that the next is ready when one is done."""
_CONNECT_SECONDS: Final = 15.0
_FIRST_WORKER_SECONDS: Final = 30.0
"""Seconds to wait for a first worker to start."""
_VERSION: Final = (__version__, PARSER_VERSION)

Item = InputFile | Problem


class ShardOptions(NamedTuple):
    """The format and the content of shards."""

    form: str
    """The suffix of the files: "jsonl.gz", "parquet", or "jsonl" for rows without texts, as `parse` prints them."""
    lines: bool = False
    """True if rows have the label of every line."""
    site: str | None = None
    """The only site whose pages are wanted; None for all."""
    ascii_only: bool = False


class Task(NamedTuple):
    """The task of making one shard from consecutive files, with the problems found among them."""

    number: int
    """Position among the tasks, from 0."""
    identity: str
    """16 hex digits that identify the files' current state, the options and the version of this program."""
    inputs: str
    """16 hex digits that identify the paths that the user named, on this machine, and which pages are wanted."""
    items: tuple[Item, ...]
    size: int
    """Bytes of the files."""
    options: ShardOptions

    @property
    def files(self) -> list[InputFile]:
        """The files to read."""
        return [item for item in self.items if isinstance(item, InputFile)]

    @property
    def label(self) -> str:
        """The files in words."""
        paths = [file.path for file in self.files] or ["no file"]
        return label_of(paths[0]) if len(paths) == 1 else f"{label_of(paths[0])} to {label_of(paths[-1])}"

    def shard_name(self, *, problems: bool = False) -> str:
        """Return the shard's file name, which sorts by number and says whether there are problems."""
        mark = "-problems" if problems else ""
        return f"{self.number:06}-{self.inputs}-{self.identity}{mark}.{self.options.form}"


class ShardMade(NamedTuple):
    """A shard that was made, or that could not be."""

    name: str = ""
    """The name of its file; empty if it could not be made."""
    pages: int = 0
    articles: int = 0
    problems: tuple[Problem, ...] = ()


Made = tuple[Task, ShardMade]


def plan(paths: Iterable[str], options: ShardOptions) -> Iterator[Task]:
    """Yield the tasks for the captures at `paths`, in order."""
    folder = str(Path.cwd())
    paths = paths if isinstance(paths, SelectedPaths) else tuple(paths)
    inputs = _inputs_of(paths, options)
    for number, group in enumerate(_groups(find_files(paths))):
        # Paths as typed, so that a shard does not depend on the machine or the current folder.
        content = json.dumps([FORMAT, PARSER_VERSION, __version__, options, group])
        items = (item._replace(beside=folder) if isinstance(item, InputFile) else item for item, *_ in group)
        size = sum(size for _, size, _ in group)
        yield Task(number, _digest(content), inputs, tuple(items), size, options)


def _inputs_of(paths: Sequence[str], options: ShardOptions) -> str:
    # As typed, too: the rows of a shard name its files that way.
    here = os.uname().nodename
    places = {(path, "" if is_url(path) else f"{here}:{os.path.abspath(path)}") for path in paths}  # noqa: PTH100
    columns = paths.columns if isinstance(paths, SelectedPaths) else ()
    return _digest(json.dumps([sorted(places), options.site, columns]))


def _digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()[:16]


def _groups(items: Iterable[Item]) -> Iterator[list[tuple[Item, int, object]]]:
    """Group items, with their sizes and versions. Names decide where groups end, so a new file changes only its own."""
    group: list[tuple[Item, int, object]] = []
    for item in items:
        path = item.path if isinstance(item, InputFile) else ""
        group.append((item, *file_stamp(path)))
        is_last = path and zlib.crc32(os.fsencode(path)) % _USUAL_FILES == 0
        if is_last or len(group) >= _MOST_FILES or sum(size for _, size, _ in group) >= _MOST_BYTES:
            yield group
            group = []
    if group:
        yield group


class ShardFolder:
    """The folder for the shards, at a path or URL."""

    def __init__(self, place: str) -> None:
        """Make the folder if it does not exist. ReaderError if that fails."""
        self._place = place.rstrip("/")
        self._is_remote = is_url(place)
        self._storage, self._path = storage_at(place)
        self._unfinished = f"{self._path}/{UNFINISHED}"
        try:
            self._storage.makedirs(self._unfinished, exist_ok=True)
            self._storage.invalidate_cache()
        except Exception as error:  # each storage system has its own errors
            raise ReaderError(f"{label_of(place)}: cannot write shards there: {_why(error)}") from error

    def has(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        self._storage.invalidate_cache()
        return bool(self._storage.exists(f"{self._path}/{name}"))

    def shards(self) -> dict[str, tuple[str, str]]:
        """Return the names of all shards, with the inputs and identities of their tasks."""
        names = (str(path).rpartition("/")[2] for path in self._storage.ls(self._path, detail=False))
        return {
            match[0]: (match["inputs"], match["identity"]) for match in map(_NAME.fullmatch, names) if match
        }

    def problems(self, name: str) -> list[Problem]:
        """Return the problems in a shard, but not what was skipped on purpose."""
        match = _NAME.fullmatch(name)
        rows = read_captures([f"{self._place}/{name}"]) if match and match["problems"] else ()
        return [row for row in rows if isinstance(row, Problem) and not row.is_skipped]

    def remove(self, name: str) -> None:
        """Remove a file or folder, if it is there."""
        with suppress(Exception):
            self._storage.rm(f"{self._path}/{name}", recursive=True)

    def remove_outdated(self, names: Iterable[str], paths: Collection[str]) -> tuple[list[str], list[str]]:
        """Remove earlier shards of `paths`, by their names, whose files are all still there.

        Return the names of those that were removed, and of the others: a shard may be what is left of a file that is
        gone.
        """
        files = {label_of(file.path) for file in find_files(paths) if isinstance(file, InputFile)}
        folders = set(map(label_of, paths))  # which a problem may be about
        removed: list[str] = []
        kept: list[str] = []
        for name in sorted(names):
            sources = (item.source for item in read_captures([f"{self._place}/{name}"]))
            # A source is a file, or something in it, such as "a.jsonl:12" or "a.zip/page.html".
            if all(
                source in folders or any(source[: end.start()] in files for end in _ENDS.finditer(source))
                for source in sources
            ):
                self.remove(name)
            (kept if self.has(name) else removed).append(name)
        return removed, kept

    def tidy(self) -> None:
        """Remove the unfinished shards that killed processes left behind."""
        self.remove(UNFINISHED)

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Provide a path on this machine for a new shard."""
        # On the same disk, so that it can be renamed.
        with TemporaryDirectory(dir=None if self._is_remote else self._unfinished) as folder:
            yield Path(folder, "shard")

    def publish(self, draft: Path, name: str) -> None:
        """Give a complete file its name in the folder, atomically. OSError if that fails."""
        with draft.open("rb") as file:
            os.fsync(file.fileno())  # a named shard is complete even after a power cut
        aside = str(draft)
        try:
            if self._is_remote:  # some storage systems show half-uploaded files
                aside = f"{self._unfinished}/{secrets.token_hex(8)}"
                self._storage.put_file(draft, aside)
            self._storage.mv(aside, f"{self._path}/{name}")
        except OSError:
            raise
        except Exception as error:
            raise OSError(_why(error)) from error


def _why(error: Exception) -> str:
    return reason(error) if isinstance(error, OSError) else sanitize(str(error)) or type(error).__name__


def make_shard(task: Task, folder: str) -> Iterator[ShardMade | None]:
    """Make the shard of a task in `folder`, a path or URL. Yields None after each row, and last what was made.

    OSError if the shard cannot be written.
    """
    place = ShardFolder(folder)
    pages = articles = 0
    problems: list[Problem] = []
    with place.draft() as path:
        with _writer(path, task.options) as write:
            for item in read_files(task.items, task.options.site):
                row = item if isinstance(item, Problem) else _page_row(item, task.options)
                if isinstance(row, Problem):
                    problems.append(row)
                    if task.options.form != "jsonl":
                        write(_encoded({"problem": row._asdict()}, task.options))
                else:
                    write(row[0])
                    pages += 1
                    articles += row[1]
                yield None
        failed = not all(problem.is_skipped for problem in problems)
        place.publish(path, task.shard_name(problems=failed))
    place.remove(task.shard_name(problems=not failed))  # it may exist from an earlier run
    yield ShardMade(task.shard_name(problems=failed), pages, articles, tuple(problems))


def _page_row(capture: Capture, options: ShardOptions) -> tuple[bytes, int] | Problem:
    try:
        page = parse_capture(capture)
    except Exception as error:  # report any error and go on with the other captures
        return parser_problem(capture.source, error)
    row = page.to_json(options.lines)
    if options.form == "jsonl":
        return _encoded(row, options), len(page.articles)
    row |= {
        "text": capture.text,
        "encoding": capture.encoding,
        "partial": capture.partial,
        "hints": [list(hint) for hint in capture.hints],
        "parser": PARSER_VERSION,
    }
    encoded = _encoded(row, options)
    if not is_readable(encoded):
        return Problem(capture.source, "too large", "it is too large for a shard; split the file")
    return encoded, len(page.articles)


def _encoded(row: dict[str, Any], options: ShardOptions) -> bytes:
    """Return a row as a line of JSON. Halves of surrogate pairs become question marks: Parquet cannot store them."""
    line = json.dumps(row, ensure_ascii=options.ascii_only, check_circular=False)
    if options.form == "jsonl":
        line = escape_json(line)
    return (line + "\n").encode("utf-8", "replace")


def check_form(form: str) -> None:
    """ReaderError if the extra for a form is missing."""
    if form == "parquet" and find_spec("duckdb") is None:
        raise ReaderError(needs_extra("--format parquet", "parquet"))


@contextmanager
def _writer(path: Path, options: ShardOptions) -> Iterator[Callable[[bytes], object]]:
    """Provide a function that writes rows to a new file, which is complete at the end. Equal rows give equal bytes."""
    if options.form == "parquet":
        rows = path.with_suffix(".jsonl")
        with rows.open("wb") as file:
            yield file.write
        _to_parquet(rows, path)
        return
    with path.open("wb") as file:
        if options.form == "jsonl":
            yield file.write
            return
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            packed.write(_encoded({MARK: FORMAT, "program": __version__, "parser": PARSER_VERSION}, options))
            yield packed.write


def _to_parquet(rows: Path, path: Path) -> None:
    import duckdb  # an optional extra

    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
    source, target = (str(name).replace("'", "''") for name in (rows, path))
    try:
        with duckdb.connect(":memory:", config=DUCKDB) as database:
            database.execute(
                f"COPY (SELECT {FORMAT}::INTEGER AS {MARK}, {', '.join(_COLUMNS)} FROM read_json('{source}',"
                f" format = 'newline_delimited', maximum_object_size = {MAX_ROW}, columns = {{{columns}}}))"
                f" TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)"
            )
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from error


# In processes of this machine, or on the machines of a Dask cluster


def make_shards(tasks: Iterable[Task], folder: str, jobs: int) -> Iterator[Made]:
    """Make the shards of all tasks with `jobs` processes of this machine, in order.

    A task that crashes its process, or takes too long, becomes a problem. ReaderError if a shard cannot be written;
    finished shards are kept.
    """

    def make(task: Task, calls: LimitedCalls) -> Iterator[ShardMade]:
        try:
            yield from filter(None, calls.each(task.size, make_shard, task, folder))
        except WorkerLostError as error:
            yield _lost(task, str(error))

    with WorkerPool(jobs) as pool:
        try:
            yield from _in_order(
                tasks, lambda task: partial(next, pool.run(partial(make, task))), _AHEAD * jobs
            )
        except OSError as error:
            # On remote storage, a shard is written here first.
            where = label_of(folder) + (f" or {gettempdir()}" if is_url(folder) else "")
            why = sanitize(error.strerror or str(error))
            raise ReaderError(
                f"{where}: cannot write a shard ({why}); solve this and run the command again"
            ) from error


def _lost(task: Task, how: str) -> ShardMade:
    return ShardMade(problems=(Problem(task.label, CRASH, f"{how}, so none of its pages were kept"),))


def _in_order(
    tasks: Iterable[Task], begin: Callable[[Task], Callable[[], ShardMade]], ahead: int
) -> Iterator[Made]:
    """Begin up to `ahead` tasks, and yield what they made. `begin` returns a function that waits for the result."""
    begun: deque[tuple[Task, Callable[[], ShardMade]]] = deque()
    for task in tasks:
        begun.append((task, begin(task)))
        if len(begun) == ahead:
            task, result = begun.popleft()
            yield task, result()
    for task, result in begun:
        yield task, result()


def make_shards_on_cluster(tasks: Iterable[Task], folder: str, address: str) -> Iterator[Made]:
    """Make the shards of all tasks with the workers of a Dask scheduler, in order.

    If a worker dies, another makes its shard; a task that ends every worker is a problem, and the others go on.
    ReaderError if a shard cannot be made; finished shards are kept.
    """
    folder = folder if is_url(folder) else os.path.abspath(folder)  # noqa: PTH100
    shards = ShardFolder(folder)
    # This program reports cluster problems itself, so silence Dask's loggers.
    logging.disable(logging.CRITICAL)
    try:
        with _connect(address) as client:

            def begin(task: Task) -> Callable[[], ShardMade]:
                # A partial, because the scheduler would search arguments for its own tasks.
                job = partial(make_on_worker, task, folder, _VERSION)
                return partial(_result, task, client.submit(job, pure=False, retries=3))

            for task, made in _in_order(tasks, begin, _AHEAD * sum(client.nthreads().values())):
                if made.name and not shards.has(made.name):
                    raise ReaderError(
                        f"{folder}: a shard that a worker wrote is missing; all machines must share this folder"
                        " under the same path"
                    )
                yield task, made
    finally:
        logging.disable(logging.NOTSET)


def _connect(address: str) -> Any:
    """Return a client of the scheduler, which has a worker at least."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ReaderError(needs_extra("--cluster", "cluster")) from error
    connect: Any = Client
    client = None
    try:
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
    except Exception as error:  # an invalid address can cause many kinds of errors
        if client is not None:
            client.close()
        raise ReaderError(
            f"{address}: no scheduler with workers answers there; start “dask scheduler” (its address looks like"
            f" tcp://host:8786) and “dask worker {address} --nthreads 1”; tls:// also needs the settings"
            " distributed.comm.tls on this machine"
        ) from error
    return client


def _result(task: Task, future: Any) -> ShardMade:
    from distributed import KilledWorker  # an optional extra

    try:
        made: ShardMade = future.result()
    except KilledWorker:
        return _lost(task, "every worker that read this died (out of memory?)")
    except ReaderError:
        raise
    except Exception as error:
        raise ReaderError(
            f"{task.label}: the cluster did not make its shard ({sanitize(repr(error))}); check that every worker has"
            f" Protocol Reader {__version__} with the same extras, and run the command again"
        ) from error
    return made


def make_on_worker(task: Task, folder: str, version: tuple[str, int]) -> ShardMade:
    """On a worker, make a shard. ReaderError if the worker has another version, or cannot find the captures."""
    if version != _VERSION:
        raise ReaderError(
            f"a worker has Protocol Reader {__version__}, but this machine has {version[0]}; install the same"
            " version, and restart the worker"
        )
    check_form(task.options.form)
    for file in task.files[:1]:
        if not is_url(file.path) and not Path(file.beside, file.path).exists():
            raise ReaderError(
                f"{label_of(file.path)}: a worker cannot find this; captures must have the same path on all machines"
            )
    return next(filter(None, make_shard(task, folder)))
