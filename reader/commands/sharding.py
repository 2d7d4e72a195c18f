"""`parse --into FOLDER` and `parse --jobs N`: captures read by any number of processes, shard by shard."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reader.captures import NOT_A_CAPTURE, STANDARD_INPUT, is_url
from reader.cluster import Cluster, LocalProcesses, Pool, make_shards
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    NOTHING_READ,
    PassedOver,
    complain,
    plain_output,
    print_text,
)
from reader.commands.progress import ProgressLine
from reader.errors import ReaderError
from reader.sanitize import sanitize
from reader.shard_folder import UNFINISHED, ShardFolder
from reader.shards import ShardMade, ShardOptions, Task, plan
from reader.workers import processors

_COPIED = 1 << 20


def write_shards(
    paths: Sequence[str],
    into: str,
    options: ShardOptions,
    *,
    jobs: int | None = None,
    address: str | None = None,
) -> int:
    """Make the shards that are not in the folder yet, and report; the exit status."""
    _check_places(paths, into)
    existing = _Existing(ShardFolder(into))
    run = _Run()
    try:
        with _pool(into, paths, options, jobs, address) as pool, ProgressLine(_counted(paths)) as line:
            for task, made in make_shards(pool, existing.missing(plan(paths, options))):
                run.take(task, made, line)
                line.show(
                    existing.files + run.counts["files"], run.counts["articles"], run.counts["failures"]
                )
    except KeyboardInterrupt:
        complain(f"stopped: {existing.goes_on()}")
        return INTERRUPTED
    except ReaderError as error:
        complain(str(error))
        if not existing.finished():
            return NOTHING_READ
        complain(existing.goes_on())
        return IN_PART
    finally:
        existing.tidy()
    run.report_others()
    counts = run.counts
    total = existing.shards + counts["shards"]
    print_text(
        f"shards     {total:,}: {counts['shards']:,} new, {existing.shards:,} there already\n"
        f"captures   {counts['pages']:,} in the new ones, with {counts['articles']:,} articles\n"
    )
    return run.status(something=total > 0)


def print_shards(paths: Sequence[str], options: ShardOptions, jobs: int) -> int:
    """Print what `parse` prints, by so many processes, in the order of the paths; the exit status."""
    if STANDARD_INPUT in paths:
        raise ReaderError("-: standard input cannot be read by several processes; leave out --jobs")
    out = plain_output()
    out.flush()
    run = _Run()
    with TemporaryDirectory(prefix="protocol-reader-") as folder:
        Path(folder, UNFINISHED).mkdir()
        with (
            LocalProcesses(jobs, folder) as pool,
            ProgressLine(() if out.isatty() else _counted(paths)) as line,
        ):
            for task, made in _in_order(make_shards(pool, plan(paths, options))):
                run.take(task, made, line)
                if not out.isatty():  # There they would run into each other.
                    line.show(run.counts["files"], run.counts["articles"], run.counts["failures"])
                with Path(folder, made.name).open("rb") as rows:
                    shutil.copyfileobj(rows, out.buffer, _COPIED)
                Path(folder, made.name).unlink()
    out.flush()
    run.report_others()
    return run.status(something=run.counts["pages"] > 0)


def _in_order(shards: Iterator[tuple[Task, ShardMade]]) -> Iterator[tuple[Task, ShardMade]]:
    waiting: dict[int, tuple[Task, ShardMade]] = {}
    number = 0
    for task, made in shards:
        waiting[task.number] = (task, made)
        while number in waiting:
            yield waiting.pop(number)
            number += 1


def _counted(paths: Sequence[str]) -> Sequence[str]:
    """The paths whose files are counted for the time left: none where some of them are on remote storage."""
    return () if any(map(is_url, paths)) else paths


def _pool(
    into: str, paths: Sequence[str], options: ShardOptions, jobs: int | None, address: str | None
) -> Pool:
    if address is None:
        return LocalProcesses(jobs or processors(), into)
    return Cluster(address, into if is_url(into) else os.path.abspath(into), paths, options.form)  # noqa: PTH100


def _check_places(paths: Sequence[str], into: str) -> None:
    """ReaderError where shards in `into` would be read as captures at `paths`, or those cannot be shared."""
    if STANDARD_INPUT in paths:
        raise ReaderError(
            "-: standard input cannot be read by several processes; save it as a file and name that"
        )
    for path in paths:
        if is_url(path) or is_url(into):
            inside = f"{into.rstrip('/')}/".startswith(f"{path.rstrip('/')}/")
        else:
            # Not Path.resolve, which raises where links lead in a circle.
            inside = "\0" not in path and Path(os.path.realpath(into)).is_relative_to(os.path.realpath(path))
        if inside:
            raise ReaderError(
                f"{sanitize(into)} lies in {sanitize(path)}, so that its shards would be read as captures;"
                " name a folder outside"
            )


class _Existing:
    """The shards that are in the folder."""

    def __init__(self, folder: ShardFolder) -> None:
        """ReaderError when shards cannot be put there."""
        folder.make()
        self._folder = folder
        self._names = self._list()
        self._planned: set[str] = set()
        self.files = self.shards = 0
        """How many files are in the shards that were there already, and how many shards these are."""

    def missing(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The tasks whose shards are not there. A shard that is there gets the number it has now."""
        for task in tasks:
            self._planned.add(task.identity)
            name = self._names.get(task.identity)
            if name is None:
                yield task
                continue
            self.files += len(task.files)
            self.shards += 1
            self._folder.rename(name, task.file_name())

    def finished(self) -> int:
        """How many of the shards planned so far are there."""
        return len(self._list().keys() & self._planned)

    def goes_on(self) -> str:
        """How a run that was broken off goes on."""
        finished = self.finished()
        made = "1 shard is" if finished == 1 else f"{finished:,} shards are"
        return f"{made} finished; the same command goes on from there"

    def tidy(self) -> None:
        """Remove what is left of shards that were begun and not finished."""
        self._folder.tidy(self._planned)

    def _list(self) -> dict[str, str]:
        """The names of the shards, by identity."""
        return {name.partition("-")[2].partition(".")[0]: name for name in self._folder.names()}


class _Run:
    """The counts of the shards made so far."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._others = PassedOver()

    def take(self, task: Task, made: ShardMade, line: ProgressLine) -> None:
        """Count a shard and report its problems."""
        self.counts.update(
            shards=1 if made.name else 0,
            files=len(task.files),
            pages=made.pages,
            articles=made.articles,
            failures=made.failures,
        )
        reported = 0
        for problem in made.problems:
            if problem.kind == NOT_A_CAPTURE:
                self._others.add(problem.source)
                continue
            reported += 1
            line.clear()
            complain(f"{problem.source}: {problem.reason}")
        if made.failures > reported:
            complain(f"{made.failures - reported:,} more problems are in {made.name}")

    def report_others(self) -> None:
        """Report which files were no captures."""
        if self._others:
            complain(str(self._others))

    def status(self, *, something: bool) -> int:
        """The exit status."""
        if self.counts["failures"]:
            return IN_PART if something else NOTHING_READ
        return DONE
