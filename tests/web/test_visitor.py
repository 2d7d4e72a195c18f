"""What a visitor in a browser can and cannot do on the machine that serves, over the real WebSocket."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from shlex import quote
from tempfile import gettempdir
from typing import NamedTuple

import pytest

from reader.commands.add import add_captures
from reader.commands.serve import child_words, serve_parser
from reader.library import Library
from tests.paths import SAMPLE_DATA
from tests.waiting import eventually
from tests.web.stage import Served, serving, sessions
from tests.web.web_page import Page, a_page

# Writes down what the session does beyond reading; see “Audit events table” in Python's documentation.
_AUDIT = """
import os, sys
def note(event, args, out=os.open(os.environ["TEST_AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
    writes = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    acts = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.kill", "os.killpg", "os.rename",
            "os.remove", "os.mkdir", "os.link", "socket.connect", "socket.getaddrinfo", "webbrowser.open")
    if writes or event in acts:
        os.write(out, f"{event} {args!r}\\n".encode())
sys.addaudithook(note)
"""


class Site(NamedTuple):
    """A machine that serves: its owner's folders."""

    home: Path
    library: Path

    @property
    def config(self) -> Path:
        return self.home / "config" / "protocol-reader" / "config.toml"

    @property
    def ran(self) -> Path:
        """A file that is there once a command has run."""
        return self.home / "ran"

    def files(self) -> dict[str, bytes]:
        """All files of the owner's, but for the library."""
        return {
            str(path): path.read_bytes()
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and path.parent != self.library.parent and path.name != "audit"
        }

    def acts(self) -> list[str]:
        """What sessions have done, a line each, but for what every session may do."""
        may = re.compile(
            # Nothing, a file without a name (and the trial where there can be one), and the library.
            rf"open \('/dev/null'|(open|os.remove) \('{gettempdir()}(/\w{{8}})?', |open \(\d+, 'w\+'"
            rf"|open \('{self.library.parent}|os.mkdir \('{self.library.parent}'"
            # The end of the reader's own process that decodes pictures.
            r"|os.kill \(\d+, <Signals.SIGKILL: 9>\)"
        )
        return [line for line in (self.home / "audit").read_text().splitlines() if not may.match(line)]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the samples."""
    library = tmp_path_factory.mktemp("samples") / "library.sqlite"
    add_captures(library, [str(SAMPLE_DATA)])
    return library


@pytest.fixture
def site(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site(tmp_path, tmp_path / "kept" / "library.sqlite")
    for variable in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{variable}_HOME", str(tmp_path / variable.lower()))
    monkeypatch.setenv("TEST_AUDIT", str(tmp_path / "audit"))
    # Any program in Python writes down its compiled code; here it would be taken for an act.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    # Whatever would start a command starts this one.
    command = f"sh -c 'touch {quote(str(site.ran))}'"
    monkeypatch.setenv("BROWSER", command)
    monkeypatch.setenv("EDITOR", command)
    monkeypatch.setenv("DISPLAY", ":9")
    site.config.parent.mkdir(parents=True)
    site.config.write_text(f"[network]\nbrowser = {json.dumps(command)}\n")
    site.library.parent.mkdir()
    shutil.copy(samples, site.library)
    monkeypatch.chdir(tmp_path)
    yield site
    assert not site.ran.exists()
    assert site.acts() == []


@asynccontextmanager
async def visiting(site: Site) -> AsyncIterator[tuple[Served, Page]]:
    """A visitor's page; afterwards nothing of the owner's has changed but the library."""
    words = child_words(serve_parser().parse_args(["--library", str(site.library)]))
    words[3] = _AUDIT + words[3]
    before = site.files()
    async with serving(words) as served, a_page(served) as page:
        await page.until(lambda text: "articles" in text and "help" in text.splitlines()[-1])
        yield served, page
    assert site.files() == before


async def test_what_a_visitor_sets_and_opens_is_not_remembered_and_marks_are_kept_in_the_library(
    site: Site,
) -> None:
    async with visiting(site) as (_, page):
        await page.press(",")
        text = await page.until(lambda text: "Settings" in text and "CITATIONS" in text)
        assert "not written" in text
        for name in ("browser", "wayback", "screen_reader", str(site.home), "sh -c"):
            assert name not in text
        await page.press(*"citations.style", "Enter")
        await page.until(lambda text: "mla" in text)
        await page.press(*"mla", "Enter")
        await page.until(lambda text: "this session" in text)
        await page.press("Esc")
        await page.until(lambda text: "CITATIONS" not in text)
        await page.press("t")
        await page.until(lambda text: "only truncated" in text)
        await page.press("*")
        await page.until(lambda text: "★ By" in text)
        await page.press("q", "q")
        await page.until(lambda _: page.ended)
        await eventually(lambda: not sessions())
        assert not (site.home / "state").exists()
    with Library.open(site.library) as library:
        listing = library.listing()
        assert [row.starred for row in listing.rows(0, len(listing))].count(True) == 1
    async with visiting(site) as (_, page):
        assert "only truncated" not in page.text
        await page.press(",")
        text = await page.until(lambda text: "Settings" in text and "CITATIONS" in text)
        assert "this session" not in text


async def test_what_would_act_on_the_machine_that_serves_is_done_by_the_browser_or_not_at_all(
    site: Site,
) -> None:
    target = site.home / "out.md"
    with Library.open(site.library) as library:
        listing = library.listing()
        rows = listing.rows(0, len(listing))
        at = next(n for n, row in enumerate(rows) if library.article(row.key).url)
    async with visiting(site) as (served, page):
        # Addresses open with the visitor.
        await page.press(*"j" * at, "o")
        await page.until(lambda text: "opened in the browser" in text)
        await page.press("O")
        await page.until(lambda _: len(page.told) == 2)
        assert [told[0] for told in page.told] == ["open_url", "open_url"]
        assert page.told[1][1]["url"] == f"https://web.archive.org/web/{page.told[0][1]['url']}"
        # An export is downloaded.
        await page.press("e")
        await page.until(lambda text: "Save as" in text)
        await page.press("Tab", "Ctrl-u")
        await page.type(str(target))
        await page.until(lambda text: "out.md" in text)
        await page.press("Enter")
        await page.until(lambda text: "exported to" in text)
        await page.until(lambda _: len(page.told) == 3)
        kind, key = page.told[-1]
        assert kind == "deliver_file_start"
        status, text, headers = await served.get(f"/download/{key}")
        assert status == 200
        assert text
        assert headers["Content-Disposition"].endswith("out.md")
        assert not target.exists()
        await page.press("e")
        await page.until(lambda text: "Save as" in text)
        await page.press("Tab", "Ctrl-u")
        await page.type(f"{site.home}/all/")
        await page.press("Enter")
        await page.until(lambda text: "one file" in text)
        assert not (site.home / "all").exists()
        await page.press("Esc")
        await page.until(lambda text: "Save as" not in text)
        # No command is run, no shell gone to and nothing fetched.
        await page.press("|")
        await page.until(lambda text: "Commands cannot be run" in text)
        assert "pipe to" not in page.text
        await page.press("Ctrl-z")
        await page.until(lambda text: "no shell" in text)
        await page.press("?")
        await page.until(lambda text: "Type to search" in text)
        assert len(sessions()) == 1
        await page.type("pipe")
        assert "pipe the article" not in await page.until(lambda text: "│ pipe" in text)
        await page.press("Esc")
        await page.until(lambda text: "─ Keys ─" not in text)
        await page.press("Ctrl-p")
        await page.until(lambda text: "Search for commands" in text)
        assert "Suspend" not in page.text
        await page.type("other copy")
        text = await page.until(lambda text: "other copy: live or archived" in text.casefold())
        assert "Look in the Wayback Machine" not in text
        await page.press("Esc")
        await page.until(lambda text: "live or archived" not in text.casefold())
        await page.press("v")
        await page.until(lambda text: "BY SECTION" in text)
        await page.press("G")
        text = await page.until(lambda text: "save the list as a file" in text)
        assert "Wayback" not in text


@pytest.mark.thorough
async def test_no_key_acts_on_the_machine_that_serves(site: Site) -> None:
    """Keys as they come, whatever dialogs they lead into; the fixture looks at what has been done."""
    random = Random(7)
    keys = [*(chr(code) for code in range(0x20, 0x7F) if chr(code) not in "qQ"), "Enter", "Tab", "Ctrl-p"]
    async with visiting(site) as (_, page):
        for _ in range(200):
            await page.press(*random.choices(keys, k=6), "Enter")
            await asyncio.sleep(0)
            await page.press("Esc", "Esc")
        for _ in range(100):
            await page.press("Esc")
            # Else it is Alt-comma.
            await asyncio.sleep(0.2)
            await page.press(",")
            await asyncio.sleep(0.2)
            if page.ended or "this page" in page.text:
                break
        assert "this page" in page.text, page.text
