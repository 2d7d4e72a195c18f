"""Files that are no captures are named as what they are; those in folders are no failure."""

from __future__ import annotations

import io
import mailbox
import sqlite3
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from reader.captures import NOT_A_CAPTURE
from reader.library import Library
from tests.captures.archives import PAGE, found_at, read, tarred, zipped
from tests.commands.stage import Run


def _zip_of(first: str, content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(first), content)
        archive.writestr(zipfile.ZipInfo("text.html"), "<html><p>A chapter.")
    return out.getvalue()


FOREIGN = {
    "a PDF document": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "a rich text document": b"{\\rtf1\\ansi A page.}",
    "a ZIM archive": b"ZIM\x04" + bytes(76),
    "a PNG picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a picture, sound or video file": b"RIFF\x24\0\0\0WEBPVP8 ",
    "a picture or video file": b"\0\0\0\x20ftypisom" + bytes(20),
    "a font": b"wOF2\0\1\0\0",
    "a program": b"\x7fELF\2\1\1",
    "an EPUB book": _zip_of("mimetype", "application/epub+zip"),
    "an Office document": _zip_of("[Content_Types].xml", "<Types/>"),
    "a macOS folder view": b"\0\0\0\1Bud1\0\0\x10\0" + bytes(24),
    "the macOS metadata of another file": b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(60),
    "an editor's swap file": b"b0VIM 9.1\0\0\0\0\0\x10\0\0" + bytes(60),
    "an OpenDocument file": _zip_of("mimetype", "application/vnd.oasis.opendocument.text"),
}


@pytest.mark.parametrize(("kind", "data"), FOREIGN.items(), ids=FOREIGN)
def test_a_foreign_file_is_a_failure_only_if_the_user_names_it(
    tmp_path: Path, kind: str, data: bytes
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    named, in_folder = read(folder / "file", data), found_at(folder)
    assert (named.captures, named.kinds) == ([], [("binary", False)])
    assert in_folder.kinds == [(NOT_A_CAPTURE, False)]
    assert named.reasons.startswith(kind)
    assert in_folder.reasons.startswith(kind)
    for pack in zipped, tarred:
        found = read(tmp_path / "pages", pack({"a.txt": PAGE.encode(), "b": data}))
        assert (found.texts, [kind for kind, _ in found.kinds]) == ([PAGE], [NOT_A_CAPTURE])


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        (
            "pages.csv",
            'url,text\nhttps://protocol.example/a,"The harbour, again\n\nIt reopened."\n',
            "a table",
        ),
        ("pages.CSV", '\ufeff"url";"text"\r\n"https://protocol.example/a";"The harbour"\r\n', "a table"),
        ("pages.tsv", "\ttext\n0\tThe harbour\n", "a table"),
        ("pages.ipynb", '{"cells": [{"cell_type": "raw", "source": ["The harbour"]}]}', "a notebook"),
    ],
)
def test_a_table_or_notebook_says_what_to_do(tmp_path: Path, name: str, content: str, kind: str) -> None:
    found = read(tmp_path / name, content.encode())
    assert found.kinds == [("no page", False)]
    assert found.reasons == (
        f"{kind}, not a capture; convert it to JSON Lines or Parquet with a page in each row;"
        " see “protocol-reader help captures”"
    )
    assert found_at(tmp_path).kinds == [(NOT_A_CAPTURE, False)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.csv", "The harbour\n\nIt reopened, at last."),
        ("page.csv", PAGE),
        ("page.txt", "From Oslo Mon\n\nA page."),
        ("page.txt", "MZ is a band.\n"),
        ("page.txt", "ID3 tags, explained\n"),
        ("page.txt", "PK is a nickname.\n"),
    ],
)
def test_a_page_that_only_looks_like_a_foreign_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path / name, text.encode()).texts == [text]


def test_the_copy_that_an_editor_leaves_is_read_only_when_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt~").write_text(PAGE)
    found = found_at(tmp_path)
    assert (found.texts, found.kinds) == ([], [(NOT_A_CAPTURE, False)])
    assert found_at(tmp_path / "a.txt~").texts == [PAGE]


def test_a_mailbox_and_a_database_as_python_writes_them(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "The harbour"
    message.set_content("It reopened on Monday.")
    box = mailbox.mbox(tmp_path / "mail")
    box.add(mailbox.mboxMessage(message))
    box.close()
    with sqlite3.connect(tmp_path / "data") as database:
        database.execute("CREATE TABLE pages (text)")
    database.close()
    assert found_at(tmp_path / "mail").reasons.startswith("a mailbox of messages")
    assert found_at(tmp_path / "data").reasons.startswith("an SQLite database")
    Library.open(tmp_path / "library").close()
    library = found_at(tmp_path / "library").reasons
    assert library == "a library of Protocol Reader, not a capture; open it with --library FILE"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("a RAR archive", b"Rar!\x1a\x07\1\0"),
        ("a 7z archive", b"7z\xbc\xaf\x27\x1c\0\4"),
    ],
)
def test_an_archive_of_another_kind_is_a_failure_wherever_it_is(
    tmp_path: Path, kind: str, data: bytes
) -> None:
    """It may contain captures."""
    assert read(tmp_path / "pages", data).reasons == f"{kind}, which cannot be opened here; unpack it first"
    assert read(tmp_path / "pages.zip", zipped({"a": data})).kinds == [("packed", False)]


class TestSavedPages:
    """A page and the folder that a browser saves beside it."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "Story.html").write_text("<html><body><h1>The harbour</h1><p>It reopened.</p>")
        beside = tmp_path / "Story_files"
        beside.mkdir()
        (beside / "photo.png").write_bytes(FOREIGN["a PNG picture"])
        (beside / "style.css").write_text("p { margin: 0 }")
        (beside / "saved_resource.html").write_text("<html><body><p>An advert</p>")
        return tmp_path

    @pytest.mark.parametrize("scheme", ["", "file://"])
    def test_the_page_is_all_there_is(self, folder: Path, scheme: str, run: Run) -> None:
        status, out, err = run("parse", f"{scheme}{folder}")
        assert (status, out.count("\n"), err) == (0, 1, "")
        assert "The harbour" in out

    def test_the_page_is_all_there_is_in_a_zip(self, folder: Path, tmp_path: Path) -> None:
        files = [path for path in folder.rglob("*") if path.is_file()]
        packed = zipped({f"saved/{path.relative_to(folder)}": path.read_bytes() for path in files})
        found = read(tmp_path / "pages.zip", packed)
        assert (len(found.captures), found.problems) == (1, [])

    def test_a_page_that_single_file_zipped(self, tmp_path: Path) -> None:
        files = {
            "manifest.json": b'{"indexFilename": "index.html"}',
            "index.html": b"<html><p>The harbour</p>",
            "images/1.png": FOREIGN["a PNG picture"],
            "frames/0/index.html": b"<html><p>An advert</p>",
        }
        for before in b"", b"<!DOCTYPE html> <html data-sfz><title></title><p>Please wait...<!--":
            found = read(tmp_path / "page.html", before + zipped(files))
            assert (found.texts, found.problems) == (["The harbour"], [])
        several = read(tmp_path / "pages.zip", zipped({**files, "other.html": b"<html><p>Another</p>"}))
        assert several.texts == ["The harbour", "An advert", "Another"]
