"""Versions of a story are joined, and only these, whatever their order; one is listed, and every count is right."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations
from random import Random
from time import process_time
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library import SPONSORED, UNSECTIONED, Filters, Library, Sort
from reader.library.stories.comparing import (
    Difference,
    compare,
    compare_words,
    compared_text,
    differences,
    fingerprints_of,
)
from reader.model import Article, Block, Reason
from tests.filling import sql
from tests.generated import an_article
from tests.library.same_story import WRITERS, Pair, a_lookalike, a_pair, edits, keep, start

CUT = Reason("marker", 9, "Keep ReadingShow less")
PAID = Reason("label", 4, "A message from Kelbus Pay")
OPENING = (
    "The ferry to the old terminal left twice on Tuesday, which nobody on the harbor board could explain.",
    "A clerk had copied the timetable of the year before, with its strike, its storm and its day of mourning.",
)
REST = (
    "The second boat carried a piano and eleven people, and it returned with the piano.",
    "Passengers were given vouchers for a café that closed when the payphones did.",
    "The board will meet again in spring, when the clerk is back from his leave of absence.",
)
OTHER_REST = (
    "Prices of lettuce rose all the same, and the rooftop farm on the warehouse has let its last gardener go.",
    "Its owners point to a chart in which the line goes up, though it is the line of the electricity bill.",
)


def story(*paragraphs: str, **changes: Any) -> Article:
    plain = {"headline": "The ferry that left twice", "authors": ("Lian Huarong",), "published": None}
    body = tuple(Block("paragraph", paragraph) for paragraph in paragraphs)
    return an_article(body=body, **{**plain, **changes})


WHOLE = story(*OPENING, *REST)
TEASER = story(*OPENING, truncated=CUT)
SHORT = story(OPENING[0], truncated=CUT, section=None)
EDITED = story(
    "Twice on Tuesday the ferry to the old terminal left, and the harbor board cannot say why.", *OPENING[1:], REST[0],
    headline="A ferry, twice", truncated=CUT,
)  # fmt: skip
HEADLESS = story(*OPENING[1:], REST[0][:40], headline=None, truncated=CUT)
OTHER = story(*OPENING, *OTHER_REST, headline="Lettuce is up again", authors=("Bram Haas",))
UNRELATED = story("Nothing of this has anything to do with ferries.", headline="A map")
VERSIONS = (WHOLE, TEASER, SHORT, EDITED, HEADLESS, OTHER, UNRELATED)


def by_story(library: Library) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for key, story in sql(library, "SELECT key, story FROM articles"):
        found.setdefault(story, set()).add(library.article(key).article.id)
    return {frozenset(identities) for identities in found.values()}


class VersionRow(NamedTuple):
    key: int
    story: int
    why: str | None
    home: int
    group: int
    listed: int
    truncated: int
    words: int
    completed: int
    identity: bytes
    capture: int


def check(library: Library) -> None:
    """Assert everything that must hold of stories and counts."""
    columns = "key, story, why, home, group_id, listed, truncated, words, completed, identity, capture_key"
    stories: dict[int, list[VersionRow]] = {}
    for row in sql(library, f"SELECT {columns} FROM articles ORDER BY key"):
        version = VersionRow(*row)
        stories.setdefault(version.story, []).append(version)
    articles: Counter[int] = Counter()
    truncated: Counter[int] = Counter()
    for key, versions in stories.items():
        assert key == versions[0].key  # a story has the key of its first version
        assert [version.why is None for version in versions] == [True] + [False] * (len(versions) - 1)
        listed, *others = sorted(versions, key=lambda row: (row.truncated, -row.words, row.capture, row.key))
        for other in others:
            assert (other.group, other.listed, other.completed) == (other.home, 0, 0)
        sections = [version.home for version in (listed, *others) if version.home not in (1, 2)]
        group = listed.home if listed.home != 1 else (sections or [1])[0]
        completed = not listed.truncated and any(
            other.truncated and other.identity != listed.identity for other in others
        )
        assert (listed.group, listed.listed, listed.completed) == (group, 1, completed)
        articles[group] += 1
        truncated[group] += listed.truncated
    for group, count, cut in sql(library, "SELECT group_id, articles, truncated FROM groups"):
        assert (count, cut) == (articles[group], truncated[group])
    assert library.totals().articles == len(stories) == len(library.listing())


def ids(*articles: Article) -> frozenset[str]:
    return frozenset(article.id for article in articles)


def test_a_start_is_listed_as_the_whole_text_whichever_came_first() -> None:
    for order in permutations((TEASER, WHOLE)):
        with Library.temporary() as library:
            keep(library, order)
            (row,) = library.listing().rows(0, 9)
            assert (row.truncated, row.completed) == (False, True)
            stored = library.article(row.key)
            assert (stored.article.body, stored.occurrences, stored.completed) == (WHOLE.body, 2, True)
            whole, start = library.versions(row.key)
            assert (whole.key, whole.listed, whole.truncated, start.listed, start.truncated) == (
                row.key,
                True,
                False,
                False,
                True,
            )
            assert {whole.why, start.why} == {None, "starts with the same words"}
            assert library.versions(start.key) == (whole, start)
            assert library.listing().index_of(start.key) == 0
            assert library.article(start.key).article.body == TEASER.body
            check(library)


def test_versions_with_a_start_in_common_are_joined(library: Library) -> None:
    keep(library, VERSIONS)
    assert by_story(library) == {ids(WHOLE, TEASER, SHORT, EDITED, HEADLESS), ids(OTHER), ids(UNRELATED)}
    check(library)


def test_a_whole_text_brings_stories_together(library: Library) -> None:
    keep(library, (SHORT, HEADLESS))
    assert len(library.listing()) == 2
    first, second = (row.key for row in library.listing().rows(0, 2))
    before = library.listing(sort=Sort.NEWEST)
    keep(library, (WHOLE,))
    assert len(library.listing()) == 1
    assert [library.listing().index_of(key) for key in (first, second)] == [0, 0]
    assert {before.index_of(key) for key in (first, second)} == {0, 1}
    assert len(before.rows(0, 9)) == 2
    check(library)


def test_a_start_of_two_stories_belongs_to_the_one_with_its_headline_else_to_neither() -> None:
    other = story(*OPENING, *OTHER_REST, headline="Lettuce is up again")
    own = story(*OPENING, headline="Lettuce is up again", truncated=CUT)
    nobodys = story(*OPENING, headline=None, authors=(), truncated=CUT)
    for order in permutations((WHOLE, other, own, nobodys)):
        with Library.temporary() as library:
            keep(library, order)
            assert by_story(library) == {ids(WHOLE), ids(other, own), ids(nobodys)}
            check(library)


def test_a_representative_without_a_section_takes_that_of_another_version() -> None:
    whole = WHOLE._replace(section=None)
    for order in permutations((TEASER, whole)):
        with Library.temporary() as library:
            keep(library, order)
            (row,) = library.listing().rows(0, 9)
            assert (row.group, row.truncated) == ("China", False)
            assert len(library.listing(Filters(section="China"))) == 1
            assert len(library.listing(Filters(section=UNSECTIONED))) == 0
            assert [section.name for section in library.sections()] == ["China"]
            check(library)
    paid = WHOLE._replace(section=None, sponsored=PAID)
    with Library.temporary() as library:
        keep(library, (TEASER, paid))
        assert [section.name for section in library.sections()] == [SPONSORED]
        check(library)


GOOD_MORNING = "Good morning, and welcome."
AN_ADVERTISEMENT = "{0} saves you time. Ask for {0} at your counter, and wait no more with {0}."
LOOKALIKES = {
    "same headline": (WHOLE, story(*OPENING, *OTHER_REST)),
    "another year": (
        story(*OPENING, published="2021-01-01", headline="Bulletin"),
        story(*OPENING, *REST, published="2022-01-01", headline="Bulletin"),
    ),
    "greeting": (
        story(GOOD_MORNING, headline="Monday", authors=()),
        story(GOOD_MORNING, *REST, headline="Tuesday"),
    ),
    "another sponsor": (
        story(AN_ADVERTISEMENT.format("Kelbus Pay"), sponsor="Kelbus Pay"),
        story(AN_ADVERTISEMENT.format("Nimtara Pay"), sponsor="Nimtara Pay"),
    ),
    "another sponsor that is not named": (
        story(AN_ADVERTISEMENT.format("Kelbus Pay"), headline=None, authors=()),
        story(AN_ADVERTISEMENT.format("Nimtara Pay"), headline=None, authors=()),
    ),
}


@pytest.mark.parametrize("how", LOOKALIKES)
def test_lookalikes_are_not_joined(library: Library, how: str) -> None:
    one, other = LOOKALIKES[how]
    keep(library, (one, other))
    assert len(library.listing()) == 2
    check(library)


def test_adding_again_changes_nothing_but_the_occurrences(library: Library) -> None:
    keep(library, (WHOLE, TEASER))
    before = library.listing().rows(0, 9)
    keep(library, (WHOLE, TEASER, TEASER))
    assert library.listing().rows(0, 9) == before
    assert library.article(before[0].key).occurrences == 5
    assert "the same words" in {version.why for version in library.versions(before[0].key)}
    check(library)


def test_a_version_that_was_split_stays_apart_until_it_is_put_back(library: Library) -> None:
    keep(library, (WHOLE, TEASER, EDITED))
    teaser = next(v.key for v in library.versions(1) if v.identity == TEASER.id)
    library.state.split(teaser)
    assert by_story(library) == {ids(WHOLE, EDITED), ids(TEASER)}
    check(library)
    keep(library, (TEASER, SHORT, WHOLE))
    assert ids(TEASER) in by_story(library)
    check(library)
    library.state.undo()
    assert by_story(library) == {ids(WHOLE, TEASER, EDITED, SHORT)}
    check(library)


# Many versions


FEW, MANY = 40, 240


def test_the_cost_of_one_more_version_does_not_grow_with_their_number() -> None:
    seconds = []
    for number in (FEW, MANY):
        with Library.temporary() as library:
            *before, one, other, third = edits(number + 3)
            keep(library, [*before, start()])
            seconds.append(min(seconds_to_keep(library, more) for more in (one, other, third, start())))
            assert library.article(1).occurrences == number + 5
    assert seconds[1] < 4 * seconds[0] + 0.005


def seconds_to_keep(library: Library, more: Article) -> float:
    begun = process_time()
    keep(library, [more])
    return process_time() - begun


def test_a_longer_text_that_shares_a_start_with_a_story_is_not_joined(library: Library) -> None:
    start_of_both = story(*OPENING, headline=None, authors=())
    keep(library, [story(*OPENING, REST[0], headline=None, authors=())])
    keep(library, [OTHER])
    keep(library, [WHOLE])
    keep(library, [start_of_both])
    assert ids(OTHER) in by_story(library)
    check(library)


def test_the_versions_of_a_story_are_the_fullest_first(library: Library) -> None:
    keep(library, [start(), *edits(12), start()])
    versions = library.versions(5)
    assert versions == library.versions(1)
    assert [version.truncated for version in versions] == [False] * 12 + [True, True]
    assert [version.key for version in versions[12:]] == [1, 14]
    assert [version.listed for version in versions] == [True] + [False] * 13
    assert library.versions(99) == ()


# Invented stories


PAIRS = 240
"""Of each kind; the benchmark judges by many more."""


def joined(pair: Pair) -> bool:
    one, other = (set(fingerprints_of(a, bytes.fromhex(a.id))) for a in pair[:2])
    return bool(one & other) and compare(compared_text(pair.one), compared_text(pair.other)) is not None


def test_nearly_every_start_is_found() -> None:
    random = Random(20)
    missed = [pair for n in range(PAIRS) if not joined(pair := a_pair(random, WRITERS[n % len(WRITERS)]))]
    assert len(missed) <= 0.005 * PAIRS, [pair.how for pair in missed]


def test_no_lookalike_is_joined() -> None:
    random = Random(21)
    pairs = [a_lookalike(random, WRITERS[n % len(WRITERS)]) for n in range(PAIRS)]
    assert [pair.how for pair in pairs if joined(pair)] == []
    assert {pair.how for pair in pairs} == {
        "greeting", "paragraphs", "headline", "edition", "sponsor", "author",
    }  # fmt: skip


@given(st.integers(0, 10**6))
def test_invented_versions_make_the_same_stories_in_any_order(seed: int) -> None:
    random = Random(seed)
    writer = random.choice(WRITERS)
    pair, other = a_pair(random, writer), a_lookalike(random, writer)
    whole, blocks = pair.one, pair.one.body
    starts = [whole._replace(body=blocks[:n], truncated=CUT) for n in (1, 2, 3) if n < len(blocks)]
    headless = [start._replace(headline=None, authors=()) for start in starts[:2]]
    every = [whole, pair.other, other.one, other.other, *starts, *headless]
    versions = random.sample(every, min(len(every), 7))
    found = []
    for order in versions, random.sample(versions, len(versions)):
        with Library.temporary() as library:
            keep(library, order[:3])
            keep(library, order[3:])
            check(library)
            found.append(by_story(library))
    assert found[0] == found[1]


# Differences between versions: both can be put together again from them, and an edit is no more than it is


WORDS = st.lists(st.sampled_from("a b c d e f ferry lamp".split()), max_size=30).map(" ".join)


@given(WORDS, WORDS)
def test_both_versions_are_in_the_differences(old: str, new: str) -> None:
    made = list(compare_words(old, new))
    assert " ".join(text for kind, text in made if kind != "added").split() == old.split()
    assert "".join(text for kind, text in made if kind != "removed") == new
    for (one, _), (other, _) in pairwise(made):
        assert one != other
        assert (one, other) != ("added", "removed")


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
