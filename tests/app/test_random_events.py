"""Random keys, mouse events and resizes on every screen: nothing breaks, and what is seen is what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.random_events import play, random_events
from tests.app.scenes import SCENES, Scene

RUN = 60
"""Events between two comparisons with a fresh drawing."""


@pytest.fixture(autouse=True)
def harmless(nowhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command but echo."""
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    monkeypatch.setenv("SHELL", "/bin/echo")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_whatever_comes_the_screen_shows_what_there_is(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    seed, number = request.config.getoption("random_seed"), request.config.getoption("random_events")
    left, run = -(-number // len(SCENES)), 0
    while left > 0:
        name = f"{seed} {scene.name} {run}"
        played = random_events(name, min(left, RUN))
        folder = tmp_path / str(run)
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            monkeypatch.setenv(variable, str(folder / variable))
        folder.mkdir()
        try:
            await play(scene, folder, played)
        except Exception as error:
            happened = "\n".join(map(str, (f"--random-seed {seed}, run {run}:", *played)))
            raise AssertionError(
                f"{type(error).__name__}: {error}\nafter these events, {happened}"
            ) from error
        left -= RUN
        run += 1
