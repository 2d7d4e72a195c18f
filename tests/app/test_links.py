"""Addresses that are opened: what the browser is given, and what of an article leads to some."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reader.app.browser import BrowserError, browse
from reader.library import Library
from reader.model import HEADLINE_LINK, Block, Capture, Figure, Link
from tests.app.stage import Stage, on_stage
from tests.filling import add_pages
from tests.generated import a_page, an_article
from tests.waiting import wait_until

SCRIPT = """\
#!{python}
import json, os, sys
with open({out!r} + ".new", "w") as out:
    json.dump([sys.argv[1:], os.getsid(0), sys.stdin.read(), os.isatty(1), os.isatty(2)], out)
os.replace({out!r} + ".new", {out!r})
if {fifo!r}:
    open({fifo!r}).read()
"""


def a_browser(folder: Path, name: str = "browser", fifo: str = "") -> tuple[Path, Path]:
    """A browser that writes down what it is given; it and the file it writes."""
    path, out = folder / name, folder / f"{name}.json"
    path.write_text(SCRIPT.format(python=sys.executable, out=str(out), fifo=fifo))
    path.chmod(0o755)
    return path, out


def given(out: Path) -> tuple[list[str], int, str, bool, bool]:
    wait_until(out.exists)
    words, session, *rest = json.loads(out.read_text())
    return words, session, *rest


@pytest.mark.parametrize(
    ("address", "handed"),
    [
        ("https://protocol.example/a?b=1&c=2#d", "https://protocol.example/a?b=1&c=2#d"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("https://protocol.example/$(touch x);`id`", None),
        ("https://protocol.example/--new-window", "https://protocol.example/--new-window"),
    ],
)
def test_the_browser_gets_one_word_and_a_session_of_its_own(
    tmp_path: Path, address: str, handed: str | None
) -> None:
    path, out = a_browser(tmp_path)
    url = browse(address, environment={"BROWSER": str(path), "PATH": os.environ["PATH"]})
    words, session, read, *terminals = given(out)
    assert words == [url]
    assert handed in (None, url)
    assert session != os.getsid(0)
    assert (read, terminals) == ("", [False, False])


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "-version", "file:///etc/passwd", "https://a@b.example/", ""]
)
def test_what_is_no_web_address_is_not_opened(tmp_path: Path, address: str) -> None:
    path, out = a_browser(tmp_path)
    with pytest.raises(BrowserError):
        browse(address, environment={"BROWSER": str(path)})
    assert not out.exists()


def test_a_browser_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    path, out = a_browser(tmp_path, fifo=str(fifo))
    browse("https://protocol.example/", environment={"BROWSER": str(path)})
    given(out)
    fifo.write_text("")  # It waits for this, and would for ever.


def test_the_first_of_the_named_browsers_that_exists_is_taken_with_its_words(tmp_path: Path) -> None:
    path, out = a_browser(tmp_path, "with space")
    commands = f"nowhere-to-be-found:'unclosed:'{path}' --new %s --end:{a_browser(tmp_path, 'other')[0]}"
    browse("https://protocol.example/", environment={"BROWSER": commands, "PATH": str(tmp_path)})
    assert given(out)[0] == ["--new", "https://protocol.example/", "--end"]


@pytest.mark.parametrize(
    ("platform", "environment", "command"),
    [
        ("linux", {"DISPLAY": ":0"}, "xdg-open"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, "xdg-open"),
        ("linux", {"WSL_DISTRO_NAME": "Debian"}, "wslview"),
        ("darwin", {}, "open"),
    ],
)
def test_the_system_has_a_command_for_addresses(
    platform: str,
    environment: dict[str, str],
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    commands: list[list[str]],
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    browse("https://protocol.example/", environment=environment)
    assert commands == [[command, "https://protocol.example/"]]


# In the app

STORY = an_article(
    headline="A lamp for the ferry",
    body=(Block("paragraph", "A study says so."), Block("paragraph", "Another does not.")),
    figures=(
        Figure("A lamp", None, "Photo: Lian Huarong", "https://assets.example/lamp.jpg"),
        Figure("No address"),
    ),
    links=(
        Link(HEADLINE_LINK, 0, 20, "https://protocol.example/lamp"),
        Link(0, 2, 7, "https://study.example/1?a=b"),
        Link(0, 2, 7, "https://study.example/1?a=b"),
        Link(1, 0, 7, "javascript:alert(1)"),
    ),
)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The story from a capture that tells its address, and another from one that does not."""
    with Library.temporary() as library:
        for number, (url, article) in enumerate(
            [("https://protocol.example/page", STORY), (None, an_article(headline="Plain"))]
        ):
            capture, page = a_page(f"{number}.txt", article, text=f"{number}")
            add_pages(library, [(Capture(capture.source, capture.text, url=url), page)])
        async with on_stage(library) as stage:
            yield stage


