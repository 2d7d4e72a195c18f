"""Made-up pairs judge the matching: starts are found, what only begins alike is not, in any order."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reader.library import Library
from reader.library.stories.comparing import compare, compared_text
from reader.library.stories.fingerprints import fingerprints_of
from reader.model import Article
from tests.filling import add_pages
from tests.generated import a_page
from tests.library.same_story import WRITERS, Pair, a_lookalike, a_pair
from tests.library.test_stories import by_story, check

PAIRS = 450
"""Of each kind; the benchmark judges by many more."""


def joined(pair: Pair) -> bool:
    one, other = (set(fingerprints_of(a, bytes.fromhex(a.id))) for a in pair[:2])
    return bool(one & other) and compare(compared_text(pair.one), compared_text(pair.other)) is not None


def test_nearly_every_start_is_found() -> None:
    random = Random(20)
    missed = [pair for n in range(PAIRS) if not joined(pair := a_pair(random, WRITERS[n % len(WRITERS)]))]
    assert len(missed) <= 0.005 * PAIRS, [pair.how for pair in missed]


def test_nothing_that_only_begins_alike_is_joined() -> None:
    random = Random(21)
    pairs = [a_lookalike(random, WRITERS[n % len(WRITERS)]) for n in range(PAIRS)]
    assert [pair.how for pair in pairs if joined(pair)] == []
    assert {pair.how for pair in pairs} == {
        "greeting", "paragraphs", "headline", "edition", "sponsor", "author",
    }  # fmt: skip


def family(random: Random) -> list[Article]:
    """Some versions of one story, and some that look like it."""
    writer = random.choice(WRITERS)
    pair, other = a_pair(random, writer), a_lookalike(random, writer)
    whole = pair.one
    blocks = whole.body
    starts = [
        whole._replace(body=blocks[:n], truncated=pair.other.truncated) for n in (1, 2, 3) if n < len(blocks)
    ]
    shared = [other.one._replace(body=(*blocks[:1], *other.one.body)), *other[:2]]
    headless = [start._replace(headline=None, authors=()) for start in starts[:2]]
    later = [whole._replace(body=blocks[1:])] if len(blocks) > 1 else []
    every = [*pair[:2], *starts, *shared, *headless, *later]
    return random.sample(every, min(len(every), 7))


@given(st.integers(0, 10**6))
def test_the_order_in_which_versions_come_is_no_matter(seed: int) -> None:
    random = Random(seed)
    versions = family(random)
    found = []
    for _ in range(3):
        with Library.temporary() as library:
            order = random.sample(versions, len(versions))
            cut = random.randrange(len(order))
            add_pages(library, [a_page(f"one {n}", version) for n, version in enumerate(order[:cut])])
            add_pages(library, [a_page(f"two {n}", version) for n, version in enumerate(order[cut:])])
            check(library)
            found.append(by_story(library))
    assert found[0] == found[1] == found[2]
