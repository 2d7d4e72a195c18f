"""Opens an address in the user's browser, without waiting for it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from shutil import which
from threading import Thread

from reader.app.keys import with_keys
from reader.errors import ReaderError
from reader.permissions import Permission, require
from reader.sanitize import clean_url

_NO_BROWSER = "No browser found; {out.address} copies the address, or set $BROWSER"


class BrowserError(ReaderError):
    """The browser cannot be started."""


def browse(address: str, command: str = "") -> str:
    """Open an address in the browser; return it as passed to the browser.

    Raises BrowserError if that fails, NotPermittedError if running commands is not permitted.

    Only addresses that `clean_url` accepts are opened. The browser is `command`, from the settings; else the first
    that exists of $BROWSER (commands separated by colons), else the system's command for addresses. It gets no input,
    its output is dropped, and it runs in its own session, so that it survives Ctrl-C and the end of this program.
    """
    require(Permission.RUN_COMMANDS)
    url = clean_url(address)
    if url is None:
        raise BrowserError("Not a web address, so it was not opened")
    for template in [shlex.split(command)] if command else _commands():
        words = [word.replace("%s", url) for word in template]
        if words == template:
            words.append(url)
        try:
            null = subprocess.DEVNULL
            process = subprocess.Popen(words, stdin=null, stdout=null, stderr=null, start_new_session=True)
        except (OSError, ValueError):
            continue
        # Wait in a thread, so that no zombie process is left.
        Thread(target=process.wait, daemon=True).start()
        return url
    if command:
        raise BrowserError(f"“{command}” cannot be started; change the setting network.browser")
    raise BrowserError(with_keys(_NO_BROWSER))


def host_first(url: str) -> str:
    """An address without its scheme, so that the host comes first."""
    return url.partition("://")[2]


def _commands() -> Iterator[list[str]]:
    for command in os.environ.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if words and which(words[0]):
            yield words
    if sys.platform == "darwin":
        yield ["open"]
    # Without a display xdg-open would start a text browser, which would have no terminal.
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield ["xdg-open"]
    elif os.environ.get("WSL_DISTRO_NAME"):
        yield ["wslview"]
