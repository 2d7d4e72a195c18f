"""The command `fetch` on a stage: a fake archive, a folder, a fake clock, and what was said."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from reader.commands import fetch as command
from tests.fake_archive import FakeArchive, FakeClock, Held

SITE = "https://www.protocol.com"


def page(name: str) -> bytes:
    return f"<html><body><h1>{name}</h1><p>The branch opens at noon.</p></body></html>".encode()


HELD = [
    Held("20210101000000", f"{SITE}/china/one", page("one, early"), length=900),
    Held("20220101000000", f"{SITE}/china/one", page("one"), length=1000),
    Held("20220901000000", f"{SITE}/china/one", b"<html>Sorry</html>", length=100),
    Held("20220201000000", f"{SITE}/china/one?rebelltitem=3", page("one, an item"), length=1001),
    Held("20240101000000", f"{SITE}/china/one", page("parked"), length=5000),
    Held("20220301000000", "http://protocol.com:80/china/two", page("two"), length=1000),
    Held("20220401000000", f"{SITE}/china/old-address", b"", status=301),
    Held("20220401000000", f"{SITE}/china/picture.png", b"png", mime="image/png"),
    Held("20220501000000", f"{SITE}/fintech/three", page("three"), length=1000),
]
CHINA = ["20220101000000/https://www.protocol.com/china/one", "20220301000000/http://protocol.com/china/two"]


class Stage:
    def __init__(self, archive: FakeArchive, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.archive = archive
        self.folder = folder
        self.time = FakeClock()
        archive.now = self.time.now
        self._capsys = capsys
        self.out = self.err = ""

    def fetch(self, *words: str) -> int:
        base = ["--server", self.archive.address, "--into", str(self.folder), "--no-add"]
        try:
            return command.run([*words, *base], clock=self.time.clock)
        finally:
            self.out, self.err = self._capsys.readouterr()

    @property
    def kept(self) -> list[str]:
        """The headlines of the kept pages, in order."""
        data = b"".join(gzip.decompress(file.read_bytes()) for file in sorted(self.folder.glob("*.warc.gz")))
        return [found.decode() for found in re.findall(rb"<h1>(.*?)</h1>", data)]
