"""Captures and shards on remote storage, for which the file system of fsspec itself stands, and its memory."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import fsspec
import pytest

from reader import shards
from reader.captures import read_captures
from reader.cli import main
from reader.model import Capture, Problem
from reader.shards import UNFINISHED, ShardFolder, ShardOptions, plan
from tests.captures.archives import found_at
from tests.commands.stage import Run
from tests.paths import put
from tests.shards.shard_stage import make, pile, shards_in


@pytest.fixture
def memory() -> Iterator[str]:
    """An empty bucket in this process's memory."""
    storage = fsspec.filesystem("memory")
    storage.store.clear()
    storage.pseudo_dirs[:] = [""]
    yield "memory://bucket"
    storage.store.clear()
    storage.pseudo_dirs[:] = [""]


def fill(url: str, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        fsspec.filesystem("memory").pipe(f"{url.removeprefix('memory:/')}/{name}", data)


def names(items: list[Capture | Problem]) -> list[tuple[str, str]]:
    return [(item.source, item.text if isinstance(item, Capture) else item.kind) for item in items]


class TestReading:
    def test_a_folder_is_read_in_order_with_its_folders(self, memory: str) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inside.txt", "In an archive.")
        files = {
            "crawl/b/1.txt": b"Second.",
            "crawl/a.txt": b"First.",
            "crawl/c.txt.gz": gzip.compress(b"Third."),
            "crawl/d.zip": packed.getvalue(),
            "crawl/.git/config": b"Not looked at.",
            "crawl/tool.py": b"print()",
            "other.txt": b"Not asked for.",
        }
        fill(memory, files)
        assert names(list(read_captures([f"{memory}/crawl"]))) == [
            (f"{memory}/crawl/.git", "not a capture"),
            (f"{memory}/crawl/a.txt", "First."),
            (f"{memory}/crawl/b/1.txt", "Second."),
            (f"{memory}/crawl/c.txt.gz", "Third."),
            (f"{memory}/crawl/d.zip/inside.txt", "In an archive."),
            (f"{memory}/crawl/tool.py", "not a capture"),
        ]
        # A file that is named is read whatever it is called.
        assert names(list(read_captures([f"{memory}/crawl/tool.py"]))) == [
            (f"{memory}/crawl/tool.py", "print()")
        ]

    def test_the_links_of_a_page_on_the_web_are_not_followed(self, tmp_path: Path) -> None:
        pytest.importorskip("aiohttp", reason="needs the extra `web`")
        put(tmp_path / "page.html", "<p>A page.</p><a href='page.html/other.html'>Another</a>")
        handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            Thread(target=server.serve_forever).start()
            try:
                url = f"http://127.0.0.1:{server.server_address[1]}/page.html"
                (capture,) = found_at(url).captures
            finally:
                server.shutdown()
        assert (capture.source, capture.text.split()) == (url, ["A", "page.", "Another"])

    def test_links_in_folders_are_not_followed(self, tmp_path: Path) -> None:
        put(tmp_path / "in" / "a.txt", "A page.")
        (tmp_path / "in" / "again").symlink_to(tmp_path / "in")
        found = found_at(f"file://{tmp_path}/in")
        assert (found.texts, found.kinds) == (["A page."], [("not a capture", False)])

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("s3://bucket/crawl", "pip install s3fs"),
            ("gs://bucket/crawl", "pip install gcsfs"),
            ("nosuch://bucket", "nosuch"),
            ("memory://bucket/gone", "no such file or folder"),
            ("simplecache::s3://bucket", "not supported"),
            ("ftp://somebody:secret@archive.example/crawl", "a password is not supported"),
        ],
    )
    def test_a_storage_that_cannot_be_opened(self, url: str, says: str) -> None:
        assert says in found_at(url).reasons

    def test_a_read_that_fails_is_a_problem(self, memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
        fill(memory, {"a.txt": b"A page."})

        def fails(*_: object) -> bytes:
            raise RuntimeError("the line is dead")

        monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.read", fails)
        found = found_at(f"{memory}/a.txt")
        assert (found.kinds, "the line is dead" in found.reasons) == ([("unreadable", False)], True)


class TestShards:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(shards, "_MOST_FILES", 8)
        monkeypatch.setattr(shards, "_USUAL_FILES", 1 << 32)
        return pile(tmp_path / "pile", 16)

    def test_shards_on_remote_storage_are_those_of_a_folder(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = ["parse", str(folder), "--format", "parquet"]
        for into in f"{tmp_path}/one", f"file://{tmp_path}/two":
            assert main([*words, "--into", into, "--jobs", "1"]) == 1
        one, two = (shards_in(tmp_path / name) for name in ("one", "two"))
        assert one == two
        assert len(one) == 3
        assert not any(UNFINISHED in name for name in one)
        capsys.readouterr()
        assert main([*words, "--into", f"file://{tmp_path}/two", "--jobs", "1"]) == 1
        assert "3: 0 new, 3 there already" in capsys.readouterr().out

    def test_a_shard_is_made_again_when_its_file_changes(self, memory: str) -> None:
        fill(memory, {"in/a.txt": b"A page."})
        (before,) = plan([f"{memory}/in"], ShardOptions("jsonl.gz"))
        assert list(plan([f"{memory}/in"], ShardOptions("jsonl.gz"))) == [before]
        fill(memory, {"in/a.txt": b"Another page."})
        (after,) = plan([f"{memory}/in"], ShardOptions("jsonl.gz"))
        assert after.identity != before.identity

    def test_a_shard_gets_its_name_when_it_is_whole(
        self, memory: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(memory, {"in/a.txt": b"A page."})
        (task,) = plan([f"{memory}/in"], ShardOptions("jsonl.gz"))
        folder = ShardFolder(f"{memory}/out")
        with monkeypatch.context() as patch:
            patch.setattr(fsspec.filesystem("memory"), "mv", lambda *_: 1 / 0)
            with pytest.raises(OSError, match="division"):
                make(task, f"{memory}/out")
        assert not folder.has(task.shard_name())
        made = make(task, f"{memory}/out")
        assert folder.has(made.name)
        assert found_at(f"{memory}/out").texts == ["A page."]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["parse", "--into", "s3://bucket/shards", "pile"], 3, "pip install s3fs"),
        (["parse", "s3://bucket/crawl"], 3, "pip install s3fs"),
        (["parse", "--into", "out", "s3://bucket/crawl"], 1, "pip install s3fs"),
        (["parse", "--into", "memory://a/b", "memory://a"], 3, "lies in memory://a"),
        (["add", "https://site.example/a.html"], 3, "“protocol-reader fetch” gets pages"),
        (["add", "s3://bucket/crawl"], 3, "only “parse” reads and writes remote storage"),
        (["s3://bucket/crawl"], 3, "only “parse” reads and writes remote storage"),
        (["serve", "s3://bucket/crawl"], 3, "only “parse” reads and writes remote storage"),
        (["export", "--output", "s3://bucket/a.md"], 2, "only “parse” reads and writes remote storage"),
        (["stats", "--library", "s3://bucket/library.db"], 2, "only “parse” reads and writes remote storage"),
        (["backup", "s3://bucket/library.db"], 2, "only “parse” reads and writes remote storage"),
    ],
)
def test_a_url_is_never_a_local_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, words: list[str], status: int, says: str
) -> None:
    put(tmp_path / "pile" / "a.txt", "A page.")
    monkeypatch.chdir(tmp_path)
    done = run(*words)
    assert (done.status, says in " ".join(done.err.split())) == (status, True)
    assert set(os.listdir(tmp_path)) <= {"pile", "out"}  # noqa: PTH208


def test_nor_is_a_library_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    path = put(tmp_path / "a.txt", "A page.")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROTOCOL_READER_LIBRARY", "s3://bucket/library.db")
    done = run("add", path)
    assert (done.status != 0, "a library must be a file on this machine" in done.err) == (True, True)
    assert os.listdir(tmp_path) == ["a.txt"]  # noqa: PTH208
