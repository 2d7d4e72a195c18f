"""Exports as files: written beside, and in place only when they are whole; nothing is overwritten unasked."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from reader.errors import ExportError
from reader.export.formats import Format, write
from reader.export.piece import About, Piece
from reader.permissions import Permission, require
from reader.sanitize import clean_filename

_NAME_BYTES = 120


def is_folder(output: str) -> bool:
    """Whether an output names a folder: one that is there, or by the / at its end."""
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def save_all(
    output: str,
    pieces: Iterable[Piece],
    form: Format,
    about: About,
    *,
    replace: bool = False,
    trouble: Callable[[str], None],
) -> None:
    """Put the pieces into a file, or one each into a folder, as `output` says; see `save` and `save_each`."""
    if not is_folder(output):
        save(Path(output), lambda out: write(form, pieces, about, out), replace=replace)
    elif form.single:
        save_each(Path(output), pieces, form, about, replace=replace, trouble=trouble)
    else:
        raise ExportError(f"{output}: {form.shown} goes into one file, not into a folder of them")


def save(path: Path, fill: Callable[[BinaryIO], object], *, replace: bool = False) -> None:
    """Have a file filled and put it at `path`; an ExportError when it cannot be, and then nothing is left of it.

    A file that is there already stays unless `replace`; ExportError.exists says that it was in the way.
    NotPermittedError where no file may be written.
    """
    require(Permission.WRITE_FILES)
    if not replace and os.path.lexists(path):
        raise _in_the_way(path)
    if os.path.lexists(path) and not path.is_file():
        raise ExportError(f"{path}: that is no file; name another")
    beside = path.with_name(f".{token_hex(8)}.part")
    try:
        with _create(beside) as out:
            fill(out)
            out.flush()
            os.fsync(out.fileno())
        _put(beside, path, replace=replace)
    except OSError as error:
        raise ExportError(f"{path}: it cannot be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            beside.unlink()
    _keep_name(path.parent)


def save_each(
    folder: Path,
    pieces: Iterable[Piece],
    form: Format,
    about: About,
    *,
    replace: bool = False,
    trouble: Callable[[str], None],
) -> int:
    """Put every piece into a file of its own in `folder`, which is made; how many were.

    What cannot be written is told to `trouble` as a sentence, and the others still are; ExportError when there
    can be no folder. NotPermittedError where no file may be written.
    """
    require(Permission.WRITE_FILES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: the folder cannot be made ({error.strerror or error})") from error
    used: set[str] = set()
    written = 0
    for one in pieces:
        path = folder / _unused(one, form.single, used)
        try:
            save(path, lambda out, one=one: write(form, [one], _about(one, about), out), replace=replace)  # type: ignore[misc]
        except ExportError as error:
            trouble(str(error))
        else:
            written += 1
    return written


def file_name(one: Piece, suffix: str) -> str:
    """What a file with this piece is called: its date and title."""
    return clean_filename(f"{_stem(one)}{suffix}")


def short_name(title: str, suffix: str) -> str:
    """A file name from a title."""
    return clean_filename(f"{_cut(title)}{suffix}")


def _unused(one: Piece, suffix: str, used: set[str]) -> str:
    """A name that no piece before has had, also where case and accents do not tell names apart."""
    name = file_name(one, suffix)
    number = 1
    while (folded := unicodedata.normalize("NFKD", name).casefold()) in used:
        # The same title on the same day: the article's id tells them apart, in every export alike.
        again = f" {number}" if number > 1 else ""
        name = clean_filename(f"{_stem(one)} ({one.id[:8]}{again}){suffix}")
        number += 1
    used.add(folded)
    return name


def _stem(one: Piece) -> str:
    return " ".join(filter(None, [one.article.published, _cut(one.article.title)]))


def _cut(title: str) -> str:
    name = clean_filename(re.sub(r"[“”\"]", "", title))
    return name.encode()[:_NAME_BYTES].decode("utf-8", "ignore").rstrip(" .…") or "untitled"


def _about(one: Piece, about: About) -> About:
    return about._replace(title=one.article.title)


def _create(path: Path) -> BinaryIO:
    """A new file with the rights that other new files get."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o666), "wb")


def _put(beside: Path, path: Path, *, replace: bool) -> None:
    if replace:
        beside.replace(path)
        return
    try:
        # Unlike renaming, this fails when a file of that name has come meanwhile.
        path.hardlink_to(beside)
    except FileExistsError as error:
        raise _in_the_way(path) from error
    except OSError as error:
        if os.path.lexists(path):
            raise _in_the_way(path) from error
        beside.replace(path)  # The file system has no links.


def _in_the_way(path: Path) -> ExportError:
    return ExportError(f"{path}: there is such a file already", exists=True)


def _keep_name(folder: Path) -> None:
    """Make the file's name as lasting as the file, where that can be asked for."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
