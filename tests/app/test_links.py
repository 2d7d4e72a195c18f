"""Addresses and links: what the browser is given, letters on links, clicks, and what the footer says."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.app.main.links import LETTERS, BrowserError, browse, labels, link_choice_pieces
from reader.app.text.document import VisibleLink
from reader.app.text.wrapping import width_of
from reader.model import HEADLINE_LINK, Block, Figure, Link
from tests.app.stage import Stage, on_pages
from tests.generated import a_page, an_article
from tests.waiting import wait_until

# The browser

SCRIPT = """\
#!{python}
import json, os, sys
with open({out!r} + ".new", "w") as out:
    json.dump([sys.argv[1:], os.getsid(0), sys.stdin.read(), os.isatty(1), os.isatty(2)], out)
os.replace({out!r} + ".new", {out!r})
open({fifo!r}).read()
"""


def test_a_browser_gets_no_input_and_a_session_of_its_own_and_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, out, fifo = tmp_path / "with space", tmp_path / "given.json", tmp_path / "fifo"
    os.mkfifo(fifo)
    program.write_text(SCRIPT.format(python=sys.executable, out=str(out), fifo=str(fifo)))
    program.chmod(0o755)
    # The first that exists is taken, with its words.
    commands = f"nowhere-to-be-found:'unclosed:'{program}' --new %s --end:sh"
    monkeypatch.setenv("BROWSER", commands)
    browse("https://protocol.example/")
    wait_until(out.exists)
    words, session, *streams = json.loads(out.read_text())
    assert (words, streams) == (["--new", "https://protocol.example/", "--end"], ["", False, False])
    assert session != os.getsid(0)
    fifo.write_text("")  # It waits for this, and would for ever.


def test_an_address_is_one_word_and_what_is_none_is_not_opened(commands: list[list[str]]) -> None:
    for address, handed in (
        ("http://bücher.example/ä?b=1&c=2#d", "http://xn--bcher-kva.example/%C3%A4?b=1&c=2#d"),
        ("https://protocol.example/$(touch x);`id`", "https://protocol.example/$(touch%20x);%60id%60"),
        ("https://protocol.example/--new-window", "https://protocol.example/--new-window"),
    ):
        assert browse(address) == handed
        assert commands.pop() == ["sh", handed]
    for address in ("javascript:alert(1)", "-version", "file:///etc/passwd", "https://a@b.example/", ""):
        with pytest.raises(BrowserError):
            browse(address)
    assert commands == []


def test_the_system_has_a_command_for_addresses(
    nowhere: None, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROWSER")
    for platform, variable, command in (
        ("linux", "DISPLAY", "xdg-open"),
        ("linux", "WAYLAND_DISPLAY", "xdg-open"),
        ("linux", "WSL_DISTRO_NAME", "wslview"),
        ("darwin", "", "open"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", platform)
            if variable:
                patch.setenv(variable, "x")
            browse("https://protocol.example/")
        assert commands.pop() == [command, "https://protocol.example/"]


# The page of an article

ONE, TWO, THREE = "https://one.example/a?b=1", "https://two.example/b", "https://three.example/"
WORDS = "A study says so, another does not, and a third was lost."
STORY = an_article(
    headline="A lamp for the ferry",
    body=(
        Block("paragraph", WORDS),
        *(Block("paragraph", f"Paragraph {number}.") for number in range(40)),
        Block("paragraph", "The last word."),
    ),
    figures=(
        Figure("A lamp", None, "Photo: Lian Huarong", "https://assets.example/lamp.jpg"),
        Figure("No address"),
    ),
    links=(
        Link(HEADLINE_LINK, 0, 20, "https://protocol.example/lamp"),
        Link(0, 2, 7, ONE),
        Link(0, 2, 7, ONE),
        Link(0, 17, 24, TWO),
        Link(41, 4, 8, THREE),
        Link(0, 41, 46, "javascript:alert(1)"),
    ),
)
MANY = an_article(
    headline="All of them",
    body=(Block("paragraph", " ".join(f"w{number}" for number in range(30))),),
    links=tuple(
        Link(0, start, start + 2, f"https://n{number}.example/")
        for number, start in enumerate([3 * n for n in range(10)] + [30 + 4 * n for n in range(20)])
    ),
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Stories with some, many and no links; the first one from a capture that tells its address."""
    first = a_page("0.txt", STORY, url="https://protocol.example/page")
    async with on_pages(
        [first, a_page("1.txt", MANY), a_page("2.txt", an_article(headline="Plain"))], size=(110, 24)
    ) as stage:
        yield stage


