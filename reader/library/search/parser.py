"""Parses a query into a tree. Pure; every error is a QueryError with the position of the faulty part.

    words all of them      kestrel outage        a phrase        "strange business" (as it is written)
    without                -kestrel NOT train    either          kestrel OR nimbus
    together               (a OR b) c            begins with     kest*
    fields                 section:enterprise author:"Anders Whitlock" sponsor:nim* is:truncated
    what you added         tag:china has:note has:highlight in:notes kestrel
    dates                  after:2021 (from then on)  before:2022-06 (until the day before)
    places                 in:headline kestrel (applies to the rest of its group)
                           in:2022-03 (captures whose path or address has this in it)

OR binds weaker than words side by side; an AND between them changes nothing. Case, accents and the kind of quotes make
no difference.
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
    DOUBTFUL,
    FIELDS,
    HAS,
    LAST_DAY,
    NOTES,
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
from reader.library.search.tokens import is_word, special, stem_of, tokens

MOST_TOKENS = 200
"""How many words, and characters of scripts without spaces, a query may have."""
MOST_LEVELS = 30
"""How deeply parentheses may be nested."""

_LONG_ENOUGH = 3
"""While a phrase is being typed, its last word counts only from this many letters on."""
_KINDS = {"section": SECTION, "author": AUTHOR, "sponsor": SPONSOR}
_FLAGS = {"truncated": TRUNCATED, "whole": WHOLE, "sponsored": SPONSORED, "doubtful": DOUBTFUL}
_CLOSING = {'"': '"“”„‟', "“": '"“”', "„": '"“”', "‟": '"“”', "”": '"“”'}
_EXPECTED = {
    "section": "the name of a section, or words of it",
    "author": "a name, or a part of one",
    "sponsor": "a name, or a part of one",
    "is": f"{', '.join(STATES[:-1])} or {STATES[-1]}",
    "before": "a year, a month or a day: 2022, 2022-06 or 2022-06-30",
    "after": "a year, a month or a day: 2022, 2022-06 or 2022-06-30",
    "tag": "one of your tags",
    "has": " or ".join(HAS),
    "in": f"{', '.join((*PARTS, NOTES))}, or a part of a capture's path or address",
}
_HINTS = {
    "or": "To find either of two words, write OR in capitals.",
    "not": "To leave out a word, write NOT in capitals.",
    "and": "To find two words, write AND in capitals, or nothing between them.",
}
_field = re.compile(r"([A-Za-z]+):(?!//)").match
_date = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?").fullmatch
_typed_date = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)-?[0-9]?").fullmatch
_begun_date = re.compile(r"[0-9]{0,3}").fullmatch
_bare = re.compile(r'[^\s"“”„‟()]+').match


class _Term(NamedTuple):
    """A word or a quoted text, and its start and end in the query."""

    text: str
    start: int
    end: int
    quoted: bool
    open: bool
    """True if it may still be unfinished."""
    star: bool
    """True if a * follows."""


def parse_query(text: str, *, typing: bool = False, stems: bool = False) -> Node | None:
    """Parse a query to a tree; None if it is empty. QueryError if it cannot be parsed.

    With `typing`, the end may be unfinished: the last word may be just a beginning, open quotes and parentheses are
    closed, and an OR or a field without a value is ignored. Only then can the query be empty. With `stems`, words
    outside of quotes and fields of names match all words with their stem.
    """
    parser = _Parser(text, typing, stems)
    node = parser.alternatives(0)
    if parser.place < len(text):
        parser.fail("this ) has no opening (", parser.place, 1)
    if node is None and not typing:
        parser.fail("there is nothing here to search for", 0, len(text))
    return node


class _Parser:
    """A recursive-descent parser; `place` is the position of the next character."""

    def __init__(self, text: str, typing: bool, stems: bool) -> None:
        self.place = 0
        self._text = text
        self._typing = typing
        self._stems = stems
        self._end = len(text.rstrip())
        self._last_word = len(text.rstrip(") \t\n"))
        self._tokens = 0
        self._parts: tuple[str, ...] = ()
        self._is_negated = False

    def fail(self, reason: str, position: int, length: int) -> NoReturn:
        """Raise the error for a faulty part."""
        raise QueryError(reason, position, length)

    def _fail_value(self, name: str, term: _Term) -> NoReturn:
        self.fail(f"{name}: takes {_EXPECTED[name]}", term.start, max(1, term.end - term.start))

    def alternatives(self, level: int) -> Node | None:
        """Parse sequences with ORs between them, up to a closing parenthesis or the end."""
        if level > MOST_LEVELS:
            self.fail(f"parentheses are nested more than {MOST_LEVELS} deep", self.place - 1, 1)
        outer = self._parts
        choices: list[Node] = []
        or_position: int | None = None
        while True:
            start = self._skip()
            sequence = self._sequence(level)
            here = self._skip()
            at_or = self._is_bare(here, "OR")
            if sequence is not None:
                choices.append(sequence)
            elif at_or or (or_position is not None and not (self._typing and here >= self._end)):
                self.fail(
                    "OR needs something to search for on both sides; to find the word itself, put it in quotes",
                    start if at_or else or_position or 0,
                    2,
                )
            if not at_or:
                break
            or_position = here
            self.place = here + 2
        self._parts = outer
        return disjunction(choices) if choices else None

    def _sequence(self, level: int) -> Node | None:
        """Parse items side by side, up to an OR, a closing parenthesis or the end."""
        nodes: list[Node] = []
        while True:
            here = self._skip()
            if here >= len(self._text) or self._text[here] == ")" or self._is_bare(here, "OR"):
                return conjunction(nodes) if nodes else None
            if self._is_bare(here, "AND"):
                self.place += len("AND")
                continue
            node = self._item(level)
            if node is not None:
                nodes.append(node)

    def _item(self, level: int) -> Node | None:
        """Parse a word, phrase, field or group, with or without a minus sign."""
        start = self.place
        if self._is_bare(start, "NOT"):
            self.place += len("NOT")
            here = self._skip()
            if here >= len(self._text) or self._text[here] == ")" or self._is_bare(here, "OR"):
                if self._typing and here >= self._end:
                    return None
                self.fail("NOT needs something after it; to find the word itself, put it in quotes", start, 3)
            return self._negated(level)
        if self._text[start] != "-":
            return self._primary(level)
        self.place += 1
        following = self._text[self.place : self.place + 1]
        if not following or following.isspace() or following in "-)":
            bare = _bare(self._text, start)
            self.place = bare.end() if bare else self.place
            return None  # A dash between words.
        return self._negated(level)

    def _negated(self, level: int) -> Node | None:
        outer, self._is_negated = self._is_negated, True
        node = self._primary(level)
        self._is_negated = outer
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
                self.fail("there is nothing to search for in these parentheses", start, self.place - start)
            return node
        found = _field(self._text, start)
        if found is None:
            return self._words(self._term(), "", self._parts)
        name = found[1].lower()
        self.place = found.end()
        if name in FIELDS:
            return self._field(name, start)
        if self.place >= len(self._text) or self._text[self.place].isspace():
            self.place = start
            return self._words(self._term(), "", self._parts)
        return self.fail(
            f"there is no field {name}:, only {', '.join(f'{field}:' for field in FIELDS)}"
            "; put it in quotes to search for it as text",
            start,
            self.place - start,
        )

    def _field(self, name: str, start: int) -> Node | None:
        """Parse a field after its colon."""
        following = self._text[self.place : self.place + 1]
        if not following or following.isspace() or following in "()":
            if self._typing and self.place >= self._end:
                return None
            self.fail(f"{name}: takes {_EXPECTED[name]}, right after the colon", start, self.place - start)
        term = self._term()
        if name in ("is", "has"):
            return self._state(name, term)
        if name == "in":
            return self._place(term, start)
        if name == "tag":
            return self._tag(term)
        if name in ("before", "after"):
            return self._date(name, term)
        node = self._words(term, _KINDS[name], ())
        if node is None and not (self._typing and self.place >= self._end):
            self._fail_value(name, term)
        return node

    def _state(self, name: str, term: _Term) -> Node | None:
        value = term.text.lower()
        known = STATES if name == "is" else HAS
        if value in known:
            self._count(1, term)
            return Phrase(tuple(special(_FLAGS[value]))) if value in _FLAGS else Condition(value)
        if term.open and any(word.startswith(value) for word in known):
            return None
        return self._fail_value(name, term)

    def _tag(self, term: _Term) -> Node | None:
        name = column(term.text).strip().lstrip("#").casefold()
        if not name:
            if term.open:
                return None
            self._fail_value("tag", term)
        self._count(1, term)
        return Condition("tag", name + "*" * (term.star or (term.open and not self._is_negated)))

    def _place(self, term: _Term, start: int) -> Node | None:
        value = column(term.text).lower()
        if not term.quoted and value in (*PARTS, NOTES):
            if self._text[start - 1 : start] == "-":
                self.fail(
                    f"in:{value} says where to find the words after it; put the - before those",
                    start - 1,
                    term.end - start + 1,
                )
            if not self._typing and term.end >= self._last_word:
                self.fail(f"in:{value} needs a word after it", start, term.end - start)
            self._parts = (value,)
            return None
        if not value.strip():
            if term.open:
                return None
            self._fail_value("in", term)
        if term.open and not term.quoted and any(part.startswith(value) for part in (*PARTS, NOTES)):
            return None
        self._count(1, term)
        return Condition("in", value)

    def _date(self, name: str, term: _Term) -> Node | None:
        value = _complete_date(term.text) if term.open else term.text
        if not value:
            return None
        dates = _dates_from(name, value)
        if dates is None:
            self._fail_value(name, term)
        self._count(1, term)
        return Dates(*dates)

    def _words(self, term: _Term, kind: str, parts: tuple[str, ...]) -> Node | None:
        """Return the tokens of a term as a phrase, or None if it has none."""
        found = tokens(term.text)
        if not found:
            return None
        self._count(len(found), term)
        # Only a word at the very end can be unfinished, and single-character tokens cannot.
        may_go_on = found[-1].end == len(term.text) and is_word(found[-1].text)
        prefix = may_go_on and (term.star or (term.open and not self._is_negated))
        words = list(special(kind, term.text)) if kind else [token.text for token in found]
        if prefix and not term.star and len(words) > 1 and len(found[-1].text) < _LONG_ENOUGH:
            words.pop()
            prefix = False
        if parts == (NOTES,):
            return Condition(NOTES, " ".join(words) + "*" * prefix)
        has_forms = self._stems and len(words) == 1 and not (kind or term.quoted or term.star)
        return Phrase(tuple(words), prefix, parts, stem_of(words[0]) if has_forms else "")

    def _count(self, number: int, term: _Term) -> None:
        self._tokens += number
        if self._tokens > MOST_TOKENS:
            self.fail(
                f"a query has at most {MOST_TOKENS} words; this has more",
                term.start,
                max(1, term.end - term.start),
            )

    def _term(self) -> _Term:
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
            return _Term(text, start, end, False, self._typing and end == len(self._text), stars > 0)
        end = next((i for i in range(start + 1, len(self._text)) if self._text[i] in closing), -1)
        if end < 0:
            if not self._typing:
                self.fail("this quote is not closed", start, 1)
            self.place = end = len(self._text)
            return _Term(self._text[start + 1 :], start, end, True, True, False)
        star = self._text.startswith("*", end + 1)
        self.place = end + 1 + star
        return _Term(self._text[start + 1 : end], start, self.place, True, False, star)

    def _skip(self) -> int:
        """Skip blanks and return the new position."""
        while self.place < len(self._text) and self._text[self.place].isspace():
            self.place += 1
        return self.place

    def _is_bare(self, place: int, word: str) -> bool:
        """Does the word stand there, not in quotes?"""
        found = _bare(self._text, place)
        return found is not None and found[0] == word


def hint_for(text: str) -> str:
    """A sentence about a word that the reader may have meant as an operator; "" if there is none."""
    for word, sentence in _HINTS.items():
        if re.search(rf"[^\s(]\s+{word}\s+[^\s)]", text):
            return sentence
    return ""


def _dates_from(name: str, value: str) -> tuple[int, int] | None:
    """Return the range of days for `before:` or `after:`, without the last day; None if the value is not a date.

    after:2021 means from the first day of 2021 on, before:2021 until the last day of 2020.
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
    """Return the complete part of an unfinished date, possibly ""; the whole value if it cannot become a date."""
    if _begun_date(value):
        return ""
    found = _typed_date(value)
    return found[1] if found else value
