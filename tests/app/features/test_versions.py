"""The versions screen: versions listed, compared and split off; and the document of the differences."""

from __future__ import annotations

import pytest

from reader.app.dialogs.help import HelpScreen
from reader.app.versions import Comparison, VersionsScreen, comparison
from reader.library import Library
from reader.library.stories.comparing import Difference
from reader.model import Block
from tests.app.features.versions_stage import EDITED, HEADLINE, a_library, pages
from tests.app.stage import Stage, on_pages, on_stage, story
from tests.filling import add_pages
from tests.generated import a_page

pytestmark = pytest.mark.staged(library=a_library, size=(120, 40))


def sources(stage: Stage) -> list[str]:
    rows = stage.top(VersionsScreen).versions.model
    return [version.source for version in rows.rows(0, len(rows))]


def right(stage: Stage) -> str:
    """What stands beside the list, as one line."""
    return " ".join(" ".join(line.split("│")[-1] for line in stage.lines()[1:-1]).split())


# In the list and in the pane


async def test_a_completed_story_has_its_badge(stage: Stage) -> None:
    row = next(y for y, line in enumerate(stage.lines()) if HEADLINE in line.split("│")[0])
    assert stage.lines()[row + 1].split("│")[0].rstrip().endswith("WHOLE")
    assert "WHOLE · from another capture" in stage.text()
    assert "Another capture has only the opening. This is the full text." in right(stage)
    assert "In 3 captures; d compares them" in stage.text()
    assert right(stage).count("d compares them") == 1
    assert "TRUNCATED" not in stage.text()
    await stage.step("j")  # A story seen once says nothing of it.
    assert "WHOLE ·" not in stage.text()
    assert "captures; d compares" not in stage.text()
    await stage.step("v")
    assert "1 from another capture" in stage.text()


# The screen


async def test_two_versions_are_compared_word_by_word_and_n_goes_through_the_differences(
    stage: Stage,
) -> None:
    await stage.step("d")
    assert stage.top(VersionsScreen).versions.cursor == 1
    assert "only in [-harbor.txt-] {+edited.txt+} −2 +3 words" in right(stage)
    assert "the harbor" not in right(stage).partition("{+")[0]
    assert "[-over-] {+before+} the [-winter.-] {+autumn fair.+}" in right(stage)
    for number in (1, 2, 1):
        assert stage.lines()[-1].rstrip().endswith(f"{number} of 2")
        await stage.step("n")
    await stage.step("j")
    assert "{+The harbor master, who keeps the ledger" in right(stage)
    assert "−0 +68 words" in right(stage)
    # Any two can be compared.
    await stage.step("G", "space")
    assert stage.top(VersionsScreen).versions.cursor == 0
    # The one captured first is the old one, whichever is the base.
    assert "only in [-front-page.txt-] {+edited.txt+}" in right(stage)
    await stage.step("j")
    assert "only in [-front-page.txt-] {+harbor.txt+} −0 +67 words" in right(stage)
    await stage.step("j")
    assert "The other versions are compared with this one." in right(stage)


@pytest.mark.parametrize(
    ("path", "shown"), [("captures/", ["…/captures"] * 3), ("protocol-2022-06-capture-", ["…", "…"])]
)
async def test_paths_of_one_folder_are_cut_alike_and_a_file_name_is_whole_where_its_row_has_the_room(
    path: str, shown: list[str]
) -> None:
    with Library.temporary() as library:
        for number, (capture, page) in enumerate(pages()):
            add_pages(library, [(capture._replace(source=f"/work/lian/{path}{number:03}.txt"), page)])
        async with on_stage(library, size=(100, 30)) as stage:
            await stage.step("d")
            paths = [line.strip("▌ ").split()[0] for line in stage.lines() if ".txt" in line]
            assert [path.rpartition("/")[0] for path in paths] == shown


async def test_help_lists_the_keys_of_the_screen_first(stage: Stage) -> None:
    await stage.step("d", "question_mark")
    rows = stage.top(HelpScreen).rows.model
    first = rows.groups[0]
    assert first.name == "versions"
    assert "read this version" in [row.text for row in rows.rows(0, first.count)]


