"""The reader in a real browser: in a window, and with touch on a phone and a tablet."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

import pytest

from reader.commands.serve import child_words, serve_parser
from tests.paths import SAMPLE_DATA
from tests.waiting import eventually
from tests.web.chromium import Browser, a_browser, chromium
from tests.web.stage import ECHO, serving, sessions

TOKEN = "kestrel-nimbus-0123456789"
SAMPLES = ("2021-11-dialect-grandmothers.txt", "2022-08-hospital-pagers.txt", "2022-09-island-heat-loop.txt")
PHONE, SIDEWAYS, TABLET = (390, 844), (844, 390), (820, 1180)
SIZES = (PHONE, SIDEWAYS, TABLET, (360, 640))
KEYS = {
    "Escape": "\x1b",
    "Enter": "\r",
    "/": "/",
    "?": "?",
    "f": "\x06",
    "p": "\x10",
    "ArrowLeft": "\x1b[D",
    "ArrowUp": "\x1b[A",
    "ArrowDown": "\x1b[B",
    "ArrowRight": "\x1b[C",
    "PageUp": "\x1b[5~",
    "PageDown": "\x1b[6~",
}
"""What a terminal sends for the key of each button (of f and p with Ctrl)."""
FIELD = "document.activeElement.className + ' ' + document.activeElement.inputMode"
BOXES = """
[...document.querySelectorAll("#keys button, .xterm-screen")]
  .map((each) => each.getBoundingClientRect().toJSON()).filter((box) => box.width)
"""
OVERLAPS = """
[...document.querySelectorAll("#keys button")].map((each) => each.getBoundingClientRect())
  .some((box) => box.width && box.top < document.querySelector(".xterm-screen").getBoundingClientRect().bottom)
