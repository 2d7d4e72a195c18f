"""The records that pass between the rooms: frozen, plain, with no behaviour but their own JSON.

Named tuples, since a page is made of hundreds of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from reader.article import ADVERTISING as ADVERTISING
from reader.article import AUTHOR_SLOT as AUTHOR_SLOT
from reader.article import CORRECTED as CORRECTED
from reader.article import CUT_OFF as CUT_OFF
from reader.article import EVIDENCE_LENGTH as EVIDENCE_LENGTH
from reader.article import HEADLINE_LINK as HEADLINE_LINK
from reader.article import LABEL as LABEL
from reader.article import MARKER as MARKER
from reader.article import REASONS as REASONS
from reader.article import TITLE_LENGTH as TITLE_LENGTH
from reader.article import Article as Article
from reader.article import ArticleKind as ArticleKind
from reader.article import Bio as Bio
from reader.article import Block as Block
from reader.article import BlockKind as BlockKind
from reader.article import Figure as Figure
from reader.article import Link as Link
from reader.article import Reason as Reason


class LineHint(NamedTuple):
    """What a format knew about one line of a capture before it became text."""

    n: int
    """Number of the line, from 1."""
    role: str
    """What the markup speaks for: one of `reader.parsing.hints.ROLES` ("headline", "author", …), or a mark of
    another kind defined beside them ("opens", "published", "link", "image", …)."""
    value: str = ""
    """What such a mark says (a date, an address); "" for a role."""


class Capture(NamedTuple):
    """One page as it was kept: its text and where it came from."""

    source: str
    """The path or address it was read from, as the user would write it; "-" is standard input."""
    text: str
    """The decoded text, line ends as they were. Lines count from 1."""
    url: str | None = None
    """The page's own address; None when the capture does not say."""
    captured: str | None = None
    """When it was kept, as ISO 8601; None when unknown."""
    encoding: str = "utf-8"
    """The encoding the bytes were read with."""
    partial: str | None = None
    """Why only a part was kept ("longer than 32 MB: the rest was left out"); None when whole."""
    hints: tuple[LineHint, ...] = ()
    """What the format knew about single lines, by line number."""
    told: Told | None = None
    """Its articles, where they were told apart before."""


class Told(NamedTuple):
    """What came of telling a capture's articles apart."""

    parser: int
    """The `reader.parsing.PARSER_VERSION` that did it."""
    page: Page


class Problem(NamedTuple):
    """A file, or a part of one, that could not be read. Nothing is skipped without one of these."""

    source: str
    """The path as the user wrote it, with a line or record number where that helps ("a.jsonl:12")."""
    kind: str
    """A short name to count by: "binary", "unreadable", "not a file", "too large", "damaged", …."""
    reason: str
    """What happened and what to do, as a sentence's end without a full stop."""
    partial: bool = False
    """True when the rest of the file was read all the same."""


class LineLabel(NamedTuple):
    """What one non-empty line of a capture is."""

    n: int
    """Number of the line, from 1."""
    label: str
    """One of `reader.parsing.grammar.LABELS`."""
    article: int | None
    """Position of the article it belongs to; None for furniture outside articles."""


class Page(NamedTuple):
    """A capture as parsed: its articles in page order and what belongs to none of them."""

    source: str
    url: str | None
    captured: str | None
    articles: tuple[Article, ...]
    furniture: tuple[str, ...]
    labels: tuple[Sequence[int], Sequence[str], Sequence[int | None]]
    """Number, label and article of every non-empty line, side by side; `lines` gives them line by line."""

    @property
    def lines(self) -> tuple[LineLabel, ...]:
        """Every non-empty line of the capture, once, in page order."""
        return tuple(map(LineLabel, *self.labels))

    def to_json(self, lines: bool = False) -> dict[str, Any]:
        """The page as the contract's JSON object; with `lines`, what every line was read as."""
        page: dict[str, Any] = {
            "source": self.source,
            "url": self.url,
            "captured": self.captured,
            "articles": [article.to_json() for article in self.articles],
            "furniture": list(self.furniture),
        }
        if lines:
            page["lines"] = [line._asdict() for line in self.lines]
        return page
