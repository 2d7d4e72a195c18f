"""A real browser without a window, driven over the DevTools protocol: pages, keys, sizes, and what xterm.js shows."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp

TIMEOUT: Final = 30.0
"""Seconds after which a page that does not show what is waited for has failed."""
_KEYS: Final = {
    "Backspace": ("Backspace", 8, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
}
_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu",
    "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
# The page keeps its terminal to itself: the first property that it is given tells which it is.
_HOOK: Final = """
Object.defineProperty(Object.prototype, "bufferedBytes", {
  configurable: true,
  set(value) {
    window.page = this;
    Object.defineProperty(this, "bufferedBytes", {value, writable: true});
  },
});
"""
_LINES: Final = """
(() => {
  const shown = window.page?.terminal.buffer.active;
  const {rows, cols} = window.page?.terminal ?? {rows: 0};
  return Array.from({length: rows}, (_, n) => shown.getLine(n)?.translateToString(false, 0, cols));
})()
"""


def chromium() -> str | None:
    """The browser's program; None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Browser:
    """One page."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._number = 0
        self._touched = False
        self.requests: list[str] = []
        """The address of everything that the page has asked for."""
        self.errors: list[str] = []
        """What went wrong in the page."""

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._number += 1
        await self._line.send_json({"id": self._number, "method": method, "params": params})
        async with asyncio.timeout(TIMEOUT):
            while True:
                told = await self._line.receive_json()
                if told.get("id") == self._number:
                    assert "error" not in told, told
                    return dict(told["result"])
                self._note(told["method"], told["params"])

    def _note(self, method: str, about: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(about["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(about["exceptionDetails"]))
        elif method == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.errors.append(about["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and about["type"] in ("error", "assert"):
            self.errors.append(str(about["args"]))

    async def open(self, address: str) -> None:
        await self.call("Page.navigate", url=address)

    async def value(self, expression: str) -> Any:
        """What an expression in the page, or the promise that it is, comes to."""
        result = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return result["result"].get("value")

    async def lines(self) -> list[str]:
        """The lines that the terminal in the page shows."""
        return [line or "" for line in await self.value(_LINES)]

    async def until(self, condition: Callable[[str], bool]) -> str:
        """Wait until the text of the screen is as it should be; that text."""
        text = ""
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                while not condition(text := "\n".join(await self.lines())):
                    await asyncio.sleep(0.03)
        assert condition(text), text
        return text

    async def until_value(self, expression: str, expected: object) -> None:
        """Wait until an expression in the page comes to what is expected."""
        value: object = None
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                while (value := await self.value(expression)) != expected:
                    await asyncio.sleep(0.03)
        assert value == expected

    async def press(self, *keys: str) -> None:
        """Press keys: characters, or Enter and Escape."""
        for key in keys:
            name, code, text = _KEYS.get(key, (key, ord(key[0].upper()), key))
            about = {"key": name, "windowsVirtualKeyCode": code}
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def resize(self, width: int, height: int, *, touch: bool = False) -> None:
        """Give the window another size, in pixels; a phone's or tablet's with `touch`."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=touch,
        )
        await self.call("Emulation.setTouchEmulationEnabled", enabled=touch, maxTouchPoints=5)

    async def touch(self, *points: tuple[float, float]) -> None:
        """Put fingers on these points, or move them there; take all away with no points."""
        kind = "touchEnd" if not points else "touchMove" if self._touched else "touchStart"
        self._touched = bool(points)
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        await self.call("Input.dispatchTouchEvent", type=kind, touchPoints=places)

    async def tap(self, x: float, y: float) -> None:
        await self.touch((x, y))
        await self.touch()

    async def middle(self, selector: str) -> tuple[float, float]:
        box = await self.value(f"document.querySelector({selector!r}).getBoundingClientRect().toJSON()")
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    async def tap_on(self, selector: str) -> None:
        await self.tap(*await self.middle(selector))


@asynccontextmanager
async def a_browser(program: str, folder: Path) -> AsyncIterator[Browser]:
    """A browser with one empty page; it keeps its things in `folder`."""
    process, address = await _start(program, folder)
    try:
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address, max_msg_size=0) as line,
        ):
            browser = Browser(line)
            for domain in ("Page", "Runtime", "Log", "Network"):
                await browser.call(f"{domain}.enable")
            await browser.call("Page.addScriptToEvaluateOnNewDocument", source=_HOOK)
            # As a window in front of all others.
            await browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
            await browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
            yield browser
    finally:
        await _end(process)


async def _start(program: str, folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    """Start the browser, once more if it hangs; return its process and the address of its page's line."""
    for last in (False, True):
        process = await asyncio.create_subprocess_exec(
            program,
            *_OPTIONS,
            f"--user-data-dir={folder}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {"HOME": str(folder)},
        )
        try:
            return process, await _page_of(folder / "DevToolsActivePort")
        except BaseException as error:
            await _end(process)
            if last or not isinstance(error, TimeoutError):
                raise
    raise AssertionError


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _page_of(where: Path) -> str:
    """The address of the page's line, once the browser has written down its port."""
    async with asyncio.timeout(TIMEOUT), aiohttp.ClientSession() as client:
        while True:
            with suppress(OSError, ValueError, IndexError, aiohttp.ClientError):
                port = int(where.read_text().split()[0])
                async with client.get(f"http://127.0.0.1:{port}/json") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                    return str(pages[0]["webSocketDebuggerUrl"])
            await asyncio.sleep(0.03)
