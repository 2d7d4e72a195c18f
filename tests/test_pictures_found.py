from __future__ import annotations

import gzip
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.app.picture_files import Named, named, ways
from reader.captures import picture_index
from reader.captures.html import read_html
from reader.captures.html.pictures import data_of, parts_beside, placed, spots
from reader.captures.pictures import MAX_PICTURE, find_pictures, is_picture
from reader.captures.window import whole
from reader.library import Library
from reader.library.paths import path_of
from reader.model import Capture
from reader.safe_text import clean
from tests.archives import packed, record, tarred, zipped
from tests.picture_stage import SITE, data, only_article, page, picture, pictures_at, warc

pytest.importorskip("PIL")


@pytest.fixture
def indexes(tmp_path: Path) -> Path:
    return tmp_path / "state" / "pictures"


# In the page


def test_a_picture_in_the_page_itself(tmp_path: Path, indexes: Path) -> None:
    one, other = picture(), picture(form="JPEG")
    file = tmp_path / "single.html"
    file.write_text(page(data(one), data(other, "image/jpeg")))
    assert pictures_at(file, indexes) == {0: one, 1: other}


def test_a_page_that_is_packed_or_in_another_encoding(tmp_path: Path, indexes: Path) -> None:
    one = picture()
    html = page(data(one), title="Café à Genève").replace("utf-8", "windows-1252").encode("cp1252")
    (tmp_path / "old.html").write_bytes(html)
    (tmp_path / "old.html.gz").write_bytes(gzip.compress(html))
    assert pictures_at(tmp_path / "old.html", indexes) == {0: one}
    assert pictures_at(tmp_path / "old.html.gz", indexes) == {0: one}


def test_what_holds_a_pictures_place_is_none() -> None:
    placeholder = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    found = spots(page(placeholder, lazy="farm_files/lamp.jpg").encode())
    assert [spot.addresses for spot in found] == [("farm_files/lamp.jpg",)]


def test_the_picture_in_the_page_goes_before_the_one_that_a_script_would_fetch() -> None:
    one = data(picture())
    assert [spot.addresses for spot in spots(page(one, lazy="lamp.jpg").encode())] == [(one,)]


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
    from reader.parsing import parse_capture

    articles = parse_capture(capture).articles
    assert [article.headline for article in articles] == ["First", "Second"]
    found = spots(file.read_bytes())
    assert [placed(article, found)[0] for article in articles] == [(data(one),), (data(other),)]


# Beside it


def test_files_beside_a_saved_page(tmp_path: Path, indexes: Path) -> None:
    one = picture(form="WEBP")
    (tmp_path / "farm_files").mkdir()
    (tmp_path / "farm_files" / "a lamp.webp").write_bytes(one)
    file = tmp_path / "farm.html"
    file.write_text(page("./farm_files/a%20lamp.webp?v=2", "farm_files/missing.png"))
    assert pictures_at(file, indexes) == {0: one}


@pytest.mark.parametrize(
    "address", ["../secret.png", "/etc/secret.png", "a/../../secret.png", "file:///secret.png", "a\\b.png",
                "//host/secret.png", "%2e%2e/secret.png", "a%00.png", "https://x.example/y.png", "http://[", ""]
)  # fmt: skip
def test_nothing_is_read_outside_the_folder(address: str) -> None:
    assert parts_beside(address) == ()


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path, indexes: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture())
    pages = tmp_path / "pages"
    (pages / "farm_files").mkdir(parents=True)
    (pages / "farm_files" / "lamp.png").symlink_to(tmp_path / "secret.png")
    (pages / "away").symlink_to(tmp_path)
    (pages / "farm.html").write_text(page("farm_files/lamp.png", "away/secret.png"))
    assert pictures_at(pages / "farm.html", indexes) == {}


def test_what_is_no_picture_or_too_large_is_left(tmp_path: Path, indexes: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"<svg onload='x'></svg>")
    (tmp_path / "b.png").write_bytes(picture() + bytes(MAX_PICTURE))
    os.mkfifo(tmp_path / "c.png")
    (tmp_path / "farm.html").write_text(page("a.png", "b.png", "c.png"))
    assert pictures_at(tmp_path / "farm.html", indexes) == {}


def test_pictures_are_told_by_their_first_bytes() -> None:
    assert all(is_picture(picture(form=form)) for form in ("PNG", "JPEG", "GIF", "WEBP"))
    assert not any(map(is_picture, (b"", b"BM" + bytes(60), b"RIFF1234WAVE", picture(form="TIFF"))))


