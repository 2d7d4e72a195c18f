"""The lines of the search screen below the query and below the hits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from reader.app.search.texts import RuleState
from reader.app.widgets.bars import Bar


class RuleBar(Bar[RuleState]):
    """The line below the query."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **Bar.LOOKS,
        "bar--alert": "text-error bold",
        "bar--alert-text": "text-error",
    }
