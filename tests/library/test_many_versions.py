"""A story in hundreds of captures: one story in whatever order they come, and no dearer with each of them."""

from __future__ import annotations

from time import process_time

from reader.library import Filters, Library, Show, Sort
from reader.model import Article
from tests.library.same_story import edits, keep, start
from tests.library.test_stories import OPENING, OTHER, REST, WHOLE, by_story, check, ids, story

FEW, MANY = 40, 320


def test_one_more_capture_costs_about_the_same_however_many_there_are() -> None:
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


def test_a_longer_text_that_shares_a_start_with_a_story_is_not_taken_for_one_more_version(
    library: Library,
) -> None:
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
    assert [one.truncated for one in versions] == [False] * 12 + [True, True]
    assert [one.key for one in versions[12:]] == [1, 14]
    assert [one.listed for one in versions] == [True] + [False] * 13
    assert library.versions(99) == ()


def test_what_a_story_is_listed_as(library: Library) -> None:
    keep(library, [start(), *edits(3)])
    face = library.versions(1)[0]
    assert library.representative(1) == (face.key, face.source, 4, 1)
    assert library.representative(face.key) == library.representative(1)
    assert library.representative(99) is None


def test_a_listing_made_before_finds_a_story_by_the_version_it_had(library: Library) -> None:
    keep(library, [start()] * 7)
    for listing in (library.listing(sort=Sort.NEWEST), library.listing(Filters(truncated=Show.ONLY))):
        assert listing.index_of(6) == 0
    before = library.listing(Filters(truncated=Show.ONLY))
    keep(library, edits(2))
    assert library.representative(1) != (1, "pile/00000.txt", 9, 7)
    assert [before.index_of(key) for key in (1, 6, 9)] == [0, 0, 0]
    assert library.listing(Filters(truncated=Show.ONLY)).index_of(1) is None
