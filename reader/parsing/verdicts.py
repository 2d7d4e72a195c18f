"""Truncated? Sponsored? Each with its reason and the line that shows it."""

from __future__ import annotations

from typing import Final

from reader.model import ADVERTISING, AUTHOR_SLOT, CUT_OFF, LABEL, Reason

_UNFINISHED_FROM: Final = 60
_FINISHED: Final = ".?!…:\"'”’)]"


def cut_off(n: int, text: str) -> Reason | None:
    """The reason when a capture's last line is a body line that stops in mid-sentence."""
    if len(text) < _UNFINISHED_FROM or text[-1] in _FINISHED:
        return None
    return Reason(CUT_OFF, n, text)


def sponsorship(
    label: tuple[int, str] | None, slot: tuple[int, str] | None, advert: tuple[int, str] | None
) -> Reason | None:
    """The strongest reason for calling an article paid for: a label, a sponsor in the author slot, its copy.

    Each argument is (line number, text) of the line that shows it, or None.
    """
    for because, line in ((LABEL, label), (AUTHOR_SLOT, slot), (ADVERTISING, advert)):
        if line is not None:
            return Reason(because, *line)
    return None
