"""What the why screen asks in the background: a capture explained, the reasons for lines, close calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual.message import Message
from textual.message_pump import MessagePump

from reader.app.query_worker import QueryWorker
from reader.app.why.documents import WhyLine, article_in, why_lines
from reader.errors import LibraryError
from reader.library import Library, StoredArticle
from reader.library.state import corrections
from reader.library.state.corrections import Correction
from reader.model import Article, Capture
from reader.parsing.explain import Explainer, LineReason

SPAN: Final = 200
"""Lines explained at a time."""
FAR: Final = 20_000
"""Lines searched for a close call."""


class Explained(NamedTuple):
    """A capture, read so that each line can be explained."""

    digest: bytes
    explainer: Explainer
    article: Article | None
    """The article as it is read now, with all corrections."""
    lines: Sequence[WhyLine]
    """The lines to show."""
    corrections: Sequence[Correction]
    """All corrections of the capture."""
    sections: Sequence[str]
    """The names of all sections in the library."""


class CaptureExplained(Message):
    """A capture can be explained."""

    def __init__(self, explained: Explained) -> None:
        super().__init__()
        self.explained = explained


class ReasonsFound(Message):
    """Some lines have been explained."""

    def __init__(self, explainer: Explainer, whys: Sequence[LineReason]) -> None:
        super().__init__()
        self.explainer = explainer
        self.whys = whys


class CloseCallFound(Message):
    """The index of the next line whose reading was close; None if there is none."""

    def __init__(self, explainer: Explainer, at: int | None, step: int) -> None:
        super().__init__()
        self.explainer = explainer
        self.at = at
        self.step = step


def ask_capture(queries: QueryWorker, reply_to: MessagePump, stored: StoredArticle) -> None:
    """Read the capture of an article as it was read when it was added."""

    def question(own: Library) -> None:
        reply_to.post_message(CaptureExplained(_explain(own, stored)))

    queries.ask("explain", question)


def _explain(own: Library, stored: StoredArticle) -> Explained:
    digest = own.capture_digest(stored.capture_key)
    if digest is None:
        raise LibraryError(f"{own.path}: the capture of this article is no longer there")
    text, hints = own.raw(stored.capture_key), own.hints(stored.capture_key)
    made = own.corrections(digest)
    capture = Capture(
        stored.source, text, stored.url, stored.captured, stored.encoding, stored.partial, hints
    )
    explainer = Explainer(corrections.with_corrections(capture, made))
    article = article_in(explainer.page, stored.article.first_line, stored.article.last_line)
    lines = why_lines(explainer.page, explainer.texts, article, {correction.line for correction in made})
    sections = [section.name for section in own.sections()]
    return Explained(digest, explainer, article, lines, made, sections)


def ask_reasons(queries: QueryWorker, reply_to: MessagePump, explained: Explained, at: int) -> None:
    """Explain line `at` and the shown lines around it."""
    first, last = explained.lines[0].at, explained.lines[-1].at + 1
    start = max(first, min(at - SPAN // 2, last - SPAN))
    stop = min(last, start + SPAN)
    explainer = explained.explainer

    def question(_: Library) -> None:
        reply_to.post_message(ReasonsFound(explainer, explainer.explain(start, stop)))

    queries.ask("reasons", question)


def ask_close_call(
    queries: QueryWorker, reply_to: MessagePump, explained: Explained, at: int, step: int
) -> None:
    """Find the next close call among the lines shown, from line `at` on, down (1) or up (-1)."""
    first, last = explained.lines[0].at, explained.lines[-1].at + 1
    explainer = explained.explainer

    def question(_: Library) -> None:
        near = at
        while first <= near < last and abs(near - at) < FAR:
            start, stop = (
                (near, min(last, near + SPAN)) if step > 0 else (max(first, near + 1 - SPAN), near + 1)
            )
            whys = explainer.explain(start, stop)
            reply_to.post_message(ReasonsFound(explainer, whys))
            close = next((why.at for why in whys[::step] if why.close), None)
            if close is not None:
                reply_to.post_message(CloseCallFound(explainer, close, step))
                return
            near = stop if step > 0 else start - 1
        reply_to.post_message(CloseCallFound(explainer, None, step))

    queries.ask("close", question)
