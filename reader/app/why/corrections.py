"""Correcting a wrong reading: what can be corrected about a line, and the dialog that offers it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from reader.app.why.explaining import Explained, WhyLine
from reader.app.widgets.chooser import Chooser, ChooserRow
from reader.app.widgets.grouped_list import GroupedRows
from reader.library import SPONSORED, UNSECTIONED
from reader.library.state import corrections
from reader.library.state.corrections import Correction, Statement
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


def choices(explained: Explained, line: WhyLine, typed: str = "") -> Grouped:
    """What can be corrected about a line and its article: choices with every word of `typed`, under headings.

    Choices that begin with `typed` come first, and so do their headings; those that use it as a name come last. It is
    not a name if the line or its article is read so already.
    """
    article = explained.article if line.own else None
    first, last = (line.n, line.n) if article is None else (article.first_line, article.last_line)
    nearby = [made for made in explained.corrections if first <= made.line <= last]
    typed = typed.strip()

    def of_line(words: str, word: Statement) -> Choice:
        return Choice(words, line.n, line.text, word)

    def of_article(words: str, word: Statement) -> Choice:
        """A correction of the article, on the line that already has one of this kind, else on the first line."""
        kind = corrections.kind_of(word)
        for made in nearby:
            if made.kind == kind:
                return Choice(words, made.line, made.shown, word)
        return Choice(words, first, explained.first_text, word)

    # The next-best reading comes first.
    next_best = None if line.why.other is None else line.why.other.label
    labels = sorted(NOUNS.items(), key=lambda row: row[0] != next_best)
    groups = {
        "this line is": [
            of_line(noun, corrections.label(name)) for name, noun in labels if name != line.label
        ]
    }
    if not line.begins:
        groups["articles"] = [of_line("a new article begins here", corrections.begins(True))]
    elif line.why.at:
        words = "no article begins here; this continues the one above"
        groups["articles"] = [of_line(words, corrections.begins(False))]
    as_read = [NOUNS[line.label]]
    if article is not None:
        is_paid, is_cut = article.sponsored is not None, article.truncated is not None
        as_read += ["paid for" if is_paid else "not paid for", "truncated" if is_cut else "whole"]
        paid = [of_article("not paid for" if is_paid else "paid for", corrections.sponsored(not is_paid))]
        if len(line.text) <= _NAME and line.label in _NAMES and line.text != article.sponsor:
            paid.append(of_article(f"paid for by “{line.text}”", corrections.sponsored(True, line.text)))
        cut = of_article("whole" if is_cut else "truncated", corrections.truncated(not is_cut))
        others = (SPONSORED, UNSECTIONED, article.section)
        sections = [name for name in explained.sections if name not in others]
        groups["the article was"] = paid
        groups["its text is"] = [cut]
        groups["its section is"] = [of_article(name, corrections.section(name)) for name in sections]
    groups["your corrections"] = [
        Choice(f"withdraw: {made.sentence}", made.line, made.shown, None, made) for made in nearby
    ]

    def begins(words: str) -> bool:
        return re.sub("^(?:an?|the) ", "", words.casefold()).startswith(typed.casefold())

    def begins_otherwise(row: Choice) -> bool:
        return not begins(row.words)

    def matches(heading: str, row: Choice) -> bool:
        return all(word in f"{heading} {row.words}".casefold() for word in typed.casefold().split())

    narrowed = [
        (heading, sorted((row for row in rows if matches(heading, row)), key=begins_otherwise))
        for heading, rows in groups.items()
    ]
    narrowed.sort(key=lambda group: all(map(begins_otherwise, group[1])))
    if typed and article is not None and not any(map(begins, as_read)):
        sponsored = of_article(f"paid for by “{typed}”", corrections.sponsored(True, typed))
        section = of_article(f"in the section “{typed}”", corrections.section(typed))
        narrowed.append(("as typed", [sponsored, section]))
    return narrowed


class CorrectScreen(Chooser[Choice]):
    """Closes with the correction to make or to take back."""

    TITLE = "Correct"
    PLACEHOLDER = "Type to filter, or type a name"
    NOTHING = "No other reading matches these words."

    def __init__(self, explained: Explained, line: WhyLine) -> None:
        text = sanitize(line.text)
        if len(text) > _QUOTED:
            text = f"{text[: _QUOTED - 1].rstrip()}…"
        super().__init__(f"Line {line.n}: “{text}”")
        self._explained = explained
        self._line = line

    def matching(self, text: str) -> GroupedRows[ChooserRow[Choice]]:
        """The choices with every word of `text`, with the sentence that would be kept."""
        groups = choices(self._explained, self._line, text)
        return GroupedRows([(heading, map(_row, rows)) for heading, rows in groups])


def _row(choice: Choice) -> ChooserRow[Choice]:
    if choice.word is None:
        return ChooserRow(choice, choice.words, detail=f"{choice.words}.")
    sentence = f"Line {choice.line}: {corrections.in_words(choice.word, choice.text)}."
    return ChooserRow(choice, choice.words, detail=sentence)
