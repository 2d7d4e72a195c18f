"""Where the reader keeps its things, and what can be set."""

from reader.settings.options import Settings
from reader.settings.places import (
    LIBRARY_VARIABLE,
    NAME,
    WAYBACK,
    WAYBACK_VARIABLE,
    Places,
    find_places,
    make_folder,
    wayback_server,
)

__all__ = [
    "LIBRARY_VARIABLE", "NAME", "WAYBACK", "WAYBACK_VARIABLE", "Places", "Settings", "find_places", "make_folder",
    "wayback_server",
]  # fmt: skip
