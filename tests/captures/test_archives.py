"""Zip and tar: members as files in a folder are, and what is saved of archives that lie, end early or are bombs."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reader.captures import NOT_A_CAPTURE, read_captures
from reader.model import Capture, Problem
from tests.captures.archives import GROWTH, PAGE, Found, flips, found_at, read, tarred, text_of, zipped

FILES = {f"pages/{n}.txt": text_of(n).encode() for n in range(5)}
TEXTS = [text_of(n) for n in range(5)]
FORMS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pages.zip"


@pytest.mark.parametrize(
    "pack",
    [
        zipped,
        lambda files: zipped(files, zipfile.ZIP_STORED),
        lambda files: zipped(files, zipfile.ZIP_BZIP2),
        lambda files: zipped(files, zipfile.ZIP_LZMA),
        tarred,
        lambda files: b"#!/bin/sh\n" + zipped(files),  # As installers are; its name says zip.
    ],
)
def test_members_are_read_as_files_in_a_folder_are(
    file: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    files = {
        **FILES,
        "notes.md": b"no capture",
        "page.txt.gz": gzip.compress(PAGE.encode()),
        "rows.jsonl": json.dumps({"text": "A row"}).encode(),
        "__MACOSX/._x": b"x",
        "folder/": b"",
        "binary": b"\0\1",
    }
    found = read(file, pack(files))
    assert found.texts == [*TEXTS, PAGE, "A row"]
    assert found.sources == [*(f"/{name}" for name in FILES), "/page.txt.gz", "/rows.jsonl:1"]
    assert [kind for kind, _ in found.kinds] == [NOT_A_CAPTURE, NOT_A_CAPTURE, "binary"]


def test_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(zipped(FILES))))
    found = found_at("-")
    assert found.texts == TEXTS
    assert found.sources[0] == "/pages/0.txt"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "..\\..\\etc\\passwd", "a/../../b", "\x1b[31m\x07", "\u202egpj.exe",
        "..",
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_odd_names_are_shown_clean(file: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]) -> None:
    found = read(file, pack({name: b"A page"}))
    assert found.texts == ["A page"]
    assert ".." not in found.sources[0].split("/")
    assert found.captures[0].source.isprintable()


def test_archives_in_archives(file: Path) -> None:
    inner = zipped(FILES)
    assert read(file, zipped({"a.zip": inner})).texts == TEXTS
    assert read(file, tarred({"a.zip": inner, "b.tar.gz": gzip.compress(tarred(FILES))})).texts == TEXTS * 2
    found = read(file, zipped({"b.zip": zipped({"a.zip": inner}), "c.txt": b"A page"}))
    assert (found.texts, found.kinds) == (["A page"], [("nested", False)])
    found = read(file, tarred({"b.tar": tarred({"a.tar": tarred(FILES)}), "c.txt": b"A page"}))
    assert (found.texts, found.kinds) == (["A page"], [("nested", False)])


@pytest.mark.parametrize("data", [zipped({}), zipped({"a/": b""}), tarred({"a/": b""})])
def test_an_empty_archive_says_so(file: Path, data: bytes) -> None:
    found = read(file, data)
    assert found.captures == []
    assert [kind for kind, _ in found.kinds] == ["empty archive"]


def read_measured(file: Path, data: bytes) -> tuple[Found, int]:
    """Read, and return the most bytes of memory that this took, too."""
    tracemalloc.start()
    try:
        return read(file, data), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestZip:
    def changed(self, **fields: int) -> bytes:
        """The archive with fields of one member's entry in the directory, and of its local header, changed."""
        data, name = bytearray(zipped(FILES)), b"pages/2.txt"
        entry = data.index(name, data.index(b"PK\x01\x02")) - 46
        local = data.index(name) - 30
        places = {
            "flags": (8, 6, "<H"),
            "method": (10, 8, "<H"),
            "crc": (16, 14, "<L"),
            "size": (24, 22, "<L"),
        }
        for field, value in fields.items():
            if field == "mode":
                struct.pack_into("<L", data, entry + 38, value << 16)
                continue
            in_entry, in_local, form = places[field]
            struct.pack_into(form, data, entry + in_entry, value)
            struct.pack_into(form, data, local + in_local, value)
        return bytes(data)

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"flags": 1}, ("encrypted", True)),
            ({"method": 97}, ("packed", False)),
            ({"mode": 0o120777}, ("link", True)),
        ],
    )
    def test_members_that_are_not_read(
        self, file: Path, fields: dict[str, int], problem: tuple[str, bool]
    ) -> None:
        found = read(file, self.changed(**fields))
        assert found.texts == [text for n, text in enumerate(TEXTS) if n != 2]
        assert found.kinds == [problem]
        assert "pages/2.txt" in found.problems[0].source + found.reasons

    @pytest.mark.parametrize("size", [3, 1 << 31])
    def test_a_size_that_lies_costs_nothing(self, file: Path, size: int) -> None:
        assert read(file, self.changed(size=size)).texts == TEXTS

    def test_a_wrong_checksum_is_named(self, file: Path) -> None:
        found = read(file, self.changed(crc=7))
        assert found.texts == TEXTS
        assert [bool(capture.partial) for capture in found.captures] == [n == 2 for n in range(5)]
        assert found.kinds == [("damaged", True)]

    @pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    def test_a_bomb_is_cut_off_and_takes_little_memory(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, method: int
    ) -> None:
        monkeypatch.setattr("reader.captures.pages.MAX_CAPTURE", 1 << 20)
        data = zipped({**FILES, "bomb.txt": b"a" * (24 << 20), "last.txt": b"A page"}, method)
        found, most = read_measured(file, data)
        assert [*found.texts[:5], *found.texts[6:]] == [*TEXTS, "A page"]
        assert len(found.texts[5]) <= 1 << 20
        assert found.kinds == [("too large", True)]
        assert most < 22 << 20

    def test_a_bomb_of_many_small_members(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reader.captures.archives.FREE_BYTES", 1 << 20)
        # Each may unpack to a thousand times its size, but not all of them.
        found = read(file, zipped({f"{n}.txt": b"a" * 1_000_000 for n in range(20)}))
        assert 1 <= len(found.texts) < 10
        assert found.kinds == [("too large", True)]

    def test_damage_costs_its_member_and_without_its_directory_an_archive_is_named(
        self, file: Path, thorough: bool
    ) -> None:
        data = zipped({f"{n}.txt": text_of(n, 5).encode() for n in range(3)})
        directory = data.index(b"PK\x01\x02")
        starts = [data.index(f"{n}.txt".encode()) - 30 for n in range(3)]
        for at, damaged in flips(data, 1 if thorough else 3):
            found = read(file, damaged)
            if at < directory:
                touched = max(n for n in range(3) if starts[n] <= at)
                assert {text_of(n, 5) for n in range(3) if n != touched} <= set(found.texts), at
            assert found.kinds or {text_of(n, 5) for n in range(3)} == set(found.texts), at

    @pytest.mark.parametrize("limit", [None, 100])
    def test_an_archive_whose_directory_cannot_be_read(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None
    ) -> None:
        data = zipped(FILES)
        if limit:  # It would take too much memory.
            monkeypatch.setattr("reader.captures.archives.MAX_DIRECTORY", limit)
        else:
            data = data[:-100]
        found = read(file, data)
        assert (found.texts, found.kinds) == ([], [("damaged", False)])
        assert "zip -FF OLD.zip --out NEW.zip" in found.reasons

    def test_an_archive_that_becomes_shorter_meanwhile_is_named_once(self, file: Path) -> None:
        file.write_bytes(
            zipped({f"{n}.txt": text_of(n, 5_000).encode() for n in range(20)}, zipfile.ZIP_STORED)
        )
        items = read_captures([str(file)])
        assert isinstance(next(items), Capture)
        os.truncate(file, 5_000)
        (problem,) = items
        assert isinstance(problem, Problem)
        assert (problem.source, problem.partial) == (str(file), True)
        assert "became shorter while it was read" in problem.reason


class TestTar:
    @pytest.mark.parametrize("form", FORMS)
    def test_long_names(self, file: Path, form: int) -> None:
        name = "/".join(["folder" * 5] * 6) + "/é.txt"
        found = read(file, tarred({name: PAGE.encode(), **FILES}, form))
        assert found.texts == [PAGE, *TEXTS]
        assert found.sources[0] == "/" + name

    def test_links_and_devices_are_not_followed(self, file: Path) -> None:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
                info = tarfile.TarInfo(f"odd{kind.decode()}")
                info.type, info.linkname = kind, "/etc/passwd"
                archive.addfile(info)
        found = read(file, out.getvalue())
        assert found.texts == []
        assert found.kinds == [("link", True), ("not a file", True)]
        assert found.reasons.startswith("2 members (odd2, odd1)")

    def test_a_header_that_is_damaged_costs_its_member(self, file: Path) -> None:
        data = bytearray(tarred(FILES))
        at = data.index(b"pages/2.txt")
        for place in (0, 50, 124, 150, 156, 257):
            damaged = bytearray(data)
            damaged[at + place] ^= 0xFF
            found = read(file, bytes(damaged))
            assert found.texts == [text for n, text in enumerate(TEXTS) if n != 2]
            assert found.kinds == [("damaged", True)]
            assert found.reasons.startswith(f"1 member (byte {at:,})")

    def test_an_archive_that_ends_early(self, file: Path) -> None:
        data = tarred(FILES)
        at = data.index(b"pages/3.txt") + 512
        for end, kept in ((at + 100, 100), (at, 0), (at - 100, None)):
            found = read(file, data[:end])
            assert found.texts[:3] == TEXTS[:3]
            if kept:
                assert found.texts[3] == TEXTS[3][:kept]
                assert found.captures[3].partial
            assert all(kind == "damaged" for kind, _ in found.kinds)
            assert found.kinds
        found = read(file, gzip.compress(data)[:-200])
        assert found.texts[:2] == TEXTS[:2]
        assert set(found.kinds) == {("damaged", True)}

    def test_an_endless_extended_header_or_very_many_cost_no_member(self, file: Path) -> None:
        info = tarfile.TarInfo("x")
        info.type = tarfile.XHDTYPE
        assert read(file, info.tobuf() * 3000 + tarred(FILES)).texts == TEXTS
        info.size = 3 << 20
        data = info.tobuf(tarfile.USTAR_FORMAT) + b"9" * info.size + tarred(FILES)
        assert read(file, data).texts == TEXTS

    def test_a_map_of_holes_that_is_too_long_costs_its_member(self, file: Path) -> None:
        fields = {"major": "1", "minor": "0", "name": "a.txt", "realsize": "10"}
        info = tarfile.TarInfo("a.txt")
        info.pax_headers = {f"GNU.sparse.{name}": value for name, value in fields.items()}
        holes = b"100000000\n" + b"999\n" * (1 << 18)
        info.size = len(holes)
        data = info.tobuf(tarfile.PAX_FORMAT) + holes + bytes(-len(holes) % 512) + tarred(FILES)
        found, most = read_measured(file, data)
        assert (found.texts, found.kinds) == (TEXTS, [("damaged", True)])
        assert most < 4 << 20


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_large_member_streams(tmp_path: Path, kind: str) -> None:
    """A member of 40 MB in a child that may use little memory."""
    path = tmp_path / f"large.{kind}"
    row = json.dumps({"text": "x"}).encode().ljust((1 << 14) - 1) + b"\n"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive, archive.open("rows.jsonl", "w") as member:
            for _ in range(40):
                member.write(row * 64)
    else:
        with path.open("wb") as out:
            info = tarfile.TarInfo("rows.jsonl")
            info.size = 40 << 20
            out.write(info.tobuf())
            for _ in range(40):
                out.write(row * 64)
            out.write(bytes(1024))
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, str(path)], capture_output=True, text=True, check=True
    )
    count, grown = map(int, done.stdout.split())
    assert count == 40 * 64
    assert grown < 20


@pytest.mark.skipif(shutil.which("zip") is None, reason="zip is not installed")
@pytest.mark.parametrize("options", ["", "-0", "-Z bzip2", "-fd", "-fd -0", "-fz", "pipe"])
def test_archives_as_info_zip_makes_them(file: Path, options: str) -> None:
    folder = file.parent / "files"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(text_of(number, 3_000))
    words = ["-"] if options == "pipe" else [*options.split(), str(file)]
    done = subprocess.run(["zip", "-q", "-r", *words, "."], cwd=folder, capture_output=True, check=True)
    if options == "pipe":
        file.write_bytes(done.stdout)
    found = found_at(file)
    assert (sorted(found.texts), found.problems) == ([text_of(n, 3_000) for n in range(5)], [])
