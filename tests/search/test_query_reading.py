"""A query as typed is read as it was meant, and every fault of one is pointed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import QueryError
from reader.library.database.schema import LEAD
from reader.library.search.parser import (
    LAST_DAY,
    MOST_LEVELS,
    MOST_TOKENS,
    And,
    Condition,
    Dates,
    Node,
    Not,
    Or,
    Phrase,
    hint_for,
    parse_query,
)


def word(*tokens: str, prefix: bool = False, parts: tuple[str, ...] = ()) -> Phrase:
    return Phrase(tokens, prefix, parts)


A, B, C = word("a"), word("b"), word("c")


@pytest.mark.parametrize(
    ("query", "node"),
    [
        ("kestrel", word("kestrel")),
        ("  Kestrel   OUTAGE ", And((word("kestrel"), word("outage")))),
        ('"strange business"', word("strange", "business")),
        ("four-day", word("four", "day")),
        ("Kestrel’s", word("kestrel", "s")),
        ("東京", word("東", "京")),
        ("-a b", And((Not(A), B))),
        ('-"a b"', Not(word("a", "b"))),
        ("a - b -- c", And((A, B, C))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("a or b", And((A, word("or"), B))),
        ('a "OR" b', And((A, word("or"), B))),
        ("a AND b", And((A, B))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT (b OR a)", And((A, Not(Or((B, A)))))),
        ("a NOT NOT b", And((A, B))),
        ("-(a OR b)", Not(Or((A, B)))),
        ("kest*", word("kest", prefix=True)),
        ('"kestrel clo"*', word("kestrel", "clo", prefix=True)),
        ("section:Enterprise", word(f"{LEAD}senterprise")),
        ('author:"Anders Whitlock"', word(f"{LEAD}uanders", f"{LEAD}uwhitlock")),
        ("SPONSOR:nimbuspay", word(f"{LEAD}onimbuspay")),
        ("is:truncated", word(f"{LEAD}t")),
        ("-is:whole", Not(word(f"{LEAD}w"))),
        ("is:unread", Condition("unread")),
        ("before:0001-01-03", Dates(1, 3)),
        ("after:0001-02", Dates(32, LAST_DAY)),
        ("after:0002", Dates(366, LAST_DAY)),
        ("in:headline a b", And((word("a", parts=("headline",)), word("b", parts=("headline",))))),
        ("(in:deck a) b", And((word("a", parts=("deck",)), B))),
        ("in:deck a OR b", Or((word("a", parts=("deck",)), word("b", parts=("deck",))))),
        ("in:2022-03.TXT a", And((Condition("in", "2022-03.txt"), A))),
        ('in:"headline"', Condition("in", "headline")),
        ("http://a/b", word("http", "a", "b")),
        ("fintech: a", And((word("fintech"), A))),
    ],
)
def test_what_a_query_means(query: str, node: Node) -> None:
    assert parse_query(query) == node


@pytest.mark.parametrize(
    ("query", "piece", "allowed"),
    [
        ("", "", "search for"),
        ("is:new a", "new", "truncated, whole, sponsored, unread, read, starred or doubtful"),
        ("has:star", "star", "has: takes highlight, note or tag"),
        ("tag: ports", "tag:", "tag: takes one of your tags"),
        ("before:2022-13", "2022-13", "a month"),
        ("after:soon a", "soon", "a year"),
        ("autor:whitlock", "autor:", "author:"),
        ("author:!! a", "!!", "name"),
        ("a OR", "OR", "both sides"),
        ("OR a", "OR", "both sides"),
        ("(OR a)", "OR", "both sides"),
        ("a NOT AND b", "NOT", "after it"),
        ("! OR a", "OR", "both sides"),
        ("a NOT", "NOT", "after it"),
        ("a -NOT b", "NOT", "after it"),
        ("*out", "*", "at the end of a word"),
        ("a * b", "*", "at the end of a word"),
        ("AND", "AND", "search for"),
        ('a "b c', '"', "not closed"),
        ("a (b", "(", "not closed"),
        ("a b)", ")", "("),
        ("a () b", "()", "nothing"),
        ("-in:deck a", "-in:deck", "after it"),
        ("in:deck", "in:deck", "word"),
    ],
)
def test_faults_are_pointed_at(query: str, piece: str, allowed: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    error = caught.value
    assert query[error.position : error.position + error.length] == piece
    assert allowed in error.reason


def test_what_more_typing_cannot_mend_is_a_fault_while_typing() -> None:
    for query in ("is:new ", "OR a", "a OR OR b", "a)", "before:2022-13", "autor:b"):
        with pytest.raises(QueryError):
            parse_query(query, typing=True)


@pytest.mark.parametrize(
    ("query", "word"), [("a or b", "OR"), ("a OR b", ""), ("a and b", "AND"), ("a not (b)", "NOT")]
)
def test_an_operator_in_lower_case_gets_a_hint(query: str, word: str) -> None:
    hint = hint_for(query)
    assert f"write {word} in capitals" in hint if word else not hint


def test_a_word_after_in_that_is_no_part_gets_a_hint() -> None:
    assert "in:title finds captures by path" in hint_for("in:title harbor")
    assert "in:figures finds captures by path" in hint_for("(harbor in:figures)")
    for query in ("in:headline harbor", "in:2022-03 harbor", "in:pile/front.txt harbor", "within:pile"):
        assert not hint_for(query)


@pytest.mark.parametrize(
    ("query", "node"),
    [
        ("", None),
        ("kestr", word("kestr", prefix=True)),
        ("kestrel ", word("kestrel")),
        ("kestrel out", And((word("kestrel"), word("out", prefix=True)))),
        ('"kestrel out', word("kestrel", "out", prefix=True)),
        ('"kestrel ou', word("kestrel")),
        ('"', None),
        ("a OR", A),
        ("a -the", And((A, Not(word("the"))))),
        ("(a OR (", A),
        ("(ab", word("ab", prefix=True)),
        ("a is:trun", A),
        ("a is:truncated", And((A, word(f"{LEAD}t")))),
        ("a before:20", A),
        ("a before:0002-", And((A, Dates(1, 366)))),
        ("a author:", A),
        ("author:whit", word(f"{LEAD}uwhit", prefix=True)),
        ("a in:head", A),
        ("in:headline", None),
        ("in:headline ke", word("ke", prefix=True, parts=("headline",))),
        ("a autor:", And((A, word("autor")))),
        ("東京", word("東", "京")),
    ],
)
def test_what_is_not_finished_is_read_as_far_as_it_goes(query: str, node: Node | None) -> None:
    assert parse_query(query, typing=True) == node


def test_queries_have_bounds() -> None:
    parse_query("a " * MOST_TOKENS)
    parse_query("(" * MOST_LEVELS + "a" + ")" * MOST_LEVELS)
    for query in ("a " * (MOST_TOKENS + 1), "東" * (MOST_TOKENS + 1), "(" * 5_000 + "a", "[" * 10_001):
        with pytest.raises(QueryError):
            parse_query(query)


PIECES = [
    "a", "OR", "-", "(", ")", '"', "“", "”", "*", ":", " ", " ", "is:", "is:read", "in:", "in:deck", "author:", "x:",
    "before:", "2021", "-06", "section:", "東", "é", "\x00", "\ue000", "\ud800", "’",
]  # fmt: skip


@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)),
    st.booleans(),
)
def test_any_text_is_read_or_its_fault_is_pointed_at(text: str, typing: bool) -> None:
    fault: QueryError | None = None
    try:
        parse_query(text, typing=typing)
    except QueryError as error:
        fault = error
    else:
        parse_query(text, typing=True)  # What can be read can be typed.
    if fault is not None:
        assert 0 <= fault.position <= fault.position + fault.length <= len(text)
        assert fault.length or not text
