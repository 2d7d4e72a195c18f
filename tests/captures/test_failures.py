"""What fails in a way that nobody foresaw: one page is lost and named, and everything beside it is read."""

from __future__ import annotations

import codecs
import email
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest

from reader.captures.html import bounds
from tests.captures.archives import http, packed, read, record, tarred, zipped

BAD = "Page 1\n\nThis one is a MINE.\n"
TEXTS = ["Page 0\n\nThis one is fine.\n", BAD, "Page 2\n\nThis one is fine.\n"]
FAILURES = [RecursionError(), MemoryError(), ValueError("x\x1b[31m")]


def _html(text: str) -> str:
    title, _, body = text.strip().partition("\n\n")
    return f"<html><body><h1>{title}</h1><p>{body} &eacute;</p></body></html>"


def _warc(texts: list[str], media: str = "text/plain") -> list[bytes]:
    return [record(http(text, media)) for text in texts]


def _rows(texts: list[str]) -> bytes:
    return b"".join(json.dumps({"html": _html(text)}).encode() + b"\n" for text in texts)


def _parquet(texts: list[str]) -> bytes:
    duckdb = pytest.importorskip("duckdb")
    rows = ", ".join(f"('{_html(text)}')" for text in texts)
    with NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect() as database:
        database.execute(
            f"copy (select * from (values {rows}) as pages(html)) to '{file.name}' (format parquet)"
        )
        return Path(file.name).read_bytes()


def _zstd(data: bytes) -> bytes:
    zstd = pytest.importorskip("backports.zstd")
    return bytes(zstd.compress(data))


def _mhtml(text: str) -> bytes:
    return (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html\r\n\r\n{_html(text)}\r\n--b--\r\n"
    ).encode()


def _files(make: Callable[[str], bytes] = str.encode, suffix: str = "txt") -> dict[str, bytes]:
    return {f"{number}.{suffix}": make(text) for number, text in enumerate(TEXTS)}


MAKERS: dict[str, Callable[[], bytes]] = {
    "a.warc": lambda: b"".join(_warc(TEXTS)),
    "html.warc": lambda: b"".join(_warc([_html(text) for text in TEXTS], "text/html")),
    "a.warc.gz": lambda: packed(_warc(TEXTS)),
    "a.warc.zst": lambda: _zstd(b"".join(_warc(TEXTS))),
    "a.wacz": lambda: zipped({"datapackage.json": b"{}", "archive/a.warc.gz": packed(_warc(TEXTS))}),
    "a.zip": lambda: zipped(_files()),
    "html.zip": lambda: zipped(_files(lambda text: _html(text).encode(), "html")),
    "mhtml.zip": lambda: zipped(_files(_mhtml, "mhtml")),
    "a.tar": lambda: tarred(_files()),
    "a.tar.gz": lambda: packed([tarred(_files())]),
    "a.jsonl": lambda: _rows(TEXTS),
    "a.json": lambda: b"[\n" + _rows(TEXTS).replace(b"\n", b",\n").rstrip(b",\n") + b"]",
    "a.parquet": lambda: _parquet(TEXTS),
}


@pytest.fixture(params=FAILURES, ids=lambda error: type(error).__name__)
def mined(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Exception:
    """The error that libraries raise on what holds a mine."""
    error: Exception = request.param

    def fails_on_mines(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(data: Any, *rest: Any, **more: Any) -> Any:
            if b"MINE" in (data.encode() if isinstance(data, str) else bytes(data)):
                raise error
            return real(data, *rest, **more)

        return call

    monkeypatch.setattr(codecs, "utf_8_decode", fails_on_mines(codecs.utf_8_decode))
    monkeypatch.setattr(email, "message_from_bytes", fails_on_mines(email.message_from_bytes))
    monkeypatch.setattr("reader.captures.html.text.parse", fails_on_mines(bounds.parse))
    return error


@pytest.mark.parametrize("name", MAKERS)
def test_one_page_that_fails_is_named_and_all_others_are_read(
    name: str, mined: Exception, tmp_path: Path
) -> None:
    found = read(tmp_path / name, MAKERS[name]())
    assert [capture.text.split("\n")[0] for capture in found.captures] == ["Page 0", "Page 2"]
    [problem] = found.problems
    kinds = {MemoryError: "too large", RecursionError: "damaged"}
    assert problem.kind == kinds.get(type(mined), "crash")
    place = problem.source.removeprefix(str(tmp_path / name)) + problem.reason
    assert any(
        said in place
        for said in ("/1.", "1 record (2)", "1 line (2)", "1 line (3)", "1 object (2)", "1 row (2)")
    )
    assert "\x1b" not in problem.source + problem.reason


def test_a_row_of_a_shard_that_fails_is_named_and_all_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[dict[str, object]] = [{"source": "a", "encoding": "utf-8", "text": text} for text in TEXTS]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in [{"protocol_reader_shard": 1}, *rows])
    real = json.loads

    def loads(text: str) -> Any:
        if "MINE" in text:
            raise MemoryError
        return real(text)

    monkeypatch.setattr(json, "loads", loads)
    found = read(tmp_path / "a.jsonl", data)
    assert found.texts == [TEXTS[0], TEXTS[2]]
    assert found.kinds == [("too large", True)]
    assert "1 line (3)" in found.reasons


@pytest.mark.parametrize(("times", "read_too"), [(2, True), (5, True), (6, False)])
def test_a_few_codings_are_undone(tmp_path: Path, times: int, read_too: bool) -> None:
    body = BAD.encode()
    for _ in range(times):
        body = gzip.compress(body)
    # What is the same unpacked does not count.
    fields = f"Content-Encoding: {'identity,' * 330} {', '.join(['gzip'] * times)}\r\n"
    found = read(tmp_path / "a.warc", record(http(body, fields=fields)))
    assert found.texts == ([BAD] if read_too else [])
