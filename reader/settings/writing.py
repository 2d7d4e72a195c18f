"""Writes config.toml: a first one with every option described and commented out; later one value at a time."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from reader.errors import SettingsError
from reader.permissions import Permission, create_private_file, replace_file, require
from reader.sanitize import sanitize
from reader.settings.checking import read
from reader.settings.loading import file_text, make_folder, tilde
from reader.settings.options import BY_NAME, GROUPS, KEYS, OPTIONS, Option, Value

_HEAD: Final = """\
# The settings of Protocol Reader. Each line that begins with #: and a name shows the default value: remove the #:
# and change it. “protocol-reader settings --check” reports mistakes, “protocol-reader settings” shows all values.
"""
_KEYS_HEAD: Final = """\
# The keys of each action, named as on the help screen (?): one key, several in brackets, or "" for none.
# Keys are written as "x", "X", "}", "F5", "Ctrl-f", "Alt-x", "Space", "PgDn", "Enter", "Tab", "Esc", "Up".
"""
OUT: Final = "#: "
"""The start of a line that is commented out."""
_WIDTH: Final = 110


def template(keys: Mapping[str, tuple[str, ...]]) -> str:
    """A config.toml in which nothing is set. `keys` has the default keys of every action, as people write them."""
    parts = [_HEAD]
    for group in GROUPS:
        parts.append(f"\n[{group}]\n")
        if group == KEYS:
            parts.append(_KEYS_HEAD)
            parts += [f"{OUT}{name} = {_toml(written)}\n" for name, written in keys.items()]
        else:
            for option in OPTIONS:
                if option.group == group:
                    lines = textwrap.wrap(option.sentence, _WIDTH - 2, break_on_hyphens=False)
                    parts += [f"# {line}\n" for line in lines]
                    parts.append(f"{OUT}{option.key} = {_toml(option.default)}\n")
    return "".join(parts)


def initialise(file: Path, text: str) -> None:
    """Write a new file; SettingsError if it exists or cannot be written."""
    require(Permission.WRITE_SETTINGS)
    make_folder(file.parent)
    with _failures(file), os.fdopen(create_private_file(file), "w", encoding="utf-8") as stream:
        stream.write(text)


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
        where = tilde(file) if fault.line is None else f"{tilde(file)}, line {fault.line}"
        sentence = sanitize(f"{where}: {fault.sentence}")
        raise SettingsError(f"{sentence}; the file is not changed until you correct that")
    changed = with_value(text, BY_NAME[name], value)
    if changed is None:
        raise SettingsError(f"{tilde(file)}: {name} is written in an unusual way; change it in the file")
    file = file.resolve()  # If it is a link, its target is written.
    make_folder(file.parent)
    with _failures(file):
        replace_file(file, changed)


@contextmanager
def _failures(file: Path) -> Iterator[None]:
    """Raise SettingsError if the file cannot be written."""
    try:
        yield
    except FileExistsError:
        raise SettingsError(f"{tilde(file)}: this file exists already; it was not changed") from None
    except OSError as error:
        raise SettingsError(f"{tilde(file)}: it cannot be written ({error.strerror})") from error


def with_value(text: str, option: Option, value: Value) -> str | None:
    """The text of a config.toml with an option set; None if that is impossible. `text` has no faults.

    The value replaces the line in which the option is commented out, or follows the last value of its table.
    """
    wanted = {**_values(text), option.name: value}
    for source in (_uncommented(text, option), text):
        with suppress(TOMLKitError, RecursionError):
            changed = _set(source, option, value)
            if _values(changed) == wanted:
                return changed
    return None


def _set(text: str, option: Option, value: Value) -> str:
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
    return tomlkit.dumps(document)


def _uncommented(text: str, option: Option) -> str:
    """The text with the option's line uncommented, which `template` or the owner has commented out."""
    line = re.compile(
        rf"^(\[{option.group}\](?:.*\n)(?:(?!\[).*\n)*?)(?:#:|#) ?(?={option.key} = )", re.MULTILINE
    )
    return line.sub(r"\1", text, count=1)


def _values(text: str) -> dict[str, Any]:
    """The values that are set, by name; only the faults if there are any."""
    content = read(text)
    if content.faults:
        return {"": content.faults}
    return {name: setting.value for name, setting in content.values.items()}


def _toml(value: Value | tuple[str, ...]) -> str:
    """A value in TOML, whose strings are written like those of JSON."""
    return json.dumps(value, ensure_ascii=False)
