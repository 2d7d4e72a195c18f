from __future__ import annotations

import gzip
import os
import plistlib
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.captures import SelectedPaths
from reader.captures.pictures import (
    data_of,
    figure_addresses,
    find_pictures,
    path_beside,
    picture_lines,
)
from reader.captures.results import MAX_PICTURE, address_key
from reader.captures.source import FileOffset
from reader.library import Library
from reader.parsing import parse_capture
from reader.sanitize import sanitize
from tests.app.features.picture_stage import SITE, data, only_article, page, picture, pictures_at, warc
from tests.captures.archives import http, packed, record, tarred, zipped
from tests.captures.test_html_captures import found_in

pytest.importorskip("PIL")


# In the page


def test_a_picture_that_single_file_stores_once_for_many_places(tmp_path: Path) -> None:
    one, other = picture(), picture(colour=(9, 9, 9))
    empty = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><rect fill-opacity='0'/></svg>"
    html = page("first", "second", "third")
    for name, number in ("first", 0), ("second", 1), ("third", 0):
        style = f"background-image: var(--sf-img-{number}) !important"
        html = html.replace(f'src="{name}"', f'src="{empty}" style="{style}"')
    variables = "".join(f'--sf-img-{n}: url("{data(it)}");' for n, it in enumerate((one, other)))
    assert html.count("--sf-img") == 3
    (tmp_path / "single.html").write_text(f"<style>:root{{{variables}}}</style>{html}")
    assert pictures_at(tmp_path / "single.html") == {0: one, 1: other, 2: one}


def test_pictures_in_a_page_that_is_packed_or_in_another_encoding(tmp_path: Path) -> None:
    one, other = picture(), picture(form="JPEG")
    html = page(data(one), data(other, "image/jpeg"), title="Café à Genève")
    old = html.replace("utf-8", "windows-1252").encode("cp1252")
    (tmp_path / "old.html").write_bytes(old)
    (tmp_path / "old.html.gz").write_bytes(gzip.compress(old))
    assert pictures_at(tmp_path / "old.html") == {0: one, 1: other}
    assert pictures_at(tmp_path / "old.html.gz") == {0: one, 1: other}


def test_the_picture_in_the_page_goes_before_the_one_that_a_script_would_fetch() -> None:
    one = data(picture())
    assert [line.addresses for line in picture_lines(page(one, lazy="lamp.jpg").encode())] == [(one,)]


@pytest.mark.parametrize(
    ("address", "content"),
    [
        ("data:image/png;base64,QUJD", b"ABC"),
        ("DATA:image/jpeg;charset=x;base64, QU JD", b"ABC"),
        ("data:image/webp;base64,QUJD%0A", b"ABC"),
        ("data:image/gif,A%42C", b"ABC"),
        ("data:image/svg+xml;base64,QUJD", None),
        ("data:text/html;base64,QUJD", None),
        ("data:image/png;base64,Q", None),
        ("https://www.protocol.com/a.png", None),
        ("data:image/png" + ";" * 100_000, None),
    ],
)
def test_addresses_that_are_pictures(address: str, content: bytes | None) -> None:
    assert data_of(address) == content


def test_figures_of_two_articles_with_the_same_words_keep_apart(tmp_path: Path) -> None:
    one, other = picture(colour=(1, 2, 3)), picture(colour=(9, 8, 7))
    first, second = page(data(one), title="First"), page(data(other), title="Second")
    file = tmp_path / "two.html"
    file.write_text(first.replace("</body></html>", "") + second[second.index("<article>") :])
    capture, _ = only_article(file)
    articles = parse_capture(capture).articles
    assert [article.headline for article in articles] == ["First", "Second"]
    found = picture_lines(file.read_bytes())
    assert [figure_addresses(article, found)[0] for article in articles] == [(data(one),), (data(other),)]


# Beside it


