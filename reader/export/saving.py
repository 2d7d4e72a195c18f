"""Saves exports as files, completely or not at all. Nothing is overwritten without permission."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from reader.errors import ExportError
from reader.export.formats import Format
from reader.export.items import Export
from reader.permissions import Permission, require
from reader.sanitize import clean_filename

_TITLE_BYTES: Final = 120
"""Bytes of a title in a file name."""


def is_folder(output: str) -> bool:
    """Return whether an output is an existing folder, or ends in a slash."""
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def save_export(
    output: str, export: Export, form: Format, *, replace: bool = False, report: Callable[[str], None]
) -> None:
    """Save the items in one file, or one each in a folder, as `output` says; see `save` and `save_each`."""
    if not is_folder(output):
        save(Path(output), partial(form.write, export), replace=replace)
    elif form.single_suffix:
        save_each(Path(output), export, form, replace=replace, report=report)
    else:
        raise ExportError(f"{output}: {form.label} is written to a single file, not to a folder")


def save(path: Path, fill: Callable[[BinaryIO], object], *, replace: bool = False) -> None:
    """Let `fill` write a file, and move it to `path`.

    Raises ExportError and leaves nothing behind if that fails. An existing file stays unless `replace` is set;
    ExportError.exists then says that it was in the way. Raises NotPermittedError where files may not be written.
    """
    require(Permission.WRITE_FILES)
    if not replace and os.path.lexists(path):
        raise _exists(path)
    if os.path.lexists(path) and not path.is_file():
        raise ExportError(f"{path}: that is not a file; name another")
    temporary = path.with_name(f".{token_hex(8)}.part")
    try:
        with temporary.open("xb") as out:
            fill(out)
            out.flush()
            os.fsync(out.fileno())
        if not replace:
            with suppress(OSError):  # The file system may have no links.
                # Unlike renaming, this fails if a file of that name has appeared meanwhile.
                path.hardlink_to(temporary)
                return
            if os.path.lexists(path):
                raise _exists(path)
        temporary.replace(path)
    except OSError as error:
        raise ExportError(f"{path}: it cannot be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def save_each(
    folder: Path, export: Export, form: Format, *, replace: bool = False, report: Callable[[str], None]
) -> None:
    """Save every item in a file of its own in `folder`, which is created.

    A file that cannot be written is reported as a sentence, and the others are still written. Raises ExportError if
    the folder cannot be created, NotPermittedError where files may not be written.
    """
    require(Permission.WRITE_FILES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: the folder cannot be made ({error.strerror or error})") from error
    used: set[str] = set()
    for item in export.items:
        # By date and title; with the article's id if that name is taken.
        stem = " ".join(filter(None, [item.article.published, _short_title(item.article.title)]))
        name = clean_filename(f"{stem}{form.single_suffix}")
        number = 1
        while _folded(name) in used:
            again = f" {number}" if number > 1 else ""
            name = clean_filename(f"{stem} ({item.id[:8]}{again}){form.single_suffix}")
            number += 1
        used.add(_folded(name))
        single = Export(item.article.title, export.date, [item])
        try:
            save(folder / name, partial(form.write, single), replace=replace)
        except ExportError as error:
            report(str(error))


def title_file_name(title: str, suffix: str) -> str:
    """A safe file name made of a title."""
    return clean_filename(f"{_short_title(title)}{suffix}")


def _folded(name: str) -> str:
    """The name for comparison, because some file systems ignore case and the form of accents."""
    return unicodedata.normalize("NFKD", name).casefold()


def _short_title(title: str) -> str:
    name = clean_filename(re.sub(r"[“”\"]", "", title))
    return name.encode()[:_TITLE_BYTES].decode("utf-8", "ignore").rstrip(" .…") or "untitled"


def _exists(path: Path) -> ExportError:
    return ExportError(f"{path}: a file with this name exists already", exists=True)
