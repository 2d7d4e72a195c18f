"""Shards by the workers of a cluster on this machine, one of which is killed while it works."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from reader import shards
from reader.cli import main
from reader.commands import parse
from tests.paths import put
from tests.shards.shard_stage import GO_ON, HELD, STARTED, hold_up, shards_in
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra `cluster`")
WAIT = 120.0


@pytest.fixture(scope="module")
def client(thorough: bool) -> Iterator[Any]:
    """A worker in a process of its own; two, of which one can be killed, where everything is tried."""
    # Half a second that each process of a run would take, which has to read this file.
    distributed: Any = import_module("distributed")

    with (
        distributed.LocalCluster(
            n_workers=2 if thorough else 1,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
        ) as workers,
        distributed.Client(workers, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def address(client: Any) -> str:
    client.wait_for_workers(1, timeout=WAIT)  # On a busy machine one that was killed may not come back.
    return str(client.scheduler.address)


def test_captures_and_shards_may_be_on_remote_storage_and_what_is_there_is_not_made_again(
    address: str,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ["parse", f"file://{folder}", "--into"]
    assert main([*words, f"file://{tmp_path}/out", "--cluster", address]) == 1
    made = shards_in(tmp_path / "out")
    assert len(made) == 6
    next(iter((tmp_path / "out").glob("000003*"))).unlink()
    capsys.readouterr()
    monkeypatch.chdir(tmp_path)  # The workers are elsewhere.
    assert main([*words, "out", "--cluster", address]) == 1
    assert "6: 1 new, 5 there already" in capsys.readouterr().out
    assert shards_in(tmp_path / "out") == made


@pytest.mark.parametrize("fault", ["version", "folder"])
def test_a_worker_that_could_not_work_is_found_before_anything_is_made(
    address: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], fault: str,
) -> None:  # fmt: skip
    place = folder
    if fault == "version":
        monkeypatch.setattr(shards, "_VERSION", ("0.0.1", 1))
        says = "but this machine has 0.0.1; install the same version"
    else:
        place = tmp_path / "link"
        place.symlink_to(folder)
        plan = shards.plan

        def planned_elsewhere(*given: Any) -> Iterator[shards.Task]:
            """The plan of a machine that has a folder which the worker has not."""
            tasks = list(plan(*given))
            place.unlink(missing_ok=True)
            yield from tasks

        monkeypatch.setattr(parse, "plan", planned_elsewhere)
        says = "captures must have the same path on all machines"
    assert main(["parse", str(place), "--into", str(tmp_path / "out"), "--cluster", address]) == 3
    assert says in capsys.readouterr().err
    assert shards_in(tmp_path / "out") == {}


@pytest.fixture
def failed_clients_closed() -> Iterator[None]:
    """Close the clients that could not connect.

    Dask closes them when they are garbage-collected, and takes a lock for that. If this happened while another client
    starts and holds the lock, that one would hang or fail.
    """
    yield
    gc.collect()


@pytest.mark.usefixtures("failed_clients_closed")
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://127.0.0.1:9", "no scheduler with workers answers there"),
        ("tls://127.0.0.1:9", "needs the settings distributed.comm.tls"),
        ("", "needs the extra “cluster”: "),
    ],
)
def test_without_a_scheduler_or_the_extra(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    address: str,
    says: str,
) -> None:
    monkeypatch.setattr(shards, "_CONNECT_SECONDS", 0.3)
    if not address:
        monkeypatch.setitem(sys.modules, "distributed", None)
        address = "tcp://127.0.0.1:9"
    assert main(["parse", str(folder), "--into", str(tmp_path / "out"), "--cluster", address]) == 3
    assert says in capsys.readouterr().err


# Last, as it takes a while until a killed worker is replaced.
@pytest.mark.thorough
def test_a_worker_is_killed_and_the_shards_are_those_of_one_process(
    client: Any, address: str, folder: Path, tmp_path: Path
) -> None:
    client.wait_for_workers(2, timeout=WAIT)
    put(folder / "01" / HELD, "A page that takes its time.")
    signs = tmp_path / "signs"
    signs.mkdir()
    client.run(hold_up, str(signs))
    words = ["parse", str(folder), "--into"]
    status: list[int] = []
    run = Thread(target=lambda: status.append(main([*words, str(tmp_path / "out"), "--cluster", address])))
    run.start()
    try:
        wait_until(lambda: len(list(signs.glob(f"{STARTED}*"))) == 1, WAIT)
        (started,) = signs.glob(f"{STARTED}*")
        os.kill(int(started.name.removeprefix(STARTED)), signal.SIGKILL)  # It is in the middle of a shard.
        # The other one begins it anew, or a new one, which is not held up, makes it and the run ends.
        wait_until(lambda: len(list(signs.glob(f"{STARTED}*"))) == 2 or not run.is_alive(), WAIT)
    finally:
        (signs / GO_ON).touch()
        run.join(WAIT)
    assert status == [1]  # There is a binary file among them.
    assert main([*words, str(tmp_path / "alone"), "--jobs", "1"]) == 1
    assert shards_in(tmp_path / "out") == shards_in(tmp_path / "alone")
    assert len(shards_in(tmp_path / "out")) == 6
