"""Names taken apart, and citations in each style."""

from __future__ import annotations

import re

import pytest

from reader.addresses import ARCHIVE, archive_address, original_address
from reader.export.citations import STYLES, Name, apa, chicago, mla, parse_name, with_initials
from reader.export.items import ExportItem, make_item
from reader.model import Article, Reason
from tests.export.stage import ADDRESS, OWN, PAID, STORY, an_item, exported, linked
from tests.generated import an_article


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anders Whitlock", Name("Whitlock", "Anders")),
        ("Anders J. Whitlock", Name("Whitlock", "Anders J.")),
        ("Oksana van der Vu", Name("van der Vu", "Oksana")),
        ("Van Vu", Name("Vu", "Van")),
        ("Bram Haas, Jr.", Name("Haas", "Bram", "Jr.")),
        ("Bram Haas III", Name("Haas", "Bram", "III")),
        ("Haas, Bram and others", Name("Haas, Bram and others")),
        ("Nimbuspay", Name("Nimbuspay")),
        ("Kestrel Cloud Inc.", Name("Kestrel Cloud Inc.")),
        ("平筷", Name("平筷")),
    ],
)
def test_a_name_is_divided_into_its_parts(text: str, name: Name) -> None:
    assert parse_name(text) == name


def test_given_names_become_initials() -> None:
    short = {
        "J.R. Whitlock": "Whitlock, J. R.",
        "Jean-Luc Whitlock": "Whitlock, J.-L.",
        "Iñigo Øyvind van Haas Jr.": "van Haas, I. Ø., Jr.",
        "Nimbuspay": "Nimbuspay",
    }
    assert {name: with_initials(parse_name(name)) for name in short} == short


def cited(authors: str, title: str = "Who owns the “weather”?", **changes: object) -> ExportItem:
    """An item by these authors that no archive has; fields of the article or of the item are changed."""
    names = tuple(filter(None, authors.split("; ")))
    article = an_article(headline=title, authors=names, published="2022-05-06")
    own = {name: changes.pop(name) for name in Article._fields if name in changes}
    item = make_item(article._replace(**own), "a.txt", ADDRESS, "2022-11-15")  # type: ignore[arg-type]
    return item._replace(**{"archive_url": None, **changes})  # type: ignore[arg-type]


ROOF = "The roof"
ACCESSED = "Accessed 15 Nov. 2022."
FROM = f"Retrieved November 15, 2022, from {ADDRESS}"
LABEL = Reason("label", 9, "Sponsored Content")
PAID_FOR = cited("", ROOF, url=None, sponsored=LABEL, sponsor="Nimbuspay", truncated=LABEL)


@pytest.mark.parametrize(
    ("item", "texts"),
    [
        (cited("Anders Whitlock"), (
            f"Whitlock, A. (2022, May 6). Who owns the “weather”? Protocol. {FROM}",
            f"Whitlock, Anders. “Who owns the ‘weather’?” Protocol, 6 May 2022, {ADDRESS}. {ACCESSED}",
            "Whitlock, Anders. “Who owns the ‘weather’?” Protocol, May 6, 2022. Archived November 15, 2022."
            f" {ADDRESS}.",
        )),
        (cited("Anders Whitlock; Oksana Vu", ROOF), (
            f"Whitlock, A., & Vu, O. (2022, May 6). The roof. Protocol. {FROM}",
            f"Whitlock, Anders, and Oksana Vu. “The roof.” Protocol, 6 May 2022, {ADDRESS}. {ACCESSED}",
            "Whitlock, Anders, and Oksana Vu. “The roof.” Protocol, May 6, 2022. Archived November 15, 2022."
            f" {ADDRESS}.",
        )),
        (cited("Anders Whitlock; Oksana Vu; Bram van Haas Jr.", ROOF), (
            f"Whitlock, A., Vu, O., & van Haas, B., Jr. (2022, May 6). The roof. Protocol. {FROM}",
            f"Whitlock, Anders, et al. “The roof.” Protocol, 6 May 2022, {ADDRESS}. {ACCESSED}",
            "Whitlock, Anders, Oksana Vu, and Bram van Haas Jr. “The roof.” Protocol, May 6, 2022. Archived"
            f" November 15, 2022. {ADDRESS}.",
        )),
        (cited("", ROOF, published=None, captured=None), (
            f"The roof. (n.d.). Protocol. {ADDRESS}",
            f"“The roof.” Protocol, {ADDRESS}.",
            f"“The roof.” Protocol, n.d. {ADDRESS}.",
        )),
        (cited("Anders Whitlock", ROOF, url=None, captured=None, source="-"), (
            "Whitlock, A. (2022, May 6). The roof. Protocol. Page capture from standard input.",
            "Whitlock, Anders. “The roof.” Protocol, 6 May 2022. Page capture from standard input.",
            "Whitlock, Anders. “The roof.” Protocol, May 6, 2022. Page capture from standard input.",
        )),
        (PAID_FOR, (
            "Nimbuspay. (2022, May 6). The roof [Sponsored content by Nimbuspay] [Only the beginning is kept]."
            " Protocol. Page capture “a.txt”.",
            "Nimbuspay. “The roof.” Protocol, 6 May 2022. Sponsored content by Nimbuspay. Only the beginning is kept."
            " Page capture “a.txt”.",
            "Nimbuspay. “The roof.” Protocol, May 6, 2022. Sponsored content by Nimbuspay. Only the beginning is kept."
            " Archived November 15, 2022. Page capture “a.txt”.",
        )),
    ],
)  # fmt: skip
def test_apa_mla_and_chicago(item: ExportItem, texts: tuple[str, str, str]) -> None:
    assert tuple(style(item) for style in STYLES.values()) == texts


