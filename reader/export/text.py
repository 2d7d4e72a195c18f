"""Articles as plain text, with their badges in words: what a pipe, a file or a bare terminal gets."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from reader.export.facts import UNNAMED, facts, in_words
from reader.export.piece import About, Piece
from reader.model import Article, Figure, Page

WIDTH: Final = 72
"""Columns of a line of text."""
PIECE: Final = 50_000
"""The most characters of a paragraph that are wrapped at once; no real one is so long."""
RULE: Final = "─" * WIDTH


def page_text(page: Page) -> str:
    """Every article of a page, each under a rule; ends in a line end unless the page has no article."""
    return "".join(f"{RULE}\n{article_text(article, page.url or page.source)}\n" for article in page.articles)


def article_text(article: Article, source: str) -> str:
    """One article from its kicker to where it comes from, in lines of at most WIDTH columns."""
    end = f"From {source}, lines {article.first_line}–{article.last_line}"
    return "\n\n".join([*_parts(article), end]) + "\n"


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """The articles one after the other, a rule between them."""
    for number, one in enumerate(pieces):
        yield (f"\n{RULE}\n\n" if number else "") + piece_text(one)


def piece_text(one: Piece) -> str:
    """One article and all that is known of where it came from."""
    said = [_wrap(f"{fact.name}: {fact.text}") for fact in facts(one)]
    return "\n\n".join([*_parts(one.article), "\n".join(said)]) + "\n"


def badges(article: Article) -> str:
    """The article's badges in brackets, "" when it has none."""
    words = []
    if article.truncated:
        words.append("[TRUNCATED]")
    if article.sponsored:
        words.append(f"[SPONSORED · {article.sponsor}]" if article.sponsor else "[SPONSORED]")
    return " ".join(words)


def _parts(article: Article) -> Iterator[str]:
    top = "   ".join(filter(None, [(article.kicker or "").upper(), badges(article)]))
    yield from filter(None, [top, _wrap(article.headline or ""), _wrap(article.deck or "")])
    byline = " · ".join(filter(None, [", ".join(article.authors), article.published]))
    if byline:
        yield _wrap(byline)
    if article.sponsored:
        payer = article.sponsor or UNNAMED
        yield _wrap(f"Paid for by {payer}: {in_words(article.sponsored)} (line {article.sponsored.line}).")
    for figure in article.figures:
        yield _figure(figure)
    for block in article.body:
        yield _wrap(block.text, "• " if block.kind == "item" and not block.text[:1].isdigit() else "")
    if article.truncated:
        yield _wrap(f"[The text ends here: {in_words(article.truncated)}, line {article.truncated.line}.]")
    for bio in article.bios:
        yield _wrap(bio.text)


def _figure(figure: Figure) -> str:
    words = [word for word in (figure.caption, figure.credit) if word] or [figure.alt or ""]
    return _wrap(f"[Picture: {' — '.join(words)}]")


def _wrap(text: str, mark: str = "") -> str:
    indent = " " * len(mark)
    lines: list[str] = []
    for piece in _pieces(text):
        lines += textwrap.wrap(
            piece,
            WIDTH,
            initial_indent=indent if lines else mark,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _pieces(text: str) -> Iterator[str]:
    """A text in parts that end at a space: wrapping takes many times the memory of what is wrapped at once."""
    start = 0
    while len(text) - start > PIECE:
        end = text.rfind(" ", start, start + PIECE)
        end = end if end > start else start + PIECE
        yield text[start:end]
        start = end
    yield text[start:]
