"""What is in force and from where: the command line, else the environment, else config.toml, else usual."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import SettingsError
from reader.sanitize import sanitize
from reader.settings.options import Settings
from reader.settings.places import find_places

if TYPE_CHECKING:
    from reader.settings.checking import Fault, Found

FILE: Final = "config.toml"
USUAL: Final = "usual"
MOST_BYTES: Final = 1 << 16
"""A larger file is none of settings."""
Given = Mapping[str, tuple[str, str | int | bool]]
"""What the command line says: by an option's name, the word that gave it and the value."""
_NOTHING: Final[Mapping[str, str]] = {}


class InForce(NamedTuple):
    """The settings, and what is known of them."""

    settings: Settings
    sources: Mapping[str, str]
    """Where each value comes from that is not the usual one, by the option's name: "config.toml, line 7"."""
    faults: tuple[Fault, ...]
    """What could not be used; the usual values hold instead."""
    file: Path
    """The file of settings."""
    exists: bool
    """Whether there is such a file."""
    given: Given
    """What the command line said, by the option's name."""

    def source(self, name: str) -> str:
        """Where an option's value comes from."""
        return self.sources.get(name, USUAL)

    def told(self, fault: Fault) -> str:
        """A fault as a sentence, with file and line, safe to show."""
        if fault.line is None:
            return sanitize(fault.sentence)
        return sanitize(f"{tilde(self.file)}, line {fault.line}: {fault.sentence}")

    def faults_of(self, *names: str) -> list[str]:
        """The sentences about these options, and about the file where nothing of it could be used."""
        found = [fault for fault in self.faults if fault.name in names]
        if not found and not all(name in self.sources for name in names):
            found = [fault for fault in self.faults if not fault.name]
        return [self.told(fault) for fault in found]


def in_force(given: Given | None = None, environment: Mapping[str, str] | None = None) -> InForce:
    """What is in force for the user of this `environment` (the process's own by default).

    `given` is what the command line says.
    """
    environment = os.environ if environment is None else environment
    text: str | None = None
    try:
        file = find_places(environment=environment).config_file
        text, fault = _text(file)
    except SettingsError as error:
        # Captures can be read all the same; what is relative is never written.
        file, fault = Path(FILE), str(error)
    if text is None and fault is None and not given and not _variables(environment):
        return InForce(Settings(), _NOTHING, (), file, exists=False, given={})
    return _put_together(file, text, fault, given or {}, environment)


def tilde(path: Path) -> str:
    """A path with the home folder as ~."""
    home = os.environ.get("HOME", "").rstrip("/")
    text = str(path)
    return f"~{text[len(home) :]}" if home and text.startswith(f"{home}/") else text


def file_text(file: Path) -> str:
    """The text of a config.toml; SettingsError where it cannot be read, FileNotFoundError where there is none."""
    text, fault = _text(file)
    if fault is not None:
        raise SettingsError(fault)
    if text is None:
        raise FileNotFoundError(file)
    return text


def _text(file: Path) -> tuple[str | None, str | None]:
    """The text of the file and why it cannot be read; neither where there is no file."""
    try:
        about = os.stat(file)  # noqa: PTH116  # The start waits for it.
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except OSError as error:
        return None, f"{tilde(file)}: it cannot be read ({error.strerror}); the usual settings hold"
    if not stat.S_ISREG(about.st_mode):
        return None, f"{tilde(file)}: it is no regular file; the usual settings hold"
    if about.st_size > MOST_BYTES:
        return None, f"{tilde(file)}: it is larger than 64 KB; the usual settings hold"
    try:
        return file.read_bytes().decode(), None
    except OSError as error:
        return None, f"{tilde(file)}: it cannot be read ({error.strerror}); the usual settings hold"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return None, f"{tilde(file)}, line {line}: it is not UTF-8; the usual settings hold"


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that set an option, by the option's name."""
    from reader.settings.places import WAYBACK_VARIABLE

    return {"network.wayback": WAYBACK_VARIABLE} if environment.get(WAYBACK_VARIABLE) else {}


def _put_together(
    file: Path,
    text: str | None,
    unreadable: str | None,
    given: Given,
    environment: Mapping[str, str],
) -> InForce:
    from reader.settings.checking import Fault, Found, fault_of, read
    from reader.settings.options import BY_NAME, KEYS

    found: Found = Found({}, {}, ()) if text is None else read(text)
    faults = list(found.faults)
    if unreadable is not None:
        faults.append(Fault("", None, unreadable))
    changes: dict[str, object] = {}
    sources: dict[str, str] = {}
    for name, one in found.values.items():
        changes[BY_NAME[name].field] = one.value
        sources[name] = f"{FILE}, line {one.line}"
    said: Given = {
        name: (f"${variable}", environment[variable]) for name, variable in _variables(environment).items()
    }
    for name, (word, value) in {**said, **given}.items():
        option = BY_NAME[name]
        wrong = fault_of(option, value)
        if wrong is not None:
            faults.append(Fault(name, None, f"{word}: {wrong}"))
            continue
        changes[option.field] = value
        sources[name] = word
    if found.keys:
        changes["keys"] = {name: one.value for name, one in found.keys.items()}
        sources |= {f"{KEYS}.{name}": f"{FILE}, line {one.line}" for name, one in found.keys.items()}
    return InForce(Settings()._replace(**changes), sources, tuple(faults), file, text is not None, given)  # type: ignore[arg-type]
