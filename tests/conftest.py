"""No test finds the library or the settings of whoever runs it, or fails because the machine is busy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--random-events", type=int, default=2_000, help="how many random events there are in all (2,000)"
    )
    parser.addoption("--random-seed", default="0", help="what they are made from")
    parser.addoption("--all-damage", action="store_true", help="all damaged copies of a library, not a dozen")
    parser.addoption(
        "--all-faults", action="store_true", help="a fault at every write of a library, not at some"
    )
    parser.addoption("--fuzz-seconds", type=float, default=30.0, help="how long to fuzz, in all (30)")
    parser.addoption("--fuzz-seed", default="1", help="seed of the fuzzer's random numbers (1)")


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


def pytest_xdist_auto_num_workers() -> int:
    """More processes than processors: a test of a screen is mostly waiting for it to be idle."""
    processors = os.cpu_count() or 1
    return processors + min(2 * processors, 8)
