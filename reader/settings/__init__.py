"""The user's folders and files, and the settings."""

from reader.settings.config import (
    InForce,
    UserPaths,
    command_for,
    in_force,
    library_path,
    make_folder,
    user_paths,
)
from reader.settings.options import Settings

__all__ = [
    "InForce",
    "Settings",
    "UserPaths",
    "command_for",
    "in_force",
    "library_path",
    "make_folder",
    "user_paths",
]
