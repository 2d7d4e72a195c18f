"""Commands on a library that is damaged: what is intact is read, and the rest named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reader.commands.common import IN_PART, complain, opened
from reader.commands.progress import StatusLine, amount
from reader.library.database.errors import DamagedError, ForeignError, NewerError

if TYPE_CHECKING:
    from reader.library import Library

OnLoss = Callable[[str], None]
OnProgress = Callable[[int, int], None]


def with_what_is_intact(path: Path, command: Callable[[Library], int]) -> int:
    """Run a command that only reads on the library at `path`; its exit status.

    Where damage is in the way, the command runs again, on a temporary library of what is intact, and is done in part.
    """
    try:
        with opened(path) as library:
            return command(library)
    except (DamagedError, ForeignError, NewerError) as error:
        damage = error
    from reader.library import Library
    from reader.library.repair.salvaging import salvage

    with Library.temporary() as intact:
        try:
            with reports() as (on_loss, on_progress):
                salvage(path, intact, on_loss, on_progress)
        except (DamagedError, NewerError):
            raise damage from None
        complain(str(damage))
        return command(intact) or IN_PART


@contextmanager
def reports() -> Iterator[tuple[OnLoss, OnProgress]]:
    """What names the damage and shows the progress of a salvage."""
    with StatusLine("looking for what is intact…") as line:

        def on_loss(sentence: str) -> None:
            line.clear()
            complain(sentence)

        yield on_loss, lambda done, total: line.update(amount(done, total, "captures"), done, total)
