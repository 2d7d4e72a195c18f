"""Targets: files of captures in every format, read, parsed, kept in a library and exported."""

from __future__ import annotations

import base64
import gzip
import json
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from xml.etree import ElementTree

from reader.addresses import clean_url
from reader.captures import InputFile, PageFilter, PictureRecord, read_file
from reader.captures.pictures import find_pictures
from reader.export.documents import article_markup
from reader.export.formats import FORMATS
from reader.export.items import make_item
from reader.library import Library
from reader.model import Article, Capture, Page, Problem
from reader.parsing import parse_capture
from reader.sanitize import sanitize
from reader.shards import ShardOptions, make_shard, plan
from tests.captures.archives import http, packed, record, tarred, zipped
from tests.export.stage import an_export
from tests.filling import add_pages
from tests.fuzz.mutators import Mutator
from tests.fuzz.runner import Check, Target
from tests.paths import SAMPLE_DATA

_UNFORESEEN: Final = frozenset({"crash", "parser"})
"""Kinds of problems that say that the program failed."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")
_MOST_ARTICLES: Final = 2_000
"""Articles of a case after which the rest is only read: a small packed file may honestly have many."""
_PICTURED: Final = 2
"""Articles of a case whose pictures are looked for."""
_MOST_CHARACTERS: Final = 2_000_000
"""A few bytes may unpack to many: beyond so many characters of a case, pages are read and not looked at."""
_EXPORTED: Final = 3
"""Articles of a page that are exported."""

TEXTS: Final = [path.read_bytes() for path in sorted(SAMPLE_DATA.glob("*.txt"))[:6]]
PAGES: Final = [
    (SAMPLE_DATA / "2022-11-tide-gauge.html").read_bytes(),
    b'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Kestrels</title><base href="/a/">'
    b'<link rel="canonical" href="https://www.protocol.com/kestrel"><meta property="article:published_time"'
    b' content="2022-05-06T07:08:09Z"><script type="application/ld+json">{"@type": ["NewsArticle"], "url":'
    b' "https://www.protocol.com/kestrel", "datePublished": "2022-05-06", "author": [{"@type": "Person", "name":'
    b' "Ada Feld"}]}</script></head><body><header><nav><ul><li><a href="/china">China</a></ul></nav></header><article>'
    b'<h1>The kestrel has landed</h1><p class="byline">Ada Feld</p><figure><img src="data:image/png;base64,iVBORw0KGgo="'
    b' data-src="https://a.example/k.jpg" alt="A bird"><figcaption>A bird &amp; a roof &#8212; Photo: A</figcaption>'
    b'</figure><p>It took <a href="https://a.example/[x]?q=%">eleven</a> years &hellip; and a ladder.</p><ul><li>One'
    b"<li>Two</ul><blockquote>So it is.</blockquote><table><tr><td>1<td>2</table><!-- no --><pre>a\n b</pre>"
    b'<select><option>x</select><svg><title>t</title></svg><div hidden>no</div><button class="read-more">Keep Reading'
    b"Show less</button></article><footer>&copy;</footer></body></html>",
]
_MARKUP: Final = (
    b"<div>", b"</div>", b"<p>", b"</p>", b"<br>", b"<article>", b"</article>", b"<h1>", b"<a href=\"", b"<img src='",
    b"<script>", b"</script>", b"<style>", b"<!--", b"-->", b"<![CDATA[", b"<table>", b"<tr><td>", b"<select>", b"<template>",
    b"<svg>", b"<math>", b"<plaintext>", b"<textarea>", b"<title>", b"<base href='http://[x/'>", b"<meta charset=utf-7>",
    b"<meta charset='", b"<frameset>", b"<noscript>", b"<iframe>", b"<pre>", b"<li>", b" hidden", b" class='", b"&amp", b"&#",
    b"&#xd800;", b"&NotEqualTilde;", b"<!doctype html", b"<?php", b"<a\0b>", b"</", b"<", b"srcset='a 1x, b 2x,'",
    b"<link rel=canonical href='http://[/'>", b'{"@graph": [', b'"@type": "NewsArticle"', b"rebelltitem=1#rebelltitem2",
)  # fmt: skip
_FIELDS: Final = (
    b"Content-Encoding: gzip\r\n", b"Content-Encoding: %s\r\n" % (b"gzip, " * 400), b"Content-Encoding: gzip, deflate, zstd, br\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 99999999999\r\n", b"Content-Type: text/html; charset=utf-16\r\n", b"WARC/1.0\r\n", b"WARC/1.1\n",
    b"WARC-Type: response\r\n", b"WARC-Type: conversion\r\n", b"WARC-Truncated: length\r\n", b"WARC-Date: \r\n", b"\r\n\r\n",
    b"WARC-Target-URI: <http://[x/>\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 999\r\n", b"ffffffff\r\n", b"0\r\n\r\n", b" : \r\n",
    b"WARC-Date: 9999-99-99T99:99:99Z\r\n", b"Content-Type: application/http; msgtype=response\r\n", b"\n\t folded\r\n",
)  # fmt: skip
_MAIL: Final = (
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: uuencode\r\n", b"begin 644 a\r\n", b'; charset="utf-16"', b"; charset*0*=x''%ff; charset*1=y",
    b"=?utf-8?q?=ff?=", b"=?x?b?!!!?=", b"Date: Fri, 99 Foo 99999 99:99:99 +9999\r\n", b"\r\n----b\r\n", b"\r\n----b--\r\n",
    b"Content-Type: multipart/mixed; boundary=--b\r\n\r\n", b"Content-Type: message/rfc822\r\n\r\n", b"; boundary=\"\"",
    b"Content-Location: http://[x/\r\n", b"Content-Type: text/html\r\n", b"Content-ID: <\r\n", b"=\r\n", b"=FF", b"Date: \r\n",
    b"Snapshot-Content-Location: \xff\r\n", b"MIME-Version: 1.0\r\n", b": \r\n", b"From \r\n", b"\0",
)  # fmt: skip
_MHTML: Final = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.protocol.com/kestrel\r\nSubject: =?utf-8?Q?A=E2=80=99?=\r\n"
    b"Date: Fri, 6 May 2022 07:08:09 -0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n\r\n'
    b"----b\r\nContent-Type: text/html; charset=utf-8\r\nContent-ID: <f@m>\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"Content-Location: https://www.protocol.com/kestrel\r\n\r\n"
    + PAGES[1].replace(b"=", b"=3D")
    + b"\r\n----b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: https://a.example/k.jpg"
    b"\r\n\r\n" + base64.b64encode(bytes(100)) + b"\r\n----b--\r\n"
)


def _chunked(body: bytes) -> bytes:
    parts = [body[at : at + 500] for at in range(0, len(body), 500)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _response(body: bytes, fields: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{fields}\r\n".encode()
    return record(head + body)


RECORDS: Final = [
    record("software: x\r\n", kind="warcinfo", url=None, media="application/warc-fields"),
    *[record(http(text), url=f"https://www.protocol.com/{number}") for number, text in enumerate(TEXTS[:3])],
    _response(gzip.compress(PAGES[0], mtime=0), "Content-Encoding: gzip\r\n"),
    _response(zlib.compress(PAGES[1]), "Content-Encoding: deflate\r\n"),
    _response(_chunked(PAGES[1]), "Transfer-Encoding: chunked\r\n"),
    _response(_chunked(gzip.compress(gzip.compress(PAGES[1]))), "Transfer-Encoding: chunked\r\nContent-Encoding: gzip, gzip\r\n"),
    record(TEXTS[0], kind="conversion", media="text/plain", version="1.1"),
    record(PAGES[1], kind="resource", media="text/html"),
    record(http("gone", status="404 Not Found")),
]  # fmt: skip
_RESPONSES: Final = [one.partition(b"\r\n\r\n")[2][:-4] for one in RECORDS if b"HTTP/1.1 200" in one]
_ROWS: Final = [json.loads(line) for line in (SAMPLE_DATA / "corpus.jsonl").read_text("utf-8").splitlines()] + [
    {"html": PAGES[1].decode(), "url": "https://www.protocol.com/kestrel", "timestamp": 1_651_820_889},
    {"text": TEXTS[0].decode(), "metadata": '{"url": "https://a.example/", "date": "2022-05-06"}', "date": "20220506070809"},
    {"raw_content": TEXTS[1].decode(), "meta": {"url": "https://a.example/"}, "crawl_date": "Fri, 06 May 2022 07:08:09 GMT"},
]  # fmt: skip
_SQL: Final = (
    "'A page\\n\\nof text'", "'<html><p>x</p></html>'", "null", "''", "repeat('x', 100000)", "'\\xff\\x00<html>'::blob", "1",
    "1e308", "'infinity'::timestamp", "'-infinity'::date", "'0044-01-01 (BC)'::date", "'290000-01-01'::timestamp", "[1, 2]",
    "{'url': 'http://[x/', 'date': null}", "map {'a': 'b'}", "'2022-05-06 07:08:09+02'::timestamptz", "'12:34:56'::time",
    "interval 1 month", "170141183460469231731687303715884105727::hugeint", "12.5::decimal(38, 10)", "uuid()", "true",
    "'http://[x/'", "'{\"url\": '", "'{\"url\": [[[\"x\"]]]}'", "chr(27) || ']0;x' || chr(7)", "'nan'::float", "'1'::bit",
)  # fmt: skip


def _target(name: str, suffix: str, make: Callable[[Mutator], bytes]) -> Target:
    """Files of one format."""

    @contextmanager
    def opened() -> Iterator[Check]:
        with TemporaryDirectory() as folder, Library.temporary() as library:
            path = Path(folder) / f"case{suffix}"

            def check(data: bytes) -> None:
                path.write_bytes(data)
                _check_file(path, library)

            yield check

    return Target(name, make, opened)


def _check_file(path: Path, library: Library) -> None:
    """Read it, parse it, keep it and export it."""
    articles = characters = 0
    pictured: list[tuple[Capture, Article]] = []
    noted: list[PictureRecord] = []
    for item in read_file(InputFile(str(path), explicit=True), PageFilter(), noted.append):
        if isinstance(item, Problem):
            assert item.kind not in _UNFORESEEN, item
            assert all(sanitize(text) == text for text in item[:3]), item
            add_pages(library, [], [item])
        elif articles < _MOST_ARTICLES and characters < _MOST_CHARACTERS:
            page = parse_capture(item)
            articles += len(page.articles)
            characters += len(item.text)
            _check_page(item, page)
            add_pages(library, [(item, page)])
            pictured += [(item, article) for article in page.articles if article.figures][:1]
    for capture, article in pictured[:_PICTURED]:
        inner = capture.source.removeprefix(str(path)).removeprefix("/")
        for offsets in ({picture.key: [picture.offset] for picture in noted}, {}):
            find_pictures(str(path), inner, article, offsets)


def _check_page(capture: Capture, page: Page) -> None:
    assert sanitize(capture.source) == capture.source
    assert capture.url is None or capture.url == clean_url(capture.url)
    assert capture.captured is None or _TIME.fullmatch(capture.captured), capture.captured
    json.dumps(page.to_json(lines=True))
    items = [
        make_item(article, capture.source, capture.url, capture.captured)
        for article in page.articles[:_EXPORTED]
    ]
    for item in items:
        ElementTree.fromstring(article_markup(item))
    for form in FORMATS:
        form.write(an_export(items), BytesIO())


def _bytes(seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> Callable[[Mutator], bytes]:
    return lambda mutator: mutator.broken(mutator.choice(seeds), seeds, words)


def _warc(mutator: Mutator) -> bytes:
    records = mutator.random.choices(RECORDS, k=mutator.random.randint(1, 6))
    if mutator.chance(0.6):  # A broken response in a sound record.
        response = mutator.choice(_RESPONSES)
        records.append(record(mutator.broken(response, _RESPONSES, _FIELDS)))
    whole = b"".join(records)
    return mutator.broken(whole, RECORDS, _FIELDS) if mutator.chance(0.6) else whole


def _packed(make: Callable[[Mutator], bytes], pack: Callable[[bytes], bytes]) -> Callable[[Mutator], bytes]:
    """Broken data, soundly packed, or sound data or broken that is packed and then broken."""

    def made(mutator: Mutator) -> bytes:
        data = pack(make(mutator))
        return mutator.broken(data, [data]) if mutator.chance(0.5) else data

    return made


def _in_members(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Each record in a member of its own."""
    return lambda data: b"".join(map(pack, re.split(rb"(?=WARC/1)", data)))


