"""Articles to export: one of every kind, and ones whose words would be markup."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO

from hypothesis import strategies as st

from reader.export.formats import FORMATS, Format
from reader.export.items import Export, ExportItem, Occurrence, make_item
from reader.model import HEADLINE_LINK, Article, Bio, Block, Figure, Link, Reason
from reader.sanitize import sanitize
from tests.generated import an_article

FORMS = {form.name: form for form in FORMATS}
TITLE = "Protocol: roofs & gardens"
ADDRESS = "https://protocol.example/a-roof?a=1&b=(2)"
OWN = "https://protocol.example/own"
PICTURE = "https://protocol.example/roof.jpg"

STORY = an_article(
    deck="It was never about lettuce.",
    kicker="Protocol | China",
    authors=("Anders Whitlock", "Oksana van Vu"),
    figures=(Figure("The roof", "The roof in May", "Photo: Ren Kaiping/Protocol"), Figure("The roof again")),
    body=(
        Block("paragraph", "Nobody has weighed it & nobody asked."),
        Block("subhead", "Who waters it?"),
        Block("item", "The neighbors"),
        Block("item", "The rain"),
        Block("paragraph", "In that order:"),
        Block("item", "1. Water"),
        Block("item", "2. Wait"),
        Block("quote", "“It grows,” she said."),
        Block("signoff", "— the editors"),
    ),
    bios=(Bio("Anders Whitlock", "Anders Whitlock writes about roofs."),),
    truncated=Reason("marker", 23, "Keep ReadingShow less"),
    first_line=3,
    last_line=22,
)
PAID = an_article(
    headline="Payments are faster",
    section="Fintech",
    kicker=None,
    authors=(),
    published=None,
    body=(Block("paragraph", "Faster than lettuce."),),
    sponsored=Reason("label", 9, "Sponsored Content"),
    sponsor="Nimbuspay",
)
UNTITLED = an_article(headline=None, section=None, kicker=None, authors=())

SEEN = (
    Occurrence("pile/a.txt", ADDRESS, "2022-05-06T07:08:09Z", False, True),
    Occurrence("pile/b.txt", None, None, True, False),
)


def an_export(items: Iterable[ExportItem]) -> Export:
    return Export(TITLE, date(2026, 3, 1), items)


def exported(form: Format | str, *items: ExportItem) -> str:
    """What a format, or the one of that name, makes of the items."""
    out = BytesIO()
    (FORMS[form] if isinstance(form, str) else form).write(an_export(items), out)
    return out.getvalue().decode()


def an_item(article: Article = STORY, **changes: object) -> ExportItem:
    """An item with an address and a time."""
    made = make_item(article, "pile/a.txt", ADDRESS, "2022-05-06T07:08:09Z")
    return made._replace(**changes)  # type: ignore[arg-type]


def linked() -> ExportItem:
    """A story of which a word and the headline are linked, and a picture has an address."""
    links = (Link(HEADLINE_LINK, 0, 11, OWN), Link(0, 7, 10, ADDRESS))
    return an_item(
        STORY._replace(links=links, figures=(STORY.figures[0]._replace(url=PICTURE), Figure(url=PICTURE)))
    )


ODD_ADDRESSES = {
    "https://a.example/china[1]": "https://a.example/china%5B1%5D",
    "https://a.example/100%": "https://a.example/100%25",
    "https://a.example/%zz/%e9/%2": "https://a.example/%25zz/%e9/%252",
    "https://a.example/?a[]=100%&b=%5B": "https://a.example/?a%5B%5D=100%25&b=%5B",
    "https://a.example/#a#b[%": "https://a.example/#a%23b%5B%25",
    "https://[::1]:8080/[%": "https://[::1]:8080/%5B%25",
    "https://xn--bcher-kva.example/[": "https://xn--bcher-kva.example/%5B",
}
"""Addresses that browsers take -> the URI that each is, by RFC 3986."""


def addressed(url: str) -> ExportItem:
    """A story that has an address everywhere where there can be one."""
    links = (Link(HEADLINE_LINK, 0, 11, url), Link(0, 7, 10, url))
    article = STORY._replace(links=links, figures=(Figure("The roof", url=url),))
    occurrences = tuple(occurrence._replace(url=url) for occurrence in SEEN)
    return make_item(article, "pile/a.txt", url, occurrences=occurrences)


ITEMS = (an_item(), an_item(PAID), an_item(UNTITLED))

_TRICKS = (
    "<script>alert(1)</script>", "]]>", "-->", "&amp;", "&#60;", "<b", "*a*", "__a__", "`a`", "[a](b)", "![a](b)",
    "# a", "- a", "+ a", "> a", "1. a", "1) a", "---", "===", "***", "~~~", "```", "| a | b |", "    a", "a  ", "a\\",
    "\\", "{", "}", "{{}", "@misc{a,", "%", "$", "~", "^", '"', "'", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1",
    "a\nER  - ", "a\r\nTY  - BOOK", "AU  - A", "a\u2028b", "a\x00b", "\ud800", "\ufffe", "\x1b[31m", "\u202ea",
    "[a]: b", "[^1]", ":a:", "<https://a.example>", "https://a.example", "www.a.example", "a\x85b", "a | b", "$a$",
)  # fmt: skip
words = (
    st.text(max_size=30)
    | st.sampled_from(_TRICKS)
    | st.tuples(st.sampled_from(_TRICKS), st.text(max_size=8)).map("".join)
).filter(lambda text: bool(sanitize(text).strip()))
"""Texts in which something is left when they are clean, many of them markup somewhere."""


@st.composite
def tricky_articles(draw: st.DrawFn) -> Article:
    """Articles of one shape with any words."""
    bodies = [Block(kind, draw(words)) for kind in ("paragraph", "subhead", "quote", "signoff")]
    return an_article(
        kicker=draw(words),
        section=draw(words),
        headline=draw(words),
        deck=draw(words),
        authors=(draw(words), draw(words)),
        published="2021-03-04",
        figures=(Figure(draw(words), draw(words), draw(words)),),
        body=tuple(bodies),
        bios=(Bio(draw(words), draw(words)),),
        truncated=Reason("marker", 3, draw(words)),
        sponsored=Reason("label", 4, draw(words)),
        sponsor=draw(words),
    )


def harmless(article: Article) -> Article:
    """An article of the same shape with plain words."""
    return article._replace(
        kicker="a", section="a", headline="a", deck="a", authors=("a a", "a a"), sponsor="a",
        figures=(Figure("a", "a", "a"),), bios=(Bio("a", "a"),),
        body=tuple(Block(block.kind, "a") for block in article.body),
        truncated=Reason("marker", 3, "a"), sponsored=Reason("label", 4, "a"),
    )  # fmt: skip
