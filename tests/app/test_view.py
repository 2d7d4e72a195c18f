"""Views, the bars' words and the arrangement of the parts: pure decisions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from textual.geometry import Region, Size

from reader.app.main.bar_texts import (
    FooterState,
    HeaderState,
    StripState,
    footer,
    header,
    strip,
)
from reader.app.main.layout import PaneState, regions_for
from reader.app.text.wrapping import fit, fit_path, pad, pad_path, width_of
from reader.app.view import View, why_empty
from reader.app.widgets.bars import Piece
from reader.app.widgets.panes import NARROW
from reader.library import Filters, SectionCount, Show, Sort, Totals

TOTALS = Totals(76, 0, 214, 61, 9, 3, 0)
NO_PROBLEMS = Totals(76, 0, 1214, 61, 9, 0, 0)
SECTIONS = tuple(
    SectionCount(name, count)
    for name, count in [
        ("China", 12),
        ("Enterprise", 88),
        ("Fintech", 41),
        ("Policy", 20),
        ("Unsectioned", 44),
    ]
)


def said(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


# Views


def test_filters_peel_from_the_innermost() -> None:
    view: View | None = View(Filters("China", Show.HIDE, Show.ONLY, "farm"), Sort.TITLE)
    seen: list[Any] = []
    while view is not None:
        seen.append(view.filters)
        assert view.sort is Sort.TITLE
        view = view.without_last_filter()
    assert seen == [
        Filters("China", Show.HIDE, Show.ONLY, "farm"),
        Filters("China", Show.HIDE, Show.ONLY),
        Filters("China", Show.HIDE),
        Filters("China"),
        Filters(),
    ]


def test_names_and_months_peel_after_badges_and_before_the_section() -> None:
    view: View | None = View(Filters(section="China", author="Ada", sponsor="Nimbuspay", month="2021-03"))
    assert view is not None
    view = view.cycle("truncated").cycle("truncated").with_words("farm")
    said: list[tuple[str, ...]] = []
    while view is not None:
        said.append(view.in_words())
        view = view.without_last_filter()
    names = ("China", "by Ada", "paid for by Nimbuspay", "March 2021")
    assert said == [
        (*names, "no truncated", "“farm”"),
        (*names, "no truncated"),
        names,
        names[:3],
        names[:2],
        names[:1],
        (),
    ]


def test_what_has_no_name_and_no_month_is_said_too() -> None:
    view = View(Filters(author="", sponsor="", month=""))
    assert view.in_words() == ("unsigned", "sponsor unknown", "without a date")
    assert View(Filters(month="2020-13")).in_words() == ("2020-13",)


def test_what_is_usual_is_not_said() -> None:
    assert View().in_words() == ()
    assert View(Filters("China", Show.ONLY, Show.HIDE, "a b"), Sort.LONGEST).in_words() == (
        "China",
        "only truncated",
        "no sponsored",
        "“a b”",
        "longest first",
    )


@pytest.mark.parametrize(
    ("view", "quick"),
    [
        (View(), True),
        (View().with_section("China"), True),
        (View().cycle("sponsored"), True),
        (View().cycle("truncated"), False),
        (View().with_words("x"), False),
        (View(Filters(author="Ada")), False),
        (View(Filters(sponsor="")), False),
        (View(Filters(month="2021-03")), False),
        (View().with_words("  "), True),
        (View().cycle("sort"), False),
    ],
)
def test_only_whole_groups_in_order_of_arrival_are_quick(view: View, quick: bool) -> None:
    assert view.is_quick is quick


def test_an_empty_list_says_why_and_what_to_do() -> None:
    nothing = Totals(0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert why_empty(nothing, filling=True, filtered=False) == ("Reading captures…",)
    assert "P shows" in why_empty(nothing._replace(problems=2), filling=False, filtered=False)[1]
    assert "protocol-reader add" in why_empty(nothing, filling=False, filtered=False)[1]
    assert "empty" in why_empty(nothing._replace(captures=1), filling=False, filtered=False)[1]
    assert "Esc" in why_empty(nothing._replace(articles=5), filling=False, filtered=True)[1]


# Words on the bars


@given(
    some.integers(1, 300),
    some.text(max_size=40),
    some.lists(some.text(min_size=1, max_size=40), max_size=5),
    some.sampled_from([TOTALS, NO_PROBLEMS]),
    some.sampled_from([None, 0, 214, 1_000_000]),
    some.sampled_from([None, 1204]),
)
def test_the_header_fits_any_width(
    width: int, title: str, view: list[str], totals: Totals, shown: int | None, reading: int | None
) -> None:
    state = HeaderState(title, totals, tuple(view), shown, reading, from_captures=True)
    assert width_of(said(header(state, width)).rstrip()) <= max(width, 24)


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (110, " Protocol Reader ─ Library ─", "─ 214 articles · 61 truncated · 9 sponsored · 3 not read "),
        (70, " Library ─", "─ 214 articles · 61 truncated · 9 sponsored · 3 not read "),
        (60, " Protocol Reader ─ Library ─", "─ 214 articles · 3 not read "),
        (40, " Library ─", "─ 214 articles · 3 not read "),
    ],
)
def test_what_matters_least_leaves_the_header_first(width: int, left: str, right: str) -> None:
    text = said(header(HeaderState("Library", TOTALS), width))
    assert text.startswith(left)
    assert text.endswith(right)
    assert width_of(text) == width


def test_the_header_says_what_is_filtered_and_how_much_is_left() -> None:
    state = HeaderState("Library", NO_PROBLEMS, ("China", "no truncated"), 12)
    assert " ─ China · no truncated ─" in said(header(state, 120))
    assert "12 of 1,214 articles" in said(header(state, 120))
    assert "… of 1,214 articles" in said(header(state._replace(shown=None), 120))
    assert "China · no truncated" in said(header(state, 40))


def test_the_header_says_how_far_reading_has_come_and_what_came_of_it() -> None:
    state = HeaderState("pile", TOTALS, (), 214, reading=1204, from_captures=True)
    assert "reading captures… 1,204 files" in said(header(state, 120))
    assert "reading captures… 1,204 files" in said(header(state, 60))
    assert "reading… 1,204" in said(header(state, 28))
    assert "214 articles in 76 captures · 61 truncated" in said(header(state._replace(reading=None), 120))


def test_problems_in_the_header_can_be_clicked() -> None:
    actions = {piece.text: piece.action for piece in header(HeaderState("Library", TOTALS), 120)}
    assert actions["3 not read"] == "open('problems')"


@given(some.integers(10, 200), some.integers(0, 30), some.integers(0, 30))
def test_the_chosen_section_is_always_seen(width: int, count: int, chosen: int) -> None:
    sections = tuple(SectionCount(f"Section {number}", number * 37) for number in range(count))
    name = f"Section {chosen}" if chosen < count else None
    pieces = strip(StripState(sections, name), width)
    if width >= 24:
        assert width_of(said(pieces)) <= width
    marked = [piece for piece in pieces if piece.style == "bar--chosen"]
    assert [piece.action for piece in marked] == [f"section({chosen + 1})" if name else "section(0)"]


def test_sections_that_do_not_fit_are_behind_dots_that_open_the_picker() -> None:
    pieces = strip(StripState(SECTIONS, None), 36)
    assert said(pieces) == " All  1 China  2 Enterprise  …"
    assert pieces[-1].action == "open('sections')"
    assert said(strip(StripState(SECTIONS, "Unsectioned"), 36)) == " … 4 Policy  5 Unsectioned "


@given(
    some.integers(40, 300),
    some.sampled_from(["list", "article"]),
    some.booleans(),
    some.integers(0, 99_999),
    some.sampled_from([None, 99_999]),
    some.sampled_from([None, (1, 5), (0, 0)]),
)
def test_the_footer_is_as_wide_as_the_screen_and_names_help(
    width: int, pane: str, narrow: bool, line: int, lines: int | None, match: tuple[int, int] | None
) -> None:
    text = said(footer(FooterState(pane, narrow, line, lines, 42, match), width))
    assert width_of(text) == width
    assert "? help" in text


def test_the_footer_says_where_the_reader_is() -> None:
    assert said(footer(FooterState("list", False, 3, 41, 7), 120)).endswith("line 3 of 41 · 7% ")
    assert said(footer(FooterState("list", False, 3, None, 7), 120)).endswith("line 3 · 7% ")
    assert said(footer(FooterState("article", True, 3, 41, 7), 40)).endswith(" 7% ")
    assert said(footer(FooterState("article", False, 3, 41, 7, (2, 5)), 120)).endswith("match 2 of 5 · 7% ")


# Cells


@given(some.text(), some.integers(1, 40))
def test_fitted_text_fits(text: str, width: int) -> None:
    assert width_of(fit(text, width)) <= width
    assert width_of(pad(text, width)) == width


def test_cut_text_ends_with_dots() -> None:
    assert fit("a quiet café", 12) == "a quiet café"
    assert fit("a quiet café", 9) == "a quiet…"
    assert fit("農場の屋上", 5) == "農場…"
    assert fit("e\u0301" * 10, 4) == "e\u0301" * 3 + "…"
    # As many cells as characters, since a wide one makes up for one without width.
    assert fit("abcde\u0301農農f\u0301", 8) == "abcde\u0301農…"


# Arrangement


@given(
    some.integers(1, 320),
    some.integers(1, 120),
    some.sampled_from(["list", "article"]),
    some.booleans(),
    some.booleans(),
)
def test_no_two_parts_overlap_and_none_leaves_the_screen(
    width: int, height: int, pane: str, sidebar: bool, zen: bool
) -> None:
    size = Size(width, height)
    parts = regions_for(size, PaneState(pane, sidebar, zen))
    regions = [region for region in parts[:5] if region is not None]
    if height >= 4:
        for number, region in enumerate(regions):
            assert size.region.contains_region(region)
            assert not any(region.overlaps(other) for other in regions[number + 1 :])
    listed = pane == "list" and (sidebar or width < NARROW) and not zen
    assert parts.list if listed else parts.article


def test_the_list_has_two_fifths_within_limits() -> None:
    widths = {
        width: region.width
        for width in (NARROW, 120, 140, 200, 300)
        if (region := regions_for(Size(width, 40), PaneState()).list) is not None
    }
    assert widths == {90: 36, 120: 48, 140: 56, 200: 60, 300: 60}


def test_a_narrow_screen_shows_one_pane() -> None:
    size = Size(NARROW - 1, 20)
    assert regions_for(size, PaneState("list")).article is None
    assert regions_for(size, PaneState("article")).list is None
    assert regions_for(size, PaneState("article")).article == Region(0, 1, NARROW - 1, 18)


def test_of_a_long_path_the_end_is_shown() -> None:
    path = "/home/ada/captures/2022/harbor.txt"
    assert fit_path(path, 40) == path
    assert fit_path(path, 20) == "…/2022/harbor.txt"
    assert fit_path(path, 12) == "…/harbor.txt"
    assert fit_path("a" * 40, 10) == "a" * 9 + "…"
    assert fit_path("pile/harbor.txt", 7) == "harbor…"
    assert fit_path("/captures/船の数え方.txt", 16) == "…/船の数え方.txt"
    assert fit_path(path, 0) == ""
    assert pad_path("/captures/harbor.txt", 12) == "…/harbor.txt"
    assert pad_path("harbor.txt", 12) == "harbor.txt  "
