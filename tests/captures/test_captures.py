"""Paths to captures: what is found where, in which order, of which site, and what is said of the rest."""

from __future__ import annotations

import errno
import io
import json
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reader.captures import NOT_A_CAPTURE, PASSED_OVER, SelectedPaths, read_captures
from reader.model import Capture, Problem
from reader.parsing import parse_capture
from tests.captures.archives import found_at, http, packed, record, zipped
from tests.commands.stage import Run
from tests.parsing.test_sample_data import compared
from tests.paths import SAMPLE_ARCHIVES


def read(*paths: Path | str) -> list[Capture | Problem]:
    return list(read_captures(map(str, paths)))


def captures(*paths: Path | str) -> list[Capture]:
    return [found for found in read(*paths) if isinstance(found, Capture)]


def problems(*paths: Path | str) -> list[Problem]:
    return [found for found in read(*paths) if isinstance(found, Problem)]


def the_problem(path: Path | str, kind: str) -> Problem:
    """The only thing that comes of `path`, of this kind and named by it."""
    (found,) = read(path)
    assert isinstance(found, Problem)
    assert (found.source, found.kind, found.partial) == (str(path), kind, False)
    assert found.reason
    assert not found.reason.endswith(".")
    return found


def watch(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    """The first arguments of all calls to a function of `os` from now on."""
    real, calls = getattr(os, name), []

    def note(first: object, *rest: object) -> object:
        calls.append(first)
        return real(first, *rest)

    monkeypatch.setattr(os, name, note)
    return calls


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text("Fintech\n\nA headline\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


def fill(folder: Path, *names: str) -> None:
    """Pages below `folder`, each holding its own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_a_folder_is_walked_by_name_and_hidden_files_are_read(folder: Path) -> None:
    fill(folder, "b.txt", "a/z.txt", "a/.hidden", "a/m/n/o.txt", "c.d/e", ".x/y.txt", "B.txt")
    texts = [capture.text for capture in captures(folder)]
    assert texts == [".x/y.txt", "B.txt", "a/.hidden", "a/m/n/o.txt", "a/z.txt", "b.txt", "c.d/e"]
    assert problems(folder) == []


def test_captures_come_before_the_whole_tree_was_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(folder, "a.txt", "b/c.txt")
    seen = watch(monkeypatch, "scandir")
    walk = read_captures([str(folder)])
    next(walk)
    assert seen == [str(folder)]
    assert len(list(walk)) == 1
    assert seen == [str(folder), str(folder / "b")]


@pytest.mark.parametrize(
    "name", ["000.txt", "china", "china.2022", "index.php?id=3", "www.protocol.com", "x.TXT", "a b.txt"]
)
def test_names_of_captures_in_a_folder(folder: Path, name: str) -> None:
    fill(folder, name)
    assert read(folder) == [Capture(str(folder / name), name)]


@pytest.mark.parametrize(
    "name",
    [
        "000.json", "README.md", "notes.MD", "README", "readme.txt", "LICENSE", "run.py", ".gitignore", "a.css",
        "robots.txt", "bag-info.txt", ".DS_Store",
    ],
)  # fmt: skip
def test_names_of_other_things_in_a_folder(folder: Path, name: str) -> None:
    fill(folder, name)
    (found,) = problems(folder)
    assert (found.source, found.kind) == (str(folder / name), NOT_A_CAPTURE)
    assert read(folder / name) == [Capture(str(folder / name), name)], "a file that is named is read"


@pytest.mark.parametrize(
    "start",
    [
        "#!/bin/sh\n",
        "\n <!DOCTYPE svg>",
        "<?xml version",
        "WARC/2.0\r\n",
        "\ufeff#!x",
        f"{'9f' * 32}  pages/a.txt\n",
        f"{'9F' * 16} *a.txt\n",
        "BagIt-Version: 0.97\n",
        "User-agent: *\n",
        " CDX N b a m s k r M S V g\n",
        "--2022-05-03 10:00:00--  https://a.example/\n",
        ".:\ntotal 12\n",
        "https://a.example/1\nhttps://a.example/2\n",
    ],
)
def test_starts_of_other_things_in_a_folder(folder: Path, start: str) -> None:
    (folder / "page").write_text(start + " and more", "utf-8", newline="")
    assert [found.kind for found in problems(folder)] == [NOT_A_CAPTURE]
    assert len(captures(folder / "page")) == 1


def test_a_tools_own_folder_is_one_problem(folder: Path) -> None:
    fill(folder, ".git/HEAD", ".git/refs/x", "a.txt")
    assert [found.source for found in problems(folder)] == [str(folder / ".git")]
    assert [capture.text for capture in captures(folder)] == ["a.txt"]


def test_an_empty_folder_is_said_to_be_empty(folder: Path) -> None:
    the_problem(folder, "empty folder")
    (folder / "inner").mkdir()
    assert read(folder) == []


def test_what_is_missing_or_a_link_that_leads_nowhere(tmp_path: Path, page: Path) -> None:
    for name, target in ("dangling", tmp_path / "gone"), ("loop", tmp_path / "loop"), ("device", "/dev/zero"):
        (tmp_path / name).symlink_to(target)
    the_problem(tmp_path / "missing", "missing")
    the_problem(page / "below a file", "missing")
    the_problem(tmp_path / ("n" * 300), "unreadable")
    the_problem(tmp_path / "dangling", "link")
    the_problem(tmp_path / "loop", "link")
    the_problem(tmp_path / "device", "not a file")
    assert [found.source for found in problems("")] == ["''"]
    assert [found.kind for found in problems(f"{tmp_path}/a\0b")] == ["missing"]


def test_devices_pipes_and_sockets_are_not_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)  # The path of a socket may have 107 bytes only.
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        opened = watch(monkeypatch, "open")
        assert (
            "a pipe, not a file; pipe it in and name -" in the_problem(folder / "pipe", "not a file").reason
        )
        assert "socket" in the_problem(folder / "socket", "not a file").reason
        assert "device" in the_problem("/dev/null", "not a file").reason
        assert [found.kind for found in problems(folder)] == ["not a file", "not a file"]
        assert opened == []


@pytest.mark.parametrize("kind", ["not a file", "link"])
def test_a_file_exchanged_for_a_pipe_or_a_link_is_not_opened(
    folder: Path, page: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    fill(folder, "a.txt")
    real_open = os.open

    def exchange(path: str, flags: int) -> int:
        Path(path).unlink()
        os.mkfifo(path) if kind == "not a file" else Path(path).symlink_to(page)
        return real_open(path, flags)

    monkeypatch.setattr(os, "open", exchange)
    assert [found.kind for found in problems(folder)] == [kind]


def test_links_are_followed_when_named_and_skipped_in_folders(
    tmp_path: Path, page: Path, folder: Path
) -> None:
    link, folder_link = tmp_path / "link", tmp_path / "folder link"
    link.symlink_to(page)
    folder_link.symlink_to(folder)
    (folder / "file").symlink_to(page)
    (folder / "folder").symlink_to(folder)
    (folder / "nowhere").symlink_to(folder / "missing")
    assert [(capture.source, capture.text) for capture in captures(link)] == [(str(link), page.read_text())]
    assert captures(folder_link) == []
    assert [(found.source, found.is_skipped) for found in problems(folder)] == [
        (str(folder / name), True) for name in ("file", "folder", "nowhere")
    ]


def test_what_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(folder, "a/x.txt", "b.txt", "c.txt")
    real: dict[str, Callable[..., Any]] = {"open": os.open, "scandir": os.scandir}

    def deny(name: str, path: str, *rest: Any) -> Any:
        if path.endswith(("a", "b.txt")):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real[name](path, *rest)

    for name in real:
        monkeypatch.setattr(os, name, partial(deny, name))
    assert "permi" in the_problem(folder / "b.txt", "unreadable").reason
    assert [(found.source, found.kind) for found in problems(folder)] == [
        (str(folder / name), "unreadable") for name in ("a", "b.txt")
    ]
    assert [capture.text for capture in captures(folder)] == ["c.txt"]


def test_a_file_that_cannot_be_read_to_its_end(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_part = iter([b"the first part"])

    def fail(descriptor: int, most: int) -> bytes:
        for part in first_part:
            return part
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", fail)
    found = found_at(page)
    assert (found.texts, found.kinds) == (["the first part"], [("unreadable", True)])
    assert found.reasons == found.captures[0].partial == the_problem(page, "unreadable").reason


def test_odd_names_are_shown_clean(folder: Path) -> None:
    (folder / "a\x1b[31m\udcff\u202eb").write_text("x")
    (folder / "pipe\x07").symlink_to(folder)
    assert [found.source for found in read(folder)] == [
        f"{folder}/a\\x1b[31m\\xff\\u202eb",
        f"{folder}/pipe\\x07",
    ]


def test_standard_input_is_one_capture_and_read_once(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("A ‘page’".encode())))
    first, given, again = read(page, "-", "-")
    assert (first.source, given) == (str(page), Capture("-", "A ‘page’"))
    assert isinstance(again, Problem)
    monkeypatch.setattr("sys.stdin", None)
    the_problem("-", "missing")


# Pages of one site

URLS = (
    "https://www.protocol.com/a",
    "https://other.example/b",
    "https://protocol.com/c",
    "http://other.example/d",
)


@pytest.fixture
def folder_of_sites(tmp_path: Path) -> Path:
    """Four pages in each of some formats, two of them of another site, and a page of text."""
    records = [record(http(f"Page {url}"), url=url) for url in URLS]
    rows = "".join(json.dumps({"text": f"Row {url}", "url": url}) + "\n" for url in URLS)
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    (tmp_path / "b.warc.gz").write_bytes(packed(records))
    (tmp_path / "c.jsonl").write_text(rows)
    (tmp_path / "d.zip").write_bytes(zipped({"e.jsonl": rows.encode()}))
    (tmp_path / "f.txt").write_text("A page that does not say where it is from")
    return tmp_path


def test_a_site_without_pages_is_a_failure(folder_of_sites: Path, run: Run) -> None:
    status, out, err = run("parse", "--site", "protocl.example", folder_of_sites / "c.jsonl")
    assert (status, out, "no page was found in what was read" in err) == (3, "", True)


@pytest.mark.parametrize("site", ["protocol.com", "PROTOCOL.COM", "https://protocol.com/china?x"])
def test_pages_of_a_site_in_every_format(folder_of_sites: Path, site: str) -> None:
    paths = SelectedPaths([str(folder_of_sites)], site)
    found = list(read_captures(paths))
    captures = [item for item in found if isinstance(item, Capture)]
    assert len(captures) == 4 * 2 + 1
    assert all("other.example" not in (capture.url or "") for capture in captures)
    (skipped,) = (item for item in found if isinstance(item, Problem))
    assert skipped == Problem(
        "--site protocol.com", PASSED_OVER, "8 pages of other sites skipped", partial=True
    )
    assert found == [*captures, skipped]
    assert len(list(read_captures([str(folder_of_sites)]))) == 4 * 4 + 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://other.example/a",
        "https://user@other.example/a",
        "https://other.example:x/a",
        "https://other.example/a\\b",
        "https://other.example/" + "a" * 9_000,
    ],
)
def test_a_faulty_address_says_that_a_page_is_of_another_site(tmp_path: Path, url: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Words", "url": url}))
    (skipped,) = read_captures(SelectedPaths([str(tmp_path / "a.jsonl")], "protocol.com"))
    assert isinstance(skipped, Problem)
    assert skipped.reason == "1 page of another site skipped"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "Words", "url": "{}"}\n'),
        ("a.html", "<!-- saved from url=(0099){} --><html><p>Words</p></html>"),
        ("a.html", '<html><head><link rel="canonical" href="{}"></head><p>Words</p></html>'),
    ],
)
def test_an_archived_page_is_of_its_original_site_and_captured_when_its_address_says(
    tmp_path: Path, name: str, content: str
) -> None:
    archived = "https://web.archive.org/web/{}id_/https://www.protocol.com/a"
    times = {"20220503101112": "2022-05-03T10:11:12Z", "2022050310": "2022-05-03", "2022": None}
    for digits, captured in times.items():
        url = archived.format(digits)
        (tmp_path / name).write_text(content.replace("{}", url))
        (page,) = read_captures(SelectedPaths([str(tmp_path / name)], "protocol.com"))
        assert isinstance(page, Capture)
        assert (page.url, page.captured) == (url, captured)


@pytest.mark.parametrize("site", ["", " ", "a b", "http://", "ftp://protocol.com", "protocol.com\u202e"])
def test_what_is_no_site(site: str, run: Run) -> None:
    done = run("parse", "--site", site, "x.txt")
    assert (done.status, "not a site" in done.err) == (2, True)


# The samples of crawls


@pytest.mark.parametrize("sample", SAMPLE_ARCHIVES, ids=lambda path: path.name)
def test_the_pages_of_a_sample_are_the_expected_ones(sample: Path) -> None:
    expected = json.loads(SAMPLE_ARCHIVES[sample].read_text("utf-8"))["pages"]
    found = list(read_captures([str(sample)]))
    pages = [parse_capture(item) for item in found if isinstance(item, Capture)]
    assert len(pages) == len(found) == len(expected)
    for page, want in zip(pages, expected, strict=True):
        have = page.to_json()
        assert (have["url"], have["captured"]) == (want["url"], want["captured"])
        assert have["furniture"] == want["furniture"]
        assert compared(have["articles"]) == compared(want["articles"]), page.source