def _archive(pack: Callable[[dict[str, bytes]], bytes]) -> Callable[[Mutator], bytes]:
    """Files of several formats with odd names, and the archive itself broken."""
    sound = {"a.txt": TEXTS[0], "b.html": PAGES[1], "c.warc.gz": packed(RECORDS), "d.mhtml": _MHTML, "e.jsonl": _json_lines(_ROWS),
             "f.zip": zipped({"a.txt": TEXTS[1]}), "g.tar.gz": gzip.compress(tarred({"a.txt": TEXTS[2]}), 1, mtime=0)}  # fmt: skip

    def made(mutator: Mutator) -> bytes:
        files = {}
        for name, data in mutator.random.sample(sorted(sound.items()), mutator.random.randint(1, 4)):
            odd = mutator.text(name).replace("\0", "_").encode("utf-8", "replace").decode()[:90] or "x"
            files[odd if mutator.chance(0.3) else name] = (
                mutator.broken(data, [data]) if mutator.chance(0.3) else data
            )
        whole = pack(files)
        return mutator.broken(whole, [whole]) if mutator.chance(0.7) else whole

    return made


def _wacz(files: dict[str, bytes]) -> bytes:
    return zipped({"datapackage.json": b"{}", **{f"archive/{name}": data for name, data in files.items()}})