def test_files_beside_a_saved_page(tmp_path: Path) -> None:
    one = picture(form="WEBP")
    (tmp_path / "farm_files").mkdir()
    (tmp_path / "farm_files" / "a lamp.webp").write_bytes(one)
    file = tmp_path / "farm.html"
    file.write_text(page("./farm_files/a%20lamp.webp?v=2", "farm_files/missing.png"))
    assert pictures_at(file) == {0: one}


@pytest.mark.parametrize(
    "address", ["../secret.png", "/etc/secret.png", "a/../../secret.png", "file:///secret.png", "a\\b.png",
                "//host/secret.png", "%2e%2e/secret.png", "a%00.png", "https://x.example/y.png", "http://[", ""]
)  # fmt: skip
def test_nothing_is_read_outside_the_folder(address: str) -> None:
    assert path_beside(address) == ""


def test_links_out_of_the_folder_are_not_followed_and_what_is_no_picture_is_left(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture())
    pages = tmp_path / "pages"
    (pages / "farm_files").mkdir(parents=True)
    (pages / "farm_files" / "lamp.png").symlink_to(tmp_path / "secret.png")
    (pages / "away").symlink_to(tmp_path)
    (pages / "a.png").write_bytes(b"<svg onload='x'></svg>")
    (pages / "b.png").write_bytes(picture() + bytes(MAX_PICTURE))
    os.mkfifo(pages / "c.png")
    files = ("farm_files/lamp.png", "away/secret.png", "a.png", "b.png", "c.png")
    (pages / "farm.html").write_text(page(*files))
    assert pictures_at(pages / "farm.html") == {}
    # A picture that could not be fetched then.
    records = warc(page("/lamp.jpg"), {"/lamp.jpg": (picture(form="JPEG"), "image/jpeg")}, "404 Not Found")
    (tmp_path / "crawl.warc.gz").write_bytes(packed(records))
    assert pictures_at(tmp_path / "crawl.warc.gz") == {}


# In archives


@pytest.mark.parametrize("archive", ["pages.zip", "pages.tar", "pages.tar.gz"])
def test_members_beside_a_page(tmp_path: Path, archive: str) -> None:
    one, other = picture(form="GIF"), picture(colour=(3, 3, 3))
    files = {
        "2022/farm_files/lamp.gif": one,
        "2022/farm.html": page("farm_files/lamp.gif", data(other)).encode(),
        "farm_files/lamp.gif": picture(),
    }
    made = zipped(files) if archive.endswith("zip") else tarred(files)
    (tmp_path / archive).write_bytes(gzip.compress(made) if archive.endswith("gz") else made)
    assert pictures_at(tmp_path / archive) == {0: one, 1: other}


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "crawl.warc.zst", "together.warc.gz"])
def test_records_of_the_same_archive(tmp_path: Path, name: str) -> None:
    one, other = picture(form="JPEG"), picture()
    files = {
        "/img/lamp.jpg?w=9": (one, "image/jpeg"),
        "/img/fake.png": (b"<html>", "image/png"),
        "/img/second.png": (other, "image/png"),
    }
    plain = f"{SITE}/img/lamp.jpg?w=9#top".replace("https:", "http:")  # the same address
    records = warc(page(plain, "/img/fake.png", "/img/second.png", "/img/gone.png"), files)
    content = b"".join(records)
    if name.endswith("zst"):
        zstd = pytest.importorskip("backports.zstd")
        content = b"".join(zstd.compress(one) for one in records)
    elif name.startswith("together"):
        content = gzip.compress(content)
    elif name.endswith("gz"):
        content = packed(records)
    (tmp_path / name).write_bytes(content)
    assert pictures_at(tmp_path / name) == {0: one, 2: other}