# In archives


@pytest.mark.parametrize("archive", ["pages.zip", "pages.tar", "pages.tar.gz"])
def test_members_beside_a_page(tmp_path: Path, indexes: Path, archive: str) -> None:
    one, other = picture(form="GIF"), picture(colour=(3, 3, 3))
    files = {
        "2022/farm_files/lamp.gif": one,
        "2022/farm.html": page("farm_files/lamp.gif", data(other)).encode(),
        "farm_files/lamp.gif": picture(),
    }
    made = zipped(files) if archive.endswith("zip") else tarred(files)
    (tmp_path / archive).write_bytes(gzip.compress(made) if archive.endswith("gz") else made)
    assert pictures_at(tmp_path / archive, indexes) == {0: one, 1: other}


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "crawl.warc.zst", "together.warc.gz"])
def test_records_of_the_same_archive(tmp_path: Path, indexes: Path, name: str) -> None:
    one, other = picture(form="JPEG"), picture()
    files = {
        "/img/lamp.jpg?w=9": (one, "image/jpeg"),
        "/img/fake.png": (b"<html>", "image/png"),
        "/img/second.png": (other, "image/png"),
    }
    records = warc(page("/img/lamp.jpg?w=9", "/img/fake.png", "/img/second.png", "/img/gone.png"), files)
    content = b"".join(records)
    if name.endswith("zst"):
        zstd = pytest.importorskip("backports.zstd")
        content = b"".join(zstd.compress(one) for one in records)
    elif name.startswith("together"):
        content = gzip.compress(content)
    elif name.endswith("gz"):
        content = packed(records)
    (tmp_path / name).write_bytes(content)
    assert pictures_at(tmp_path / name, indexes) == {0: one, 2: other}


def test_records_in_a_wacz_and_in_a_tar(tmp_path: Path, indexes: Path) -> None:
    one = picture(form="JPEG")
    crawl = packed(warc(page("/lamp.jpg"), {"/lamp.jpg": (one, "image/jpeg")}))
    files = {"archive/data.warc.gz": crawl, "datapackage.json": b"{}"}
    (tmp_path / "c.wacz").write_bytes(zipped(files, zipfile.ZIP_STORED))
    (tmp_path / "c.tar").write_bytes(tarred({"x/data.warc.gz": crawl}, tarfile.PAX_FORMAT))
    assert pictures_at(tmp_path / "c.wacz", indexes) == {0: one}
    assert pictures_at(tmp_path / "c.tar", indexes) == {0: one}


def test_what_one_warc_of_a_crawl_has_not_is_in_another(tmp_path: Path, indexes: Path) -> None:
    one, other = picture(form="JPEG"), picture()
    first = warc(page("/a.jpg", "/b.png", "/gone.png"), {"/a.jpg": (one, "image/jpeg")})
    second = warc(page("/x.png", title="Another"), {"/b.png": (other, "image/png")})
    files = {
        "archive/0.warc.gz": packed(first),
        "archive/1.warc.gz": packed(second),
        "datapackage.json": b"{}",
    }
    (tmp_path / "c.wacz").write_bytes(zipped(files, zipfile.ZIP_STORED))
    assert pictures_at(tmp_path / "c.wacz", indexes) == {0: one, 1: other}


def test_a_picture_that_could_not_be_fetched_then(tmp_path: Path, indexes: Path) -> None:
    records = warc(page("/lamp.jpg"), {"/lamp.jpg": (picture(form="JPEG"), "image/jpeg")}, "404 Not Found")
    (tmp_path / "crawl.warc.gz").write_bytes(packed(records))
    assert pictures_at(tmp_path / "crawl.warc.gz", indexes) == {}


def test_parts_of_a_saved_message(tmp_path: Path, indexes: Path) -> None:
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
    assert pictures_at(tmp_path / "saved.mhtml", indexes) == {0: one, 1: other}


# Where the capture is


def test_how_a_label_can_be_read() -> None:
    assert list(ways("a/b.zip/c.warc:12")) == [
        ("a/b.zip/c.warc:12", ""),
        ("a/b.zip/c.warc", ":12"),
        ("a/b.zip", "c.warc:12"),
        ("a", "b.zip/c.warc:12"),
    ]


