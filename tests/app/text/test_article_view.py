"""What an article view draws."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from reader.model import Block, Figure, Reason
from reader.parsing.lines import with_plain_ends
from reader.settings import Settings
from tests.app.text.viewing import (
    STORY,
    paragraphs,
    rows,
    stored,
    styles,
    viewing,
    viewing_raw,
)


async def test_a_whole_story() -> None:
    async with viewing(stored(), (60, 40)) as (view, _, _):
        assert [row.strip() for row in rows(view)][:36] == [
            "",
            "PROTOCOL | CHINA",
            "",
            "The rooftop farms are not feeding anyone yet",
            "━" * len("The rooftop farms are not feeding anyone yet"),
            "The grocery giant said it would grow lettuce for a",
            "city.",
            "",
            "By Mara Feld and Anders Whitlock · June 2, 2022 · 1 min",
            "",
            "Lettuce under lamps.",
            "Photo: Ren Kaiping/Getty Images",
            "",
            "For years vertical farming has been sold as the answer",
            "to everything.",
            "",
            "What went wrong",
            "• The lamps cost more than the lettuce, said the people",
            "who signed the lease.",
            "• Water.",
            "",
            "│ We did not build a farm, one engineer wrote in a memo",
            "│ that was later deleted.",
            "",
            "— Mara Feld",
            "",
            "─" * 55,
            "",
            "Mara Feld covers retail.",
            "",
            "Anders Whitlock: A reporter in Oslo.",
            "",
            "─" * 55,
            "",
            "Source: 017.txt, lines 1 to 22; r shows its path",
            "Address: https://example.org/farms",
        ]
        first, second = (row for row in rows(view) if "lamps cost" in row or "who signed" in row)
        assert first.index("The lamps") == second.index("who signed")


async def test_parts_can_be_told_apart_without_colours() -> None:
    cut = STORY._replace(truncated=Reason("marker", 9, "More"))
    async with viewing(stored(cut), (60, 40)) as (view, _, _):
        drawn = styles(view)
        for text in ("PROTOCOL | CHINA", "TRUNCATED", STORY.headline, "What went wrong"):
            assert drawn[text or ""].bold
        for text in ("The grocery giant said it would grow lettuce for a", "— Mara Feld"):
            assert drawn[text].italic
        body = drawn["For years vertical farming has been sold as the answer"]
        assert {body.bold, body.italic} <= {None, False}


async def test_why_a_text_ends_and_what_the_library_knows_of_the_capture() -> None:
    cut = STORY._replace(truncated=Reason("marker", 23, "Keep ReadingShow less"))
    shown = stored(cut, encoding="cp1252", partial="longer than 32 MB")
    async with viewing(shown, (80, 60)) as (view, _, _):
        text = [row.strip() for row in rows(view)]
        assert text[1] == "PROTOCOL | CHINA   TRUNCATED"
        at = next(i for i, row in enumerate(text) if row.startswith("The capture ends here."))
        assert set(text[at - 2]) == {"─"}
        assert text[at - 4] == "— Mara Feld"
        assert "line 23: “Keep ReadingShow less”" in " ".join(text[at : at + 2])
        assert {"Captured: June 3, 2022", "Only part of the file was read: longer than 32 MB."} <= set(text)
        assert any("cp1252" in row for row in text)


async def test_who_paid_and_how_that_is_known() -> None:
    paid = STORY._replace(sponsored=Reason("label", 12, "SPONSORED CONTENT FROM X"), sponsor="Nimbuspay")
    async with viewing(stored(paid), (80, 40)) as (view, pilot, _):
        text = [row.strip() for row in rows(view)]
        assert text[1] == f"╭{'─' * 70}╮"
        assert text[2].startswith("│ SPONSORED · Paid for by Nimbuspay. How this is known: ")
        assert "line 12" in " ".join(text[2:4])
        assert all(row.endswith("│") for row in text[2:4])
        assert text[4] == f"╰{'─' * 70}╯"
        assert " ".join(text).count("SPONSORED ·") == 1
        assert styles(view)["SPONSORED · Paid for by Nimbuspay."].bold
        view.show(stored(paid._replace(sponsor=None)))
        await pilot.pause()
        assert "SPONSORED · Paid for by an unnamed sponsor." in " ".join(rows(view))
        assert "None" not in " ".join(rows(view))


async def test_nothing_is_made_up_for_what_is_missing() -> None:
    bare = STORY._replace(
        kicker=None, section=None, headline=None, deck=None, authors=(), published=None, figures=(), bios=(),
        body=(Block("paragraph", "Only this."),),
    )  # fmt: skip
    for last_line, lines in ((22, "lines 1 to 22"), (1, "line 1")):
        bare = bare._replace(last_line=last_line)
        async with viewing(stored(bare, url=None, captured=None)) as (view, _, _):
            text = [row.strip() for row in rows(view) if row.strip()]
            assert text == ["Only this.", "─" * 55, f"Source: 017.txt, {lines}; r shows its path"]


async def test_a_list_has_space_around_it_even_with_tight_paragraphs() -> None:
    kinds = ("paragraph", "item", "item", "paragraph", "paragraph")
    body = tuple(Block(kind, f"Text {number}.") for number, kind in enumerate(kinds))  # type: ignore[arg-type]
    async with viewing(stored(STORY._replace(body=body)), (60, 40)) as (view, _, _):
        view.apply_settings(Settings(paragraph_spacing=0))
        text = [row.strip() for row in rows(view)]
        first = text.index("Text 0.")
        assert text[first : first + 7] == ["Text 0.", "", "• Text 1.", "• Text 2.", "", "Text 3.", "Text 4."]


async def test_a_star_before_the_headline_a_picture_without_caption_and_odd_dates() -> None:
    odd = STORY._replace(
        authors=(), published=None, figures=(Figure("A farm on a roof"), Figure("Unseen", "Seen"))
    )
    async with viewing(stored(odd), (60, 40)) as (view, pilot, _):
        view.show_star(True)
        assert any(row.strip().startswith("★ The rooftop farms") for row in rows(view))
        assert "Picture: A farm on a roof" in " ".join(rows(view))
        assert "Unseen" not in " ".join(rows(view))
        for date in ("2022", "20220603101112", "yesterday", "2022-13-40"):
            view.show(stored(STORY._replace(published=date)))
            await pilot.pause()
            assert date in " ".join(rows(view))


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (300, 100), (3, 2), (1, 1)])
async def test_rows_fit_the_view(size: tuple[int, int]) -> None:
    async with viewing(paragraphs("会議は中国で開かれた。" * 30, "word " * 300, "👨‍👩‍👧‍👦" * 80), size) as (
        view,
        _,
        _,
    ):
        for y in range(view.size.height):
            strip = view.render_line(y)
            assert strip.cell_length == cell_len(strip.text)
            if view.room.width > 2:
                assert strip.cell_length == view.room.width


# A capture as it was kept: numbered lines of any number and length


async def test_lines_have_the_numbers_that_parsing_gives_them() -> None:
    for text in ("one\r\ntwo\rthree\n\nfive", "one\u2028two\x0bthree", "one\ntwo\u2028still two\nthree\n"):
        async with viewing_raw(text) as (view, _):
            drawn = [row.split(None, 1) for row in rows(view) if row.strip()]
            lines = with_plain_ends(text).split("\n")
            assert [row[0] for row in drawn] == [str(n) for n in range(1, len(lines) + (lines[-1] != ""))]
            assert [row[1] if row[1:] else "" for row in drawn] == [
                line.replace("\u2028", " ") for line in lines[: len(drawn)]
            ]


@pytest.mark.parametrize(
    ("text", "row"),
    [("a\x1b[31mb\tc\x9bd [bold]e[/bold]", "1  a␛[31mb c\ufffdd [bold]e[/bold]"), ("", "1")],
)
async def test_controls_are_shown_and_not_obeyed(text: str, row: str) -> None:
    async with viewing_raw(text) as (view, _):
        assert [drawn.strip() for drawn in rows(view) if drawn] == [row]


async def test_a_line_is_gone_to_by_its_number() -> None:
    text = "\n".join(f"line {n} " + "x" * (n % 200) for n in range(1, 5001))
    async with viewing_raw(text, 2500) as (view, pilot):
        assert rows(view)[0].split()[0] == "2500"
        for line in (2500, 1, 4000, 3999):
            view.show(text, line)
            await pilot.pause()
            assert rows(view)[0].split()[:3] == [str(line), "line", str(line)]
        view.show(text, 10**9)
        await pilot.pause()
        assert any(row.split()[:1] == ["5000"] for row in rows(view))
        view.finder.find("LINE 2718")
        await pilot.pause(0.05)
        assert any("2718" in row for row in rows(view))


async def test_one_endless_line_is_numbered_once() -> None:
    async with viewing_raw("first\n" + "word " * 200_000 + "\nlast") as (view, pilot):
        await pilot.press("G")
        assert rows(view)[-1].split() == ["3", "last"]
        assert all(row.split()[0] == "word" for row in rows(view)[:-1])
        await pilot.press("g")
        assert [row.split()[0] for row in rows(view)][:3] == ["1", "2", "word"]