async def test_words_are_found_in_the_differences_until_escape(stage: Stage) -> None:
    await stage.step("d", "slash", *"cameras", "enter")
    words = right(stage).count("cameras")
    for number in (1, 2):
        assert stage.lines()[-1].rstrip().endswith(f"{number} of {words}")
        await stage.step("n")
    await stage.step("escape")
    assert stage.lines()[-1].rstrip().endswith("of 2")
    await stage.step("slash", *"cameras", "enter", "tab", "j")
    assert stage.lines()[-1].rstrip().endswith("1 of 1")  # Another comparison shows its differences.


async def test_with_one_version_n_goes_through_the_matches_too(stage: Stage) -> None:
    await stage.step("j", "d", "slash", *"on", "enter")
    assert stage.lines()[-1].rstrip().endswith("1 of 3")
    await stage.step("n")
    assert stage.lines()[-1].rstrip().endswith("2 of 3")


async def test_a_key_typed_before_the_differences_are_shown_goes_to_the_next_one(stage: Stage) -> None:
    await stage.type_at_once("dn")
    assert stage.lines()[-1].rstrip().endswith("2 of 2")


async def test_a_version_is_read_and_says_that_it_is_one(stage: Stage) -> None:
    await stage.step("d", "G", "enter")
    assert stage.app.screen is stage.screen
    assert stage.screen.pane == "article"
    assert stage.screen.article_pane.stored is not None
    assert stage.screen.article_pane.stored.source == "pile/front-page.txt"
    assert (
        "This is the version from front-page.txt. Esc goes back to the listed one, from edited.txt."
        in right(stage)
    )
    assert "TRUNCATED" in stage.text()
    await stage.step("d")
    assert sources(stage)[stage.top(VersionsScreen).versions.cursor or 0] == "pile/front-page.txt"
    await stage.step("escape", "escape")
    assert stage.screen.article_pane.stored.source == "pile/edited.txt"
    assert stage.screen.pane == "article"
    await stage.step("escape")
    assert stage.screen.pane == "list"
    # From the list too, Esc does what the line above the version says.
    await stage.step("d", "G", "enter", "tab", "escape")
    assert stage.screen.article_pane.stored.source == "pile/edited.txt"
    assert stage.screen.pane == "list"


@pytest.mark.staged(size=(80, 16))
async def test_the_differences_can_be_scrolled(stage: Stage) -> None:
    await stage.step("d")
    top = stage.top(VersionsScreen).view.where[0]
    await stage.step("tab", "j", "j")
    assert stage.top(VersionsScreen).view.where[0] == top + 2
    await stage.step("g", "tab", "ctrl+d")
    assert stage.top(VersionsScreen).view.where[0] > 1
    assert stage.top(VersionsScreen).versions.cursor == 1


# Splitting


async def test_a_wrong_match_is_split_off_and_put_back(stage: Stage) -> None:
    await stage.step("d", "j", "x")
    assert stage.said() == ["Split off: pile/front-page.txt is now a separate article; u undoes it"]
    assert "2 versions" in stage.lines()[0]
    await stage.step("u")
    assert stage.said()[-1].startswith("Undone: splitting")
    chosen = stage.top(VersionsScreen).versions.chosen
    assert chosen is not None
    assert sources(stage)[-1] == chosen.source == "pile/front-page.txt"
    await stage.step("ctrl+r")
    assert stage.said()[-1].startswith("Redone: splitting")
    assert "2 versions" in stage.lines()[0]
    await stage.step("escape")
    await stage.until(lambda: len(stage.screen.list_pane.listing) == 3)
    assert stage.titles().count(HEADLINE) == 2
    rows = [y for y, line in enumerate(stage.lines()) if HEADLINE[:10] in line.split("│")[0]]
    assert any("TRUNCATED" in stage.lines()[row + 1] for row in rows)
    assert "Another capture has only the opening" not in right(stage)
    assert "In 2 captures" in stage.text()
    await stage.step("u")
    await stage.until(lambda: "In 3 captures" in stage.text())
    assert "Another capture has only the opening" in right(stage)