def test_an_archive_that_was_moved_has_none(tmp_path: Path, indexes: Path) -> None:
    file = tmp_path / "crawl.warc.gz"
    file.write_bytes(packed(warc(page("/a.png"), {"/a.png": (picture(), "image/png")})))
    capture, article = only_article(file)
    assert len(pictures_at(file, indexes)) == 1
    file.rename(tmp_path / "elsewhere.warc.gz")
    assert named(capture.source) is None
    for source in ("-", "", "no/such/file:3", "\0", str(tmp_path)):
        assert named(source) is None
    gone = Named(str(file), ":1")
    assert find_pictures(*gone, article, indexes) == ({}, None)


def test_an_archive_that_changed_is_read_again(tmp_path: Path, indexes: Path) -> None:
    file = tmp_path / "crawl.warc.gz"
    one, other = picture(), picture(colour=(5, 5, 5))
    file.write_bytes(packed(warc(page("/a.png"), {"/a.png": (one, "image/png")})))
    capture, article = only_article(file)
    place = named(capture.source)
    assert place == (str(file), ":1")
    assert pictures_at(file, indexes) == {0: one}
    before = record("x" * 999, url=f"{SITE}/before", kind="metadata", media="text/plain")
    file.write_bytes(packed([before, *warc(page("/a.png"), {"/a.png": (other, "image/png")})]))
    assert find_pictures(*place, article, indexes).unindexed is not None
    assert pictures_at(file, indexes) == {0: other}


def test_a_remembered_place_that_lies_is_not_believed(tmp_path: Path, indexes: Path) -> None:
    file = tmp_path / "crawl.warc"
    file.write_bytes(b"".join(warc(page("/a.png"), {"/a.png": (picture(), "image/png")})))
    descriptor = os.open(file, os.O_RDONLY)
    try:
        window = whole(descriptor, str(file))
        index = picture_index.file_of(indexes, str(file), window)
        picture_index.make(index, window)
        address = f"{SITE}/a.png"
        assert picture_index.look_up(index, window, [address]) == {address: picture()}
        content = bytearray(index.read_bytes())
        for at in range(len(content) - 8, 40, -24):
            content[at - 8 : at] = (0).to_bytes(8, "big")  # Every place is that of the first record.
        index.write_bytes(content)
        assert picture_index.look_up(index, window, [address]) == {}
        index.write_bytes(content[:-5])
        assert picture_index.look_up(index, window, [address]) is None
    finally:
        os.close(descriptor)


def test_http_and_https_are_the_same_address() -> None:
    assert picture_index.key_of("http://a.example/x?y#z") == picture_index.key_of("https://a.example/x?y")


def test_only_so_many_archives_are_remembered(
    tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_index, "MOST_FILES", 2)
    for name in "abc":
        file = tmp_path / f"{name}.warc"
        file.write_bytes(b"".join(warc(page("/a.png"), {"/a.png": (picture(), "image/png")})))
        assert len(pictures_at(file, indexes)) == 1
    assert len(list(indexes.iterdir())) == 2


def test_a_file_added_from_another_folder_is_found(
    tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pile").mkdir()
    file = tmp_path / "pile" / "single.html"
    file.write_text(page(data(picture())))
    os.utime(file, (1_000_000_000, 1_000_000_000))
    monkeypatch.chdir(tmp_path)
    from reader.cli import main

    assert main(["add", "--library", "kept.sqlite", "pile"]) == 0
    with Library.open(tmp_path / "kept.sqlite") as library:  # as older versions kept it
        library.database.run("UPDATE captures SET source = 'pile/single.html'")
    monkeypatch.chdir("/")
    with Library.open(tmp_path / "kept.sqlite") as library:
        stored = library.article(library.listing().rows(0, 1)[0].key)
        assert stored.source == "pile/single.html"
        assert path_of(library.database, stored.source) == str(file)
        assert path_of(library.database, "ngle.html") is None
        place = named(stored.source, lambda path: path_of(library.database, path))
        assert place == (str(file), "")
        found = find_pictures(*place, stored.article, indexes)
    assert list(found.pictures) == [0]


def test_captures_stay_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "single.html"
    file.write_text(page(data(picture()), "farm_files/x.png"))
    capture, article = only_article(file)
    assert isinstance(capture, Capture)
    assert "data:" not in capture.text
    assert [figure.url for figure in article.figures] == [None, None]


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
    capture = next(item for item in read_html(html, "x.html") if isinstance(item, Capture))
    lines = [" ".join(clean(line).split()) for line in capture.text.split("\n")]
    for spot in spots(html):
        assert lines[spot.n - 1] == spot.text
        assert spot.addresses
    told = {hint.n for hint in capture.hints if hint.role == "image"}
    assert told <= {spot.n for spot in spots(html)}
