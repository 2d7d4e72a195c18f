"""Background work of the why screen: explains a capture and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from reader.app.why.documents import WhyLine, article_in, confidence_words, why_lines
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.library.state import corrections
from reader.library.state.corrections import Correction
from reader.model import Article, Capture
from reader.parsing.explain import Explainer, LineReason

LINES_AT_A_TIME: Final = 50
"""How many lines are explained at a time; that takes a tenth of a second."""


class Explained(NamedTuple):
    """A capture, read so that each line can be explained."""

    digest: bytes
    explainer: Explainer
    article: Article | None
    """The article parsed with all current corrections."""
    lines: Sequence[WhyLine]
    """The lines to show."""
    corrections: Sequence[Correction]
    """All corrections of the capture."""
    sections: Sequence[str]
    """The names of all sections in the library."""
    confidence: str
    """How surely the article was read, in words."""


def explain_capture(library: Library, stored: StoredArticle) -> Explained:
    """Read the capture of an article as it was read when it was added."""
    digest = library.capture_digest(stored.capture_key)
    if digest is None:
        raise LibraryError(f"{library.path}: the library no longer has the capture of this article")
    text, hints = library.raw(stored.capture_key), library.hints(stored.capture_key)
    made = library.corrections(digest)
    capture = Capture(
        stored.source, text, stored.url, stored.captured, stored.encoding, stored.partial, hints
    )
    explainer = Explainer(corrections.with_corrections(capture, made))
    article = article_in(explainer.page, stored.article.first_line, stored.article.last_line)
    rival = None if article is None else explainer.rival(article)
    corrected = {correction.line for correction in made}
    lines = why_lines(explainer.page, explainer.texts, article, corrected)
    sections = [section.name for section in library.sections()]
    return Explained(
        digest, explainer, article, lines, made, sections, confidence_words(article, rival, corrected)
    )


def explain_lines(explained: Explained, at: int, _: Library) -> Sequence[LineReason]:
    """Explain `LINES_AT_A_TIME` of the shown lines, from line `at` on."""
    return explained.explainer.explain(at, min(explained.lines[-1].at + 1, at + LINES_AT_A_TIME))
