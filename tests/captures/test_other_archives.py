"""ARC, HAR and the web archives of Safari: pages with their addresses and times, and what is saved of damaged files."""

from __future__ import annotations

import base64
import gzip
import json
import plistlib
from pathlib import Path

import pytest

from reader.captures import PASSED_OVER
from tests.captures.archives import DATE, PAGE, flips, http, read, text_of

URL = "https://www.protocol.com/story"


def arc_record(content: bytes, url: str = URL, media: str = "text/html", *, version: int = 1) -> bytes:
    more = " 200 - - 0 crawl.arc" if version == 2 else ""
    return f"{url} 192.0.2.7 20220812103000 {media}{more} {len(content)}\n".encode() + content + b"\n"


def arc(*records: bytes, version: int = 1) -> list[bytes]:
    fields = "URL IP-address Archive-date Content-type Archive-length"
    head = f"{version} 0 Archive of a test\n{fields}\n\n".encode()
    return [arc_record(head, "filedesc://crawl.arc", "text/plain", version=version), *records]


class TestArc:
    @pytest.mark.parametrize("version", [1, 2])
    @pytest.mark.parametrize("name", ["crawl.arc", "crawl.arc.gz"])
    def test_pages_with_their_addresses_and_times(self, tmp_path: Path, name: str, version: int) -> None:
        pages = [arc_record(http(text_of(n)), f"{URL}/{n}", "text/plain", version=version) for n in range(3)]
        others = [
            arc_record(http(b"\x89PNG", "image/png"), f"{URL}/a.png", "image/png", version=version),
            arc_record(b"20220812103000\n192.0.2.7\n", "dns:www.protocol.com", "text/dns", version=version),
        ]
        records = arc(*pages[:2], *others, pages[2], version=version)
        data = b"".join(map(gzip.compress, records)) if name.endswith("gz") else b"".join(records)
        found = read(tmp_path / name, data)
        assert found.texts == [text_of(n) for n in range(3)]
        assert [capture.url for capture in found.captures] == [f"{URL}/{n}" for n in range(3)]
        assert {capture.captured for capture in found.captures} == {DATE}
        assert found.sources == [":2", ":3", ":6"]
        assert found.kinds == [(PASSED_OVER, True)]

    def test_a_length_that_lies_costs_no_more_than_its_record_and_the_next(self, tmp_path: Path) -> None:
        pages = [arc_record(http(text_of(n)), f"{URL}/{n}") for n in range(4)]
        length = str(len(http(text_of(1)))).encode()
        pages[1] = pages[1].replace(b" " + length + b"\n", b" %d\n" % (int(length) + 50), 1)
        found = read(tmp_path / "a.arc", b"".join(arc(*pages)))
        assert {text_of(0), text_of(3)} <= set(found.texts)
        assert ("damaged", True) in found.kinds

    def test_an_end_anywhere_keeps_what_came_before(self, tmp_path: Path) -> None:
        *before, last = arc(*[arc_record(http(text_of(n)), f"{URL}/{n}") for n in range(2)])
        for end in range(1, len(last) - 1, 7):
            found = read(tmp_path / "a.arc", b"".join(before) + last[:end])
            assert found.texts[0] == text_of(0)
            assert all(capture.partial for capture in found.captures[1:])
            assert ("damaged", True) in found.kinds


def entry(
    text: str | None, url: str = URL, media: str = "text/html; charset=utf-8", **content: object
) -> object:
    return {
        "startedDateTime": "2022-08-12T10:30:00.123Z",
        "request": {"method": "GET", "url": url},
        "response": {"status": 200, "content": {"mimeType": media, "text": text, **content}},
    }


def har(*entries: object) -> bytes:
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}, indent=2).encode()


class TestHar:
    @pytest.mark.parametrize("name", ["pages.har", "pages.json", "pages"])
    def test_pages_with_their_addresses_and_times(self, tmp_path: Path, name: str) -> None:
        html = "<!doctype html><p>A line of “it”</p>"
        packed = base64.b64encode("<!doctype html><p>Café</p>".encode("cp1252")).decode()
        data = har(
            entry(html),
            entry("p { margin: 0 }", media="text/css"),
            entry(packed, media="text/html; charset=windows-1252", encoding="base64"),
            entry(PAGE, media="text/plain"),
            entry(None),
        )
        found = read(tmp_path / name, data)
        assert found.texts == ["A line of “it”", "Café", PAGE]
        assert found.sources == [":1", ":3", ":4"]
        assert {(capture.url, capture.captured) for capture in found.captures} == {(URL, DATE)}
        assert found.kinds == [(PASSED_OVER, True)]
        assert "1 text/css" in found.reasons

    def test_half_of_a_surrogate_pair_costs_a_character(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.har", har(entry("<p>Caf\u00e9 \ud800</p>"))).texts == ["Caf\u00e9 \ufffd"]

    def test_pages_of_one_site(self, tmp_path: Path) -> None:
        data = har(entry("<p>One</p>"), entry("<p>Other</p>", "https://other.example/"))
        found = read(tmp_path / "a.har", data, site="protocol.com")
        assert found.texts == ["One"]
        assert found.reasons == "1 page of another site skipped"

    def test_an_entry_that_is_none_costs_no_other(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.har", har(1, {}, entry("<p>One</p>"), {"response": None}, entry("x", 5)))  # type: ignore[arg-type]
        assert found.texts[0] == "One"
        assert found.kinds[0] == ("damaged", True)
        assert "3 responses (1, 2, 4)" in found.reasons

    @pytest.mark.parametrize("data", [b'{"log": {"entries": [', b'{"log": {}}', b'{"log": {"entries": 5}}'])
    def test_a_damaged_log_says_so(self, tmp_path: Path, data: bytes) -> None:
        assert read(tmp_path / "a.har", data).kinds == [("damaged", False)]


class TestWebArchive:
    def archive(self, **fields: object) -> dict[str, object]:
        main = {
            "WebResourceURL": URL,
            "WebResourceMIMEType": "text/html",
            "WebResourceTextEncodingName": "windows-1252",
            "WebResourceData": "<!doctype html><p>Café</p>".encode("cp1252"),
        }
        return {"WebMainResource": main | fields}

    @pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
    @pytest.mark.parametrize("name", ["page.webarchive", "page"])
    def test_the_page_with_its_address(self, tmp_path: Path, name: str, form: plistlib.PlistFormat) -> None:
        found = read(tmp_path / name, plistlib.dumps(self.archive(), fmt=form))
        assert (found.texts, found.problems) == (["Café"], [])
        assert found.captures[0].url == URL

    def test_damage_is_named(self, tmp_path: Path) -> None:
        data = plistlib.dumps(self.archive(), fmt=plistlib.FMT_BINARY)
        path = tmp_path / "page.webarchive"
        assert read(path, data[:-20]).kinds == [("damaged", False)]
        assert read(path, plistlib.dumps({"WebMainResource": 5})).kinds == [("damaged", False)]
        picture = self.archive(WebResourceMIMEType="image/png")
        assert read(path, plistlib.dumps(picture)).kinds == [("damaged", False)]
        for _, damaged in flips(data, 3):
            read(path, damaged)
