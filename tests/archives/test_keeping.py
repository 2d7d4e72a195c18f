"""What is fetched is kept whole: as WARC records, through crashes, damage and full disks."""

from __future__ import annotations

import errno
import gzip
import os
import re
import zlib
from pathlib import Path

import pytest

from reader import __version__
from reader.archives import warc_folder
from reader.archives.warc_folder import Record, WarcFolder, look
from reader.errors import FetchError

BODY = "<html><body><p>The branch opens at noon – ½ an hour late.</p></body></html>".encode()


def record(number: int, **changes: str) -> Record:
    url = f"https://www.protocol.com/china/story-{number}"
    timestamp = "20220102030405"
    source = f"https://archive.example/web/{timestamp}id_/{url}"
    made = Record("wayback", url, timestamp, source, "text/html; charset=utf-8", BODY)
    return made._replace(**changes)  # type: ignore[arg-type]


def fill(path: Path, *numbers: int) -> None:
    with WarcFolder(path) as folder:
        for number in numbers:
            folder.keep(record(number))


def have(path: Path) -> list[int]:
    return sorted(int(key.rpartition("-")[2]) for key, _ in look(path).have)


def files(path: Path) -> list[Path]:
    return sorted(path.iterdir())


def test_a_page_is_kept_as_a_warc_response_record(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    (file,) = files(tmp_path)
    assert file.name == "wayback-00001.warc.gz"
    data = gzip.decompress(file.read_bytes())
    info, response = re.split(rb"(?=WARC/1\.1\r\nWARC-Type)", data)[1:]
    assert b"WARC-Type: warcinfo\r\n" in info
    assert f"software: protocol-reader/{__version__}\r\n".encode() in info
    head, _, rest = response.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert fields["WARC-Type"] == "response"
    assert fields["WARC-Target-URI"] == "https://www.protocol.com/china/story-1"
    assert fields["WARC-Date"] == "2022-01-02T03:04:05Z"
    assert fields["WARC-Creation-Date"] >= "2026"
    assert fields["Content-Type"] == "application/http; msgtype=response"
    http = rest[: int(fields["Content-Length"])]
    assert rest[int(fields["Content-Length"]) :] == b"\r\n\r\n"
    assert http.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n")
    assert http.endswith(b"\r\n\r\n" + BODY)


def members(path: Path) -> list[bytes]:
    """The gzip members of a file."""
    data = path.read_bytes()
    found = []
    while data:
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        inflate.decompress(data)
        found.append(data[: len(data) - len(inflate.unused_data)])
        data = inflate.unused_data
    return found


def test_files_are_rolled_and_numbered_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_folder, "ROLL", 1)
    fill(tmp_path, 1, 2, 3)
    fill(tmp_path, 4)
    assert [file.name for file in files(tmp_path)] == [f"wayback-0000{n}.warc.gz" for n in (1, 2, 3, 4)]
    assert have(tmp_path) == [1, 2, 3, 4]


def test_wherever_writing_was_broken_off_the_whole_records_stay(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    fill(whole, 1, 2)
    info, first, second = members(files(whole)[0])
    data = info + first + second
    for length in (*range(0, len(data) - 1, 5), len(data) - 1):
        path = tmp_path / str(length) / "wayback-00001.warc.gz"
        path.parent.mkdir()
        path.write_bytes(data[:length])
        kept = sum(length >= end for end in (len(info + first), len(data)))
        assert have(path.parent) == [1, 2][:kept]
    fill(path.parent, 2)
    assert have(path.parent) == [1, 2]
    assert path.read_bytes() == data[:-1]


def test_damage_is_counted_and_what_follows_it_is_fetched_again(tmp_path: Path) -> None:
    fill(tmp_path, 1, 2, 3)
    file = files(tmp_path)[0]
    info, first, *others = members(file)
    for at in (0, 40, len(others[0]) - 6):
        data = bytearray(info + first + b"".join(others))
        data[len(info + first) + at] ^= 0xFF
        file.write_bytes(data)
        assert (have(tmp_path), look(tmp_path).damaged) == ([1], 1)
    file.write_bytes(info + first + bytes(5000))  # as a crash may leave it
    assert (have(tmp_path), look(tmp_path).damaged) == ([1], 1)


def test_other_files_are_never_touched(tmp_path: Path) -> None:
    foreign = gzip.compress(
        b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    ) + os.urandom(2000)
    for name in ("wayback-00007.warc.gz", "other.warc.gz"):
        (tmp_path / name).write_bytes(foreign)
    fill(tmp_path, 1)
    assert (tmp_path / "wayback-00007.warc.gz").read_bytes() == foreign
    assert (tmp_path / "other.warc.gz").read_bytes() == foreign
    assert (tmp_path / "wayback-00008.warc.gz").exists()
    (tmp_path / "wayback-00009.warc.gz").write_text("my notes")
    fill(tmp_path, 2)
    assert (tmp_path / "wayback-00009.warc.gz").read_text() == "my notes"
    assert (tmp_path / "wayback-00010.warc.gz").exists()
    assert have(tmp_path) == [1, 2]


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_full_disk_or_an_interruption_leaves_whole_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: bool
) -> None:
    def fail(_: int) -> None:
        raise KeyboardInterrupt if interrupted else OSError(errno.ENOSPC, "No space left on device")

    with WarcFolder(tmp_path) as folder:
        folder.keep(record(1))
        size = files(tmp_path)[0].stat().st_size
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)  # The record is written, but not safely.
            with pytest.raises(KeyboardInterrupt if interrupted else FetchError) as caught:
                folder.keep(record(2))
        assert interrupted or "(No space left on device); free some space, or" in str(caught.value)
        assert files(tmp_path)[0].stat().st_size == size
        folder.keep(record(3))
    assert have(tmp_path) == [1, 3]


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with WarcFolder(tmp_path) as folder:
        # The archive showed another capture than the one listed.
        folder.keep(record(1, timestamp="20220102101112"))
        with pytest.raises(FetchError, match=r"another protocol-reader.*--into"):
            WarcFolder(tmp_path)
    WarcFolder(tmp_path).close()
    assert look(tmp_path).have == {("protocol.com/china/story-1", "20220102030405")}
    (tmp_path / "file").touch()
    with pytest.raises(FetchError, match=r"\(File exists\); choose another folder with --into"):
        WarcFolder(tmp_path / "file")
    assert look(tmp_path / "nowhere").have == frozenset()
