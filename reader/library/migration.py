"""What a step from one version of the schema to the next is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Migration(NamedTuple):
    """One step from a version of the schema to the next: its statements succeed together or not at all."""

    name: str
    statements: tuple[str, ...]
    then: Callable[[Any], object] | None = None
    """Run after them in the same transaction with the Database: derives what is new from rows that are there."""
