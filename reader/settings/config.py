"""The user's folders and files, and config.toml: what it says with all its faults, and how a value is written.

A setting comes from the command line, else the environment, else config.toml, else its default. Importing this and
finding paths touch no file. The folders are those of the XDG base directory specification.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple

from reader.addresses import is_url
from reader.errors import SettingsError
from reader.errors import reason as why
from reader.patterns import Pattern
from reader.permissions import Permission, make_private_folder, replace_file, require
from reader.sanitize import label_of, sanitize_message, shell_word
from reader.settings.options import BY_NAME, GROUPS, KEYS, OPTIONS, Option, Settings, Value

NAME: Final = "protocol-reader"
"""The name of the reader's folder inside each of the user's folders."""
LIBRARY_VARIABLE: Final = "PROTOCOL_READER_LIBRARY"

FILE: Final = "config.toml"
DEFAULT: Final = "default"
MOST_BYTES: Final = 1 << 16
"""A larger file is not read."""
Given = Mapping[str, tuple[str, str | int | bool]]
"""Settings of the command line: by an option's name, the word that set it and the value."""
Keys = tuple[str, ...]
_MANY: Final = 8
"""With more choices than this, not all are named."""
_DEEP: Final = Pattern(r"(?:[^.\s=#]{1,40}[ \t]?\.[ \t]?){30}")
"""More nested names than any setting has; `tomllib` takes time that grows with the square of the depth."""
_NAMED: Final = Pattern(r"\s*(?:\[+\s*(?P<heading>[^\[\]]+?)\s*\]+\s*(?:#.*)?$|(?P<key>[^=#\[{]+?)\s*=)")
"""The start of a line that begins a table or sets a key."""
_WHERE: Final = Pattern(r" \(at (?:line (\d+), column \d+|end of document)\)$")


# Folders and files


class UserPaths(NamedTuple):
    """The reader's folders; none of them need exist."""

    config: Path
    data: Path
    """The folder for what must not be lost: the library."""
    state: Path
    """The folder for what may be lost: reading positions."""

    @property
    def config_file(self) -> Path:
        """The settings file."""
        return self.config / FILE


def user_paths() -> UserPaths:
    """The folders of the user. SettingsError if a home folder is needed and there is none.

    XDG variables that are empty or relative count as unset, as their specification says.
    """
    return UserPaths(
        _folder("XDG_CONFIG_HOME", ".config"),
        _folder("XDG_DATA_HOME", ".local/share"),
        _folder("XDG_STATE_HOME", ".local/state"),
    )


def library_path(named: str | None = None) -> Path:
    """The library, which need not exist: `named` on the command line, or by the variable, or that in the data folder.

    A name may be relative to the current folder and start with `~`. SettingsError for a URL, and if the data folder is
    needed and there is no home folder.
    """
    name = named or os.environ.get(LIBRARY_VARIABLE)
    if not name:
        return user_paths().data / "library.sqlite"
    if is_url(name):
        raise SettingsError(
            f"{name}: a library must be a file on this machine, not on remote storage; give a path"
        )
    # Path.expanduser raises for an unknown user; this keeps the name.
    return Path(os.path.expanduser(name))  # noqa: PTH111


def command_for(library: Path, words: str, *paths: str) -> str:
    """Return a command to advise, such as `check --mend`; it names the library unless that is the default."""
    words = " ".join([words, *map(shell_word, paths)])
    with suppress(SettingsError):
        if library.absolute() == library_path().absolute():
            return f"protocol-reader {words}"
    return f"protocol-reader {words} --library {shell_word(str(library))}"


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


# The file


class Fault(NamedTuple):
    """Something in the settings that cannot be used."""

    name: str
    """The option's, or the action's after "keys."; "" for the whole file."""
    line: int | None
    """The line of config.toml; None if the fault is elsewhere."""
    sentence: str
    """The mistake and its remedy, without a full stop."""

    def in_file(self, file: Path) -> str:
        """The fault as a sanitized sentence, with file and line."""
        where = "" if self.line is None else f"{tilde(file)}, line {self.line}: "
        return sanitize_message(where + self.sentence)


