"""Opening an address in the user's browser, which goes its own way: it is never waited for."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from shutil import which
from threading import Thread

from reader.app.keys import with_keys
from reader.errors import ReaderError
from reader.permissions import Permission, require
from reader.sanitize import clean_url

ARCHIVE = "https://web.archive.org/web/"
"""What an address is put behind to find its captures in the Wayback Machine."""
_NONE = "There is no browser to open it with; {out.address} copies the address, or set $BROWSER"


class BrowserError(ReaderError):
    """No browser can be started; the message says so."""


def browse(address: str, command: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Hand an address to the browser; the address as it was handed over. BrowserError when that cannot be done,
    NotPermittedError where no command may be run.

    Only addresses that `clean_url` lets through are. The browser is `command`, which the settings may have; else
    $BROWSER (commands separated by colons, the first that exists), else what the system opens addresses with. It
    gets no input and shows nothing here, and it is in a session of its own, so that neither Ctrl-C nor the end of
    this program ends it.
    """
    require(Permission.RUN_COMMANDS)
    url = clean_url(address)
    if url is None:
        raise BrowserError("That is no web address; it is not opened")
    environment = os.environ if environment is None else environment
    for given in [shlex.split(command)] if command else _commands(environment):
        words = [word.replace("%s", url) for word in given]
        if words == given:
            words.append(url)
        try:
            null = subprocess.DEVNULL
            process = subprocess.Popen(words, stdin=null, stdout=null, stderr=null, start_new_session=True)
        except (OSError, ValueError):
            continue
        # Only so that the system can forget it when it ends.
        Thread(target=process.wait, daemon=True).start()
        return url
    if command:
        raise BrowserError(f"“{command}” cannot be started; it is the network.browser of the settings")
    raise BrowserError(with_keys(_NONE))


def host_first(url: str) -> str:
    """An address that `clean_url` made, as it is shown: what it leads to comes first."""
    return url.partition("://")[2]


def _commands(environment: Mapping[str, str]) -> Iterator[list[str]]:
    for command in environment.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if words and which(words[0], path=environment.get("PATH")):
            yield words
    if sys.platform == "darwin":
        yield ["open"]
    # Without a display, a browser of text would start, and have no terminal.
    elif environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        yield ["xdg-open"]
    elif environment.get("WSL_DISTRO_NAME"):
        yield ["wslview"]
