"""Where the reader keeps its things: the folders of the XDG base directory specification.

Nothing is read or made here until asked: importing this and finding the places touch no file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from reader.errors import SettingsError
from reader.failures import reason

NAME = "protocol-reader"
"""The reader's own folder inside each of the user's."""
LIBRARY_VARIABLE = "PROTOCOL_READER_LIBRARY"
"""The environment variable that names another library file."""

WAYBACK_VARIABLE = "PROTOCOL_READER_WAYBACK"
"""The environment variable that names another web archive."""
WAYBACK = "https://web.archive.org"
"""The web archive that captures are fetched from, unless told otherwise."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*://")


class Places(NamedTuple):
    """The reader's folders and its library; none of them needs to exist."""

    config: Path
    """The folder of config.toml."""
    data: Path
    """The folder of what must not be lost: the library."""
    state: Path
    """The folder of what may be lost: the place in an article, logs."""
    library: Path
    """The library file."""

    @property
    def config_file(self) -> Path:
        """The file of settings."""
        return self.config / "config.toml"


def find_places(library: str | None = None, environment: Mapping[str, str] | None = None) -> Places:
    """The places of the user whose `environment` this is (the process's own by default).

    `library` is the file given on the command line: it goes before PROTOCOL_READER_LIBRARY, and that
    before the data folder. Both may be relative to the current folder and start with `~`. XDG
    variables that are empty or relative count as unset, as their specification asks.
    Raises SettingsError when a home folder is needed and there is none, and for a URL.
    """
    environment = os.environ if environment is None else environment
    config = _folder(environment, "XDG_CONFIG_HOME", ".config")
    data = _folder(environment, "XDG_DATA_HOME", ".local/share")
    state = _folder(environment, "XDG_STATE_HOME", ".local/state")
    named = library or environment.get(LIBRARY_VARIABLE)
    if named and _URL.match(named):
        raise SettingsError(
            f"{named}: the library is a file on this machine, not on remote storage; name a path"
        )
    return Places(config, data, state, _expand(named, environment) if named else data / "library.sqlite")


def make_folder(folder: Path) -> Path:
    """`folder`, made with its parents if it is not there, for its owner only; SettingsError if that fails."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}: the folder cannot be made: {reason(error)}") from error
    return folder


def _folder(environment: Mapping[str, str], variable: str, below_home: str) -> Path:
    value = environment.get(variable, "")
    base = Path(value) if Path(value).is_absolute() else _home(environment) / below_home
    return base / NAME


def _home(environment: Mapping[str, str]) -> Path:
    home = Path(environment.get("HOME", ""))
    if not home.is_absolute():
        home = Path(os.path.expanduser("~"))  # noqa: PTH111  # Path.home() raises what it cannot find out.
    if not home.is_absolute():
        raise SettingsError("there is no home folder; set HOME to an absolute path")
    return home


def _expand(path: str, environment: Mapping[str, str]) -> Path:
    """`path` with a leading `~` or `~user` put in full."""
    if path == "~" or path.startswith("~/"):
        return _home(environment) / path[2:]
    return Path(os.path.expanduser(path))  # noqa: PTH111  # Path raises for an unknown user; this keeps the name.
