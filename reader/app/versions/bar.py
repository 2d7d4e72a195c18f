"""The lines of the versions screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from reader.app.versions.texts import VersionsState
from reader.app.widgets.bars import Bar


class VersionsBar(Bar[VersionsState]):
    """A line that draws what one of `version_texts` says."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        **Bar.LOOKS,
        "bar--removed": "text-error strike",
        "bar--added": "text-success underline",
    }