ARCHIVED = f"https://web.archive.org/web/20221115070809/{ADDRESS}"


def test_an_archived_page_is_cited_where_it_still_is() -> None:
    for lacking in ((None, "2022-05-06"), (OWN, None), (OWN, "2022")):
        assert archive_address(*lacking) is None
    one = cited("Anders Whitlock", title="The roof", archive_url=ARCHIVED)
    assert [style(one) for style in STYLES.values()] == [
        f"Whitlock, A. (2022, May 6). The roof. Protocol. Retrieved November 15, 2022, from {ARCHIVED}",
        f"Whitlock, Anders. “The roof.” Protocol, 6 May 2022, {ADDRESS}. Internet Archive, {ARCHIVED}."
        " Accessed 15 Nov. 2022.",
        f"Whitlock, Anders. “The roof.” Protocol, May 6, 2022. {ADDRESS}."
        f" Archived November 15, 2022, at {ARCHIVED}.",
    ]


@pytest.mark.parametrize(
    ("url", "captured", "archive", "own"),
    [
        ("https://a.example/x?y=1", "2022-05-06T07:08:09Z", "20220506070809/https://a.example/x?y=1", None),
        ("https://a.example/x", "2022-05-06T07:08:09.123456+00:00", "20220506070809/https://a.example/x", None),
        (f"{ARCHIVE}20220506070809/https://a.example/x", None, "20220506070809/https://a.example/x", "https://a.example/x"),
        (f"{ARCHIVE}2022im_/https://a.example/x", None, "2022im_/https://a.example/x", "https://a.example/x"),
    ],
)  # fmt: skip
def test_an_archived_page_has_two_addresses(
    url: str, captured: str | None, archive: str, own: str | None
) -> None:
    assert archive_address(url, captured) == ARCHIVE + archive
    assert original_address(url) == (own or url)


@pytest.mark.parametrize(
    ("source", "is_cited"),
    [
        ("wayback-00002.warc.gz:3", True),
        ("commoncrawl-00002.warc.gz:3", False),
        ("/data/CC-MAIN-20220630142527-20220630172527-00123.warc.wet.gz:7", False),
        ("s3://crawls/CC-MAIN-2022-27/page.html", True),
    ],
)
def test_a_capture_of_common_crawl_is_not_said_to_be_in_the_internet_archive(
    source: str, is_cited: bool
) -> None:
    item = make_item(STORY, source, ADDRESS, "2022-05-06T07:08:09Z")
    assert (item.archive_url is not None) is is_cited
    for captured in (None, "2025-01-02T03:04:05Z"):  # A page that was saved from the archive itself.
        saved = make_item(STORY, source, f"{ARCHIVE}20220506070809/{ADDRESS}", captured)
        assert (saved.url, saved.archive_url) == (ADDRESS, f"{ARCHIVE}20220506070809/{ADDRESS}")
        assert all(str(saved.archive_url) in style(saved) for style in STYLES.values())
    assert all(("web.archive.org" in style(item)) is is_cited for style in STYLES.values())


def test_long_lists_of_authors_are_cut() -> None:
    """APA leaves out authors from the twentieth to the last but one; Chicago names seven of more than ten."""
    text = apa(cited("; ".join(f"Anders Haas{chr(97 + n)}" for n in range(22))))
    assert "Haass, A., . . . Haasv, A. (2022" in text
    assert "Haast" not in text
    text = chicago(cited("; ".join(f"Anders Haas{chr(97 + n)}" for n in range(11))))
    assert "Anders Haasg, et al. “" in text
    assert "Haash" not in text


def test_the_sponsor_is_the_author_of_an_unsigned_paid_article() -> None:
    assert apa(an_item(PAID)).startswith(
        "Nimbuspay. (n.d.). Payments are faster [Sponsored content by Nimbuspay]"
    )
    nobody = make_item(an_article(authors=(), published=None), "a.txt", captured="last week")
    assert apa(nobody) == "The lettuce on the roof. (n.d.). Protocol. Page capture “a.txt”."
    assert f" {OWN}." in mla(linked()), "a story is cited by its own page"


def test_a_story_below_another_is_only_seen_on_that_page() -> None:
    archived = archive_address(ADDRESS, "2022-11-15")
    item = make_item(STORY._replace(position=1, truncated=None), "pile/a.txt", ADDRESS, "2022-11-15")
    assert [style(item) for style in (mla, chicago)] == [
        f"Whitlock, Anders, and Oksana van Vu. “The lettuce on the roof.” Protocol, 4 Mar. 2021. Seen on {ADDRESS}."
        f" Internet Archive, {archived}. Accessed 15 Nov. 2022.",
        "Whitlock, Anders, and Oksana van Vu. “The lettuce on the roof.” Protocol, March 4, 2021."
        f" Seen on {ADDRESS}. Archived November 15, 2022, at {archived}.",
    ]
    for form in "bibtex", "ris", "csl-json":
        fields = exported(form, item)
        assert not re.search(r'(?i)^UR  -|\burl = |"URL"', fields, re.MULTILINE)
        assert f"Seen on: {ADDRESS}" in fields.replace("\\&", "&")
        assert str(archived) in fields
    assert '"url"' not in exported("json-feed", item)