def _tar(files: dict[str, bytes]) -> bytes:
    return tarred(files, tarfile.GNU_FORMAT if len(files) % 2 else tarfile.PAX_FORMAT)


def _json_lines(rows: Sequence[Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _rows_in_lines(rows: Sequence[Any]) -> Callable[[Mutator], bytes]:
    def made(mutator: Mutator) -> bytes:
        data = b"\n".join(mutator.json(row) for row in rows) + b"\n"
        return mutator.broken(data, [data]) if mutator.chance(0.2) else data

    return made


@cache
def _shard_rows() -> list[Any]:
    """The rows of a shard, as it is written."""
    names = ("2022-11-tide-gauge.html", "2022-05-savings-circle.txt", "gone")
    with TemporaryDirectory() as folder:
        (task,) = plan([str(SAMPLE_DATA / name) for name in names], ShardOptions("jsonl.gz", lines=True))
        *_, made = make_shard(task, folder)
        assert made is not None
        return [
            json.loads(line) for line in gzip.decompress(Path(folder, made.name).read_bytes()).splitlines()
        ]


def _parquet(mutator: Mutator) -> bytes:
    import duckdb  # It is an extra.

    names = [
        "text", "html", "url", "date", "metadata", "timestamp", "protocol_reader_shard", "source", "articles",
    ]  # fmt: skip
    columns = [
        f"{mutator.choice(_SQL)} as {name}"
        for name in names
        if mutator.chance(0.1 if name.startswith("protocol") else 0.6)
    ] or ["'A page' as text"]
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        path = Path(folder) / "a.parquet"
        database.execute(
            f"copy (select {', '.join(columns)} from range({mutator.choice((0, 1, 3, 200))})) to '{path}' (format parquet)"
        )
        data = path.read_bytes()
    return mutator.broken(data, [data]) if mutator.chance(0.6) else data


def targets() -> dict[str, Target]:
    """A target for each format that can be read here, by their names."""
    text, gz = _bytes(TEXTS), partial(gzip.compress, compresslevel=1, mtime=0)
    made = [
        _target("text", ".txt", text),
        _target("html", ".html", _bytes(PAGES, _MARKUP)),
        _target("warc", ".warc", _warc),
        _target("warc-gz", ".warc.gz", _packed(_warc, _in_members(gz))),
        _target("gz", ".txt.gz", _packed(text, gz)),
        _target("zip", ".zip", _archive(zipped)),
        _target("wacz", ".wacz", _archive(_wacz)),
        _target("tar", ".tar", _archive(_tar)),
        _target("tar-gz", ".tgz", _packed(_archive(_tar), gz)),
        _target("mhtml", ".mhtml", _bytes([_MHTML], _MAIL)),
        _target("json", ".json", lambda mutator: mutator.json(mutator.choice((_ROWS, _ROWS[-1])))),
        _target("jsonl", ".jsonl", _rows_in_lines(_ROWS)),
        _target("shard", ".jsonl", lambda mutator: _rows_in_lines(_shard_rows())(mutator)),
    ]
    if find_spec("backports.zstd"):
        compress = import_module("backports.zstd").compress
        made += [
            _target("zst", ".txt.zst", _packed(text, compress)),
            _target("warc-zst", ".warc.zst", _packed(_warc, _in_members(compress))),
        ]
    if find_spec("duckdb"):
        made.append(_target("parquet", ".parquet", _parquet))
    return {target.name: target for target in made}
