"""`parse --into FOLDER` and `parse --jobs N`: captures read shard by shard, by any number of processes."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reader.captures import NOT_A_CAPTURE, STANDARD_INPUT
from reader.commands.common import (
    DONE,
    IN_PART,
    INTERRUPTED,
    NOTHING_READ,
    complain,
    plain_output,
    print_text,
)
from reader.commands.passed_over import PassedOver
from reader.commands.progress import ProgressLine
from reader.errors import ReaderError
from reader.shards.folder import ShardFolder
from reader.shards.making import UNFINISHED, Made
from reader.shards.plan import Wanted, plan
from reader.shards.pools import Pool, Processes, make_all
from reader.worker import processors

_COPIED = 1 << 20


def write_shards(
    paths: Sequence[str], into: str, wanted: Wanted, *, jobs: int | None = None, address: str | None = None
) -> int:
    """Make the shards that are not there yet, say what came of it; the exit status."""
    folder = ShardFolder(Path(into), paths)
    run = _Run()
    try:
        with _pool(folder.path, paths, wanted, jobs, address) as pool, ProgressLine(paths) as line:
            for made in make_all(pool, folder.to_make(plan(paths, wanted)), in_order=False):
                folder.note(made)
                run.take(made, line)
                line.show(folder.files + run.counts["files"], run.counts["articles"], run.counts["failures"])
    except KeyboardInterrupt:
        complain(f"stopped: {_goes_on(folder.finished())}")
        return INTERRUPTED
    except ReaderError as error:
        complain(str(error))
        if not folder.finished():
            return NOTHING_READ
        complain(_goes_on(folder.finished()))
        return IN_PART
    finally:
        folder.tidy()
    run.tell_others()
    counts = run.counts
    total = folder.shards + counts["shards"]
    print_text(
        f"shards     {total:,}: {counts['shards']:,} new, {folder.shards:,} there already\n"
        f"captures   {counts['pages']:,} in the new ones, with {counts['articles']:,} articles\n"
    )
    return run.status(something=total > 0)


def print_shards(paths: Sequence[str], wanted: Wanted, jobs: int) -> int:
    """Print what `parse` prints, by so many processes, in the order of the paths; the exit status."""
    if STANDARD_INPUT in paths:
        raise ReaderError("-: standard input cannot be read by several processes; leave out --jobs")
    out = plain_output()
    out.flush()
    run = _Run()
    with TemporaryDirectory(prefix="protocol-reader-") as name:
        folder = Path(name)
        (folder / UNFINISHED).mkdir()
        with Processes(jobs, folder) as pool, ProgressLine(paths if not out.isatty() else ()) as line:
            for made in make_all(pool, plan(paths, wanted), in_order=True):
                run.take(made, line)
                if not out.isatty():  # There they would run into each other.
                    line.show(run.counts["files"], run.counts["articles"], run.counts["failures"])
                with (folder / made.name).open("rb") as rows:
                    shutil.copyfileobj(rows, out.buffer, _COPIED)
                (folder / made.name).unlink()
    out.flush()
    run.tell_others()
    return run.status(something=run.counts["pages"] > 0)


def _pool(folder: Path, paths: Sequence[str], wanted: Wanted, jobs: int | None, address: str | None) -> Pool:
    if address is None:
        return Processes(jobs or processors(), folder)
    from reader.shards.cluster import Cluster

    return Cluster(address, folder, paths, wanted.form)


def _goes_on(shards: int) -> str:
    made = "1 shard is" if shards == 1 else f"{shards:,} shards are"
    return f"{made} finished; the same command goes on from there"


class _Run:
    """What was made so far."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._others = PassedOver()

    def take(self, made: Made, line: ProgressLine) -> None:
        """Count a shard and say what went wrong in it."""
        self.counts.update(
            shards=1 if made.name else 0,
            files=made.files,
            pages=made.pages,
            articles=made.articles,
            failures=made.failures,
        )
        told = 0
        for problem in made.problems:
            if problem.kind == NOT_A_CAPTURE:
                self._others.add(problem.source)
                continue
            told += 1
            line.clear()
            complain(f"{problem.source}: {problem.reason}")
        if made.failures > told:
            complain(f"{made.failures - told:,} more problems are in {made.name}")

    def tell_others(self) -> None:
        """Say which files were no captures."""
        if self._others:
            complain(str(self._others))

    def status(self, *, something: bool) -> int:
        """The exit status."""
        if self.counts["failures"]:
            return IN_PART if something else NOTHING_READ
        return DONE
