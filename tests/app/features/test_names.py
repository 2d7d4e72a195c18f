"""Authors and sponsors to browse by: choosers, pages, names that are clicked."""

from __future__ import annotations

from reader.app.people import NamesScreen, ProfileScreen
from reader.app.text.article_lines import head_parts, name_at
from reader.app.view import View
from reader.library import Filters, Sort
from reader.model import Bio
from tests.app.stage import PAID, Stage, on_pages, pages
from tests.filling import add_pages
from tests.generated import a_page, an_article

LIAN = 7
"""How many articles of the stage are hers."""


async def names(stage: Stage, key: str) -> NamesScreen:
    """Open a chooser and wait until everybody is counted."""
    await stage.press(key)
    chooser = stage.app.screen
    assert isinstance(chooser, NamesScreen)
    return chooser


async def page(stage: Stage) -> ProfileScreen:
    """The page that is open, once it is filled."""
    await stage.until(lambda: isinstance(stage.app.screen, ProfileScreen))
    screen = stage.app.screen
    assert isinstance(screen, ProfileScreen)
    await stage.until(lambda: screen.profile is not None)
    return screen


def listed(chooser: NamesScreen) -> list[str]:
    model = chooser.rows.model
    return [row.result.name for row in model.rows(0, len(model))]


# Choosing


async def test_most_articles_come_first_and_the_cursor_is_on_the_author_of_the_article(stage: Stage) -> None:
    stage.screen.list_pane.go_to(7)
    chooser = await names(stage, "a")
    assert sorted(listed(chooser)) == ["Anders Whitlock", "Bram Haas", "Lian Huarong", "Oksana Vu"]
    assert listed(chooser)[0] == "Lian Huarong"
    before = chooser.chosen
    assert before is not None
    assert before.name == "Oksana Vu"
    # Names follow the library.
    others = [a_page(f"{n}", an_article(headline=f"A ferry {n}", authors=("Ren Ito",))) for n in range(9)]
    add_pages(stage.screen.library, others)
    await stage.until(lambda: "Ren Ito" in listed(chooser))
    assert chooser.chosen == before
    await stage.press(*"LÍAN")
    assert listed(chooser) == ["Lian Huarong"]
    assert "7 articles: 6 whole, 1 truncated" in stage.text()
    await stage.press(*"xyz")
    assert NamesScreen.NOTHING in stage.text()
    await stage.press("escape")
    assert stage.screen.list_pane.view == View()
    # The cursor is on the author whose articles are listed.
    stage.screen.list_pane.show_view(View(Filters(author="anders whitlock")))
    await stage.settle()
    stage.screen.article_pane.read(None)
    chooser = await names(stage, "a")
    assert chooser.rows.cursor == listed(chooser).index("Anders Whitlock")


async def test_choosing_an_author_lists_the_articles_and_shows_the_page(stage: Stage) -> None:
    await names(stage, "a")
    await stage.press(*"lian", "enter")
    shown = await page(stage)
    assert len(shown.listed.model) == LIAN
    text = stage.text()
    assert "Author ─ Lian Huarong" in text
    assert "7 articles: 6 whole, 1 truncated" in text
    assert "Sections: China 3 · Enterprise 2" in text
    await stage.press("escape")
    assert stage.app.screen is stage.screen
    assert len(stage.screen.list_pane.listing) == LIAN
    assert "by Lian Huarong" in stage.lines()[0]
    assert "7 of 10 articles" in stage.lines()[0]
    await stage.press("escape")
    assert stage.screen.list_pane.view == View()
    assert len(stage.screen.list_pane.listing) == 10
    # Other filters give way, and the order stays.
    await stage.press("t", "1", "S")
    await names(stage, "a")
    await stage.press(*"lian", "enter")
    assert "No longer filtered: China, only truncated" in stage.said()
    await page(stage)
    assert stage.screen.list_pane.view == View(Filters(author="Lian Huarong"), Sort.NEWEST)


async def test_articles_without_a_date_say_so_once_in_their_heading() -> None:
    undated = an_article(headline="A ferry", section="China", authors=("Ren Ito",), published=None)
    demo = an_article(sponsored=PAID, sponsor="Reyes", headline="A demo", authors=(), published=None)
    async with on_pages([*pages(), a_page("undated", undated), a_page("demo", demo)], size=(60, 60)) as stage:
        for key, typed, title, below in (
            ("a", "ren ito", "A ferry", "China"),
            ("dollar_sign", "rey", "A demo", "an organisation is named"),
        ):
            await names(stage, key)
            await stage.press(*typed, "enter")
            await page(stage)
            lines = [line.split("│")[-1].strip() for line in stage.lines()]
            heading = next(i for i, line in enumerate(lines) if "WITHOUT A DATE" in line)
            assert lines[heading + 1].lstrip("▌• ") == title
            assert lines[heading + 2].lstrip("▌ ").startswith(below)
            await stage.press("escape")


async def test_sponsors_say_who_is_unknown() -> None:
    unknown = an_article(sponsored=PAID, headline="A demo", authors=())
    async with on_pages([*pages(), a_page("more", unknown)], size=(40, 12)) as stage:
        chooser = await names(stage, "dollar_sign")
        assert listed(chooser) == ["Nimbuspay", ""]
        assert "Sponsor unknown" in stage.text()
        await stage.press("down", "enter")
        shown = await page(stage)
        assert [row.row.title for row in shown.listed.model.rows(0, 2)] == ["A demo"]
        assert "Sponsor ─ unknown" in stage.text()
        await stage.press("escape")
        assert "sponsor unknown" in stage.lines()[0]


