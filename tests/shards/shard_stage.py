"""What tests of shards share: piles of captures, and workers that fail or are held up at files of some names."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from reader import shards
from reader.captures import InputFile, find
from reader.model import Capture, Problem
from reader.shards import ShardMade, ShardOptions, Task
from tests.generated import page_texts
from tests.paths import put

FORMS = ("jsonl.gz", "parquet")
BROKEN, HELD = "003.txt", "held.txt"
STARTED, GO_ON = "started-", "go-on"


def pile(folder: Path, captures: int) -> Path:
    """So many captures of three articles each, in folders of ten, in which there is also what is no capture."""
    for number, text in enumerate(page_texts(8 * captures)):
        put(folder / f"{number // 10:02}" / f"{number:03}.txt", text[:2_500])
    put(folder / "00" / "005.bin", b"\0\1\2\3")
    put(folder / "notes.py", "print('no capture')")
    return folder


def make(task: Task, folder: Path | str) -> ShardMade:
    """The shard of one task."""
    *_, made = shards.make_shard(task, str(folder))
    assert made is not None
    return made


def made_here(paths: Iterable[object], folder: Path, form: str = "jsonl.gz") -> list[ShardMade]:
    """The shards of `paths`, made one after the other."""
    made = [make(task, folder) for task in planned(paths, ShardOptions(form))]
    shards.ShardFolder(str(folder)).tidy()
    return made


def planned(paths: Iterable[object], options: ShardOptions | None = None) -> list[Task]:
    return list(shards.plan(map(str, paths), options or ShardOptions("jsonl.gz")))


def shards_in(folder: Path) -> dict[str, bytes]:
    """Every file in a folder and in its folders."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def at_files(name: str, act: Callable[[InputFile], Problem | None]) -> None:
    """In this process: from now on, call `act` before files of this name are read; a problem is read in their place."""

    def read(files: Iterable[InputFile | Problem], site: str | None = None) -> Iterator[Capture | Problem]:
        for file in files:
            problem = act(file) if isinstance(file, InputFile) and file.path.endswith(name) else None
            yield from find.read_files([problem or file], site)

    setattr(shards, "read_files", read)  # noqa: B010 (for the type checker it is nobody's to set)


def hold_up(folder: str) -> None:
    """In a worker: from now on, `HELD` is read only once there is a `GO_ON` in the folder; `STARTED` says by whom."""

    def wait(_: InputFile) -> None:
        (Path(folder) / f"{STARTED}{os.getpid()}").touch()
        while not (Path(folder) / GO_ON).exists():
            time.sleep(0.01)

    at_files(HELD, wait)


def while_one_cannot_be_read(task: Task, folder: str) -> Iterator[ShardMade | None]:
    """Make a shard, while the disk does not give a file called `BROKEN`."""
    at_files(BROKEN, lambda file: Problem(file.path, "unreadable", "the disk makes a noise"))
    return shards.make_shard(task, folder)


def until_the_disk_is_full(task: Task, folder: str) -> Iterator[ShardMade | None]:
    """Make a shard on a disk that has room for three of them."""

    def full(_: int) -> None:
        if len(list(Path(folder).glob("0*"))) == 3:
            raise OSError(28, "No space left on device")

    os.fsync = full  # type: ignore[assignment]
    return shards.make_shard(task, folder)
