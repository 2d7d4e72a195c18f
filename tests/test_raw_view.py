"""A capture as it was kept: numbered lines of any number and length."""

from __future__ import annotations

from tests.viewing import (
    rows,
    viewing_raw,
)


async def test_lines_have_the_numbers_that_parsing_gives_them() -> None:
    from reader.parsing.lines import with_plain_ends

    for text in ("one\r\ntwo\rthree\n\nfive", "one\u2028two\x0bthree", "one\ntwo\u2028still two\nthree\n"):
        async with viewing_raw(text) as (view, _):
            drawn = [row.split(None, 1) for row in rows(view) if row.strip()]
            lines = with_plain_ends(text).split("\n")
            assert [row[0] for row in drawn] == [str(n) for n in range(1, len(lines) + (lines[-1] != ""))]
            assert [row[1] if row[1:] else "" for row in drawn] == [
                line.replace("\u2028", " ") for line in lines[: len(drawn)]
            ]


async def test_controls_are_shown_and_not_obeyed() -> None:
    async with viewing_raw("a\x1b[31mb\tc\x9bd [bold]e[/bold]") as (view, _):
        assert rows(view)[0].split(None, 1)[1] == "a␛[31mb c\ufffdd [bold]e[/bold]"


async def test_a_line_is_gone_to_by_its_number() -> None:
    text = "\n".join(f"line {n} " + "x" * (n % 200) for n in range(1, 5001))
    async with viewing_raw(text, 2500) as (view, pilot):
        assert rows(view)[0].split()[:3] == ["2500", "line", "2500"]
        assert view.line == 2500
        for line in (1, 4000, 3999):
            view.show(text, line)
            await pilot.pause()
            assert rows(view)[0].split()[:3] == [str(line), "line", str(line)]
        view.show(text, 10**9)
        await pilot.pause()
        assert any(row.split()[:1] == ["5000"] for row in rows(view))


async def test_one_endless_line_is_numbered_once() -> None:
    async with viewing_raw("first\n" + "word " * 200_000 + "\nlast") as (view, pilot):
        await pilot.press("G")
        assert rows(view)[-1].split() == ["3", "last"]
        assert all(row.split()[0] == "word" for row in rows(view)[:-1])
        await pilot.press("g")
        assert [row.split()[0] for row in rows(view)][:3] == ["1", "2", "word"]


async def test_words_are_found_in_the_raw_text_too() -> None:
    async with viewing_raw("\n".join(f"Zeile {n}" for n in range(3000))) as (view, pilot):
        view.finder.find("ZEILE 2718")
        await pilot.pause(0.05)
        assert any("2718" in row for row in rows(view))


async def test_an_empty_capture_has_one_empty_line() -> None:
    async with viewing_raw("") as (view, _):
        assert [row.strip() for row in rows(view) if row] == ["1"]
