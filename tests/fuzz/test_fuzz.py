"""Every target for a short time; for a longer one: `pytest tests/fuzz --fuzz-seconds 3600`."""

from __future__ import annotations

import pytest

from tests.fuzz.captures import targets
from tests.fuzz.runner import new_folder, run

TARGETS = targets()


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_others_wrote_does_harm(name: str, request: pytest.FixtureRequest) -> None:
    seconds = request.config.getoption("--fuzz-seconds")
    seed = request.config.getoption("--fuzz-seed")
    folder = new_folder()
    cases, failure = run(TARGETS[name], seed, seconds / len(TARGETS), folder)
    if failure is not None:
        pytest.fail(
            f"{failure.what}\nwith the seed {seed}, case {cases}; try it again with\n"
            f"python -m tests.fuzz {failure.file}"
        )
    folder.rmdir()