class Setting(NamedTuple):
    """A value in the file, and its line."""

    value: Value | Keys
    line: int


class ConfigContent(NamedTuple):
    """The content of a file."""

    values: Mapping[str, Setting] = {}
    """The values by option name, and the keys of actions by "keys." and their name; the app checks the keys."""
    faults: tuple[Fault, ...] = ()


def read(text: str) -> ConfigContent:
    """Read the text of a config.toml."""
    import tomllib  # 10 ms that the first screen would wait for, also where nothing is set.

    if (deep := _DEEP.search(text)) is not None:
        sentence = "tables are nested too deep; nothing in the file is used"
        return ConfigContent(faults=(Fault("", text.count("\n", 0, deep.start()) + 1, sentence),))
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = _WHERE.search(str(error))
        line = int(where[1]) if where and where[1] else text.rstrip().count("\n") + 1
        reason = _WHERE.sub("", str(error))
        sentence = f"this is not valid TOML: {reason[:1].lower()}{reason[1:]}; the file is ignored"
        return ConfigContent(faults=(Fault("", line, sentence),))
    lines = _key_lines(text)
    values: dict[str, Setting] = {}
    faults: list[Fault] = []
    for name, value in _named(tables):
        known = name
        while known not in lines and "." in known:  # It is inside of a value.
            known = known.rpartition(".")[0]
        line = lines.get(known, 1)
        keys = _keys(value) if name.startswith(f"{KEYS}.") else None
        if keys is None and (fault := _fault(name, value)):
            faults.append(Fault(name, line, fault))
        else:
            values[name] = Setting(value if keys is None else keys, line)
    return ConfigContent(values, tuple(sorted(faults, key=lambda fault: fault.line or 0)))