def addresses(commands: list[list[str]]) -> list[str]:
    return [words[-1] for words in commands]


def letters(stage: Stage) -> list[str]:
    """What is drawn over links, from top to bottom."""
    view = stage.screen.article_pane.view
    return [
        segment.text
        for y in range(view.size.height)
        for segment in view.render_line(y)
        if segment.style and segment.style.reverse and segment.text.strip()
    ]


def footer(stage: Stage) -> str:
    return stage.lines()[-1]


ARCHIVE = "https://web.archive.org/web"
PAGE, GONE, LIKE = "https://news.example/a", "https://www.protocol.com/lamp", "https://notprotocol.com/a"


OPENED = (
    (PAGE, None, PAGE, f"{ARCHIVE}/{PAGE}"),
    (GONE, "2022-06-03T10:11:12", f"{ARCHIVE}/20220603101112/{GONE}", GONE),
    ("https://protocol.com/a", None, f"{ARCHIVE}/https://protocol.com/a", "https://protocol.com/a"),
    (f"{ARCHIVE}/20210102030405/{PAGE}", "2022-06-03", f"{ARCHIVE}/20210102030405/{PAGE}", PAGE),
    (LIKE, "2022-06-03", LIKE, f"{ARCHIVE}/20220603/{LIKE}"),
)
"""The address of a page, when it was captured, and what o and O open."""


async def test_the_page_opens_on_its_site_or_in_the_archive_and_the_footer_says_where(
    commands: list[list[str]],
) -> None:
    made = [
        a_page(f"{number}.txt", an_article(headline=f"Page {number}"), url=url, captured=captured)
        for number, (url, captured, _, _) in enumerate(OPENED)
    ]
    async with on_pages(made, size=(200, 40)) as stage:
        for url, _, first, other in OPENED:
            await stage.press("l", "o", "O", "y")
            assert f"o open in {'archive' if 'archive' in first else 'site'}" in footer(stage)
            hosts = [address.removeprefix("https://") for address in (first, other)]
            assert stage.said()[-3:-1] == [f"{host} opened in the browser" for host in hosts]
            assert stage.app.clipboard == url
            assert addresses(commands)[-2:] == [first, other]
            await stage.press("J")
        assert len(commands) == 2 * len(OPENED)


