"""Correcting a wrong reading: what can be corrected about a line, and the dialog that offers it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from reader.app.text.wrapping import fit
from reader.app.why.documents import WhyLine
from reader.app.widgets.chooser import Chooser
from reader.app.widgets.grouped_list import GroupedRows
from reader.library import SPONSORED, UNSECTIONED
from reader.library.state import corrections
from reader.library.state.corrections import Correction, Kind, Statement
from reader.model import Article
from reader.parsing.states import NOUNS
from reader.sanitize import sanitize

_QUOTED: Final = 60
"""Characters of a line in the title."""
_NAME: Final = 60
"""A line of one of these labels may be the name of a sponsor, up to this length."""
_NAMES: Final = frozenset(("author", "byline", "sponsor", "subhead", "furniture"))


class Choice(NamedTuple):
    """A correction to make or to take back."""

    words: str
    line: int
    """The number of the corrected line."""
    text: str
    """The text of that line."""
    word: Statement | None
    """The correction; None to take one back."""
    taken_back: Correction | None = None


Grouped = list[tuple[str, list[Choice]]]


class LineContext(NamedTuple):
    """A line and the data on which its possible corrections depend."""

    line: WhyLine
    article: Article | None
    """The article of the line."""
    first_text: str
    """The text of the article's first line."""
    corrections: Sequence[Correction]
    """All corrections of the capture."""
    sections: Sequence[str]
    """The names of all sections in the library."""
    next_best: str | None = None
    """The label of the next-best reading."""


def choices(context: LineContext, typed: str = "") -> Grouped:
    """The choices with every word of `typed`, under headings, and those that use `typed` as a name.

    Choices that begin with `typed` come first, and so do their headings.
    """
    groups: Grouped = [
        ("this line is", _labels(context)),
        ("articles", _beginnings(context)),
        ("the article was", _paid(context)),
        ("its text is", _cut(context)),
        ("its section is", _sections(context)),
        ("your corrections", _removals(context)),
    ]
    words = typed.casefold().split()
    narrowed = [
        (heading, [row for row in rows if all(word in f"{heading} {row.words}".casefold() for word in words)])
        for heading, rows in groups
    ]

    def begins_otherwise(row: Choice) -> bool:
        said = re.sub("^(?:an?|the) ", "", row.words.casefold())
        return not said.startswith(typed.strip().casefold())

    for _, rows in narrowed:
        rows.sort(key=begins_otherwise)
    narrowed.sort(key=lambda group: all(map(begins_otherwise, group[1])))
    return [*narrowed, ("as typed", list(_typed(context, typed.strip())))]


def _labels(context: LineContext) -> list[Choice]:
    line = context.line
    return [
        Choice(noun, line.n, line.text, corrections.label(label))
        # The next-best reading comes first.
        for label, noun in sorted(NOUNS.items(), key=lambda row: row[0] != context.next_best)
        if label != line.label
    ]


def _beginnings(context: LineContext) -> list[Choice]:
    line = context.line
    if not line.begins:
        return [Choice("a new article begins here", line.n, line.text, corrections.begins(True))]
    if not line.at:
        return []
    words = "no article begins here; this continues the one above"
    return [Choice(words, line.n, line.text, corrections.begins(False))]


def _paid(context: LineContext) -> list[Choice]:
    article, line = context.article, context.line
    if article is None:
        return []
    rows = []
    if article.sponsored is not None:
        rows.append(_of_article(context, "not paid for", corrections.sponsored(False)))
    else:
        rows.append(_of_article(context, "paid for", corrections.sponsored(True)))
    if len(line.text) <= _NAME and line.label in _NAMES and line.text != article.sponsor:
        words = f"paid for by “{line.text}”"
        rows.append(_of_article(context, words, corrections.sponsored(True, line.text)))
    return rows


def _cut(context: LineContext) -> list[Choice]:
    if context.article is None:
        return []
    if context.article.truncated is not None:
        return [_of_article(context, "whole", corrections.truncated(False))]
    return [_of_article(context, "truncated", corrections.truncated(True))]


def _sections(context: LineContext) -> list[Choice]:
    if context.article is None:
        return []
    names = [
        name for name in context.sections if name not in (SPONSORED, UNSECTIONED, context.article.section)
    ]
    return [_of_article(context, name, corrections.section(name)) for name in names]


def _removals(context: LineContext) -> list[Choice]:
    article, line = context.article, context.line
    first, last = (line.n, line.n) if article is None else (article.first_line, article.last_line)
    return [
        Choice(f"withdraw: {made.sentence}", made.line, made.shown, None, made)
        for made in context.corrections
        if made.line == line.n or first <= made.line <= last
    ]


def _typed(context: LineContext, typed: str) -> Iterable[Choice]:
    if typed and context.article is not None:
        yield _of_article(context, f"paid for by “{typed}”", corrections.sponsored(True, typed))
        yield _of_article(context, f"in the section “{typed}”", corrections.section(typed))


def _of_article(context: LineContext, words: str, word: Statement) -> Choice:
    """A correction of the article, on the line that already has one of this kind, else on the first line."""
    assert context.article is not None
    first, last = context.article.first_line, context.article.last_line
    kind: Kind = corrections.kind_of(word)
    for made in context.corrections:
        if made.kind == kind and first <= made.line <= last:
            return Choice(words, made.line, made.shown, word)
    return Choice(words, first, context.first_text, word)


class CorrectScreen(Chooser[Choice, Choice]):
    """Closes with the correction to make or to take back."""

    TITLE = "Correct"
    PLACEHOLDER: ClassVar[str | None] = "Type to filter, or type a name"
    NOTHING = "No correction matches these words."

    def __init__(self, context: LineContext) -> None:
        super().__init__(f"Line {context.line.n}: {quoted(context.line.text)}")
        self._line_context = context

    def draw(self, row: Choice, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """Draw the words."""
        return [("list--title", fit(sanitize(row.words), width))]

    def matching(self, text: str) -> GroupedRows[Choice]:
        """The choices with every word of `text`."""
        return GroupedRows(choices(self._line_context, text))

    def detail(self, row: Choice) -> str:
        """The sentence that would be kept."""
        if row.word is None:
            return f"{row.words}."
        return f"Line {row.line}: {corrections.in_words(row.word, row.text)}."


def quoted(text: str) -> str:
    """A line in quotation marks, cut if it is long."""
    text = sanitize(text)
    return f"“{text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + '…'}”"
