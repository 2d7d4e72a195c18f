"""The user's folders and files, and the settings in force.

A setting comes from the command line, else the environment, else config.toml, else its default. Importing this and
finding paths touch no file. The folders are those of the XDG base directory specification.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.errors import SettingsError
from reader.errors import reason as why
from reader.patterns import Pattern
from reader.permissions import make_private_folder
from reader.sanitize import sanitize
from reader.settings.checking import ConfigContent, Fault, fault_of, read
from reader.settings.options import BY_NAME, KEYS, OPTIONS, Settings

NAME: Final = "protocol-reader"
"""The name of the reader's folder inside each of the user's folders."""
LIBRARY_VARIABLE: Final = "PROTOCOL_READER_LIBRARY"
"""The environment variable that names another library file."""

_URL: Final = Pattern(r"[A-Za-z][A-Za-z0-9+.:-]*://")

FILE: Final = "config.toml"
DEFAULT: Final = "default"
MOST_BYTES: Final = 1 << 16
"""A larger file is not read."""
Given = Mapping[str, tuple[str, str | int | bool]]
"""Settings of the command line: by an option's name, the word that set it and the value."""


class UserPaths(NamedTuple):
    """The reader's folders and its library; none of them need exist."""

    config: Path
    """The folder of config.toml."""
    data: Path
    """The folder for what must not be lost: the library."""
    state: Path
    """The folder for what may be lost: reading positions."""
    library: Path
    """The library file."""

    @property
    def config_file(self) -> Path:
        """The settings file."""
        return self.config / FILE


def user_paths(library: str | None = None) -> UserPaths:
    """The paths of the user.

    `library`, the file of the command line, overrides PROTOCOL_READER_LIBRARY, which overrides the data folder. Both
    may be relative to the current folder and start with `~`. XDG variables that are empty or relative count as unset,
    as their specification says. SettingsError if a home folder is needed and there is none, and for a URL.
    """
    config = _folder("XDG_CONFIG_HOME", ".config")
    data = _folder("XDG_DATA_HOME", ".local/share")
    state = _folder("XDG_STATE_HOME", ".local/state")
    named = library or os.environ.get(LIBRARY_VARIABLE)
    if named and _URL.match(named):
        raise SettingsError(
            f"{named}: a library must be a file on this machine, not on remote storage; give a path"
        )
    # Path.expanduser raises for an unknown user; this keeps the name.
    file = Path(os.path.expanduser(named)) if named else data / "library.sqlite"  # noqa: PTH111
    return UserPaths(config, data, state, file)


def make_folder(folder: Path) -> Path:
    """Make a folder for its owner only, with its parents, if it does not exist; SettingsError if that fails."""
    try:
        make_private_folder(folder)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot create the folder: {why(error)}") from error
    return folder


def _folder(variable: str, below_home: str) -> Path:
    base = Path(os.environ.get(variable, ""))
    if not base.is_absolute():
        home = Path(os.path.expanduser("~"))  # noqa: PTH111  # Path.home() raises RuntimeError.
        if not home.is_absolute():
            raise SettingsError("there is no home folder; set HOME to an absolute path")
        base = home / below_home
    return base / NAME


class InForce(NamedTuple):
    """The settings in force, where they come from, and their faults."""

    settings: Settings
    sources: Mapping[str, str]
    """Where each value that is not a default comes from, by the option's name: "config.toml, line 7"."""
    faults: tuple[Fault, ...]
    """The faulty settings, for which defaults hold."""
    file: Path
    """The settings file."""
    exists: bool
    """True if that file exists."""
    given: Given
    """Settings of the command line."""

    def source(self, name: str) -> str:
        """Where an option's value comes from."""
        return self.sources.get(name, DEFAULT)

    def sentence(self, fault: Fault) -> str:
        """A fault as a sanitized sentence, with file and line."""
        if fault.line is None:
            return sanitize(fault.sentence)
        return sanitize(f"{tilde(self.file)}, line {fault.line}: {fault.sentence}")

    def faults_of(self, name: str) -> list[str]:
        """The faults of an option, or else of the file if nothing of it could be used, as sentences."""
        faults = [fault for fault in self.faults if fault.name == name]
        if not faults and name not in self.sources:
            faults = [fault for fault in self.faults if not fault.name]
        return [self.sentence(fault) for fault in faults]


def in_force(given: Given | None = None) -> InForce:
    """The settings in force; `given` are those of the command line."""
    file, text, faults = Path(FILE), None, []
    try:
        file = user_paths().config_file
        text = file_text(file)
    except SettingsError as error:
        # Captures can still be read; a relative path is never written.
        faults.append(Fault("", None, str(error)))
    content = ConfigContent() if text is None else read(text)
    faults += content.faults
    sources = {name: f"{FILE}, line {setting.line}" for name, setting in content.values.items()}
    changes: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    for name, setting in content.values.items():
        if name in BY_NAME:
            changes[BY_NAME[name].field] = setting.value
        else:
            keys[name.removeprefix(f"{KEYS}.")] = setting.value
    if keys:
        changes["keys"] = keys
    of_environment: Given = {
        option.name: (f"${option.variable}", os.environ[option.variable])
        for option in OPTIONS
        if os.environ.get(option.variable)
    }
    for name, (word, value) in {**of_environment, **(given or {})}.items():
        if (wrong := fault_of(BY_NAME[name], value)) is not None:
            faults.append(Fault(name, None, f"{word}: {wrong}"))
        else:
            changes[BY_NAME[name].field] = value
            sources[name] = word
    settings = Settings()._replace(**changes)
    return InForce(settings, sources, tuple(faults), file, text is not None, given or {})


def tilde(path: Path) -> str:
    """A path with the home folder as ~."""
    home = os.environ.get("HOME", "").rstrip("/")
    text = str(path)
    return f"~{text[len(home) :]}" if home and text.startswith(f"{home}/") else text


def file_text(file: Path) -> str | None:
    """The text of a config.toml; None if it does not exist, SettingsError if it cannot be read."""
    try:
        status = os.stat(file)  # noqa: PTH116  # The start waits for it.
        if not stat.S_ISREG(status.st_mode):
            reason = "it is not a regular file"
        elif status.st_size > MOST_BYTES:
            reason = "it is larger than 64 KB"
        else:
            return file.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = f"it cannot be read ({error.strerror})"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        reason = f"line {line} is not UTF-8"
    raise SettingsError(f"{tilde(file)}: {reason}; the default settings apply")
