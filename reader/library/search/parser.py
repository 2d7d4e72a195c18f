"""Parses a query into a tree. Pure; every error is a QueryError with the position of the faulty part.

    words all of them      kestrel outage        a phrase        "strange business" (as it is written)
    without                -kestrel NOT train    either          kestrel OR nimbus
    together               (a OR b) c            begins with     kest*
    fields                 section:enterprise author:"Anders Whitlock" sponsor:nim* is:truncated
    what you added         tag:china has:tag has:note has:highlight in:notes kestrel
    dates                  after:2021 (from then on)  before:2022-06 (until the day before)
    places                 in:headline kestrel (applies to the rest of its group)
                           in:2022-03 (captures whose path or address has this in it)

OR binds weaker than words side by side; an AND between them changes nothing. Case, accents and the kind of quotes make
no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from reader.errors import QueryError
from reader.library.database.schema import LEAD, PARTS, column
from reader.library.search.indexing import (
    AUTHOR,
    DOUBTFUL,
    SECTION,
    SPONSOR,
    SPONSORED,
    TRUNCATED,
    WHOLE,
    is_word,
    special,
    stem_of,
    tokens,
)

STATES: Final = ("truncated", "whole", "sponsored", "unread", "read", "starred", "doubtful")
HAS: Final = ("highlight", "note", "tag")
NOTES: Final = "notes"
"""The value of `in:` for words in highlights and notes."""
FIELDS: Final = ("section", "author", "sponsor", "tag", "is", "has", "before", "after", "in")
LAST_DAY: Final = date.max.toordinal() + 1
"""The ordinal after the last day of Python's calendar."""

MOST_TOKENS: Final = 200
"""How many words, and characters of scripts without spaces, a query may have."""
MOST_LEVELS: Final = 30
MOST_CHARACTERS: Final = 10_000
"""How long a query may be: far more than anybody types."""

_LONG_ENOUGH: Final = 3
"""While a phrase is being typed, its last word counts only from this many letters on."""
_KINDS: Final = {"section": SECTION, "author": AUTHOR, "sponsor": SPONSOR}
_FLAGS: Final = {"truncated": TRUNCATED, "whole": WHOLE, "sponsored": SPONSORED, "doubtful": DOUBTFUL}
_EXPECTED: Final = {
    "section": "the name of a section, or words of it",
    "author": "a name, or a part of one",
    "sponsor": "a name, or a part of one",
    "is": f"{', '.join(STATES[:-1])} or {STATES[-1]}",
    "before": "a year, a month or a day: 2022, 2022-06 or 2022-06-30",
    "after": "a year, a month or a day: 2022, 2022-06 or 2022-06-30",
    "tag": "one of your tags",
    "has": f"{', '.join(HAS[:-1])} or {HAS[-1]}",
    "in": f"{', '.join((*PARTS, NOTES))}, or a part of a capture's path or address",
}
_HINTS: Final = {
    "or": "To find either of two words, write OR in capitals.",
    "not": "To leave out a word, write NOT in capitals.",
    "and": "To find two words, write AND in capitals, or nothing between them.",
}
PLACES: Final = (*PARTS, NOTES)
"""The values of `in:` that narrow the words after it."""
_OPERATORS: Final = ("AND", "OR", "NOT")
_ENDS: Final = ("", ")", "OR")
_QUOTES: Final = '"“”„‟'
_bare = re.compile(rf"[^\s{_QUOTES}()]*").match
_item = re.compile(
    rf"(?P<minus>-?)(?:(?P<field>[A-Za-z]+):(?!//))?"
    rf"(?P<value>[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)(?P<close>[{_QUOTES}]?)\*?|[^\s{_QUOTES}()]*)"
).match
_date = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(-?[0-9]?)").fullmatch
_begun_date = re.compile(r"[0-9]{0,3}").fullmatch


