"""No test finds the library or the settings of whoever runs it, or fails because the machine is busy."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Compiled code is kept, whatever the environment says: else each of the programs that tests start compiles all anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from hypothesis import HealthCheck, settings  # noqa: E402
from textual._compositor import Compositor  # noqa: E402
from textual._context import active_app  # noqa: E402
from textual.app import App  # noqa: E402

from reader.cli import main  # noqa: E402
from reader.library import Library  # noqa: E402
from tests.commands.stage import Done, Run  # noqa: E402

# How long an example takes depends on what else the machine does.
ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", ANY_MACHINE, max_examples=25, stateful_step_count=20)
settings.register_profile("thorough", ANY_MACHINE, max_examples=400, stateful_step_count=50)
LONGEST_ID = 60
DRAW = Compositor.render_update


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="all that the usual run tries only some of: takes half an hour",
    )
    parser.addoption("--random-events", type=int, help="how many random events there are in all (100)")
    parser.addoption("--random-seed", default="0", help="seed of the random events (0)")
    parser.addoption("--fuzz-seconds", type=float, help="how long to fuzz, in all (1, in CI 30)")
    parser.addoption("--fuzz-seed", default="1", help="seed of the fuzzer's random numbers (1)")
    parser.addoption("--keep-texts", help="a folder for the texts that the tests of the parser read")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(20_000, 20, 100)  # By default, a tenth of the run collects garbage.
    config.addinivalue_line("markers", "thorough: runs only with --thorough")
    thorough = config.option.thorough
    settings.load_profile("thorough" if thorough else "quick")
    if config.option.random_events is None:
        config.option.random_events = 10_000 if thorough else 100
    if config.option.fuzz_seconds is None:
        config.option.fuzz_seconds = 300.0 if thorough else 30.0 if os.environ.get("CI") else 1.0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.option.thorough:
        for item in items:
            if item.get_closest_marker("thorough"):
                item.add_marker(pytest.mark.skip("another test is like it, or it takes long: --thorough"))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays for the whole run."""
    gc.freeze()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by its beginning: an id goes with each report from process to process."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{ascii(val[:LONGEST_ID])[:LONGEST_ID]} and more"
    return None


@pytest.fixture(scope="session")
def thorough(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.option.thorough)


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of nobody's, for this process and all that it starts."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(variable, str(home / variable))
        for variable in ("PROTOCOL_READER_LIBRARY", "PROTOCOL_READER_WAYBACK", "COLORFGBG"):
            patch.delenv(variable, raising=False)
        yield home


@pytest.fixture(scope="session", autouse=True)
def unseen_frames() -> Iterator[None]:
    """Without a terminal, an app draws only what a test looks at: its frames would take half of the time."""

    def draw_if_seen(compositor: Compositor, full: bool = False, **options: Any) -> Any:
        app = active_app.get()
        announces = type(app)._display is not App._display
        if full or announces or not app.is_headless:
            return DRAW(compositor, full, **options)
        compositor._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", draw_if_seen)
        yield


@pytest.fixture
def every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every frame is drawn all the same, as by an app whose pictures are made once they are drawn."""
    monkeypatch.setattr(Compositor, "render_update", DRAW)


@pytest.fixture
def library() -> Iterator[Library]:
    """An empty library, which is gone afterwards."""
    with Library.temporary() as library:
        yield library


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line; on a terminal on which the app does not open, should the tests run on one."""
    monkeypatch.setenv("TERM", "dumb")

    def run(*words: object) -> Done:
        capsys.readouterr()
        try:
            status: object = main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
        return Done(status, *capsys.readouterr())

    return run


def pytest_xdist_auto_num_workers() -> int:
    """Twice the processors, as tests of the app wait for most of their time; each costs seconds to start."""
    return 2 * (os.cpu_count() or 1)
