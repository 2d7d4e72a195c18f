"""The reader in a real browser: opened, filtered, read, resized, taken from and left."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from reader.commands.serve import child_words, serve_parser
from tests.paths import SAMPLE_DATA
from tests.waiting import eventually
from tests.web.chromium import a_browser, chromium
from tests.web.stage import serving, sessions

PROGRAM = chromium()
TOKEN = "kestrel-nimbus-0123456789"
SAMPLES = ("2021-11-dialect-grandmothers.txt", "2022-08-hospital-pagers.txt")


@pytest.mark.skipif(PROGRAM is None or sys.platform != "linux", reason="there is no Chromium here")
async def test_in_a_browser(tmp_path: Path) -> None:
    assert PROGRAM is not None
    folder = tmp_path / "captures of 'protocol'; touch x $(touch y)"
    folder.mkdir()
    samples = SAMPLE_DATA
    for name in SAMPLES:
        (folder / name).write_bytes((samples / name).read_bytes())
    words = child_words(serve_parser().parse_args(["--theme", "ink", str(folder)]))
    earlier = set(sessions())  # of other tests in this process
    home = tmp_path / "browser"
    home.mkdir()
    async with serving(words, token=TOKEN) as served, a_browser(PROGRAM, home) as browser:
        # Open: the token leaves the address once it has been shown.
        await browser.resize(1000, 700)
        await browser.open(f"{served.address}/?token={TOKEN}")
        text = await browser.until(lambda text: "2 captures" in text and "grandmothers" in text)
        await browser.until_value("location.href", f"{served.address}/")
        assert "Protocol Reader" in text
        assert "HEALTH" in text or "DIVERSITY" in text or "ENTERPRISE" in text
        assert await browser.value("document.fonts.check(\"16px 'Roboto Mono'\")") is True
        assert 90 < len((await browser.lines())[0]) < 140

        # Filter.
        await browser.press("f", *"grandmothers", "Enter")
        text = await browser.until(lambda text: "pager" not in text and "1 of" in text)
        assert "grandmothers" in text

        # Read, down to the end.
        await browser.press("Enter", "G")
        await browser.until(lambda text: "100%" in text)
        await browser.press("g")
        await browser.until(lambda text: " 0%" in text)

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
        await eventually(lambda: any(home.glob("*.md")))
        (downloaded,) = home.glob("*.md")
        assert "grandmothers" in downloaded.read_text(encoding="utf-8")

        # Copy: what the browser's clipboard has is what was said to be sent there.
        await browser.call(
            "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
        )
        await browser.press("y")
        await browser.until(lambda text: "copied to the" in text)
        await browser.until_value("navigator.clipboard.readText()", str(folder / SAMPLES[0]))

        # What is not to be done from a browser says so.
        await browser.press("|")
        await browser.until(lambda text: "Commands cannot be run in a browser" in text)

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
