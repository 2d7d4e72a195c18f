"""Where the reader keeps its things, and what can be set."""

from reader.settings.loading import InForce, in_force
from reader.settings.options import Settings
from reader.settings.places import (
    LIBRARY_VARIABLE,
    NAME,
    WAYBACK,
    WAYBACK_VARIABLE,
    Places,
    find_places,
    make_folder,
)

__all__ = [
    "LIBRARY_VARIABLE", "NAME", "WAYBACK", "WAYBACK_VARIABLE", "InForce", "Places", "Settings", "find_places",
    "in_force", "make_folder",
]  # fmt: skip
