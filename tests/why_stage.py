"""The why screen on a stage, over the captures of `corrections_stage`."""

from __future__ import annotations

from reader.app.why.screen import WhyScreen
from tests.app_stage import Stage
from tests.waiting import eventually

KINDS = ("explain", "reasons", "close")


def why(stage: Stage) -> WhyScreen:
    """The screen, which must be open."""
    assert isinstance(stage.app.screen, WhyScreen)
    return stage.app.screen


async def press(stage: Stage, *keys: str) -> None:
    """Press keys and wait until what they ask for is explained, written and drawn."""
    for key in keys:
        await stage.press(key)
        await settled(stage)


async def settled(stage: Stage) -> None:
    """Wait for the query workers and the write queue."""
    for _ in range(3):
        await eventually(
            lambda: (
                not any(
                    isinstance(shown, WhyScreen) and any(map(shown.queries.busy, KINDS))
                    for shown in stage.app.screen_stack
                )
            )
        )
        await stage.settle()
