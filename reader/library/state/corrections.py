"""What the reader has said of lines: kept by the digest of a capture's text, and told to the parser as hints.

Nothing here depends on captures being kept: a correction waits for its text to be added again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, get_args

from reader.errors import LibraryError
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.records import column
from reader.library.state.state_records import Spot
from reader.model import Capture, LineHint
from reader.parsing import hints
from reader.parsing.explain import NOUNS
from reader.sanitize import sanitize

Kind = Literal["label", "begins", "sponsored", "truncated", "section"]
"""What a correction is about; a line has at most one of each. The last three are about the line's whole article."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LONGEST_NAME: Final = 200
_SHOWN: Final = 200
_QUOTED: Final = 50
_ROLES: Final[dict[Kind, tuple[str, ...]]] = {
    "label": tuple(hints.CORRECTED + label for label in NOUNS),
    "begins": (hints.OPENS, hints.JOINS),
    "sponsored": (hints.PAID, hints.NOT_PAID),
    "truncated": (hints.CUT, hints.NOT_CUT),
    "section": (hints.SECTION,),
}
_BEGINNINGS: Final = frozenset((hints.OPENS, hints.WITHIN, hints.JOINS))


class Word(NamedTuple):
    """What is said, as the parser hears it."""

    role: str
    """See `reader.parsing.hints`: "=headline", "opens", "joins", "paid", "not paid", "cut", "not cut", "section"."""
    value: str = ""
    """Who paid, or the section's name."""


class Correction(NamedTuple):
    """One thing that the reader has said of a line."""

    capture: bytes
    """The digest of the capture's text, as `preparing.text_digest` makes it."""
    line: int
    """Number of the line, from 1."""
    kind: Kind
    word: Word
    shown: str
    """The line, cut to 200 characters."""

    @property
    def sentence(self) -> str:
        """What is said, in words for a reader."""
        return in_words(self.word, self.shown)


def label(name: str) -> Word:
    """That a line is one of `reader.parsing.layouts.LABELS`."""
    return Word(hints.CORRECTED + name)


def begins(begin: bool) -> Word:
    """That an article begins with a line, or that it goes on with the one before."""
    return Word(hints.OPENS if begin else hints.JOINS)


def sponsored(paid: bool, name: str = "") -> Word:
    """That an article was paid for, perhaps by whom, or that it was not."""
    return Word(hints.PAID if paid else hints.NOT_PAID, _name(name) if paid else "")


def truncated(cut: bool) -> Word:
    """That an article's text is cut off, or whole."""
    return Word(hints.CUT if cut else hints.NOT_CUT)


def section(name: str) -> Word:
    """That an article belongs to a section."""
    return Word(hints.SECTION, _name(name))


def kind_of(word: Word) -> Kind:
    """What a word is about; LibraryError for one that says nothing."""
    found = next((kind for kind, roles in _ROLES.items() if word.role in roles), None)
    if found is None or (found == "section" and not word.value):
        raise LibraryError(f"no line can be corrected to {word.role!r}")
    return found


def in_words(word: Word, shown: str) -> str:
    """What is said of a line: "“Latest Stories” is furniture"."""
    text = sanitize(shown)
    quoted = f"“{text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + '…'}”"
    if word.role.startswith(hints.CORRECTED):
        return f"{quoted} is {NOUNS[word.role.removeprefix(hints.CORRECTED)]}"
    said = {
        hints.OPENS: "an article begins at {}",
        hints.JOINS: "no article begins at {}",
        hints.PAID: "the article with {} was paid for",
        hints.NOT_PAID: "the article with {} was not paid for",
        hints.CUT: "the article with {} is cut off",
        hints.NOT_CUT: "the article with {} is whole",
        hints.SECTION: "the article with {} belongs to the section",
    }[word.role].format(quoted)
    by = " by" if word.role == hints.PAID else ""
    return f"{said}{by} {sanitize(word.value)}" if word.value else said


@library_errors
def of_capture(database: Database, capture: bytes) -> tuple[Correction, ...]:
    """What has been said of a text's lines, in their order."""
    query = "SELECT capture, line, kind, role, value, shown FROM corrections WHERE capture = ? ORDER BY line, kind"
    return tuple(map(_correction, database.all(query, (capture,))))


@library_errors
def every(database: Database) -> tuple[Correction, ...]:
    """All that has been said, text by text."""
    query = "SELECT capture, line, kind, role, value, shown FROM corrections ORDER BY capture, line, kind"
    return tuple(map(_correction, database.all(query)))


@library_errors
def corrected(database: Database, capture: Capture, digest: bytes) -> Capture:
    """The capture as it is to be parsed; the same one where nothing has been said of it."""
    said = of_capture(database, digest)
    return with_corrections(capture, said) if said else capture


def with_corrections(capture: Capture, said: Iterable[Correction]) -> Capture:
    """The capture with what has been said of it before its format's hints, and without those that gainsay it."""
    said = tuple(said)
    labelled = {one.line for one in said if one.kind == "label"}
    turning = {one.line for one in said if one.kind == "begins"}
    rest = (
        hint
        for hint in capture.hints
        if not (hint.n in labelled and hint.role in hints.ROLES)
        and not (hint.n in turning and hint.role in _BEGINNINGS)
    )
    own = (LineHint(one.line, one.word.role, one.word.value) for one in said)
    return capture._replace(hints=(*own, *rest), told=None)


def put(database: Database, spot: Spot, kind: Kind, word: Word | None, shown: str) -> None:
    """In the open transaction: say something of a line, in place of what was said; None for nothing."""
    if word is None:
        database.run("DELETE FROM corrections WHERE capture = ? AND line = ? AND kind = ?", (*spot, kind))
    else:
        values = (*spot, kind, word.role, column(word.value), column(shown[:_SHOWN]))
        database.run("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?, ?)", values)


def said_of(database: Database, spot: Spot, kind: Kind) -> Word | None:
    """What has been said of a line about one matter."""
    query = "SELECT role, value FROM corrections WHERE capture = ? AND line = ? AND kind = ?"
    row = database.one(query, (*spot, kind))
    return None if row is None else Word(*row)


def _correction(row: tuple[bytes, int, Kind, str, str, str]) -> Correction:
    capture, line, kind, role, value, shown = row
    return Correction(capture, line, kind, Word(role, value), shown)


def _name(name: str) -> str:
    return " ".join(sanitize(name).split())[:LONGEST_NAME]