def test_what_one_warc_of_a_crawl_has_not_is_in_another(tmp_path: Path) -> None:
    one, other = picture(form="JPEG"), picture()
    first = warc(page("/a.jpg", "/b.png", "/gone.png"), {"/a.jpg": (one, "image/jpeg")})
    second = warc(page("/x.png", title="Another"), {"/b.png": (other, "image/png")})
    files = {
        "archive/0.warc.gz": packed(first),
        "archive/1.warc.gz": packed(second),
        "datapackage.json": b"{}",
    }
    (tmp_path / "c.wacz").write_bytes(zipped(files, zipfile.ZIP_STORED))
    (tmp_path / "c.tar").write_bytes(tarred(files, tarfile.PAX_FORMAT))
    assert pictures_at(tmp_path / "c.wacz") == {0: one, 1: other}
    assert pictures_at(tmp_path / "c.tar") == {0: one, 1: other}


def test_parts_of_a_saved_message(tmp_path: Path) -> None:
    one, other = picture(form="JPEG"), picture()
    parts = [
        ("text/html; charset=utf-8", f"{SITE}/story", "", page(f"{SITE}/lamp.jpg", "cid:frame@x").encode()),
        ("image/jpeg", f"{SITE}/lamp.jpg", "", one),
        ("image/png", "", "<frame@x>", other),
    ]
    lines = [f"Snapshot-Content-Location: {SITE}/story", "MIME-Version: 1.0"]
    lines += ['Content-Type: multipart/related; type="text/html"; boundary="edge"', ""]
    for media, place, name, content in parts:
        lines += ["--edge", f"Content-Type: {media}", "Content-Transfer-Encoding: base64"]
        lines += [f"Content-Location: {place}"] if place else [f"Content-ID: {name}"]
        lines += ["", data(content).partition(",")[2], ""]
    (tmp_path / "saved.mhtml").write_text("\r\n".join([*lines, "--edge--", ""]))
    assert pictures_at(tmp_path / "saved.mhtml") == {0: one, 1: other}


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_parts_of_a_web_archive(tmp_path: Path, form: plistlib.PlistFormat) -> None:
    one, other = picture(form="JPEG"), picture()
    resources = [(f"{SITE}/lamp.jpg", "image/jpeg", one), (f"{SITE}/img/b.png", "image/png", other)]
    archive = {
        "WebMainResource": {
            "WebResourceURL": f"{SITE}/story",
            "WebResourceMIMEType": "text/html",
            "WebResourceTextEncodingName": "UTF-8",
            "WebResourceData": page(f"{SITE}/lamp.jpg", "/img/b.png").encode(),
        },
        "WebSubresources": [
            {"WebResourceURL": url, "WebResourceMIMEType": media, "WebResourceData": content}
            for url, media, content in resources
        ],
    }
    (tmp_path / "saved.webarchive").write_bytes(plistlib.dumps(archive, fmt=form))
    assert pictures_at(tmp_path / "saved.webarchive") == {0: one, 1: other}
    capture, _ = only_article(tmp_path / "saved.webarchive")
    assert capture.url == f"{SITE}/story"


# Where the capture is


@pytest.mark.parametrize("pack", [b"".join, packed])
def test_an_archive_that_changed_shows_no_other_record(
    tmp_path: Path, library: Library, pack: Callable[[list[bytes]], bytes]
) -> None:
    file = tmp_path / "crawl.warc"
    files = {"/a.png": (picture(), "image/png"), "/b.png": (picture(colour=(5, 5, 5)), "image/png")}
    file.write_bytes(pack(warc(page("/a.png"), files)))
    capture, article = only_article(file)
    library.ingest([str(file)])
    file.write_bytes(pack(warc(page("/a.png"), dict(reversed(files.items())))))
    assert library.pictures(capture.source, article) == {}
    # Added again, it has them again.
    assert pictures_at(file) == {0: picture()}
    for wrong in (FileOffset(0, 0), FileOffset(0, 3, 9), FileOffset(0, 1 << 40), FileOffset(9, 9, 1 << 40)):
        assert find_pictures(str(file), ":1", article, {address_key(f"{SITE}/a.png"): [wrong]}) == {}