def addresses(commands: list[list[str]]) -> list[str]:
    return [words[-1] for words in commands]


async def test_the_page_and_its_captures_are_opened(stage: Stage, commands: list[list[str]]) -> None:
    await stage.press("o", "O")
    assert addresses(commands) == [
        "https://protocol.example/page",
        "https://web.archive.org/web/https://protocol.example/page",
    ]
    assert stage.said() == [
        "protocol.example/page opened in the browser",
        "web.archive.org/web/https://protocol.example/page opened in the browser",
    ]


@pytest.mark.parametrize(
    ("url", "captured", "first", "other"),
    [
        (
            "https://www.protocol.com/lamp",
            "2022-06-03T10:11:12",
            "https://web.archive.org/web/20220603101112/https://www.protocol.com/lamp",
            "https://www.protocol.com/lamp",
        ),
        (
            "https://protocol.com/a",
            None,
            "https://web.archive.org/web/https://protocol.com/a",
            "https://protocol.com/a",
        ),
        (
            "https://web.archive.org/web/20210102030405/https://news.example/a",
            "2022-06-03",
            "https://web.archive.org/web/20210102030405/https://news.example/a",
            "https://news.example/a",
        ),
        (
            "https://notprotocol.com/a",
            "2022-06-03",
            "https://notprotocol.com/a",
            "https://web.archive.org/web/20220603/https://notprotocol.com/a",
        ),
    ],
)
async def test_a_page_of_a_site_that_is_gone_opens_in_the_archive_first(
    url: str, captured: str | None, first: str, other: str, commands: list[list[str]]
) -> None:
    with Library.temporary() as library:
        capture, page = a_page("1.txt", STORY)
        add_pages(library, [(Capture(capture.source, capture.text, url=url, captured=captured), page)])
        async with on_stage(library, size=(200, 40)) as stage:
            await stage.press("l", "o", "O")
            place = "archive" if "archive" in first else "site"
            assert f"o open in {place}" in stage.lines()[-1]
    assert addresses(commands) == [first, other]


async def test_an_article_without_an_address_says_so(stage: Stage, commands: list[list[str]]) -> None:
    await stage.press("j", "o", "O")
    assert commands == []
    assert [sentence.partition(";")[0] for sentence in stage.said()] == [
        "The capture does not name the address of its page"
    ] * 2


async def test_without_a_browser_that_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    await stage.press("o")
    assert stage.said()[0].startswith("No browser found")


async def test_links_are_listed_once_each_and_opened_or_copied(
    stage: Stage, commands: list[list[str]]
) -> None:
    await stage.press("L")
    text = stage.text()
    shown = [
        "A lamp for the ferry", "protocol.example/lamp", "study", "study.example/1?a=b",
        "A lamp", "assets.example/lamp.jpg",
    ]  # fmt: skip
    places = [text.index(words, text.index("Links of this article")) for words in shown[:4]]
    assert places == sorted(places)
    assert all(words in text for words in shown)
    assert "javascript" not in text
    assert text.count("study.example/1?a=b") == 1
    await stage.press("j", "y")
    assert stage.app.clipboard == "https://study.example/1?a=b"
    await stage.press("enter")
    assert addresses(commands) == ["https://study.example/1?a=b"]
    assert stage.app.screen is stage.screen
    await stage.press("j", "L")
    assert "No links. Captures" in stage.text()
    await stage.press("enter", "y", "escape")
    assert (len(commands), stage.app.clipboard) == (1, "https://study.example/1?a=b")
    assert stage.app.screen is stage.screen


async def test_the_tail_says_that_there_are_links_and_when_it_was_published(stage: Stage) -> None:
    await stage.press("G")
    await stage.press("l", "G")
    await stage.press("K", "G")
    assert "4 links: L lists and opens them" in stage.text()
    assert "Published: March 4, 2021" in stage.text()
