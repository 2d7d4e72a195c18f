"""The differences of two versions as a document with marks, and the view that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from reader.app.text.flow import ReadingPosition, StyledSpan
from reader.app.text.parts import Part, PartsDocument
from reader.app.widgets.line_view import LineView
from reader.library.stories.differences import Difference
from reader.sanitize import sanitize

MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
"""Marks around text that only the old or only the new version has."""
TEXT = "body"
"""The part of an article that is always shown, even if both versions are equal."""
PART_NAMES = {TEXT: "text", "published": "date"}
"""Headings of parts whose names are not clear."""
MAX_PARAGRAPH = 2_000
"""Longer paragraphs, in characters, are split."""


class Comparison(NamedTuple):
    """A document of two versions and their differences."""

    document: PartsDocument
    changes: Sequence[ReadingPosition]
    """Where each difference begins, in page order."""
    removed: int
    """Words that only the old version has."""
    added: int
    """Words that only the new version has."""


class _Writer:
    """Builds paragraphs from pieces that both versions have, or only one of them."""

    def __init__(self) -> None:
        self.parts: list[Part] = [Part("space", "", 0)]
        self.changes: list[tuple[int, int]] = []
        """The part and the character where each difference begins."""
        self._text = ""
        self._styled: list[StyledSpan] = []
        self._breaks = False
        """Does the paragraph end before the next piece?"""
        self._kind = "same"
        """The kind of the last piece."""
        self._replacing = False
        """Does the last piece belong to a difference?"""

    def begin(self, name: str) -> None:
        """Begin a part of the article."""
        self.close()
        self._replacing = False
        self.parts.append(Part("label", PART_NAMES.get(name, name).upper(), 0))

    def put(self, text: str, kind: str) -> None:
        """Append a line of text, or a piece of one, to the paragraph."""
        # Text that replaces the end of a paragraph stays beside it: the break comes after both.
        waits = kind == "added" and self._kind == "removed"
        if (self._breaks and text and not waits) or len(self._text) >= MAX_PARAGRAPH:
            self.close()
        self._kind = kind
        words = text.strip(" ")
        before, after = MARKS.get(kind, ("", ""))
        if not before or not words:
            self._text += text
            self._replacing = self._replacing and not words
            return
        if self._text and not self._text.endswith(" ") and (text != text.lstrip(" ") or self._replacing):
            self._text += " "
        start = len(self._text)
        if not self._replacing:
            # Removed text and the text that replaces it are one difference.
            self.changes.append((len(self.parts), start))
        self._replacing = True
        self._text += before + words + after
        self._styled.append(StyledSpan(start, len(self._text), kind))
        if text != text.rstrip(" "):
            self._text += " "

    def end_line(self) -> None:
        """End a line, at which a paragraph ends in at least one version."""
        self._breaks = True

    def close(self) -> None:
        """End the paragraph."""
        self._breaks = False
        if self._text.strip():
            self.parts.append(Part("text", self._text, styled=tuple(self._styled)))
        self._text, self._styled = "", []


def comparison(differences: Iterable[Difference]) -> Comparison:
    """Make a document of the differences between two versions."""
    writer = _Writer()
    counts = {"removed": 0, "added": 0}
    name = ""
    pieces = list(differences)
    shown = {part for kind, part, _ in pieces if kind in counts} | {TEXT}
    for kind, part, text in pieces:
        if part not in shown:
            continue
        if part != name:
            name = part
            writer.begin(part)
        if kind in counts:
            counts[kind] += len(text.split())
        for number, line in enumerate(text.split("\n")):
            if number:
                writer.end_line()
            line = sanitize(line)
            for start in range(0, max(1, len(line)), MAX_PARAGRAPH):
                writer.put(line[start : start + MAX_PARAGRAPH], kind)
    writer.close()
    if not any(counts.values()):
        writer.parts.insert(1, Part("note", "The two versions have the same words."))
    head = tuple(writer.parts)
    # The parts in the head of a document have negative numbers.
    return Comparison(
        PartsDocument(head),
        [ReadingPosition(number - len(head), offset) for number, offset in writer.changes],
        counts["removed"],
        counts["added"],
    )


WIDEST = 84
"""Cells of the widest line."""
INDENT = 2


class DifferencesView(LineView):
    """Shows a comparison; its matches are the differences."""

    LOOKS: ClassVar[Mapping[str, str]] = {
        "text": "text-muted",
        "label": "text-accent bold",
        "note": "foreground",
        "space": "",
        "mark": "",
        "removed": "text-error strike",
        "added": "text-success underline",
        "match": "bold",
        "current": "bold reverse",
    }

    def show(self, comparison: Comparison) -> None:
        """Show a comparison from its first difference on."""
        self.set_document(comparison.document)
        self.finder.show((place, 2) for place in comparison.changes)

    def show_note(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.set_document(PartsDocument((Part("space", "", 0), Part("note", sentence))))

    def column(self, width: int) -> tuple[int, int]:
        """Leave some cells at the left if there is room."""
        indent = INDENT if width > 30 else 0
        return indent, min(WIDEST, width - indent - 1)