"""
IS_LIGHT = "document.documentElement.classList.contains('-light')"
SIGNS_ARE_BRIGHT = "parseInt(getComputedStyle(document.getElementById('show')).color.slice(4)) > 128"
LINES = "page.terminal.rows"
ROW_HEIGHT = "document.querySelector('.xterm-screen').clientHeight / page.terminal.rows"


def words(*paths: Path, theme: str = "ink") -> list[str]:
    """The command that reads some samples, or other captures."""
    captures = paths or [SAMPLE_DATA / name for name in SAMPLES]
    return child_words(serve_parser().parse_args(["--theme", theme, *map(str, captures)]))


def chromium_or_skip() -> str:
    program = chromium()
    if program is None or sys.platform != "linux":
        pytest.skip("there is no Chromium here")
    return program


@asynccontextmanager
async def a_phone(
    folder: Path,
    *,
    program: str | list[str] | None = None,
    shows: str = "9 articles",
) -> AsyncIterator[Browser]:
    """A page with the samples, or with another program, on a phone; fails if the browser reports an error."""
    browser_program = chromium_or_skip()
    async with serving(program or words()) as served, a_browser(browser_program, folder) as browser:
        await browser.resize(*PHONE, touch=True)
        await browser.open(served.address)
        await browser.until(lambda text: shows in text)
        yield browser
        assert browser.errors == []
        # Nothing is loaded from elsewhere.
        assert {one.split("/")[2] for one in browser.requests if "://" in one} == {
            served.address.removeprefix("http://")
        }


async def test_in_a_window(tmp_path: Path) -> None:
    program = chromium_or_skip()
    folder = tmp_path / "captures of 'protocol'; touch x $(touch y)"
    folder.mkdir()
    for name in SAMPLES[:2]:
        (folder / name).write_bytes((SAMPLE_DATA / name).read_bytes())
    earlier = set(sessions())  # of other tests in this process
    home = tmp_path / "browser"
    home.mkdir()
    async with serving(words(folder), token=TOKEN) as served, a_browser(program, home) as browser:
        # Open: the token leaves the address once it has been shown.
        await browser.resize(1000, 700)
        await browser.open(f"{served.address}/?token={TOKEN}")
        text = await browser.until(lambda text: "2 captures" in text and "grandmothers" in text)
        await browser.until_value("location.href", f"{served.address}/")
        assert "Protocol Reader" in text
        assert "HEALTH" in text or "DIVERSITY" in text or "ENTERPRISE" in text
        assert await browser.value("document.fonts.check(\"16px 'Roboto Mono'\")") is True
        assert 90 < len((await browser.lines())[0]) < 140

        # Read, down to the end.
        await browser.press("f", *"grandmothers", "Enter", "Enter", "G")
        await browser.until(lambda text: "100%" in text and "1 of" in text)

        # Resize: one pane where there is no room for two, the text wrapped anew.
        await browser.resize(480, 500)
        text = await browser.until(lambda text: 0 < len(text.partition("\n")[0]) < 60)
        text = await browser.until(lambda text: "grandmothers" in text and "│" not in text)

        # Take out: the file comes to the browser.
        await browser.resize(1000, 700)
        await browser.until(lambda text: len(text.partition("\n")[0]) > 90)
        await browser.press("e")
        await browser.until(lambda text: "Save as" in text)
        await browser.press("Enter")
        await browser.until(lambda text: "exported to" in text)
        # The file is there before its text is.
        await eventually(
            lambda: (
                ["grandmothers" in path.read_text(encoding="utf-8") for path in home.glob("*.md")] == [True]
            )
        )

        # Copy: what the browser's clipboard has is what was said to be sent there.
        await browser.call(
            "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
        )
        await browser.press("y")
        await browser.until(lambda text: "sent to the" in text)
        await browser.until_value("navigator.clipboard.readText()", str(folder / SAMPLES[0]))

        # Leave: the page says that it has ended, and the process has.
        assert len(set(sessions()) - earlier) == 1
        await browser.press("q", "q")
        await eventually(lambda: set(sessions()) <= earlier)
        await browser.until_value("getComputedStyle(document.getElementById('ended')).display", "block")
        await browser.press("x")
        await browser.resize(800, 600)

        # All that was asked for came from here, and nothing was wrong.
        hosts = {re.sub(r"^\w+://([^/]*)/.*", r"\1", one) for one in browser.requests if "://" in one}
        assert hosts == {served.address.removeprefix("http://")}
        assert browser.errors == []
    assert [path.name for path in folder.parent.iterdir() if path.name in "xy"] == []


# On a phone


async def sent(browser: Browser) -> list[str]:
    """What the terminal has sent since this was first asked."""
    script = "window.sent ??= (page.terminal.onData((text) => sent.push(text)), [])"
    return list(await browser.value(script))


@pytest.mark.thorough
async def test_buttons_are_large_and_cover_no_text_and_are_not_there_with_a_mouse(tmp_path: Path) -> None:
    others = 4  # the keyboard, the one that hides all, two for the size of the text
    async with a_phone(tmp_path) as browser:
        for size in SIZES:
            await browser.resize(*size, touch=True)
            await browser.until_value("[innerWidth, innerHeight].join()", f"{size[0]},{size[1]}")
            await browser.until_value(OVERLAPS, expected=False)
            boxes = await browser.value(BOXES)
            _, *buttons = sorted(boxes, key=lambda box: -box["width"] * box["height"])
            assert len(buttons) == len(KEYS) + others
            for button in buttons:
                assert button["width"] >= 44
                assert button["height"] >= 44
                assert 0 <= button["left"] < button["right"] <= size[0]
                assert button["bottom"] <= size[1]
        # The theme of this reader is dark.
        await browser.until_value(IS_LIGHT, expected=False)
        await browser.until_value(SIGNS_ARE_BRIGHT, expected=True)
        await browser.resize(1000, 700)
        await browser.until_value("getComputedStyle(document.getElementById('keys')).display", "none")


async def test_buttons_send_what_a_terminal_sends_for_their_keys_again_if_held(tmp_path: Path) -> None:
    async with a_phone(tmp_path, program=ECHO, shows="x") as browser:
        assert await sent(browser) == []
        for key in KEYS:
            await browser.tap_on(f"[data-key='{key}']")
        # On a slow machine a tap may be long enough to repeat.
        assert [text for text, _ in groupby(await sent(browser))] == list(KEYS.values())
        # One that is held repeats only if it moves.
        escapes = (await sent(browser)).count("\x1b")
        await browser.touch(await browser.middle("[data-key=ArrowDown]"))
        await browser.until_value("sent.slice(-3).join() == '\\x1b[B,\\x1b[B,\\x1b[B'", expected=True)
        await browser.touch()
        await browser.touch(await browser.middle("[data-key=Escape]"))
        assert (
            await browser.value("new Promise((done) => setTimeout(() => done(sent.at(-1)), 600))") == "\x1b[B"
        )
        await browser.touch()
        await browser.until_value("sent.at(-1)", "\x1b")
        assert (await sent(browser)).count("\x1b") == escapes + 1
        # In the mode that has other codes for the arrows, too.
        await browser.value("new Promise((done) => page.terminal.write('\\x1b[?1h', done))")
        await browser.tap_on("[data-key=ArrowUp]")
        assert (await sent(browser))[-1] == "\x1bOA"


async def test_a_tap_opens_an_article_and_the_keyboard_types(tmp_path: Path) -> None:
    def query(text: str) -> str:
        return text.partition("\n")[0].removeprefix(" Search ").strip()

    async with a_phone(tmp_path) as browser:
        # A tap opens the article under the finger; by touch on the terminal the keyboard stays closed.
        text = await browser.until(lambda text: "The carbon market" in text)
        row = next(row for row, line in enumerate(text.splitlines()) if "The carbon market" in line)
        height = await browser.value(ROW_HEIGHT)
        await browser.until_value(FIELD, "xterm-helper-textarea none")
        await browser.tap(200, (row + 0.5) * height)
        await browser.until(lambda text: "The trees were counted from space." in text)
        await browser.until_value(FIELD, "xterm-helper-textarea none")
        for mode in ("text", "none"):
            await browser.tap_on("#keyboard")
            await browser.until_value(FIELD, f"xterm-helper-textarea {mode}")

        # It opens where one types.
        await browser.tap_on("[data-key='/']")
        await browser.until(lambda text: "find" in text.splitlines()[-1])
        await browser.until_value(FIELD, "xterm-helper-textarea text")
        # Letters one by one, as some keyboards send them.
        for letter in "trees":
            await browser.call("Input.insertText", text=letter)
        await browser.until(lambda text: "trees" in text.splitlines()[-1])
        await browser.press("Escape")
        await browser.until_value(FIELD, "xterm-helper-textarea none")

        # A word is seen while it is composed; a letter taken back and a correction change it.
        await browser.tap_on("[aria-label='Search the library']")
        await browser.until(lambda text: "HOW TO SEARCH" in text)
        await browser.until_value(FIELD, "xterm-helper-textarea text")
        for word in ("g", "gr", "gra", "gr", "grandmoth"):
            end = len(word)
            await browser.call("Input.imeSetComposition", text=word, selectionStart=end, selectionEnd=end)
        await browser.until(lambda text: query(text) == "grandmoth")
        await browser.call("Input.insertText", text="grandmothers")
        await browser.until(lambda text: query(text) == "grandmothers")

        # Letters are deleted by a keyboard that sends no key that a page could read: it changes what the field holds.
        await browser.tap_on("[aria-label='Search the library']")
        await browser.call("Input.insertText", text="pager boat")
        await browser.until(lambda text: query(text) == "pager boat")
        await browser.value("onkeydown = () => { throw new Error('a key') }")
        for left in ("pager boa", "pager bo", "pager b", "pager", "pager", "page", "pag"):
            await browser.value("document.execCommand('delete')")
            await browser.until(lambda text, left=left: query(text) == left)  # type: ignore[misc]
        await browser.until(lambda text: "Hospitals have tried" in text)
        # The same key on a keyboard that sends keys.
        await browser.value("onkeydown = null")
        await browser.press("Backspace")
        await browser.until(lambda text: query(text) == "pa")


@pytest.mark.thorough
async def test_swiping_scrolls_with_the_finger_and_the_keys_are_light_if_the_theme_is(tmp_path: Path) -> None:
    paragraphs = [f"Ferry {number} left Vellmouth at noon." for number in range(10, 60)]
    page = tmp_path / "long.txt"
    page.write_text("\n\n".join(["Policy", "Fifty ferries", *paragraphs]), encoding="utf-8")

    def row_of(text: str) -> int | None:
        return next((row for row, line in enumerate(text.splitlines()) if paragraphs[9] in line), None)

    async with a_phone(tmp_path, program=words(page, theme="paper"), shows="1 article") as browser:
        await browser.until_value(IS_LIGHT, expected=True)
        await browser.until_value(SIGNS_ARE_BRIGHT, expected=False)
        await browser.tap_on("[data-key=Enter]")
        row = row_of(await browser.until(lambda text: row_of(text) is not None))
        assert row is not None
        height = await browser.value(ROW_HEIGHT)
        for start, direction, expected in ((600, -1, row - 10), (300, 1, row)):
            await browser.touch((200, start))
            for step in range(1, 11):
                await browser.touch((200, start + direction * step * height))
            await browser.touch()
            await browser.until(lambda text, expected=expected: row_of(text) == expected)  # type: ignore[misc]


@pytest.mark.thorough
async def test_keys_can_be_hidden_and_the_text_resized_and_both_are_remembered(tmp_path: Path) -> None:
    size, columns = "Number(page.terminal.options.fontSize)", "page.terminal.cols"
    async with a_phone(tmp_path) as browser:
        lines = await browser.value(LINES)
        await browser.tap_on("#hide")
        await browser.until_value(f"{LINES} > {lines}", expected=True)
        assert len(await browser.value(BOXES)) == 2
        await browser.call("Page.reload")
        await browser.until(lambda text: "9 articles" in text)
        assert len(await browser.value(BOXES)) == 2
        await browser.tap_on("#show")
        await browser.until_value(LINES, lines)

        before = await browser.value(columns)
        # On a slow machine a tap may be long enough to repeat.
        await browser.tap_on("[data-size='1']")
        await browser.until_value(f"{size} > 16", expected=True)
        while await browser.value(columns) <= before:
            await browser.tap_on("[data-size='-1']")
        small = await browser.value(size)
        assert small < 16

        # Two fingers twice as far apart.
        await browser.touch((150, 300), (250, 300))
        await browser.touch((100, 300), (300, 300))
        await browser.touch()
        await browser.until_value(size, 2 * small)
        await browser.until_value(f"{columns} < {before}", expected=True)
        narrow = await browser.value(columns)
        await browser.until(lambda text: len(text.partition("\n")[0]) == narrow)

        await browser.call("Page.reload")
        await browser.until(lambda text: "9 articles" in text)
        assert await browser.value(size) == 2 * small

        # Turned: the terminal fills the page anew.
        await browser.resize(*SIDEWAYS, touch=True)
        await browser.until_value(f"{columns} > {narrow}", expected=True)
        await browser.until(lambda text: len(text.partition("\n")[0].rstrip()) > narrow)
        await browser.resize(*PHONE, touch=True)
        await browser.until_value(columns, narrow)
