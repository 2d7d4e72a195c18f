"""A library stores captures, articles and problems unchanged, counts them, and lists them in order."""

from __future__ import annotations

import stat

import pytest

from reader.errors import LibraryError
from reader.library import SPONSORED, UNSECTIONED, Library, Totals, fold, folded_words
from reader.model import HEADLINE_LINK, Bio, Block, Capture, Figure, LineHint, Link, Page, Problem, Reason
from tests.filling import add_pages
from tests.generated import NO_LABELS, a_page, an_article

CUT = Reason("marker", 4, "Keep ReadingShow less")
PAID = Reason("label", 4, "A message from Kelbus Pay")


def keys(library: Library) -> list[int]:
    listing = library.listing()
    return [row.key for row in listing.rows(0, len(listing))]


def test_everything_about_an_article_and_its_capture_comes_back(library: Library) -> None:
    article = an_article(
        truncated=CUT,
        sponsored=PAID,
        sponsor="Kelbus Pay",
        authors=("Lian Huarong", "Zoë Haas"),
        figures=(Figure("A roof", None, "Photo: Ren Kaiping", "https://protocol.example/roof.jpg"), Figure()),
        bios=(Bio(None, "Zoë Haas was an intern."),),
        links=(Link(HEADLINE_LINK, 0, 3, "https://protocol.example/"),),
        confidence=0.75,
    )
    capture = Capture(
        "pile/one.txt",
        "Zeile\r\nzwei – drei\n",
        url="https://protocol.example/1",
        captured="2022-01-02T03:04:05Z",
        encoding="cp1252",
        partial="longer than 32 MB: the rest was left out",
        hints=(LineHint(2, "headline"),),
    )
    add_pages(library, [(capture, Page(capture.source, None, None, (article,), (), NO_LABELS))])
    (key,) = keys(library)
    stored = library.article(key)
    assert stored.article == article
    assert repr(stored.article) == repr(article)  # the same records again, not plain tuples
    assert (stored.key, stored.source, stored.url) == (key, capture.source, capture.url)
    assert (stored.captured, stored.encoding, stored.partial) == (
        capture.captured,
        capture.encoding,
        capture.partial,
    )
    assert library.capture(stored.capture_key) == capture
    for read in (library.article, library.capture):
        with pytest.raises(LibraryError, match=r"no longer has this (article|capture)"):
            read(5)


def test_counters_and_sections(library: Library) -> None:
    assert library.totals() == Totals(0, 0, 0, 0, 0)
    assert library.sections() == ()
    add_pages(
        library,
        [
            a_page("one", an_article(section="bulletins"), an_article(section="China", truncated=CUT)),
            a_page("two", an_article(section="Élan"), an_article(section="sponsored")),
        ],
        [Problem("x.bin", "binary", "not text"), Problem("y.txt", "damaged", "cut off", partial=True)],
    )
    paid = an_article(section="China", sponsored=PAID, truncated=CUT, sponsor="Kelbus Pay")
    capture, page = a_page("three", paid)
    part = Capture(capture.source, capture.text, partial="the rest was left out")
    add_pages(library, [(part, page), a_page("four", an_article())])
    assert library.totals() == Totals(captures=4, articles=6, truncated=2, sponsored=1, problems=2)
    assert [(section.name, section.count) for section in library.sections()] == [
        ("China", 2),
        ("bulletins", 1),
        ("Élan", 1),
        (UNSECTIONED, 1),
        (SPONSORED, 1),
    ]


def test_skipped_items_are_grouped_by_reason_and_do_not_count_as_problems(library: Library) -> None:
    readme = Problem(
        "a/README", "not a capture", "not a capture by its name; name the file to read it anyway"
    )
    table = Problem(
        "b/data.json", "not a capture", "JSON without a page; name the file to see which columns are expected"
    )
    other = readme._replace(source="c/README")
    parts = [
        Problem(f"{n}.warc", "passed over", f"{n} records skipped: {n} pictures", partial=True)
        for n in (3, 4)
    ]
    broken = Problem("d.bin", "binary", "not text")
    add_pages(library, [], [readme, parts[0], table, other, broken, parts[1]])
    totals = library.totals()
    assert (totals.problems, totals.skipped) == (1, 5)
    assert library.problems() == [broken, table, readme, other, *parts]
    assert [count for _, count in library.skipped()] == [1, 2, 2]
    assert [reason for reason, _ in library.skipped()][:2] == [
        "JSON without a page",
        "not a capture by its name",
    ]
    counts = library.overview()
    assert (counts.problems, counts.skipped) == (1, 5)
    add_pages(library, [], [broken, table])
    assert library.totals().problems == 1, "a problem is stored once"
    assert library.problems(1, 3) == [table, readme]


def test_names_that_are_not_unicode_are_stored_as_far_as_possible(library: Library) -> None:
    add_pages(
        library,
        [a_page("caf\udce9.txt", an_article(headline="a\ud800b"))],
        [Problem("\udcff", "unreadable", "\udc80")],
    )
    stored = library.article(keys(library)[0])
    assert stored.source == "caf�.txt"
    assert stored.article.headline == "a\ud800b"
    assert library.listing().rows(0, 1)[0].title == "a�b"
    assert library.problems() == [Problem("�", "unreadable", "�")]


def test_minutes_are_of_reading_230_words_each(library: Library) -> None:
    for words, minutes in (1, 1), (344, 1), (346, 2), (1150, 5):
        article = an_article(body=(Block("paragraph", " ".join(["word"] * words)),))
        add_pages(library, [a_page(f"{words}", article)])
        assert library.listing().rows(0, 9)[-1].minutes == minutes


def test_a_temporary_library_is_private_and_leaves_nothing() -> None:
    library = Library.temporary()
    folder = library.path.parent
    with library.another() as other:
        add_pages(library, [a_page("one", an_article())])
        assert other.totals().articles == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    library.close()
    library.close()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kestrel Cloud", "kestrel cloud"),
        ("CAFÉ Sørli naïve", "cafe sørli naive"),
        ("Cloud’s “night” — shift…", 'cloud\'s "night" - shift...'),
        ("Straße", "strasse"),
        ("İzmir", "izmir"),
        ("℡", "tel"),
        ("ﬁn", "fin"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded
    assert folded_words(f"  {text}\t{text.upper()} ") == tuple(dict.fromkeys(folded.split()))
