"""What a reader can correct about a line, and the dialog to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from reader.app.text.cells import fit
from reader.app.why.documents import WhyLine, quoted
from reader.app.widgets.chooser import Chooser, GroupedRows
from reader.app.widgets.grouped_list import GroupedList
from reader.library import SPONSORED, UNSECTIONED
from reader.library.state import corrections
from reader.library.state.corrections import Correction, Kind, Word
from reader.model import Article
from reader.parsing.explain import NOUNS
from reader.sanitize import sanitize

_NAME: Final = 60
"""A line up to this length may be the name of who paid, when it was read as one of these."""
_NAMES: Final = frozenset(("author", "byline", "sponsor", "subhead", "furniture"))


class Choice(NamedTuple):
    """One thing to say, or to say no longer."""

    words: str
    line: int
    """Number of the line it is said of."""
    shown: str
    """That line."""
    word: Word | None
    """None to say something no longer."""
    said: Correction | None = None
    """What is said no longer."""


Grouped = list[tuple[str, list[Choice]]]


class Matter(NamedTuple):
    """A line and what there is to be said about it."""

    line: WhyLine
    article: Article | None
    """The article that the screen is about."""
    first: str
    """The text of the article's first line."""
    said: Sequence[Correction]
    """All that has been said of the capture."""
    sections: Sequence[str]
    """The names of the library's sections."""
    other: str | None = None
    """The label of the line's next-best reading."""


def choices(matter: Matter, typed: str = "") -> Grouped:
    """The rows whose words have every word of `typed`, under headings; and what `typed` itself may name."""
    found: Grouped = [
        ("this line is", _labels(matter)),
        ("articles", _beginnings(matter)),
        ("the article was", _paid(matter)),
        ("its text is", _cut(matter)),
        ("its section is", _sections(matter)),
        ("said before", _taking_back(matter)),
    ]
    words = typed.casefold().split()
    narrowed = [
        (heading, [row for row in rows if all(word in f"{heading} {row.words}".casefold() for word in words)])
        for heading, rows in found
    ]
    return [*narrowed, ("as typed", list(_typed(matter, typed.strip())))]


def _labels(matter: Matter) -> list[Choice]:
    line = matter.line
    return [
        Choice(noun, line.n, line.text, corrections.label(label))
        # What it nearly was comes first.
        for label, noun in sorted(NOUNS.items(), key=lambda row: row[0] != matter.other)
        if label != line.label
    ]


def _beginnings(matter: Matter) -> list[Choice]:
    line = matter.line
    if not line.begins:
        return [Choice("a new article begins here", line.n, line.text, corrections.begins(True))]
    if not line.at:
        return []
    words = "no article begins here: it goes on with the one above"
    return [Choice(words, line.n, line.text, corrections.begins(False))]


def _paid(matter: Matter) -> list[Choice]:
    article, line = matter.article, matter.line
    if article is None:
        return []
    rows = []
    if article.sponsored is not None:
        rows.append(_of_article(matter, "not paid for", corrections.sponsored(False)))
    else:
        rows.append(_of_article(matter, "paid for", corrections.sponsored(True)))
    if len(line.text) <= _NAME and line.label in _NAMES and line.text != article.sponsor:
        words = f"paid for by “{line.text}”"
        rows.append(_of_article(matter, words, corrections.sponsored(True, line.text)))
    return rows


def _cut(matter: Matter) -> list[Choice]:
    if matter.article is None:
        return []
    if matter.article.truncated is not None:
        return [_of_article(matter, "whole", corrections.truncated(False))]
    return [_of_article(matter, "cut off", corrections.truncated(True))]


def _sections(matter: Matter) -> list[Choice]:
    if matter.article is None:
        return []
    names = [name for name in matter.sections if name not in (SPONSORED, UNSECTIONED, matter.article.section)]
    return [_of_article(matter, name, corrections.section(name)) for name in names]


def _taking_back(matter: Matter) -> list[Choice]:
    article, line = matter.article, matter.line
    first, last = (line.n, line.n) if article is None else (article.first_line, article.last_line)
    return [
        Choice(f"take back: {said.sentence}", said.line, said.shown, None, said)
        for said in matter.said
        if said.line == line.n or first <= said.line <= last
    ]


def _typed(matter: Matter, typed: str) -> Iterable[Choice]:
    if typed and matter.article is not None:
        yield _of_article(matter, f"paid for by “{typed}”", corrections.sponsored(True, typed))
        yield _of_article(matter, f"in the section “{typed}”", corrections.section(typed))


def _of_article(matter: Matter, words: str, word: Word) -> Choice:
    """Said of the line where the same matter was decided before, else of the article's first one."""
    assert matter.article is not None
    first, last = matter.article.first_line, matter.article.last_line
    kind: Kind = corrections.kind_of(word)
    for said in matter.said:
        if said.kind == kind and first <= said.line <= last:
            return Choice(words, said.line, said.shown, word)
    return Choice(words, first, matter.first, word)


class ChoiceList(GroupedList[Choice]):
    """What can be said, a line each."""

    ROW_LINES = 1
    COUNTS = False

    def draw(self, row: Choice, part: int, width: int) -> list[tuple[str, str]]:  # noqa: ARG002
        """The words."""
        return [("list--title", fit(sanitize(row.words), width))]


class CorrectScreen(Chooser[Choice, Choice]):
    """Answers with what is to be said of a line, or with None."""

    TITLE = "Correct"
    PLACEHOLDER: ClassVar[str | None] = "Type to narrow down, or a name"
    NOTHING = "Nothing can be said in these words."

    def __init__(self, matter: Matter) -> None:
        super().__init__(ChoiceList())
        self._matter = matter

    def matching(self, text: str) -> GroupedRows[Choice]:
        """What has every word of `text` in it, and what `text` may name."""
        return GroupedRows(choices(self._matter, text))

    def detail(self, row: Choice) -> str:
        """The whole sentence that would be kept."""
        if row.word is None:
            return f"{row.words}."
        return f"Line {row.line}: {corrections.in_words(row.word, row.shown)}."

    def result(self, row: Choice) -> Choice | None:
        """The choice."""
        return row

    def on_mount(self) -> None:
        """Say which line it is about, and show every row."""
        line = self._matter.line
        self.query_one("#dialog").border_title = sanitize(f"Line {line.n}: {quoted(line.text)}")
        super().on_mount()
