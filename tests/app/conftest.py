"""The app that most tests of the app begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from reader.library import Library
from tests.app.stage import Stage, a_library, on_stage


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "staged(library, problems, **options): how `stage` begins")


@pytest.fixture
def library() -> Iterator[Library]:
    """A small library."""
    with a_library() as library:
        yield library


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The app over a small library.

    A mark `staged`, or a parameter, has options for `on_stage`, and `problems` of the library or a function that makes
    another `library`.
    """
    options: dict[str, Any] = dict(getattr(request, "param", {}))
    for mark in request.node.iter_markers("staged"):  # The nearest first.
        options = mark.kwargs | options
    problems = options.pop("problems", ())
    make = options.pop("library", lambda: a_library(problems))
    with make() as library:
        async with on_stage(library, **options) as stage:
            yield stage
