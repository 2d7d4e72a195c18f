"""The list of articles: which line shows what, and the article that stays listed though a filter hides it."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as some

from reader.app.widgets.grouped_list import Lines, ListLine


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