async def test_without_an_address_or_a_browser_that_is_said(
    stage: Stage, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.press("j", "o", "O", "j", "o")
    unknown = "The capture does not name the address of its page"
    with_links = f"{unknown}; L lists its links"
    assert (commands, stage.said()) == ([], [with_links, with_links, unknown])
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    await stage.press("g", "o")
    assert stage.app.clipboard == "https://protocol.example/page"
    await stage.press("O")
    assert stage.said()[-1].startswith("No browser found")
    assert stage.app.clipboard.startswith("https://web.archive.org/web/")
    assert f"{stage.app.clipboard} was sent to the clipboard" in stage.said()[-1]


async def test_links_are_listed_once_each_and_opened_or_copied(
    stage: Stage, commands: list[list[str]]
) -> None:
    await stage.press("l", "G")
    assert "6 links: L lists and opens them" in stage.text()
    assert "Published: March 4, 2021" in stage.text()
    await stage.press("L")
    text = stage.text().partition("Links of this article")[2]
    shown = ("A lamp for the ferry", "protocol.example/lamp", "study", "one.example/a?b=1", "another")
    places = [text.index(words) for words in shown]
    assert places == sorted(places)
    assert "assets.example/lamp.jpg" in text
    assert "javascript" not in text
    assert text.count("one.example/a?b=1") == 1
    await stage.press("j", "y")
    assert stage.app.clipboard == ONE
    await stage.press("enter")
    assert addresses(commands) == [ONE]
    assert stage.app.screen is stage.screen
    await stage.press("J", "J", "L")
    assert "The capture has no links in this article." in stage.text()
    await stage.press("enter", "y", "escape")
    assert (len(commands), stage.app.clipboard) == (1, ONE)


# Letters


@given(st.integers(0, 700))
def test_no_label_is_the_start_of_another(count: int) -> None:
    found = labels(count)
    assert len({*found}) == len(found) == count
    assert len({len(label) for label in found}) <= 1
    assert {*"".join(found)} <= {*LETTERS}
    assert all(len(label) == 1 for label in found) == (count <= len(LETTERS))


@given(st.integers(1, 40), st.integers(38, 200))
def test_the_footer_fits_and_names_what_it_can(count: int, width: int) -> None:
    links = {
        label: VisibleLink(0, 0, f"https://{'n' * (number % 50)}{number}.example/path")
        for number, label in enumerate(labels(count))
    }
    text = "".join(piece.text for piece in link_choice_pieces(links, width))
    assert width_of(text) <= width
    assert "open" in text
    assert f"{labels(count)[0]} " in text
    assert "://" not in text


async def test_each_link_in_sight_gets_a_letter_that_opens_it(
    stage: Stage, commands: list[list[str]]
) -> None:
    await stage.press("semicolon")
    assert letters(stage) == ["f", "j"]
    assert "f one.example" in footer(stage)
    assert "j two.example" in footer(stage)
    assert "A ftudy says so, jnother does not" in stage.text()
    await stage.press("j")
    assert addresses(commands) == [TWO]
    assert letters(stage) == []
    assert WORDS[:30] in stage.text()
    assert "move" in footer(stage)
    await stage.press("l", "semicolon", "F")
    assert addresses(commands) == [TWO, ONE]


async def test_letters_can_be_left_and_other_keys_do_what_they_do(
    stage: Stage, commands: list[list[str]]
) -> None:
    view = stage.screen.article_pane.view
    for key in ("escape", "q", "semicolon", "k"):
        await stage.press("l", "semicolon", key)
        assert (letters(stage), stage.screen.pane, commands) == ([], "article", [])
    assert stage.said() == ["No link has the letters “k”"]
    await stage.press("semicolon", "space")
    assert letters(stage) == []
    assert view.where[0] > 2
    # Scrolling by mouse and another size remove them, too.
    await stage.press("g", "semicolon")
    view.scroll_to(y=1)
    await stage.settle()
    assert letters(stage) == []
    assert "scroll" in footer(stage)
    await stage.press("g", "semicolon")
    await stage.pilot.resize_terminal(100, 20)
    await stage.settle()
    assert letters(stage) == []


async def test_many_links_have_two_letters(stage: Stage, commands: list[list[str]]) -> None:
    await stage.press("J", "semicolon")
    assert len(letters(stage)) > len(LETTERS)
    assert {len(label) for label in letters(stage)} == {2}
    await stage.press("j")
    assert {label[0] for label in letters(stage)} == {"j"}
    await stage.press("backspace")
    assert {label[0] for label in letters(stage)} >= {"f", "j"}
    await stage.press("j", "d")
    assert addresses(commands) == ["https://n26.example/"]


async def test_links_in_sight_are_meant_and_without_one_that_is_said(
    stage: Stage, commands: list[list[str]]
) -> None:
    await stage.press("l", "G", "semicolon", "f")
    assert addresses(commands) == [THREE]
    await stage.press("g", "space", "semicolon", "J", "J", "semicolon")
    none = "No link is visible; L lists all links of the article"
    assert stage.said()[1:] == [none, "No link is visible"]
    assert letters(stage) == []
    await stage.press("K", "K", "h")
    await stage.pilot.resize_terminal(60, 24)  # The list alone.
    await stage.press("semicolon")
    assert stage.said()[-1] == none


async def test_a_link_is_told_under_the_mouse_and_opened_by_a_click(
    stage: Stage, commands: list[list[str]]
) -> None:
    link = stage.screen.article_pane.view.links.visible()[0]
    # The third link leads nowhere that could be opened.
    third = WORDS.index("third") - WORDS.index("study")
    for column, is_link in ((2, True), (-1, False), (third, False)):
        await stage.pilot.hover("#article", offset=(link.x + column, link.y))
        await stage.settle()
        assert ("→ one.example/a?b=1" in footer(stage)) == is_link
        await stage.pilot.click("#article", offset=(link.x + column, link.y))
        await stage.settle()
        assert addresses(commands) == [ONE]
