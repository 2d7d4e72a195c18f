"""Articles as Markdown (CommonMark). No text of an article can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from reader.export.facts import badges, facts, in_words, payment
from reader.export.lists import Part, parts
from reader.export.piece import About, Piece, Run

_ANYWHERE = {ord(mark): f"\\{mark}" for mark in "\\`*_[]<>&~|#$^{}"}
_AT_START = re.compile(r"^(?:([-+=:%!])|(\d+)([.)]))")
_NO_BULLET = "- "


def chunks(pieces: Iterable[Piece], about: About) -> Iterator[str]:  # noqa: ARG001
    """The articles one after the other, a rule between them."""
    for number, one in enumerate(pieces):
        yield ("\n---\n\n" if number else "") + "\n\n".join(_blocks(one)) + "\n"


def escape(text: str) -> str:
    """A line of text as Markdown for the same text, wherever it stands in a line."""
    escaped = text.translate(_ANYWHERE)  # A pattern needs a hundred bytes for each mark.
    return _AT_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped)


def _blocks(one: Piece) -> Iterator[str]:
    article = one.article
    top = [escape(article.kicker)] if article.kicker else []
    top += [f"**{escape(badge)}**" for badge in badges(article)]
    if top:
        yield " · ".join(top)
    yield f"# {escape(article.title)}"
    if article.deck:
        yield f"*{escape(article.deck)}*"
    byline = [", ".join(article.authors)] if article.authors else []
    byline += [article.published] if article.published else []
    if byline:
        yield escape(" · ".join(byline))
    if (paid := payment(article)) is not None:
        yield f"> {escape(paid[0].upper() + paid[1:])}."
    for figure in article.figures:
        words = " — ".join(filter(None, [figure.caption, figure.credit])) or figure.alt
        if words or figure.url:
            name = _run(Run("Picture", figure.url))
            yield f"\\[{name}{f': {escape(words)}' if words else ''}\\]"
    for part in parts(one):
        yield _part(part)
    if article.truncated:
        yield f"**\\[The text ends here: {escape(in_words(article.truncated))}.\\]**"
    for bio in article.bios:
        if bio.text:
            yield escape(bio.text)
    yield "\n".join(f"- {fact.name}: {_run(Run(fact.text, fact.url))}" for fact in facts(one))


def _part(part: Part) -> str:
    texts = [_runs(text) for text in part.texts]
    match part.kind:
        case "item":
            marks = [_NO_BULLET] * len(texts)
            if part.start is not None:
                marks = [f"{part.start + offset}. " for offset in range(len(texts))]
            return "\n".join(mark + text for mark, text in zip(marks, texts, strict=True))
        case "subhead":
            return f"## {texts[0]}"
        case "quote":
            return f"> {texts[0]}"
        case "paragraph" | "signoff":
            return texts[0]


def _runs(text: Sequence[Run]) -> str:
    return "".join(map(_run, text))


def _run(run: Run) -> str:
    text = escape(run.text)
    # Between angle brackets only these would end or change an address.
    return text if run.url is None else f"[{text}](<{run.url.replace('&', '&amp;')}>)"