async def test_the_version_that_is_read_can_be_split_off_and_the_last_cannot(stage: Stage) -> None:
    await stage.step("d", "G", "space", "g", "x")
    assert sources(stage) == ["pile/harbor.txt", "pile/front-page.txt"]
    await stage.step("x", "x")  # The last one is not split off.
    assert len(sources(stage)) == 1
    assert "There is only one version" in stage.text()
    assert "the others were matched with it" not in stage.text()
    await stage.press("x")
    assert stage.said()[-1].startswith("There is only one version")
    assert "1 version " in stage.lines()[0]
    # Nor can it be compared.
    await stage.step("u", "x", "space", "n", "question_mark")
    assert "read this version" in stage.text()
    assert "compare with" not in stage.text()
    await stage.step("escape", "escape")
    assert stage.app.screen is stage.screen


async def test_copies_with_the_same_words_are_split_off_together(stage: Stage) -> None:
    articles = {capture.source: page.articles[0] for capture, page in pages()}
    copies = [a_page(f"pile/copy{number}.txt", articles["pile/front-page.txt"]) for number in (1, 2)]
    add_pages(stage.screen.library, copies)
    await stage.step("d", "G", "x")
    assert stage.said() == ["3 captures are now a separate article; u undoes it"]
    assert sources(stage) == ["pile/edited.txt", "pile/harbor.txt"]
    await stage.step("u")
    assert len(sources(stage)) == 5
    # So is the copy that is read.
    await stage.step("escape")
    add_pages(stage.screen.library, [a_page("pile/copy.txt", articles["pile/edited.txt"])])
    await stage.step("d", "G", "space", "g", "x")
    assert len(sources(stage)) == 4
    assert {"pile/copy.txt", "pile/edited.txt"}.isdisjoint(sources(stage))


async def test_versions_with_the_same_words_cannot_be_split() -> None:
    article = next(pages())[1].articles[0]
    async with on_pages([a_page(f"pile/{number}.txt", article) for number in (1, 2)]) as stage:
        await stage.step("asterisk", "d", "x")
        assert stage.said()[-1] == "These versions have the same words, so none can be split off"
        assert len(sources(stage)) == 2


async def test_reading_goes_on_in_another_version_when_the_capture_is_removed() -> None:
    _, edited, harbor, ferries = pages()
    async with on_pages([edited, ferries, harbor], size=(120, 12)) as stage:
        await stage.step("l", "space")
        place = stage.screen.article_pane.view.position
        assert stage.open_title() == HEADLINE
        stage.screen.library.remove([1])
        await stage.until(lambda: stage.screen.list_pane.totals.captures == 2)
        assert stage.open_title() == stage.cursor_title() == HEADLINE
        assert stage.screen.article_pane.view.position == place
        assert place > (0, 0)


async def test_a_selection_stays_on_its_words_or_says_that_it_ended() -> None:
    start, whole, *_ = pages()
    other = story(0, "Power", HEADLINE, body=(Block("paragraph", "Corrected."), *EDITED))
    async with on_pages([start], size=(120, 40)) as stage:
        await stage.step("l", *"vwwww")
        selection = stage.screen.article_pane.selection
        words = selection.words
        assert words == "For nine years the"
        # A capture that has more of the same story.
        add_pages(stage.screen.library, [whole])
        stage.screen.library.remove([1])
        await stage.until(lambda: "The capture ends here." not in stage.text())
        assert selection.words == words
        await stage.step("w")
        assert selection.words == f"{words} harbor"
        assert stage.said() == []
        # One that begins in another way.
        add_pages(stage.screen.library, [a_page("pile/other.txt", other)])
        stage.screen.library.remove([2])
        await stage.until(lambda: "Corrected." in stage.text())
        assert not selection.active
        assert stage.said()[-1] == "The selection ended, because the article has changed"