class Phrase(NamedTuple):
    """Consecutive tokens in one part of an article."""

    tokens: tuple[str, ...]
    """At least one, folded."""
    prefix: bool = False
    """True if the last token is only the beginning of a word."""
    parts: tuple[str, ...] = ()
    """The parts of an article it may stand in; empty means any."""
    stem: str = ""
    """For a single word: all words with this stem match too; "" if only the word itself does."""

    @property
    def plain(self) -> bool:
        """True for visible text; False for a fact about the article, like its section."""
        return self.tokens[0][0] != LEAD or self.tokens[0][1] == "x"


class Dates(NamedTuple):
    """A range of printed dates without the last, as ordinals of days (1 is 0001-01-01)."""

    first: int
    last: int


class Condition(NamedTuple):
    """A condition on the reader's marks or the captures' paths, which the index does not hold."""

    kind: str
    """One of unread, read, starred, in, tag, highlight, note, notes."""
    value: str = ""
    """For `in`: part of a capture's path or address, in lower case. For `tag` a tag and for `notes` a phrase of tokens
    with spaces between them; a `*` at the end of either stands for the rest of a word."""


class And(NamedTuple):
    """Matches what all its nodes match."""

    nodes: tuple[Node, ...]


class Or(NamedTuple):
    """Matches what at least one of its nodes matches."""

    nodes: tuple[Node, ...]


class Not(NamedTuple):
    """Matches what its node does not match."""

    node: Node


Node = Phrase | Dates | Condition | And | Or | Not


def _leaves(node: Node | None) -> Iterator[Node | None]:
    if isinstance(node, (And, Or)):
        for part in node.nodes:
            yield from _leaves(part)
    else:
        yield node


def phrases_in(node: Node | None) -> Iterator[Phrase]:
    """Yield the phrases of a query, also those of its fields, without excluded ones."""
    yield from (leaf for leaf in _leaves(node) if isinstance(leaf, Phrase))


def note_phrases(node: Node | None) -> list[Phrase]:
    """Return the phrases to find in highlights and notes, without excluded ones."""
    values = [leaf.value for leaf in _leaves(node) if isinstance(leaf, Condition) and leaf.kind == NOTES]
    return [Phrase(tuple(value.rstrip("*").split()), value.endswith("*")) for value in values]


class _Term(NamedTuple):
    text: str
    start: int
    end: int
    quoted: bool
    open: bool
    """True if it may still be unfinished."""
    star: bool

    @property
    def place(self) -> tuple[int, int]:
        return self.start, max(1, self.end - self.start)


