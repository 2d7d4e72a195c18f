"""`serve`: the reader in a browser, a session for each page that is open."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reader.commands.common import (
    DONE,
    NOTHING_READ,
    WRONG_USE,
    add_library_option,
    add_page_options,
    check_theme,
    complain,
    parser_for,
    paths_of,
    print_text,
    refuse_urls,
    settings_in_force,
    whole_number,
)
from reader.commands.libraries import is_there, library_path
from reader.errors import SettingsError
from reader.extras import needs_extra

TOKEN_VARIABLE: Final = "PROTOCOL_READER_TOKEN"
_HOST: Final = "127.0.0.1"
_PORT: Final = 8000
_EPILOG: Final = f"""\
Without a PATH the library opens, or the sample captures while there is none. Each open page runs a reader of its
own, which ends when the page is closed. Captures named by PATH are read again for each page: “add” many captures first.

Only this machine can connect, unless --host says otherwise, and only with the full address: its token keeps out
other accounts of this machine, and --no-token turns it off. {TOKEN_VARIABLE} sets a token that they cannot see. The
connection is not encrypted. Anyone with the address can read, and change the library's marks: read, stars, saved
searches, highlights, notes, corrections, which versions are one story. Settings hold until the page is closed. Links
open in the browser, and exports are downloaded. No command is run, no file is written, and nothing is fetched from a
web archive.

It needs the extra “web”."""
_CHILD: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from reader.cli import session; sys.exit(session())"
)
"""Keeps the current folder off the import path: it may contain captures and whatever came with them."""


def make_parser() -> ArgumentParser:
    """The parser of the words after `serve`."""
    parser = parser_for("serve", "Read in a browser.", _EPILOG)
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument("--theme", help="paper (light), ink (dark) or one of Textual's (default: ink)")
    add_page_options(parser)
    add_library_option(parser)
    parser.add_argument(
        "--host", default=_HOST, metavar="ADDRESS", help="where to listen (%(default)s, this machine alone)"
    )
    parser.add_argument(
        "--port",
        type=whole_number(0, 65_535),
        default=_PORT,
        metavar="N",
        help="which port to listen on (%(default)s); 0 for a free one",
    )
    parser.add_argument("--token", metavar="TOKEN", help="the secret part of the address (default: random)")
    parser.add_argument(
        "--no-token", action="store_true", help="let every account and program on this machine connect"
    )
    parser.add_argument(
        "--most", type=whole_number(1), default=8, metavar="N", help="at most N open pages (%(default)s)"
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser of this machine")
    return parser


def run(words: Sequence[str]) -> int:
    """Serve until Ctrl-C. Return the exit status."""
    parser = make_parser()
    options = parser.parse_args(words)
    if options.library and options.paths:
        parser.error("--library opens a library; give either that or a PATH")
    check_theme(parser, options.theme)
    if options.no_token and options.token:
        parser.error("use either --token or --no-token")
    paths_of(parser, options.paths, options)
    if (trouble := _missing(options)) is not None:
        complain(trouble)
        return NOTHING_READ
    try:
        import aiohttp  # noqa: F401
        import textual_serve  # noqa: F401
    except ImportError:
        complain(needs_extra("serve", "web"))
        return WRONG_USE
    return _serve(parser, options)


def _serve(parser: ArgumentParser, options: Namespace) -> int:
    import asyncio

    from reader.web.access import (
        SHORTEST_TOKEN,
        AccessPolicy,
        is_token,
        listen,
        make_token,
        page_url,
        resolve,
    )
    from reader.web.server import Server  # The extra `web`.

    token = None if options.no_token else options.token or os.environ.get(TOKEN_VARIABLE) or make_token()
    if token is not None and not is_token(token):
        parser.error(f"--token: at least {SHORTEST_TOKEN} letters, digits, - and _")
    try:
        address = resolve(options.host)
        if token is None and not address.is_loopback:
            parser.error(
                f"--no-token: other machines can reach {options.host}; it is only for addresses that they cannot reach"
            )
        listening = listen(address, options.port)
    except SettingsError as error:
        complain(str(error))
        return WRONG_USE
    settings = settings_in_force()
    for fault in settings.faults:
        complain(settings.sentence(fault))
    url = page_url(address, listening.getsockname()[1], token)

    def ready() -> None:
        print_text(f"Reading at {url} — Ctrl-C ends it\n")
        if not address.is_loopback:
            print_text(
                "Anyone with this address can read and mark articles; the connection is not encrypted.\n"
            )
        sys.stdout.flush()
        if options.open:
            _open(url)

    server = Server(child_words(options), AccessPolicy(token=token, hosts=address.hosts), most=options.most)
    asyncio.run(server.run(listening, ready))
    return DONE


def child_words(options: Namespace) -> list[str]:
    """The command of a session: the same options and, as absolute paths, the same captures."""
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "-P", "-c", _CHILD, str(root)]
    given = {"theme": options.theme, "site": options.site, "columns": options.columns}
    words += [f"--{option}={value}" for option, value in given.items() if value]
    if options.library:
        words.append(f"--library={library_path(options.library).absolute()}")
    return [*words, "--", *(os.path.abspath(path) for path in options.paths)]  # noqa: PTH100


def _missing(options: Namespace) -> str | None:
    """Return a sentence about a missing file or library, or None. ReaderError for a URL."""
    refuse_urls(options.paths)
    for path in options.paths:
        if path == "-":
            return "-: standard input can be read only once, but each page reads it again; name a file"
        if not os.path.lexists(path):
            return f"{path}: there is no such file or folder"
    if options.library and not is_there(path := library_path(options.library)):
        return f"{path}: there is no library yet; “protocol-reader add PATH” makes one"
    return None


def _open(url: str) -> None:
    from reader.app.browser import BrowserError, browse

    try:
        browse(url)
    except BrowserError as error:
        complain(str(error))
