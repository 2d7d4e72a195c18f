"""The list of highlights, notes and tags: its rows, and how they are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final, NamedTuple

from reader.app.text.article_lines import day
from reader.app.text.wrapping import around, fit, marked, width_of
from reader.app.widgets.drawing import is_spoken
from reader.app.widgets.grouped_list import GroupedList, GroupedRows
from reader.app.widgets.highlights import NOTE_SIGN
from reader.errors import LibraryError
from reader.library import Library, fold, folded_words
from reader.library.state import anchors
from reader.library.state.notes import Annotation, GoneStory
from reader.sanitize import sanitize

GONE: Final = "none of its captures is in the library"
NOT_PLACED: Final = "the text no longer has these words"


class NoteRow(NamedTuple):
    """A highlight, a note to an article, or the tags of an article."""

    title: str
    key: int | None
    """The article in the list; None if no capture of its story is kept."""
    tags: tuple[str, ...] = ()
    annotation: Annotation | None = None
    """None for a row of tags alone."""
    placed: bool = True
    """Do the words of the highlight stand in the article?"""
    gone: GoneStory | None = None
    """The story, if no capture of it is kept."""

    @property
    def article(self) -> int | str:
        """What tells its article from others: the key, or the title of one that is not kept."""
        return self.title if self.key is None else self.key

    @property
    def status(self) -> str:
        """Why the row cannot lead to its place; "" if it can."""
        return GONE if self.key is None else "" if self.placed else NOT_PLACED


def load_rows(library: Library) -> list[NoteRow]:
    """Read all highlights and notes, the newest first, then the tags of each article."""
    annotations = library.annotations
    tagged: dict[int, list[str]] = {}
    for tag in annotations.all_tags():
        for key in annotations.tagged(tag.name):
            tagged.setdefault(key, []).append(tag.name)
    articles: dict[int, tuple[str, list[str]]] = {}

    def article(key: int) -> tuple[str, list[str]]:
        """The title and the texts of an article; both empty if it cannot be read."""
        if key not in articles:
            try:
                stored = library.article(key).article
                articles[key] = stored.title, [sanitize(block.text) for block in stored.body]
            except LibraryError:
                articles[key] = "", []
        return articles[key]

    gone = annotations.gone()
    owners = {annotation.number: story for story in gone for annotation in story.annotations}
    rows: list[NoteRow] = []
    for annotation, own_key in annotations.all():
        title, texts = article(own_key) if own_key is not None else ("", [])
        placed = not annotation.is_highlight or bool(anchors.locate(annotation.quote, texts))
        story = owners.get(annotation.number)
        tags = story.tags if story else tuple(tagged.get(own_key or 0, ()))
        rows.append(NoteRow(title or annotation.title, own_key, tags, annotation, placed))
    rows += [NoteRow(article(key)[0], key, tuple(tags)) for key, tags in tagged.items()]
    rows += [NoteRow(story.title, None, story.tags, gone=story) for story in gone if story.tags]
    return rows


def matching(rows: Iterable[NoteRow], text: str) -> list[NoteRow]:
    """The rows that have all words of `text` in their words, note, tags, colour or title."""
    words = folded_words(text)

    def folded(row: NoteRow) -> str:
        annotation = row.annotation
        own = (annotation.quote.text, annotation.note, annotation.color) if annotation is not None else ()
        return fold(" ".join((row.title, *(f"#{tag}" for tag in row.tags), *own)))

    return [row for row in rows if all(word in folded(row) for word in words)]


def grouped(rows: Iterable[NoteRow]) -> GroupedRows[NoteRow]:
    """The rows under the titles of their articles, in the order of their newest rows."""
    groups: dict[object, list[NoteRow]] = {}
    for row in rows:
        groups.setdefault(row.article, []).append(row)
    return GroupedRows([(of_article[0].title, of_article) for of_article in groups.values()])


class NoteList(GroupedList[NoteRow]):
    """Highlights, notes and tags, two lines each: the words with those around them, then the note and the date."""

    ROW_LINES = 2
    COUNTS = False
    LOOKS: ClassVar[Mapping[str, str]] = {
        **GroupedList.LOOKS,
        "list--yellow": "highlight-text underline on highlight-yellow",
        "list--green": "highlight-text underline on highlight-green",
        "list--blue": "highlight-text underline on highlight-blue",
        "list--alert": "text-warning",
    }

    def draw(self, row: NoteRow, part: int, width: int) -> list[tuple[str, str]]:
        annotation = row.annotation
        if part:
            return self._details(row, width)
        if annotation is None:
            return [("list--mark", fit(" ".join(f"#{sanitize(tag)}" for tag in row.tags), width))]
        if not annotation.is_highlight:
            note = _one_line(annotation.note).strip()
            sign = self._note_sign
            return [("list--mark", sign), ("list--title", fit(note, width - width_of(sign)))]
        return self._in_context(annotation, width)

    @property
    def _note_sign(self) -> str:
        return "Note: " if is_spoken(self) else f"{NOTE_SIGN} "

    def _details(self, row: NoteRow, width: int) -> list[tuple[str, str]]:
        """The note to a highlight, the date, and why it has no place."""
        annotation, status = row.annotation, row.status
        line = day(annotation.made) if annotation is not None else ""
        room = width - (width_of(status) + 3 if status else 0)
        if annotation is not None and annotation.is_highlight and annotation.note:
            note = self._note_sign + _one_line(annotation.note).strip()
            line = f"{fit(note, max(12, room - width_of(line) - 3))} · {line}"
        pieces = [("list--detail", fit(line, max(0, room)))]
        if status:
            between = " · " if line and room > 0 else ""
            pieces += [("list--detail", between), ("list--alert", fit(status, width))]
        return pieces

    def _in_context(self, annotation: Annotation, width: int) -> list[tuple[str, str]]:
        """The words of a highlight between those before and after them, as far as there is room."""
        quote = annotation.quote
        opening, closing = ("[", f"] ({annotation.color})") if self.app.no_color else ("", "")
        if is_spoken(self):
            opening, closing = f"({annotation.color}: ", ")"
        before, after = quote.before, quote.after
        # As long as this they were cut, perhaps within a word.
        if len(before) >= anchors.CONTEXT - 1:
            before = "…" + (before.lstrip().partition(" ")[2] or before)
        if len(after) >= anchors.CONTEXT - 1:
            after = (after.rstrip().rpartition(" ")[0] or after) + "…"
        before, words, after = map(_one_line, (before, quote.text, after))
        start = len(before) + len(opening)
        text = f"{before}{opening}{words}{closing}{after}"
        passage, marks = around(text, [(start, start + len(words))], width)
        return list(marked(passage, marks, "list--detail", f"list--{annotation.color}"))


def _one_line(text: str) -> str:
    """Sanitize a text, and write each run of spaces and line ends as one space."""
    return re.sub(r"\s+", " ", sanitize(text, multiline=True))