# Pages


async def test_reading_a_piece_lists_what_its_author_wrote_and_leaving_the_page_changes_nothing(
    stage: Stage,
) -> None:
    stage.screen.list_pane.go_to(3)
    stage.screen.dialogs.open_name("lian huarong")
    await page(stage)
    await stage.press("q")
    assert stage.app.screen is stage.screen
    assert (stage.screen.list_pane.view, stage.screen.list_pane.rows.cursor) == (View(), 3)
    stage.screen.dialogs.open_name("lian huarong")
    await page(stage)
    await stage.press("j", "j")
    assert stage.screen.list_pane.view == View()
    await stage.press("enter")
    assert stage.app.screen is stage.screen
    assert stage.screen.list_pane.view == View(Filters(author="lian huarong"))
    assert stage.open_title() == stage.cursor_title() == "A permit for a battery"
    assert stage.screen.pane == "article"
    assert len(stage.screen.list_pane.listing) == LIAN


async def test_the_number_of_a_match_on_a_page_is_shown(stage: Stage) -> None:
    await stage.step("a", "enter")
    await page(stage)
    await stage.step("slash", *"articles", "enter")
    assert stage.lines()[-1].rstrip().endswith("match 1 of 1")
    await stage.step("n")
    assert stage.lines()[-1].rstrip().endswith("match 1 of 1, from the top")
    await stage.step("escape")
    assert "match" not in stage.lines()[-1]


async def test_from_a_page_to_another_author(stage: Stage) -> None:
    stage.screen.dialogs.open_name("Oksana Vu")
    await page(stage)
    await names(stage, "dollar_sign")
    await stage.press("escape")
    assert "Author ─ Oksana Vu" in stage.text()
    await names(stage, "a")
    await stage.press(*"bram", "enter")
    await page(stage)
    assert "Author ─ Bram Haas" in stage.text()
    await stage.press("escape")
    assert stage.app.screen is stage.screen
    assert stage.screen.list_pane.view == View(Filters(author="Bram Haas"))


async def test_what_captures_say_of_somebody_is_scrolled_in_a_small_terminal() -> None:
    said = " ".join(f"Word {number} about Lian Huarong." for number in range(60))
    article = an_article(bios=(Bio("Lian Huarong", said),))
    async with on_pages([a_page("/home/ada/pile/one.txt", article)], size=(40, 12)) as stage:
        stage.screen.dialogs.open_name("Lian Huarong")
        shown = await page(stage)
        assert "The lettuce on the roof" in stage.text()
        assert "Word 59" not in stage.text()
        await stage.press("tab", "G")
        assert shown.about.where[2] == 100
        assert "— one.txt" in stage.text()
        assert "Tab list" in stage.lines()[-1]
        await stage.press("g", "space", "tab")
        assert shown.focused is shown.listed
        assert "Tab about" in stage.lines()[-1]


async def test_the_article_under_the_cursor_is_marked_and_starred(stage: Stage) -> None:
    stage.screen.dialogs.open_name("Lian Huarong")
    shown = await page(stage)
    await stage.press("j", "m", "asterisk")
    row = shown.listed.chosen
    assert row is not None
    assert (row.row.unread, row.row.starred) == (False, True)
    assert stage.said() == ["Marked read", "Starred"]
    assert "★" in stage.text()


# Names in an article


async def test_a_click_on_a_name_opens_its_page(stage: Stage) -> None:
    stage.screen.list_pane.go_to(7)
    await stage.settle()
    await stage.click("By Oksana Vu and Bram Haas", len("By Oksana Vu a"))  # The word “and”.
    assert stage.app.screen is stage.screen
    await stage.click("By Oksana Vu and Bram Haas", len("By Oksana Vu and B"))
    await page(stage)
    assert "Author ─ Bram Haas" in stage.text()
    await stage.click("Who owns the weather data?")
    assert stage.open_title() == "Who owns the weather data?"
    stage.screen.list_pane.show_view(View())
    await stage.settle()
    stage.screen.list_pane.go_to(9)
    await stage.settle()
    await stage.click("SPONSORED · Paid for by Nimb", len("SPONSORED · Paid for by N"))
    await page(stage)
    assert "Sponsor ─ Nimbuspay" in stage.text()


def test_whose_name_stands_where() -> None:
    article = an_article(authors=("Ada", "Ada Reyes"), sponsored=PAID, sponsor="Nimbuspay")
    parts = {part.role: part.text for part in head_parts(article)}
    byline = parts["byline"]
    assert byline.startswith("By Ada and Ada Reyes · ")
    found = [name_at(article, "byline", offset) for offset in range(len(byline))]
    assert found[:21] == [None] * 3 + ["Ada"] * 3 + [None] * 5 + ["Ada Reyes"] * 9 + [None]
    assert set(found[21:]) == {None}
    claim = len("SPONSORED · Paid for by Nimbuspay.")
    assert name_at(article, "paid", claim - 1) == "Nimbuspay"
    assert name_at(article, "paid", claim) is None
    assert name_at(article._replace(sponsor=None), "paid", 0) == ""
    assert name_at(article, "headline", 0) is None


async def test_nobody_signed_and_nobody_paid() -> None:
    async with on_pages([a_page("one", an_article(authors=()))]) as stage:
        await names(stage, "a")
        assert "No article here names an author." in stage.text()
        await stage.press("enter", "escape", "dollar_sign")
        assert "No article here is sponsored." in stage.text()
