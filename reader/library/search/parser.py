"""Parses a query into a tree. Pure; every fault is a QueryError with the position of the faulty piece.

    words all of them      kestrel outage        a phrase        "strange business"
    without                -kestrel -"by train"  either          kestrel OR nimbus
    together               (a OR b) c            begins with     kest*
    fields                 section:enterprise author:"Anders Whitlock" sponsor:nim* is:truncated
    dates                  after:2021 (from then on)  before:2022-06 (until the day before)
    places                 in:headline kestrel (what follows, to the end of its group)
                           in:2022-03 (captures whose path or address has this in it)

OR binds weaker than words side by side. Case, accents and the kind of quotes make no difference.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple, NoReturn

from reader.errors import QueryError
from reader.library.database.records import column
from reader.library.database.schema import PARTS
from reader.library.search.query import (
    AUTHOR,
    FIELDS,
    LAST_DAY,
    SECTION,
    SPONSOR,
    SPONSORED,
    STATES,
    TRUNCATED,
    WHOLE,
    Condition,
    Dates,
    Node,
    Not,
    Phrase,
    conjunction,
    disjunction,
)
from reader.library.search.tokens import is_word, special, tokens

MOST_TOKENS = 200
"""How many words, and characters of scripts without spaces, a query may have."""
MOST_LEVELS = 30
"""How deep parentheses may be nested."""

_LONG_ENOUGH = 3
"""While a phrase is typed, its last word is left out until it has so many letters."""
_KINDS = {"section": SECTION, "author": AUTHOR, "sponsor": SPONSOR}
_FLAGS = {"truncated": TRUNCATED, "whole": WHOLE, "sponsored": SPONSORED}
_CLOSING = {'"': '"“”„‟', "“": '"“”', "„": '"“”', "‟": '"“”', "”": '"“”'}
_NEEDS = {
    "section": "the name of a section, or words of it",
    "author": "a name, or a part of one",
    "sponsor": "a name, or a part of one",
    "is": f"{', '.join(STATES[:-1])} or {STATES[-1]}",
    "before": "a year, a month or a day: 2022, 2022-06 or 2022-06-30",
    "after": "a year, a month or a day: 2022, 2022-06 or 2022-06-30",
    "in": f"{', '.join(PARTS)}, or a part of a capture's path or address",
}
_field = re.compile(r"([A-Za-z]+):(?!//)").match
_date = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?").fullmatch
_typed_date = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)-?[0-9]?").fullmatch
_begun_date = re.compile(r"[0-9]{0,3}").fullmatch
_bare = re.compile(r'[^\s"“”„‟()]+').match


class _Piece(NamedTuple):
    """A word or the inside of quotes, and its start and end in the query."""

    text: str
    start: int
    end: int
    quoted: bool
    open: bool
    """True if it may not be typed to its end yet."""
    star: bool
    """True if a * follows it."""


def parse_query(text: str, *, typing: bool = False) -> Node | None:
    """The tree of a query, None if it is empty; QueryError if it cannot be parsed.

    With `typing`, the end may be unfinished: the last word may be the beginning of one, an open quote or
    parenthesis is closed, and an OR or a field without a value is left out. Only then can it be empty.
    """
    parser = _Parser(text, typing)
    node = parser.alternatives(0)
    if parser.place < len(text):
        parser.fail("there is no ( to this )", parser.place, 1)
    if node is None and not typing:
        parser.fail("there is no word here to look for", 0, len(text))
    return node


class _Parser:
    """A recursive-descent parser; `place` is the position of what comes next."""

    def __init__(self, text: str, typing: bool) -> None:
        self.place = 0
        self._text = text
        self._typing = typing
        self._end = len(text.rstrip())
        self._last_word = len(text.rstrip(") \t\n"))
        self._tokens = 0
        self._parts: tuple[str, ...] = ()
        self._without = False

    def fail(self, reason: str, position: int, length: int) -> NoReturn:
        """Raise the error for a faulty piece."""
        raise QueryError(reason, position, length)

    def alternatives(self, level: int) -> Node | None:
        """Parse sequences with ORs between them, up to a closing parenthesis or the end."""
        if level > MOST_LEVELS:
            self.fail(f"parentheses stand more than {MOST_LEVELS} deep", self.place - 1, 1)
        outer = self._parts
        choices: list[Node] = []
        or_place: int | None = None
        while True:
            start = self._skip()
            sequence = self._sequence(level)
            here = self._skip()
            at_or = self._text.startswith("OR", here) and self._is_bare_or(here)
            if sequence is not None:
                choices.append(sequence)
            elif at_or or (or_place is not None and not (self._typing and here >= self._end)):
                self.fail(
                    "OR stands between two things to look for; write or, or “OR” in quotes, for the word",
                    start if at_or else or_place or 0,
                    2,
                )
            if not at_or:
                break
            or_place = here
            self.place = here + 2
        self._parts = outer
        return disjunction(choices) if choices else None

    def _sequence(self, level: int) -> Node | None:
        """Parse items side by side, up to an OR, a closing parenthesis or the end."""
        nodes: list[Node] = []
        while True:
            here = self._skip()
            if here >= len(self._text) or self._text[here] == ")" or self._is_bare_or(here):
                return conjunction(nodes) if nodes else None
            node = self._item(level)
            if node is not None and not (nodes and self._is_begun(node)):
                nodes.append(node)

    def _is_begun(self, node: Node) -> bool:
        """Is it a single letter at the end, with which a word in nearly every article begins?"""
        at_end = self._typing and self.place == len(self._text)
        return (
            at_end
            and isinstance(node, Phrase)
            and node.prefix
            and len(node.tokens) == len(node.tokens[0]) == 1
        )

    def _item(self, level: int) -> Node | None:
        """Parse a word, phrase, field or group, with or without a minus sign."""
        start = self.place
        if self._text[start] != "-":
            return self._primary(level)
        self.place += 1
        following = self._text[self.place : self.place + 1]
        if not following or following.isspace() or following in "-)":
            bare = _bare(self._text, start)
            self.place = bare.end() if bare else self.place
            return None  # A dash between words.
        outer, self._without = self._without, True
        node = self._primary(level)
        self._without = outer
        return None if node is None else Not(node)

    def _primary(self, level: int) -> Node | None:
        start = self.place
        if self._text[start] == "(":
            self.place += 1
            node = self.alternatives(level + 1)
            if self.place < len(self._text):
                self.place += 1
            elif not self._typing:
                self.fail("this ( is not closed", start, 1)
            elif node is None:
                return None
            if node is None and not self._typing:
                self.fail("there is nothing to look for in these parentheses", start, self.place - start)
            return node
        found = _field(self._text, start)
        if found is None:
            return self._words(self._piece(), "", self._parts)
        name = found[1].lower()
        self.place = found.end()
        if name in FIELDS:
            return self._field(name, start)
        if self.place >= len(self._text) or self._text[self.place].isspace():
            self.place = start
            return self._words(self._piece(), "", self._parts)
        return self.fail(
            f"there is no {name}: to look in; there are {', '.join(f'{field}:' for field in FIELDS)}"
            " – in quotes it is looked for as text",
            start,
            self.place - start,
        )

    def _field(self, name: str, start: int) -> Node | None:
        """Parse a field after its colon."""
        following = self._text[self.place : self.place + 1]
        if not following or following.isspace() or following in "()":
            if self._typing and self.place >= self._end:
                return None
            self.fail(f"{name}: takes {_NEEDS[name]}, right behind the colon", start, self.place - start)
        piece = self._piece()
        if name == "is":
            return self._state(piece)
        if name == "in":
            return self._place(piece, start)
        if name in ("before", "after"):
            return self._date(name, piece)
        node = self._words(piece, _KINDS[name], ())
        if node is None and not (self._typing and self.place >= self._end):
            self.fail(f"{name}: takes {_NEEDS[name]}", piece.start, piece.end - piece.start)
        return node

    def _state(self, piece: _Piece) -> Node | None:
        value = piece.text.lower()
        if value in _FLAGS:
            self._count(1, piece)
            return Phrase(tuple(special(_FLAGS[value])))
        if value in STATES:
            self._count(1, piece)
            return Condition(value)
        if piece.open and any(state.startswith(value) for state in STATES):
            return None
        return self.fail(f"is: takes {_NEEDS['is']}", piece.start, max(1, piece.end - piece.start))

    def _place(self, piece: _Piece, start: int) -> Node | None:
        value = column(piece.text).lower()
        if not piece.quoted and value in PARTS:
            if self._text[start - 1 : start] == "-":
                self.fail(
                    f"in:{value} says where the words behind it stand; put the - before these",
                    start - 1,
                    piece.end - start + 1,
                )
            if not self._typing and piece.end >= self._last_word:
                self.fail(f"in:{value} needs a word behind it", start, piece.end - start)
            self._parts = (value,)
            return None
        if not value.strip():
            if piece.open:
                return None
            self.fail(f"in: takes {_NEEDS['in']}", piece.start, max(1, piece.end - piece.start))
        if piece.open and not piece.quoted and any(part.startswith(value) for part in PARTS):
            return None
        self._count(1, piece)
        return Condition("in", value)

    def _date(self, name: str, piece: _Piece) -> Node | None:
        value = _complete_date(piece.text) if piece.open else piece.text
        if not value:
            return None
        dates = _dates_from(name, value)
        if dates is None:
            self.fail(f"{name}: takes {_NEEDS[name]}", piece.start, max(1, piece.end - piece.start))
        self._count(1, piece)
        return Dates(*dates)

    def _words(self, piece: _Piece, kind: str, parts: tuple[str, ...]) -> Node | None:
        """The tokens of a piece as a phrase; None if it has none."""
        found = tokens(piece.text)
        if not found:
            return None
        self._count(len(found), piece)
        # Neither a character that is a token by itself nor a word with something after it is the beginning of a word.
        may_go_on = found[-1].end == len(piece.text) and is_word(found[-1].text)
        prefix = may_go_on and (piece.star or (piece.open and not self._without))
        words = list(special(kind, piece.text)) if kind else [token.text for token in found]
        if prefix and not piece.star and len(words) > 1 and len(found[-1].text) < _LONG_ENOUGH:
            words.pop()
            prefix = False
        return Phrase(tuple(words), prefix, parts)

    def _count(self, number: int, piece: _Piece) -> None:
        self._tokens += number
        if self._tokens > MOST_TOKENS:
            self.fail(
                f"a query has at most {MOST_TOKENS} words; these are too many",
                piece.start,
                max(1, piece.end - piece.start),
            )

    def _piece(self) -> _Piece:
        """Parse a word or quoted text."""
        start = self.place
        closing = _CLOSING.get(self._text[start])
        if closing is None:
            found = _bare(self._text, start)
            end = found.end() if found else start + 1
            self.place = end
            text = self._text[start:end]
            stars = len(text) - len(text.rstrip("*"))
            text = text[: len(text) - stars]
            return _Piece(text, start, end, False, self._typing and end == len(self._text), stars > 0)
        end = next((i for i in range(start + 1, len(self._text)) if self._text[i] in closing), -1)
        if end < 0:
            if not self._typing:
                self.fail("this quote is not closed", start, 1)
            self.place = end = len(self._text)
            return _Piece(self._text[start + 1 :], start, end, True, True, False)
        star = self._text.startswith("*", end + 1)
        self.place = end + 1 + star
        return _Piece(self._text[start + 1 : end], start, self.place, True, False, star)

    def _skip(self) -> int:
        """Skip blanks; the new place."""
        while self.place < len(self._text) and self._text[self.place].isspace():
            self.place += 1
        return self.place

    def _is_bare_or(self, place: int) -> bool:
        found = _bare(self._text, place)
        return found is not None and found[0] == "OR"


def _dates_from(name: str, value: str) -> tuple[int, int] | None:
    """The days of `before:` or `after:` with a date, from the first to before the last; None if it is not a date.

    after:2021 is from the first day of 2021 on, before:2021 until the last day of 2020.
    """
    found = _date(value)
    if found is None:
        return None
    try:
        first = date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).toordinal()
    except ValueError:
        return None
    return (first, LAST_DAY) if name == "after" else (1, first)


def _complete_date(value: str) -> str:
    """The complete part of an unfinished date, which may be ""; the whole value if it cannot become a date."""
    if _begun_date(value):
        return ""
    found = _typed_date(value)
    return found[1] if found else value
