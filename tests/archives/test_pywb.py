"""`fetch` against a real web archive: a pywb server on 127.0.0.1 with a WARC file made here."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from reader.archives.warc_folder import look
from tests.archives.fake_archive import FakeClock
from tests.captures.archives import http, record
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        importlib.util.find_spec("pywb") is None, reason="pywb, the real archive for tests, is not installed"
    ),
]

SITE = "https://www.protocol.com"
WORDS = "The branch opens at noon, which is when the manager gets up. "


def html(name: str, times: int = 40) -> bytes:
    body = "".join(f"<p>{number}. {WORDS}</p>" for number in range(times))
    return f"<html><head><title>{name}</title></head><body><h1>{name}</h1>{body}</body></html>".encode()


CAPTURES = [
    ("2021-01-01T00:00:00Z", f"{SITE}/china/one", html("one, early"), "200 OK", "text/html; charset=utf-8"),
    ("2022-01-01T00:00:00Z", f"{SITE}/china/one", html("one"), "200 OK", "text/html; charset=utf-8"),
    ("2022-02-01T00:00:00Z", f"{SITE}/china/one?rebelltitem=2", html("item"), "200 OK", "text/html"),
    ("2022-03-01T00:00:00Z", f"{SITE}/china/one", html("sorry", 0), "200 OK", "text/html"),
    ("2022-04-01T00:00:00Z", f"{SITE}/china/café", html("two"), "200 OK", "text/html"),
    ("2022-04-01T00:00:00Z", f"{SITE}/china/old", b"", "301 Moved Permanently", "text/html"),
    ("2022-04-01T00:00:00Z", f"{SITE}/china/picture.png", b"png", "200 OK", "image/png"),
    ("2022-05-01T00:00:00Z", "https://events.protocol.com/three", html("three"), "200 OK", "text/html"),
    ("2022-05-01T00:00:00Z", "https://example.org/", html("elsewhere"), "200 OK", "text/html"),
]


def warc() -> bytes:
    """A WARC file as a crawler writes it."""
    return b"".join(
        record(http(body, mime, status), url=url, date=date) for date, url, body, status, mime in CAPTURES
    )


def pywb(code: str, *words: str, folder: Path) -> subprocess.Popen[bytes]:
    # Whatever pywb would ask of the network goes nowhere.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        cwd=folder,
        env=os.environ | nowhere | dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def make_collection(name: str, *files: Path, folder: Path) -> None:
    code = (
        "from pywb.manager.manager import main; import sys; name, *files = sys.argv[1:]\n"
        "main(['init', name]); main(['add', name, *files])"
    )
    assert pywb(code, name, *map(str, files), folder=folder).wait(timeout=120) == 0


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server's collections."""
    return tmp_path_factory.mktemp("pywb")


@pytest.fixture(scope="module")
def archive(collections: Path) -> Iterator[str]:
    """The address of a running collection."""
    (collections / "crawl.warc").write_bytes(warc())
    make_collection("pages", collections / "crawl.warc", folder=collections)
    with running(collections) as root:
        yield f"{root}/pages"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A pywb server over the collections of a folder; its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    root = f"http://127.0.0.1:{port}"
    code = "from pywb.apps.cli import wayback; wayback()"
    process = pywb(code, "-b", "127.0.0.1", "-p", str(port), folder=folder)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def answers() -> bool:
        assert process.poll() is None
        with suppress(OSError):
            opener.open(f"{root}/", timeout=10).close()
            return True
        return False

    try:
        wait_until(answers)
        yield root
    finally:
        process.terminate()
        process.wait(timeout=60)


def fetch(address: str, folder: Path, *words: str) -> int:
    words = (*words, "--server", address, "--into", str(folder), "--no-add")
    return FakeClock().run("fetch", words)


def kept(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Address -> time and bytes of the kept pages, read by another program's reader."""
    pages = {}
    for file in sorted(folder.glob("*.warc.gz")):
        with file.open("rb") as opened:
            for record in ArchiveIterator(opened, check_digests="raise"):
                if record.rec_type == "response":
                    head = record.rec_headers
                    body = record.content_stream().read()
                    pages[head.get_header("WARC-Target-URI")] = (head.get_header("WARC-Date"), body)
    return pages


ONE = (f"{SITE}/china/one", ("2022-01-01T00:00:00Z", html("one")))
TWO = (f"{SITE}/china/caf%C3%A9", ("2022-04-01T00:00:00Z", html("two")))
THREE = ("https://events.protocol.com/three", ("2022-05-01T00:00:00Z", html("three")))


def test_a_real_archive_lists_and_serves_pages_and_those_that_were_fetched_from_it(
    archive: str, collections: Path, tmp_path: Path
) -> None:
    domain, page, below, again = (tmp_path / name for name in ("domain", "page", "below", "again"))
    assert fetch(archive, domain, "*.protocol.com") == 0
    assert kept(domain) == dict([ONE, TWO, THREE])
    assert fetch(archive, page, "https://www.protocol.com/china/one", "--until", "2021-06") == 0
    assert kept(page) == {ONE[0]: ("2021-01-01T00:00:00Z", html("one, early"))}
    assert fetch(archive, below, "protocol.com/china/*") == 0
    assert kept(below) == dict([ONE, TWO])
    make_collection("again", *below.iterdir(), folder=collections)
    assert fetch(f"{archive.rpartition('/')[0]}/again", again, "*.protocol.com") == 0
    assert kept(again) == kept(below)
    assert look(again).have == look(below).have
