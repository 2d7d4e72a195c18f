"""The export formats, by name. Exports are saved as files, completely or not at all.

Nothing is overwritten without permission.
"""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from secrets import token_hex
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO, Final, NamedTuple

from reader.errors import ExportError
from reader.export import citations, data, documents
from reader.export.epub import write_book
from reader.export.items import Export, ExportItem
from reader.permissions import Permission, require
from reader.sanitize import clean_filename, label_of

_TITLE_BYTES: Final = 120
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
Write = Callable[[Export, BinaryIO], None]


class Format(NamedTuple):
    """A format of exports."""

    name: str
    label: str
    purpose: str
    suffix: str
    write: Write
    """Writes an export, text as UTF-8, item by item."""
    single_suffix: str = ""
    """The suffix of a file with one article; "" if the format has no such files."""
    is_text: bool = True
    """True if it can be printed to a terminal."""

    def ending(self, name: str) -> str:
        """The suffix of this format that a file name ends with, as it is written there; "" if it has none."""
        suffixes = filter(name.lower().endswith, (self.suffix, self.single_suffix))
        return name[len(name) - len(max(suffixes, key=len, default="")) :]


def _stream(render: Callable[[Export], Iterator[str]]) -> Write:
    def write(export: Export, out: BinaryIO) -> None:
        for part in render(export):
            out.write(part.encode())

    return write


def _each(render: Callable[[ExportItem], str], between: str = "\n") -> Write:
    """Write what `render` makes of each item, with `between` before all but the first."""

    def write(export: Export, out: BinaryIO) -> None:
        for number, item in enumerate(export.items):
            out.write(((between if number else "") + render(item)).encode())

    return write


FORMATS: Final = (
    Format("markdown", "Markdown", "notes and websites", ".md", _stream(documents.markdown), ".md"),
    Format(
        "text",
        "Plain text",
        "any editor, or mail",
        ".txt",
        _each(documents.item_text, documents.BETWEEN),
        ".txt",
    ),
    Format("html", "HTML", "one web page, for any browser", ".html", _stream(documents.web_page), ".html"),
    Format("epub", "EPUB", "a book with a chapter per section", ".epub", write_book, is_text=False),
    Format(
        "json", "JSON", "for programs, one article per line", ".jsonl", _each(data.article_json, ""), ".json"
    ),
    Format("csv", "CSV", "a spreadsheet, one article per row", ".csv", _stream(data.csv_table)),
    Format("parquet", "Parquet", "pandas, DuckDB, Spark", ".parquet", data.parquet, is_text=False),
    Format("sqlite", "SQLite", "SQL, datasette", ".sqlite", data.plain_database, is_text=False),
    Format("atom", "Atom", "news readers", ".atom", _stream(documents.atom)),
    Format("json-feed", "JSON Feed", "news readers", ".feed.json", _stream(documents.json_feed)),
    Format("bibtex", "BibTeX", "citations for LaTeX", ".bib", _each(citations.bibtex_entry)),
    Format(
        "ris",
        "RIS",
        "citations for reference managers",
        ".ris",
        _each(citations.ris_record, "\r\n"),
    ),
    Format(
        "csl-json", "CSL-JSON", "citations for Pandoc and Zotero", ".csl.json", _stream(citations.csl_json)
    ),
)
"""Every format of articles, in the order in which they are offered."""

OPENING_LIST: Final = Format("text", "Text", "for reading", ".txt", _each(documents.opening_text))
"""How a list of stories of which only the opening is known is printed."""

OPENING_FORMATS: Final = (
    Format("csv", "CSV", "a spreadsheet, one story per row", ".csv", _stream(data.openings_csv)),
    Format(
        "json", "JSON", "for programs, one line per story", ".jsonl", _each(data.opening_json, ""), ".json"
    ),
)
"""The formats for a list of stories of which only the opening is known."""

NOTE_LIST: Final = Format("text", "Text", "for reading", ".txt", _each(documents.notes_text))
"""How highlights, notes and tags are printed."""

NOTE_FORMATS: Final = (
    Format("markdown", "Markdown", "Obsidian, Logseq, Zotero", ".md", _each(documents.notes_markdown), ".md"),
    Format(
        "json", "JSON", "for programs, one line per article", ".jsonl", _each(data.notes_json, ""), ".json"
    ),
    Format("csv", "CSV", "a spreadsheet, one row per highlight or note", ".csv", _stream(data.notes_csv)),
)


def format_of_file(name: str, formats: Iterable[Format] = FORMATS) -> Format | None:
    """The format whose suffix a file name ends with; the longest suffix decides. None if there is none."""
    endings = {form: len(form.ending(name)) for form in formats}
    form = max(endings, key=endings.__getitem__)
    return form if endings[form] else None