def test_pictures_are_found_after_add_with_several_processes(tmp_path: Path) -> None:
    """A long file is taken apart in one process and read in others."""
    things = ("farms", "tills", "ports")
    files = {f"/{one}.png": (picture(colour=(len(one), n, 9)), "image/png") for n, one in enumerate(things)}
    filler = [record(os.urandom(1 << 20), url=f"{SITE}/video", kind="resource", media="video/mp4")] * 5
    pages = [warc(page(f"/{one}.png", title=f"The {one}", things=one), {})[0] for one in things]
    file = tmp_path / "crawl.warc"
    file.write_bytes(b"".join([*pages, *filler, *warc(page("/x.png", title="Last", things="ends"), files)]))
    with Library.open(tmp_path / "kept.db") as library:
        library.ingest([str(file)], jobs=1)
        rows = library.listing().rows(0, 9)
        assert len(rows) == 4
        found = {}
        for row in rows:
            stored = library.article(row.key)
            found[stored.article.title] = library.pictures(stored.source, stored.article)
    expected = {f"The {one}": {0: files[f"/{one}.png"][0]} for one in things}
    assert found == {**expected, "Last": {}}


def test_with_a_site_its_pictures_at_other_sites_are_found(tmp_path: Path) -> None:
    one = picture(form="JPEG")
    away = "https://pictures.example/lamp.jpg?w=9"
    file = tmp_path / "crawl.warc.gz"
    file.write_bytes(packed([*warc(page(away), {}), record(http(one, "image/jpeg"), url=away)]))
    capture, article = only_article(file)
    with Library.open(tmp_path / "kept.db") as library:
        library.ingest(SelectedPaths([str(file)], "protocol.com"))
        assert library.pictures(capture.source, article) == {0: one}


def test_what_was_noted_goes_with_the_last_capture_of_an_archive(tmp_path: Path) -> None:
    files = {"/a.png": (picture(), "image/png")}
    for name in ("one", "two"):
        archive = tmp_path / f"{name}.warc"
        archive.write_bytes(b"".join(warc(page("/a.png", title=f"The {name} farm"), files)))
    with Library.open(tmp_path / "kept.db") as library:
        library.ingest([str(tmp_path / "one.warc"), str(tmp_path / "two.warc")])
        name = str(tmp_path / "one.warc:1")
        library.remove(library.captures_from([name])[name])
        for name, count in (("one", 0), ("two", 1)):
            capture, article = only_article(tmp_path / f"{name}.warc")
            assert len(library.pictures(capture.source, article)) == count


_PIECES = (
    "<p>", "</p>", "<div>", "</div>", "<article>", "</article>", "<figure>", "</figure>", "<figcaption>",
    "</figcaption>", "<h1>", "</h1>", "<br>", "<li>", "<pre>", "</pre>", "<nav>", "</nav>", "words ",
    "&amp; more", "\n", " ", "Photo: Nobody", '<img src="a.png" alt="One &lt; two">', '<img src="b.png">',
    '<img alt="Three" data-src="/c.png">',
    f'<img src="{data(b"x" * 300)}" alt="Four">',
    '<script type="keep-reading-content">&lt;p&gt;rest&lt;/p&gt;</script>',
    '<div class="body js-expandable">', '<button class="keep-reading">Keep Reading</button>',
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=40))
def test_pictures_belong_to_the_lines_that_the_capture_has(pieces: list[str]) -> None:
    html = f"<html><body>{''.join(pieces)}</body></html>".encode()
    capture, _ = found_in(html)
    lines = [" ".join(sanitize(line).split()) for line in capture.text.split("\n")]
    found = picture_lines(html)
    for line in found:
        assert lines[line.number - 1] == line.text
        assert line.addresses
    hinted = {hint.n for hint in capture.hints if hint.role == "image"}
    assert hinted <= {line.number for line in found}
