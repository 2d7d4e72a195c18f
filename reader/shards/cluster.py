"""Shards made by the machines of a cluster (extra `cluster`: Dask), which see the same folders as this one."""

from __future__ import annotations

import logging
import pickle
import secrets
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from reader import __version__
from reader.errors import ReaderError
from reader.model import Problem
from reader.parsing import PARSER_VERSION
from reader.safe_text import clean
from reader.shards.making import UNFINISHED, Made, make
from reader.shards.outputs import is_possible
from reader.shards.plan import Shard

_ANSWERS: Final = 15.0
"""Seconds in which a scheduler answers."""
_FIRST_WORKER: Final = 30.0
"""Seconds in which the first worker comes, where they are only being started."""
_RETRIES: Final = 3
"""How often a shard is tried anew that went wrong, but for the fault of its files."""


class Sight(NamedTuple):
    """What a worker has and sees."""

    program: str
    parser: int
    has_extras: bool
    sees_folder: bool
    unseen: str | None
    """The first of the paths that is not there."""


class Cluster:
    """The workers of the scheduler at an address."""

    def __init__(self, address: str, folder: Path, paths: Sequence[str], form: str) -> None:
        """Connects, and looks at every worker: ReaderError when one of them could not do its work."""
        self._address = address
        self._folder = folder.absolute()
        # What becomes of the cluster is said by this program, in its own words.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._client = _connect(address)
        try:
            there = [str(Path(path).absolute()) for path in paths if Path(path).exists()]
            self.size = sum(self._look(there, form).values())
        except BaseException:
            self._client.close()
            raise
        self._asked: set[Any] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):  # There may be nobody left to talk to.
            self._client.cancel(list(self._asked))
        self._client.close()

    def submit(self, shard: Shard) -> Future[Made]:
        """Have a worker make it; another, should that one die."""
        # As bytes, so that the scheduler does not look for tasks in it.
        asked = self._client.submit(
            make_packed, pickle.dumps(shard), str(self._folder), __version__, pure=False, retries=_RETRIES
        )
        found: Future[Made] = Future()
        # Not Dask's executor: it takes what a worker made for an error where that worker is lost right after it.
        self._asked.add(asked)
        asked.add_done_callback(lambda done: self._hand_on(done, found, shard))
        return found

    def _hand_on(self, done: Any, found: Future[Made], shard: Shard) -> None:
        _hand_on(done, found, shard)
        self._asked.discard(done)  # Nobody holds the answer any longer, so the cluster may forget it.

    def _look(self, paths: list[str], form: str) -> dict[str, int]:
        """How many shards each worker makes at a time, by its address."""
        try:
            self._client.wait_for_workers(1, timeout=_FIRST_WORKER)
        except TimeoutError as error:
            raise ReaderError(
                f"{self._address}: the scheduler has no worker; start some: dask worker {self._address} --nthreads 1"
            ) from error
        probe = self._folder / UNFINISHED / f"probe.{secrets.token_hex(8)}"
        probe.write_bytes(b"")
        try:
            found = self._client.run(import_module, __name__, on_error="return")
            _insist(found)
            found = self._client.run(look, str(probe), paths, form, on_error="return")
            _insist(found, self._folder)
        finally:
            probe.unlink(missing_ok=True)
        threads: dict[str, int] = self._client.nthreads()
        return threads


def _hand_on(done: Any, found: Future[Made], shard: Shard) -> None:
    """Give on what came of a shard: one that ends each worker that takes it up is a problem, and the others go on."""
    from distributed import KilledWorker

    try:
        found.set_result(done.result())
    except CancelledError:
        found.cancel()
        found.set_running_or_notify_cancel()
    except OSError as error:
        found.set_exception(error)
    except KilledWorker:
        reason = "every worker that read it was ended (has it memory enough?); the other shards were made"
        problem = Problem(clean(shard.name), "crash", reason)
        made = Made(shard.number, "", shard.files, failures=1, problems=(problem,), settled=False)
        found.set_result(made)
    except Exception as error:
        found.set_exception(ReaderError(f"{clean(shard.name)}: a worker failed on it ({clean(repr(error))})"))


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ReaderError(
            "--cluster needs the extra `cluster`: pip install 'protocol-reader[cluster]'"
        ) from error
    try:
        connect: Any = Client
        return connect(address, timeout=_ANSWERS, set_as_default=False)
    except (
        Exception
    ) as error:  # An address that makes no sense fails in many ways, an AssertionError among them.
        tls = "; TLS needs the settings distributed.comm.tls here too" if address.startswith("tls:") else ""
        raise ReaderError(
            f"{address}: no scheduler answers there; start one: dask scheduler (its address is like"
            f" tcp://host:8786){tls}"
        ) from error


def _insist(found: dict[str, Any], folder: Path | None = None) -> None:
    """Each worker must have answered, and have and see all that it needs."""
    for worker, sight in found.items():
        fault = _fault(sight, folder)
        if fault:
            raise ReaderError(f"worker {clean(worker)}: {fault}")


def _fault(sight: object, folder: Path | None) -> str | None:
    same = f"install what is here, pip install 'protocol-reader[cluster]=={__version__}', and restart it"
    if isinstance(sight, ImportError):
        return f"Protocol Reader is not installed there ({clean(str(sight))}); {same}"
    if isinstance(sight, BaseException):
        return f"it cannot be asked what it has ({clean(repr(sight))})"
    if folder is None or not isinstance(sight, Sight):
        return None
    if (sight.program, sight.parser) != (__version__, PARSER_VERSION):
        return f"it has Protocol Reader {sight.program}, and this is {__version__}; {same}"
    if not sight.has_extras:
        return "the extra for this form of shards is not installed there: pip install 'protocol-reader[zstd,parquet]'"
    if not sight.sees_folder:
        return (
            f"it does not see {folder}; shards go into a folder that all machines share, under the same path"
        )
    if sight.unseen is not None:
        return f"it does not see {clean(sight.unseen)}; captures lie where all machines find them, under the same path"
    return None


def look(probe: str, paths: Sequence[str], form: str) -> Sight:
    """In a worker: what it has, and whether it sees a new file and some paths."""
    unseen = next((path for path in paths if not Path(path).exists()), None)
    return Sight(__version__, PARSER_VERSION, is_possible(form), Path(probe).exists(), unseen)


def make_packed(shard: bytes, folder: str, program: str) -> Made:
    """In a worker: make a shard. RuntimeError when this is another version than `program`, which asks for it."""
    if program != __version__:
        raise RuntimeError(f"a worker has Protocol Reader {__version__}, and was asked by {program}")
    return make(pickle.loads(shard), folder)
