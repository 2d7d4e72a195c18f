"""The differences of two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from reader.app.text.flow import ReadingPosition, Styled
from reader.app.text.parts import Part, PartsDocument
from reader.app.text.searchable_view import SearchableView
from reader.app.widgets.line_view import LineView
from reader.library.stories.differences import Difference
from reader.sanitize import sanitize

MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
"""What stands around text that only the old or only the new version has, with colours and without."""
TEXT = "body"
"""The part that is shown though it be the same in both versions."""
PART_NAMES = {TEXT: "text", "published": "date"}
"""How parts of an article are called where that is not their own name."""
LONGEST = 2_000
"""The most characters of one paragraph that are laid out in one go."""


class Compared(NamedTuple):
    """Two versions compared."""

    document: PartsDocument
    changes: Sequence[ReadingPosition]
    """Where the differences begin, in page order."""
    removed: int
    """Words that only the old version has."""
    added: int
    """Words that only the new version has."""


class _Writer:
    """Puts paragraphs together from pieces that both versions have, or only one of them."""

    def __init__(self) -> None:
        self.parts: list[Part] = [Part("space", "", 0)]
        self.changes: list[tuple[int, int]] = []
        """Number of a part and offset in its text."""
        self._text = ""
        self._styled: list[Styled] = []
        self._breaks = False
        """Whether the paragraph ends before what is put next."""
        self._kind = "same"
        """Of what was put last."""
        self._replacing = False
        """Whether what was put last belongs to a difference."""

    def begin(self, name: str) -> None:
        """A part of the article begins."""
        self.close()
        self._replacing = False
        self.parts.append(Part("label", PART_NAMES.get(name, name).upper(), 0))

    def put(self, text: str, kind: str) -> None:
        """Put one line of text, or a piece of one, at the end of the paragraph."""
        # What replaces the end of a paragraph stands beside it: the break comes after both.
        waits = kind == "added" and self._kind == "removed"
        if (self._breaks and text and not waits) or len(self._text) >= LONGEST:
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
            # What was replaced and what replaces it are one difference.
            self.changes.append((len(self.parts), start))
        self._replacing = True
        self._text += before + words + after
        self._styled.append(Styled(start, len(self._text), kind))
        if text != text.rstrip(" "):
            self._text += " "

    def end_line(self) -> None:
        """A paragraph ends here in at least one of the versions."""
        self._breaks = True

    def close(self) -> None:
        """The paragraph ends."""
        self._breaks = False
        if self._text.strip():
            self.parts.append(Part("text", self._text, styled=tuple(self._styled)))
        self._text, self._styled = "", []


def compared(differences: Iterable[Difference]) -> Compared:
    """The document of what was found by comparing."""
    writer = _Writer()
    counts = {"removed": 0, "added": 0}
    name = ""
    found = list(differences)
    shown = {part for kind, part, _ in found if kind in counts} | {TEXT}
    for kind, part, text in found:
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
            for start in range(0, max(1, len(line)), LONGEST):
                writer.put(line[start : start + LONGEST], kind)
    writer.close()
    if not any(counts.values()):
        writer.parts.insert(1, Part("note", "The two versions have the same words."))
    head = tuple(writer.parts)
    # A document of parts counts those of its head from below nought.
    return Compared(
        PartsDocument(head),
        [ReadingPosition(number - len(head), offset) for number, offset in writer.changes],
        counts["removed"],
        counts["added"],
    )


def sentence_document(sentence: str) -> PartsDocument:
    """A sentence where there are no differences to show."""
    return PartsDocument((Part("space", "", 0), Part("note", sentence)))


WIDEST = 84
"""The most cells of a line of text."""
INDENT = 2


class DifferencesView(SearchableView):
    """Shows a comparison, of any length; its matches are the differences."""

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

    class Moved(LineView.Moved):
        """Another row is at the top, or the number of rows is better known."""

    class Found(SearchableView.Found):
        """Another difference is the current one."""

    def show(self, compared: Compared) -> None:
        """Show a comparison from its first difference on."""
        self.set_document(compared.document)
        self.show_known((place, 2) for place in compared.changes)

    def show_note(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.set_document(sentence_document(sentence))

    def column(self, width: int) -> tuple[int, int]:
        """Some air at the left where there is room."""
        indent = INDENT if width > 30 else 0
        return indent, min(WIDEST, width - indent - 1)
