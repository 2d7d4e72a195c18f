"""The list of articles: which line shows what, and the article that stays listed though a filter hides it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reader.app.main.list_pane import PinnedListing, RowContext, with_pinned
from reader.app.widgets.grouped_list import Lines, ListLine
from reader.library import ArticleRow, Filters, Library, Show, Sort
from tests.app.stage import TITLES_AS_LISTED


@dataclass
class Group:
    name: str
    count: int
    first: int


def groups_of(shape: list[tuple[bool, int]]) -> list[Group]:
    groups: list[Group] = []
    first = 0
    for number, (named, count) in enumerate(shape):
        groups.append(Group(f"group {number}" if named else "", count, first))
        first += count
    return groups


def spelled_out(groups: list[Group], height: int) -> list[ListLine]:
    spots: list[ListLine] = []
    for number, group in enumerate(groups):
        if group.name:
            spots.append(ListLine(number, None, 0))
        for row in range(group.first, group.first + group.count):
            spots += [ListLine(number, row, part) for part in range(height)]
    return spots


@given(some.lists(some.tuples(some.booleans(), some.integers(1, 5)), max_size=6), some.integers(1, 3))
def test_every_line_is_what_it_is_when_all_are_spelled_out(
    shape: list[tuple[bool, int]], height: int
) -> None:
    groups = groups_of(shape)
    lines = Lines(groups, height)
    spots = spelled_out(groups, height)
    assert lines.count == len(spots)
    assert [lines.at(line) for line in range(lines.count)] == spots
    assert lines.at(-1) is None
    assert lines.at(lines.count) is None
    for row in range(sum(group.count for group in groups)):
        assert spots[lines.line_of(row)] == ListLine(spots[lines.line_of(row)].group, row, 0)


def everything(library: Library) -> PinnedListing:
    return PinnedListing(library.listing())


def titles(shown: PinnedListing) -> list[str]:
    return [row.title for row in shown.rows(0, len(shown))]


def index_of(shown: PinnedListing, title: str) -> int:
    return titles(shown).index(title)


def test_a_hidden_article_stays_where_it_stood(library: Library) -> None:
    reading = everything(library).context(1)
    shown = with_pinned(library.listing(Filters(truncated=Show.HIDE)), reading)
    assert shown.pinned == reading.row
    assert titles(shown)[:3] == list(TITLES_AS_LISTED[:3])
    assert [(group.name, group.count, group.first) for group in shown.groups][:2] == [
        ("China", 3, 0),
        ("Enterprise", 2, 3),
    ]


@pytest.mark.parametrize("sort", list(Sort))
def test_the_indexes_of_all_rows_count_with_the_hidden_one(library: Library, sort: Sort) -> None:
    before = PinnedListing(library.listing(sort=sort))
    for hidden in range(len(TITLES_AS_LISTED)):
        check_indexes(library, sort, before.context(hidden))


def check_indexes(library: Library, sort: Sort, reading: RowContext) -> None:
    filters = Filters(
        truncated=Show.HIDE if reading.row.truncated else Show.ONLY,
        sponsored=Show.HIDE if reading.row.sponsored else Show.ALL,
    )
    shown = with_pinned(library.listing(filters, sort), reading)
    rows = shown.rows(0, len(shown))
    assert reading.row in rows
    assert len(rows) == len(shown) == sum(group.count for group in shown.groups)
    assert [shown.index_of(row.key) for row in rows] == list(range(len(rows)))
    assert [row for index in range(len(rows)) for row in shown.rows(index, index + 1)] == rows
    assert shown.rows(1, 3) == rows[1:3]
    for group in shown.groups:
        assert {row.group for row in rows[group.first : group.first + group.count]} == {group.name}


def found_by_looking(rows: list[ArticleRow], start: int, step: int, word: str) -> int | None:
    indexes = range(start, len(rows)) if step > 0 else range(start, -1, -1)
    return next((index for index in indexes if word in rows[index].title.lower()), None)


def whole_by_looking(rows: list[ArticleRow], start: int, step: int) -> int | None:
    indexes = range(start, len(rows)) if step > 0 else range(start, -1, -1)
    return next((i for i in indexes if not rows[i].truncated and not rows[i].sponsored), None)


@pytest.mark.parametrize("hidden", [0, 1, 3, 4, 8])
@pytest.mark.parametrize("step", [1, -1])
def test_finding_and_seeking_meet_the_hidden_one_in_its_place(
    library: Library, hidden: int, step: int
) -> None:
    reading = everything(library).context(hidden)
    show = Show.HIDE if reading.row.truncated else Show.ONLY
    shown = with_pinned(library.listing(Filters(truncated=show)), reading)
    assert shown.pinned is not None
    rows = shown.rows(0, len(shown))
    for start in range(len(rows)):
        for word in ("the", "a", "battery", "nowhere"):
            assert shown.find(start, step, word) == found_by_looking(rows, start, step, word)
        assert shown.seek_whole(start, step) == whole_by_looking(rows, start, step)