def _named(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values by their names with dots; a table that is not ours is a value."""
    for key, value in tables.items():
        name = prefix + key
        if isinstance(value, dict) and (name in GROUPS or (value and name.startswith(f"{KEYS}."))):
            yield from _named(value, f"{name}.")
        else:
            yield name, value


def _fault(name: str, value: object) -> str | None:
    """What is wrong with a value, or with its name, as a sentence; None if nothing is."""
    group, _, key = name.partition(".")
    if option := BY_NAME.get(name):
        return fault_of(option, value)
    if name in GROUPS:
        return f"{name} must be a table: its settings go below [{name}]"
    if group == KEYS:
        return f'{name} must be a key such as "F5" or a list of keys, not {_shown(value)}'
    elsewhere = [f"; did you mean {option.name}?" for option in OPTIONS if option.key == (key or group)]
    if group not in GROUPS:
        near = suggestion(group, GROUPS) or (elsewhere or [f"; there are {', '.join(GROUPS)}"])[0]
        return f"there is no table [{group}]{near}"
    known = [option.key for option in OPTIONS if option.group == group]
    near = suggestion(key, known).replace("mean ", f"mean {group}.")
    near = near or (elsewhere or [f"; [{group}] has {', '.join(known)}"])[0]
    return f"there is no setting {name}{near}"


def _key_lines(text: str) -> dict[str, int]:
    """Return the line of each table and key, from 1, by its name with dots. Lines inside of values may count too."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        match = _NAMED.match(line)
        if match is None:
            continue
        name = re.sub(r"[\s\"']", "", match["heading"] or match["key"])
        if match["heading"]:
            table = f"{name}."
        else:
            name = table + name
        for prefix in accumulate(name.split("."), "{}.{}".format):
            lines.setdefault(prefix, number)
    return lines


def fault_of(option: Option, value: object) -> str | None:
    """Return what is wrong with a value, as a sentence, or None."""
    if _fits(option, value):
        return None
    near = suggestion(value, option.choices, quoted=True) if isinstance(value, str) else ""
    # A long list of choices would hide the one that was meant.
    if near and len(option.choices) > _MANY:
        return f"{option.name} cannot be {_shown(value)}{near}"
    return f"{option.name} must be {option.brief or option.takes}, not {_shown(value)}{near}"


def suggestion(word: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """The known word that is most similar to `word`, as the end of a sentence; "" if none is."""
    from difflib import get_close_matches  # 6 ms that the start of the app would wait for.

    near = get_close_matches(word.casefold(), list(known), 1, 0.6)
    mark = '"' if quoted else ""
    return f"; did you mean {mark}{near[0]}{mark}?" if near else ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _fits(option: Option, value: object) -> bool:
    if type(value) is not type(option.default):
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return option.least <= value <= option.most
    assert isinstance(value, str)
    return value in option.choices or (option.check is not None and option.check(value))


def _keys(value: object) -> Keys | None:
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, list) and all(isinstance(key, str) and key.strip() for key in value):
        return tuple(value)
    return None


# All settings


class InForce(NamedTuple):
    """The settings in force, where they come from, and their faults."""

    settings: Settings
    sources: Mapping[str, str]
    """Where each value that is not a default comes from, by the option's name: "config.toml, line 7"."""
    faults: tuple[Fault, ...]
    """The faulty settings, for which defaults hold."""
    file: Path
    exists: bool
    """True if that file exists."""
    given: Given

    def source(self, name: str) -> str:
        """Where an option's value comes from."""
        return self.sources.get(name, DEFAULT)

    def faults_of(self, name: str) -> list[str]:
        """The faults of an option, as sentences, or else those that may hide it.

        These are faults of the whole file, and unknown names in the option's table or of tables. Without a home folder,
        there is no file that could set the option.
        """
        faults = [fault for fault in self.faults if fault.name == name]
        if not faults and name not in self.sources and self.file.is_absolute():
            table = name.partition(".")[0]
            others = set(GROUPS) - {table}
            faults = [
                fault
                for fault in self.faults
                if fault.name not in BY_NAME and fault.name.partition(".")[0] not in others
            ]
        return [fault.in_file(self.file) for fault in faults]


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
    """A path with the home folder as ~, safe to show."""
    home = os.environ.get("HOME", "").rstrip("/")
    text = str(path)
    return label_of(f"~{text[len(home) :]}" if home and text.startswith(f"{home}/") else text)


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


# Writing the file, one value at a time


def keep(file: Path, name: str, value: Value) -> None:
    """Set one value in the file, which need not exist, and change nothing else.

    SettingsError if the file has faults, which only its owner can mend, or cannot be written. NotPermittedError if this
    process may not write settings.
    """
    require(Permission.WRITE_SETTINGS)
    if not file.is_absolute():
        raise SettingsError("there is no home folder to keep settings in; set HOME to an absolute path")
    text = file_text(file) or ""
    for fault in read(text).faults:
        raise SettingsError(f"{fault.in_file(file)}; the file is not changed until you correct that")
    changed = with_value(text, BY_NAME[name], value)
    if changed is None:
        raise SettingsError(f"{tilde(file)}: {name} is written in an unusual way; change it in the file")
    file = file.resolve()  # If it is a link, its target is written.
    make_folder(file.parent)
    try:
        replace_file(file, changed)
    except OSError as error:
        raise SettingsError(f"{tilde(file)}: it cannot be written ({error.strerror})") from error


def with_value(text: str, option: Option, value: Value) -> str | None:
    """The text of a config.toml with an option set; None if that is impossible. `text` has no faults."""
    import tomlkit  # 20 ms: only a change of a setting needs it.
    from tomlkit.exceptions import TOMLKitError
    from tomlkit.items import Table

    try:
        document = tomlkit.parse(text)
        if option.group not in document:
            document[option.group] = tomlkit.table()
        table = document[option.group]
        assert isinstance(table, MutableMapping)
        is_new = option.key not in table
        table[option.key] = value
        if is_new and isinstance(table, Table):
            # Comments at the end of a table are mostly about the next one.
            body = table.value.body
            *before, at = (at for at, (key, _) in enumerate(body) if key is not None)
            body.insert(before[-1] + 1 if before else 0, body.pop(at))
        changed = tomlkit.dumps(document)
    except (TOMLKitError, RecursionError):
        return None
    return changed if _values(changed) == {**_values(text), option.name: value} else None


def _values(text: str) -> dict[str, Any]:
    return {name: setting.value for name, setting in read(text).values.items()}
