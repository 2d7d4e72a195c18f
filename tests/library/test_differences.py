"""Differences between versions: both can be put together again from them, and an edit is no more than it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library.stories.comparing import Difference, compare_words, differences
from reader.model import Block
from tests.generated import an_article

WORDS = st.lists(st.sampled_from("a b c d e f ferry lamp".split()), max_size=30).map(" ".join)


def put_together(old: str, new: str) -> tuple[list[str], list[str]]:
    made = list(compare_words(old, new))
    before = " ".join(text for kind, text in made if kind != "added")
    after = "".join(text for kind, text in made if kind != "removed")
    assert after == new
    for (one, _), (other, _) in pairwise(made):
        assert one != other
        assert (one, other) != ("added", "removed")
    return before.split(), old.split()


@given(WORDS, WORDS)
def test_both_versions_are_in_the_differences(old: str, new: str) -> None:
    before, expected = put_together(old, new)
    assert before == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("the lamp is on", "the lamp was on", ["=the lamp ", "-is ", "+was ", "=on"]),
        ("the the the end", "the the end", ["-the ", "=the the end"]),
        ("a b c", "x y z", ["-a b c", "+x y z"]),
        ("", "new words", ["+new words"]),
        ("One.\n\nTwo.", "One. Two.", ["=One. Two."]),
        ("“so” it said", '"so" it said', ["-“so” ", '+"so" ', "=it said"]),
    ],
)
def test_an_edit_is_what_it_is(old: str, new: str, expected: list[str]) -> None:
    signs = {"same": "=", "removed": "-", "added": "+"}
    assert [signs[kind] + text for kind, text in compare_words(old, new)] == expected


def test_an_article_is_compared_part_by_part() -> None:
    old = an_article(headline="The lamp", deck=None, authors=("Lian Huarong",), published="2021-03-04")
    old = old._replace(body=(Block("paragraph", "It is on."), Block("quote", "It was not.")))
    new = old._replace(headline="The old lamp", published=None, body=old.body[:1])
    assert differences(old, new) == [
        Difference("same", "headline", "The "),
        Difference("added", "headline", "old "),
        Difference("same", "headline", "lamp"),
        Difference("same", "authors", "Lian Huarong"),
        Difference("removed", "published", "2021-03-04"),
        Difference("same", "body", "It is on."),
        Difference("removed", "body", "It was not."),
    ]
