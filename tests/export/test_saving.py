"""Exports as files: whole or not at all, and nothing overwritten unasked."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from reader.errors import ExportError
from reader.export.formats import save, save_each, save_export, title_file_name
from reader.export.items import ExportItem
from tests.export.stage import FORMS, ITEMS, an_export, an_item
from tests.generated import an_article

MARKDOWN = FORMS["markdown"]
EXPORT = an_export(ITEMS)


def fail(error: ExportError) -> None:
    pytest.fail(str(error))


def hello(out: BinaryIO) -> None:
    out.write(b"hello")


def test_a_new_file_is_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    existed: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda _: existed.append(path.exists()))
    before = os.umask(0o027)
    try:
        save(path, hello)
    finally:
        os.umask(before)
    assert (path.read_bytes(), existed) == (b"hello", [False])
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_comes_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.md"

    def slowly(out: BinaryIO) -> None:
        path.write_text("mine")
        hello(out)

    with pytest.raises(ExportError) as caught:
        save(path, slowly)
    assert caught.value.existing == 1
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_where_there_are_no_links_a_file_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    path = tmp_path / "a.md"
    save(path, hello)
    assert path.read_text() == "hello"
    with pytest.raises(ExportError):
        save(path, hello)


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_what_breaks_off_leaves_nothing(tmp_path: Path, failure: BaseException) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")

    def broken(out: BinaryIO) -> None:
        hello(out)
        raise failure

    with pytest.raises(
        (KeyboardInterrupt, ExportError), match=r"^$|a\.md: it cannot be written \(No space left"
    ):
        save(path, broken, replace=True)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_and_a_pipe_are_written_to(tmp_path: Path) -> None:
    save_export(os.devnull, EXPORT, FORMS["epub"], report=fail)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        save(path, hello)
        assert os.read(reader, 10) == b"hello"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_what_it_leads_to_is_replaced_and_folders_are_made(tmp_path: Path) -> None:
    target, link = tmp_path / "there" / "mine", tmp_path / "a.md"
    target.parent.mkdir()
    target.write_text("mine")
    link.symlink_to(target)
    with pytest.raises(ExportError):
        save(link, hello)
    save(link, hello, replace=True)
    assert (target.read_text(), link.read_text(), link.is_symlink()) == ("hello", "hello", True)
    with pytest.raises(ExportError, match="that is not a file"):
        save(tmp_path, hello, replace=True)
    with pytest.raises(ExportError, match="it cannot be written"):
        save(link / "b.md", hello)
    save(tmp_path / "new" / "folder" / "a.md", hello)
    assert (tmp_path / "new" / "folder" / "a.md").read_text() == "hello"
    save(tmp_path / "other" / ".." / "b.md", hello)
    assert (tmp_path / "b.md").read_text() == "hello"


# A file an article


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_gets_a_file_an_article(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    seen: list[int] = []

    def several() -> Iterator[ExportItem]:
        for one in ITEMS:
            seen.append(len(list(folder.glob("*"))))
            yield one

    save_each(folder, an_export(several()), MARKDOWN, report=fail)
    assert seen == [0, 1, 2], "articles are asked for one at a time"
    assert names(folder)[1:] == ["2021-03-04 The lettuce on the roof.md", "Payments are faster.md"]
    assert re.match(r"2021-03-04 Nobody has weighed it yet \d+ ", names(folder)[0])
    assert (folder / names(folder)[2]).read_text("utf-8").startswith('---\ntitle: "Payments are faster"\n')


def test_a_full_disk_is_reported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        if names(tmp_path)[1:]:  # the first file, and the one that is being written
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    told: list[ExportError] = []
    save_each(tmp_path, EXPORT, MARKDOWN, report=told.append)
    assert len(names(tmp_path)) == 1
    (error,) = told
    sentence = str(error)
    assert "No space left on device" in sentence
    assert "the articles after this one were not written" in sentence


def test_titles_make_safe_names_which_are_told_apart(tmp_path: Path) -> None:
    same = [an_item(an_article(headline=title)) for title in ("Café", "CAFE\u0301", "café")]
    save_each(tmp_path / "same", an_export(same), MARKDOWN, report=fail)
    assert len(names(tmp_path / "same")) == 3
    assert f"2021-03-04 café ({same[2].id[:8]}).md" in names(tmp_path / "same")
    for number, title in enumerate(("../../etc/passwd", "/", "..", "con", "-rf", "字" * 300, "“Why?”", "…")):
        folder = tmp_path / str(number)
        one = an_item(an_article(headline=title, published=None))
        save_each(folder, an_export([one, one]), MARKDOWN, report=fail)
        assert len(names(folder)) == 2
        assert all(name.endswith(".md") and len(name.encode()) <= 200 for name in names(folder))
        assert not [name for name in names(folder) if name.startswith((".", "-"))]
        assert title_file_name(title, ".md") in names(folder)