def format_suffix(name: str) -> str:
    """The end of a file name that names a format, as it is written there; "" if there is none."""
    return max((form.ending(name) for form in FORMATS), key=len)


def is_folder(output: str) -> bool:
    """Return whether an output is an existing folder, or ends in a slash."""
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def save_export(
    output: str,
    export: Export,
    form: Format,
    *,
    replace: bool = False,
    report: Callable[[ExportError], object],
) -> tuple[int, str]:
    """Save the items in one file, or one each in a folder, as `output` says; see `save` and `save_each`.

    Return how many were saved, and where, safe to show: the only file that was saved in a folder, else `output`.
    """
    if is_folder(output):
        if not form.single_suffix:
            raise ExportError(f"{output}: {form.label} is written to a single file, not to a folder")
        paths = save_each(Path(output), export, form, replace=replace, report=report)
        return len(paths), label_of(str(paths[0]) if len(paths) == 1 else output)
    count = 0

    def counted() -> Iterator[ExportItem]:
        nonlocal count
        for item in export.items:
            count += 1
            yield item

    save(Path(output), partial(form.write, export._replace(items=counted())), replace=replace)
    return count, label_of(output)


def save(path: Path, fill: Callable[[BinaryIO], object], *, replace: bool = False) -> None:
    """Let `fill` write a file, and move it to `path`, whose folder is created; write to a device or a pipe directly.

    Raises ExportError and leaves nothing behind if that fails. An existing file stays unless `replace` is set;
    ExportError.existing then counts it. A link stays, and its target is replaced. A library is never replaced. Raises
    NotPermittedError where files may not be written.
    """
    require(Permission.WRITE_FILES)
    try:
        if path.is_char_device() or path.is_fifo():
            with TemporaryFile() as file:  # A book cannot be written to a device, which has no positions.
                fill(file)
                file.seek(0)
                with path.open("wb") as out:
                    copyfileobj(file, out)
        elif path.exists() and not path.is_file():
            raise ExportError(f"{path}: that is not a file; name another")
        elif _belongs_to_library(Path(os.path.realpath(path))):
            raise ExportError(
                f"{path}: this belongs to a library of Protocol Reader, which no export replaces; choose another name"
            )
        elif not replace and os.path.lexists(path):
            raise _exists(path)
        else:
            if not path.parent.exists():
                path.parent.mkdir(parents=True, exist_ok=True)  # “new/..” exists once “new” is made
            _save_file(Path(os.path.realpath(path)) if path.is_symlink() else path, fill, replace=replace)
    except OSError as error:
        raise ExportError(f"{path}: it cannot be written ({error.strerror or error})") from error


def _belongs_to_library(path: Path) -> bool:
    """Is this file a library, or does SQLite keep it beside one?"""
    beside = Path(re.sub(r"-(wal|shm)$", "", str(path)))
    return any(file.is_file() and data.is_library(file) for file in (path, beside))


def _save_file(path: Path, fill: Callable[[BinaryIO], object], *, replace: bool) -> None:
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
    finally:
        with suppress(OSError):
            temporary.unlink()


def save_each(
    folder: Path,
    export: Export,
    form: Format,
    *,
    replace: bool = False,
    report: Callable[[ExportError], object],
) -> list[Path]:
    """Save every item in a file of its own in `folder`, which is created; return the files that were saved.

    A file that cannot be written is reported, those that exist already together, and the others are written, except on
    a full disk. Raises ExportError if the folder cannot be created, NotPermittedError where files may not be written.
    """
    require(Permission.WRITE_FILES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: the folder cannot be made ({error.strerror or error})") from error
    used: set[str] = set()
    existing: list[ExportError] = []
    saved: list[Path] = []
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
            saved.append(folder / name)
        except ExportError as error:
            if error.existing:
                existing.append(error)
            elif isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                report(ExportError(f"{error}; free some space: the articles after this one were not written"))
                return saved
            else:
                report(error)
    if len(existing) == 1:
        report(existing[0])
    elif existing:
        sentence = f"{folder}: {len(existing):,} files with these names exist already"
        report(ExportError(sentence, existing=len(existing)))
    return saved


def title_file_name(title: str, suffix: str) -> str:
    """A safe file name made of a title."""
    return clean_filename(f"{_short_title(title)}{suffix}")


def _folded(name: str) -> str:
    """The name for comparison, because some file systems ignore case and the form of accents."""
    return unicodedata.normalize("NFKD", name).casefold()


def _short_title(title: str) -> str:
    name = clean_filename(re.sub(r"[“”\"]|:(?= )", "", title))
    return name.encode()[:_TITLE_BYTES].decode("utf-8", "ignore").rstrip(" .…") or "untitled"


def _exists(path: Path) -> ExportError:
    return ExportError(f"{path}: a file with this name exists already", existing=1)