def parse_query(text: str, *, typing: bool = False, stems: bool = False) -> Node | None:
    """Parse a query to a tree; None if it is empty. QueryError if it cannot be parsed.

    With `typing`, the end may be unfinished: the last word may be just a beginning, open quotes and parentheses are
    closed, and an OR or a field without a value is ignored. Only then can the query be empty. With `stems`, words
    outside of quotes and fields of names match all words with their stem.
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"a query has at most {MOST_CHARACTERS:,} characters; this has {len(text):,}", 0, 0)
    parser = _Parser(text, typing, stems)
    node = parser.alternatives(0)
    if parser.place < len(text):
        raise QueryError("this ) has no opening (", parser.place, 1)
    if node is None and not typing:
        raise QueryError("there is nothing here to search for", 0, len(text))
    return node


class _Parser:
    """A recursive-descent parser; `place` is the position of the next character."""

    def __init__(self, text: str, typing: bool, stems: bool) -> None:
        self.place = 0
        self._text = text
        self._typing = typing
        self._stems = stems
        self._tokens = 0
        self._parts: tuple[str, ...] = ()
        self._is_negated = False

    def _peek(self) -> str:
        """Skip blanks, and return the operator that follows, or else the next character; "" at the end."""
        while self._text[self.place : self.place + 1].isspace():
            self.place += 1
        word = _bare(self._text, self.place)
        return word[0] if word and word[0] in _OPERATORS else self._text[self.place : self.place + 1]

    def _is_unfinished(self) -> bool:
        return self._typing and not self._text[self.place :].strip()

    def alternatives(self, level: int) -> Node | None:
        """Parse sequences with ORs between them, up to a closing parenthesis or the end."""
        if level > MOST_LEVELS:
            raise QueryError(f"parentheses are nested more than {MOST_LEVELS} deep", self.place - 1, 1)
        outer = self._parts
        choices: list[Node] = []
        or_place = -1
        while True:
            nodes: list[Node] = []
            while (following := self._peek()) not in _ENDS:
                if following == "AND":
                    self.place += len("AND")
                elif (node := self._item(level)) is not None:
                    nodes.append(node)
            if nodes:
                choices.append(nodes[0] if len(nodes) == 1 else And(tuple(nodes)))
            elif following == "OR" or (or_place >= 0 and not self._is_unfinished()):
                raise QueryError(
                    "OR needs something to search for on both sides; to find the word itself, put it in quotes",
                    self.place if following == "OR" else or_place,
                    2,
                )
            if following != "OR":
                break
            or_place = self.place
            self.place += len("OR")
        self._parts = outer
        return Or(tuple(choices)) if len(choices) > 1 else choices[0] if choices else None

    def _item(self, level: int) -> Node | None:
        start = self.place
        is_not = False
        while self._peek() == "NOT":
            is_not = not is_not
            start = self.place
            self.place += len("NOT")
            if self._peek() in (*_ENDS, "AND"):
                if self._is_unfinished():
                    return None
                raise _operator_error("NOT", start)
        item = _item(self._text, self.place)
        assert item is not None  # All of it is optional.
        value, field, is_quoted = item["value"], item["field"], item["quoted"] is not None
        self.place = item.end()
        following = self._text[self.place : self.place + 1]
        if not field and not is_quoted and (value.startswith("-") if value else following != "("):
            return None  # A dash between words.
        is_not ^= bool(item["minus"])
        outer, self._is_negated = self._is_negated, self._is_negated or is_not
        if not field and not value:
            node = self._group(level)
        else:
            unclosed = is_quoted and not item["close"]
            if unclosed and not self._typing:
                raise QueryError("this quote is not closed", item.start("value"), 1)
            text = item["quoted"] if is_quoted else value.rstrip("*")
            if not field and value in _OPERATORS:
                raise _operator_error(value, item.start("value"))
            if not is_quoted and value and ("*" in text or not text) and (field or "").lower() != "in":
                at = item.start("value") + value.find("*")
                raise QueryError("a * can only stand at the end of a word, for any ending", at, 1)
            is_open = self._typing and (unclosed if is_quoted else not following)
            star = not unclosed and value.endswith("*")
            term = _Term(text, item.start("value"), item.end(), is_quoted, is_open, star)
            start = item.start("field")
            node = self._field(field, term, start) if field else self._words(term, "", self._parts)
        self._is_negated = outer
        return Not(node) if node is not None and is_not else node

    def _group(self, level: int) -> Node | None:
        start = self.place
        self.place += 1
        node = self.alternatives(level + 1)
        if self.place < len(self._text):
            self.place += 1
        elif not self._typing:
            raise QueryError("this ( is not closed", start, 1)
        elif node is None:
            return None
        if node is None and not self._typing:
            raise QueryError("there is nothing to search for in these parentheses", start, self.place - start)
        return node

    def _field(self, field: str, term: _Term, start: int) -> Node | None:
        name = field.lower()
        is_empty = term.start == term.end
        if name not in FIELDS:
            if is_empty and not self._text[term.end : term.end + 1].strip():
                return self._words(term._replace(text=field, open=False), "", self._parts)
            raise QueryError(
                f"there is no field {name}:; put it in quotes to search for it as text, "
                f"or use {', '.join(f'{known}:' for known in FIELDS[:-1])} or {FIELDS[-1]}:",
                start,
                term.start - start,
            )
        if is_empty:
            if self._is_unfinished():
                return None
            raise QueryError(
                f"{name}: takes {_EXPECTED[name]}, right after the colon", start, term.start - start
            )
        value = column(term.text).lower()
        if name == "in" and not term.quoted and value in PLACES:
            self._narrow(value, term, start)
            return None
        node, may_begin = self._condition(name, value, term)
        if node is None and not (term.open and may_begin):
            raise QueryError(f"{name}: takes {_EXPECTED[name]}", *term.place)
        if node is not None and name not in _KINDS:
            self._count(1, term)
        return node

    def _condition(self, name: str, value: str, term: _Term) -> tuple[Node | None, bool]:
        """Return the node of a field, if its value means something; else whether more typing may give it a meaning."""
        match name:
            case "section" | "author" | "sponsor":
                return self._words(term, _KINDS[name], ()), True
            case "has" if value == "tag":
                return Condition("tag", "*"), True
            case "is" | "has":
                known = STATES if name == "is" else HAS
                if value in known:
                    return Phrase(special(_FLAGS[value])) if value in _FLAGS else Condition(value), True
                return None, any(word.startswith(value) for word in known)
            case "tag":
                tag = column(term.text).strip().lstrip("#").casefold()
                ending = "*" * (term.star or (term.open and not self._is_negated))
                return Condition("tag", tag + ending) if tag else None, True
            case "in":
                may_be_place = not term.quoted and term.open and any(p.startswith(value) for p in PLACES)
                return Condition("in", value) if value.strip() and not may_be_place else None, True
            case _:
                return _dates(name, term), _begun_date(term.text) is not None

    def _narrow(self, part: str, term: _Term, start: int) -> None:
        if self._text[start - 1 : start] == "-":
            raise QueryError(
                f"in:{part} says where to find the words after it; put the - before those",
                start - 1,
                term.end - start + 1,
            )
        if not self._typing and not self._text[term.end :].strip(") \t\n"):
            raise QueryError(f"in:{part} needs a word after it", start, term.end - start)
        self._parts = (part,)

    def _words(self, term: _Term, kind: str, parts: tuple[str, ...]) -> Node | None:
        word_tokens = tokens(term.text)
        if not word_tokens:
            return None
        self._count(len(word_tokens), term)
        # Only a word at the very end can be unfinished, and single-character tokens cannot.
        may_go_on = word_tokens[-1].end == len(term.text) and is_word(word_tokens[-1].text)
        prefix = may_go_on and (term.star or (term.open and not self._is_negated))
        words = list(special(kind, term.text)) if kind else [token.text for token in word_tokens]
        if prefix and not term.star and len(words) > 1 and len(word_tokens[-1].text) < _LONG_ENOUGH:
            words.pop()
            prefix = False
        if parts == (NOTES,):
            return Condition(NOTES, " ".join(words) + "*" * prefix)
        has_forms = self._stems and len(words) == 1 and not (kind or term.quoted or term.star)
        return Phrase(tuple(words), prefix, parts, stem_of(words[0]) if has_forms else "")

    def _count(self, number: int, term: _Term) -> None:
        self._tokens += number
        if self._tokens > MOST_TOKENS:
            raise QueryError(f"a query has at most {MOST_TOKENS} words; this has more", *term.place)


def hint_for(text: str) -> str:
    """A sentence about a word that the reader may have meant as an operator or a part; "" if there is none."""
    for word, sentence in _HINTS.items():
        if re.search(rf"[^\s(]\s+{word}\s+[^\s)]", text):
            return sentence
    for part in re.findall(r"\bin:([a-z]+)(?![^\s)])", text, re.IGNORECASE):
        if part.lower() not in PLACES:
            return f"in:{part} finds captures by path or address; the parts are {', '.join(PLACES)}."
    return ""


def _operator_error(operator: str, place: int) -> QueryError:
    sentence = f"{operator} needs something after it; to find the word itself, put it in quotes"
    return QueryError(sentence, place, len(operator))


def _dates(name: str, term: _Term) -> Dates | None:
    """Return the days that `before:` or `after:` mean; None if the value is not a date, or not yet.

    after:2021 means from the first day of 2021 on, before:2021 until the last day of 2020. Of a date that is being
    typed, the complete part counts.
    """
    match = _date(term.text)
    if match is None or (match[4] and not term.open):
        return None
    try:
        first = date(int(match[1]), int(match[2] or 1), int(match[3] or 1)).toordinal()
    except ValueError:
        return None
    return Dates(first, LAST_DAY) if name == "after" else Dates(1, first)