async def test_a_whole_text_that_comes_while_the_start_is_read_is_offered() -> None:
    start, whole, *_ = pages()
    with Library.temporary() as library:
        add_pages(library, [start])
        async with on_stage(library, size=(120, 40)) as stage:
            await stage.step("l")
            assert "The capture ends here." in stage.text()
            add_pages(library, [whole])
            await stage.until(lambda: "This is the version from front-page.txt." in right(stage))
            assert "The capture ends here." in stage.text()
            assert len(stage.screen.list_pane.listing) == 1
            await stage.step("escape")
            assert "Another capture has only the opening" in right(stage)


# A story in many captures


def paragraphs(found: Comparison) -> list[str]:
    return [text for unit in range(len(found.document)) if (text := found.document.text(unit))]


def begin(found: Comparison) -> list[str]:
    """What stands where differences begin."""
    places = map(found.document.find, found.changes)
    return [found.document.text(unit)[offset:].split()[0] for unit, offset in places]


def styled(found: Comparison, unit: int) -> list[tuple[str, str]]:
    laid = found.document.lay_out(unit, 80)
    return [(span.role, laid.text[span.start : span.end]) for span in laid.styled]


SAME, GONE, NEW = "same", "removed", "added"


@pytest.mark.parametrize(
    ("found", "texts", "starts"),
    [
        # What was replaced stands before what replaces it, and both are one difference; in its place, also at the end.
        (
            [(SAME, "Lamps cost "), (GONE, "more "), (NEW, "much less "), (SAME, "than lettuce.")],
            ["Lamps cost [-more-] {+much less+} than lettuce."],
            ["[-more-]"],
        ),
        (
            [(SAME, "Over the "), (GONE, "winter.\n\n"), (NEW, "autumn fair.\n\n"), (SAME, "Then.")],
            ["Over the [-winter.-] {+autumn fair.+}", "Then."],
            ["[-winter.-]"],
        ),
        # A paragraph stands by itself, with marks of its own.
        (
            [(SAME, "One.\n\n"), (GONE, "Two.\n\n"), (SAME, "Three.")],
            ["One.", "[-Two.-]", "Three."],
            ["[-Two.-]"],
        ),
        (
            [(SAME, "One."), (NEW, "\n\nTwo three.\n\nFour.")],
            ["One.", "{+Two three.+}", "{+Four.+}"],
            ["{+Two"],
        ),
    ],
)
def test_differences_are_marked_where_they_are(
    found: list[tuple[str, str]], texts: list[str], starts: list[str]
) -> None:
    made = comparison([Difference(kind, "body", text) for kind, text in found])  # type: ignore[arg-type]
    assert paragraphs(made) == ["TEXT", *texts]
    assert begin(made) == starts
    for kind, count in ((GONE, made.removed), (NEW, made.added)):
        assert count == sum(len(text.split()) for one, text in found if one == kind)
    assert {role for unit in range(len(made.document)) for role, _ in styled(made, unit)} <= {GONE, NEW}


def test_parts_have_their_names_and_end_a_difference() -> None:
    found = comparison(
        [
            Difference("removed", "headline", "Old words"),
            Difference("added", "headline", "New words"),
            Difference("added", "deck", "A deck."),
            Difference("same", "body", "Text."),
        ]
    )
    assert paragraphs(found) == [
        "HEADLINE", "[-Old words-] {+New words+}", "DECK", "{+A deck.+}", "TEXT", "Text.",
    ]  # fmt: skip
    assert begin(found) == ["[-Old", "{+A"]
    same = comparison([Difference("same", "body", "Text.")])
    assert "The two versions have the same words." in paragraphs(same)


def test_a_long_paragraph_is_laid_out_in_pieces_that_keep_their_style() -> None:
    found = comparison([Difference("added", "body", "lamp " * 8_000)])
    units = range(2, len(found.document))
    assert len(units) > 1
    assert all(styled(found, unit)[0][0] == NEW for unit in units)
    assert begin(found) == ["{+lamp"]
