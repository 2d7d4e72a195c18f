"""The reader's corrections of lines, stored by the digest of a capture's text and passed to the parser as hints.

They outlive their captures: a correction applies again when the same text is added again.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from reader.errors import LibraryError
from reader.library.articles import LineRef
from reader.library.database.connection import Database
from reader.library.database.errors import library_errors
from reader.library.database.schema import column
from reader.model import OPENS, WITHIN, Capture, LineHint
from reader.parsing import hints
from reader.parsing.states import NOUNS
from reader.sanitize import sanitize

Kind = Literal["label", "begins", "sponsored", "truncated", "section"]
"""The subject of a correction; a line has at most one of each. The last three concern the line's whole article."""
LONGEST_NAME: Final = 200
_SHOWN: Final = 200
_QUOTED: Final = 50
_ROLES: Final[dict[str, tuple[Kind, str]]] = {
    **{hints.CORRECTED + name: ("label", f"{{}} is {noun}") for name, noun in NOUNS.items()},
    OPENS: ("begins", "an article begins at {}"),
    hints.JOINS: ("begins", "no article begins at {}"),
    hints.PAID: ("sponsored", "the article {} was paid for"),
    hints.NOT_PAID: ("sponsored", "the article {} was not paid for"),
    hints.CUT: ("truncated", "the article {} is truncated"),
    hints.NOT_CUT: ("truncated", "the article {} is whole"),
    hints.SECTION: ("section", "the article {} belongs to section"),
}
"""The kind of each role, and its sentence about a line."""
_BEGINNINGS: Final = frozenset((OPENS, WITHIN, hints.JOINS))


class Statement(NamedTuple):
    """The content of a correction, in the terms of the parser's hints."""

    role: str
    """A hint: "=headline", "opens", "joins", "paid", "not paid", "cut", "not cut", "section"."""
    value: str = ""
    """The sponsor, or the section's name."""


class Correction(NamedTuple):
    """A statement by the reader about a line."""

    capture: bytes
    """The digest of the capture's text, as `ingest.reading.text_digest` makes it."""
    line: int
    kind: Kind
    statement: Statement
    shown: str
    """The line, or the title of its article if that is corrected, cut to 200 characters."""

    @property
    def sentence(self) -> str:
        """The correction in words for a reader."""
        return in_words(self.statement, self.shown)


def label(name: str) -> Statement:
    """The statement that a line has one of `reader.parsing.states.LABELS`."""
    return Statement(hints.CORRECTED + name)


def begins(begin: bool) -> Statement:
    """The statement that an article begins with a line, or that it does not."""
    return Statement(OPENS if begin else hints.JOINS)


def sponsored(paid: bool, name: str = "") -> Statement:
    """The statement that an article was paid for (perhaps by whom), or that it was not."""
    return Statement(hints.PAID if paid else hints.NOT_PAID, _name(name) if paid else "")


def truncated(cut: bool) -> Statement:
    """The statement that an article's text is cut off, or that it is complete."""
    return Statement(hints.CUT if cut else hints.NOT_CUT)


def section(name: str) -> Statement:
    """The statement that an article belongs to a section."""
    return Statement(hints.SECTION, _name(name))


def kind_of(statement: Statement) -> Kind:
    """Return the subject of a statement. LibraryError if the statement is meaningless."""
    if statement.role not in _ROLES or statement == Statement(hints.SECTION):
        raise LibraryError(f"no line can be corrected to {statement.role!r}")
    return _ROLES[statement.role][0]


def in_words(statement: Statement, shown: str) -> str:
    """Put a statement about a line into words: "“Latest Stories” is furniture"."""
    text = sanitize(shown)
    sentence = _ROLES[statement.role][1].format(
        f"“{text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + '…'}”"
    )
    by = " by" if statement.role == hints.PAID else ""
    return f"{sentence}{by} {sanitize(statement.value)}" if statement.value else sentence


def read(database: Database, capture: bytes | None = None) -> tuple[Correction, ...]:
    """Return the corrections of the text with this digest, by line; without a digest, those of all texts."""
    where = "" if capture is None else "WHERE capture = ?"
    rows = database.all(
        f"SELECT capture, line, kind, role, value, shown FROM corrections {where} ORDER BY capture, line, kind",
        () if capture is None else (capture,),
    )
    return tuple(
        Correction(digest, line, kind, Statement(role, value), shown)
        for digest, line, kind, role, value, shown in rows
    )


@library_errors
def corrected(database: Database, capture: Capture, digest: bytes) -> Capture:
    """Return the capture with its corrections, ready for the parser."""
    corrections = read(database, digest)
    return with_corrections(capture, corrections) if corrections else capture


def with_corrections(capture: Capture, corrections: Iterable[Correction]) -> Capture:
    """Return the capture with corrections before its format's hints, and without hints that contradict them."""
    corrections = tuple(corrections)
    labelled = {correction.line for correction in corrections if correction.kind == "label"}
    beginnings = {correction.line for correction in corrections if correction.kind == "begins"}
    rest = (
        hint
        for hint in capture.hints
        if not (hint.n in labelled and hint.role in hints.ROLES)
        and not (hint.n in beginnings and hint.role in _BEGINNINGS)
    )
    own = (
        hint
        for correction in corrections
        for hint in (
            LineHint(correction.line, correction.statement.role, correction.statement.value),
            LineHint(correction.line, hints.CHECKED),
        )
    )
    return capture._replace(hints=(*own, *rest))


def put(database: Database, line: LineRef, kind: Kind, statement: Statement | None, shown: str) -> None:
    """In the open transaction, replace the statement about a line; None removes it."""
    if statement is None:
        database.run("DELETE FROM corrections WHERE capture = ? AND line = ? AND kind = ?", (*line, kind))
    else:
        values = (*line, kind, statement.role, column(statement.value), column(shown[:_SHOWN]))
        database.run("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?, ?)", values)


def statement_of(database: Database, line: LineRef, kind: Kind) -> Statement | None:
    """Return the statement of one kind about a line."""
    query = "SELECT role, value FROM corrections WHERE capture = ? AND line = ? AND kind = ?"
    row = database.first_row(query, (*line, kind))
    return None if row is None else Statement(*row)


def _name(name: str) -> str:
    return " ".join(sanitize(name).split())[:LONGEST_NAME]
