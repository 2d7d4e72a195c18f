"""The overview's bars, chart and rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader.app.overview.charts import chart, months_between, split, stack
from reader.app.overview.lines import Sheet, lay_out
from reader.app.text.wrapping import width_of
from reader.library import Filters, Library, Show
from reader.library.listings.counts import Count, Shares
from reader.library.listings.overview import overview
from tests.generated import a_page, an_article
from tests.overview_stage import STORIES, a_library

parts = st.lists(st.integers(0, 500), min_size=4, max_size=4)


def sheet(width: int, height: int = 30, times: int = 1) -> Sheet:
    with a_library(times=times) as library:
        return lay_out(overview(library.database), width, height, True)


def texts(made: Sheet) -> list[str]:
    return ["".join(run.text for run in line).rstrip() for line in made.lines]


# Bars


def bar(number: int, most: int, room: int) -> str:
    return "".join(cell.horizontal(True) for cell in stack((number,), most, room, True))


def test_bars_are_as_long_as_what_they_show() -> None:
    assert [bar(number, 8, 4) for number in (0, 1, 2, 4, 5, 8)] == ["", "▌", "█", "██", "██▌", "████"]
    assert bar(1, 10_000, 4) == "▏"
    assert "".join(cell.horizontal(True) for cell in stack((4, 2, 2, 2), 10, 5, True)) == "██▓▒░"
    assert "".join(cell.vertical(True) for cell in stack((5, 0, 0, 2), 8, 4, True)) == "██░░"
    assert "".join(cell.vertical(False) for cell in stack((1, 0, 0, 2), 8, 4, False)) == "█▄"
    assert [len(stack((0, 0, number, 0), 16, 4, True)) for number in (1, 5, 6, 8, 9, 10)] == [
        1,
        1,
        2,
        2,
        2,
        3,
    ]


def test_a_full_bar_shows_every_part_there_is() -> None:
    assert [cell.part for cell in split((997, 1, 1, 1), 8)] == [0, 0, 0, 0, 0, 1, 2, 3]
    assert [cell.part for cell in split((0, 0, 7, 0), 3)] == [2, 2, 2]
    assert split((0, 0, 0, 0), 8) == []


@given(parts, st.integers(0, 2_500), st.integers(0, 60), st.booleans())
def test_no_bar_is_longer_than_its_room(numbers: list[int], more: int, room: int, shaded: bool) -> None:
    most = sum(numbers) + more
    cells = stack(numbers, most, room, shaded)
    assert len(cells) <= room
    assert [cell.part for cell in cells] == sorted(cell.part for cell in cells)
    assert all(numbers[cell.part] for cell in [*cells, *split(numbers, room)])
    assert all(cell.eighths == 8 for cell in cells[:-1])
    assert len(split(numbers, room)) == (room if sum(numbers) else 0)


# Months


def month(name: str, whole: int) -> Count:
    return Count(name, whole, 0, Shares(whole))


def test_months_without_articles_are_gaps() -> None:
    assert months_between("2020-12", "2021-01") == 0
    assert months_between("2020-11", "2022-02") == 14
    made = chart([month("2020-11", 4), month("2021-01", 2), month("2021-02", 1)], 12, 2, True)
    assert made is not None
    assert ["".join(run.text for run in line) for line in made.lines] == [
        " 4 ┤█       ",
        "   │█   █ ▄ ",
        " 0 ┼────┬───",
        "        2021",
    ]
    assert [(one.start, one.end) for one in made.columns] == [(4, 5), (8, 9), (10, 11)]


def test_without_room_there_is_no_chart() -> None:
    assert chart([month("1999-01", 4), month("2021-01", 2)], 100, 4, True) is None
    assert chart([], 100, 4, True) is None


@given(
    st.dictionaries(st.integers(24_000, 24_060), st.integers(1, 900), min_size=1),
    st.integers(5, 130),
    st.booleans(),
)
def test_a_chart_fits_and_shows_every_month(numbers: dict[int, int], width: int, shaded: bool) -> None:
    counts = [month(f"{n // 12:04}-{n % 12 + 1:02}", numbers[n]) for n in sorted(numbers)]
    made = chart(counts, width, 5, shaded)
    if made is not None:
        assert all(width_of("".join(run.text for run in line)) <= width for line in made.lines)
        bottom = "".join(run.text for run in made.lines[4])
        assert all(bottom[one.start : one.end].strip() for one in made.columns)


# All of it


def test_what_is_said_is_what_there_is() -> None:
    said = "\n".join(texts(sheet(100)))
    assert said.startswith(f" {len(STORIES)} articles in 3 captures\n")
    assert "█ whole      5  42 %" in said
    assert "▒ truncated  3  25 %" in said
    assert "░ sponsored  4  33 %" in said
    assert "Nimbuspay" in said
    assert "2  2021-03-09 – 2021-06-30" in said
    assert "Sponsor unknown" in said
    assert "3 articles of which no capture in the library has more than the start." in said


def test_every_bar_opens_as_many_articles_as_it_says() -> None:
    with a_library(times=3) as library:
        found = overview(library.database)
        made = lay_out(found, 100, 30, True)
        chosen = [target.opens for target in made.targets if isinstance(target.opens, Filters)]
        numbers = {opens: len(library.listing(opens)) for opens in chosen}
        for one in (*found.counts.sections, *found.counts.months):
            by_section = one in found.counts.sections
            opens = Filters(section=one.name) if by_section else Filters(month=one.name)
            assert numbers[opens] == one.articles == sum(one.shares)
        for name in found.authors:
            assert numbers[Filters(author=name.name)] == name.articles
        for name in found.sponsors:
            assert numbers[Filters(sponsor=name.name)] == name.articles
        shares = found.counts.shares
        assert numbers[Filters(sponsored=Show.ONLY)] == shares.sponsored
        assert numbers[Filters(truncated=Show.ONLY, sponsored=Show.HIDE)] == shares.truncated
        assert numbers[Filters(truncated=Show.HIDE, sponsored=Show.HIDE)] == shares.whole + shares.completed
        assert numbers[Filters(truncated=Show.ONLY)] == found.counts.truncated


def test_narrow_months_are_rows_and_gaps_are_said() -> None:
    said = texts(sheet(39))
    first = next(number for number, line in enumerate(said) if line.startswith(" 2020-11"))
    assert [line.strip().split("  ")[0] for line in said[first : first + 6]] == [
        "2020-11", "2020-12", "· 2 months without articles", "2021-03", "· 1 month without articles", "2021-05",
    ]  # fmt: skip
    assert any(line.startswith(" no date") for line in said)


def test_lines_fit_and_what_opens_something_lies_on_them_at_every_width() -> None:
    with a_library() as library:
        found = overview(library.database)
    for width in range(20, 140, 3):
        made = lay_out(found, width, 30, False)
        limit = max(20, width)
        assert max(width_of(text) for text in texts(made)) <= limit
        assert [target.top for target in made.targets] == sorted(target.top for target in made.targets)
        for target in made.targets:
            assert 0 <= target.start < target.end <= limit
            assert target.bottom <= len(made.lines)


def test_dates_that_are_none_are_rows_of_their_own() -> None:
    with Library.temporary() as library:
        days = ("2021-02-03", "2021", "9999-99-99", "-1-02-03", "２０２１-02-03")
        library.add(
            [a_page(f"{n}.txt", an_article(published=day, headline=day)) for n, day in enumerate(days)]
        )
        for width in (39, 100):
            said = texts(lay_out(overview(library.database), width, 30, False))
            assert any(line.startswith(" 9999-99") for line in said)
            assert any(line.startswith(" 2021 ") for line in said)
