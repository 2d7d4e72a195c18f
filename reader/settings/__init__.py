"""The user's folders and files, and the settings."""

from reader.settings.config import (
    LIBRARY_VARIABLE,
    NAME,
    InForce,
    UserPaths,
    command_for,
    in_force,
    make_folder,
    user_paths,
)
from reader.settings.options import WAYBACK, WAYBACK_VARIABLE, Settings

__all__ = [
    "LIBRARY_VARIABLE", "NAME", "WAYBACK", "WAYBACK_VARIABLE", "InForce", "Settings",
    "UserPaths", "command_for", "in_force", "make_folder", "user_paths",
]  # fmt: skip
