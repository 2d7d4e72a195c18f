"""Writes config.toml, one value at a time."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from reader.errors import SettingsError
from reader.permissions import Permission, replace_file, require
from reader.settings.loading import file_text, make_folder, read, tilde
from reader.settings.options import BY_NAME, Option, Value


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
    wanted = {**_values(text), option.name: value}
    with suppress(TOMLKitError, RecursionError):
        changed = _set(text, option, value)
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


def _values(text: str) -> dict[str, Any]:
    """The values that are set, by name; only the faults if there are any."""
    content = read(text)
    if content.faults:
        return {"": content.faults}
    return {name: setting.value for name, setting in content.values.items()}
