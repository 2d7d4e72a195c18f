"""An article as markup that is HTML and XML alike: what the web page and the book are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reader.export.facts import badges, facts, in_words, payment
from reader.export.lists import Part, parts
from reader.export.piece import Piece, Run
from reader.model import Article

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

STYLE = """\
body { max-width: 38em; margin: 0 auto; padding: 1em; font-family: serif; line-height: 1.5; }
h1, h2, h3 { line-height: 1.2; }
article { margin: 0 0 4em; }
.untitled { font-style: italic; }
.kicker, .byline, .facts, figcaption { font-family: sans-serif; font-size: 0.85em; }
.kicker { text-transform: uppercase; letter-spacing: 0.05em; }
.badges, .paid, .ends { font-family: sans-serif; font-weight: bold; }
.deck { font-size: 1.15em; font-style: italic; }
.bios { border-top: 1px solid; margin-top: 2em; font-size: 0.9em; }
.facts { border-top: 1px solid; padding-top: 1em; }
.facts dt { font-weight: bold; }
.facts dd { margin: 0 0 0.4em 1em; overflow-wrap: anywhere; }
"""
"""How it looks, for both."""


def escape(text: str) -> str:
    """Text as it stands in an element or in a quoted attribute."""
    return text.translate(_ESCAPES)


def article_markup(one: Piece) -> str:
    """The `article` element of a piece; its id is that of the article."""
    return (
        f'<article id="a-{one.id}">\n' + "\n".join([*_head(one), *_body(one), *_foot(one)]) + "\n</article>"
    )


def _head(one: Piece) -> Iterator[str]:
    article = one.article
    if article.kicker:
        yield _element("p", "kicker", escape(article.kicker))
    yield _element("h2", "" if article.headline else "untitled", escape(article.title))
    if marks := badges(article):
        yield _element("p", "badges", " ".join(f"<strong>{escape(mark)}</strong>" for mark in marks))
    if article.deck:
        yield _element("p", "deck", escape(article.deck))
    if byline := " · ".join(_byline(article)):
        yield _element("p", "byline", byline)
    if (paid := payment(article)) is not None:
        yield _element("p", "paid", escape(paid[0].upper() + paid[1:]) + ".")


def _byline(article: Article) -> Iterator[str]:
    if article.authors:
        yield escape(", ".join(article.authors))
    if article.published:
        yield f'<time datetime="{article.published}">{article.published}</time>'


def _body(one: Piece) -> Iterator[str]:
    for figure in one.article.figures:
        words = " — ".join(filter(None, [figure.caption, figure.credit])) or figure.alt
        if words or figure.url:
            said = f": {escape(words)}" if words else ""
            yield f"<figure><figcaption>{_run(Run('Picture', figure.url))}{said}</figcaption></figure>"
    for part in parts(one):
        yield _part(part)
    if cut := one.article.truncated:
        yield _element("p", "ends", f"The text ends here: {escape(in_words(cut))}.")


def _foot(one: Piece) -> Iterator[str]:
    bios = [f"<p>{escape(bio.text)}</p>" for bio in one.article.bios if bio.text]
    if bios:
        yield _element("aside", "bios", "".join(bios))
    said = [f"<dt>{fact.name}</dt><dd>{_run(Run(fact.text, fact.url))}</dd>" for fact in facts(one)]
    yield _element("dl", "facts", "".join(said))


def _part(part: Part) -> str:
    texts = ["".join(map(_run, text)) for text in part.texts]
    match part.kind:
        case "item":
            items = "".join(f"<li>{text}</li>" for text in texts)
            return f"<ul>{items}</ul>" if part.start is None else f'<ol start="{part.start}">{items}</ol>'
        case "subhead":
            return f"<h3>{texts[0]}</h3>"
        case "quote":
            return f"<blockquote><p>{texts[0]}</p></blockquote>"
        case "signoff":
            return _element("p", "signoff", texts[0])
        case "paragraph":
            return f"<p>{texts[0]}</p>"


def _run(run: Run) -> str:
    return escape(run.text) if run.url is None else f'<a href="{escape(run.url)}">{escape(run.text)}</a>'


def _element(name: str, kind: str, markup: str) -> str:
    return f'<{name} class="{kind}">{markup}</{name}>' if kind else f"<{name}>{markup}</{name}>"


def described(numbers: Sequence[int]) -> str:
    """How many articles, and how many of them are truncated and paid for, in words."""
    articles, truncated, sponsored = numbers
    return f"{articles:,} article{'' if articles == 1 else 's'}, {truncated:,} truncated, {sponsored:,} sponsored"
