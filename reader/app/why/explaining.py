"""Explains how a capture was read: the lines of an article, with their labels and the reasons for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.library.state import corrections
from reader.library.state.corrections import Correction
from reader.model import REASONS, Article, Capture
from reader.parsing.explain import Explainer, LineReason, rival_words

CONTEXT: Final = 3
"""Lines shown before and after the article: they may belong to it."""
_PORTION: Final = 100
"""How many lines are explained at a time."""


class WhyLine(NamedTuple):
    """A line of a capture that is not empty."""

    n: int
    """Its number in the capture, from 1."""
    text: str
    label: str
    own: bool
    begins: bool
    corrected: bool
    badges: tuple[str, ...]
    """Badges that it is the reason for: "TRUNCATED: because a “keep reading” marker closes the text"."""
    why: LineReason


class Explained(NamedTuple):
    """An article and the reasons for its reading."""

    digest: bytes
    """Identifies the text of the capture."""
    article: Article | None
    """The article parsed with all current corrections; None if none is there any more."""
    first_text: str
    """The text of its first line."""
    lines: Sequence[WhyLine]
    """The lines explained so far, of the article and a few around it; none at first."""
    portions: Iterator[Sequence[WhyLine]]
    """The other lines; each portion is explained when it is asked for."""
    corrections: Sequence[Correction]
    sections: Sequence[str]
    confidence: str
    """How surely the article was read, in words."""


def explain_capture(library: Library, stored: StoredArticle) -> Explained:
    """Read the capture of an article again, as it was read when it was added."""
    digest = library.capture_digest(stored.capture_key)
    if digest is None:
        raise LibraryError(f"{library.path}: the library no longer has the capture of this article")
    text, hints = library.raw(stored.capture_key), library.hints(stored.capture_key)
    made = library.corrections(digest)
    corrected = {correction.line for correction in made}
    capture = Capture(
        stored.source, text, stored.url, stored.captured, stored.encoding, stored.partial, hints
    )
    explainer = Explainer(corrections.with_corrections(capture, made))
    page = explainer.page
    first, last = stored.article.first_line, stored.article.last_line

    def shared(article: Article) -> int:
        return min(article.last_line, last) - max(article.first_line, first) + 1

    article = max(page.articles, key=shared, default=None)
    badges: dict[int, list[str]] = {}
    if article is not None and shared(article) > 0:
        first, last = article.first_line, article.last_line
        for name, reason in (("TRUNCATED", article.truncated), ("SPONSORED", article.sponsored)):
            if reason is not None:
                sentence = f"{name}: because {REASONS.get(reason.because, reason.because)}"
                badges.setdefault(reason.line, []).append(sentence)
    else:
        article = None
    numbers, labels, owners = page.labels
    within = [i for i, n in enumerate(numbers) if first <= n <= last]
    start, stop = 0, 0
    if within:
        start, stop = max(0, within[0] - CONTEXT), min(len(numbers), within[-1] + 1 + CONTEXT)
    beginnings = {other.first_line for other in page.articles}

    def portion(at: int) -> list[WhyLine]:
        return [
            WhyLine(
                n := numbers[why.at],
                explainer.texts[why.at],
                labels[why.at],
                article is not None and owners[why.at] == article.position,
                n in beginnings,
                n in corrected,
                tuple(badges.get(n, ())),
                why,
            )
            for why in explainer.explain(at, min(stop, at + _PORTION))
        ]

    portions = (portion(at) for at in range(start, stop, _PORTION))
    index = None if article is None else explainer.index_of(article.first_line)
    return Explained(
        digest,
        article,
        "" if index is None else explainer.texts[index],
        (),
        portions,
        made,
        [section.name for section in library.sections()],
        _confidence(explainer, article, corrected),
    )


def _confidence(explainer: Explainer, article: Article | None, corrected: set[int]) -> str:
    """How surely an article was read, as "Confidence in the article: 0.62. The next best …"; "" if unknown."""
    if article is None or article.confidence is None:
        return ""
    rival = explainer.rival(article)
    if rival is None and any(article.first_line <= n <= article.last_line for n in corrected):
        return "You have corrected this article, so it is not doubtful."
    if rival is None:
        return "Confidence in the article: 1. No other reading comes close."
    words = rival_words(rival)
    return f"Confidence in the article: {article.confidence:.2f}. {words[:1].upper()}{words[1:]}."
