"""Views, the bars' words and the arrangement of the parts: pure decisions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from textual.geometry import Size

from reader.app.main.bar_texts import HeaderState, footer, header, strip
from reader.app.main.layout import PaneState, regions_for
from reader.app.text.wrapping import fit, fit_path, pad, pad_path, width_of
from reader.app.view import View
from reader.app.widgets.panes import NARROW, Piece
from reader.library import Filters, SectionCount, Totals
from tests.app.stage import Stage

TOTALS = Totals(76, 214, 61, 9, 3)
NO_PROBLEMS = Totals(76, 1214, 61, 9, 0)
SECTIONS = tuple(
    SectionCount(name, 12) for name in ("China", "Enterprise", "Fintech", "Policy", "Unsectioned")
)


def said(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


# Views


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
        (*names, "truncated hidden", "“farm”"),
        (*names, "truncated hidden"),
        names,
        names[:3],
        names[:2],
        names[:1],
        (),
    ]
    unknown = View(Filters(author="", sponsor="", month=""))
    assert unknown.in_words() == ("unsigned", "sponsor unknown", "without a date")
    assert View(Filters(month="2020-13")).in_words() == ("2020-13",)


# Words on the bars


@given(
    some.integers(1, 300),
    some.lists(some.text("a é船", min_size=1, max_size=40), min_size=1, max_size=5),
    some.sampled_from([None, 0, 1_000_000]),
    some.sampled_from([None, 1204]),
)
def test_the_header_fits_any_width(
    width: int, words: list[str], shown: int | None, reading: int | None
) -> None:
    title, *view = words
    state = HeaderState(title, TOTALS, tuple(view), shown, reading, from_captures=True)
    assert width_of(said(header(state, width)).rstrip()) <= max(width, 24)


def test_the_header_says_what_is_filtered_and_how_much_is_left() -> None:
    state = HeaderState("Library", NO_PROBLEMS, ("China", "truncated hidden"), 12)
    assert " ─ China · truncated hidden ─" in said(header(state, 120))
    assert "12 of 1,214 articles" in said(header(state, 120))
    # What the whole library has would seem to be said of those 12.
    assert "61 truncated" not in said(header(state, 120))
    assert "61 truncated" in said(header(state._replace(view=("by title",), shown=1214), 120))
    assert "… of 1,214 articles" in said(header(state._replace(shown=None), 120))
    assert "China · truncated hidden" in said(header(state, 40))
    # A click on the filters clears the last one; without filters there is nothing to click.
    for view, actions in ((state.view, ["back"]), ((), [])):
        pieces = header(state._replace(view=view), 12)
        assert [piece.action for piece in pieces if piece.action] == actions


@given(some.integers(10, 200), some.integers(0, 30), some.integers(0, 30))
def test_the_chosen_section_is_always_seen(width: int, count: int, chosen: int) -> None:
    sections = tuple(SectionCount(f"Section {number}", number * 37) for number in range(count))
    name = f"Section {chosen}" if chosen < count else None
    pieces = strip(sections, name, width)
    if width >= 24:
        assert width_of(said(pieces)) <= width
    marked = [piece for piece in pieces if piece.style == "bar--chosen"]
    assert [piece.action for piece in marked] == [f"section({chosen + 1})" if name else "section(0)"]


def test_sections_that_do_not_fit_are_behind_dots_that_open_the_picker() -> None:
    pieces = strip(SECTIONS, None, 36)
    assert said(pieces) == " All  1 China  2 Enterprise  …"
    assert pieces[-1].action == "open('sections')"
    assert said(strip(SECTIONS, "Unsectioned", 36)) == " … 4 Policy  5 Unsectioned "


async def test_the_footer_is_filled_and_says_what_escape_and_space_do_help_and_the_way_out(
    stage: Stage,
) -> None:
    widths = (40, 48, 60, 80, 120, 200, 300)
    await stage.press("t")
    for width in widths:
        text = said(footer(stage.screen, width))
        assert width_of(text) == width
        assert "Esc clear filter" in text
        assert "q quit" in text
    await stage.press("l", "G", "space")
    for width in widths:
        text = said(footer(stage.screen, width))
        assert width_of(text) == width
        assert ("Space again: next unread article" if width >= 60 else "Space: next") in text
        assert "? help" in text
        assert "q back" in text


# Cells


@given(some.text(), some.integers(1, 40))
def test_fitted_text_fits(text: str, width: int) -> None:
    assert width_of(fit(text, width)) <= width
    assert width_of(pad(text, width)) == width


def test_cut_text_ends_with_dots() -> None:
    assert fit("a quiet café", 12) == "a quiet café"
    assert fit("a quiet café", 9) == "a quiet…"
    assert fit("a quiet… #tea", 10) == "a quiet…"
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
    named = regions_for(size, PaneState(pane, sidebar, zen))
    regions = list(named.values())
    if height >= 4:
        for number, region in enumerate(regions):
            assert size.region.contains_region(region)
            assert not any(region.overlaps(other) for other in regions[number + 1 :])
    listed = pane == "list" and (sidebar or width < NARROW) and not zen
    assert ("list" if listed else "article") in named


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
